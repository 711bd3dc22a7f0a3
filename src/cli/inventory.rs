//! `flowgate inventory`: what there is, what it can do, and who answers for it.

use super::input::{Exclude, STDIN_NAME, input, is_stdin};
use super::progress::Bar;
use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::gate::{self, Control};
use crate::model::inventory::ItemKind;
use crate::report::inventory::{Estate, FORMATS, Format, Options, format};
use crate::report::{Verdict, visible};
use crate::rule::RuleSet;
use crate::tree::de::nearest;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

const EXAMPLES: &str = "\
Examples:
  flowgate inventory                                           everything below this folder
  flowgate inventory flows --output csv=apps.csv --output cyclonedx=apps.cdx.json
  flowgate inventory --app 'Invoice intake' --format mermaid   one app, as a picture
  flowgate inventory --format dot | dot -Tsvg > apps.svg
  flowgate inventory --kind grant                              who may do what

Exit codes:
  0  everything was listed
  2  wrong use: flags, paths, the policy or a manifest are wrong
  3  something could not be read, or there is no export";

/// Lists what is there: apps, what starts them, connectors, hosts, data and its ways, rights, owners; as table, JSON, CSV, CycloneDX or
/// picture.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Files and folders to look at; `-` is standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    exclude: Exclude,
    /// Only this app: its name, its id, or its file; repeatable.
    #[arg(long, value_name = "NAME|ID|FILE")]
    app: Vec<String>,
    /// Only things of this kind, in table, CSV and JSON; repeatable.
    #[arg(long, value_name = "KIND", value_parser = word::item_kind())]
    kind: Vec<ItemKind>,
    /// List everything; without it, long lists in the table show their first entries and how many there are.
    #[arg(long)]
    all: bool,
    /// Ask this policy of your organisation [default: `.flowgate/policy.yaml`, where there is one].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How to write the inventory to standard output.
    #[arg(long, value_name = "FORMAT", value_parser = word::inventory_format(), default_value = FORMATS[0].name)]
    format: &'static Format,
    /// Write the inventory to a file, too, as in `csv=apps.csv`; with a folder, as in `mermaid=pictures/`, a file for the whole and one
    /// for each app; repeatable.
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
}

/// One `--output`.
#[derive(Clone)]
struct Output {
    format: &'static Format,
    file: String,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let (name, file) = given.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or("write FORMAT=FILE, as in csv=apps.csv")?;
        let format = format(name).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            format!("there is no format `{name}`; the formats are {}", known.join(", "))
        })?;
        if file == "-" {
            return Err(format!("use --format {name} for standard output"));
        }
        Ok(Self { format, file: file.to_owned() })
    }
}

/// Looks, writes, and returns the exit code.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    arguments.hold_together()?;
    let inputs = arguments.paths.iter().map(|path| input(path, STDIN_NAME, &mut *streams.stdin)).collect::<Result<Vec<_>, _>>()?;
    let exclude = arguments.exclude.globs()?;
    let rules = RuleSet::builtin().map_err(Wrong::new)?;
    let wrong = |error: gate::Error| match error.help() {
        Some(help) => Wrong::with_help(&error, help),
        None => Wrong::new(&error),
    };
    let control = Control::read(&inputs, None, arguments.policy.as_deref(), rules).map_err(wrong)?;
    let bar = streams.stderr.terminal.then(Bar::new);
    let progress = bar.as_ref().map(|bar| |progress| bar.update(progress));
    let progress = progress.as_ref().map(|update| update as _);
    let estate = gate::inventory(&control, &inputs, exclude.as_ref(), super::now(), progress).map_err(wrong)?;
    if let Some(bar) = &bar {
        bar.clear();
    }
    let is_empty = estate.exports.is_empty();
    let is_incomplete = is_empty || !estate.unreadable.is_empty();
    for file in &estate.unreadable {
        let path: Vec<&str> = std::iter::once(&file.file).chain(&file.inner).map(String::as_str).collect();
        streams.stderr.put(&format!("cannot read {}: {}\n", visible(&path.join("!")), visible(&file.reason)))?;
    }
    let estate = arguments.picked(estate)?;
    arguments.write(&estate, streams)?;
    if is_empty {
        streams.stderr.put("there is no export of a platform that Flowgate knows\n")?;
    }
    Ok(if is_incomplete { Verdict::Incomplete.exit_code() } else { 0 })
}

impl Arguments {
    /// What clap cannot say about flags that must not stand together.
    fn hold_together(&self) -> Result<(), Wrong> {
        if self.paths.iter().filter(|path| is_stdin(path)).count() > 1 {
            return Err(Wrong::new("standard input can be read only once: `-` is given twice"));
        }
        let mut formats = std::iter::once(self.format).chain(self.output.iter().map(|output| output.format));
        if let Some(whole) = formats.find(|format| !self.kind.is_empty() && !format.is_list) {
            let lists: Vec<&str> = FORMATS.iter().filter(|format| format.is_list).map(|format| format.name).collect();
            let help = format!("the formats that --kind picks from are {}", lists.join(", "));
            return Err(Wrong::with_help(format_args!("--kind has no meaning for {}", whole.name), help));
        }
        let mut files: Vec<&str> = self.output.iter().map(|output| output.file.as_str()).collect();
        files.sort_unstable();
        match files.windows(2).find(|pair| pair[0] == pair[1] && !pair[0].ends_with('/')) {
            Some(pair) => Err(Wrong::new(format_args!("two inventories go to the same file: {}", pair[0]))),
            None => Ok(()),
        }
    }

    /// The apps that were asked for.
    fn picked(&self, mut estate: Estate) -> Result<Estate, Wrong> {
        for name in &self.app {
            if !estate.apps().any(|app| app.goes_by(name)) {
                let known: Vec<&str> = estate.apps().map(|app| app.title()).collect();
                let message = format!("no app is called `{name}`");
                return Err(match nearest(name, &known) {
                    Some(meant) => Wrong::with_help(message, format_args!("did you mean `{meant}`?")),
                    None => Wrong::with_help(message, "`flowgate inventory --kind app` lists all apps"),
                });
            }
        }
        if !self.app.is_empty() {
            estate = estate.only(&|app| self.app.iter().any(|name| app.goes_by(name)));
            estate.idle.clear();
        }
        Ok(estate)
    }

    /// Files first: whoever reads standard output may go away.
    fn write(&self, estate: &Estate, streams: &mut Streams<'_>) -> Result<(), Wrong> {
        let options = Options {
            kinds: self.kind.iter().copied().collect(),
            all: self.all,
            time: super::is_fixed_clock().then(super::now),
            ..Options::default()
        };
        for output in &self.output {
            output.write(estate, &options)?;
        }
        let out = &mut streams.stdout;
        let options = Options { color: out.color, width: out.width, ..options };
        Ok((self.format.write)(estate, &options, out)?)
    }
}

impl Output {
    /// Writes the inventory to the file; into a folder, the whole and each app.
    fn write(&self, estate: &Estate, options: &Options) -> Result<(), Wrong> {
        let folder = PathBuf::from(&self.file);
        if !self.file.ends_with('/') && !folder.is_dir() {
            return self.one(estate, options, &folder);
        }
        std::fs::create_dir_all(&folder).map_err(|error| Wrong::unwritten(format_args!("the folder {}", folder.display()), &error))?;
        self.one(estate, options, &folder.join(format!("all.{}", self.format.extension)))?;
        let mut taken = BTreeSet::from(["all".to_owned()]);
        for app in estate.apps() {
            let name = file_name(app.title(), &mut taken);
            self.one(&app.alone(), options, &folder.join(format!("{name}.{}", self.format.extension)))?;
        }
        Ok(())
    }

    fn one(&self, estate: &Estate, options: &Options, file: &Path) -> Result<(), Wrong> {
        let write = || {
            let mut file = BufWriter::new(File::create(file)?);
            (self.format.write)(estate, options, &mut file)?;
            file.flush()
        };
        write().map_err(|error| Wrong::unwritten(format_args!("the inventory {}", file.display()), &error))
    }
}

/// Most characters of the name of a file.
const MAX_NAME: usize = 60;

/// A name that all file systems take, and that is not taken yet.
fn file_name(title: &str, taken: &mut BTreeSet<String>) -> String {
    let letters = title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let words: String = letters.take(MAX_NAME).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    let plain = if words.is_empty() { "app".to_owned() } else { words.join("-") };
    // Windows keeps the names of its devices for itself, whatever follows.
    let reserved = matches!(plain.as_str(), "con" | "prn" | "aux" | "nul")
        || plain.len() == 4 && (plain.starts_with("com") || plain.starts_with("lpt"));
    let plain = if reserved { format!("app-{plain}") } else { plain };
    let names = std::iter::once(plain.clone()).chain((2..).map(|number: usize| format!("{plain}-{number}")));
    let name = names.into_iter().find(|name| !taken.contains(name)).unwrap_or(plain);
    taken.insert(name.clone());
    name
}

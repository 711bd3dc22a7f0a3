//! `flowgate manifest init`: a manifest to begin with.

use super::draft::{Draft, draft};
use super::{Streams, Wrong};
use crate::discover::shown;
use crate::govern::risk::{Exposure, Risk};
use crate::lint::{self, Input};
use crate::policy::Policy;
use crate::policy::manifest::NAME;
use crate::report::Verdict;
use crate::rule::Selected;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  flowgate manifest init flows/order-intake          the app is this folder
  flowgate manifest init flows/order-intake.json     the app is one file in a folder of several
  flowgate manifest init solution.zip --print        only look

Exit codes:
  0  the manifest was written
  2  wrong use, or there is a manifest already
  3  there is no export, or one cannot be read";

/// Drafts the manifest of an app from its export: what can be read is filled in, what only people know is marked.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The file or folder with the export.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Draft it for this policy of your organisation.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print the manifest instead of writing it.
    #[arg(long)]
    print: bool,
}

/// Writes the manifest beside the export, but never over another.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let policy = arguments.policy.as_deref().map(Policy::load).transpose().map_err(Wrong::new)?;
    let rules = Selected::new([]);
    let options = lint::Options { policy: policy.as_ref(), ..lint::Options::new(&rules) };
    let (exports, unreadable) = lint::survey(&[Input::Path(arguments.path.clone())], &options).map_err(Wrong::new)?;
    if exports.is_empty() {
        let why = if unreadable > 0 { "nothing that can be read" } else { "no export of a platform that Flowgate knows" };
        streams.stderr.put(&format!("there is {why} in {}\n", arguments.path.display()))?;
        return Ok(Verdict::Incomplete.exit_code());
    }
    let mut exposure = Exposure::default();
    exports.iter().for_each(|export| exposure.merge(export.exposure.clone(), policy.as_ref()));
    let risk = Risk::new(&exposure, None, policy.as_ref());
    let folder = folder(&arguments.path);
    let path = if arguments.path.is_dir() { None } else { arguments.path.file_name().map(|name| name.to_string_lossy().into_owned()) };
    let text = draft(&Draft { exports: &exports, risk: &risk, policy: policy.as_ref(), path: path.as_deref(), folder: &name_of(folder) });
    if arguments.print {
        streams.stdout.put(&text)?;
        return Ok(if unreadable == 0 { 0 } else { Verdict::Incomplete.exit_code() });
    }
    let file = folder.join(NAME);
    let write = || fs::OpenOptions::new().write(true).create_new(true).open(&file)?.write_all(text.as_bytes());
    write().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Wrong::with_help(format_args!("{} exists already", shown(&file)), "add what is missing there, or look at a draft with --print")
        }
        _ => Wrong::unwritten(shown(&file), &error),
    })?;
    let apps: usize = exports.iter().map(|export| export.apps.len()).sum();
    let s = if apps == 1 { "" } else { "s" };
    let told = format!("wrote {} for {apps} app{s}: risk {}, tier {}\n", shown(&file), risk.inherent, risk.tier.name());
    streams.stdout.put(&told)?;
    streams.stdout.put("fill in what it marks with TODO, and keep it beside the export\n")?;
    Ok(if unreadable == 0 { 0 } else { Verdict::Incomplete.exit_code() })
}

/// The folder that a manifest of what is at `path` belongs into.
fn folder(path: &Path) -> &Path {
    let parent = || path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() { path } else { parent() }
}

/// What a folder is called; the one that we are in by what is above it.
fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

//! `flowgate diff`: what apps can do that they could not do before.

use super::input::{Exclude, STDIN_NAME, input, is_stdin};
use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::base::{Commit, Repository};
use crate::lint::{self, Input, Recorded};
use crate::model::change::{Decision, compare};
use crate::policy::Policy;
use crate::report::Verdict;
use crate::report::diff::{Comparison, FORMATS, Format, Options};
use crate::rule::Selected;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  flowgate diff main                                a branch, and what is in this folder
  flowgate diff v1.4 HEAD~1                         two commits, at this folder
  flowgate diff main:exports/intake exports/intake  a folder as a branch has it
  flowgate diff exports-before exports-now          two folders
  flowgate diff Intake_1_0.zip Intake_1_1.zip       two solutions
  flowgate diff old.json new.json --format markdown
  flowgate diff before now --policy .flowgate/policy.yaml

Lines that begin with `+` let an app do more than before, `-` less, `~` something else.

Exit codes:
  0  compared, whether or not something differs
  1  with --exit-code: something differs
  2  wrong use: flags, paths or the policy are wrong
  3  something could not be read, or there is no export on either side";

/// Tells what apps can do that they could not do before: new hosts, connectors, rights, ways of data.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The version before: a file or folder, or a commit of the git repository around it: a branch, a tag, an id, or one with
    /// `:PATH` behind it, from the root of the repository; without a path, what it has where the version now is. `-` is standard
    /// input. Where a file and a branch are called the same, it is the file: write `refs/heads/NAME` for the branch.
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// The version now, named in the same way.
    #[arg(value_name = "HEAD", default_value = ".")]
    head: PathBuf,
    #[command(flatten)]
    exclude: Exclude,
    /// Tell who has to agree to each change, by the `decision_rights` of this policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How to write the comparison.
    #[arg(long, value_name = "FORMAT", value_parser = word::diff_format(), default_value = FORMATS[0].name)]
    format: &'static Format,
    /// Exit with 1 when something differs.
    #[arg(long)]
    exit_code: bool,
}

/// Compares, writes, and returns the exit code.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    arguments.hold_together()?;
    let policy = arguments.policy.as_deref().map(Policy::load).transpose().map_err(Wrong::new)?;
    let base = arguments.version(&Version::of(&arguments.base, &arguments.head)?, policy.as_ref(), streams)?;
    let head = arguments.version(&Version::of(&arguments.head, &arguments.base)?, policy.as_ref(), streams)?;
    let is_empty = base.records.is_empty() && head.records.is_empty();
    let functions = |policy: &Policy| Decision::ALL.iter().map(|kind| (*kind, policy.decision_functions(*kind).to_vec())).collect();
    let mut comparison = Comparison {
        apps: compare(&base.records, &head.records),
        unreadable_before: base.coverage.unreadable,
        unreadable_now: head.coverage.unreadable,
        functions: policy.as_ref().map(functions).unwrap_or_default(),
    };
    for app in comparison.apps.iter_mut().filter(|app| app.file.is_empty()) {
        name(&arguments.head).clone_into(&mut app.file);
    }
    let out = &mut streams.stdout;
    let options = Options { color: out.color, width: out.width };
    (arguments.format.write)(&comparison, &options, out)?;
    if is_empty {
        streams.stderr.put("neither version holds an export of a known platform\n")?;
    }
    Ok(if is_empty || comparison.is_incomplete() {
        Verdict::Incomplete.exit_code()
    } else {
        u8::from(arguments.exit_code && comparison.differs())
    })
}

impl Arguments {
    /// What clap cannot say about arguments that must not stand together.
    fn hold_together(&self) -> Result<(), Wrong> {
        if is_stdin(&self.base) && is_stdin(&self.head) {
            return Err(Wrong::new("standard input can be read only once: `-` is given twice"));
        }
        let (Ok(base), Ok(head)) = (self.base.canonicalize(), self.head.canonicalize()) else { return Ok(()) };
        if base != head && base.starts_with(&head) {
            let (base, head) = (self.base.display(), self.head.display());
            return Err(Wrong::with_help(
                format_args!("the version before, {base}, is a part of the version now, {head}"),
                "name both versions, as in `flowgate diff before now`",
            ));
        }
        Ok(())
    }

    /// What is in one version. Files are called by their way below what was named, so that both versions have the same names.
    fn version(&self, version: &Version, policy: Option<&Policy>, streams: &mut Streams<'_>) -> Result<Recorded, Wrong> {
        let (rules, exclude) = (Selected::new([]), self.exclude.globs()?);
        let inputs = [match version {
            Version::Path(path) => input(path, STDIN_NAME, &mut *streams.stdin)?,
            Version::Committed(committed) => Input::Committed { commit: committed.commit.clone(), path: committed.path.clone() },
        }];
        let options = lint::Options { policy, exclude: exclude.as_ref(), ..lint::Options::new(&rules) };
        let mut recorded = lint::records(&inputs, &options).map_err(|error| match &error {
            lint::Error::Base(reason) => Wrong::with_help(&error, reason.help()),
            lint::Error::Missing(_) => Wrong::new(&error),
        })?;
        let path = match version {
            Version::Path(path) => path,
            Version::Committed(committed) if committed.named && recorded.coverage.files == 0 => {
                return Err(Wrong::new(format_args!("commit `{}` has nothing at `{}`", committed.commit.name(), name(&committed.path))));
            }
            Version::Committed(committed) => &committed.path,
        };
        let root = path.to_string_lossy().replace('\\', "/");
        for record in &mut recorded.records {
            record.file = below(&record.file, &root).to_owned();
        }
        Ok(recorded)
    }
}

/// A version as it was named.
enum Version {
    /// What is on disk, or standard input.
    Path(PathBuf),
    /// What a commit has.
    Committed(Committed),
}

/// What a commit has at a path.
struct Committed {
    commit: Commit,
    path: PathBuf,
    /// Whether the path was named with the commit, and not taken from the other version.
    named: bool,
}

impl Version {
    /// What `text` names. A commit without a path is read where the `other` version is.
    fn of(text: &Path, other: &Path) -> Result<Self, Wrong> {
        if is_stdin(text) || text.exists() {
            return Ok(Self::Path(text.to_owned()));
        }
        let whole = text.to_string_lossy();
        let (name, path) = match whole.split_once(':') {
            Some((name, path)) => (name, Some(path)),
            None => (&*whole, None),
        };
        let beside = if is_stdin(other) || !other.exists() { Path::new(".") } else { other };
        let commit = Repository::open(beside).and_then(|repository| repository.commit(name)).map_err(|error| {
            Wrong::with_help(format_args!("`{}` is neither a file nor a folder, and no commit: {error}", text.display()), error.help())
        })?;
        let path = match path {
            None => beside.to_owned(),
            // As git has it: from the root, but for `./`.
            Some(path) if path == "." || path.starts_with("./") || path.starts_with("../") => PathBuf::from(path),
            Some(path) => commit.repository().root().join(path),
        };
        Ok(Self::Committed(Committed { commit, path, named: whole.contains(':') }))
    }
}

/// The way of `file` below `root`; empty for the root itself.
fn below<'f>(file: &'f str, root: &str) -> &'f str {
    let plain = |path: &'f str| path.strip_prefix("./").unwrap_or(path);
    let root = root.strip_prefix("./").unwrap_or(root).trim_end_matches('/');
    let rest = if root == "." { None } else { plain(file).strip_prefix(root) };
    rest.map_or(plain(file), |rest| if root == STDIN_NAME { rest } else { rest.trim_start_matches(['/', '!']) })
}

/// The last part of a path.
fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or(STDIN_NAME)
}

//! `flowgate verify`: holds evidence against the files that it speaks of.

use super::streams::Streams;
use super::wrong::Wrong;
use crate::evidence::{Difference, Evidence, check_chain, differences, sha256};
use crate::gate;
use crate::lint::{self, Input};
use crate::source::Source;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const EXIT_CODES: &str = "\
Exit codes:
  0  the files are those that were judged, and the run has passed
  1  something differs, or the run has not passed
  2  wrong use: this is no evidence, or a chain that was changed
  3  a file cannot be read";

/// Tells whether files are still those that a run has judged: any other byte, a file more or less is told, and which apps can still do
/// only what they could.
#[derive(clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// What `flowgate check --evidence` has written.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The files and folders, called as they were when they were judged [default: those of the run].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The file is a chain of results: tell whether something was changed or taken out.
    #[arg(long, conflicts_with = "paths")]
    chain: bool,
}

/// Verifies, and returns the exit code.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let name = crate::source::shown(&arguments.file);
    let text = std::fs::read_to_string(&arguments.file).map_err(|error| Wrong::new(format_args!("cannot read `{name}`: {error}")))?;
    if arguments.chain {
        let lines = check_chain(&text).map_err(|broken| Wrong::new(format_args!("{name}:{}: {}", broken.line, broken.reason)))?;
        streams.stdout.put(&format!("unbroken: {lines} results, each of which knows the one before it\n"))?;
        return Ok(0);
    }
    let evidence = Evidence::parse(&text).map_err(|reason| Wrong::new(format_args!("`{name}`: {reason}")))?;
    let result = &evidence.result;
    let paths = if arguments.paths.is_empty() { result.context.paths.iter().map(PathBuf::from).collect() } else { arguments.paths.clone() };
    let globs = globs(&result.context.exclude)?;
    let inputs: Vec<Input> = paths.into_iter().map(Input::Path).collect();
    let mut unread = Vec::new();
    let found = digests(&inputs, &globs, &arguments.file, &mut unread)?;
    let all = differences(&evidence.files, &found);
    let mut page = String::new();
    for difference in &all {
        let _ = writeln!(page, "{difference}");
    }
    let apps_differ = apps(&evidence, (&inputs, &globs), !all.is_empty(), &mut page);
    for (file, reason) in &unread {
        let _ = writeln!(page, "cannot be read: {file}: {reason}");
    }
    let count = |part: fn(&Difference) -> bool| all.iter().filter(|difference| part(difference)).count();
    let (changed, missing) = (count(|one| matches!(one, Difference::Changed(_))), count(|one| matches!(one, Difference::Missing(_))));
    let unknown = all.len() - changed - missing;
    let commit = result.context.commit.as_deref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
    let _ = writeln!(page, "judged on {} by {} {}{commit}: {}", result.when.end, result.tool.name, result.tool.version, result.verdict);
    let same = all.is_empty() && !apps_differ;
    if same && unread.is_empty() {
        let apps = match evidence.apps.len() {
            0 => String::new(),
            1 => ", and 1 app".to_owned(),
            apps => format!(", and {apps} apps"),
        };
        let _ = writeln!(page, "verified: {} files{apps} are those that were judged", evidence.files.len());
    } else {
        let _ = writeln!(page, "not verified: {changed} changed, {missing} missing, {unknown} not judged, {} unreadable", unread.len());
    }
    streams.stdout.put(&page)?;
    Ok(if !same {
        1
    } else if !unread.is_empty() {
        3
    } else {
        u8::from(result.verdict != "PASSED")
    })
}

fn globs(exclude: &[String]) -> Result<GlobSet, Wrong> {
    let mut globs = GlobSetBuilder::new();
    for glob in exclude {
        globs.add(Glob::new(glob).map_err(Wrong::new)?);
    }
    globs.build().map_err(Wrong::new)
}

/// Writes which apps are not what was judged, and whether there are any. Where a file has `changed`, an app may still be the same.
fn apps(evidence: &Evidence, (inputs, globs): (&[Input], &GlobSet), changed: bool, page: &mut String) -> bool {
    if evidence.apps.is_empty() {
        return false;
    }
    let found = match gate::contents(inputs, Some(globs)) {
        Ok(found) => found,
        Err(error) => {
            let reason = error.to_string();
            let _ = writeln!(page, "what the apps are cannot be told: {}", reason.lines().next().unwrap_or_default());
            return true;
        }
    };
    let differ = differences(&evidence.apps, &found);
    for difference in &differ {
        match difference {
            Difference::Changed(app) => {
                let own = env!("CARGO_PKG_VERSION");
                let made = &evidence.result.tool.version;
                let other = if made == own { String::new() } else { format!(" (judged by version {made}, this is {own})") };
                let _ = writeln!(page, "the app `{app}` is not what was judged{other}");
            }
            Difference::Missing(app) => {
                let _ = writeln!(page, "the app `{app}` is gone");
            }
            Difference::Unknown(app) => {
                let _ = writeln!(page, "the app `{app}` was not judged");
            }
        }
    }
    for app in evidence.apps.iter().filter(|(app, digest)| changed && found.get(*app) == Some(*digest)).map(|(app, _)| app) {
        let _ = writeln!(page, "the app `{app}` can do and says what it did when it was judged");
    }
    !differ.is_empty()
}

/// The digests of all files of `inputs`, but for the evidence itself.
fn digests(inputs: &[Input], globs: &GlobSet, own: &Path, unread: &mut Vec<(String, String)>) -> Result<BTreeMap<String, String>, Wrong> {
    let found = lint::find(inputs, Some(globs)).map_err(Wrong::new)?;
    let own = own.canonicalize().ok();
    let mut digests = BTreeMap::new();
    for name in found.names().filter(|name| own.is_none() || Path::new(name).canonicalize().ok() != own) {
        match Source::bytes(Path::new(name)) {
            Ok(bytes) => {
                digests.insert(name.to_owned(), sha256(&bytes));
            }
            Err(error) => unread.push((name.to_owned(), error.to_string())),
        }
    }
    Ok(digests)
}

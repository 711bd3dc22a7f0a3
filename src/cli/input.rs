//! What to look at: paths, standard input, and what to leave out.

use super::wrong::Wrong;
use crate::lint::Input;
use crate::source::MAX_FILE_BYTES;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use std::io::Read;
use std::path::Path;

/// What reports call standard input, unless they are told otherwise.
pub(super) const STDIN_NAME: &str = "stdin";

/// Whether the path stands for standard input; a file of that name is `./-`.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What is at the path; standard input is called `name`.
pub(super) fn input(path: &Path, name: &str, stdin: &mut dyn Read) -> Result<Input, Wrong> {
    if !is_stdin(path) {
        return Ok(Input::Path(path.to_owned()));
    }
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that the lint sees what is too large.
    let read = stdin.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Wrong::new(format_args!("cannot read standard input: {error}")))?;
    Ok(Input::Bytes { name: name.to_owned(), bytes })
}

/// What to leave out.
#[derive(clap::Args)]
pub(super) struct Exclude {
    /// Leave out files and folders whose path, as reports write it, matches; without `/`, whose name does; repeatable.
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    exclude: Vec<Glob>,
}

impl Exclude {
    /// What was left out elsewhere, as [`Exclude::texts`] wrote it.
    pub(super) fn of(texts: &[String]) -> Result<Self, Wrong> {
        let exclude = texts.iter().map(|text| glob(text)).collect::<Result<_, _>>();
        exclude.map(|exclude| Self { exclude }).map_err(|error| Wrong::new(format_args!("--exclude cannot be used: {error}")))
    }

    /// The globs as they are written.
    pub(super) fn texts(&self) -> Vec<String> {
        self.exclude.iter().map(|glob| glob.glob().to_owned()).collect()
    }

    /// All globs as one; none where nothing is left out.
    pub(super) fn globs(&self) -> Result<Option<GlobSet>, Wrong> {
        if self.exclude.is_empty() {
            return Ok(None);
        }
        let mut set = GlobSetBuilder::new();
        for glob in &self.exclude {
            set.add(glob.clone());
        }
        set.build().map(Some).map_err(|error| Wrong::new(format_args!("--exclude cannot be used: {}", error.kind())))
    }
}

/// A glob as people know them from ignore files: `*` stays within one folder, and a name without folders is met in every folder.
fn glob(pattern: &str) -> Result<Glob, String> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
    let anywhere = if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") };
    GlobBuilder::new(&anywhere).literal_separator(true).build().map_err(|error| error.kind().to_string())
}

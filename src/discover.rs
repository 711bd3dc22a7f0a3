//! Which files there are to judge, and in which syntax each is written.

pub use crate::source::shown;
use crate::source::{Files, SourceError};
use crate::tree::Syntax;
use globset::GlobSet;
use std::io::ErrorKind;
use std::path::PathBuf;
use walkdir::WalkDir;

/// Folders that never hold exports but copies of what was committed.
const SKIPPED_FOLDERS: [&str; 1] = [".git"];

/// How many bytes at the start of a file tell its syntax, when its name does not.
pub const HEAD_BYTES: usize = 512;

/// A file to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What reports call it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether the user named it, rather than a folder above it.
    pub named: bool,
}

/// What was found below the paths that the user named.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to look at, sorted by name.
    pub files: Vec<Candidate>,
    /// Entries that are no regular files, with the reason.
    pub foreign: Vec<(String, String)>,
    /// Entries that could not be read, with reason and help.
    pub unreadable: Vec<(String, String, String)>,
}

/// A path that the user named does not exist.
#[derive(Debug, thiserror::Error)]
#[error("there is no file or folder `{0}`")]
pub struct Missing(pub String);

/// Walks the paths. Ignore files are not read: a gate judges what is there. Names that `exclude` matches are left out, because the
/// user said so.
///
/// # Errors
/// When a path does not exist.
pub fn discover(paths: &[PathBuf], exclude: Option<&GlobSet>) -> Result<Found, Missing> {
    let mut found = Found::default();
    for root in paths {
        if root.symlink_metadata().is_err() {
            return Err(Missing(shown(root)));
        }
        let walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        let entries = walk.filter_entry(|entry| {
            let skipped = entry.depth() > 0 && entry.file_type().is_dir() && SKIPPED_FOLDERS.iter().any(|name| entry.file_name() == *name);
            !skipped && !exclude.is_some_and(|globs| entry.depth() > 0 && globs.is_match(shown(entry.path())))
        });
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) if entry.file_type().is_file() => {
                    found.files.push(Candidate { name: shown(entry.path()), path: entry.path().to_owned(), named: entry.depth() == 0 });
                }
                Ok(entry) => found.foreign.push((shown(entry.path()), "no regular file".into())),
                Err(error) => not_walked(&error, &mut found),
            }
        }
    }
    found.files.sort();
    found.files.dedup_by(|next, last| {
        let same = next.name == last.name;
        last.named |= same && next.named;
        same
    });
    Ok(found)
}

fn not_walked(error: &walkdir::Error, found: &mut Found) {
    let name = error.path().map(shown).unwrap_or_default();
    if let Some(ancestor) = error.loop_ancestor() {
        // What is behind the link is judged where it really is.
        found.foreign.push((name, format!("a link back to `{}`, which is looked at itself", shown(ancestor))));
        return;
    }
    let reason = error.io_error().map_or_else(|| error.to_string(), |error| format!("cannot be read: {error}"));
    found.unreadable.push((name, reason, "allow reading, or leave it out with --exclude".into()));
}

/// A folder on disk.
#[derive(Clone, Debug)]
pub struct Worktree {
    root: PathBuf,
}

impl Worktree {
    /// The files below `root`.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl Files for Worktree {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        match std::fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, below: &str) -> Result<Vec<String>, SourceError> {
        let start = self.root.join(below);
        if !start.is_dir() {
            return Ok(Vec::new());
        }
        let is_git = |entry: &walkdir::DirEntry| entry.depth() > 0 && SKIPPED_FOLDERS.iter().any(|name| entry.file_name() == *name);
        let mut paths = Vec::new();
        for entry in WalkDir::new(start).into_iter().filter_entry(|entry| !is_git(entry)) {
            let entry = entry.map_err(std::io::Error::from)?;
            if !entry.file_type().is_dir() {
                paths.push(shown(entry.path().strip_prefix(&self.root).unwrap_or(entry.path())));
            }
        }
        paths.sort();
        Ok(paths)
    }
}

/// The syntax that the name of a file promises.
#[must_use]
pub fn syntax_of_name(name: &str) -> Option<Syntax> {
    let extension = name.rsplit('/').next().unwrap_or(name).rsplit_once('.').map_or("", |parts| parts.1).to_ascii_lowercase();
    match extension.as_str() {
        "json" => Some(Syntax::Json),
        "yaml" | "yml" => Some(Syntax::Yaml),
        "xml" => Some(Syntax::Xml),
        _ => None,
    }
}

/// The syntax that the first bytes of a file look like: JSON and XML begin with their bracket, behind a byte order mark, white
/// space, or the code fence of a chat assistant.
#[must_use]
pub fn syntax_of_head(head: &[u8]) -> Option<Syntax> {
    let head: Vec<u8> = match head {
        [0xFF, 0xFE, rest @ ..] => rest.iter().step_by(2).copied().collect(),
        [0xFE, 0xFF, rest @ ..] => rest.iter().skip(1).step_by(2).copied().collect(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest.to_vec(),
        _ => head.to_vec(),
    };
    let start = head.trim_ascii_start();
    let start = start.strip_prefix(b"```json").or_else(|| start.strip_prefix(b"```")).unwrap_or(start).trim_ascii_start();
    match start.first() {
        Some(b'{' | b'[') => Some(Syntax::Json),
        Some(b'<') => Some(Syntax::Xml),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_syntax_is_told_by_name_or_by_the_first_bytes() {
        assert_eq!(syntax_of_name("a/b.n8n.JSON"), Some(Syntax::Json));
        assert_eq!(syntax_of_name("a.json/readme"), None);
        for head in [&b" \n{"[..], b"\xEF\xBB\xBF[", b"\xFF\xFE{\0", b"```json\n{"] {
            assert_eq!(syntax_of_head(head), Some(Syntax::Json), "{head:?}");
        }
        assert_eq!(syntax_of_head(b"\x89PNG"), None);
    }
}

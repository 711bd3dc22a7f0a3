//! How the working tree differs from a commit. It is the working tree that is judged, so nothing that git ignores is left out.

use super::commit::Node;
use super::{Blob, Commit, Error};
use gix_hash::ObjectId;
use gix_object::tree::EntryKind;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use walkdir::WalkDir;

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// It is new.
    Added,
    /// Its content is another.
    Modified,
    /// It is gone.
    Deleted,
    /// Its content has another path.
    Renamed,
    /// It may be run now, or no more.
    Mode,
    /// It is something else now: a file, a link, a submodule.
    Type,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file.
    File,
    /// A file that may be run.
    Program,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
    /// Something that git does not know, such as a pipe.
    Other,
}

/// A path at which the working tree differs from a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The path from the root of the repository; where it is gone, the one that it had.
    pub path: String,
    /// The path that a renamed file had.
    pub from: Option<String>,
    /// What was done.
    pub op: Op,
    /// What stood there.
    pub was: Option<Kind>,
    /// What stands there.
    pub is: Option<Kind>,
}

impl Commit {
    /// How the working tree differs, sorted by path. The content of a file is compared where `asked` says so of its path; whether it is
    /// there, and what it is, everywhere. Line ends that a checkout has changed are no difference.
    ///
    /// # Errors
    /// When the commit or the working tree cannot be read.
    pub fn changes(&self, asked: &(dyn Fn(&str) -> bool + Sync)) -> Result<Vec<Change>, Error> {
        let mut before: BTreeMap<&str, &Node> = self.listing()?.iter().map(|(path, node)| (path.as_str(), node)).collect();
        let mut both = Vec::new();
        let mut added = Vec::new();
        let root = self.repository.root();
        let mut walk = WalkDir::new(root).into_iter();
        while let Some(entry) = walk.next() {
            let entry = entry.map_err(|error| unreadable(&error))?;
            if entry.depth() == 0 {
                continue;
            }
            let is_folder = entry.file_type().is_dir();
            if entry.file_name() == ".git" {
                if is_folder {
                    walk.skip_current_dir();
                }
                continue;
            }
            let path = crate::source::shown(entry.path().strip_prefix(root).unwrap_or(entry.path()));
            if is_folder {
                if before.get(path.as_str()).is_some_and(|node| node.kind == EntryKind::Commit) {
                    walk.skip_current_dir();
                } else {
                    continue;
                }
            }
            let kind = kind_on_disk(&entry);
            match before.remove(path.as_str()) {
                Some(node) => both.push((path, kind, node)),
                None => added.push((path, kind)),
            }
        }
        let judge = |(path, is, node): (String, Kind, &Node)| self.difference(path, is, node, asked);
        let mut changes: Vec<Change> = both.into_par_iter().filter_map(judge).collect();
        let deleted = before.into_iter().map(|(path, node)| (path.to_owned(), node));
        changes.extend(self.moved(added, deleted.collect()));
        changes.sort();
        Ok(changes)
    }

    /// The paths of files that `changes`, of this commit and with all contents compared, say nothing of. What a link leads to is none.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub fn unchanged(&self, changes: &[Change]) -> Result<HashSet<&str>, Error> {
        let changed: HashSet<&str> =
            changes.iter().flat_map(|change| std::iter::once(&*change.path).chain(change.from.as_deref())).collect();
        let files = self.listing()?.iter().filter(|(path, node)| is_file(node) && !changed.contains(path.as_str()));
        Ok(files.map(|(path, _)| path.as_str()).collect())
    }

    fn difference(&self, path: String, is: Kind, node: &Node, asked: &(dyn Fn(&str) -> bool + Sync)) -> Option<Change> {
        let was = kind_of(node);
        let of_file = |kind| matches!(kind, Kind::File | Kind::Program);
        let op = if was != is && !(of_file(was) && of_file(is)) {
            Op::Type
        } else if asked(&path) && !self.same(&path, is, node) {
            Op::Modified
        } else if was != is && cfg!(unix) {
            Op::Mode
        } else {
            return None;
        };
        Some(Change { path, from: None, op, was: Some(was), is: Some(is) })
    }

    /// Whether what stands at `path` is what the commit has there. What cannot be read is not.
    fn same(&self, path: &str, kind: Kind, node: &Node) -> bool {
        let whole = self.repository.root().join(path);
        match kind {
            Kind::Submodule => checked_out(&whole).is_none_or(|id| id == node.id),
            Kind::Link => link(&whole).is_some_and(|target| self.id_of(&target) == Some(node.id)),
            Kind::Other => false,
            Kind::File | Kind::Program => {
                let Ok((_, size)) = self.repository.0.objects.header(&node.id) else { return false };
                let Ok(bytes) = crate::source::Source::bytes(&whole) else { return false };
                if bytes.len() as u64 == size {
                    return self.id_of(&bytes) == Some(node.id);
                }
                let lines = without_returns(&bytes).is_some_and(|bytes| bytes.len() as u64 == size && self.id_of(&bytes) == Some(node.id));
                // A pointer of Git LFS is small, and stands for a file that the checkout has put there.
                lines || size < 1024 && self.blob(node).bytes().is_ok_and(|large| large == bytes)
            }
        }
    }

    fn blob(&self, node: &Node) -> Blob {
        Blob { repository: self.repository.clone(), id: node.id }
    }

    fn id_of(&self, bytes: &[u8]) -> Option<ObjectId> {
        self.repository.0.objects.id_of(gix_object::Kind::Blob, bytes)
    }

    /// What is new and what is gone: the same content at another path was renamed.
    fn moved(&self, added: Vec<(String, Kind)>, deleted: Vec<(String, &Node)>) -> Vec<Change> {
        let size = |node: &Node| self.repository.0.objects.header(&node.id).ok().map(|(_, size)| size);
        let sizes: HashSet<u64> = deleted.iter().filter(|(_, node)| is_file(node)).filter_map(|(_, node)| size(node)).collect();
        let id = |(path, kind): (String, Kind)| {
            let whole = self.repository.root().join(&path);
            let id = if matches!(kind, Kind::File | Kind::Program) && !sizes.is_empty() { self.known_size(&whole, &sizes) } else { None };
            (path, kind, id)
        };
        let mut added: Vec<(String, Kind, Option<ObjectId>)> = added.into_par_iter().map(id).collect();
        added.sort();
        let mut from: Vec<Option<usize>> = vec![None; added.len()];
        let mut taken = vec![false; deleted.len()];
        // Of several files with one content, those belong together that have the same name, then those of one folder.
        let parts: [fn(&str) -> &str; 3] = [name, folder, |_| ""];
        for part in parts {
            let mut free: HashMap<(ObjectId, &str), Vec<usize>> = HashMap::new();
            for (at, (path, node)) in deleted.iter().enumerate().rev().filter(|(at, _)| !taken[*at]) {
                free.entry((node.id, part(path))).or_default().push(at);
            }
            for ((path, _, id), from) in added.iter().zip(&mut from).filter(|(_, from)| from.is_none()) {
                *from = id.and_then(|id| free.get_mut(&(id, part(path)))).and_then(Vec::pop);
                from.iter().for_each(|at| taken[*at] = true);
            }
        }
        let mut changes = Vec::new();
        for ((path, is, _), from) in added.into_iter().zip(from) {
            let from = from.map(|at| &deleted[at]);
            let op = if from.is_some() { Op::Renamed } else { Op::Added };
            let was = from.map(|(_, node)| kind_of(node));
            changes.push(Change { path, from: from.map(|(path, _)| path.clone()), op, was, is: Some(is) });
        }
        for ((path, node), _) in deleted.into_iter().zip(taken).filter(|(_, taken)| !taken) {
            changes.push(Change { path, from: None, op: Op::Deleted, was: Some(kind_of(node)), is: None });
        }
        changes
    }

    /// The id of a file on disk, where it has one of those sizes, maybe without the returns of a checkout.
    fn known_size(&self, path: &Path, sizes: &HashSet<u64>) -> Option<ObjectId> {
        let on_disk = path.metadata().ok()?.len();
        // What has returns is shorter without them, but no line is shorter than its end.
        if !sizes.iter().any(|size| (on_disk / 2..=on_disk).contains(size)) {
            return None;
        }
        let bytes = crate::source::Source::bytes(path).ok()?;
        if sizes.contains(&on_disk) {
            return self.id_of(&bytes);
        }
        without_returns(&bytes).filter(|bytes| sizes.contains(&(bytes.len() as u64))).and_then(|bytes| self.id_of(&bytes))
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |parts| parts.0)
}

fn unreadable(error: &walkdir::Error) -> Error {
    let path = error.path().map(crate::source::shown).unwrap_or_default();
    Error::Worktree { path, reason: error.io_error().map_or_else(|| error.to_string(), ToString::to_string) }
}

fn is_file(node: &Node) -> bool {
    matches!(node.kind, EntryKind::Blob | EntryKind::BlobExecutable)
}

fn kind_of(node: &Node) -> Kind {
    match node.kind {
        EntryKind::BlobExecutable => Kind::Program,
        EntryKind::Link => Kind::Link,
        EntryKind::Commit => Kind::Submodule,
        EntryKind::Blob | EntryKind::Tree => Kind::File,
    }
}

fn kind_on_disk(entry: &walkdir::DirEntry) -> Kind {
    let kind = entry.file_type();
    if kind.is_dir() {
        Kind::Submodule
    } else if kind.is_symlink() {
        Kind::Link
    } else if !kind.is_file() {
        Kind::Other
    } else if entry.metadata().is_ok_and(|metadata| may_run(&metadata)) {
        Kind::Program
    } else {
        Kind::File
    }
}

#[cfg(unix)]
fn may_run(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn may_run(_: &std::fs::Metadata) -> bool {
    false
}

/// Where a link on disk leads, as git keeps it.
fn link(path: &Path) -> Option<Vec<u8>> {
    let target = std::fs::read_link(path).ok()?;
    let bytes = target.as_os_str().as_encoded_bytes();
    Some(if cfg!(windows) { bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect() } else { bytes.to_vec() })
}

/// The commit that is checked out in a submodule; none where it is not checked out.
fn checked_out(folder: &Path) -> Option<ObjectId> {
    let git = super::open::git_folder(folder)?;
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    let id = match head.trim().strip_prefix("ref:") {
        Some(name) => std::fs::read_to_string(git.join(name.trim())).ok()?,
        None => head,
    };
    ObjectId::from_hex(id.trim().as_bytes()).ok()
}

/// The bytes with each `\r\n` as `\n`; none where there is no such line end.
fn without_returns(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memmem::find(bytes, b"\r\n")?;
    let keep = |at: &usize| bytes[*at] != b'\r' || bytes.get(at + 1) != Some(&b'\n');
    Some((0..bytes.len()).filter(keep).map(|at| bytes[at]).collect())
}

/// What files of the head were called in the base, where they were renamed.
#[must_use]
pub fn renamed(changes: &[Change]) -> HashMap<String, String> {
    changes.iter().filter_map(|change| Some((change.path.clone(), change.from.clone()?))).collect()
}

//! One commit: who made it when, and its files.

use super::objects::Problem;
use super::{Error, Repository};
use crate::source::{Files, SourceError};
use gix_hash::ObjectId;
use gix_object::tree::EntryKind;
use gix_object::{CommitRef, Kind, TagRef, TreeRefIter};
use std::sync::{Arc, OnceLock};

/// Most tags that one stands in for another.
const MAX_TAGS: usize = 10;
/// Most links that lead to one file.
const MAX_LINKS: usize = 40;

/// A commit of a [`Repository`].
#[derive(Clone, Debug)]
pub struct Commit {
    pub(super) repository: Repository,
    pub(super) id: ObjectId,
    tree: ObjectId,
    pub(super) name: String,
    seconds: i64,
    listing: Arc<OnceLock<Vec<(String, Node)>>>,
}

/// What a commit says of itself.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// Name and address.
    pub(super) author: (String, String),
    pub(super) committer: (String, String),
    /// When it was committed, in seconds since 1970.
    pub(super) seconds: i64,
    pub(super) message: String,
}

/// What a name in a tree stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
}

/// A file of a commit, read when it is needed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blob {
    pub(super) repository: Repository,
    pub(super) id: ObjectId,
}

impl Blob {
    /// The content: that of the file itself where the commit holds a pointer of Git LFS and the file was fetched.
    ///
    /// # Errors
    /// When it was not fetched, is too large or damaged.
    pub fn bytes(&self) -> Result<Vec<u8>, SourceError> {
        let objects = &self.repository.0.objects;
        let bytes = match objects.read(&self.id) {
            Ok((_, bytes)) => bytes,
            Err(Problem::TooLarge(bytes)) => return Err(SourceError::TooLarge { bytes }),
            Err(problem) => {
                let error = objects.told(problem, "the file".into());
                return Err(std::io::Error::other(format!("{error}; {}", error.help())).into());
            }
        };
        Ok(self.repository.large(&bytes).unwrap_or(bytes))
    }

    /// The id of the content.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Repository {
    pub(super) fn said(&self, id: ObjectId, name: &dyn Fn() -> String) -> Result<Said, Error> {
        let what = || format!("the commit {}", name());
        let objects = &self.0.objects;
        let bytes = objects.verified(&id, Kind::Commit, &what)?;
        let damaged = |reason: String| Error::Damaged { what: what(), reason };
        let commit = CommitRef::from_bytes(&bytes, objects.format).map_err(|error| damaged(error.to_string()))?;
        let parents = if self.0.ends.contains(&id) { Vec::new() } else { commit.parents().collect() };
        let (committer, seconds) = person(commit.committer);
        Ok(Said {
            tree: commit.tree(),
            parents,
            author: person(commit.author).0,
            committer,
            seconds,
            message: String::from_utf8_lossy(commit.message).into_owned(),
        })
    }

    /// The commit that an object is or, being a tag, stands for.
    pub(super) fn peeled(&self, mut id: ObjectId, name: &str) -> Result<ObjectId, Error> {
        let objects = &self.0.objects;
        let what = |id: ObjectId| format!("the commit `{name}` ({})", id.to_hex_with_len(12));
        for _ in 0..MAX_TAGS {
            match objects.header(&id).map_err(|problem| objects.told(problem, what(id)))?.0 {
                Kind::Commit => return Ok(id),
                Kind::Tag => {
                    let bytes = objects.verified(&id, Kind::Tag, &|| format!("the tag `{name}`"))?;
                    let tag = TagRef::from_bytes(&bytes, objects.format);
                    id = tag.map_err(|error| Error::Damaged { what: format!("the tag `{name}`"), reason: error.to_string() })?.target();
                }
                Kind::Tree | Kind::Blob => break,
            }
        }
        Err(Error::Unknown { name: name.to_owned(), help: "it names something else: write a branch, a tag or the id of a commit".into() })
    }

    /// The parent with that number, from 0; `name` is what was asked for.
    pub(super) fn parent(&self, id: ObjectId, number: usize, name: &str) -> Result<ObjectId, Error> {
        let said = self.said(id, &|| format!("`{name}`"))?;
        said.parents.get(number).copied().ok_or_else(|| {
            if self.0.ends.contains(&id) {
                Error::Missing { what: format!("the commit `{name}`"), shallow: true, help: super::FETCH_ALL.into() }
            } else {
                let help = format!("the commit {} has {} parents", id.to_hex_with_len(12), said.parents.len());
                Error::Unknown { name: name.to_owned(), help }
            }
        })
    }

    /// The entries of a tree, in the order of git.
    pub(super) fn tree(&self, id: ObjectId, path: &str) -> Result<Vec<(Vec<u8>, Node)>, Error> {
        let what = || format!("the folder `{path}` of the base");
        let objects = &self.0.objects;
        let bytes = objects.verified(&id, Kind::Tree, &what)?;
        let damaged = |error: &dyn std::fmt::Display| Error::Damaged { what: what(), reason: error.to_string() };
        let entries = TreeRefIter::from_bytes(&bytes, objects.format).entries().map_err(|error| damaged(&error))?;
        Ok(entries.iter().map(|entry| (entry.filename.to_vec(), Node { kind: entry.mode.kind(), id: entry.oid.to_owned() })).collect())
    }

    /// The file that a pointer of Git LFS stands for, where it was fetched.
    fn large(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let text = bytes.strip_prefix(b"version https://git-lfs.github.com/spec/").filter(|_| bytes.len() < 1024)?;
        let text = std::str::from_utf8(text).ok()?;
        let said = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let oid = said("oid sha256:").filter(|oid| oid.len() == 64 && oid.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let size: u64 = said("size ")?.trim().parse().ok()?;
        let path = self.0.common.join("lfs/objects").join(&oid[..2]).join(&oid[2..4]).join(oid);
        let file = crate::source::Source::bytes(&path).ok()?;
        (file.len() as u64 == size).then_some(file)
    }
}

/// `Name <address> 1700000000 +0100`: name and address, and the seconds.
fn person(text: &[u8]) -> ((String, String), i64) {
    let text = String::from_utf8_lossy(text);
    let (name, rest) = text.split_once('<').unwrap_or((&text, ""));
    let (address, rest) = rest.rsplit_once('>').unwrap_or((rest, ""));
    let seconds = rest.split_whitespace().next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    ((name.trim().to_owned(), address.trim().to_owned()), seconds)
}

impl Commit {
    pub(super) fn read(repository: &Repository, id: ObjectId, name: &str) -> Result<Self, Error> {
        let said = repository.said(id, &|| format!("`{name}` ({})", id.to_hex_with_len(12)))?;
        Ok(Self {
            repository: repository.clone(),
            id,
            tree: said.tree,
            name: name.to_owned(),
            seconds: said.seconds,
            listing: Arc::default(),
        })
    }

    /// The name that it was asked for by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id in hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// When it was committed, in seconds since 1970, as whoever committed it says.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Its repository.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What is at a path; links on the way are followed where `follow` says so, at most to the edge of the repository.
    pub(super) fn node(&self, path: &str, follow: bool) -> Result<Found, Error> {
        let mut rest: Vec<Vec<u8>> = parts(path.as_bytes()).rev().map(<[u8]>::to_vec).collect();
        // The folders from the root to where we are, with their names.
        let mut way: Vec<(Vec<u8>, ObjectId)> = vec![(Vec::new(), self.tree)];
        let mut links = 0;
        while let Some(part) = rest.pop() {
            if part == b".." {
                if way.len() == 1 {
                    return Ok(Found::Outside);
                }
                way.pop();
                continue;
            }
            let here = way.last().map_or(self.tree, |(_, id)| *id);
            let entries = self.repository.tree(here, path)?;
            let Some((_, node)) = entries.into_iter().find(|(name, _)| *name == part) else { return Ok(Found::Nothing) };
            match node.kind {
                EntryKind::Tree => way.push((part, node.id)),
                EntryKind::Link if follow || !rest.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Ok(Found::Loop);
                    }
                    let target = self.target(&node)?;
                    if target.starts_with(b"/") || target.contains(&b'\\') && cfg!(windows) {
                        return Ok(Found::Outside);
                    }
                    rest.extend(parts(&target).rev().map(<[u8]>::to_vec));
                }
                _ if rest.is_empty() => {
                    let folder = joined(&way);
                    let path = if folder.is_empty() { part } else { [folder.as_slice(), b"/", &part].concat() };
                    return Ok(Found::Node(path, node));
                }
                _ => return Ok(Found::Nothing),
            }
        }
        let id = way.last().map_or(self.tree, |(_, id)| *id);
        Ok(Found::Node(joined(&way), Node { kind: EntryKind::Tree, id }))
    }

    /// Where a link leads.
    pub(super) fn target(&self, link: &Node) -> Result<Vec<u8>, Error> {
        self.repository.0.objects.verified(&link.id, Kind::Blob, &|| "a link of the base".into())
    }

    /// All files, links and submodules below a folder, with their paths, sorted.
    pub(super) fn all(&self, below: &str) -> Result<Vec<(String, Node)>, Error> {
        let Found::Node(path, node) = self.node(below, true)? else { return Ok(Vec::new()) };
        let path = String::from_utf8_lossy(&path).into_owned();
        if node.kind != EntryKind::Tree {
            return Ok(vec![(path, node)]);
        }
        let mut all = Vec::new();
        let mut folders = vec![(path, node.id)];
        while let Some((folder, id)) = folders.pop() {
            for (name, node) in self.repository.tree(id, &folder)? {
                let name = String::from_utf8_lossy(&name);
                let path = if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") };
                if node.kind == EntryKind::Tree {
                    folders.push((path, node.id));
                } else {
                    all.push((path, node));
                }
            }
        }
        all.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(all)
    }

    /// All files, links and submodules, with their paths, sorted; read once.
    pub(super) fn listing(&self) -> Result<&[(String, Node)], Error> {
        match self.listing.get() {
            Some(listing) => Ok(listing),
            None => {
                let all = self.all("")?;
                Ok(self.listing.get_or_init(|| all))
            }
        }
    }

    /// The content of the file at a path.
    ///
    /// # Errors
    /// When it was not fetched or is damaged.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.node(path, true)? {
            Found::Node(_, node) if matches!(node.kind, EntryKind::Blob | EntryKind::BlobExecutable) => {
                self.repository.0.objects.verified(&node.id, Kind::Blob, &|| format!("`{path}` of the base")).map(Some)
            }
            Found::Outside => {
                Err(Error::Damaged { what: format!("`{path}` of the base"), reason: "it is a link out of the repository".into() })
            }
            _ => Ok(None),
        }
    }
}

/// What a path of a commit leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Node(Vec<u8>, Node),
    Nothing,
    Outside,
    Loop,
}

fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}

fn joined(way: &[(Vec<u8>, ObjectId)]) -> Vec<u8> {
    way.iter().skip(1).map(|(name, _)| name.as_slice()).collect::<Vec<_>>().join(&b'/')
}

impl Files for Commit {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        self.file(path).map_err(|error| std::io::Error::other(format!("{error}; {}", error.help())).into())
    }

    fn list(&self, below: &str) -> Result<Vec<String>, SourceError> {
        let all = self.all(below).map_err(|error| std::io::Error::other(format!("{error}; {}", error.help())))?;
        Ok(all.into_iter().filter(|(_, node)| node.kind != EntryKind::Commit).map(|(path, _)| path).collect())
    }
}

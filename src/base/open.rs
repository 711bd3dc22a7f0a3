//! Finding the repository of a folder, and what it is like.

use super::objects::Objects;
use super::{Commit, Error};
use crate::source::absolute;
use gix_hash::ObjectId;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A clone on this machine, with a working tree. Cheap to clone.
#[derive(Clone)]
pub struct Repository(pub(super) Arc<Inside>);

pub(super) struct Inside {
    /// The folder with the working tree.
    pub(super) root: PathBuf,
    /// What belongs to this working tree.
    pub(super) git: PathBuf,
    /// What all working trees of the repository share.
    pub(super) common: PathBuf,
    pub(super) objects: Objects,
    /// Commits whose parents were not fetched.
    pub(super) ends: HashSet<ObjectId>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Repository").field(&self.0.root).finish()
    }
}

impl Repository {
    /// The repository of the file or folder at `path`. Who owns it makes no difference, because nothing in it is run or obeyed.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let start = absolute(path);
        let none = || Error::NoRepository(crate::source::shown(path));
        let mut found: Option<(PathBuf, PathBuf)> = None;
        for folder in start.ancestors() {
            let Some(git) = git_folder(folder) else { continue };
            match &found {
                None => {
                    // A submodule keeps its objects in the repository around it, and is a part of what that governs.
                    let linked = git.join("commondir").is_file() || folder.join(".git").is_dir();
                    found = Some((folder.to_owned(), git));
                    if linked {
                        break;
                    }
                }
                Some((_, inner)) if real(inner).starts_with(real(&git)) => found = Some((folder.to_owned(), git)),
                Some(_) => break,
            }
        }
        let (root, git) = found.ok_or_else(none)?;
        Self::at(root, git)
    }

    fn at(root: PathBuf, git: PathBuf) -> Result<Self, Error> {
        let unusable = |reason: String, help: &'static str| Error::Unusable { root: crate::source::shown(&root), reason, help };
        let common = match std::fs::read_to_string(git.join("commondir")) {
            Ok(path) => git.join(path.trim()),
            Err(_) => git.clone(),
        };
        let settings = settings(&common);
        let said = |key: &str| settings.get(key).map(String::as_str);
        let format = match said("extensions.objectformat") {
            None | Some("sha1") => gix_hash::Kind::Sha1,
            Some("sha256") => gix_hash::Kind::Sha256,
            Some(other) => {
                return Err(unusable(format!("its objects are named by `{other}`"), "clone it in the format sha1 or sha256"));
            }
        };
        if let Some(storage) = said("extensions.refstorage").filter(|storage| *storage != "files") {
            let reason = format!("its references are kept as `{storage}`");
            return Err(unusable(reason, "give the base as the id of its commit in a clone made with `git clone --ref-format=files`"));
        }
        let partial =
            said("extensions.partialclone").is_some() || settings.iter().any(|(key, value)| key.ends_with(".promisor") && value == "true");
        let (shallow, ends) = match std::fs::read_to_string(common.join("shallow")) {
            Ok(text) => (true, text.lines().filter_map(|line| ObjectId::from_hex(line.trim().as_bytes()).ok()).collect()),
            Err(_) => (false, HashSet::new()),
        };
        let objects = Objects::open(common.join("objects"), format, partial, shallow);
        let objects = objects.map_err(|error| unusable(error.to_string(), "clone the repository again"))?;
        Ok(Self(Arc::new(Inside { root, git, common, objects, ends })))
    }

    /// The folder with the working tree: what all paths of the repository start from.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// Whether the clone was made without some of the history.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.0.objects.shallow
    }

    /// The commit of that name: a branch, a tag, an id or the beginning of one, `origin/main`, `HEAD`, each with `~2` or `^1` behind it.
    ///
    /// # Errors
    /// When there is none or there are several, or it was not fetched.
    pub fn commit(&self, name: &str) -> Result<Commit, Error> {
        let id = super::refs::resolve(self, name)?;
        Commit::read(self, id, name)
    }

    /// The commit that is checked out; none in a repository without commits.
    ///
    /// # Errors
    /// When it was not fetched or is damaged.
    pub fn head(&self) -> Result<Option<Commit>, Error> {
        match super::refs::read(self, "HEAD") {
            Some(id) => Commit::read(self, id, "HEAD").map(Some),
            None => Ok(None),
        }
    }

    /// The path in the repository, with `/` between the parts, of a path on this machine.
    ///
    /// # Errors
    /// When it lies elsewhere.
    pub fn relative(&self, path: &Path) -> Result<String, Error> {
        let outside = || Error::Outside { path: crate::source::shown(path), root: crate::source::shown(&self.0.root) };
        let whole = absolute(path);
        let inside = whole.strip_prefix(&self.0.root).map_err(|_| outside())?;
        Ok(inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The git folder that `folder` has or points to. A folder that is only laid out like one is none: a commit can hold such a folder,
/// but nothing called `.git`.
pub(super) fn git_folder(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    let git = if git.is_file() {
        let text = std::fs::read_to_string(&git).ok()?;
        folder.join(text.strip_prefix("gitdir:")?.trim())
    } else {
        git
    };
    git.join("HEAD").is_file().then_some(git)
}

/// The settings of the repository, keys in lower case; the last of several values. Only what tells the format is looked at.
fn settings(common: &Path) -> HashMap<String, String> {
    let text = std::fs::read_to_string(common.join("config")).unwrap_or_default();
    let mut settings = HashMap::new();
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let name = header.split(']').next().unwrap_or_default().to_ascii_lowercase();
            section = name.replace('"', "").split_whitespace().collect::<Vec<_>>().join(".");
        } else if let Some((key, value)) = line.split_once('=') {
            let value = value.split(['#', ';']).next().unwrap_or_default().trim().trim_matches('"').to_ascii_lowercase();
            settings.insert(format!("{section}.{}", key.trim().to_ascii_lowercase()), value);
        }
    }
    settings
}

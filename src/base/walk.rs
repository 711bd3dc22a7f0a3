//! The files of a commit below a path, as a walk over its checkout meets them.

use super::commit::{Commit, Found, Node};
use super::{Blob, Error};
use gix_object::tree::EntryKind;
use std::path::Path;

/// Most links that are followed below one path: links to folders that hold links to folders would never end.
const MAX_LINKS: usize = 65_536;

/// Something below the path that was asked for.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its path from there, with `/` between the parts; empty for what is at the path itself.
    pub path: String,
    /// What it is.
    pub what: What,
}

/// What an [`Entry`] is.
#[derive(Clone, Debug)]
pub enum What {
    /// A file.
    File(Blob),
    /// A link to a folder that it lies in, which is at this path from where the walk began.
    Loop(String),
    /// The content of a submodule, which is no part of the commit.
    Submodule,
    /// A link that cannot be followed, and why.
    Link(&'static str),
}

/// A folder on the way down.
#[derive(Clone)]
struct Folder {
    /// Its path from where the walk began.
    path: String,
    /// Where it really is.
    real: Vec<u8>,
}

impl Commit {
    /// What is at and below `path`, a path on this machine, in no certain order. Nothing, where the commit has nothing there.
    /// What `left_out` says of paths from there is not looked at.
    ///
    /// # Errors
    /// When the path is not in the repository, or something was not fetched or is damaged.
    pub fn walk(&self, path: &Path, left_out: &dyn Fn(&str) -> bool) -> Result<Vec<Entry>, Error> {
        let start = self.repository.relative(path)?;
        let mut walk = Walk { commit: self, links: 0, found: Vec::new(), open: Vec::new() };
        match self.node(&start, true)? {
            Found::Node(real, node) => walk.meet(String::new(), real, &node, &[], false)?,
            // Whoever named it has to hear of it in the working tree.
            Found::Nothing | Found::Outside | Found::Loop => {}
        }
        while let Some((id, ways)) = walk.open.pop() {
            let Some(folder) = ways.last() else { continue };
            let (path, real) = (folder.path.clone(), folder.real.clone());
            for (name, node) in self.repository.tree(id, &String::from_utf8_lossy(&real))? {
                let text = String::from_utf8_lossy(&name);
                let below = if path.is_empty() { text.into_owned() } else { format!("{path}/{text}") };
                if left_out(&below) {
                    continue;
                }
                let real = if real.is_empty() { name } else { [real.as_slice(), b"/", &name].concat() };
                walk.meet(below, real, &node, &ways, false)?;
            }
        }
        Ok(walk.found)
    }
}

struct Walk<'w> {
    commit: &'w Commit,
    links: usize,
    found: Vec<Entry>,
    /// Folders that are still to be looked into, each with those above it and itself.
    open: Vec<(gix_hash::ObjectId, Vec<Folder>)>,
}

impl Walk<'_> {
    fn meet(&mut self, path: String, real: Vec<u8>, node: &Node, above: &[Folder], linked: bool) -> Result<(), Error> {
        let what = match node.kind {
            EntryKind::Blob | EntryKind::BlobExecutable => What::File(Blob { repository: self.commit.repository.clone(), id: node.id }),
            EntryKind::Commit => What::Submodule,
            EntryKind::Tree => {
                // Only a link can lead back to where one comes from.
                if let Some(known) = above.iter().rev().find(|folder| linked && folder.real == real) {
                    What::Loop(known.path.clone())
                } else {
                    let mut ways = above.to_vec();
                    ways.push(Folder { path, real });
                    self.open.push((node.id, ways));
                    return Ok(());
                }
            }
            EntryKind::Link => {
                self.links += 1;
                if self.links > MAX_LINKS {
                    What::Link("more links than are followed")
                } else {
                    match self.commit.node(&String::from_utf8_lossy(&real), true)? {
                        Found::Node(real, node) if node.kind != EntryKind::Link => return self.meet(path, real, &node, above, true),
                        Found::Outside => What::Link("the link leads out of the repository"),
                        Found::Loop => What::Link("the link leads to itself"),
                        Found::Node(..) | Found::Nothing => What::Link("the link leads nowhere"),
                    }
                }
            }
        };
        self.found.push(Entry { path, what });
        Ok(())
    }
}

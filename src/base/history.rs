//! Whose work lies between two commits.
//!
//! Times in commits are what their authors say. So they decide only in which order commits are looked at, never whether one counts:
//! a commit is left out only where a way of parents from the base leads to it.

use super::commit::Said;
use super::{Commit, Error, Repository};
use gix_hash::ObjectId;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};

/// What somebody did for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Wrote it.
    Author,
    /// Put it into the repository.
    Committer,
    /// Is named as `Co-authored-by` at the end of its message.
    CoAuthor,
}

/// Somebody who has a part in a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// Name as the commit says it.
    pub name: String,
    /// Address as the commit says it.
    pub address: String,
    /// What they did.
    pub part: Part,
    /// The commit, as its id.
    pub commit: String,
}

/// What lies between a base and a head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Everybody who has a part in it, sorted.
    pub people: Vec<Person>,
    /// How many commits there are.
    pub commits: usize,
    /// Whether all of them are in this clone; where it is cut off, there may be others.
    pub complete: bool,
}

/// Reached from the base.
const OLD: u8 = 1;
/// Reached from the head.
const NEW: u8 = 2;
/// Behind a commit that both have.
const STALE: u8 = 4;

/// What is known of a commit.
struct Known {
    marks: u8,
    queued: bool,
    seconds: i64,
    parents: Vec<ObjectId>,
}

/// Commits that are looked at from the newest on, each with the sides that lead to it, until none is left that matters.
struct Walk<'r> {
    repository: &'r Repository,
    matters: fn(u8) -> bool,
    known: HashMap<ObjectId, Known>,
    next: BinaryHeap<(i64, ObjectId)>,
    /// How many of `next` matter.
    open: usize,
}

impl<'r> Walk<'r> {
    fn from(base: &'r Commit, head: &Commit, matters: fn(u8) -> bool) -> Result<Self, Error> {
        let mut walk = Self { repository: &base.repository, matters, known: HashMap::new(), next: BinaryHeap::new(), open: 0 };
        walk.mark(base.id, OLD)?;
        walk.mark(head.id, NEW)?;
        Ok(walk)
    }

    /// Marks a commit. Where that is news, it has to be looked at (again).
    fn mark(&mut self, id: ObjectId, marks: u8) -> Result<(), Error> {
        let known = match self.known.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let said = self.repository.said(id, &|| id.to_hex_with_len(12).to_string())?;
                free.insert(Known { marks: 0, queued: false, seconds: said.seconds, parents: said.parents })
            }
        };
        let before = known.marks;
        known.marks |= marks;
        if known.marks == before {
            return Ok(());
        }
        self.open -= usize::from(known.queued && (self.matters)(before));
        self.open += usize::from((self.matters)(known.marks));
        if !known.queued {
            known.queued = true;
            self.next.push((known.seconds, id));
        }
        Ok(())
    }

    /// The next commit with its marks and parents.
    fn step(&mut self) -> Option<(ObjectId, u8, Vec<ObjectId>)> {
        if self.open == 0 {
            return None;
        }
        let (_, id) = self.next.pop()?;
        let known = self.known.get_mut(&id)?;
        known.queued = false;
        self.open -= usize::from((self.matters)(known.marks));
        Some((id, known.marks, known.parents.clone()))
    }
}

impl Commit {
    /// Who has a part in what `head` has and this commit, the base, has not.
    ///
    /// # Errors
    /// When a commit in between was not fetched or is damaged.
    pub fn history(&self, head: &Self) -> Result<History, Error> {
        let mut walk = Walk::from(self, head, |marks| marks == NEW)?;
        while let Some((_, marks, parents)) = walk.step() {
            parents.into_iter().try_for_each(|parent| walk.mark(parent, marks))?;
        }
        let mut history = History { complete: true, ..History::default() };
        for id in walk.known.iter().filter(|(_, known)| known.marks == NEW).map(|(id, _)| id) {
            history.commits += 1;
            history.complete &= !self.repository.0.ends.contains(id);
            let said = self.repository.said(*id, &|| id.to_hex_with_len(12).to_string())?;
            history.people.extend(people(*id, said));
        }
        history.people.sort();
        Ok(history)
    }

    /// The newest commit that both this one and `head` come from.
    ///
    /// # Errors
    /// When there is none, or it was not fetched.
    pub fn merge_base(&self, head: &Self) -> Result<Self, Error> {
        let mut walk = Walk::from(self, head, |marks| marks & STALE == 0)?;
        let mut shared = Vec::new();
        while let Some((id, marks, parents)) = walk.step() {
            let mut marks = marks;
            if marks & (OLD | NEW) == OLD | NEW {
                if marks & STALE == 0 {
                    shared.push(id);
                }
                marks |= STALE;
            }
            parents.into_iter().try_for_each(|parent| walk.mark(parent, marks))?;
        }
        let newest = shared.into_iter().filter_map(|id| walk.known.get(&id).map(|known| (known, id)));
        let newest = newest.filter(|(known, _)| known.marks & STALE == 0).max_by_key(|(known, id)| (known.seconds, *id));
        match newest {
            Some((_, id)) => Self::read(&self.repository, id, &self.name),
            None => Err(Error::Unrelated { one: self.name.clone(), other: head.name.clone(), shallow: self.repository.is_shallow() }),
        }
    }
}

fn people(id: ObjectId, said: Said) -> Vec<Person> {
    let commit = id.to_string();
    let person = |(name, address): (String, String), part| Person { name, address, part, commit: commit.clone() };
    let mut people = vec![person(said.author, Part::Author), person(said.committer, Part::Committer)];
    people.extend(co_authors(&said.message).map(|who| person(who, Part::CoAuthor)));
    people
}

/// Names and addresses of those whom a message calls co-authors, on whichever line: more of them never loosen anything.
fn co_authors(message: &str) -> impl Iterator<Item = (String, String)> {
    const KEY: &str = "co-authored-by:";
    let line = |line: &str| {
        let line = line.trim();
        let rest = line.get(..KEY.len()).filter(|key| key.eq_ignore_ascii_case(KEY)).map(|_| &line[KEY.len()..])?;
        let (name, address) = rest.split_once('<').unwrap_or((rest, ""));
        Some((name.trim().to_owned(), address.trim().trim_end_matches('>').to_owned()))
    };
    message.lines().filter_map(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn co_authors_are_read_however_they_are_spelt() {
        let message = "Title\n\nCo-authored-by: Ana B <ana@contoso.example>\r\nCO-AUTHORED-BY:bo<bo@contoso.example>\nÄo-authored-by: x\nCo-authored-by: carl";
        let found: Vec<(String, String)> = co_authors(message).collect();
        let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
        assert_eq!(found, [pair("Ana B", "ana@contoso.example"), pair("bo", "bo@contoso.example"), pair("carl", "")]);
    }
}

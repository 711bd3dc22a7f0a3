//! What the git repository around the exports says of them as they were: the base that a change is held against.
//!
//! A [`Repository`] is read with code of our own and the object store of `gix`; no program is started, no hook and no setting of the
//! repository is obeyed, nothing is fetched. A [`Commit`] shows its files as [`Files`](crate::source::Files) and to `lint`, as the
//! checkout of it would. [`changes`] says how the working tree differs from it, [`control`] which of that touches the gate itself,
//! [`history`] whose work lies between, [`compare`] which findings are new.
//!
//! What is judged is written by those who want to pass. So nothing that a commit can hold decides which repository is asked: a bare
//! repository in a folder of the tree is none, and a submodule is a part of the repository around it. Names of commits that mean
//! several things are refused, since who may push a tag may name it like the branch that protects the policy.

pub mod changes;
mod codeowners;
pub mod commit;
pub mod compare;
pub mod control;
pub mod history;
mod objects;
mod open;
mod refs;
mod walk;

pub use commit::{Blob, Commit};
pub use open::Repository;
pub use walk::{Entry, What};

/// Why the past cannot be asked. Each variant is the fault of the call or of the clone, never of an export.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no git folder at the path or above it.
    #[error("`{0}` lies in no git repository, so there is no base to compare with")]
    NoRepository(String),
    /// The repository is written in a way that is not read.
    #[error("the git repository `{root}` cannot be read: {reason}")]
    Unusable {
        /// Its folder.
        root: String,
        /// Why, in a few words.
        reason: String,
        /// What to do.
        help: &'static str,
    },
    /// A name is that of no commit.
    #[error("there is no commit `{name}` in this clone")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What to do.
        help: String,
    },
    /// A name is that of several commits.
    #[error("`{name}` is the name of different commits: {}", .all.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// The full names that it stands for.
        all: Vec<String>,
    },
    /// Something that has to be there was not fetched.
    #[error("{what} is not in this clone{}", if *.shallow { ", which is shallow" } else { "" })]
    Missing {
        /// What is not there.
        what: String,
        /// Whether the clone is known to be cut off.
        shallow: bool,
        /// What to do.
        help: String,
    },
    /// An object of the repository is damaged.
    #[error("{what} is damaged in this clone: {reason}")]
    Damaged {
        /// What is damaged.
        what: String,
        /// How that was seen.
        reason: String,
    },
    /// Two commits have no ancestor in common.
    #[error("`{one}` and `{other}` have no commit in common{}", if *.shallow { " in this clone, which is shallow" } else { "" })]
    Unrelated {
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// Whether that may be so because the clone is cut off.
        shallow: bool,
    },
    /// A path that is to be judged lies elsewhere.
    #[error("`{path}` is not in the git repository `{root}`, so it has no base to compare with")]
    Outside {
        /// The path.
        path: String,
        /// The folder of the repository.
        root: String,
    },
    /// The working tree cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    Worktree {
        /// The file or folder.
        path: String,
        /// Why.
        reason: String,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoRepository(_) => "run it in a clone of the repository, or leave --base out".into(),
            Self::Unusable { help, .. } => (*help).into(),
            Self::Unknown { help, .. } | Self::Missing { help, .. } => help.clone(),
            Self::Ambiguous { all, .. } => {
                let name = all.iter().find(|name| name.starts_with("refs/remotes/")).or(all.first());
                format!("write the whole name, as in `{}`", name.map_or("refs/remotes/origin/main", String::as_str))
            }
            Self::Damaged { .. } => "clone the repository again; `git fsck` says more".into(),
            Self::Unrelated { shallow: true, .. } => FETCH_ALL.into(),
            Self::Unrelated { .. } => "name a commit that the change was made from".into(),
            Self::Outside { .. } => "judge only what lies in one repository, or leave --base out".into(),
            Self::Worktree { .. } => "allow reading it".into(),
        }
    }
}

/// How to get the whole history, where it was left out.
const FETCH_ALL: &str = "fetch the whole history: `fetch-depth: 0` at actions/checkout, `GIT_DEPTH: 0` in GitLab, `fetchDepth: 0` in Azure \
                         Pipelines, or `git fetch --unshallow`";

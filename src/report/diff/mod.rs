//! What has changed between two versions, for people and for programs: one file a format, as for findings.

mod json;
mod markdown;
mod text;

use super::Unreadable;
use crate::model::change::{AppChange, Change, Decision, Fate, Op};
use std::collections::BTreeMap;
use std::io;

pub use json::{VERSION, schema};

/// Two versions, compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// What has become of each app.
    pub apps: Vec<AppChange>,
    /// What could not be read of the version before.
    pub unreadable_before: Vec<Unreadable>,
    /// What could not be read of the version now.
    pub unreadable_now: Vec<Unreadable>,
    /// The functions that have to agree to each kind of change, by policy; none where it asks nobody.
    pub functions: BTreeMap<Decision, Vec<String>>,
}

/// How to write.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Columns of the screen.
    pub width: usize,
}

/// A way to write a comparison.
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Writes it.
    pub write: fn(&Comparison, &Options, &mut dyn io::Write) -> io::Result<()>,
}

/// All formats, the default first.
pub const FORMATS: &[Format] = &[text::FORMAT, markdown::FORMAT, json::FORMAT];

impl Comparison {
    /// Whether anything differs: what an app can do, its content, or which apps there are.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.apps.iter().any(|app| app.differs() || !app.changes.is_empty())
    }

    /// Whether something of either version could not be read, so that changes may be missing.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        !self.unreadable_before.is_empty() || !self.unreadable_now.is_empty()
    }

    /// The functions that have to agree to a change.
    fn functions_of(&self, change: &Change) -> &[String] {
        self.functions.get(&change.decision).map_or(&[], Vec::as_slice)
    }

    /// The apps with something to tell.
    fn told(&self) -> impl Iterator<Item = &AppChange> {
        self.apps.iter().filter(|app| app.differs() || !app.changes.is_empty())
    }

    /// All functions that have to agree to something, each with the number of changes.
    fn asked(&self) -> BTreeMap<&str, usize> {
        let mut asked = BTreeMap::new();
        for change in self.apps.iter().flat_map(|app| &app.changes) {
            self.functions_of(change).iter().for_each(|function| *asked.entry(function.as_str()).or_default() += 1);
        }
        asked
    }

    fn numbers(&self) -> Numbers {
        let of = |fate| self.apps.iter().filter(|app| app.fate == fate).count();
        let changes = || self.apps.iter().flat_map(|app| &app.changes);
        Numbers {
            apps: self.apps.len(),
            new: of(Fate::New),
            replaced: of(Fate::Replaced),
            removed: of(Fate::Removed),
            changed: self.told().filter(|app| app.fate == Fate::Kept).count(),
            changes: changes().count(),
            widening: changes().filter(|change| change.widens).count(),
        }
    }
}

/// What was counted.
struct Numbers {
    apps: usize,
    new: usize,
    replaced: usize,
    removed: usize,
    changed: usize,
    changes: usize,
    widening: usize,
}

/// The changes of an app in the order in which they matter: what it can do more, what it does otherwise, what is gone.
fn by_weight(app: &AppChange) -> Vec<&Change> {
    let mut changes: Vec<&Change> = app.changes.iter().collect();
    changes.sort_by_key(|change| (!change.widens, change.op == Op::Lost || change.decision == Decision::LessPower));
    changes
}

/// What stands before a change: `+` for more, `-` for less, `~` for other.
fn sign(change: &Change) -> char {
    match change {
        change if change.widens => '+',
        change if change.op == Op::Lost || change.decision == Decision::LessPower => '-',
        _ => '~',
    }
}

/// What is to be said of the app as a whole.
fn fate(app: &AppChange) -> &'static str {
    match app.fate {
        Fate::New => "new app",
        Fate::Replaced => "made anew under the same name",
        Fate::Removed => "removed",
        Fate::Kept if app.changes.is_empty() => "other content, but it can do the same as before",
        Fate::Kept => "",
    }
}

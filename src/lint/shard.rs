//! Which files of a run a shard judges: every machine that has the same files comes to the same answer, without asking another.

use super::Discovered;
use super::load::Unit;
use crate::evidence;
use crate::report::shard::Share;
use crate::report::{Coverage, Foreign, Unreadable};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;

/// What each file costs beside its bytes: without it, a thousand files without content would weigh nothing.
const COST_OF_A_FILE: u64 = 1024;

/// How the files of a run were shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The digest of the names and sizes of all files: it is the same on every machine that has the same files.
    pub digest: String,
    /// Number of files of this share.
    pub files: usize,
    /// Number of files of the run.
    pub of_files: usize,
}

impl Discovered {
    /// The part of this that one of several machines judges. The files of one export stay together. Exports are given away from the
    /// largest to the smallest, each to the machine that has least to do. `path` is the path of a file, from what reports call it, that
    /// does not depend on where the machine keeps its files.
    #[must_use]
    pub fn share(self, share: Share, path: &dyn Fn(&str) -> String) -> (Self, Plan) {
        let Self { units, coverage } = self;
        let of_files = units.iter().map(Unit::len).sum();
        let mut weighed: Vec<Weighed> = units.into_iter().map(|unit| Weighed::new(unit, path)).collect();
        weighed.sort_by(|one, other| (Reverse(one.weight), &one.files).cmp(&(Reverse(other.weight), &other.files)));
        let digest = digest(&weighed, &coverage, path);
        let mut machines: BinaryHeap<Reverse<(u64, u32)>> = (1..=share.count()).map(|machine| Reverse((0, machine))).collect();
        let mut own = Vec::new();
        for Weighed { unit, weight, .. } in weighed {
            let Some(Reverse((load, machine))) = machines.pop() else { break };
            machines.push(Reverse((load.saturating_add(weight), machine)));
            if machine == share.index() {
                own.push(unit);
            }
        }
        own.sort_by(|one, other| one.names().cmp(other.names()));
        // What is no file to judge is told once.
        let coverage = if share.index() == 1 { coverage } else { Coverage::default() };
        let files = own.iter().map(Unit::len).sum();
        (Self { units: own, coverage }, Plan { digest, files, of_files })
    }
}

/// A unit, with what it weighs.
struct Weighed {
    unit: Unit,
    weight: u64,
    /// Path and size of its files.
    files: Vec<(String, u64)>,
}

impl Weighed {
    fn new(unit: Unit, path: &dyn Fn(&str) -> String) -> Self {
        let files: Vec<(String, u64)> = unit.sizes().map(|(name, size)| (path(name), size)).collect();
        let weight = files.iter().map(|(_, size)| size.saturating_add(COST_OF_A_FILE)).fold(0, u64::saturating_add);
        Self { unit, weight, files }
    }
}

/// A digest of everything that was found.
fn digest(weighed: &[Weighed], coverage: &Coverage, path: &dyn Fn(&str) -> String) -> String {
    let mut text = String::new();
    for (file, size) in weighed.iter().flat_map(|weighed| &weighed.files) {
        let _ = writeln!(text, "{size} {file:?}");
    }
    for Foreign { file, reason, .. } in &coverage.foreign {
        let _ = writeln!(text, "foreign {:?} {reason:?}", path(file));
    }
    for Unreadable { file, reason, .. } in &coverage.unreadable {
        let _ = writeln!(text, "unreadable {:?} {reason:?}", path(file));
    }
    evidence::sha256(text.as_bytes())
}

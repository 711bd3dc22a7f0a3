//! What is known of the apps and of the run beyond findings. It is made only for formats that show it.

use crate::finding::Severity;
use crate::model::inventory::Record;
use crate::model::vocabulary::Tier;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the apps and of the run beyond findings.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// How much is at stake, by manifest, or by export where no manifest speaks for it; the most first.
    pub stakes: Vec<Stake>,
    /// For each export and each file with findings, the number of its entry in [`Self::stakes`].
    pub of_file: BTreeMap<String, usize>,
    /// What the exports are and can do, in the order of their names.
    pub records: Vec<Record>,
    /// What controls the run; none where nothing does.
    pub governance: Option<Governance>,
    /// Earlier runs and this one, oldest first.
    pub trend: Vec<Moment>,
}

/// How much is at stake with an app.
#[derive(Clone, Debug)]
pub struct Stake {
    /// Its name; the path where it has none.
    pub name: String,
    /// The manifest, or the export.
    pub file: String,
    /// Whether a manifest speaks for it.
    pub governed: bool,
    /// The tier that counts.
    pub tier: Tier,
    /// The inherent risk, as a number from 0.
    pub inherent: u32,
    /// What has made the tier more than anything else, in a few words.
    pub because: String,
    /// What the number is made of.
    pub terms: Vec<Term>,
    /// What lifts the tier, whatever the number is.
    pub floors: Vec<Floor>,
}

/// A term of a risk.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it is about: `entry`.
    pub factor: &'static str,
    /// What that is: `public`.
    pub word: String,
    /// How much that counts.
    pub weight: u32,
    /// How many times.
    pub times: u32,
    /// What it adds.
    pub points: u32,
    /// Where that was seen.
    pub origin: String,
}

/// What lifts a tier.
#[derive(Clone, Debug)]
pub struct Floor {
    /// The least tier.
    pub tier: Tier,
    /// Why.
    pub reason: &'static str,
    /// Where that was seen.
    pub origin: String,
}

/// What controls a run, and who has agreed.
#[derive(Clone, Debug, Default)]
pub struct Governance {
    /// Path of the policy.
    pub policy: Option<String>,
    /// Name and id of the commit that the run compares with.
    pub base: Option<(String, String)>,
    /// Id of the commit that is checked out.
    pub head: Option<String>,
    /// The environment that the apps are to go to.
    pub environment: Option<String>,
    /// Who promotes them.
    pub actor: Option<String>,
    /// Those who made the change.
    pub authors: Vec<String>,
    /// What blocks, and what is asked for, by tier.
    pub gates: Vec<Gate>,
    /// All waivers, with what became of them.
    pub waivers: Vec<Waiver>,
    /// Reviews that count.
    pub approvals: Vec<Approval>,
    /// The files that control the run, with whether the base gave them.
    pub files: Vec<(String, bool)>,
    /// What has grown against the base, by the name of the number.
    pub growth: BTreeMap<&'static str, u32>,
}

/// The gate of a tier.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The tier.
    pub tier: Tier,
    /// Findings of these severities block.
    pub block: BTreeSet<Severity>,
    /// The functions that must have signed off, by environment.
    pub signoffs: BTreeMap<String, Vec<String>>,
    /// How sure it must be who has signed off.
    pub assurance: &'static str,
    /// What the manifest must link.
    pub artifacts: Vec<&'static str>,
}

/// A waiver with what became of it.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Its id.
    pub id: String,
    /// Path of its file.
    pub file: String,
    /// What kind of decision it is.
    pub category: &'static str,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, as it was written.
    pub expires: String,
    /// Whole days until it ends; negative when it has ended, none where it does not say.
    pub days: Option<i64>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Number of findings that it covers, or would if it held.
    pub findings: usize,
    /// Whether it holds.
    pub holds: bool,
    /// What is wrong with it, in a few words each.
    pub problems: Vec<String>,
}

/// An approving review by somebody who acts as a function.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The function.
    pub function: String,
    /// Who.
    pub by: String,
    /// How sure that is.
    pub assurance: String,
}

/// The numbers of one run among others.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// When it was, as evidence has it.
    pub time: String,
    /// The commit that was judged.
    pub commit: Option<String>,
    /// `PASSED`, `BLOCKED` or `INCOMPLETE`.
    pub verdict: String,
    /// Number of findings of each severity.
    pub severities: BTreeMap<Severity, usize>,
    /// Number of findings that block.
    pub blocking: usize,
    /// Number of findings that a waiver covers.
    pub waived: usize,
}

//! What is asked of whom: the capabilities that makers have, the terms of elevations, and the gate of each risk tier.

use super::moment::{self, Window};
use super::people::People;
use super::weights::{RiskFile, Weights};
use super::wrong::Complaints;
use crate::finding::Severity;
use crate::model::Word;
use crate::model::vocabulary::{MakerCapability, Tier};
use crate::tree::de::{Spanned, nearest};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What makers of a tier may use in their apps.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CapabilitiesFile {
    /// What they may use; `*` is everything.
    pub allow: Vec<Spanned<String>>,
    /// What they may not use all the same.
    pub deny: Vec<Spanned<String>>,
}

/// On which terms somebody may have a right for a time.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ElevationFile {
    /// The longest time, in hours or days: `720h`, `30d`.
    pub max: Option<Spanned<String>>,
    /// How many people must have approved it.
    pub min_approvers: Option<Spanned<u32>>,
    /// The functions of which each must have approved it.
    pub functions: Vec<Spanned<String>>,
    /// The hours within which it may be granted: `Mon-Fri 07:00-19:00 Europe/Berlin`.
    pub window: Option<Spanned<String>>,
}

/// The gates, by the risk tier of the app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatesFile {
    /// For apps of low risk.
    pub low: Option<GateFile>,
    /// For apps of moderate risk.
    pub moderate: Option<GateFile>,
    /// For apps of high risk.
    pub high: Option<GateFile>,
}

/// What an app must have to be let through.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GateFile {
    /// Findings of these severities block.
    pub block: Option<Vec<Severity>>,
    /// The functions that must have signed off, by the environment that the app is to go to.
    pub signoffs: BTreeMap<String, Vec<Spanned<String>>>,
    /// The functions whose members may promote an app, by the environment that it is to go to; without any, everybody may.
    pub actors: BTreeMap<String, Vec<Spanned<String>>>,
    /// How sure it must be who has signed off.
    pub assurance: Option<Assurance>,
    /// What the manifest must link.
    pub artifacts: Vec<Artifact>,
}

/// How sure it is who has signed off. Ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// The manifest of the change says so.
    #[default]
    SelfAsserted,
    /// It stands on the protected branch.
    BaseBranch,
    /// The forge knows the review.
    ForgeReview,
    /// It is signed with a key that the policy names.
    Signed,
}

impl Assurance {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfAsserted => "self-asserted",
            Self::BaseBranch => "base-branch",
            Self::ForgeReview => "forge-review",
            Self::Signed => "signed",
        }
    }
}

/// A document about an app that its manifest links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Artifact {
    /// What could be done to the app, and what was done about it.
    ThreatModel,
    /// Who has access, looked through.
    AccessReview,
    /// What to do when it fails.
    Runbook,
    /// The version to go back to.
    Rollback,
    /// Where its logs are.
    Logs,
}

impl Artifact {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThreatModel => "threat_model",
            Self::AccessReview => "access_review",
            Self::Runbook => "runbook",
            Self::Rollback => "rollback",
            Self::Logs => "logs",
        }
    }
}

/// The gate of a tier.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Findings of these severities block.
    pub block: BTreeSet<Severity>,
    /// The functions that must have signed off, by the environment that the app is to go to.
    pub signoffs: BTreeMap<String, Vec<String>>,
    /// The functions whose members may promote an app, by the environment that it is to go to.
    pub actors: BTreeMap<String, Vec<String>>,
    /// How sure it must be who has signed off.
    pub assurance: Assurance,
    /// What the manifest must link.
    pub artifacts: Vec<Artifact>,
}

impl Gate {
    fn new(file: GateFile, tier: Tier, people: &People, complaints: &mut Complaints) -> Self {
        file.signoffs.values().chain(file.actors.values()).for_each(|functions| people.check(functions, complaints));
        let names = |functions: Vec<Spanned<String>>| functions.into_iter().map(|name| name.value).collect();
        let usual: &[Severity] = match tier {
            Tier::Low => &[Severity::Critical],
            Tier::Moderate => &[Severity::Critical, Severity::High],
            Tier::High => &[Severity::Critical, Severity::High, Severity::Medium],
        };
        Self {
            block: file.block.unwrap_or_else(|| usual.to_vec()).into_iter().collect(),
            signoffs: file.signoffs.into_iter().map(|(environment, functions)| (environment, names(functions))).collect(),
            actors: file.actors.into_iter().map(|(environment, functions)| (environment, names(functions))).collect(),
            assurance: file.assurance.unwrap_or_default(),
            artifacts: file.artifacts,
        }
    }
}

/// On which terms somebody may have a right for a time.
#[derive(Clone, Debug, Default)]
pub struct ElevationTerms {
    /// The longest time.
    pub max: Option<SignedDuration>,
    /// How many people must have approved it.
    pub min_approvers: u32,
    /// The functions of which each must have approved it.
    pub functions: Vec<String>,
    /// The hours within which it may be granted.
    pub window: Option<Window>,
}

impl ElevationTerms {
    fn new(file: ElevationFile, people: &People, complaints: &mut Complaints) -> Self {
        people.check(&file.functions, complaints);
        let mut max = None;
        if let Some(written) = file.max {
            max = moment::duration(&written.value);
            if max.is_none() {
                let help = "write hours or days: `720h`, `30d`".to_owned();
                complaints.add(written.span, format!("`{}` is no length of time", written.value), help);
            }
        }
        let mut window = None;
        if let Some(written) = file.window {
            match Window::parse(&written.value) {
                Ok(read) => window = Some(read),
                Err(message) => complaints.add(written.span, message, Window::FORM.to_owned()),
            }
        }
        let functions = file.functions.into_iter().map(|name| name.value).collect();
        Self { max, min_approvers: file.min_approvers.map_or(1, |number| number.value), functions, window }
    }
}

/// What makers of a tier may use.
#[derive(Clone, Debug, Default)]
struct Capabilities {
    allow: BTreeSet<String>,
    deny: BTreeSet<String>,
}

/// All that is asked of makers and apps by tier.
#[derive(Clone, Debug, Default)]
pub struct Tiers {
    makers: BTreeMap<String, Capabilities>,
    elevation: Option<ElevationTerms>,
    gates: BTreeMap<Tier, Gate>,
    /// What counts how much in the risk of an app.
    pub weights: Weights,
}

/// The parts of a policy that speak of tiers.
#[derive(Debug, Default)]
pub(super) struct TierFiles {
    pub(super) makers: BTreeMap<String, CapabilitiesFile>,
    pub(super) elevation: Option<ElevationFile>,
    pub(super) gates: Option<GatesFile>,
    pub(super) risk: Option<RiskFile>,
}

/// Everything that there is.
const EVERYTHING: &str = "*";

impl Tiers {
    pub(super) fn new(files: TierFiles, people: &People, complaints: &mut Complaints) -> Self {
        let mut capabilities = |written: Vec<Spanned<String>>| -> BTreeSet<String> {
            for name in &written {
                if name.value != EVERYTHING {
                    check_word(name, MakerCapability::WORDS, "capability", complaints);
                }
            }
            written.into_iter().map(|name| name.value).collect()
        };
        let mut makers = BTreeMap::new();
        for (tier, file) in files.makers {
            makers.insert(tier, Capabilities { allow: capabilities(file.allow), deny: capabilities(file.deny) });
        }
        let gates = files.gates.unwrap_or_default();
        let gates = [(Tier::Low, gates.low), (Tier::Moderate, gates.moderate), (Tier::High, gates.high)];
        let gates = gates.into_iter().filter_map(|(tier, file)| Some((tier, Gate::new(file?, tier, people, complaints)))).collect();
        let elevation = files.elevation.map(|file| ElevationTerms::new(file, people, complaints));
        Self { makers, elevation, gates, weights: Weights::new(files.risk.unwrap_or_default(), complaints) }
    }

    /// Whether makers of `tier` may use that; none where the policy says nothing of the tier.
    #[must_use]
    pub fn allows(&self, tier: &str, capability: MakerCapability) -> Option<bool> {
        let maker = self.makers.get(tier)?;
        let named = |names: &BTreeSet<String>| names.contains(EVERYTHING) || names.contains(capability.name());
        Some(named(&maker.allow) && !named(&maker.deny))
    }

    /// The tiers of makers that the policy knows.
    pub fn makers(&self) -> impl Iterator<Item = &str> {
        self.makers.keys().map(String::as_str)
    }

    /// On which terms elevations are given; none where the policy says none.
    #[must_use]
    pub fn elevation(&self) -> Option<&ElevationTerms> {
        self.elevation.as_ref()
    }

    /// The gate of a tier; none where the policy says none.
    #[must_use]
    pub fn gate(&self, tier: Tier) -> Option<&Gate> {
        self.gates.get(&tier)
    }
}

/// Complains when `name` is none of `words`.
pub(super) fn check_word(name: &Spanned<String>, words: &[Word], what: &str, complaints: &mut Complaints) {
    let known: Vec<&str> = words.iter().map(|word| word.name).collect();
    if !known.contains(&name.value.as_str()) {
        let meant = nearest(&name.value, &known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        complaints.add(name.span, format!("`{}` is no {what}", name.value), format!("{meant}allowed: {}", known.join(", ")));
    }
}

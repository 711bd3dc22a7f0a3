//! What counts how much in the risk of an app: the shipped weights, and those that a policy sets instead.

use super::wrong::Complaints;
use crate::tree::de::{Spanned, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What counts how much in the risk of an app. What is not set counts as Flowgate ships it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RiskFile {
    /// By the class of its data.
    pub class: BTreeMap<String, Spanned<u32>>,
    /// By who uses it: `self`, `team`, `internal`, `external`, `anonymous`.
    pub audience: BTreeMap<String, Spanned<u32>>,
    /// By the strongest thing that it does: `read`, `write`, `delete`, `admin`, `execute`.
    pub capability: BTreeMap<String, Spanned<u32>>,
    /// By how much depends on it: `0` to `3`.
    pub criticality: BTreeMap<String, Spanned<u32>>,
    /// By how it is entered: `none`, `schedule`, `event`, `users`, `tenant`, `authenticated`, `url-secret`, `public`.
    pub entry: BTreeMap<String, Spanned<u32>>,
    /// By where data goes: `none`, `approved`, `unknown`, `unapproved`.
    pub egress: BTreeMap<String, Spanned<u32>>,
    /// By whose rights it runs with: `none`, `invoker`, `service`, `maker`, `shared`, `unknown`.
    pub identity: BTreeMap<String, Spanned<u32>>,
    /// How many times class, audience, capability and criticality count.
    pub impact: Option<Spanned<u32>>,
    /// How many times entry, egress and identity count.
    pub exposure: Option<Spanned<u32>>,
    /// The score from which on the risk is moderate.
    pub moderate: Option<Spanned<u32>>,
    /// The score from which on the risk is high.
    pub high: Option<Spanned<u32>>,
}

/// What the risk of an app is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Factor {
    /// The class of its data.
    Class,
    /// Who uses it.
    Audience,
    /// The strongest thing that it does.
    Capability,
    /// How much depends on it.
    Criticality,
    /// How it is entered.
    Entry,
    /// Where data goes.
    Egress,
    /// Whose rights it runs with.
    Identity,
}

impl Factor {
    /// All, those of the impact first.
    pub const ALL: [Self; 7] =
        [Self::Class, Self::Audience, Self::Capability, Self::Criticality, Self::Entry, Self::Egress, Self::Identity];

    /// As policies and reports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Audience => "audience",
            Self::Capability => "capability",
            Self::Criticality => "criticality",
            Self::Entry => "entry",
            Self::Egress => "egress",
            Self::Identity => "identity",
        }
    }

    /// Whether it is a part of what can happen, not of how easily.
    #[must_use]
    pub const fn is_impact(self) -> bool {
        matches!(self, Self::Class | Self::Audience | Self::Capability | Self::Criticality)
    }

    /// What it may be, with the weight that counts unless a policy says another, from the lightest.
    #[must_use]
    pub const fn usual(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::Class => &[("public", 0), ("internal", 1), ("confidential", 3), ("restricted", 5)],
            Self::Audience => &[("self", 0), ("team", 1), ("internal", 2), ("external", 4), ("anonymous", 4)],
            Self::Capability => &[("read", 0), ("write", 1), ("delete", 3), ("admin", 3), ("execute", 3)],
            Self::Criticality => &[("0", 0), ("1", 1), ("2", 2), ("3", 3)],
            Self::Entry => &[
                ("none", 0),
                ("schedule", 0),
                ("event", 1),
                ("users", 1),
                ("tenant", 2),
                ("authenticated", 2),
                ("url-secret", 3),
                ("public", 5),
            ],
            Self::Egress => &[("none", 0), ("approved", 1), ("unknown", 3), ("unapproved", 3)],
            Self::Identity => &[("none", 0), ("invoker", 0), ("service", 1), ("unknown", 2), ("maker", 2), ("shared", 2)],
        }
    }
}

/// What counts how much.
#[derive(Clone, Debug)]
pub struct Weights {
    own: BTreeMap<(Factor, String), u32>,
    impact: u32,
    exposure: u32,
    /// The score from which on the risk is moderate.
    pub moderate: u32,
    /// The score from which on the risk is high.
    pub high: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { own: BTreeMap::new(), impact: 3, exposure: 2, moderate: 15, high: 35 }
    }
}

/// The heaviest weight that may be set: scores stay numbers that one can read.
const HEAVIEST: u32 = 1000;

impl Weights {
    pub(super) fn new(file: RiskFile, complaints: &mut Complaints) -> Self {
        let mut weights = Self::default();
        let mut bounded = |number: Spanned<u32>| {
            if number.value > HEAVIEST {
                complaints.add(number.span, format!("{} is more than a weight may be", number.value), format!("at most {HEAVIEST}"));
            }
            number
        };
        let tables = [
            (Factor::Class, file.class),
            (Factor::Audience, file.audience),
            (Factor::Capability, file.capability),
            (Factor::Criticality, file.criticality),
            (Factor::Entry, file.entry),
            (Factor::Egress, file.egress),
            (Factor::Identity, file.identity),
        ];
        let mut unknown = Vec::new();
        for (factor, table) in tables {
            for (name, number) in table {
                let number = bounded(number);
                // Organisations have classes of their own.
                if factor != Factor::Class && factor.usual().iter().all(|(known, _)| *known != name) {
                    unknown.push((factor, name.clone(), number.span));
                }
                weights.own.insert((factor, name), number.value);
            }
        }
        let mut set = |written: Option<Spanned<u32>>, to: &mut u32| {
            let written = written.map(&mut bounded);
            *to = written.map_or(*to, |number| number.value);
            written.map(|number| number.span)
        };
        set(file.impact, &mut weights.impact);
        set(file.exposure, &mut weights.exposure);
        let bounds = [set(file.moderate, &mut weights.moderate), set(file.high, &mut weights.high)];
        for (factor, name, span) in unknown {
            let known: Vec<&str> = factor.usual().iter().map(|(name, _)| *name).collect();
            let meant = nearest(&name, &known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
            let help = format!("{meant}allowed: {}", known.join(", "));
            complaints.add(span, format!("`{name}` is no {} of an app", factor.name()), help);
        }
        if weights.moderate > weights.high
            && let Some(span) = bounds.into_iter().flatten().next()
        {
            let message = format!("the risk would be high from {} and moderate from {} on", weights.high, weights.moderate);
            complaints.add(span, message, "moderate is not more than high".to_owned());
        }
        weights
    }

    /// How much it counts that `factor` is `word`. Of a class that has no weight, its rank among `classes` decides.
    #[must_use]
    pub fn of(&self, factor: Factor, word: &str, classes: &[String]) -> u32 {
        if let Some(own) = self.own.get(&(factor, word.to_owned())) {
            return *own;
        }
        let usual = factor.usual();
        match usual.iter().find(|(known, _)| *known == word) {
            Some((_, weight)) => *weight,
            None => {
                let most = usual.last().map_or(0, |(_, weight)| *weight);
                let last = classes.len().saturating_sub(1).max(1);
                classes.iter().position(|class| class == word).map_or(most, |rank| most * rank as u32 / last as u32)
            }
        }
    }

    /// How many times the factor counts.
    #[must_use]
    pub fn times(&self, factor: Factor) -> u32 {
        if factor.is_impact() { self.impact } else { self.exposure }
    }
}

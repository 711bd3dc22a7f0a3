//! How bad findings of single rules are under the policy.

use super::PolicyError;
use super::file::{ModeFile, RuleLevelFile, RulesFile};
use super::read::Reading;
use crate::finding::Severity;
use crate::model::vocabulary::Tier;
use crate::source::Span;
use crate::tree::de::Spanned;
use std::collections::BTreeMap;

/// What the policy says of rules.
#[derive(Debug, Default)]
pub struct Rules {
    profile: Option<Spanned<String>>,
    levels: BTreeMap<String, RuleLevelFile>,
    floor: BTreeMap<String, Severity>,
    /// The places of all names of rules.
    places: Vec<(String, Span)>,
}

impl Rules {
    pub(super) fn new(file: RulesFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let names = file.named.keys().chain(file.floor.keys());
        let places = names.map(|name| (name.value.clone(), name.span)).collect();
        for (name, level) in &file.named {
            let floor = file.floor.iter().find(|(known, _)| known.value == name.value).map(|known| *known.1);
            if let (Some(floor), Some(severity)) = (floor, level.severity)
                && severity < floor
            {
                let message = format!("`{}` is {severity} here, and its floor is {floor}", name.value);
                return Err(reading.wrong(name.span, message, Some("a floor is what nothing makes less severe".into())));
            }
        }
        let profiles = ["recommended", "strict", "audit"];
        if let Some(profile) = file.profile.as_ref().filter(|profile| !profiles.contains(&profile.value.as_str())) {
            let help = format!("allowed: {}", profiles.join(", "));
            return Err(reading.wrong(profile.span, format!("`{}` is no profile", profile.value), Some(help)));
        }
        let levels = file.named.into_iter().map(|(name, level)| (name.value, level)).collect();
        let floor = file.floor.into_iter().map(|(name, severity)| (name.value, severity)).collect();
        Ok(Self { profile: file.profile, levels, floor, places })
    }

    /// The smallest set of rules that is asked, whatever the command line says.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.value.as_str())
    }

    /// Whether the rule is asked at all.
    #[must_use]
    pub fn asks(&self, rule: &str) -> bool {
        self.floor.contains_key(rule) || self.levels.get(rule).is_none_or(|level| level.mode != ModeFile::Off)
    }

    /// The severity of a finding of the rule.
    #[must_use]
    pub fn severity(&self, rule: &str, severity: Severity) -> Severity {
        let severity = self.levels.get(rule).and_then(|level| level.severity).unwrap_or(severity);
        severity.max(self.floor.get(rule).copied().unwrap_or(Severity::Info))
    }

    /// Whether findings of the rule may block, in an app of that tier of risk; one whose tier nobody knows counts as high.
    #[must_use]
    pub fn blocks(&self, rule: &str, tier: Option<Tier>) -> bool {
        let level = self.levels.get(rule).copied().unwrap_or_default();
        let below = level.from_tier.is_some_and(|from| tier.is_some_and(|tier| tier < from));
        self.floor.contains_key(rule) || level.mode != ModeFile::Audit && !below
    }

    /// The names of rules in the policy, with their places.
    pub(super) fn names(&self) -> &[(String, Span)] {
        &self.places
    }
}

//! Who has to agree to which kind of change.

use crate::model::change::Decision;
use crate::tree::de::Spanned;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The functions that have to agree to a change, by its kind. A kind that is not named is covered by the more general one, where that
/// is named; the kinds and what covers them are listed in `docs/diff.md`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DecisionRightsFile(BTreeMap<Decision, Vec<Spanned<String>>>);

/// Who has to agree, ready to be asked.
#[derive(Debug, Default)]
pub struct DecisionRights(BTreeMap<Decision, Vec<String>>);

impl From<DecisionRightsFile> for DecisionRights {
    fn from(file: DecisionRightsFile) -> Self {
        let own = |functions: Vec<Spanned<String>>| functions.into_iter().map(|function| function.value).collect();
        Self(file.0.into_iter().map(|(decision, functions)| (decision, own(functions))).collect())
    }
}

impl DecisionRights {
    /// The functions that have to agree to a change of that kind; an empty list in the policy means that nobody has to.
    #[must_use]
    pub fn functions(&self, decision: Decision) -> &[String] {
        decision.chain().find_map(|decision| self.0.get(&decision)).map_or(&[], Vec::as_slice)
    }
}

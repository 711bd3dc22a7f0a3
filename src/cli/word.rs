//! Flags whose values are words of the library: it need not know clap for that.

use crate::finding::Severity;
use crate::model::inventory::ItemKind;
use crate::report::{FORMATS, Format, diff, inventory};
use crate::rule::Profile;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Takes the words of severities.
pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    // Worst first: the order in which one thinks of them.
    one_of(Severity::ALL.iter().rev().map(|severity| (severity.as_str(), *severity)).collect())
}

/// Takes the words of profiles.
pub(super) fn profile() -> impl TypedValueParser<Value = Profile> {
    one_of(Profile::ALL.iter().map(|profile| (profile.as_str(), *profile)).collect())
}

/// Takes the names of report formats.
pub(super) fn format() -> impl TypedValueParser<Value = &'static Format> {
    one_of(FORMATS.iter().map(|format| (format.name, format)).collect())
}

/// Takes the names of formats of comparisons.
pub(super) fn diff_format() -> impl TypedValueParser<Value = &'static diff::Format> {
    one_of(diff::FORMATS.iter().map(|format| (format.name, format)).collect())
}

/// Takes the names of formats of inventories.
pub(super) fn inventory_format() -> impl TypedValueParser<Value = &'static inventory::Format> {
    one_of(inventory::FORMATS.iter().map(|format| (format.name, format)).collect())
}

/// Takes the names of kinds of item.
pub(super) fn item_kind() -> impl TypedValueParser<Value = ItemKind> {
    one_of(ItemKind::ALL.iter().map(|kind| (kind.name(), *kind)).collect())
}

fn one_of<T: Copy + Send + Sync + 'static>(words: Vec<(&'static str, T)>) -> impl TypedValueParser<Value = T> {
    let allowed: Vec<PossibleValue> = words.iter().map(|(word, _)| PossibleValue::new(*word)).collect();
    PossibleValuesParser::new(allowed).map(move |given| {
        words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value).expect("clap lets only these words through")
    })
}

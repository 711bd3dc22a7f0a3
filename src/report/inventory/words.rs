//! What formats say of items, in the same words.

use crate::model::inventory::{Item, ItemKind};
use std::fmt::Write as _;

/// Facts that are told elsewhere, or that no reader of a list needs.
const UNTOLD: [&str; 3] = ["content", "key", "count"];

/// What is known of an item, a fact a text: `verb=read, write`.
pub(super) fn facts(item: &Item) -> Vec<String> {
    let told = item.facts.iter().filter(|(name, _)| !UNTOLD.contains(&name.as_ref()) || item.kind == ItemKind::Secret);
    told.map(|(name, texts)| format!("{name}={}", texts.join(", "))).collect()
}

/// A right in a few words: `role Clerk: read, write invoices (all)`.
pub(super) fn grant(item: &Item) -> String {
    let text = |fact| item.text(fact).unwrap_or_default();
    let who = [text("principal_kind"), text("principal")].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    let who = if who.is_empty() { "somebody" } else { &who };
    let rights = item.texts("rights");
    let mut what: Vec<String> = item.texts("power").to_vec();
    what.extend(if item.texts("verb").is_empty() { item.texts("action").to_vec() } else { item.texts("verb").to_vec() });
    if what.is_empty() && !rights.is_empty() {
        what.push(format!("{} rights", rights.len()));
    }
    let mut told = format!("{who}: {}", if what.is_empty() { "some right".to_owned() } else { what.join(", ") });
    if !text("resource").is_empty() {
        let _ = write!(told, " on {}", item.texts("resource").join(", "));
    }
    if !text("scope").is_empty() {
        let _ = write!(told, " ({})", text("scope"));
    }
    told
}

/// What is behind a number: `1 app`, `2 apps`.
pub(super) fn apps(number: usize) -> String {
    crate::report::count(number, "app")
}

//! What a node runs: code, commands, queries, other workflows.

use super::code::{self, Meaning};
use super::connection::host;
use super::endpoint::endpoint;
use super::expression::{self, Piece, pieces, references, script_references};
use super::node::{Code, Context, NodeParts};
use super::request;
use crate::model::vocabulary::{Capability, Language, Origin};
use crate::model::{ElementId, Fact, Place, Reference, Source, StepId};
use crate::tree::Node;
use std::borrow::Cow;

/// What comes in, where code reads it by other names than those of expressions: Python writes `_input` for `$input`, the code of
/// chains asks for it.
pub(super) fn other_input<'t>(node: Node<'t>, text: &str, language: Language) -> Option<Reference<'t>> {
    let names: &[&str] = if language == Language::Python { &["_input", "_json", "_items"] } else { &["getInputData("] };
    let reads = names.iter().any(|name| text.contains(name));
    reads.then(|| Reference { from: Source::Incoming(None), place: Place::of(node) })
}

/// What a model hands to a tool of code, where the code reads it: under the name of `query`.
fn tool_input<'t>(parts: &NodeParts<'t>, node: Node<'t>, text: &str) -> Option<Reference<'t>> {
    let reads = parts.base == "toolCode" && code::uses(text, "query");
    reads.then(|| Reference { from: Source::Origin(Origin::Model), place: Place::of(node) })
}

pub(super) fn run_code<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    let mut reaches: Vec<&'static str> = Vec::new();
    for Code { node, text, language, meanings } in parts.code() {
        let node = *node;
        context.model.element_mut(element).set(Fact::ActionLanguage, *language, Place::of(node));
        let mut first = None;
        for (meaning, range) in meanings {
            match meaning {
                Meaning::Reaches(what) => {
                    first = first.or_else(|| Some(Place::part(node, range.clone())));
                    if !reaches.contains(what) {
                        reaches.push(what);
                    }
                }
                Meaning::Weak(algorithm) => {
                    context.model.element_mut(element).set(Fact::ActionAlgorithm, *algorithm, Place::part(node, range.clone()));
                }
                _ => {}
            }
        }
        if let Some(place) = first {
            context.model.element_mut(element).set(Fact::ActionCodeReaches, reaches.clone(), place);
        }
        // Code that is itself put together by an expression: what feeds it is run.
        if expression::is_expression(text) && text.contains("{{") {
            let parts = references(node, context.steps, false);
            context.sink(element, step, Fact::ActionCodeFrom, parts, Place::of(node));
        }
        if reaches.contains(&"process") {
            host(context, parts, step, Capability::Command);
        } else if reaches.contains(&"filesystem") {
            host(context, parts, step, Capability::Files);
        }
        if reaches.contains(&"network") {
            request::requests(context, parts, step, node, text);
        }
        if request::makes_up_query(text) {
            let mut found = script_references(node, text, 0..text.len(), context.steps, true);
            found.extend(other_input(node, text, *language));
            found.extend(tool_input(parts, node, text));
            context.sink(element, step, Fact::ActionQueryFrom, found, Place::of(node));
        }
        if reaches.contains(&"eval") || reaches.contains(&"process") && code::runs_made_up_command(text) {
            let mut found = script_references(node, text, 0..text.len(), context.steps, true);
            found.extend(other_input(node, text, *language));
            found.extend(tool_input(parts, node, text));
            context.sink(element, step, Fact::ActionCodeFrom, found, first.unwrap_or(Place::of(node)));
        }
    }
}

pub(super) fn command<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    let Some(node) = parts.parameter(&["command"]) else { return };
    context.model.element_mut(element).set(Fact::ActionLanguage, Language::Shell, Place::of(node));
    let mut found = references(node, context.steps, false);
    let mut place = node;
    // The ssh node makes `cd` of it.
    if let Some(folder) = parts.parameter(&["cwd"]).filter(|_| found.is_empty()) {
        found = references(folder, context.steps, false);
        place = folder;
    }
    context.sink(element, step, Fact::ActionCommandFrom, found, Place::of(place));
}

pub(super) fn call<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    match parts.text(&["source"]).as_deref() {
        // A workflow that is handed over may hold code of any kind.
        Some("parameter") => {
            let Some(node) = parts.parameter(&["workflowJson"]) else { return };
            let found = references(node, context.steps, false);
            if !found.is_empty() {
                context.model.element_mut(element).set(Fact::ActionLanguage, Language::Javascript, Place::of(node));
                context.sink(element, step, Fact::ActionCodeFrom, found, Place::of(node));
            }
            return;
        }
        Some("url") => {
            if let Some(node) = parts.parameter(&["workflowUrl"]) {
                endpoint(context, parts, step, node);
            }
            return;
        }
        _ => {}
    }
    let Some(node) = parts.parameter(&["workflowId"]) else { return };
    let value = if node.is_object() { node.get("value") } else { Some(node) };
    let Some((value, text)) = value.and_then(|value| Some((value, value.as_text()?))) else { return };
    let target = if text.contains("$workflow.id") { Cow::Borrowed("self") } else { text };
    context.model.element_mut(element).set(Fact::ActionTarget, target, Place::of(value));
}

/// The text of a query in a language of a service's own.
pub(super) fn query_text<'t>(parts: &NodeParts<'t>) -> Option<(Node<'t>, Language)> {
    let (path, language): (&[&str], _) = match parts.base.strip_suffix("Tool").unwrap_or(parts.base) {
        "mongoDb" | "graphql" | "salesforce" => (&["query"], Language::Query),
        "elasticsearch" => (&["options", "query"], Language::Query),
        "supabase" => (&["filterString"], Language::Query),
        "airtable" => (&["filterByFormula"], Language::Filter),
        "jira" => (&["options", "jql"], Language::Filter),
        "nocoDb" => (&["options", "where"], Language::Filter),
        _ => return None,
    };
    let node = parts.parameter(path).or_else(|| parts.parameter(&["query"]).filter(|_| parts.base.starts_with("elastic")))?;
    Some((node, language))
}

pub(super) fn sql_text<'t>(parts: &NodeParts<'t>) -> Option<Node<'t>> {
    let names = ["query", "sqlQuery", "cypherQuery", "sql", "statement"];
    names.iter().find_map(|name| parts.parameter(&[name])).filter(|node| node.as_str().is_some())
}

/// Databases in which two quotes are one within a text, and a backslash is a letter like others: nothing else ends the text there.
const STANDARD: [&str; 14] = [
    "postgres",
    "timescaleDb",
    "crateDb",
    "questDb",
    "microsoftSql",
    "sqlite",
    "sqlite3",
    "sqliteNode",
    "libSql",
    "turso",
    "duckDb",
    "firebird",
    "oracleDb",
    "db2",
];

/// What feeds a query: not the values in its texts whose quotes are doubled, where that keeps them in.
fn query_references<'t>(context: &Context<'_, 't>, parts: &NodeParts<'t>, query: Node<'t>, always: bool) -> Vec<Reference<'t>> {
    let text = query.as_str().filter(|_| STANDARD.contains(&parts.base.strip_suffix("Tool").unwrap_or(parts.base)));
    let Some(text) = text else { return references(query, context.steps, always) };
    let (mut found, mut quotes) = (Vec::new(), 0);
    for piece in pieces(&text, always) {
        match piece {
            Piece::Text(range) => quotes += memchr::memchr_iter(b'\'', &text.as_bytes()[range]).count(),
            Piece::Script(range) if quotes % 2 == 1 && expression::doubles_quotes(&text[range.clone()]) => {}
            Piece::Script(range) => found.extend(script_references(query, &text, range, context.steps, false)),
        }
    }
    found
}

/// Queries. The nodes of version 2 and later evaluate `{{ }}` in the query themselves, so it counts without `=`.
pub(super) fn sql<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    // The editor keeps the query of an operation that was chosen before.
    let words: &[&str] = if parts.is_core() { &[] } else { &["query", "Query", "sql", "Sql"] };
    let is_query = |operation: &str| operation.starts_with("execute") || words.iter().any(|word| operation.contains(word));
    let runs = parts.text(&["operation"]).is_none_or(|operation| is_query(&operation));
    let Some(query) = sql_text(parts).filter(|_| runs) else { return };
    context.model.element_mut(element).set(Fact::ActionLanguage, Language::Sql, Place::of(query));
    let always = parts.version >= 2.0 || matches!(parts.base, "microsoftSql" | "snowflake") && parts.version > 1.0;
    let references = query_references(context, parts, query, always);
    // The caret belongs under the first part that comes from elsewhere, not under pages of SQL.
    let place = references.first().map_or(Place::of(query), |reference| reference.place);
    context.sink(element, step, Fact::ActionQueryFrom, references, place);
}

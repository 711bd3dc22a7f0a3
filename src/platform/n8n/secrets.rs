//! Secrets in nodes: every text of a node is looked at with what its place says about it.

use super::node::{Context, NodeParts};
use crate::model::StepId;
use crate::model::secret::{self, Position, is_secret_name};
use crate::model::vocabulary::SecretPlace;
use crate::platform::secrets::{Hit, scan, scan_text};
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// Adds the secrets in the parameters of a node.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: Option<StepId>) {
    let Some(parameters) = parts.parameters else { return };
    let mut found = Vec::new();
    if parts.is_note() {
        let content = parameters.get("content").into_iter();
        content.for_each(|node| scan(context.tokens, node, None, Position::Prose, SecretPlace::Prose, &mut found));
    } else {
        visit(context.tokens, parameters, None, "", parts, &mut found);
    }
    for hit in found {
        let mut element = hit.element(context.app, &parts.id, parts.name.clone());
        element.step = step;
        context.model.secrets.push(hit.place);
        context.model.add(element);
    }
}

/// Fewest bytes of a text that is worth a look, with its quotes.
const SHORTEST: usize = 2 + secret::SHORTEST;

/// Walks the parameters; `holder` is the name of the nearest member around a list of names and values.
fn visit<'t>(tokens: &[u32], node: Node<'t>, key: Option<&Cow<'t, str>>, holder: &str, parts: &NodeParts<'t>, found: &mut Vec<Hit<'t>>) {
    if node.is_array() {
        node.items().for_each(|item| visit(tokens, item, key, holder, parts, found));
        return;
    }
    if node.is_object() {
        let pair = pair_name(node);
        for member in node.members() {
            let name = member.key().unwrap_or_default();
            match &pair {
                Some(pair) if !member.is_object() && (name == "value" || name.ends_with("Value")) => {
                    let (position, kind) = pair_position(pair, holder);
                    scan(tokens, member, Some(pair), position, kind, found);
                }
                None if matches!(&*name, "rightValue" | "value2") && compared(node).is_some() => {
                    let (name, position, kind) = compared(node).expect("it is there");
                    scan(tokens, member, Some(&name), position, kind, found);
                }
                _ => {
                    let lists = matches!(&*name, "parameters" | "parameter" | "values" | "assignments" | "string" | "entries");
                    let inner = if lists && !holder.is_empty() { holder } else { &name };
                    visit(tokens, member, Some(&name), inner, parts, found);
                }
            }
        }
        return;
    }
    if node.kind() == ValueKind::String && node.span().len() >= SHORTEST {
        let key_text = key.map(|key| &**key).unwrap_or_default();
        let (position, kind) = position(key_text, holder, parts);
        let code = parts.code().iter().find(|code| code.node == node).map(|code| &*code.text);
        scan_text(tokens, node, code, key, position, kind, found);
    }
}

/// The name of the secret that a condition compares something with: `$json.headers['x-api-key']`.
fn compared(condition: Node<'_>) -> Option<(Cow<'_, str>, Position, SecretPlace)> {
    let left = condition.get("leftValue").or_else(|| condition.get("value1"))?.as_str()?;
    let left = left.trim_end_matches([' ', '}', ']', '\'', '"']);
    let name = left.rsplit(['.', '\'', '"', '[']).next().filter(|name| is_secret_name(name))?.to_owned();
    let (position, kind) = pair_position(&name, if left.contains("eaders") { "headers" } else { "body" });
    Some((Cow::Owned(name), position, kind))
}

/// The name beside a value: `{name: "Authorization", value: "Bearer .."}`.
fn pair_name(object: Node<'_>) -> Option<Cow<'_, str>> {
    let name = object.get("name")?;
    let valued = object.members().any(|member| member.key().is_some_and(|key| key.ends_with("alue")));
    if valued { name.as_str() } else { None }
}

fn pair_position(name: &str, holder: &str) -> (Position, SecretPlace) {
    if speaks_of(holder, "header") {
        return if ["authorization", "proxy-authorization"].iter().any(|header| name.eq_ignore_ascii_case(header)) {
            (Position::AuthorizationHeader, SecretPlace::AuthHeader)
        } else {
            (Position::Header, SecretPlace::Header)
        };
    }
    if speaks_of(holder, "query") {
        return (Position::QueryParameter, SecretPlace::Query);
    }
    if speaks_of(holder, "body") {
        return (Position::BodyField, SecretPlace::Body);
    }
    (Position::Variable, SecretPlace::Variable)
}

/// Whether `word` is in a name, in capitals or small letters. Names are so short that a search costs more to set up than to do.
fn speaks_of(name: &str, word: &str) -> bool {
    name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

fn position(key: &str, holder: &str, parts: &NodeParts<'_>) -> (Position, SecretPlace) {
    match key {
        "jsCode" | "functionCode" | "pythonCode" | "code" | "command" | "query" | "sqlQuery" => (Position::Code, SecretPlace::Code),
        "jsonBody" | "body" | "bodyParametersJson" | "rawBody" | "specifyBody" => (Position::BodyField, SecretPlace::Body),
        "jsonHeaders" | "headerParametersJson" => (Position::Header, SecretPlace::Header),
        "jsonQuery" | "queryParametersJson" | "url" | "endpoint" | "endpointUrl" | "sseEndpoint" => {
            (Position::QueryParameter, SecretPlace::Query)
        }
        "jsonOutput" if parts.base == "set" => (Position::Variable, SecretPlace::Variable),
        "text" | "message" | "systemMessage" | "content" | "prompt" | "description" | "notes" | "toolDescription" | "subject" | "html"
        | "responseBody" => (Position::Prose, SecretPlace::Prose),
        _ if parts.base == "set" && is_secret_name(key) => (Position::Variable, SecretPlace::Variable),
        _ if is_secret_name(key) => (Position::CredentialField, SecretPlace::CredentialField),
        _ if holder.as_bytes().windows(5).any(|part| part == b"eader") => (Position::Header, SecretPlace::Header),
        _ => (Position::Other, SecretPlace::Other),
    }
}

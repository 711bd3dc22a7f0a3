//! Secrets in definitions: every text of a part is looked at with what its place says about it.

use super::expression::{self, Piece};
use super::part::{Part, member};
use super::{Context, Definition};
use crate::model::Place;
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::SecretPlace;
use crate::platform::lower_case;
use crate::platform::secrets::{Hit, holds_token, lower_rest, scan, scan_joined, scan_part, scan_text};
use crate::tree::{Node, NodeId, ValueKind};
use std::borrow::Cow;

/// Adds the secrets in a trigger or action; those of the parts within it are theirs.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>) {
    let own = part.node.members().filter(|node| {
        let name = node.key().unwrap_or_default();
        let elsewhere = ["actions", "else", "cases", "default", "tools", "runAfter", "metadata", "type", "kind"];
        !elsewhere.iter().any(|other| name.eq_ignore_ascii_case(other))
    });
    let mut found = Vec::new();
    let mut looked_at = Vec::new();
    for member in own {
        let mut visit = Visit { context, part, found: &mut found, looked_at: &mut looked_at };
        visit.all(member);
    }
    context.looked_at.extend(looked_at);
    for hit in found {
        let mut element = hit.element(context.app, &part.name, part.name.clone());
        element.step = Some(part.step);
        context.model.secrets.push(hit.place);
        context.model.add(element);
    }
}

/// Adds the secrets that parameters of the definition hold.
pub(super) fn parameters(context: &mut Context<'_, '_>) {
    let Definition { node, tokens } = context.definition;
    for parameter in member(node, "parameters").into_iter().flat_map(Node::members) {
        let name = parameter.key().unwrap_or_default();
        let Some(value) = member(parameter, "defaultValue") else { continue };
        if holds_token(value, tokens) {
            context.looked_at.extend(value.descend().map(Node::id));
        }
        if name.starts_with('$') {
            continue;
        }
        if context.host.parameter(&name).is_told_elsewhere {
            continue;
        }
        let mut found = Vec::new();
        let is_secure = context.secure_parameters.contains(&name.to_lowercase());
        let position = if is_secure { Position::CredentialField } else { Position::Variable };
        for text in value.descend().filter(|node| node.kind() == ValueKind::String) {
            if text.as_str().is_some_and(|text| !expression::is_dynamic(&text) && !context.host.is_template(&text)) {
                let key = if text.id() == value.id() { Some(name.clone()) } else { text.key() };
                // A token is one whatever it is called; that a parameter is for a secret only its name says.
                let named = is_secure || key.as_deref().is_some_and(is_secret_name);
                let kind = if named { SecretPlace::Variable } else { SecretPlace::Other };
                scan(tokens, text, key.as_ref(), position, kind, &mut found);
            }
        }
        // A variable of the environment is one and the same in every flow that has a copy of it.
        let variable = parameter.at(&["metadata", "schemaName"]).and_then(Node::as_str);
        let id = variable.map_or_else(|| format!("parameters.{name}"), Cow::into_owned);
        for hit in found {
            let element = hit.element(context.app, &id, name.clone());
            context.model.secrets.push(hit.place);
            context.model.add(element);
        }
    }
}

/// Adds the tokens of issuers where nothing of the definition is for secrets: in names of steps, labels, notes.
pub(super) fn rest(context: &mut Context<'_, '_>) {
    let Definition { node: definition, tokens } = context.definition;
    if !holds_token(definition, tokens) {
        return;
    }
    let owner = context.model.app(context.app).name.clone();
    let elsewhere = |node: Node<'_>, text: &str| context.looked_at.contains(&node.id()) || context.host.is_template(text);
    let mut found = Vec::new();
    lower_rest(tokens, definition, &elsewhere, &mut found);
    for hit in found {
        let element = hit.element(context.app, "definition", owner.clone());
        context.model.secrets.push(hit.place);
        context.model.add(element);
    }
}

/// What the place of a text says about it: its name, and how probable a secret is there.
type Placed<'t> = (Option<Cow<'t, str>>, Position, SecretPlace);

struct Visit<'v, 'c, 't> {
    context: &'v Context<'c, 't>,
    part: &'v Part<'t>,
    found: &'v mut Vec<Hit<'t>>,
    looked_at: &'v mut Vec<NodeId>,
}

impl<'t> Visit<'_, '_, 't> {
    /// Looks at all texts of a member of the part.
    fn all(&mut self, member: Node<'t>) {
        let is_inputs = member.key().is_some_and(|key| key.eq_ignore_ascii_case("inputs"));
        if member.is_object() {
            member.members().for_each(|group| self.group(group, is_inputs));
        } else {
            self.group(member, is_inputs);
        }
    }

    fn group(&mut self, group: Node<'t>, is_input: bool) {
        let holder = if is_input { group.key().unwrap_or_default() } else { Cow::Borrowed("") };
        if holder == "variables" {
            group.items().for_each(|variable| self.variable(variable));
            return;
        }
        let holder = lower_case(&holder);
        for node in group.descend().filter(|node| node.kind() == ValueKind::String) {
            self.text(node, self.place(node, &holder));
        }
    }

    /// Looks at what a variable begins with.
    fn variable(&mut self, variable: Node<'t>) {
        let name = variable.get("name").and_then(Node::as_str);
        let texts = variable.get("value").into_iter().flat_map(Node::descend).filter(|node| node.kind() == ValueKind::String);
        for node in texts {
            self.text(node, (name.clone(), Position::Variable, SecretPlace::Variable));
        }
    }

    fn text(&mut self, node: Node<'t>, (name, position, kind): Placed<'t>) {
        let tokens = self.context.definition.tokens;
        let quiet = matches!(position, Position::Prose | Position::Other | Position::SampleData);
        let shaped = holds_token(node, tokens);
        if quiet && !shaped {
            return;
        }
        let Some(text) = node.as_str() else { return };
        if shaped {
            self.looked_at.push(node.id());
        }
        if self.context.host.is_template(&text) {
            return;
        }
        if let Some(whole) = expression::literal(&text) {
            scan_joined(node, &whole, name.as_ref(), position, kind, self.found);
            return;
        }
        let before = self.found.len();
        if !expression::is_expression(&text) {
            scan_text(tokens, node, Some(&text), name.as_ref(), position, kind, self.found);
        }
        // Of an expression only the texts in it stand there.
        let is_whole = expression::is_expression(&text) && (position != Position::Variable || shaped);
        // A credential that is made of others and a text has that text within.
        let is_credential = matches!(position, Position::AuthorizationHeader | Position::CredentialField) && self.found.len() == before;
        if is_whole || is_credential {
            for piece in expression::pieces(&text) {
                let Piece::Expression(range) = piece else { continue };
                for range in expression::strings(&text, range) {
                    scan_part(&|range| Place::part(node, range), &text, range, name.as_ref(), position, kind, self.found);
                }
            }
        }
    }

    /// What the place of a text says about it; `holder` is the input that it is in, in lower case.
    fn place(&self, node: Node<'t>, holder: &str) -> Placed<'t> {
        let key = node.key();
        // Parameters of operations are written with their way: `emailMessage/Body`, `request/headers`.
        let last = key.map(|key| match key {
            Cow::Borrowed(key) => Cow::Borrowed(last_part(key)),
            Cow::Owned(key) => Cow::Owned(last_part(&key).to_owned()),
        });
        let name = last.as_deref().unwrap_or_default();
        let lower = lower_case(name);
        let header = || match &*lower {
            "authorization" | "proxy-authorization" => (Position::AuthorizationHeader, SecretPlace::AuthHeader),
            _ => (Position::Header, SecretPlace::Header),
        };
        let variable = |name: Option<Cow<'t, str>>| (name, Position::Variable, SecretPlace::Variable);
        let (position, kind) = match (holder, &*lower) {
            ("headers", _) => header(),
            ("queries", _) => (Position::QueryParameter, SecretPlace::Query),
            ("uri" | "path", _) => (Position::QueryParameter, SecretPlace::Query),
            ("authentication", "password" | "secret" | "pfx" | "value" | "certificate") => {
                (Position::CredentialField, SecretPlace::CredentialField)
            }
            ("authentication" | "schema" | "host", _) => (Position::Other, SecretPlace::Other),
            ("body", _) => (Position::BodyField, SecretPlace::Body),
            ("code", _) => (Position::Code, SecretPlace::Code),
            ("value", "value") => return variable(self.part.text(&["name"])),
            _ if self.part.kind == "compose" => {
                let own = lower == "inputs" || name.is_empty();
                return variable(if own { Some(self.part.name.clone()) } else { last });
            }
            ("parameters", _) if is_secret_name(name) => (Position::CredentialField, SecretPlace::CredentialField),
            ("parameters", "authorization") => header(),
            ("parameters", "headers" | "httprequestheaders") => (Position::Header, SecretPlace::Header),
            ("parameters", "uri" | "url") => (Position::QueryParameter, SecretPlace::Query),
            _ => (Position::Other, SecretPlace::Other),
        };
        (last, position, kind)
    }
}

/// What is behind the last `/`.
fn last_part(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |parts| parts.1)
}

//! What a node does: its operation, what it does to the world, what it hands on, what happens when it fails.

use super::catalogue::{NodeType, Role, verb_of};
use super::code::{self, Meaning};
use super::connection::{host, server_address};
use super::endpoint::{asks_model, endpoint, http};
use super::expression::{Piece, pieces, references, script_references};
use super::message::{grants, is_addressee, messages};
use super::node::{Code, Context, HashSet, NodeParts, data_source, hands_on};
use super::run::{call, command, other_input, query_text, run_code, sql, sql_text};
use crate::model::vocabulary::{Capability, Confirm, DataSourceKind, OnError, Origin, Verb};
use crate::model::{EdgeKind, Element, ElementId, Fact, Kind, Output, Place, Reference, Source, StepId};
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

pub(super) fn action<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, node_type: NodeType) {
    let (operation, operation_place) = operation(parts, node_type);
    let is_tool = context.tools.contains(&step) || parts.base.ends_with("Tool") || parts.base.starts_with("tool");
    let verb = verb(parts, node_type, &operation);
    let mut element = context
        .element(Kind::Action, parts, step)
        .with(Fact::ActionConnector, parts.kind, parts.place())
        .with(Fact::ActionVerb, verb, operation_place)
        .with(Fact::ActionIsTool, is_tool, parts.place())
        .with(Fact::ActionOnError, effective_on_error(context, parts, step), parts.on_error_node.map_or(parts.place(), Place::of));
    if !operation.is_empty() {
        let asks = operation.contains("sendAndWait");
        element.set(Fact::ActionOperation, operation, operation_place);
        if asks {
            element.set(Fact::ActionConfirm, Confirm::Human, operation_place);
        }
    }
    details(&mut element, parts);
    let element = context.model.add(element);
    escapes(context, parts, element);
    // Whoever sends a mail or a message reads none.
    if let Some(data) = node_type.data.filter(|_| verb != Verb::Send) {
        data_source(context, parts, step, data);
    }
    match node_type.role {
        Role::Http => http(context, parts, step),
        Role::Sql => sql(context, parts, step, element),
        Role::Code => run_code(context, parts, step, element),
        Role::Host(capability) => {
            host(context, parts, step, capability);
            command(context, parts, step, element);
        }
        Role::Call => call(context, parts, step, element),
        Role::Service if parts.base == "rssFeedRead" => http(context, parts, step),
        _ => {}
    }
    messages(context, parts, step, element, verb);
    grants(context, parts, step);
    if let Some(node) = server_address(parts) {
        endpoint(context, parts, step, node);
    }
    if let Some((query, language)) = query_text(parts) {
        context.model.element_mut(element).set(Fact::ActionLanguage, language, Place::of(query));
        let parts = references(query, context.steps, false);
        context.sink(element, step, Fact::ActionQueryFrom, parts, Place::of(query));
    }
    given(context, parts, step, verb);
    let output = output(context, parts, node_type, verb);
    hands_on(context, step, output);
}

/// Parameters that say that all of what comes in is written, or which of the files that come in.
const WHOLE: [&str; 8] =
    ["dataMode", "mappingMode", "dataToSend", "sendBinaryData", "binaryPropertyName", "binaryData", "attachments", "inputDataFieldName"];

/// Keeps what the node is given, where it writes, sends, calls or asks a model.
fn given<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, verb: Verb) {
    let writes = matches!(verb, Verb::Write | Verb::Send | Verb::Share | Verb::Export) || verb == Verb::Execute && parts.code().is_empty();
    if !writes && !matches!(parts.node_type.role, Role::Call | Role::Model | Role::Agent) {
        return;
    }
    let mut found = Vec::new();
    let mut whole = parts.node_type.role == Role::Call;
    for node in parts.parameters.into_iter().flat_map(Node::descend) {
        if node.kind() != ValueKind::String {
            continue;
        }
        let references = references(node, context.steps, false);
        // Who is written to is no content.
        if !references.is_empty() && !is_addressee(node) {
            found.extend(references);
        }
        let is_choice = || !matches!(node.as_str().as_deref(), Some("defineBelow" | "fieldsUiValues"));
        whole |= node.key().is_some_and(|key| WHOLE.contains(&&*key)) && is_choice();
    }
    // A database of version 1 writes the columns that it names, from the fields of the same names.
    whole |= parts.node_type.role == Role::Sql && parts.parameter(&["columns"]).is_some_and(|columns| columns.as_str().is_some());
    if whole {
        found.push(Reference { from: Source::Incoming(None), place: parts.place() });
    }
    context.model.given.push((step, found));
}

/// What happens when the node fails: a way out for errors that leads nowhere, or where success leads too, is none.
pub(super) fn effective_on_error(context: &Context<'_, '_>, parts: &NodeParts<'_>, step: StepId) -> OnError {
    let next = |from: StepId| context.edges.iter().filter(move |edge| edge.from == from && edge.kind == EdgeKind::Next).map(|edge| edge.to);
    match parts.on_error {
        OnError::Continue if next(step).any(|step| context.looks_at_errors.contains(&step)) => return OnError::Branch,
        OnError::Branch => {}
        kind => return kind,
    }
    let targets = |kind| -> HashSet<StepId> {
        context.edges.iter().filter(|edge| edge.from == step && edge.kind == kind).map(|edge| edge.to).collect()
    };
    let (mut errors, after) = (targets(EdgeKind::Error), targets(EdgeKind::Next));
    // A step that does nothing and leads nowhere handles nothing.
    errors.retain(|error| !context.idle.contains(error) || next(*error).next().is_some());
    if errors.is_subset(&after) { OnError::Continue } else { OnError::Branch }
}

/// Resource and operation, `resource.operation` where there are both, with n8n's defaults where the export names none.
pub(super) fn operation<'t>(parts: &NodeParts<'t>, node_type: NodeType) -> (Cow<'t, str>, Place) {
    let (resource, operation) = (parts.parameter(&["resource"]), parts.parameter(&["operation"]));
    let place = operation.or(resource).map_or(parts.place(), Place::of);
    let (default_resource, default_operation) = node_type.default.rsplit_once('.').unwrap_or(("", node_type.default));
    let resource = resource.and_then(Node::as_str).unwrap_or(Cow::Borrowed(default_resource));
    let operation = match operation.and_then(Node::as_str) {
        Some(operation) => operation,
        None if resource == default_resource => Cow::Borrowed(default_operation),
        None => Cow::Borrowed(""),
    };
    match (resource.is_empty(), operation.is_empty()) {
        (true, _) => (operation, place),
        (false, true) => (resource, place),
        (false, false) => (format!("{resource}.{operation}").into(), place),
    }
}

pub(super) fn verb(parts: &NodeParts<'_>, node_type: NodeType, operation: &str) -> Verb {
    match node_type.role {
        Role::Control | Role::Note => Verb::Control,
        Role::Transform | Role::Model | Role::Agent => Verb::Transform,
        Role::Call => Verb::Control,
        Role::Http => match parts.text(&["method"]).or_else(|| parts.text(&["requestMethod"])).as_deref() {
            Some("POST" | "PUT" | "PATCH") => Verb::Write,
            Some("DELETE") => Verb::Delete,
            // What decides on the method may decide for any.
            Some(method) if method.contains("{{") => Verb::Write,
            _ => Verb::Read,
        },
        Role::Host(Capability::Files) if matches!(parts.base, "readBinaryFile" | "readBinaryFiles") => Verb::Read,
        Role::Host(Capability::Files) => {
            if operation == "write" || parts.base == "writeBinaryFile" {
                Verb::Write
            } else {
                Verb::Read
            }
        }
        Role::Host(Capability::RemoteCommand) if operation.starts_with("file") => Verb::Write,
        Role::Host(Capability::Repository) => Verb::Write,
        Role::Host(_) => Verb::Execute,
        Role::Sql => sql_verb(parts, operation),
        Role::Code => code_verb(parts),
        Role::Service => service_verb(parts, operation, node_type),
    }
}

pub(super) fn service_verb(parts: &NodeParts<'_>, operation: &str, node_type: NodeType) -> Verb {
    let base = parts.base.strip_suffix("Tool").unwrap_or(parts.base);
    let found = verb_of(operation);
    let changes = matches!(found, Some(Verb::Write | Verb::Delete | Verb::Execute));
    match base {
        // What makes, changes or removes users and workflows of a platform is more than writing.
        "gSuiteAdmin" | "okta" | "microsoftEntra" | "n8n" | "auth0" | "awsIam" if changes => Verb::Admin,
        "awsLambda" => Verb::Execute,
        // In mail and chat nodes `create` and `post` of a message reach people.
        _ if node_type.data == Some(DataSourceKind::Messages) && operation.contains("message") && found == Some(Verb::Write) => Verb::Send,
        _ if base.starts_with("vectorStore") => match parts.text(&["mode"]).as_deref() {
            Some("insert" | "update") => Verb::Write,
            _ => Verb::Read,
        },
        _ => found.unwrap_or(Verb::Read),
    }
}

pub(super) fn sql_verb(parts: &NodeParts<'_>, operation: &str) -> Verb {
    if !operation.ends_with("executeQuery") {
        return match verb_of(operation) {
            Some(Verb::Execute) | None => Verb::Write,
            Some(verb) => verb,
        };
    }
    let query = sql_text(parts).and_then(Node::as_str).unwrap_or_default();
    let statements = query.trim_start_matches('=').split(';').map(|statement| {
        let lines = statement.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
        let mut words = lines.flat_map(str::split_whitespace).map(str::to_ascii_lowercase);
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    });
    let verbs = statements.filter(|words| !words.0.is_empty()).map(|words| match (words.0.trim_start_matches('('), &*words.1) {
        ("select" | "show" | "with" | "explain" | "describe" | "set" | "values", _) => Verb::Read,
        ("insert" | "update" | "upsert" | "merge" | "replace" | "begin" | "commit", _)
        | ("create", "table" | "index" | "unique" | "view" | "temp" | "temporary" | "type" | "sequence" | "schema") => Verb::Write,
        ("delete" | "truncate" | "drop", _) => Verb::Delete,
        _ => Verb::Execute,
    });
    // Of several statements the most powerful one counts.
    verbs
        .max_by_key(|verb| [Verb::Read, Verb::Write, Verb::Delete, Verb::Execute].iter().position(|known| known == verb))
        .unwrap_or(Verb::Execute)
}

pub(super) fn code_verb(parts: &NodeParts<'_>) -> Verb {
    let mut verb = Verb::Transform;
    for code in parts.code() {
        for (meaning, _) in &code.meanings {
            match meaning {
                Meaning::Reaches("process" | "filesystem" | "eval") | Meaning::Escape => return Verb::Execute,
                Meaning::Reaches("network") => verb = Verb::Read,
                _ => {}
            }
        }
    }
    verb
}

/// Facts that only some nodes have.
pub(super) fn details<'t>(element: &mut Element<'t>, parts: &NodeParts<'t>) {
    match parts.base {
        "crypto" => {
            let action = parts.text(&["action"]);
            if matches!(action.as_deref(), None | Some("hash" | "hmac")) {
                // n8n takes MD5 when the export names no algorithm.
                let kind = parts.parameter(&["type"]);
                let algorithm = kind.and_then(Node::as_str).unwrap_or(Cow::Borrowed("md5"));
                element.set(Fact::ActionAlgorithm, algorithm.to_ascii_lowercase().replace('-', ""), kind.map_or(parts.place(), Place::of));
            }
        }
        "ftp" => {
            let protocol = parts.parameter(&["protocol"]);
            let text = protocol.and_then(Node::as_str).unwrap_or(Cow::Borrowed("ftp"));
            element.set(Fact::ActionProtocol, text, protocol.map_or(parts.place(), Place::of));
        }
        _ => {}
    }
}

/// Breakouts from the sandbox, in expressions and in code. In expressions no honest use of these names is known.
pub(super) fn escapes<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, element: ElementId) {
    let in_code = parts.code().iter().find_map(|code| {
        let (_, range) = code.meanings.iter().find(|found| found.0 == Meaning::Escape)?;
        Some((code.text[range.clone()].to_owned(), Place::part(code.node, range.clone())))
    });
    let written = |node: &Node<'t>| node.kind() == ValueKind::String && node.raw().starts_with("\"=") && code::may_escape(node.raw());
    let strings = parts.parameters.into_iter().flat_map(Node::descend).filter(written);
    let mut in_expressions = strings.filter_map(|node| {
        let text = node.as_str()?;
        pieces(&text, false).into_iter().find_map(|piece| {
            let Piece::Script(script) = piece else { return None };
            let forbidden =
                |meaning: Meaning| matches!(meaning, Meaning::Escape | Meaning::ExpressionEscape | Meaning::Reaches("process" | "eval"));
            let (_, hit) = code::meanings(&text[script.clone()]).into_iter().find(|found| forbidden(found.0))?;
            let range = script.start + hit.start..script.start + hit.end;
            Some((text[range.clone()].to_owned(), Place::part(node, range)))
        })
    });
    if let Some((found, place)) = in_code.or_else(|| in_expressions.next()) {
        context.model.element_mut(element).set(Fact::ActionSandboxEscape, found, place);
    }
}

/// What the node hands on to the next.
pub(super) fn output<'t>(context: &Context<'_, 't>, parts: &NodeParts<'t>, node_type: NodeType, verb: Verb) -> Output<'t> {
    match node_type.role {
        Role::Model | Role::Agent => Output::Own(Origin::Model),
        Role::Http if asks_model(parts) => Output::Own(Origin::Model),
        Role::Code => {
            let mut parts_of_code: Vec<Reference<'t>> = Vec::new();
            for Code { node, text, language, meanings } in parts.code() {
                parts_of_code.extend(script_references(*node, text, 0..text.len(), context.steps, true));
                parts_of_code.extend(other_input(*node, text, *language));
                if meanings.iter().any(|found| found.0 == Meaning::Reaches("network")) {
                    parts_of_code.push(Reference { from: Source::Origin(Origin::DataSource), place: Place::of(*node) });
                }
            }
            Output::Made(parts_of_code)
        }
        _ if parts.base == "set" => set_output(context, parts),
        Role::Control if parts.base == "form" => Output::Own(Origin::Trigger),
        Role::Control => Output::Pass,
        // Splitting, joining and renaming moves fields about: what comes out may be anything that came in.
        Role::Transform => Output::Made(vec![Reference { from: Source::Incoming(None), place: parts.place() }]),
        Role::Service if verb == Verb::Send => Output::Own(Origin::DataSource),
        _ => Output::Own(Origin::DataSource),
    }
}

/// The fields of a Set node in all its versions.
pub(super) fn set_output<'t>(context: &Context<'_, 't>, parts: &NodeParts<'t>) -> Output<'t> {
    let mut fields: Vec<(Cow<'t, str>, Vec<Reference<'t>>)> = Vec::new();
    let mut add = |name: Option<Cow<'t, str>>, value: Option<Node<'t>>| {
        let (Some(name), Some(value)) = (name, value) else { return };
        let first = match name {
            Cow::Borrowed(name) => Cow::Borrowed(name.split('.').next().unwrap_or(name)),
            Cow::Owned(name) => Cow::Owned(name.split('.').next().unwrap_or_default().to_owned()),
        };
        fields.push((first, references(value, context.steps, false)));
    };
    for item in parts.parameter(&["assignments", "assignments"]).into_iter().flat_map(Node::items) {
        add(item.get("name").and_then(Node::as_str), item.get("value"));
    }
    for item in parts.parameter(&["fields", "values"]).into_iter().flat_map(Node::items) {
        let value = item.members().find(|member| member.key().is_some_and(|key| key.ends_with("Value")));
        add(item.get("name").and_then(Node::as_str), value);
    }
    for item in parts.parameter(&["values"]).into_iter().flat_map(Node::members).flat_map(Node::items) {
        add(item.get("name").and_then(Node::as_str), item.get("value"));
    }
    if let Some(json) = parts.parameter(&["jsonOutput"]).filter(|_| parts.text(&["mode"]).as_deref() == Some("raw")) {
        return Output::Made(references(json, context.steps, false));
    }
    let rest = if parts.version >= 3.3 {
        parts.parameter(&["includeOtherFields"]).and_then(Node::as_bool) == Some(true)
    } else if parts.version >= 3.0 {
        parts.text(&["include"]).as_deref() != Some("none")
    } else {
        parts.parameter(&["keepOnlySet"]).and_then(Node::as_bool) != Some(true)
    };
    Output::Set { fields, rest }
}

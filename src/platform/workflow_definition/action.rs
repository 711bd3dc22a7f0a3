//! What an action does: its operation, what it does to the world, what it hands on, what happens when it fails.

use super::connection::{self, Used};
use super::part::Part;
use super::{Context, agent, connector, endpoint, expression, message, query, record, share, values};
use crate::model::vocabulary::{Capability, Confirm, Identity, OnError, Origin, Verb};
use crate::model::{Fact, Kind, Output, Place, Reference};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>) {
    let used = context.used[part.at].clone();
    let verb = verb(part, used.as_ref());
    let here = part.place();
    let (on_error, on_error_place) = context.on_error.get(&part.step).copied().unwrap_or((OnError::Stop, here));
    let name: Cow<'t, str> = used.as_ref().map_or_else(|| part.kind.clone().into(), |used| used.key.clone());
    let mut element = part
        .element(Kind::Action, context.app)
        .with(Fact::ActionConnector, name, here)
        .with(Fact::ActionVerb, verb, here)
        .with(Fact::ActionIsTool, part.is_tool, here)
        .with(Fact::ActionOnError, on_error, on_error_place);
    if let Some((operation, node)) = operation(part, used.as_ref()) {
        element.set(Fact::ActionOperation, operation, Place::of(node));
    }
    if asks_person(used.as_ref()) {
        element.set(Fact::ActionConfirm, Confirm::Human, here);
    }
    if let Some(target) = called_flow(part) {
        element.set(Fact::ActionTarget, target.as_str().unwrap_or_default(), Place::of(target));
    }
    if let Some(identity) = used.as_ref().map(|used| used.identity).filter(|identity| *identity != Identity::Unknown) {
        element.set(Fact::ActionIdentity, identity, here);
    }
    let element = context.model.add(element);
    match &*part.kind {
        "http" | "httpwebhook" => {
            connection::built_in(context, part, if part.kind == "http" { "http" } else { "httpwebhook" });
            endpoint::request(context, part);
        }
        "agent" => agent::lower(context, part),
        "mcpclienttool" | "mcptool" => agent::server(context, part),
        kind if is_code(kind) => query::code(context, part, element),
        _ => {}
    }
    if let Some(used) = &used {
        through_connector(context, part, used, verb, element);
    }
    record::lower(context, part, element);
    given(context, part, verb);
    let output = output(context, part, used.as_ref());
    context.model.steps[part.step.0 as usize].output = output;
}

fn through_connector<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, used: &Used<'t>, verb: Verb, element: crate::model::ElementId) {
    connection::connector(context, part, used);
    // Whoever sends a mail or a message reads none.
    if let Some(data) = connector::known(&used.key).data.filter(|_| verb != Verb::Send) {
        connection::data_source(context, part, data);
    }
    if used.key.ends_with("uiflow") && verb == Verb::Execute {
        connection::host(context, part, used.key.clone(), Capability::Command);
    }
    if let Some(url) = any_request(part, used) {
        endpoint::endpoint(context, part, url, part.inputs.unwrap_or(url));
    }
    query::lower(context, part, used, element);
    message::lower(context, part, used, verb, element);
    share::lower(context, part, used);
}

/// Keeps what the action is given, where it writes, sends, answers, calls or asks a model.
fn given<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, verb: Verb) {
    let takes = matches!(verb, Verb::Write | Verb::Send | Verb::Share | Verb::Export | Verb::Execute)
        || matches!(&*part.kind, "response" | "workflow" | "invokeworkflow" | "agent");
    let Some(inputs) = part.inputs.filter(|_| takes) else { return };
    // Who is written to is no content.
    let parameters = part.input(&["parameters"]).map(|parameters| parameters.members().filter(|node| !message::is_addressee(*node)));
    let others = inputs.members().filter(|node| parameters.is_none() || !node.has_key("parameters"));
    let mut parts: Vec<Reference<'t>> = others.flat_map(|node| values::references(context, node, part.at)).collect();
    parts.extend(parameters.into_iter().flatten().flat_map(|node| values::references(context, node, part.at)));
    if !inputs.is_object() {
        parts.extend(values::references(context, inputs, part.at));
    }
    context.model.given.push((part.step, parts));
}

/// The address of an operation that sends any request.
fn any_request<'t>(part: &Part<'t>, used: &Used<'t>) -> Option<Node<'t>> {
    let name = used.key.strip_prefix("shared_").unwrap_or(&used.key);
    let names: &[&str] = if name.starts_with("webcontents") { &["request/url", "url", "Url"] } else { return None };
    let holders = ["parameters", "body"].into_iter().filter_map(|holder| part.input(&[holder]));
    let url = holders.flat_map(|holder| names.iter().filter_map(move |name| holder.get(name))).next()?;
    // A path belongs to the address that the connection was made for.
    let is_path = url.as_str().is_some_and(|text| text.starts_with('/') || expression::is_expression(&text) && !text.contains("://"));
    (!is_path).then_some(url)
}

/// Whether the step waits for the answer of a person.
fn asks_person(used: Option<&Used<'_>>) -> bool {
    let Some(used) = used else { return false };
    let operation = used.operation.as_ref().map(|operation| operation.0.to_ascii_lowercase()).unwrap_or_default();
    used.key.ends_with("approvals") && (operation.contains("startandwait") || operation.contains("waitfor"))
        || operation.contains("sendapproval")
        || operation.contains("flowcontinuation") && used.key.ends_with("teams")
}

/// The identifier of the flow or the agent that the step calls.
fn called_flow<'t>(part: &Part<'t>) -> Option<Node<'t>> {
    if let Some(called) = part.input(&["parameters", "uiFlowId"]).or_else(|| part.input(&["parameters", "Copilot"])) {
        return called.as_str().is_some_and(|text| !expression::is_dynamic(&text)).then_some(called);
    }
    let paths: [&[&str]; 3] = [&["host", "workflowReferenceName"], &["host", "workflow", "id"], &["workflowReference", "id"]];
    let node = paths.into_iter().find_map(|path| part.input(path)).filter(|_| part.kind == "workflow" || part.kind == "invokeworkflow")?;
    node.as_str().is_some_and(|text| !text.is_empty()).then_some(node)
}

fn operation<'t>(part: &Part<'t>, used: Option<&Used<'t>>) -> Option<(Cow<'t, str>, Node<'t>)> {
    let named = used.and_then(|used| used.operation.clone());
    named.or_else(|| part.input(&["method"]).and_then(|node| Some((node.as_str()?, node))))
}

fn is_code(kind: &str) -> bool {
    matches!(kind, "javascriptcode" | "csharpscriptcode" | "powershellcode" | "pythoncode")
}

fn by_method(method: Option<&str>) -> Verb {
    match method.map(str::to_ascii_lowercase).as_deref() {
        Some("post" | "put" | "patch") => Verb::Write,
        Some("delete") => Verb::Delete,
        _ => Verb::Read,
    }
}

fn verb(part: &Part<'_>, used: Option<&Used<'_>>) -> Verb {
    match &*part.kind {
        "http" => by_method(part.text(&["method"]).as_deref()),
        "httpwebhook" => by_method(part.text(&["subscribe", "method"]).as_deref()),
        "function" | "powershellcode" => Verb::Execute,
        "if" | "switch" | "scope" | "foreach" | "until" | "wait" | "terminate" | "response" | "workflow" | "invokeworkflow"
        | "agenthandoff" | "sendtobatch" => Verb::Control,
        _ => match used {
            Some(used) => {
                let operation = used.operation.as_ref().map(|operation| &*operation.0).unwrap_or_default();
                let method = request_method(part, used);
                let operation = native(&used.key, operation, method.as_deref()).unwrap_or(operation);
                let verb = connector::verb(&used.key, operation, method.as_deref());
                let native = operation.to_ascii_lowercase().contains("nativequery") && verb == Verb::Execute;
                if native { query::verb(part).unwrap_or(verb) } else { verb }
            }
            None => Verb::Transform,
        },
    }
}

/// The method of the request that the operation sends, where it can send any; else that of the operation itself.
fn request_method<'t>(part: &Part<'t>, used: &Used<'t>) -> Option<Cow<'t, str>> {
    let given = ["parameters/method", "request/method", "method", "Method"].into_iter().find_map(|name| part.text(&["parameters", name]));
    given.or_else(|| used.method.clone())
}

/// The operation that a request to a path of a connector is, where the method alone does not tell.
fn native<'o>(key: &str, path: &'o str, method: Option<&str>) -> Option<&'o str> {
    let lower = path.to_ascii_lowercase();
    let name = key.strip_prefix("shared_").unwrap_or(key);
    if !path.starts_with('/') {
        return None;
    }
    let reads = method.is_some_and(|method| method.eq_ignore_ascii_case("get"));
    Some(match name {
        "sql" if lower.ends_with("/query/sql") => "ExecutePassThroughNativeQuery",
        "sql" if lower.contains("/procedures/") => "ExecuteProcedure",
        "office365" | "outlook" if lower.ends_with("/mail") && !reads => "SendEmail",
        "office365" | "outlook" if lower.contains("/approvalmail") => "SendApprovalMail",
        "teams" if lower.contains("message") && !reads => "PostMessage",
        "uiflow" if !reads => "RunUIFlow",
        // The words of a path name things, not what is done to them: the method tells.
        _ => "",
    })
}

/// What the action hands on.
fn output<'t>(context: &Context<'_, 't>, part: &Part<'t>, used: Option<&Used<'t>>) -> Output<'t> {
    let made_of = |nodes: &[Option<Node<'t>>]| {
        let nodes = nodes.iter().flatten();
        Output::Made(nodes.flat_map(|node| values::references(context, *node, part.at)).collect())
    };
    match &*part.kind {
        "foreach" => made_of(&[part.node.get("foreach")]),
        "if" | "switch" | "scope" | "until" | "wait" | "terminate" | "response" | "agenthandoff" => Output::Pass,
        "agent" => Output::Own(Origin::Model),
        "compose" => match part.inputs.filter(|inputs| inputs.is_object()) {
            Some(inputs) => Output::Set { fields: fields(context, inputs, part.at), rest: false },
            None => made_of(&[part.inputs]),
        },
        "http" | "httpwebhook" | "function" | "workflow" | "invokeworkflow" => Output::Own(Origin::DataSource),
        kind if is_code(kind) => Output::Made(read_by_code(context, part)),
        _ => match used {
            Some(used) if connector::known(&used.key).is_model => Output::Own(Origin::Model),
            Some(used) if connector::only_converts(&used.key) => made_of(&[part.inputs]),
            Some(_) => Output::Own(Origin::DataSource),
            None => made_of(&[part.inputs]),
        },
    }
}

fn fields<'t>(context: &Context<'_, 't>, inputs: Node<'t>, at: usize) -> Vec<(Cow<'t, str>, Vec<Reference<'t>>)> {
    inputs.members().map(|member| (member.key().unwrap_or_default(), values::references(context, member, at))).collect()
}

/// What code reads of the run: `workflowContext.actions.Name.outputs`, `GetActionResults("Name")`, `Get-ActionOutput -ActionName "Name"`.
fn read_by_code<'t>(context: &Context<'_, 't>, part: &Part<'t>) -> Vec<Reference<'t>> {
    let Some(node) = part.input(&["code"]) else { return Vec::new() };
    let Some(code) = node.as_str() else { return Vec::new() };
    let mut from: Vec<crate::model::StepId> = Vec::new();
    if ["workflowContext.trigger", "GetTriggerResults", "Get-TriggerOutput", "trigger_outputs"].iter().any(|name| code.contains(name)) {
        from.extend(context.parts.iter().take_while(|part| part.is_trigger).map(|part| part.step));
    }
    for (at, mark) in ["workflowContext.actions", "GetActionResults", "ActionName"].iter().flat_map(|mark| code.match_indices(mark)) {
        let behind = code[at + mark.len()..].trim_start_matches(['.', '[', '(', '\'', '"', '?', ' ']);
        let end = behind.find(['.', ']', ')', '\'', '"', ';', '?', ' ', '\r', '\n']).unwrap_or(behind.len().min(256));
        from.extend(behind.get(..end).and_then(|name| values::named(context, name)).map(|at| context.parts[at].step));
    }
    let place = Place::of(node);
    let mut parts: Vec<Reference<'t>> =
        from.into_iter().map(|step| Reference { from: crate::model::Source::Step(step, None), place }).collect();
    parts.extend(values::references(context, node, part.at));
    parts
}

//! One workflow: its settings, its steps and how they hang together.

use super::catalogue::Role;
use super::expression::{self, Steps};
use super::node::{Context, HashSet, NodeParts};
use super::{code, node, pinned};
use crate::model::vocabulary::{AppKind, ErrorHandler, Exposure, Guard, OnError, TriggerKind};
use crate::model::{AppId, Edge, EdgeKind, Element, Fact, Kind, Model, Output, Place, Step, StepId};
use crate::platform::secrets;
use crate::tree::{Node, NodeId};
use std::borrow::Cow;
use std::cell::LazyCell;

/// Hashed with a random seed, and fast.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// Prefix of the kinds of connection that lead from a part or tool to the node that uses it.
const PART: &str = "ai_";

/// Adds what the workflow `root` says; `tokens` are the offsets in the file where a token of some issuer may stand.
pub(super) fn lower<'t>(model: &mut Model<'t>, root: Node<'t>, tokens: &[u32]) {
    let text = |name: &str| root.get(name).and_then(Node::as_text).filter(|text| text != "null").unwrap_or_default();
    let app = model.add_app(text("id"), text("name"), root.get("name").map_or_else(|| Place::key_of(anchor(root)), Place::of));
    let nodes: Vec<NodeParts<'t>> = root.get("nodes").map(|nodes| nodes.items().filter_map(NodeParts::read).collect()).unwrap_or_default();

    let mut steps: Steps<'t> = Steps::with_capacity_and_hasher(nodes.len(), foldhash::quality::RandomState::default());
    for parts in nodes.iter().filter(|parts| !parts.is_note()) {
        let step = Step { name: parts.name.clone(), app, place: Place::of(parts.kind_node), output: Output::Pass };
        steps.insert(parts.name.clone(), model.add_step(step));
    }
    let edges = edges(root, &nodes, &steps);
    let tools: HashSet<StepId> = edges.iter().filter(|edge| edge.kind == EdgeKind::Tool).map(|edge| edge.to).collect();

    let of = |holds: fn(&NodeParts<'t>) -> bool| -> HashSet<StepId> {
        nodes.iter().filter(|parts| holds(parts)).filter_map(|parts| steps.get(&parts.name).copied()).collect()
    };
    let (looks_at_errors, idle) = (of(NodeParts::looks_at_errors), of(|parts| parts.base == "noOp" || parts.disabled));
    let mut context =
        Context { looks_at_errors, idle, model, app, steps: &steps, tools: &tools, edges: &edges, connectors: HashSet::default(), tokens };
    for parts in &nodes {
        node::lower(&mut context, parts);
    }
    settings(model, app, root, &nodes, &edges);
    guards(model, app, &nodes, &steps, &edges);
    pinned::lower(model, app, root, tokens);
    for data in ["pinData", "staticData"].into_iter().filter_map(|name| root.get(name)) {
        secrets::lower_data(model, app, data, tokens);
    }
    model.edges.extend(edges);
}

/// The smallest member that stands for the whole workflow.
fn anchor(root: Node<'_>) -> Node<'_> {
    root.get("nodes").unwrap_or(root)
}

fn edges<'t>(root: Node<'t>, nodes: &[NodeParts<'t>], steps: &Steps<'t>) -> Vec<Edge> {
    // Connections name nodes; some programs that rewrite exports put the ids there instead.
    let by_id = || -> HashMap<&str, StepId> { nodes.iter().filter_map(|parts| Some((&*parts.id, *steps.get(&parts.name)?))).collect() };
    let ids = LazyCell::new(by_id);
    let find = |name: &str| steps.get(name).or_else(|| ids.get(name)).copied();
    let branching: HashSet<&str> = nodes.iter().filter(|parts| parts.on_error == OnError::Branch).map(|parts| &*parts.name).collect();
    let mut edges = Vec::new();
    for source in root.get("connections").into_iter().flat_map(Node::members) {
        let name = source.key().unwrap_or_default();
        let Some(from) = find(&name) else { continue };
        for kind in source.members() {
            let kind_name = kind.key().unwrap_or_default();
            let outputs = kind.items().count();
            for (nth, output) in kind.items().enumerate() {
                // The output for errors is the last one, behind at least one other.
                let error = nth > 0 && nth + 1 == outputs && branching.contains(&*name);
                for target in output.items().filter_map(|target| target.get("node")?.as_str()) {
                    let Some(to) = find(&target) else { continue };
                    edges.push(match &*kind_name {
                        "ai_tool" => Edge { from: to, to: from, kind: EdgeKind::Tool },
                        part if part.starts_with(PART) => Edge { from: to, to: from, kind: EdgeKind::Part },
                        _ if error => Edge { from, to, kind: EdgeKind::Error },
                        _ => Edge { from, to, kind: EdgeKind::Next },
                    });
                }
            }
        }
    }
    edges
}

/// The people whose project a workflow belongs to: `shared` where the instance gave it out, `owner` where it keeps it in git. A team
/// is none.
fn owners(root: Node<'_>) -> Vec<(String, Place)> {
    let is = |node: Node<'_>, name: &str, text: &str| node.get(name).and_then(Node::as_str).as_deref() == Some(text);
    let shares = root.get("shared").map(|shared| shared.items().collect::<Vec<_>>()).unwrap_or_default();
    let projects = shares.into_iter().filter(|share| is(*share, "role", "workflow:owner")).filter_map(|share| share.get("project"));
    let of_projects = projects.filter(|project| is(*project, "type", "personal")).filter_map(|project| project.get("name"));
    let owner = root.get("owner");
    // Old versions write the address alone.
    let of_owner = owner.map(|owner| if is(owner, "type", "personal") { owner.get("personalEmail") } else { Some(owner) });
    let named = of_projects.chain(of_owner.flatten());
    named.filter_map(|node| Some((node.as_str().filter(|name| !name.is_empty())?.into_owned(), Place::of(node)))).collect()
}

fn settings<'t>(model: &mut Model<'t>, app: AppId, root: Node<'t>, nodes: &[NodeParts<'t>], edges: &[Edge]) {
    let settings = root.get("settings").filter(|settings| settings.is_object());
    let setting = |name: &str| settings.and_then(|settings| settings.get(name));
    let place = model.element(model.app(app).element).place;
    let element = model.app(app).element;

    let handler = setting("errorWorkflow").filter(|node| node.as_str().is_some_and(|id| !id.is_empty()));
    let catches = nodes.iter().find(|parts| parts.base == "errorTrigger" && !parts.disabled);
    let branch = nodes.iter().find(|parts| parts.on_error == OnError::Branch && edges.iter().any(|edge| edge.kind == EdgeKind::Error));
    let (error_handler, handler_place) = match (handler, catches, branch) {
        (Some(node), ..) => (ErrorHandler::Workflow, Place::of(node)),
        (None, Some(parts), _) => (ErrorHandler::Workflow, Place::of(parts.kind_node)),
        (None, None, Some(parts)) => (ErrorHandler::Branch, Place::of(parts.kind_node)),
        (None, None, None) => (ErrorHandler::Absent, settings.filter(|node| node.key_span().is_some()).map_or(place, Place::key_of)),
    };
    let app_element = model.element_mut(element);
    app_element.set(Fact::AppKind, AppKind::Flow, place);
    app_element.set(Fact::AppErrorHandler, error_handler, handler_place);
    let name = app_element.name.clone();
    app_element.set(Fact::AppName, name, place);
    let active = root.get("active").filter(|node| node.as_bool().is_some());
    let published = root.get("activeVersionId").filter(|node| node.as_str().is_some());
    if let Some(node) = published.or(active) {
        app_element.set(Fact::AppEnabled, node.as_bool().unwrap_or(true), Place::of(node));
    }
    if let Some(node) = setting("availableInMCP").filter(|node| node.as_bool().is_some()) {
        app_element.set(Fact::AppOpenToAgents, node.as_bool().unwrap_or_default(), Place::of(node));
    }
    let makers = owners(root);
    if let Some((_, place)) = makers.first() {
        let place = *place;
        let names: Vec<String> = makers.into_iter().map(|(name, _)| name).collect();
        app_element.set(Fact::AppMakers, names, place);
    }
    let logged = [
        ("saveDataErrorExecution", "save-failed-runs"),
        ("saveDataSuccessExecution", "save-successful-runs"),
        ("callerPolicy", "caller-policy"),
    ];
    for (member, key) in logged {
        if let Some(value) = setting(member).filter(|node| node.as_str().is_some()) {
            let element = Element::new(Kind::Setting, app, key, key, Place::of(value)).with(Fact::SettingKey, key, Place::of(value)).with(
                Fact::SettingValue,
                value.as_str().unwrap_or_default(),
                Place::of(value),
            );
            model.add(element);
        }
    }
}

/// How many steps behind an entry a check of the caller still protects it: nothing that matters should happen before.
const GUARD_HOPS: usize = 2;

/// Most steps right behind an entry that are looked at; real workflows have fewer than ten.
const MAX_FRONT: usize = 64;

/// Looks behind each entry for a step that checks who calls.
fn guards<'t>(model: &mut Model<'t>, app: AppId, nodes: &[NodeParts<'t>], steps: &Steps<'t>, edges: &[Edge]) {
    let first = model.app(app).element.0 as usize;
    let entries: Vec<_> = (first..model.elements.len())
        .filter(|at| model.elements[*at].is(Fact::TriggerExposure, Exposure::Public.name()))
        .map(|at| (at, model.elements[at].step))
        .collect();
    if entries.is_empty() {
        return;
    }
    let parts_of: HashMap<StepId, &NodeParts<'t>> = nodes.iter().filter_map(|parts| Some((*steps.get(&parts.name)?, parts))).collect();
    let mut next: HashMap<StepId, Vec<StepId>> = HashMap::default();
    for edge in edges.iter().filter(|edge| edge.kind == EdgeKind::Next) {
        next.entry(edge.from).or_default().push(edge.to);
    }
    // Many entries may lead to the same step: what it checks is looked up once.
    let mut checks: HashMap<StepId, Option<(Guard, Place)>> = HashMap::default();
    let mut check = |step: &StepId| *checks.entry(*step).or_insert_with(|| check_of_caller(parts_of.get(step)?));
    for (at, step) in entries {
        let Some(step) = step.filter(|step| parts_of.contains_key(step)) else { continue };
        let mut front = vec![step];
        let mut guard = (Guard::Absent, Place::of(parts_of[&step].kind_node));
        for _ in 0..GUARD_HOPS {
            front = front.iter().filter_map(|step| next.get(step)).flatten().copied().take(MAX_FRONT).collect();
            if let Some(found) = front.iter().filter_map(&mut check).max_by_key(|found| found.0) {
                guard = found;
                break;
            }
        }
        model.elements[at].set(Fact::TriggerGuard, guard.0, guard.1);
    }
}

/// Whether a node compares something that the caller sends with what only a known caller can know, computes a signature, or has a
/// service look at the caller's credential.
fn check_of_caller(parts: &NodeParts<'_>) -> Option<(Guard, Place)> {
    if parts.disabled {
        return None;
    }
    let place = Place::of(parts.kind_node);
    let parameters = parts.parameters?;
    if parts.base == "crypto" && parameters.get("action").and_then(Node::as_str).as_deref() == Some("hmac") {
        return Some((Guard::Signature, place));
    }
    let decides = matches!(parts.base, "if" | "switch" | "filter");
    let code = parts.node_type.role == Role::Code;
    // A request that fails with the caller's own credential ends the run.
    let asks = parts.node_type.role == Role::Http && parts.on_error == OnError::Stop;
    if !decides && !code && !asks {
        return None;
    }
    if parts.code().iter().flat_map(|code| &code.meanings).any(|found| found.0 == code::Meaning::Signature) {
        return Some((Guard::Signature, place));
    }
    let weak = if decides { weak_checks(parameters) } else { Vec::new() };
    for node in parameters.descend().filter(|node| node.raw().contains("eaders") && !weak.contains(&node.id())) {
        let Some(text) = node.as_str().filter(|text| !asks || expression::is_expression(text)) else { continue };
        let lower = text.to_ascii_lowercase();
        let behind = lower.find("headers").map_or("", |at| &lower[at..]);
        let proof = ["authorization", "token", "secret", "signature", "x-api-key", "apikey", "api-key", "x-hub", "password", "auth"];
        if proof.iter().any(|word| behind.contains(word)) && (!code || ["throw", "===", "!=="].iter().any(|word| lower.contains(word))) {
            let signature = behind.contains("signature") || behind.contains("x-hub");
            return Some((if signature { Guard::Signature } else { Guard::Secret }, place));
        }
    }
    let compares = decides && parameters.descend().any(compares_secret);
    compares.then_some((Guard::Secret, place))
}

/// Shortest text that can be a secret: shorter ones were put there while the workflow was tried.
const SHORTEST_SECRET: usize = 8;

/// The sides of conditions that many a text passes: those that ask whether something is there, or compare it with a short word.
fn weak_checks(parameters: Node<'_>) -> Vec<NodeId> {
    let is_weak = |condition: &Node<'_>| {
        let operator = condition.get("operator");
        let operation = operator.and_then(|operator| operator.get("operation")).or_else(|| condition.get("operation"));
        let presence = ["exists", "notExists", "empty", "notEmpty", "isEmpty", "isNotEmpty"];
        let asks_presence = operation.and_then(Node::as_str).is_some_and(|operation| presence.contains(&&*operation));
        let is_text = operator.is_none_or(|operator| operator.get("type").and_then(Node::as_str).as_deref() == Some("string"));
        let short = |text: &str| !expression::is_expression(text) && text.trim().len() < SHORTEST_SECRET;
        asks_presence || is_text && side(*condition, RIGHT).is_some_and(|text| short(&text))
    };
    parameters
        .descend()
        .filter(is_weak)
        .filter_map(|condition| LEFT.into_iter().find_map(|name| condition.get(name)))
        .map(Node::id)
        .collect()
}

/// The names of the two sides of a condition, in newer and older nodes.
const LEFT: [&str; 2] = ["leftValue", "value1"];
const RIGHT: [&str; 2] = ["rightValue", "value2"];

fn side<'t>(condition: Node<'t>, names: [&str; 2]) -> Option<Cow<'t, str>> {
    names.into_iter().find_map(|name| condition.get(name)).and_then(Node::as_str)
}

/// Whether the condition `node` compares a secret in the body or query of a request with something from elsewhere. A text that
/// stands in the export is known to everyone who has the export.
fn compares_secret(node: Node<'_>) -> bool {
    let (Some(left), Some(right)) = (side(node, LEFT), side(node, RIGHT)) else { return false };
    names_secret(&left.to_ascii_lowercase()) && expression::is_expression(&right)
        || names_secret(&right.to_ascii_lowercase()) && expression::is_expression(&left)
}

/// Whether the text reads a secret from the body or query of a request: `$json.body.token`, `$json["query"]["hub.verify_token"]`.
fn names_secret(lower: &str) -> bool {
    let names = ["token", "secret", "signature", "api_key", "apikey", "api-key"];
    ["body", "query"].iter().flat_map(|part| lower.match_indices(part)).any(|(at, part)| {
        let behind = &lower[at + part.len()..];
        let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.?[]\"'".contains(c))).unwrap_or(behind.len());
        let path = behind[..end].trim_end_matches([']', '"', '\'']);
        path.starts_with(['.', '[', '?', '"', '\'']) && names.iter().any(|name| path.ends_with(name))
    })
}

/// Joins steps that call another workflow of the same file with the entry of that workflow.
pub(super) fn connect_calls(model: &mut Model<'_>) {
    let mut entries: HashMap<AppId, Vec<StepId>> = HashMap::default();
    for element in model.elements.iter().filter(|element| element.is(Fact::TriggerKind, TriggerKind::Subflow.name())) {
        entries.entry(element.app).or_default().extend(element.step);
    }
    let ids: HashMap<&str, AppId> =
        (0u32..).zip(&model.apps).filter(|(_, app)| !app.id.is_empty()).map(|(at, app)| (&*app.id, AppId(at))).collect();
    let mut calls = Vec::new();
    for element in &model.elements {
        let (Some(from), Some(target)) = (element.step, element.text(Fact::ActionTarget)) else { continue };
        let app = if target == "self" { Some(element.app) } else { ids.get(target).copied() };
        for to in app.and_then(|app| entries.get(&app)).into_iter().flatten() {
            calls.push(Edge { from, to: *to, kind: EdgeKind::Call });
        }
    }
    model.edges.extend(calls);
}

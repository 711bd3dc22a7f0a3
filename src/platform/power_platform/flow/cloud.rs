//! Cloud flows: a definition, with the connections that it uses beside it.

use super::solution::{self, Solution};
use crate::model::vocabulary::{AppKind, Auth, Exposure, Identity, Origin, Power, TriggerKind};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::power_platform::Context;
use crate::platform::secrets::{holds_token, lower_rest};
use crate::platform::workflow_definition::{self, Connection, Definition, Entry, Host, Parameter, connector, member};
use crate::tree::Node;
use std::borrow::Cow;
use std::collections::HashMap;

pub(in crate::platform::power_platform) fn lower<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let Some(properties) = member(root, "properties") else { return };
    let Some(definition) = member(properties, "definition") else { return };
    let export = context.export;
    let file = export.file(root);
    let solution = context.solution.get_or_insert_with(|| Solution::of(export));
    let (file_name, id) = solution::name_and_id(file.path);
    let own_id = root.get("name").and_then(Node::as_str).map(|name| name.to_lowercase());
    let id = id.or(own_id).unwrap_or_default();
    let header = solution.header_of(&id);
    let name = header.name.or_else(|| properties.get("displayName").and_then(Node::as_str)).unwrap_or(Cow::Borrowed(file_name));
    let place = Place::key_of(definition);
    let references = references(solution, properties, definition);
    let told = told_elsewhere(solution, definition);
    let app = context.model.add_app(id.into(), name.clone(), place);
    let element = context.model.app(app).element;
    let element = context.model.element_mut(element);
    element.set(Fact::AppKind, AppKind::Flow, place);
    element.set(Fact::AppName, name, place);
    let state = header.state.and_then(|node| Some((node, node.as_str()?.trim() == "1")));
    let legacy = || properties.get("state").and_then(|node| Some((node, node.as_str()?.eq_ignore_ascii_case("Started"))));
    if let Some((node, is_on)) = state.or_else(legacy) {
        element.set(Fact::AppEnabled, is_on, Place::of(node));
    }
    for reference in &references {
        reference.lower(context, app);
    }
    let known = references.iter().map(|reference| (reference.name.to_lowercase(), reference.connection())).collect();
    let host = Surroundings { connections: known, told };
    workflow_definition::lower(context.model, app, Definition { node: definition, tokens: file.tokens }, &host);
    around(context, app, root, definition);
}

/// Adds the tokens of issuers around the definition: in names, notes and connections.
fn around<'t>(context: &mut Context<'_, 't>, app: AppId, root: Node<'t>, definition: Node<'t>) {
    let tokens = context.export.file(root).tokens;
    if !holds_token(root, tokens) {
        return;
    }
    let name = context.model.app(app).name.clone();
    let mut found = Vec::new();
    lower_rest(tokens, root, &|node, _| definition.contains(node.id()), &mut found);
    for hit in found.into_iter().filter(|hit| !definition.span().range().contains(&(hit.place.span.start as usize))) {
        let element = hit.element(app, "flow", name.clone());
        context.model.secrets.push(hit.place);
        context.model.add(element);
    }
}

/// Joins flows that call each other, when all have been read.
pub(in crate::platform::power_platform) fn finish(context: &mut Context<'_, '_>) {
    workflow_definition::connect_calls(context.model);
}

/// The parameters of which the values stand in files of their own, in lower case.
fn told_elsewhere(solution: &Solution<'_>, definition: Node<'_>) -> Vec<String> {
    let parameters = definition.get("parameters").into_iter().flat_map(Node::members);
    let defined = parameters.filter(|parameter| {
        let schema_name = parameter.at(&["metadata", "schemaName"]).and_then(Node::as_str);
        let value = parameter.get("defaultValue").and_then(Node::as_str);
        schema_name.zip(value).is_some_and(|(name, value)| solution.keeps(&name, &value))
    });
    defined.filter_map(Node::key).map(|name| name.to_lowercase()).collect()
}

/// A connection that the flow uses.
struct Reference<'t> {
    name: Cow<'t, str>,
    node: Node<'t>,
    key: String,
    identity: Identity,
    power: Option<Power>,
}

fn references<'t>(solution: &Solution<'_>, properties: Node<'t>, definition: Node<'t>) -> Vec<Reference<'t>> {
    let members = member(properties, "connectionReferences").into_iter().flat_map(Node::members).filter(|node| node.is_object());
    let mut references: Vec<Reference<'t>> = members.map(|node| read(solution, node)).collect();
    let free = free_requests(definition);
    for reference in &mut references {
        reference.power = power(&reference.key, free.contains(&reference.name.to_lowercase()));
    }
    references
}

fn read<'t>(solution: &Solution<'_>, node: Node<'t>) -> Reference<'t> {
    let name = node.key().unwrap_or_default();
    let paths: [&[&str]; 5] = [&["api", "name"], &["api", "id"], &["id"], &["apiId"], &["apiName"]];
    let id = paths.into_iter().find_map(|path| node.at(path)?.as_str());
    let logical = node.at(&["connection", "connectionReferenceLogicalName"]).and_then(Node::as_str);
    let by_solution = || logical.and_then(|name| solution.connector_of(&name)).map(str::to_owned);
    let key = id.map(|id| connector::key(&id)).or_else(by_solution).unwrap_or_else(|| connector::key(&name));
    let source = member(node, "runtimeSource")
        .or_else(|| member(node, "source"))
        .and_then(Node::as_str)
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let impersonates =
        node.at(&["impersonation", "source"]).and_then(Node::as_str).is_some_and(|source| source.eq_ignore_ascii_case("invoker"));
    let identity = match &*source {
        _ if impersonates => Identity::Invoker,
        "invoker" => Identity::Invoker,
        "embedded" => Identity::Maker,
        _ => Identity::Unknown,
    };
    Reference { name, node, key, identity, power: None }
}

/// Connections that can send any request do so only where a step leaves the request open.
fn power(key: &str, is_free: bool) -> Option<Power> {
    let conditional = matches!(key, "shared_sharepointonline" | "shared_commondataserviceforapps" | "shared_commondataservice");
    if conditional { is_free.then_some(Power::AnyRequest) } else { connector::known(key).power }
}

/// The connections through which a step sends a request of which the address or the action comes from elsewhere.
fn free_requests(definition: Node<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let inputs = definition.descend().filter(|node| node.is_object() && node.has_key("inputs"));
    for inputs in inputs {
        let Some(operation) = inputs.at(&["host", "operationId"]).and_then(Node::as_str) else { continue };
        let Some(parameters) = inputs.get("parameters") else { continue };
        let open =
            |name: &str| parameters.get(name).and_then(Node::as_str).is_some_and(|text| text.trim_start_matches('/').starts_with('@'));
        let is_free = match &*operation {
            "HttpRequest" => open("parameters/uri"),
            "PerformUnboundAction" | "PerformBoundAction" | "PerformUnboundActionWithOrganization" => open("actionName"),
            _ => false,
        };
        let name = inputs.at(&["host", "connectionName"]).and_then(Node::as_str);
        found.extend(name.filter(|_| is_free).map(|name| name.to_lowercase()));
    }
    found
}

impl<'t> Reference<'t> {
    fn connection(&self) -> Connection<'t> {
        Connection { key: self.key.clone().into(), identity: self.identity }
    }

    fn lower(&self, context: &mut Context<'_, 't>, app: AppId) {
        let place = Place::key_of(self.node);
        let id = format!("connectionReferences.{}", self.name);
        let mut element = Element::new(Kind::Connection, app, id, self.name.clone(), place)
            .with(Fact::ConnectionType, self.key.clone(), place)
            .with(Fact::ConnectionIdentity, self.identity, place);
        if let Some(power) = self.power {
            element.set(Fact::ConnectionPower, power, place);
        }
        context.model.add(element);
    }
}

/// What lies around the definition of a cloud flow.
struct Surroundings<'t> {
    connections: HashMap<String, Connection<'t>>,
    /// Parameters of which the values stand elsewhere in the export.
    told: Vec<String>,
}

impl<'t> Host<'t> for Surroundings<'t> {
    fn connection(&self, name: &str) -> Option<Connection<'t>> {
        self.connections.get(&name.to_lowercase()).cloned()
    }

    fn parameter(&self, name: &str) -> Parameter {
        Parameter { origin: Origin::Env, is_secret: false, is_told_elsewhere: self.told.contains(&name.to_lowercase()) }
    }

    /// Only a trigger of kind Http has an address that the world can reach. The others are called by apps, agents and flows of the
    /// same environment, whose users have logged in.
    fn request(&self, trigger: Node<'t>, kind: &str, place: Place) -> Entry {
        let called = |exposure| Entry { kind: TriggerKind::AppCall, exposure: (exposure, place), auth: (Auth::Platform, place) };
        match kind {
            "http" | "" => http(trigger, place),
            "button" | "powerapp" | "powerappv2" => called(Exposure::Users),
            "powerpages" => called(Exposure::Unknown),
            _ => called(Exposure::Internal),
        }
    }
}

/// Flows that were made before the platform asked callers who they are say nothing of it: a signature in the address is all that
/// they ask for. See <https://learn.microsoft.com/power-automate/oauth-authentication>.
fn http(trigger: Node<'_>, place: Place) -> Entry {
    let inputs = member(trigger, "inputs");
    let input = |name: &str| inputs.and_then(|inputs| member(inputs, name));
    let node = input("triggerAuthenticationType");
    let at = node.map_or(place, Place::of);
    let named = input("triggerAllowedUsers").and_then(Node::as_str).is_some_and(|users| !users.trim().is_empty());
    let (exposure, auth) = match node.and_then(Node::as_str).map(|kind| kind.trim().to_ascii_lowercase()).as_deref() {
        None => (Exposure::Public, Auth::UrlSecret),
        Some("all") => (Exposure::Public, Auth::Absent),
        Some("user") if named => (Exposure::Users, Auth::Oauth),
        Some("user" | "tenant") => (Exposure::Tenant, Auth::Oauth),
        Some(_) => (Exposure::Unknown, Auth::Unknown),
    };
    Entry { kind: TriggerKind::Http, exposure: (exposure, at), auth: (auth, at) }
}

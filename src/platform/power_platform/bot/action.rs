//! What agents do: requests, flows, operations of connectors, servers of tools, other agents.

use super::{Label, Lowering, identity, text};
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::secret::Position;
use crate::model::vocabulary::{DataSourceKind, Network, Origin, Power, SecretPlace, Verb};
use crate::model::{Element, Fact, Kind, Output, Place, StepId};
use crate::platform::power_platform::literal::{self, Owner, Spot};
use crate::platform::workflow_definition::connector;
use crate::tree::Node;
use std::borrow::Cow;

/// Most connectors with names before one that are looked at.
const MAX_NEAR: usize = 8;

/// Actions that reach beyond the agent.
const KNOWN: [&str; 7] = [
    "HttpRequestAction",
    "InvokeFlowAction",
    "InvokeFlowTaskAction",
    "InvokeConnectorAction",
    "InvokeConnectorTaskAction",
    "InvokeExternalAgentTaskAction",
    "InvokeConnectedAgentTaskAction",
];

/// Tools of agents of the newer kind, which are such actions by themselves.
const TOOLS: [&str; 4] = ["ConnectorTool", "McpTool", "WorkflowTool", "ConnectedAgentTool"];

/// Whether a part of that kind is a tool by itself.
pub(super) fn is_tool(kind: &str) -> bool {
    TOOLS.contains(&kind)
}

/// Whether the node is an action that reaches beyond the agent.
pub(super) fn is_action(node: Node<'_>) -> bool {
    text(node.get("kind")).is_some_and(|kind| KNOWN.contains(&&*kind) || is_tool(&kind))
}

/// An element at the step of `owner`.
fn of<'t>(owner: &Owner<'t>, kind: Kind, place: Place) -> Element<'t> {
    let mut element = Element::new(kind, owner.app, owner.id.clone(), owner.name.clone(), place);
    element.step = owner.step;
    element
}

impl<'t> Lowering<'_, '_, 't> {
    /// The step of an action; none for what only talks or computes. `inputs` are those of a tool.
    pub(super) fn action(&mut self, node: Node<'t>, label: &Label<'t>, inputs: Option<Node<'t>>, is_tool: bool) -> Option<StepId> {
        let kind_node = node.get("kind")?;
        let kind = text(Some(kind_node))?;
        if !is_action(node) {
            return None;
        }
        let place = Place::of(kind_node);
        let id = self.ids.unique(&label.id);
        let step = self.step(label, place, Output::Own(Origin::DataSource));
        let mut action = Element::new(Kind::Action, self.app, id.clone(), label.name.clone(), place).at_step(step);
        action.set(Fact::ActionIsTool, is_tool, place);
        Self::with_identity(&mut action, node);
        let owner = Owner { app: self.app, id: id.into(), name: label.name.clone(), step: Some(step) };
        match &*kind {
            "HttpRequestAction" => self.http(&mut action, &owner, node),
            "InvokeFlowAction" | "InvokeFlowTaskAction" | "WorkflowTool" => {
                if let Some(flow) = node.get("flowId").or_else(|| node.get("workflowId"))
                    && let Some(target) = flow.as_str()
                {
                    let id = target.rsplit('/').next().unwrap_or(&target).to_owned();
                    action.set(Fact::ActionTarget, id, Place::of(flow));
                }
            }
            "InvokeConnectedAgentTaskAction" | "ConnectedAgentTool" => {
                if let Some(bot) = node.get("botSchemaName")
                    && let Some(target) = bot.as_str()
                {
                    action.set(Fact::ActionTarget, target, Place::of(bot));
                }
            }
            _ => self.connector(&mut action, &owner, node, inputs),
        }
        self.context.model.add(action);
        Some(step)
    }

    /// An operation of a connector, or a server of tools behind one.
    fn connector(&mut self, action: &mut Element<'t>, owner: &Owner<'t>, node: Node<'t>, inputs: Option<Node<'t>>) {
        let id = node.get("connectorId").or_else(|| node.get("serverUrl"));
        let Some(reference) = node.get("connectionReference").or(id) else { return };
        let place = Place::of(reference);
        // A reference may be called anything, so the connector's own name says more.
        let referred = text(id).or_else(|| text(Some(reference))).unwrap_or_default();
        let key = connector_key(&referred);
        let details = node.get("operationDetails");
        let operation_node = node.get("operationId").or_else(|| details.and_then(|details| details.get("operationId")));
        let operation = text(operation_node).unwrap_or_default();
        let server = details.is_some_and(|details| text(details.get("kind")).as_deref() == Some("ModelContextProtocolMetadata"))
            || text(node.get("kind")).as_deref() == Some("McpTool");
        let name = if server { format!("mcp:{}", self.host_of(&key).unwrap_or_else(|| key.clone())) } else { key.clone() };
        action.set(Fact::ActionConnector, key.clone(), place);
        if let Some(node) = operation_node {
            action.set(Fact::ActionOperation, operation.clone(), Place::of(node));
        }
        let connector = of(owner, Kind::Connector, place).with(Fact::ConnectorKey, name, place);
        self.context.model.add(connector);
        self.connection(owner, node, &key, power(&key, &operation, server));
        if server {
            return;
        }
        let fixed = inputs.into_iter().flat_map(Node::items).find(|input| {
            let name = text(input.get("propertyName")).or_else(|| text(input.get("name")));
            name.as_deref() == Some("actionName")
        });
        let fixed = fixed.and_then(|input| input.get("value")).map(|value| value.get("defaultValue").unwrap_or(value));
        let fixed = text(fixed);
        let verb = connector::verb(&key, fixed.as_deref().map_or(&*operation, |fixed| fixed.trim_matches('"')), None);
        action.set(Fact::ActionVerb, verb, operation_node.map_or(place, Place::of));
        if let Some(data) = connector::known(&key).data {
            let source =
                of(owner, Kind::DataSource, place).with(Fact::DataSourceKind, data, place).with(Fact::DataSourceConnector, key, place);
            self.context.model.add(source);
        }
    }

    /// The connection of a tool.
    fn connection(&mut self, owner: &Owner<'t>, node: Node<'t>, key: &str, power: Option<Power>) {
        let Some((identity, place)) = identity(node) else { return };
        let mut connection = of(owner, Kind::Connection, place).with(Fact::ConnectionType, key.to_owned(), place).with(
            Fact::ConnectionIdentity,
            identity,
            place,
        );
        if let Some(power) = power {
            connection.set(Fact::ConnectionPower, power, place);
        }
        self.context.model.add(connection);
    }

    /// The host of a connector that the export defines: references add something to its name.
    fn host_of(&self, key: &str) -> Option<String> {
        let plain = plain(key);
        let mut near = self.context.connector_hosts.range(..=plain.clone()).rev().take(MAX_NEAR);
        near.find(|(name, _)| !name.is_empty() && plain.starts_with(&**name)).map(|(_, host)| host.clone())
    }

    fn http(&mut self, action: &mut Element<'t>, owner: &Owner<'t>, node: Node<'t>) {
        let method = node.get("method");
        let said = text(method).unwrap_or(Cow::Borrowed("GET")).to_ascii_uppercase();
        let verb = match &*said {
            "GET" | "HEAD" => Verb::Read,
            "DELETE" => Verb::Delete,
            _ => Verb::Write,
        };
        action.set(Fact::ActionVerb, verb, method.map_or(action.place, Place::of));
        let mut authenticated = false;
        for header in node.get("headers").into_iter().flat_map(Node::members) {
            let name = header.key().unwrap_or_default();
            let authorization = name.eq_ignore_ascii_case("authorization");
            authenticated |= authorization || crate::model::secret::is_secret_name(&name);
            let (position, place) = if authorization {
                (Position::AuthorizationHeader, SecretPlace::AuthHeader)
            } else {
                (Position::Header, SecretPlace::Header)
            };
            literal::scan(self.context, owner, &Spot { node: header, field: Some(name), position, place });
        }
        for body in node.get("body").into_iter().flat_map(Node::descend) {
            literal::scan(
                self.context,
                owner,
                &Spot { node: body, field: body.key(), position: Position::BodyField, place: SecretPlace::Body },
            );
        }
        let Some(url) = node.get("url") else { return };
        literal::scan(self.context, owner, &Spot { node: url, field: None, position: Position::QueryParameter, place: SecretPlace::Query });
        if let Some(found) = endpoint(owner, url) {
            let endpoint = found.with(Fact::EndpointAuthenticated, authenticated, Place::of(url));
            if endpoint.is(Fact::EndpointNetwork, Network::Public.name()) && verb == Verb::Read && !authenticated {
                let source = of(owner, Kind::DataSource, Place::of(url)).with(Fact::DataSourceKind, DataSourceKind::Web, Place::of(url));
                self.context.model.add(source);
            }
            self.context.model.add(endpoint);
        }
    }
}

/// The connector that a reference names: `agent.shared_office365.8b1f...` is `shared_office365`; the reference itself where it says
/// nothing.
fn connector_key(reference: &str) -> String {
    connector::key(reference.split(['.', '/']).find(|part| part.starts_with("shared_")).unwrap_or(reference))
}

/// What a connection can do beyond one task. Where an operation takes any action, or a server has tools of its own, it is the model that
/// says what is done.
fn power(key: &str, operation: &str, server: bool) -> Option<Power> {
    let lower = operation.to_ascii_lowercase();
    let any = ["performunboundaction", "performboundaction", "httprequest", "invokehttp"].iter().any(|known| lower.starts_with(known));
    let of_key = connector::known(key).power.filter(|power| *power != Power::AnyRequest);
    of_key.or_else(|| (any || server).then_some(Power::AnyRequest))
}

/// The letters and digits of a key, without the mark of connections: keys are written in several ways.
pub(in crate::platform::power_platform) fn plain(key: &str) -> String {
    let key = connector::key(key);
    key.strip_prefix("shared_").unwrap_or(&key).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The address of a request: text with `{variables}`, or an expression behind `=` whose first text begins with the host.
fn endpoint<'t>(owner: &Owner<'t>, node: Node<'t>) -> Option<Element<'t>> {
    let text = node.as_str().filter(|text| !text.trim().is_empty())?;
    let place = Place::of(node);
    let mut endpoint = of(owner, Kind::Endpoint, place).with(Fact::EndpointUrl, text.clone(), place);
    let expression = text.trim_start().strip_prefix('=');
    let literal = match expression {
        Some(expression) => expression.split('"').nth(1).filter(|part| part.contains("://")).unwrap_or_default(),
        None => &text,
    };
    let whole = |host: &str| !host.is_empty() && !host.contains('{');
    let ends = literal.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?']) || expression.is_none());
    match Url::parse(literal).filter(|url| whole(url.host) && ends) {
        Some(url) => {
            endpoint.set(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place);
            endpoint.set(Fact::EndpointNetwork, address::network(url.host), place);
            endpoint.set(Fact::EndpointHostFrom, vec![Origin::Literal], place);
            if !is_placeholder_host(url.host) {
                endpoint.set(Fact::EndpointHost, url.host.to_ascii_lowercase(), place);
            }
        }
        None => {
            let from = if text.contains("Env.") { Origin::Env } else { Origin::Unknown };
            endpoint.set(Fact::EndpointNetwork, Network::Unknown, place);
            endpoint.set(Fact::EndpointHostFrom, vec![from], place);
        }
    }
    Some(endpoint)
}

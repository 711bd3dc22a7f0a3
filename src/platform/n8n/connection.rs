//! What a node works through: connectors, credentials, packages, the host.

use super::catalogue::Role;
use super::code::{self};
use super::node::{Context, NodeParts};
use crate::model::address::Url;
use crate::model::vocabulary::{Capability, ComponentKind, Publisher};
use crate::model::{Element, Fact, Kind, Place, StepId};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) fn connection<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let holders = [parts.parameters, parts.parameter(&["options"])];
    let mut members = holders.into_iter().flatten().flat_map(Node::members);
    let unchecked =
        members.find(|node| node.as_bool() == Some(true) && (node.has_key("allowUnauthorizedCerts") || node.has_key("ignoreSSLIssues")));
    let in_text = || {
        let in_code = parts.code().iter().find_map(|code| Some(Place::part(code.node, code::unchecked_certificate(&code.text)?)));
        let command = parts.parameter(&["command"]).filter(|_| matches!(parts.node_type.role, Role::Host(_)));
        in_code.or_else(|| command.and_then(|node| Some(Place::part(node, code::unchecked_certificate(&node.as_str()?)?))))
    };
    let unchecked = unchecked.map(Place::of).or_else(in_text);
    let credential = parts.credentials.filter(|node| node.is_object()).and_then(|node| node.members().next());
    if unchecked.is_none() && credential.is_none() {
        return;
    }
    let mut element = context.element(Kind::Connection, parts, step);
    if let Some(credential) = credential {
        element.set(Fact::ConnectionType, credential.key().unwrap_or_default(), Place::key_of(credential));
        let told = ["id", "name"]
            .into_iter()
            .filter_map(|name| credential.get(name))
            .find(|node| node.as_str().is_some_and(|text| !text.is_empty()));
        if let Some(node) = told.or_else(|| credential.as_str().map(|_| credential)) {
            element.set(Fact::ConnectionCredential, node.as_str().unwrap_or_default(), Place::of(node));
        }
    }
    if let Some(place) = unchecked {
        element.set(Fact::ConnectionVerifiesCertificate, false, place);
    }
    context.model.add(element);
}

/// Whether the node is the client of a server of tools.
pub(super) fn is_server_client(parts: &NodeParts<'_>) -> bool {
    matches!(parts.base, "mcpClientTool" | "mcpClient" | "mcpRegistryClientTool")
}

/// The address of the server of tools that the node is a client of.
pub(super) fn server_address<'t>(parts: &NodeParts<'t>) -> Option<Node<'t>> {
    let names: &[&str] = if is_server_client(parts) { &["endpointUrl", "sseEndpoint"] } else { &[] };
    names.iter().find_map(|name| parts.parameter(&[name]))
}

pub(super) fn connector<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    // A server of tools is a connector of its own: what it offers depends on where it is.
    let server = server_address(parts);
    let host =
        server.and_then(Node::as_str).and_then(|text| Url::parse(text.trim_start_matches('=')).map(|url| format!("mcp:{}", url.host)));
    let is_server = is_server_client(parts);
    let key = match (is_server, host) {
        (true, Some(host)) => Cow::Owned(host),
        (true, None) => Cow::Borrowed("mcp:unknown"),
        (false, _) => Cow::Borrowed(parts.kind),
    };
    // Each version of a connector is one of its own.
    let version = parts.version_node.and_then(Node::as_text).unwrap_or_default();
    if !is_server && !context.connectors.insert((key.clone(), version)) {
        return;
    }
    let publisher = if parts.is_core() {
        Publisher::Platform
    } else if parts.kind.starts_with("CUSTOM.") {
        Publisher::Custom
    } else {
        Publisher::Community
    };
    let place = server.filter(|_| is_server).map_or(parts.place(), Place::of);
    let mut element = context.element(Kind::Connector, parts, step).with(Fact::ConnectorKey, key, place).with(
        Fact::ConnectorPublisher,
        publisher,
        parts.place(),
    );
    if is_built_in(parts) {
        element.set(Fact::ConnectorBuiltIn, true, parts.place());
    }
    if let Some(version) = parts.version_node.and_then(Node::as_text) {
        element.set(Fact::ConnectorVersion, version, parts.version_node.map_or(place, Place::of));
    }
    context.model.add(element);
}

/// Whether the node only starts, decides or computes.
fn is_built_in(parts: &NodeParts<'_>) -> bool {
    let is_inner = matches!(parts.node_type.role, Role::Control | Role::Transform | Role::Code | Role::Call | Role::Agent | Role::Note);
    // Chains ask the model that hangs on them; embeddings and rerankers are models themselves.
    let is_chain = parts.base.starts_with("chain") || parts.base == "informationExtractor";
    let is_remote = ["embeddings", "reranker"].iter().any(|start| parts.base.starts_with(start)) || parts.base == "openAiAssistant";
    let starts = matches!(
        parts.base,
        "manualTrigger"
            | "manualChatTrigger"
            | "scheduleTrigger"
            | "cron"
            | "interval"
            | "start"
            | "executeWorkflowTrigger"
            | "workflowTrigger"
            | "n8nTrigger"
            | "errorTrigger"
    );
    parts.is_core() && (starts || is_chain || is_inner && !is_remote)
}

pub(super) fn component<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: Option<StepId>) {
    if parts.is_core() || !parts.kind.contains('.') {
        return;
    }
    let package = parts.kind.rsplit_once('.').map_or(parts.kind, |halves| halves.0);
    let publisher = if package == "CUSTOM" { Publisher::Custom } else { Publisher::Community };
    let mut element = Element::new(Kind::Component, context.app, parts.id.clone(), parts.name.clone(), parts.place())
        .with(Fact::ComponentKind, ComponentKind::Package, parts.place())
        .with(Fact::ComponentPackage, package, parts.place())
        .with(Fact::ComponentPublisher, publisher, parts.place());
    element.step = step;
    context.model.add(element);
}

pub(super) fn host<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, capability: Capability) {
    let element = context
        .element(Kind::Component, parts, step)
        .with(Fact::ComponentKind, ComponentKind::Host, parts.place())
        .with(Fact::ComponentPackage, parts.kind, parts.place())
        .with(Fact::ComponentPublisher, Publisher::Platform, parts.place())
        .with(Fact::ComponentCapability, capability, parts.place());
    context.model.add(element);
}

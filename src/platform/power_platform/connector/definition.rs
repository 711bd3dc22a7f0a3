//! The interface of a connector: where it goes, and what it asks of callers.

use super::login::Login;
use super::{Lowering, Parts, text};
use crate::model::address::{self, is_placeholder_host};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::{Network, Origin, SecretPlace, Weakness};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// Services that make a machine behind a firewall reachable from the internet for a while, by the end of their hosts.
const TUNNELS: [&str; 14] = [
    ".devtunnels.ms",
    ".ngrok.io",
    ".ngrok.app",
    ".ngrok.dev",
    ".ngrok-free.app",
    ".ngrok-free.dev",
    ".trycloudflare.com",
    ".loca.lt",
    ".localtunnel.me",
    ".serveo.net",
    ".lhr.life",
    ".localhost.run",
    ".tunnelmole.net",
    ".pinggy.link",
];

/// What the definition says; gives the host.
pub(super) fn lower<'t>(lowering: &mut Lowering<'_, '_, 't>, parts: &Parts<'t>, login: &Login) -> Option<String> {
    let definition = parts.definition?;
    let host_node = definition.get("host");
    let host = text(host_node).unwrap_or_default().to_ascii_lowercase();
    let name = host.split(':').next().unwrap_or_default().to_owned();
    let network = address::network(&name);
    let near = matches!(network, Network::Loopback | Network::Private);
    let schemes = definition.get("schemes");
    let has =
        |wanted: &str| schemes.and_then(|list| list.items().find(|item| item.as_str().is_some_and(|one| one.eq_ignore_ascii_case(wanted))));
    // Policies that send every request to another address decide how it goes there.
    if let (Some(list), Some(http), false, false) = (schemes, has("http"), near, login.encrypts) {
        let weakness = if has("https").is_some() { Weakness::Cleartext } else { Weakness::CleartextOnly };
        lowering.weak(weakness, "", Place { span: http.span(), ..Place::of(list) });
    }
    if let Some(node) = host_node.filter(|_| TUNNELS.iter().any(|end| name.ends_with(end))) {
        lowering.weak(Weakness::Tunnel, &name, Place::of(node));
    }
    if let Some(node) = host_node.filter(|_| !name.is_empty()) {
        let place = Place::of(node);
        let base = text(definition.get("basePath")).unwrap_or_default();
        // Without encryption it is a weakness of the connector, and said there.
        let scheme = if has("https").is_some() || schemes.is_none() { "https" } else { "http" };
        let mut endpoint = lowering
            .element(Kind::Endpoint, "host", place)
            .with(Fact::EndpointUrl, format!("{scheme}://{host}{base}"), place)
            .with(Fact::EndpointNetwork, network, place)
            .with(Fact::EndpointHostFrom, vec![Origin::Literal], place);
        if scheme == "https" {
            endpoint.set(Fact::EndpointScheme, scheme, place);
        }
        if !is_placeholder_host(&name) {
            endpoint.set(Fact::EndpointHost, name.clone(), place);
        }
        lowering.context.model.add(endpoint);
    }
    let secured = security(lowering, definition.get("securityDefinitions"));
    let asks = |node: &Node<'t>| node.get("security").is_some_and(|security| security.index(0).is_some());
    if !secured && login.known && !login.secures && !asks(&definition) && !near {
        unauthenticated(lowering, definition);
    }
    defaults(lowering, definition);
    Some(name)
}

/// What callers have to show; whether there is anything.
fn security<'t>(lowering: &mut Lowering<'_, '_, 't>, definitions: Option<Node<'t>>) -> bool {
    let mut any = false;
    for definition in definitions.into_iter().flat_map(Node::members) {
        any = true;
        let name = definition.key().unwrap_or_default();
        let said = |member: &str, word: &str| {
            definition.get(member).filter(|node| node.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word)))
        };
        if let Some(node) = said("in", "query").filter(|_| said("type", "apiKey").is_some()) {
            let parameter = text(definition.get("name")).unwrap_or_else(|| name.clone());
            lowering.weak(Weakness::SecretInQuery, &parameter, Place::of(node));
        }
        if let Some(node) = said("flow", "implicit") {
            lowering.weak(Weakness::ImplicitGrant, &name, Place::of(node));
        }
        for url in ["authorizationUrl", "tokenUrl"].into_iter().filter_map(|url| definition.get(url)) {
            lowering.login_address(format!("security.{name}.{}", url.key().unwrap_or_default()), url);
        }
    }
    any
}

/// A connector that asks nobody who they are and changes something. Those that only read give out public data.
fn unauthenticated<'t>(lowering: &mut Lowering<'_, '_, 't>, definition: Node<'t>) {
    let changes = |operation: &Node<'t>| operation.key().is_some_and(|method| matches!(&*method, "post" | "put" | "patch" | "delete"));
    let protected = |operation: &Node<'t>| {
        let parameters = operation.get("parameters").into_iter().flat_map(Node::items);
        let mut names = parameters.filter_map(|parameter| parameter.get("name").and_then(Node::as_str));
        operation.get("security").is_some_and(|security| security.index(0).is_some()) || names.any(|name| is_secret_name(&name))
    };
    let operations = definition.get("paths").into_iter().flat_map(Node::members).flat_map(Node::members);
    let Some(first) = operations.filter(changes).find(|operation| !protected(operation)) else { return };
    let place = definition.get("securityDefinitions").map_or(Place::key_of(first), Place::key_of);
    lowering.weak(Weakness::Unauthenticated, "", place);
}

/// Values that are sent when the maker gives none: some are keys.
fn defaults<'t>(lowering: &mut Lowering<'_, '_, 't>, definition: Node<'t>) {
    for node in definition.descend().filter(|node| node.is_object()) {
        let (Some(name), Some(kind)) = (text(node.get("name")), text(node.get("in"))) else { continue };
        let Some(value) = node.get("default") else { continue };
        let (position, place) = match &*kind {
            "header" if name.eq_ignore_ascii_case("authorization") => (Position::AuthorizationHeader, SecretPlace::AuthHeader),
            "header" => (Position::Header, SecretPlace::Header),
            "query" => (Position::QueryParameter, SecretPlace::Query),
            _ => continue,
        };
        lowering.secret("default".to_owned(), value, Cow::clone(&name), position, place);
    }
}

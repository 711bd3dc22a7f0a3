//! Addresses that the platform calls by itself: external data, external services, messages of workflows.

use super::super::Context;
use super::super::component::{Component, flag, member, text};
use super::hosts;
use crate::model::{Fact, Place};
use crate::tree::Node;

pub(in super::super) fn lower_source<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let Some(mut endpoint) = node.get("endpoint").and_then(|address| hosts::endpoint(context, &component, "endpoint", address)) else {
        return;
    };
    if let Some((protocol, held)) = member(node, "protocol") {
        endpoint.set(Fact::EndpointAuthenticated, protocol != "NoAuthentication", Place::of(held));
    }
    context.model.add(endpoint);
}

/// Members of OpenAPI documents whose value is an address.
const ADDRESS: [&str; 4] = ["\"url\"", "url:", "\"host\"", "host:"];

pub(in super::super) fn lower_service<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let Some((description, held)) = member(node, "schema") else { return };
    // The description is a document of its own inside of the text: only its addresses matter, and they say that they are some.
    let addresses = description.match_indices("http://").filter(|(at, _)| {
        let before = description[..*at].trim_end_matches(['"', '\'', ' ', ':']);
        ADDRESS.iter().any(|name| before.ends_with(name.trim_end_matches([':', '"'])) || before.ends_with(name))
    });
    let Some((at, _)) = addresses.into_iter().next() else { return };
    let end =
        description[at..].find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')).map_or(description.len(), |end| at + end);
    let place = Place::part(held, at..end);
    if let Some(endpoint) = hosts::endpoint_of(&component, "schema", &description[at..end], place) {
        context.model.add(endpoint);
    }
}

pub(in super::super) fn lower_workflow<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    node.get_all("outboundMessages").for_each(|message| lower_message(context, message));
}

pub(in super::super) fn lower_message<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = match node.get("fullName").and_then(text) {
        Some(name) => Component::named(context, node, name),
        None => Component::of(context, node),
    };
    let Some(mut endpoint) = node.get("endpointUrl").and_then(|address| hosts::endpoint(context, &component, "endpoint", address)) else {
        return;
    };
    let own = endpoint.text(Fact::EndpointHost).is_some_and(hosts::is_of_platform);
    if let Some((true, place)) = flag(node, "includeSessionId").filter(|_| !own) {
        endpoint.set(Fact::EndpointGetsSession, true, place);
    }
    context.model.add(endpoint);
}

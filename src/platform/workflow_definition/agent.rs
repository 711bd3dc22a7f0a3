//! Agents and their tools.

use super::Context;
use super::part::Part;
use crate::model::address::Url;
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>) {
    let messages = part.input(&["parameters", "messages"]);
    let system = messages.into_iter().flat_map(Node::items).find(|message| {
        let says = message.get("content").and_then(Node::as_str).is_some_and(|text| !text.trim().is_empty());
        says && message.get("role").and_then(Node::as_str).is_some_and(|role| role.eq_ignore_ascii_case("system"))
    });
    let tools: Vec<Cow<'t, str>> = part.node.get("tools").into_iter().flat_map(Node::members).filter_map(Node::key).collect();
    let mut element = part.element(Kind::Agent, context.app).with(
        Fact::AgentInstructions,
        system.is_some(),
        system.or(messages).map_or(part.place(), Place::of),
    );
    if !tools.is_empty() {
        element.set(Fact::AgentTools, tools, part.node.get("tools").map_or(part.place(), Place::key_of));
    }
    context.model.add(element);
}

/// A server of tools for agents: what it offers depends on where it is.
pub(super) fn server<'t>(context: &mut Context<'_, 't>, part: &Part<'t>) {
    let texts = part.inputs.into_iter().flat_map(Node::descend).filter_map(|node| Some((node, node.as_str()?)));
    let address = texts.into_iter().find_map(|(node, text)| Some((node, Url::parse(&text)?.host.to_ascii_lowercase())));
    let (key, place) = address.map_or_else(|| (None, part.place()), |(node, host)| (Some(format!("mcp:{host}")), Place::of(node)));
    let used = context.used[part.at].as_ref();
    let key = key.or_else(|| used.map(|used| format!("mcp:{}", used.key))).map_or(Cow::Borrowed("mcp:unknown"), Cow::Owned);
    let element = part.element(Kind::Connector, context.app).with(Fact::ConnectorKey, key, place);
    context.model.add(element);
}

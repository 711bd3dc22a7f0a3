//! Buttons and links that send the session of whoever clicks to somebody else.

use super::super::Context;
use super::super::component::{Component, member, name, text};
use super::hosts;
use crate::model::{Fact, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// What a link writes where the session belongs, lower case.
const SESSION: [&str; 3] = ["api.session_id", "getsessionid", "$api.session"];

/// A link in a file of its own.
pub(in super::super) fn lower_document<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    let object = super::super::component::folder_name(path, "objects");
    let name = name(path);
    let name = object.map_or(name.clone(), |object| Cow::Owned(format!("{object}.{name}")));
    of(context, node, name);
}

/// A link within its object.
pub(in super::super) fn lower<'t>(context: &mut Context<'_, 't>, object: &str, node: Node<'t>) {
    if let Some(name) = node.get("fullName").and_then(text) {
        of(context, node, Cow::Owned(format!("{object}.{name}")));
    }
}

fn of<'t>(context: &mut Context<'_, 't>, node: Node<'t>, name: Cow<'t, str>) {
    let Some((address, held)) = member(node, "url") else { return };
    let lower = address.to_ascii_lowercase();
    if !SESSION.iter().any(|word| lower.contains(word)) {
        return;
    }
    // Of a script, the first address that is not the platform's; a link is one address.
    let starts = lower.match_indices("https://").chain(lower.match_indices("http://")).map(|(at, _)| at);
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    let component = Component::named(context, node, name);
    let found = starts.into_iter().find_map(|at| {
        let end = address[at..].find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<')).map_or(address.len(), |end| at + end);
        let endpoint = hosts::endpoint_of(&component, "url", &address[at..end], Place::part(held, at..end))?;
        let foreign = endpoint.text(Fact::EndpointHost).is_some_and(|host| !hosts::is_of_platform(host));
        foreign.then_some(endpoint)
    });
    if let Some(endpoint) = found {
        let place = endpoint.place;
        context.model.add(endpoint.with(Fact::EndpointGetsSession, true, place));
    }
}

//! What a node sends to people, and the rights that it gives them.

use super::catalogue::Role;
use super::expression::references;
use super::node::{Context, NodeParts};
use crate::model::address::{self};
use crate::model::vocabulary::{DataSourceKind, Origin, PrincipalKind, Verb};
use crate::model::{ElementId, Fact, Kind, Place, Reference, Source, StepId};
use crate::tree::Node;
use std::borrow::Cow;

/// Parameters that hold recipients, and those that hold content, in the nodes that send.
#[rustfmt::skip]
pub(super) const RECIPIENTS: [&str; 14] = [
    "sendTo", "toEmail", "toRecipients", "to", "toAddresses", "recipientPhoneNumber", "ccEmail", "bccEmail", "toList", "ccList", "bccList",
    "ccRecipients", "bccRecipients", "receipients",
];
/// Parameters that say in which chat. Chats are mostly answered where they were asked: only what a model fills in itself is its choice.
const CHATS: [&str; 3] = ["chatId", "channelId", "user"];
#[rustfmt::skip]
const CONTENT: [&str; 13] = [
    "message", "text", "html", "emailText", "bodyContent", "subject", "textBody", "content", "body", "contentValue", "textContent",
    "htmlContent", "messageContent",
];

/// Whether the parameter says who gets a message, or in which chat.
pub(super) fn is_addressee(node: Node<'_>) -> bool {
    node.key().is_some_and(|key| RECIPIENTS.contains(&&*key) || CHATS.contains(&&*key))
}

pub(super) fn messages<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId, verb: Verb) {
    if verb != Verb::Send {
        return;
    }
    let nested = [&["options"][..], &["additionalFields"]];
    let find = |names: &[&str]| -> Vec<Node<'t>> {
        let holders = parts.parameters.into_iter().chain(nested.iter().filter_map(|path| parts.parameter(path)));
        holders
            .flat_map(Node::members)
            .filter(|member| member.key().is_some_and(|key| names.contains(&&*key)))
            // What was picked from a list stands in an object, several of them in an array.
            .flat_map(|node| if node.is_array() { node.items().collect() } else { vec![node.get("value").unwrap_or(node)] })
            .filter(|node| node.as_str().is_some())
            .collect()
    };
    for node in find(&RECIPIENTS) {
        let text = node.as_str().unwrap_or_default();
        let found = references(node, context.steps, false);
        if !found.is_empty() {
            context.sink(element, step, Fact::ActionRecipientFrom, found, Place::of(node));
        } else if let Some(domain) = text.trim_start_matches('=').split([',', ';']).filter_map(|one| address::recipient(one.trim())).max() {
            let target = context.model.element_mut(element);
            target.set(Fact::ActionRecipient, text.trim_start_matches('=').to_owned(), Place::of(node));
            target.set(Fact::ActionRecipientDomain, domain, Place::of(node));
        }
    }
    for node in find(&CHATS) {
        let mut found = references(node, context.steps, false);
        found.retain(|reference| matches!(reference.from, Source::Origin(Origin::Model)));
        context.sink(element, step, Fact::ActionRecipientFrom, found, Place::of(node));
    }
    let content: Vec<Reference<'t>> = find(&CONTENT).into_iter().flat_map(|node| references(node, context.steps, false)).collect();
    let place = content.first().map_or(parts.place(), |reference| reference.place);
    context.sink(element, step, Fact::ActionContentFrom, content, place);
}

/// What a request asks a service that keeps files to share with everyone: the member that says so, and the right.
pub(super) fn shared_by_request<'t>(parts: &NodeParts<'t>) -> Option<(Node<'t>, &'static str)> {
    let url = parts.text(&["url"])?;
    let words: &[&str] = if url.contains("googleapis.com/drive/") && url.contains("/permissions") {
        &["anyone"]
    } else if url.contains("graph.microsoft.com/") && url.contains("/createLink") {
        &["anonymous"]
    } else if url.contains("dropboxapi.com/") && url.contains("create_shared_link") {
        &["public"]
    } else {
        return None;
    };
    // The word is a whole value, or stands in quotes in the text of a body.
    let says = |text: &str| words.iter().any(|word| text == *word || text.contains(&format!("\"{word}\"")));
    let node = parts.parameters?.descend().find(|node| node.as_str().is_some_and(|text| says(&text)))?;
    let writes = |text: &str| ["writer", "edit"].iter().any(|word| text == *word || text.contains(&format!("\"{word}\"")));
    let writes = parts.parameters?.descend().any(|node| node.as_str().is_some_and(|text| writes(&text)));
    Some((node, if writes { "writer" } else { "reader" }))
}

/// Rights that the step gives to others.
pub(super) fn grants<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let is_http = parts.node_type.role == Role::Http;
    if !is_http && !matches!(parts.node_type.data, Some(DataSourceKind::File | DataSourceKind::Bucket)) {
        return;
    }
    let mut add = |node: Node<'t>, kind: PrincipalKind, action: Cow<'t, str>| {
        let element = context.element(Kind::Grant, parts, step).with(Fact::GrantPrincipalKind, kind, Place::of(node)).with(
            Fact::GrantAction,
            action,
            Place::of(node),
        );
        context.model.add(element);
    };
    if is_http {
        if let Some((node, right)) = shared_by_request(parts) {
            add(node, PrincipalKind::Anonymous, right.into());
        }
        return;
    }
    let permission = parts.parameter(&["permissionsUi", "permissionsValues"]);
    let permissions = permission.into_iter().flat_map(|node| if node.is_array() { node.items().collect() } else { vec![node] });
    for value in permissions {
        let Some((node, kind)) = value.get("type").and_then(|node| Some((node, node.as_str()?))) else { continue };
        let kind = match &*kind {
            "anyone" => PrincipalKind::Anonymous,
            "domain" => PrincipalKind::Everyone,
            "group" => PrincipalKind::Group,
            "user" => PrincipalKind::User,
            _ => PrincipalKind::Unknown,
        };
        add(node, kind, value.get("role").and_then(Node::as_str).unwrap_or(Cow::Borrowed("reader")));
    }
    let named = |node: &Node<'t>| ["acl", "predefinedAcl", "predefinedDefaultObjectAcl"].iter().any(|name| node.has_key(name));
    for node in parts.parameters.into_iter().flat_map(Node::descend).filter(named) {
        let Some(text) = node.as_str() else { continue };
        match &*text.to_ascii_lowercase().replace('-', "") {
            "publicread" => add(node, PrincipalKind::Anonymous, "read".into()),
            "publicreadwrite" => add(node, PrincipalKind::Anonymous, "write".into()),
            "authenticatedread" => add(node, PrincipalKind::Everyone, "read".into()),
            _ => {}
        }
    }
    for (name, right) in [("grantRead", "read"), ("grantReadAcp", "read"), ("grantWrite", "write"), ("grantFullControl", "write")] {
        let node = parts.parameter(&["additionalFields", name]);
        if let Some(node) = node.filter(|node| node.as_str().is_some_and(|text| text.contains("/groups/global/AllUsers"))) {
            add(node, PrincipalKind::Anonymous, right.into());
        }
    }
    // A link for everyone is share type 3 of Nextcloud.
    let link = parts.parameter(&["shareType"]).filter(|node| parts.base.starts_with("nextCloud") && node.as_text().as_deref() == Some("3"));
    if let Some(node) = link {
        add(node, PrincipalKind::Anonymous, "read".into());
    }
    if let Some(node) = parts.parameter(&["scope"]).filter(|node| node.as_str().as_deref() == Some("anonymous")) {
        add(node, PrincipalKind::Anonymous, parts.text(&["type"]).unwrap_or(Cow::Borrowed("view")));
    }
}

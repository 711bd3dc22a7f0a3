//! Named and external credentials: where the organisation calls, with what it proves who it is, and who may use that.

use super::super::Context;
use super::super::access::Holder;
use super::super::component::{Component, member, text_node};
use super::hosts;
use crate::model::secret::Position;
use crate::model::vocabulary::{Identity, RightPower, Scope, SecretPlace};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The credentials of an export.
#[derive(Default)]
pub(in super::super) struct Credentials<'t> {
    external: BTreeMap<Cow<'t, str>, Place>,
    /// The addresses that are called with each external credential, with the named credential that says so.
    used: BTreeMap<Cow<'t, str>, Vec<(Cow<'t, str>, Place)>>,
}

/// Most hyphens of the name of a principal behind which its own part is looked for.
const LONGEST: usize = 16;
/// Most addresses that a finding shows.
const RELATED: usize = 4;

/// Fields of legacy credentials that hold a secret.
const SECRETS: [&str; 4] = ["password", "oauthToken", "oauthRefreshToken", "awsAccessSecret"];

pub(in super::super) fn lower_external<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    context.connect.credentials.external.insert(component.name.clone(), component.place);
    for parameter in node.get_all("externalCredentialParameters") {
        let Some((value, held)) = member(parameter, "parameterValue") else { continue };
        // What begins a formula names a value that the platform keeps for itself.
        if value.contains("{!") {
            continue;
        }
        let field = member(parameter, "parameterName").map_or(Cow::Borrowed("parameterValue"), |(name, _)| name);
        let is_header = member(parameter, "parameterType").is_some_and(|(kind, _)| kind == "AuthHeader");
        let position =
            if is_header { (Position::Header, SecretPlace::AuthHeader) } else { (Position::CredentialField, SecretPlace::CredentialField) };
        component.secrets(context, field, text_node(held), position);
    }
}

pub(in super::super) fn lower_named<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    for name in SECRETS {
        if let Some((_, held)) = member(node, name) {
            component.secrets(context, name, text_node(held), (Position::CredentialField, SecretPlace::SecretSection));
        }
    }
    let mut address = node.get("endpoint");
    let mut credential = None;
    for parameter in node.get_all("namedCredentialParameters") {
        let is = |kind: &str| member(parameter, "parameterType").is_some_and(|(text, _)| text == kind);
        if is("Url") {
            address = parameter.get("parameterValue").or(address);
        } else if is("Authentication") {
            credential = member(parameter, "externalCredential").map(|(name, _)| name);
        } else if let Some((_, held)) = member(parameter, "parameterValue").filter(|(value, _)| is("HttpHeader") && !value.contains("{!")) {
            let field = member(parameter, "parameterName").map_or(Cow::Borrowed("parameterValue"), |(name, _)| name);
            component.secrets(context, field, text_node(held), (Position::Header, SecretPlace::Header));
        }
    }
    let protocol = member(node, "protocol").map(|(text, node)| (text, Place::of(node)));
    let principal = member(node, "principalType").map(|(text, node)| (text, Place::of(node)));
    let mut connection = component.element(Kind::Connection, "connection", component.place);
    connection.set(Fact::ConnectionType, protocol.as_ref().map_or("SecuredEndpoint".into(), |(text, _)| text.clone()), component.place);
    if let Some((principal, place)) = principal {
        let identity = match &*principal {
            "Anonymous" => Identity::Absent,
            "PerUser" => Identity::Invoker,
            _ => Identity::Shared,
        };
        connection.set(Fact::ConnectionIdentity, identity, place);
    }
    context.model.add(connection);
    if let Some(mut endpoint) = address.and_then(|node| hosts::endpoint(context, &component, "endpoint", node)) {
        if let Some((protocol, place)) = protocol {
            endpoint.set(Fact::EndpointAuthenticated, protocol != "NoAuthentication", place);
        }
        if let Some(name) = &credential {
            let external = context.connect.credentials.external.get(name).copied();
            endpoint.set(Fact::EndpointAuthenticated, true, external.unwrap_or(endpoint.place));
            if let Some(place) = external {
                endpoint.relate(format!("the external credential `{name}` is sent there"), place);
            }
            context.connect.credentials.used.entry(name.clone()).or_default().push((component.name.clone(), endpoint.place));
        }
        context.model.add(endpoint);
    }
}

/// Adds what visitors may call other systems with: the credential behind it is that of the organisation.
pub(in super::super) fn use_of_credentials<'t>(context: &mut Context<'_, 't>, holder: &Holder<'t>) {
    for (principal, place) in &holder.principals {
        let credentials = &context.connect.credentials;
        // `Credential-Principal`; both may have hyphens.
        let known = |at: &usize| credentials.external.contains_key(&principal[..*at]) || credentials.used.contains_key(&principal[..*at]);
        let ends: Vec<usize> = principal.match_indices('-').map(|(at, _)| at).take(LONGEST).collect();
        let end = ends.iter().copied().find(known).or_else(|| ends.first().copied()).unwrap_or(principal.len());
        let name = &principal[..end];
        let mut related: Vec<(String, Place)> = Vec::new();
        related.extend(credentials.external.get(name).map(|place| (format!("the external credential `{name}`"), *place)));
        related.extend(
            credentials.used.get(name).into_iter().flatten().take(RELATED).map(|(by, place)| (format!("`{by}` sends it there"), *place)),
        );
        let mut element = holder
            .grant(context, &format!("principal.{principal}"), *place)
            .with(Fact::GrantAction, "use", *place)
            .with(Fact::GrantPower, RightPower::UseCredential, *place)
            .with(Fact::GrantResource, name.to_owned(), *place)
            .with(Fact::GrantScope, Scope::All, *place);
        related.into_iter().for_each(|(what, place)| element.relate(what, place));
        context.model.add(element);
    }
}

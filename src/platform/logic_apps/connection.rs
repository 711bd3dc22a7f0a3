//! Connections: which connector they belong to, with whose rights they work, and what of their credentials stands in the export.

use super::arm::Scope;
use super::secrets::{self, Owner};
use super::{Context, shape};
use crate::model::secret;
use crate::model::vocabulary::{Identity, SecretPlace};
use crate::model::{AppId, Element, ElementId, Fact, Kind, Place};
use crate::platform::HashMap;
use crate::platform::workflow_definition::{self, connector};
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// What is known of the connections that a workflow uses, by the name in the workflow, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(HashMap<String, (String, Identity)>);

impl Connections {
    /// The connection that steps call `name`.
    pub(super) fn get<'t>(&self, name: &str) -> Option<workflow_definition::Connection<'t>> {
        let (key, identity) = self.0.get(&name.to_lowercase())?;
        Some(workflow_definition::Connection { key: Cow::Owned(key.clone()), identity: *identity })
    }

    fn add(&mut self, name: &str, key: Option<String>, identity: Identity) {
        self.0.insert(name.to_lowercase(), (key.unwrap_or_else(|| connector::key(name)), identity));
    }

    /// Adds the references that stand beside a definition: the value of `$connections`, or what the designer keeps. Each is an
    /// element of the workflow when it says with whose rights it works.
    pub(super) fn refer<'t>(&mut self, context: &mut Context<'_, 't>, app: AppId, references: Node<'t>, scope: &Scope<'t>) {
        for reference in references.members().filter(|reference| reference.is_object()) {
            let name = reference.key().unwrap_or_default();
            let place = Place::key_of(reference);
            let key = connector_of(reference, scope);
            let authentication = ["connectionProperties", "authentication"];
            let authentication = reference.at(&authentication).or_else(|| reference.get("authentication"));
            let identity = authentication.map_or((Identity::Unknown, place), |node| identity(node, scope));
            self.add(&name, key.clone(), identity.0);
            if identity.0 != Identity::Unknown {
                let key = key.unwrap_or_else(|| connector::key(&name));
                add(context, app, name, key, identity, place);
            }
        }
    }
}

/// The connector of a connection or reference, by its identifier.
fn connector_of<'t>(node: Node<'t>, scope: &Scope<'t>) -> Option<String> {
    const IDS: [&[&str]; 4] = [&["api", "id"], &["serviceProvider", "id"], &["id"], &["connectorId"]];
    let id = IDS.iter().find_map(|path| node.at(path).filter(|id| id.kind() == ValueKind::String))?;
    let last = scope.text(id).last_segment().filter(|last| !last.is_empty() && !secret::is_placeholder(last))?;
    Some(connector::key(&last))
}

/// With whose rights `authentication` works, and where that stands.
fn identity<'t>(authentication: Node<'t>, scope: &Scope<'t>) -> (Identity, Place) {
    let kind = authentication.get("type").unwrap_or(authentication);
    let text = scope.text(kind).whole().unwrap_or_default();
    let identity = match &*text.to_ascii_lowercase() {
        "managedserviceidentity" => Identity::Managed,
        "none" => Identity::Absent,
        "raw" | "activedirectoryoauth" | "basic" | "clientcertificate" | "querystring" | "header" | "key" => Identity::Service,
        _ => Identity::Unknown,
    };
    (identity, Place::of(kind))
}

fn add<'t>(
    context: &mut Context<'_, 't>,
    app: AppId,
    name: Cow<'t, str>,
    key: String,
    identity: (Identity, Place),
    place: Place,
) -> ElementId {
    let mut element = Element::new(Kind::Connection, app, name.clone(), name, place).with(Fact::ConnectionType, key, place);
    if identity.0 != Identity::Unknown {
        element.set(Fact::ConnectionIdentity, identity.0, identity.1);
    }
    context.model.add(element)
}

/// Says of a connection that it takes every server for the right one, where a value of it does.
fn trusts_anyone<'t>(context: &mut Context<'_, 't>, connection: ElementId, mut values: impl Iterator<Item = (Cow<'t, str>, Node<'t>)>) {
    let found = values.find(|(name, value)| match value.as_str() {
        Some(text) => {
            let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
            let here = ["(localdb)", "=localhost", "=127.0.0.1", "=.;", "=.\\"].iter().any(|host| plain.contains(host));
            !here && ["trustservercertificate=true", "trustservercertificate=yes"].iter().any(|option| plain.contains(option))
        }
        None => name.eq_ignore_ascii_case("acceptAnySshHostKey") && value.as_bool() == Some(true),
    });
    if let Some((_, value)) = found {
        context.model.element_mut(connection).set(Fact::ConnectionVerifiesCertificate, false, Place::of(value));
    }
}

/// Adds the connections of a project of the Standard plan.
pub(super) fn lower_file<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    for section in shape::CONNECTIONS.iter().filter_map(|name| root.get(name)) {
        for connection in section.members().filter(|connection| connection.is_object()) {
            let app = context.package(Place::key_of(section));
            lower_standard(context, app, section, connection);
        }
    }
}

fn lower_standard<'t>(context: &mut Context<'_, 't>, app: AppId, section: Node<'t>, connection: Node<'t>) {
    let scope = Scope::default();
    let name = connection.key().unwrap_or_default();
    let place = Place::key_of(connection);
    let key = connector_of(connection, &scope).unwrap_or_else(|| match section.key().as_deref() {
        Some("functionConnections") => "azurefunction".to_owned(),
        Some("apiManagementConnections") => "apimanagement".to_owned(),
        _ => connector::key(&name),
    });
    let set = connection.get("parameterSetName");
    let managed = set.filter(|set| set.as_str().is_some_and(|set| set.to_ascii_lowercase().contains("managedidentity")));
    let identity = match (managed, connection.get("authentication"), connection.get("parameterValues")) {
        (Some(set), ..) => (Identity::Managed, Place::of(set)),
        (None, Some(authentication), _) => identity(authentication, &scope),
        (None, None, Some(values)) if has_secret(values) => (Identity::Service, Place::key_of(values)),
        _ => (Identity::Unknown, place),
    };
    context.connections.add(&name, Some(key.clone()), identity.0);
    let element = add(context, app, name.clone(), key, identity, place);
    let values = connection.get("parameterValues").into_iter().flat_map(Node::members);
    trusts_anyone(context, element, values.map(|value| (value.key().unwrap_or_default(), value)));
    let owner = Owner { app, id: name.clone(), name };
    let authentication = connection.get("authentication");
    for field in connection.descend().filter(|node| node.kind() == ValueKind::String) {
        let key = field.key().unwrap_or_default();
        let credential = authentication.is_some_and(|authentication| authentication.contains(field.id())) && is_credential(&key);
        if credential || secret::is_secret_name(&key) {
            let name = if credential { Cow::Borrowed("secret") } else { key };
            secrets::lower(context, &owner, name, field, SecretPlace::SecretSection);
        }
    }
}

/// Whether the member of an authentication holds what proves who the caller is.
pub(super) fn is_credential(name: &str) -> bool {
    matches!(name, "secret" | "password" | "pfx" | "key" | "value" | "parameter")
}

fn has_secret(values: Node<'_>) -> bool {
    values.members().any(|value| value.key().is_some_and(|key| secret::is_secret_name(&key)))
}

/// The values of a connection that a template deploys: name and value.
fn values(properties: Node<'_>) -> Vec<(Cow<'_, str>, Node<'_>)> {
    let plain = ["parameterValues", "customParameterValues"].into_iter().filter_map(|name| properties.get(name)).flat_map(Node::members);
    let of_set = properties.at(&["parameterValueSet", "values"]).into_iter().flat_map(Node::members);
    let of_set = of_set.map(|value| (value.key().unwrap_or_default(), value.get("value").unwrap_or(value)));
    plain.map(|value| (value.key().unwrap_or_default(), value)).chain(of_set).collect()
}

/// The parameters of a template that a connection or connector takes as secrets.
pub(super) fn secret_parameters<'t>(resource: Node<'t>, scope: &Scope<'t>) -> Vec<Node<'t>> {
    let Some(properties) = resource.get("properties") else { return Vec::new() };
    let secret = values(properties).into_iter().filter(|(name, _)| secret::is_secret_name(name)).map(|(_, value)| value);
    secret.chain(client_secrets(properties)).filter_map(|value| scope.parameter(value)).collect()
}

/// The secrets by which connectors prove who they are.
fn client_secrets(properties: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let parameters = properties.get("connectionParameters").into_iter().flat_map(Node::members);
    parameters.filter_map(|parameter| parameter.at(&["oAuthSettings", "clientSecret"]))
}

/// Adds a connection that a template deploys.
pub(super) fn lower_resource<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, resource: Node<'t>, scope: &Scope<'t>) {
    let Some(properties) = resource.get("properties") else { return };
    let place = resource.get("name").map_or(Place::of(resource), Place::of);
    let values = values(properties);
    let kind = properties.get("parameterValueType").filter(|kind| kind.as_str().is_some_and(|kind| kind == "Alternative"));
    let set = properties.at(&["parameterValueSet", "name"]);
    let set = set.filter(|set| set.as_str().is_some_and(|set| set.to_ascii_lowercase().contains("managedidentity")));
    let stored = values.iter().find(|(name, _)| secret::is_secret_name(name));
    let identity = match (kind.or(set), stored) {
        (Some(node), _) => (Identity::Managed, Place::of(node)),
        (None, Some((_, value))) => (Identity::Service, Place::key_of(*value)),
        (None, None) => (Identity::Unknown, place),
    };
    if let Some(key) = connector_of(properties, scope) {
        let element = add(context, owner.app, owner.id.clone(), key, identity, place);
        trusts_anyone(context, element, values.iter().map(|(name, value)| (name.clone(), scope.value(*value))));
    }
    for (name, value) in values {
        secrets::lower(context, owner, name, scope.value(value), SecretPlace::SecretSection);
    }
    for value in client_secrets(properties) {
        secrets::lower(context, owner, "clientSecret", scope.value(value), SecretPlace::SecretSection);
    }
}

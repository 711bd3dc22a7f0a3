//! What a part works through: its connector, and the operation of it.

use super::expression;
use super::part::{Part, at, member, members};
use super::{Context, Host, connector};
use crate::model::vocabulary::{Capability, ComponentKind, DataSourceKind, Identity, Publisher};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// The connector and operation that a part uses.
#[derive(Clone, Debug)]
pub(super) struct Used<'t> {
    /// See [`connector::key`].
    pub(super) key: Cow<'t, str>,
    pub(super) is_custom: bool,
    pub(super) identity: Identity,
    /// As the platform names it; for a request to a path, that path.
    pub(super) operation: Option<(Cow<'t, str>, Node<'t>)>,
    /// The method of the request.
    pub(super) method: Option<Cow<'t, str>>,
    /// Where the connector is named.
    pub(super) place: Place,
}

/// What the part uses; none for parts that the platform runs itself.
pub(super) fn used<'t>(around: &dyn Host<'t>, part: &Part<'t>) -> Option<Used<'t>> {
    let [provider, host, reference, own_operation, request_path, method] =
        members(part.inputs?, ["serviceProviderConfiguration", "host", "connectionReference", "operationId", "path", "method"]);
    if let Some(provider) = provider {
        let id = provider.get("serviceProviderId")?;
        let operation = provider.get("operationId").and_then(|node| Some((node.as_str()?, node)));
        return Some(Used {
            key: connector::key(&id.as_str()?).into(),
            is_custom: false,
            identity: Identity::Unknown,
            operation,
            method: None,
            place: Place::of(id),
        });
    }
    let id = host.and_then(|host| member(host, "apiId").or_else(|| at(host, &["api", "id"])));
    let (name, named) = connection_name(host, reference).map_or((None, None), |(name, node)| (Some(name), Some(node)));
    let known = name.as_deref().and_then(|name| around.connection(name));
    // An identifier that an expression makes up says nothing; what the connection is known for does.
    let id =
        id.filter(|id| id.as_str().is_some_and(|text| text.contains('/') && !around.is_template(&text) || text.starts_with("shared_")));
    let text = id.and_then(Node::as_str);
    let key = match (&text, &known, &name) {
        (Some(id), ..) => Cow::Owned(connector::key(id)),
        (None, Some(known), _) => known.key.clone(),
        (None, None, Some(name)) => Cow::Owned(connector::key(without_number(name))),
        (None, None, None) => return None,
    };
    let operation = host.and_then(|host| member(host, "operationId")).or(own_operation).or(request_path);
    Some(Used {
        key,
        is_custom: text.as_deref().is_some_and(connector::is_custom),
        identity: known.map_or(Identity::Unknown, |known| known.identity),
        operation: operation.and_then(|node| Some((node.as_str()?, node))),
        method: method.and_then(Node::as_str),
        place: id.or(named).map_or(part.place(), Place::of),
    })
}

/// The name of the connection: beside the operation, or in `@parameters('$connections')['name']['connectionId']`.
fn connection_name<'t>(host: Option<Node<'t>>, reference: Option<Node<'t>>) -> Option<(Cow<'t, str>, Node<'t>)> {
    let of_host = |path: &[&str]| host.and_then(|host| at(host, path));
    let node = of_host(&["connectionName"])
        .or_else(|| of_host(&["connectionReferenceName"]))
        .or_else(|| of_host(&["connection", "referenceName"]))
        .or_else(|| member(reference?, "connectionName"));
    let named = node.and_then(|node| Some((node.as_str()?, node)));
    named.or_else(|| {
        let node = of_host(&["connection", "name"])?;
        let text = node.as_str()?;
        let calls = expression::calls(&text, 0..text.len());
        let call = calls.iter().find(|call| call.function == expression::Function::Parameter)?;
        let name = match call.name.as_deref()? {
            "$connections" => (*call.path.first()?).to_owned(),
            name => name.to_owned(),
        };
        Some((Cow::Owned(name), node))
    })
}

/// `shared_sql_1` is the second connection of a flow to `shared_sql`.
fn without_number(name: &str) -> &str {
    match name.rsplit_once(['_', '-']) {
        Some((before, number)) if !number.is_empty() && number.len() < 3 && number.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => name,
    }
}

/// Adds the connector, once a flow.
pub(super) fn connector<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, used: &Used<'t>) {
    if !context.connectors.insert(used.key.clone().into_owned()) {
        return;
    }
    let mut element = part.element(Kind::Connector, context.app).with(Fact::ConnectorKey, used.key.clone(), used.place);
    if used.is_custom {
        element.set(Fact::ConnectorPublisher, Publisher::Custom, used.place);
    }
    if let Some(successor) = connector::known(&used.key).successor {
        element.set(Fact::ConnectorSuccessor, successor, used.place);
    }
    context.model.add(element);
}

/// Adds a connector that is a part of the platform, by the name that its policies have for it.
pub(super) fn built_in<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, key: &'static str) {
    if !context.connectors.insert(key.to_owned()) {
        return;
    }
    let element = part.element(Kind::Connector, context.app).with(Fact::ConnectorKey, key, part.place()).with(
        Fact::ConnectorPublisher,
        Publisher::Platform,
        part.place(),
    );
    context.model.add(element);
}

pub(super) fn data_source<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, kind: DataSourceKind) {
    let place = part.place();
    let connector = context.used[part.at].as_ref().map_or(Cow::Owned(part.kind.clone()), |used| used.key.clone());
    let element = part.element(Kind::DataSource, context.app).with(Fact::DataSourceKind, kind, place).with(
        Fact::DataSourceConnector,
        connector,
        place,
    );
    let element = match resource(context, part) {
        Some((name, node)) => element.with(Fact::DataSourceResource, name, Place::of(node)),
        None => element,
    };
    context.model.add(element);
}

/// Parameters that name the table, list or folder that an operation works with, in lower case.
const RESOURCES: [&str; 7] = ["entityname", "table", "tablename", "folderpath", "path", "collection", "dataset"];

/// The table, list or folder that the part works with, when it stands in the export.
fn resource<'t>(context: &Context<'_, 't>, part: &Part<'t>) -> Option<(Cow<'t, str>, Node<'t>)> {
    let parameters: Vec<Node<'t>> = part.input(&["parameters"])?.members().collect();
    let named = |name: &&str| {
        let found = parameters.iter().find(|node| node.key().is_some_and(|key| key.eq_ignore_ascii_case(name)))?;
        let text = found.as_str().filter(|text| !text.is_empty() && !expression::is_dynamic(text) && !context.host.is_template(text))?;
        Some((text, *found))
    };
    RESOURCES.iter().find_map(named)
}

/// Adds what lets the part work on a machine.
pub(super) fn host<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, package: Cow<'t, str>, capability: Capability) {
    let place = part.place();
    let element = part
        .element(Kind::Component, context.app)
        .with(Fact::ComponentKind, ComponentKind::Host, place)
        .with(Fact::ComponentPackage, package, place)
        .with(Fact::ComponentPublisher, Publisher::Platform, place)
        .with(Fact::ComponentCapability, capability, place);
    context.model.add(element);
}

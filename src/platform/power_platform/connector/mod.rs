//! Custom connectors: a definition in Swagger 2.0 with marks of the platform, how connections to it log in, policies that change
//! requests, and code. As a folder of its own or as files of a solution.

mod definition;
mod login;

use super::bot;
use super::literal::{self, Owner, Spot};
use super::{Context, SchemaText};
use crate::model::secret::Position;
use crate::model::vocabulary::{AppKind, Publisher, SecretPlace, Weakness};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::File;
use crate::tree::{Node, Syntax};
use std::borrow::Cow;

macro_rules! schema {
    ($name:literal) => {
        SchemaText { name: concat!("power-platform/", $name), text: include_str!(concat!("../../../../schemas/power-platform/", $name)) }
    };
}

/// The interface: `apiDefinition.swagger.json`, `*_openapidefinition.json`.
pub(super) const DEFINITION: SchemaText = schema!("connector-definition.schema.json");
/// Log-in, policies and looks: `apiProperties.json`.
pub(super) const PROPERTIES: SchemaText = schema!("connector-properties.schema.json");
/// Where the tool of the platform sends the files beside it: `settings.json`.
pub(super) const SETTINGS: SchemaText = schema!("connector-settings.schema.json");
/// The log-in alone: `*_connectionparameters.json`.
pub(super) const PARAMETERS: SchemaText = schema!("connector-parameters.schema.json");
/// The policies alone: `*_policytemplateinstances.json`.
pub(super) const POLICIES: SchemaText = schema!("connector-policies.schema.json");
/// What a solution says of a connector: `Connectors/*.xml`.
pub(super) const DECLARATION: SchemaText = schema!("connector.schema.json");
/// Code that sees every request: `script.csx`.
pub(super) const SCRIPT: SchemaText = schema!("connector-script.schema.json");

/// The files of one connector.
#[derive(Default)]
pub(super) struct Parts<'t> {
    definition: Option<Node<'t>>,
    properties: Option<Node<'t>>,
    settings: Option<Node<'t>>,
    parameters: Option<Node<'t>>,
    policies: Option<Node<'t>>,
    declaration: Option<Node<'t>>,
    script: Option<Node<'t>>,
}

// ------------------------------------------------------------------------------------------------------------------- recognition

fn name_of<'p>(file: &File<'p>) -> &'p str {
    file.path.rsplit('/').next().unwrap_or(file.path)
}

fn object<'t>(file: &File<'t>) -> Option<Node<'t>> {
    (file.tree.syntax() == Syntax::Json).then(|| file.tree.root()).filter(|root| root.is_object())
}

/// Marks that the platform, and nothing else, puts into definitions of services.
const MARKS: [&str; 8] = [
    "\"x-ms-connector-metadata\"",
    "\"x-ms-visibility\"",
    "\"x-ms-dynamic-values\"",
    "\"x-ms-dynamic-schema\"",
    "\"x-ms-dynamic-list\"",
    "\"x-ms-trigger\"",
    "\"x-ms-agentic-protocol\"",
    "\"x-ms-notification-content\"",
];

/// The definition of a service is one of a connector when its name says so, or a mark of the platform is in it: other people's
/// programs have definitions too.
pub(super) fn definition<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let Some(root) = object(file).filter(|root| root.get("swagger").is_some() && root.get("paths").is_some_and(Node::is_object)) else {
        return Vec::new();
    };
    let name = name_of(file).to_ascii_lowercase();
    let named = name.starts_with("apidefinition.") || name.ends_with("_openapidefinition.json");
    let marked = || MARKS.iter().any(|mark| memchr::memmem::find(file.tree.text().as_bytes(), mark.as_bytes()).is_some());
    if named || marked() { vec![root] } else { Vec::new() }
}

pub(super) fn properties<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let inner = |root: &Node<'t>| {
        root.get("properties").is_some_and(|inner| {
            let signs =
                ["connectionParameters", "connectionParameterSets", "iconBrandColor", "policyTemplateInstances", "scriptOperations"];
            inner.is_object() && inner.get("definition").is_none() && signs.iter().any(|sign| inner.get(sign).is_some())
        })
    };
    // A resource of a template has properties of these names too, but also a type.
    object(file).filter(|root| root.get("type").is_none() && inner(root)).into_iter().collect()
}

pub(super) fn settings<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let wanted =
        |root: &Node<'t>| root.get("connectorId").is_some() && root.get("apiDefinition").is_some() && root.get("apiProperties").is_some();
    object(file).filter(wanted).into_iter().collect()
}

/// Whether the value is a list of parameters that a connection is made with.
fn is_parameters(root: Node<'_>) -> bool {
    let known =
        |kind: &str| matches!(kind, "oauthSetting" | "oauthsetting" | "string" | "securestring" | "gatewaySetting" | "int" | "bool");
    root.members().all(|member| member.get("type").and_then(Node::as_str).is_some_and(|kind| known(&kind)))
}

pub(super) fn parameters<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let named = name_of(file).to_ascii_lowercase().ends_with("_connectionparameters.json");
    // Empty when nobody has to log in.
    object(file).filter(|root| named && is_parameters(*root)).into_iter().collect()
}

pub(super) fn policies<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let named = name_of(file).to_ascii_lowercase().ends_with("_policytemplateinstances.json");
    // Nothing where there are none.
    let is_policies = root.is_null() && named || root.is_array() && root.items().all(|policy| policy.get("templateId").is_some());
    if file.tree.syntax() == Syntax::Json && is_policies && (named || root.index(0).is_some()) { vec![root] } else { Vec::new() }
}

pub(super) fn declaration<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let connector = file.tree.root().get("Connector").filter(|_| file.tree.syntax() == Syntax::Xml);
    connector
        .filter(|connector| connector.get("connectortype").is_some() || connector.get("openapidefinition").is_some())
        .into_iter()
        .collect()
}

pub(super) fn script<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let is_script = file.tree.syntax() == Syntax::Text && name_of(file) == "script.csx";
    is_script.then(|| file.tree.root()).into_iter().collect()
}

// ------------------------------------------------------------------------------------------------------------------------ gather

/// What the files of one connector have in common: their folder, or the beginning of their names in a solution.
fn stem(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let parts = ["_openapidefinition.json", "_connectionparameters.json", "_policytemplateinstances.json", ".xml"];
    parts.iter().find(|part| lower.ends_with(*part)).map_or(folder, |part| &path[..path.len() - part.len()])
}

fn parts<'c, 't>(context: &'c mut Context<'_, 't>, node: Node<'t>) -> &'c mut Parts<'t> {
    let path = context.export.file(node).path;
    context.connectors.entry(stem(path)).or_default()
}

pub(super) fn gather_definition<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).definition = Some(node);
}

pub(super) fn gather_properties<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).properties = node.get("properties");
}

pub(super) fn gather_settings<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).settings = Some(node);
}

pub(super) fn gather_parameters<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).parameters = Some(node);
}

pub(super) fn gather_policies<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).policies = Some(node);
}

pub(super) fn gather_declaration<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).declaration = Some(node);
}

pub(super) fn gather_script<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).script = Some(node);
}

// ------------------------------------------------------------------------------------------------------------------------- lower

/// A connector that is being lowered.
struct Lowering<'x, 'c, 't> {
    context: &'x mut Context<'c, 't>,
    app: AppId,
    name: Cow<'t, str>,
}

impl<'t> Lowering<'_, '_, 't> {
    fn element(&self, kind: Kind, id: impl Into<Cow<'t, str>>, place: Place) -> Element<'t> {
        Element::new(kind, self.app, id, self.name.clone(), place)
    }

    /// States a weakness; `part` names what is weak.
    fn weak(&mut self, weakness: Weakness, part: &str, place: Place) {
        let id = format!("{}.{part}", weakness.name());
        let mut element = self.element(Kind::Connector, id, place).with(Fact::ConnectorWeakness, weakness, place);
        if !part.is_empty() {
            element.set(Fact::ConnectorParameter, part.to_owned(), place);
        }
        self.context.model.add(element);
    }

    fn owner(&self, id: impl Into<Cow<'t, str>>) -> Owner<'t> {
        Owner { app: self.app, id: id.into(), name: self.name.clone(), step: None }
    }

    fn secret(&mut self, id: String, node: Node<'t>, field: Cow<'t, str>, position: Position, place: SecretPlace) {
        let owner = self.owner(id);
        literal::scan(self.context, &owner, &Spot { node, field: Some(field), position, place });
    }
}

fn text(node: Option<Node<'_>>) -> Option<Cow<'_, str>> {
    node.and_then(Node::as_str).filter(|text| !text.trim().is_empty())
}

/// Lowers all connectors of the export, each from all of its files.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    for (stem, parts) in std::mem::take(&mut context.connectors) {
        lower(context, stem, &parts);
    }
}

fn lower<'t>(context: &mut Context<'_, 't>, stem: &'t str, parts: &Parts<'t>) {
    let whole = [parts.definition, parts.declaration, parts.properties, parts.parameters, parts.policies, parts.script, parts.settings];
    let Some(first) = whole.into_iter().flatten().next() else { return };
    let declared = |name: &str| text(parts.declaration.and_then(|declaration| declaration.get(name)));
    let title = text(parts.definition.and_then(|definition| definition.at(&["info", "title"])));
    // The folder names the connector; a file by itself may be called anything.
    let alone = context.export.name.ends_with(context.export.file(first).path);
    let path = if !stem.is_empty() {
        stem
    } else if alone {
        ""
    } else {
        context.export.name
    };
    let folder = Cow::Borrowed(path.rsplit('/').next().unwrap_or(path));
    let name = declared("displayname").or_else(|| title.clone()).unwrap_or_else(|| folder.clone());
    let set = text(parts.settings.and_then(|settings| settings.get("connectorId")));
    let key = declared("name").or_else(|| set.clone()).or(title).unwrap_or(folder);
    let place = Place::of(first);
    let app = context.model.add_app(key.clone(), name.clone(), place);
    let element = context.model.app(app).element;
    let app_element = context.model.element_mut(element);
    app_element.set(Fact::AppKind, AppKind::Connector, place);
    app_element.set(Fact::AppName, name.clone(), place);
    let mut lowering = Lowering { context, app, name };
    let mut connector = lowering.element(Kind::Connector, "definition", place).with(Fact::ConnectorKey, key.clone(), place).with(
        Fact::ConnectorPublisher,
        Publisher::Custom,
        place,
    );
    if let Some(version) = parts.definition.and_then(|definition| definition.at(&["info", "version"]))
        && let Some(text) = version.as_text()
    {
        connector.set(Fact::ConnectorVersion, text, Place::of(version));
    }
    lowering.context.model.add(connector);
    let login = login::lower(&mut lowering, parts);
    let host = definition::lower(&mut lowering, parts, &login);
    lowering.script(parts);
    let owner = lowering.owner("text");
    for root in whole.into_iter().flatten() {
        literal::scan_shapes(lowering.context, &owner, root, |_| false);
    }
    if let Some(host) = host.filter(|host| !host.is_empty()) {
        context.connector_hosts.insert(bot::plain(&key), host);
    }
}

impl<'t> Lowering<'_, '_, 't> {
    /// Code that sees every request, and what it says.
    fn script(&mut self, parts: &Parts<'t>) {
        let operations = parts.properties.and_then(|properties| properties.get("scriptOperations"));
        let operations = operations.filter(|operations| operations.index(0).is_some());
        if let Some(node) = parts.script.or(operations) {
            self.weak(Weakness::Code, "", Place::of(node));
        }
        if let Some(script) = parts.script {
            let owner = self.owner("script");
            let spot = Spot { node: script, field: None, position: Position::Code, place: SecretPlace::Code };
            literal::scan(self.context, &owner, &spot);
        }
    }
}

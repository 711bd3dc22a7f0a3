//! Canvas apps: packed (`.msapp`), unpacked, and what a solution says of them.
//!
//! Read is what makers write and what the app is connected to. What the studio generates beside it (templates of controls, themes,
//! resources, results of its own checker, notes for repacking) says nothing of the app and is no document.

mod formula;

use super::ids::Ids;
use super::literal::{self, Owner, Spot};
use super::{Context, SchemaText};
use crate::model::address::Url;
use crate::model::connector;
use crate::model::secret::Position;
use crate::model::vocabulary::{AppKind, Identity, Publisher, SecretPlace};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::File;
use crate::tree::{Node, Syntax, ValueKind};
use std::borrow::Cow;

macro_rules! schema {
    ($name:literal) => {
        SchemaText { name: concat!("power-platform/", $name), text: include_str!(concat!("../../../../schemas/power-platform/", $name)) }
    };
}

/// What a solution says of an app: `CanvasApps/*.meta.xml`.
pub(super) const DECLARATION: SchemaText = schema!("canvas-app.schema.json");
/// The name of an unpacked app, and how it was unpacked: `CanvasManifest.json`.
pub(super) const MANIFEST: SchemaText = schema!("canvas-manifest.schema.json");
/// The settings of a packed app: `Properties.json`.
pub(super) const PROPERTIES: SchemaText = schema!("canvas-properties.schema.json");
/// What it is connected to: `Connections/Connections.json`.
pub(super) const CONNECTIONS: SchemaText = schema!("canvas-connections.schema.json");
/// Screens and components of a packed app: `Controls/*.json`.
pub(super) const CONTROLS: SchemaText = schema!("canvas-controls.schema.json");
/// The tables, services and lists that it uses: `DataSources/*.json`, `References/DataSources.json`.
pub(super) const SOURCES: SchemaText = schema!("canvas-sources.schema.json");
/// Screens and components as makers read them: `Src/*.pa.yaml`, `Src/*.fx.yaml`.
pub(super) const SCREENS: SchemaText = schema!("canvas-screens.schema.json");

/// Texts of which each document in XML holds one.
pub(super) const TRACE: &str = "<CanvasApp";

/// The documents of one app.
#[derive(Default)]
pub(super) struct Parts<'t> {
    declaration: Option<Node<'t>>,
    manifest: Option<Node<'t>>,
    properties: Option<Node<'t>>,
    connections: Option<Node<'t>>,
    /// Screens, components and data sources.
    content: Vec<Node<'t>>,
}

// ------------------------------------------------------------------------------------------------------------------- recognition

fn json<'t>(file: &File<'t>, is: impl Fn(Node<'t>) -> bool) -> Vec<Node<'t>> {
    let root = file.tree.root();
    (file.tree.syntax() == Syntax::Json && is(root)).then_some(root).into_iter().collect()
}

fn has(node: Node<'_>, name: &str) -> bool {
    node.get(name).is_some()
}

pub(super) fn declaration<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let app = file.tree.root().get("CanvasApp").filter(|_| file.tree.syntax() == Syntax::Xml);
    app.filter(|app| has(*app, "Name") && has(*app, "AppVersion")).into_iter().collect()
}

pub(super) fn manifest<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    json(file, |root| has(root, "FormatVersion") && has(root, "Header") && has(root, "Properties"))
}

pub(super) fn properties<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    json(file, |root| has(root, "AppPreviewFlagsMap") && has(root, "DocumentType") || has(root, "LocalConnectionReferences"))
}

pub(super) fn connections<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    // An app that is connected to nothing has an empty list.
    let placed = file.path == "Connections/Connections.json" || file.path.ends_with("/Connections/Connections.json");
    json(file, |root| {
        root.is_object() && root.members().all(|member| has(member, "connectionRef")) && (placed || root.members().next().is_some())
    })
}

pub(super) fn controls<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    json(file, |root| root.get("TopParent").is_some_and(|top| has(top, "Rules") || has(top, "Children")))
}

pub(super) fn sources<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let is = |source: Node<'t>| {
        let kind = source.get("Type").and_then(Node::as_str);
        has(source, "Name") && kind.is_some_and(|kind| kind.ends_with("Info"))
    };
    json(file, |root| {
        let list = root.get("DataSources").unwrap_or(root);
        list.is_array() && list.index(0).map_or(has(root, "DataSources") && file.path.ends_with("DataSources.json"), is)
    })
}

pub(super) fn screens<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let lower = file.path.to_ascii_lowercase();
    if file.tree.syntax() != Syntax::Yaml {
        return Vec::new();
    }
    // The older of the two forms says what a control is in its name; the newer one has had several outlines.
    let outline = ["App", "Screens", "Screen", "ComponentDefinitions", "EditorState", "DataSources", "Control", "Properties"];
    let control = |node: Node<'_>| has(node, "Control") || node.members().any(|member| has(member, "Control"));
    let is = if lower.ends_with(".fx.yaml") {
        root.members().any(|member| member.key().is_some_and(|key| key.contains(" As ")))
    } else {
        lower.ends_with(".pa.yaml") && (outline.iter().any(|key| has(root, key)) || control(root) || root.items().any(control))
    };
    if is { vec![root] } else { Vec::new() }
}

// ------------------------------------------------------------------------------------------------------------------------ gather

/// The app that a file belongs to: the folder or archive that it lies in, without what packing adds to the name.
fn app_of(path: &str) -> &str {
    const FOLDERS: [&str; 7] = ["Src", "Controls", "Components", "Connections", "DataSources", "References", "Other"];
    let parts: Vec<&str> = path.split('/').collect();
    let inside = parts[..parts.len() - 1].iter().position(|part| FOLDERS.contains(part)).unwrap_or(parts.len() - 1);
    let folder = parts[..inside].last().copied().unwrap_or_default();
    let name = parts.last().copied().unwrap_or_default();
    let app = name.strip_suffix(".meta.xml").unwrap_or(folder);
    let app = ["_msapp_src", "_src", ".msapp"].iter().find_map(|end| app.strip_suffix(end)).unwrap_or(app);
    app.strip_suffix("_DocumentUri").unwrap_or(app)
}

fn parts<'c, 't>(context: &'c mut Context<'_, 't>, node: Node<'t>) -> &'c mut Parts<'t> {
    let path = context.export.file(node).path;
    context.canvas.entry(app_of(path)).or_default()
}

pub(super) fn gather_declaration<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).declaration = Some(node);
}

/// What a packed solution says of an app.
pub(super) fn gather_packed<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    if let Some(Cow::Borrowed(name)) = text(node.get("Name")) {
        context.canvas.entry(name).or_default().declaration = Some(node);
    }
}

pub(super) fn gather_manifest<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).manifest = Some(node);
}

pub(super) fn gather_properties<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).properties = Some(node);
}

pub(super) fn gather_connections<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).connections = Some(node);
}

pub(super) fn gather_content<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).content.push(node);
}

// ------------------------------------------------------------------------------------------------------------------------- lower

fn text(node: Option<Node<'_>>) -> Option<Cow<'_, str>> {
    node.and_then(Node::as_str).filter(|text| !text.trim().is_empty())
}

/// An app that is being lowered.
struct Lowering<'x, 'c, 't> {
    context: &'x mut Context<'c, 't>,
    app: AppId,
    name: Cow<'t, str>,
    ids: Ids,
}

/// The name of an app, without that of the form it is packed in.
fn packed(name: Cow<'_, str>) -> Cow<'_, str> {
    match name.strip_suffix(".msapp") {
        Some(plain) => Cow::Owned(plain.to_owned()),
        None => name,
    }
}

/// Lowers all apps of the export, each from all of its documents.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    for (key, parts) in std::mem::take(&mut context.canvas) {
        lower(context, key, &parts);
    }
}

fn lower<'t>(context: &mut Context<'_, 't>, key: &'t str, parts: &Parts<'t>) {
    let known = [parts.declaration, parts.manifest, parts.properties, parts.connections];
    let Some(first) = known.into_iter().flatten().chain(parts.content.iter().copied()).next() else { return };
    let properties = parts.properties.or(parts.manifest.and_then(|manifest| manifest.get("Properties")));
    let member = |node: Option<Node<'t>>, name: &str| text(node.and_then(|node| node.get(name)));
    let id = member(parts.declaration, "Name").unwrap_or(Cow::Borrowed(key));
    let name = member(parts.declaration, "DisplayName").or_else(|| member(properties, "Name").map(packed)).unwrap_or_else(|| id.clone());
    let place = Place::of(first);
    let app = context.model.add_app(id, name.clone(), place);
    let element = context.model.app(app).element;
    let app_element = context.model.element_mut(element);
    app_element.set(Fact::AppKind, AppKind::Screens, place);
    app_element.set(Fact::AppName, name.clone(), place);
    let mut lowering = Lowering { context, app, name, ids: Ids::default() };
    lowering.consent(parts.declaration);
    for connection in parts.connections.into_iter().flat_map(Node::members) {
        lowering.connection(connection);
    }
    let owner = lowering.owner("text".into());
    for root in [parts.connections, parts.properties, parts.declaration].into_iter().flatten() {
        literal::scan_shapes(lowering.context, &owner, root, is_studio_link);
    }
    // Packed apps of today hold what makers wrote twice: as they read it, and as the studio does.
    let readable = parts.content.iter().any(|root| root.tree().syntax() == Syntax::Yaml);
    for root in parts.content.iter().filter(|root| !readable || !has(**root, "TopParent")) {
        lowering.formulas(*root);
        if !has(*root, "TopParent") {
            literal::scan_shapes(lowering.context, &owner, *root, is_studio_link);
        }
    }
}

/// Links to files that the studio makes for itself while an app is edited: they end days after the export, and open nothing of the
/// organisation.
fn is_studio_link(address: &str) -> bool {
    let host = Url::parse(address).map_or("", |url| url.host);
    ["docserver", "pafeblob"].iter().any(|account| host.starts_with(account)) && host.ends_with(".blob.core.windows.net")
}

impl<'t> Lowering<'_, '_, 't> {
    fn owner(&self, id: Cow<'t, str>) -> Owner<'t> {
        Owner { app: self.app, id, name: self.name.clone(), step: None }
    }

    fn setting(&mut self, key: &'static str, id: String, value: Cow<'t, str>, place: Place) {
        let element = Element::new(Kind::Setting, self.app, id, self.name.clone(), place).with(Fact::SettingKey, key, place).with(
            Fact::SettingValue,
            value,
            place,
        );
        self.context.model.add(element);
    }

    /// Whether people are asked before the app uses their connections.
    fn consent(&mut self, declaration: Option<Node<'t>>) {
        let Some(node) = declaration.and_then(|declaration| declaration.get("BypassConsent")) else { return };
        if let Some(value) = node.as_str().filter(|value| matches!(&**value, "1" | "true" | "True")) {
            self.setting("bypass-consent", "bypass-consent".into(), value, Place::of(node));
        }
    }

    /// What the app is connected to.
    fn connection(&mut self, connection: Node<'t>) {
        let id = connection.key().unwrap_or_default();
        let Some(reference) = connection.get("connectionRef") else { return };
        let api = reference.get("id");
        let place = api.map_or(Place::of(reference), Place::of);
        let key = text(api).map(|api| connector::key(&api)).unwrap_or_default();
        let name = text(reference.get("displayName")).unwrap_or_else(|| Cow::Owned(key.clone()));
        let shared = reference.get("sharedConnectionId").filter(|node| text(Some(*node)).is_some());
        let (identity, at) = shared.map_or((Identity::Invoker, place), |node| (Identity::Shared, Place::of(node)));
        let element = Element::new(Kind::Connection, self.app, id.clone(), name.clone(), place)
            .with(Fact::ConnectionType, key.clone(), place)
            .with(Fact::ConnectionIdentity, identity, at);
        self.context.model.add(element);
        let custom = reference.get("isCustomApiConnection").and_then(Node::as_bool) == Some(true);
        let mut connector = Element::new(Kind::Connector, self.app, id, name, place).with(Fact::ConnectorKey, key, place);
        if custom {
            connector.set(Fact::ConnectorPublisher, Publisher::Custom, place);
        }
        self.context.model.add(connector);
    }

    /// The formulas below `root`: behind `=` in YAML, under their name in JSON.
    fn formulas(&mut self, root: Node<'t>) {
        let yaml = root.tree().syntax() == Syntax::Yaml;
        for node in root.descend().filter(|node| node.kind() == ValueKind::String) {
            let of_script = || node.key().is_some_and(|key| key == "InvariantScript");
            let Some(script) = node.as_str().filter(|text| if yaml { text.starts_with('=') } else { of_script() }) else { continue };
            if script.contains('"') {
                self.formula(node, &script);
                let owner = self.owner("formula".into());
                let spot = Spot { node, field: None, position: Position::Code, place: SecretPlace::Code };
                literal::scan_but(self.context, &owner, &spot, None, is_studio_link);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::app_of;

    #[test]
    fn files_of_an_app_are_told_by_their_paths() {
        let paths = [
            "CanvasApps/contoso_app_1a2b.meta.xml",
            "CanvasApps/contoso_app_1a2b_DocumentUri.msapp/Controls/1.json",
            "CanvasApps/contoso_app_1a2b_DocumentUri.msapp/Properties.json",
            "CanvasApps/contoso_app_1a2b_DocumentUri_msapp_src/Src/Components/Menu.fx.yaml",
            "CanvasApps/src/contoso_app_1a2b/Connections/Connections.json",
        ];
        assert!(paths.iter().all(|path| app_of(path) == "contoso_app_1a2b"));
        assert_eq!((app_of("Src/App.fx.yaml"), app_of("CanvasManifest.json"), app_of("Stock.msapp/Properties.json")), ("", "", "Stock"));
    }
}

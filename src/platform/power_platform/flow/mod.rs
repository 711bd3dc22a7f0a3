//! Flows: those of the cloud, of solutions and of legacy packages; those of the desktop; and the header of classic workflows.

mod classic;
mod cloud;
mod desktop;
mod robin;
mod script;
mod solution;

use super::Context;
use crate::platform::workflow_definition::member;
use crate::platform::{Embedded, File, SchemaText};
use crate::tree::{Node, Syntax};

/// Texts of which an XML file of a flow has one, and a damaged flow too.
pub(super) const TRACES: &[&str] = &["<JsonFileName>", "<XamlFileName>", "\"XrmWorkflow", "/providers/Microsoft.PowerApps/apis/"];

macro_rules! schema {
    ($name:literal) => {
        SchemaText { name: concat!("power-platform/", $name), text: include_str!(concat!("../../../../schemas/power-platform/", $name)) }
    };
}

/// A cloud flow: `Workflows/<name>-<id>.json`, `Microsoft.Flow/flows/<id>/definition.json`.
pub(super) const FLOW: SchemaText = schema!("flow.schema.json");
/// A desktop flow: its definition holds a package with a script.
pub(super) const DESKTOP: SchemaText = schema!("desktop-flow.schema.json");
/// The script of a desktop flow.
pub(super) const SCRIPT: SchemaText = schema!("desktop-script.schema.json");
/// What a solution says of a flow beside its definition: `*.data.xml`.
pub(super) const HEADER: SchemaText = schema!("flow-header.schema.json");
/// A workflow of the time before flows: `*.xaml`.
pub(super) const CLASSIC: SchemaText = schema!("classic-workflow.schema.json");

pub(super) use classic::lower as lower_classic;
pub(super) use cloud::lower as lower_flow;
pub(super) use desktop::{Definition, Desktop, gather as lower_header, lower as lower_desktop, lower_script};
pub(super) use solution::Solution;

/// What is in the package of a desktop flow, and what the package is called below the file.
const PACKAGE: &str = "package";

fn object<'t>(file: &File<'t>) -> Option<Node<'t>> {
    (file.tree.syntax() == Syntax::Json).then(|| file.tree.root()).filter(|root| root.is_object())
}

/// The definition of a cloud flow has triggers and actions, and its connections lie beside it; templates of Logic Apps have the same
/// definition below other members.
pub(super) fn flow<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let is_flow = |root: &Node<'t>| {
        let Some(properties) = member(*root, "properties").filter(|properties| properties.is_object()) else { return false };
        let Some(definition) = member(properties, "definition").filter(|definition| definition.is_object()) else { return false };
        let beside = member(properties, "connectionReferences").is_some() || root.get("schemaVersion").is_some();
        let kind = root.get("type").and_then(Node::as_str).unwrap_or_default();
        let legacy = kind.eq_ignore_ascii_case("Microsoft.Flow/flows") || properties.get("apiId").is_some();
        member(definition, "triggers").is_some()
            && member(definition, "actions").is_some()
            && (beside || legacy)
            && !kind.to_ascii_lowercase().starts_with("microsoft.logic/")
    };
    object(file).filter(is_flow).into_iter().collect()
}

/// The text that holds the package of a desktop flow.
fn package(root: Node<'_>) -> Option<Node<'_>> {
    let paths: [&[&str]; 2] = [&["properties", "definition", "package"], &["definition", "package"]];
    let node = paths.into_iter().find_map(|path| root.at(path))?;
    // What begins an archive, in base64.
    node.as_str().is_some_and(|text| text.starts_with("UEsDB")).then_some(node)
}

pub(super) fn desktop<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    object(file).filter(|root| package(*root).is_some()).into_iter().collect()
}

pub(super) fn script<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let is_script = file.tree.syntax() == Syntax::Text && is_script_name(file.path);
    if is_script { vec![file.tree.root()] } else { Vec::new() }
}

/// Whether a file of that name is the script of a desktop flow.
pub(super) fn is_script_name(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".robin")
}

pub(super) fn header<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = (file.tree.syntax() == Syntax::Xml).then(|| file.tree.root().get("Workflow")).flatten();
    root.filter(|root| root.get("@WorkflowId").is_some()).into_iter().collect()
}

pub(super) fn classic<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = (file.tree.syntax() == Syntax::Xml).then(|| file.tree.root().get("Activity")).flatten();
    let is_workflow = |root: &Node<'t>| root.get("@Class").and_then(Node::as_str).is_some_and(|class| class.starts_with("XrmWorkflow"));
    root.filter(is_workflow).into_iter().collect()
}

/// Lowers the scripts that only a solution tells, and joins flows that call each other.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    desktop::finish(context);
    cloud::finish(context);
}

/// The package of a desktop flow; and flows in the rows of the table that keeps them, where each is a text.
pub(super) fn unpack(file: &File<'_>) -> Vec<Embedded> {
    let text = object(file).and_then(package).and_then(Node::as_str);
    let bytes = text.and_then(|text| crate::model::secret::base64(&text));
    let package = bytes.map(|bytes| Embedded { name: PACKAGE.to_owned(), bytes });
    package.into_iter().chain(rows(file)).collect()
}

/// The column of that table.
const COLUMN: &str = "clientdata";

fn rows(file: &File<'_>) -> Vec<Embedded> {
    let mentions = || memchr::memmem::find(file.tree.text().as_bytes(), COLUMN.as_bytes()).is_some();
    if file.tree.syntax() != Syntax::Json || !mentions() {
        return Vec::new();
    }
    let texts = file.tree.root().descend().filter(|node| node.has_key(COLUMN)).filter_map(Node::as_str);
    let flows = texts.filter(|text| text.starts_with('{') && text.contains("\"definition\""));
    flows
        .enumerate()
        .map(|(nth, text)| Embedded { name: format!("{COLUMN}-{}.json", nth + 1), bytes: text.into_owned().into_bytes() })
        .collect()
}

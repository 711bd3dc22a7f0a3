//! Deployment settings: what a pipeline sets when it installs a solution, one file for each environment.

use super::variable::{self, Variable};
use super::{Context, member, package, reference, schema};
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::{File, SchemaText};
use crate::tree::Node;

pub(super) const SCHEMA: SchemaText = schema(
    "power-platform/deployment-settings.schema.json",
    include_str!("../../../../schemas/power-platform/deployment-settings.schema.json"),
);

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let list = |name: &str| root.get(name).is_some_and(Node::is_array);
    let shaped = list("EnvironmentVariables") && list("ConnectionReferences");
    shaped.then_some(root).into_iter().collect()
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    for item in node.get("EnvironmentVariables").into_iter().flat_map(Node::items) {
        let Some((schema_name, place)) = member(item, "SchemaName") else { continue };
        let Some((_, held)) = member(item, "Value") else { continue };
        if variable::is_of_type_secret(context, &schema_name) {
            continue;
        }
        let app = package(context, node);
        let variable = Variable { app, id: schema_name.clone(), name: schema_name, place: Place::of(place) };
        variable::value(context, &variable, held, "value");
    }
    for item in node.get("ConnectionReferences").into_iter().flat_map(Node::items) {
        let Some((name, place)) = member(item, "LogicalName") else { continue };
        let app = package(context, node);
        let mut element = Element::new(Kind::Connection, app, name.clone(), name, Place::of(place));
        if let Some((connector, place)) = member(item, "ConnectorId") {
            element.set(Fact::ConnectionType, reference::key(&connector).to_owned(), Place::of(place));
        }
        context.model.add(element);
    }
}

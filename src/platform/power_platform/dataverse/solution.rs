//! `solution.xml`: what the package is called, who made it and which version it is.

use super::{Context, member, root, schema};
use crate::model::{Fact, Place};
use crate::platform::{File, SchemaText};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) const SCHEMA: SchemaText =
    schema("power-platform/solution.schema.json", include_str!("../../../../schemas/power-platform/solution.schema.json"));

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    root(file, "ImportExportXml").into_iter().filter(|root| root.get("SolutionManifest").is_some()).collect()
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let Some(manifest) = node.get("SolutionManifest") else { return };
    let Some((id, place)) = member(manifest, "UniqueName").map(|(id, node)| (id, Place::of(node))) else { return };
    let package = context.package(place);
    let mut names = manifest.at(&["LocalizedNames"]).into_iter().flat_map(|names| names.get_all("LocalizedName"));
    let name = names.find_map(|name| member(name, "@description")).map_or(id.clone(), |(name, _)| name);
    let app = &mut context.model.apps[package.0 as usize];
    (app.id, app.name) = (id, name.clone());
    let element = app.element;
    let element = context.model.element_mut(element);
    (element.name, element.place) = (name.clone(), place);
    element.set(Fact::AppName, name, place);
    if let Some((version, node)) = member(manifest, "Version") {
        element.set(Fact::AppVersion, version, Place::of(node));
    }
    if let Some((managed, node)) = member(manifest, "Managed") {
        // 2 is both forms in one package, as tools write it.
        element.set(Fact::AppManaged, managed == "1", Place::of(node));
    }
    let publisher = manifest.get("Publisher").and_then(|publisher| member(publisher, "UniqueName"));
    if let Some((publisher, node)) = publisher {
        element.set(Fact::AppPublisher, Cow::into_owned(publisher), Place::of(node));
    }
}

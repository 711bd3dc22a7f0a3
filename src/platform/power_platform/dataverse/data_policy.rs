//! Data policies of a tenant: which connectors may be used together, and which not at all.

use super::{Context, member, schema};
use crate::model::vocabulary::AppKind;
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::{File, SchemaText};
use crate::tree::Node;

pub(super) const SCHEMA: SchemaText =
    schema("power-platform/data-policy.schema.json", include_str!("../../../../schemas/power-platform/data-policy.schema.json"));

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let grouped = root.get("connectorGroups").is_some_and(|groups| groups.items().any(|group| group.get("classification").is_some()));
    grouped.then_some(root).into_iter().collect()
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let place = Place::of(node);
    let (name, place) = member(node, "displayName").map_or(("".into(), place), |(name, node)| (name, Place::of(node)));
    let id = member(node, "name").map_or(name.clone(), |(id, _)| id);
    let app = context.model.add_app(id, name.clone(), place);
    let element = context.model.app(app).element;
    context.model.element_mut(element).set(Fact::AppKind, AppKind::OrgConfig, place);
    context.model.element_mut(element).set(Fact::AppName, name, place);
    if let Some((group, node)) = member(node, "defaultConnectorsClassification") {
        let place = Place::of(node);
        let setting = Element::new(Kind::Setting, app, "default", "group of new connectors", place)
            .with(Fact::SettingKey, "connector-group-default", place)
            .with(Fact::SettingValue, word(&group).to_owned(), place);
        context.model.add(setting);
    }
    for group in node.get("connectorGroups").into_iter().flat_map(Node::items) {
        let Some((classification, place)) = member(group, "classification") else { continue };
        let (group_name, place) = (word(&classification).to_owned(), Place::of(place));
        let count = group.get("connectors").into_iter().flat_map(Node::items).count();
        let setting = Element::new(Kind::Setting, app, group_name.clone(), group_name, place)
            .with(Fact::SettingKey, "connector-group", place)
            .with(Fact::SettingValue, format!("{count} connectors"), place);
        context.model.add(setting);
    }
}

/// The groups as administrators see them.
fn word(classification: &str) -> &str {
    match classification {
        "Confidential" => "business",
        "General" => "non-business",
        "Blocked" => "blocked",
        other => other,
    }
}

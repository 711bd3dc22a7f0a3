//! Tables: whose rows they hold, whether changes are recorded, which columns hold what is worth protecting.

use super::{Context, column, member, package, root, schema};
use crate::model::vocabulary::DataSourceKind;
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::{File, SchemaText};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) const SCHEMA: SchemaText =
    schema("power-platform/table.schema.json", include_str!("../../../../schemas/power-platform/table.schema.json"));

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    root(file, "Entity").into_iter().filter(|table| table.get("Name").is_some()).collect()
}

/// Whether changes of a table are recorded.
pub(super) struct Audit<'t> {
    table: Cow<'t, str>,
    on: bool,
    place: Place,
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let Some(table) = node.at(&["EntityInfo", "entity"]) else { return };
    let Some((name, place)) = member(table, "@Name") else { return };
    let app = package(context, node);
    let id = name.to_ascii_lowercase();
    // A table that the solution only adds to says neither who owns its rows nor whether it is audited.
    let owner = member(table, "OwnershipTypeMask").map(|(owner, _)| owner);
    if let Some(owner) = &owner {
        context.known.user_owned.insert(id.clone(), owner == "UserOwned");
        lower_table(context, app, node, table, &name, Place::of(place));
    }
    let columns = table.get("attributes").into_iter().flat_map(|list| list.get_all("attribute"));
    for column in columns {
        let own = owner.is_some() || member(column, "IsCustomField").is_some_and(|(custom, _)| custom == "1");
        if own {
            column::lower(context, app, &id, column);
        }
    }
}

fn lower_table<'t>(context: &mut Context<'_, 't>, app: AppId, node: Node<'t>, table: Node<'t>, name: &Cow<'t, str>, place: Place) {
    let shown = node.get("Name").and_then(|name| member(name, "@LocalizedName")).map_or(name.clone(), |(shown, _)| shown);
    let id = name.to_ascii_lowercase();
    let mut element = Element::new(Kind::DataSource, app, id.clone(), shown, place)
        .with(Fact::DataSourceKind, DataSourceKind::Table, place)
        .with(Fact::DataSourceResource, id, place);
    // Tables that the platform keeps for itself: the states of a guided process, the pairs of a relation.
    let is = |flag: &str| member(table, flag).is_some_and(|(value, _)| value == "1");
    if let Some((audited, node)) = member(table, "IsAuditEnabled").filter(|_| !is("IsBPFEntity") && !is("IsIntersect")) {
        let (on, place) = (audited == "1", Place::of(node));
        element.set(Fact::DataSourceAudited, on, place);
        context.known.audits.push(Audit { table: name.clone(), on, place });
    }
    context.model.add(element);
}

/// Most tables that are named.
const NAMED: usize = 5;

/// States once what holds of all tables: nearly all makers leave auditing off for nearly all of them.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let off: Vec<&Audit<'_>> = context.known.audits.iter().filter(|audit| !audit.on).collect();
    let Some(first) = off.first() else { return };
    let place = first.place;
    let named: Vec<&str> = off.iter().take(NAMED).map(|audit| &*audit.table).collect();
    let more = if off.len() > NAMED { ", …" } else { "" };
    let name = format!("{} of {} tables ({}{more})", off.len(), context.known.audits.len(), named.join(", "));
    let app = context.package(place);
    let setting = Element::new(Kind::Setting, app, "table-audit", name, place).with(Fact::SettingKey, "table-audit", place).with(
        Fact::SettingValue,
        "off",
        place,
    );
    context.model.add(setting);
}

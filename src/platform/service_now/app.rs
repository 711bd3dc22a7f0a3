//! The app that an export is of: a scoped app, or an update set.

use super::record::{Record, UPDATE_SET};
use crate::model::vocabulary::AppKind;
use crate::model::{AppId, Fact, Model, Place};
use crate::platform::Export;
use crate::tree::Node;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Records that say what the app is called.
const APPS: [&str; 3] = ["sys_app", "sys_store_app", "sys_scope"];
/// The scope of what belongs to no app.
const GLOBAL: &str = "global";

/// Adds the app.
pub(super) fn lower<'t>(model: &mut Model<'t>, export: &Export<'t>, records: &[Record<'t>]) -> AppId {
    let said = APPS.iter().find_map(|table| records.iter().find(|record| record.node.has_key(table)));
    let sets = export.documents.iter().filter_map(|document| document.node.get(UPDATE_SET));
    let set = sets.map(Record::of).next();
    let (id, name, place) = if let Some(app) = said {
        (app.text("scope").or_else(|| app.text("sys_id")), Some(app.name()), app.place())
    } else if let Some(set) = &set {
        let scope = set.text("application_scope").filter(|scope| scope != GLOBAL);
        (scope.or_else(|| set.text("remote_sys_id")), Some(set.name()), set.place())
    } else {
        let (scope, name) = package(records).unzip();
        (scope, name, export.documents.first().map_or_else(Place::default, |document| Place::key_of(document.node)))
    };
    let name = name.unwrap_or(Cow::Borrowed(export.short_name()));
    let app = model.add_app(id.unwrap_or_default(), name.clone(), place);
    let element = model.app(app).element;
    let element = model.element_mut(element);
    element.set(Fact::AppKind, AppKind::Package, place);
    element.set(Fact::AppName, name, place);
    if let Some((version, node)) = said.and_then(|app| app.value("version")) {
        element.set(Fact::AppVersion, version, Place::of(node));
    }
    if let Some((vendor, node)) = said.and_then(|app| app.value("vendor")) {
        element.set(Fact::AppPublisher, vendor, Place::of(node));
    }
    let makers = makers(records);
    if !makers.is_empty() {
        element.set(Fact::AppMakers, makers, place);
    }
    app
}

/// Those who made or changed the records, but for those who are no persons.
fn makers(records: &[Record<'_>]) -> Vec<String> {
    let fields = |record: &Record<'_>| ["sys_created_by", "sys_updated_by"].map(|field| record.text(field).map(Cow::into_owned));
    let named = records.iter().flat_map(fields).flatten();
    let people: BTreeSet<String> = named.filter(|name| !MACHINES.contains(&&*name.to_ascii_lowercase())).collect();
    people.into_iter().collect()
}

/// Accounts of the platform itself.
const MACHINES: [&str; 5] = ["admin", "system", "maint", "glide.maint", "guest"];

/// Scope and name of the app that the records say they belong to.
fn package<'t>(records: &[Record<'t>]) -> Option<(Cow<'t, str>, Cow<'t, str>)> {
    let node = records.iter().find_map(|record| record.node.get("sys_package").filter(|node| node.get("@source").is_some()))?;
    let of = |name: &str| node.get(name).and_then(Node::as_str);
    let scope = of("@source").filter(|scope| scope != GLOBAL)?;
    Some((scope.clone(), of("@display_value").unwrap_or(scope)))
}

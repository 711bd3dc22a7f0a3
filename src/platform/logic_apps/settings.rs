//! Settings of projects and of the apps that they are deployed to.

use super::Context;
use super::arm::Scope;
use super::secrets::{self, Owner};
use crate::model::vocabulary::SecretPlace;
use crate::model::{Element, Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// Adds what `host.json` sets for workflows.
pub(super) fn lower_host<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let Some(bundle) = root.get("extensionBundle") else { return };
    let app = context.package(Place::key_of(bundle));
    let settings = root.at(&["extensions", "workflow", "settings"]);
    for setting in settings.into_iter().flat_map(Node::members) {
        let (name, place) = (setting.key().unwrap_or_default(), Place::of(setting));
        let Some(value) = setting.as_text() else { continue };
        let element = Element::new(Kind::Setting, app, name.clone(), name.clone(), place).with(Fact::SettingKey, name, place).with(
            Fact::SettingValue,
            value,
            place,
        );
        context.model.add(element);
    }
}

/// Adds what `local.settings.json` keeps; when it says that it is encrypted nobody can read it.
pub(super) fn lower_local<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let Some(values) = root.get("Values").filter(|_| root.get("IsEncrypted").and_then(Node::as_bool) == Some(false)) else { return };
    let app = context.package(Place::key_of(values));
    let owner = Owner { app, id: "local settings".into(), name: "local settings".into() };
    lower_values(context, &owner, values, &Scope::default());
    for connection in root.get("ConnectionStrings").into_iter().flat_map(Node::members) {
        let name = connection.key().unwrap_or_default();
        let text = connection.get("ConnectionString").unwrap_or(connection);
        secrets::lower(context, &owner, name, text, SecretPlace::SecretSection);
    }
}

/// Adds the secrets in settings that are members of an object.
pub(super) fn lower_values<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, values: Node<'t>, scope: &Scope<'t>) {
    for value in values.members() {
        let name = value.key().unwrap_or_default();
        secrets::lower(context, owner, name, scope.value(value), SecretPlace::SecretSection);
    }
}

/// Adds the secrets in settings that are a list: `[{name, value}]`.
pub(super) fn lower_list<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, list: Node<'t>, scope: &Scope<'t>) {
    for item in list.items() {
        let name: Option<Cow<'t, str>> = item.get("name").and_then(Node::as_str);
        if let Some((name, value)) = name.zip(item.get("value")) {
            secrets::lower(context, owner, name, scope.value(value), SecretPlace::SecretSection);
        }
    }
}

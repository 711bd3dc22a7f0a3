//! Fields: those that take a secret and keep it in clear, and those that hold what is worth protecting, by their names.

use super::super::Context;
use super::super::component::{self, Component, folder_name, member, text, text_node};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::{DataSourceKind, SecretPlace, Sensitivity, Storage};
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::column::personal_column;
use crate::platform::secrets::scan_part;
use crate::tree::Node;
use std::borrow::Cow;

/// Types that hold what somebody has written.
const WRITTEN: [&str; 4] = ["Text", "TextArea", "LongTextArea", "Html"];
/// Other types that hold something about a person.
const HOLDING: [&str; 5] = ["Date", "Number", "Currency", "Picklist", "MultiselectPicklist"];

/// How fields end whose value makers choose for all records: what a form says beside the field that people fill in.
const CAPTIONS: [&str; 6] = ["Label", "Help", "Help_Text", "Instructions", "Message", "Placeholder"];

/// A field in a file of its own, below the folder of its object.
pub(super) fn lower_document<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    let object = folder_name(path, "objects").unwrap_or_default();
    lower(context, &object, &component::name(path), node);
}

/// A field within its object.
pub(super) fn lower_inline<'t>(context: &mut Context<'_, 't>, object: &str, node: Node<'t>) {
    if let Some(name) = node.get("fullName").and_then(text) {
        lower(context, object, &name, node);
    }
}

fn lower<'t>(context: &mut Context<'_, 't>, object: &str, name: &str, node: Node<'t>) {
    // Fields of the platform have no type here, and what a formula shows is kept elsewhere.
    let Some((kind, held)) = member(node, "type").filter(|_| node.get("formula").is_none()) else { return };
    let Some(own) = own_name(name) else { return };
    let app = context.package(Place::key_of(node));
    let id = if object.is_empty() { name.to_string() } else { format!("{object}.{name}") };
    let place = Place::of(held);
    let label = member(node, "label").map_or_else(|| Cow::Owned(name.to_owned()), |(label, _)| label);
    let is_caption = CAPTIONS.iter().any(|end| own.ends_with(end));
    if let Some(sensitive) = personal_column(own).filter(|_| !is_caption).filter(|_| WRITTEN.contains(&&*kind) || HOLDING.contains(&&*kind))
    {
        let element = data_source(app, &id, label, place).with(Fact::DataSourceSensitive, sensitive, place).with(
            Fact::DataSourceProtected,
            member(node, "encryptionScheme").is_some_and(|(scheme, _)| scheme != "None"),
            place,
        );
        context.model.add(element);
    } else if WRITTEN.contains(&&*kind) && is_secret_name(own) && is_long_enough(node) {
        default(context, node, &id, own);
        let element = Element::new(Kind::Secret, app, id.clone(), label, place)
            .with(Fact::SecretPlace, SecretPlace::Variable, place)
            .with(Fact::SecretStorage, Storage::Declared, place)
            .with(Fact::SecretConfidence, "high", place)
            .with(Fact::SecretField, id, place);
        context.model.add(element);
    } else if &*kind == "EncryptedText" {
        let sensitive = personal_column(own).unwrap_or(Sensitivity::Credential);
        let element = data_source(app, &id, label, place).with(Fact::DataSourceSensitive, sensitive, place).with(
            Fact::DataSourceProtected,
            true,
            place,
        );
        context.model.add(element);
    }
}

/// Adds the secret that all records have from the start. A default is a formula: a text in it has quotes.
fn default<'t>(context: &mut Context<'_, 't>, node: Node<'t>, id: &str, own: &str) {
    let Some((formula, held)) = member(node, "defaultValue") else { return };
    let is_text = ['"', '\''].iter().any(|quote| formula.len() > 2 && formula.starts_with(*quote) && formula.ends_with(*quote));
    let held = text_node(held);
    if !is_text || !context.looked_at.insert((held.tree().file(), held.id())) {
        return;
    }
    let component = Component::named(context, node, Cow::Owned(id.to_owned()));
    let mut found = Vec::new();
    let (name, within) = (Cow::Owned(own.to_owned()), 1..formula.len() - 1);
    scan_part(&|range| Place::part(held, range), &formula, within, Some(&name), Position::Variable, SecretPlace::Variable, &mut found);
    for hit in found {
        context.model.secrets.push(hit.place);
        context.model.add(hit.element(component.app, &component.id, component.name.clone()));
    }
}

fn data_source<'t>(app: crate::model::AppId, id: &str, label: Cow<'t, str>, place: Place) -> Element<'t> {
    Element::new(Kind::DataSource, app, id.to_owned(), label, place).with(Fact::DataSourceKind, DataSourceKind::Table, place).with(
        Fact::DataSourceResource,
        id.to_owned(),
        place,
    )
}

/// The name without the ending of what organisations make and the letters of a package: `Client_Secret` of `pkg__Client_Secret__c`.
fn own_name(name: &str) -> Option<&str> {
    let own = name.strip_suffix("__c")?;
    Some(own.rsplit_once("__").map_or(own, |parts| parts.1))
}

/// Whether a secret fits in: what a machine makes has eight characters at least.
fn is_long_enough(node: Node<'_>) -> bool {
    member(node, "length").and_then(|(length, _)| length.parse::<u32>().ok()).is_none_or(|length| length >= 8)
}

#[cfg(test)]
mod tests {
    use super::own_name;

    #[test]
    fn a_field_is_called_without_what_is_put_around_its_name() {
        assert_eq!(
            (own_name("Client_Secret__c"), own_name("pkg__Token__c"), own_name("Name")),
            (Some("Client_Secret"), Some("Token"), None)
        );
    }
}

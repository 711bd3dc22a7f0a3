//! Values that are kept with the metadata: records of custom metadata, labels.

use super::super::Context;
use super::super::component::{Component, member, text_node};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::SecretPlace;
use crate::tree::Node;

pub(super) fn lower_record<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    for entry in node.get_all("values") {
        let (Some((field, _)), Some((_, held))) = (member(entry, "field"), member(entry, "value")) else { continue };
        if is_secret_name(field.strip_suffix("__c").unwrap_or(&field)) {
            component.secrets(context, field, text_node(held), (Position::Variable, SecretPlace::Variable));
        }
    }
}

pub(super) fn lower_labels<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    node.get_all("labels").for_each(|label| lower_label(context, label));
}

pub(super) fn lower_label<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let (Some((name, _)), Some((_, held))) = (member(node, "fullName"), member(node, "value")) else { return };
    if is_secret_name(&name) {
        let component = Component::named(context, node, name.clone());
        component.secrets(context, name, text_node(held), (Position::Variable, SecretPlace::Variable));
    }
}

//! Sites: what visitors reach, and whether they may make accounts.

use super::super::Context;
use super::super::access::guest::Site;
use super::super::component::{Component, flag, folder_name, member};
use super::settings;
use crate::model::{Fact, Kind, Place};
use crate::platform::File;
use crate::tree::{Node, Syntax};

pub(in super::super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    if flag(node, "active").is_some_and(|(active, _)| !active) {
        return;
    }
    settings::below(context, &component, node);
    context.access.sites.push(Site { name: component.name, place: component.place, opened: None });
}

pub(in super::super) fn lower_network<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    settings::below(context, &component, node);
    let Some((true, place)) = flag(node, "selfRegistration") else { return };
    let mut setting = component.element(Kind::Setting, "selfRegistration", place).with(Fact::SettingKey, "open-registration", place).with(
        Fact::SettingValue,
        "true",
        place,
    );
    if let Some((profile, held)) = member(node, "selfRegProfile") {
        setting.relate(format!("who registers gets the profile `{profile}`"), Place::of(held));
    }
    context.model.add(setting);
}

/// What bundles say of visitors: the older form as a switch, the newer in a word.
const WORDS: [&str; 3] = ["AUTHENTICATED", "UNAUTHENTICATED", "AUTHENTICATED_WITH_PUBLIC_ACCESS_ENABLED"];

/// The head of the bundle of a site.
pub(super) fn experience<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let word = || root.get("authenticationType").and_then(Node::as_str).is_some_and(|word| WORDS.contains(&&*word));
    let is = file.tree.syntax() == Syntax::Json && (root.get("isAvailableToGuests").and_then(Node::as_bool).is_some() || word());
    is.then_some(root).into_iter().collect()
}

pub(in super::super) fn lower_experience<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    let Some(name) = folder_name(path, "experiences").or_else(|| folder_name(path, "site")) else { return };
    context.package(Place::of(node));
    let open = node.get("isAvailableToGuests").filter(|open| open.as_bool() == Some(true));
    let word = node.get("authenticationType").filter(|word| word.as_str().is_some_and(|word| word != WORDS[0]));
    if let Some(opened) = open.or(word) {
        context.access.sites.push(Site { name, place: Place::of(opened), opened: Some(Place::of(opened)) });
    }
}

//! Objects: with whom records are shared by default, whether changes are kept. A file holds its fields and links too, or has them beside it.

use super::super::component::{self, flag, member};
use super::super::{Context, connect};
use super::field;
use crate::model::vocabulary::{PrincipalKind, Scope, Verb};
use crate::model::{Element, Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let name = component::name(context.export.file(node).path);
    let sharing = member(node, "sharingModel");
    context.package(Place::key_of(node));
    let place = sharing.as_ref().map_or(Place::key_of(node), |(_, held)| Place::of(*held));
    context.data.objects.insert(name.clone(), place);
    if is_own(&name) && !node.members().any(|member| member.has_key("customSettingsType")) {
        if let Some((on, place)) = flag(node, "enableHistory") {
            context.data.history.push((name.clone(), on, place));
        }
        if sharing.is_some_and(|(model, _)| matches!(&*model, "ReadWrite" | "ReadWriteTransfer" | "FullAccess")) {
            let outside = member(node, "externalSharingModel").filter(|(model, _)| model == "ReadWrite").map(|(_, held)| Place::of(held));
            context.data.open.push(Open { object: name.clone(), place, outside });
        }
    }
    for entry in node.members() {
        match entry.key().as_deref() {
            Some("fields") => field::lower_inline(context, &name, entry),
            Some("webLinks") => connect::lower_link(context, &name, entry),
            _ => {}
        }
    }
}

/// An object whose records everyone may change.
pub(super) struct Open<'t> {
    object: Cow<'t, str>,
    place: Place,
    /// What gives that to people from outside of the organisation, too.
    outside: Option<Place>,
}

/// Whether the organisation has made the object itself: neither the platform nor a package that it has installed.
fn is_own(name: &str) -> bool {
    name.strip_suffix("__c").is_some_and(|own| !own.contains("__"))
}

/// Most objects that are shown beside the first.
const RELATED: usize = 3;

/// States once what holds of all objects: nearly all makers leave it as the platform proposes.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let off: Vec<_> = context.data.history.iter().filter(|(_, on, _)| !on).collect();
    if let Some((_, _, place)) = off.first() {
        let (place, count) = (*place, context.data.history.len());
        let name = format!("{} of {count} objects ({})", off.len(), component::listed(off.iter().map(|(name, ..)| &**name)));
        let app = context.package(place);
        let setting = Element::new(Kind::Setting, app, "object-history", name, place).with(Fact::SettingKey, "table-audit", place).with(
            Fact::SettingValue,
            "off",
            place,
        );
        context.model.add(setting);
    }
    let open = std::mem::take(&mut context.data.open);
    let Some(first) = open.first() else { return };
    let place = first.place;
    let app = context.package(place);
    let objects = component::listed(open.iter().map(|open| &*open.object));
    let mut grant = Element::new(Kind::Grant, app, "default-sharing", first.object.clone(), place)
        .with(Fact::GrantPrincipalKind, PrincipalKind::Everyone, place)
        .with(Fact::GrantAction, "edit", place)
        .with(Fact::GrantVerb, vec![Verb::Read, Verb::Write], place)
        .with(Fact::GrantResource, objects, place)
        .with(Fact::GrantScope, Scope::All, place);
    for open in open.iter().skip(1).take(RELATED) {
        grant.relate(format!("the object `{}`", open.object), open.place);
    }
    for (object, place) in open.iter().filter_map(|open| Some((&open.object, open.outside?))).take(RELATED) {
        grant.relate(format!("people from outside may do it with `{object}`, too"), place);
    }
    context.model.add(grant);
}

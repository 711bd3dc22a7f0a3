//! Sharing rules: which records are shared with whom beyond the default.

use super::super::Context;
use super::super::access::guest::Shared;
use super::super::component::{Component, folder_name, member, name, text};
use crate::model::vocabulary::{PrincipalKind, Scope, Verb};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// Rules in files of their own.
pub(super) const PARTS: &[&str] = &["SharingGuestRule", "SharingCriteriaRule", "SharingOwnerRule"];

/// Fields that every record has: to ask that they are not empty asks nothing.
const ALWAYS_SET: [&str; 9] =
    ["Id", "Name", "OwnerId", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate", "SystemModstamp", "IsDeleted"];

/// Groups that hold everybody with a login of their kind.
const EVERYONE: [&str; 3] = ["allInternalUsers", "allCustomerPortalUsers", "allPartnerUsers"];

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let object = name(context.export.file(node).path);
    context.package(Place::key_of(node));
    for rule in node.members() {
        if matches!(rule.key().as_deref(), Some("sharingGuestRules" | "sharingCriteriaRules" | "sharingOwnerRules")) {
            of(context, rule, &object);
        }
    }
}

pub(super) fn lower_part<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    let object = folder_name(path, "sharingRules").unwrap_or_default();
    of(context, node, &object);
}

fn of<'t>(context: &mut Context<'_, 't>, rule: Node<'t>, object: &str) {
    let component = match rule.get("fullName").and_then(text) {
        Some(name) => Component::named(context, rule, name),
        None => Component::of(context, rule),
    };
    let Some(shared_to) = rule.get("sharedTo") else { return };
    let writes = member(rule, "accessLevel").is_some_and(|(level, _)| matches!(&*level, "Edit" | "All"));
    let criteria = criteria(rule);
    if let Some((site, _)) = member(shared_to, "guestUser") {
        let place = criteria.unwrap_or(component.place);
        let shared = Shared {
            name: component.name,
            object: Cow::Owned(object.to_owned()),
            site,
            place: component.place,
            criteria: place,
            all: criteria.is_some(),
            writes,
        };
        context.access.shares.push(shared);
        return;
    }
    let everyone = EVERYONE.iter().find(|name| shared_to.get(name).is_some());
    let (Some(everyone), Some(place)) = (everyone, criteria.filter(|_| writes)) else { return };
    let grant = component
        .element(Kind::Grant, object, component.place)
        .with(Fact::GrantPrincipalKind, PrincipalKind::Everyone, component.place)
        .with(Fact::GrantPrincipal, *everyone, component.place)
        .with(Fact::GrantAction, "edit", component.place)
        .with(Fact::GrantVerb, vec![Verb::Read, Verb::Write], component.place)
        .with(Fact::GrantResource, object.to_owned(), component.place)
        .with(Fact::GrantScope, Scope::All, place);
    context.model.add(grant);
}

/// What says that the rule is about all records; none where it leaves some out.
fn criteria(rule: Node<'_>) -> Option<Place> {
    let mut items = rule.get_all("criteriaItems").peekable();
    if items.peek().is_none() {
        // A rule about owners has no criteria: all internal users are all owners of most.
        let from = rule.get("sharedFrom")?;
        return from.get("allInternalUsers").map(Place::key_of);
    }
    let filter = member(rule, "booleanFilter").map(|(filter, _)| filter.to_ascii_uppercase());
    let any = filter.is_some_and(|filter| filter.contains("OR") && !filter.contains("AND"));
    let all: Vec<Option<Place>> = items.map(|item| is_always_true(item).then(|| Place::key_of(item))).collect();
    let first = all.iter().copied().flatten().next();
    if any || all.iter().all(Option::is_some) { first } else { None }
}

fn is_always_true(item: Node<'_>) -> bool {
    let field = member(item, "field").map(|(field, _)| field).unwrap_or_default();
    let operation = member(item, "operation").map(|(operation, _)| operation).unwrap_or_default();
    let value = member(item, "value").map(|(value, _)| value.to_ascii_lowercase()).unwrap_or_default();
    match &*operation {
        "notEqual" => matches!(&*value, "" | "null") && ALWAYS_SET.contains(&&*field),
        "equals" => matches!(&*value, "true,false" | "false,true" | "true, false" | "false, true"),
        _ => false,
    }
}

//! Who may do what: rules of access with their roles, roles that hold other roles, and what one app may do in another.

use super::code::RIGHTS;
use super::record::{Company, Record};
use super::script::Script;
use super::{Context, Lower};
use crate::model::vocabulary::{PrincipalKind, RightPower, Scope, Verb};
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::role::{is_for_admins, is_for_users};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) const TABLES: &[(&str, Lower)] = &[
    ("sys_security_acl", lower_rule),
    ("sys_scope_privilege", lower_privilege),
    ("sys_user_role_contains", lower_contains),
    ("sys_user_has_role", lower_given),
    ("sys_group_has_role", lower_given),
];

/// The role that everybody has, also without login.
const PUBLIC: &str = "public";
/// Roles that everybody with a login has.
const LOGGED_IN: [&str; 2] = ["snc_internal", "snc_external"];
/// The attribute of a rule that asks for a login and nothing else.
const AUTHENTICATED: &str = "UserIsAuthenticated";

/// What a role of the platform lets its holder do.
const POWERS: [(&str, RightPower); 6] = [
    ("admin", RightPower::AllData),
    ("security_admin", RightPower::AssignRights),
    ("user_admin", RightPower::ManageUsers),
    ("impersonator", RightPower::Impersonate),
    ("script_include_admin", RightPower::RunCode),
    ("web_service_admin", RightPower::RunCode),
];

/// Whom a rule lets in.
enum Holder<'t> {
    Anyone,
    Everyone,
    Roles(Vec<Cow<'t, str>>),
    /// The roles of the rule may be where this export is imported to.
    Unknown,
    /// Whoever its condition or script holds for.
    Guarded,
}

fn lower_rule<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    if let Some(script) = Script::of(context, record, "script").filter(|_| record.is_active()) {
        script.lower(context);
    }
    let denies = record.text("decision_type").is_some_and(|decision| decision.eq_ignore_ascii_case("deny"));
    if !record.is_active() || denies {
        return;
    }
    let roles = roles(context, record);
    // A script that is kept from the time before `advanced` was switched off does not run.
    let scripted = record.says("script") && record.flag("advanced").is_none_or(|(advanced, _)| advanced);
    let attribute = record.shown("security_attribute");
    let conditional = record.says("condition") || scripted || attribute.as_ref().is_some_and(|name| name != AUTHENTICATED);
    let scope = if conditional { Scope::Shared } else { Scope::All };
    let holder = if roles.iter().any(|role| role == PUBLIC) {
        Holder::Anyone
    } else if roles.iter().any(|role| LOGGED_IN.contains(&&**role)) || roles.is_empty() && attribute.is_some() && !conditional {
        Holder::Everyone
    } else if !roles.is_empty() {
        Holder::Roles(roles)
    } else if conditional {
        Holder::Guarded
    } else if !shows_roles(context, record) {
        Holder::Unknown
    } else {
        Holder::Anyone
    };
    let grant = |context: &Context<'_, 't>, kind: PrincipalKind, name: Cow<'t, str>| right(context, record, (kind, &name), scope);
    let grants = match holder {
        Holder::Anyone => vec![grant(context, PrincipalKind::Anonymous, PUBLIC.into())],
        Holder::Everyone => vec![grant(context, PrincipalKind::Everyone, "snc_internal".into())],
        Holder::Unknown => vec![grant(context, PrincipalKind::Unknown, record.name())],
        Holder::Roles(roles) => roles.into_iter().map(|role| grant(context, PrincipalKind::Role, role)).collect(),
        Holder::Guarded => Vec::new(),
    };
    grants.into_iter().for_each(|element| {
        context.model.add(element);
    });
}

/// The names of the roles of a rule.
fn roles<'t>(context: &Context<'_, 't>, rule: &Record<'t>) -> Vec<Cow<'t, str>> {
    let id = rule.id();
    let of_rule = context.of_table("sys_security_acl_role").filter(|role| role.text("sys_security_acl").is_some_and(|of| of == id));
    of_rule.filter_map(|role| role.shown("sys_user_role")).collect()
}

/// Whether the roles of a rule would be in the export: not where it is one file of many, or where the rule was there before and they are
/// none of what has changed.
fn shows_roles(context: &Context<'_, '_>, record: &Record<'_>) -> bool {
    let changed = record.text("sys_mod_count").is_some_and(|count| count != "0");
    let id = record.id();
    let takes = |role: &Record<'_>| role.node.has_key("sys_security_acl_role") && role.text("sys_security_acl").is_some_and(|of| of == id);
    match record.company {
        Company::All => true,
        Company::Changed => !changed || context.deleted.iter().any(takes),
        Company::Nothing => false,
    }
}

/// What a rule allows.
fn right<'t>(
    context: &Context<'_, 't>,
    record: &Record<'t>,
    (kind, principal): (PrincipalKind, &Cow<'t, str>),
    scope: Scope,
) -> Element<'t> {
    let place = record.place();
    let operation = record.shown("operation").unwrap_or_else(|| "read".into());
    let resource = record.text("name").unwrap_or_else(|| record.name());
    // A rule of a field only adds to that of its table.
    let is_record = record.shown("type").is_none_or(|kind| kind == "record");
    let scope = if is_record && resource.contains('.') { Scope::Shared } else { scope };
    let verb = verb(&operation);
    let mut grant = context
        .element(Kind::Grant, record, principal, place)
        .with(Fact::GrantPrincipalKind, kind, place)
        .with(Fact::GrantPrincipal, principal.clone(), place)
        .with(Fact::GrantForAdmins, is_for_admins(principal), place)
        .with(Fact::GrantForUsers, is_for_users(principal), place)
        .with(Fact::GrantAction, operation.clone(), record.at("operation"))
        .with(Fact::GrantResource, resource.clone(), record.at("name"))
        .with(Fact::GrantScope, scope, place);
    grant.name = resource;
    if let Some(verb) = verb {
        grant.set(Fact::GrantVerb, vec![verb], place);
    }
    grant
}

fn verb(operation: &str) -> Option<Verb> {
    Some(match operation {
        "read" | "report_view" | "report_on" | "list_edit" | "query_range" | "query_match" => Verb::Read,
        "write" | "create" | "save_as_template" | "edit_task_relations" => Verb::Write,
        "delete" => Verb::Delete,
        "execute" => Verb::Execute,
        _ => return None,
    })
}

/// What one app may do in another.
fn lower_privilege<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    if record.text("status").is_some_and(|status| status != "allowed") {
        return;
    }
    let place = record.place();
    let Some((target, node)) = record.value("target_name") else { return };
    let operation = record.text("operation").unwrap_or_default();
    let principal = record.shown("source_scope").unwrap_or_else(|| record.name());
    let mut grant = context
        .element(Kind::Grant, record, "", place)
        .with(Fact::GrantPrincipalKind, PrincipalKind::App, place)
        .with(Fact::GrantPrincipal, principal.clone(), place)
        .with(Fact::GrantForAdmins, false, place)
        .with(Fact::GrantAction, format!("{operation} {target}"), place)
        .with(Fact::GrantResource, target.clone(), Place::of(node))
        .with(Fact::GrantScope, Scope::All, Place::of(node));
    grant.name = principal;
    if let Some(verb) = verb(&operation) {
        grant.set(Fact::GrantVerb, vec![verb], place);
    }
    let writes = matches!(&*operation, "write" | "create" | "delete");
    let is_table = record.text("target_type").is_none_or(|kind| matches!(&*kind, "sys_db_object" | "table"));
    if is_table && writes && RIGHTS.contains(&&*target) {
        let power = if target == "sys_user" { RightPower::ManageUsers } else { RightPower::AssignRights };
        grant.set(Fact::GrantPower, power, Place::of(node));
    } else if operation == "execute" && target.contains("impersonate") {
        grant.set(Fact::GrantPower, RightPower::Impersonate, Place::of(node));
    }
    context.model.add(grant);
}

/// A role within a role.
fn lower_contains<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    give(context, record, ("role", PrincipalKind::Role), "contains");
}

/// A role of a person or group.
fn lower_given<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let to_group = record.node.has_key("sys_group_has_role");
    let holder = if to_group { ("group", PrincipalKind::Group) } else { ("user", PrincipalKind::User) };
    give(context, record, holder, "role");
}

fn give<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, (field, kind): (&str, PrincipalKind), role: &str) {
    let (Some(principal), Some(role_name)) = (record.shown(field), record.shown(role)) else { return };
    let place = record.at(role);
    let mut grant = context
        .element(Kind::Grant, record, "", place)
        .with(Fact::GrantPrincipalKind, kind, place)
        .with(Fact::GrantPrincipal, principal.clone(), place)
        .with(Fact::GrantForAdmins, is_for_admins(&principal) || principal == "admin", place)
        .with(Fact::GrantForUsers, is_for_users(&principal), place)
        .with(Fact::GrantAction, role_name.clone(), place)
        .with(Fact::GrantScope, Scope::All, place);
    grant.name = principal;
    if let Some((_, power)) = POWERS.iter().find(|(name, _)| *name == role_name) {
        grant.set(Fact::GrantPower, *power, place);
    }
    context.model.add(grant);
}

/// What only all rules together tell: one grant for each role, with all that its rules allow.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let mut whole: BTreeMap<String, (Place, Vec<String>)> = BTreeMap::new();
    for grant in context.model.elements.iter().filter(|element| element.kind == Kind::Grant) {
        if !grant.is(Fact::GrantPrincipalKind, PrincipalKind::Role.name()) || grant.fact(Fact::GrantPower).is_some() {
            continue;
        }
        let (Some(role), Some(action), Some(resource)) =
            (grant.text(Fact::GrantPrincipal), grant.text(Fact::GrantAction), grant.text(Fact::GrantResource))
        else {
            continue;
        };
        let scope = grant.text(Fact::GrantScope).unwrap_or_default();
        let (_, rights) = whole.entry(role.to_owned()).or_insert_with(|| (grant.place, Vec::new()));
        rights.push(format!("{action} {resource}@{scope}"));
    }
    for (role, (place, mut rights)) in whole {
        rights.sort_unstable();
        rights.dedup();
        let element = Element::new(Kind::Grant, context.app, format!("role.{role}"), role.clone(), place)
            .with(Fact::GrantPrincipalKind, PrincipalKind::Role, place)
            .with(Fact::GrantForAdmins, is_for_admins(&role), place)
            .with(Fact::GrantForUsers, is_for_users(&role), place)
            .with(Fact::GrantPrincipal, role, place)
            .with(Fact::GrantRights, rights, place);
        context.model.add(element);
    }
}

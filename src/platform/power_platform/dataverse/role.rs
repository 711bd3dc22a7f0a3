//! Security roles: one grant for the role as a whole, one for each privilege that is more than work with data, one for the rows of
//! others that may be deleted. A role has hundreds of privileges; nearly all are copies of what the platform proposes.

use super::{Context, guid, member, package, privilege, root, schema};
use crate::model::vocabulary::{Plane, PrincipalKind, RightPower, Scope, Verb};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::role::{is_for_admins, is_for_users};
use crate::platform::{File, SchemaText};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) const SCHEMA: SchemaText =
    schema("power-platform/role.schema.json", include_str!("../../../../schemas/power-platform/role.schema.json"));

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    root(file, "Role").into_iter().filter(|role| role.get("RolePrivileges").is_some()).collect()
}

/// A role, as grants are made of it.
struct Role<'t> {
    app: AppId,
    id: String,
    name: Cow<'t, str>,
    place: Place,
}

/// A privilege of a role.
struct Privilege<'t> {
    name: Cow<'t, str>,
    scope: Scope,
    level: Place,
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let Some((name, place)) = member(node, "@name") else { return };
    let app = package(context, node);
    let id = member(node, "@id").map_or_else(|| name.to_string(), |(id, _)| guid(&id));
    let role = Role { app, id, name, place: Place::of(place) };
    let privileges: Vec<Privilege<'t>> = node.get("RolePrivileges").into_iter().flat_map(privileges).collect();
    let planes = planes(&privileges);
    let mut whole = role.grant("", role.place);
    if !planes.is_empty() {
        whole.set(Fact::GrantPlanes, planes, role.place);
    }
    let rights: Vec<String> = privileges.iter().map(|held| privilege::right(&held.name, held.scope)).collect();
    if !rights.is_empty() {
        whole.set(Fact::GrantRights, rights, role.place);
    }
    context.model.add(whole);
    for held in &privileges {
        // What covers one's own records only is no power over others.
        let Some(power) = privilege::power(&held.name).filter(|_| held.scope != Scope::Own) else { continue };
        let grant = role
            .grant(&held.name, held.level)
            .with(Fact::GrantAction, held.name.clone(), held.level)
            .with(Fact::GrantPower, power, held.level)
            .with(Fact::GrantScope, held.scope, held.level);
        context.model.add(grant);
    }
    if let Some(grant) = deletions(context, &role, &privileges) {
        context.model.add(grant);
    }
}

fn privileges(list: Node<'_>) -> impl Iterator<Item = Privilege<'_>> {
    list.get_all("RolePrivilege").filter_map(|held| {
        let (name, _) = member(held, "@name")?;
        let (level, place) = member(held, "@level")?;
        Some(Privilege { name, scope: privilege::scope(&level)?, level: Place::of(place) })
    })
}

impl<'t> Role<'t> {
    /// A grant of the role; `part` names it among those of the role.
    fn grant(&self, part: &str, place: Place) -> Element<'t> {
        let id = if part.is_empty() { self.id.clone() } else { format!("{}.{part}", self.id) };
        Element::new(Kind::Grant, self.app, id, self.name.clone(), place)
            .with(Fact::GrantPrincipalKind, PrincipalKind::Role, self.place)
            .with(Fact::GrantPrincipal, self.name.clone(), self.place)
            .with(Fact::GrantForAdmins, is_for_admins(&self.name), self.place)
            .with(Fact::GrantForUsers, is_for_users(&self.name), self.place)
    }
}

fn planes(privileges: &[Privilege<'_>]) -> Vec<Plane> {
    let builds = |held: &Privilege<'_>| {
        let power = privilege::power(&held.name).filter(|_| held.scope != Scope::Own);
        matches!(power, Some(RightPower::Customise | RightPower::RunCode))
    };
    let build = privileges.iter().any(builds).then_some(Plane::Build);
    let run = privileges.iter().any(|held| privilege::works_with_data(&held.name)).then_some(Plane::Run);
    build.into_iter().chain(run).collect()
}

/// The tables of the same export whose rows belong to persons and of which the role may delete anybody's.
fn deletions<'t>(context: &Context<'_, 't>, role: &Role<'t>, privileges: &[Privilege<'t>]) -> Option<Element<'t>> {
    let owned = |table: &str| context.known.user_owned.get(table).copied().unwrap_or_default();
    let found: Vec<(String, Place)> = privileges
        .iter()
        .filter(|held| held.scope == Scope::All)
        .filter_map(|held| Some((privilege::deletes(&held.name).filter(|table| owned(table))?, held.level)))
        .collect();
    let place = found.first()?.1;
    let tables: Vec<String> = found.into_iter().map(|(table, _)| table).collect();
    let grant = role
        .grant("delete", place)
        .with(Fact::GrantPower, RightPower::DeleteOthersData, place)
        .with(Fact::GrantVerb, vec![Verb::Delete], place)
        .with(Fact::GrantScope, Scope::All, place)
        .with(Fact::GrantResource, tables.join(", "), place);
    Some(grant)
}

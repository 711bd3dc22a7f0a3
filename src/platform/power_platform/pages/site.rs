//! A site: who may do what with which table.

use super::record::{RUNNERS, Record, Type};
use super::setting;
use crate::model::vocabulary::{AppKind, PrincipalKind, Scope, Verb};
use crate::model::{AppId, Element, Fact, Kind};
use crate::platform::power_platform::Context;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The records of the site of an export, until all are there.
#[derive(Default)]
pub(in super::super) struct Site<'t> {
    records: Vec<Record<'t>>,
}

impl<'t> Site<'t> {
    pub(super) fn gather(&mut self, record: Record<'t>) {
        self.records.push(record);
    }
}

/// States what the records say together.
pub(in super::super) fn finish(context: &mut Context<'_, '_>) {
    let records = std::mem::take(&mut context.site.records);
    let Some(first) = records.first() else { return };
    let website = records.iter().find(|record| record.kind == Type::Website);
    let name = website.and_then(|site| site.get("name")).map_or(Cow::Borrowed(""), |name| name.0.clone());
    let ids = ["websiteid", "id", "@powerpagesiteid"];
    let id = website.and_then(|site| ids.iter().find_map(|name| site.get(name))).map_or(Cow::Borrowed(""), |id| id.0.clone());
    let place = website.unwrap_or(first).place;
    let app = context.model.add_app(id, name.clone(), place);
    let element = context.model.app(app).element;
    context.model.element_mut(element).set(Fact::AppKind, AppKind::Site, place);
    if !name.is_empty() {
        context.model.element_mut(element).set(Fact::AppName, name.clone(), place);
    }
    setting::lower(context, &setting::Owner { app, name }, &of(&records, Type::Setting));
    permissions(context, app, &records);
    runs(context, app, &records);
    for list in of(&records, Type::List) {
        open_feed(context, app, list);
    }
}

fn of<'r, 't>(records: &'r [Record<'t>], kind: Type) -> Vec<&'r Record<'t>> {
    records.iter().filter(|record| record.kind == kind).collect()
}

fn key(text: &str) -> String {
    text.trim_matches(['{', '}']).to_ascii_lowercase()
}

/// The id of a record, under the name that its table has for it.
fn id<'r>(record: &'r Record<'_>, name: &str) -> Option<&'r str> {
    record.get(name).or_else(|| record.get("id")).map(|id| &*id.0)
}

/// Who has a web role.
fn principal(role: &Record<'_>) -> PrincipalKind {
    if role.is("anonymoususersrole") {
        PrincipalKind::Anonymous
    } else if role.is("authenticatedusersrole") {
        PrincipalKind::Everyone
    } else {
        PrincipalKind::Role
    }
}

/// The web roles, by their identifiers.
fn roles<'r, 't>(records: &'r [Record<'t>]) -> HashMap<String, &'r Record<'t>> {
    of(records, Type::Role).into_iter().filter_map(|role| Some((key(id(role, "webroleid")?), role))).collect()
}

/// Who may run the flows and the code on the server that pages of the site call.
fn runs<'t>(context: &mut Context<'_, 't>, app: AppId, records: &[Record<'t>]) {
    let roles = roles(records);
    for record in of(records, Type::Run) {
        let name = ["display_name", "name"].into_iter().find_map(|name| record.get(name)).map_or(Cow::Borrowed(""), |name| name.0.clone());
        let own =
            ["serverlogicid", "cloudflowconsumerid"].into_iter().find_map(|name| id(record, name)).map_or_else(|| name.to_string(), key);
        for (role_id, at) in RUNNERS.iter().flat_map(|field| record.all(field)) {
            let Some(role) = roles.get(&key(role_id)) else { continue };
            let held = role.get("name").map_or(Cow::Borrowed(""), |name| name.0.clone());
            let element = Element::new(Kind::Grant, app, format!("{own}.{}", key(role_id)), name.clone(), record.place)
                .with(Fact::GrantPrincipalKind, principal(role), *at)
                .with(Fact::GrantPrincipal, held, *at)
                .with(Fact::GrantAction, "run", *at)
                .with(Fact::GrantVerb, vec![Verb::Execute], *at)
                .with(Fact::GrantResource, name.clone(), *at)
                .with(Fact::GrantScope, Scope::All, *at);
            context.model.add(element);
        }
    }
}

fn permissions<'t>(context: &mut Context<'_, 't>, app: AppId, records: &[Record<'t>]) {
    let roles = roles(records);
    let permissions = of(records, Type::Permission);
    let by_id: HashMap<String, &Record<'t>> =
        permissions.iter().filter_map(|record| Some((key(id(record, "entitypermissionid")?), *record))).collect();
    for permission in permissions {
        let (scope, above) = reach(permission, &by_id);
        // A role that has the permission above has those that hang on it.
        let named = std::iter::once(permission).chain(above).flat_map(|one| one.all("entitypermission_webrole"));
        let held: BTreeMap<String, &Record<'t>> =
            named.filter_map(|(role, _)| roles.get(&key(role)).map(|known| (key(role), *known))).collect();
        for (role_id, role) in held {
            grant(context, app, permission, scope, &role_id, role);
        }
    }
}

/// Deepest row of permissions that hang on each other.
const MAX_DEPTH: usize = 16;

/// Which records a permission covers, and the permissions that it hangs on.
fn reach<'r, 't>(permission: &'r Record<'t>, by_id: &HashMap<String, &'r Record<'t>>) -> (Scope, Vec<&'r Record<'t>>) {
    let mut above = Vec::new();
    let mut current = permission;
    let mut own = scope(current);
    while own == Some(Scope::Shared) && above.len() < MAX_DEPTH {
        let Some(parent) = current.get("parententitypermission").and_then(|parent| by_id.get(&key(&parent.0))) else { break };
        current = parent;
        above.push(current);
        // What hangs on all records hangs on nothing.
        if scope(current) == Some(Scope::All) {
            own = Some(Scope::All);
        }
    }
    (own.unwrap_or(Scope::Shared), above)
}

fn scope(permission: &Record<'_>) -> Option<Scope> {
    match &*permission.get("scope")?.0 {
        "756150000" => Some(Scope::All),
        "756150001" | "756150004" => Some(Scope::Own),
        "756150002" => Some(Scope::Unit),
        "756150003" => Some(Scope::Shared),
        _ => None,
    }
}

fn grant<'t>(context: &mut Context<'_, 't>, app: AppId, permission: &Record<'t>, scope: Scope, role_id: &str, role: &Record<'t>) {
    const RIGHTS: [(&str, Verb); 4] = [("create", Verb::Write), ("read", Verb::Read), ("write", Verb::Write), ("delete", Verb::Delete)];
    let rights: Vec<(&str, Verb)> = RIGHTS.into_iter().filter(|(name, _)| permission.is(name)).collect();
    let Some((table, _)) = permission.get("entitylogicalname").filter(|_| !rights.is_empty()) else { return };
    let at = permission.get("scope").map_or(permission.place, |scope| scope.1);
    let mut verbs: Vec<Verb> = rights.iter().map(|right| right.1).collect();
    verbs.sort_unstable();
    verbs.dedup();
    let names: Vec<&str> = rights.iter().map(|right| right.0).collect();
    let held = role.get("name").map_or(Cow::Borrowed(""), |name| name.0.clone());
    let shown = permission.get("entityname").or_else(|| permission.get("name")).map_or(table.clone(), |name| name.0.clone());
    let own = id(permission, "entitypermissionid").map_or_else(|| shown.to_string(), key);
    let element = Element::new(Kind::Grant, app, format!("{own}.{role_id}"), shown, permission.place)
        .with(Fact::GrantPrincipalKind, principal(role), at)
        .with(Fact::GrantPrincipal, held, at)
        .with(Fact::GrantAction, names.join(", "), at)
        .with(Fact::GrantVerb, verbs, at)
        .with(Fact::GrantResource, table.clone(), at)
        .with(Fact::GrantScope, scope, at);
    context.model.add(element);
}

/// A list that is also a feed of data, and asks nobody for a permission.
fn open_feed<'t>(context: &mut Context<'_, 't>, app: AppId, list: &Record<'t>) {
    let feed = list.is("odata_enabled");
    let unasked = list.denies("entitypermissionsenabled");
    let Some((table, _)) = list.get("entityname").filter(|_| feed && unasked) else { return };
    let at = list.get("entitypermissionsenabled").map_or(list.place, |field| field.1);
    let name = list.get("name").map_or(table.clone(), |name| name.0.clone());
    let own = id(list, "entitylistid").map_or_else(|| name.to_string(), key);
    let element = Element::new(Kind::Grant, app, own, name, list.place)
        .with(Fact::GrantPrincipalKind, PrincipalKind::Anonymous, at)
        .with(Fact::GrantPrincipal, "anyone", at)
        .with(Fact::GrantAction, "read", at)
        .with(Fact::GrantVerb, vec![Verb::Read], at)
        .with(Fact::GrantResource, table.clone(), at)
        .with(Fact::GrantScope, Scope::All, at);
    context.model.add(element);
}

//! Profiles and permission sets: gathered from all files that each is spread over, then judged as one.

use super::super::component::{flag, folder_name, member, name};
use super::super::{Context, component};
use super::right;
use crate::model::vocabulary::{PrincipalKind, RightPower, Scope, Verb};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::role::{is_for_admins, is_for_users};
use crate::tree::Node;
use std::borrow::Cow;

/// What gives rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Type {
    Profile,
    PermissionSet,
    Muting,
}

/// Something named, with the place that says it.
pub(in super::super) type Named<'t> = (Cow<'t, str>, Place);

/// What a holder may do with the records of an object; none where it may not.
#[derive(Default)]
pub(super) struct ObjectRight<'t> {
    pub(super) object: Cow<'t, str>,
    pub(super) read: Option<Place>,
    pub(super) edit: Option<Place>,
    pub(super) delete: Option<Place>,
    pub(super) view_all: Option<Place>,
    pub(super) modify_all: Option<Place>,
}

/// A profile or permission set.
pub(in super::super) struct Holder<'t> {
    pub(super) kind: Type,
    pub(super) name: Cow<'t, str>,
    pub(super) place: Place,
    pub(super) license: Option<Cow<'t, str>>,
    custom: Option<bool>,
    /// The permissions about no object that are switched on and judged, each once.
    pub(super) system: Vec<Named<'t>>,
    pub(super) objects: Vec<ObjectRight<'t>>,
    /// The principals of external credentials.
    pub(in super::super) principals: Vec<Named<'t>>,
    /// The flows that it opens by name.
    pub(super) flows: Vec<Named<'t>>,
    /// Where it says that people may log in from every address of the internet.
    pub(super) every_address: Option<Place>,
}

impl<'t> Holder<'t> {
    fn new(kind: Type, name: Cow<'t, str>, place: Place) -> Self {
        let (system, objects, principals, flows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { kind, name, place, license: None, custom: None, system, objects, principals, flows, every_address: None }
    }

    /// Takes in a permission about no object.
    fn hold(&mut self, entry: Node<'t>) {
        let told = switched_on(entry, "name", "enabled").filter(|(name, _)| right::is_told(name));
        if let Some(one) = told.filter(|(name, _)| self.system.iter().all(|(known, _)| known != name)) {
            self.system.push(one);
        }
    }

    fn licensed(&self, words: &[&str]) -> bool {
        self.license.as_deref().is_some_and(|license| words.iter().any(|word| license.contains(word)))
    }

    /// Whether it is for visitors of a site who have not logged in. A permission set with their licence can be given to nobody else.
    pub(super) fn is_guest(&self) -> bool {
        self.kind != Type::Muting && self.licensed(&["Guest"])
    }

    /// Whether it came with the platform, which fixes what it holds.
    fn is_standard(&self) -> bool {
        const NAMES: [&str; 4] = ["Admin", "Standard", "StandardAul", "ReadOnly"];
        let unnamed = self.custom.is_none() && NAMES.contains(&&*self.name);
        self.kind == Type::Profile && (self.custom == Some(false) || unnamed) && (self.license.is_none() || self.licensed(&["Salesforce"]))
    }

    /// Whether the platform made it for a service of its own.
    fn is_of_platform(&self) -> bool {
        self.name.starts_with("sfdcInternalInt__") || self.licensed(&["Cloud Integration User"])
    }

    /// Whether its users are people of the organisation: only they have passwords that the organisation decides about.
    fn is_for_people(&self) -> bool {
        self.license.as_deref().is_none_or(|license| matches!(license, "Salesforce" | "Salesforce Platform"))
    }
}

/// The holder that the file of `node` is about, or is a part of.
fn holder<'c, 't>(context: &'c mut Context<'_, 't>, kind: Type, node: Node<'t>) -> &'c mut Holder<'t> {
    let path = context.export.file(node).path;
    let name = match kind {
        Type::PermissionSet => folder_name(path, "permissionsets").unwrap_or_else(|| name(path)),
        Type::Profile | Type::Muting => name(path),
    };
    let holders = &mut context.access.holders;
    holders.entry((kind, name.to_string())).or_insert_with(|| Holder::new(kind, name, Place::key_of(node)))
}

pub(super) fn gather_profile<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    gather(context, Type::Profile, node);
}

pub(super) fn gather_permission_set<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    gather(context, Type::PermissionSet, node);
}

pub(super) fn gather_muting<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    gather(context, Type::Muting, node);
}

/// One entry of a permission set in a file of its own.
pub(super) fn gather_part<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let part = node.key().unwrap_or_default();
    let holder = holder(context, Type::PermissionSet, node);
    match &*part {
        "UserPermission" => holder.hold(node),
        "ObjectPermission" => holder.objects.extend(object_right(node)),
        "FlowAccess" => holder.flows.extend(switched_on(node, "flow", "enabled")),
        "ExternalCredentialPrincipalAccess" => holder.principals.extend(principal(node)),
        _ => {}
    }
}

fn gather<'t>(context: &mut Context<'_, 't>, kind: Type, node: Node<'t>) {
    let holder = holder(context, kind, node);
    let text = |name: &str| member(node, name).map(|(text, _)| text);
    holder.license = holder.license.take().or_else(|| text("license")).or_else(|| text("userLicense"));
    holder.custom = holder.custom.or_else(|| flag(node, "custom").map(|(custom, _)| custom));
    for entry in node.members() {
        match entry.key().as_deref() {
            Some("userPermissions") => holder.hold(entry),
            Some("objectPermissions") => holder.objects.extend(object_right(entry)),
            Some("flowAccesses") => holder.flows.extend(switched_on(entry, "flow", "enabled")),
            Some("externalCredentialPrincipalAccesses") => holder.principals.extend(principal(entry)),
            Some("loginIpRanges") => {
                let is = |name: &str, address: &str| member(entry, name).is_some_and(|(text, _)| text == address);
                if is("startAddress", "0.0.0.0") && is("endAddress", "255.255.255.255") {
                    holder.every_address = Some(Place::key_of(entry));
                }
            }
            _ => {}
        }
    }
}

/// The name of an entry that is switched on, with the place that switches it on.
fn switched_on<'t>(entry: Node<'t>, name: &str, switch: &str) -> Option<Named<'t>> {
    let (on, place) = flag(entry, switch)?;
    let (name, _) = member(entry, name)?;
    on.then_some((name, place))
}

fn principal(entry: Node<'_>) -> Option<Named<'_>> {
    let (name, node) = member(entry, "externalCredentialPrincipal")?;
    let off = flag(entry, "enabled").is_some_and(|(on, _)| !on);
    (!off).then(|| (name, Place::of(node)))
}

fn object_right(entry: Node<'_>) -> Option<ObjectRight<'_>> {
    let (object, _) = member(entry, "object")?;
    let on = |name: &str| flag(entry, name).and_then(|(on, place)| on.then_some(place));
    Some(ObjectRight {
        object,
        read: on("allowRead"),
        edit: on("allowEdit"),
        delete: on("allowDelete"),
        view_all: on("viewAllRecords"),
        modify_all: on("modifyAllRecords"),
    })
}

/// Adds what a holder may do.
pub(super) fn judge<'t>(context: &mut Context<'_, 't>, holder: &Holder<'t>) {
    let app = context.package(holder.place);
    for (flow, place) in &holder.flows {
        let element = grant(holder, app, &format!("flow.{flow}"), *place)
            .with(Fact::GrantScope, Scope::Own, *place)
            .with(Fact::GrantAction, "run", *place)
            .with(Fact::GrantResource, flow.clone(), *place);
        context.model.add(element);
    }
    // What nobody logs in for gives no more than what is said one by one.
    let whole = grant(holder, app, "", holder.place).with(Fact::GrantScope, Scope::Own, holder.place);
    context.model.add(whole);
    if let Some(place) = holder.every_address.filter(|_| !holder.is_guest()) {
        let setting = Element::new(Kind::Setting, app, format!("profile.{}.addresses", holder.name), holder.name.clone(), place)
            .with(Fact::SettingKey, "login-addresses", place)
            .with(Fact::SettingBelow, vec!["loginIpRanges"], place);
        context.model.add(setting);
    }
    if !holder.is_of_platform() && !holder.is_guest() {
        powers(context, holder, app);
        everybodys_rows(context, holder, app);
    }
}

/// One grant for each power, whatever it is made of.
fn powers<'t>(context: &mut Context<'_, 't>, holder: &Holder<'t>, app: AppId) {
    let held = || holder.system.iter().map(|(name, _)| &**name);
    let mut grants: Vec<(RightPower, Vec<&Named<'t>>)> = Vec::new();
    for one in &holder.system {
        let Some(power) = right::power(&one.0) else { continue };
        let inherent = holder.is_standard() && !right::is_beyond_administrator(&one.0);
        let default = power == RightPower::KeepPassword && (!holder.is_for_people() || holder.custom == Some(false));
        if inherent || default || right::is_implied(&one.0, held()) {
            continue;
        }
        match grants.iter_mut().find(|(known, _)| *known == power) {
            Some((_, names)) => names.push(one),
            None => grants.push((power, vec![one])),
        }
    }
    for (power, names) in grants {
        let Some(first) = names.first() else { continue };
        let action = names.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(", ");
        let mut element = grant(holder, app, power.name(), first.1)
            .with(Fact::GrantAction, action, first.1)
            .with(Fact::GrantPower, power, first.1)
            .with(Fact::GrantScope, Scope::All, first.1);
        for (name, place) in &names[1..] {
            element.relate(format!("`{name}`"), *place);
        }
        for (name, place) in holder.system.iter().filter(|(name, _)| right::is_implied(name, names.iter().map(|(name, _)| &**name))) {
            element.relate(format!("`{name}` follows from it"), *place);
        }
        context.access.groups.tell(&mut element, holder, &names.iter().map(|(name, _)| &**name).collect::<Vec<_>>());
        context.model.add(element);
    }
}

/// The objects of which the holder may delete the rows of everybody.
fn everybodys_rows<'t>(context: &mut Context<'_, 't>, holder: &Holder<'t>, app: AppId) {
    let all = holder.system.iter().any(|(name, _)| name == "ModifyAllData");
    let objects: Vec<&ObjectRight<'t>> = holder.objects.iter().filter(|right| right.modify_all.is_some()).collect();
    let Some(place) = objects.first().and_then(|right| right.modify_all).filter(|_| !all && !holder.is_standard()) else { return };
    let element = grant(holder, app, "delete", place)
        .with(Fact::GrantPower, RightPower::DeleteOthersData, place)
        .with(Fact::GrantVerb, vec![Verb::Read, Verb::Write, Verb::Delete], place)
        .with(Fact::GrantScope, Scope::All, place)
        .with(Fact::GrantResource, component::listed(objects.iter().map(|right| &*right.object)), place);
    context.model.add(element);
}

impl<'t> Holder<'t> {
    /// A grant of the holder; `part` names it among those of the holder.
    pub(in super::super) fn grant(&self, context: &mut Context<'_, 't>, part: &str, place: Place) -> Element<'t> {
        grant(self, context.package(place), part, place)
    }
}

/// A grant of the holder; `part` names it among those of the holder.
pub(super) fn grant<'t>(holder: &Holder<'t>, app: AppId, part: &str, place: Place) -> Element<'t> {
    let id = format!("{}.{}{}{part}", holder.kind.name(), holder.name, if part.is_empty() { "" } else { "." });
    let kind = if holder.is_guest() { PrincipalKind::Anonymous } else { PrincipalKind::Role };
    // A permission set is given on top of what people have: what its name says of administrators is mostly about one app.
    let admins = holder.kind == Type::Profile && is_for_admins(&holder.name);
    let element = Element::new(Kind::Grant, app, id, holder.name.clone(), place)
        .with(Fact::GrantPrincipalKind, kind, holder.place)
        .with(Fact::GrantPrincipal, holder.name.clone(), holder.place)
        .with(Fact::GrantForUsers, is_for_users(&holder.name), holder.place);
    // What the standard profile holds beyond what it comes with is judged like that of anybody else.
    element.with(Fact::GrantForAdmins, admins && !holder.is_standard(), holder.place)
}

impl Type {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::PermissionSet => "permission-set",
            Self::Muting => "muting-permission-set",
        }
    }
}

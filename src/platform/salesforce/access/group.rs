//! Groups of permission sets, and what is taken away again in them.

use super::super::Context;
use super::super::component::{self, member};
use super::holder::{Holder, Type};
use crate::model::{Element, Fact, Place};
use crate::tree::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A group.
struct Group<'t> {
    name: Cow<'t, str>,
    place: Place,
    muting: Vec<Cow<'t, str>>,
}

/// All groups, by the permission sets in them.
#[derive(Default)]
pub(super) struct Groups<'t> {
    all: Vec<Group<'t>>,
    of_set: BTreeMap<Cow<'t, str>, Vec<usize>>,
    /// What each muting permission set takes away.
    muted: BTreeMap<String, BTreeSet<Cow<'t, str>>>,
}

pub(super) fn gather<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let place = Place::key_of(node);
    context.package(place);
    let name = component::name(context.export.file(node).path);
    let texts = |name: &'static str| node.get_all(name).filter_map(component::text);
    let groups = &mut context.access.groups;
    for set in texts("permissionSets") {
        groups.of_set.entry(set).or_default().push(groups.all.len());
    }
    groups.all.push(Group {
        name: member(node, "label").map_or(name, |(label, _)| label),
        place,
        muting: texts("mutingPermissionSets").collect(),
    });
}

impl<'t> Groups<'t> {
    /// Takes in what a muting permission set takes away.
    pub(super) fn mute(&mut self, muting: &Holder<'t>) {
        self.muted.entry(muting.name.to_string()).or_default().extend(muting.system.iter().map(|(name, _)| name.clone()));
    }

    /// Tells of a right that `holder` gives by the permissions `names` which groups hand it on, and whether all of them take it away.
    pub(super) fn tell(&self, element: &mut Element<'t>, holder: &Holder<'t>, names: &[&str]) {
        let Some(groups) = self.of_set.get(&holder.name).filter(|_| holder.kind == Type::PermissionSet) else { return };
        let takes = |group: &Group<'t>| {
            let muted = |name: &str| group.muting.iter().filter_map(|set| self.muted.get(&**set)).any(|muted| muted.contains(name));
            names.iter().all(|name| muted(name))
        };
        for group in groups.iter().map(|at| &self.all[*at]) {
            let what = if takes(group) { "takes it away again" } else { "hands it on" };
            element.relate(format!("the group `{}` {what}", group.name), group.place);
        }
        element.set(Fact::GrantMuted, groups.iter().all(|at| takes(&self.all[*at])), element.place);
    }
}

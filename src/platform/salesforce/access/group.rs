//! Groups of permission sets, and what is taken away again in them.

use super::super::Context;
use super::super::component::{self, member};
use super::holder::{Holder, Type};
use crate::model::{Element, Fact, Place};
use crate::tree::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Most groups that a finding names.
const RELATED: usize = 4;

/// A group.
struct Group<'t> {
    name: Cow<'t, str>,
    place: Place,
    muting: Vec<Cow<'t, str>>,
    /// What all of those take away.
    muted: BTreeSet<Cow<'t, str>>,
}

/// All groups, by the permission sets in them.
#[derive(Default)]
pub(super) struct Groups<'t> {
    all: Vec<Group<'t>>,
    of_set: BTreeMap<Cow<'t, str>, Vec<usize>>,
}

pub(super) fn gather<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let place = Place::key_of(node);
    context.package(place);
    let name = component::name(context.export.file(node).path);
    let texts = |name: &'static str| node.get_all(name).filter_map(component::text);
    let groups = &mut context.access.groups;
    for set in texts("permissionSets") {
        let of_set = groups.of_set.entry(set).or_default();
        if of_set.last() != Some(&groups.all.len()) {
            of_set.push(groups.all.len());
        }
    }
    let label = member(node, "label").map_or(name, |(label, _)| label);
    let muting = texts("mutingPermissionSets").collect();
    groups.all.push(Group { name: label, place, muting, muted: BTreeSet::new() });
}

impl<'t> Groups<'t> {
    /// Takes in what muting permission sets take away.
    pub(super) fn mute<'h>(&mut self, muting: impl Iterator<Item = &'h Holder<'t>>)
    where
        't: 'h,
    {
        let muted: BTreeMap<&str, &Holder<'t>> = muting.map(|holder| (&*holder.name, holder)).collect();
        for group in &mut self.all {
            let sets = group.muting.iter().filter_map(|set| muted.get(&**set));
            group.muted = sets.flat_map(|set| set.system.iter().map(|(name, _)| name.clone())).collect();
        }
    }

    /// Tells of a right that `holder` gives by the permissions `names` which groups hand it on, and whether all of them take it away.
    pub(super) fn tell(&self, element: &mut Element<'t>, holder: &Holder<'t>, names: &[&str]) {
        let Some(groups) = self.of_set.get(&holder.name).filter(|_| holder.kind == Type::PermissionSet) else { return };
        let takes = |group: &Group<'t>| names.iter().all(|name| group.muted.contains(*name));
        for group in groups.iter().map(|at| &self.all[*at]).take(RELATED) {
            let what = if takes(group) { "takes it away again" } else { "hands it on" };
            element.relate(format!("the group `{}` {what}", group.name), group.place);
        }
        element.set(Fact::GrantMuted, groups.iter().all(|at| takes(&self.all[*at])), element.place);
    }
}

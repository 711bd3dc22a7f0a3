//! What profiles say about passwords and sessions.

use super::super::component::{flag, member};
use super::super::{Component, Context};
use crate::model::{Element, Fact, Kind, Place};
use crate::tree::Node;

pub(super) const ROOTS: &[&str] = &["ProfilePasswordPolicy", "ProfileSessionSetting"];

/// A part of a policy that is weaker than the baseline.
type Weak = (&'static str, fn(u32) -> bool);

/// Numbers that are too small, or mean that nothing is asked at all.
const NUMBERS: &[Weak] = &[
    ("minimumPasswordLength", |length| length < 8),
    ("passwordComplexity", |complexity| complexity == 0),
    ("passwordHistory", |kept| kept == 0),
    ("maxLoginAttempts", |attempts| attempts == 0),
    // Minutes; the longest that can be chosen is a day.
    ("sessionTimeout", |minutes| minutes >= 24 * 60),
];

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let number = |name: &str| member(node, name).and_then(|(text, node)| Some((text.parse().ok()?, Place::of(node))));
    let numbers =
        NUMBERS.iter().filter_map(|(name, weak)| number(name).filter(|(number, _)| weak(*number)).map(|(_, place)| (*name, place)));
    let kept = flag(node, "sessionPersistence").and_then(|(on, place)| on.then_some(("sessionPersistence", place)));
    let below: Vec<(&'static str, Place)> = numbers.chain(kept).collect();
    let Some((_, place)) = below.first().copied() else { return };
    let name = member(node, "profile").map_or(component.name.clone(), |(profile, _)| profile);
    let names: Vec<&'static str> = below.iter().map(|(name, _)| *name).collect();
    let key = if node.has_key(ROOTS[0]) { "password-policy" } else { "session-policy" };
    let setting = Element::new(Kind::Setting, component.app, format!("{key}.{name}"), name, place).with(Fact::SettingKey, key, place).with(
        Fact::SettingBelow,
        names,
        place,
    );
    context.model.add(setting);
}

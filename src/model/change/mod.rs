//! What an app can do that it could not do before: two inventories laid side by side.
//!
//! Only what matters for power is a change here. That the content is another one at all is told by the digests.

mod decision;
mod effect;
mod pair;
mod words;

use super::inventory::{Facts, Inventory, Item, ItemKind};
use crate::finding::Location;
use effect::Effect;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

pub use decision::Decision;
pub use pair::{AppChange, Fate, compare};

/// What has happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// It is new.
    Gained,
    /// It is gone.
    Lost,
    /// It is another one than before.
    Changed,
}

/// One thing that an app can do otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// What has happened.
    pub op: Op,
    /// To what.
    pub kind: ItemKind,
    /// Its id, see [`Item::id`].
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What somebody has to decide on.
    pub decision: Decision,
    /// Whether the app can do more than before, or less protects it.
    pub widens: bool,
    /// One sentence without its subject, which is the app: "talks to a new host: `api.fabrikam.example`".
    pub sentence: String,
    /// What was known before of what has changed; all of an item that is gone.
    pub before: Facts,
    /// What is known now of what has changed; all of an item that is new.
    pub after: Facts,
    /// Where it stands now; for what is gone, where it stood before.
    pub location: Option<Location>,
}

impl Change {
    /// The sentence with the app as its subject.
    #[must_use]
    pub fn told_of(&self, app: &str) -> String {
        format!("`{app}` {}", self.sentence)
    }
}

/// What `head` can do otherwise than `base`, two versions of the same app; by kind and id of the items.
#[must_use]
pub fn changes(base: &Inventory, head: &Inventory) -> Vec<Change> {
    let mut changes = Vec::new();
    for (before, after) in paired(base, head) {
        match (before, after) {
            (None, Some(item)) => changes.extend(gained(item)),
            (Some(item), None) => changes.extend(lost(item)),
            (Some(before), Some(after)) => changes.extend(changed(before, after)),
            (None, None) => {}
        }
    }
    changes
}

/// An item of the version before and its like in the version now.
type Pair<'i> = (Option<&'i Item>, Option<&'i Item>);

/// The items of both versions, each with its like, in order.
fn paired<'i>(base: &'i Inventory, head: &'i Inventory) -> Vec<Pair<'i>> {
    let key = |item: &'i Item| (item.kind, item.id.as_str());
    let mut pairs: BTreeMap<(ItemKind, &str), Pair<'_>> = BTreeMap::new();
    for item in &base.items {
        pairs.entry(key(item)).or_default().0 = Some(item);
    }
    for item in &head.items {
        pairs.entry(key(item)).or_default().1 = Some(item);
    }
    // A step that was made anew is known by its name, where nothing else has it.
    let mut by_name: HashMap<(ItemKind, &str), [Vec<&Item>; 2]> = HashMap::new();
    for (before, after) in pairs.values() {
        match (before, after) {
            (Some(item), None) => by_name.entry((item.kind, &item.name)).or_default()[0].push(item),
            (None, Some(item)) => by_name.entry((item.kind, &item.name)).or_default()[1].push(item),
            _ => {}
        }
    }
    for ((kind, _), sides) in by_name {
        use ItemKind::{Agent, Branch, EntryPoint, Grant, Identity, Setting};
        if let ([before], [after]) = (&sides[0][..], &sides[1][..])
            && matches!(kind, Agent | Branch | EntryPoint | Grant | Identity | Setting)
        {
            pairs.remove(&key(before));
            pairs.insert(key(after), (Some(before), Some(after)));
        }
    }
    pairs.into_values().collect()
}

fn gained(item: &Item) -> Option<Change> {
    effect::gain(item).map(|effect| change(Op::Gained, item, effect, words::gained(item), (Facts::new(), item.facts.clone())))
}

fn lost(item: &Item) -> Option<Change> {
    effect::loss(item).map(|effect| change(Op::Lost, item, effect, words::lost(item), (item.facts.clone(), Facts::new())))
}

/// The changes of one item: one for each decision that they ask for.
fn changed(before: &Item, after: &Item) -> Vec<Change> {
    // What was no power before is as good as new.
    if after.kind == ItemKind::Connector && effect::is_idle(before) != effect::is_idle(after) {
        return if effect::is_idle(before) { gained(after) } else { lost(before) }.into_iter().collect();
    }
    let mut found: BTreeMap<Effect, (Facts, Facts)> = BTreeMap::new();
    for fact in before.facts.keys().chain(after.facts.keys().filter(|fact| !before.facts.contains_key(*fact))) {
        let (old, new) = (before.texts(fact), after.texts(fact));
        if old == new {
            continue;
        }
        let Some(effect) = effect::effect(after.kind, fact, old, new) else { continue };
        let (was, is) = found.entry(effect).or_default();
        was.insert(fact.clone(), old.to_vec());
        is.insert(fact.clone(), new.to_vec());
    }
    let tell = |(effect, (was, is)): (Effect, (Facts, Facts))| {
        let sentence = words::changed(before, after, effect, &was, &is);
        change(Op::Changed, after, effect, sentence, (was, is))
    };
    found.into_iter().map(tell).collect()
}

fn change(op: Op, item: &Item, effect: Effect, sentence: String, (before, after): (Facts, Facts)) -> Change {
    Change {
        op,
        kind: item.kind,
        id: item.id.clone(),
        name: item.name.clone(),
        decision: effect.decision,
        widens: effect.widens,
        sentence,
        before,
        after,
        location: item.location.clone(),
    }
}

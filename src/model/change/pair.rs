//! Which app of one version is which of the other.

use super::{Change, Decision, Op, changes};
use crate::model::inventory::{Facts, Inventory, Item, ItemKind, Record};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// What has become of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It was not there before.
    New,
    /// It was made anew: another identifier under the same name.
    Replaced,
    /// It is there in both versions.
    Kept,
    /// It is gone.
    Removed,
}

/// One app, in both versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AppChange {
    /// Name of the platform.
    pub platform: Cow<'static, str>,
    /// The export that it is in now; where it was before, for one that is gone.
    pub file: String,
    /// Identifier in the platform; empty when the export does not say it.
    pub id: String,
    /// Name that makers see.
    pub name: String,
    /// What has become of it.
    pub fate: Fate,
    /// Digest of its content before; none for a new one.
    pub before: Option<String>,
    /// Digest of its content now; none for one that is gone.
    pub after: Option<String>,
    /// What it can do otherwise than before.
    pub changes: Vec<Change>,
}

impl AppChange {
    /// Whether anything of its content differs, beyond export noise.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.before != self.after
    }

    /// What to call it.
    #[must_use]
    pub fn title(&self) -> &str {
        match (self.name.as_str(), self.id.as_str()) {
            ("", "") => &self.file,
            ("", id) => id,
            (name, _) => name,
        }
    }
}

/// An app and the export that it is in.
type One<'r> = (&'r Record, &'r Inventory);

/// What `head` holds and can do otherwise than `base`, app by app, in the order of `head`; what is gone comes last.
#[must_use]
pub fn compare(base: &[Record], head: &[Record]) -> Vec<AppChange> {
    let (before, after) = (apps(base), apps(head));
    let mut pairing = Pairing { of_head: vec![None; after.len()], taken: vec![false; before.len()], replaced: vec![false; after.len()] };
    let identity = |(record, app): &One<'_>| (app.identity() != "").then(|| format!("{}\n{}", record.platform, app.identity()));
    let place = |(record, app): &One<'_>| Some(format!("{}\n{}\n{}\n{}", record.platform, record.file, app.kind, app.identity()));
    // The same identity in the same export, then wherever it lies: a file may be renamed, and a copy may lie beside it.
    pairing.pair(&before, &after, &place);
    pairing.pair(&before, &after, &identity);
    let name = |(record, app): &One<'_>| (!app.name.is_empty()).then(|| format!("{}\n{}\n{}", record.platform, app.kind, app.name));
    pairing.pair(&before, &after, &name);
    // An app that nothing tells from others, or that has a new name, is known by its export when that holds one app of its kind.
    let file = |(record, app): &One<'_>| Some(format!("{}\n{}\n{}", record.platform, record.file, app.kind));
    pairing.pair_alone(&before, &after, &file);
    let nameless = |(record, app): &One<'_>| (app.identity() == "").then(|| format!("{}\n{}", record.platform, app.kind));
    pairing.pair_alone(&before, &after, &nameless);
    let mut found: Vec<AppChange> =
        after.iter().enumerate().map(|(at, one)| kept(pairing.of_head[at].map(|at| before[at]), *one, pairing.replaced[at])).collect();
    found.extend(before.iter().zip(&pairing.taken).filter(|(_, taken)| !**taken).map(|(one, _)| removed(*one)));
    found
}

fn apps(records: &[Record]) -> Vec<One<'_>> {
    records.iter().flat_map(|record| record.apps.iter().map(move |app| (record, app))).collect()
}

struct Pairing {
    /// For each app of the head, its number in the base.
    of_head: Vec<Option<usize>>,
    /// Whether each app of the base has its like.
    taken: Vec<bool>,
    /// Whether each app of the head is another one under the name of the old.
    replaced: Vec<bool>,
}

/// What makes two apps the same.
type Key<'k> = dyn Fn(&One<'_>) -> Option<String> + 'k;

impl Pairing {
    /// The apps that have no like yet, by key.
    fn open(&self, before: &[One<'_>], after: &[One<'_>], key: &Key<'_>) -> Vec<[Vec<usize>; 2]> {
        let mut open: HashMap<String, [Vec<usize>; 2]> = HashMap::new();
        let old = before.iter().enumerate().filter(|(at, _)| !self.taken[*at]).map(|(at, one)| (0, at, one));
        let new = after.iter().enumerate().filter(|(at, _)| self.of_head[*at].is_none()).map(|(at, one)| (1, at, one));
        for (side, at, one) in old.chain(new) {
            if let Some(key) = key(one) {
                open.entry(key).or_default()[side].push(at);
            }
        }
        let mut open: Vec<[Vec<usize>; 2]> = open.into_values().collect();
        open.sort();
        open
    }

    /// Takes two for the same. An export that says no identifier is of the same app as one that does.
    fn take(&mut self, (old, before): (usize, &One<'_>), (new, after): (usize, &One<'_>)) {
        let (old_id, new_id) = (&before.1.id, &after.1.id);
        let is_replaced = !old_id.is_empty() && !new_id.is_empty() && old_id != new_id;
        (self.of_head[new], self.taken[old], self.replaced[new]) = (Some(old), true, is_replaced);
    }

    /// Pairs those with the same key, in their order.
    fn pair(&mut self, before: &[One<'_>], after: &[One<'_>], key: &Key<'_>) {
        for [old, new] in self.open(before, after, key) {
            old.into_iter().zip(new).for_each(|(old, new)| self.take((old, &before[old]), (new, &after[new])));
        }
    }

    /// Pairs those that are the only ones with their key.
    fn pair_alone(&mut self, before: &[One<'_>], after: &[One<'_>], key: &Key<'_>) {
        for [old, new] in self.open(before, after, key) {
            if let ([old], [new]) = (&old[..], &new[..]) {
                self.take((*old, &before[*old]), (*new, &after[*new]));
            }
        }
    }
}

fn kept(before: Option<One<'_>>, (record, app): One<'_>, is_replaced: bool) -> AppChange {
    let none = Inventory {
        id: String::new(),
        name: String::new(),
        kind: String::new(),
        enabled: None,
        makers: Vec::new(),
        digest: String::new(),
        items: Vec::new(),
    };
    let mut found = changes(before.map_or(&none, |(_, app)| app), app);
    let fate = match before {
        None => Fate::New,
        Some(_) if is_replaced => Fate::Replaced,
        Some(_) => Fate::Kept,
    };
    if before.is_none() {
        // Where a new app decides is no change of anything.
        found.retain(|change| change.kind != ItemKind::Branch);
    }
    if let Some((decision, sentence)) = match fate {
        Fate::New => Some((Decision::NewApp, "is new".to_owned())),
        Fate::Replaced => {
            Some((Decision::ReplacedApp, "was made anew: it has another identifier than the one of that name before".to_owned()))
        }
        _ => None,
    } {
        found.insert(0, whole(app, decision, Op::Gained, sentence));
    }
    AppChange {
        platform: record.platform.clone(),
        file: record.file.clone(),
        id: app.id.clone(),
        name: app.name.clone(),
        fate,
        before: before.map(|(_, app)| app.digest.clone()),
        after: Some(app.digest.clone()),
        changes: found,
    }
}

fn removed((record, app): One<'_>) -> AppChange {
    AppChange {
        platform: record.platform.clone(),
        file: record.file.clone(),
        id: app.id.clone(),
        name: app.name.clone(),
        fate: Fate::Removed,
        before: Some(app.digest.clone()),
        after: None,
        changes: vec![whole(app, Decision::RemovedApp, Op::Lost, "is gone".to_owned())],
    }
}

/// A change of the app as a whole.
fn whole(app: &Inventory, decision: Decision, op: Op, sentence: String) -> Change {
    let item: Option<&Item> = app.of_kind(ItemKind::App).next();
    let facts = item.map(|item| item.facts.clone()).unwrap_or_default();
    let (before, after) = if op == Op::Lost { (facts, Facts::default()) } else { (Facts::default(), facts) };
    Change {
        op,
        kind: ItemKind::App,
        id: String::new(),
        name: app.name.clone(),
        decision,
        widens: op == Op::Gained,
        sentence,
        before,
        after,
        location: item.and_then(|item| item.location.clone()),
    }
}

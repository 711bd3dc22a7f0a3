//! The elements that a rule binds, and the names by which its texts and conditions call them.

use super::pattern::Attribute;
use crate::model::Kind;
use crate::tree::de::nearest;

/// How an element came into a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The rule is about it.
    Subject,
    /// The app around it.
    App,
    /// At the same step.
    Same,
    /// At a step behind.
    Reaches,
    /// At a step before.
    ReachedBy,
    /// Somewhere in the app.
    Has,
    /// Of another part of the rule: it has no name here.
    Hidden,
}

impl Role {
    /// As texts and conditions write it in front of a kind; none where the kind alone says it.
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Subject | Self::App | Self::Same | Self::Hidden => None,
            Self::Reaches => Some("reaches"),
            Self::ReachedBy => Some("reached_by"),
            Self::Has => Some("has"),
        }
    }
}

/// A place for one element that a rule finds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) role: Role,
    pub(super) kind: Kind,
}

/// The slot of the element that a rule is about.
pub(super) const SUBJECT: usize = 0;

/// The slot of the app around it.
pub(super) const APP: usize = 1;

/// All slots of a rule, or of a part of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) slots: Vec<Slot>,
}

/// Why a name means nothing.
pub(super) struct Unnamed {
    pub(super) message: String,
    pub(super) help: String,
}

impl Scope {
    pub(super) fn new(subject: Kind) -> Self {
        Self { slots: vec![Slot { role: Role::Subject, kind: subject }, Slot { role: Role::App, kind: Kind::App }] }
    }

    pub(super) fn add(&mut self, role: Role, kind: Kind) -> usize {
        self.slots.push(Slot { role, kind });
        self.slots.len() - 1
    }

    /// The slot that `name` means: a kind (the subject before the app, the step, and what is elsewhere), or `reaches.kind`,
    /// `reached_by.kind`, `has.kind` where the kind alone means something nearer.
    pub(super) fn slot(&self, name: &str) -> Option<usize> {
        let (role, kind) = name.split_once('.').map_or((None, name), |(role, kind)| (Some(role.replace('-', "_")), kind));
        let called =
            |slot: &Slot| slot.role != Role::Hidden && slot.kind.name() == kind && (role.is_none() || slot.role.name() == role.as_deref());
        let found = self.slots.iter().enumerate().filter(|(_, slot)| called(slot));
        found.min_by_key(|(at, slot)| (slot.role, *at)).map(|(at, _)| at)
    }

    /// All slots that came into the rule in the way in which the slot called `name` did.
    pub(super) fn alike(&self, name: &str) -> Vec<usize> {
        let Some(wanted) = self.slot(name).map(|slot| self.slots[slot]) else { return Vec::new() };
        let alike = |slot: &Slot| (slot.role, slot.kind) == (wanted.role, wanted.kind);
        (0..self.slots.len()).filter(|slot| alike(&self.slots[*slot])).collect()
    }

    /// The same slots with the same numbers, but those in `range` without a name.
    pub(super) fn hiding(&self, range: std::ops::Range<usize>) -> Self {
        let mut slots = self.slots.clone();
        slots[range].iter_mut().for_each(|slot| slot.role = Role::Hidden);
        Self { slots }
    }

    /// All names that mean something, nearest first.
    pub(super) fn names(&self) -> Vec<String> {
        let mut slots: Vec<&Slot> = self.slots.iter().filter(|slot| slot.role != Role::Hidden).collect();
        slots.sort_by_key(|slot| slot.role);
        let mut names = Vec::new();
        for slot in slots {
            let name = slot.kind.name().to_owned();
            let name = if names.contains(&name) { slot.role.name().map(|role| format!("{role}.{name}")) } else { Some(name) };
            names.extend(name.filter(|name| !names.contains(name)));
        }
        names
    }

    /// The slot and attribute that `name.attribute` means.
    pub(super) fn find(&self, name: &str, attribute: &str) -> Result<(usize, Attribute), Unnamed> {
        let Some(slot) = self.slot(name) else {
            return Err(self.unknown(name));
        };
        let kind = self.slots[slot].kind;
        match Attribute::named(kind, attribute) {
            Some(attribute) => Ok((slot, attribute)),
            None => Err(Unnamed {
                message: format!("`{}` has no fact `{attribute}`", kind.name()),
                help: choice(attribute, &Attribute::names(kind)),
            }),
        }
    }

    /// Why `name` is none.
    pub(super) fn unknown(&self, name: &str) -> Unnamed {
        let names = self.names();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = match Kind::named(name) {
            Some(_) => format!("`{name}` is not an element that this rule finds"),
            None => format!("unknown name `{name}`"),
        };
        Unnamed { message, help: choice(name, &known) }
    }
}

/// What was probably meant, and what is allowed.
pub(super) fn choice(found: &str, known: &[&str]) -> String {
    let allowed = if known.is_empty() {
        "nothing is allowed here".into()
    } else {
        format!("allowed: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
    };
    match nearest(found, known) {
        Some(name) => format!("did you mean `{name}`? {allowed}"),
        None => allowed,
    }
}

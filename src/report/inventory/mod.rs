//! What an organisation has, for people and for programs: one file a format, as for findings.

mod csv;
mod cyclonedx;
pub mod diagram;
mod dot;
mod json;
mod mermaid;
mod table;
mod words;

use super::Unreadable;
use crate::model::inventory::{Inventory, Item, ItemKind, Record};
use crate::model::vocabulary::Tier;
use diagram::{Diagram, One};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub use json::{VERSION, schema};

/// What was found, and what its owners say of it.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// The exports, by file and platform.
    pub exports: Vec<Export>,
    /// What should have been read and could not be.
    pub unreadable: Vec<Unreadable>,
    /// The manifests that speak for no export that was read.
    pub idle: Vec<String>,
}

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its apps.
    pub record: Record,
    /// How much is at stake.
    pub standing: Standing,
    /// What the manifest that speaks for it says; none where no manifest does.
    pub declared: Option<Declared>,
    /// The owners of parts, by the number of the app and of the item, where the manifest names one.
    pub owners: BTreeMap<(usize, usize), String>,
}

/// How much is at stake.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Standing {
    /// The tier that counts: computed, or declared where that is more.
    pub tier: Word,
    /// The inherent risk, as a number.
    pub risk: u32,
    /// What made it more than anything else.
    pub because: String,
    /// The class of the data that it works with: what the export shows or the manifest says, whichever is higher; empty where it is
    /// assumed.
    pub class: String,
    /// Who uses it, likewise.
    pub audience: String,
}

/// A tier, as reports write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(transparent)]
pub struct Word(pub Tier);

impl Serialize for Word {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// What the manifest of an app says of who answers for it. What it does not say is empty.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Declared {
    /// Path of the manifest from the root of the repository.
    pub manifest: String,
    /// Id of the app.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The person who owns it.
    pub owner: String,
    /// The team that owns it.
    pub team: String,
    /// Who answers for its data.
    pub steward: String,
    /// Who makes it.
    pub maker: String,
    /// The environment that this version is for.
    pub environment: String,
    /// The class of the data that it works with.
    pub classification: String,
    /// How much depends on it, from 0 to 3.
    pub criticality: Option<u32>,
    /// Regulations that it has to keep.
    pub compliance: Vec<String>,
    /// The day by which this has to be looked at again.
    pub review_by: String,
}

impl Declared {
    /// Who owns the app: a person, else a team.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        [&self.owner, &self.team].into_iter().find(|text| !text.is_empty()).map(String::as_str)
    }
}

/// An app, with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct App<'e> {
    /// The export that it is in.
    pub export: &'e Export,
    /// Its number in the export.
    pub number: usize,
    /// What it consists of.
    pub inventory: &'e Inventory,
}

impl<'e> App<'e> {
    /// What to call it: its name, its id, else the name of its file.
    #[must_use]
    pub fn title(&self) -> &'e str {
        diagram::title(self.one())
    }

    /// Who owns it.
    #[must_use]
    pub fn owner(&self) -> Option<&'e str> {
        self.export.declared.as_ref()?.owner()
    }

    /// The items with the owners that are named for them.
    pub fn items(&self) -> impl Iterator<Item = (&'e Item, Option<&'e str>)> + use<'e> {
        let Self { export, number, inventory } = *self;
        inventory.items.iter().enumerate().map(move |(at, item)| (item, export.owners.get(&(number, at)).map(String::as_str)))
    }

    /// It and its export, to be drawn.
    #[must_use]
    pub fn one(&self) -> One<'e> {
        (&self.export.record, self.inventory)
    }

    /// The app as an estate of its own.
    #[must_use]
    pub fn alone(&self) -> Estate {
        let Export { record, standing, declared, owners } = self.export;
        let own = owners.iter().filter(|((app, _), _)| *app == self.number);
        let export = Export {
            record: Record {
                platform: record.platform.clone(),
                file: record.file.clone(),
                digest: record.digest.clone(),
                apps: vec![self.inventory.clone()],
            },
            standing: standing.clone(),
            declared: declared.clone(),
            owners: own.map(|((_, item), owner)| ((0, *item), owner.clone())).collect(),
        };
        Estate { exports: vec![export], ..Estate::default() }
    }

    /// Whether it goes by that name: its name, its id, the id or name that its manifest gives it, its export or the name of its file.
    #[must_use]
    pub fn goes_by(&self, name: &str) -> bool {
        let file = &self.export.record.file;
        let declared = self.export.declared.as_ref();
        let names = [self.inventory.name.as_str(), &self.inventory.id, file];
        let declared = declared.map(|declared| [declared.id.as_str(), &declared.name]).unwrap_or_default();
        let inside = file.strip_suffix(name).is_some_and(|before| before.ends_with(['/', '!']));
        let plain = |text: &str| text.strip_prefix("./").unwrap_or(text).to_lowercase();
        inside || names.into_iter().chain(declared).any(|known| !known.is_empty() && plain(known) == plain(name))
    }
}

impl Estate {
    /// The apps, in the order of their exports.
    pub fn apps(&self) -> impl Iterator<Item = App<'_>> {
        self.exports
            .iter()
            .flat_map(|export| export.record.apps.iter().enumerate().map(move |(number, inventory)| App { export, number, inventory }))
    }

    /// Leaves the apps that `keep` wants, each as an export of its own.
    #[must_use]
    pub fn only(self, keep: &dyn Fn(&App<'_>) -> bool) -> Self {
        let exports = self.apps().filter(keep).flat_map(|app| app.alone().exports).collect();
        Self { exports, ..self }
    }

    /// The picture of all apps.
    #[must_use]
    pub fn diagram(&self) -> Diagram {
        Diagram::of_apps(&self.apps().map(|app| app.one()).collect::<Vec<_>>())
    }

    /// The numbers.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let exports: BTreeSet<(&str, &str)> = self.exports.iter().map(|export| (&*export.record.file, &*export.record.platform)).collect();
        let mut totals = Totals { exports: exports.len(), unreadable: self.unreadable.len(), ..Totals::default() };
        for app in self.apps() {
            totals.apps += 1;
            totals.owned += usize::from(app.owner().is_some());
            *totals.platforms.entry(app.export.record.platform.to_string()).or_default() += 1;
            *totals.tiers.entry(app.export.standing.tier.0.name()).or_default() += 1;
            for item in &app.inventory.items {
                *totals.items.entry(item.kind.name()).or_default() += match item.kind {
                    ItemKind::Secret => item.text("count").and_then(|count| count.parse().ok()).unwrap_or(0),
                    _ => 1,
                };
            }
        }
        totals.items.remove(ItemKind::App.name());
        totals
    }
}

/// The numbers of an estate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// Number of exports.
    pub exports: usize,
    /// Number of apps in them.
    pub apps: usize,
    /// Number of apps with an owner.
    pub owned: usize,
    /// Number of apps of each platform.
    pub platforms: BTreeMap<String, usize>,
    /// Number of apps of each tier.
    pub tiers: BTreeMap<&'static str, usize>,
    /// Number of items of each kind, added up over all apps; of credentials, how many stand in the exports.
    pub items: BTreeMap<&'static str, usize>,
    /// Number of files that could not be read.
    pub unreadable: usize,
}

/// How to write.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Columns of the screen.
    pub width: usize,
    /// Whether to list everything, however long the list.
    pub all: bool,
    /// The kinds of item to list; all where it is empty. Only formats that are lists heed it.
    pub kinds: BTreeSet<ItemKind>,
    /// The time to state, where whoever runs this has set one: without, the same input makes the same bytes.
    pub time: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, width: 120, all: false, kinds: BTreeSet::new(), time: None }
    }
}

impl Options {
    fn lists(&self, kind: ItemKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// A way to write an inventory.
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Whether it is a list of items, of which some kinds can be picked.
    pub is_list: bool,
    /// The end of the names of its files, where there is one file an app.
    pub extension: &'static str,
    /// Writes it.
    pub write: fn(&Estate, &Options, &mut dyn io::Write) -> io::Result<()>,
}

/// All formats, the default first.
pub const FORMATS: &[Format] = &[table::FORMAT, json::FORMAT, csv::FORMAT, cyclonedx::FORMAT, mermaid::FORMAT, dot::FORMAT];

/// The format of that name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

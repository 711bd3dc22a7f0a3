//! What an app is and can do, kept when its files are gone: to compare versions, to list what an organisation has, to reckon risk.
//!
//! A [`Record`] is made of the linked model of one export, owns all that it says, and holds no secret: texts are hidden before they
//! get in. Items are named by what survives re-export, renaming of files and re-ordering, so that two versions can be laid side by side.

mod collect;
mod flows;

use super::Place;
use crate::finding::Location;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub use collect::inventories;

/// What is known of one thing: names of facts as rules write them, each with one text or several in ascending order.
pub type Facts = BTreeMap<Cow<'static, str>, Vec<String>>;

/// What one export holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Name of the platform.
    pub platform: Cow<'static, str>,
    /// The export: path of its file, folder or archive, with `!` between an archive and what is in it.
    pub file: String,
    /// `sha256:` and the digest of all that its documents say, without export noise: it stays the same when an unchanged export is
    /// made again, and changes with everything else.
    pub digest: String,
    /// Its apps, in the order of the export.
    pub apps: Vec<Inventory>,
}

/// What one app is and can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// Identifier in the platform; empty when the export does not say it.
    pub id: String,
    /// Name that makers see; empty when the export does not say it.
    pub name: String,
    /// What kind of app it is, in a word of the vocabulary; empty when nothing says so.
    pub kind: String,
    /// Whether it runs; none when the export does not say.
    pub enabled: Option<bool>,
    /// Digest of what is the app's own: of its document where each app of the export has one document and nothing lies beside them,
    /// else that of the whole export.
    pub digest: String,
    /// What it consists of, by kind and id.
    pub items: Vec<Item>,
}

/// One thing that an app is, has or can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// What names it among those of its kind in the app, and survives re-export, renaming of files and re-ordering.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What is known of it.
    pub facts: Facts,
    /// Where it stands first; none for what is known of the app as a whole.
    pub location: Option<Location>,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The kinds of [`Item`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum ItemKind { $($(#[doc = $doc])+ $variant,)+ }

        impl ItemKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As reports write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

kinds! {
    /// The app itself: whether it is switched on, its version, what happens on failure. It has one, without an id.
    App = "app",
    /// What starts it; the facts of triggers, and the digest of all its settings as `content`.
    EntryPoint = "entry-point",
    /// A type of system that it uses, by its key; what it does there as `verb` and `operation`, how the system starts it as `starts`.
    Connector = "connector",
    /// A host that it calls, or an address that is only known when it runs; with each `address` on the host, without query,
    /// and the connectors that call it as `through`.
    Endpoint = "endpoint",
    /// An address that it sends messages to.
    Recipient = "recipient",
    /// A connection that it works with, and with whose rights.
    Identity = "identity",
    /// A right that it gives.
    Grant = "grant",
    /// Data that it works with, and what it does with it as `verb`.
    DataSource = "data-source",
    /// A way of data from what the app reads or is given to what it writes or sends, over any number of steps. It is a way that the
    /// data may take; `traced` tells whether the reader saw it taken, value by value.
    DataFlow = "data-flow",
    /// A language model that chooses among tools.
    Agent = "agent",
    /// Software that it brings along or needs on its host.
    Component = "component",
    /// A setting that matters for safety.
    Setting = "setting",
    /// A step that decides what happens next: the digest of what it asks as `content`, where it leads as `leads_to`.
    Branch = "branch",
    /// The credentials that stand in it: how many, never which.
    Secret = "secret",
}

impl Item {
    /// The text of a fact that has one; the first of several.
    #[must_use]
    pub fn text(&self, fact: &str) -> Option<&str> {
        self.facts.get(fact)?.first().map(String::as_str)
    }

    /// All texts of a fact.
    #[must_use]
    pub fn texts(&self, fact: &str) -> &[String] {
        self.facts.get(fact).map_or(&[], Vec::as_slice)
    }

    /// Whether `text` is among the texts of a fact.
    #[must_use]
    pub fn has(&self, fact: &str, text: &str) -> bool {
        self.texts(fact).iter().any(|one| one == text)
    }
}

impl Inventory {
    /// The items of a kind.
    pub fn of_kind(&self, kind: ItemKind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.kind == kind)
    }
}

/// What has to be known of the files of an export to make an [`Inventory`].
pub trait Files {
    /// The text with the secrets of the export hidden.
    fn hide(&self, text: &str) -> String;

    /// The place, ready to be printed.
    fn locate(&mut self, place: Place) -> Location;

    /// A digest of the settings of the step at `place`, without those of steps that lie in it and without what it is called.
    fn content(&self, place: Place, called: &[&str]) -> String;
}

/// The digest of several exports, such as those of an app whose manifest names more than one: whatever their order, and whatever
/// their files are called.
#[must_use]
pub fn digest_together<'r>(records: impl IntoIterator<Item = &'r Record>) -> String {
    use crate::tree::canonical::{digest_of_text, together, written};
    let mut digests: Vec<&Record> = records.into_iter().collect();
    // One export is not told otherwise because it stands alone.
    if let [one] = digests[..] {
        return one.digest.clone();
    }
    digests.sort_unstable_by(|one, other| one.digest.cmp(&other.digest));
    written(&together(digests.into_iter().map(|record| digest_of_text(&record.digest)).collect()))
}

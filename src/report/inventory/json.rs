//! For programs: one JSON document, described by `schemas/inventory.schema.json`. Same input, same bytes: no clock in it.

use super::{App, Declared, Estate, Format, Options, Standing, Totals};
use crate::model::inventory::{Facts, Item, ItemKind};
use crate::report::{json, machine};
use schemars::JsonSchema;
use serde::Serialize;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format {
    name: "json",
    description: "everything, for programs; see schemas/inventory.schema.json",
    is_list: true,
    extension: "json",
    write,
};

/// Version of the format.
pub const VERSION: u32 = 1;

/// Inventory by Flowgate.
#[derive(Serialize, JsonSchema)]
struct Document<'e> {
    /// Version of this format. Fields may be added within a version; a field that changes its meaning or goes raises it.
    version: u32,
    /// What wrote the inventory.
    tool: json::Tool,
    /// The apps, in the order of their exports.
    apps: Vec<Entry<'e>>,
    /// What should have been read and could not be.
    unreadable: Vec<json::Unreadable<'e>>,
    /// The manifests that speak for no export that was read.
    idle_manifests: &'e [String],
    /// The numbers.
    summary: Totals,
}

/// An app.
#[derive(Serialize, JsonSchema)]
struct Entry<'e> {
    /// Name of the platform.
    platform: &'e str,
    /// The export: path of its file, folder or archive, with `!` between an archive and what is in it.
    file: &'e str,
    /// Identifier in the platform; empty when the export does not say it.
    id: &'e str,
    /// Name that makers see; empty when the export does not say it.
    name: &'e str,
    /// What kind of app it is, in a word of the vocabulary; empty when nothing says so.
    kind: &'e str,
    /// Whether it runs; none when the export does not say.
    enabled: Option<bool>,
    /// Digest of its content, as sign-offs are bound to it.
    digest: &'e str,
    /// How much is at stake.
    standing: &'e Standing,
    /// What its manifest says of who answers for it; none where no manifest speaks for it.
    declared: Option<&'e Declared>,
    /// What it consists of, by kind and id.
    items: Vec<Thing<'e>>,
}

/// One thing that an app is, has or can do.
#[derive(Serialize, JsonSchema)]
struct Thing<'e> {
    /// What it is.
    kind: ItemKind,
    /// What names it among those of its kind in the app.
    id: &'e str,
    /// Name for people.
    name: &'e str,
    /// Who owns it, where the manifest names somebody.
    owner: Option<&'e str>,
    /// The boundary of trust that it lies within, for what can be told: `anyone`, `internet`, `unknown`, `services`, `organisation` or
    /// `platform`.
    zone: Option<&'static str>,
    /// What is known of it: names of facts as rules write them, each with one text or several in ascending order.
    facts: &'e Facts,
    /// Where it stands first; none for what is known of the app as a whole.
    place: Option<Place<'e>>,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
struct Place<'e> {
    /// Path of the file with `/` between the parts.
    file: &'e str,
    /// The way through nested containers, outermost first; empty for a plain file.
    inner: &'e [String],
    /// Line, from 1.
    line: u32,
    /// Column, from 1.
    column: u32,
    /// The value: an RFC 6901 pointer for JSON and YAML, `/Root/child[2]/@attr` for XML; empty for the whole document.
    pointer: &'e str,
}

/// The JSON Schema of the format, as `schemas/inventory.schema.json` holds it.
#[must_use]
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Document<'static>);
    schema.insert("title".to_owned(), "Flowgate inventory".into());
    schema
}

fn write(estate: &Estate, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        tool: json::Tool::this(),
        apps: estate.apps().map(|app| entry(app, options)).collect(),
        unreadable: estate.unreadable.iter().map(json::unreadable).collect(),
        idle_manifests: &estate.idle,
        summary: estate.totals(),
    };
    machine::pretty(&document, out)
}

fn entry<'e>(app: App<'e>, options: &Options) -> Entry<'e> {
    let (record, inventory) = app.one();
    Entry {
        platform: &record.platform,
        file: &record.file,
        id: &inventory.id,
        name: &inventory.name,
        kind: &inventory.kind,
        enabled: inventory.enabled,
        digest: &inventory.digest,
        standing: &app.export.standing,
        declared: app.export.declared.as_ref(),
        items: app.items().filter(|(item, _)| options.lists(item.kind)).map(|(item, owner)| thing(item, owner)).collect(),
    }
}

fn thing<'e>(item: &'e Item, owner: Option<&'e str>) -> Thing<'e> {
    let place = |location: &'e crate::finding::Location| Place {
        file: &location.file,
        inner: &location.inner,
        line: location.start.line,
        column: location.start.column,
        pointer: &location.pointer,
    };
    Thing {
        kind: item.kind,
        id: &item.id,
        name: &item.name,
        owner,
        zone: super::diagram::zone_of(item).map(super::diagram::Zone::name),
        facts: &item.facts,
        place: item.location.as_ref().map(place),
    }
}

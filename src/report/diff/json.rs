//! For programs: one JSON document, described by `schemas/diff.schema.json`. Same input, same bytes: no clock in it.

use super::{Comparison, Format, Options};
use crate::model::change::{AppChange, Change, Fate};
use crate::report::{json, machine};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "json", description: "everything, for programs; see schemas/diff.schema.json", write };

/// Version of the format.
pub const VERSION: u32 = 1;

/// Comparison of two versions of exports by Flowgate.
#[derive(Serialize, JsonSchema)]
struct Document<'c> {
    /// Version of this format. Fields may be added within a version; a field that changes its meaning or goes raises it.
    version: u32,
    /// What wrote the comparison.
    tool: json::Tool,
    /// The apps of both versions, those without a difference too.
    apps: Vec<App<'c>>,
    /// What could not be read of the version before.
    unreadable_before: Vec<json::Unreadable<'c>>,
    /// What could not be read of the version now.
    unreadable_now: Vec<json::Unreadable<'c>>,
    /// The numbers.
    summary: Summary,
}

/// One app, in both versions.
#[derive(Serialize, JsonSchema)]
struct App<'c> {
    /// Name of the platform.
    platform: &'c Cow<'static, str>,
    /// The export that it is in now; where it was before, for one that is gone.
    file: &'c str,
    /// Identifier in the platform; empty when the export does not say it.
    id: &'c str,
    /// Name that makers see.
    name: &'c str,
    /// What has become of it.
    fate: Fate,
    /// Digest of its content before; none for a new one.
    before: Option<&'c str>,
    /// Digest of its content now; none for one that is gone.
    after: Option<&'c str>,
    /// Whether the content is another one, beyond export noise.
    differs: bool,
    /// What it can do otherwise than before.
    changes: Vec<Entry<'c>>,
}

/// A change.
#[derive(Serialize, JsonSchema)]
struct Entry<'c> {
    #[serde(flatten)]
    change: &'c Change,
    /// The functions that have to agree, by policy.
    approval: &'c [String],
}

/// The numbers.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// Number of apps in both versions together.
    apps: usize,
    /// Number of apps that were not there before.
    new: usize,
    /// Number of apps that were made anew under the same name.
    replaced: usize,
    /// Number of apps that are in both versions and differ.
    changed: usize,
    /// Number of apps that are gone.
    removed: usize,
    /// Number of changes.
    changes: usize,
    /// Number of changes that let an app do more than before.
    widening: usize,
}

/// The JSON Schema of the format, as `schemas/diff.schema.json` holds it.
#[must_use]
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Document<'static>);
    schema.insert("title".to_owned(), "Flowgate comparison".into());
    schema
}

fn write(comparison: &Comparison, _: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let numbers = comparison.numbers();
    let document = Document {
        version: VERSION,
        tool: json::Tool::this(),
        apps: comparison.apps.iter().map(|one| app(comparison, one)).collect(),
        unreadable_before: comparison.unreadable_before.iter().map(json::unreadable).collect(),
        unreadable_now: comparison.unreadable_now.iter().map(json::unreadable).collect(),
        summary: Summary {
            apps: numbers.apps,
            new: numbers.new,
            replaced: numbers.replaced,
            changed: numbers.changed,
            removed: numbers.removed,
            changes: numbers.changes,
            widening: numbers.widening,
        },
    };
    machine::pretty(&document, out)
}

fn app<'c>(comparison: &'c Comparison, app: &'c AppChange) -> App<'c> {
    App {
        platform: &app.platform,
        file: &app.file,
        id: &app.id,
        name: &app.name,
        fate: app.fate,
        before: app.before.as_deref(),
        after: app.after.as_deref(),
        differs: app.differs(),
        changes: app.changes.iter().map(|change| Entry { change, approval: comparison.functions_of(change) }).collect(),
    }
}

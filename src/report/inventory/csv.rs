//! A row for each thing that an app is, has or can do, for spreadsheets and databases.

use super::{Estate, Format, Options, diagram, words};
use crate::report::csv::cell;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format {
    name: "csv",
    description: "a table of everything, a row for each thing that an app has",
    is_list: true,
    extension: "csv",
    write,
};

const COLUMNS: [&str; 26] = [
    "kind",
    "name",
    "id",
    "verbs",
    "zone",
    "details",
    "item_owner",
    "app",
    "app_id",
    "app_kind",
    "enabled",
    "platform",
    "export",
    "tier",
    "risk",
    "class",
    "audience",
    "owner",
    "team",
    "data_steward",
    "maker",
    "environment",
    "manifest",
    "file",
    "line",
    "pointer",
];

fn write(estate: &Estate, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for app in estate.apps() {
        let (record, standing) = (&app.export.record, &app.export.standing);
        let none = super::Declared::default();
        let declared = app.export.declared.as_ref().unwrap_or(&none);
        let enabled = app.inventory.enabled.map_or("", |enabled| if enabled { "yes" } else { "no" });
        for (item, owner) in app.items().filter(|(item, _)| options.lists(item.kind)) {
            let place = item.location.as_ref();
            let file = place.map(|place| std::iter::once(&*place.file).chain(place.inner.iter().map(String::as_str)).collect::<Vec<_>>());
            let row: [&str; COLUMNS.len()] = [
                item.kind.name(),
                &item.name,
                &item.id,
                &item.texts("verb").join(" "),
                diagram::zone_of(item).map_or("", diagram::Zone::name),
                &words::facts(item).join("; "),
                owner.unwrap_or(""),
                app.title(),
                &app.inventory.id,
                &app.inventory.kind,
                enabled,
                &record.platform,
                &record.file,
                standing.tier.0.name(),
                &standing.risk.to_string(),
                &standing.class,
                &standing.audience,
                &declared.owner,
                &declared.team,
                &declared.steward,
                &declared.maker,
                &declared.environment,
                &declared.manifest,
                &file.unwrap_or_default().join("!"),
                &place.map(|place| place.start.line.to_string()).unwrap_or_default(),
                place.map_or("", |place| &place.pointer),
            ];
            table.write_record(row.map(cell))?;
        }
    }
    table.flush()
}

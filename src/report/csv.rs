//! A table of all findings, for spreadsheets and databases.

use super::{Format, Options, Report, visible};
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "csv", description: "a table of all findings", write };

const COLUMNS: [&str; 22] = [
    "severity",
    "confidence",
    "rule",
    "state",
    "file",
    "inner",
    "line",
    "column",
    "pointer",
    "platform",
    "app",
    "app_id",
    "element_kind",
    "element",
    "message",
    "help",
    "fingerprint",
    "tags",
    "blocks",
    "waiver",
    "waived_until",
    "notes",
];

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    let fixed = report.fixed.iter().map(|finding| (finding, "fixed"));
    for (finding, state) in report.findings.iter().map(|finding| (finding, finding.state.as_str())).chain(fixed) {
        let waived = finding.waived.as_ref();
        let location = &finding.location;
        let (app, element) = (finding.app.as_ref(), finding.element.as_ref());
        let row: [&str; COLUMNS.len()] = [
            finding.severity.as_str(),
            finding.confidence.as_str(),
            &finding.rule,
            state,
            &location.file,
            &location.inner.join("!"),
            &location.start.line.to_string(),
            &location.start.column.to_string(),
            &location.pointer,
            finding.platform,
            app.map_or("", |app| &app.name),
            app.map_or("", |app| &app.id),
            element.map_or("", |element| &element.kind),
            element.map_or("", |element| &element.name),
            &finding.message,
            &finding.help,
            &finding.fingerprint,
            &finding.tags.join(" "),
            if finding.blocks { "yes" } else { "no" },
            waived.map_or("", |waived| &waived.id),
            waived.map_or("", |waived| &waived.expires),
            &finding.notes.join(" | "),
        ];
        table.write_record(row.map(cell))?;
    }
    table.flush()?;
    Ok(None)
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn cell(text: &str) -> String {
    let text = visible(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.into_owned() }
}

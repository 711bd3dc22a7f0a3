//! Reviewdog's diagnostic format, through which findings reach the review tools that it knows.

use super::machine::{self, Level, Region};
use super::{Format, Options, Report};
use crate::finding::Location;
use serde_json::{Value, json};
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "rdjson", description: "Reviewdog Diagnostic Format", write };

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let diagnostics: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let mut code = json!({ "value": &*finding.rule });
            if let Some(page) = finding.tags.iter().find_map(|tag| super::reference(tag)) {
                code["url"] = page.into();
            }
            let related: Vec<Value> =
                finding.related.iter().map(|label| json!({ "message": label.text, "location": place(&label.location) })).collect();
            json!({
                "message": machine::message(finding),
                "location": place(&finding.location),
                "severity": match Level::of_finding(finding) { Level::Error => "ERROR", Level::Warning => "WARNING", Level::Note => "INFO" },
                "code": code,
                "relatedLocations": related,
            })
        })
        .collect();
    machine::pretty(&json!({ "source": { "name": "flowgate" }, "diagnostics": diagnostics }), out)?;
    Ok(None)
}

/// Columns of this format are bytes.
fn place(location: &Location) -> Value {
    let region = Region::of(location);
    json!({
        "path": location.file.strip_prefix("./").unwrap_or(&location.file),
        "range": {
            "start": { "line": region.line, "column": region.byte_column },
            "end": { "line": region.line, "column": region.end_byte_column },
        },
    })
}

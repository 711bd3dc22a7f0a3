//! Logging commands of Azure Pipelines: issues on the page of the run.

use super::machine::{self, Level, Region, worst_first};
use super::{Format, Options, Report, count, visible};
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "azure", description: "issues of Azure Pipelines, on the page of the run", write };

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let mut text = String::new();
    for file in &report.coverage.unreadable {
        let inside: String = file.inner.iter().flat_map(|part| ["!", part.as_str()]).collect();
        let line = file.line.filter(|_| inside.is_empty()).map_or(String::new(), |line| format!(";linenumber={line}"));
        let message = data(&format!("cannot judge {}{inside}: {}", file.file, file.reason));
        let _ = writeln!(text, "##vso[task.logissue type=error;sourcepath={}{line}]{message}", property(&file.file));
    }
    for finding in worst_first(&report.findings) {
        let region = Region::of(&finding.location);
        let message = data(&machine::message(finding));
        // There are no notes: what is worth no warning is a line of the log.
        let kind = match Level::of(finding.severity) {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => {
                let _ = writeln!(text, "{}: {} {}: {message}", data(&finding.location.file), finding.severity, data(&finding.rule));
                continue;
            }
        };
        let file = property(finding.location.file.strip_prefix("./").unwrap_or(&finding.location.file));
        let _ = writeln!(
            text,
            "##vso[task.logissue type={kind};sourcepath={file};linenumber={};columnnumber={};code={}]{message}",
            region.line,
            region.column,
            property(&finding.rule)
        );
    }
    let (found, blocking) = (count(report.findings.len(), "finding"), report.blocking());
    let _ = writeln!(text, "##[section]Flowgate: {found}, {blocking} {}", report.barrier());
    out.write_all(text.as_bytes())?;
    Ok(None)
}

/// The text of a command.
fn data(text: &str) -> String {
    // A line of text that looks like a command is one.
    visible(text).replace('%', "%AZP25").replace("##vso[", "## vso[").replace("##[", "## [")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

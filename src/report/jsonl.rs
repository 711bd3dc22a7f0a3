//! A line of JSON for each finding, for stores of many reports and for streams. What could not be judged and the numbers have lines too.

use super::json::{entry, unreadable};
use super::machine::compact;
use super::{Format, Options, Report, Turnover};
use serde::Serialize;
use std::io;

/// The format.
pub(super) const FORMAT: Format =
    Format { name: "jsonl", description: "a line of JSON for each finding, for stores of many reports", write };

/// A line: what it is, and the same members as in the JSON report.
#[derive(Serialize)]
struct Line<T> {
    kind: &'static str,
    #[serde(flatten)]
    value: T,
}

#[derive(Serialize)]
struct Summary {
    version: u32,
    tool_version: &'static str,
    verdict: &'static str,
    files: usize,
    apps: usize,
    rules: usize,
    findings: usize,
    blocking: usize,
    /// Not `waived`, as which findings name their waiver: a column has one type.
    waived_findings: usize,
    unchanged: usize,
    fixed: usize,
    foreign: usize,
    unreadable: usize,
}

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let mut out = io::BufWriter::new(out);
    for finding in &report.findings {
        compact(&Line { kind: "finding", value: entry(finding) }, &mut out)?;
    }
    for finding in &report.fixed {
        compact(&Line { kind: "fixed", value: entry(finding) }, &mut out)?;
    }
    for file in &report.coverage.unreadable {
        compact(&Line { kind: "unreadable", value: unreadable(file) }, &mut out)?;
    }
    let turnover = Turnover::of(report);
    let value = Summary {
        version: super::json::VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        verdict: report.verdict().word(),
        files: report.coverage.files,
        apps: report.apps,
        rules: report.rules.len(),
        findings: report.findings.len(),
        blocking: report.blocking(),
        waived_findings: turnover.waived,
        unchanged: turnover.unchanged,
        fixed: turnover.fixed,
        foreign: report.coverage.foreign.len(),
        unreadable: report.coverage.unreadable.len(),
    };
    compact(&Line { kind: "summary", value }, &mut out)?;
    io::Write::flush(&mut out)?;
    Ok(None)
}

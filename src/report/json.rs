//! The report for programs: one JSON document, described by `schemas/report.schema.json`. Same input, same bytes: no clock in it.

use super::{Format, Options, Report, Turnover, machine, shard};
use crate::finding::{self, AppRef, Confidence, ElementRef, Finding, Severity, State, Waived};
use crate::source::Position;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// The format.
pub const FORMAT: Format = Format { name: "json", description: "everything, for programs; see schemas/report.schema.json", write };

/// Version of the format.
pub const VERSION: u32 = 1;

/// Report of a Flowgate run.
#[derive(Serialize, JsonSchema)]
struct Document<'r> {
    /// Version of this format. Fields may be added within a version; a field that changes its meaning or goes raises it.
    version: u32,
    /// What wrote the report.
    tool: Tool,
    /// What is wrong, by file, place and rule.
    findings: Vec<Entry<'r>>,
    /// What was wrong in the version that this one is compared with and is no more.
    fixed: Vec<Entry<'r>>,
    /// What was looked at.
    coverage: Coverage<'r>,
    /// The numbers.
    summary: Summary,
    /// What `flowgate merge` makes the report of the whole run of, where this is the report of one shard of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<shard::Written>,
}

/// What wrote a report.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

impl Tool {
    /// This program.
    pub(super) const fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

/// Something that is wrong.
#[derive(Serialize, JsonSchema)]
pub(super) struct Entry<'r> {
    /// Id of the rule.
    rule: &'r str,
    /// How bad it is here.
    severity: Severity,
    /// How sure it is.
    confidence: Confidence,
    /// One sentence about this place. May hold text of the export.
    message: &'r str,
    /// The cure.
    help: &'r str,
    /// Platform of the export; empty for files that no platform claims.
    platform: &'r str,
    /// The app, where there is one.
    app: Option<&'r AppRef>,
    /// The element of the app, where there is one.
    element: Option<&'r ElementRef>,
    #[serde(flatten)]
    place: Place<'r>,
    /// Places that belong to it, in the order in which one reads them.
    related: Vec<Related<'r>>,
    /// How it is known again: stays the same when lines or files move.
    fingerprint: &'r str,
    /// Whether it was there before.
    state: State,
    /// Whether it blocks.
    blocks: bool,
    /// The waiver that covers it.
    waived: Option<&'r Waived>,
    /// What people have noted about it.
    notes: &'r [String],
    /// References to the catalogue and to public standards.
    tags: &'r [String],
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
struct Place<'r> {
    /// Path of the file with `/` between the parts.
    file: &'r str,
    /// The way through nested containers, outermost first; empty for a plain file.
    inner: &'r [String],
    /// The value: an RFC 6901 pointer for JSON and YAML, `/Root/child[2]/@attr` for XML; empty for the whole document.
    pointer: &'r str,
    /// First character.
    start: Position,
    /// Behind the last character.
    end: Position,
}

/// A place that belongs to a finding.
#[derive(Serialize, JsonSchema)]
struct Related<'r> {
    /// What is there.
    message: &'r str,
    #[serde(flatten)]
    place: Place<'r>,
}

/// What was looked at.
#[derive(Serialize, JsonSchema)]
struct Coverage<'r> {
    /// Number of files that were looked at.
    files: usize,
    /// Number of files that were judged, by platform.
    recognised: &'r BTreeMap<&'static str, usize>,
    /// Number of files that are no export of a known platform.
    foreign: usize,
    /// What should have been judged and could not be.
    unreadable: Vec<Unreadable<'r>>,
}

/// A file, or an entry of an archive, that could not be judged.
#[derive(Serialize, JsonSchema)]
pub(super) struct Unreadable<'r> {
    /// Its path.
    file: &'r str,
    /// The way through nested containers, outermost first; empty for a plain file.
    inner: &'r [String],
    /// Why.
    reason: &'r str,
    /// Line of what is wrong, from 1.
    line: Option<u32>,
    /// Column of what is wrong, from 1.
    column: Option<u32>,
}

/// The numbers.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// Number of findings.
    findings: usize,
    /// Number of findings of each severity; every severity is named.
    severities: BTreeMap<Severity, usize>,
    /// Number of findings that block.
    blocking: usize,
    /// Number of findings that a waiver covers.
    waived: usize,
    /// Number of findings that were there before.
    unchanged: usize,
    /// Number of findings that are gone.
    fixed: usize,
    /// Number of files with findings.
    files_with_findings: usize,
    /// Number of apps with findings.
    apps_with_findings: usize,
    /// Number of apps that were judged.
    apps: usize,
    /// Number of rules that were asked.
    rules: usize,
}

/// The JSON Schema of the format, as `schemas/report.schema.json` holds it.
#[must_use]
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Document<'static>);
    schema.insert("title".to_owned(), "Flowgate report".into());
    schema
}

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    match &report.shard {
        // Nobody reads it but a program, and it is as long as all the rest.
        Some(shard) => machine::pretty_with(&document(report), "shard", &shard::Written::of(shard), out)?,
        None => machine::pretty(&document(report), out)?,
    }
    Ok(None)
}

fn document(report: &Report) -> Document<'_> {
    let (summary, turnover) = (report.summary(), Turnover::of(report));
    Document {
        version: VERSION,
        tool: Tool::this(),
        findings: report.findings.iter().map(entry).collect(),
        fixed: report.fixed.iter().map(entry).collect(),
        coverage: Coverage {
            files: report.coverage.files,
            recognised: &report.coverage.recognised,
            foreign: report.coverage.foreign.len(),
            unreadable: report.coverage.unreadable.iter().map(unreadable).collect(),
        },
        summary: Summary {
            findings: summary.findings,
            severities: summary.severities,
            blocking: report.blocking(),
            waived: turnover.waived,
            unchanged: turnover.unchanged,
            fixed: turnover.fixed,
            files_with_findings: summary.files,
            apps_with_findings: summary.apps,
            apps: report.apps,
            rules: report.rules.len(),
        },
        shard: None,
    }
}

pub(super) fn entry(finding: &Finding) -> Entry<'_> {
    Entry {
        rule: &finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        message: &finding.message,
        help: &finding.help,
        platform: finding.platform,
        app: finding.app.as_ref(),
        element: finding.element.as_ref(),
        place: place(&finding.location),
        related: finding.related.iter().map(|label| Related { message: &label.text, place: place(&label.location) }).collect(),
        fingerprint: &finding.fingerprint,
        state: finding.state,
        blocks: finding.blocks,
        waived: finding.waived.as_ref(),
        notes: &finding.notes,
        tags: &finding.tags,
    }
}

fn place(location: &finding::Location) -> Place<'_> {
    let finding::Location { file, inner, pointer, start, end, .. } = location;
    Place { file, inner, pointer, start: *start, end: *end }
}

pub(super) fn unreadable(unreadable: &super::Unreadable) -> Unreadable<'_> {
    let super::Unreadable { file, inner, reason, help: _, line, column } = unreadable;
    Unreadable { file, inner, reason, line: *line, column: *column }
}

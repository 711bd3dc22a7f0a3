//! SARIF 2.1.0, within what GitHub code scanning takes: one run, every rule with its help, all four numbers of a region, the worst
//! findings first where there are too many.

use super::machine::{self, Level, Region, cut, worst_first};
use super::{Format, Options, Report, RuleInfo};
use crate::finding::{Confidence, Finding, Location, Severity, State, Waived};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "sarif", description: "SARIF 2.1.0, for code scanning of GitHub and others", write };

/// Most findings of a run; GitHub refuses a file with more.
const MAX_RESULTS: usize = 25_000;

/// Most other places of a finding that GitHub keeps.
const MAX_RELATED: usize = 100;

/// Most tags of a rule that GitHub keeps.
const MAX_TAGS: usize = 10;

/// Longest description of a rule, in characters.
const MAX_DESCRIPTION: usize = 1024;

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let worst = worst_first(&report.findings);
    let kept = &worst[..worst.len().min(MAX_RESULTS)];
    let rules = rules(report, kept);
    let left_out = worst.len() - kept.len();
    let note = (left_out > 0).then(|| {
        format!("{left_out} of {} findings are not in the SARIF report, the least bad ones: its readers take {MAX_RESULTS}", worst.len())
    });
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "Flowgate",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(_, descriptor)| descriptor).collect::<Vec<_>>(),
            } }),
            invocations: [invocation(report, note.as_deref())],
            column_kind: "unicodeCodePoints",
            automation_details: json!({ "id": "flowgate/" }),
            results: Results {
                findings: kept,
                told: Told::of(report),
                rules: rules.iter().zip(0..).map(|((id, _), at)| (id.as_str(), at)).collect(),
            },
        }],
    };
    machine::pretty(&log, out)?;
    Ok(note)
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Value,
    invocations: [Value; 1],
    column_kind: &'static str,
    automation_details: Value,
    results: Results<'r>,
}

/// The findings, each made when it is written.
struct Results<'r> {
    findings: &'r [&'r Finding],
    rules: HashMap<&'r str, usize>,
    told: Told,
}

/// What is said of every result or of none, as the format wants it.
#[derive(Clone, Copy)]
struct Told {
    /// Whether it was there before.
    baseline: bool,
    /// Whether it is waived.
    suppressions: bool,
}

impl Told {
    fn of(report: &Report) -> Self {
        let unchanged = report.findings.iter().any(|finding| finding.state == State::Unchanged);
        let waived = report.findings.iter().any(|finding| finding.waived.is_some());
        Self { baseline: report.gate.governed || unchanged || !report.fixed.is_empty(), suppressions: waived }
    }
}

impl Serialize for Results<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| self.result(finding)))
    }
}

// ------------------------------------------------------------------------------------------------------------------------- rules

/// What a finding of a rule is called where it is as bad as the rule says, and where it is not: consumers know one severity a rule.
fn rule_id(finding: &Finding, usual: Option<Severity>) -> String {
    match usual {
        Some(usual) if usual != finding.severity => format!("{}/{}", finding.rule, finding.severity),
        _ => finding.rule.to_string(),
    }
}

/// The descriptors: of every rule that was asked, and of each other severity that a finding has.
fn rules(report: &Report, findings: &[&Finding]) -> Vec<(String, Value)> {
    let known: HashMap<&str, &RuleInfo> = report.rules.iter().map(|rule| (&*rule.id, rule)).collect();
    let mut rules: Vec<(String, Value)> =
        report.rules.iter().map(|rule| (rule.id.to_string(), descriptor(&rule.id, rule, rule.severity))).collect();
    let mut seen: std::collections::HashSet<String> = rules.iter().map(|(id, _)| id.clone()).collect();
    let mut more = Vec::new();
    for finding in findings {
        let rule = known.get(&*finding.rule);
        let id = rule_id(finding, rule.map(|rule| rule.severity));
        if !seen.insert(id.clone()) {
            continue;
        }
        // A rule that was not asked can only come from a report of another version.
        if let Some(rule) = rule {
            more.push((id.clone(), descriptor(&id, rule, finding.severity)));
        }
    }
    more.sort_by(|one, other| one.0.cmp(&other.0));
    rules.extend(more);
    rules
}

/// The middle of the band that GitHub shows a severity for.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.1",
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

const fn level(severity: Severity) -> &'static str {
    match Level::of(severity) {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn descriptor(id: &str, rule: &RuleInfo, severity: Severity) -> Value {
    let full = if rule.why.is_empty() { &rule.title } else { &rule.why };
    let tags: Vec<&str> = std::iter::once("security").chain(rule.tags.iter().map(String::as_str)).take(MAX_TAGS).collect();
    let mut descriptor = json!({
        "id": id,
        "name": pascal(&rule.id),
        "shortDescription": { "text": cut(&rule.title, MAX_DESCRIPTION) },
        "fullDescription": { "text": cut(full, MAX_DESCRIPTION) },
        "help": { "text": help(rule, false), "markdown": help(rule, true) },
        "defaultConfiguration": { "level": level(severity) },
        "properties": {
            "tags": tags,
            "precision": precision(rule.confidence),
            "problem.severity": match Level::of(severity) { Level::Error => "error", Level::Warning => "warning", Level::Note => "recommendation" },
            "security-severity": security_severity(severity),
        },
    });
    if let Some(page) = rule.tags.iter().find_map(|tag| super::reference(tag)) {
        descriptor["helpUri"] = page.into();
    }
    descriptor
}

/// `open-entry-point` as `OpenEntryPoint`.
fn pascal(id: &str) -> String {
    id.split('-').flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))).collect()
}

fn help(rule: &RuleInfo, markdown: bool) -> String {
    let mut text = if markdown { format!("# {}\n", rule.title) } else { format!("{}\n", rule.title) };
    let parts = [("Why it matters", &rule.why), ("What to do", &rule.fix), ("When it is no problem", &rule.false_positives)];
    for (title, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        let _ = if markdown { write!(text, "\n## {title}\n\n{part}\n") } else { write!(text, "\n{title}: {part}\n") };
    }
    if !rule.tags.is_empty() {
        let one = |tag: &String| match super::reference(tag).filter(|_| markdown) {
            Some(page) => format!("[{tag}]({page})"),
            None => tag.clone(),
        };
        let tags: Vec<String> = rule.tags.iter().map(one).collect();
        let _ = write!(text, "\nReferences: {}\n", tags.join(", "));
    }
    text
}

// ----------------------------------------------------------------------------------------------------------------------- results

impl Results<'_> {
    fn result(&self, finding: &Finding) -> Value {
        let plain = self.rules.get(&*finding.rule).copied();
        let other = format!("{}/{}", finding.rule, finding.severity);
        // A severity of its own has a descriptor of its own.
        let (id, index) = match self.rules.get(&*other) {
            Some(index) => (other.as_str(), *index),
            None => (&*finding.rule, plain.unwrap_or_default()),
        };
        let related: Vec<Value> = finding
            .related
            .iter()
            .take(MAX_RELATED)
            .enumerate()
            .map(|(at, label)| {
                let mut place = location(&label.location, None);
                place["id"] = (at + 1).into();
                place["message"] = json!({ "text": said(&label.text) });
                place
            })
            .collect();
        let mut result = json!({
            "ruleId": id,
            "ruleIndex": index,
            "level": level(finding.severity),
            "message": { "text": said(&machine::message(finding)) },
            "locations": [location(&finding.location, Some(finding))],
            "partialFingerprints": { "primaryLocationLineHash": finding.fingerprint, "flowgate/v1": finding.fingerprint },
            "properties": {
                "severity": finding.severity,
                "confidence": finding.confidence,
                "platform": finding.platform,
                "security-severity": security_severity(finding.severity),
            },
        });
        if self.told.baseline {
            result["baselineState"] = json!(finding.state);
        }
        if self.told.suppressions {
            let one = |waived: &Waived| {
                let Waived { id, category, reason, expires } = waived;
                let text = format!("{id} ({category}, until {expires}): {reason}");
                json!({ "kind": "external", "status": "accepted", "justification": text })
            };
            result["suppressions"] = finding.waived.iter().map(one).collect::<Vec<_>>().into();
        }
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
        if let Some(app) = &finding.app {
            result["properties"]["app"] = json!(app);
        }
        if !finding.help.is_empty() {
            result["properties"]["help"] = json!(&*finding.help);
        }
        result
    }
}

/// GitHub takes no empty texts.
fn said(text: &str) -> &str {
    if text.is_empty() { "see the rule" } else { text }
}

fn location(location: &Location, finding: Option<&Finding>) -> Value {
    let region = Region::of(location);
    let mut place = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&location.file), "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": region.line,
                "startColumn": region.column,
                "endLine": region.line,
                "endColumn": region.end_column,
            },
        },
    });
    let way: String = location.inner.iter().flat_map(|part| [part.as_str(), "!"]).collect();
    let element = finding.and_then(|finding| finding.element.as_ref());
    if !way.is_empty() || !location.pointer.is_empty() {
        let mut logical = json!({ "fullyQualifiedName": format!("{}{}", way.strip_suffix('!').map_or(String::new(), |way| format!("{way}#")), location.pointer) });
        if let Some(element) = element {
            logical["name"] = element.name.clone().into();
            logical["kind"] = element.kind.clone().into();
        }
        place["logicalLocations"] = json!([logical]);
    }
    place
}

/// A path as a relative URI reference: what may not stand in one is written as `%20`. An absolute path stays one.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        // A colon in the first part would make the reference an absolute one.
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn invocation(report: &Report, note: Option<&str>) -> Value {
    let unreadable = &report.coverage.unreadable;
    let mut notifications: Vec<Value> = unreadable
        .iter()
        .map(|file| {
            let inside: String = file.inner.iter().flat_map(|part| ["!", part.as_str()]).collect();
            let region = json!({ "startLine": file.line.filter(|_| file.inner.is_empty()).unwrap_or(1).max(1) });
            json!({
                "level": "error",
                "message": { "text": format!("cannot judge {}{inside}: {}", file.file, file.reason) },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&file.file), "uriBaseId": "%SRCROOT%" }, "region": region } }],
            })
        })
        .collect();
    if let Some(note) = note {
        notifications.push(json!({ "level": "warning", "message": { "text": note } }));
    }
    json!({ "executionSuccessful": unreadable.is_empty(), "toolExecutionNotifications": notifications })
}

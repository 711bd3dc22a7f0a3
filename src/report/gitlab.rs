//! GitLab: the Code Quality widget of a merge request, and the report of a SAST analyser for the security dashboard.

use super::machine::{self, Region};
use super::{Format, Options, Report};
use crate::finding::Severity;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io;

/// The Code Quality report.
pub(super) const QUALITY: Format =
    Format { name: "gitlab", description: "GitLab Code Quality, for the widget of a merge request", write: quality };

/// The SAST report.
pub(super) const SAST: Format =
    Format { name: "gitlab-sast", description: "GitLab SAST, for the security dashboard (schema 15)", write: sast };

fn quality(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let entries: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "description": machine::message(finding),
                "check_name": &*finding.rule,
                "fingerprint": finding.fingerprint,
                "severity": match finding.severity {
                    // The widget knows no waivers.
                    _ if finding.waived.is_some() => "info",
                    Severity::Critical => "blocker",
                    Severity::High => "critical",
                    Severity::Medium => "major",
                    Severity::Low => "minor",
                    Severity::Info => "info",
                },
                "location": {
                    "path": relative(&finding.location.file),
                    "lines": { "begin": Region::of(&finding.location).line },
                },
            })
        })
        .collect();
    machine::pretty(&entries, out)?;
    Ok(None)
}

fn relative(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

fn sast(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let titles: HashMap<&str, &str> = report.rules.iter().map(|rule| (&*rule.id, rule.title.as_str())).collect();
    let vulnerabilities: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let line = Region::of(&finding.location).line;
            let mut identifiers =
                vec![json!({ "type": "flowgate_rule", "name": format!("Flowgate {}", finding.rule), "value": &*finding.rule })];
            identifiers.extend(finding.tags.iter().filter_map(|tag| {
                let number = tag.strip_prefix("cwe:")?;
                Some(json!({ "type": "cwe", "name": format!("CWE-{number}"), "value": number, "url": super::reference(tag)? }))
            }));
            let mut vulnerability = json!({
                "id": finding.fingerprint,
                "name": titles.get(&*finding.rule).copied().unwrap_or(&finding.rule),
                "description": machine::message(finding),
                "severity": match finding.severity {
                    Severity::Critical => "Critical",
                    Severity::High => "High",
                    Severity::Medium => "Medium",
                    Severity::Low => "Low",
                    Severity::Info => "Info",
                },
                "solution": &*finding.help,
                "location": { "file": relative(&finding.location.file), "start_line": line, "end_line": line },
                "identifiers": identifiers,
            });
            if let Some(waived) = finding.waived.as_ref().filter(|waived| waived.category == "false-positive") {
                let description = format!("{}: {}", waived.id, waived.reason);
                let flag = json!({ "type": "flagged-as-likely-false-positive", "origin": "Flowgate waiver", "description": description });
                vulnerability["flags"] = json!([flag]);
            }
            vulnerability
        })
        .collect();
    let program = json!({ "id": "flowgate", "name": "Flowgate", "version": env!("CARGO_PKG_VERSION"), "vendor": { "name": "Flowgate" } });
    let time = options.time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let document = json!({
        "version": "15.2.1",
        "scan": {
            "analyzer": program,
            "scanner": program,
            "type": "sast",
            "start_time": time,
            "end_time": time,
            "status": if report.coverage.unreadable.is_empty() { "success" } else { "failure" },
            "messages": report.coverage.unreadable.iter().map(|file| json!({
                "level": "fatal",
                "value": format!("cannot judge {}: {}", std::iter::once(&file.file).chain(&file.inner).cloned().collect::<Vec<_>>().join("!"), file.reason),
            })).collect::<Vec<_>>(),
        },
        "vulnerabilities": vulnerabilities,
    });
    machine::pretty(&document, out)?;
    Ok(None)
}

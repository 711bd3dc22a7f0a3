//! Markdown for people: a comment on a pull request, and the summary of a job, each within what its place can hold.

use super::machine::{self, cut, worst_first};
use super::{Format, Options, Report, Verdict, count, visible};
use crate::finding::{Finding, Severity};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

/// A comment on a pull request.
pub(super) const COMMENT: Format = Format { name: "markdown", description: "a comment on a pull request, for makers", write: comment };

/// The summary of a job.
pub(super) const SUMMARY: Format = Format { name: "summary", description: "the summary page of a CI job, in Markdown", write: summary };

/// Most characters of a comment on GitHub are 65,536; some room is left for what a bot adds.
pub(super) const COMMENT_BYTES: usize = 60_000;

/// Most bytes of a step's summary on GitHub are 1 MiB, and a summary that is too long is lost.
const SUMMARY_BYTES: usize = 900 * 1024;

/// Longest message, in characters.
const MESSAGE: usize = 400;

fn comment(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    write(report, out, COMMENT_BYTES)
}

fn summary(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    write(report, out, SUMMARY_BYTES)
}

fn write(report: &Report, out: &mut dyn io::Write, limit: usize) -> io::Result<Option<String>> {
    let mut text = head(report);
    unreadable(report, &mut text);
    let mut shown = 0;
    let mut apps: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in worst_first(&report.findings) {
        let file = &*finding.location.file;
        match apps.iter_mut().find(|(known, _)| *known == file) {
            Some((_, findings)) => findings.push(finding),
            None => apps.push((file, vec![finding])),
        }
    }
    'files: for (file, findings) in &apps {
        let heading = format!("\n### {}\n\n", code(file));
        let mut heading = Some(heading);
        for finding in findings {
            let item = item(finding);
            if text.len() + item.len() + heading.as_ref().map_or(0, String::len) > limit - ROOM {
                break 'files;
            }
            text.push_str(&heading.take().unwrap_or_default());
            text.push_str(&item);
            shown += 1;
        }
    }
    let hidden = report.findings.len() - shown;
    let note = (hidden > 0)
        .then(|| format!("{hidden} of {} findings are left out of the Markdown report: its place holds no more", report.findings.len()));
    if hidden > 0 {
        let _ = write!(text, "\n{} not shown here: see the whole report of the run.\n", count(hidden, "more finding"));
    }
    out.write_all(text.as_bytes())?;
    Ok(note)
}

/// Bytes that are kept for the last line.
const ROOM: usize = 200;

fn head(report: &Report) -> String {
    let verdict = report.verdict();
    let title = match verdict {
        Verdict::Pass => "✅ Flowgate: passed",
        Verdict::Blocked => "⛔ Flowgate: blocked",
        Verdict::Incomplete => "⚠ Flowgate: not everything could be judged",
    };
    let mut text = format!("## {title}\n\n");
    let reason = match verdict {
        Verdict::Pass if report.findings.is_empty() => "Nothing was found.".to_owned(),
        Verdict::Pass => format!("No finding {}.", report.barrier()),
        Verdict::Blocked => {
            format!("{} {} must be settled before this can go on.", count(report.blocking(), "finding"), report.barrier())
        }
        Verdict::Incomplete => format!("Reason: {}.", prose(&report.gap().unwrap_or_default())),
    };
    let _ = writeln!(text, "{reason}");
    let severities = report.summary().severities;
    if !report.findings.is_empty() {
        text.push_str("\n| severity | findings |\n|---|---:|\n");
        for (severity, number) in severities.iter().rev().filter(|(_, number)| **number > 0) {
            let _ = writeln!(text, "| {} {severity} | {number} |", sign(*severity));
        }
    }
    let judged: BTreeMap<_, _> = report.coverage.recognised.iter().filter(|(_, files)| **files > 0).collect();
    let judged: Vec<String> = judged.iter().map(|(platform, files)| format!("{} of {platform}", count(**files, "file"))).collect();
    let judged = if judged.is_empty() { "no file".to_owned() } else { judged.join(", ") };
    let _ = writeln!(text, "\nJudged: {judged} by {}.", count(report.rules.len(), "rule"));
    text
}

fn unreadable(report: &Report, text: &mut String) {
    const MOST: usize = 50;
    if report.coverage.unreadable.is_empty() {
        return;
    }
    text.push_str("\n### Could not be judged\n\n");
    for file in report.coverage.unreadable.iter().take(MOST) {
        let path = std::iter::once(&file.file).chain(&file.inner).cloned().collect::<Vec<_>>().join("!");
        let line = file.line.map_or(String::new(), |line| format!(" line {line}"));
        let help = if file.help.is_empty() { String::new() } else { format!(" — {}", prose(&file.help)) };
        let _ = writeln!(text, "- {}{line}: {}{help}", code(&cut(&path, MESSAGE)), prose(&cut(&file.reason, MESSAGE)));
    }
    if report.coverage.unreadable.len() > MOST {
        let _ = writeln!(text, "- and {}", count(report.coverage.unreadable.len() - MOST, "more file"));
    }
}

fn item(finding: &Finding) -> String {
    let location = &finding.location;
    let place = machine::inside(location).unwrap_or_else(|| format!("line {}", location.start.line));
    let mut text = format!(
        "- {} **{}** {} — {} ({})\n",
        sign(finding.severity),
        finding.severity,
        code(&finding.rule),
        prose(&cut(&finding.message, MESSAGE)),
        prose(&place)
    );
    if !finding.help.is_empty() {
        let _ = writeln!(text, "  <br>What to do: {}", prose(&cut(&finding.help, MESSAGE)));
    }
    text
}

const fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🟣",
        Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🟡",
        Severity::Info => "🔵",
    }
}

/// Text as code: in as many backticks as it takes.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text of an export as text: nothing of it is markup, a mention or a link. Parts in backticks, as messages have them, stay code.
pub(super) fn prose(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len() + 16);
    for (nth, part) in text.split('`').enumerate() {
        let is_code = nth % 2 == 1;
        if is_code {
            let _ = write!(escaped, "`{part}`");
            continue;
        }
        for c in part.chars() {
            match c {
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '&' => escaped.push_str("&amp;"),
                // A mention sends a message to somebody, a number leads to an issue.
                '@' => escaped.push_str("&#64;"),
                '#' => escaped.push_str("&#35;"),
                '\n' => escaped.push(' '),
                '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                    escaped.push('\\');
                    escaped.push(c);
                }
                _ => escaped.push(c),
            }
        }
    }
    if text.matches('`').count() % 2 == 1 { escaped.replace('`', "&#96;") } else { escaped }
}

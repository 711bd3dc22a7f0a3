//! The report for people: each finding with its place in the file, as compilers show them, and at the end the numbers and the verdict.

use super::frame::{self, BLUE, BOLD, CYAN, DIM, GREEN, Mark, Page, RED, Style, YELLOW, clip};
use super::{Format, Options, Report, Unreadable, Verdict, count};
use crate::finding::{AppRef, Confidence, Finding, Severity, State};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io;
use unicode_width::UnicodeWidthStr;

/// The format.
pub const FORMAT: Format = Format { name: "text", description: "for people: every finding with its place in the file", write };

/// Most findings of one rule in one file that are shown with their lines; of further ones only the first lines are.
const WHOLE: usize = 3;

/// Most findings of one cause that are named after the first.
const NAMED: usize = 8;

/// Longest message, in columns.
const MESSAGE_WIDTH: usize = 600;

/// Longest name in a list, in columns.
const NAME_WIDTH: usize = 40;

fn write(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let mut page = Page::new(options.color, options.width);
    if !options.quiet {
        let mut explained = HashSet::new();
        for in_file in report.findings.chunk_by(|one, next| one.location.file == next.location.file) {
            for cause in causes(in_file, options.verbose) {
                finding(&mut page, &cause, explained.insert(&*cause.findings[0].rule));
                // Whole findings at a time, so that a report of any length takes little memory.
                if page.text.len() > 64 * 1024 {
                    out.write_all(page.text.as_bytes())?;
                    page.text.clear();
                }
            }
        }
        report.coverage.unreadable.iter().for_each(|file| unreadable(&mut page, file));
        if options.verbose {
            foreign(&mut page, report);
        }
    }
    summary(&mut page, report);
    verdict(&mut page, report);
    out.write_all(page.text.as_bytes())?;
    Ok(None)
}

/// Findings of one file that say the same of different elements.
struct Cause<'r> {
    findings: Vec<&'r Finding>,
    whole: bool,
}

/// The findings of one file by cause, in the order of their first ones; with `all`, each is its own.
fn causes(findings: &[Finding], all: bool) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut known = HashMap::new();
    let mut shown: HashMap<&str, usize> = HashMap::new();
    for finding in findings {
        let element = finding.element.as_ref().filter(|element| !element.name.is_empty());
        let message = element.map(|element| finding.message.replace(&format!("`{}`", element.name), "``"));
        let message = message.unwrap_or_else(|| finding.message.clone());
        let key = (
            &finding.location.inner,
            &finding.rule,
            finding.severity,
            &finding.app,
            &finding.label,
            &finding.help,
            finding.standing(),
            message,
        );
        let next = causes.len();
        let at = if all { next } else { *known.entry(key).or_insert(next) };
        if at == next {
            let before = shown.entry(&finding.rule).or_default();
            *before += 1;
            causes.push(Cause { findings: Vec::new(), whole: all || *before <= WHOLE });
        }
        causes[at].findings.push(finding);
    }
    causes
}

const fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low => CYAN,
        Severity::Info => BLUE,
    }
}

fn finding(page: &mut Page, cause: &Cause<'_>, explain: bool) {
    let finding = cause.findings[0];
    let style = style(finding.severity);
    page.paint(style, &format!("{}[{}]", finding.severity, clip(&finding.rule, NAME_WIDTH * 2)));
    page.put(" ");
    page.paint(BOLD, &clip(&finding.message, MESSAGE_WIDTH));
    page.end_line();

    let related = finding.related.iter().map(|label| Mark { location: &label.location, label: &label.text, primary: None });
    let own = Mark { location: &finding.location, label: &finding.label, primary: Some(style) };
    let marks: Vec<Mark<'_>> = std::iter::once(own).chain(related).collect();
    let pad = frame::gutter(&marks);
    if cause.whole {
        frame::frames(page, pad, &marks, &aside(finding));
        let standing = finding.standing();
        if explain || !finding.help.is_empty() || !standing.is_empty() {
            page.bar(pad, None);
            page.end_line();
        }
        for text in &standing {
            page.note(pad, "state", &clip(text, MESSAGE_WIDTH));
        }
        if !finding.help.is_empty() {
            page.note(pad, "help", &finding.help);
        }
        if explain {
            page.note(pad, "see", &format!("flowgate rules explain {}", finding.rule));
        }
    } else {
        frame::place(page, pad, &finding.location, "-->", &aside(finding));
    }
    also(page, pad, &cause.findings[1..]);
    page.put("\n");
}

/// What stands behind the place: whose it is, and a warning where the rule is not sure.
fn aside(finding: &Finding) -> String {
    let name = |app: &AppRef| clip(if app.name.is_empty() { &app.id } else { &app.name }, NAME_WIDTH * 2).into_owned();
    let app = finding.app.as_ref().map(name).filter(|name| !name.is_empty()).map(|name| format!("app \"{name}\""));
    let doubt = (finding.confidence == Confidence::Low).then(|| "low confidence".to_owned());
    let waived = finding.waived.as_ref().map(|_| "waived".to_owned());
    let before = (finding.state == State::Unchanged).then(|| "not new".to_owned());
    let parts: Vec<String> = app.into_iter().chain(doubt).chain(waived).chain(before).collect();
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
}

/// The findings of a cause behind its first one: only what they are about, and where.
fn also(page: &mut Page, pad: usize, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    let name = |finding: &&Finding| {
        let start = finding.location.start;
        let element = finding.element.as_ref().filter(|element| !element.name.is_empty());
        let name = element.map(|element| format!("\"{}\" ", clip(&element.name, NAME_WIDTH))).unwrap_or_default();
        format!("{name}{}:{}", start.line, start.column)
    };
    let mut names: Vec<String> = findings.iter().take(NAMED).map(name).collect();
    if findings.len() > NAMED {
        names.push(format!("and {} others", findings.len() - NAMED));
    }
    let head = format!("… and {} more: ", findings.len());
    page.put(&" ".repeat(pad + 1));
    page.paint(BOLD, &head);
    page.paragraph(pad + 1 + head.width(), pad + 3, &names.join(", "));
}

fn unreadable(page: &mut Page, file: &Unreadable) {
    page.paint(RED, "error");
    page.paint(BOLD, &format!(": cannot judge this file: {}", clip(&file.reason, MESSAGE_WIDTH)));
    page.end_line();
    let place: String = [file.line, file.column].into_iter().flatten().fold(String::new(), |mut place, number| {
        let _ = write!(place, ":{number}");
        place
    });
    page.paint(BLUE, " --> ");
    page.put(&frame::path(&file.file, &file.inner));
    page.put(&place);
    page.end_line();
    if !file.help.is_empty() {
        page.note(1, "help", &file.help);
    }
    page.put("\n");
}

fn foreign(page: &mut Page, report: &Report) {
    let foreign = &report.coverage.foreign;
    if foreign.is_empty() {
        return;
    }
    page.paint(BOLD, &format!("not judged, because they are no exports of a known platform ({}):", count(foreign.len(), "file")));
    page.end_line();
    for file in foreign {
        page.put("  ");
        page.put(&frame::path(&file.file, &file.inner));
        page.put("  ");
        page.paint(DIM, &clip(&file.reason, MESSAGE_WIDTH));
        page.end_line();
    }
    page.put("\n");
}

fn summary(page: &mut Page, report: &Report) {
    let summary = report.summary();
    let coverage = &report.coverage;
    let files = count(coverage.files, "file");
    let judged: usize = coverage.recognised.values().sum();
    if summary.findings > 0 {
        page.paint(BOLD, &count(summary.findings, "finding"));
        let mut open = " (";
        for (severity, number) in summary.severities.iter().rev().filter(|(_, number)| **number > 0) {
            page.put(open);
            page.paint(style(*severity), &format!("{number} {severity}"));
            open = ", ";
        }
        let _ = write!(page.text, "){} in {} of {files}", report.turnover(), summary.files);
    } else if judged > 0 {
        page.paint(BOLD, "no findings");
        let _ = write!(page.text, "{} in {files}", report.turnover());
    } else {
        page.paint(BOLD, &format!("none of {files} judged"));
    }
    let mut parts: Vec<String> = coverage.recognised.iter().map(|(platform, number)| format!("{number} {platform}")).collect();
    parts.push(format!("{} foreign", coverage.foreign.len()));
    parts.push(format!("{} unreadable", coverage.unreadable.len()));
    let (seconds, millis) = (report.elapsed.as_secs_f64(), report.elapsed.as_millis());
    let time = if millis < 10 { format!("{millis} ms") } else { format!("{seconds:.2} s") };
    let _ = write!(page.text, " ({}) · {} · {time}", parts.join(", "), count(report.rules.len(), "rule"));
    page.end_line();
}

fn verdict(page: &mut Page, report: &Report) {
    let gap = report.gap();
    let verdict = report.verdict();
    let style = match verdict {
        Verdict::Pass => GREEN,
        Verdict::Blocked => RED,
        Verdict::Incomplete => YELLOW,
    };
    page.paint(style, verdict.word());
    page.put(": ");
    let reason = match (report.blocking(), gap) {
        (0, None) => format!("no finding {}", report.barrier()),
        (0, Some(gap)) => gap,
        (number, None) => format!("{} {}", count(number, "finding"), report.barrier()),
        (number, Some(gap)) => format!("{} {}; also, {gap}", count(number, "finding"), report.barrier()),
    };
    page.put(&reason);
    page.end_line();
}

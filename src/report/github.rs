//! Annotations of GitHub Actions: workflow commands on standard output, within the number that GitHub shows of a step.

use super::machine::{self, Level, Region, worst_first};
use super::{Format, Options, Report, count, visible};
use crate::finding::Finding;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format =
    Format { name: "github", description: "annotations of GitHub Actions, on the lines of the change", write };

/// Most annotations of one level that GitHub keeps of a step.
const MAX_LEVEL: usize = 10;

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let mut text = String::new();
    let mut shown = 0;
    for unreadable in report.coverage.unreadable.iter().take(MAX_LEVEL) {
        let inside: String = unreadable.inner.iter().flat_map(|part| ["!", part.as_str()]).collect();
        let place = Place { file: &unreadable.file, line: unreadable.line.filter(|_| inside.is_empty()), ..Place::default() };
        let what = if inside.is_empty() { String::new() } else { format!(" ({}{inside})", unreadable.file) };
        command(&mut text, Level::Error, &place, "cannot be judged", &format!("{}{what}", unreadable.reason));
    }
    let errors_left = MAX_LEVEL - report.coverage.unreadable.len().min(MAX_LEVEL);
    let worst = worst_first(&report.findings);
    for level in [Level::Error, Level::Warning, Level::Note] {
        let room = match level {
            Level::Error => errors_left,
            Level::Warning => MAX_LEVEL,
            // One is left for the numbers at the end.
            Level::Note => MAX_LEVEL - 1,
        };
        let of_level: Vec<&Finding> = worst.iter().copied().filter(|finding| Level::of(finding.severity) == level).collect();
        shown += annotations(&mut text, level, &of_level, room);
    }
    let numbers = format!(
        "{}, {} of them {}; {}",
        count(report.findings.len(), "finding"),
        report.blocking(),
        report.barrier(),
        report.gap().unwrap_or_else(|| format!("{} judged", count(report.coverage.recognised.values().sum(), "file")))
    );
    command(&mut text, Level::Note, &Place::default(), "Flowgate", &numbers);
    out.write_all(text.as_bytes())?;
    let hidden = report.findings.len() - shown;
    Ok((hidden > 0).then(|| {
        format!("{hidden} of {} findings have no annotation of their own: GitHub shows {MAX_LEVEL} of a level", report.findings.len())
    }))
}

/// Annotates findings of one level; where there are too many, the worst of each file, and says how many more it has. How many have one
/// of their own.
fn annotations(text: &mut String, level: Level, findings: &[&Finding], room: usize) -> usize {
    if findings.len() <= room {
        findings.iter().for_each(|finding| annotation(text, level, finding, 0));
        return findings.len();
    }
    let mut files = HashSet::new();
    let mut shown = 0;
    for finding in findings {
        if shown == room {
            break;
        }
        if files.insert(&finding.location.file) {
            let more = findings.iter().filter(|other| other.location.file == finding.location.file).count() - 1;
            annotation(text, level, finding, more);
            shown += 1;
        }
    }
    shown
}

fn annotation(text: &mut String, level: Level, finding: &Finding, more: usize) {
    let region = Region::of(&finding.location);
    let inside = !finding.location.inner.is_empty();
    let place = Place {
        file: &finding.location.file,
        line: (!inside).then_some(region.line),
        columns: (!inside).then_some((region.column, region.end_column)),
    };
    let mut message = machine::message(finding).into_owned();
    if !finding.help.is_empty() {
        let _ = write!(message, "\n{}", finding.help);
    }
    if more > 0 {
        let _ = write!(message, "\nand {more} more in this file");
    }
    command(text, level, &place, &format!("{} ({})", finding.rule, finding.severity), &message);
}

#[derive(Default)]
struct Place<'r> {
    file: &'r str,
    line: Option<u32>,
    columns: Option<(u32, u32)>,
}

fn command(text: &mut String, level: Level, place: &Place<'_>, title: &str, message: &str) {
    text.push_str(match level {
        Level::Error => "::error ",
        Level::Warning => "::warning ",
        Level::Note => "::notice ",
    });
    if !place.file.is_empty() {
        let _ = write!(text, "file={},", property(place.file.strip_prefix("./").unwrap_or(place.file)));
    }
    if let Some(line) = place.line {
        let _ = write!(text, "line={line},endLine={line},");
    }
    if let Some((start, end)) = place.columns {
        let _ = write!(text, "col={start},endColumn={end},");
    }
    let _ = writeln!(text, "title={}::{}", property(title), data(message));
}

/// The text of a command: what would end it is escaped.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| visible(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property: what would end that is escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

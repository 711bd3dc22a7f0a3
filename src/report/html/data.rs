//! The findings as the script of the page reads them: every text that repeats is written once, and lists refer to it by number.

use super::markup::shown;
use crate::finding::{Confidence, Finding, Severity, State, Waived};
use crate::report::frame::{self, Mark, Marked};
use crate::report::{Report, machine, reference};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

/// All that the script draws.
#[derive(Serialize)]
struct Data<'r> {
    rules: Vec<Rule<'r>>,
    /// Texts that findings refer to by number.
    texts: Vec<Cow<'r, str>>,
    /// Source lines with their numbers, that findings refer to by number.
    lines: Vec<(u32, String)>,
    findings: Vec<Entry<'r>>,
}

/// What findings of a rule share.
#[derive(Serialize)]
struct Rule<'r> {
    id: Cow<'r, str>,
    title: Cow<'r, str>,
    why: Cow<'r, str>,
    fix: Cow<'r, str>,
    doubt: Cow<'r, str>,
}

/// A finding. What is usual is left out.
#[derive(Serialize)]
struct Entry<'r> {
    #[serde(rename = "r")]
    rule: usize,
    /// 0 is info, 4 is critical.
    #[serde(rename = "s")]
    severity: usize,
    #[serde(rename = "c")]
    confidence: usize,
    #[serde(rename = "m")]
    message: Cow<'r, str>,
    #[serde(rename = "h", skip_serializing_if = "is_zero")]
    help: usize,
    #[serde(rename = "p", skip_serializing_if = "is_zero")]
    platform: usize,
    #[serde(rename = "a", skip_serializing_if = "is_zero")]
    app: usize,
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    element: Option<(usize, usize)>,
    #[serde(rename = "f")]
    fingerprint: Cow<'r, str>,
    /// `1` was there before, `2` is gone.
    #[serde(rename = "o", skip_serializing_if = "is_zero")]
    state: usize,
    /// Why it blocks.
    #[serde(rename = "b", skip_serializing_if = "is_zero")]
    blocks: usize,
    /// Id, category, reason and last day of a waiver.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    waived: Option<[usize; 4]>,
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    notes: Vec<usize>,
    #[serde(rename = "g", skip_serializing_if = "Vec::is_empty")]
    tags: Vec<(usize, usize)>,
    #[serde(rename = "t", skip_serializing_if = "is_zero")]
    pointer: usize,
    #[serde(rename = "x")]
    frames: Vec<Frame>,
}

/// Lines of one file: the path, line, column, and the lines with their marks (first and last UTF-16 unit, label, 1 for the place itself).
type Frame = (usize, u32, u32, Vec<(usize, Vec<(usize, usize, usize, u8)>)>);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Numbers for texts: 0 is the empty one.
struct Texts<'r> {
    numbers: HashMap<Cow<'r, str>, usize>,
    all: Vec<Cow<'r, str>>,
}

impl<'r> Texts<'r> {
    fn number(&mut self, text: &'r str) -> usize {
        self.number_of(shown(text))
    }

    fn number_of(&mut self, text: Cow<'r, str>) -> usize {
        let next = self.all.len();
        let number = *self.numbers.entry(text.clone()).or_insert(next);
        if number == next {
            self.all.push(text);
        }
        number
    }
}

/// Numbers for source lines.
#[derive(Default)]
struct Lines {
    numbers: HashMap<(u32, String), usize>,
    all: Vec<(u32, String)>,
}

impl Lines {
    fn number(&mut self, line: (u32, String)) -> usize {
        let next = self.all.len();
        let number = *self.numbers.entry(line.clone()).or_insert(next);
        if number == next {
            self.all.push(line);
        }
        number
    }
}

struct Making<'r> {
    texts: Texts<'r>,
    lines: Lines,
    rules: HashMap<&'r str, usize>,
    because: &'r dyn Fn(&Finding) -> String,
}

/// The findings of a report as JSON that no text in it can end, those that block first, then the worst; `because` says why one blocks.
pub(super) fn data(report: &Report, because: &dyn Fn(&Finding) -> String) -> io::Result<String> {
    let mut rules: Vec<Rule<'_>> = Vec::new();
    let mut numbers = HashMap::new();
    for rule in &report.rules {
        numbers.insert(&*rule.id, rules.len());
        let (why, fix, doubt) = (shown(&rule.why), shown(&rule.fix), shown(&rule.false_positives));
        rules.push(Rule { id: shown(&rule.id), title: shown(&rule.title), why, fix, doubt });
    }
    let none = || Cow::Borrowed("");
    for finding in report.findings.iter().chain(&report.fixed) {
        numbers.entry(&*finding.rule).or_insert_with(|| {
            rules.push(Rule { id: shown(&finding.rule), title: none(), why: none(), fix: none(), doubt: none() });
            rules.len() - 1
        });
    }
    let texts = Texts { numbers: HashMap::from([(none(), 0)]), all: vec![none()] };
    let mut making = Making { texts, lines: Lines::default(), rules: numbers, because };
    let mut worst = machine::worst_first(&report.findings);
    worst.sort_by_key(|finding| !finding.blocks);
    let mut findings: Vec<Entry<'_>> = worst.into_iter().map(|finding| making.entry(finding, false)).collect();
    findings.extend(report.fixed.iter().map(|finding| making.entry(finding, true)));
    let data = Data { rules, texts: making.texts.all, lines: making.lines.all, findings };
    let mut written = Vec::new();
    machine::compact(&data, &mut written)?;
    let written = String::from_utf8(written).map_err(io::Error::other)?;
    // In JSON, this can stand only within a text.
    Ok(written.replace('<', "\\u003c"))
}

impl<'r> Making<'r> {
    fn entry(&mut self, finding: &'r Finding, is_fixed: bool) -> Entry<'r> {
        let app = finding.app.as_ref().map(|app| if app.name.is_empty() { &*app.id } else { &*app.name }).unwrap_or_default();
        let texts = &mut self.texts;
        let waived = finding.waived.as_ref();
        let waived = waived.map(|Waived { id, category, reason, expires }| [id, category, reason, expires].map(|text| texts.number(text)));
        let state = match finding.state {
            _ if is_fixed => 2,
            State::Unchanged => 1,
            State::New => 0,
        };
        let place = |severity| Severity::ALL.iter().position(|known| *known == severity).unwrap_or_default();
        let sure = |confidence| Confidence::ALL.iter().position(|known| *known == confidence).unwrap_or_default();
        Entry {
            rule: self.rules.get(&*finding.rule).copied().unwrap_or_default(),
            severity: place(finding.severity),
            confidence: sure(finding.confidence),
            message: shown(&finding.message),
            help: texts.number(&finding.help),
            platform: texts.number(finding.platform),
            app: texts.number(app),
            element: finding.element.as_ref().map(|element| (texts.number(&element.kind), texts.number(&element.name))),
            fingerprint: shown(&finding.fingerprint),
            state,
            blocks: if finding.blocks && !is_fixed { texts.number_of(Cow::Owned((self.because)(finding))) } else { 0 },
            waived,
            notes: finding.notes.iter().map(|note| texts.number(note)).collect(),
            tags: finding
                .tags
                .iter()
                .map(|tag| (texts.number(tag), reference(tag).map_or(0, |address| texts.number_of(address.into()))))
                .collect(),
            pointer: texts.number(&finding.location.pointer),
            frames: self.frames(finding),
        }
    }

    fn frames(&mut self, finding: &'r Finding) -> Vec<Frame> {
        let own = Mark { location: &finding.location, label: &finding.label, primary: Some(frame::RED) };
        let related = finding.related.iter().map(|label| Mark { location: &label.location, label: &label.text, primary: None });
        let marks: Vec<Mark<'r>> = std::iter::once(own).chain(related).collect();
        frame::together(&marks).iter().map(|frame| self.frame(frame)).collect()
    }

    fn frame(&mut self, marks: &[Mark<'r>]) -> Frame {
        let first = &marks[0];
        let location = first.location;
        let path = self.texts.number_of(Cow::Owned(frame::path(&location.file, &location.inner)));
        let rows = if first.is_long() {
            let lines = location.excerpt.iter().filter(|line| line.mark.is_some() || first.primary.is_some());
            let last = location.excerpt.iter().rev().find(|line| line.mark.is_some()).map(|line| line.number);
            lines.map(|line| self.row(line, line.mark.map(|place| (first, place, Some(line.number) == last)))).collect()
        } else {
            frame::lines(marks)
                .into_iter()
                .map(|(line, marks): Marked<'_, 'r>| self.row(line, marks.into_iter().map(|(mark, place)| (mark, place, true))))
                .collect()
        };
        (path, location.start.line, location.start.column, rows)
    }

    /// A line with its marks; the label of a mark that goes on stands at its last line.
    fn row<'m>(
        &mut self,
        line: &crate::finding::ExcerptLine,
        marks: impl IntoIterator<Item = (&'m Mark<'r>, (u32, u32), bool)>,
    ) -> (usize, Vec<(usize, usize, usize, u8)>)
    where
        'r: 'm,
    {
        let (before, after) = (if line.cut_before > 0 { "…" } else { "" }, if line.cut_after { "…" } else { "" });
        let unit = |byte: u32| shown(line.text.get(..byte as usize).unwrap_or(&line.text)).encode_utf16().count() + before.chars().count();
        let marks = marks.into_iter().map(|(mark, (from, to), ends)| {
            let label = if ends { self.texts.number(mark.label) } else { 0 };
            (unit(from), unit(to), label, u8::from(mark.primary.is_some()))
        });
        let marks = marks.collect();
        (self.lines.number((line.number, format!("{before}{}{after}", shown(&line.text)))), marks)
    }
}

//! What a run found and what it looked at, and the formats in which that can be written.
//!
//! A format is one file and one entry in [`FORMATS`]. All see the same [`Report`], none changes the [`Verdict`].

mod azure;
mod csv;
pub mod diff;
mod env;
pub mod estate;
mod frame;
mod github;
mod gitlab;
mod html;
pub mod inventory;
pub mod json;
mod jsonl;
mod junit;
mod machine;
mod markdown;
mod rdjson;
mod sarif;
pub mod shard;
pub mod text;

pub use crate::finding::reference;
use crate::finding::{AppRef, Confidence, Finding, Severity, State};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong, in [`Finding::order`].
    pub findings: Vec<Finding>,
    /// What was wrong in the version that this one is compared with and is no more, in the same order.
    pub fixed: Vec<Finding>,
    /// What makes a finding block.
    pub gate: Gate,
    /// What was looked at.
    pub coverage: Coverage,
    /// How many apps were judged.
    pub apps: usize,
    /// The rules that were asked, by id.
    pub rules: Vec<RuleInfo>,
    /// What is known of the apps and of the run beyond findings; none unless a format shows it.
    pub estate: Option<estate::Estate>,
    /// How long it took. Only for people: no format for machines writes it.
    pub elapsed: Duration,
    /// What the reports of all shards are put together by, where this is the report of one of them.
    pub shard: Option<Box<shard::Shard>>,
}

/// What makes a finding block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The severity from which on a finding blocks where nothing else decides.
    pub fail_on: Severity,
    /// Whether something else decides, too: the version before, waivers, the gates of a policy.
    pub governed: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self { fail_on: Severity::High, governed: false }
    }
}

/// A rule that was asked, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleInfo {
    /// Its name.
    pub id: Arc<str>,
    /// The problem, in a few words.
    pub title: String,
    /// How bad it usually is.
    pub severity: Severity,
    /// How sure it usually is.
    pub confidence: Confidence,
    /// What can happen.
    pub why: String,
    /// The cure.
    pub fix: String,
    /// When a finding is true and still no problem.
    pub false_positives: String,
    /// References to the catalogue and to public standards.
    pub tags: Arc<[String]>,
}

/// Which files a run has seen, and what became of them.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Number of files that were looked at.
    pub files: usize,
    /// Number of files that were judged, by platform.
    pub recognised: BTreeMap<&'static str, usize>,
    /// The digests of all files that were looked at, by path, where they were asked for: `sha256:` and hexadecimal digits.
    pub digests: BTreeMap<String, String>,
    /// The paths of the files in which something was judged, where a run is held against control files.
    pub judged: BTreeSet<String>,
    /// Files that are no export of a known platform, sorted.
    pub foreign: Vec<Foreign>,
    /// Files, or entries of archives, that should have been judged and could not be, sorted.
    pub unreadable: Vec<Unreadable>,
}

/// A file that is no export of a known platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Foreign {
    /// Its path.
    pub file: String,
    /// The way through nested containers, outermost first; empty for a plain file.
    pub inner: Vec<String>,
    /// How that was seen, in a few words.
    pub reason: String,
}

/// A file that should have been judged and could not be. It has no excerpt: what could not be read has no known secrets to hide.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unreadable {
    /// Its path.
    pub file: String,
    /// The way through nested containers, outermost first; empty for a plain file.
    pub inner: Vec<String>,
    /// Why, in one lower-case sentence without full stop.
    pub reason: String,
    /// What to do about it; empty when there is nothing to say.
    pub help: String,
    /// Line of what is wrong, from 1, where it has one.
    pub line: Option<u32>,
    /// Column of what is wrong, from 1, where it has one.
    pub column: Option<u32>,
}

impl Coverage {
    /// Counts a file that is none to judge.
    pub fn skip(&mut self, file: String, reason: String) {
        self.files += 1;
        self.foreign.push(Foreign { file, inner: Vec::new(), reason });
    }

    /// Counts a file that should have been judged and could not be.
    pub fn fail(&mut self, file: String, reason: String) {
        self.files += 1;
        self.unreadable.push(Unreadable { file, reason, ..Unreadable::default() });
    }

    /// Adds what another part of the run has seen.
    pub fn merge(&mut self, other: Self) {
        self.files += other.files;
        for (platform, files) in other.recognised {
            *self.recognised.entry(platform).or_default() += files;
        }
        self.judged.extend(other.judged);
        self.digests.extend(other.digests);
        self.foreign.extend(other.foreign);
        self.unreadable.extend(other.unreadable);
    }
}

/// Whether what was judged may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was judged, and no finding blocks.
    Pass,
    /// A finding blocks. This holds whatever else could not be judged, so it goes before [`Verdict::Incomplete`].
    Blocked,
    /// No finding blocks, but something was not judged: a file was unreadable, nothing was recognised, or no rule ran.
    Incomplete,
}

impl Verdict {
    /// The word that reports use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Blocked => "blocked",
            Self::Incomplete => "incomplete",
        }
    }

    /// The exit code of a run; 2 is left to wrong use.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Blocked => 1,
            Self::Incomplete => 3,
        }
    }
}

/// The numbers of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of findings.
    pub findings: usize,
    /// Number of findings of each severity, every severity named.
    pub severities: BTreeMap<Severity, usize>,
    /// Number of files with findings.
    pub files: usize,
    /// Number of apps with findings.
    pub apps: usize,
}

/// How much of a report is not simply new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// Number of findings that a waiver covers.
    pub waived: usize,
    /// Number of findings that were there before.
    pub unchanged: usize,
    /// Number of findings that are gone.
    pub fixed: usize,
}

impl Turnover {
    /// That of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let number = |is: &dyn Fn(&Finding) -> bool| report.findings.iter().filter(|finding| is(finding)).count();
        Self {
            waived: number(&|finding| finding.waived.is_some()),
            unchanged: number(&|finding| finding.state == State::Unchanged),
            fixed: report.fixed.len(),
        }
    }
}

impl Report {
    /// `, 2 waived, 3 not new, 1 fixed`, without what there is none of.
    #[must_use]
    pub fn turnover(&self) -> String {
        let Turnover { waived, unchanged, fixed } = Turnover::of(self);
        let parts = [(waived, "waived"), (unchanged, "not new"), (fixed, "fixed")];
        parts.iter().filter(|(number, _)| *number > 0).fold(String::new(), |mut text, (number, word)| {
            let _ = write!(text, ", {number} {word}");
            text
        })
    }

    /// The numbers of this report.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut severities: BTreeMap<Severity, usize> = Severity::ALL.iter().map(|severity| (*severity, 0)).collect();
        for finding in &self.findings {
            *severities.entry(finding.severity).or_default() += 1;
        }
        let files: BTreeSet<&str> = self.findings.iter().map(|finding| &*finding.location.file).collect();
        let apps: BTreeSet<(&str, &AppRef)> =
            self.findings.iter().filter_map(|finding| Some((finding.platform, finding.app.as_ref()?))).collect();
        Summary { findings: self.findings.len(), severities, files: files.len(), apps: apps.len() }
    }

    /// Number of findings that block.
    #[must_use]
    pub fn blocking(&self) -> usize {
        self.findings.iter().filter(|finding| finding.blocks).count()
    }

    /// What distinguishes findings that block, behind their number: `at or above high`.
    #[must_use]
    pub fn barrier(&self) -> String {
        if self.gate.governed {
            if self.blocking() > 1 { "that block" } else { "that blocks" }.to_owned()
        } else {
            format!("at or above {}", self.gate.fail_on)
        }
    }

    /// Why not everything was judged that should have been, in a few words; `None` when it was.
    #[must_use]
    pub fn gap(&self) -> Option<String> {
        let Coverage { files, recognised, foreign: _, unreadable, judged: _, digests: _ } = &self.coverage;
        // What one of several machines has to do may be nothing; whether all of it is nothing is seen when it is put together.
        let whole = self.shard.is_none();
        if whole && *files == 0 {
            Some("nothing was judged: there are no files".to_owned())
        } else if !unreadable.is_empty() {
            Some(format!("{} could not be judged", count(unreadable.len(), "file")))
        } else if whole && recognised.values().all(|files| *files == 0) {
            Some(format!("nothing was judged: {} looked at, no export of a known platform among them", count(*files, "file")))
        } else if self.rules.is_empty() {
            Some("nothing was judged: no rule ran".to_owned())
        } else {
            None
        }
    }

    /// Whether this may pass.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.blocking() > 0 {
            Verdict::Blocked
        } else if self.gap().is_some() {
            Verdict::Incomplete
        } else {
            Verdict::Pass
        }
    }
}

/// What the reader of a report asked for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Columns of the screen.
    pub width: usize,
    /// Only the numbers and the verdict.
    pub quiet: bool,
    /// Every finding whole, and every foreign file with the reason.
    pub verbose: bool,
    /// When the report is written; only formats that must say so do.
    pub time: Timestamp,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, width: 120, quiet: false, verbose: false, time: Timestamp::UNIX_EPOCH }
    }
}

/// A way to write a report.
pub struct Format {
    /// The word to ask for it with; also the end of the names of its expectation files in `tests/formats`.
    pub name: &'static str,
    /// Whom it is for, in a few words.
    pub description: &'static str,
    /// Writes the report. What its place cannot hold is left out, and told in one sentence.
    pub write: fn(&Report, &Options, &mut dyn io::Write) -> io::Result<Option<String>>,
}

impl Format {
    /// Whether it shows what [`Report::estate`] holds.
    #[must_use]
    pub fn shows_estate(&self) -> bool {
        self.name == html::FORMAT.name
    }
}

/// All formats; the first is the default.
pub const FORMATS: &[Format] = &[
    text::FORMAT,
    html::FORMAT,
    json::FORMAT,
    jsonl::FORMAT,
    sarif::FORMAT,
    github::FORMAT,
    markdown::SUMMARY,
    markdown::COMMENT,
    gitlab::QUALITY,
    gitlab::SAST,
    azure::FORMAT,
    junit::FORMAT,
    rdjson::FORMAT,
    csv::FORMAT,
    env::FORMAT,
];

/// The format of that name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// `1 file`, `2 files`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Whether `c` can drive a terminal, reorder what stands around it, or stand there unseen.
#[must_use]
pub fn is_hazard(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0D}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// `text` with every hazardous character written as `<U+202E>`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hazard) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hazard(c) {
            let _ = write!(shown, "<U+{:04X}>", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::tests::finding;

    fn rule() -> RuleInfo {
        RuleInfo {
            id: "r".into(),
            title: String::new(),
            severity: Severity::Low,
            confidence: Confidence::Low,
            why: String::new(),
            fix: String::new(),
            false_positives: String::new(),
            tags: [].into(),
        }
    }

    fn report(findings: Vec<Finding>) -> Report {
        let coverage = Coverage { files: 2, recognised: BTreeMap::from([("n8n", 1)]), ..Coverage::default() };
        Report { findings, coverage, apps: 1, rules: vec![rule()], ..Report::default() }
    }

    #[test]
    fn what_blocks_decides() {
        let report = report(vec![finding(Severity::Critical), finding(Severity::Medium)]);
        assert_eq!((report.verdict(), report.blocking()), (Verdict::Blocked, 1));
        assert_eq!(super::tests::report(vec![finding(Severity::Medium)]).verdict(), Verdict::Pass);
    }

    #[test]
    fn what_was_not_judged_does_not_pass() {
        let mut unreadable = report(Vec::new());
        unreadable.coverage.unreadable.push(Unreadable::default());
        assert_eq!(unreadable.verdict(), Verdict::Incomplete);
        unreadable.findings.push(finding(Severity::High));
        assert_eq!(unreadable.verdict(), Verdict::Blocked);

        let mut foreign = report(Vec::new());
        foreign.coverage.recognised.clear();
        assert_eq!(foreign.verdict(), Verdict::Incomplete);

        let no_rules = Report { rules: Vec::new(), ..report(Vec::new()) };
        assert_eq!(no_rules.verdict(), Verdict::Incomplete);
        assert_eq!(Report::default().verdict(), Verdict::Incomplete);
        assert_eq!(report(Vec::new()).verdict(), Verdict::Pass);
    }

    #[test]
    fn hazardous_characters_are_written_out() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}\u{200b}\u{9b}\r\n\t"), "a<U+001B>[31m<U+202E><U+200B><U+009B><U+000D><U+000A><U+0009>");
        assert_eq!(visible("é e\u{301} 漢字 🤖 ⚠\u{fe0f} ñ"), "é e\u{301} 漢字 🤖 ⚠\u{fe0f} ñ");
    }
}

//! What the report of one shard holds beside its findings: all that is needed to make the report of the whole run from those of all
//! shards, as one machine would have made it.
//!
//! The `findings` of such a report are settled among themselves, for those who read it alone. What is put together are the findings as
//! each export has them by itself: only the whole run knows which of them are copies of others.

use super::{Coverage, Foreign, Report, RuleInfo, Unreadable, json};
use crate::finding::{self, AppRef, Confidence, ElementRef, Label, Severity, State};
use crate::source::Position;
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Most shards of a run.
const MOST: u32 = 10_000;

/// Which shard of how many: `3/7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    index: u32,
    count: u32,
}

impl Share {
    /// The shard `index`, from 1, of `count`.
    ///
    /// # Errors
    /// When there is no such shard: why, and what to write instead.
    pub fn new(index: u32, count: u32) -> Result<Self, String> {
        if count == 0 || count > MOST {
            return Err(format!("a run has 1 to {MOST} shards, not {count}"));
        }
        if index == 0 || index > count {
            let zero = if index == 0 { "shards are counted from 1: " } else { "" };
            return Err(format!("{zero}of {count} shards there are 1/{count} to {count}/{count}, and no {index}/{count}"));
        }
        Ok(Self { index, count })
    }

    /// Which one, from 1.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let parts = text.split_once('/').and_then(|(index, count)| Some((number(index)?, number(count)?)));
        let (index, count) = parts.ok_or_else(|| format!("`{text}` is no shard: write I/N, as in 3/7 for the third of seven, or auto"))?;
        Self::new(index, count)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// How a run was asked for, as far as it decides what is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// Files and folders, as they were named.
    pub paths: Vec<String>,
    /// What was left out.
    pub exclude: Vec<String>,
    /// Folders of rules.
    pub rules: Vec<String>,
    /// The set of rules.
    pub profile: String,
    /// The only rules, where they were named.
    pub only: Vec<String>,
    /// The policy, where one was named.
    pub policy: Option<String>,
    /// From which severity on findings block, where that was said.
    pub fail_on: Option<Severity>,
    /// From which severity on findings are reported.
    pub min_severity: Severity,
    /// Whether all that is known of the apps was kept, for formats that show it.
    #[serde(default)]
    pub inventory: bool,
}

/// What a shard keeps for the whole run.
#[derive(Clone, Debug)]
pub struct Shard {
    /// Which one.
    pub share: Share,
    /// Number of files of this shard, archives unopened.
    pub files: usize,
    /// Number of files of the run.
    pub of_files: usize,
    /// Digest of the names and sizes of all files of the run.
    pub plan: String,
    /// How the run was asked for.
    pub asked: Asked,
    /// Digest of the policy, rules, waivers and manifests that control the run; none where nothing does.
    pub control: Option<String>,
    /// The rules that were asked.
    pub rules: Vec<RuleInfo>,
    /// What was looked at.
    pub coverage: Coverage,
    /// How many apps were judged.
    pub apps: usize,
    /// The findings of each export by itself.
    pub findings: Vec<finding::Finding>,
    /// What control files are held against, of each export, as the gate writes it.
    pub kept: Vec<serde_json::Value>,
}

// ------------------------------------------------------------------------------------------------------------------------- written

/// A shard of a run, for `flowgate merge`.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Written {
    /// Which shard, from 1.
    index: u32,
    /// How many shards the run has.
    count: u32,
    /// Number of files of this shard, archives unopened.
    files: usize,
    /// Number of files of the run.
    of_files: usize,
    /// Digest of the names and sizes of all files of the run.
    plan: String,
    /// How the run was asked for.
    asked: Asked,
    /// Digest of what controls the run.
    control: Option<String>,
    /// The rules that were asked.
    rules: Vec<RuleInfo>,
    /// What was looked at.
    coverage: WholeCoverage,
    /// How many apps were judged.
    apps: usize,
    /// The findings of each export by itself, with the lines around them. Not settled: read `findings` of the report instead.
    found: Vec<Found>,
    /// What control files are held against.
    kept: Vec<serde_json::Value>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct WholeCoverage {
    files: usize,
    recognised: BTreeMap<String, usize>,
    judged: BTreeSet<String>,
    foreign: Vec<Foreign>,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Found {
    rule: Arc<str>,
    severity: Severity,
    confidence: Confidence,
    message: String,
    /// None where it is that of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<Arc<str>>,
    platform: String,
    app: Option<AppRef>,
    element: Option<ElementRef>,
    at: Place,
    label: String,
    related: Vec<(String, Place)>,
    fingerprint: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Place {
    file: Arc<str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    inner: Vec<String>,
    pointer: String,
    start: (u32, u32, u64),
    end: (u32, u32, u64),
    lines: Vec<Line>,
}

/// Number, text, characters cut before, whether more is cut behind, and the bytes that are marked.
type Line = (u32, String, u32, bool, Option<(u32, u32)>);

/// More lines, columns, files or apps than there can be: a number above is none that Flowgate has written.
const TOO_MANY: u32 = 1 << 30;

impl Place {
    /// Whether there can be such a place: formats rely on what the engine never does otherwise.
    fn can_be(&self) -> bool {
        let counts = |number: u32| (1..TOO_MANY).contains(&number);
        let position = |(line, column, offset): (u32, u32, u64)| counts(line) && counts(column) && offset < TOO_MANY.into();
        let line = |(number, text, cut_before, _, mark): &Line| {
            let mark = mark.is_none_or(|(from, to)| text.get(from as usize..to as usize).is_some());
            counts(*number) && *cut_before < TOO_MANY && mark
        };
        let ascending = self.lines.windows(2).all(|pair| pair[0].0 < pair[1].0);
        position(self.start) && position(self.end) && self.start.2 <= self.end.2 && ascending && self.lines.iter().all(line)
    }

    fn of(location: &finding::Location) -> Self {
        let position = |at: Position| (at.line, at.column, at.offset);
        let line = |line: &finding::ExcerptLine| (line.number, line.text.clone(), line.cut_before, line.cut_after, line.mark);
        Self {
            file: Arc::clone(&location.file),
            inner: location.inner.clone(),
            pointer: location.pointer.clone(),
            start: position(location.start),
            end: position(location.end),
            lines: location.excerpt.iter().map(line).collect(),
        }
    }
}

impl Written {
    /// What is written of a shard, in the order of its findings.
    pub(super) fn of(shard: &Shard) -> Self {
        let rules: HashMap<&str, &RuleInfo> = shard.rules.iter().map(|rule| (&*rule.id, rule)).collect();
        let found = |finding: &finding::Finding| Found {
            rule: Arc::clone(&finding.rule),
            severity: finding.severity,
            confidence: finding.confidence,
            message: finding.message.clone(),
            help: rules.get(&*finding.rule).is_none_or(|rule| *rule.fix != *finding.help).then(|| Arc::clone(&finding.help)),
            platform: finding.platform.to_owned(),
            app: finding.app.clone(),
            element: finding.element.clone(),
            at: Place::of(&finding.location),
            label: finding.label.clone(),
            related: finding.related.iter().map(|label| (label.text.clone(), Place::of(&label.location))).collect(),
            fingerprint: finding.fingerprint.clone(),
        };
        let Coverage { files, recognised, digests: _, judged, foreign, unreadable } = &shard.coverage;
        Self {
            index: shard.share.index,
            count: shard.share.count,
            files: shard.files,
            of_files: shard.of_files,
            plan: shard.plan.clone(),
            asked: shard.asked.clone(),
            control: shard.control.clone(),
            rules: shard.rules.clone(),
            coverage: WholeCoverage {
                files: *files,
                recognised: recognised.iter().map(|(name, files)| ((*name).to_owned(), *files)).collect(),
                judged: judged.clone(),
                foreign: foreign.clone(),
                unreadable: unreadable.clone(),
            },
            apps: shard.apps,
            found: shard.findings.iter().map(found).collect(),
            kept: shard.kept.clone(),
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------------- read

/// Why a report is none of a shard that can be put together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unusable {
    /// Why, in a lower-case sentence.
    pub reason: String,
    /// What to do.
    pub help: String,
}

impl Unusable {
    fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into() }
    }
}

#[derive(Deserialize)]
struct Head {
    version: u32,
    tool: Tool,
    shard: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct Body {
    shard: Written,
}

/// How to write a report that can be put together with others.
const HOW: &str = "give the files that `flowgate check --shard I/N --output json=FILE` has written";

/// Reads the report of a shard; `platforms` are the names of all platforms.
///
/// # Errors
/// When the text is no such report, or one of another version.
pub fn read(text: &[u8], platforms: &[&'static str]) -> Result<Shard, Unusable> {
    let head: Head = serde_json::from_slice(text).map_err(|error| {
        let reason = if error.is_eof() { "it ends too early".to_owned() } else { error.to_string() };
        Unusable::new(format!("no JSON report of Flowgate: {reason}"), HOW)
    })?;
    if head.tool.name != env!("CARGO_PKG_NAME") {
        return Err(Unusable::new(format!("no report of Flowgate: `{}` has written it", head.tool.name), HOW));
    }
    if head.version != json::VERSION || head.tool.version != env!("CARGO_PKG_VERSION") {
        let (theirs, own) = (&head.tool.version, env!("CARGO_PKG_VERSION"));
        let help = "judge all shards, and merge them, with one version";
        return Err(Unusable::new(format!("Flowgate {theirs} has written it, and this is {own}"), help));
    }
    if head.shard.is_none() {
        return Err(Unusable::new("the report of a whole run, not of a shard", HOW));
    }
    let body: Body =
        serde_json::from_slice(text).map_err(|error| Unusable::new(format!("what it says of its shard cannot be read: {error}"), HOW))?;
    shard(body.shard, platforms).map_err(|reason| Unusable::new(format!("what it says of its shard is wrong: {reason}"), HOW))
}

fn shard(written: Written, platforms: &[&'static str]) -> Result<Shard, String> {
    let share = Share::new(written.index, written.count)?;
    let known =
        |name: &str| platforms.iter().copied().find(|known| *known == name).ok_or_else(|| format!("no platform is called `{name}`"));
    let WholeCoverage { files, recognised, judged, foreign, unreadable } = written.coverage;
    let counts = [files, written.files, written.of_files, written.apps];
    if counts.into_iter().chain(recognised.values().copied()).any(|number| number >= TOO_MANY as usize) {
        return Err("it counts more than there can be".to_owned());
    }
    let recognised = recognised.iter().map(|(name, files)| Ok((known(name)?, *files))).collect::<Result<_, String>>()?;
    let coverage = Coverage { files, recognised, judged, foreign, unreadable, ..Coverage::default() };
    let mut reading = Reading { rules: &written.rules, names: HashMap::new(), by_id: HashMap::new() };
    reading.by_id = written.rules.iter().map(|rule| (&*rule.id, (rule, Arc::from(rule.fix.as_str())))).collect();
    let findings = written.found.into_iter().map(|found| {
        let platform = if found.platform.is_empty() { "" } else { known(&found.platform)? };
        reading.finding(found, platform)
    });
    let findings = findings.collect::<Result<_, String>>()?;
    Ok(Shard {
        share,
        files: written.files,
        of_files: written.of_files,
        plan: written.plan,
        asked: written.asked,
        control: written.control,
        coverage,
        apps: written.apps,
        findings,
        kept: written.kept,
        rules: written.rules,
    })
}

/// What many findings share, read once.
struct Reading<'r> {
    rules: &'r [RuleInfo],
    by_id: HashMap<&'r str, (&'r RuleInfo, Arc<str>)>,
    names: HashMap<Arc<str>, Arc<str>>,
}

impl Reading<'_> {
    fn finding(&mut self, found: Found, platform: &'static str) -> Result<finding::Finding, String> {
        let Found { rule, severity, confidence, message, help, app, element, at, label, related, fingerprint, .. } = found;
        let Some((info, fix)) = self.by_id.get(&*rule) else {
            return Err(format!("`{rule}` is none of the {} rules that were asked", self.rules.len()));
        };
        let (id, tags) = (Arc::clone(&info.id), Arc::clone(&info.tags));
        let help = help.unwrap_or_else(|| Arc::clone(fix));
        let related = related.into_iter().map(|(text, place)| Ok(Label { text, location: self.location(place)? }));
        let related = related.collect::<Result<_, String>>()?;
        Ok(finding::Finding {
            rule: id,
            severity,
            confidence,
            message,
            help: self.shared(help),
            platform,
            app,
            element,
            location: self.location(at)?,
            label,
            related,
            fingerprint,
            copy_of: None,
            state: State::New,
            blocks: false,
            waived: None,
            notes: Vec::new(),
            tags,
        })
    }

    fn location(&mut self, place: Place) -> Result<finding::Location, String> {
        if !place.can_be() {
            return Err(format!("in `{}` there can be no such place", place.file));
        }
        let position = |(line, column, offset): (u32, u32, u64)| Position { line, column, offset };
        let line = |(number, text, cut_before, cut_after, mark): Line| finding::ExcerptLine { number, text, cut_before, cut_after, mark };
        Ok(finding::Location {
            file: self.shared(place.file),
            inner: place.inner,
            pointer: place.pointer,
            start: position(place.start),
            end: position(place.end),
            excerpt: place.lines.into_iter().map(line).collect(),
        })
    }

    fn shared(&mut self, text: Arc<str>) -> Arc<str> {
        Arc::clone(self.names.entry(text).or_insert_with_key(Arc::clone))
    }
}

// --------------------------------------------------------------------------------------------------------------------------- merge

/// Puts the shards of one run in their order.
///
/// # Errors
/// When they are not all shards of one run, each of them once. Names are what the user calls the reports.
pub fn complete(mut shards: Vec<(String, Shard)>) -> Result<Vec<Shard>, Unusable> {
    let Some((first_name, first)) = shards.first() else { return Err(Unusable::new("there is no report", HOW)) };
    for (name, shard) in &shards[1..] {
        let differs = |what: &str, help: &str| {
            Err(Unusable::new(format!("{first_name} and {name} are no shards of one run: they differ in {what}"), help))
        };
        if shard.share.count != first.share.count {
            let (one, other) = (first.share, shard.share);
            return differs(&format!("the number of shards, {one} and {other}"), "leave reports of other runs out");
        }
        if shard.asked != first.asked {
            return differs(
                &format!("how they were asked for: {}", difference(&first.asked, &shard.asked)),
                "give all shards the same flags and the same paths, from the root of the repository",
            );
        }
        if shard.rules != first.rules {
            return differs("the rules that were asked", "judge all shards with the same folders of rules");
        }
        if shard.control != first.control {
            return differs("the policy, rules, waivers or manifests", "judge all shards of one commit");
        }
        if shard.plan != first.plan {
            return differs(
                "the files that there are, or their sizes",
                "judge all shards of one commit, in checkouts that nothing has changed",
            );
        }
    }
    let count = first.share.count;
    shards.sort_by_key(|(_, shard)| shard.share.index);
    if let Some(pair) = shards.windows(2).find(|pair| pair[0].1.share == pair[1].1.share) {
        let reason = format!("shard {} is there twice: {} and {}", pair[0].1.share, pair[0].0, pair[1].0);
        return Err(Unusable::new(reason, "give the report of each shard once"));
    }
    let there: BTreeSet<u32> = shards.iter().map(|(_, shard)| shard.share.index).collect();
    let missing: Vec<String> = (1..=count).filter(|index| !there.contains(index)).map(|index| format!("{index}/{count}")).collect();
    if !missing.is_empty() {
        let several = if missing.len() == 1 { "shard is" } else { "shards are" };
        let mut named = missing.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
        if missing.len() > 20 {
            named += " ...";
        }
        let help = "wait for all shards, and look into the log of those that wrote no report";
        return Err(Unusable::new(format!("{} {several} missing: {named}", missing.len()), help));
    }
    let files: usize = shards.iter().map(|(_, shard)| shard.files).sum();
    let of_files = shards[0].1.of_files;
    if files != of_files {
        let reason = format!("the shards have judged {files} files together, and the run has {of_files}");
        return Err(Unusable::new(reason, "judge all shards again, with one program"));
    }
    Ok(shards.into_iter().map(|(_, shard)| shard).collect())
}

/// In what two runs differ that were asked for in different ways.
fn difference(one: &Asked, other: &Asked) -> String {
    let value = |asked: &Asked| serde_json::to_value(asked).ok();
    let (Some(serde_json::Value::Object(one)), Some(serde_json::Value::Object(other))) = (value(one), value(other)) else {
        return "something".to_owned();
    };
    let differ = one.iter().filter_map(|(name, value)| {
        let theirs = other.get(name)?;
        (value != theirs).then(|| format!("{} {value} and {theirs}", name.replace('_', " ")))
    });
    differ.collect::<Vec<_>>().join("; ")
}

impl Report {
    /// What to tell the reader of the report of one shard.
    #[must_use]
    pub fn part(&self) -> Option<String> {
        let shard = self.shard.as_ref()?;
        let Share { index, count } = shard.share;
        Some(format!("shard {index} of {count}, with {} of {} files", shard.files, shard.of_files))
    }
}

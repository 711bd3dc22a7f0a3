//! The story of a run: discover, group, read, recognise, validate, lower, link, check, settle.
//!
//! Exports are judged in parallel, each from reading to findings in one go, so that nothing of a file is kept but what is wrong with
//! it. A problem in the input is a finding or an unreadable file; only wrong use is an error.

mod example;
mod given;
mod load;
mod make;
mod mask;
mod record;
mod settle;
mod shard;
mod survey;

use crate::base::{self, Commit};
use crate::discover;
use crate::finding::{Finding, Locator, Severity};
use crate::govern::risk::{Exposure, Telling};
use crate::govern::{self, Subject};
use crate::model::inventory::Record;
use crate::model::{Model, Place, yaml};
use crate::platform::{Document, Export, File, PLATFORMS, Platform, governance};
use crate::policy::manifest::{Manifest, Manifests};
use crate::policy::{self, Policy};
use crate::report::{Coverage, Foreign, Gate, Report, RuleInfo, Unreadable};
use crate::rule::{self, Selected};
use crate::schema::Schema;
use crate::source::Source;
pub use example::example;
use globset::GlobSet;
use jiff::Timestamp;
use load::{Beside, Parsed, Skipped, Unit};
use make::Making;
use mask::Mask;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
pub use settle::{info, settle};
pub use shard::Plan;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;
pub use survey::{Surveyed, survey};

/// Something to judge.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    /// Bytes that are already in memory, such as standard input.
    Bytes {
        /// What reports call them.
        name: String,
        /// The content.
        bytes: Vec<u8>,
    },
    /// What a commit has at a path and below, called as [`Input::Path`] calls it. It may have nothing there.
    Committed {
        /// The commit.
        commit: Commit,
        /// The path on this machine.
        path: PathBuf,
    },
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Number of files that were judged.
    pub done: usize,
    /// Number of files.
    pub total: usize,
}

/// How to judge.
#[derive(Clone, Copy)]
pub struct Options<'r> {
    /// The rules to ask.
    pub rules: &'r Selected,
    /// What the organisation says; without it, rules that need a policy are silent.
    pub policy: Option<&'r Policy>,
    /// What the owners of apps declare.
    pub governed: Option<Governed<'r>>,
    /// The time at which exports are judged: what is allowed may have ended.
    pub now: Timestamp,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// Names of files and folders that are left out.
    pub exclude: Option<&'r GlobSet>,
    /// What makes a finding block.
    pub gate: Gate,
    /// What is kept of each export, beside its findings.
    pub keep: Keep,
    /// Whether a file of that name is the same as before, so that nobody asks what its export can do: of exports of such files alone,
    /// records hold no more than their names.
    pub same: Option<&'r (dyn Fn(&str) -> bool + Sync)>,
    /// Told after each export, from any thread.
    pub progress: Option<&'r (dyn Fn(Progress) + Sync)>,
}

impl<'r> Options<'r> {
    /// Asks `rules` of everything, without a policy, and so at no time in particular.
    #[must_use]
    pub fn new(rules: &'r Selected) -> Self {
        Self {
            rules,
            policy: None,
            governed: None,
            now: Timestamp::UNIX_EPOCH,
            min_severity: Severity::Info,
            exclude: None,
            gate: Gate::default(),
            keep: Keep::default(),
            same: None,
            progress: None,
        }
    }
}

/// What is kept of each export, beside its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// What it is and can do, and how much is at stake.
    pub records: bool,
    /// The digests of its files.
    pub digests: bool,
}

/// What a run knows of an export when its files are gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What it is and can do.
    pub record: Record,
    /// How much is at stake.
    pub exposure: Exposure,
}

/// What the owners of apps declare.
#[derive(Clone, Copy)]
pub struct Governed<'r> {
    /// The manifests of the repository.
    pub manifests: &'r Manifests,
    /// From what reports call an export to its path from the root of the repository.
    pub path: &'r (dyn Fn(&str) -> String + Sync),
}

impl<'r> Governed<'r> {
    /// The manifest that speaks for an export.
    #[must_use]
    pub fn manifest(&self, export: &str) -> Option<&'r Manifest> {
        self.manifests.for_path(&(self.path)(export))
    }
}

/// Why a run cannot start. Always the fault of the call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path does not exist.
    #[error(transparent)]
    Missing(#[from] discover::Missing),
    /// A commit cannot be read.
    #[error(transparent)]
    Base(#[from] base::Error),
}

/// Judges `inputs`.
///
/// # Errors
/// When a path does not exist, or a commit cannot be read.
pub fn lint(inputs: &[Input], options: &Options<'_>) -> Result<Report, Error> {
    Ok(run(find(inputs, options.exclude)?, options).0)
}

/// The files of a run, found and grouped, not read yet.
pub struct Discovered {
    units: Vec<Unit>,
    coverage: Coverage,
}

impl Discovered {
    /// What reports call the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.units.iter().flat_map(Unit::names)
    }

    /// What has to be judged of this, the base of `head`, where exports with the same files, all of them `unchanged`, have the same
    /// findings; and the names of the files of those, for [`compare`](base::compare::compare).
    #[must_use]
    pub fn without(self, head: &Self, unchanged: &dyn Fn(&str) -> bool) -> (Self, BTreeSet<String>) {
        let same: HashSet<Vec<&str>> = head.units.iter().map(|unit| unit.names().collect()).collect();
        let (same, units) = self.units.into_iter().partition(|unit: &Unit| {
            let names: Vec<&str> = unit.names().collect();
            names.iter().all(|name| unchanged(name)) && same.contains(&names)
        });
        let same: Vec<Unit> = same;
        let names = same.iter().flat_map(Unit::names).map(str::to_owned).collect();
        (Self { units, coverage: self.coverage }, names)
    }
}

/// Finds the files of `inputs`.
///
/// # Errors
/// When a path does not exist, or a commit cannot be read.
pub fn find(inputs: &[Input], exclude: Option<&GlobSet>) -> Result<Discovered, Error> {
    let (units, coverage) = discovered(inputs, exclude)?;
    Ok(Discovered { units, coverage })
}

/// Judges what was found, and keeps what the options say, in the order of the names of exports. Control files are left to
/// [`control`].
#[must_use]
pub fn run(found: Discovered, options: &Options<'_>) -> (Report, Vec<Kept>) {
    let start = Instant::now();
    let mut judged = judge(found, options);
    let kept = std::mem::take(&mut judged.kept);
    let report = Report { elapsed: start.elapsed(), ..settle(judged, infos(options.rules), options.gate, options.policy) };
    (report, kept)
}

/// The rules that are asked, in words for people.
#[must_use]
pub fn infos(rules: &Selected) -> Vec<RuleInfo> {
    rules.rules().iter().map(|rule| info(rule)).collect()
}

/// Judges what was found, and leaves to [`settle`] what only all exports together say. What is kept is in the order of the names of
/// exports.
#[must_use]
pub fn judge(found: Discovered, options: &Options<'_>) -> Judged {
    let Discovered { mut units, coverage } = found;
    let total = units.iter().map(Unit::len).sum();
    let done = AtomicUsize::new(0);
    let judge = |mut unit: Unit| {
        unit.digests = options.keep.digests;
        let is_same = options.same.is_some_and(|same| unit.names().all(same));
        unit.beside = options.keep.records && !is_same;
        let files = unit.len();
        let judged = judge_unit(&mut unit, options, is_same);
        if let Some(progress) = options.progress {
            progress(Progress { done: done.fetch_add(files, Ordering::Relaxed) + files, total });
        }
        judged
    };
    // The large ones first, each a task of its own: no thread has a row of them left when the others are done.
    units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    // Joined as they come, so that nothing is kept of a file of which there is nothing to say.
    let of_units = units.into_par_iter().with_max_len(1).map(judge).reduce(Judged::default, Judged::and);
    of_units.and(Judged { coverage, ..Judged::default() }).sorted()
}

/// Judges control files, all together, by what the whole run knows: `files` are their names and contents. What is in
/// [`Known::locations`](govern::Known::locations) is no place in them.
#[must_use]
pub fn control(files: Vec<(String, Vec<u8>)>, known: &govern::Known<'_>, options: &Options<'_>) -> Report {
    let mut unit = Unit::of(files);
    let (mut findings, mut met) = (Vec::new(), false);
    let judge = |export: &Export<'_>, files: &[Parsed<'_>], own: &[u32]| {
        let mut model = model(&governance::Governance, export, options.said());
        let path = |file: u32| files.get(file as usize).map_or("", |parsed| parsed.source.path());
        govern::apply(&mut model, &govern::Known { path: &path, ..*known });
        let mask = Mask::of(&model, files, own);
        let mut making = Making::new(files, own, &model, &mask, options).elsewhere(known.locations);
        making.malformed(&export.documents);
        making.irregular();
        for hit in rule::check(options.rules, &model, &|text| mask.apply(text)) {
            making.hit(hit);
        }
        making.findings
    };
    let mut coverage = with_exports(&mut unit, &mut |files, exports| {
        for (export, own, platform) in exports {
            if platform.name() == governance::NAME {
                findings.extend(judge(&export, files, &own));
                met = true;
            }
        }
        Coverage::default()
    });
    if !met {
        findings.extend(judge(&Export::default(), &[], &[]));
    }
    // What is no control file is none of this: nothing was asked of it.
    coverage.foreign.clear();
    settle(Judged { coverage, findings, ..Judged::default() }.sorted(), infos(options.rules), options.gate, options.policy)
}

/// What a run keeps of the exports that it has read, for comparisons and lists.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The exports, by file and platform.
    pub records: Vec<Record>,
    /// What was looked at, and what could not be read.
    pub coverage: Coverage,
}

/// The records of the exports in `inputs`, without control files; no rule is asked.
///
/// # Errors
/// When a path does not exist.
pub fn records(inputs: &[Input], options: &Options<'_>) -> Result<Recorded, Error> {
    let (mut units, coverage) = discovered(inputs, options.exclude)?;
    units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    let of_unit = |mut unit: Unit| {
        unit.beside = true;
        let mut records = Vec::new();
        let coverage = with_exports(&mut unit, &mut |files, exports| {
            let mut coverage = Coverage::default();
            // Control files are no content of an app: the manifest holds the very sign-offs.
            for (export, own, platform) in exports.into_iter().filter(|(_, _, platform)| platform.name() != governance::NAME) {
                // A panic in one export must not hide the others.
                match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| record_export(platform, &export, files, &own, options))) {
                    Ok(record) => {
                        records.push(record);
                        *coverage.recognised.entry(platform.name()).or_default() += own.len();
                    }
                    Err(_) => coverage.unreadable.extend(own.iter().map(|file| failed(files[*file as usize].source))),
                }
            }
            coverage
        });
        (records, coverage)
    };
    let found: Vec<(Vec<Record>, Coverage)> = units.into_par_iter().with_max_len(1).map(of_unit).collect();
    let mut recorded = Recorded { records: Vec::new(), coverage };
    for (records, coverage) in found {
        recorded.records.extend(records);
        recorded.coverage.merge(coverage);
    }
    recorded.records.sort_by(|one, other| (&one.file, &one.platform).cmp(&(&other.file, &other.platform)));
    recorded.coverage.unreadable.sort_by(|one, other| (&one.file, &one.inner).cmp(&(&other.file, &other.inner)));
    Ok(recorded)
}

fn record_export(platform: &dyn Platform, export: &Export<'_>, files: &[Parsed<'_>], own: &[u32], options: &Options<'_>) -> Record {
    let model = model(platform, export, options.said());
    let mask = Mask::of(&model, files, own);
    record::record(platform, &model, export, (files, own), &mask)
}

/// The model of an export, for `flowgate show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The file, folder or archive.
    pub file: String,
    /// What rules see of it, as YAML; none for a foreign file.
    pub yaml: Option<String>,
    /// Why there is no model.
    pub reason: String,
}

/// The models of `inputs`, with the names of the exports, and of the files that are none.
///
/// # Errors
/// When a path does not exist, or a commit cannot be read.
pub fn show(inputs: &[Input], options: &Options<'_>) -> Result<Vec<Shown>, Error> {
    let (units, _) = discovered(inputs, options.exclude)?;
    let mut shown: Vec<Shown> = units.into_par_iter().flat_map_iter(|mut unit| show_unit(&mut unit, options)).collect();
    shown.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(shown)
}

fn show_unit(unit: &mut Unit, options: &Options<'_>) -> Vec<Shown> {
    let mut shown = Vec::new();
    let coverage = with_exports(unit, &mut |files, exports| {
        for (export, own, platform) in exports {
            let model = model(platform, &export, options.said());
            let mask = Mask::of(&model, files, &own);
            let pointer = |place: Place| mask.apply(&files[place.file as usize].tree.node(place.node).pointer()).into_owned();
            let path = |file: u32| if own.len() > 1 { mask.apply(files[file as usize].file().path).into_owned() } else { String::new() };
            let names = yaml::Names { pointer: &pointer, path: &path, mask: &|text| mask.apply(text) };
            let yaml = yaml::yaml(&model, &names);
            shown.push(Shown { file: export.name.to_owned(), yaml: Some(yaml), reason: String::new() });
        }
        Coverage::default()
    });
    let path = |file: String, inner: Vec<String>| std::iter::once(file).chain(inner).collect::<Vec<_>>().join("!");
    let foreign = coverage.foreign.into_iter().map(|Foreign { file, inner, reason }| (path(file, inner), reason));
    let unreadable = coverage.unreadable.into_iter().map(|Unreadable { file, inner, reason, .. }| (path(file, inner), reason));
    shown.extend(foreign.chain(unreadable).map(|(file, reason)| Shown { file, yaml: None, reason }));
    shown
}

/// Hands the model of each export of `inputs` to `ask`, with the name of the export, in the order of the names of their files.
///
/// # Errors
/// When a path does not exist.
pub fn each(inputs: &[Input], options: &Options<'_>, ask: &mut dyn FnMut(&Model<'_>, &str)) -> Result<(), Error> {
    let (units, _) = discovered(inputs, options.exclude)?;
    for mut unit in units {
        with_exports(&mut unit, &mut |_, exports| {
            for (export, _, platform) in exports {
                ask(&model(platform, &export, options.said()), export.name);
            }
            Coverage::default()
        });
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------------------- discover

fn discovered(inputs: &[Input], exclude: Option<&GlobSet>) -> Result<(Vec<Unit>, Coverage), Error> {
    let path = |input: &Input| if let Input::Path(path) = input { Some(path.clone()) } else { None };
    let paths: Vec<PathBuf> = inputs.iter().filter_map(path).collect();
    let found = discover::discover(&paths, exclude)?;
    let foreign = found.foreign.into_iter().map(|(file, reason)| Foreign { file, inner: Vec::new(), reason }).collect::<Vec<_>>();
    let unreadable = found.unreadable.into_iter().map(|(file, reason, help)| Unreadable { file, reason, help, ..Unreadable::default() });
    let unreadable: Vec<Unreadable> = unreadable.collect();
    let mut coverage = Coverage { files: foreign.len() + unreadable.len(), foreign, unreadable, ..Coverage::default() };
    let committed = load::committed(inputs, exclude, &mut coverage)?;
    Ok((load::units(inputs, found.files, committed), coverage))
}

// ------------------------------------------------------------------------------------------------------------------------- judge

/// What became of files, each export judged for itself.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// What was looked at.
    pub coverage: Coverage,
    /// How many apps were judged.
    pub apps: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What is kept of each export.
    pub kept: Vec<Kept>,
}

impl Judged {
    /// The same of these files and others.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let Self { coverage, apps, findings, kept } = other;
        self.coverage.merge(coverage);
        self.apps += apps;
        self.findings.extend(findings);
        self.kept.extend(kept);
        self
    }

    /// The same in an order that depends neither on threads nor on which files were judged together.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.coverage.foreign.sort();
        self.coverage.unreadable.sort();
        self.findings.sort_by(Finding::order);
        self.kept.sort_by(|one, other| (&one.record.file, &one.record.platform).cmp(&(&other.record.file, &other.record.platform)));
        self
    }
}

fn judge_unit(unit: &mut Unit, options: &Options<'_>, is_same: bool) -> Judged {
    let (mut apps, mut findings, mut kept) = (0, Vec::new(), Vec::new());
    let coverage = with_exports(unit, &mut |files, exports| {
        let mut coverage = Coverage::default();
        for (export, own, platform) in exports {
            if platform.name() == governance::NAME {
                continue;
            }
            // A panic in one export must not hide what is wrong with the others.
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                judge_export(platform, &export, (files, &own), options, is_same)
            })) {
                Ok((count, found, record)) => {
                    apps += count;
                    findings.extend(found);
                    kept.extend(record);
                    *coverage.recognised.entry(platform.name()).or_default() += own.len();
                    if options.keep.records {
                        coverage.judged.extend(own.iter().map(|file| files[*file as usize].source.path().to_owned()));
                    }
                }
                Err(_) => coverage.unreadable.extend(own.iter().map(|file| failed(files[*file as usize].source))),
            }
        }
        coverage
    });
    Judged { coverage, apps, findings, kept }
}

fn judge_export(
    platform: &dyn Platform,
    export: &Export<'_>,
    (files, own): (&[Parsed<'_>], &[u32]),
    options: &Options<'_>,
    is_same: bool,
) -> (usize, Vec<Finding>, Option<Kept>) {
    let model = model(platform, export, options.said());
    let mask = Mask::of(&model, files, own);
    let mut making = Making::new(files, own, &model, &mask, options);
    making.malformed(&export.documents);
    making.irregular();
    for hit in rule::check(options.rules, &model, &|text| mask.apply(text)) {
        making.hit(hit);
    }
    let findings = making.findings;
    let kept = options.keep.records.then(|| keep((platform, export, &model), (files, own), &mask, options.policy, is_same));
    (model.apps.len(), findings, kept)
}

fn keep(
    (platform, export, model): (&dyn Platform, &Export<'_>, &Model<'_>),
    (files, own): (&[Parsed<'_>], &[u32]),
    mask: &Mask<'_>,
    policy: Option<&Policy>,
    is_same: bool,
) -> Kept {
    let locate = |place: Place| {
        let parsed = &files[place.file as usize];
        let pointer = mask.apply(&parsed.tree.node(place.node).pointer()).into_owned();
        Locator::new(parsed.source).masking(mask.spans(place.file)).locate(place.span, pointer)
    };
    let telling = Telling { locate: &locate, mask: &|text| mask.apply(text) };
    let exposure = Exposure::of(model, policy, telling);
    let record = if is_same {
        let file = mask.apply(export.name).into_owned();
        Record { platform: model.platform.into(), file, digest: String::new(), apps: Vec::new() }
    } else {
        record::record(platform, model, export, (files, own), mask)
    };
    Kept { record, exposure }
}

fn failed(source: &Source) -> Unreadable {
    Unreadable {
        file: source.path().into(),
        inner: source.inner().to_vec(),
        reason: "Flowgate failed on this file, which is a bug of Flowgate".into(),
        help: "report it with the file, or with its smallest part that still fails".into(),
        ..Unreadable::default()
    }
}

/// An export with the numbers of its files.
type Found<'t> = (Export<'t>, Vec<u32>, &'static dyn Platform);

/// What is done with the exports among the files of a unit.
type Judge<'j> = dyn for<'t> FnMut(&'t [Parsed<'t>], Vec<Found<'t>>) -> Coverage + 'j;

/// Reads and parses the files of a unit, with what is inside of their texts, and hands the exports among them to `judge`; what became
/// of the others is added to what `judge` says.
fn with_exports(unit: &mut Unit, judge: &mut Judge<'_>) -> Coverage {
    let read = load::read(unit);
    let mut coverage = read.coverage;
    coverage.files += read.texts.len();
    let seen = Seen { coverage: &mut coverage, foreign: Vec::new(), beside: read.beside, first: 0 };
    grow(Vec::new(), &read.texts, crate::archive::MAX_NESTED, seen, judge);
    coverage
}

/// What became of the files of a unit so far.
struct Seen<'s> {
    coverage: &'s mut Coverage,
    /// Those that no platform knows, with the exports that they lie in.
    foreign: Vec<(Foreign, Arc<str>)>,
    /// What no platform reads, where that is kept.
    beside: Option<Vec<Beside>>,
    /// How many files there were before those inside of their texts.
    first: usize,
}

/// Parses `texts` behind `files`, then what they have inside, then judges all.
fn grow<'a>(mut files: Vec<Parsed<'a>>, texts: &'a [load::Text], depth: usize, seen: Seen<'_>, judge: &mut Judge<'_>) {
    let before = files.len();
    let Seen { coverage, mut foreign, mut beside, mut first } = seen;
    let is_first = depth == crate::archive::MAX_NESTED;
    let parse = |text: &'a load::Text| {
        let parsed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| load::parse(text)));
        parsed.unwrap_or_else(|_| Err(Skipped::Unreadable(failed(&text.source))))
    };
    let parsed: Vec<_> = if let [one] = texts { vec![parse(one)] } else { texts.par_iter().with_max_len(1).map(parse).collect() };
    for (text, parsed) in texts.iter().zip(parsed) {
        match parsed {
            Ok(parsed) => files.push(parsed.numbered(files.len() as u32)),
            Err(Skipped::Foreign(file, export)) => {
                if let Some(beside) = beside.as_mut().filter(|_| is_first) {
                    beside.push(text.beside());
                }
                foreign.push((file, export));
            }
            Err(Skipped::Unreadable(unreadable)) => coverage.unreadable.push(unreadable),
        }
    }
    if is_first {
        first = files.len();
    }
    let inside = if depth == 0 { load::Read::default() } else { load::embedded(&files[before..]) };
    coverage.merge(inside.coverage);
    if !inside.texts.is_empty() {
        coverage.files += inside.texts.len();
        return grow(files, &inside.texts, depth - 1, Seen { coverage, foreign, beside, first }, judge);
    }
    let mut exports = exports(&files, &mut foreign);
    if let Some(mut beside) = beside {
        let own: HashSet<u32> = exports.iter().flat_map(|(_, own, _)| own).copied().collect();
        let unknown = files[..first].iter().zip(0u32..).filter(|(_, number)| !own.contains(number));
        beside.extend(unknown.map(|(parsed, _)| parsed.beside()));
        for (export, ..) in &mut exports {
            export.beside = beside.iter().filter(|one| *one.export == *export.name).filter_map(|one| one.digest).collect();
        }
    }
    let judged: HashSet<&str> = exports.iter().map(|(export, ..)| export.name).collect();
    coverage.foreign.extend(foreign.into_iter().map(|(file, export)| {
        let part = file.reason == load::NO_EXPORT && judged.contains(&*export);
        if part { Foreign { reason: load::NOTHING_TO_JUDGE.into(), ..file } } else { file }
    }));
    coverage.merge(judge(&files, exports));
}

/// The exports among the files of a unit. What no platform knows goes to `foreign`.
fn exports<'t>(files: &'t [Parsed<'t>], foreign: &mut Vec<(Foreign, Arc<str>)>) -> Vec<Found<'t>> {
    let mut exports: Vec<Found<'t>> = Vec::new();
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    for (number, parsed) in (0u32..).zip(files) {
        let file = parsed.file();
        let Some((platform, documents)) = recognise(&file) else {
            foreign.push((load::foreign(parsed.source, load::NO_EXPORT.into()), Arc::clone(parsed.export)));
            continue;
        };
        let at = *known.entry((platform.name(), parsed.export)).or_insert_with(|| {
            exports.push((Export { name: parsed.export, ..Export::default() }, Vec::new(), platform));
            exports.len() - 1
        });
        let (export, own, _) = &mut exports[at];
        export.files.push(file);
        export.documents.extend(documents);
        own.push(number);
    }
    exports
}

fn recognise<'t>(file: &File<'t>) -> Option<(&'static dyn Platform, Vec<Document<'t>>)> {
    PLATFORMS.iter().filter(|platform| platform.syntaxes().contains(&file.tree.syntax())).find_map(|platform| {
        let documents = platform.recognise(file);
        (!documents.is_empty()).then_some((*platform, documents))
    })
}

/// What the organisation and the owners of apps say of exports.
#[derive(Clone, Copy)]
struct Said<'r> {
    policy: Option<&'r Policy>,
    governed: Option<Governed<'r>>,
    now: Timestamp,
}

impl<'r> Options<'r> {
    fn said(&self) -> Said<'r> {
        Said { policy: self.policy, governed: self.governed, now: self.now }
    }
}

/// The linked model of an export, with what the policy says of it, and what follows from its manifest.
fn model<'t>(platform: &dyn Platform, export: &Export<'t>, said: Said<'_>) -> Model<'t> {
    let mut model = platform.lower(export);
    model.link();
    // What control files say is held against the whole run.
    if platform.name() == governance::NAME {
        return model;
    }
    let manifest = said.governed.and_then(|governed| governed.manifest(export.name));
    if let Some(policy) = said.policy {
        let documents: Vec<_> = export.documents.iter().map(|document| document.node).collect();
        let subject = policy::Subject { now: said.now, documents: &documents, ..manifest.map(policy::Subject::of).unwrap_or_default() };
        policy.apply(&mut model, &subject);
    }
    if let Some(Governed { manifests, .. }) = said.governed {
        govern::of_export(&mut model, &Subject { policy: said.policy, manifests, manifest, now: said.now });
    }
    model
}

/// The schemas of all platforms, each compiled when its first document is met.
static SCHEMAS: LazyLock<HashMap<&'static str, Schema>> = LazyLock::new(|| {
    let texts = PLATFORMS.iter().flat_map(|platform| platform.schemas());
    texts.map(|schema| (schema.name, Schema::new(schema.name, schema.text))).collect()
});

fn violations<'t>(documents: &[Document<'t>]) -> Vec<crate::schema::Violation<'t>> {
    let of = |document: &Document<'t>| SCHEMAS.get(document.schema.name).map(|schema| schema.violations(document.node));
    documents.iter().filter_map(of).flatten().collect()
}

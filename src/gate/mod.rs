//! The story of a governed run: what controls it, the exports of this version and of the base, what control files say, the verdict.
//!
//! Without control files a run is [`lint::run`] and nothing else. With them, exports are judged first. What only the whole run knows
//! (how much is at stake, what has changed, who has agreed) is then held against the control files, by the same rules. At last
//! waivers and the gates of the policy say which findings block. What decides comes from the base where there is one: a change can be
//! stricter than the base, never laxer.

mod changes;
mod control;
mod estate;
mod evidence;
mod inventory;
mod settle;
mod shard;

pub use control::{Control, ControlFile, POLICY};
pub use evidence::{Asked, evidence};
pub use inventory::inventory;
pub use shard::{merge, merge_under, share};

use crate::base;
use crate::finding::{Finding, Location, Severity};
use crate::govern::approval::Review;
use crate::govern::risk::{Exposure, Risk};
use crate::govern::{self, Known, Run};
use crate::lint::{self, Governed, Input, Keep, Kept, Progress};
use crate::policy::manifest::{Manifest, Manifests};
use crate::policy::wrong::WrongFiles;
use crate::policy::{Policy, PolicyError};
use crate::report::estate::Estate;
use crate::report::{Gate, Report};
use crate::rule::{RuleErrors, RuleSet, Selected};
use crate::source::{Source, SourceError};
use changes::{Before, Theirs};
use globset::GlobSet;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How a run is asked for.
#[derive(Clone, Copy)]
pub struct Options<'r> {
    /// The rules to ask.
    pub rules: &'r Selected,
    /// The rules of the program and of the folders that the command line names, before those of the repository.
    pub given: &'r RuleSet,
    /// The environment that the apps are promoted to.
    pub environment: Option<&'r str>,
    /// Who promotes them.
    pub actor: Option<&'r str>,
    /// The reviews of the forge.
    pub reviews: &'r [Review],
    /// The time of the run.
    pub now: Timestamp,
    /// The severity from which on a finding blocks, whatever else the policy says; none leaves it to the policy.
    pub fail_on: Option<Severity>,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// Names of files and folders that are left out.
    pub exclude: Option<&'r GlobSet>,
    /// Whether the digests of all files are kept.
    pub digests: bool,
    /// Whether the report is to hold what is known of the apps beyond findings.
    pub estate: bool,
    /// Told after each export, from any thread.
    pub progress: Option<&'r (dyn Fn(Progress) + Sync)>,
}

/// What became of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was found.
    pub report: Report,
    /// What is known of the run beyond its findings; none where nothing controls it.
    pub governance: Option<Governance>,
}

/// What is known of a governed run beyond its findings.
#[derive(Debug)]
pub struct Governance {
    /// Name and id of the base commit.
    pub base: Option<(String, String)>,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// The apps that manifests speak for.
    pub apps: Vec<GovernedApp>,
    /// Who made the change, promotes it, and has agreed to it.
    pub run: Run,
    /// The control files that were read, manifests included, with whether the base gave them.
    pub files: Vec<(ControlFile, bool)>,
    /// What has grown, by the name of the number.
    pub counts: BTreeMap<&'static str, u32>,
}

/// An app that a manifest speaks for.
#[derive(Debug)]
pub struct GovernedApp {
    /// Its id, by manifest.
    pub id: String,
    /// Its name, by manifest.
    pub name: String,
    /// Path of the manifest, from the root of the repository.
    pub manifest: String,
    /// Digest of its content.
    pub digest: String,
    /// How much is at stake.
    pub risk: Risk,
    /// The tier that counts.
    pub tier: crate::model::vocabulary::Tier,
    /// The fingerprints of what was found in it and in its manifest.
    pub findings: BTreeSet<String>,
}

/// Why a run cannot be: always the fault of the call or of control files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path does not exist, or a file of the base cannot be read.
    #[error(transparent)]
    Lint(#[from] lint::Error),
    /// The base cannot be read.
    #[error(transparent)]
    Base(#[from] base::Error),
    /// The policy is wrong.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A rule is wrong.
    #[error(transparent)]
    Rules(#[from] RuleErrors),
    /// A manifest or waiver is wrong.
    #[error(transparent)]
    Files(#[from] WrongFiles),
    /// Shards were judged under something else than what is there when they are put together.
    #[error("the policy, rules, waivers or manifests here are not those that the shards were judged by")]
    Shards,
    /// Something else about what controls the run.
    #[error("{0}")]
    Control(String),
}

impl Error {
    fn unreadable(path: &str, error: &SourceError) -> Self {
        Self::Control(format!("cannot read `{path}`: {error}"))
    }

    /// What to do about it, where there is more to say than the sentence does.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Base(error) | Self::Lint(lint::Error::Base(error)) => Some(error.help()).filter(|help| !help.is_empty()),
            Self::Shards => Some("merge in a checkout of the same commit, in the folder in which the shards were judged".to_owned()),
            _ => None,
        }
    }
}

/// Judges `inputs` under `control`.
///
/// # Errors
/// When a path does not exist, the base cannot be read, or a control file is wrong.
pub fn run(control: &Control, inputs: &[Input], options: &Options<'_>) -> Result<Outcome, Error> {
    let found = lint::find(inputs, options.exclude)?;
    let ground = Ground::of(control, inputs, options, &found)?;
    let theirs = control.since.as_ref().map(|base| Theirs::find(control, base, inputs, options, &found)).transpose()?;
    // What an export can do that is the same in both versions is asked where somebody signs for it, or where it is shown.
    let is_same = |name: &str| theirs.as_ref().is_some_and(|theirs| theirs.has(name)) && !ground.is_governed(name);
    let side = Side { same: (!options.estate).then_some(&is_same), ..ground.side() };
    let (report, kept) = side.judge(found);
    ground.settle(report, &kept, theirs)
}

/// What a run stands on before anything is judged.
struct Ground<'g> {
    control: &'g Control,
    inputs: &'g [Input],
    options: &'g Options<'g>,
    manifests: Manifests,
    /// The files of the manifests.
    sources: Vec<Source>,
    /// Whether anything controls the run.
    controlled: bool,
}

impl<'g> Ground<'g> {
    fn of(control: &'g Control, inputs: &'g [Input], options: &'g Options<'g>, found: &lint::Discovered) -> Result<Self, Error> {
        let (manifests, sources) = control.manifests(found.names(), inputs)?;
        let controlled = control.base.is_some() || !control.files.is_empty() || !manifests.is_empty() || options.environment.is_some();
        if let (Some(policy), Some(environment)) = (control.policy(), options.environment) {
            let known = policy.environments();
            if !known.is_empty() && !known.contains(&environment) {
                let known = known.join(", ");
                return Err(Error::Control(format!("`{environment}` is no environment of the policy; there are: {known}")));
            }
        }
        Ok(Self { control, inputs, options, manifests, sources, controlled })
    }

    /// Whether a manifest speaks for the file of that name.
    fn is_governed(&self, name: &str) -> bool {
        self.manifests.for_path(&self.control.relative(name)).is_some()
    }

    fn side(&self) -> Side<'_> {
        Side { control: self.control, manifests: &self.manifests, options: self.options, controlled: self.controlled, same: None }
    }

    fn settle(&self, mut report: Report, kept: &[Kept], theirs: Option<Theirs>) -> Result<Outcome, Error> {
        let Self { control, inputs, options, ref manifests, ref sources, controlled } = *self;
        if !controlled {
            let around = estate::Around { control, manifests, exposures: &BTreeMap::new(), kept };
            report.estate = options.estate.then(|| around.estate(&report));
            return Ok(Outcome { report, governance: None });
        }
        let before = theirs.map(|theirs| theirs.judge(control, options, kept, &report.coverage.judged));
        Governing { control, inputs, options, manifests, sources, before }.settle(report, kept)
    }
}

/// The digests of what the apps are that manifests among `inputs` speak for, by their ids: what sign-offs and evidence name.
///
/// # Errors
/// When a path does not exist, or the policy or a manifest is wrong.
pub fn contents(inputs: &[Input], exclude: Option<&GlobSet>) -> Result<BTreeMap<String, String>, Error> {
    let control = Control::read(inputs, None, None, RuleSet::builtin().map_err(Clone::clone)?)?;
    let (manifests, _) = control.manifests(lint::find(inputs, exclude)?.names(), inputs)?;
    let rules = Selected::new([]);
    let options = lint::Options { policy: control.policy(), exclude, ..lint::Options::new(&rules) };
    let records = lint::records(inputs, &options)?.records;
    let digest = |manifest: &Manifest| changes::digest(&control, &manifests, records.iter(), &manifest.path);
    Ok(manifests.iter().filter_map(|manifest| Some((manifest.id().to_owned(), digest(manifest)?))).collect())
}

/// One version of the exports.
struct Side<'s> {
    control: &'s Control,
    manifests: &'s Manifests,
    options: &'s Options<'s>,
    controlled: bool,
    /// Whether a file is part of an export that is the same in both versions and that nobody asks about.
    same: Option<&'s (dyn Fn(&str) -> bool + Sync)>,
}

impl Side<'_> {
    fn judge(&self, found: lint::Discovered) -> (Report, Vec<Kept>) {
        self.with(|options| lint::run(found, options))
    }

    /// Does `work` with the options that exports are judged by.
    fn with<T>(&self, work: impl FnOnce(&lint::Options<'_>) -> T) -> T {
        let path = |name: &str| self.control.relative(name);
        let governed = Governed { manifests: self.manifests, path: &path };
        work(&lint::Options {
            policy: self.control.policy(),
            governed: self.controlled.then_some(governed),
            now: self.options.now,
            min_severity: self.options.min_severity,
            exclude: self.options.exclude,
            gate: self.gate(),
            keep: Keep { records: self.controlled || self.options.estate, digests: self.options.digests },
            same: self.same,
            progress: self.options.progress,
            ..lint::Options::new(self.options.rules)
        })
    }

    fn gate(&self) -> Gate {
        Gate { fail_on: self.options.fail_on.unwrap_or(Gate::default().fail_on), governed: self.controlled }
    }
}

/// What is known when the exports have been judged.
struct Governing<'g> {
    control: &'g Control,
    inputs: &'g [Input],
    options: &'g Options<'g>,
    manifests: &'g Manifests,
    sources: &'g [Source],
    before: Option<Before>,
}

impl Governing<'_> {
    fn settle(mut self, mut report: Report, kept: &[Kept]) -> Result<Outcome, Error> {
        let policy = self.control.policy();
        let exposures = exposures(self.control, self.manifests, kept, policy);
        let mut locations = Vec::new();
        let apps = self.changes(kept);
        let mut run = self.run(&report, (kept, &apps), &mut locations)?;
        let counts = self.totals(&mut run, &apps);
        if let Some(before) = &mut self.before {
            let renamed = before.renamed(self.control, &report);
            let compared = base::compare::compare(
                std::mem::take(&mut report.findings),
                std::mem::take(&mut before.report.findings),
                &renamed,
                &before.untouched,
            );
            (report.findings, report.fixed) = (compared.findings, compared.fixed);
        }
        let (outcomes, covered) = {
            let known = self.known(&exposures, &run, &locations);
            settle::waivers(&self, &known, &report.findings, &self.control_findings(&known))
        };
        let run = Run { outcomes, ..run };
        let known = self.known(&exposures, &run, &locations);
        let said = self.control_findings(&known);
        self.add(&mut report, said);
        settle::mark(&mut report, &run, &covered, self.manifests);
        settle::block(&mut report, &self, &known, kept);
        self.what_if(&mut report);
        report.findings.sort_by(Finding::order);
        let governance = self.governance(&known, kept, &report, counts)?;
        let around = estate::Around { control: self.control, manifests: self.manifests, exposures: &exposures, kept };
        let estate = self.options.estate.then(|| around.estate(&report));
        let governance = Governance { run, ..governance };
        let shown = || Some(estate::governance(&governance, self.control, self.options));
        report.estate = estate.map(|estate| Estate { governance: shown(), ..estate });
        Ok(Outcome { report, governance: Some(governance) })
    }

    fn known<'k>(&'k self, exposures: &'k BTreeMap<String, Exposure>, run: &'k Run, locations: &'k [Location]) -> Known<'k> {
        let (policy, manifests, now) = (self.control.policy(), self.manifests, self.options.now);
        Known { policy, manifests, exposures, run, now, locations, path: &|_| "" }
    }

    /// What rules say of the control files.
    fn control_findings(&self, known: &Known<'_>) -> Report {
        let mut files: Vec<(String, Vec<u8>)> =
            self.sources.iter().map(|source| (source.path().to_owned(), source.text().as_bytes().to_vec())).collect();
        files.extend(self.control.files.iter().map(|file| (file.path.clone(), file.bytes.clone())));
        let options = lint::Options {
            policy: known.policy,
            now: known.now,
            min_severity: self.options.min_severity,
            gate: Gate { fail_on: self.options.fail_on.unwrap_or(Gate::default().fail_on), governed: true },
            ..lint::Options::new(self.options.rules)
        };
        lint::control(files, known, &options)
    }

    /// Adds what was said of control files, and what of it the base says, too.
    fn add(&self, report: &mut Report, said: Report) {
        let mut findings = said.findings;
        if let Some(before) = &self.before {
            for finding in &mut findings {
                if before.said.contains(&finding.fingerprint) && self.options.environment.is_none() {
                    finding.state = crate::finding::State::Unchanged;
                }
            }
        }
        report.findings.extend(findings);
        report.coverage.unreadable.extend(said.coverage.unreadable);
    }

    /// What the change would do to its own verdict, where it changes what decides on it.
    fn what_if(&self, report: &mut Report) {
        let decides = |finding: &Finding| &*finding.rule == "weakened-gate";
        if self.control.base.is_none() || !report.findings.iter().any(decides) {
            return;
        }
        let now = report.blocking();
        let note = match self
            .control
            .proposed(self.options.given)
            .and_then(|control| run(&control, self.inputs, &Options { progress: None, digests: false, estate: false, ..*self.options }))
        {
            Ok(proposed) => {
                let then = proposed.report.findings.iter().filter(|finding| finding.blocks).count();
                format!("by what this change proposes, of the whole version would block: {then}; by the base, of the change block: {now}")
            }
            Err(error) => format!("what this change proposes cannot be used: {}", error.to_string().lines().next().unwrap_or_default()),
        };
        for finding in report.findings.iter_mut().filter(|finding| decides(finding)) {
            finding.notes.push(note.clone());
        }
    }

    fn governance(
        &self,
        known: &Known<'_>,
        kept: &[Kept],
        report: &Report,
        counts: BTreeMap<&'static str, u32>,
    ) -> Result<Governance, Error> {
        let mut findings: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for finding in &report.findings {
            if let Some(manifest) = settle::of(self, finding) {
                findings.entry(&manifest.path).or_default().insert(finding.fingerprint.clone());
            }
        }
        let apps = self.manifests.iter().map(|manifest| {
            let exposure = known.exposures.get(&manifest.path).cloned().unwrap_or_default();
            let risk = Risk::new(&exposure, Some(manifest), known.policy);
            GovernedApp {
                id: manifest.id().to_owned(),
                name: manifest.name().to_owned(),
                manifest: manifest.path.clone(),
                digest: changes::digest(self.control, self.manifests, changes::records(kept), &manifest.path).unwrap_or_default(),
                tier: govern::manifest::tier(manifest, Some(&risk)),
                findings: findings.remove(&*manifest.path).unwrap_or_default(),
                risk,
            }
        });
        let apps = apps.collect();
        let trusted = self.control.base.is_some();
        let mut files: Vec<(ControlFile, bool)> = self.control.files.iter().map(|file| (file.clone(), trusted)).collect();
        files.extend(
            self.sources
                .iter()
                .map(|source| (ControlFile { path: source.path().to_owned(), bytes: source.text().as_bytes().to_vec() }, false)),
        );
        let head = match &self.control.base {
            Some(base) => base.repository().head()?.map(|head| head.id()),
            None => base::Repository::open(&self.control.root).ok().and_then(|repository| repository.head().ok()?).map(|head| head.id()),
        };
        let base = self.control.base.as_ref().map(|base| (base.name().to_owned(), base.id()));
        Ok(Governance { base, head, apps, run: Run::default(), files, counts })
    }
}

/// What the exports show that each manifest speaks for.
fn exposures(control: &Control, manifests: &Manifests, kept: &[Kept], policy: Option<&Policy>) -> BTreeMap<String, Exposure> {
    let mut exposures: BTreeMap<String, Exposure> = BTreeMap::new();
    for kept in kept {
        if let Some(manifest) = manifests.for_path(&control.relative(&kept.record.file)) {
            exposures.entry(manifest.path.clone()).or_default().merge(kept.exposure.clone(), policy);
        }
    }
    exposures
}

/// The number of a location among those that places refer to.
fn place(locations: &mut Vec<Location>, location: Location) -> crate::model::Place {
    locations.push(location);
    crate::model::Place::elsewhere(locations.len() as u32 - 1)
}

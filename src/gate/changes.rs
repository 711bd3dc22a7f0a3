//! What has changed since the base: of the apps, of what says how they are judged, and by whom.

use super::{Control, Error, Governing, Options, Side, exposures, place};
use crate::base::changes::{self, Change, Op};
use crate::base::control::{ControlChange, Subject};
use crate::base::{self, Commit, history};
use crate::discover::Worktree;
use crate::finding::Location;
use crate::govern::delta::{self, Changed, Total, Weakening};
use crate::govern::people::{Identity, Part};
use crate::govern::promotion::{App, BaseApp, statements};
use crate::govern::waivers::Limits;
use crate::govern::{Known, Over, Run};
use crate::lint::{self, Input, Kept};
use crate::model::change::{self, AppChange, Change as PowerChange, Decision, Op as PowerOp};
use crate::model::inventory::{ItemKind, Record, digest_together};
use crate::model::vocabulary::{DeltaKind, DeltaOp, Weakened};
use crate::policy::Policy;
use crate::policy::manifest::{self, Manifest, Manifests};
use crate::report::Report;
use crate::source::{Files, Source};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The base, judged.
pub(super) struct Before {
    pub(super) report: Report,
    records: Vec<Record>,
    manifests: Manifests,
    changes: Vec<Change>,
    /// Fingerprints of what rules say of the control files of the base.
    pub(super) said: BTreeSet<String>,
    digests: BTreeMap<String, String>,
    /// Files of exports that are the same in both versions: their findings are unchanged.
    pub(super) untouched: BTreeSet<String>,
}

/// The files of the base, not judged yet.
pub(super) struct Theirs {
    found: lint::Discovered,
    /// Files of exports that are the same in both versions.
    untouched: BTreeSet<String>,
    manifests: Manifests,
    sources: Vec<Source>,
    changes: Vec<Change>,
}

impl Theirs {
    /// Whether a file of the head is part of an export that is the same in the base.
    pub(super) fn has(&self, name: &str) -> bool {
        self.untouched.contains(name)
    }

    /// Finds what the base has at the places of `inputs`. What `head` has the same is left out, unless a manifest has changed: what it
    /// declares may make another finding of the same.
    pub(super) fn find(
        control: &Control,
        base: &Commit,
        inputs: &[Input],
        options: &Options<'_>,
        head: &lint::Discovered,
    ) -> Result<Self, Error> {
        let committed = |input: &Input| match input {
            Input::Path(path) => Some(Input::Committed { commit: base.clone(), path: path.clone() }),
            _ => None,
        };
        let committed: Vec<Input> = inputs.iter().filter_map(committed).collect();
        let (manifests, sources) = control.manifests_of_base(base)?;
        let changes = base.changes(&|_| true)?;
        let touched: BTreeSet<&str> =
            changes.iter().flat_map(|change| [change.path.as_str()].into_iter().chain(change.from.as_deref())).collect();
        let declares = touched.iter().any(|path| path.rsplit('/').next() == Some(manifest::NAME));
        let found = lint::find(&committed, options.exclude)?;
        let unchanged = |name: &str| !declares && !touched.contains(control.relative(name).as_str());
        let (found, untouched) = found.without(head, &unchanged);
        Ok(Self { found, untouched, manifests, sources, changes })
    }

    /// Judges it. `head` is what is kept of the exports of the head, of which some are the same, and `judged` the names of
    /// its files.
    pub(super) fn judge(self, control: &Control, options: &Options<'_>, head: &[Kept], judged: &BTreeSet<String>) -> Before {
        let Self { found, untouched, manifests, sources, changes } = self;
        let quiet = Options { progress: None, digests: false, ..*options };
        let side = Side { control, manifests: &manifests, options: &quiet, controlled: true, same: None };
        let (mut report, mut kept) = side.judge(found);
        let same = |kept: &&Kept| {
            let file = &kept.record.file;
            let within = |name: &String| name == file || name.strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('/'));
            // What is in an archive is called by its file.
            let archive = file.split('!').next().unwrap_or(file);
            untouched.contains(archive) || untouched.range(file.clone()..).next().is_some_and(within)
        };
        kept.extend(head.iter().filter(same).cloned());
        report.coverage.judged.extend(untouched.intersection(judged).cloned());
        let exposures = exposures(control, &manifests, &kept, control.policy());
        let digests =
            manifests.iter().filter_map(|one| Some((one.path.clone(), digest(control, &manifests, records(&kept), &one.path)?))).collect();
        let run = Run { over: over(control, options.now, &mut Vec::new()), ..Run::default() };
        let known = Known {
            policy: control.policy(),
            manifests: &manifests,
            exposures: &exposures,
            run: &run,
            now: options.now,
            locations: &[],
            path: &|_| "",
        };
        let files = sources.iter().map(|source| (source.path().to_owned(), source.text().as_bytes().to_vec())).collect();
        let said = lint::control(files, &known, &lint::Options { now: options.now, ..lint::Options::new(options.rules) });
        Before {
            said: said.findings.into_iter().map(|finding| finding.fingerprint).collect(),
            records: kept.into_iter().map(|kept| kept.record).collect(),
            changes,
            report,
            manifests,
            digests,
            untouched,
        }
    }
}

impl Before {
    /// What reports called the files of the head in the base, where they were renamed.
    pub(super) fn renamed(&self, control: &Control, head: &Report) -> HashMap<String, String> {
        let moved = changes::renamed(&self.changes);
        let before: HashMap<String, &String> = self.report.coverage.judged.iter().map(|name| (control.relative(name), name)).collect();
        let was = |name: &String| before.get(moved.get(&control.relative(name))?).map(|was| (name.clone(), (*was).clone()));
        head.coverage.judged.iter().filter_map(was).collect()
    }
}

/// The digest of the apps that the manifest at `path` speaks for.
pub(super) fn digest<'r>(
    control: &Control,
    manifests: &Manifests,
    records: impl Iterator<Item = &'r Record>,
    path: &str,
) -> Option<String> {
    let own = |record: &&Record| manifests.for_path(&control.relative(&record.file)).is_some_and(|manifest| manifest.path == path);
    let mut records = records.filter(own).peekable();
    records.peek().is_some().then(|| digest_together(records))
}

/// The records of what was kept.
pub(super) fn records(kept: &[Kept]) -> impl Iterator<Item = &Record> {
    kept.iter().map(|kept| &kept.record)
}

/// The version that the exports of a manifest say.
fn version<'r>(records: impl Iterator<Item = &'r Record>) -> Option<String> {
    let mut versions: Vec<&str> = records
        .flat_map(|record| &record.apps)
        .flat_map(|app| app.of_kind(ItemKind::App))
        .filter_map(|item| item.text("version"))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    (!versions.is_empty()).then(|| versions.join(", "))
}

impl Governing<'_> {
    /// What apps can do otherwise than before; nothing without a base.
    pub(super) fn changes(&self, kept: &[Kept]) -> Vec<AppChange> {
        let records: Vec<Record> = kept.iter().map(|kept| kept.record.clone()).collect();
        self.before.as_ref().map_or_else(Vec::new, |before| change::compare(&before.records, &records))
    }

    /// What is known of the run itself.
    pub(super) fn run(&self, report: &Report, (kept, apps): (&[Kept], &[AppChange]), locations: &mut Vec<Location>) -> Result<Run, Error> {
        let mut run = Run {
            environment: self.options.environment.map(str::to_owned),
            order: self.control.policy().map(|policy| policy.environment_order().to_vec()).unwrap_or_default(),
            actor: self.options.actor.map(str::to_owned),
            reviews: self.options.reviews.to_vec(),
            limits: self.control.policy().map(limits).unwrap_or_default(),
            waivers: self.control.waivers.clone(),
            over: over(self.control, self.options.now, locations),
            ..Run::default()
        };
        let tree = Worktree::new(self.control.root.clone());
        for manifest in self.manifests {
            for path in proofs(manifest) {
                let content = match tree.read(&path) {
                    Ok(Some(bytes)) => Ok(bytes),
                    Ok(None) => Err(format!("there is no file `{path}`")),
                    Err(error) => Err(error.to_string()),
                };
                run.files.insert(path, content);
            }
            run.apps.insert(manifest.path.clone(), self.app(manifest, kept));
        }
        if let (Some(before), Some(base), Some(since)) = (&self.before, &self.control.base, &self.control.since) {
            if let Some(head) = base.repository().head()? {
                authors(&mut run, base, &head)?;
                run.heads.push(head.id());
            }
            self.powers(&mut run, apps, locations);
            self.weakenings(&mut run, before, (since, &tree), report, locations)?;
        }
        Ok(run)
    }

    fn app(&self, manifest: &Manifest, kept: &[Kept]) -> App {
        let own =
            |record: &&Record| self.manifests.for_path(&self.control.relative(&record.file)).is_some_and(|one| one.path == manifest.path);
        let base = self.before.as_ref().and_then(|before| {
            let known = before.manifests.iter().find(|known| known.id() == manifest.id())?;
            let theirs = |record: &&Record| {
                before.manifests.for_path(&self.control.relative(&record.file)).is_some_and(|one| one.path == known.path)
            };
            Some(BaseApp {
                digest: before.digests.get(&known.path).cloned(),
                version: version(before.records.iter().filter(theirs)),
                environment: known.file.environment.as_ref().map(|environment| environment.value.clone()),
                statements: statements(known, &|_| Err("it is one of the base".to_owned())),
            })
        });
        let records = || records(kept).filter(own);
        let makers: BTreeSet<&str> = records().flat_map(|record| &record.apps).flat_map(|app| &app.makers).map(String::as_str).collect();
        App {
            digest: digest(self.control, self.manifests, records(), &manifest.path),
            makers: makers.into_iter().map(Identity::parse).collect(),
            version: version(records()),
            base,
        }
    }

    /// What apps can do that they could not do before.
    fn powers(&self, run: &mut Run, apps: &[AppChange], locations: &mut Vec<Location>) {
        let Some(policy) = self.control.policy() else { return };
        for app in apps {
            let manifest = self.manifests.for_path(&self.control.relative(&app.file)).map_or("", |manifest| &manifest.path);
            for power in &app.changes {
                let changed = changed(app, power, policy, locations);
                run.changes.entry(manifest.to_owned()).or_default().push(changed);
            }
        }
    }

    /// What would weaken the gate that judges it.
    fn weakenings(
        &self,
        run: &mut Run,
        before: &Before,
        (base, tree): (&Commit, &Worktree),
        report: &Report,
        locations: &mut Vec<Location>,
    ) -> Result<(), Error> {
        let of_files = base::control::control(base, tree, &before.changes)?;
        let relative = |name: &str| Some(self.control.relative(name));
        let lost = base::control::lost(&before.report.coverage, &report.coverage, &before.changes, &relative);
        for change in of_files.into_iter().chain(lost) {
            // A first policy takes nothing away from what the program says by itself.
            let first = change.subject == Subject::Policy && change.op == Op::Added && self.control.policy().is_none();
            if !change.tightens && !first && change.subject != Subject::Manifest {
                run.weakened.push(weakening(change, locations));
            }
        }
        let classes = self.control.policy().map_or_else(|| crate::policy::manifest::CLASSES.to_vec(), Policy::classes);
        for known in &before.manifests {
            let head = self.manifests.at(&known.path).or_else(|| self.manifests.iter().find(|head| head.id() == known.id()));
            let judged = run.apps.keys().any(|path| *path == known.path) || self.inputs.iter().any(|input| self.covers(input, known));
            if !judged {
                continue;
            }
            // The whole app is gone: then its exports are told.
            let remains = |path: &String| path.is_empty() || self.control.root.join(path).exists();
            if head.is_none() && !known.covers().iter().any(remains) {
                continue;
            }
            for (weakens, detail) in delta::lowered(known, head, &classes) {
                let path = head.map_or(&known.path, |head| &head.path);
                let place = place(locations, Location::of_file(path));
                let op = if head.is_some() { DeltaOp::Changed } else { DeltaOp::Removed };
                run.weakened.push(Weakening { weakens, op, path: path.clone(), detail, place });
            }
        }
        Ok(())
    }

    /// Whether the manifest lies in what is judged.
    fn covers(&self, input: &Input, manifest: &Manifest) -> bool {
        let Input::Path(path) = input else { return false };
        let path = self.control.relative(&crate::source::shown(path));
        path.is_empty() || manifest.path.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Counts what the policy limits, and tells what is above its limit.
    pub(super) fn totals(&self, run: &mut Run, apps: &[AppChange]) -> BTreeMap<&'static str, u32> {
        let mut counts = BTreeMap::new();
        if self.before.is_none() {
            return counts;
        }
        let (mut permissions, mut sinks) = (0, 0);
        for power in apps.iter().flat_map(|app| &app.changes).filter(|power| power.widens) {
            match power.kind {
                ItemKind::Grant | ItemKind::Identity => permissions += 1,
                ItemKind::Endpoint | ItemKind::Recipient if power.op == PowerOp::Gained => sinks += 1,
                _ => {}
            }
        }
        counts.insert("permissionIncreases", permissions);
        counts.insert("externalSinksAdded", sinks);
        let Some(policy) = self.control.policy() else { return counts };
        let limits = &policy.metrics().fail_on;
        let counted =
            [("permission increases", permissions, limits.permission_increases), ("addresses more", sinks, limits.external_sinks_added)];
        for (name, count, most) in counted {
            if let Some(most) = most.filter(|most| count > *most) {
                run.totals.push(Total { name: name.to_owned(), count, most });
            }
        }
        counts
    }
}

/// What in the policy does not hold any more.
fn over(control: &Control, now: Timestamp, locations: &mut Vec<Location>) -> Vec<Over> {
    let file = control.policy_path.as_ref().and_then(|path| control.files.iter().find(|file| file.path == *path));
    let (Some(policy), Some(file)) = (control.policy(), file) else { return Vec::new() };
    let Ok(source) = Source::decode(&file.path, file.bytes.clone()) else { return Vec::new() };
    let notes = policy.over(&source, now).into_iter();
    notes.map(|note| Over { says: note.message, place: place(locations, note.location) }).collect()
}

fn changed(app: &AppChange, power: &PowerChange, policy: &Policy, locations: &mut Vec<Location>) -> Changed {
    let location = power.location.clone().filter(|_| power.op != PowerOp::Lost).unwrap_or_else(|| Location::of_file(&app.file));
    let lesser = power.decision == Decision::LessPower;
    Changed {
        app: app.title().to_owned(),
        kind: kind_of(power.kind),
        op: match power.op {
            PowerOp::Gained => DeltaOp::Added,
            PowerOp::Lost => DeltaOp::Removed,
            PowerOp::Changed => DeltaOp::Changed,
        },
        id: format!("{} {}", app.title(), power.id),
        name: power.name.clone(),
        says: power.sentence.clone(),
        needs: if lesser { Vec::new() } else { policy.decision_functions(power.decision).to_vec() },
        place: place(locations, location),
    }
}

const fn kind_of(kind: ItemKind) -> DeltaKind {
    match kind {
        ItemKind::EntryPoint => DeltaKind::EntryPoint,
        ItemKind::Connector => DeltaKind::Connector,
        ItemKind::Endpoint | ItemKind::Recipient => DeltaKind::Endpoint,
        ItemKind::Identity | ItemKind::Secret => DeltaKind::Identity,
        ItemKind::Grant => DeltaKind::Grant,
        ItemKind::DataSource => DeltaKind::DataSource,
        ItemKind::DataFlow => DeltaKind::DataFlow,
        ItemKind::Agent => DeltaKind::Agent,
        ItemKind::Component => DeltaKind::Component,
        ItemKind::App | ItemKind::Setting | ItemKind::Branch => DeltaKind::Behaviour,
    }
}

fn weakening(change: ControlChange, locations: &mut Vec<Location>) -> Weakening {
    let weakens = match change.subject {
        Subject::Policy => Weakened::Policy,
        Subject::Waiver => Weakened::Waiver,
        Subject::Rule => Weakened::Rule,
        Subject::Control | Subject::Manifest => Weakened::Control,
        Subject::Pipeline => Weakened::Pipeline,
        Subject::Owners => Weakened::Owners,
        Subject::Checkout => Weakened::Checkout,
        Subject::Export => Weakened::Export,
    };
    let op = match change.op {
        Op::Added => DeltaOp::Added,
        Op::Deleted => DeltaOp::Removed,
        _ => DeltaOp::Changed,
    };
    let detail = if matches!(weakens, Weakened::Owners | Weakened::Checkout | Weakened::Export) { change.meaning } else { String::new() };
    Weakening { weakens, op, path: change.path, detail, place: place(locations, change.location) }
}

/// The files that sign-offs of a manifest name as their proof, from the root of the repository.
fn proofs(manifest: &Manifest) -> Vec<String> {
    let paths = std::cell::RefCell::new(Vec::new());
    let _ = statements(manifest, &|path| {
        paths.borrow_mut().push(path.to_owned());
        Err(String::new())
    });
    paths.into_inner()
}

fn authors(run: &mut Run, base: &Commit, head: &Commit) -> Result<(), Error> {
    for person in base.history(head)?.people {
        let part = match person.part {
            history::Part::Author => Part::Author,
            history::Part::Committer => Part::Committer,
            history::Part::CoAuthor => Part::CoAuthor,
        };
        run.authors.add(part, Identity::of_commit(&person.name, &person.address));
    }
    Ok(())
}

fn limits(policy: &Policy) -> Limits {
    use crate::finding::Severity;
    let (file, usual) = (policy.waivers(), Limits::default());
    let days = &file.max_days;
    let said = [
        (Severity::Critical, days.critical),
        (Severity::High, days.high),
        (Severity::Medium, days.medium),
        (Severity::Low, days.low),
        (Severity::Info, days.info),
    ];
    let mut max_days = usual.max_days;
    if said.iter().any(|(_, days)| days.is_some()) {
        max_days = said.into_iter().filter_map(|(severity, days)| Some((severity, days?))).collect();
    }
    Limits {
        max_days,
        approver: file.approver.as_ref().map(|approver| approver.value.clone()),
        not_waivable: file.not_waivable.iter().map(|name| name.value.clone()).collect(),
        max_renewals: file.max_renewals.unwrap_or(usual.max_renewals),
        max_open: file.max_open.map(|open| open as usize).or(usual.max_open),
    }
}

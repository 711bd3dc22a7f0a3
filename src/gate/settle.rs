//! From all findings to those that block: waivers, notes, the gates of the policy.

use super::{Control, Governing};
use crate::finding::{Finding, Severity, State, Waived};
use crate::govern::people::People;
use crate::govern::risk::Risk;
use crate::govern::waivers::{self, Against, Around, Outcome};
use crate::govern::{Known, Run, manifest, promotion};
use crate::lint::{Input, Kept};
use crate::model::vocabulary::Tier;
use crate::policy::manifest::{Manifest, Manifests};
use crate::report::{Gate, Report};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// For the fingerprint of each finding that is waived, the number of the waiver.
pub(super) type Covered = HashMap<String, usize>;

/// What becomes of the waivers, by what was found in exports and said of control files, and what they cover.
pub(super) fn waivers(governing: &Governing<'_>, known: &Known<'_>, found: &[Finding], said: &Report) -> (Vec<Outcome>, Covered) {
    let all: Vec<Finding> = found.iter().chain(&said.findings).cloned().collect();
    let nobody = People::default();
    let around = |finding: &Finding| {
        let Some(manifest) = of(governing, finding) else {
            return Around { authors: known.run.authors.clone(), ..Around::default() };
        };
        Around {
            names: vec![manifest.id().to_owned(), manifest.name().to_owned()],
            digest: known.run.apps.get(&manifest.path).and_then(|app| app.digest.clone()),
            authors: promotion::authors(manifest, known.run),
        }
    };
    let names: BTreeSet<&str> = all.iter().filter_map(|finding| finding.app.as_ref()).flat_map(|app| [&*app.id, &*app.name]).collect();
    let whole = governing.inputs.iter().any(|input| match input {
        Input::Path(path) => governing.control.relative(&crate::source::shown(path)).is_empty(),
        _ => false,
    });
    let is_judged = |app: Option<&str>| {
        whole || app.is_some_and(|app| names.contains(app) || governing.manifests.iter().any(|manifest| manifest.id() == app))
    };
    let against = Against {
        limits: &known.run.limits,
        people: known.policy.map_or(&nobody, |policy| &policy.people),
        around: &around,
        judged: &is_judged,
        now: known.now,
    };
    let outcomes = waivers::judge(&known.run.waivers, &all, &against);
    let mut covered = Covered::new();
    for (number, outcome) in outcomes.iter().enumerate().filter(|(_, outcome)| outcome.holds()) {
        for finding in &outcome.findings {
            covered.entry(all[*finding].fingerprint.clone()).or_insert(number);
        }
    }
    (outcomes, covered)
}

/// The manifest that speaks for the app of a finding.
pub(super) fn of<'g>(governing: &'g Governing<'_>, finding: &Finding) -> Option<&'g Manifest> {
    speaks_for(governing.control, governing.manifests, &finding.location.file)
}

fn speaks_for<'g>(control: &Control, manifests: &'g Manifests, file: &str) -> Option<&'g Manifest> {
    let path = control.relative(file);
    manifests.at(&path).or_else(|| manifests.for_path(&path))
}

/// To whom the files of a run belong.
pub(super) struct Owners<'o> {
    control: &'o Control,
    manifests: &'o Manifests,
    exports: BTreeMap<&'o str, &'o Kept>,
}

impl<'o> Owners<'o> {
    pub(super) fn new(control: &'o Control, manifests: &'o Manifests, kept: &'o [Kept]) -> Self {
        Self { control, manifests, exports: kept.iter().map(|kept| (&*kept.record.file, kept)).collect() }
    }

    /// The manifest that speaks for a file.
    pub(super) fn manifest(&self, file: &str) -> Option<&'o Manifest> {
        speaks_for(self.control, self.manifests, file)
    }

    /// The export that a file is part of.
    pub(super) fn export(&self, file: &str) -> Option<&'o Kept> {
        let last = self.exports.range(..=file).next_back();
        last.filter(|(name, _)| **name == file || within(name, file)).map(|(_, kept)| *kept)
    }
}

/// Marks what waivers cover, and adds what people have noted.
pub(super) fn mark(report: &mut Report, run: &Run, covered: &Covered, manifests: &Manifests) {
    let mut notes: HashMap<&str, Vec<String>> = HashMap::new();
    for annotation in manifests.iter().flat_map(|manifest| &manifest.file.annotations) {
        let (Some(fingerprint), Some(note)) = (&annotation.fingerprint, &annotation.note) else { continue };
        let by = annotation.by.as_ref().map(|by| format!(" ({})", by.value)).unwrap_or_default();
        notes.entry(&fingerprint.value).or_default().push(format!("{}{by}", note.value));
    }
    for finding in &mut report.findings {
        finding.notes.extend(notes.get(&*finding.fingerprint).into_iter().flatten().cloned());
    }
    for finding in &mut report.findings {
        let Some(waiver) = covered.get(&finding.fingerprint).and_then(|number| run.waivers.get(*number)) else { continue };
        finding.waived = Some(Waived {
            id: waiver.file.id.value.clone(),
            category: waiver.file.category.value.as_str().to_owned(),
            reason: waiver.file.reason.value.clone(),
            expires: waiver.file.expires.as_ref().map(|expires| expires.value.clone()).unwrap_or_default(),
        });
    }
}

/// Decides which findings block.
pub(super) fn block(report: &mut Report, governing: &Governing<'_>, known: &Known<'_>, kept: &[Kept]) {
    let options = governing.options;
    let owners = Owners::new(governing.control, governing.manifests, kept);
    let tier = |finding: &Finding| -> Option<Tier> {
        let file = &*finding.location.file;
        if let Some(manifest) = owners.manifest(file) {
            let risk = known.exposures.get(&manifest.path).map(|exposure| Risk::new(exposure, Some(manifest), known.policy));
            return Some(manifest::tier(manifest, risk.as_ref()));
        }
        owners.export(file).map(|kept| Risk::new(&kept.exposure, None, known.policy).tier)
    };
    // What goes to an environment goes there as a whole, also what was wrong before.
    let only_new = governing.before.is_some() && options.environment.is_none();
    let usual = options.fail_on.unwrap_or(Gate::default().fail_on);
    let mut barriers: BTreeMap<Option<Tier>, BTreeSet<Severity>> = BTreeMap::new();
    for finding in &mut report.findings {
        let tier = known.policy.and_then(|_| tier(finding));
        let barrier = barriers.entry(tier).or_insert_with(|| {
            let gate = known.policy.and_then(|policy| policy.tiers.gate(tier.unwrap_or(Tier::High)));
            let mut severities: BTreeSet<Severity> = match gate {
                Some(gate) => gate.block.clone(),
                None => Severity::ALL.iter().copied().filter(|severity| *severity >= usual).collect(),
            };
            // What the command line asks for can only be stricter.
            severities.extend(options.fail_on.into_iter().flat_map(|least| Severity::ALL.iter().copied().filter(move |one| *one >= least)));
            severities
        });
        let asked = known.policy.is_none_or(|policy| policy.rules().blocks(&finding.rule, tier));
        let old = only_new && finding.state == State::Unchanged;
        finding.blocks = asked && !old && finding.waived.is_none() && barrier.contains(&finding.severity);
    }
}

/// Whether `file` lies in the folder or archive `export`.
fn within(export: &str, file: &str) -> bool {
    file.strip_prefix(export)
        .is_some_and(|rest| rest.starts_with('/') || rest.starts_with('!') || export.is_empty() || export.ends_with('/'))
}

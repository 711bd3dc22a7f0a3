//! What is known of the apps and of a run beyond its findings, for reports that show it.

use super::settle::Owners;
use super::{Control, Governance, Options, evidence};
use crate::finding::Severity;
use crate::govern::risk::{Exposure, Risk};
use crate::govern::{Run, manifest};
use crate::lint::Kept;
use crate::model::vocabulary::Tier;
use crate::policy::manifest::{Manifest, Manifests};
use crate::policy::{Policy, tiers};
use crate::report::Report;
use crate::report::estate::{Approval, Estate, Floor, Gate, Governance as Shown, Stake, Term, Waiver};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the estate is made from.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) control: &'a Control,
    pub(super) manifests: &'a Manifests,
    pub(super) exposures: &'a BTreeMap<String, Exposure>,
    pub(super) kept: &'a [Kept],
}

impl Around<'_> {
    /// The estate of a run, without what controls it.
    pub(super) fn estate(&self, report: &Report) -> Estate {
        let policy = self.control.policy();
        let owners = Owners::new(self.control, self.manifests, self.kept);
        let mut stakes: Vec<Stake> = Vec::new();
        for manifest in self.manifests {
            if let Some(exposure) = self.exposures.get(&manifest.path) {
                let risk = Risk::new(exposure, Some(manifest), policy);
                let tier = manifest::tier(manifest, Some(&risk));
                stakes.push(stake(named(manifest.name(), &manifest.path), &manifest.path, Some(manifest), (risk, tier)));
            }
        }
        for kept in self.kept.iter().filter(|kept| owners.manifest(&kept.record.file).is_none()) {
            let risk = Risk::new(&kept.exposure, None, policy);
            let name = match &kept.record.apps[..] {
                [app] => named(&app.name, &kept.record.file),
                _ => kept.record.file.clone(),
            };
            let tier = risk.tier;
            stakes.push(stake(name, &kept.record.file, None, (risk, tier)));
        }
        stakes.sort_by(|one, other| (other.tier, other.inherent, &one.file).cmp(&(one.tier, one.inherent, &other.file)));
        let numbers: BTreeMap<&str, usize> = stakes.iter().enumerate().map(|(at, stake)| (&*stake.file, at)).collect();
        let of_file = report.findings.iter().chain(&report.fixed).map(|finding| &*finding.location.file);
        let of_file = of_file.chain(self.kept.iter().map(|kept| &*kept.record.file));
        let of_file = of_file.filter_map(|file| {
            let owner = owners.manifest(file).map(|manifest| &*manifest.path).or_else(|| Some(&*owners.export(file)?.record.file))?;
            Some((file.to_owned(), *numbers.get(owner)?))
        });
        let of_file = of_file.collect();
        let records = self.kept.iter().map(|kept| kept.record.clone()).collect();
        Estate { stakes, of_file, records, governance: None, trend: Vec::new() }
    }
}

fn named(name: &str, path: &str) -> String {
    if name.is_empty() { path } else { name }.to_owned()
}

fn stake(name: String, file: &str, manifest: Option<&Manifest>, (risk, tier): (Risk, Tier)) -> Stake {
    let (because, _) = risk.because();
    let term = |term: &crate::govern::risk::Term| Term {
        factor: term.factor.name(),
        word: term.word.clone(),
        weight: term.weight,
        times: term.times,
        points: term.points(),
        origin: term.origin.to_string(),
    };
    let terms = risk.terms.iter().map(term).collect();
    let floor = |(floor, origin): &(crate::govern::risk::Floor, _)| {
        let origin: &crate::govern::risk::Origin = origin;
        Floor { tier: floor.tier(), reason: floor.reason(), origin: origin.to_string() }
    };
    let floors = risk.floors.iter().map(floor).collect();
    Stake { name, file: file.to_owned(), governed: manifest.is_some(), tier, inherent: risk.inherent, because, terms, floors }
}

/// What controls a run, as reports show it.
pub(super) fn governance(known: &Governance, control: &Control, options: &Options<'_>) -> Shown {
    let run = &known.run;
    let who = evidence::who(known, control.policy());
    let approval = |one: crate::evidence::Approval| Approval { function: one.function, by: one.by, assurance: one.assurance };
    Shown {
        policy: control.policy_path.clone(),
        base: known.base.clone(),
        head: known.head.clone(),
        environment: run.environment.clone(),
        actor: run.actor.clone(),
        authors: who.author_set,
        gates: control.policy().map(|policy| gates(policy, options.fail_on)).unwrap_or_default(),
        waivers: waivers(run, options.now),
        approvals: who.approvals.into_iter().map(approval).collect(),
        files: known.files.iter().map(|(file, trusted)| (file.path.clone(), *trusted)).collect(),
        growth: known.counts.clone(),
    }
}

fn gates(policy: &Policy, fail_on: Option<Severity>) -> Vec<Gate> {
    let stricter = |severity: &&Severity| fail_on.is_some_and(|least| **severity >= least);
    let gate = |tier: Tier, gate: &tiers::Gate| Gate {
        tier,
        block: gate.block.iter().chain(Severity::ALL.iter().filter(stricter)).copied().collect(),
        signoffs: gate.signoffs.clone(),
        assurance: gate.assurance.name(),
        artifacts: gate.artifacts.iter().map(|artifact| artifact.name()).collect(),
    };
    [Tier::High, Tier::Moderate, Tier::Low].into_iter().filter_map(|tier| Some(gate(tier, policy.tiers.gate(tier)?))).collect()
}

fn waivers(run: &Run, now: Timestamp) -> Vec<Waiver> {
    let waiver = |(waiver, outcome): (&crate::policy::waiver::Waiver, &crate::govern::waivers::Outcome)| {
        let problem = |told: &crate::govern::waivers::Told| {
            let detail = if told.detail.is_empty() { String::new() } else { format!(": {}", told.detail) };
            format!("{}{detail}", told.problem.name().replace('-', " "))
        };
        Waiver {
            id: waiver.file.id.value.clone(),
            file: waiver.path.clone(),
            category: waiver.file.category.value.as_str(),
            reason: waiver.file.reason.value.clone(),
            expires: waiver.file.expires.as_ref().map(|expires| expires.value.clone()).unwrap_or_default(),
            days: outcome.expires.map(|end| end.duration_since(now).as_hours().div_euclid(24)),
            approved_by: outcome.approved_by.clone(),
            findings: outcome.findings.len(),
            holds: outcome.holds(),
            problems: outcome.problems.iter().map(problem).collect(),
        }
    };
    let mut all: Vec<Waiver> = run.waivers.iter().zip(&run.outcomes).map(waiver).collect();
    all.sort_by(|one, other| (one.days, &one.id).cmp(&(other.days, &other.id)));
    all
}

//! One run on several machines: each judges its share, and one of them, or another, puts together what they have found.
//!
//! What only the whole run knows is settled when all is put together: which findings are copies of others, what waivers cover, how much
//! is at stake in an app whose exports lie in several shares. So control files are read again then, and must be those of the shards.

use super::estate::Around;
use super::{Control, Error, Ground, Options, Outcome};
use crate::evidence;
use crate::lint::{self, Input, Judged, Kept};
use crate::model::inventory::ItemKind;
use crate::policy::manifest::Manifests;
use crate::report::shard::{Asked, Shard, Share};
use crate::report::{Gate, Report};
use crate::rule::RuleSet;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

/// Judges one share of `inputs`. What blocks by its severity blocks here: waivers and the gates of a policy are held against the whole
/// run.
///
/// # Errors
/// When a path does not exist, or a control file is wrong.
pub fn share(control: &Control, inputs: &[Input], options: &Options<'_>, share: Share, asked: Asked) -> Result<Report, Error> {
    let start = Instant::now();
    let found = lint::find(inputs, options.exclude)?;
    let ground = Ground::of(control, inputs, options, &found)?;
    let (own, plan) = found.share(share, &|name| control.relative(name));
    let side = ground.side();
    let mut judged = side.with(|options| lint::judge(own, options));
    let kept = std::mem::take(&mut judged.kept).into_iter().map(|one| kept(one, asked.inventory)).collect::<Result<_, _>>();
    let rules = lint::infos(options.rules);
    let settled = lint::settle(judged.clone(), rules.clone(), side.gate(), control.policy());
    let Judged { coverage, apps, findings, .. } = judged;
    let shard = Shard {
        share,
        files: plan.files,
        of_files: plan.of_files,
        plan: plan.digest,
        asked,
        control: ground.controlled.then(|| digest(&ground)),
        rules,
        coverage,
        apps,
        findings,
        kept: kept.map_err(|error: serde_json::Error| Error::Control(format!("what is kept for merging cannot be written: {error}")))?,
    };
    Ok(Report { elapsed: start.elapsed(), shard: Some(Box::new(shard)), ..settled })
}

/// The report of a run that nothing controls, from all its shards in their order; with what is known of the apps where `estate` asks.
///
/// # Errors
/// When what a shard has kept cannot be read.
pub fn merge(shards: Vec<Shard>, estate: bool) -> Result<Report, Error> {
    let start = Instant::now();
    let Some(first) = shards.first() else { return Ok(Report::default()) };
    let (rules, fail_on) = (first.rules.clone(), first.asked.fail_on.unwrap_or(Gate::default().fail_on));
    let mut judged = together(shards)?;
    let kept = std::mem::take(&mut judged.kept);
    let mut report = lint::settle(judged, rules, Gate { fail_on, governed: false }, None);
    if estate {
        let control = Control::nothing(PathBuf::new(), &RuleSet::default());
        let around = Around { control: &control, manifests: &Manifests::default(), exposures: &BTreeMap::new(), kept: &kept };
        report.estate = Some(around.estate(&report));
    }
    Ok(Report { elapsed: start.elapsed(), ..report })
}

/// All that the shards have judged.
fn together(shards: Vec<Shard>) -> Result<Judged, Error> {
    let mut whole = Judged::default();
    for mut shard in shards {
        let kept = std::mem::take(&mut shard.kept).into_iter().map(serde_json::from_value).collect::<Result<Vec<Kept>, _>>();
        let kept = kept.map_err(|error| Error::Control(format!("shard {}: what it has kept cannot be read: {error}", shard.share)))?;
        whole = whole.and(judged(shard, kept));
    }
    Ok(whole.sorted())
}

/// The same of a run that `control` controls.
///
/// # Errors
/// When control files are wrong, or not those that the shards were judged by.
pub fn merge_under(control: &Control, inputs: &[Input], options: &Options<'_>, shards: Vec<Shard>) -> Result<Outcome, Error> {
    let start = Instant::now();
    let found = lint::find(inputs, options.exclude)?;
    let ground = Ground::of(control, inputs, options, &found)?;
    let (theirs, rules) = shards.first().map(|shard| (shard.control.clone(), shard.rules.clone())).unwrap_or_default();
    if theirs.as_deref() != Some(&*digest(&ground)) || rules != lint::infos(options.rules) {
        return Err(Error::Shards);
    }
    let mut judged = together(shards)?;
    let kept = std::mem::take(&mut judged.kept);
    let report = lint::settle(judged, rules, ground.side().gate(), control.policy());
    let outcome = ground.settle(report, &kept, None)?;
    Ok(Outcome { report: Report { elapsed: start.elapsed(), ..outcome.report }, ..outcome })
}

fn judged(shard: Shard, kept: Vec<Kept>) -> Judged {
    Judged { coverage: shard.coverage, apps: shard.apps, findings: shard.findings, kept }
}

/// What control files are held against without a version before: not all that an export can do, only what its apps say of themselves,
/// unless it is to be shown.
fn kept(mut kept: Kept, inventory: bool) -> Result<serde_json::Value, serde_json::Error> {
    for app in kept.record.apps.iter_mut().filter(|_| !inventory) {
        app.items.retain(|item| item.kind == ItemKind::App);
    }
    serde_json::to_value(kept)
}

/// A digest of all that controls a run.
fn digest(ground: &Ground<'_>) -> String {
    let mut text = String::new();
    let mut add = |path: &str, bytes: &[u8]| {
        let _ = writeln!(text, "{} {path:?}", evidence::sha256(bytes));
    };
    ground.control.files.iter().for_each(|file| add(&file.path, &file.bytes));
    ground.sources.iter().for_each(|source| add(source.path(), source.text().as_bytes()));
    evidence::sha256(text.as_bytes())
}

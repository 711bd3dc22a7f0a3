//! What evidence says of a run.

use super::{Control, Governance, Options, Outcome};
use crate::evidence::{
    App, Approval, Base, Context, Control as File, Coverage, Found, GateResult, RulePack, Stage, Term, Tool, WaiverUsed, When, Who, sha256,
};
use crate::finding::{Finding, Severity, State};
use crate::govern::approval::Stand;
use crate::govern::people::{self, Identity};
use crate::govern::waivers::Outcome as WaiverOutcome;
use crate::policy::Policy;
use crate::report::{Report, Verdict};
use std::collections::BTreeMap;

/// What the command line knows of a run, and nobody else.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Files and folders that were judged.
    pub paths: Vec<String>,
    /// Globs that were left out.
    pub exclude: Vec<String>,
    /// When the run has started and ended.
    pub when: When,
    /// Digest of the program.
    pub program: Option<String>,
}

/// The result of a run, as evidence has it.
#[must_use]
pub fn evidence(outcome: &Outcome, control: &Control, options: &Options<'_>, asked: Asked) -> GateResult {
    let report = &outcome.report;
    let governance = outcome.governance.as_ref();
    let verdict = report.verdict();
    let word = match verdict {
        Verdict::Pass => "PASSED",
        Verdict::Blocked => "BLOCKED",
        Verdict::Incomplete => "INCOMPLETE",
    };
    let files = governance.map(files).unwrap_or_default();
    let policy = control.policy_path.as_deref();
    let (policy, controls) = files.into_iter().partition::<Vec<_>, _>(|file| policy.is_some_and(|path| file.uri.ends_with(path)));
    GateResult {
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            digest: asked.program,
            rulepacks: vec![rules(options)],
        },
        policy: policy.into_iter().next(),
        controls,
        base: governance.and_then(|governance| governance.base.clone()).map(|(reference, commit)| Base { reference, commit }),
        who: governance.map(|governance| who(governance, control.policy())).unwrap_or_default(),
        when: asked.when,
        context: Context {
            paths: asked.paths,
            exclude: asked.exclude,
            commit: governance.and_then(|governance| governance.head.clone()),
            environment: options.environment.map(str::to_owned),
            mode: if control.base.is_some() { "gate" } else { "local" }.to_owned(),
        },
        apps: governance.map(|governance| apps(governance, report)).unwrap_or_default(),
        verdict: word.to_owned(),
        exit: verdict.exit_code(),
        stages: stages(report, control, options),
        findings: report.findings.iter().map(found).collect(),
        fixed: report.fixed.iter().map(|finding| finding.fingerprint.clone()).collect(),
        waivers_used: governance.map(waivers).unwrap_or_default(),
        coverage: coverage(report),
        metrics: metrics(outcome),
        prev: None,
    }
}

fn files(governance: &Governance) -> Vec<File> {
    let uri = |path: &str, trusted: bool| match (&governance.base, trusted) {
        (Some((_, commit)), true) => format!("git:{commit}:{path}"),
        _ => path.to_owned(),
    };
    let file = |(file, trusted): &(super::ControlFile, bool)| File {
        uri: uri(&file.path, *trusted),
        digest: sha256(&file.bytes),
        trust: if *trusted { "base-branch" } else { "working-tree" }.to_owned(),
    };
    governance.files.iter().map(file).collect()
}

fn rules(options: &Options<'_>) -> RulePack {
    let mut all: Vec<(&str, String)> =
        options.rules.rules().iter().map(|rule| (&*rule.id, sha256(rule.source().text().as_bytes()))).collect();
    all.sort();
    let text = all.iter().map(|(id, digest)| [id, " ", digest, "\n"].concat()).collect::<String>();
    RulePack { name: "asked".to_owned(), rules: all.len(), digest: sha256(text.as_bytes()) }
}

pub(super) fn who(governance: &Governance, policy: Option<&Policy>) -> Who {
    let run = &governance.run;
    let mut author_set: Vec<String> = run.authors.iter().map(|(_, name)| name.to_owned()).collect();
    author_set.sort();
    author_set.dedup();
    let mut approvals = Vec::new();
    let of_head = run.reviews.iter().filter(|review| review.stand == Stand::Approves && run.heads.contains(&review.commit));
    for (review, policy) in of_head.filter_map(|review| Some((review, policy?))) {
        let reviewer = Identity::parse(&review.by);
        if run.authors.part_of(&reviewer, &policy.people).is_some() {
            continue;
        }
        approvals.extend(people::functions_of(&policy.people, &reviewer).map(|function| Approval {
            function: function.to_owned(),
            by: review.by.clone(),
            assurance: "forge-review".to_owned(),
        }));
    }
    Who { author_set, actor: run.actor.clone(), approvals }
}

fn apps(governance: &Governance, report: &Report) -> Vec<App> {
    let app = |app: &super::GovernedApp| {
        let terms = app.risk.terms.iter().map(|term| Term {
            name: format!("{}={}", term.factor.name(), term.word),
            points: f64::from(term.points()),
            origin: term.origin.to_string(),
        });
        let inherent = f64::from(app.risk.inherent);
        let own = report.findings.iter().filter(|finding| app.findings.contains(&finding.fingerprint));
        App {
            id: app.id.clone(),
            name: app.name.clone(),
            digest: app.digest.clone(),
            tier: app.tier.name().to_owned(),
            inherent,
            residual: inherent + burden(own),
            terms: terms.collect(),
        }
    };
    governance.apps.iter().filter(|app| !app.digest.is_empty()).map(app).collect()
}

/// What findings add to a risk: by severity and confidence, waived ones half, and no more than 35.
fn burden<'f>(findings: impl Iterator<Item = &'f Finding>) -> f64 {
    use crate::finding::Confidence;
    let weight = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Critical => 10.0,
            Severity::High => 5.0,
            Severity::Medium => 2.0,
            Severity::Low => 0.5,
            Severity::Info => 0.0,
        };
        let confidence = match finding.confidence {
            Confidence::High => 1.0,
            Confidence::Medium => 0.7,
            Confidence::Low => 0.4,
        };
        severity * confidence * if finding.waived.is_some() { 0.5 } else { 1.0 }
    };
    let sum: f64 = findings.map(weight).sum();
    (sum.min(35.0) * 10.0).round() / 10.0
}

fn stages(report: &Report, control: &Control, options: &Options<'_>) -> Vec<Stage> {
    let of = |part: &dyn Fn(&Finding) -> bool| {
        if report.findings.iter().any(|finding| finding.blocks && part(finding)) { "fail" } else { "pass" }
    };
    let is = |finding: &Finding, rules: &[&str]| rules.contains(&&*finding.rule);
    let stage = |name: &str, result: &str| Stage { name: name.to_owned(), result: result.to_owned() };
    let skipped = |asked: bool, result: &'static str| if asked { result } else { "skipped" };
    let schema = ["malformed-export", "irregular-syntax"];
    let trust = ["weakened-gate"];
    let signs = ["missing-sign-off", "unapproved-change-of-power", "broken-separation-of-duties"];
    vec![
        stage("coverage", if report.gap().is_none() { "pass" } else { "fail" }),
        stage("schema", of(&|finding| is(finding, &schema))),
        stage("rules", of(&|finding| !is(finding, &schema) && !is(finding, &trust) && !is(finding, &signs))),
        stage("trust", skipped(control.base.is_some(), of(&|finding| is(finding, &trust)))),
        stage("signoffs", skipped(control.base.is_some() || options.environment.is_some(), of(&|finding| is(finding, &signs)))),
    ]
}

fn found(finding: &Finding) -> Found {
    Found {
        rule: finding.rule.to_string(),
        fingerprint: finding.fingerprint.clone(),
        severity: finding.severity.to_string(),
        state: finding.state.as_str().to_owned(),
        blocks: finding.blocks,
        waiver: finding.waived.as_ref().map(|waived| waived.id.clone()),
    }
}

fn waivers(governance: &Governance) -> Vec<WaiverUsed> {
    let run = &governance.run;
    let used = run.waivers.iter().zip(&run.outcomes).filter(|(_, outcome)| outcome.holds() && !outcome.findings.is_empty());
    let used = used.map(|(waiver, outcome): (_, &WaiverOutcome)| WaiverUsed {
        id: waiver.file.id.value.clone(),
        digest: governance.files.iter().find(|(file, _)| file.path == waiver.path).map(|(file, _)| sha256(&file.bytes)).unwrap_or_default(),
        approved_by: outcome.approved_by.clone(),
        expires: waiver.file.expires.as_ref().map(|expires| expires.value.clone()).unwrap_or_default(),
    });
    used.collect()
}

fn coverage(report: &Report) -> Coverage {
    let seen = &report.coverage;
    Coverage {
        files: seen.files,
        recognised: seen.recognised.iter().map(|(platform, files)| ((*platform).to_owned(), *files)).collect(),
        foreign: seen.foreign.len(),
        unreadable: seen
            .unreadable
            .iter()
            .map(|file| std::iter::once(&file.file).chain(&file.inner).cloned().collect::<Vec<_>>().join("!"))
            .collect(),
    }
}

/// Numbers for dashboards.
#[expect(clippy::cast_precision_loss, reason = "no run has as many findings as a float has whole numbers")]
fn metrics(outcome: &Outcome) -> BTreeMap<String, f64> {
    let report = &outcome.report;
    let count = |part: &dyn Fn(&Finding) -> bool| report.findings.iter().filter(|finding| part(finding)).count() as f64;
    let mut metrics = BTreeMap::new();
    let mut say = |name: &str, number: f64| {
        metrics.insert(name.to_owned(), number);
    };
    say("findings", report.findings.len() as f64);
    for severity in Severity::ALL {
        say(&format!("findings.{severity}"), count(&|finding| finding.severity == *severity));
    }
    say("blocking", report.blocking() as f64);
    say("new", count(&|finding| finding.state == State::New));
    say("unchanged", count(&|finding| finding.state == State::Unchanged));
    say("fixed", report.fixed.len() as f64);
    say("waived", count(&|finding| finding.waived.is_some()));
    // The share of questions (a rule, asked of an app) without a finding.
    let asked = (report.rules.len() * report.apps) as f64;
    let mut failed: Vec<_> = report.findings.iter().map(|finding| (&finding.rule, &finding.app)).collect();
    failed.sort();
    failed.dedup();
    say("adherence", if asked > 0.0 { ((1.0 - failed.len() as f64 / asked).max(0.0) * 1e4).round() / 1e4 } else { 1.0 });
    let judged: usize = report.coverage.recognised.values().sum();
    let readable = judged + report.coverage.unreadable.len();
    say("coverage", if readable > 0 { ((judged as f64 / readable as f64) * 1e4).round() / 1e4 } else { 0.0 });
    if let Some(governance) = &outcome.governance {
        for (name, number) in &governance.counts {
            say(name, f64::from(*number));
        }
        let run = &governance.run;
        say("waivers.open", run.outcomes.iter().filter(|outcome| outcome.holds()).count() as f64);
        say("waivers.invalid", run.outcomes.iter().filter(|outcome| !outcome.holds()).count() as f64);
    }
    metrics
}

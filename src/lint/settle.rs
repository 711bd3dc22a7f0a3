//! From what became of each unit to the report of the run: in one order, copies told apart or folded.

use super::Judged;
use crate::finding::{Finding, Label, fingerprint};
use crate::policy::Policy;
use crate::report::{Gate, Report, RuleInfo};
use crate::rule::Rule;
use std::collections::HashMap;

/// The report of a run, from what became of all its exports, sorted, and the rules that were asked.
#[must_use]
pub fn settle(judged: Judged, rules: Vec<RuleInfo>, gate: Gate, policy: Option<&Policy>) -> Report {
    let Judged { coverage, apps, findings, .. } = judged;
    let mut report = Report { findings, gate, coverage, apps, rules, ..Report::default() };
    report.findings = fold_packed(std::mem::take(&mut report.findings));
    tell_copies_apart(&mut report.findings);
    for finding in &mut report.findings {
        let enforced = policy.is_none_or(|policy| policy.rules().blocks(&finding.rule, None));
        finding.blocks = enforced && finding.severity >= report.gate.fail_on;
    }
    report
}

/// A rule in words for people.
#[must_use]
pub fn info(rule: &Rule) -> RuleInfo {
    RuleInfo {
        id: rule.id.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        confidence: rule.confidence,
        why: rule.why.clone(),
        fix: rule.cure(),
        false_positives: rule.false_positives.clone(),
        tags: rule.tags.clone(),
    }
}

/// What a packed app says twice, in its archive and beside it or in two archives, is one finding: the first loose one, else the first.
/// The others become other places of it.
fn fold_packed(mut findings: Vec<Finding>) -> Vec<Finding> {
    let packed: Vec<Finding> = findings.extract_if(.., |finding| !finding.location.inner.is_empty()).collect();
    if packed.is_empty() {
        return findings;
    }
    let key = |finding: &Finding| (finding.fingerprint.clone(), finding.message.clone());
    let mut first: HashMap<(String, String), Option<usize>> = packed.iter().map(|finding| (key(finding), None)).collect();
    for (at, finding) in findings.iter().enumerate() {
        if let Some(first) = first.get_mut(&key(finding)) {
            first.get_or_insert(at);
        }
    }
    for finding in packed {
        // Within one archive, what looks the same is told apart like everything else.
        let elsewhere = |known: &Finding| {
            (&known.location.file, known.location.inner.first()) != (&finding.location.file, finding.location.inner.first())
        };
        let same = first.entry(key(&finding)).or_default();
        match same.filter(|at| elsewhere(&findings[*at])) {
            Some(at) => findings[at].related.push(Label { text: "the same in a package".into(), location: finding.location }),
            None => {
                same.get_or_insert(findings.len());
                findings.push(finding);
            }
        }
    }
    findings.sort_by(Finding::order);
    findings
}

/// Copies of an app have the same ids: the first of equal fingerprints stays, the others get the name of their file as well.
fn tell_copies_apart(findings: &mut [Finding]) {
    let mut seen: HashMap<String, u32> = HashMap::with_capacity(findings.len());
    for finding in findings {
        if seen.contains_key(&finding.fingerprint) {
            finding.copy_of = Some(finding.fingerprint.clone());
            let mut parts: Vec<&str> = vec![&finding.fingerprint, &finding.location.file];
            parts.extend(finding.location.inner.iter().map(String::as_str));
            finding.fingerprint = fingerprint(&parts);
        }
        let times = seen.entry(finding.fingerprint.clone()).or_default();
        *times += 1;
        if *times > 1 {
            finding.fingerprint = fingerprint(&[&finding.fingerprint, &times.to_string()]);
        }
    }
}

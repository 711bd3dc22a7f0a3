//! The verdict and why, the numbers, and the worst findings for those who read without the script.

use super::markup::Markup;
use super::{because, code, severity, tier, word};
use crate::finding::{Finding, Severity};
use crate::model::vocabulary::Tier;
use crate::report::{Report, Turnover, Verdict, count, frame, machine};
use std::collections::BTreeMap;

/// Most findings that are shown without the script.
const WORST: usize = 50;

/// Most files and rules in a list of the overview.
const LISTED: usize = 12;

/// `Blocked: 3 findings · Flowgate`
pub(super) fn title(page: &mut Markup, report: &Report) {
    let blocking = report.blocking();
    match report.verdict() {
        Verdict::Pass => page.raw("Passed"),
        Verdict::Blocked => page.raw("Blocked: ").text(&count(blocking, "finding")),
        Verdict::Incomplete => page.raw("Incomplete"),
    };
    page.raw(" · Flowgate");
}

pub(super) fn badge(page: &mut Markup, report: &Report) {
    let word = word(report.verdict());
    page.raw("<p class=\"badge ").raw(word).raw("\">").raw(word).raw("</p>");
}

pub(super) fn overview(page: &mut Markup, report: &Report) {
    verdict(page, report);
    numbers(page, report);
    page.raw("<div class=\"columns\">\n");
    blocking(page, report);
    gaps(page, report);
    tiers(page, report);
    rules(page, report);
    page.raw("</div>\n");
}

fn verdict(page: &mut Markup, report: &Report) {
    let verdict = report.verdict();
    page.raw("<div class=\"verdict ").raw(word(verdict)).raw("\">\n<h2 id=\"overview-title\">");
    page.raw(match verdict {
        Verdict::Pass => "Passed",
        Verdict::Blocked => "Blocked",
        Verdict::Incomplete => "Incomplete",
    });
    page.raw("</h2>\n<p class=\"lead\">");
    let blocking = report.blocking();
    match verdict {
        Verdict::Pass if report.findings.is_empty() => page.raw("Everything was judged, and nothing was found."),
        Verdict::Pass => page.raw("Everything was judged. No finding ").text(&report.barrier()).raw("."),
        Verdict::Blocked if blocking == 1 => page.raw("One finding must be settled before this can go on."),
        Verdict::Blocked => page.count(blocking).raw(" findings must be settled before this can go on."),
        Verdict::Incomplete => page.raw("No finding blocks, but what was not judged is not clean."),
    };
    page.raw("</p>\n");
    if let Some(gap) = report.gap() {
        page.raw("<p>").raw(if verdict == Verdict::Blocked { "Also, " } else { "Reason: " }).text(&gap);
        page.raw(". <a href=\"#coverage\">See the coverage</a>.</p>\n");
    }
    let summary = report.summary();
    let judged: usize = report.coverage.recognised.values().sum();
    page.raw("<p class=\"muted\">").text(&count(report.apps, "app")).raw(" in ").text(&count(judged, "file"));
    page.raw(" judged by ").text(&count(report.rules.len(), "rule")).raw("; ").text(&count(summary.findings, "finding"));
    page.raw(" in ").text(&count(summary.files, "file")).raw(".</p>\n</div>\n");
}

fn numbers(page: &mut Markup, report: &Report) {
    let summary = report.summary();
    page.raw("<h3 class=\"hidden\">Numbers</h3>\n<ul class=\"tiles\">\n");
    for (known, number) in summary.severities.iter().rev() {
        page.raw("<li><a class=\"tile ").raw(known.as_str()).raw("\" href=\"#findings?severity=").raw(known.as_str());
        page.raw("\"><b>").count(*number).raw("</b> ").raw(known.as_str()).raw("</a></li>\n");
    }
    let Turnover { waived, unchanged, fixed } = Turnover::of(report);
    let others = [
        (report.blocking(), "blocking", "standing=blocking"),
        (waived, "waived", "standing=waived"),
        (unchanged, "not new", "state=unchanged"),
        (fixed, "fixed", "state=fixed"),
    ];
    for (number, name, filter) in others.into_iter().filter(|(number, ..)| *number > 0) {
        page.raw("<li><a class=\"tile\" href=\"#findings?")
            .raw(filter)
            .raw("\"><b>")
            .count(number)
            .raw("</b> ")
            .raw(name)
            .raw("</a></li>\n");
    }
    page.raw("</ul>\n");
    bar(page, &summary.severities);
}

/// The shares of the severities as one bar. The tiles say the same in numbers.
fn bar(page: &mut Markup, severities: &BTreeMap<Severity, usize>) {
    let all: usize = severities.values().sum();
    if all == 0 {
        return;
    }
    let share = |number: usize| f64::from(number as u32) * 1000.0 / f64::from(all as u32);
    page.raw("<svg class=\"shares\" viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let mut at = 0;
    for (known, number) in severities.iter().rev().filter(|(_, number)| **number > 0) {
        page.raw("<rect class=\"").raw(known.as_str()).raw("\" x=\"").number(share(at)).raw("\" y=\"0\" height=\"8\" width=\"");
        page.number(share(*number)).raw("\"/>");
        at += number;
    }
    page.raw("</svg>\n");
}

/// What blocks, by rule and gate.
fn blocking(page: &mut Markup, report: &Report) {
    let mut causes: BTreeMap<(std::cmp::Reverse<Severity>, &str, String), usize> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.blocks) {
        *causes.entry((std::cmp::Reverse(finding.severity), &finding.rule, because(report, finding))).or_default() += 1;
    }
    if causes.is_empty() {
        return;
    }
    let rest = causes.len().saturating_sub(LISTED);
    page.raw("<section class=\"card wide\">\n").heading("What blocks, and why");
    page.table("What blocks", &["Severity", "Rule", "#Findings", "Blocked by"], &mut |page| {
        for ((std::cmp::Reverse(known), rule, because), number) in causes.iter().take(LISTED) {
            page.raw("<tr><td>");
            severity(page, *known);
            page.raw("</td><td><a href=\"#findings?standing=blocking&amp;rule=").parameter(rule).raw("\">").text(rule);
            page.raw("</a>").part(&titled(report, rule)).raw("</td><td class=\"n\">").count(*number);
            page.raw("</td><td>").text(because).raw("</td></tr>\n");
        }
    });
    if rest > 0 {
        page.raw("<p class=\"muted\">And ")
            .text(&count(rest, "more rule"))
            .raw(": <a href=\"#findings?standing=blocking\">all that blocks</a>.</p>\n");
    }
    page.raw("</section>\n");
}

/// The title of a rule behind its name.
fn titled(report: &Report, id: &str) -> Markup {
    let mut title = Markup::default();
    if let Some(rule) = report.rules.iter().find(|rule| &*rule.id == id) {
        title.raw("<span class=\"muted\"> ").prose(&rule.title).raw("</span>");
    }
    title
}

/// What could not be judged.
fn gaps(page: &mut Markup, report: &Report) {
    let unreadable = &report.coverage.unreadable;
    if unreadable.is_empty() {
        return;
    }
    page.raw("<section class=\"card\">\n").heading("What could not be judged").raw("<ul class=\"plain\">\n");
    for file in unreadable.iter().take(LISTED) {
        page.raw("<li>");
        code(page, &frame::path(&file.file, &file.inner));
        page.raw("<br><span class=\"muted\">").prose(&file.reason).raw("</span></li>\n");
    }
    page.raw("</ul>\n");
    if unreadable.len() > LISTED {
        page.raw("<p class=\"muted\">And ")
            .text(&count(unreadable.len() - LISTED, "more file"))
            .raw(": <a href=\"#coverage\">all of them</a>.</p>\n");
    }
    page.raw("</section>\n");
}

/// How many apps are of each tier, and those with the most at stake.
fn tiers(page: &mut Markup, report: &Report) {
    let Some(estate) = report.estate.as_ref().filter(|estate| !estate.stakes.is_empty()) else { return };
    page.raw("<section class=\"card\">\n").heading("How much is at stake").raw("<ul class=\"inline\">");
    for known in [Tier::High, Tier::Moderate, Tier::Low] {
        page.raw("<li>");
        tier(page, known);
        page.raw(" ").count(estate.stakes.iter().filter(|stake| stake.tier == known).count()).raw("</li>");
    }
    page.raw("</ul>\n<ul class=\"plain\">\n");
    for stake in estate.stakes.iter().take(5) {
        page.raw("<li>");
        tier(page, stake.tier);
        page.raw(" <strong>").text(&stake.name).raw("</strong><br><span class=\"muted\">").text(&stake.because).raw("</span></li>\n");
    }
    page.raw("</ul>\n<p class=\"muted\"><a href=\"#risk\">How that was reckoned</a></p>\n</section>\n");
}

/// The rules with the most findings.
fn rules(page: &mut Markup, report: &Report) {
    let mut rules: BTreeMap<&str, (Severity, usize)> = BTreeMap::new();
    for finding in &report.findings {
        let (worst, number) = rules.entry(&finding.rule).or_insert((finding.severity, 0));
        *worst = finding.severity.max(*worst);
        *number += 1;
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|(id, (worst, number))| (std::cmp::Reverse((*worst, *number)), *id));
    if rules.is_empty() {
        return;
    }
    page.raw("<section class=\"card\">\n").heading("Findings by rule").raw("<ul class=\"plain rows\">\n");
    for (id, (worst, number)) in rules.iter().take(LISTED) {
        page.raw("<li>");
        severity(page, *worst);
        page.raw(" <a href=\"#findings?rule=")
            .parameter(id)
            .raw("\">")
            .text(id)
            .raw("</a> <span class=\"n\">")
            .count(*number)
            .raw("</span></li>\n");
    }
    page.raw("</ul>\n");
    if rules.len() > LISTED {
        page.raw("<p class=\"muted\">And ").text(&count(rules.len() - LISTED, "more rule")).raw(".</p>\n");
    }
    page.raw("</section>\n");
}

/// The worst findings, for those who read without the script.
pub(super) fn worst(page: &mut Markup, report: &Report) {
    if report.findings.is_empty() {
        page.raw("<p>Nothing was found.</p>\n");
        return;
    }
    let mut worst = machine::worst_first(&report.findings);
    worst.sort_by_key(|finding| !finding.blocks);
    page.raw("<ol class=\"still\">\n");
    worst.iter().take(WORST).for_each(|finding| item(page, report, finding));
    page.raw("</ol>\n");
    if worst.len() > WORST {
        page.raw("<p>And ").text(&count(worst.len() - WORST, "more finding"));
        page.raw(": switch on JavaScript to search all of them, or see the report in another format.</p>\n");
    }
}

fn item(page: &mut Markup, report: &Report, finding: &Finding) {
    page.raw("<li>");
    severity(page, finding.severity);
    page.raw(" <strong>").prose(&finding.message).raw("</strong><br>");
    code(page, &finding.rule);
    page.raw(" ");
    code(page, &frame::path(&finding.location.file, &finding.location.inner));
    page.raw(" line ").count(finding.location.start.line as usize);
    if finding.blocks {
        page.raw("<br>Blocked by ").text(&because(report, finding));
    }
    for standing in finding.standing() {
        page.raw("<br>").prose(&standing);
    }
    if !finding.help.is_empty() {
        page.raw("<br>What to do: ").prose(&finding.help);
    }
    page.raw("</li>\n");
}

//! How much is at stake with each app, term by term.

use super::markup::Markup;
use super::{code, severity, tier};
use crate::finding::Severity;
use crate::report::estate::{Estate, Stake};
use crate::report::{Report, count};
use std::collections::BTreeMap;

/// Most apps that are shown: those behind have the least at stake.
const SHOWN: usize = 1000;

/// What was found in an app.
#[derive(Default)]
struct Found {
    severities: BTreeMap<Severity, usize>,
    blocking: usize,
}

pub(super) fn risk(page: &mut Markup, report: &Report, estate: &Estate) {
    if estate.stakes.is_empty() {
        return;
    }
    let mut found: Vec<Found> = estate.stakes.iter().map(|_| Found::default()).collect();
    for finding in &report.findings {
        if let Some(found) = estate.of_file.get(&*finding.location.file).and_then(|at| found.get_mut(*at)) {
            *found.severities.entry(finding.severity).or_default() += 1;
            found.blocking += usize::from(finding.blocks);
        }
    }
    page.raw("<p class=\"muted\">Risk is what an app could do and who could make it, whatever is wrong with it: impact times class, audience, capability and criticality, plus exposure times entry, egress and identity. The tier follows from the number, unless something lifts it.</p>\n<div class=\"stakes\">\n");
    for (stake, found) in estate.stakes.iter().zip(&found).take(SHOWN) {
        one(page, stake, found);
    }
    page.raw("</div>\n");
    if estate.stakes.len() > SHOWN {
        page.raw("<p>").text(&count(estate.stakes.len() - SHOWN, "more app")).raw(", with less at stake, are not shown.</p>\n");
    }
}

fn one(page: &mut Markup, stake: &Stake, found: &Found) {
    page.raw("<details class=\"stake\"><summary>");
    tier(page, stake.tier);
    page.raw(" <span class=\"score\"><b>")
        .count(stake.inherent as usize)
        .raw("</b></span> <span class=\"name\"><strong>")
        .text(&stake.name);
    page.raw("</strong> <span class=\"muted\">").text(&stake.because).raw("</span></span><span class=\"found\">");
    for (known, number) in found.severities.iter().rev() {
        page.raw("<span class=\"pair\">").count(*number).raw(" ");
        severity(page, *known);
        page.raw("</span> ");
    }
    page.raw("</span></summary>\n<p class=\"muted\">");
    page.raw(if stake.governed { "Manifest " } else { "No manifest speaks for it. Export " });
    code(page, &stake.file);
    if found.blocking > 0 {
        page.raw(" · ").text(&count(found.blocking, "finding")).raw(if found.blocking == 1 { " blocks" } else { " block" });
    }
    page.raw("</p>\n");
    page.table("Terms of the risk", &["Factor", "Is", "#Weight", "#Times", "#Points", "Seen at"], &mut |page| {
        for term in &stake.terms {
            page.raw("<tr><th scope=\"row\">").raw(term.factor).raw("</th><td>").text(&term.word).raw("</td><td class=\"n\">");
            page.count(term.weight as usize).raw("</td><td class=\"n\">").count(term.times as usize).raw("</td><td class=\"n\">");
            page.count(term.points as usize).raw("</td><td>").prose(&term.origin).raw("</td></tr>\n");
        }
    });
    if !stake.floors.is_empty() {
        page.raw("<p>Lifted to at least:</p><ul>\n");
        for floor in &stake.floors {
            page.raw("<li>");
            tier(page, floor.tier);
            page.raw(" ").raw(floor.reason).raw(", seen at ").prose(&floor.origin).raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
    page.raw("</details>\n");
}

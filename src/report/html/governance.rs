//! What controls the run: the policy with its gates, waivers, and who has agreed.

use super::markup::Markup;
use super::{code, severity, tier};
use crate::report::count;
use crate::report::estate::{Approval, Governance, Waiver};

/// Days before its end from which on a waiver is told to expire soon.
const SOON: i64 = 14;

pub(super) fn governance(page: &mut Markup, known: &Governance) {
    facts(page, known);
    gates(page, known);
    waivers(page, &known.waivers);
    approvals(page, known);
    growth(page, known);
    files(page, known);
}

fn facts(page: &mut Markup, known: &Governance) {
    page.raw("<dl class=\"facts\">\n");
    let mut fact = |name: &'static str, fill: &dyn Fn(&mut Markup)| {
        page.raw("<dt>").raw(name).raw("</dt><dd>");
        fill(page);
        page.raw("</dd>\n");
    };
    fact("Policy", &|page| match &known.policy {
        Some(path) => code(page, path),
        None => _ = page.raw("none"),
    });
    fact("Decided by", &|page| match &known.base {
        Some((name, id)) => {
            page.raw("the base ");
            code(page, name);
            page.raw(" (");
            code(page, short(id));
            page.raw("): policy, rules and waivers are those of that commit");
        }
        None => _ = page.raw("the working tree: what is judged could change what judges it"),
    });
    if let Some(head) = &known.head {
        fact("Commit", &|page| code(page, short(head)));
    }
    if let Some(environment) = &known.environment {
        fact("Promotion to", &|page| _ = page.text(environment));
    }
    if let Some(actor) = &known.actor {
        fact("Promoted by", &|page| _ = page.text(actor));
    }
    if !known.authors.is_empty() {
        fact("Made by", &|page| _ = page.text(&known.authors.join(", ")));
    }
    page.raw("</dl>\n");
}

fn gates(page: &mut Markup, known: &Governance) {
    if known.gates.is_empty() {
        return;
    }
    page.heading("Gates");
    page.table(
        "The gates of the policy, by tier",
        &["Tier", "Blocks", "Must have signed off", "How sure", "Must be linked"],
        &mut |page| {
            for gate in &known.gates {
                page.raw("<tr><th scope=\"row\">");
                tier(page, gate.tier);
                page.raw("</th><td>");
                for known in gate.block.iter().rev() {
                    severity(page, *known);
                    page.raw(" ");
                }
                page.raw("</td><td>");
                for (environment, functions) in &gate.signoffs {
                    let asked = known.environment.as_ref() == Some(environment);
                    page.raw(if asked { "<strong>" } else { "<span>" }).text(environment).raw(": ").text(&functions.join(", "));
                    page.raw(if asked { "</strong><br>" } else { "</span><br>" });
                }
                page.raw("</td><td>")
                    .raw(gate.assurance)
                    .raw("</td><td>")
                    .text(&gate.artifacts.join(", ").replace('_', " "))
                    .raw("</td></tr>\n");
            }
        },
    );
}

fn waivers(page: &mut Markup, waivers: &[Waiver]) {
    page.heading("Waivers");
    if waivers.is_empty() {
        page.raw("<p class=\"muted\">There are none.</p>\n");
        return;
    }
    let columns = ["Waiver", "Standing", "Expires", "#Findings", "Why", "Approved by"];
    page.table("Waivers and what became of them", &columns, &mut |page| waivers.iter().for_each(|one| waiver(page, one)));
}

fn waiver(page: &mut Markup, waiver: &Waiver) {
    page.raw("<tr><th scope=\"row\">").text(&waiver.id).raw("<br><span class=\"muted\">").raw(waiver.category).raw("</span></th><td>");
    let soon = waiver.days.is_some_and(|days| days < SOON);
    let (class, word) = match (waiver.holds, soon) {
        (true, false) => ("good", "holds"),
        (true, true) => ("warn", "holds, expires soon"),
        (false, _) => ("bad", "does not hold"),
    };
    page.raw("<span class=\"mark ").raw(class).raw("\">").raw(word).raw("</span>");
    if !waiver.problems.is_empty() {
        page.raw("<br><span class=\"muted\">").prose(&waiver.problems.join("; ")).raw("</span>");
    }
    page.raw("</td><td>").text(&waiver.expires);
    if let Some(days) = waiver.days {
        let number = count(usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX), "day");
        page.raw("<br><span class=\"muted\">").raw(if days < 0 { "ended " } else { "in " }).text(&number);
        page.raw(if days < 0 { " ago</span>" } else { "</span>" });
    }
    page.raw("</td><td class=\"n\">");
    if waiver.holds && waiver.findings > 0 {
        page.raw("<a href=\"#findings?standing=waived&amp;q=").parameter(&waiver.id).raw("\">").count(waiver.findings).raw("</a>");
    } else {
        page.count(waiver.findings);
    }
    page.raw("</td><td>")
        .prose(&waiver.reason)
        .raw("</td><td>")
        .text(waiver.approved_by.as_deref().unwrap_or("nobody"))
        .raw("</td></tr>\n");
}

fn approvals(page: &mut Markup, known: &Governance) {
    if known.environment.is_none() && known.approvals.is_empty() {
        return;
    }
    page.heading("Approvals");
    if known.approvals.is_empty() {
        page.raw("<p class=\"muted\">No review of the forge counts. Sign-offs of manifests are judged by rules: what is missing is a finding.</p>\n");
        return;
    }
    page.table("Reviews that count", &["Function", "By", "How sure"], &mut |page| {
        for Approval { function, by, assurance } in &known.approvals {
            page.raw("<tr><td>").text(function).raw("</td><td>").text(by).raw("</td><td>").text(assurance).raw("</td></tr>\n");
        }
    });
}

fn growth(page: &mut Markup, known: &Governance) {
    let grown: Vec<_> = known.growth.iter().filter(|(_, number)| **number > 0).collect();
    if grown.is_empty() {
        return;
    }
    page.heading("What has grown since the base");
    page.table("What has grown", &["Number", "#By"], &mut |page| {
        for (name, number) in &grown {
            page.raw("<tr><th scope=\"row\">").text(name).raw("</th><td class=\"n\">").count(**number as usize).raw("</td></tr>\n");
        }
    });
}

fn files(page: &mut Markup, known: &Governance) {
    if known.files.is_empty() {
        return;
    }
    page.raw("<details><summary>").text(&count(known.files.len(), "control file")).raw("</summary>\n");
    page.table("Files that control the run", &["File", "From"], &mut |page| {
        for (path, trusted) in &known.files {
            page.raw("<tr><td>");
            code(page, path);
            page.raw("</td><td>").raw(if *trusted { "the base" } else { "the working tree" }).raw("</td></tr>\n");
        }
    });
    page.raw("</details>\n");
}

/// The beginning of the id of a commit.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

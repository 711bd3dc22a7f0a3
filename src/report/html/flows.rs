//! Where data goes: a picture of all apps, and one of each, with a table that says the same.

use super::markup::Markup;
use super::{picture, tier};
use crate::report::count;
use crate::report::estate::Estate;
use crate::report::inventory::diagram::{Diagram, EdgeKind, One};

/// Most apps with a picture of their own: those with the most at stake.
const DRAWN: usize = 40;

/// Most apps whose common picture is seen at once: one of more has to be asked for.
const FEW: usize = 30;

pub(super) fn flows(page: &mut Markup, estate: &Estate) {
    let mut apps: Vec<(usize, One<'_>)> = Vec::new();
    for record in &estate.records {
        let stake = estate.of_file.get(&record.file).copied().unwrap_or(usize::MAX);
        apps.extend(record.apps.iter().map(|app| (stake, (record, app))));
    }
    apps.sort_by_key(|(stake, _)| *stake);
    let mut drawn: Vec<(usize, Diagram)> = Vec::new();
    let mut left_out = 0;
    for (stake, one) in &apps {
        if drawn.len() == DRAWN {
            left_out += 1;
            continue;
        }
        let diagram = Diagram::of_app(*one);
        if !diagram.edges.is_empty() {
            drawn.push((*stake, diagram));
        }
    }
    if drawn.is_empty() {
        return;
    }
    page.raw("<p class=\"muted\">Frames are boundaries of trust. Grey lines: what starts an app, and what it does with each system. Coloured lines: the ways that data may take through it, drawn through where the reader saw it taken value by value; heavy where it leaves a boundary.</p>\n");
    let one = drawn.len() == 1;
    if apps.len() > 1 && !one {
        let all: Vec<One<'_>> = apps.iter().map(|(_, one)| *one).collect();
        let few = apps.len() <= FEW;
        page.raw("<details class=\"drawing\"").raw(if few { " open>" } else { ">" });
        page.raw("<summary><strong>All apps together</strong></summary>\n");
        show(page, &Diagram::of_apps(&all), 0);
        page.raw("</details>\n");
    }
    for (number, (stake, diagram)) in (1..).zip(&drawn) {
        page.raw("<details class=\"drawing\"").raw(if one { " open><summary>" } else { "><summary>" });
        if let Some(stake) = estate.stakes.get(*stake) {
            tier(page, stake.tier);
        }
        let ways = diagram.edges.iter().filter(|edge| edge.kind == EdgeKind::Flow).count();
        page.raw(" <strong>").text(&diagram.title).raw("</strong>");
        if ways > 0 {
            page.raw(" <span class=\"muted\">").text(&count(ways, "way")).raw(" of data</span>");
        }
        page.raw("</summary>\n");
        show(page, diagram, number);
        page.raw("</details>\n");
    }
    if left_out > 0 {
        page.raw("<p>").text(&count(left_out, "more app")).raw(", with less at stake, have no picture of their own here.</p>\n");
    }
}

fn show(page: &mut Markup, diagram: &Diagram, number: usize) {
    page.raw("<div class=\"canvas\" tabindex=\"0\" role=\"group\" aria-label=\"Drawing of ").text(&diagram.title).raw("\">\n");
    picture::draw(page, diagram, number);
    page.raw("</div>\n");
    for note in &diagram.notes {
        page.raw("<p class=\"muted\">").text(note).raw(".</p>\n");
    }
    page.raw("<details><summary>The same in words</summary>\n");
    let name = |at: usize| diagram.nodes.get(at).map_or("", |node| node.label.as_str());
    let zone = |at: usize| diagram.nodes.get(at).map_or("", |node| node.zone.title());
    page.table(&diagram.title, &["From", "To", "What", "More", "Boundary"], &mut |page| {
        for edge in &diagram.edges {
            let what = match (edge.kind, edge.traced, edge.both) {
                (EdgeKind::Starts, ..) => "starts",
                (EdgeKind::Uses, _, false) => "is used",
                (EdgeKind::Uses, _, true) => "is used, both ways",
                (EdgeKind::Flow, true, _) => "data flows",
                (EdgeKind::Flow, false, _) => "data may flow",
            };
            page.raw("<tr><td>").text(name(edge.from)).raw("</td><td>").text(name(edge.to)).raw("</td><td>").raw(what).raw("</td><td>");
            page.text(&edge.label).raw("</td><td>");
            if diagram.crosses(edge) {
                page.raw(zone(edge.from)).raw(" → ").raw(zone(edge.to));
            } else {
                page.raw("within: ").raw(zone(edge.from));
            }
            page.raw("</td></tr>\n");
        }
    });
    page.raw("</details>\n");
}

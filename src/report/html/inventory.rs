//! What the exports are and can do, by kind of thing, with the apps that have it.

use super::markup::Markup;
use crate::model::inventory::{Inventory, Item, ItemKind, Record};
use crate::report::{count, machine};
use std::collections::{BTreeMap, BTreeSet};

/// Most rows of a table.
const ROWS: usize = 400;

/// Most texts of a fact in a cell, and the longest, in characters.
const TEXTS: usize = 6;
const LONGEST: usize = 120;

/// A table of items: their kind, its heading, its first column, and the facts of the others with their names.
type Table = (ItemKind, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const TABLES: &[Table] = &[
    (
        ItemKind::EntryPoint,
        "Entry points",
        "Entry point",
        &[("kind", "Kind"), ("exposure", "Who reaches it"), ("auth", "Authentication"), ("guard", "Guard"), ("methods", "Methods")],
    ),
    (
        ItemKind::Endpoint,
        "Hosts that are called",
        "Host",
        &[("scheme", "Scheme"), ("network", "Network"), ("verb", "Does"), ("authenticated", "Authenticated")],
    ),
    (ItemKind::Recipient, "Recipients of messages", "Recipient", &[("domain", "Domain"), ("connector", "Connector")]),
    (
        ItemKind::Connector,
        "Connectors",
        "Connector",
        &[("verb", "Does"), ("starts", "Starts"), ("standing", "Standing"), ("version", "Version"), ("weakness", "Weakness")],
    ),
    (ItemKind::Identity, "Identities", "Connection", &[("type", "Type"), ("identity", "Whose rights"), ("power", "Power")]),
    (
        ItemKind::DataSource,
        "Data",
        "Data",
        &[("connector", "Connector"), ("verb", "Does"), ("sensitive", "Sensitive"), ("protected", "Protected")],
    ),
    (
        ItemKind::Agent,
        "Agents",
        "Agent",
        &[
            ("tools", "Tools"),
            ("untrusted_input", "Untrusted input"),
            ("private_data", "Private data"),
            ("outbound", "Sends"),
            ("confirm", "Confirmation"),
        ],
    ),
    (ItemKind::Grant, "Rights that are given", "Right", &[("principal", "To"), ("power", "Power"), ("resource", "On"), ("scope", "Scope")]),
    (ItemKind::Component, "Components", "Component", &[("kind", "Kind"), ("publisher", "Publisher"), ("capability", "Can")]),
    (ItemKind::Setting, "Settings", "Setting", &[("value", "Value")]),
];

/// One line of a table.
#[derive(Default)]
struct Row<'r> {
    name: &'r str,
    facts: Vec<BTreeSet<&'r str>>,
    apps: BTreeSet<usize>,
}

pub(super) fn inventory(page: &mut Markup, records: &[Record]) {
    let apps: Vec<(&Record, &Inventory)> = records.iter().flat_map(|record| record.apps.iter().map(move |app| (record, app))).collect();
    if apps.is_empty() {
        return;
    }
    summary(page, &apps);
    list(page, &apps);
    for table in TABLES {
        kind(page, &apps, table);
    }
}

/// How many there are of each kind of thing.
fn summary(page: &mut Markup, apps: &[(&Record, &Inventory)]) {
    let of = |kind: ItemKind| apps.iter().map(|(_, app)| app.of_kind(kind).count()).sum::<usize>();
    let mut numbers = vec![("apps", apps.len())];
    numbers.extend(
        [
            ("entry points", ItemKind::EntryPoint),
            ("data flows", ItemKind::DataFlow),
            ("agents", ItemKind::Agent),
            ("grants", ItemKind::Grant),
        ]
        .map(|(name, kind)| (name, of(kind))),
    );
    page.raw("<ul class=\"tiles\">\n");
    for (name, number) in numbers.into_iter().filter(|(_, number)| *number > 0) {
        page.raw("<li><span class=\"tile\"><b>").count(number).raw("</b> ").raw(name).raw("</span></li>\n");
    }
    page.raw("</ul>\n");
}

fn name<'r>((record, app): &(&'r Record, &'r Inventory)) -> &'r str {
    [&*app.name, &*app.id].into_iter().find(|name| !name.is_empty()).unwrap_or(&record.file)
}

fn list(page: &mut Markup, apps: &[(&Record, &Inventory)]) {
    page.heading("Apps");
    let columns = ["App", "Platform", "Kind", "Runs", "#Entry points", "#Connectors", "#Hosts", "#Data flows", "Export"];
    page.table("Apps", &columns, &mut |page| {
        for at in apps.iter().take(ROWS) {
            let (record, app) = at;
            page.raw("<tr><th scope=\"row\">").text(&machine::cut(name(at), LONGEST)).raw("</th><td>").text(&record.platform);
            page.raw("</td><td>").text(&app.kind).raw("</td><td>").raw(match app.enabled {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not said",
            });
            page.raw("</td>");
            for kind in [ItemKind::EntryPoint, ItemKind::Connector, ItemKind::Endpoint, ItemKind::DataFlow] {
                page.raw("<td class=\"n\">").count(app.of_kind(kind).count()).raw("</td>");
            }
            page.raw("<td>");
            super::code(page, &record.file);
            page.raw("</td></tr>\n");
        }
    });
    rest(page, apps.len(), "app");
}

fn kind(page: &mut Markup, apps: &[(&Record, &Inventory)], (kind, heading, first, facts): &Table) {
    let mut rows: BTreeMap<(&str, usize), Row<'_>> = BTreeMap::new();
    for (at, (_, app)) in apps.iter().enumerate() {
        for item in app.of_kind(*kind) {
            // What starts an app is its own, whatever it is called; a host is the same for all.
            let own = if *kind == ItemKind::EntryPoint { at } else { 0 };
            let row = rows.entry((&item.id, own)).or_default();
            row.add(item, facts);
            row.apps.insert(at);
        }
    }
    if rows.is_empty() {
        return;
    }
    let mut rows: Vec<Row<'_>> = rows.into_values().collect();
    // Public ones first among entry points; else what most apps have.
    let is_public = |row: &Row<'_>| row.facts.iter().any(|texts| texts.contains("public"));
    rows.sort_by_key(|row| (!is_public(row), std::cmp::Reverse(row.apps.len()), row.name));
    let columns: Vec<&str> = std::iter::once(*first).chain(facts.iter().map(|(_, column)| *column)).chain(["Apps"]).collect();
    page.raw("<h3>").raw(heading).raw(" <span class=\"number\">").count(rows.len()).raw("</span></h3>\n");
    page.table(heading, &columns, &mut |page| {
        for row in rows.iter().take(ROWS) {
            let called = if row.name.trim().is_empty() { "without a name" } else { row.name };
            page.raw("<tr><th scope=\"row\">").text(&machine::cut(called, LONGEST)).raw("</th>");
            for texts in &row.facts {
                let mut shown: Vec<_> = texts.iter().take(TEXTS).map(|text| machine::cut(text, LONGEST)).collect();
                if texts.len() > TEXTS {
                    shown.push(format!("{} more", texts.len() - TEXTS).into());
                }
                page.raw("<td>").text(&shown.join(", ")).raw("</td>");
            }
            page.raw("<td>");
            match row.apps.first().filter(|_| row.apps.len() == 1) {
                Some(app) => page.text(&machine::cut(name(&apps[*app]), LONGEST)),
                None => page.count(row.apps.len()).raw(" apps"),
            };
            page.raw("</td></tr>\n");
        }
    });
    rest(page, rows.len(), "row");
}

impl<'r> Row<'r> {
    fn add(&mut self, item: &'r Item, facts: &[(&str, &str)]) {
        self.name = if item.name.is_empty() { &item.id } else { &item.name };
        self.facts.resize_with(facts.len(), BTreeSet::new);
        for (texts, (fact, _)) in self.facts.iter_mut().zip(facts) {
            texts.extend(item.texts(fact).iter().map(String::as_str));
        }
    }
}

fn rest(page: &mut Markup, rows: usize, noun: &str) {
    if rows > ROWS {
        page.raw("<p class=\"muted\">").text(&count(rows - ROWS, &format!("more {noun}"))).raw(" not shown here.</p>\n");
    }
}

//! Many apps: what they have in common, and what stands out.

use super::columns::{Columns, MAX};
use super::{App, Estate, Options, style, words};
use crate::model::inventory::{Item, ItemKind};
use crate::report::frame::{Page, RED, Style, YELLOW, clip};
use crate::report::inventory::diagram::{Zone, caller, entry_label, zone_of};
use std::collections::{BTreeMap, BTreeSet};

/// Most apps in the list of apps, unless all are asked for.
const MAX_APPS: usize = 30;

/// Most names behind a number.
const MAX_NAMES: usize = 3;

/// Longest of these names, in columns.
const NAME_WIDTH: usize = 28;

pub(super) fn lists(page: &mut Page, estate: &Estate, options: &Options) {
    let all = usize::MAX - 1;
    let most = if options.all { all } else { MAX };
    apps(estate).write(page, 0, if options.all { all } else { MAX_APPS });
    page.put("\n");
    for list in
        [ways_in(estate), owners(estate), systems(estate, ItemKind::Endpoint), systems(estate, ItemKind::Connector)].into_iter().chain([
            systems(estate, ItemKind::DataSource),
            sinks(estate),
            identities(estate),
            rights(estate),
            software(estate),
            secrets(estate),
        ])
    {
        if !list.is_empty() {
            list.write(page, 0, most);
            page.put("\n");
        }
    }
}

/// The items of the kinds that were asked for, all of them.
pub(super) fn items(page: &mut Page, estate: &Estate, options: &Options) {
    for kind in ItemKind::ALL.iter().filter(|kind| options.kinds.contains(kind)) {
        let mut list = Columns::new(kind.name());
        for app in estate.apps() {
            for (item, owner) in app.items().filter(|(item, _)| item.kind == *kind) {
                let place = item.location.as_ref().map(|place| format!("{}:{}", place.file, place.start.line));
                let owner = owner.map(|owner| format!("owned by {owner}"));
                let told: Vec<String> = words::facts(item).into_iter().chain(owner).chain(place).collect();
                list.row("", vec![item.name.clone(), app.title().to_owned(), told.join("; ")]);
            }
        }
        if list.is_empty() {
            page.put(&format!("no {}\n", kind.name()));
        }
        list.write(page, 0, usize::MAX - 1);
        page.put("\n");
    }
}

fn apps(estate: &Estate) -> Columns {
    let mut apps: Vec<App<'_>> = estate.apps().collect();
    let open = |app: &App<'_>| app.inventory.of_kind(ItemKind::EntryPoint).any(|item| caller(item).0 == Zone::Anyone);
    apps.sort_by_cached_key(|app| {
        let standing = &app.export.standing;
        (std::cmp::Reverse((standing.tier, standing.risk, open(app))), app.title().to_owned(), app.export.record.file.clone())
    });
    let has_owners = apps.iter().any(|app| app.owner().is_some());
    let mut rows: Vec<(Style, Vec<String>, usize)> = Vec::new();
    for app in apps {
        let standing = &app.export.standing;
        let mut cells = vec![format!("{} {}", standing.tier.0.name(), standing.risk), app.title().to_owned(), started(app), reaches(app)];
        if has_owners {
            cells.insert(2, app.owner().unwrap_or("no owner").to_owned());
        }
        // Copies of an app are one line.
        match rows.last_mut().filter(|(_, known, _)| *known == cells) {
            Some((_, _, copies)) => *copies += 1,
            None => rows.push((style(standing.tier.0), cells, 1)),
        }
    }
    let mut list = Columns::new("Apps, by tier and risk");
    for (style, mut cells, copies) in rows {
        if copies > 1 {
            cells[1] = format!("{copies} x {}", cells[1]);
        }
        list.row_of(copies, style, cells);
    }
    list
}

/// The way in that the least trusted can take.
fn started(app: App<'_>) -> String {
    let entries = app.inventory.of_kind(ItemKind::EntryPoint).map(|item| (caller(item), item)).min_by_key(|((zone, _), _)| *zone);
    let Some(((zone, _), item)) = entries else { return String::new() };
    let what = entry_label(item.text("kind").unwrap_or_default(), "");
    if zone == Zone::Platform { what } else { format!("{}: {what}", zone.name()) }
}

fn reaches(app: App<'_>) -> String {
    let of = |kind: ItemKind| app.inventory.of_kind(kind);
    let connectors = of(ItemKind::Connector).filter(|item| is_system(item)).count();
    let parts = [
        (of(ItemKind::Endpoint).count(), "host"),
        (connectors, "connector"),
        (of(ItemKind::DataSource).count(), "data source"),
        (of(ItemKind::Grant).count(), "right"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| crate::report::count(*number, noun)).collect();
    parts.join(", ")
}

/// Whether a connector leads to something else than the platform itself.
fn is_system(item: &Item) -> bool {
    let works = |verb: &String| !matches!(verb.as_str(), "control" | "transform");
    !item.has("built_in", "true") && (item.texts("verb").is_empty() || item.texts("verb").iter().any(works))
}

/// What several apps have in common.
#[derive(Default)]
struct Shared {
    apps: BTreeSet<usize>,
    names: Vec<String>,
    words: BTreeSet<String>,
    others: BTreeSet<String>,
    number: usize,
}

impl Shared {
    fn add(&mut self, at: usize, app: App<'_>) -> &mut Self {
        self.number += 1;
        if self.apps.insert(at) {
            self.names.push(app.title().to_owned());
        }
        self
    }

    /// `3 apps`, and which.
    fn apps(&self) -> String {
        words::apps(self.apps.len())
    }

    fn named(&self) -> String {
        listed(&self.names)
    }
}

/// The first of some names, each in a few columns, and how many there are.
fn listed(names: &[String]) -> String {
    let (shown, left) = names.split_at(names.len().min(MAX_NAMES));
    let shown: Vec<_> = shown.iter().map(|name| clip(name, NAME_WIDTH)).collect();
    if left.is_empty() { shown.join(", ") } else { format!("{} and {} more", shown.join(", "), left.len()) }
}

/// Words, of which there are few.
fn all(words: &BTreeSet<String>) -> String {
    const MOST: usize = 12;
    let shown: Vec<_> = words.iter().take(MOST).map(|word| clip(word, NAME_WIDTH)).collect();
    let left = words.len().saturating_sub(MOST);
    if left == 0 { shown.join(", ") } else { format!("{} and {left} more", shown.join(", ")) }
}

fn some(words: &BTreeSet<String>) -> String {
    listed(&words.iter().cloned().collect::<Vec<_>>())
}

/// Groups in the order of how many apps they are about.
fn by_apps<K: Ord + Clone>(groups: BTreeMap<K, Shared>) -> Vec<(K, Shared)> {
    let mut groups: Vec<(K, Shared)> = groups.into_iter().collect();
    groups.sort_by(|(one, first), (other, second)| (second.apps.len(), one).cmp(&(first.apps.len(), other)));
    groups
}

fn ways_in(estate: &Estate) -> Columns {
    let mut groups: BTreeMap<(Zone, &str, String), Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        for item in app.inventory.of_kind(ItemKind::EntryPoint) {
            let (zone, login) = caller(item);
            let kind = entry_label(item.text("kind").unwrap_or_default(), "");
            groups.entry((zone, login, kind)).or_default().add(at, app);
        }
    }
    let mut list = Columns::new("Who can start them");
    // The least trusted first.
    for ((zone, login, kind), shared) in groups {
        let style: Style = if zone == Zone::Anyone { RED } else { "" };
        list.row(style, vec![zone.name().to_owned(), kind, login.to_owned(), shared.apps(), shared.named()]);
    }
    list
}

fn owners(estate: &Estate) -> Columns {
    let mut groups: BTreeMap<Option<&str>, Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        groups.entry(app.owner()).or_default().add(at, app);
    }
    let mut list = Columns::new("Who answers for them");
    for (owner, shared) in by_apps(groups) {
        let style = if owner.is_none() { YELLOW } else { "" };
        list.row(style, vec![owner.unwrap_or("nobody").to_owned(), shared.apps(), shared.named()]);
    }
    list
}

fn systems(estate: &Estate, kind: ItemKind) -> Columns {
    let mut groups: BTreeMap<(Zone, String), Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        for item in app.inventory.of_kind(kind).filter(|item| kind != ItemKind::Connector || is_system(item)) {
            let unknown = kind == ItemKind::Endpoint && item.text("host").is_none();
            let name = if unknown { "addresses known at run time".to_owned() } else { item.name.clone() };
            let group = groups.entry((zone_of(item).unwrap_or(Zone::Unknown), name)).or_default().add(at, app);
            let does = item.texts("verb").iter().filter(|verb| !matches!(verb.as_str(), "control" | "transform")).cloned();
            group.words.extend(does.chain((!item.texts("starts").is_empty()).then(|| "starts".to_owned())));
            let standing = item.text("standing").map(|standing| format!("{standing} by policy"));
            let weak = (item.has("scheme", "http") || item.has("scheme", "ftp")).then(|| "without encryption".to_owned());
            let class = item.text("class").or(item.text("sensitive")).map(str::to_owned);
            group.others.extend(standing.into_iter().chain(weak).chain(class));
        }
    }
    let mut list = Columns::new(match kind {
        ItemKind::Endpoint => "Hosts that they call",
        ItemKind::Connector => "Connectors that they use",
        _ => "Data that they work with",
    });
    for ((zone, name), shared) in by_apps(groups) {
        let verbs = shared.words.iter().cloned().collect::<Vec<_>>().join(", ");
        let zone = if kind == ItemKind::Connector { String::new() } else { zone.name().to_owned() };
        let style = if shared.others.is_empty() { "" } else { YELLOW };
        let mut cells = vec![
            name,
            zone,
            shared.apps(),
            verbs,
            [some(&shared.others), shared.named()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
        ];
        if kind == ItemKind::Connector {
            cells.remove(1);
        }
        list.row(style, cells);
    }
    list
}

/// Where data may end up, those outside of the organisation first.
fn sinks(estate: &Estate) -> Columns {
    let mut groups: BTreeMap<(Zone, String), Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        let zones: BTreeMap<&str, Zone> = app
            .inventory
            .items
            .iter()
            .filter_map(|item| Some((item.name.as_str(), zone_of(item).filter(|_| item.kind != ItemKind::EntryPoint)?)))
            .collect();
        for flow in app.inventory.of_kind(ItemKind::DataFlow) {
            let to = flow.text("to").unwrap_or_default();
            let unknown = flow.text("to_kind") == Some(ItemKind::Endpoint.name()) && flow.text("to_resource").is_none();
            let name = if unknown { "addresses known at run time" } else { to };
            let zone = zones.get(to).copied().unwrap_or(Zone::Unknown);
            let group = groups.entry((zone, name.to_owned())).or_default().add(at, app);
            group.words.extend(flow.text("from").map(str::to_owned));
            if flow.has("traced", "true") {
                group.others.insert("seen".to_owned());
            }
        }
    }
    let mut list = Columns::new("Where data may go");
    let mut groups = by_apps(groups);
    groups.sort_by_key(|((zone, _), _)| *zone);
    for ((zone, name), shared) in groups {
        let seen = if shared.others.is_empty() { "possible" } else { "seen" };
        let style = if matches!(zone, Zone::Internet | Zone::Unknown | Zone::Anyone) { YELLOW } else { "" };
        list.row(style, vec![name, zone.name().to_owned(), shared.apps(), seen.to_owned(), format!("from {}", some(&shared.words))]);
    }
    list
}

fn identities(estate: &Estate) -> Columns {
    let mut groups: BTreeMap<(String, String), Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        for item in app.inventory.of_kind(ItemKind::Identity) {
            let identity = item.text("identity").unwrap_or("unknown").to_owned();
            let group = groups.entry((identity, item.text("type").unwrap_or(&item.name).to_owned())).or_default().add(at, app);
            group.others.extend(item.texts("power").iter().cloned());
        }
    }
    let mut list = Columns::new("Connections, and with whose rights they work");
    for ((identity, kind), shared) in by_apps(groups) {
        let power = some(&shared.others);
        list.row(
            if power.is_empty() { "" } else { YELLOW },
            vec![
                kind,
                identity,
                shared.apps(),
                [power, shared.named()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
            ],
        );
    }
    list
}

fn rights(estate: &Estate) -> Columns {
    let mut groups: BTreeMap<(String, String), Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        for item in app.inventory.of_kind(ItemKind::Grant) {
            let text = |fact| item.text(fact).unwrap_or_default().to_owned();
            let group = groups.entry((text("principal_kind"), text("principal"))).or_default().add(at, app);
            group.words.extend(item.texts("power").iter().cloned());
            let verbs = if item.texts("verb").is_empty() { item.texts("action") } else { item.texts("verb") };
            group.others.extend(verbs.iter().cloned());
        }
    }
    let mut list = Columns::new("Who gets rights");
    let mut groups = by_apps(groups);
    let weight = |kind: &str| ["anonymous", "everyone"].iter().position(|known| *known == kind).unwrap_or(2);
    groups.sort_by_key(|((kind, _), shared)| (weight(kind), std::cmp::Reverse((shared.words.len(), shared.number))));
    for ((kind, name), shared) in groups {
        let style = if weight(&kind) < 2 {
            RED
        } else if shared.words.is_empty() {
            ""
        } else {
            YELLOW
        };
        let name = if name.is_empty() { kind.clone() } else { name };
        let what: BTreeSet<String> = shared.words.iter().chain(&shared.others).cloned().collect();
        list.row(style, vec![name, kind, crate::report::count(shared.number, "right"), shared.apps(), all(&what)]);
    }
    list
}

fn software(estate: &Estate) -> Columns {
    let mut groups: BTreeMap<(String, String), Shared> = BTreeMap::new();
    for (at, app) in estate.apps().enumerate() {
        for item in app.inventory.of_kind(ItemKind::Component) {
            let group = groups.entry((item.name.clone(), item.text("kind").unwrap_or_default().to_owned())).or_default().add(at, app);
            group.others.extend(item.texts("capability").iter().chain(item.texts("publisher")).cloned());
        }
    }
    let mut list = Columns::new("Software that they bring along or need");
    for ((name, kind), shared) in by_apps(groups) {
        list.row("", vec![name, kind, some(&shared.others), shared.apps(), shared.named()]);
    }
    list
}

fn secrets(estate: &Estate) -> Columns {
    let mut found: Vec<(usize, App<'_>)> = Vec::new();
    for app in estate.apps() {
        let number = app.inventory.of_kind(ItemKind::Secret).find_map(|item| item.text("count")?.parse().ok()).unwrap_or(0);
        if number > 0 {
            found.push((number, app));
        }
    }
    found.sort_by(|one, other| (other.0, one.1.title()).cmp(&(one.0, other.1.title())));
    let mut list = Columns::new("Credentials in exports; `flowgate check` tells where");
    for (number, app) in found {
        list.row(RED, vec![number.to_string(), app.title().to_owned(), app.export.record.file.clone()]);
    }
    list
}

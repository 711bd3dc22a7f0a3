//! One app: its ways in, its systems, and the ways of data between them.

use super::{Diagram, EdgeKind, Node, NodeKind, One, Zone, drawing::Drawing, label};
use crate::model::inventory::{Inventory, Item, ItemKind};
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes of one kind in one zone.
const MAX_NODES: usize = 12;

/// Most ways of data.
const MAX_FLOWS: usize = 40;

/// Most names of triggers below a way in.
const MAX_NAMES: usize = 3;

pub(super) fn diagram(one: One<'_>) -> Diagram {
    let mut drawing = Drawing::default();
    draw(&mut drawing, one, true);
    let title = title(one);
    let mut notes = drawing.gather(MAX_NODES, &[NodeKind::App]);
    notes.extend(drawing.fewer_flows(MAX_FLOWS));
    drawing.diagram(title, notes)
}

/// What to call an app.
pub(super) fn title((record, app): One<'_>) -> String {
    let title = [&app.name, &app.id, &record.file].into_iter().find(|text| !text.trim().is_empty());
    label(title.map_or("app", |title| title.as_str()))
}

/// Adds an app with its ways in and its systems; and with its ways of data, where they are asked for.
pub(super) fn draw(drawing: &mut Drawing, one: One<'_>, flows: bool) {
    let app = one.1;
    let own = drawing.alone(app_node(one));
    let sources = entries(drawing, own, app, flows);
    principals(drawing, own, app);
    let systems = systems(drawing, own, app);
    recipients(drawing, own, app);
    if flows {
        ways(drawing, app, &sources, &systems);
    }
}

fn app_node(one: One<'_>) -> Node {
    let (record, app) = one;
    let mut details = vec![format!("{} of {}", if app.kind.is_empty() { "app" } else { &app.kind }, record.platform)];
    if app.enabled == Some(false) {
        details.push("switched off".to_owned());
    }
    let count = |kind| app.of_kind(kind).count();
    let mut say = |number: usize, one: &str, many: &str| {
        if number > 0 {
            details.push(format!("{number} {}", if number == 1 { one } else { many }));
        }
    };
    say(count(ItemKind::Agent), "agent", "agents");
    say(count(ItemKind::Grant), "right given", "rights given");
    let secrets = app.of_kind(ItemKind::Secret).find_map(|item| item.text("count")?.parse().ok());
    say(secrets.unwrap_or(0), "credential in the export", "credentials in the export");
    Node { kind: NodeKind::App, zone: Zone::Platform, label: title(one), details, stands_for: 1 }
}

// ------------------------------------------------------------------------------------------------------------------------- ways in

/// The nodes of ways in, by what ways of data call them: the kind of trigger, and its connector.
type Entries = BTreeMap<(String, String), BTreeSet<usize>>;

fn entries(drawing: &mut Drawing, own: usize, app: &Inventory, names: bool) -> Entries {
    let mut found = Entries::new();
    for item in app.of_kind(ItemKind::EntryPoint) {
        let text = |fact| item.text(fact).unwrap_or_default();
        let (kind, connector) = (text("kind"), text("connector"));
        let by_system = matches!(kind, "event" | "file" | "queue" | "email");
        let (zone, login) = caller(item);
        let system = if by_system { connector } else { "" };
        let key = format!("{kind}\n{system}\n{login}");
        let node = Node { kind: NodeKind::EntryPoint, zone, label: entry_label(kind, system), details: Vec::new(), stands_for: 1 };
        let at = drawing.node(key, node);
        if names {
            drawing.tell(at, &item.name, MAX_NAMES);
        }
        drawing.edge(EdgeKind::Starts, (at, own), [login.to_owned()], false, false);
        found.entry((kind.to_owned(), system.to_owned())).or_default().insert(at);
    }
    found
}

/// Where callers are, and how they show who they are.
fn caller(item: &Item) -> (Zone, &'static str) {
    let guarded = item.text("guard").is_some_and(|guard| guard != "none");
    let login = match item.text("auth") {
        _ if guarded => "checked in the app",
        Some("none") => "no login",
        Some("url-secret") => "secret in the address",
        Some("basic") => "user name and password",
        Some("header") => "secret in a header",
        Some("hmac") => "signed message",
        Some("jwt") => "signed token",
        Some("oauth") => "login",
        Some("ip") => "known addresses",
        Some("platform") => "login of the platform",
        _ => "",
    };
    match item.text("exposure") {
        Some("public") if login == "no login" => (Zone::Anyone, login),
        Some("public") => (Zone::Internet, login),
        Some("tenant" | "users") => (Zone::Organisation, login),
        // The platform itself needs no login.
        Some("internal") => (Zone::Platform, ""),
        _ => (Zone::Unknown, login),
    }
}

/// What comes in by that kind of trigger.
fn entry_label(kind: &str, system: &str) -> String {
    let what = match kind {
        "http" => "HTTP requests",
        "form" => "Form",
        "chat" => "Chat",
        "mcp" => "Calls of agents (MCP)",
        "email" => "Incoming mail",
        "file" => "New files",
        "queue" => "Queue",
        "event" => "Events",
        "schedule" => "Schedule",
        "manual" => "Started by hand",
        "app-call" => "Called by other apps",
        "subflow" => "Called as a part",
        "error" => "Failures of other apps",
        "" => "Way in",
        other => other,
    };
    if system.is_empty() { what.to_owned() } else { label(&format!("{what}: {system}")) }
}

/// Who has rights without being named.
fn principals(drawing: &mut Drawing, own: usize, app: &Inventory) {
    for grant in app.of_kind(ItemKind::Grant) {
        let (zone, name) = match grant.text("principal_kind") {
            Some("anonymous") => (Zone::Anyone, "Anyone with the link"),
            Some("everyone") => (Zone::Organisation, "Everyone in the organisation"),
            _ => continue,
        };
        let node = Node { kind: NodeKind::Principal, zone, label: name.to_owned(), details: Vec::new(), stands_for: 1 };
        let at = drawing.node(name.to_owned(), node);
        let words: Vec<String> = match grant.texts("verb") {
            [] => grant.text("action").map(label).into_iter().collect(),
            verbs => verbs.to_vec(),
        };
        drawing.edge(EdgeKind::Starts, (at, own), words, false, false);
    }
}

// ------------------------------------------------------------------------------------------------------------------------- systems

/// The nodes of systems, by kind and by the name that ways of data call them.
type Systems<'a> = BTreeMap<(ItemKind, &'a str), (usize, &'a Item)>;

fn systems<'a>(drawing: &mut Drawing, own: usize, app: &'a Inventory) -> Systems<'a> {
    let mut systems = Systems::new();
    for item in app.of_kind(ItemKind::DataSource) {
        let at = drawing.node(data_key(item), data_node(item));
        drawing.use_of(own, at, item.texts("verb"), "holds");
        systems.insert((ItemKind::DataSource, &item.name), (at, item));
    }
    for item in app.of_kind(ItemKind::Endpoint) {
        let at = drawing.node(format!("{}\n{}", zone_of_host(item).name(), endpoint_key(item)), endpoint_node(item));
        drawing.use_of(own, at, item.texts("verb"), "calls");
        systems.insert((ItemKind::Endpoint, &item.name), (at, item));
    }
    // A connector is drawn where no data or host tells what it is used for.
    let told = |item: &'a Item| item.texts(if item.kind == ItemKind::Endpoint { "through" } else { "connector" });
    let items = app.of_kind(ItemKind::DataSource).chain(app.of_kind(ItemKind::Endpoint));
    let told: BTreeSet<&str> = items.flat_map(told).map(String::as_str).collect();
    let connector = ItemKind::Connector.name();
    let flows = app.of_kind(ItemKind::DataFlow).flat_map(|flow| [("from_kind", "from"), ("to_kind", "to")].map(|ends| (flow, ends)));
    let ends: BTreeSet<&str> =
        flows.filter(|(flow, (kind, _))| flow.text(kind) == Some(connector)).filter_map(|(flow, (_, name))| flow.text(name)).collect();
    for item in app.of_kind(ItemKind::Connector) {
        let works = item.texts("verb").iter().any(|verb| !matches!(verb.as_str(), "control" | "transform"));
        let is_drawn = ends.contains(&*item.name) || works && !item.has("built_in", "true") && !told.contains(&*item.id);
        if is_drawn {
            let node = Node {
                kind: NodeKind::Connector,
                zone: Zone::Services,
                label: label(&item.name),
                details: standing(item).into_iter().collect(),
                stands_for: 1,
            };
            let at = drawing.node(item.id.clone(), node);
            drawing.use_of(own, at, item.texts("verb"), "uses");
            systems.insert((ItemKind::Connector, &item.name), (at, item));
        }
    }
    systems
}

fn standing(item: &Item) -> Option<String> {
    item.text("standing").map(|standing| format!("{standing} by policy"))
}

/// Columns that an app has, without saying what is done with them, are told as their table.
fn data_key(item: &Item) -> String {
    let table = item.text("resource").and_then(|resource| resource.rsplit_once('.')).map(|(table, _)| table);
    match table {
        Some(table) if item.texts("verb").is_empty() => format!("{}\n{table}", item.text("connector").unwrap_or_default()),
        _ => item.id.clone(),
    }
}

fn data_node(item: &Item) -> Node {
    let (connector, kind) = (item.text("connector"), item.text("kind"));
    let zone = match (kind, connector) {
        (Some("web"), _) => Zone::Internet,
        (Some("memory"), _) | (_, None) => Zone::Platform,
        (_, Some(connector)) if is_own_store(connector) => Zone::Platform,
        _ => Zone::Services,
    };
    let resource = item.text("resource").unwrap_or(&item.name);
    let resource = if item.texts("verb").is_empty() { resource.rsplit_once('.').map_or(resource, |(table, _)| table) } else { resource };
    let mut details: Vec<String> = connector.map(label).into_iter().collect();
    details.extend(class(item).map(label));
    Node { kind: NodeKind::DataSource, zone, label: label(resource), details, stands_for: 1 }
}

/// Whether data behind that connector is kept by the platform that runs the app.
fn is_own_store(connector: &str) -> bool {
    ["shared_commondataservice", "dataverse", "salesforce", "n8n-nodes-base.dataTable"].iter().any(|own| connector.starts_with(own))
}

/// The class of what is in it, by policy; else what makes it worth protecting.
fn class(item: &Item) -> Option<&str> {
    item.text("class").or_else(|| item.text("sensitive"))
}

fn zone_of_host(item: &Item) -> Zone {
    match item.text("network") {
        _ if item.text("environment").is_some() => Zone::Organisation,
        Some("public") => Zone::Internet,
        Some("private" | "loopback") => Zone::Organisation,
        Some("metadata") => Zone::Platform,
        _ => Zone::Unknown,
    }
}

/// Hosts are the same in all apps; addresses that nobody knows yet are not told apart.
fn endpoint_key(item: &Item) -> &str {
    item.text("host").unwrap_or("")
}

fn endpoint_node(item: &Item) -> Node {
    let mut details = Vec::new();
    if item.has("network", "loopback") {
        details.push("the same machine".to_owned());
    } else if item.has("network", "metadata") {
        details.push("metadata service, which hands out credentials".to_owned());
    }
    if item.has("scheme", "http") || item.has("scheme", "ftp") {
        details.push("without encryption".to_owned());
    }
    let name = item.text("host").map_or_else(|| "Address known only when it runs".to_owned(), label);
    Node { kind: NodeKind::Endpoint, zone: zone_of_host(item), label: name, details, stands_for: 1 }
}

/// Those that messages go to, by domain: who they are is nobody's business in a picture.
fn recipients(drawing: &mut Drawing, own: usize, app: &Inventory) {
    for item in app.of_kind(ItemKind::Recipient) {
        let zone = match item.text("domain") {
            Some("own") => Zone::Organisation,
            Some("foreign" | "free-mail") => Zone::Internet,
            _ => Zone::Unknown,
        };
        let domain = item.id.rsplit_once('@').map(|(_, domain)| domain.trim_end_matches(['>', ' ', ';']));
        let name = domain.filter(|domain| !domain.is_empty()).map_or_else(|| "Recipients".to_owned(), |domain| format!("Mail to {domain}"));
        let node = Node { kind: NodeKind::Recipient, zone, label: label(&name), details: Vec::new(), stands_for: 1 };
        let at = drawing.node(name, node);
        drawing.edge(EdgeKind::Uses, (own, at), ["send".to_owned()], false, false);
    }
}

// ------------------------------------------------------------------------------------------------------------------- ways of data

fn ways(drawing: &mut Drawing, app: &Inventory, entries: &Entries, systems: &Systems<'_>) {
    let kind_of = |name: &str| ItemKind::ALL.iter().copied().find(|kind| kind.name() == name);
    for flow in app.of_kind(ItemKind::DataFlow) {
        let text = |fact| flow.text(fact).unwrap_or_default();
        let system = |kind: &'static str, name: &'static str| systems.get(&(kind_of(text(kind))?, text(name))).copied();
        let Some((to, sink)) = system("to_kind", "to") else {
            drawing.unseen(1);
            continue;
        };
        let source = system("from_kind", "from");
        let from: BTreeSet<usize> = match source {
            Some((from, _)) => BTreeSet::from([from]),
            None => entry(flow, entries),
        };
        if from.is_empty() {
            drawing.unseen(1);
        }
        let class = source.and_then(|(_, item)| class(item)).map(label);
        let verbs = sink.texts("verb").iter().filter(|verb| !matches!(verb.as_str(), "read" | "control" | "transform")).cloned();
        let words: Vec<String> = class.into_iter().chain(verbs).collect();
        for from in from {
            drawing.edge(EdgeKind::Flow, (from, to), words.iter().cloned(), false, flow.has("traced", "true"));
        }
    }
}

/// The nodes of the ways in that a way of data begins at.
fn entry(flow: &Item, entries: &Entries) -> BTreeSet<usize> {
    let Some(rest) = flow.id.strip_prefix("entry:") else { return BTreeSet::new() };
    let kind = rest.split([':', ' ']).next().unwrap_or_default();
    let connector = flow.text("from_connector").unwrap_or_default();
    let of = |system: &str| entries.get(&(kind.to_owned(), system.to_owned())).cloned();
    of(connector).or_else(|| of("")).unwrap_or_default()
}

//! One app, whole.

use super::columns::{Columns, MAX};
use super::{App, Options, style, words};
use crate::model::inventory::{Item, ItemKind};
use crate::report::frame::{BOLD, CYAN, DIM, Page, RED, YELLOW, clip};
use crate::report::inventory::Declared;
use crate::report::inventory::diagram::{Zone, caller, entry_label, zone_of};

pub(super) fn app(page: &mut Page, app: App<'_>, options: &Options) {
    let (record, inventory) = app.one();
    page.paint(BOLD, &clip(app.title(), 200));
    let kind = if inventory.kind.is_empty() { "app" } else { &inventory.kind };
    let enabled = match inventory.enabled {
        Some(true) => ", switched on",
        Some(false) => ", switched off",
        None => "",
    };
    page.put("  ");
    page.paint(DIM, &format!("{} of {}{enabled}", clip(kind, 40), record.platform));
    page.end_line();
    line(page, "export", &record.file);
    if !inventory.id.is_empty() && inventory.id != app.title() {
        line(page, "id", &inventory.id);
    }
    let standing = &app.export.standing;
    page.put("  tier      ");
    page.paint(style(standing.tier.0), standing.tier.0.name());
    page.put(": ");
    let because = if standing.because.starts_with("risk ") {
        standing.because.clone()
    } else {
        format!("risk {}; {}", standing.risk, standing.because)
    };
    page.paragraph(14 + standing.tier.0.name().len(), 12, &clip(&because, 400));
    match &app.export.declared {
        Some(declared) => line(page, "owner", &owner(declared)),
        None => {
            page.put("  owner     ");
            page.paint(YELLOW, "nobody: no manifest speaks for it");
            page.end_line();
        }
    }
    let most = if options.all { usize::MAX - 1 } else { MAX };
    for list in lists(app) {
        if !list.is_empty() {
            list.write(page, 2, most);
        }
    }
    rest(page, app);
    page.put("\n");
}

fn line(page: &mut Page, name: &str, text: &str) {
    page.put(&format!("  {name:<10}"));
    page.paragraph(12, 12, &clip(text, 1000));
}

/// Who answers for it, in one line.
pub(super) fn owner(declared: &Declared) -> String {
    let mut parts = vec![declared.owner().unwrap_or("nobody is named").to_owned()];
    for (name, text) in [
        ("team", if declared.owner.is_empty() { "" } else { &declared.team }),
        ("data steward", &declared.steward),
        ("maker", &declared.maker),
        ("environment", &declared.environment),
        ("class", &declared.classification),
        ("review by", &declared.review_by),
    ] {
        if !text.is_empty() {
            parts.push(format!("{name} {text}"));
        }
    }
    format!("{} ({})", parts.join(", "), declared.manifest)
}

/// Where an item stands, and who owns it.
fn place(app: App<'_>, item: &Item, owner: Option<&str>) -> String {
    let place = item.location.as_ref().map(|place| {
        let file = if *place.file == *app.export.record.file && place.inner.is_empty() { "" } else { &*place.file };
        let inner: String = place.inner.iter().flat_map(|part| ["!", part]).collect();
        if file.is_empty() && inner.is_empty() {
            format!("line {}", place.start.line)
        } else {
            format!("{file}{inner}:{}", place.start.line)
        }
    });
    let owner = owner.map(|owner| format!("owned by {owner}"));
    [owner, place].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn zone(item: &Item) -> String {
    zone_of(item).map_or("", Zone::name).to_owned()
}

fn lists(app: App<'_>) -> Vec<Columns> {
    let mut starts = Columns::new("Started by");
    let mut connectors = Columns::new("Connectors");
    let mut hosts = Columns::new("Hosts");
    let mut data = Columns::new("Data");
    let mut recipients = Columns::new("Recipients");
    let mut identities = Columns::new("Connections that it works with");
    let mut grants = Columns::new("Rights that it gives");
    let mut flows = Columns::new("Ways of data");
    let mut agents = Columns::new("Agents");
    let mut components = Columns::new("Software that it brings along or needs");
    for (item, owner) in app.items() {
        let verbs = item.texts("verb").join(", ");
        let place = place(app, item, owner);
        let text = |fact: &str| item.text(fact).unwrap_or_default().to_owned();
        match item.kind {
            ItemKind::EntryPoint => {
                let (zone, login) = caller(item);
                let open = if zone == Zone::Anyone { RED } else { "" };
                let kind = entry_label(&text("kind"), "");
                starts.row(open, vec![zone.name().to_owned(), login.to_owned(), kind, joined([item.name.clone(), place])]);
            }
            ItemKind::Connector if item.has("built_in", "true") => {}
            ItemKind::Connector => {
                let starts = if item.texts("starts").is_empty() { "" } else { "starts it" };
                let standing = item.text("standing").map(|standing| format!("{standing} by policy")).unwrap_or_default();
                let style = if item.has("standing", "blocked") || item.has("standing", "unlisted") { YELLOW } else { "" };
                let does = if verbs.is_empty() { starts.to_owned() } else { verbs };
                connectors.row(style, vec![item.name.clone(), does, joined([standing, place])]);
            }
            ItemKind::Endpoint => {
                let scheme = item.texts("scheme").join(", ");
                let weak = item.has("scheme", "http") || item.has("scheme", "ftp");
                let login = if item.has("authenticated", "false") { "without credential" } else { "" };
                let name = item.text("host").map_or_else(|| item.name.clone(), str::to_owned);
                hosts.row(if weak { YELLOW } else { "" }, vec![name, zone(item), verbs, joined([scheme, login.to_owned(), place])]);
            }
            ItemKind::DataSource => {
                let class = joined([text("class"), text("sensitive")]);
                data.row("", vec![item.name.clone(), verbs, class, place]);
            }
            ItemKind::Recipient => recipients.row("", vec![item.name.clone(), text("domain"), place]),
            ItemKind::Identity => {
                let rights = item.text("identity").map(|identity| format!("rights of: {identity}")).unwrap_or_default();
                let name = item.text("type").unwrap_or(&item.name).to_owned();
                identities.row("", vec![name, rights, text("power"), joined([text("credential"), place])]);
            }
            ItemKind::Grant => grants.row("", vec![joined([words::grant(item), place])]),
            ItemKind::DataFlow => {
                let (traced, style) = if item.has("traced", "true") { ("seen", CYAN) } else { ("possible", DIM) };
                flows.row(style, vec![traced.to_owned(), joined([item.name.clone(), place])]);
            }
            ItemKind::Agent => agents.row("", vec![item.name.clone(), joined([words::facts(item).join("; "), place])]),
            ItemKind::Component => {
                components.row("", vec![item.name.clone(), text("kind"), joined([text("capability"), text("version"), place])]);
            }
            ItemKind::App | ItemKind::Setting | ItemKind::Branch | ItemKind::Secret => {}
        }
    }
    vec![starts, connectors, hosts, data, recipients, identities, grants, flows, agents, components]
}

/// What is not listed, by its number.
fn rest(page: &mut Page, app: App<'_>) {
    let secrets = app.inventory.of_kind(ItemKind::Secret).find_map(|item| item.text("count")?.parse::<usize>().ok()).unwrap_or(0);
    if secrets > 0 {
        page.put("  ");
        page.paint(RED, &crate::report::count(secrets, "credential"));
        page.put(" in the export; `flowgate check` tells where");
        page.end_line();
    }
    let of = |kind: ItemKind| app.inventory.of_kind(kind).count();
    let built_in = app.inventory.of_kind(ItemKind::Connector).filter(|item| item.has("built_in", "true")).count();
    let parts = [
        (built_in, "connector", "built-in step type"),
        (of(ItemKind::Branch), "branch", "decision"),
        (of(ItemKind::Setting), "setting", "setting"),
    ];
    let parts: Vec<(String, String)> = parts
        .iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, kind, noun)| (crate::report::count(*number, noun), format!("--kind {kind}")))
        .collect();
    if !parts.is_empty() {
        let (told, kinds): (Vec<String>, Vec<String>) = parts.into_iter().unzip();
        page.put("  ");
        page.paint(DIM, &format!("also: {} ({})", told.join(", "), kinds.join(" ")));
        page.end_line();
    }
}

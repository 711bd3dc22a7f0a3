//! Inventories: what they say in each format, and the page about them. `FLOWGATE_UPDATE=1 cargo test --test inventory` writes
//! `docs/inventory.md` and the schema of the JSON format.

use flowgate::gate::{self, Control};
use flowgate::lint::Input;
use flowgate::model::inventory::ItemKind;
use flowgate::report::inventory::diagram::{Diagram, EdgeKind, NodeKind, Zone};
use flowgate::report::inventory::{Estate, FORMATS, Format, Options, format, schema};
use flowgate::rule::RuleSet;
use jiff::Timestamp;
use proptest::prelude::*;
use regex::Regex;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

/// An app that anyone can start, that reads a table, sends it away and writes a message.
const INTAKE: &str = r#"{"id": "c0nT0s0InTaKe001", "name": "Invoice intake", "active": true, "nodes": [
  {"id": "1", "name": "Invoice sent", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
   "parameters": {"path": "invoices", "httpMethod": "POST"}},
  {"id": "2", "name": "Suppliers", "type": "n8n-nodes-base.postgres", "typeVersion": 2, "position": [1, 0],
   "parameters": {"operation": "select", "table": {"value": "suppliers"}}, "credentials": {"postgres": {"id": "7", "name": "Books"}}},
  {"id": "3", "name": "Tell the bank", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4, "position": [2, 0],
   "parameters": {"method": "POST", "url": "http://api.fabrikam.com:8080/payments"}},
  {"id": "4", "name": "Tell the buyer", "type": "n8n-nodes-base.gmail", "typeVersion": 2, "position": [3, 0],
   "parameters": {"sendTo": "buyers@contoso.example", "subject": "Paid", "message": "={{ $('Invoice sent').item.json.body }}"}}],
 "connections": {"Invoice sent": {"main": [[{"node": "Suppliers", "type": "main", "index": 0}]]},
   "Suppliers": {"main": [[{"node": "Tell the bank", "type": "main", "index": 0}]]},
   "Tell the bank": {"main": [[{"node": "Tell the buyer", "type": "main", "index": 0}]]}}, "settings": {}}"#;

/// One that a clock starts, with a node of the community.
const REPORT: &str = r#"{"id": "c0nT0s0RePoRt001", "name": "Monthly report", "active": false, "nodes": [
  {"id": "1", "name": "Each month", "type": "n8n-nodes-base.scheduleTrigger", "typeVersion": 1, "position": [0, 0], "parameters": {}},
  {"id": "2", "name": "Suppliers", "type": "n8n-nodes-base.postgres", "typeVersion": 2, "position": [1, 0],
   "parameters": {"operation": "select", "table": {"value": "suppliers"}}, "credentials": {"postgres": {"id": "7", "name": "Books"}}},
  {"id": "3", "name": "Print", "type": "n8n-nodes-contoso-print.printer", "typeVersion": 1, "position": [2, 0], "parameters": {}}],
 "connections": {"Each month": {"main": [[{"node": "Suppliers", "type": "main", "index": 0}]]},
   "Suppliers": {"main": [[{"node": "Print", "type": "main", "index": 0}]]}}, "settings": {}}"#;

fn estate(files: &[(&str, &str)]) -> Estate {
    let rules = RuleSet::builtin().expect("the built-in rules are sound");
    let inputs: Vec<Input> =
        files.iter().map(|(name, text)| Input::Bytes { name: (*name).into(), bytes: text.as_bytes().to_vec() }).collect();
    let control = Control::read(&inputs, None, None, rules).expect("nothing controls it");
    gate::inventory(&control, &inputs, None, Timestamp::UNIX_EPOCH, None).expect("no path that could be missing")
}

/// Both apps, of which the first has a manifest.
fn two() -> Estate {
    let mut estate = estate(&[("intake.json", INTAKE), ("report.json", REPORT)]);
    let declared = flowgate::report::inventory::Declared {
        manifest: "flowgate.app.yaml".into(),
        id: "invoice-intake".into(),
        owner: "olga".into(),
        team: "finance-ops".into(),
        steward: "dana".into(),
        environment: "prod".into(),
        classification: "confidential".into(),
        ..Default::default()
    };
    let data = estate.exports[0].record.apps[0].items.iter().position(|item| item.kind == ItemKind::DataSource).expect("it reads a table");
    estate.exports[0].owners.insert((0, data), "dana".into());
    estate.exports[0].declared = Some(declared);
    estate
}

fn written(estate: &Estate, format: &Format, options: &Options) -> String {
    let mut written = Vec::new();
    (format.write)(estate, options, &mut written).expect("memory takes all");
    String::from_utf8(written).expect("inventories are UTF-8")
}

fn by_name(name: &str) -> &'static Format {
    format(name).expect("is a format")
}

fn expect(path: &str, written: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        std::fs::write(&path, written).expect("the expectation can be written");
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(wanted, written, "{}: run `FLOWGATE_UPDATE=1 cargo test --test inventory` and look at what changed", path.display());
}

#[test]
fn the_schema_is_the_one_of_the_types_and_the_format_follows_it() {
    let schema = serde_json::to_value(schema()).expect("a schema is JSON");
    expect("schemas/inventory.schema.json", &(serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"));
    let document: serde_json::Value = serde_json::from_str(&written(&two(), by_name("json"), &Options::default())).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn the_page_about_inventories_shows_what_they_say() {
    let mut page = String::from(
        "# Inventory\n\nWhat `flowgate inventory [PATH]` lists: apps, what starts them, connectors, hosts, data and its ways, rights, owners. \
         The page is made by `tests/inventory.rs`.\n\n`--app NAME` picks an app by its name, its id or its file; `--kind KIND` picks what is \
         listed in table, CSV and JSON. `--output FORMAT=FILE` writes a file beside what is printed, and `--output mermaid=pictures/` a \
         picture of the whole and one of each app. Owners come from the manifests of the repository (`owner`, `data_steward`, and \
         `components` for parts), tiers and classes from exports, manifests and policy. The same exports make the same bytes; CycloneDX \
         states a time where `SOURCE_DATE_EPOCH` sets one.\n\n## Kinds of thing\n\n| Kind | What it is |\n|---|---|\n",
    );
    let docs: serde_json::Value = serde_json::to_value(schemars::schema_for!(ItemKind)).expect("a schema is JSON");
    for kind in ItemKind::ALL {
        let of_kind =
            docs["oneOf"].as_array().into_iter().flatten().find(|entry| entry["const"] == kind.name()).expect("each is documented");
        let doc = of_kind["description"].as_str().expect("it is text").replace('\n', " ");
        let _ = writeln!(page, "| `{}` | {doc} |", kind.name());
    }
    page.push_str("\n## Boundaries of trust\n\n| Zone | In pictures |\n|---|---|\n");
    for zone in Zone::ALL {
        let _ = writeln!(page, "| `{}` | {} |", zone.name(), zone.title());
    }
    page.push_str(
        "\nA host is inside the organisation where it is in a private network or belongs to an environment of the policy. Where a connected \
         service runs, an export does not tell. A way of data is `seen` where the reader followed a value from one end to the other; others \
         are possible: the steps hang together.\n",
    );
    let intake = two().only(&|app| app.goes_by("Invoice intake"));
    for format in FORMATS {
        let language = if format.name == "mermaid" { "mermaid" } else { "text" };
        let written = written(&intake, format, &Options { width: 100, ..Options::default() });
        let lines: Vec<&str> = written.lines().take(70).collect();
        let rest = if written.lines().count() > 70 { "…\n" } else { "" };
        let _ = write!(page, "\n## {}\n\n{}\n\n~~~~{language}\n{}\n{rest}~~~~\n", format.name, format.description, lines.join("\n"));
    }
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    expect("docs/inventory.md", &page.replace(version, "\"version\": \"…\""));
}

fn node<'d>(diagram: &'d Diagram, label: &str) -> (usize, &'d flowgate::report::inventory::diagram::Node) {
    let found = diagram.nodes.iter().enumerate().find(|(_, node)| node.label == label);
    found.unwrap_or_else(|| panic!("no {label} in {:#?}", diagram.nodes))
}

#[test]
fn a_picture_of_an_app_shows_its_boundaries_and_ways_of_data() {
    let diagram = two().only(&|app| app.goes_by("intake.json")).diagram();
    let ((requests, entry), (_, bank), (app, own)) =
        (node(&diagram, "HTTP requests"), node(&diagram, "api.fabrikam.com"), node(&diagram, "Invoice intake"));
    let (suppliers, table) = node(&diagram, "suppliers");
    assert_eq!([entry.zone, bank.zone, own.zone, table.zone], [Zone::Anyone, Zone::Internet, Zone::Platform, Zone::Services]);
    assert_eq!(bank.details, ["without encryption"]);
    let starts = diagram.edges.iter().find(|edge| edge.kind == EdgeKind::Starts).expect("it is started");
    assert_eq!((starts.from, starts.to, &*starts.label), (requests, app, "no login"));
    let reads = diagram.edges.iter().find(|edge| edge.kind == EdgeKind::Uses && edge.from == suppliers).expect("data leaves the table");
    assert_eq!((reads.to, reads.both), (app, false));
    let flows: Vec<(usize, bool)> =
        diagram.edges.iter().filter(|edge| edge.kind == EdgeKind::Flow).map(|edge| (edge.from, edge.traced)).collect();
    assert!(flows.contains(&(requests, true)) && flows.contains(&(suppliers, false)), "{flows:?}");
    assert!(diagram.notes.is_empty());
}

#[test]
fn apps_share_the_systems_that_they_use() {
    let diagram = two().diagram();
    let (suppliers, _) = node(&diagram, "suppliers");
    assert_eq!(diagram.edges.iter().filter(|edge| edge.from == suppliers).count(), 2);
    assert!(diagram.edges.iter().all(|edge| edge.kind != EdgeKind::Flow));
}

/// Many apps, each with a host of its own.
fn many(number: usize) -> Estate {
    let apps: Vec<(String, String)> = (0..number)
        .map(|at| {
            let text = INTAKE.replace("Invoice intake", &format!("Intake {at}")).replace("c0nT0s0InTaKe001", &format!("id{at}"));
            (format!("{at}.json"), text.replace("api.fabrikam.com", &format!("api{at}.fabrikam.com")))
        })
        .collect();
    estate(&apps.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

#[test]
fn what_has_no_room_is_counted() {
    let estate = many(300);
    let diagram = estate.diagram();
    let of = |kind| diagram.nodes.iter().filter(move |node| node.kind == kind);
    for (kind, most) in [(NodeKind::App, 30), (NodeKind::Endpoint, 12)] {
        assert!(of(kind).count() <= most, "{kind:?}");
        assert_eq!(of(kind).map(|node| node.stands_for).sum::<usize>(), 300, "{kind:?}");
    }
    assert!(diagram.notes.iter().any(|note| note.contains("more hosts") && note.contains("drawn as one")), "{:?}", diagram.notes);
    assert!(diagram.edges.len() <= 250, "{}", diagram.edges.len());
    let mermaid = written(&estate, by_name("mermaid"), &Options::default());
    // What Mermaid refuses by default.
    assert!(mermaid.len() < 50_000, "{}", mermaid.len());
    assert!(diagram.notes.iter().all(|note| written(&estate, by_name("dot"), &Options::default()).contains(note.as_str())));

    let table = |all| written(&estate, by_name("table"), &Options { all, ..Options::default() });
    assert!(table(false).lines().count() < 130 && table(false).contains("… and 270 more; --all lists them"), "{}", table(false));
    assert!((0..300).all(|at| table(true).contains(&format!("api{at}.fabrikam.com"))) && !table(true).contains("--all"));
}

#[test]
fn the_ways_of_data_of_an_app_that_has_no_room_are_counted() {
    let nodes: Vec<String> = (0..20)
        .map(|at| {
            format!(
                r#"{{"id": "r{at}", "name": "r{at}", "type": "n8n-nodes-base.postgres", "typeVersion": 2, "position": [0, 0],
                "parameters": {{"operation": "select", "table": {{"value": "t{at}"}}}}}},
                {{"id": "w{at}", "name": "w{at}", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4, "position": [0, 0],
                "parameters": {{"method": "POST", "url": "https://h{at}.fabrikam.com/"}}}}"#
            )
        })
        .collect();
    let names: Vec<String> = (0..20).map(|at| format!("r{at}")).chain((0..20).map(|at| format!("w{at}"))).collect();
    let edges: Vec<String> = names.windows(2).map(|pair| format!(r#""{}": {{"main": [[{{"node": "{}"}}]]}}"#, pair[0], pair[1])).collect();
    let text = format!(
        r#"{{"id": "1", "name": "All to all", "nodes": [{}], "connections": {{{}}}, "settings": {{}}}}"#,
        nodes.join(", "),
        edges.join(", ")
    );
    let estate = estate(&[("a.json", &text)]);
    let flows = estate.totals().items["data-flow"];
    let diagram = estate.diagram();
    let drawn: usize = diagram.edges.iter().filter(|edge| edge.kind == EdgeKind::Flow).map(|edge| edge.stands_for).sum();
    let note =
        diagram.notes.iter().find_map(|note| note.strip_suffix(" more ways of data are not drawn; the inventory lists each as data-flow"));
    let left: usize = note.map_or(0, |number| number.parse().expect("a number"));
    assert_eq!(drawn + left, flows, "{:?}", diagram.notes);
    assert!(flows >= 400);
}

#[test]
fn an_app_goes_by_its_names() {
    let estate = two();
    let found = |name: &str| estate.apps().filter(|app| app.goes_by(name)).count();
    for name in ["Invoice intake", "invoice INTAKE", "c0nT0s0InTaKe001", "intake.json", "./intake.json", "invoice-intake"] {
        assert_eq!(found(name), 1, "{name}");
    }
    assert_eq!([found("invoice"), found(""), found("ake.json")], [0; 3]);
}

#[test]
fn kinds_are_picked_in_lists() {
    let options = Options { kinds: [ItemKind::Endpoint].into(), ..Options::default() };
    let csv = written(&two(), by_name("csv"), &options);
    assert_eq!(csv.lines().count(), 2, "{csv}");
    let json: serde_json::Value = serde_json::from_str(&written(&two(), by_name("json"), &options)).expect("is JSON");
    assert_eq!([0, 1].map(|app| json["apps"][app]["items"].as_array().map(Vec::len)), [Some(1), Some(0)]);
    let table = written(&two(), by_name("table"), &options);
    assert!(table.contains("api.fabrikam.com") && !table.contains("suppliers"), "{table}");
}

#[test]
fn a_bill_of_materials_says_who_answers_and_where_data_goes() {
    let text = written(&two(), by_name("cyclonedx"), &Options::default());
    assert_eq!(text, written(&two(), by_name("cyclonedx"), &Options::default()), "it depends on something else than its content");
    let bom: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
    let serial = bom["serialNumber"].as_str().expect("it has a number");
    assert!(Regex::new("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").expect("valid").is_match(serial));
    assert_eq!(bom["metadata"]["timestamp"], serde_json::Value::Null);
    let app = &bom["services"][0];
    assert_eq!([&app["name"], &app["provider"]["name"], &app["trustZone"]], ["Invoice intake", "finance-ops", "platform"]);
    assert_eq!([&app["authenticated"], &app["services"][0]["authenticated"]], [false, false]);
    let flow = app["data"].as_array().expect("it has ways").iter().find(|flow| flow["name"] == "requests → n8n-nodes-base.gmail (seen)");
    let flow = flow.expect("a way was seen");
    assert_eq!(flow["governance"]["owners"][0]["contact"]["name"], "olga");
    let all: Vec<&serde_json::Value> = bom["services"].as_array().expect("services").iter().collect();
    let refs: Vec<&str> = all
        .iter()
        .flat_map(|service| std::iter::once(*service).chain(service["services"].as_array().into_iter().flatten()))
        .chain(bom["components"].as_array().expect("components"))
        .map(|part| part["bom-ref"].as_str().expect("each has a reference"))
        .collect();
    for end in [&flow["source"][0], &flow["destination"][0]] {
        let end = end.as_str().expect("a link").rsplit_once('#').expect("into the document").1;
        assert!(refs.contains(&end), "{end}");
    }
    let mut unique = refs.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), refs.len(), "references are unique");
    let bank = all.iter().find(|service| service["name"] == "api.fabrikam.com").expect("the host is a service");
    assert_eq!((&bank["endpoints"][0], &bank["trustZone"]), (&"http://api.fabrikam.com:8080/payments".into(), &"internet".into()));
    let components = bom["components"].as_array().expect("components");
    assert!(components.iter().any(|part| part["purl"] == "pkg:npm/n8n-nodes-contoso-print"), "{components:#?}");
    let data = components.iter().find(|part| part["type"] == "data").expect("the table is a component");
    assert_eq!(data["data"][0]["governance"]["owners"][0]["contact"]["name"], "dana");
    assert_eq!(bom["compositions"], serde_json::Value::Null);

    let timed = Options { time: Some(Timestamp::UNIX_EPOCH), ..Options::default() };
    let timed: serde_json::Value = serde_json::from_str(&written(&two(), by_name("cyclonedx"), &timed)).expect("is JSON");
    assert_eq!((&timed["metadata"]["timestamp"], &timed["serialNumber"]), (&"1970-01-01T00:00:00Z".into(), &bom["serialNumber"]));
}

#[test]
fn what_could_not_be_read_is_told_by_every_format_that_lists() {
    let estate = estate(&[("intake.json", INTAKE), ("broken.json", "{\"nodes\": [")]);
    for name in ["table", "json", "cyclonedx"] {
        assert!(written(&estate, by_name(name), &Options::default()).contains("broken.json"), "{name}");
    }
    assert!(written(&estate, by_name("cyclonedx"), &Options::default()).contains("\"aggregate\": \"incomplete\""));
}

/// Texts that mean something to one of the formats.
const PARTS: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "\n",
    "\r",
    "\t",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "</script>",
    "<br/>",
    "|",
    "-->",
    "end",
    "subgraph",
    "click",
    "classDef",
    "%%",
    "%%{init",
    "---",
    ";",
    "#",
    "#quot;",
    "&",
    "&lt;",
    "\\N",
    "\\l",
    "1. ",
    "- ",
    "* ",
    "# ",
    "**b**",
    "_i_",
    "fa:fa-car",
    "http://x.y",
    "www.x.y",
    "@",
    "$",
    "=1+1",
    "漢字",
    "é",
    "🤖",
    "\u{202e}",
    "\u{1b}[31m",
    "\u{0}",
    "\u{2028}",
    "a",
    "B 7",
    " ",
    ",",
    "://",
    "%zz",
    "..",
];

/// What is left of a text in the language of Graphviz without its strings, which must all end.
fn without_strings(dot: &str) -> Option<String> {
    let (mut left, mut chars) = (String::new(), dot.chars());
    while let Some(c) = chars.next() {
        if c != '"' {
            left.push(c);
            continue;
        }
        loop {
            match chars.next()? {
                '\\' => drop(chars.next()?),
                '"' => break,
                '\n' => return None,
                _ => {}
            }
        }
    }
    Some(left)
}

/// A line that is none of those that diagrams are made of.
fn unknown_to_mermaid(text: &str) -> Option<String> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        let plain = r"(?:[^\x00-\x7f]|[0-9A-Za-z ,/()?._-]|#\d+;|<br/>)*";
        let lines = [
            "---".to_owned(),
            r#"title: ".*""#.to_owned(),
            "flowchart LR".to_owned(),
            format!(r#"  subgraph zone_\w+\["{plain}"\]"#),
            "  end".to_owned(),
            "  classDef .*".to_owned(),
            format!(r#"    n\d+[\[\](){{}}>]+"{plain}"[\[\](){{}}]+:::\w+"#),
            format!(r#"  (?:note\d+|legend)\["{plain}"\]:::note"#),
            format!(r#"  n\d+ (?:-->|<-->|-\.->|==>)(?:\|"{plain}"\|)? n\d+"#),
        ];
        Regex::new(&format!("^(?:{})$", lines.join("|"))).expect("valid")
    });
    text.lines().find(|line| !LINE.is_match(line)).map(str::to_owned)
}

/// What stands outside of strings and has no business there.
fn unknown_to_graphviz(text: &str) -> Option<String> {
    let Some(left) = without_strings(text) else { return Some("a string does not end".to_owned()) };
    left.chars().find(|c| !c.is_ascii_alphanumeric() && !" \n{}[]=,->_".contains(*c)).map(String::from)
}

/// Rows that are not the items, one each, or that a spreadsheet would compute.
fn wrong_rows(text: &str, estate: &Estate) -> Option<String> {
    let rows: Result<Vec<csv::StringRecord>, _> = csv::Reader::from_reader(text.as_bytes()).records().collect();
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => return Some(error.to_string()),
    };
    let items = estate.apps().map(|app| app.inventory.items.len()).sum::<usize>();
    let formula = rows.iter().flatten().find(|cell| cell.starts_with(['=', '+', '-', '@'])).map(str::to_owned);
    if rows.len() == items { formula } else { Some(format!("{} rows for {items} items", rows.len())) }
}

/// An address of a service that is none.
fn wrong_addresses(text: &str) -> Option<String> {
    static IRI: LazyLock<Regex> = LazyLock::new(|| {
        let part = "(?:[0-9A-Za-z._~-]|%[0-9A-F]{2})*";
        Regex::new(&format!(r"^(?:[a-zA-Z][a-zA-Z0-9]*:)?//{part}(?::\d+)?(?:/{part})*$")).expect("valid")
    });
    let value: serde_json::Value = serde_json::from_str(text).expect("is JSON");
    let services = value["services"].as_array().into_iter().flatten();
    let mut addresses = services.flat_map(|service| service["endpoints"].as_array().into_iter().flatten());
    addresses.find(|address| !address.as_str().is_some_and(|text| IRI.is_match(text))).map(ToString::to_string)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_name_breaks_out_of_any_format(
        name in proptest::collection::vec(proptest::sample::select(PARTS), 0..12),
        host in proptest::collection::vec(proptest::sample::select(PARTS), 0..6),
        owner in proptest::collection::vec(proptest::sample::select(PARTS), 0..6),
    ) {
        let (name, host, owner) = (name.concat(), host.concat(), owner.concat());
        let mut estate = two();
        for app in estate.exports.iter_mut().flat_map(|export| &mut export.record.apps) {
            app.name.clone_from(&name);
            for item in &mut app.items {
                item.name = format!("{name}{}", item.name);
                let texts = item.facts.values_mut().flatten();
                texts.filter(|text| text.contains("fabrikam") || text.contains("suppliers")).for_each(|text| *text = format!("http://{host}"));
            }
        }
        if let Some(declared) = &mut estate.exports[0].declared {
            declared.owner.clone_from(&owner);
            declared.team.clone_from(&owner);
        }
        let alone = estate.clone().only(&|app| app.export.declared.is_some());
        for estate in [&estate, &alone] {
            for format in FORMATS {
                let text = written(estate, format, &Options { width: 60, ..Options::default() });
                prop_assert_eq!(text.chars().find(|c| *c != '\n' && flowgate::report::is_hazard(*c)), None, "{}\n{}", format.name, text);
                let wrong = match format.name {
                    "mermaid" => unknown_to_mermaid(&text),
                    "dot" => unknown_to_graphviz(&text),
                    "csv" => wrong_rows(&text, estate),
                    "json" | "cyclonedx" => wrong_addresses(&text),
                    _ => None,
                };
                prop_assert_eq!(wrong, None, "{}\n{}", format.name, text);
            }
        }
    }
}

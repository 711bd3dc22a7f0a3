//! Comparisons: what they say in each format, and the page about them. `FLOWGATE_UPDATE=1 cargo test --test diff` writes `docs/diff.md`
//! and the schema of the JSON format.

use flowgate::lint::{self, Input, Options};
use flowgate::model::change::{AppChange, Decision, Fate, compare};
use flowgate::model::inventory::Record;
use flowgate::policy::Policy;
use flowgate::report::diff::{Comparison, FORMATS, Options as Page, schema};
use flowgate::rule::Selected;
use flowgate::source::Source;
use std::fmt::Write as _;
use std::path::Path;

fn records(files: &[(&str, &str)]) -> Vec<Record> {
    let rules = Selected::new([]);
    let options = Options::new(&rules);
    let input = |(name, text): &(&str, &str)| Input::Bytes { name: (*name).into(), bytes: text.as_bytes().to_vec() };
    let inputs: Vec<Input> = files.iter().map(input).collect();
    lint::records(&inputs, &options).expect("no path that could be missing").records
}

/// A workflow of n8n with these nodes, one behind the other.
fn workflow(id: &str, name: &str, nodes: &[&str]) -> String {
    let names: Vec<String> = (0..nodes.len()).map(|at| format!("n{at}")).collect();
    let node = |(at, node): (usize, &&str)| format!(r#"{{"id": "{at}", "name": "n{at}", "position": [0, 0], "typeVersion": 1, {node}}}"#);
    let edges: Vec<String> = names.windows(2).map(|pair| format!(r#""{}": {{"main": [[{{"node": "{}"}}]]}}"#, pair[0], pair[1])).collect();
    let nodes: Vec<String> = nodes.iter().enumerate().map(node).collect();
    format!(
        r#"{{"id": "{id}", "name": "{name}", "active": true, "nodes": [{}], "connections": {{{}}}, "settings": {{}}}}"#,
        nodes.join(", "),
        edges.join(", ")
    )
}

const CLOCK: &str = r#""type": "n8n-nodes-base.scheduleTrigger", "parameters": {}"#;
const READ: &str = r#""type": "n8n-nodes-base.postgres", "parameters": {"operation": "select"}, "credentials": {"postgres": {"id": "1"}}"#;
const SEND: &str = r#""type": "n8n-nodes-base.httpRequest", "parameters": {"method": "POST", "url": "https://api.fabrikam.com/in"}"#;

fn told(before: &[(&str, &str)], now: &[(&str, &str)]) -> Vec<AppChange> {
    compare(&records(before), &records(now))
}

/// What is said of the one app.
fn sentences(before: &str, now: &str) -> Vec<String> {
    let apps = told(&[("a.json", before)], &[("a.json", now)]);
    assert_eq!(apps.len(), 1, "{apps:#?}");
    apps[0]
        .changes
        .iter()
        .map(|change| format!("{} {}{}", change.decision.name(), if change.widens { "+ " } else { "" }, change.sentence))
        .collect()
}

#[test]
fn what_is_new_is_told_once_and_in_words() {
    let said = sentences(&workflow("1", "Stock", &[CLOCK, READ]), &workflow("1", "Stock", &[CLOCK, READ, SEND]));
    assert_eq!(
        said,
        [
            "new-connector + uses a new connector: `n8n-nodes-base.httpRequest` (changes)",
            "new-endpoint + talks to a new host: `api.fabrikam.com`",
            "new-flow + has a new way of data: from `n8n-nodes-base.postgres` to `api.fabrikam.com`",
        ]
    );
    let back = sentences(&workflow("1", "Stock", &[CLOCK, READ, SEND]), &workflow("1", "Stock", &[CLOCK, READ]));
    assert!(back.len() == 3 && back.iter().all(|one| one.starts_with("less-power no longer ")), "{back:#?}");
}

#[test]
fn what_widens_is_told_with_what_was_before() {
    let hook = |auth: &str| format!(r#""type": "n8n-nodes-base.webhook", "parameters": {{"path": "x", "authentication": "{auth}"}}"#);
    let said = sentences(&workflow("1", "Stock", &[&hook("headerAuth")]), &workflow("1", "Stock", &[&hook("none")]));
    let opened = "open-entry-point + can now be started at `n0` by anyone without a login (before: by anyone with a secret in a header)";
    assert!(said.contains(&opened.to_owned()), "{said:#?}");
    let other = READ.replace(r#""id": "1""#, r#""id": "2""#);
    let said = sentences(&workflow("1", "Stock", &[CLOCK, READ]), &workflow("1", "Stock", &[CLOCK, &other]));
    assert!(said.iter().any(|one| one.starts_with("new-identity + ")), "{said:#?}");
    let path = SEND.replace("/in", "/out");
    let said = sentences(&workflow("1", "Stock", &[CLOCK, SEND]), &workflow("1", "Stock", &[CLOCK, &path]));
    assert_eq!(said, ["new-address + talks to another address of `api.fabrikam.com`: `https://api.fabrikam.com/out`"]);
    let clear = SEND.replace("https", "http");
    let said = sentences(&workflow("1", "Stock", &[CLOCK, SEND]), &workflow("1", "Stock", &[CLOCK, &clear]));
    assert!(said.contains(&"weaker-transport + talks to `api.fabrikam.com` by http (before: https)".to_owned()), "{said:#?}");
}

#[test]
fn a_role_that_reaches_further_is_told_right_by_right() {
    let role = |rights: &str| {
        format!(
            r#"<Role id="{{0f8fad5b-d9cb-469f-a165-70867728950e}}" name="Invoice Clerk"><RolePrivileges>{rights}</RolePrivileges></Role>"#
        )
    };
    let before = role(r#"<RolePrivilege name="prvReadcontoso_invoice" level="Basic"/>"#);
    let now = role(
        r#"<RolePrivilege name="prvDeletecontoso_invoice" level="Global"/><RolePrivilege name="prvReadcontoso_invoice" level="Basic"/>"#,
    );
    let told = |before: &str, now: &str| -> Vec<String> {
        let apps = told(&[("Roles/Clerk.xml", before)], &[("Roles/Clerk.xml", now)]);
        apps.iter().flat_map(|app| &app.changes).map(|change| change.told_of("Invoicing")).collect()
    };
    assert_eq!(
        told(&before, &now),
        ["`Invoicing` says that `Invoice Clerk` can now delete records of all people in `contoso_invoice` (before: not at all)"]
    );
    assert_eq!(
        told(&now, &before),
        ["`Invoicing` says that `Invoice Clerk` can no longer delete records of all people in `contoso_invoice`"]
    );
}

#[test]
fn an_app_is_known_by_its_identifier_then_by_its_name_then_by_its_file() {
    let fates = |before: &[(&str, &str)], now: &[(&str, &str)]| -> Vec<Fate> { told(before, now).iter().map(|app| app.fate).collect() };
    let (one, two) = (workflow("1", "Stock", &[CLOCK, READ]), workflow("2", "Stock", &[CLOCK, READ]));
    let (renamed, other) = (workflow("1", "Store", &[CLOCK, READ]), workflow("9", "Other", &[CLOCK]));
    assert_eq!(fates(&[("a.json", &one)], &[("b.json", &renamed)]), [Fate::Kept]);
    assert_eq!(fates(&[("a.json", &one)], &[("b.json", &two)]), [Fate::Replaced]);
    assert_eq!(fates(&[("a.json", &one)], &[("b.json", &other)]), [Fate::New, Fate::Removed]);
    // A copy beside the original is new, and each has its own like.
    let apps = told(&[("a.json", &one)], &[("a.json", &one), ("z.json", &one)]);
    assert_eq!(apps.iter().map(|app| (app.fate, app.differs())).collect::<Vec<_>>(), [(Fate::Kept, false), (Fate::New, true)]);
    // Without identifiers: by name wherever it lies, by file when it got another name.
    let nameless = |name: &str| workflow("", name, &[CLOCK, READ]);
    let (stock, store) = (nameless("Stock"), nameless("Store"));
    assert_eq!(fates(&[("a.json", &stock)], &[("b.json", &stock)]), [Fate::Kept]);
    assert_eq!(fates(&[("a.json", &stock)], &[("a.json", &store)]), [Fate::Kept]);
    assert_eq!(fates(&[("a.json", &stock)], &[("a.json", &one)]), [Fate::Kept], "the export says more than before");
}

#[test]
fn nothing_of_a_secret_gets_into_a_record() {
    let secret = "9f2b7c41d8e6a05f3b1c4d7e8a9f0b6c";
    let node = format!(
        r#""type": "n8n-nodes-base.httpRequest", "parameters": {{"url": "https://api.fabrikam.com/{secret}/x", "sendHeaders": true,
          "headerParameters": {{"parameters": [{{"name": "X-Api-Key", "value": "{secret}"}}]}}}}"#
    );
    let found = records(&[("a.json", &workflow("1", "Stock", &[CLOCK, &node]))]);
    let text = serde_json::to_string(&found).expect("serialisable");
    assert!(!text.contains(secret) && text.contains("\"count\":[\"1\"]"), "{text}");
    let back: Vec<Record> = serde_json::from_str(&text).expect("what was written");
    assert_eq!(serde_json::to_string(&back).expect("serialisable"), text);
}

fn comparison() -> Comparison {
    let before = workflow("1", "Stock", &[CLOCK, READ]);
    let now = workflow("1", "Stock", &[CLOCK, READ, SEND]);
    let policy = Policy::parse(&Source::from_text("policy.yaml", POLICY)).expect("a policy");
    let functions = Decision::ALL.iter().map(|kind| (*kind, policy.decision_functions(*kind).to_vec())).collect();
    Comparison { apps: told(&[("flows/stock.json", &before)], &[("flows/stock.json", &now)]), functions, ..Comparison::default() }
}

const POLICY: &str = "\
apiVersion: flowgate/v1
decision_rights:
  new-connector: [it, security]
  new-endpoint: [security]
  new-grant: [security, data-owner]
  new-flow: [data-owner]
  branch-change: [business]
";

#[test]
fn a_policy_says_who_has_to_agree() {
    let policy = Policy::parse(&Source::from_text("policy.yaml", POLICY)).expect("a policy");
    assert_eq!(policy.decision_functions(Decision::NewAgentTool), ["it", "security"]);
    assert_eq!(policy.decision_functions(Decision::LessPower), [""; 0]);
    let silent = "decision_rights: { new-connector: [it], new-agent-tool: [] }";
    let policy = Policy::parse(&Source::from_text("policy.yaml", silent)).expect("a policy");
    assert_eq!(policy.decision_functions(Decision::NewAgentTool), [""; 0], "an empty list says that nobody has to");
    let wrong = Policy::parse(&Source::from_text("policy.yaml", "decision_rights: { new-conector: [it] }")).expect_err("a typo");
    assert!(wrong.to_string().contains("new-connector"), "{wrong}");
}

fn expect(path: &str, written: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        std::fs::write(&path, written).expect("the expectation can be written");
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(wanted, written, "{}: run `FLOWGATE_UPDATE=1 cargo test --test diff` and look at what changed", path.display());
}

#[test]
fn the_schema_is_the_one_of_the_types_and_the_format_follows_it() {
    let schema = serde_json::to_value(schema()).expect("a schema is JSON");
    expect("schemas/diff.schema.json", &(serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"));
    let mut written = Vec::new();
    let json = FORMATS.iter().find(|format| format.name == "json").expect("is a format");
    (json.write)(&comparison(), &Page { color: false, width: 100 }, &mut written).expect("memory takes all");
    let document: serde_json::Value = serde_json::from_slice(&written).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn the_page_about_comparisons_shows_what_they_say() {
    let mut page = String::from(
        "# Comparisons\n\nWhat `flowgate diff BASE HEAD` says, and what a policy may have decided by whom. The page is made by \
         `tests/diff.rs`.\n\nOnly what an app can do is compared: what starts it, what it talks to, with whose rights, what it gives away, \
         where data may go, what decides. Files may be renamed, lists re-ordered, nodes moved. That anything else has changed is told by the \
         digest of the content, which leaves out only what a platform writes by itself.\n\n## Kinds of change\n\nThe keys of \
         `decision_rights` in a policy. A kind that the policy does not name is covered by the one behind the arrow; an empty list says that \
         nobody has to agree.\n\n| Kind | Covered by | What it is |\n|---|---|---|\n",
    );
    for decision in Decision::ALL {
        let general = decision.general().map(|general| format!("→ `{}`", general.name())).unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {general} | {} |", decision.name(), decision.doc().trim());
    }
    let _ = write!(page, "\n```yaml\n{POLICY}```\n");
    for format in FORMATS {
        let mut written = Vec::new();
        (format.write)(&comparison(), &Page { color: false, width: 100 }, &mut written).expect("memory takes all");
        let written = String::from_utf8(written).expect("reports are UTF-8");
        let _ = write!(page, "\n## {}\n\n{}\n\n~~~~text\n{written}~~~~\n", format.name, format.description);
    }
    expect("docs/diff.md", &page);
}

#[test]
fn nothing_of_an_export_reaches_a_terminal_as_a_command() {
    let name = "\\u001b[31mStock\\u202e `x` <b>@all</b>";
    let now = workflow("1", name, &[CLOCK, READ, &SEND.replace("/in", "/\\u001b[2J")]);
    let mut comparison = comparison();
    comparison.apps = told(&[], &[("a.json", &now)]);
    for format in FORMATS {
        let mut written = Vec::new();
        (format.write)(&comparison, &Page { color: false, width: 100 }, &mut written).expect("memory takes all");
        let written = String::from_utf8(written).expect("reports are UTF-8");
        assert_eq!(written.chars().find(|c| flowgate::report::is_hazard(*c) && *c != '\n'), None, "{}", format.name);
        assert!(format.name != "markdown" || !written.contains("<b>") && !written.contains("@all"), "{written}");
    }
}

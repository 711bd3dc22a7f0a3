//! Every format on the same canned reports, compared with `tests/formats/<case>.<format>`.
//!
//! A new format needs one expectation file a case. `FLOWGATE_UPDATE=1 cargo test --test formats` writes them, and the schema of the
//! JSON report; look at what changed before you commit it.

mod estate;

use flowgate::finding::{AppRef, Confidence, ElementRef, Finding, Label, Location, Locator, Severity, State, Waived, fingerprint};
use flowgate::report::{Coverage, FORMATS, Foreign, Format, Options, Report, RuleInfo, Unreadable, format, json};
use flowgate::source::{Source, Span};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

struct Case {
    name: &'static str,
    report: Report,
    options: Options,
}

fn cases() -> Vec<Case> {
    let usual = Options { width: 100, ..Options::default() };
    let narrow = Options { color: true, width: 72, verbose: true, ..usual };
    vec![
        Case { name: "empty", report: empty(), options: usual },
        Case { name: "unrecognised", report: unrecognised(), options: usual },
        Case { name: "rich", report: rich(), options: usual },
        Case { name: "narrow-color-verbose", report: small(), options: narrow },
        Case { name: "governed", report: governed(), options: usual },
        Case { name: "quiet", report: small(), options: Options { quiet: true, ..usual } },
    ]
}

#[test]
fn every_format_writes_every_report_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    for case in cases() {
        for format in FORMATS {
            let mut written = Vec::new();
            (format.write)(&case.report, &case.options, &mut written).expect("memory takes all");
            let written = String::from_utf8(written).expect("reports are UTF-8");
            expect(&folder.join(format!("{}.{}", case.name, format.name)), &essence(format, written));
        }
    }
}

#[test]
fn no_expectation_is_without_a_case() {
    let cases = cases();
    let known = |name: &str| cases.iter().any(|case| FORMATS.iter().any(|format| name == format!("{}.{}", case.name, format.name)));
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")).expect("the folder is there") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(known(&name), "no case writes tests/formats/{name}");
    }
}

#[test]
fn the_schema_is_the_one_of_the_types_and_every_json_report_follows_it() {
    let schema = serde_json::to_value(json::schema()).expect("a schema is JSON");
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    expect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.schema.json"), &text);

    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let json = format("json").expect("is a format");
    for case in cases() {
        let mut written = Vec::new();
        (json.write)(&case.report, &case.options, &mut written).expect("memory takes all");
        let document: serde_json::Value = serde_json::from_slice(&written).expect("is JSON");
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{}", case.name);
    }
}

#[test]
fn nothing_of_an_export_reaches_a_terminal_as_a_command() {
    let hazard = |c: char| (flowgate::report::is_hazard(c) && c != '\n').then_some(c);
    for format in FORMATS {
        let mut written = Vec::new();
        (format.write)(&rich(), &Options::default(), &mut written).expect("memory takes all");
        let written = String::from_utf8(written).expect("reports are UTF-8");
        assert_eq!(written.chars().find_map(hazard), None, "{}", format.name);
    }
}

#[test]
fn every_mark_stands_under_its_place_at_every_width() {
    use unicode_width::UnicodeWidthStr;
    let text = format!("{}\"漢🤖é\t\u{202e}👍🏽\": \"PLACE\", {}", "文🇩🇪x".repeat(40), "ü".repeat(200));
    let at = text.find("PLACE").expect("is there");
    let source = Source::from_text("a.json", text);
    let locator = Locator::new(&source);
    let mut report = empty();
    report.findings = vec![finding("r", Severity::Low, "m", locator.locate(span(at, 5), String::new()), "here")];
    for width in 40..200 {
        let mut written = Vec::new();
        (FORMATS[0].write)(&report, &Options { width, ..Options::default() }, &mut written).expect("memory takes all");
        let written = String::from_utf8(written).expect("reports are UTF-8");
        let lines: Vec<&str> = written.lines().collect();
        let row = lines.iter().position(|line| line.contains("PLACE")).expect("the place is in sight");
        let (before, _) = lines[row].split_once("PLACE").expect("is there");
        let (mark, _) = lines[row + 1].split_once("^^^^^").expect("is marked");
        assert_eq!(before.width(), mark.width(), "at width {width}:\n{written}");
        assert!(lines[row].width() <= width.max(40), "at width {width}:\n{written}");
    }
}

proptest::proptest! {
    #[test]
    fn no_place_in_no_text_makes_a_format_fail(
        parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..80),
        places in proptest::collection::vec((0u32..900, 0u32..300), 1..5),
        secret in (0u32..900, 0u32..300),
        width in 0usize..160,
    ) {
        let source = Source::from_text(parts.concat(), parts.concat());
        let locator = Locator::new(&source).masking(vec![Span::new(secret.0, secret.0 + secret.1)]);
        let place = |place: &(u32, u32)| locator.locate(Span::new(place.0, place.0 + place.1), String::new());
        let related = places[1..].iter().map(|at| Label { text: parts.concat(), location: place(at) }).collect();
        let found = finding(&parts.concat(), Severity::High, &parts.concat(), place(&places[0]), &parts.concat());
        let mut report = empty();
        report.findings = vec![Finding { related, element: Some(element("", &parts.concat())), ..found }; 3];
        for format in FORMATS {
            let mut written = Vec::new();
            (format.write)(&report, &Options { width, ..Options::default() }, &mut written).expect("memory takes all");
            let written = String::from_utf8(written).expect("reports are UTF-8");
            proptest::prop_assert!(!written.contains(|c: char| c != '\n' && flowgate::report::is_hazard(c)));
        }
    }
}

/// What texts are made of that are hard to show.
const PARTS: &[&str] = &[
    "a",
    "\"key\": ",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "é",
    "e\u{301}",
    "\u{301}",
    "漢字",
    "🤖",
    "👍🏽",
    "🇩🇪",
    "🇩",
    "⚠\u{fe0f}",
    "1\u{fe0f}\u{20e3}",
    "\u{fe0f}",
    "\u{202e}",
    "\u{200d}",
    "\u{1b}[2J",
    "\u{9b}",
    "\0",
    "لا",
    "0123456789 0123456789 0123456789 0123456789 0123456789",
];

/// A report without what is the same in all of its format: the style and the scripts of a page, and their digests.
fn essence(format: &Format, written: String) -> String {
    if format.name != "html" {
        return written;
    }
    let blank = |text: String, before: &str, after: &str| {
        let mut blank = String::new();
        let mut rest = text.as_str();
        while let Some((head, tail)) = rest.split_once(before) {
            let (_, tail) = tail.split_once(after).expect("what begins ends");
            blank.extend([head, before, "...", after]);
            rest = tail;
        }
        blank + rest
    };
    let text = blank(written, "<style>", "</style>");
    blank(blank(text, "<script>", "</script>"), "'sha256-", "'")
}

fn expect(path: &Path, written: &str) {
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        std::fs::write(path, written).expect("the expectation can be written");
    }
    let hint = "run `FLOWGATE_UPDATE=1 cargo test --test formats` and look at what changed";
    assert!(path.exists(), "{} is missing; {hint}", path.display());
    // Raw: nothing in a report is a pattern, and every byte of it counts.
    let expected = snapbox::Data::read_from(path, Some(snapbox::data::DataFormat::Text)).raw();
    if let Err(difference) = snapbox::Assert::new().try_eq(Some(&path.display()), written.into(), expected) {
        panic!("{difference}\n{hint}");
    }
}

fn empty() -> Report {
    Report {
        findings: Vec::new(),
        coverage: Coverage { files: 3, recognised: BTreeMap::from([("n8n", 3)]), ..Coverage::default() },
        apps: 3,
        rules: rules(),
        elapsed: Duration::from_millis(4),
        ..Report::default()
    }
}

/// What a comparison, waivers and notes add: a finding that is new, one that was there before, two that are waived, one that is gone.
fn governed() -> Report {
    let mut report = small();
    report.gate.governed = true;
    let waived = |id: &str, category: &str, reason: &str| Waived {
        id: id.into(),
        category: category.into(),
        reason: reason.into(),
        expires: "2026-12-12".into(),
    };
    let mut findings = sync();
    findings.truncate(5);
    for finding in &mut findings {
        finding.blocks = false;
        finding.related.clear();
    }
    findings[0].blocks = true;
    findings[1].state = State::Unchanged;
    findings[2].waived = Some(waived("WV-0042", "risk-accepted", "legacy scanner; VLAN 40\u{1b}[2J\u{202e} | *replaced* by Q1"));
    findings[3].waived = Some(waived("WV-0043", "false-positive", "the node retries by itself"));
    findings[3].state = State::Unchanged;
    findings[3].notes = vec!["checked with the vendor (olga)".into()];
    report.fixed = vec![findings.remove(4)];
    report.findings = findings;
    report.findings.sort_by(Finding::order);
    report.estate = Some(estate::estate("flows/sync.json", ""));
    report
}

fn rules() -> Vec<RuleInfo> {
    let rule = |id: &str, title: &str, severity| RuleInfo {
        id: id.into(),
        title: title.into(),
        severity,
        confidence: Confidence::High,
        why: "Whoever learns the address can start this app with data of their own.".into(),
        fix: "Require a login.".into(),
        false_positives: "A gateway in front of the platform that authenticates.".into(),
        tags: ["AUTH-001".to_owned(), "cwe:306".to_owned()].into(),
    };
    vec![
        rule("open-entry-point", "Entry point that anyone can call", Severity::High),
        rule("silent", "Nothing of this <kind>", Severity::Low),
    ]
}

fn unrecognised() -> Report {
    let foreign = vec![foreign("package.json"), foreign("tsconfig.json")];
    Report { coverage: Coverage { files: 2, foreign, ..Coverage::default() }, apps: 0, ..empty() }
}

fn foreign(file: &str) -> Foreign {
    Foreign { file: file.into(), inner: Vec::new(), reason: "no platform writes such a file".into() }
}

/// Three findings of one cause, one of another, and files that were not judged.
fn small() -> Report {
    let mut report = rich();
    report.findings.retain(|finding| &*finding.location.file == "flows/sync.json");
    report.coverage.unreadable.truncate(1);
    report
}

fn rich() -> Report {
    let mut findings = [intake(), sync(), nasty(), archive(), minified(), odds()].concat();
    findings.sort_by(Finding::order);
    let unreadable = vec![
        Unreadable {
            file: "flows/broken.json".into(),
            reason: "expected `,` or `}` after a member".into(),
            help: "Export the workflow again; the file was edited by hand and lost a comma.".into(),
            line: Some(31),
            column: Some(9),
            ..Unreadable::default()
        },
        Unreadable {
            file: "release.zip".into(),
            inner: vec!["inner.zip".into(), "Workflows/\u{1b}]0;pwned\u{7}.json".into()],
            reason: "the entry needs a password".into(),
            ..Unreadable::default()
        },
    ];
    let recognised = BTreeMap::from([("n8n", 12), ("power-platform", 2)]);
    let foreign = vec![foreign("package.json"), foreign("notes/\u{202e}nosj.txt")];
    let coverage = Coverage { files: 18, recognised, foreign, unreadable, ..Coverage::default() };
    Report { findings, coverage, apps: 13, rules: rules(), elapsed: Duration::from_millis(83), ..Report::default() }
}

fn finding(rule: &str, severity: Severity, message: &str, location: Location, label: &str) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        confidence: Confidence::High,
        message: message.into(),
        help: "".into(),
        platform: "n8n",
        app: None,
        element: None,
        label: label.into(),
        related: Vec::new(),
        fingerprint: fingerprint(&[rule, message, &location.pointer]),
        location,
        copy_of: None,
        state: State::New,
        blocks: severity >= Severity::High,
        waived: None,
        notes: Vec::new(),
        tags: [].into(),
    }
}

fn span(at: usize, length: usize) -> Span {
    Span::new(at as u32, (at + length) as u32)
}

/// The places of one export, found by the text that stands there.
struct Export {
    source: Source,
    secrets: Vec<Span>,
}

impl Export {
    fn new(file: &str, text: impl Into<String>) -> Self {
        Self { source: Source::from_text(file, text), secrets: Vec::new() }
    }

    /// The place of `text`, the first one behind the first `after`.
    fn place(&self, after: &str, text: &str, pointer: &str) -> Location {
        let start = self.source.text().find(after).expect("the export has the text");
        let at = start + self.source.text()[start..].find(text).expect("the export has the text");
        Locator::new(&self.source).masking(self.secrets.clone()).locate(span(at, text.len()), pointer.into())
    }
}

fn element(kind: &str, name: &str) -> ElementRef {
    ElementRef { kind: kind.into(), name: name.into() }
}

/// An open webhook that reaches a command: places near, far, and in another file.
fn intake() -> Vec<Finding> {
    let code = Export::new("flows/lib/run.json", "{\r\n  \"name\": \"Run\",\r\n  \"command\": \"={{ $json.body.cmd }}\"\r\n}\r\n");
    let mut text = String::from(
        r#"{
  "name": "Intake",
  "active": true,
  "nodes": [
    {
      "id": "0f5532f9-36ba-4bef-86c7-30d607400b15",
      "name": "Webhook",
      "type": "n8n-nodes-base.webhook",
      "typeVersion": 1,
      "parameters": {
        "path": "intake",
        "responseMode": "lastNode"
      }
    },
"#,
    );
    for number in 0..12 {
        let _ = writeln!(text, "    {{ \"name\": \"Set {number}\", \"type\": \"n8n-nodes-base.set\" }},");
    }
    text +=
        "    { \"name\": \"Run\", \"type\": \"n8n-nodes-base.executeWorkflow\", \"parameters\": { \"workflowId\": \"run\" } }\n  ]\n}\n";
    let export = Export::new("flows/intake.json", text);
    let place = export.place("", "\"n8n-nodes-base.webhook\"", "/nodes/0/type");
    let open = Finding {
        help: "Require a header, signature or platform login on the trigger.".into(),
        app: Some(AppRef { name: "Intake".into(), id: "wf-1".into() }),
        element: Some(element("trigger", "Webhook")),
        related: vec![
            Label { text: "switched on".into(), location: export.place("", "true", "/active") },
            Label {
                text: "anyone who knows the path may call it".into(),
                location: export.place("", "\"intake\"", "/nodes/0/parameters/path"),
            },
            Label {
                text: "which starts this workflow".into(),
                location: export.place("\"Run\"", "\"run\"", "/nodes/13/parameters/workflowId"),
            },
            Label { text: "and runs what the caller sent".into(), location: code.place("", "\"={{ $json.body.cmd }}\"", "/command") },
        ],
        tags: ["AUTH-001".to_owned(), "cwe:306".to_owned()].into(),
        ..finding(
            "open-entry-point",
            Severity::Critical,
            "`Webhook` accepts requests without authentication",
            place,
            "no authentication is set here",
        )
    };
    let node = "{\n      \"id\": \"0f5532f9-36ba-4bef-86c7-30d607400b15\",\n      \"name\": \"Webhook\",\n      \"type\": \"n8n-nodes-base.webhook\",\n      \"typeVersion\": 1,\n      \"parameters\": {\n        \"path\": \"intake\",\n        \"responseMode\": \"lastNode\"\n      }\n    }";
    let whole = Finding {
        confidence: Confidence::Low,
        app: open.app.clone(),
        ..finding(
            "silent-failure",
            Severity::Low,
            "nobody hears of it when `Webhook` fails",
            export.place("", node, "/nodes/0"),
            "no error branch",
        )
    };
    let parameters = "{\n        \"path\": \"intake\",\n        \"responseMode\": \"lastNode\"\n      }";
    let part = finding(
        "odd-answer",
        Severity::Info,
        "the caller gets what the last node returns",
        export.place("", parameters, "/nodes/0/parameters"),
        "`responseMode` is among these",
    );
    vec![open, whole, part]
}

/// Findings of one cause, and one rule with many messages.
fn sync() -> Vec<Finding> {
    let mut text = String::from("{\n  \"nodes\": [\n");
    for number in 1..=14 {
        let _ = writeln!(text, "    {{ \"name\": \"Fetch {number}\", \"url\": \"http://host-{number}.example\", \"retry\": false }},");
    }
    let export = Export::new("flows/sync.json", text + "    {}\n  ]\n}\n");
    let mut findings = Vec::new();
    for number in 1..=14 {
        let name = format!("Fetch {number}");
        let place = export.place(&format!("\"{name}\""), "false", &format!("/nodes/{}/retry", number - 1));
        findings.push(Finding {
            help: "Switch on `Retry On Fail` in the settings of the node, and choose how often and how long it shall wait before the next try.".into(),
            element: Some(element("action", &name)),
            ..finding("single-attempt", Severity::Medium, &format!("`{name}` gives up at the first failure"), place, "never tried again")
        });
    }
    for number in 1..=5 {
        let host = format!("http://host-{number}.example");
        let place = export.place("", &format!("\"{host}\""), &format!("/nodes/{}/url", number - 1));
        findings.push(Finding {
            help: "Use https.".into(),
            ..finding("cleartext-transport", Severity::High, &format!("data goes to `{host}` unencrypted"), place, "http")
        });
    }
    findings
}

/// Text that wants to drive the terminal, and text that is hard to align.
fn nasty() -> Vec<Finding> {
    let text = "{\n\t\"名前\": \"通知🤖を送る\", \"e\u{301}tat\": \"👩\u{200d}💻 ⚠\u{fe0f} 👍🏽 🇩🇪\", \"key\": \"sk-live-0123456789abcdef\",\n\t\"evil\": \"\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}gnp.exe\u{2066}\u{9b}31m\",\t\"after\": 1\n}\n";
    let mut export = Export::new("flows/nasty \u{1b}[31m\u{202e}.json", text);
    let secret = text.find("sk-live").expect("is there");
    export.secrets = vec![span(secret, "sk-live-0123456789abcdef".len())];
    let app = Some(AppRef { name: "Report\u{202e}\u{1b}[1A".into(), id: String::new() });
    let secret = Finding {
        app: app.clone(),
        element: Some(element("secret", "key")),
        help: "Move it to a credential, and have it replaced where it was issued.".into(),
        related: vec![Label { text: "in this node".into(), location: export.place("", "\"通知🤖を送る\"", "/名前") }],
        ..finding(
            "literal-secret",
            Severity::Critical,
            "`key` holds a secret",
            export.place("", "\"sk-live-0123456789abcdef\"", "/key"),
            "looks like an API key",
        )
    };
    let joined = finding("odd-name", Severity::Info, "a name of joined characters", export.place("", "🇩🇪", "/état"), "a flag");
    let evil = Finding {
        app,
        ..finding(
            "hidden-text",
            Severity::Medium,
            "`\u{1b}[2J\u{202e}x\u{200b}\ny` shows other text than it holds",
            export.place("", "\u{202e}gnp.exe\u{2066}", "/evil"),
            "reads \u{202e}backwards\u{1b}[0m",
        )
    };
    let after = finding("odd-name", Severity::Info, "a number without a name", export.place("", "1\n", "/after"), "here");
    vec![secret, joined, evil, after]
}

/// Places in nested containers.
fn archive() -> Vec<Finding> {
    let export = Export::new("release.zip", "definition:\n  actions: {}\n");
    let mut place = export.place("", "{}", "/definition/actions");
    place.inner = vec!["solution.zip".into(), "Workflows/flow.json".into()];
    let found = finding("empty-app", Severity::Low, "the flow does nothing", place, "no actions");
    vec![Finding { platform: "power-platform", app: Some(AppRef { name: String::new(), id: "7f1c".into() }), ..found }]
}

/// A line of two megabytes with places far from each other.
fn minified() -> Vec<Finding> {
    let fill = |length: usize| "{\"name\":\"Set\",\"värde\":\"🤖\"},".repeat(length / 33);
    let text = format!(
        "{{\"nodes\":[{}{{\"code\":\"eval(items)\",\"url\":\"x\"}},{}{{\"from\":\"webhook\"}}]}}",
        fill(1_000_000),
        fill(1_000_000)
    );
    let export = Export::new("flows/minified.json", text);
    let place = export.place("\"code\"", "\"eval(items)\"", "/nodes/30303/code");
    let found = finding("dynamic-code", Severity::High, "text becomes code", place, "runs what it is given");
    let near = Label { text: "sent here".into(), location: export.place("\"url\"", "\"x\"", "/nodes/30303/url") };
    let far = Label { text: "comes from outside".into(), location: export.place("\"from\"", "\"webhook\"", "/nodes/60607/from") };
    vec![Finding { related: vec![near, far], ..found }]
}

/// Places that are easy to get wrong: an empty file, the end of a file, a whole line, a finding without any text.
fn odds() -> Vec<Finding> {
    let nothing = Export::new("odd/empty.json", "");
    let end = Export::new("odd/end.json", "{\n  \"a\": 1");
    let wide = Export::new("odd/wide.json", format!("{{ \"text\": \"{}\" }}", "long words ".repeat(60)));
    let mut last = end.place("1", "", "");
    (last.start.column, last.end.column) = (9, 9);
    let value = format!("\"{}\"", "long words ".repeat(60));
    let bare = Location { excerpt: Vec::new(), ..nothing.place("", "", "") };
    vec![
        finding("empty-export", Severity::Info, "the file is empty", nothing.place("", "", ""), "nothing here"),
        finding("empty-export", Severity::Low, "the folder `odd` has no manifest", bare, "not shown"),
        finding("cut-export", Severity::Info, "the file ends early", last, "expected `}`"),
        finding("long-text", Severity::Info, "a long text", wide.place("\"long", &value, "/text"), "better in a file of its own"),
    ]
}

#[test]
fn what_the_readers_of_a_report_cannot_take_is_left_out_and_told() {
    const MANY: usize = 60_000;
    let mut report = rich();
    let usual = report.findings[0].clone();
    let severities = [Severity::Low, Severity::High, Severity::Info, Severity::Critical, Severity::Medium];
    let one =
        |at: usize| Finding { severity: severities[at % 5], fingerprint: format!("f1:{at:032x}"), related: Vec::new(), ..usual.clone() };
    report.findings = (0..MANY).map(one).collect();
    let written = |name: &str| {
        let mut written = Vec::new();
        let note = (format(name).expect("is a format").write)(&report, &Options::default(), &mut written).expect("memory takes all");
        (written, note.unwrap_or_default())
    };

    let (sarif, note) = written("sarif");
    let sarif: serde_json::Value = serde_json::from_slice(&sarif).expect("is JSON");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 25_000);
    assert!(note.starts_with("35000 of 60000 findings are not in the SARIF report"), "{note}");
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    assert!(told.iter().any(|told| told["message"]["text"] == note.as_str()));
    let worst = |severity: &str| results.iter().filter(|result| result["properties"]["severity"] == severity).count();
    assert_eq!((worst("critical"), worst("high"), worst("medium"), worst("low")), (12_000, 12_000, 1_000, 0), "the worst stay");

    let (annotations, note) = written("github");
    let annotations = String::from_utf8(annotations).expect("UTF-8");
    for level in ["::error ", "::warning ", "::notice "] {
        assert!(annotations.lines().filter(|line| line.starts_with(level)).count() <= 10, "{level}");
    }
    assert!(note.contains("have no annotation of their own"), "{note}");

    for (name, most) in [("markdown", 65_536), ("summary", 1024 * 1024)] {
        let (text, note) = written(name);
        assert!(text.len() <= most, "{name}: {}", text.len());
        assert!(note.contains("are left out of the Markdown report"), "{note}");
    }
    let (csv, note) = written("csv");
    assert_eq!((memchr::memchr_iter(b'\n', &csv).count() > MANY, note.as_str()), (true, ""));
}

#[test]
fn a_value_of_many_lines_is_told_where_a_change_shows_it() {
    let text = "{\n  \"script\": [\n    \"one\",\n    \"two\"\n  ]\n}\n";
    let source = Source::from_text("flows/script.json", text);
    let at = text.find('[').expect("is there");
    let location = Locator::new(&source).locate(span(at, text.find(']').expect("is there") + 1 - at), "/script".into());
    let report = Report { findings: vec![finding("r", Severity::High, "m", location, "")], ..empty() };
    let written = |name: &str| {
        let mut written = Vec::new();
        (format(name).expect("is a format").write)(&report, &Options::default(), &mut written).expect("memory takes all");
        String::from_utf8(written).expect("UTF-8")
    };
    let sarif: serde_json::Value = serde_json::from_str(&written("sarif")).expect("is JSON");
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    // Of a region that goes on, each line would have to be part of the change.
    assert_eq!(*region, serde_json::json!({ "startLine": 2, "startColumn": 13, "endLine": 2, "endColumn": 14 }));
    assert!(written("github").contains("file=flows/script.json,line=2,endLine=2,col=13,endColumn=14,"));
}

/// What `docs/formats.md` says of the page for browsers, which is too long to be shown.
const PAGE: &str = "\
The verdict and why; the findings with filters, search, source lines and links to each; the risk of each app with its terms; drawings of
where data goes; the inventory; policy, gates and waivers; what was not judged; and, where `--evidence-chain` names a chain of earlier
runs, how the numbers have changed. It is one file, to be kept with a run or sent to somebody: it loads nothing, and its content security
policy lets nothing in. `/` searches, `j` and `k` go through the findings, `Enter` opens one, `Esc` leads back; the address keeps the
filters. Without JavaScript, the verdict and the worst 50 findings stay. Secrets are masked as in all reports, but source lines, names and
addresses are in it: keep it where the exports may be kept.";

/// `docs/formats.md` shows every format with one finding, as it is written.
#[test]
fn the_page_of_formats_shows_what_they_write() {
    let mut report = rich();
    report.findings.retain(|finding| &*finding.rule == "open-entry-point");
    report.findings[0].related.truncate(1);
    report.coverage.unreadable.truncate(1);
    report.coverage.foreign.clear();
    report.rules.truncate(1);
    let mut page = String::from(
        "# Formats\n\nWhat `flowgate check --format NAME` and `--output NAME=FILE` write. The page is made by `tests/formats.rs`: each example is what\n\
         the format writes for one finding and one file that could not be judged.\n",
    );
    for format in FORMATS {
        let mut written = Vec::new();
        (format.write)(&report, &Options { width: 100, ..Options::default() }, &mut written).expect("memory takes all");
        let written = String::from_utf8(written).expect("reports are UTF-8");
        if format.name == "html" {
            let _ = write!(page, "\n## {}\n\n{}\n\n{}\n", format.name, format.description, PAGE);
            continue;
        }
        let _ = write!(page, "\n## {}\n\n{}\n\n~~~~text\n{}\n~~~~\n", format.name, format.description, written.trim_end());
    }
    expect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md"), &page);
}

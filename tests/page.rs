//! The report as a page: what a browser makes of it.

mod estate;

use base64ct::{Base64, Encoding as _};
use flowgate::finding::{AppRef, Confidence, ElementRef, Finding, Label, Locator, Severity, State, Waived};
use flowgate::report::{Coverage, Foreign, Options, Report, RuleInfo, Unreadable, format};
use flowgate::source::{Source, Span};
use html5gum::{DefaultEmitter, Token, Tokenizer};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A report in which every text holds `text`.
fn report(text: &str) -> Report {
    let says = |word: &str| format!("{word}{text}");
    let file = says("flows/intake.json");
    let source = Source::from_text(&*file, format!("{{\"name\": \"Webhook {text}\",\n\"next\": \"{text}\"}}"));
    let place = |from, to| Locator::new(&source).locate(Span::new(from, to), says("/name"));
    let finding = |severity, blocks, state, waived| Finding {
        rule: says("open-entry-point").into(),
        severity,
        confidence: Confidence::High,
        message: says("`Webhook` accepts requests"),
        help: says("Require a login.").into(),
        platform: "n8n",
        app: Some(AppRef { name: says("Intake"), id: says("wf-1") }),
        element: Some(ElementRef { kind: says("trigger"), name: says("Webhook") }),
        location: place(1, 7),
        label: says("here"),
        related: vec![Label { text: says("and here"), location: place(9, 14) }],
        fingerprint: says("f1:00"),
        copy_of: None,
        state,
        blocks,
        waived,
        notes: vec![says("seen")],
        tags: [says("AUTH-001"), "cwe:306".to_owned(), says("cwe:")].into(),
    };
    let waived = Waived { id: says("WV-1"), category: says("risk-accepted"), reason: says("legacy"), expires: says("2026-12-12") };
    let rule = RuleInfo {
        id: says("open-entry-point").into(),
        title: says("Entry point"),
        severity: Severity::High,
        confidence: Confidence::High,
        why: says("Anyone"),
        fix: says("Login"),
        false_positives: says("Gateways"),
        tags: [says("AUTH-001")].into(),
    };
    let unreadable = Unreadable {
        file: says("broken.json"),
        inner: vec![says("inner.zip")],
        reason: says("no comma"),
        help: says("Export again"),
        line: Some(3),
        column: None,
    };
    let foreign = Foreign { file: says("notes.txt"), inner: Vec::new(), reason: says("no export") };
    let coverage = Coverage {
        files: 4,
        recognised: BTreeMap::from([("n8n", 2)]),
        unreadable: vec![unreadable],
        foreign: vec![foreign],
        ..Coverage::default()
    };
    Report {
        findings: vec![
            finding(Severity::Critical, true, State::New, None),
            finding(Severity::Medium, false, State::Unchanged, Some(waived)),
        ],
        fixed: vec![finding(Severity::Low, false, State::New, None)],
        coverage,
        apps: 2,
        rules: vec![rule],
        estate: Some(estate::estate(&file, text)),
        ..Report::default()
    }
}

fn page(report: &Report) -> String {
    let mut written = Vec::new();
    (format("html").expect("is a format").write)(report, &Options::default(), &mut written).expect("memory takes all");
    String::from_utf8(written).expect("reports are UTF-8")
}

/// What a browser sees: elements with their attributes, and the texts of scripts and styles in their order.
#[derive(Default)]
struct Seen {
    elements: BTreeSet<(String, String)>,
    numbers: BTreeMap<String, usize>,
    programs: Vec<String>,
    policy: String,
    comments: usize,
}

fn seen(page: &str) -> Seen {
    let mut emitter: DefaultEmitter = DefaultEmitter::new_with_span();
    emitter.naively_switch_states(true);
    let mut seen = Seen::default();
    let mut inside = false;
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                *seen.numbers.entry(name.clone()).or_default() += 1;
                inside = name == "script" || name == "style";
                if inside {
                    seen.programs.push(String::new());
                }
                let attributes: BTreeMap<String, String> = tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect();
                if attributes.get("http-equiv").is_some_and(|name| name == "Content-Security-Policy") {
                    seen.policy.clone_from(&attributes["content"]);
                }
                seen.elements.insert((name.clone(), String::new()));
                seen.elements.extend(attributes.into_keys().map(|attribute| (name.clone(), attribute)));
            }
            Token::EndTag(_) => inside = false,
            Token::String(part) if inside => seen.programs.last_mut().expect("one was opened").push_str(&text(&part)),
            Token::Comment(_) => seen.comments += 1,
            _ => {}
        }
    }
    seen
}

/// What the page is made of when nothing tries to be anything.
static USUAL: LazyLock<Seen> = LazyLock::new(|| seen(&page(&report(" `code` and words"))));

#[test]
fn the_policy_of_the_page_names_its_own_style_and_scripts_and_nothing_else() {
    let Seen { programs, policy, elements, .. } = &*USUAL;
    let [style, early, data, script] = &programs[..] else { panic!("a style and three scripts, not {}", programs.len()) };
    let digest = |text: &str| format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text.as_bytes())));
    let expected = format!(
        "default-src 'none'; style-src {}; script-src {} {}; img-src data:; base-uri 'none'; form-action 'none'",
        digest(style),
        digest(early),
        digest(script)
    );
    assert_eq!(*policy, expected);
    let known: serde_json::Value = serde_json::from_str(data).expect("the data is JSON");
    assert_eq!(known["findings"].as_array().map(Vec::len), Some(3));
    // The policy would keep them from working, and a browser would complain.
    let idle: Vec<_> = elements.iter().filter(|(_, attribute)| attribute.starts_with("on") || attribute == "style").collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn the_same_report_gives_the_same_page() {
    assert_eq!(page(&report("x")), page(&report("x")));
}

#[test]
fn the_page_says_why_a_finding_blocks() {
    let page = page(&report(""));
    assert!(page.contains("the gate of tier high: critical, high, medium"), "the gate of the tier");
    let without = Report { estate: None, ..report("") };
    assert!(self::page(&without).contains("the threshold: at or above high"), "the threshold");
}

/// What texts are made of that try to be markup, to end a script, or to be a slot of the page.
const PARTS: &[&str] = &[
    "<",
    ">",
    "\"",
    "'",
    "`",
    "&",
    "=",
    "/",
    " ",
    "\n",
    "\r",
    "\t",
    "\0",
    "a",
    "é",
    "漢",
    "{{data}}",
    "{{",
    "}}",
    "</script>",
    "</style>",
    "</noscript>",
    "</title>",
    "</svg>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<script>",
    "<img src=x onerror=alert(1)>",
    "<b class=\"injected\">",
    "&lt;",
    "&#60;",
    "javascript:alert(1)",
    "\u{2028}",
    "\u{202e}",
    "\\",
    "\\u003c",
    "${x}",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
    #[test]
    fn no_text_of_a_report_becomes_markup(parts in proptest::collection::vec(proptest::sample::select(PARTS), 1..12), free in ".{0,12}") {
        let text = parts.concat() + &free;
        let page = page(&report(&text));
        let seen = seen(&page);
        let new: Vec<_> = seen.elements.difference(&USUAL.elements).collect();
        proptest::prop_assert!(new.is_empty(), "{new:?}");
        proptest::prop_assert_eq!(seen.comments, 0);
        // How often `code` and the like occur depends on the text; these do not.
        for name in ["script", "style", "meta", "link", "section", "button", "html", "body", "a", "details", "form"] {
            proptest::prop_assert_eq!(seen.numbers.get(name), USUAL.numbers.get(name), "{}", name);
        }
        proptest::prop_assert_eq!(&seen.policy, &USUAL.policy);
        proptest::prop_assert!(serde_json::from_str::<serde_json::Value>(&seen.programs[2]).is_ok());
        proptest::prop_assert!(!page.contains(|c: char| c != '\n' && flowgate::report::is_hazard(c)));
    }
}

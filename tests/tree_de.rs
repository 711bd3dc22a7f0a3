//! Nodes become types, and what does not fit is said with its place.

use flowgate::tree::de::{self, Spanned, from_node};
use flowgate::tree::{Syntax, Tree, json, yaml};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Rule<'a> {
    id: Spanned<&'a str>,
    #[serde(default, borrow)]
    title: Option<Cow<'a, str>>,
    severity: Severity,
    #[serde(default)]
    tags: Vec<Spanned<String>>,
    #[serde(default)]
    limit: Option<u8>,
    #[serde(default)]
    facts: BTreeMap<Spanned<String>, Test>,
    #[serde(default)]
    pair: Option<(u8, String)>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Low,
    High,
    Custom(u8),
    Range { min: u8, max: u8 },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Test {
    One(String),
    Any(Vec<String>),
    Flag(bool),
    Null(()),
}

#[derive(Debug, Deserialize, PartialEq)]
struct Flat {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, i64>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Wrapper(Spanned<String>);

fn tree(text: &str) -> Tree<'_> {
    yaml::parse(text).expect(text)
}

#[test]
fn a_file_becomes_a_type_that_knows_its_places() {
    let text = "id: open-door\ntitle: \"A\\tdoor\"\nseverity: {range: {min: 1, max: 2}}\ntags: [a, 'b']\nlimit: 255\nfacts:\n  x: y\n  z: [p, q]\n  f: true\n  n:\npair: [1, two]\n";
    let tree = tree(text);
    let rule: Rule<'_> = from_node(tree.root()).expect("fits");
    assert_eq!(rule.id.value, "open-door");
    assert_eq!(&text[rule.id.span.range()], "open-door");
    assert_eq!(tree.node(rule.id.node).key().as_deref(), Some("id"));
    assert_eq!(rule.title.as_deref(), Some("A\tdoor"));
    assert_eq!(rule.severity, Severity::Range { min: 1, max: 2 });
    assert_eq!(&text[rule.tags[1].span.range()], "'b'");
    assert_eq!(rule.limit, Some(255));
    let facts: Vec<_> = rule.facts.iter().map(|(key, test)| (&text[key.span.range()], test)).collect();
    assert_eq!(facts[0], ("f", &Test::Flag(true)));
    assert_eq!(facts[1], ("n", &Test::Null(())));
    assert_eq!(facts[3], ("z", &Test::Any(vec!["p".into(), "q".into()])));
    assert_eq!(rule.pair, Some((1, "two".into())));
    assert_eq!(from_node::<Severity>(yaml::parse("high").expect("valid").root()), Ok(Severity::High));
    assert_eq!(from_node::<Severity>(yaml::parse("custom: 3").expect("valid").root()), Ok(Severity::Custom(3)));
    let flat: Flat = from_node(yaml::parse("{name: n, a: 1, b: -2}").expect("valid").root()).expect("fits");
    assert_eq!(flat.rest, BTreeMap::from([("a".into(), 1), ("b".into(), -2)]));
    let wrapped: BTreeMap<Wrapper, i64> = from_node(yaml::parse("{b: 1, a: 2}").expect("valid").root()).expect("fits");
    assert_eq!(wrapped.values().copied().collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn what_does_not_fit_is_said_at_the_innermost_place() {
    let cases = [
        ("id: a\nseverty: low\n", "unknown key `severty`", "severty", "did you mean `severity`?"),
        ("id: a\nseverity: hgih\n", "unknown value `hgih`", "hgih", "did you mean `high`? allowed: `low`, `high`, `custom`, `range`"),
        ("id: a\nzzz: low\n", "unknown key `zzz`", "zzz", "allowed: `id`, `title`"),
        ("id: [a]\nseverity: low\n", "expected a borrowed string, found a list", "[a]", ""),
        ("id: a\nseverity: low\nlimit: 'x'\n", "expected a whole number that fits, found a string", "'x'", ""),
        ("id: a\nseverity: low\nlimit: 256\n", "expected a whole number that fits, found the number `256`", "256", ""),
        ("id: a\nseverity: low\ntags: [a, 5]\n", "expected a string, found the number `5`", "5", ""),
        ("id: a\nseverity: low\ntags: x\n", "expected a list, found a string", "x", ""),
        ("id: a\nseverity: low\nid: b\n", "the key `id` stands here twice", "id", ""),
        ("id: a\nseverity: {range: {min: 1}}\n", "missing key `max`", "range", ""),
        ("id: a\nseverity: {rnge: {min: 1}}\n", "unknown value `rnge`", "rnge", "did you mean `range`?"),
        ("id: a\nseverity: range\n", "`range` wants a value: `range: ...`", "range", ""),
        ("id: a\nseverity: {low: 1}\n", "`low` takes no value", "1", ""),
        (
            "id: a\nseverity: {low: , high: }\n",
            "expected one of the values that are allowed here, found a mapping with more or less than one key",
            "{low: , high: }",
            "allowed",
        ),
        ("id: a\nseverity: 5\n", "expected one of the values that are allowed here, found a number", "5", "`low`"),
        ("id: a\nseverity: low\npair: [1]\n", "expected a tuple of size 2, found 1 items", "[1]", ""),
        ("id: a\nseverity: low\npair: [1, b, c]\n", "one item too many", "c", ""),
        ("id: a\nseverity: low\nfacts: {x: {}}\n", "data did not match any variant of untagged enum Test", "{}", ""),
        ("[]\n", "expected a mapping, found a list", "[]", ""),
        ("id: a\n", "missing key `severity`", "id: a", ""),
    ];
    for (text, message, place, help) in cases {
        let tree = tree(text);
        let error: de::Error = from_node::<Rule<'_>>(tree.root()).expect_err(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(&text[error.span.range()], place, "{text}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text}: {:?}", error.help);
    }
    let twice = tree("id: a\nseverity: low\nid: b\n");
    assert_eq!(from_node::<Rule<'_>>(twice.root()).expect_err("twice").span.start, 20, "the later one");
}

#[test]
fn json_reads_like_yaml_and_deep_files_are_refused() {
    let text = r#"{"id": "a", "severity": "low", "title": null, "limit": 1}"#;
    let tree = json::parse(text).expect("valid");
    assert_eq!(tree.syntax(), Syntax::Json);
    let rule: Rule<'_> = from_node(tree.root()).expect("fits");
    assert_eq!((rule.title, rule.limit), (None, Some(1)));
    let deep = "[".repeat(500) + &"]".repeat(500);
    let tree = json::parse(&deep).expect("valid");
    let error = from_node::<serde_json::Value>(tree.root()).expect_err("deep");
    assert_eq!(error.span.start as usize, de::MAX_TYPED_DEPTH);
    assert_eq!(from_node::<serde::de::IgnoredAny>(tree.root()).map(|_| ()), Ok(()));
}

#[test]
fn other_deserializers_read_spanned_values_without_places() {
    let value: Spanned<u8> = serde_json::from_str("5").expect("a number");
    assert_eq!((value.value, value.span.len()), (5, 0));
}

#[test]
fn the_name_that_was_meant_is_near() {
    let known = ["severity", "title", "id", "false-positives"];
    for (found, wanted) in
        [("sevrity", Some("severity")), ("Title", Some("title")), ("ttile", Some("title")), ("false_positives", Some("false-positives"))]
    {
        assert_eq!(de::nearest(found, &known), wanted);
    }
    assert_eq!(de::nearest("colour", &known), None);
    assert_eq!(de::nearest(&"x".repeat(1_000_000), &known), None);
}

//! The YAML producer: core schema, places, aliases, hostile files.

#![allow(clippy::format_collect, clippy::format_push_string, clippy::cast_precision_loss, reason = "small inputs")]

mod corpus;

use flowgate::tree::{Node, ValueKind, yaml};
use proptest::prelude::*;

fn kind_and_text(text: &str) -> (ValueKind, String) {
    let tree = yaml::parse(text).expect(text);
    let root = tree.root();
    (root.kind(), root.as_text().map(std::borrow::Cow::into_owned).unwrap_or_default())
}

#[test]
fn plain_scalars_mean_what_the_core_schema_says() {
    use ValueKind::{Bool, Null, Number, String};
    let table: &[(ValueKind, &[&str])] = &[
        (Null, &["", "~", "null", "Null", "NULL", "!!null ''"]),
        (Bool, &["true", "True", "TRUE", "false", "False", "FALSE", "!!bool 'true'"]),
        (
            Number,
            &["0", "-1", "+12", "0123", "0x1F", "0o17", "1.5", "-.5", "1.", "1e3", "1.5E-3", ".inf", "-.INF", "+.Inf", ".nan", ".NaN"],
        ),
        (Number, &["18446744073709551615", "123456789012345678901234567890", "!!int '7'", "!!float 7", "!local 7"]),
        (String, &["no", "on", "yes", "off", "y", "nULL", "tRUE", "1_000", "0b1", "0o8", "0xG", "-0x1", "1:30", "2024-01-01", "."]),
        (String, &["+", "-.nan", "1e", "e5", ".e5", "=", "<<", "'1'", "\"true\"", "!!str 1", "! 1", "!!str", "1 2", "''"]),
        (String, &["|\n  1\n", ">\n  null\n"]),
    ];
    for (kind, texts) in table {
        for text in *texts {
            assert_eq!(kind_and_text(text).0, *kind, "{text}");
        }
    }
    for wrong in ["!!int x", "!!bool 1", "!!null 0", "!!float x", "!!seq x"] {
        assert_eq!(yaml::parse(wrong).expect_err(wrong).message, "the tag does not fit the value");
    }
}

#[test]
fn numbers_have_their_value() {
    let tree = yaml::parse("[0x1F, 0o17, 0123, +5, -.INF, .nan, 1e400, 18446744073709551615, 1.]").expect("valid");
    let values: Vec<_> = tree.root().items().map(|node| (node.as_i64(), node.as_f64())).collect();
    let integers = [31, 15, 123, 5].map(|value: i32| (Some(i64::from(value)), Some(f64::from(value))));
    assert_eq!(values[..4], integers);
    assert_eq!(values[4], (None, Some(f64::NEG_INFINITY)));
    assert!(values[5].1.expect("a number").is_nan());
    assert_eq!(values[6], (None, None));
    assert_eq!(tree.root().index(7).and_then(Node::as_u64), Some(u64::MAX));
    assert_eq!(values[8], (None, Some(1.0)));
}

#[test]
fn places_are_those_of_the_source() {
    let text = "é: ü # c\r\nlist:\r\n- 'it''s'   # c\r\n-\r\n- [1, 2 ]  \r\n\r\nx: {a: \"q\\n\", c}\r\nblock: !!str | # | x\r\n\r\n  one\r\n  two\r\n\r\nempty:\r\n";
    let tree = yaml::parse(text).expect("valid");
    corpus::spans_are_sound(&tree).expect("sound");
    let raw = |path: &str| tree.root().resolve(path).expect(path).raw();
    assert_eq!(raw("/é"), "ü");
    assert_eq!(raw("/list"), "- 'it''s'   # c\r\n-\r\n- [1, 2 ]");
    let nested = yaml::parse("a: !x &b # c - d\n- - 1\n").expect("valid");
    assert_eq!(nested.root().get("a").map(Node::raw), Some("- - 1"));
    assert_eq!(raw("/list/0"), "'it''s'");
    assert_eq!(raw("/list/1"), "");
    assert_eq!(raw("/list/2"), "[1, 2 ]");
    assert_eq!(raw("/x"), "{a: \"q\\n\", c}");
    assert_eq!(raw("/x/a"), "\"q\\n\"");
    assert_eq!(raw("/block"), "| # | x\r\n\r\n  one\r\n  two");
    let empty = tree.root().get("empty").expect("is there");
    assert_eq!(empty.span().start as usize, text.rfind(':').expect("a colon") + 1);
    assert_eq!(tree.root().span().end, empty.span().end);
    assert_eq!(tree.root().get("block").and_then(Node::as_str).as_deref(), Some("\none\ntwo\n"));
    assert_eq!(tree.node_at(text.find("two").expect("is there") as u32).and_then(Node::key).as_deref(), Some("block"));
}

#[test]
fn a_caret_inside_of_a_text_is_right() {
    let text = "a: say {{ x }} ü\nb: 'say {{ x }}'\nc: \"ü {{ x }}\"\nd: \"\\t{{ x }}\"\n";
    let tree = yaml::parse(text).expect("valid");
    for member in tree.root().members() {
        let at = member.as_str().expect("a string").find("{{ x }}").expect("is there");
        let span = member.text_span(at..at + 7);
        let wanted = if member.has_key("d") { member.raw() } else { "{{ x }}" };
        assert_eq!(&text[span.range()], wanted, "{}", member.pointer());
    }
}

#[test]
fn a_stream_has_all_its_documents() {
    let tree = yaml::parse("a\n---\n- 1\n...\n---\n---\nb: c\n").expect("valid");
    let raws: Vec<_> = tree.documents().map(Node::raw).collect();
    assert_eq!(raws, ["a", "- 1", "", "b: c"]);
    assert_eq!(tree.documents().last().and_then(|node| node.get("b")).map(Node::pointer).as_deref(), Some("/3/b"));
    for nothing in ["", "\n", "# only a comment\n", "---\n", "\u{feff}"] {
        assert!(yaml::parse(nothing).expect(nothing).root().is_null(), "{nothing:?}");
    }
}

#[test]
fn aliases_are_written_out_with_the_places_of_the_original() {
    let text = "base: &b {k: 'v', l: [1, \"\\t\"]}\none: *b\n<<: *b\n&n name: &s text\n*n : *s\nagain: *n\n";
    let tree = yaml::parse(text).expect("valid");
    corpus::spans_are_sound(&tree).expect("sound");
    let root = tree.root();
    assert_eq!(root.at(&["one", "k"]).and_then(Node::as_str).as_deref(), Some("v"));
    assert_eq!(root.at(&["<<", "l"]).and_then(|l| l.index(1)).and_then(Node::as_str).as_deref(), Some("\t"));
    assert_eq!(root.get_all("name").filter_map(Node::as_str).collect::<Vec<_>>(), ["text", "text"]);
    assert_eq!(root.get_all("name").last().and_then(Node::key_span).map(|span| &text[span.range()]), Some("*n"));
    assert_eq!(root.get("again").and_then(Node::as_str).as_deref(), Some("name"));
    assert_eq!(root.get("one").map(Node::span), root.get("base").map(Node::span));
    assert_eq!(tree.duplicate_keys().len(), 1);
    assert_eq!(tree.node_at(text.find("'v'").expect("is there") as u32).map(Node::pointer).as_deref(), Some("/base/k"));
}

#[test]
fn what_multiplies_by_aliases_is_refused_at_the_alias() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let error = yaml::parse(&bomb).expect_err("a bomb");
    assert_eq!(error.message, "the aliases of this file repeat too much");
    assert!(bomb[error.span.range()].starts_with('*'), "{error:?}");
    let large = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(20));
    assert_eq!(yaml::parse(&large).expect_err("large").message, error.message);
    assert_eq!(yaml::parse("&a [*a]").expect_err("endless").span.to_string(), "4..6");
    let (open, close) = ("[".repeat(20), "]".repeat(20));
    let deep: String = (1..40).map(|level| format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1)).collect();
    assert!(yaml::parse(&format!("a0: &a0 []\n{deep}")).expect_err("deep").message.starts_with("nested deeper"));
}

#[test]
fn what_breaks_is_said_with_place_and_cure() {
    let cases = [
        ("a: *u\n", "`*u` is an alias without an anchor before it", "*u", "quotes"),
        ("a:\n\t- b\n", "a tab where YAML wants spaces", "\t", "spaces"),
        ("a: b: c", "a `:` where no member can begin", ":", "quotes"),
        ("ü: 'x", "a quoted text that never ends", "'", "quote"),
        ("a: {{ x }}", "a list or mapping as member name", "{", "quotes"),
        ("a: [1", "a `[` that is never closed", "", ""),
        ("<<<<<<< HEAD\na: 1\n=======\n", "a `:` where no member can begin", ":", "merge conflict"),
    ];
    for (text, message, place, help) in cases {
        let error = yaml::parse(text).expect_err(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(if place.is_empty() { "" } else { &text[error.span.range()] }, place, "{text}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text}: {:?}", error.help);
    }
}

#[test]
fn hostile_files_end_soon_and_without_a_panic() {
    let many = |part: &str| part.repeat(100_000);
    let files = [
        many("["),
        many("{a: "),
        many("- "),
        many("? "),
        many("a:\n"),
        many("&a "),
        many("!!str "),
        many("---\n"),
        many("\"\\"),
        many("#\n"),
    ];
    for text in
        files.iter().map(String::as_str).chain(["%TAG ! tag:\n---\n!x y", "%YAML 1.3\n---\n", "\0", "\u{feff}\u{feff}", "a\u{2028}b: c"])
    {
        let start = std::time::Instant::now();
        if let Ok(tree) = yaml::parse(text) {
            assert!(!tree.is_empty());
        }
        assert!(start.elapsed().as_secs() < 20, "{} takes too long", &text[..text.len().min(10)]);
    }
}

/// The place of each scalar, read alone, is the same value.
fn scalars_read_back(text: &str) -> Result<(), String> {
    let Ok(tree) = yaml::parse(text) else { return Ok(()) };
    corpus::spans_are_sound(&tree)?;
    for node in tree.documents().flat_map(Node::descend).filter(|node| !node.is_array() && !node.is_object()) {
        let raw = node.raw();
        // How deep a block is indented, and what is folded, depends on the lines around it; a tag stands outside of the place.
        let depends = raw.contains(['\n', '\r']) || raw.starts_with(['|', '>']) || text.contains('!');
        if depends {
            continue;
        }
        // Plain scalars may begin with what means something else at the start of a document.
        let alone = yaml::parse(raw).map(|tree| (tree.root().kind(), tree.root().as_text().map(std::borrow::Cow::into_owned)));
        let wanted = (node.kind(), node.as_text().map(std::borrow::Cow::into_owned));
        if alone.as_ref() != Ok(&wanted) {
            return Err(format!("{raw:?} at {} is {wanted:?}, alone {alone:?}", node.pointer()));
        }
    }
    Ok(())
}

#[test]
fn scalars_of_real_files_stand_where_their_places_say() {
    for (path, text) in corpus::texts(&["yaml", "yml"]) {
        assert_eq!(scalars_read_back(&text), Ok(()), "{path}");
        let windows = text.replace('\n', "\r\n");
        assert_eq!(yaml::parse(&text).is_ok(), yaml::parse(&windows).is_ok(), "{path} with CRLF");
        assert_eq!(scalars_read_back(&windows), Ok(()), "{path} with CRLF");
    }
}

#[test]
fn json_is_yaml() {
    for (path, text) in corpus::texts(&["json"]).into_iter().filter(|(_, text)| text.len() < 20_000).step_by(10) {
        let (Ok(json), Ok(yaml)) = (flowgate::tree::json::parse(&text), yaml::parse(&text)) else { continue };
        let parts = |tree: &flowgate::tree::Tree<'_>| -> Vec<_> {
            let nodes = tree.root().descend();
            nodes
                .map(|node| {
                    (
                        node.kind(),
                        node.span(),
                        node.key().map(std::borrow::Cow::into_owned),
                        node.as_str().map(std::borrow::Cow::into_owned),
                    )
                })
                .collect()
        };
        assert_eq!(parts(&json), parts(&yaml), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "([a-c ü&*!|>'\"#:,?\\[\\]{}\\-\t\r\n%0-9~\\\\]|: |\n  |- |&a |\\*a){0,40}") {
        if let Ok(tree) = yaml::parse(&text) {
            prop_assert_eq!(corpus::spans_are_sound(&tree), Ok(()));
        }
    }
}

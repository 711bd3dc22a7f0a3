//! The schemas in `schemas/`, against real exports, against cases in `tests/schemas/`, and against what a schema of ours must be.
//!
//! A case is a JSON file in the folder that is named like its schema; beside it stands what must be said about it. Write the file,
//! run with `SNAPSHOTS=overwrite`, read what came out.

#![allow(clippy::print_stderr, reason = "a test that skips says so")]

use flowgate::schema::{MAX_VIOLATIONS, Schema, Violation};
use flowgate::source::Source;
use flowgate::tree::{Node, ValueKind, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

static WORKFLOW: Schema = Schema::new("n8n/workflow", include_str!("../schemas/n8n/workflow.schema.json"));
static CREDENTIALS: Schema = Schema::new("n8n/credentials", include_str!("../schemas/n8n/credentials.schema.json"));

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` whose name ends so, sorted.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.expect("readable").into_path());
    walk.filter(|path| path.is_file() && path.to_string_lossy().ends_with(end)).collect()
}

fn schema(path: &Path) -> Schema {
    Schema::new("under test", std::fs::read_to_string(path).expect("readable").leak())
}

fn said(violations: &[Violation<'_>]) -> String {
    let line = |found: &Violation<'_>| {
        let help = found.help.as_deref().map(|help| format!("    {help}\n")).unwrap_or_default();
        format!("{}{}: {} [{}]\n{help}", found.node.pointer(), if found.on_key { " (key)" } else { "" }, found.message, found.keyword)
    };
    if violations.is_empty() { "nothing\n".into() } else { violations.iter().map(line).collect() }
}

/// The workflows of a file, in all the shapes in which they are exported.
fn workflows(node: Node<'_>) -> Vec<Node<'_>> {
    if node.is_array() {
        return node.items().flat_map(workflows).collect();
    }
    match ["workflow", "workflows", "data"].iter().find_map(|name| node.get(name)) {
        Some(inner) if inner.is_object() || inner.is_array() => workflows(inner),
        _ if node.get("nodes").is_some() => vec![node],
        _ => Vec::new(),
    }
}

#[test]
fn every_case_says_what_stands_beside_it() {
    let folder = root().join("tests/schemas");
    let cases = files(&folder, ".json");
    assert!(cases.len() > 10);
    for case in cases {
        let named = case.parent().and_then(|parent| parent.strip_prefix(&folder).ok()).expect("below the folder");
        let schema = schema(&root().join("schemas").join(named).with_extension("schema.json"));
        let text = std::fs::read_to_string(&case).expect("readable");
        let tree = json::parse(&text).expect("a case is JSON");
        snapbox::assert_data_eq!(said(&schema.violations(tree.root())), snapbox::Data::read_from(&case.with_extension("txt"), None));
    }
}

#[test]
fn real_exports_are_valid() {
    let corpus = root().join("../shared/corpus/n8n");
    if !corpus.is_dir() {
        eprintln!("skipped: no real exports in {}", corpus.display());
        return;
    }
    // An AI rewrote the files of this collection: `active` is the string "false" here, which counts as true wherever n8n asks for it.
    let broken = [("Zie619+n8n-workflows/workflows/Stopanderror/0392_Stopanderror_GitHub_Automate_Webhook.json", "/active")];
    let (mut valid, mut seen) = (0, Vec::new());
    for path in files(&corpus, ".json") {
        let source = Source::read(&path, path.strip_prefix(&corpus).expect("inside").to_string_lossy()).expect("text");
        let tree = json::parse(source.text()).expect("JSON");
        let workflows = workflows(tree.root());
        let found: Vec<_> = if workflows.is_empty() {
            tree.root().items().flat_map(|credential| CREDENTIALS.violations(credential)).collect()
        } else {
            workflows.iter().flat_map(|workflow| WORKFLOW.violations(*workflow)).collect()
        };
        valid += usize::from(found.is_empty());
        seen.extend(found.iter().map(|found| (source.path().to_owned(), found.node.pointer())));
    }
    let broken: Vec<_> = broken.iter().map(|(path, pointer)| ((*path).to_owned(), (*pointer).to_owned())).collect();
    assert_eq!(seen, broken);
    assert_eq!(valid, 736);
}

#[test]
fn our_schemas_compile_offline_refer_to_themselves_only_and_describe_every_property() {
    fn check(value: &serde_json::Value, path: &str) {
        if let Some(target) = value.get("$ref").and_then(serde_json::Value::as_str) {
            assert!(target.starts_with("#/"), "{path}: {target} is not local");
        }
        for (name, property) in value.get("properties").and_then(serde_json::Value::as_object).into_iter().flatten() {
            assert!(property["description"].is_string(), "{path}/properties/{name} has no description");
        }
        match value {
            serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| match value.as_object() {
                // The members of this one are names, of which one may be `properties` again.
                Some(named) if name == "properties" => {
                    named.iter().for_each(|(name, value)| check(value, &format!("{path}/properties/{name}")));
                }
                _ => check(value, &format!("{path}/{name}")),
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|value| check(value, path)),
            _ => {}
        }
    }
    // Those beside the folders of the platforms are generated from types, and held by the tests of what they describe.
    let of_platforms =
        files(&root().join("schemas"), ".schema.json").into_iter().filter(|path| path.parent() != Some(&root().join("schemas")));
    for path in of_platforms {
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
        assert_eq!(value["$schema"], "https://json-schema.org/draft/2020-12/schema", "{}", path.display());
        let name = path.strip_prefix(root()).expect("inside").to_string_lossy().replace('\\', "/");
        assert_eq!(value["$id"], format!("https://flowgate.dev/{name}"));
        check(&value, &name);
        let _ = schema(&path).violations(json::parse("null").expect("JSON").root());
    }
}

/// Puts each of these in place of each value of a valid workflow, and asks for what is said about it.
#[test]
fn no_message_holds_a_string_of_the_document() {
    let text = std::fs::read_to_string(root().join("tests/schemas/n8n/workflow/odd-but-fine.json")).expect("readable");
    let tree = json::parse(&text).expect("JSON");
    let mut said_something = 0;
    for node in tree.root().descend() {
        for with in [r#""s3cret""#, r#"["s3cret"]"#, r#"{"node": "s3cret", "type": ["s3cret"]}"#, r#"[["s3cret"]]"#] {
            let changed = format!("{}{with}{}", &text[..node.span().start as usize], &text[node.span().end as usize..]);
            let tree = json::parse(&changed).expect("JSON");
            for found in WORKFLOW.violations(tree.root()).iter().chain(&CREDENTIALS.violations(tree.root())) {
                said_something += 1;
                assert!(!format!("{} {:?}", found.message, found.help).contains("s3cret"), "{}", found.message);
            }
        }
    }
    assert!(said_something > 100);
}

#[test]
fn every_keyword_is_said_in_words() {
    let cases = [
        (r#"{"type": "integer"}"#, "1.5", "the document must be a whole number, found a number"),
        (r#"{"type": ["array", "null"]}"#, "true", "the document must be an array or `null`, found a boolean"),
        (r#"{"const": "a"}"#, r#""s3cret""#, "the document must be `a`, found another string"),
        (r#"{"const": {"a": [1]}}"#, r#"{"a": [2]}"#, r#"the document must be `{"a":[1]}`, found another object"#),
        (r#"{"enum": [1, null, "x"]}"#, "null", ""),
        (r#"{"enum": [1, 2.0]}"#, "2", ""),
        (r#"{"enum": [1, null, "x"]}"#, "false", "the document must be `1`, `x` or `null`, found a boolean"),
        (r#"{"items": {"minLength": 1}}"#, r#"["a", ""]"#, "item 2 of the document must not be empty"),
        (r#"{"minLength": 12}"#, r#""s3cret""#, "the document must have at least 12 characters"),
        (r#"{"maxLength": 1}"#, r#""s3cret""#, "the document must have at most 1 character"),
        (r#"{"minItems": 2}"#, "[1]", "the document must have at least 2 items, found 1"),
        (r#"{"maxItems": 1}"#, "[1, 2]", "the document must have at most 1 item, found 2"),
        (r#"{"prefixItems": [{}], "items": false}"#, "[1, 2]", "item 2 of the document is not allowed here"),
        (r#"{"minProperties": 1}"#, "{}", "the document must have at least 1 member, found 0"),
        (r#"{"maxProperties": 1}"#, r#"{"a": 1, "b": 2}"#, "the document must have at most 1 member, found 2"),
        (r#"{"minimum": 1}"#, "0", "the document must be at least 1"),
        (r#"{"maximum": 1.5}"#, "2", "the document must be at most 1.5"),
        (r#"{"exclusiveMinimum": 1}"#, "1", "the document must be more than 1"),
        (r#"{"exclusiveMaximum": 1}"#, "18446744073709551615", "the document must be less than 1"),
        (r#"{"multipleOf": 2}"#, "3", "the document must be a multiple of 2"),
        (r#"{"pattern": "^a+$"}"#, r#""s3cret""#, "the document must match the pattern `^a+$`"),
        (r#"{"uniqueItems": true}"#, r#"[{"a": 1}, 2, {"a": 1.0}]"#, "the document must not have the same item twice"),
        (r#"{"contains": {"const": 1}}"#, "[2]", "the document lacks an item that must be in it"),
        (r#"{"not": {"type": "string"}}"#, r#""s3cret""#, "the document has a form that is not allowed here"),
        (r#"{"properties": {"a": false}}"#, r#"{"a": "s3cret"}"#, "`a` is not allowed here"),
        (r#"{"properties": {"a": {}}, "additionalProperties": false}"#, r#"{"a": 1, "b": 2}"#, "`b` is not known in the document"),
        (r#"{"properties": {"a": {}}, "unevaluatedProperties": false}"#, r#"{"a": 1, "b": 2}"#, "`b` is not known in the document"),
        (r#"{"unevaluatedItems": false}"#, r#"["s3cret"]"#, "the document has items that are not known"),
        (r#"{"dependentRequired": {"a": ["b"]}}"#, r#"{"a": 1}"#, "the document has no `b`"),
        (r#"{"propertyNames": {"pattern": "^[a-z]+$"}}"#, r#"{"a": 1, "B\n": 2}"#, "the name `B\n` must match the pattern `^[a-z]+$`"),
        (r#"{"propertyNames": {"enum": ["a"]}}"#, r#"{"b": 2}"#, "the name `b` must be `a`, found another string"),
        (
            r#"{"oneOf": [{"type": "string"}, {"minLength": 1}]}"#,
            r#""s3cret""#,
            "the document fits more than one of the forms that exclude each other",
        ),
        (r#"{"anyOf": [{"type": "string"}, {"enum": [1, 2]}]}"#, "3", "the document must be a string, `1` or `2`, found another number"),
        (
            r#"{"anyOf": [{"type": "string"}, {"properties": {"a": {"items": {"type": "number"}}}, "type": "object"}]}"#,
            r#"{"a": [1, "s3cret"]}"#,
            "item 2 of `a` must be a number, found a string",
        ),
        (
            r#"{"oneOf": [{"properties": {"kind": {"const": "x"}}, "required": ["kind", "a"]}, {"properties": {"kind": {"const": "y"}}, "required": ["kind", "b"]}]}"#,
            r#"{"kind": "y"}"#,
            "the document has no `b`",
        ),
        (r#"{"if": {"type": "string"}, "then": {"maxLength": 1}}"#, r#""s3cret""#, "the document must have at most 1 character"),
    ];
    for (schema, document, message) in cases {
        let tree = json::parse(document).expect("JSON");
        let schema = Schema::new("inline", schema);
        let said: Vec<_> = schema.violations(tree.root()).into_iter().map(|found| found.message).collect();
        assert_eq!(said.join("; "), message, "{document}");
    }
}

#[test]
fn a_place_is_exact_even_where_a_name_repeats() {
    let tree = json::parse(r#"{"nodes": 1, "nodes": [], "connections": {"a": 1, "a": {}}}"#).expect("JSON");
    let found = WORKFLOW.violations(tree.root());
    // Every one of them is looked at, the one that is read and the one that nobody sees.
    let messages: Vec<_> = found.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(messages, ["`nodes` must be an array, found a number", "`a` must be an object, found a number"]);
    assert!(found[0].node == tree.root().children().next().expect("a member") && found[1].node.raw() == "1");
    let tree = json::parse(r#"{"nodes": [], "nodes": []}"#).expect("JSON");
    assert_eq!(WORKFLOW.violations(tree.root())[0].message, "the n8n workflow has no `connections`");
}

#[test]
fn a_huge_file_that_is_wrong_everywhere_costs_bounded_time_and_memory() {
    let started = Instant::now();
    for (start, item) in [(r#"{"connections": {}, "nodes": ["#, "0"), (r#"{"nodes": [], "connections": {"#, r#""a": 0"#)] {
        let close = if start.ends_with('[') { "]}" } else { "}}" };
        let text = format!("{start}{}{close}", vec![item; 1_000_000].join(","));
        let tree = json::parse(&text).expect("JSON");
        let found = WORKFLOW.violations(tree.root());
        assert_eq!(found.len(), MAX_VIOLATIONS + 1);
        assert_eq!(found[MAX_VIOLATIONS].message, "at least 4950 more places are wrong in the same document");
    }
    let closed = Schema::new("closed", r#"{"properties": {"a": {}}, "additionalProperties": false}"#);
    let members: Vec<_> = (0..1_000_000).map(|number| format!(r#""{number}": 0"#)).collect();
    let text = format!("{{{}}}", members.join(","));
    let tree = json::parse(&text).expect("JSON");
    assert_eq!(closed.violations(tree.root())[MAX_VIOLATIONS].message, "at least 4950 more places are wrong in the same document");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn the_deepest_document_is_validated_on_a_small_stack() {
    let recursive = Schema::new(
        "recursive",
        r##"{"$defs": {"deep": {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"$ref": "#/$defs/deep"}}, {"type": "array", "items": {"$ref": "#/$defs/deep"}}]}}, "$ref": "#/$defs/deep"}"##,
    );
    let deep = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(511), close.repeat(511));
    for text in [deep("[", "7", "]"), deep(r#"{"a":"#, "7", "}"), deep("[", r#""x""#, "]")] {
        let tree = json::parse(&text).expect("JSON");
        let found = recursive.violations(tree.root());
        assert_eq!(found.is_empty(), text.contains('x'));
        assert!(found.iter().all(|found| found.node.kind() == ValueKind::Number), "{}", said(&found));
        let parameters = format!(
            r#"{{"nodes": [{{"name": "a", "type": "b", "parameters": {{"a": {}}}}}], "connections": {{}}}}"#,
            &text[5..text.len() - 5]
        );
        if let Ok(tree) = json::parse(&parameters) {
            assert!(WORKFLOW.violations(tree.root()).is_empty());
        }
    }
}

//! Policies: what is refused and how it is told, what the schema and the page say, and that the example of the page is a policy.
//! `FLOWGATE_UPDATE=1 cargo test --test policy` writes what is said now.

use flowgate::policy::{Policy, file};
use flowgate::rule::RuleSet;
use flowgate::source::{Source, SourceError};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares `found` with a file, or writes it there when the environment says so.
fn compare(path: &Path, found: &str) -> Result<(), String> {
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        return fs::write(path, found).map_err(|error| error.to_string());
    }
    let wanted = fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display();
    let update = "If that is right: FLOWGATE_UPDATE=1 cargo test --test policy";
    if wanted == found { Ok(()) } else { Err(format!("{shown} says\n{wanted}\nbut it is\n{found}\n{update}\n")) }
}

/// The files that policies of these tests name.
#[allow(clippy::unnecessary_wraps, reason = "it stands for what reads files")]
fn beside(name: &str) -> Result<Option<Vec<u8>>, SourceError> {
    let text = match name {
        "dlp/prod-policy.json" => r#"{"connectorGroups": [{"classification": "Blocked", "connectors": []}]}"#,
        "templates/approval-basic.json" | "template.json" | "not-a-policy.json" => "{}",
        _ => return Ok(None),
    };
    Ok(Some(text.into()))
}

fn parse(path: &Path) -> Result<(Policy, Source), String> {
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    let source = Source::from_text(name, fs::read_to_string(path).expect("readable"));
    Policy::parse_with(&source, &beside).map(|policy| (policy, source)).map_err(|error| error.to_string())
}

#[test]
fn wrong_policies_are_told_exactly() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(at("tests/policy/wrong")).expect("is there").map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(files.len() > 10);
    let mut differences = String::new();
    for file in files {
        let found = parse(&file).err().unwrap_or_else(|| "nothing is wrong with it".into()) + "\n";
        assert!(!found.starts_with("nothing"), "{}", file.display());
        differences += &compare(&file.with_extension("txt"), &found).err().unwrap_or_default();
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn the_schema_of_policies_is_that_of_the_types() {
    let found = serde_json::to_string_pretty(&file::schema()).expect("a schema is JSON") + "\n";
    if let Err(difference) = compare(&at("schemas/flowgate/policy.schema.json"), &found) {
        panic!("{}", difference.lines().last().unwrap_or_default());
    }
}

#[test]
fn the_example_is_a_policy_whose_rules_are_known_and_valid_by_the_schema() {
    let path = at("tests/policy/example.yaml");
    let (policy, source) = parse(&path).unwrap_or_else(|error| panic!("{error}"));
    let known: Vec<&str> = RuleSet::builtin().expect("sound").iter().map(|rule| &*rule.id).collect();
    policy.hold_rules(&source, &known).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(policy.decision_functions("new-grant").collect::<Vec<_>>(), ["security", "data-owner"]);
    assert_eq!((policy.environment_order().len(), policy.catalogue().len()), (3, 2));
    let over = |day: &str| policy.over(&source, format!("{day}T12:00:00Z").parse().expect("a time")).len();
    assert_eq!((over("2026-11-21"), over("2027-03-10"), over("2028-01-01")), (0, 1, 4));
    let tree = flowgate::tree::yaml::parse(source.text()).expect("YAML");
    let value: Value = flowgate::tree::de::from_node(tree.root()).expect("any value");
    let validator = jsonschema::options().build(&file::schema()).expect("a schema");
    let wrong: Vec<String> = validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_page_says_what_the_types_say() {
    let example = fs::read_to_string(at("tests/policy/example.yaml")).expect("is there");
    if let Err(difference) = compare(&at("docs/policy.md"), &page(&file::schema(), &example)) {
        panic!("{difference}");
    }
}

fn page(schema: &Value, example: &str) -> String {
    let mut out = format!(
        "# The policy\n\nWhat an organisation says of its apps: `.flowgate/policy.yaml`. Every key is optional, and what is not said asks for \
         nothing. `flowgate policy init` writes one to begin with, `flowgate policy check` says what is wrong with it, and \
         `schemas/flowgate/policy.schema.json` lets editors complete it. The page is made by `tests/policy.rs` of the types that read the \
         file.\n\n## An example\n\n```yaml\n{example}```\n\n## The keys\n\n`*` in a name stands for any text. Where several patterns hold a \
         name, the one counts that says most of it. A day on which something ends counts whole; what is no day has passed.\n\n| Key | What it \
         says |\n|---|---|\n"
    );
    keys(schema, schema, "", &mut out);
    out
}

/// The rows of the members of `object`, each behind the keys around it.
fn keys(root: &Value, object: &Value, before: &str, out: &mut String) {
    for (name, member) in object["properties"].as_object().into_iter().flatten() {
        row(root, &format!("{before}{name}"), member, out);
    }
    if object["additionalProperties"].is_object() {
        row(root, &format!("{before}NAME"), &object["additionalProperties"], out);
    }
}

fn row(root: &Value, key: &str, member: &Value, out: &mut String) {
    let target = resolve(root, member);
    let text = member["description"].as_str().or(target["description"].as_str()).unwrap_or_default().replace('\n', " ");
    let words: Vec<String> = words(target).iter().map(|word| format!("`{word}`")).collect();
    let words = if words.is_empty() { String::new() } else { format!(" One of {}.", words.join(", ")) };
    let _ = writeln!(out, "| `{key}` | {text}{words} |");
    let is_list = target["items"].is_object();
    let inner = if is_list { resolve(root, &target["items"]) } else { target };
    keys(root, inner, &if is_list { format!("{key}[].") } else { format!("{key}.") }, out);
}

/// What a schema leads to: through references, and to the mapping where there is a choice.
fn resolve<'v>(root: &'v Value, value: &'v Value) -> &'v Value {
    if let Some(path) = value["$ref"].as_str() {
        return root.pointer(path.trim_start_matches('#')).map_or(value, |target| resolve(root, target));
    }
    for choice in ["anyOf", "allOf"] {
        let options = value[choice].as_array().into_iter().flatten().map(|option| resolve(root, option));
        if let Some(found) = options.into_iter().find(|option| option["properties"].is_object() || option["oneOf"].is_array()) {
            return found;
        }
    }
    value
}

/// The words of a closed set.
fn words(value: &Value) -> Vec<&str> {
    let listed = value["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    listed.chain(value["oneOf"].as_array().into_iter().flatten().filter_map(|one| one["const"].as_str())).collect()
}

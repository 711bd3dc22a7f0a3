//! Rule files from outside: what is refused and how it is told, and what the schema and the pages say.

use flowgate::lint;
use flowgate::rule::verify::verify;
use flowgate::rule::{Rule, RuleSet, page, schema};
use flowgate::source::Source;
use flowgate::tree::de::from_node;
use flowgate::tree::yaml;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    if wanted == found {
        return Ok(());
    }
    Err(format!("{shown} says\n{wanted}\nbut it is\n{found}\nIf that is right: FLOWGATE_UPDATE=1 cargo test --test rules\n"))
}

#[test]
fn wrong_rule_files_are_told_exactly() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(at("tests/rules/wrong")).expect("is there").map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(!files.is_empty());
    let mut differences = String::new();
    for file in files {
        let name = format!("wrong/{}", file.file_name().expect("a file").to_string_lossy());
        let text = fs::read_to_string(&file).expect("readable");
        let found = match Rule::load(Source::from_text(name, text)) {
            Ok(_) => "nothing is wrong with it\n".to_owned(),
            Err(errors) => format!("{errors}\n"),
        };
        if let Err(difference) = compare(&file.with_extension("txt"), &found) {
            differences.push_str(&difference);
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn the_schema_of_rule_files_is_that_of_the_types() {
    let found = serde_json::to_string_pretty(&schema::rule_schema()).expect("a schema is JSON") + "\n";
    if let Err(difference) = compare(&at("schemas/rule.schema.json"), &found) {
        panic!("{}", difference.lines().last().unwrap_or_default());
    }
}

/// Holds a rule file against the schema that editors use.
fn misfits(text: &str) -> Vec<String> {
    let validator = jsonschema::options().build(&schema::rule_schema()).expect("a schema");
    let tree = yaml::parse(text).expect("YAML");
    let value: serde_json::Value = from_node(tree.root()).expect("JSON");
    validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn editors_take_the_rules_that_we_take() {
    assert_eq!(misfits(&page::stub("access", "open-door")), [""; 0]);
    for rule in RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).iter() {
        assert_eq!(misfits(rule.source().text()), [""; 0], "{}", rule.id);
    }
    for name in ["unknown-kind", "unknown-fact", "unknown-fact-value", "wrong-types", "unknown-clause", "no-message", "no-examples"] {
        let text = fs::read_to_string(at(&format!("tests/rules/wrong/{name}.yaml"))).expect("is there");
        assert!(!misfits(&text).is_empty(), "{name}");
    }
}

#[test]
fn the_stub_of_a_new_rule_loads_and_finds_what_it_says() {
    let rule = Rule::load(Source::from_text("access/open-door.yaml", page::stub("access", "open-door")))
        .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((&*rule.category, &*rule.id, &*rule.title), ("access", "open-door", "Open door"));
    assert_as_said(&[Arc::new(rule)]);
}

fn assert_as_said(rules: &[Arc<Rule>]) {
    let outcomes = verify(rules, &lint::example);
    let wrong: Vec<String> = outcomes.iter().filter(|outcome| !outcome.verdict.is_as_expected()).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_of_the_rules_that_are_built_in_come_out_as_they_say() {
    match RuleSet::builtin() {
        Ok(rules) => assert_as_said(&rules.iter().map(Arc::clone).collect::<Vec<_>>()),
        Err(errors) => panic!("{errors}"),
    }
}

proptest! {
    #[test]
    fn loading_arbitrary_text_never_panics(text in "\\PC{0,300}") {
        let _ = Rule::load(Source::from_text("a/b.yaml", text));
    }
}

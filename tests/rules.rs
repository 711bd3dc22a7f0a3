//! Rule files from outside: what is refused and how it is told, and what the schema and the pages say.

use flowgate::rule::{Rule, RuleSet, page, schema};
use flowgate::source::Source;
use proptest::prelude::*;
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

#[test]
fn the_stub_of_a_new_rule_loads() {
    let rule = Rule::load(Source::from_text("access/open-door.yaml", page::stub("access", "open-door")))
        .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((&*rule.category, &*rule.id, &*rule.title), ("access", "open-door", "Open door"));
    println!("{}", page::explain(&rule));
}

#[test]
fn rules_that_are_built_in_load() {
    if let Err(errors) = RuleSet::builtin() {
        panic!("{errors}");
    }
}

proptest! {
    #[test]
    fn loading_arbitrary_text_never_panics(text in "\\PC{0,300}") {
        let _ = Rule::load(Source::from_text("a/b.yaml", text));
    }
}

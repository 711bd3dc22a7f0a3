//! Modules use only modules of lower layers, so that each can be understood, tested and changed without those above it.

use regex::Regex;
use std::path::Path;

/// The layers, lowest first. Modules of one layer do not use each other.
const LAYERS: &[&[&str]] = &[
    &["source"],
    &["finding"],
    &["tree"],
    &["model"],
    &["platform", "schema", "rule", "report", "policy"],
    &["discover", "archive", "base", "govern", "evidence"],
    &["lint"],
    &["cli"],
    &["main"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// `file:line: why` for each use in `text` that goes up or sideways. `file` is a path below `src`.
fn violations(file: &str, text: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    let module = path.split('/').next().unwrap_or_default();
    let Some(own) = layer(module) else { return vec![format!("src/{file}:1: `{module}` has no layer: give it one in tests/layers.rs")] };
    let comment = Regex::new(r"//.*").expect("valid");
    let text = comment.replace_all(text, "");
    // What `crate` is to the library, `flowgate` is to the program; enough `super`s lead to the same place.
    let supers = path.split('/').count();
    let root = Regex::new(&format!(r"\b(?:crate|flowgate|super(?:\s*::\s*super){{{}}})\s*::\s*", supers - 1)).expect("valid");
    let mut violations = Vec::new();
    for found in root.find_iter(&text) {
        let line = text[..found.start()].matches('\n').count() + 1;
        for used in first_names(&text[found.end()..]) {
            if used != module && layer(used).is_some_and(|layer| layer >= own) {
                violations.push(format!("src/{file}:{line}: `{module}` must not use `{used}`: its layer is not below"));
            }
        }
    }
    violations
}

/// The names that a path behind `crate::` begins with: one, or those of a group.
fn first_names(rest: &str) -> Vec<&str> {
    let name = Regex::new(r"^\s*\w+").expect("valid");
    let first = |part| name.find(part).map(|name| name.as_str().trim());
    let Some(group) = rest.strip_prefix('{') else { return first(rest).into_iter().collect() };
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.extend(first(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

#[test]
fn modules_use_only_lower_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(&src).sort_by_file_name() {
        let entry = entry.expect("src can be read");
        let file = entry.path().strip_prefix(&src).expect("is below").to_string_lossy().replace('\\', "/");
        if entry.path().extension().is_some_and(|extension| extension == "rs") && file != "lib.rs" {
            found.extend(violations(&file, &std::fs::read_to_string(entry.path()).expect("is text")));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_use_that_goes_up_or_sideways_is_told_with_its_place() {
    let told = |file, text| violations(file, text).join("\n");
    assert_eq!(
        told("tree/json.rs", "\nuse crate::{source::Span, model::{Fact, At}};"),
        "src/tree/json.rs:2: `tree` must not use `model`: its layer is not below"
    );
    assert!(told("rule/check.rs", "fn f() { crate::platform::named(\"n8n\"); }").contains("`rule` must not use `platform`"));
    assert!(told("rule/check.rs", "use super::super::platform::PLATFORMS;").contains(":1: `rule` must not use `platform`"));
    assert!(told("discover.rs", "use super::lint::Input;").contains("`discover` must not use `lint`"));
    assert!(told("utils.rs", "").contains("`utils` has no layer"));
    assert_eq!(told("rule/check.rs", "use super::policy;\nuse crate::model::Model; // not crate::lint\nuse crate::rule::Rule;"), "");
    assert_eq!(told("main.rs", "use flowgate::cli;"), "");
}

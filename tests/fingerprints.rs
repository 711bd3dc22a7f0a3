//! Findings are known again: what makes no difference to an export makes none to the fingerprints of its findings.

use flowgate::lint::{self, Input, Options};
use flowgate::report::Report;
use flowgate::rule::{Profile, RuleSet};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn judge(name: &str, text: &str) -> Report {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true);
    let options = Options::new(&rules);
    lint::lint(&[Input::Bytes { name: name.into(), bytes: text.as_bytes().to_vec() }], &options).expect("no path that could be missing")
}

/// The fingerprints, sorted; findings of the engine stand at a place of the file and are left out with `rules_only`.
fn fingerprints(report: &Report, rules_only: bool) -> Vec<String> {
    let kept = report.findings.iter().filter(|finding| !rules_only || finding.app.is_some());
    let mut all: Vec<String> = kept.map(|finding| format!("{} {}", finding.fingerprint, finding.rule)).collect();
    all.sort();
    all
}

/// The JSON files below a folder, in order.
fn exports(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            exports(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

/// Holds one export against rewritings of it that mean the same.
fn holds(path: &Path) {
    let Ok(text) = fs::read_to_string(path) else { return };
    // Numbers may lose digits and members that occur twice one of them; what is written again is what is compared.
    let Ok(value) = serde_json::from_str::<Value>(&text) else { return };
    let indented = serde_json::to_string_pretty(&value).expect("a value");
    let report = judge("a.json", &indented);
    let expected = fingerprints(&report, false);
    let mut different: Vec<&str> = report.findings.iter().map(|finding| &*finding.fingerprint).collect();
    different.sort_unstable();
    assert!(different.windows(2).all(|pair| pair[0] != pair[1]), "{}: two findings have the same fingerprint", path.display());
    let ways = [
        ("written on one line", serde_json::to_string(&value).expect("a value")),
        ("moved down", format!("\n\n\r\n{indented}")),
        ("with other line ends", indented.replace('\n', "\r\n")),
    ];
    for (way, text) in ways {
        assert_eq!(fingerprints(&judge("a.json", &text), false), expected, "{}: {way}", path.display());
    }
    assert_eq!(fingerprints(&judge("folder/other.json", &indented), false), expected, "{}: renamed", path.display());
    let mut turned = value;
    let Some(nodes) = turned.get_mut("nodes").and_then(Value::as_array_mut) else { return };
    let mut names: Vec<String> = nodes.iter().map(|node| node["name"].to_string()).collect();
    names.sort();
    // Elements that nothing but their order tells apart are counted, so only exports with distinct names can be turned round.
    if names.windows(2).all(|pair| pair[0] != pair[1]) {
        nodes.reverse();
        let turned = judge("a.json", &turned.to_string());
        assert_eq!(fingerprints(&turned, true), fingerprints(&report, true), "{}: turned round", path.display());
    }
}

#[test]
fn fingerprints_of_fixtures_survive_what_makes_no_difference() {
    let mut paths = Vec::new();
    exports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut paths);
    assert!(!paths.is_empty());
    paths.iter().for_each(|path| holds(path));
}

#[test]
fn fingerprints_of_real_exports_survive_what_makes_no_difference() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/n8n");
    if !corpus.is_dir() {
        note(&format!("skipped: no corpus at {}", corpus.display()));
        return;
    }
    let mut paths = Vec::new();
    exports(&corpus, &mut paths);
    let step = (paths.len() / 50).max(1);
    paths.iter().step_by(step).for_each(|path| holds(path));
}

#[allow(clippy::print_stderr, reason = "what a test leaves out must be seen")]
fn note(text: &str) {
    eprintln!("{text}");
}

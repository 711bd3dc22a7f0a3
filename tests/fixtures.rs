//! Whole exports and what is expected of them: `fixtures/<platform>/<case>/` holds the files of one export, beside them
//! `findings.txt` says what the linter tells with all rules of the strict profile, and `model.yaml` what rules see. A file
//! `policy.yaml` is the policy that applies. `FLOWGATE_UPDATE=1` rewrites what is expected.

use flowgate::lint::{self, Input, Options};
use flowgate::policy::Policy;
use flowgate::report::Report;
use flowgate::rule::{Profile, RuleSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of a case that are no part of the export.
const BESIDE: [&str; 3] = ["findings.txt", "model.yaml", "policy.yaml"];

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The export of a case, under names that are the same on every machine.
fn inputs(case: &Path) -> Vec<Input> {
    let mut files = Vec::new();
    let mut folders = vec![case.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in sorted(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if folder != case || !BESIDE.contains(&name(&path).as_str()) {
                files.push(path);
            }
        }
    }
    files.sort();
    let shown = |path: &Path| path.strip_prefix(case).expect("below the case").to_string_lossy().replace('\\', "/");
    files.iter().map(|path| Input::Bytes { name: shown(path), bytes: fs::read(path).expect("readable") }).collect()
}

/// The way to a file, through archives where it is in one.
fn path(file: &str, inner: &[String]) -> String {
    std::iter::once(file).chain(inner.iter().map(String::as_str)).collect::<Vec<_>>().join("!")
}

/// One line a finding: severity, rule, place, message.
fn told(report: &Report) -> String {
    let mut text = String::new();
    let mut line = |words: &[&str]| writeln!(text, "{}", words.join(" ")).expect("a string takes everything");
    for finding in &report.findings {
        let place = format!("{}#{}", path(&finding.location.file, &finding.location.inner), finding.location.pointer);
        line(&[finding.severity.as_str(), &finding.rule, &place, &finding.message]);
    }
    for unreadable in &report.coverage.unreadable {
        line(&["unreadable", &path(&unreadable.file, &unreadable.inner), &unreadable.reason]);
    }
    for foreign in &report.coverage.foreign {
        line(&["foreign", &path(&foreign.file, &foreign.inner), &foreign.reason]);
    }
    text
}

/// The models, each below the name of its file.
fn shown(models: &[lint::Shown]) -> String {
    let one = |shown: &lint::Shown| match &shown.yaml {
        Some(yaml) => format!("# {}\n{yaml}", shown.file),
        None => format!("# {}: {}\n", shown.file, shown.reason),
    };
    models.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Compares `found` with a file, or writes it there when the environment says so.
fn compare(path: &Path, found: &str) -> Result<(), String> {
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        return fs::write(path, found).map_err(|error| error.to_string());
    }
    let wanted = fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if wanted == found {
        return Ok(());
    }
    let only = |one: &str, other: &str, mark: char| {
        let lines = one.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.map(|line| [&*mark.to_string(), " ", line, "\n"].concat()).collect::<String>()
    };
    Err(format!("{}\n{}{}", path.display(), only(&wanted, found, '-'), only(found, &wanted, '+')))
}

#[test]
fn exports_are_judged_and_shown_as_expected() {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true);
    let mut differences = String::new();
    let mut cases = 0;
    for platform in sorted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")) {
        for case in sorted(&platform) {
            let path = case.join("policy.yaml");
            let policy = path.exists().then(|| Policy::load(&path).unwrap_or_else(|error| panic!("{error}")));
            let options = Options { policy: policy.as_ref(), ..Options::new(&rules) };
            let report = lint::lint(&inputs(&case), &options).expect("nothing is missing");
            let models = lint::show(&inputs(&case), &options).expect("nothing is missing");
            let results = [compare(&case.join("findings.txt"), &told(&report)), compare(&case.join("model.yaml"), &shown(&models))];
            results.into_iter().filter_map(Result::err).for_each(|difference| differences.push_str(&difference));
            cases += 1;
        }
    }
    assert!(cases > 0, "there are no fixtures");
    assert!(differences.is_empty(), "{differences}If that is right: FLOWGATE_UPDATE=1 cargo test --test fixtures");
}

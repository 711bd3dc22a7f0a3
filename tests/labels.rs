//! Judged spots in real exports: what a good linter must report and what it must leave alone.
//!
//! The labels and the files are not part of the repository; without them the test says so and passes.

use flowgate::finding::Finding;
use flowgate::lint::{Input, Options, lint};
use flowgate::platform::PLATFORMS;
use flowgate::rule::{Profile, RuleSet};
use std::collections::HashMap;
use std::path::PathBuf;

/// Least share of risky spots that must be found, in percent.
const FOUND: usize = 95;
/// Most share of benign spots that may be flagged, in percent.
const FALSE_ALARMS: usize = 5;

struct Label {
    risky: bool,
    rule: String,
    path: String,
    pointer: String,
    why: String,
}

fn labels(corpus: &std::path::Path) -> Vec<Label> {
    let text = std::fs::read_to_string(corpus.join("LABELS.tsv")).expect("labels beside the corpus");
    let known = |platform: &str| PLATFORMS.iter().any(|known| known.name() == platform);
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row.len() == 7 && known(row[2]))
        .map(|row| Label { risky: row[0] == "RISKY", rule: row[1].into(), path: row[4].into(), pointer: row[5].into(), why: row[6].into() })
        .collect()
}

/// The pointer of a label about XML, which may choose among elements by what they hold: `/Profile/userPermissions[name="RunFlow"]`,
/// `/Role/RolePrivilege[@name="prvReadUser"]`, `/ConnectedApp//consumerSecret`.
fn chosen(text: &str, label: &str) -> Option<String> {
    let tree = flowgate::tree::xml::parse(text.trim_start_matches('\u{feff}')).ok()?;
    let mut node = tree.root();
    let mut parts = Vec::new();
    // A slash within quotes is no separator.
    let mut quoted = false;
    for part in label.split(|c| {
        quoted ^= c == '"';
        c == '/' && !quoted
    }) {
        parts.push(part);
    }
    let mut anywhere = false;
    for part in parts.into_iter().skip(1) {
        if part.is_empty() {
            anywhere = true;
            continue;
        }
        let (name, choice) = part.split_once('[').map_or((part, None), |(name, rest)| (name, rest.strip_suffix(']')));
        let fits = |node: &flowgate::tree::Node<'_>| {
            choice.and_then(|choice| choice.split_once('=')).is_none_or(|(member, value)| {
                node.get(member).and_then(|member| member.get("#text").unwrap_or(member).as_str()).as_deref()
                    == Some(value.trim_matches('"'))
            })
        };
        let named = |node: &flowgate::tree::Node<'_>| node.has_key(name) && fits(node);
        let nth = choice.and_then(|choice| choice.parse::<usize>().ok()).map_or(0, |nth| nth - 1);
        node = if anywhere { node.descend().find(named) } else { node.members().filter(named).nth(nth) }?;
        anywhere = false;
    }
    Some(node.pointer())
}

/// A finding is at a spot when its value is the spot, in it or around it.
fn is_at(finding: &Finding, pointer: &str) -> bool {
    let found = &finding.location.pointer;
    let below = |deep: &str, high: &str| deep.strip_prefix(high).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    pointer == "/" || below(found, pointer) || (!found.is_empty() && below(pointer, found))
}

#[test]
fn judged_spots_are_found_and_benign_ones_left_alone() {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.join("LABELS.tsv").is_file() {
        note(&format!("skipped: no labelled exports at {}", corpus.display()));
        return;
    }
    let labels = labels(&corpus);
    let rules = RuleSet::builtin().expect("the rules load").select(Profile::Audit, |_| true);
    let options = Options::new(&rules);
    let mut paths: Vec<&str> = labels.iter().map(|label| &*label.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let inputs: Vec<Input> = paths.iter().map(|path| Input::Path(corpus.join(path))).collect();
    let report = lint(&inputs, &options).expect("the labelled files are there");
    let mut by_place: HashMap<(&str, &str), Vec<&Finding>> = HashMap::new();
    for finding in &report.findings {
        by_place.entry((&finding.rule, &finding.location.file)).or_default().push(finding);
    }
    let file = |label: &Label| flowgate::discover::shown(&corpus.join(&label.path));
    let flagged = |label: &Label| {
        let line = label.pointer.strip_prefix("line:").and_then(|line| line.parse().ok());
        let text = std::fs::read_to_string(corpus.join(&label.path))
            .ok()
            .filter(|text| text.trim_start_matches('\u{feff}').trim_start().starts_with('<'));
        let pointer = text.and_then(|text| chosen(&text, &label.pointer)).unwrap_or_else(|| label.pointer.clone());
        let is_here = |one: &&Finding| line.map_or_else(|| is_at(one, &pointer), |line: u32| one.location.start.line == line);
        by_place.get(&(&*label.rule, &*file(label))).is_some_and(|found| found.iter().any(is_here))
    };
    let (risky, benign): (Vec<&Label>, Vec<&Label>) = labels.iter().partition(|label| label.risky);
    let told = |label: &&&Label| format!("  {} {} {}: {}", label.rule, label.path, label.pointer, label.why);
    let missed: Vec<String> = risky.iter().filter(|label| !flagged(label)).map(|label| told(&label)).collect();
    let alarms: Vec<String> = benign.iter().filter(|label| flagged(label)).map(|label| told(&label)).collect();
    assert!(missed.len() * 100 <= risky.len() * (100 - FOUND), "missed {} of {}:\n{}", missed.len(), risky.len(), missed.join("\n"));
    assert!(alarms.len() * 100 <= benign.len() * FALSE_ALARMS, "false alarms {} of {}:\n{}", alarms.len(), benign.len(), alarms.join("\n"));
    note(&format!(
        "{} of {} risky spots found, {} of {} benign ones flagged",
        risky.len() - missed.len(),
        risky.len(),
        alarms.len(),
        benign.len()
    ));
}

#[allow(clippy::print_stderr, reason = "what a test leaves out must be seen")]
fn note(text: &str) {
    eprintln!("{text}");
}

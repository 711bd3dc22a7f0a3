//! Which findings are new, which were there before, and which are gone.

use crate::finding::{Finding, Severity, State};
use std::collections::{BTreeSet, HashMap};

/// The findings of a head, held against those of its base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Those of the head, in the order in which they came, each new or unchanged.
    pub findings: Vec<Finding>,
    /// Those of the base that the head has no more.
    pub fixed: Vec<Finding>,
}

/// What findings are matched by; with as many of the base as have it and are not matched yet.
type Index<K> = HashMap<K, Vec<usize>>;

/// Holds `head` against `base`. `renamed` leads from names of files in the head to what the same content was called in the base.
///
/// What has the same fingerprint before copies are told apart is the same finding, in the same file before all others: so a copy of an
/// app to a second file is new, the same app in a file of another name is not. What has become worse is new. Findings in files that are
/// `untouched` are unchanged, and `base` has none of them.
#[must_use]
pub fn compare<S: std::hash::BuildHasher>(
    head: Vec<Finding>,
    base: Vec<Finding>,
    renamed: &HashMap<String, String, S>,
    untouched: &BTreeSet<String>,
) -> Compared {
    let before = |finding: &Finding| renamed.get(&*finding.location.file).map_or(&*finding.location.file, String::as_str).to_owned();
    let kin = |finding: &Finding| finding.copy_of.as_ref().unwrap_or(&finding.fingerprint).clone();
    let in_place = |finding: &Finding, file: String| (kin(finding), file, finding.location.inner.clone(), finding.severity);
    let anywhere = |finding: &Finding| (kin(finding), finding.severity);
    // Of what the engine says of a file, the name of the file is a part.
    let in_renamed = |finding: &Finding, file: String| {
        (finding.rule.clone(), finding.message.clone(), finding.location.pointer.clone(), file, finding.severity)
    };
    let mut taken = vec![false; base.len()];
    let mut known: Vec<bool> = head.iter().map(|finding| untouched.contains(&*finding.location.file)).collect();

    let mut index = index(&base, &taken, |finding| in_place(finding, finding.location.file.to_string()));
    for (finding, known) in head.iter().zip(&mut known).filter(|(_, known)| !**known) {
        *known = take(&mut index, &mut taken, finding.severity, |severity| Some(with(in_place(finding, before(finding)), severity)));
    }
    let mut index = self::index(&base, &taken, anywhere);
    for (finding, known) in head.iter().zip(&mut known).filter(|(_, known)| !**known) {
        *known = take(&mut index, &mut taken, finding.severity, |severity| Some((anywhere(finding).0, severity)));
    }
    let mut index = self::index(&base, &taken, |finding| in_renamed(finding, finding.location.file.to_string()));
    for (finding, known) in head.iter().zip(&mut known).filter(|(_, known)| !**known) {
        let file = renamed.get(&*finding.location.file);
        *known = take(&mut index, &mut taken, finding.severity, |severity| {
            let (rule, message, pointer, file, _) = in_renamed(finding, file?.clone());
            Some((rule, message, pointer, file, severity))
        });
    }

    let state = |known: bool| if known { State::Unchanged } else { State::New };
    let findings = head.into_iter().zip(known).map(|(finding, known)| Finding { state: state(known), ..finding }).collect();
    let fixed = base.into_iter().zip(taken).filter(|(_, taken)| !taken).map(|(finding, _)| finding).collect();
    Compared { findings, fixed }
}

fn with<A, B, C>((a, b, c, _): (A, B, C, Severity), severity: Severity) -> (A, B, C, Severity) {
    (a, b, c, severity)
}

fn index<K: std::hash::Hash + Eq>(base: &[Finding], taken: &[bool], key: impl Fn(&Finding) -> K) -> Index<K> {
    let mut index: Index<K> = HashMap::new();
    // Backwards, since the last of a list is taken first.
    for (at, finding) in base.iter().enumerate().rev().filter(|(at, _)| !taken[*at]) {
        index.entry(key(finding)).or_default().push(at);
    }
    index
}

/// Takes a finding of the base that is as bad, or worse, and says whether there was one.
fn take<K: std::hash::Hash + Eq>(
    index: &mut Index<K>,
    taken: &mut [bool],
    severity: Severity,
    key: impl Fn(Severity) -> Option<K>,
) -> bool {
    let worse = Severity::ALL.iter().copied().filter(|other| *other >= severity);
    let found = worse.filter_map(key).find_map(|key| index.get_mut(&key).and_then(Vec::pop));
    found.inspect(|at| taken[*at] = true).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::tests::finding;

    fn at(file: &str, name: &str, severity: Severity) -> Finding {
        let mut finding = finding(severity);
        finding.location.file = file.into();
        finding.fingerprint = name.to_owned();
        finding
    }

    fn copy(file: &str, name: &str) -> Finding {
        let mut copy = at(file, &format!("{name} in {file}"), Severity::High);
        copy.copy_of = Some(name.to_owned());
        copy
    }

    fn states(head: Vec<Finding>, base: Vec<Finding>) -> (Vec<(String, bool)>, usize) {
        let compared = compare(
            head,
            base,
            &HashMap::from([("new.json".to_owned(), "old.json".to_owned())]),
            &BTreeSet::from(["same.json".to_owned()]),
        );
        let state = |finding: &Finding| (finding.location.file.to_string(), finding.state == State::New);
        (compared.findings.iter().map(state).collect(), compared.fixed.len())
    }

    fn told(states: &[(&str, bool)], fixed: usize) -> (Vec<(String, bool)>, usize) {
        (states.iter().map(|(file, new)| ((*file).to_owned(), *new)).collect(), fixed)
    }

    #[test]
    fn what_was_there_is_unchanged_what_is_gone_is_fixed() {
        let base = vec![at("a.json", "x", Severity::High), at("a.json", "y", Severity::High)];
        let head = vec![at("a.json", "x", Severity::High), at("a.json", "z", Severity::High)];
        assert_eq!(states(head, base), told(&[("a.json", false), ("a.json", true)], 1));
    }

    #[test]
    fn a_copy_of_what_is_untouched_is_new() {
        let head = vec![at("a.json", "x", Severity::High), copy("same.json", "x")];
        assert_eq!(states(head, Vec::new()), told(&[("a.json", true), ("same.json", false)], 0));
    }

    #[test]
    fn the_copy_is_new_wherever_it_stands_and_the_first_is_not() {
        let base = vec![at("m.json", "x", Severity::High)];
        let head = vec![at("a.json", "x", Severity::High), copy("m.json", "x")];
        assert_eq!(states(head, base), told(&[("a.json", true), ("m.json", false)], 0));
    }

    #[test]
    fn a_file_of_another_name_has_the_same_findings() {
        let base = vec![at("a.json", "x", Severity::High), copy("old.json", "x")];
        let head = vec![at("a.json", "x", Severity::High), copy("moved/b.json", "x")];
        assert_eq!(states(head, base), told(&[("a.json", false), ("moved/b.json", false)], 0));
        let base = vec![at("old.json", "of the engine, with old.json", Severity::Low)];
        let head = vec![at("new.json", "of the engine, with new.json", Severity::Low)];
        assert_eq!(states(head, base), told(&[("new.json", false)], 0));
    }

    #[test]
    fn what_became_worse_is_new_what_became_better_is_not() {
        let base = vec![at("a.json", "x", Severity::Medium), at("a.json", "y", Severity::High)];
        let head = vec![at("a.json", "x", Severity::High), at("a.json", "y", Severity::Low)];
        assert_eq!(states(head, base), told(&[("a.json", true), ("a.json", false)], 1));
    }
}

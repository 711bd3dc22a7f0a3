//! Holding evidence against the files that it speaks of.

use super::{GATE_RESULT, GateResult, STATEMENT, Statement};
use std::collections::BTreeMap;

/// Evidence of one run, read back.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What the gate decided.
    pub result: GateResult,
    /// Digests of the files that it looked at, by path.
    pub files: BTreeMap<String, String>,
    /// Digests of the content of apps, by id.
    pub apps: BTreeMap<String, String>,
}

impl Evidence {
    /// Reads statements, one a line. All must speak of the same, and one must be of a gate.
    ///
    /// # Errors
    /// In one sentence: what is no evidence, with the number of its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut subjects = None;
        let mut result: Option<GateResult> = None;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let statement: Statement = serde_json::from_str(line).map_err(|error| format!("line {number} is no statement: {error}"))?;
            if statement.kind != STATEMENT {
                return Err(format!("line {number} is no statement of in-toto, version 1, but `{}`", statement.kind));
            }
            if statement.predicate_type == GATE_RESULT {
                let read = serde_json::from_value(statement.predicate).map_err(|error| format!("line {number}: {error}"))?;
                if result.replace(read).is_some() {
                    return Err(format!("line {number} is a second result: evidence is of one run, check a chain with --chain"));
                }
            }
            match &subjects {
                None => subjects = Some(statement.subject),
                Some(known) if *known == statement.subject => {}
                Some(_) => return Err(format!("line {number} speaks of other files than the lines before it")),
            }
        }
        let (Some(result), Some(subjects)) = (result, subjects) else { return Err("it has no result of a gate".into()) };
        let mut evidence = Self { result, files: BTreeMap::new(), apps: BTreeMap::new() };
        for subject in subjects {
            let Some(digest) = subject.digest.get("sha256") else { return Err(format!("`{}` has no SHA-256 digest", subject.name)) };
            let digest = format!("sha256:{digest}");
            let (into, name) = match subject.name.strip_prefix("model:") {
                Some(app) => (&mut evidence.apps, app.to_owned()),
                None => (&mut evidence.files, subject.name),
            };
            if into.insert(name.clone(), digest).is_some() {
                return Err(format!("`{name}` is named twice"));
            }
        }
        Ok(evidence)
    }
}

/// How the files differ from those that evidence speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The file has another content.
    Changed(String),
    /// The file is gone.
    Missing(String),
    /// Evidence does not speak of the file.
    Unknown(String),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed(file) => write!(f, "changed: {file}"),
            Self::Missing(file) => write!(f, "missing: {file}"),
            Self::Unknown(file) => write!(f, "not judged: {file}"),
        }
    }
}

/// The differences between what was judged and what is there now, both as digests by name, in the order of the names.
#[must_use]
pub fn differences(judged: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut differences: Vec<Difference> = judged
        .iter()
        .filter_map(|(name, digest)| match found.get(name) {
            Some(now) if now == digest => None,
            Some(_) => Some(Difference::Changed(name.clone())),
            None => Some(Difference::Missing(name.clone())),
        })
        .collect();
    differences.extend(found.keys().filter(|name| !judged.contains_key(*name)).cloned().map(Difference::Unknown));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{sha256, statements};

    fn written(files: &[(&str, &str)]) -> String {
        let inputs: Vec<(String, String)> = files.iter().map(|(name, text)| ((*name).to_owned(), sha256(text.as_bytes()))).collect();
        let lines = statements(&inputs, &GateResult::default());
        lines.iter().map(|line| serde_json::to_string(line).expect("plain data") + "\n").collect()
    }

    #[test]
    fn a_changed_a_missing_and_an_unknown_file_are_told() {
        let evidence = Evidence::parse(&written(&[("a", "1"), ("b", "2"), ("c", "3")])).expect("evidence");
        let now = BTreeMap::from([("a", "1"), ("b", "0"), ("d", "4")].map(|(name, text)| (name.to_owned(), sha256(text.as_bytes()))));
        let told: Vec<String> = differences(&evidence.files, &now).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["changed: b", "missing: c", "not judged: d"]);
    }

    #[test]
    fn what_is_no_evidence_is_refused() {
        let good = written(&[("a", "1")]);
        for (text, reason) in [
            (String::new(), "no result"),
            ("{}".to_owned(), "line 1"),
            (good.replace("Statement/v1", "Statement/v2"), "version 1"),
            (format!("{good}{good}"), "second result"),
            (good.replacen("\"name\":\"a\"", "\"name\":\"b\"", 1), "other files"),
            (good.replace("\"sha256\"", "\"sha1\""), "SHA-256"),
        ] {
            let error = Evidence::parse(&text).expect_err(reason);
            assert!(error.contains(reason), "{error}");
        }
    }
}

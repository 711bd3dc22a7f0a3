//! Statements of in-toto, version 1: <https://github.com/in-toto/attestation/tree/main/spec/v1>.

use super::GateResult;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Type of a statement.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Type of the predicate that says which tests passed.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// Type of the predicate that says what a gate decided.
pub const GATE_RESULT: &str = "https://flowgate.invalid/gate-result/v1";

/// Type of the predicate that sums a verification up for those who rely on it.
pub const VERIFICATION_SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// A claim about files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// [`STATEMENT`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// What kind of claim it is.
    pub predicate_type: String,
    /// The claim.
    pub predicate: Value,
}

/// A file, or the content of an app (`model:` and its id).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its path, or `model:` and the id of the app.
    pub name: String,
    /// Its digests, by algorithm.
    pub digest: BTreeMap<String, String>,
}

impl Subject {
    /// A subject with a digest that names its algorithm.
    #[must_use]
    pub fn new(name: impl Into<String>, digest: &str) -> Self {
        let (algorithm, digest) = digest.split_once(':').unwrap_or(("sha256", digest));
        Self { name: name.into(), digest: BTreeMap::from([(algorithm.to_owned(), digest.to_owned())]) }
    }
}

/// The statements about a run: test-result, gate-result, and the summary. `inputs` are the files that were looked at with their
/// digests, in the order of their names.
#[must_use]
pub fn statements(inputs: &[(String, String)], result: &GateResult) -> Vec<Statement> {
    let mut subject: Vec<Subject> = inputs.iter().map(|(name, digest)| Subject::new(name, digest)).collect();
    subject.extend(result.apps.iter().map(|app| Subject::new(format!("model:{}", app.id), &app.digest)));
    let statement = |kind: &str, predicate: Value| Statement {
        kind: STATEMENT.to_owned(),
        subject: subject.clone(),
        predicate_type: kind.to_owned(),
        predicate,
    };
    let gate = serde_json::to_value(result).unwrap_or_default();
    vec![
        statement(TEST_RESULT, test_result(result)),
        statement(GATE_RESULT, gate),
        statement(VERIFICATION_SUMMARY, verification_summary(result)),
    ]
}

/// Which rules found nothing, which something, and which something that blocks.
fn test_result(result: &GateResult) -> Value {
    let of = |blocks: bool| -> Vec<&str> {
        let mut rules: Vec<&str> =
            result.findings.iter().filter(|finding| finding.blocks == blocks).map(|finding| finding.rule.as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    };
    let (failed, mut warned) = (of(true), of(false));
    warned.retain(|rule| !failed.contains(rule));
    let word = match (result.verdict.as_str(), warned.is_empty()) {
        ("PASSED", true) => "PASSED",
        ("PASSED", false) => "WARNED",
        _ => "FAILED",
    };
    let configuration: Vec<Value> = result
        .policy
        .iter()
        .chain(&result.controls)
        .map(|control| {
            let subject = Subject::new(&control.uri, &control.digest);
            json!({ "name": subject.name, "digest": subject.digest })
        })
        .chain(result.tool.rulepacks.iter().map(|pack| {
            let subject = Subject::new(format!("rules:{}", pack.name), &pack.digest);
            json!({ "name": subject.name, "digest": subject.digest })
        }))
        .collect();
    json!({ "result": word, "configuration": configuration, "warnedTests": warned, "failedTests": failed })
}

/// What those who rely on the gate have to know.
fn verification_summary(result: &GateResult) -> Value {
    let passed = if result.verdict == "PASSED" { "PASSED" } else { "FAILED" };
    let policy = result.policy.as_ref().map(|policy| {
        let subject = Subject::new(&policy.uri, &policy.digest);
        json!({ "uri": subject.name, "digest": subject.digest })
    });
    let content = result.context.commit.as_ref().map_or_else(|| "file:.".to_owned(), |commit| format!("git:{commit}"));
    // Who asks whether something may go to production must not take the answer for another environment.
    let environment = result.context.environment.as_ref().map(|environment| format!("#environment={environment}")).unwrap_or_default();
    json!({
        "verifier": { "id": "https://flowgate.invalid/flowgate", "version": { "flowgate": result.tool.version } },
        "timeVerified": result.when.end,
        "resourceUri": content + &environment,
        "policy": policy.unwrap_or_else(|| json!({ "uri": "flowgate:builtin-rules" })),
        "verificationResult": passed,
        "verifiedLevels": [format!("FLOWGATE_{passed}")],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{App, Found, sha256};

    #[test]
    fn a_rule_that_found_something_that_blocks_has_failed() {
        let found = |rule: &str, blocks| Found { rule: rule.into(), blocks, ..Found::default() };
        let result = GateResult {
            verdict: "BLOCKED".into(),
            findings: vec![found("b", true), found("a", false), found("b", false)],
            apps: vec![App { id: "intake".into(), digest: sha256(b"x"), ..App::default() }],
            ..GateResult::default()
        };
        let statements = statements(&[("a.json".into(), sha256(b"{}"))], &result);
        let kinds: Vec<&str> = statements.iter().map(|statement| statement.predicate_type.as_str()).collect();
        assert_eq!(kinds, [TEST_RESULT, GATE_RESULT, VERIFICATION_SUMMARY]);
        assert_eq!(statements[0].predicate["failedTests"], json!(["b"]));
        assert_eq!(statements[0].predicate["warnedTests"], json!(["a"]));
        assert_eq!(statements[0].predicate["result"], "FAILED");
        assert_eq!(statements[2].predicate["verificationResult"], "FAILED");
        let names: Vec<&str> = statements[1].subject.iter().map(|subject| subject.name.as_str()).collect();
        assert_eq!(names, ["a.json", "model:intake"]);
        let read: GateResult = serde_json::from_value(statements[1].predicate.clone()).expect("its own words");
        assert_eq!(read, result);
    }
}

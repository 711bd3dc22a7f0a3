//! Evidence of a run: what was judged, by what, with which outcome, for auditors and for the next gate.
//!
//! It is written as statements of in-toto, a JSON object a line: the test-result predicate that other tools read, and the
//! gate-result predicate with all that this gate decided. Statements can be signed and wrapped by any tool for attestations. A chain is a
//! file of gate-result statements, each with the digest of the line before it: what was taken out of it or changed shows.
//!
//! Apart from `when`, the same run gives the same bytes.

mod chain;
mod history;
mod statement;
mod verify;

pub use chain::{Broken, check as check_chain, last as last_of_chain};
pub use history::history;
pub use statement::{GATE_RESULT, STATEMENT, Statement, TEST_RESULT, VERIFICATION_SUMMARY, statements};
pub use verify::{Difference, Evidence, differences};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// `sha256:` and the digest of `bytes` in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::from("sha256:"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a gate decided, and on what ground: the gate-result predicate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateResult {
    /// What judged.
    pub tool: Tool,
    /// The policy that it judged by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Control>,
    /// Waivers, rules and manifests that it read, by path.
    pub controls: Vec<Control>,
    /// The version that this one was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// Who took part.
    pub who: Who,
    /// When it ran: all that differs between two runs over the same.
    pub when: When,
    /// What it was asked to do.
    pub context: Context,
    /// The apps that have a manifest or a computed risk, by name.
    pub apps: Vec<App>,
    /// `PASSED`, `BLOCKED` or `INCOMPLETE`.
    pub verdict: String,
    /// Exit code of the run.
    pub exit: u8,
    /// What the verdict is made of, in order.
    pub stages: Vec<Stage>,
    /// What is wrong, in the order of reports.
    pub findings: Vec<Found>,
    /// Fingerprints of what was wrong in the base and is no more.
    pub fixed: Vec<String>,
    /// Waivers that cover a finding.
    pub waivers_used: Vec<WaiverUsed>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Numbers for dashboards.
    pub metrics: BTreeMap<String, f64>,
    /// Digest of the line before this one in its chain; absent for the first and outside of a chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
}

/// What judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// `flowgate`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest of the program file; absent where it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The rules that were asked, by where they come from.
    pub rulepacks: Vec<RulePack>,
}

/// Rules of one origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RulePack {
    /// `builtin`, or the folder.
    pub name: String,
    /// Number of rules that were asked.
    pub rules: usize,
    /// Digest of their definitions.
    pub digest: String,
}

/// A file that governs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// Where it was read: a path, behind the commit where it came from one.
    pub uri: String,
    /// Digest of its bytes.
    pub digest: String,
    /// `base-branch`, where the change could not edit it, else `working-tree`.
    pub trust: String,
}

/// The version that this one was compared with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Base {
    /// As it was asked for.
    pub reference: String,
    /// Its commit.
    pub commit: String,
}

/// Who took part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Who {
    /// Those who made the change.
    pub author_set: Vec<String>,
    /// Who promotes, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Reviews that count.
    pub approvals: Vec<Approval>,
}

/// An approving review of the commit that was judged, by somebody who acts as a function and has no part in the change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// The function that it was given for: one that the policy says who gave it acts as.
    pub function: String,
    /// Who gave it.
    pub by: String,
    /// How sure it is that they did.
    pub assurance: String,
}

/// When a run was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct When {
    /// Its start, as RFC 3339.
    pub start: String,
    /// Its end.
    pub end: String,
    /// `system`, or `SOURCE_DATE_EPOCH`.
    pub clock: String,
}

/// What a run was asked to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    /// Files and folders that were judged.
    pub paths: Vec<String>,
    /// Globs that were left out.
    pub exclude: Vec<String>,
    /// The commit that is checked out; absent outside of a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The environment that the apps are promoted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// `gate`, where a base decides what counts, else `local`.
    pub mode: String,
}

/// An app that is governed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Its id.
    pub id: String,
    /// Name that makers see.
    pub name: String,
    /// Digest of its content, which sign-offs are bound to.
    pub digest: String,
    /// `low`, `moderate` or `high`.
    pub tier: String,
    /// What it risks by what it is, from 0.
    pub inherent: f64,
    /// The same, with what is wrong with it.
    pub residual: f64,
    /// What the inherent risk is made of.
    pub terms: Vec<Term>,
}

/// A part of a risk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Term {
    /// What it is about and what was found: `class=confidential`.
    pub name: String,
    /// How much it adds.
    pub points: f64,
    /// Where that was seen.
    pub origin: String,
}

/// A part of the verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// `pass`, `fail` or `skipped`.
    pub result: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Id of the rule.
    pub rule: String,
    /// How it is known again.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: String,
    /// `new` or `unchanged`.
    pub state: String,
    /// Whether it blocks.
    pub blocks: bool,
    /// The waiver that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
}

/// A waiver that covers a finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaiverUsed {
    /// Its id.
    pub id: String,
    /// Digest of its file.
    pub digest: String,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// The last day on which it holds.
    pub expires: String,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Number of files, entries of archives included.
    pub files: usize,
    /// Number of files that were judged, by platform.
    pub recognised: BTreeMap<String, usize>,
    /// Number of files that are no export of a known platform.
    pub foreign: usize,
    /// Files that should have been judged and could not be.
    pub unreadable: Vec<String>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_digest_names_its_algorithm() {
        assert_eq!(super::sha256(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}

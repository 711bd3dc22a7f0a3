//! Waivers: what an organisation has decided to live with for a while, one file a decision (`.flowgate/waivers/*.yaml`).
//!
//! A waiver names one finding, says why it may stay, who owns that and until when. Whether it holds is decided where the whole run
//! is known; here is only what it says.

use super::manifest::VERSION;
use super::moment::Moment;
use super::wrong::{Complaints, WrongFiles};
use crate::source::Source;
use crate::tree::de::{self, Spanned};
use crate::tree::yaml;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// The folder of all waivers, from the root of the repository.
pub const FOLDER: &str = ".flowgate/waivers";

/// The schema of waivers, as it stands in `schemas/flowgate/waiver.schema.json`.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<WaiverFile>();
    schema.insert("$id".into(), "https://flowgate.dev/schemas/flowgate/waiver.schema.json".into());
    schema.insert("title".into(), "A waiver of Flowgate".into());
    schema.insert("anyOf".into(), serde_json::json!([{ "required": ["fingerprint"] }, { "required": ["element", "app"] }]));
    schema.to_value()
}

/// A waiver of Flowgate: a finding that may stay for a while, with who decided it and why.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverFile {
    /// Version of the format: `flowgate/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: Option<Spanned<String>>,
    /// Name of the waiver, as tickets and reports call it: `WV-0042`.
    pub id: Spanned<String>,
    /// Id of the rule whose finding is waived: `literal-secret`.
    pub rule: Spanned<String>,
    /// The app: its id or name in the platform, or the `app.id` of its manifest.
    pub app: Option<Spanned<String>>,
    /// The finding, by the fingerprint that reports print: `f1:…`.
    pub fingerprint: Option<Spanned<String>>,
    /// Instead of a fingerprint: the element of the app that the findings are about.
    pub element: Option<Spanned<ElementFile>>,
    /// The content that was looked at, as `flowgate digest` prints it: the waiver ends when the app changes.
    pub digest: Option<Spanned<String>>,
    /// What kind of decision it is.
    pub category: Spanned<Category>,
    /// Why the finding may stay.
    pub reason: Spanned<String>,
    /// What protects instead; required when the category is `compensating-control`.
    pub compensating_control: Option<Spanned<String>>,
    /// Who answers for it while it lasts.
    pub owner: Spanned<String>,
    /// Who asked for it; the owner where nobody is named.
    pub requested_by: Option<Spanned<String>>,
    /// Who agreed. None of them may have made the change, asked for the waiver or own it.
    #[serde(default)]
    pub approved_by: Vec<Spanned<ApproverFile>>,
    /// The last day on which it holds: `2026-12-12`.
    pub expires: Option<Spanned<String>>,
    /// How often it was prolonged.
    #[serde(default)]
    pub renewal: Spanned<u32>,
    /// Where it is discussed.
    pub ticket: Option<Spanned<String>>,
}

/// An element of an app.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElementFile {
    /// Its kind: `trigger`, `action`, `secret` ...
    pub kind: Spanned<String>,
    /// Its name, as the finding says it.
    pub name: Spanned<String>,
}

/// Somebody who agreed to a waiver.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproverFile {
    /// Who it is, as `functions` of the policy write it.
    pub id: Spanned<String>,
    /// As what: a function of the policy.
    pub function: Spanned<String>,
    /// When: `2026-11-12`.
    pub on: Option<Spanned<String>>,
}

/// What kind of decision a waiver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The finding is not true: the rule should become better.
    FalsePositive,
    /// It is true, and the organisation bears the risk.
    RiskAccepted,
    /// It is true, and something else protects.
    CompensatingControl,
}

impl Category {
    /// As files and reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FalsePositive => "false-positive",
            Self::RiskAccepted => "risk-accepted",
            Self::CompensatingControl => "compensating-control",
        }
    }
}

/// A waiver, ready to be judged.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Path of its file.
    pub path: String,
    /// What it says.
    pub file: WaiverFile,
}

impl Waiver {
    /// Reads the waiver in `source`.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn parse(source: &Source) -> Result<Self, WrongFiles> {
        let mut complaints = Complaints::default();
        let file = read(source, &mut complaints);
        complaints.settle(source)?;
        // Whatever kept it from being read was a complaint.
        file.map(|file| Self { path: source.path().to_owned(), file }).ok_or_else(|| WrongFiles(Vec::new()))
    }

    /// Who asked for it.
    #[must_use]
    pub fn requester(&self) -> &Spanned<String> {
        self.file.requested_by.as_ref().unwrap_or(&self.file.owner)
    }

    /// When it ends; `None` where that is not said, or cannot be read.
    #[must_use]
    pub fn expiry(&self) -> Option<Moment> {
        self.file.expires.as_ref().and_then(|text| Moment::parse(text))
    }
}

fn read(source: &Source, complaints: &mut Complaints) -> Option<WaiverFile> {
    let tree = yaml::parse(source.text()).map_err(|error| complaints.add(error.span, error.message, error.help)).ok()?;
    for twice in tree.duplicate_keys() {
        complaints.add(twice.span, "this key stands twice in its mapping", "keep one of them".to_owned());
    }
    let file: WaiverFile = de::from_node(tree.root()).map_err(|error| complaints.refused(error)).ok()?;
    if let Some(version) = file.api_version.as_ref().filter(|version| version.value != VERSION) {
        complaints.add(version.span, format!("`{}` is no version of the waiver format", version.value), format!("write `{VERSION}`"));
    }
    let control = file.compensating_control.as_ref().is_some_and(|text| !text.trim().is_empty());
    if file.category.value == Category::CompensatingControl && !control {
        let help = "say in `compensating_control` what protects instead".to_owned();
        complaints.add(file.category.span, "the control that compensates is not named", help);
    }
    for (text, what) in [(&file.id, "id"), (&file.rule, "rule"), (&file.reason, "reason"), (&file.owner, "owner")] {
        if text.trim().is_empty() {
            complaints.add(text.span, format!("`{what}` of a waiver must not be empty"), None);
        }
    }
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIVER: &str = "id: WV-1\nrule: cleartext-endpoint\nfingerprint: f1:ab\ncategory: risk-accepted\nreason: scanner\nowner: olga\n";

    fn parse(text: &str) -> Result<Waiver, WrongFiles> {
        Waiver::parse(&Source::from_text(".flowgate/waivers/WV-1.yaml", text))
    }

    #[test]
    fn a_waiver_says_who_when_and_why() {
        let text = format!("{WAIVER}approved_by: [{{id: bo, function: security, on: 2026-11-12}}]\nexpires: 2026-12-12\nrenewal: 1\n");
        let waiver = parse(&text).expect("a waiver");
        assert_eq!((waiver.requester().as_str(), waiver.file.renewal.value), ("olga", 1));
        assert_eq!(waiver.expiry().expect("a day").end().to_string(), "2026-12-13T00:00:00Z");
    }

    #[test]
    fn what_a_waiver_cannot_say_is_refused_with_its_place() {
        for (text, said) in [
            (format!("{WAIVER}expiry: 2026-12-12\n"), "expiry"),
            (WAIVER.replace("risk-accepted", "wontfix"), "wontfix"),
            (WAIVER.replace("risk-accepted", "compensating-control"), "the control that compensates"),
            (WAIVER.replace("scanner", "' '"), "must not be empty"),
            (WAIVER.replace("owner: olga\n", ""), "owner"),
            ("apiVersion: v2\n".to_owned() + WAIVER, "no version"),
            (WAIVER.to_owned() + "owner: ina\n", "stands twice"),
            ("a: [".to_owned(), ""),
            (String::new(), ""),
        ] {
            let error = parse(&text).expect_err("no waiver").to_string();
            assert!(error.starts_with(".flowgate/waivers/WV-1.yaml:") && error.contains(said), "{error}");
        }
    }
}

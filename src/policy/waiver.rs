//! Waivers: what an organisation has decided to live with for a while, one file a decision (`.flowgate/waivers/*.yaml`).
//!
//! A waiver names one finding, says why it may stay, who owns that and until when. Whether it holds is decided where the whole run
//! is known; here is only what it says.

use crate::finding::Locator;
use crate::source::{Source, Span};
use crate::tree::de::{self, Spanned};
use crate::tree::{Tree, yaml};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyError;

/// A waiver of Flowgate: a finding that may stay for a while, with who decided it and why.
#[derive(Debug, Deserialize, JsonSchema)]
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

/// A day or an instant, as people write it in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its first instant.
    pub start: Timestamp,
    /// The first instant that is no longer part of it.
    pub end: Timestamp,
}

impl Moment {
    /// Reads `2026-12-12`, which is that day in UTC, or `2026-12-12T08:00:00Z`. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // A day with an hour but without a zone is neither.
        if text.len() > "2026-12-12".len() {
            let at: Timestamp = text.parse().ok()?;
            return Some(Self { start: at, end: at });
        }
        let day: Date = text.parse().ok()?;
        let midnight = |day: Date| day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        Some(Self { start: midnight(day)?, end: midnight(day.tomorrow().ok()?)? })
    }
}

/// A waiver, ready to be judged.
#[derive(Debug)]
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
    /// When it is no waiver: with the place and what is allowed there.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let wrong = |span: Span, message: String, help: Option<String>| PolicyError::Wrong {
            location: Box::new(Locator::new(source).locate(span, String::new())),
            message,
            help,
        };
        let tree: Tree<'_> = yaml::parse(source.text()).map_err(|error| wrong(error.span, error.message, error.help))?;
        let file: WaiverFile = de::from_node(tree.root()).map_err(|error| wrong(error.span, error.message, error.help))?;
        if let Some(version) = file.api_version.as_ref().filter(|version| version.value != "flowgate/v1") {
            let message = format!("`{}` is no version of the waiver format", version.value);
            return Err(wrong(version.span, message, Some("write `flowgate/v1`".into())));
        }
        let control = file.compensating_control.as_ref().is_some_and(|text| !text.trim().is_empty());
        if file.category.value == Category::CompensatingControl && !control {
            let help = "say in `compensating_control` what protects instead".to_owned();
            return Err(wrong(file.category.span, "the control that compensates is not named".into(), Some(help)));
        }
        for (text, what) in [(&file.id, "id"), (&file.reason, "reason"), (&file.owner, "owner")] {
            if text.trim().is_empty() {
                return Err(wrong(text.span, format!("`{what}` of a waiver must not be empty"), None));
            }
        }
        Ok(Self { path: source.path().to_owned(), file })
    }

    /// Who asked for it.
    #[must_use]
    pub fn requester(&self) -> &Spanned<String> {
        self.file.requested_by.as_ref().unwrap_or(&self.file.owner)
    }

    /// When it ends; `None` where that is not said, or cannot be read.
    #[must_use]
    pub fn expiry(&self) -> Option<Moment> {
        self.file.expires.as_ref().and_then(|text| Moment::parse(text.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIVER: &str = "id: WV-1\nrule: cleartext-endpoint\nfingerprint: f1:ab\ncategory: risk-accepted\nreason: scanner\nowner: olga\n";

    fn parse(text: &str) -> Result<Waiver, PolicyError> {
        Waiver::parse(&Source::from_text(".flowgate/waivers/WV-1.yaml", text))
    }

    #[test]
    fn a_waiver_says_who_when_and_why() {
        let text = format!("{WAIVER}approved_by: [{{id: bo, function: security, on: 2026-11-12}}]\nexpires: 2026-12-12\nrenewal: 1\n");
        let waiver = parse(&text).expect("a waiver");
        assert_eq!((waiver.requester().as_str(), waiver.file.renewal.value), ("olga", 1));
        assert_eq!(waiver.expiry().expect("a day").end.to_string(), "2026-12-13T00:00:00Z");
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
        ] {
            let error = parse(&text).expect_err("no waiver").to_string();
            assert!(error.starts_with(".flowgate/waivers/WV-1.yaml:") && error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_moment_is_a_day_or_an_instant_and_nothing_else() {
        assert_eq!(Moment::parse("2026-11-20T09:12:00+01:00").expect("an instant").end.to_string(), "2026-11-20T08:12:00Z");
        for text in ["never", "2026-13-01", "12/12/2026", "2026-12-12T08:00", "", "20261212T"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}

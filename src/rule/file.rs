//! A rule as its author writes it. The doc comments are the hover texts in the author's editor; all that a type cannot say is
//! checked where the file becomes a [`Rule`](super::Rule).

use super::Profile;
use crate::finding::{Confidence, Severity};
use crate::source::Span;
use crate::tree::de::Spanned;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The keys of a rule file, in the order in which they stand.
pub const KEYS: [&str; 18] = [
    "id",
    "title",
    "severity",
    "confidence",
    "profile",
    "tags",
    "why",
    "fix",
    "match",
    "engine",
    "when",
    "at",
    "label",
    "message",
    "levels",
    "labels",
    "false-positives",
    "examples",
];

/// A rule of Flowgate.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleFile {
    /// Name of the rule, and of the file. It names the problem and reads after the word "allow": `open-entry-point`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    pub id: Spanned<String>,
    /// The problem, in a few words.
    pub title: Spanned<String>,
    /// How bad it is if a finding is true.
    pub severity: Severity,
    /// How sure the rule is that a finding is true.
    pub confidence: Confidence,
    /// The smallest set of rules that it belongs to.
    pub profile: Profile,
    /// References to the catalogue and to public standards: `AUTH-001`, `cwe:306`.
    pub tags: Vec<Spanned<String>>,
    /// What can happen, for somebody who has to decide whether it matters.
    pub why: Spanned<String>,
    /// The cure, in a maker's words. Takes placeholders.
    pub fix: Spanned<String>,
    /// What is wrong. The first key is the kind of element that the rule is about: each one that holds is a finding.
    pub r#match: Option<Spanned<Clauses>>,
    /// Instead of `match`: the finding of the program itself that this rule describes.
    pub engine: Option<Spanned<String>>,
    /// A CEL expression over the elements that `match` has found, asked only where `match` holds.
    pub when: Option<Spanned<String>>,
    /// The fact that a finding points to; without it, the element.
    pub at: Option<Spanned<String>>,
    /// What is at that place, in a few words. Takes placeholders.
    pub label: Option<Spanned<String>>,
    /// What is wrong at that place: one lower-case sentence without full stop. Takes placeholders.
    pub message: Option<Spanned<String>>,
    /// Cases that are worse or better than the rule in general; the first that holds counts.
    #[serde(default)]
    pub levels: Vec<Spanned<LevelFile>>,
    /// Texts for other places of a finding, by the element that stands there. Take placeholders.
    #[serde(default)]
    pub labels: Labels,
    /// When a finding is true and still no problem.
    pub false_positives: Option<Spanned<String>>,
    /// Exports that show what the rule finds and what it leaves alone.
    #[serde(default)]
    pub examples: ExamplesFile,
}

/// A case that is worse or better than the rule in general.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LevelFile {
    /// When it holds: the same clauses as in `match`, about the same element.
    pub r#if: Spanned<Clauses>,
    /// How bad it is then.
    pub severity: Option<Severity>,
    /// How sure it is then.
    pub confidence: Option<Confidence>,
    /// The fact that the finding points to then.
    pub at: Option<Spanned<String>>,
    /// What is at the place then.
    pub label: Option<Spanned<String>>,
    /// What is wrong then.
    pub message: Option<Spanned<String>>,
}

/// Texts for other places of a finding, by the name of the element there.
#[derive(Debug, Default)]
pub struct Labels(pub Vec<(Spanned<String>, Spanned<String>)>);

/// Exports that show what a rule finds and what it leaves alone.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExamplesFile {
    /// Exports with a finding.
    #[serde(default)]
    pub bad: Vec<Spanned<BadExample>>,
    /// Exports without a finding.
    #[serde(default)]
    pub good: Vec<Spanned<GoodExample>>,
}

/// An export with a finding.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BadExample {
    /// The platform that it was exported from.
    pub platform: Spanned<String>,
    /// Where the finding is: a pointer, or all pointers when there are several findings. Without it any place will do.
    pub at: Option<Pointers>,
    /// How bad it is here, where `levels` decide.
    pub severity: Option<Severity>,
    /// A policy that the finding needs.
    pub policy: Option<Spanned<String>>,
    /// The export, where it is one file.
    pub export: Option<Spanned<String>>,
    /// The files of the export, by their paths. `at` then begins with the path and `#`.
    #[serde(default)]
    pub files: BTreeMap<String, Spanned<String>>,
}

/// An export without a finding.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GoodExample {
    /// The platform that it was exported from.
    pub platform: Spanned<String>,
    /// The policy that applies.
    pub policy: Option<Spanned<String>>,
    /// The export, where it is one file.
    pub export: Option<Spanned<String>>,
    /// The files of the export, by their paths.
    #[serde(default)]
    pub files: BTreeMap<String, Spanned<String>>,
}

/// One JSON pointer or several.
#[derive(Debug)]
pub struct Pointers(pub Vec<Spanned<String>>);

/// Conditions that all hold: about elements of one step, of the app, of steps along the flow.
#[derive(Debug)]
pub struct Clauses(pub Vec<(Spanned<String>, Clause)>);

/// One clause, by its key.
#[derive(Debug)]
pub enum Clause {
    /// The key is the name of a kind: an element.
    Element(Spanned<Facts>),
    /// `has`, `reaches`, `reached-by`: elements elsewhere.
    Elsewhere(Elsewhere),
    /// `unless`: none of these holds.
    Unless(Vec<Clauses>),
    /// The key is none that is known.
    Unknown,
}

/// Elements by the name of their kind.
#[derive(Debug)]
pub struct Elsewhere(pub Vec<(Spanned<String>, Spanned<Facts>)>);

/// Conditions about the facts of one element, by the name of the fact.
#[derive(Debug)]
pub struct Facts(pub Vec<(Spanned<String>, Spanned<Condition>)>);

/// A condition about one fact.
#[derive(Debug)]
pub enum Condition {
    /// It is this word or text.
    Text(String),
    /// It is true or false.
    Bool(bool),
    /// It is this number.
    Number(f64),
    /// Nothing was written.
    Null,
    /// One of these holds.
    Any(Vec<Spanned<Condition>>),
    /// All of these hold.
    All(Operators),
}

/// Conditions about one fact that all hold.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Operators {
    /// This does not hold, or the fact is not known.
    pub not: Option<Box<Spanned<Condition>>>,
    /// A part of the text matches.
    pub regex: Option<Spanned<String>>,
    /// The whole text matches, where `*` stands for any text and `?` for one character.
    pub glob: Option<Spanned<String>>,
    /// The number is this or more.
    pub min: Option<Spanned<f64>>,
    /// The number is this or less.
    pub max: Option<Spanned<f64>>,
    /// Whether the fact is known.
    pub exists: Option<Spanned<bool>>,
}

/// Reads the members of a mapping, with a place on each name.
fn members<'de, A: MapAccess<'de>, T: Deserialize<'de>>(mut map: A) -> Result<Vec<(Spanned<String>, T)>, A::Error> {
    let mut entries = Vec::new();
    while let Some(entry) = map.next_entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

macro_rules! mapping {
    ($($type:ident),+) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Wanted;

                impl<'de> Visitor<'de> for Wanted {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a mapping")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        members(map).map($type)
                    }
                }

                deserializer.deserialize_map(Wanted)
            }
        }
    )+};
}

mapping!(Labels, Elsewhere, Facts);

impl<'de> Deserialize<'de> for Clauses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = Clauses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of kinds and clauses")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Clauses, A::Error> {
                let mut clauses = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    let clause = match key.value.as_str() {
                        "has" | "reaches" | "reached-by" => Clause::Elsewhere(map.next_value()?),
                        "unless" => Clause::Unless(map.next_value::<Several>()?.0),
                        name if crate::model::Kind::named(name).is_some() => Clause::Element(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            Clause::Unknown
                        }
                    };
                    clauses.push((key, clause));
                }
                Ok(Clauses(clauses))
            }
        }

        deserializer.deserialize_map(Wanted)
    }
}

/// One mapping of clauses or several.
struct Several(Vec<Clauses>);

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = Several;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of kinds and clauses, or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Several, A::Error> {
                Clauses::deserialize(MapAccessDeserializer::new(map)).map(|one| Several(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Several, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = items.next_element()? {
                    all.push(one);
                }
                Ok(Several(all))
            }
        }

        deserializer.deserialize_any(Wanted)
    }
}

impl<'de> Deserialize<'de> for Pointers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = Pointers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON pointer or a list of them")
            }

            fn visit_str<E>(self, text: &str) -> Result<Pointers, E> {
                Ok(Pointers(vec![Spanned { value: text.to_owned(), span: Span::default(), node: crate::tree::NodeId::default() }]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Pointers, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = items.next_element()? {
                    all.push(one);
                }
                Ok(Pointers(all))
            }
        }

        deserializer.deserialize_any(Wanted)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, a list of values or a mapping of conditions")
            }

            fn visit_str<E>(self, text: &str) -> Result<Condition, E> {
                Ok(Condition::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Condition, E> {
                Ok(Condition::Bool(value))
            }

            #[expect(clippy::cast_precision_loss, reason = "facts are doubles, and the nearest one is what is meant")]
            fn visit_i64<E>(self, value: i64) -> Result<Condition, E> {
                Ok(Condition::Number(value as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "facts are doubles, and the nearest one is what is meant")]
            fn visit_u64<E>(self, value: u64) -> Result<Condition, E> {
                Ok(Condition::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Condition, E> {
                Ok(Condition::Number(value))
            }

            fn visit_unit<E>(self) -> Result<Condition, E> {
                Ok(Condition::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Condition, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = items.next_element()? {
                    all.push(one);
                }
                Ok(Condition::Any(all))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Condition, A::Error> {
                Operators::deserialize(MapAccessDeserializer::new(map)).map(Condition::All)
            }
        }

        deserializer.deserialize_any(Wanted)
    }
}

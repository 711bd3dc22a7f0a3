//! `match` as it is asked: native tests over facts, with everything looked up and compiled when the rule was loaded.

use crate::model::{Element, Fact, Kind, Value};
use regex::Regex;
use std::fmt;

/// Something that a rule can ask of an element or print: its name, or a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Name,
    Fact(Fact),
}

impl Attribute {
    /// What rules call `name` for elements of `kind`. Apps have a fact of that name, which is the same.
    pub(super) fn named(kind: Kind, name: &str) -> Option<Self> {
        Fact::named(kind, name).map(Self::Fact).or((name == "name").then_some(Self::Name))
    }

    /// The names that elements of `kind` have.
    pub(super) fn names(kind: Kind) -> Vec<&'static str> {
        let mut names: Vec<&str> = kind.facts().map(Fact::name).collect();
        if !names.contains(&"name") {
            names.push("name");
        }
        names
    }
}

/// A condition about one value.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// It is one of these words or texts.
    Texts(Vec<Box<str>>),
    Bool(bool),
    Number(f64),
    Regex(Regex),
    Glob(Box<str>),
    Min(f64),
    Max(f64),
    /// Whether the value is known.
    Exists(bool),
    /// The condition does not hold; a value that is not known meets it.
    Not(Box<Condition>),
    Any(Vec<Condition>),
    All(Vec<Condition>),
}

impl Condition {
    /// Whether it holds for a fact. Of a list, one item is enough.
    pub(super) fn holds(&self, value: Option<&Value<'_>>) -> bool {
        match self {
            Self::Exists(known) => value.is_some() == *known,
            Self::Not(inner) => !inner.holds(value),
            Self::Any(all) => all.iter().any(|one| one.holds(value)),
            Self::All(all) => all.iter().all(|one| one.holds(value)),
            _ => value.is_some_and(|value| value.each().any(|one| self.holds_for_one(one))),
        }
    }

    fn holds_for_one(&self, value: &Value<'_>) -> bool {
        match value {
            Value::Word(word) => self.holds_for_text(word),
            Value::Text(text) => self.holds_for_text(text),
            Value::Bool(value) => matches!(self, Self::Bool(wanted) if wanted == value),
            Value::Number(value) => match self {
                #[expect(clippy::float_cmp, reason = "the author wrote this very number")]
                Self::Number(wanted) => value == wanted,
                Self::Min(least) => value >= least,
                Self::Max(most) => value <= most,
                _ => false,
            },
            Value::List(_) => false,
        }
    }

    fn holds_for_text(&self, text: &str) -> bool {
        match self {
            Self::Texts(texts) => texts.iter().any(|wanted| **wanted == *text),
            Self::Regex(regex) => regex.is_match(text),
            Self::Glob(pattern) => glob(pattern, text),
            _ => false,
        }
    }
}

/// Whether `text` as a whole matches `pattern`, in which `*` stands for any text and `?` for one character. Paths and letter case
/// mean nothing here, unlike for the globs of files, so that a rule says the same on every system.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Where to go on when it does not match: behind the last star, one character later than the last time.
    let mut again = None;
    loop {
        let at = text.clone();
        match (pattern.next(), text.next()) {
            (Some('*'), _) => {
                text = at;
                again = Some((pattern.clone(), text.clone()));
            }
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {}
            _ => {
                let Some((behind, mut from)) = again.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                (pattern, text) = (behind.clone(), from.clone());
                again = Some((behind, from));
            }
        }
    }
}

/// A condition about something of an element.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) attribute: Attribute,
    pub(super) condition: Condition,
}

impl Test {
    pub(super) fn holds(&self, element: &Element<'_>) -> bool {
        match self.attribute {
            Attribute::Fact(fact) => self.condition.holds(element.fact(fact)),
            Attribute::Name => self.condition.holds(Some(&Value::from(&*element.name))),
        }
    }
}

/// Whether all tests hold for an element.
pub(super) fn hold(tests: &[Test], element: &Element<'_>) -> bool {
    tests.iter().all(|test| test.holds(element))
}

/// An element of a kind for which all tests hold, and where it is kept when it is found.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub(super) kind: Kind,
    pub(super) tests: Vec<Test>,
    pub(super) slot: Option<usize>,
}

impl Pick {
    pub(super) fn holds(&self, element: &Element<'_>) -> bool {
        element.kind == self.kind && hold(&self.tests, element)
    }
}

/// Elements elsewhere: all of them at one step, or in one app. What was found for one element answers for all others too, so it
/// is kept under `memo`, a number that is unique in the rule.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) picks: Vec<Pick>,
    pub(super) memo: usize,
}

/// Conditions that all hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Clauses {
    /// About the element itself.
    pub(super) subject: Vec<Test>,
    /// About the app around it.
    pub(super) app: Vec<Test>,
    /// Other elements of its step.
    pub(super) same: Vec<Pick>,
    /// Elements of its app, each for itself.
    pub(super) has: Vec<Search>,
    /// Elements of a step behind its own.
    pub(super) reaches: Option<Search>,
    /// Elements of a step before its own.
    pub(super) reached_by: Option<Search>,
    /// None of these holds.
    pub(super) unless: Vec<Clauses>,
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// The kind of element that it is about.
    pub(super) subject: Kind,
    pub(super) clauses: Clauses,
}

fn list(f: &mut fmt::Formatter<'_>, items: &[impl fmt::Display], word: &str) -> fmt::Result {
    items.iter().enumerate().try_for_each(|(nth, item)| {
        let before = if nth == 0 { String::new() } else { format!(" {word} ") };
        write!(f, "{before}{item}")
    })
}

/// In words, to stand behind the name of a fact.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Texts(texts) => {
                let quoted: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
                f.write_str("is ")?;
                list(f, &quoted, "or")
            }
            Self::Bool(value) => write!(f, "is `{value}`"),
            Self::Number(value) => write!(f, "is {value}"),
            Self::Regex(regex) => write!(f, "matches the expression `{regex}`"),
            Self::Glob(pattern) => write!(f, "looks like `{pattern}`"),
            Self::Min(least) => write!(f, "is {least} or more"),
            Self::Max(most) => write!(f, "is {most} or less"),
            Self::Exists(true) => f.write_str("is known"),
            Self::Exists(false) => f.write_str("is not known"),
            Self::Not(inner) => write!(f, "is not so that it {inner}"),
            Self::Any(all) => list(f, all, "or"),
            Self::All(all) => list(f, all, "and"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_the_whole_text() {
        for (pattern, text, wanted) in [
            ("", "", true),
            ("*", "", true),
            ("a*b", "ab", true),
            ("a*b", "axxbxb", true),
            ("a*b", "axxbx", false),
            ("n8n-nodes-base.*", "n8n-nodes-base.httpRequest", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("??", "äö", true),
            ("?", "", false),
            ("a**c?", "abcd", true),
            ("[a]", "a", false),
        ] {
            assert_eq!(glob(pattern, text), wanted, "{pattern} {text}");
        }
        let hostile = "a".repeat(5_000);
        assert!(!glob(&format!("{}b", "*a".repeat(200)), &hostile));
    }

    #[test]
    fn a_list_meets_a_condition_with_one_item_and_its_opposite_with_none() {
        let origins = Value::List(vec![Value::Word("literal"), Value::Word("trigger")]);
        let trigger = Condition::Texts(vec!["trigger".into(), "model".into()]);
        let not_trigger = Condition::Not(Box::new(trigger.clone()));
        assert!(trigger.holds(Some(&origins)));
        assert!(!not_trigger.holds(Some(&origins)));
        assert!(not_trigger.holds(Some(&Value::List(vec![Value::Word("literal")]))));
        assert!(!trigger.holds(Some(&Value::List(Vec::new()))));
    }

    #[test]
    fn what_is_not_known_meets_only_a_negation() {
        assert!(!Condition::Bool(false).holds(None));
        assert!(Condition::Not(Box::new(Condition::Bool(false))).holds(None));
        assert!(Condition::Exists(false).holds(None));
        let both = Condition::All(vec![Condition::Exists(true), Condition::Not(Box::new(Condition::Bool(false)))]);
        assert!(!both.holds(None));
        assert!(both.holds(Some(&Value::Bool(true))));
    }

    #[test]
    fn numbers_are_compared_and_never_taken_for_texts() {
        let number = Value::Number(10.0);
        assert!(Condition::All(vec![Condition::Min(10.0), Condition::Max(10.0)]).holds(Some(&number)));
        assert!(!Condition::Min(10.5).holds(Some(&number)));
        assert!(!Condition::Texts(vec!["10".into()]).holds(Some(&number)));
        assert!(!Condition::Number(10.0).holds(Some(&Value::from("10"))));
    }
}

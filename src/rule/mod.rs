//! Rules: data in files, asked of the model.
//!
//! A file `rules/<category>/<id>.yaml` is a rule ([`file::RuleFile`], as written); it becomes a [`Rule`] (as meant) when it is loaded,
//! and all validation is that conversion. [`RuleSet`] holds the rules that are built in and those of a customer, [`check`] asks
//! those that were selected of one [`Model`](crate::model::Model), and [`verify`] runs the examples that every rule carries.

mod check;
mod compile;
mod condition;
pub mod file;
mod message;
pub mod page;
mod pattern;
pub mod schema;
mod scope;
#[cfg(test)]
mod tests;
pub mod verify;
mod ways;

use crate::finding::{Confidence, Location, Locator, Severity};
use crate::model::{Fact, Kind};
use crate::source::{Source, Span};
use condition::When;
use message::Template;
use pattern::{Clauses, Pattern};
use rayon::prelude::*;
use schemars::JsonSchema;
use scope::Scope;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

pub use check::{Hit, check};
pub use message::{Mask, NOT_SET, VALUE_WIDTH};

/// The rule files that are built in: path and text, by path.
static BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// A set of rules to choose; each includes the ones before it. Ordered: `Recommended < Strict < Audit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Rules whose findings should block a promotion.
    #[default]
    Recommended,
    /// Rules that ask for more care than most apps take.
    Strict,
    /// Everything that can be told, for an inventory.
    Audit,
}

impl Profile {
    /// All profiles, in ascending order.
    pub const ALL: &'static [Self] = &[Self::Recommended, Self::Strict, Self::Audit];

    /// The word that files and reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Strict => "strict",
            Self::Audit => "audit",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|profile| profile.as_str() == word).ok_or_else(|| {
            let allowed: Vec<&str> = Self::ALL.iter().map(|profile| profile.as_str()).collect();
            format!("`{word}` is not one of {}", allowed.join(", "))
        })
    }
}

/// A rule that is ready to be asked.
#[derive(Debug)]
pub struct Rule {
    /// Name of the rule, and of its file.
    pub id: Arc<str>,
    /// Folder of its file.
    pub category: Box<str>,
    /// The problem, in a few words.
    pub title: String,
    /// How bad it is if a finding is true, unless a level says otherwise.
    pub severity: Severity,
    /// How sure it is that a finding is true, unless a level says otherwise.
    pub confidence: Confidence,
    /// The smallest set of rules that it belongs to.
    pub profile: Profile,
    /// References to the catalogue and to public standards.
    pub tags: Arc<[String]>,
    /// What can happen.
    pub why: String,
    /// When a finding is true and still no problem; empty for findings of the program itself.
    pub false_positives: String,
    /// Exports with a finding.
    pub bad: Vec<Example>,
    /// Exports without one.
    pub good: Vec<Example>,
    source: Arc<Source>,
    place: Span,
    subject: Subject,
    /// All elements that it may find, those of its levels included.
    scope: Scope,
    /// Number of searches along the flow and in the app.
    searches: usize,
    when: Option<When>,
    at: Option<Fact>,
    fix: Template,
    label: Option<Template>,
    message: Option<Template>,
    levels: Vec<Level>,
    labels: Vec<(usize, Template)>,
    /// What `fix` says, when it is the same for all findings.
    help: Option<Arc<str>>,
}

/// What makes the findings of a rule.
#[derive(Debug)]
enum Subject {
    Match(Pattern),
    /// A part of the program.
    Engine(Box<str>),
}

/// A case that is worse or better than the rule in general.
#[derive(Debug)]
struct Level {
    clauses: Clauses,
    severity: Option<Severity>,
    confidence: Option<Confidence>,
    at: Option<Fact>,
    label: Option<Template>,
    message: Option<Template>,
}

/// An export that shows what a rule finds or leaves alone.
#[derive(Debug)]
pub struct Example {
    /// Name of the platform.
    pub platform: String,
    /// Pointers of the findings, behind path and `#` where the export has several files; none where any place will do.
    pub at: Option<Vec<String>>,
    /// How bad they are.
    pub severity: Option<Severity>,
    /// The policy that applies.
    pub policy: Option<String>,
    /// The files of the export with their paths; that of a single file may be empty.
    pub files: Vec<(String, String)>,
    span: Span,
}

impl Rule {
    /// Reads the rule in `source`, whose path ends in `<category>/<id>.yaml`.
    ///
    /// # Errors
    /// With everything that is wrong with the file.
    pub fn load(source: Source) -> Result<Self, RuleErrors> {
        compile::compile(&Arc::new(source)).map_err(RuleErrors)
    }

    /// What to do, for whatever element is found.
    #[must_use]
    pub fn cure(&self) -> String {
        self.fix.spelled(&self.scope)
    }

    /// The file of the rule.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The part of the program that makes its findings, where that is not [`check`].
    #[must_use]
    pub fn engine(&self) -> Option<&str> {
        match &self.subject {
            Subject::Engine(engine) => Some(engine),
            Subject::Match(_) => None,
        }
    }

    /// The kind of element that it is about; none for findings of the program itself.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match &self.subject {
            Subject::Match(pattern) => Some(pattern.subject),
            Subject::Engine(_) => None,
        }
    }

    /// The cure, when it is the same for all findings.
    #[must_use]
    pub fn help(&self) -> Option<&Arc<str>> {
        self.help.as_ref()
    }

    /// What is wrong, when that is the same for all findings.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_ref().and_then(Template::plain)
    }

    fn error(&self, message: String, help: Option<String>) -> RuleError {
        RuleError::at(&Locator::new(&self.source), self.place, message, help)
    }
}

/// One thing that is wrong with a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file or folder.
    pub file: String,
    /// The place in it; none when it could not be read.
    pub location: Option<Location>,
    /// One lower-case sentence.
    pub message: String,
    /// What is allowed, and what was probably meant.
    pub help: Option<String>,
}

impl RuleError {
    fn at(locator: &Locator<'_>, span: Span, message: String, help: Option<String>) -> Self {
        let location = locator.locate(span, String::new());
        Self { file: location.file.to_string(), location: Some(location), message, help }
    }

    fn unplaced(file: String, message: String) -> Self {
        Self { file, location: None, message, help: None }
    }
}

/// `file:line:column: message`, the line with a mark below, the help.
impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(location) = &self.location else {
            return write!(f, "{}: {}", self.file, self.message);
        };
        location.tell(f, &self.message, self.help.as_deref())
    }
}

/// Everything that is wrong with some rule files, by file and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(nth, error)| {
            let before = if nth == 0 { "" } else { "\n" };
            write!(f, "{before}{error}")
        })
    }
}

impl std::error::Error for RuleErrors {}

/// Compiles a regular expression of a rule; they match in linear time, and a small one is enough.
fn regex(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).nest_limit(50).build().map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        format!("the regular expression cannot be used: {reason}")
    })
}

/// Rules, each with a name of its own.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: BTreeMap<Arc<str>, Arc<Rule>>,
}

impl RuleSet {
    /// The rules that are built in.
    ///
    /// # Errors
    /// When one of them is wrong, which a test prevents.
    pub fn builtin() -> Result<&'static Self, &'static RuleErrors> {
        static SET: OnceLock<Result<RuleSet, RuleErrors>> = OnceLock::new();
        let load = || {
            let sources = BUILTIN.iter().map(|(path, text)| Source::from_text(*path, *text)).collect();
            RuleSet::default().with(load(sources)?)
        };
        SET.get_or_init(load).as_ref()
    }

    /// Reads all rules in and below a folder. They are not yet in a set: see [`RuleSet::with`].
    ///
    /// # Errors
    /// With everything that is wrong with any of the files.
    pub fn load_dir(dir: &Path) -> Result<Vec<Rule>, RuleErrors> {
        let mut sources = Vec::new();
        let mut errors = Vec::new();
        for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(dir);
                    let reason = error.io_error().map_or_else(|| "a loop of links".to_owned(), ToString::to_string);
                    errors.push(RuleError::unplaced(shown(path), format!("cannot read the rules: {reason}")));
                    continue;
                }
            };
            if !entry.file_type().is_file() || entry.path().extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let name = shown(entry.path());
            match Source::read(entry.path(), name.as_str()) {
                Ok(source) => sources.push(source),
                Err(error) => errors.push(RuleError::unplaced(name, error.to_string())),
            }
        }
        match load(sources) {
            Ok(rules) if errors.is_empty() => Ok(rules),
            Ok(_) => Err(RuleErrors(errors)),
            Err(RuleErrors(more)) => Err(RuleErrors(errors.into_iter().chain(more).collect())),
        }
    }

    /// The rules in `sources`, which are called by their paths.
    ///
    /// # Errors
    /// With all that is wrong in them.
    pub fn load_sources(sources: Vec<Source>) -> Result<Vec<Rule>, RuleErrors> {
        load(sources)
    }

    /// These rules and more.
    ///
    /// # Errors
    /// When a rule has the name of another, or describes findings of the program that another describes.
    pub fn with(&self, more: Vec<Rule>) -> Result<Self, RuleErrors> {
        let mut set = self.clone();
        let mut errors = Vec::new();
        for rule in more {
            if let Some(known) = set.get(&rule.id) {
                let message = format!("there is a rule `{}` already, in {}", rule.id, known.source.path());
                errors.push(rule.error(message, Some("give it another name; a policy changes the severity of a rule".into())));
                continue;
            }
            if let Some(engine) = rule.engine()
                && let Some(known) = set.engine(engine)
            {
                let message = format!("`{}` describes the findings of `{engine}` already", known.id);
                errors.push(rule.error(message, Some("use `match`".into())));
                continue;
            }
            set.rules.insert(Arc::clone(&rule.id), Arc::new(rule));
        }
        if errors.is_empty() { Ok(set) } else { Err(RuleErrors(errors)) }
    }

    /// The rule with that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.get(id)
    }

    /// The rule that describes the findings that `part` of the program makes.
    #[must_use]
    pub fn engine(&self, part: &str) -> Option<&Arc<Rule>> {
        self.iter().find(|rule| rule.engine() == Some(part))
    }

    /// All rules, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values()
    }

    /// Number of rules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules of a profile for which `keep` holds, ready to be asked.
    #[must_use]
    pub fn select(&self, profile: Profile, keep: impl Fn(&Rule) -> bool) -> Selected {
        Selected::new(self.iter().filter(|rule| rule.profile <= profile && keep(rule)).map(Arc::clone))
    }
}

/// A path as reports write it.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn load(sources: Vec<Source>) -> Result<Vec<Rule>, RuleErrors> {
    let loaded: Vec<Result<Rule, RuleErrors>> = sources.into_par_iter().map(Rule::load).collect();
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for one in loaded {
        match one {
            Ok(rule) => rules.push(rule),
            Err(RuleErrors(mut wrong)) => errors.append(&mut wrong),
        }
    }
    if errors.is_empty() { Ok(rules) } else { Err(RuleErrors(errors)) }
}

/// Rules to be asked, by the kind of element that they are about, so that a rule that cannot match costs nothing.
#[derive(Clone, Debug)]
pub struct Selected {
    rules: Vec<Arc<Rule>>,
    /// For each kind, which rules are about it.
    about: Vec<Vec<u32>>,
    /// For each rule, the number of its first search among those of all.
    searches: Vec<usize>,
}

impl Selected {
    /// These rules; those without `match` are never asked.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = Arc<Rule>>) -> Self {
        let mut selected = Self { rules: Vec::new(), about: vec![Vec::new(); Kind::ALL.len()], searches: vec![0] };
        for rule in rules {
            if let Some(kind) = rule.kind() {
                selected.about[kind as usize].push(selected.rules.len() as u32);
            }
            let searches = selected.searches.last().copied().unwrap_or(0) + rule.searches;
            selected.searches.push(searches);
            selected.rules.push(rule);
        }
        selected
    }

    /// The rules, in the order in which they were given.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }
}

//! From the rule as written to the rule as asked. All validation is this conversion, and it tells everything that is wrong with a
//! file, not only the first thing.

use super::condition::When;
use super::file::{self, Clause, RuleFile};
use super::message::{Part, Piece, Template, pieces};
use super::pattern::{Attribute, Clauses, Condition, Pattern, Pick, Search, Test};
use super::scope::{Role, SUBJECT, Scope, Unnamed, choice};
use super::{Example, Level, Rule, RuleError, Subject};
use crate::finding::Locator;
use crate::model::{Fact, FactType, Kind};
use crate::source::{Source, Span};
use crate::tree::de::{Spanned, from_node};
use crate::tree::{Tree, yaml};
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Reads the rule in `source`, whose path ends in `<category>/<id>.yaml`.
pub(super) fn compile(source: &Arc<Source>) -> Result<Rule, Vec<RuleError>> {
    let tree = match yaml::parse(source.text()) {
        Ok(tree) => tree,
        Err(error) => return Err(vec![RuleError::at(&Locator::new(source), error.span, error.message, error.help)]),
    };
    let mut compiler = Compiler { source, tree: &tree, searches: 0, problems: Vec::new() };
    let rule = compiler.file();
    let mut problems = compiler.problems;
    match rule {
        Some(rule) if problems.is_empty() => Ok(rule),
        _ => {
            problems.sort_by_key(|problem| problem.0);
            let locator = Locator::new(source);
            Err(problems.into_iter().map(|(span, message, help)| RuleError::at(&locator, span, message, help)).collect())
        }
    }
}

/// The folder and the name of a rule file, without its ending.
fn name_of(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let category = folder.rsplit('/').next().unwrap_or(folder);
    (category, name.strip_suffix(".yaml").unwrap_or(name))
}

struct Compiler<'t> {
    source: &'t Arc<Source>,
    tree: &'t Tree<'t>,
    /// Number of searches in the rule so far.
    searches: usize,
    problems: Vec<(Span, String, Option<String>)>,
}

impl Compiler<'_> {
    fn problem(&mut self, span: Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.problems.push((span, message.into(), help.into()));
    }

    /// The place of a part of a text.
    fn part(&self, text: &Spanned<String>, range: Range<usize>) -> Span {
        self.tree.node(text.node).text_span(range)
    }

    fn file(&mut self) -> Option<Rule> {
        let root = self.tree.root();
        if let Some(second) = self.tree.documents().nth(1) {
            self.problem(second.span(), "a second document in a rule file", Some("one file is one rule".to_owned()));
        }
        self.key_order();
        let written: RuleFile = match from_node(root) {
            Ok(written) => written,
            Err(error) => {
                self.problem(error.span, error.message, error.help);
                return None;
            }
        };
        Some(self.rule(written, root.span()))
    }

    fn key_order(&mut self) {
        let mut last: Option<(usize, String)> = None;
        for member in self.tree.root().members() {
            let (Some(key), Some(span)) = (member.key(), member.key_span()) else { continue };
            let Some(at) = file::KEYS.iter().position(|known| *known == key) else { continue };
            match &last {
                Some((before, name)) if at < *before => {
                    let keys = file::KEYS.join(", ");
                    // One key in the wrong place puts many others in the wrong order: the first says enough.
                    return self.problem(span, format!("`{key}` must stand before `{name}`"), Some(format!("the order of keys is {keys}")));
                }
                _ => last = Some((at, key.into_owned())),
            }
        }
    }

    fn rule(&mut self, written: RuleFile, whole: Span) -> Rule {
        let path = self.source.path().to_owned();
        let (category, stem) = name_of(&path);
        self.id(&written.id, stem);
        for text in [&written.title, &written.why] {
            self.not_empty(text);
        }
        for tag in written.tags.iter().filter(|tag| tag.is_empty() || tag.contains(char::is_whitespace)) {
            self.problem(tag.span, "a tag is one word", Some("for example `AUTH-001`, `cwe:306`, `nist:AC-14`".to_owned()));
        }
        let (subject, scope) = self.subject(&written, whole);
        let when = written.when.as_ref().and_then(|text| self.when(text, &scope));
        let at = written.at.as_ref().and_then(|at| self.at(at, &scope));
        let fix = self.template(&written.fix, &scope);
        let label = written.label.as_ref().map(|label| self.template(label, &scope));
        let message = written.message.as_ref().map(|message| self.template(message, &scope));
        let mut all = scope.clone();
        let mut levels = Vec::new();
        for (at, level) in written.levels.iter().enumerate() {
            let is_last = at + 1 == written.levels.len();
            if let Some(level) = self.level(level, is_last, &scope, &mut all) {
                levels.push(level);
            }
        }
        let labels = self.labels(&written.labels, &all);
        self.completeness(&written, whole);
        let (bad, good) = self.examples(written.examples);
        Rule {
            category: category.into(),
            severity: written.severity,
            confidence: written.confidence,
            profile: written.profile,
            tags: written.tags.into_iter().map(|tag| tag.value).collect(),
            why: written.why.value.trim().to_owned(),
            false_positives: written.false_positives.map_or_else(String::new, |text| text.value.trim().to_owned()),
            source: Arc::clone(self.source),
            place: written.id.span,
            id: written.id.value.into(),
            title: written.title.value,
            searches: self.searches,
            scope: all,
            subject,
            when,
            at,
            help: fix.plain().map(Into::into),
            fix,
            label,
            message,
            levels,
            labels,
            bad,
            good,
        }
    }

    fn id(&mut self, id: &Spanned<String>, stem: &str) {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.split('-').all(is_word) {
            self.problem(
                id.span,
                format!("`{}` is no name for a rule", id.value),
                Some("lower-case words with `-` between: `open-entry-point`".to_owned()),
            );
        } else if id.value != stem {
            self.problem(
                id.span,
                format!("the file is called `{stem}.yaml`, the rule `{}`", id.value),
                Some("give both the same name".to_owned()),
            );
        }
    }

    fn not_empty(&mut self, text: &Spanned<String>) {
        if text.trim().is_empty() {
            self.problem(text.span, "this text is empty", None);
        }
    }

    /// What must stand in a rule with `match`, and must not in one with `engine`.
    fn completeness(&mut self, written: &RuleFile, whole: Span) {
        let place = written.id.span;
        if written.engine.is_some() {
            let extra = [
                ("when", written.when.as_ref().map(|text| text.span)),
                ("at", written.at.as_ref().map(|text| text.span)),
                ("levels", written.levels.first().map(|level| level.span)),
                ("labels", written.labels.0.first().map(|(key, _)| key.span)),
            ];
            for (key, span) in extra {
                if let Some(span) = span {
                    self.problem(span, format!("`{key}` has no use in a rule with `engine`"), None);
                }
            }
            return;
        }
        let missing = [
            ("message", written.message.is_none(), "say what is wrong at the place that a finding points to"),
            ("false-positives", written.false_positives.is_none(), "say when a finding is true and still no problem"),
        ];
        for (key, is_missing, help) in missing {
            if is_missing {
                self.problem(whole, format!("missing key `{key}`"), Some(help.to_owned()));
            }
        }
        for (name, is_missing) in [("bad", written.examples.bad.is_empty()), ("good", written.examples.good.is_empty())] {
            if is_missing && written.r#match.is_some() {
                let help = match name {
                    "bad" => "add an export that has the finding under `examples: bad:`",
                    _ => "add an export that comes close and is fine under `examples: good:`",
                };
                self.problem(place, format!("the rule has no {name} example"), Some(help.to_owned()));
            }
        }
    }

    fn subject(&mut self, written: &RuleFile, whole: Span) -> (Subject, Scope) {
        let nothing = || (Subject::Engine("".into()), Scope::default());
        match (&written.r#match, &written.engine) {
            (Some(_), Some(engine)) => {
                self.problem(engine.span, "a rule has `match` or `engine`, not both", None);
                nothing()
            }
            (None, None) => {
                self.problem(whole, "missing key `match`", Some("say what the rule looks for".to_owned()));
                nothing()
            }
            (None, Some(engine)) => {
                self.not_empty(engine);
                (Subject::Engine(engine.value.as_str().into()), Scope::default())
            }
            (Some(clauses), None) => self.pattern(clauses).map_or_else(nothing, |(pattern, scope)| (Subject::Match(pattern), scope)),
        }
    }

    fn pattern(&mut self, written: &Spanned<file::Clauses>) -> Option<(Pattern, Scope)> {
        let Some((key, clause)) = written.0.first() else {
            let help = choice("", &names());
            self.problem(
                written.span,
                "`match` is empty",
                Some(format!("its first key is the kind of element that the rule is about; {help}")),
            );
            return None;
        };
        let Clause::Element(_) = clause else {
            let help = format!("the first key of `match` is the kind of element that the rule is about; {}", choice(&key.value, &names()));
            self.problem(key.span, format!("`{}` cannot stand first", key.value), Some(help));
            return None;
        };
        let subject = Kind::named(&key.value)?;
        let mut scope = Scope::new(subject);
        let clauses = self.clauses(written, subject, Some(&mut scope));
        Some((Pattern { subject, clauses }, scope))
    }

    /// Compiles clauses about an element of kind `subject`; what they find gets a slot in `scope`. Those
    /// of an `unless` find nothing, so they have none.
    fn clauses(&mut self, written: &file::Clauses, subject: Kind, mut scope: Option<&mut Scope>) -> Clauses {
        let mut clauses = Clauses::default();
        self.unique(written.0.iter().map(|entry| &entry.0));
        for (key, clause) in &written.0 {
            match clause {
                Clause::Element(facts) => {
                    let Some(kind) = Kind::named(&key.value) else { continue };
                    let tests = self.tests(kind, facts);
                    if kind == subject {
                        clauses.subject = tests;
                    } else if kind == Kind::App {
                        clauses.app = tests;
                    } else {
                        let slot = scope.as_deref_mut().map(|scope| scope.add(Role::Same, kind));
                        clauses.same.push(Pick { kind, tests, slot });
                    }
                }
                Clause::Elsewhere(elements) => self.elsewhere(key, elements, &mut clauses, scope.as_deref_mut()),
                Clause::Unless(_) if scope.is_none() => {
                    self.problem(key.span, "`unless` within `unless`", Some("say it without the double negation".to_owned()));
                }
                Clause::Unless(all) => {
                    for inner in all {
                        if inner.0.is_empty() {
                            self.problem(key.span, "an empty `unless` never lets anything through", None);
                        }
                        let inner = self.clauses(inner, subject, None);
                        clauses.unless.push(inner);
                    }
                }
                Clause::Unknown => {
                    let known: Vec<&str> = names().into_iter().chain(["has", "reaches", "reached-by", "unless"]).collect();
                    self.problem(key.span, format!("unknown kind `{}`", key.value), Some(choice(&key.value, &known)));
                }
            }
        }
        clauses
    }

    fn elsewhere(&mut self, key: &Spanned<String>, elements: &file::Elsewhere, clauses: &mut Clauses, mut scope: Option<&mut Scope>) {
        self.unique(elements.0.iter().map(|entry| &entry.0));
        let role = match key.value.as_str() {
            "has" => Role::Has,
            "reaches" => Role::Reaches,
            _ => Role::ReachedBy,
        };
        let mut picks = Vec::new();
        for (name, facts) in &elements.0 {
            let Some(kind) = Kind::named(&name.value) else {
                self.problem(name.span, format!("unknown kind `{}`", name.value), Some(choice(&name.value, &names())));
                continue;
            };
            let tests = self.tests(kind, facts);
            let slot = scope.as_deref_mut().map(|scope| scope.add(role, kind));
            picks.push(Pick { kind, tests, slot });
        }
        if elements.0.is_empty() {
            self.problem(key.span, format!("`{}` is empty", key.value), Some(format!("name a kind of element; {}", choice("", &names()))));
        }
        let mut search = |picks| {
            self.searches += 1;
            Search { picks, memo: self.searches - 1 }
        };
        match role {
            Role::Has => clauses.has = picks.into_iter().map(|pick| search(vec![pick])).collect(),
            Role::Reaches => clauses.reaches = Some(search(picks)),
            _ => clauses.reached_by = Some(search(picks)),
        }
    }

    fn unique<'k>(&mut self, keys: impl Iterator<Item = &'k Spanned<String>>) {
        let mut seen = HashSet::new();
        for key in keys {
            if !seen.insert(&key.value) {
                self.problem(key.span, format!("the key `{}` stands here twice", key.value), None);
            }
        }
    }

    fn tests(&mut self, kind: Kind, facts: &Spanned<file::Facts>) -> Vec<Test> {
        self.unique(facts.value.0.iter().map(|entry| &entry.0));
        let mut tests = Vec::new();
        for (name, condition) in &facts.value.0 {
            let Some(attribute) = Attribute::named(kind, &name.value) else {
                let help = choice(&name.value, &Attribute::names(kind));
                self.problem(name.span, format!("unknown fact `{}` of `{}`", name.value, kind.name()), Some(help));
                continue;
            };
            let fact = Asked {
                name: format!("{}.{}", kind.name(), name.value),
                holds: match attribute {
                    Attribute::Name => FactType::Text,
                    Attribute::Fact(fact) => fact.fact_type(),
                },
            };
            if let Some(condition) = self.condition(&fact, condition) {
                tests.push(Test { attribute, condition });
            }
        }
        tests
    }

    fn condition(&mut self, fact: &Asked, written: &Spanned<file::Condition>) -> Option<Condition> {
        match &written.value {
            file::Condition::Text(text) => self.text(fact, text, written.span).map(|text| Condition::Texts(vec![text])),
            file::Condition::Bool(value) if fact.holds == FactType::Bool => Some(Condition::Bool(*value)),
            file::Condition::Number(value) if fact.holds == FactType::Number => Some(Condition::Number(*value)),
            file::Condition::Bool(_) | file::Condition::Number(_) => {
                self.wrong_type(fact, written.span);
                None
            }
            file::Condition::Null => {
                let help = format!("{}; `{{ exists: false }}` says that the fact is not known", fact.wants());
                self.problem(written.span, format!("`{}` has no condition", fact.name), Some(help));
                None
            }
            file::Condition::Any(all) => self.any(fact, all, written.span),
            file::Condition::All(operators) => self.operators(fact, operators, written.span),
        }
    }

    fn text(&mut self, fact: &Asked, text: &str, span: Span) -> Option<Box<str>> {
        match fact.holds {
            FactType::Text | FactType::Texts => Some(text.into()),
            FactType::Word(words) | FactType::Words(words) => {
                if words.iter().any(|word| word.name == text) {
                    return Some(text.into());
                }
                let names: Vec<&str> = words.iter().map(|word| word.name).collect();
                self.problem(span, format!("`{}` is never `{text}`", fact.name), Some(choice(text, &names)));
                None
            }
            FactType::Bool | FactType::Number => {
                self.wrong_type(fact, span);
                None
            }
        }
    }

    fn wrong_type(&mut self, fact: &Asked, span: Span) {
        let wants = fact.wants();
        self.problem(span, format!("`{}` is of another type", fact.name), Some(wants));
    }

    fn any(&mut self, fact: &Asked, all: &[Spanned<file::Condition>], span: Span) -> Option<Condition> {
        if all.is_empty() {
            self.problem(span, "an empty list holds for nothing", Some(fact.wants()));
            return None;
        }
        let conditions: Vec<Condition> = all.iter().filter_map(|one| self.condition(fact, one)).collect();
        // Words and texts are compared in one go.
        let texts = conditions.iter().map(|one| if let Condition::Texts(texts) = one { Some(texts.as_slice()) } else { None });
        match texts.collect::<Option<Vec<_>>>() {
            Some(texts) => Some(Condition::Texts(texts.concat())),
            None => Some(Condition::Any(conditions)),
        }
    }

    fn operators(&mut self, fact: &Asked, written: &file::Operators, span: Span) -> Option<Condition> {
        let mut all = Vec::new();
        if let Some(not) = &written.not {
            all.extend(self.condition(fact, not).map(|not| Condition::Not(Box::new(not))));
        }
        if let Some(pattern) = &written.regex {
            self.only_texts(fact, "regex", pattern.span);
            match super::regex(pattern) {
                Ok(regex) => all.push(Condition::Regex(regex)),
                Err(message) => self.problem(pattern.span, message, None),
            }
        }
        if let Some(pattern) = &written.glob {
            self.only_texts(fact, "glob", pattern.span);
            all.push(Condition::Glob(pattern.as_str().into()));
        }
        for (name, bound, make) in
            [("min", &written.min, Condition::Min as fn(f64) -> Condition), ("max", &written.max, Condition::Max as fn(f64) -> Condition)]
        {
            let Some(bound) = bound else { continue };
            if fact.holds != FactType::Number {
                self.problem(bound.span, format!("`{name}` compares numbers, and `{}` is none", fact.name), Some(fact.wants()));
            }
            all.push(make(bound.value));
        }
        all.extend(written.exists.as_ref().map(|exists| Condition::Exists(exists.value)));
        if all.len() > 1 {
            return Some(Condition::All(all));
        }
        if let file::Operators { not: None, regex: None, glob: None, min: None, max: None, exists: None } = written {
            let help = "allowed: `not`, `regex`, `glob`, `min`, `max`, `exists`".to_owned();
            self.problem(span, format!("`{}` has no condition", fact.name), Some(help));
        }
        all.pop()
    }

    fn only_texts(&mut self, fact: &Asked, operator: &str, span: Span) {
        if !matches!(fact.holds, FactType::Text | FactType::Texts) {
            self.problem(span, format!("`{operator}` is for texts, and `{}` is none", fact.name), Some(fact.wants()));
        }
    }

    fn when(&mut self, text: &Spanned<String>, scope: &Scope) -> Option<When> {
        if scope.slots.is_empty() {
            return None;
        }
        match When::compile(text, scope) {
            Ok(when) => Some(when),
            Err(complaints) => {
                for complaint in complaints {
                    let span = self.part(text, complaint.range);
                    self.problem(span, complaint.message, complaint.help);
                }
                None
            }
        }
    }

    fn at(&mut self, at: &Spanned<String>, scope: &Scope) -> Option<Fact> {
        let kind = scope.slots.get(SUBJECT)?.kind;
        let fact = Fact::named(kind, &at.value);
        if fact.is_none() {
            let names: Vec<&str> = kind.facts().map(Fact::name).collect();
            let help = choice(&at.value, &names);
            self.problem(at.span, format!("`at` names a fact of the `{}`, and `{}` is none", kind.name(), at.value), Some(help));
        }
        fact
    }

    fn template(&mut self, text: &Spanned<String>, scope: &Scope) -> Template {
        let mut template = Template::default();
        let trimmed = text.value.trim_end();
        if trimmed.is_empty() {
            self.problem(text.span, "this text is empty", None);
        }
        for piece in pieces(trimmed) {
            match piece {
                Piece::Text(fixed) => template.parts.push(Part::Text(fixed)),
                Piece::Stray(range) => {
                    let span = self.part(text, range);
                    self.problem(span, "a brace without its partner", Some("write `{{` or `}}` for the brace itself".to_owned()));
                }
                Piece::Name(range) => {
                    let span = self.part(text, range.clone());
                    match Self::placeholder(&trimmed[range], scope) {
                        Ok((slot, attribute)) => template.parts.push(Part::Value(slot, attribute)),
                        Err(Unnamed { message, help }) => self.problem(span, message, Some(help)),
                    }
                }
            }
        }
        template
    }

    fn placeholder(name: &str, scope: &Scope) -> Result<(usize, Attribute), Unnamed> {
        if scope.slots.is_empty() {
            return Err(Unnamed {
                message: format!("unknown placeholder `{name}`"),
                help: "a rule with `engine`, or without a `match` that can be read, has no placeholders".into(),
            });
        }
        match name.rsplit_once('.') {
            Some((element, attribute)) => scope.find(element, attribute),
            None if name.trim().is_empty() => Err(Unnamed {
                message: "a placeholder without a name".into(),
                help: "write `{kind.fact}` or `{kind.name}`, and `{{` or `}}` for braces themselves".into(),
            }),
            None if scope.slot(name).is_some() => Err(Unnamed {
                message: format!("`{name}` is an element, not a text"),
                help: format!("write `{{{name}.name}}`, or ask for one of its facts"),
            }),
            None => Err(scope.unknown(name)),
        }
    }

    fn level(&mut self, written: &Spanned<file::LevelFile>, is_last: bool, scope: &Scope, all: &mut Scope) -> Option<Level> {
        let subject = scope.slots.get(SUBJECT)?.kind;
        // One that changes nothing keeps those behind it away, so only the last has no use.
        let texts = [&written.at, &written.label, &written.message];
        if is_last && written.severity.is_none() && written.confidence.is_none() && texts.iter().all(|text| text.is_none()) {
            self.problem(
                written.span,
                "this level changes nothing",
                Some("give it `severity`, `confidence`, `at`, `label` or `message`".to_owned()),
            );
        }
        if written.r#if.0.is_empty() {
            self.problem(written.r#if.span, "`if` is empty", Some("without a condition, say it of the rule itself".to_owned()));
        }
        // Slots are numbered through the whole rule, but a level sees only those of `match` and its own.
        let before = all.slots.len();
        let clauses = self.clauses(&written.r#if, subject, Some(all));
        let visible = all.hiding(scope.slots.len()..before);
        Some(Level {
            clauses,
            severity: written.severity,
            confidence: written.confidence,
            at: written.at.as_ref().and_then(|at| self.at(at, &visible)),
            label: written.label.as_ref().map(|label| self.template(label, &visible)),
            message: written.message.as_ref().map(|message| self.template(message, &visible)),
        })
    }

    fn labels(&mut self, written: &file::Labels, scope: &Scope) -> Vec<(usize, Template)> {
        self.unique(written.0.iter().map(|entry| &entry.0));
        let mut labels = Vec::new();
        for (name, text) in &written.0 {
            let template = self.template(text, scope);
            if scope.slots.is_empty() {
                continue;
            }
            // A name means the element in `match` and in every level.
            let slots = scope.alike(&name.value);
            if slots.is_empty() {
                let Unnamed { message, help } = scope.unknown(&name.value);
                self.problem(name.span, message, Some(help));
            }
            labels.extend(slots.into_iter().map(|slot| (slot, template.clone())));
        }
        labels
    }

    fn examples(&mut self, written: file::ExamplesFile) -> (Vec<Example>, Vec<Example>) {
        let mut bad = Vec::new();
        for Spanned { value, span, .. } in written.bad {
            let at = value.at.map(|pointers| pointers.0.into_iter().map(|pointer| pointer.value).collect::<Vec<_>>());
            if at.as_ref().is_some_and(|at| at.is_empty() || at.iter().any(|at| !is_pointer(at))) {
                self.problem(span, "`at` is no JSON pointer", Some("for example `/nodes/0/type`".to_owned()));
            }
            let files = self.files(value.export, value.files, span);
            let policy = value.policy.map(|policy| policy.value);
            bad.push(Example { platform: value.platform.value, at, severity: value.severity, policy, files, span });
        }
        let mut good = Vec::new();
        for Spanned { value, span, .. } in written.good {
            let files = self.files(value.export, value.files, span);
            let policy = value.policy.map(|policy| policy.value);
            good.push(Example { platform: value.platform.value, at: None, severity: None, policy, files, span });
        }
        (bad, good)
    }

    /// The files of an example.
    fn files(&mut self, export: Option<Spanned<String>>, files: BTreeMap<String, Spanned<String>>, span: Span) -> Vec<(String, String)> {
        let mut all: Vec<(String, Spanned<String>)> = export.into_iter().map(|export| (String::new(), export)).collect();
        all.extend(files);
        for (_, text) in &all {
            self.not_empty(text);
        }
        if all.is_empty() || all.len() > 1 && all[0].0.is_empty() {
            let help = "write the text of the export under `export:`, or several files under `files:` by their paths";
            self.problem(span, "an example is one export", Some(help.to_owned()));
        }
        all.into_iter().map(|(path, text)| (path, text.value)).collect()
    }
}

/// Whether the text is a pointer, behind the path of a file and `#` or alone.
fn is_pointer(at: &str) -> bool {
    let pointer = at.split_once('#').map_or(at, |parts| parts.1);
    pointer.is_empty() || pointer.starts_with('/')
}

/// A fact that a condition is about.
struct Asked {
    /// `kind.fact`
    name: String,
    holds: FactType,
}

impl Asked {
    fn wants(&self) -> String {
        match self.holds {
            FactType::Word(words) | FactType::Words(words) => {
                format!("it is one of {}", words.iter().map(|word| format!("`{}`", word.name)).collect::<Vec<_>>().join(", "))
            }
            FactType::Text => "it is a text; write numbers and the like in quotes".into(),
            FactType::Texts => "it is a list of texts; write numbers and the like in quotes".into(),
            FactType::Bool => "it is `true` or `false`".into(),
            FactType::Number => "it is a number".into(),
        }
    }
}

/// The names of all kinds.
fn names() -> Vec<&'static str> {
    Kind::ALL.iter().map(|kind| kind.name()).collect()
}

//! The story of a run: discover, read, recognise, validate, lower, link, check, settle.
//!
//! Files are judged in parallel, each from reading to findings in one go, so that nothing of a file is kept but what is wrong with
//! it. A problem in the input is a finding or an unreadable file; only wrong use is an error.

use crate::discover::{self, Candidate};
use crate::finding::{AppRef, ElementRef, Finding, Label, Locator, Severity, State, fingerprint};
use crate::model::secret::{self, Position as SecretPosition};
use crate::model::{Model, Place, yaml};
use crate::platform::{self, Document, PLATFORMS, Platform};
use crate::policy::Policy;
use crate::report::{Coverage, Foreign, Report, Unreadable};
use crate::rule::{self, Hit, Rule, Selected};
use crate::schema::Schema;
use crate::source::{Source, SourceError, Span};
use crate::tree::{IrregularityKind, Node, Syntax, SyntaxError, Tree, ValueKind, json, xml, yaml as yaml_syntax};
use aho_corasick::{AhoCorasick, MatchKind};
use globset::GlobSet;
use rayon::prelude::*;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// Something to judge.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    /// Bytes that are already in memory, such as standard input.
    Bytes {
        /// What reports call them.
        name: String,
        /// The content.
        bytes: Vec<u8>,
    },
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Number of files that were judged.
    pub done: usize,
    /// Number of files.
    pub total: usize,
}

/// How to judge.
#[derive(Clone, Copy)]
pub struct Options<'r> {
    /// The rules to ask.
    pub rules: &'r Selected,
    /// What the organisation says; without it, rules that need a policy are silent.
    pub policy: Option<&'r Policy>,
    /// Findings below are left out.
    pub min_severity: Severity,
    /// Names of files and folders that are left out.
    pub exclude: Option<&'r GlobSet>,
    /// Told after each file, from any thread.
    pub progress: Option<&'r (dyn Fn(Progress) + Sync)>,
}

/// Why a run cannot start. Always the fault of the call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path does not exist.
    #[error(transparent)]
    Missing(#[from] discover::Missing),
}

/// Part of the engine that says what a schema has to say.
const MALFORMED: &str = "malformed-export";
/// Part of the engine that says what was read although it should not be there.
const IRREGULAR: &str = "irregular-json";

/// Judges `inputs`.
///
/// # Errors
/// When a path does not exist.
pub fn lint(inputs: &[Input], options: &Options<'_>) -> Result<Report, Error> {
    let start = Instant::now();
    let found = discover_inputs(inputs, options)?;
    let total = found.files.len() + found.texts.len();
    let done = AtomicUsize::new(0);
    let tick = |judged: Judged| {
        if let Some(progress) = options.progress {
            progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
        }
        judged
    };
    let mut judged: Vec<Judged> = found.files.par_iter().map(|file| tick(judge_file(file, options))).collect();
    judged.extend(found.texts.into_iter().map(|(name, bytes)| tick(judge_bytes(&name, bytes, options))));
    let mut report = settle(judged, found.coverage, options);
    report.elapsed = start.elapsed();
    Ok(report)
}

/// The model of a file, for `flowgate show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The file.
    pub file: String,
    /// What rules see of it, as YAML; none for a foreign file.
    pub yaml: Option<String>,
    /// Why there is no model.
    pub reason: String,
}

/// The models of `inputs`, with the names of the files.
///
/// # Errors
/// When a path does not exist.
pub fn show(inputs: &[Input], options: &Options<'_>) -> Result<Vec<Shown>, Error> {
    let found = discover_inputs(inputs, options)?;
    let files = found.files.par_iter().map(|file| (file.name.clone(), Source::read(&file.path, file.name.clone()))).collect::<Vec<_>>();
    let texts = found.texts.into_iter().map(|(name, bytes)| (name.clone(), Source::decode(name, bytes)));
    Ok(files.into_iter().chain(texts).map(|(file, source)| show_source(file, source, options)).collect())
}

fn show_source(file: String, source: Result<Source, SourceError>, options: &Options<'_>) -> Shown {
    let none = |file, reason| Shown { file, yaml: None, reason };
    let source = match source {
        Ok(source) => source,
        Err(error) => return none(file, error.to_string()),
    };
    let tree = match json::parse(source.text()).or_else(|error| json::parse_lenient(source.text()).map_err(|_| error)) {
        Ok(tree) => tree,
        Err(error) => return none(file, error.message),
    };
    let Some((platform, documents)) = recognise(&tree) else { return none(file, "no export of a known platform".into()) };
    let tokens = secret::tokens(tree.text());
    let model = model(platform, &documents, &tokens, options.policy);
    let mask = Mask::of(&model, &tree, &tokens);
    let pointer = |place: Place| mask.apply(&tree.node(place.node).pointer()).into_owned();
    Shown { file, yaml: Some(yaml::yaml(&model, &pointer, &|text| mask.apply(text))), reason: String::new() }
}

/// Runs `run` on the model of `export`, an export of `platform` as the example of a rule holds it.
///
/// # Errors
/// When the platform is unknown, or the export is none of its exports, or the policy is wrong.
pub fn example(platform: &str, export: &str, policy: Option<&str>, run: &mut dyn FnMut(&Model<'_>, &Tree<'_>)) -> Result<(), String> {
    let known = || PLATFORMS.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(", ");
    let platform = platform::named(platform).ok_or_else(|| format!("`{platform}` is no platform; there are: {}", known()))?;
    let policy =
        policy.map(|text| Policy::parse(&Source::from_text("policy.yaml", text)).map_err(|error| error.to_string())).transpose()?;
    let tree = json::parse(export).map_err(|error| format!("the export is no JSON: {}", error.message))?;
    let documents = platform.recognise(tree.root());
    if documents.is_empty() {
        return Err(format!("the export is none of {}", platform.name()));
    }
    if let Some(violation) = violations(&documents).first() {
        return Err(format!("the export is malformed at `{}`: {}", violation.node.pointer(), violation.message));
    }
    run(&model(platform, &documents, &secret::tokens(tree.text()), policy.as_ref()), &tree);
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------------------- discover

struct Inputs {
    files: Vec<Candidate>,
    texts: Vec<(String, Vec<u8>)>,
    coverage: Coverage,
}

fn discover_inputs(inputs: &[Input], options: &Options<'_>) -> Result<Inputs, Error> {
    let paths: Vec<PathBuf> =
        inputs.iter().filter_map(|input| if let Input::Path(path) = input { Some(path.clone()) } else { None }).collect();
    let texts =
        inputs.iter().filter_map(|input| if let Input::Bytes { name, bytes } = input { Some((name.clone(), bytes.clone())) } else { None });
    let found = discover::discover(&paths, options.exclude)?;
    let coverage = Coverage {
        files: found.foreign.len() + found.unreadable.len(),
        foreign: found.foreign.into_iter().map(|(file, reason)| Foreign { file, reason }).collect(),
        unreadable: found
            .unreadable
            .into_iter()
            .map(|(file, reason, help)| Unreadable { file, reason, help, ..Unreadable::default() })
            .collect(),
        recognised: BTreeMap::new(),
    };
    Ok(Inputs { files: found.files, texts: texts.collect(), coverage })
}

// ------------------------------------------------------------------------------------------------------------------------- judge

/// What became of one file.
enum Judged {
    Export { platform: &'static str, apps: usize, findings: Vec<Finding> },
    Foreign(Foreign),
    Unreadable(Unreadable),
}

fn judge_file(file: &Candidate, options: &Options<'_>) -> Judged {
    let syntax = match discover::syntax_of_name(&file.name) {
        Some(syntax) => Some(syntax),
        None => match head(file) {
            Ok(head) => discover::syntax_of_head(&head),
            Err(error) => return unreadable(&file.name, &SourceError::Io(error)),
        },
    };
    match syntax.filter(|syntax| is_read(*syntax)) {
        None => foreign(&file.name, "no format of a known platform"),
        Some(_) => match Source::read(&file.path, file.name.clone()) {
            Ok(source) => judge_source(&source, file.named || discover::syntax_of_name(&file.name).is_some(), options),
            Err(error @ SourceError::Encoding { .. }) if discover::syntax_of_name(&file.name).is_none() && !file.named => {
                foreign(&file.name, &format!("no text: {error}"))
            }
            Err(error) => unreadable(&file.name, &error),
        },
    }
}

fn judge_bytes(name: &str, bytes: Vec<u8>, options: &Options<'_>) -> Judged {
    match Source::decode(name, bytes) {
        Ok(source) => judge_source(&source, true, options),
        Err(error) => unreadable(name, &error),
    }
}

/// The first bytes of a file.
fn head(file: &Candidate) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut head = Vec::with_capacity(discover::HEAD_BYTES);
    std::fs::File::open(&file.path)?.take(discover::HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether some platform reads exports in that syntax.
fn is_read(syntax: Syntax) -> bool {
    PLATFORMS.iter().any(|platform| platform.syntaxes().contains(&syntax))
}

/// Judges a text; `promised` says that its name, or the user, says that it is a document.
fn judge_source(source: &Source, promised: bool, options: &Options<'_>) -> Judged {
    // A panic in one export must not hide what is wrong with the others.
    let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| judge_text(source, promised, options)));
    judged.unwrap_or_else(|_| {
        Judged::Unreadable(Unreadable {
            file: source.path().into(),
            inner: source.inner().to_vec(),
            reason: "Flowgate failed on this file, which is a bug of Flowgate".into(),
            help: "report it with the file, or with its smallest part that still fails".into(),
            ..Unreadable::default()
        })
    })
}

fn judge_text(source: &Source, promised: bool, options: &Options<'_>) -> Judged {
    let tree = match parse(source) {
        Ok(tree) => tree,
        Err(error) => {
            let traces = || PLATFORMS.iter().flat_map(|platform| platform.traces()).any(|trace| source.text().contains(trace));
            return if promised || traces() {
                unparsable(source, error)
            } else {
                foreign(source.path(), &format!("no document: {}", error.message))
            };
        }
    };
    let Some((platform, documents)) = recognise(&tree) else {
        return foreign(source.path(), "no export of a known platform");
    };
    let tokens = secret::tokens(tree.text());
    let model = model(platform, &documents, &tokens, options.policy);
    let mask = Mask::of(&model, &tree, &tokens);
    let mut making =
        Making { source, tree: &tree, model: &model, mask: &mask, locator: None, findings: Vec::new(), known: HashMap::new(), options };
    making.malformed(&documents);
    making.irregular();
    for hit in rule::check(options.rules, &model, &|text| mask.apply(text)) {
        making.hit(hit);
    }
    Judged::Export { platform: platform.name(), apps: model.apps.len(), findings: making.findings }
}

/// Reads a document in the syntax of its name or content; JSON with comments and trailing commas is read too, and reported.
fn parse(source: &Source) -> Result<Tree<'_>, SyntaxError> {
    let syntax = discover::syntax_of_name(source.path()).filter(|syntax| is_read(*syntax));
    let syntax = syntax
        .or_else(|| discover::syntax_of_head(source.text().as_bytes().get(..discover::HEAD_BYTES).unwrap_or(source.text().as_bytes())));
    match syntax {
        Some(Syntax::Xml) if is_read(Syntax::Xml) => xml::parse(source.text()),
        Some(Syntax::Yaml) => yaml_syntax::parse(source.text()),
        _ => json::parse(source.text()).or_else(|error| json::parse_lenient(source.text()).map_err(|_| error)),
    }
}

fn recognise<'t>(tree: &'t Tree<'_>) -> Option<(&'static dyn Platform, Vec<Document<'t>>)> {
    PLATFORMS.iter().filter(|platform| platform.syntaxes().contains(&tree.syntax())).find_map(|platform| {
        let documents = platform.recognise(tree.root());
        (!documents.is_empty()).then_some((*platform, documents))
    })
}

fn model<'t>(platform: &dyn Platform, documents: &[Document<'t>], tokens: &[u32], policy: Option<&Policy>) -> Model<'t> {
    let mut model = platform.lower(documents, tokens);
    if let Some(policy) = policy {
        policy.apply(&mut model);
    }
    model.link();
    model
}

/// The schemas of all platforms, each compiled when its first document is met.
static SCHEMAS: LazyLock<HashMap<&'static str, Schema>> = LazyLock::new(|| {
    let texts = PLATFORMS.iter().flat_map(|platform| platform.schemas());
    texts.map(|schema| (schema.name, Schema::new(schema.name, schema.text))).collect()
});

fn violations<'t>(documents: &[Document<'t>]) -> Vec<crate::schema::Violation<'t>> {
    let of = |document: &Document<'t>| SCHEMAS.get(document.schema.name).map(|schema| schema.violations(document.node));
    documents.iter().filter_map(of).flatten().collect()
}

fn foreign(file: &str, reason: &str) -> Judged {
    Judged::Foreign(Foreign { file: file.into(), reason: reason.into() })
}

fn unreadable(file: &str, error: &SourceError) -> Judged {
    let (line, column) = match error {
        SourceError::Encoding { line, column, .. } => (Some(*line), Some(*column)),
        _ => (None, None),
    };
    let help = match error {
        SourceError::Io(_) => "check that the file is there and may be read",
        SourceError::TooLarge { .. } => "split the export, or leave it out with --exclude",
        SourceError::Encoding { .. } => "",
    };
    Judged::Unreadable(Unreadable { file: file.into(), inner: Vec::new(), reason: error.to_string(), help: help.into(), line, column })
}

fn unparsable(source: &Source, error: SyntaxError) -> Judged {
    let position = source.lines().position(error.span.start);
    Judged::Unreadable(Unreadable {
        file: source.path().into(),
        inner: source.inner().to_vec(),
        reason: error.message,
        help: error.help.unwrap_or_else(|| "export the file again from the platform".into()),
        line: Some(position.line),
        column: Some(position.column),
    })
}

/// Hides the secrets of one export in texts. They are looked up when the first text asks: most exports have no finding.
struct Mask<'e> {
    model: &'e Model<'e>,
    tree: &'e Tree<'e>,
    tokens: &'e [u32],
    hidden: OnceCell<Hidden>,
}

/// The secrets of one export.
struct Hidden {
    finder: Option<AhoCorasick>,
    /// Where they stand in the source.
    spans: Vec<Span>,
}

impl Hidden {
    fn of(model: &Model<'_>, tree: &Tree<'_>, tokens: &[u32]) -> Self {
        let text = |place: &Place| {
            let raw = &tree.text()[place.span.range()];
            let decoded = if tree.syntax() == Syntax::Json { json::unescape(raw.trim_matches('"')) } else { raw.to_owned() };
            Some(decoded).filter(|text| text.len() >= 3)
        };
        let mut secrets: Vec<String> = model.secrets.iter().filter_map(text).collect();
        let mut spans: Vec<Span> = model.secrets.iter().map(|place| place.span).collect();
        // What has the shape of a secret is one wherever it stands: in names, in keys, where no reader of the platform looks.
        // An escape for a character that needs none hides the shape from a search in the source.
        let escapes = memchr::memmem::find_iter(tree.text().as_bytes(), b"\\u00");
        let mut candidates: Vec<u32> = tokens.iter().copied().chain(escapes.map(|at| at as u32)).collect();
        candidates.sort_unstable();
        let worth = |span: Span| candidates.get(candidates.partition_point(|at| *at < span.start)).is_some_and(|at| *at < span.end);
        let nodes = tree.documents().filter(|_| !candidates.is_empty()).flat_map(Node::descend);
        for node in nodes {
            let mut found = |text: &str, span: &dyn Fn(std::ops::Range<usize>) -> Span| {
                for token in secret::detect(text, None, SecretPosition::Prose) {
                    secrets.push(text[token.range.clone()].to_owned());
                    spans.push(span(token.range));
                }
            };
            if let Some(text) = node.as_str().filter(|_| worth(node.span())) {
                found(&text, &|range| node.text_span(range));
            }
            if let (Some(key), Some(span)) = (node.key(), node.key_span().filter(|span| worth(*span))) {
                found(&key, &|_| span);
            }
        }
        secrets.sort_unstable();
        secrets.dedup();
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&secrets);
        let finder = if secrets.is_empty() { None } else { build().ok() };
        if let Some(finder) = &finder {
            spans.extend(finder.find_iter(tree.text()).map(|hit| Span::new(hit.start() as u32, hit.end() as u32)));
        }
        Self { finder, spans }
    }
}

impl<'e> Mask<'e> {
    fn of(model: &'e Model<'e>, tree: &'e Tree<'e>, tokens: &'e [u32]) -> Self {
        Self { model, tree, tokens, hidden: OnceCell::new() }
    }

    fn hidden(&self) -> &Hidden {
        self.hidden.get_or_init(|| Hidden::of(self.model, self.tree, self.tokens))
    }

    fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(finder) = self.hidden().finder.as_ref().filter(|finder| finder.is_match(text)) else { return Cow::Borrowed(text) };
        let mut masked = String::with_capacity(text.len());
        finder.replace_all_with(text, &mut masked, |_, secret, masked| {
            masked.push_str(&secret::redact(secret));
            true
        });
        Cow::Owned(masked)
    }
}

/// The findings of one export in the making.
struct Making<'e> {
    source: &'e Source,
    tree: &'e Tree<'e>,
    model: &'e Model<'e>,
    mask: &'e Mask<'e>,
    locator: Option<Locator<'e>>,
    findings: Vec<Finding>,
    /// How many findings of the engine each rule has at each place.
    known: HashMap<(Arc<str>, String), usize>,
    options: &'e Options<'e>,
}

impl<'e> Making<'e> {
    fn rule(&self, engine: &str) -> Option<Arc<Rule>> {
        self.options.rules.rules().iter().find(|rule| rule.engine() == Some(engine)).map(Arc::clone)
    }

    fn locator(&mut self) -> &Locator<'e> {
        let (source, mask) = (self.source, self.mask);
        self.locator.get_or_insert_with(|| Locator::new(source).masking(mask.hidden().spans.clone()))
    }

    fn hit(&mut self, hit: Hit) {
        if hit.severity < self.options.min_severity {
            return;
        }
        let tree = self.tree;
        let mask = self.mask;
        let pointer = |place: Place| mask.apply(&tree.node(place.node).pointer()).into_owned();
        let location = self.locator().locate(hit.place.span, pointer(hit.place));
        let related = hit
            .related
            .into_iter()
            .map(|(text, place)| Label { text, location: self.locator().locate(place.span, pointer(place)) })
            .collect();
        let (element, app) = (self.model.element(hit.element), self.model.app(hit.app));
        let parts: Vec<&str> = hit.identity.iter().map(String::as_str).collect();
        self.findings.push(Finding {
            rule: Arc::clone(&hit.rule.id),
            severity: hit.severity,
            confidence: hit.confidence,
            message: hit.message,
            help: hit.help,
            platform: self.model.platform,
            app: Some(AppRef { name: self.mask.apply(&app.name).into_owned(), id: self.mask.apply(&app.id).into_owned() }),
            element: Some(ElementRef { kind: element.kind.name().into(), name: self.mask.apply(&element.name).into_owned() }),
            location,
            label: hit.label,
            related,
            fingerprint: fingerprint(&parts),
            state: State::New,
            tags: Arc::clone(&hit.rule.tags),
        });
    }

    /// A finding of the engine itself, about a place in the file.
    fn engine(&mut self, rule: &Rule, span: Span, pointer: &str, message: &str, help: Option<String>, label: &str) {
        if rule.severity < self.options.min_severity {
            return;
        }
        let before = self.known.entry((Arc::clone(&rule.id), pointer.to_owned())).or_default();
        let known = *before;
        *before += 1;
        let fingerprint = fingerprint(&[&rule.id, self.model.platform, pointer, message, &known.to_string()]);
        let help = help.map(Arc::from).or_else(|| rule.help().cloned()).unwrap_or_else(|| "".into());
        let mask = self.mask;
        let (message, pointer) = (mask.apply(message).into_owned(), mask.apply(pointer).into_owned());
        let location = self.locator().locate(span, pointer);
        self.findings.push(Finding {
            rule: Arc::clone(&rule.id),
            severity: rule.severity,
            confidence: rule.confidence,
            message,
            help,
            platform: self.model.platform,
            app: None,
            element: None,
            location,
            label: label.into(),
            related: Vec::new(),
            fingerprint,
            state: State::New,
            tags: Arc::clone(&rule.tags),
        });
    }

    fn malformed(&mut self, documents: &[Document<'_>]) {
        let Some(rule) = self.rule(MALFORMED) else { return };
        for violation in violations(documents) {
            // What is wrong with a whole object or list is shown at its name: its text may be the whole file.
            let whole = matches!(violation.node.kind(), ValueKind::Object | ValueKind::Array);
            let key = violation.node.key_span().filter(|_| violation.on_key || whole);
            let opening = Span::new(violation.node.span().start, (violation.node.span().start + 1).min(violation.node.span().end));
            let span = key.unwrap_or(if whole { opening } else { violation.node.span() });
            self.engine(&rule, span, &violation.node.pointer(), &violation.message, violation.help, "");
        }
    }

    fn irregular(&mut self) {
        let Some(rule) = self.rule(IRREGULAR) else { return };
        let found = self.tree.irregularities().to_vec();
        for irregularity in found.into_iter().chain(self.tree.duplicate_keys()) {
            let (message, help) = match irregularity.kind {
                IrregularityKind::DuplicateKey => ("this member occurs twice in its object, and the last one counts", "keep one of them"),
                IrregularityKind::Comment => ("JSON has no comments", "remove the comment"),
                IrregularityKind::TrailingComma => ("a comma before the closing bracket", "remove the comma"),
            };
            let pointer = self.tree.node_at(irregularity.span.start).map(Node::pointer).unwrap_or_default();
            self.engine(&rule, irregularity.span, &pointer, message, Some(help.into()), "");
        }
    }
}

// ------------------------------------------------------------------------------------------------------------------------ settle

fn settle(judged: Vec<Judged>, coverage: Coverage, options: &Options<'_>) -> Report {
    let mut report = Report { coverage, rules_run: options.rules.rules().len(), ..Report::default() };
    report.coverage.files += judged.len();
    for one in judged {
        match one {
            Judged::Export { platform, apps, findings } => {
                *report.coverage.recognised.entry(platform).or_default() += 1;
                report.apps += apps;
                report.findings.extend(findings);
            }
            Judged::Foreign(foreign) => report.coverage.foreign.push(foreign),
            Judged::Unreadable(unreadable) => report.coverage.unreadable.push(unreadable),
        }
    }
    report.coverage.foreign.sort();
    report.coverage.unreadable.sort();
    report.findings.sort_by(Finding::order);
    tell_copies_apart(&mut report.findings);
    report
}

/// Copies of an app have the same ids: the first of equal fingerprints stays, the others get the name of their file as well.
fn tell_copies_apart(findings: &mut [Finding]) {
    let mut seen: HashMap<String, u32> = HashMap::with_capacity(findings.len());
    for finding in findings {
        if seen.contains_key(&finding.fingerprint) {
            let mut parts: Vec<&str> = vec![&finding.fingerprint, &finding.location.file];
            parts.extend(finding.location.inner.iter().map(String::as_str));
            finding.fingerprint = fingerprint(&parts);
        }
        let times = seen.entry(finding.fingerprint.clone()).or_default();
        *times += 1;
        if *times > 1 {
            finding.fingerprint = fingerprint(&[&finding.fingerprint, &times.to_string()]);
        }
    }
}

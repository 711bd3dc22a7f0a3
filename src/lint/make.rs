//! Making findings: from hits of rules, and from what the engine itself has to say about a file.

use super::load::Parsed;
use super::mask::Mask;
use super::{Options, violations};
use crate::finding::{AppRef, ElementRef, Finding, Label, Locator, State, fingerprint};
use crate::model::{Model, Place};
use crate::platform::Document;
use crate::rule::{Hit, Rule};
use crate::source::Span;
use crate::tree::{IrregularityKind, Node, ValueKind};
use std::collections::HashMap;
use std::sync::Arc;

/// Part of the engine that says what a schema has to say.
const MALFORMED: &str = "malformed-export";
/// Part of the engine that says what was read although it should not be there.
const IRREGULAR: &str = "irregular-syntax";

/// The findings of one export in the making.
pub(super) struct Making<'e> {
    /// The files of the unit, by number.
    files: &'e [Parsed<'e>],
    /// The numbers of the files of the export.
    own: &'e [u32],
    model: &'e Model<'e>,
    mask: &'e Mask<'e>,
    locators: HashMap<u32, Locator<'e>>,
    pub(super) findings: Vec<Finding>,
    /// How many findings of the engine each rule has at each place.
    known: HashMap<(Arc<str>, String), usize>,
    options: &'e Options<'e>,
}

impl<'e> Making<'e> {
    pub(super) fn new(files: &'e [Parsed<'e>], own: &'e [u32], model: &'e Model<'e>, mask: &'e Mask<'e>, options: &'e Options<'e>) -> Self {
        Self { files, own, model, mask, locators: HashMap::new(), findings: Vec::new(), known: HashMap::new(), options }
    }

    fn rule(&self, engine: &str) -> Option<Arc<Rule>> {
        self.options.rules.rules().iter().find(|rule| rule.engine() == Some(engine)).map(Arc::clone)
    }

    fn locator(&mut self, file: u32) -> &Locator<'e> {
        let (source, mask) = (self.files[file as usize].source, self.mask);
        self.locators.entry(file).or_insert_with(|| Locator::new(source).masking(mask.spans(file)))
    }

    fn pointer(&self, place: Place) -> String {
        self.mask.apply(&self.files[place.file as usize].tree.node(place.node).pointer()).into_owned()
    }

    /// The finding of a rule.
    pub(super) fn hit(&mut self, hit: Hit) {
        let severity = hit.severity;
        let severity = self.options.policy.map_or(severity, |policy| policy.rules().severity(&hit.rule.id, severity));
        if severity < self.options.min_severity {
            return;
        }
        let pointer = self.pointer(hit.place);
        let location = self.locator(hit.place.file).locate(hit.place.span, pointer);
        let mut related = Vec::with_capacity(hit.related.len());
        for (text, place) in hit.related {
            let pointer = self.pointer(place);
            let label = Label { text, location: self.locator(place.file).locate(place.span, pointer) };
            // Two parts of an app may stand at one place, of which the same is to be said.
            if !related.contains(&label) {
                related.push(label);
            }
        }
        let (element, app) = (self.model.element(hit.element), self.model.app(hit.app));
        let parts: Vec<&str> = hit.identity.iter().map(String::as_str).collect();
        self.findings.push(Finding {
            rule: Arc::clone(&hit.rule.id),
            severity,
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
            copy_of: None,
            state: State::New,
            blocks: false,
            waived: None,
            notes: Vec::new(),
            tags: Arc::clone(&hit.rule.tags),
        });
    }

    /// A finding of the engine itself, about a place in a file.
    fn engine(&mut self, rule: &Rule, file: u32, span: Span, pointer: &str, message: &str, help: Option<String>) {
        if rule.severity < self.options.min_severity {
            return;
        }
        // Which file it is belongs to what names the finding only where the export has several.
        let path = if self.own.len() > 1 { self.files[file as usize].file().path } else { "" };
        let place = if path.is_empty() { pointer.to_owned() } else { format!("{path}#{pointer}") };
        let before = self.known.entry((Arc::clone(&rule.id), place.clone())).or_default();
        let known = *before;
        *before += 1;
        let fingerprint = fingerprint(&[&rule.id, self.model.platform, &place, message, &known.to_string()]);
        let help = help.map(Arc::from).or_else(|| rule.help().cloned()).unwrap_or_else(|| "".into());
        let mask = self.mask;
        let (message, pointer) = (mask.apply(message).into_owned(), mask.apply(pointer).into_owned());
        let location = self.locator(file).locate(span, pointer);
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
            label: String::new(),
            related: Vec::new(),
            fingerprint,
            copy_of: None,
            state: State::New,
            blocks: false,
            waived: None,
            notes: Vec::new(),
            tags: Arc::clone(&rule.tags),
        });
    }

    /// What schemas have to say.
    pub(super) fn malformed(&mut self, documents: &[Document<'_>]) {
        let Some(rule) = self.rule(MALFORMED) else { return };
        for violation in violations(documents) {
            let node = violation.node;
            // What is wrong with a whole object or list is shown at its name: its text may be the whole file.
            let whole = matches!(node.kind(), ValueKind::Object | ValueKind::Array);
            let key = node.key_span().filter(|_| violation.on_key || whole);
            let opening = Span::new(node.span().start, (node.span().start + 1).min(node.span().end));
            let span = key.unwrap_or(if whole { opening } else { node.span() });
            self.engine(&rule, node.tree().file(), span, &node.pointer(), &violation.message, violation.help);
        }
    }

    /// What was read although it should not be there.
    pub(super) fn irregular(&mut self) {
        let Some(rule) = self.rule(IRREGULAR) else { return };
        let (files, own) = (self.files, self.own);
        for file in own {
            let tree = &files[*file as usize].tree;
            let found = tree.irregularities().iter().cloned().chain(tree.duplicate_keys()).collect::<Vec<_>>();
            for irregularity in found {
                let (message, help) = match irregularity.kind {
                    IrregularityKind::DuplicateKey => {
                        ("this member occurs twice in its object, and the last one counts", "keep one of them")
                    }
                    IrregularityKind::Comment => ("JSON has no comments", "remove the comment"),
                    IrregularityKind::TrailingComma => ("a comma before the closing bracket", "remove the comma"),
                };
                let pointer = tree.node_at(irregularity.span.start).map(Node::pointer).unwrap_or_default();
                self.engine(&rule, *file, irregularity.span, &pointer, message, Some(help.into()));
            }
        }
    }
}

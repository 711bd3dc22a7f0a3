//! Hiding the secrets of an export wherever its words are printed.

use super::load::Parsed;
use crate::model::secret::{self, Position};
use crate::model::{Model, Place};
use crate::source::Span;
use crate::tree::{Node, Syntax, json};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::borrow::Cow;
use std::cell::OnceCell;

/// Hides the secrets of one export in texts. They are looked up when the first text asks: most exports have no finding.
pub(super) struct Mask<'e> {
    model: &'e Model<'e>,
    /// The files of the unit, by number.
    files: &'e [Parsed<'e>],
    /// The numbers of the files of the export.
    own: &'e [u32],
    hidden: OnceCell<Hidden>,
}

/// The secrets of one export.
struct Hidden {
    finder: Option<AhoCorasick>,
    /// Where they stand, by file.
    spans: Vec<(u32, Span)>,
}

impl Hidden {
    fn of(model: &Model<'_>, files: &[Parsed<'_>], own: &[u32]) -> Self {
        let text = |place: &Place| {
            let tree = &files[place.file as usize].tree;
            let raw = &tree.text()[place.span.range()];
            let decoded = if tree.syntax() == Syntax::Json { json::unescape(raw.trim_matches('"')) } else { raw.to_owned() };
            Some(decoded).filter(|text| text.len() >= 3)
        };
        let mut secrets: Vec<String> = model.secrets.iter().filter_map(text).collect();
        let mut spans: Vec<(u32, Span)> = model.secrets.iter().map(|place| (place.file, place.span)).collect();
        for number in own {
            shaped(&files[*number as usize], &mut |secret, span| {
                secrets.push(secret);
                spans.push((*number, span));
            });
        }
        secrets.sort_unstable();
        secrets.dedup();
        // The few texts that are looked at do not pay for a table of all states of long secrets.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        let build = || AhoCorasick::builder().kind(kind).match_kind(MatchKind::LeftmostLongest).build(&secrets);
        let finder = if secrets.is_empty() { None } else { build().ok() };
        if let Some(finder) = &finder {
            for number in own {
                let text = files[*number as usize].tree.text();
                spans.extend(finder.find_iter(text).map(|hit| (*number, Span::new(hit.start() as u32, hit.end() as u32))));
            }
        }
        Self { finder, spans }
    }
}

/// What has the shape of a secret is one wherever it stands: in names, in keys, where no reader of the platform looks.
fn shaped(file: &Parsed<'_>, found: &mut dyn FnMut(String, Span)) {
    let tree = &file.tree;
    // An escape for a character that needs none hides the shape from a search in the source.
    let escapes = memchr::memmem::find_iter(tree.text().as_bytes(), b"\\u00");
    let mut candidates: Vec<u32> = file.tokens.iter().copied().chain(escapes.map(|at| at as u32)).collect();
    candidates.sort_unstable();
    let worth = |span: Span| candidates.get(candidates.partition_point(|at| *at < span.start)).is_some_and(|at| *at < span.end);
    let mut nodes: Vec<Node<'_>> = tree.documents().filter(|_| !candidates.is_empty()).collect();
    while let Some(node) = nodes.pop() {
        // Where neither the name nor the value holds a candidate, nothing below does.
        nodes.extend(node.children().filter(|child| worth(child.span()) || child.key_span().is_some_and(worth)));
        let mut look = |text: &str, span: &dyn Fn(std::ops::Range<usize>) -> Span| {
            for token in secret::detect(text, None, Position::Prose) {
                found(text[token.range.clone()].to_owned(), span(token.range));
            }
        };
        if let Some(text) = node.as_str().filter(|_| worth(node.span())) {
            look(&text, &|range| node.text_span(range));
        }
        if let (Some(key), Some(span)) = (node.key(), node.key_span().filter(|span| worth(*span))) {
            look(&key, &|_| span);
        }
    }
}

impl<'e> Mask<'e> {
    pub(super) fn of(model: &'e Model<'e>, files: &'e [Parsed<'e>], own: &'e [u32]) -> Self {
        Self { model, files, own, hidden: OnceCell::new() }
    }

    fn hidden(&self) -> &Hidden {
        self.hidden.get_or_init(|| Hidden::of(self.model, self.files, self.own))
    }

    /// Where the secrets of a file stand.
    pub(super) fn spans(&self, file: u32) -> Vec<Span> {
        self.hidden().spans.iter().filter(|(number, _)| *number == file).map(|(_, span)| *span).collect()
    }

    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(finder) = self.hidden().finder.as_ref().filter(|finder| finder.is_match(text)) else { return Cow::Borrowed(text) };
        let mut masked = String::with_capacity(text.len());
        finder.replace_all_with(text, &mut masked, |_, secret, masked| {
            masked.push_str(&secret::redact(secret));
            true
        });
        Cow::Owned(masked)
    }
}

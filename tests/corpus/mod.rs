//! Real exports, where this machine has them, and what holds for every tree that is read from one.
#![allow(dead_code, reason = "each test file uses its part")]
#![expect(clippy::print_stderr, reason = "a test that does not run must say so")]

use flowgate::tree::{Syntax, Tree, ValueKind};
use std::path::Path;

/// Path and text of every UTF-8 file of the corpus with one of these extensions; none, and a note, where there is no corpus.
pub(crate) fn texts(extensions: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !root.is_dir() {
        eprintln!("skipped: no corpus at {}", root.display());
        return Vec::new();
    }
    let mut texts: Vec<(String, String)> = walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)))
        .filter_map(|entry| {
            let text = std::fs::read_to_string(entry.path()).ok()?;
            let text = text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned);
            Some((entry.path().display().to_string(), text))
        })
        .collect();
    texts.dedup_by(|a, b| a.1 == b.1);
    texts
}

/// Spans lie in the text and inside of the value around them, keys stand before their values, and texts are readable.
pub(crate) fn spans_are_sound(tree: &Tree<'_>) -> Result<(), String> {
    let aliases = tree.syntax() == Syntax::Yaml && tree.text().contains('*');
    for node in tree.documents().flat_map(flowgate::tree::Node::descend) {
        let at = || format!("node {node:?}: {:?}", &tree.text()[node.span().range()]);
        for span in [Some(node.span()), Some(node.content_span()), node.key_span()].into_iter().flatten() {
            if span.start > span.end || tree.text().get(span.range()).is_none() {
                return Err(format!("{span} is no place, node {}", node.id().0));
            }
        }
        if !aliases && node.key_span().is_some_and(|key| key.end > node.span().start && tree.syntax() != Syntax::Xml) {
            return Err(format!("the key {:?} stands behind its value, {}", node.key(), at()));
        }
        for child in node.children() {
            let (inner, outer) = (child.span(), node.span());
            if !aliases && (inner.start < outer.start || inner.end > outer.end) {
                return Err(format!("{child:?} {:?} leaves the value around it, {}", child.raw(), at()));
            }
            if child.key().is_some() != node.is_object() || child.key().is_some_and(|key| !child.has_key(&key)) {
                return Err(format!("the key is wrong, {}", at()));
            }
        }
        match node.kind() {
            ValueKind::String if node.as_str().is_none() => return Err(format!("a string without text, {}", at())),
            ValueKind::Number if node.as_f64().is_none() && tree.syntax() == Syntax::Json => return Err(format!("no number, {}", at())),
            _ => {}
        }
        if node.kind() == ValueKind::String {
            let text = node.as_str().unwrap_or_default();
            if tree.text().get(node.text_span(0..text.len()).range()).is_none() {
                return Err(format!("the text has no place, {}", at()));
            }
        }
    }
    let starts: Vec<u32> = tree.documents().flat_map(flowgate::tree::Node::descend).map(|node| node.span().start).collect();
    if !aliases && !starts.is_sorted() {
        return Err("values do not start in document order".into());
    }
    Ok(())
}

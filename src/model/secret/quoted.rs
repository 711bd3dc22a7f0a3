//! Quoted texts in code, commands and JSON bodies, each with the name that stands before it.

use std::ops::Range;

/// A quoted text.
pub(super) struct Literal<'t> {
    /// Its bytes, without the quotes.
    pub(super) range: Range<usize>,
    /// What it is assigned to, compared with or passed along with: `name: "…"`, `"name": "…"`, `x.name = '…'`, `set("name", "…")`.
    pub(super) name: Option<&'t str>,
    /// Whether it is about to be written in base64: `btoa("…")`.
    pub(super) encoded: bool,
}

/// Longest quoted text that is taken for a value. Longer ones are opened: what is quoted inside them counts.
const MAX_LENGTH: usize = 600;

/// Calls `visit` with every quoted text, those inside of others too.
pub(super) fn each<'t>(text: &'t str, visit: &mut impl FnMut(Literal<'t>)) {
    within(text, 0..text.len(), 0, visit);
}

fn within<'t>(text: &'t str, range: Range<usize>, depth: u8, visit: &mut impl FnMut(Literal<'t>)) {
    let bytes = text.as_bytes();
    let mut from = range.start;
    while let Some(open) = memchr::memchr3(b'"', b'\'', b'`', &bytes[from..range.end]).map(|at| at + from) {
        from = open + 1;
        let Some(close) = closing(bytes, open, range.end) else { continue };
        let escapes = backslashes(bytes, close).min(backslashes(bytes, open));
        let content = open + 1..close - escapes;
        if content.start > content.end {
            continue;
        }
        let (name, encoded) = before(text, open, range.start);
        visit(Literal { range: content.clone(), name, encoded });
        if depth < 2 && memchr::memchr3(b'"', b'\'', b'`', &bytes[content.clone()]).is_some() {
            within(text, content, depth + 1, visit);
        }
        from = close + 1;
    }
}

/// How many backslashes stand before `at`.
fn backslashes(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rev().take(16).take_while(|byte| **byte == b'\\').count()
}

/// The quote that ends the one at `open`: behind as many backslashes, because quotes inside a quoted text are escaped together.
fn closing(bytes: &[u8], open: usize, end: usize) -> Option<usize> {
    let quote = bytes[open];
    let depth = backslashes(bytes, open);
    let end = end.min(open + 1 + MAX_LENGTH);
    let close = memchr::memchr_iter(quote, &bytes[open + 1..end]).map(|at| at + open + 1).find(|at| {
        let escapes = backslashes(bytes, *at).min(at - open - 1);
        escapes == depth || depth == 0 && escapes.is_multiple_of(2)
    })?;
    // Only a template may have several lines.
    (quote == b'`' || memchr::memchr(b'\n', &bytes[open + 1..close]).is_none()).then_some(close)
}

/// The name before the quote at `open`, and whether an encoder is called with it.
fn before(text: &str, open: usize, least: usize) -> (Option<&str>, bool) {
    let bytes = text.as_bytes();
    let mut at = open;
    while at > least && (bytes[at - 1] == b'\\' || bytes[at - 1].is_ascii_whitespace()) && open - at < 64 {
        at -= 1;
    }
    let head = &bytes[least..at];
    if [b"btoa(".as_slice(), b"Buffer.from(", b"b64encode(b", b"b64encode("].iter().any(|call| head.ends_with(call)) {
        return (None, true);
    }
    let operators: [&[u8]; 11] = [b"===", b"!==", b"==", b"!=", b":=", b"=>", b"||", b"??", b"=", b":", b","];
    if !head.last().is_some_and(|last| b"=>|?:,".contains(last)) {
        return (None, false);
    }
    let Some(operator) = operators.iter().find(|operator| head.ends_with(operator)) else { return (None, false) };
    at -= operator.len();
    let mut quoted = false;
    while at > least && open - at < 128 && (bytes[at - 1].is_ascii_whitespace() || b"\"'`\\])".contains(&bytes[at - 1])) {
        at -= 1;
        quoted |= b"\"'`".contains(&bytes[at]);
    }
    if !quoted && **operator == *b"," {
        return (None, false);
    }
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || quoted && byte == b' ' || byte >= 0x80;
    let length = bytes[least..at].iter().rev().take(64).take_while(|byte| inside(**byte)).count();
    let name = text.get(at - length..at).map(str::trim).filter(|name| !name.is_empty());
    (name, false)
}

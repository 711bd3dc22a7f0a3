//! Texts with placeholders: `{trigger.name}` becomes what the export says, made fit to be printed.

use super::pattern::Attribute;
use super::scope::Scope;
use crate::model::{Element, Value};
use std::borrow::Cow;

/// Longest value that a placeholder prints, in characters.
pub const VALUE_WIDTH: usize = 80;

/// Longest list of values that a placeholder prints, in characters.
pub(super) const LIST_WIDTH: usize = 240;

/// What a placeholder prints where the export does not say it.
pub const NOT_SET: &str = "not set";

/// A text with placeholders.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(String),
    /// Something of the element that was found for a slot.
    Value(usize, Attribute),
}

impl Template {
    /// The text, when it has no placeholders.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with its placeholders as names: `{trigger.name}`.
    pub(super) fn spelled(&self, scope: &Scope) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(slot, attribute) => {
                let kind = scope.slots.get(*slot).map_or("", |slot| slot.kind.name());
                let attribute = match attribute {
                    Attribute::Name => "name",
                    Attribute::Fact(fact) => fact.name(),
                };
                format!("{{{kind}.{attribute}}}")
            }
        };
        self.parts.iter().map(part).collect()
    }

    /// The text for these elements; `mask` hides secrets in a value.
    pub(super) fn render<'m, 'a: 'm>(&self, found: impl Fn(usize) -> Option<&'m Element<'a>>, mask: Mask<'_>) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Value(slot, attribute) => match (found(*slot), attribute) {
                    (None, _) => text.push_str(NOT_SET),
                    (Some(element), Attribute::Name) => text.push_str(&shown(&element.name, mask)),
                    (Some(element), Attribute::Fact(fact)) => match element.fact(*fact) {
                        None => text.push_str(NOT_SET),
                        Some(value @ Value::List(_)) => text.push_str(&cut(&text_of(value), mask, LIST_WIDTH)),
                        Some(value) => text.push_str(&shown(&text_of(value), mask)),
                    },
                },
            }
        }
        text
    }
}

/// Hides the secrets in a text of the export.
pub type Mask<'f> = &'f dyn Fn(&str) -> Cow<'_, str>;

fn text_of<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    value.as_str().map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed)
}

/// A text of the export, fit to be printed in a message: secrets hidden, cut to [`VALUE_WIDTH`], everything that could steer a
/// terminal or turn the text around written as an escape.
pub(super) fn shown(text: &str, mask: Mask<'_>) -> String {
    cut(text, mask, VALUE_WIDTH)
}

fn cut(text: &str, mask: Mask<'_>, width: usize) -> String {
    // The mask comes first: behind a cut, a secret would no longer be known as one.
    let masked = mask(text);
    let mut shown = String::with_capacity(masked.len().min(width) + 4);
    for (nth, c) in masked.chars().enumerate() {
        if nth == width {
            shown.push('…');
            break;
        }
        if is_unprintable(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// Control characters, line separators, and the invisible characters that hide text or change its direction.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A piece of a text as it is written: fixed text, or what stands between braces with its bytes in the text.
pub(super) enum Piece {
    Text(String),
    Name(std::ops::Range<usize>),
    /// A brace without its partner.
    Stray(std::ops::Range<usize>),
}

/// Cuts a text into its pieces; `{{` and `}}` stand for braces.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['{', '}']).map(|offset| at + offset) {
        fixed.push_str(&text[at..found]);
        let brace = &text[found..=found];
        if text[found + 1..].starts_with(brace) {
            fixed.push_str(brace);
            at = found + 2;
            continue;
        }
        let end = if brace == "{" { text[found..].find('}').map(|offset| found + offset) } else { None };
        pieces.push(Piece::Text(std::mem::take(&mut fixed)));
        if let Some(end) = end {
            pieces.push(Piece::Name(found + 1..end));
            at = end + 1;
        } else {
            pieces.push(Piece::Stray(found..found + 1));
            at = found + 1;
        }
    }
    fixed.push_str(&text[at..]);
    pieces.push(Piece::Text(fixed));
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Cow<'_, str> {
        Cow::Borrowed(text)
    }

    #[test]
    fn a_value_is_masked_before_it_is_cut_and_escaped() {
        let secret = "s3cret".repeat(20);
        let text = format!("\x1b[31m{}{secret}", "a".repeat(70));
        assert_eq!(shown(&text, &|text| Cow::Owned(text.replace(&secret, "***"))), format!("\\u{{1b}}[31m{}***", "a".repeat(70)));
        assert_eq!(shown(&"ä".repeat(81), &open), format!("{}…", "ä".repeat(80)));
        assert_eq!(shown("a\nb\u{202e}c\u{200b}", &open), "a\\nb\\u{202e}c\\u{200b}");
    }

    #[test]
    fn doubled_braces_are_braces() {
        let texts: Vec<String> = pieces("a {{ b }} {c.d} {")
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Name(range) => format!("<{}>", &"a {{ b }} {c.d} {"[range]),
                Piece::Stray(_) => "!".into(),
            })
            .collect();
        assert_eq!(texts, ["a { b } ", "<c.d>", " ", "!"]);
    }
}

//! JSON into the arena: RFC 8259, iterative, so that no depth of nesting can exhaust the stack.
//!
//! It accepts and refuses what `serde_json` does, but for the depth ([`MAX_DEPTH`] instead of 128); property tests and a fuzz
//! target hold it there. [`parse_lenient`] also reads comments and trailing commas, and says where they are.

use super::{Builder, IrregularityKind, Key, MAX_DEPTH, MAX_NODES, Syntax, SyntaxError, Tree, ValueKind};
use crate::source::Span;

/// Reads one JSON document.
///
/// # Errors
/// With the place and what is wrong there, when the text is not JSON.
pub fn parse(text: &str) -> Result<Tree<'_>, SyntaxError> {
    Scanner::new(text, false).document().map_err(|error| *error)
}

/// Reads one JSON document that may hold comments and trailing commas; each is noted in [`Tree::irregularities`].
///
/// # Errors
/// With the place and what is wrong there, when the text is not even that.
pub fn parse_lenient(text: &str) -> Result<Tree<'_>, SyntaxError> {
    Scanner::new(text, true).document().map_err(|error| *error)
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// A value or the end of the array that was just opened.
    FirstItem,
    /// A member name or the end of the object that was just opened.
    FirstMember,
    Member,
    /// A comma or the end of the innermost container.
    More,
}

struct Scanner<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    lenient: bool,
    builder: Builder<'s>,
    open: Vec<Open>,
    key: Key,
}

/// A container that is open.
struct Open {
    object: bool,
    /// One bit for each kind of member name that it has: a name of a new kind is no repetition.
    names: u64,
}

/// The bit for names like this one, told by their width and three of their letters.
fn kind_of_name(name: &[u8]) -> u64 {
    let part = |at: usize| name.get(at).copied().map_or(0, u32::from);
    let mark = name.len() as u32 ^ part(0) << 8 ^ part(name.len() / 2) << 16 ^ part(name.len().wrapping_sub(1)) << 24;
    1 << (mark.wrapping_mul(0x9E37_79B1) >> 26)
}

/// What the scanner returns: an error is rare and large, so it is boxed to keep all other ways cheap.
type Scan<T> = Result<T, Box<SyntaxError>>;

#[allow(clippy::unnecessary_box_returns, reason = "see `Scan`")]
impl<'s> Scanner<'s> {
    fn new(text: &'s str, lenient: bool) -> Self {
        // Real exports have a node in 12 to 30 bytes; a quarter more room than needed costs less than growing once.
        let mut builder = Builder::new(text, Syntax::Json, text.len() / 20 + 16);
        builder.tell_repeating();
        Self { text, bytes: text.as_bytes(), at: 0, lenient, builder, open: Vec::new(), key: Key::default() }
    }

    fn document(mut self) -> Scan<Tree<'s>> {
        let mut expect = Expect::Value;
        loop {
            self.space()?;
            expect = match expect {
                Expect::More => match (self.peek(), self.open.last().map(|open| open.object)) {
                    (_, None) => break,
                    (Some(b','), Some(object)) => {
                        let comma = self.at;
                        self.at += 1;
                        self.after_comma(comma, object)?
                    }
                    (Some(b'}'), Some(true)) | (Some(b']'), Some(false)) => self.close(),
                    (_, Some(true)) => return Err(self.unexpected("`,` or `}`")),
                    (_, Some(false)) => return Err(self.unexpected("`,` or `]`")),
                },
                Expect::FirstMember if self.peek() == Some(b'}') => self.close(),
                Expect::FirstItem if self.peek() == Some(b']') => self.close(),
                Expect::FirstMember | Expect::Member => {
                    self.member_name()?;
                    Expect::Value
                }
                Expect::Value | Expect::FirstItem => self.value()?,
            };
        }
        if self.at < self.bytes.len() {
            let mut error = self.unexpected("the end of the file");
            error.message = format!("text after the end of the JSON document, found {}", self.found());
            error.help = Some("remove everything behind the closing bracket; an export is one JSON document".into());
            return Err(error);
        }
        Ok(self.builder.finish())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn after_comma(&mut self, comma: usize, object: bool) -> Scan<Expect> {
        if self.lenient {
            self.space()?;
            if self.peek() == Some(if object { b'}' } else { b']' }) {
                self.builder.irregular(IrregularityKind::TrailingComma, Span::new(comma as u32, comma as u32 + 1));
                return Ok(self.close());
            }
        }
        Ok(if object { Expect::Member } else { Expect::Value })
    }

    fn close(&mut self) -> Expect {
        self.at += 1;
        self.open.pop();
        self.builder.close(self.at as u32);
        Expect::More
    }

    fn open(&mut self, object: bool) -> Scan<Expect> {
        if self.builder.depth() >= MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels"), 1));
        }
        let kind = if object { ValueKind::Object } else { ValueKind::Array };
        let key = std::mem::take(&mut self.key);
        self.builder.open(key, kind, self.at as u32);
        self.open.push(Open { object, names: 0 });
        self.at += 1;
        Ok(if object { Expect::FirstMember } else { Expect::FirstItem })
    }

    fn value(&mut self) -> Scan<Expect> {
        if self.builder.len() >= MAX_NODES {
            return Err(self.error(format!("more than {MAX_NODES} values"), 1));
        }
        match self.peek() {
            Some(b'{') => self.open(true),
            Some(b'[') => self.open(false),
            Some(b'"') => {
                let start = self.at;
                let escaped = self.string()?;
                Ok(self.scalar(ValueKind::String, start, escaped))
            }
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                self.number()?;
                Ok(self.scalar(ValueKind::Number, start, false))
            }
            Some(b't') => self.word("true", |builder, key, span| builder.boolean(key, true, span)),
            Some(b'f') => self.word("false", |builder, key, span| builder.boolean(key, false, span)),
            Some(b'n') => self.word("null", |builder, key, span| builder.scalar(key, ValueKind::Null, span, false)),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn scalar(&mut self, kind: ValueKind, start: usize, escaped: bool) -> Expect {
        let key = std::mem::take(&mut self.key);
        self.builder.scalar(key, kind, Span::new(start as u32, self.at as u32), escaped);
        Expect::More
    }

    fn word(&mut self, word: &str, add: fn(&mut Builder<'s>, Key, Span) -> u32) -> Scan<Expect> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        let key = std::mem::take(&mut self.key);
        add(&mut self.builder, key, Span::new(self.at as u32, (self.at + word.len()) as u32));
        self.at += word.len();
        Ok(Expect::More)
    }

    fn member_name(&mut self) -> Scan<()> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a member name in double quotes"));
        }
        let start = self.at;
        let escaped = self.string()?;
        self.key = Key { span: Span::new(start as u32 + 1, self.at as u32 - 1), present: true, escaped, attribute: false };
        let kind = kind_of_name(&self.bytes[self.key.span.range()]);
        if let Some(open) = self.open.last_mut() {
            if escaped || open.names & kind != 0 {
                self.builder.may_repeat();
            }
            open.names |= kind;
        }
        if self.peek() != Some(b':') {
            self.space()?;
        }
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// Skips white space, and comments where they are allowed.
    #[inline]
    fn space(&mut self) -> Scan<()> {
        // Most tokens follow the last one at once or behind one blank.
        let blank = usize::from(self.peek() == Some(b' '));
        if self.bytes.get(self.at + blank).is_some_and(|byte| *byte > b' ' && *byte != b'/') {
            self.at += blank;
            return Ok(());
        }
        self.long_space()
    }

    #[inline(never)]
    fn long_space(&mut self) -> Scan<()> {
        loop {
            self.at += space_run(&self.bytes[self.at..]);
            if !self.lenient || self.peek() != Some(b'/') {
                return Ok(());
            }
            let start = self.at;
            let rest = &self.bytes[start..];
            self.at = if rest.starts_with(b"//") {
                memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |end| start + end)
            } else if rest.starts_with(b"/*") {
                let end = memchr::memmem::find(&rest[2..], b"*/").ok_or_else(|| self.error("a comment that never ends".into(), 2))?;
                start + end + 4
            } else {
                return Ok(());
            };
            self.builder.irregular(IrregularityKind::Comment, Span::new(start as u32, self.at as u32));
        }
    }

    /// Skips a string, from quote to quote; says whether it has escapes.
    #[inline]
    fn string(&mut self) -> Scan<bool> {
        let open = self.at;
        self.at += 1;
        self.at += plain_run(&self.bytes[self.at..]);
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(false);
        }
        self.rest_of_string(open)
    }

    #[inline(never)]
    fn rest_of_string(&mut self, open: usize) -> Scan<bool> {
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                    self.at += plain_run(&self.bytes[self.at..]);
                }
                Some(_) => {
                    let mut error = self.error("a control character inside a string".into(), 1);
                    error.help = Some("write a line break inside a string as `\\n`".into());
                    return Err(error);
                }
                None => {
                    self.at = open;
                    let mut error = self.error("a string that never ends".into(), 1);
                    error.help = Some("the file is cut off or a quote is missing: export it again".into());
                    return Err(error);
                }
            }
        }
    }

    fn escape(&mut self) -> Scan<()> {
        let start = self.at;
        match self.bytes.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = |at: usize| {
                    let digits = self.bytes.get(at + 2..at + 6)?;
                    let hex = digits.iter().all(u8::is_ascii_hexdigit) && self.bytes[at..].starts_with(b"\\u");
                    hex.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()).flatten()
                };
                let first = unit(start).ok_or_else(|| self.error("`\\u` needs four hexadecimal digits".into(), 2))?;
                self.at = match first {
                    0xD800..=0xDBFF if matches!(unit(start + 6), Some(0xDC00..=0xDFFF)) => start + 12,
                    0xD800..=0xDFFF => return Err(self.error("half of a surrogate pair".into(), 6)),
                    _ => start + 6,
                };
            }
            Some(_) => {
                let width = 1 + self.text[start + 1..].chars().next().map_or(1, char::len_utf8);
                let mut error = self.error(format!("`{}` is no escape of JSON", &self.text[start..start + width].escape_debug()), width);
                error.help =
                    Some("double the backslash; files that a chat assistant wrote often have this: export again from the platform".into());
                return Err(error);
            }
            None => return Err(self.error("a string that never ends".into(), 1)),
        }
        Ok(())
    }

    fn number(&mut self) -> Scan<()> {
        let start = self.at;
        let digits = |scanner: &mut Self| {
            let from = scanner.at;
            while matches!(scanner.peek(), Some(b'0'..=b'9')) {
                scanner.at += 1;
            }
            scanner.at - from
        };
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let whole = digits(self);
        if whole == 0 {
            return Err(self.unexpected("a digit"));
        }
        if leading_zero && whole > 1 {
            self.at = start;
            return Err(self.error("a number with a leading zero".into(), whole));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if digits(self) == 0 {
                return Err(self.unexpected("a digit"));
            }
        }
        let mut exponent = false;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            exponent = true;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if digits(self) == 0 {
                return Err(self.unexpected("a digit"));
            }
        }
        // Only an exponent or hundreds of digits can leave the range of a double.
        if (exponent || self.at - start > 300) && number(&self.text[start..self.at]).is_none() {
            let width = self.at - start;
            self.at = start;
            return Err(self.error("a number that is out of range".into(), width));
        }
        Ok(())
    }

    fn found(&self) -> String {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => "the end of the file".into(),
            Some(c @ ('"' | '\'' | '\\')) => format!("`{c}`"),
            Some(c) => format!("`{}`", c.escape_debug()),
        }
    }

    fn unexpected(&self, wanted: &str) -> Box<SyntaxError> {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let mut error = self.error(format!("expected {wanted}, found {}", self.found()), width);
        error.help = self.cure();
        error
    }

    /// What most probably happened to a file that breaks at this place.
    fn cure(&self) -> Option<String> {
        let start = self.text.trim_start();
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        if self.bytes.is_empty() || start.is_empty() {
            Some("the file is empty: export it again".into())
        } else if start.starts_with("```") {
            Some("remove the code fence (```) around the JSON; better, export the file from the platform".into())
        } else if start.starts_with("<<<<<<<")
            || rest.starts_with(b"<<<<<<<")
            || rest.starts_with(b"=======")
            || rest.starts_with(b">>>>>>>")
        {
            Some("resolve the merge conflict".into())
        } else if rest.is_empty() {
            Some("the file is cut off: export it again".into())
        } else if start.starts_with('<') {
            Some("this is XML or HTML, not JSON: a failed download looks like this".into())
        } else if rest.starts_with(b"//") || rest.starts_with(b"/*") {
            Some("remove the comment: JSON has none".into())
        } else if matches!(rest[0], b'}' | b']') && self.bytes[..self.at].trim_ascii_end().ends_with(b",") {
            Some("remove the comma before the bracket".into())
        } else if matches!(rest[0], b'"' | b'{' | b'[') && !self.bytes[..self.at].trim_ascii_end().ends_with(b",") {
            Some("a comma or a colon is missing before this".into())
        } else {
            None
        }
    }

    fn error(&self, message: String, width: usize) -> Box<SyntaxError> {
        let end = (self.at + width).min(self.bytes.len());
        Box::new(SyntaxError { message, help: None, span: Span::new(self.at as u32, end as u32) })
    }
}

/// Length of the run of white space. Half of a pretty-printed file is indentation, so runs of spaces go eight at a time.
#[inline]
fn space_run(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        // Nearly all white space is the end of a line and its indentation, or comes one by one.
        while let [b'\n' | b'\r' | b'\t', behind @ ..] = rest {
            rest = behind;
        }
        // Sixteen bytes at once: how many of them are blanks, from the first on.
        while let Some((chunk, behind)) = rest.split_first_chunk::<16>() {
            let others = u128::from_le_bytes(*chunk) ^ u128::from_le_bytes([b' '; 16]);
            if others != 0 {
                rest = &rest[others.trailing_zeros() as usize / 8..];
                break;
            }
            rest = behind;
        }
        match rest {
            [b' ' | b'\n' | b'\r' | b'\t', behind @ ..] => rest = behind,
            _ => return bytes.len() - rest.len(),
        }
    }
}

/// Length of the run of bytes that mean themselves inside a string: no quote, no backslash, no control character.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let (chunks, _) = bytes.as_chunks::<8>();
    let mut at = 0;
    for chunk in chunks {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * u64::from(b'"'));
        let slash = word ^ (ONES * u64::from(b'\\'));
        // The usual "has a zero byte" and "has a byte below 32" tricks; a borrow can only mark bytes above the first hit.
        let hit = (quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash | word.wrapping_sub(ONES * 0x20) & !word) & HIGHS;
        if hit != 0 {
            return at + hit.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(bytes.len() - at)
}

/// The text that the content of a string (without quotes) means. Escapes that the scanner would refuse stay as they are.
#[must_use]
pub fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let (c, width) = escape_at(&rest[at..]);
        match c {
            Some(c) => text.push(c),
            None => text.push_str(&rest[at..at + width]),
        }
        rest = &rest[at + width..];
    }
    text.push_str(rest);
    text
}

/// The character that an escape at the start of `raw` means, and how many bytes it takes.
fn escape_at(raw: &str) -> (Option<char>, usize) {
    let unit =
        |at: usize| raw.get(at + 2..at + 6).filter(|_| raw[at..].starts_with("\\u")).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let simple = match raw.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(c @ (b'"' | b'\\' | b'/')) => *c as char,
        Some(b'u') => {
            return match (unit(0), raw.get(6..).and_then(|_| unit(6))) {
                (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                    (char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 12)
                }
                (Some(unit), _) => (char::from_u32(unit), 6),
                (None, _) => (None, 1),
            };
        }
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

/// A place in a text, and in the source of it with escapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) text: usize,
    pub(super) raw: usize,
}

/// The byte range of `raw` (with escapes) that means the bytes `start..end` of its text: its start, with the place in the text that it
/// stands for, and its end. Counting begins `from` where that is no further than `start`, else at the beginning.
pub(super) fn raw_offsets(raw: &str, start: usize, end: usize, from: Offset) -> (Offset, usize) {
    let mut at = if from.text <= start { from } else { Offset::default() };
    let mut first = None;
    while at.raw < raw.len() && at.text < end {
        // All that stands as it is, up to the next escape or the place that is looked for.
        let wanted = if first.is_some() || at.text >= start { end } else { start };
        let rest = &raw.as_bytes()[at.raw..];
        let plain = &rest[..rest.len().min(wanted - at.text)];
        if first.is_none() && at.text >= start {
            first = Some(at);
        }
        let plain = memchr::memchr(b'\\', plain).unwrap_or(plain.len());
        at = Offset { text: at.text + plain, raw: at.raw + plain };
        if plain == 0 {
            let (c, width) = escape_at(&raw[at.raw..]);
            at = Offset { text: at.text + c.map_or(width, char::len_utf8), raw: at.raw + width };
        }
    }
    (first.unwrap_or(at), at.raw)
}

/// The value of a JSON number as floating point; `None` when it leaves the range of a double.
pub(super) fn number(raw: &str) -> Option<f64> {
    raw.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The value of a number that is written without point and exponent.
pub(super) fn integer(raw: &str) -> Option<i128> {
    raw.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_is_said_with_place_and_cure() {
        let cases = [
            ("", "expected a value, found the end of the file", "0..0", "empty"),
            ("```json\n{}\n```", "expected a value, found ``", "0..1", "code fence"),
            ("{} trailing", "text after the end of the JSON document, found `t`", "3..4", "one JSON document"),
            (r#"{"a": "\d"}"#, r"`\\d` is no escape of JSON", "7..9", "double the backslash"),
            (r#"{"a": [1, 2"#, "expected `,` or `]`, found the end of the file", "11..11", "cut off"),
            (r#"{"a": "x"#, "a string that never ends", "6..7", "cut off"),
            (r#"{"a": 1,}"#, "expected a member name in double quotes, found `}`", "8..9", "comma"),
            ("<html>", "expected a value, found `<`", "0..1", "XML or HTML"),
            ("{\n<<<<<<< HEAD\n", "expected a member name in double quotes, found `<`", "2..3", "merge conflict"),
        ];
        for (text, message, span, help) in cases {
            let error = parse(text).expect_err(text);
            assert_eq!(error.message.split(" ``").next(), message.split(" ``").next(), "{text}");
            assert_eq!(error.span.to_string(), span, "{text}");
            assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text}: {:?}", error.help);
        }
    }

    #[test]
    fn nesting_is_bounded_and_never_recursive() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&deep(MAX_DEPTH)).is_ok());
        let error = parse(&deep(200_000)).expect_err("too deep");
        assert_eq!(error.span, Span::new(512, 513));
    }

    #[test]
    fn comments_and_trailing_commas_are_read_when_asked_and_noted() {
        use IrregularityKind::{Comment, TrailingComma};
        let text = "{ // why\n \"a\": [1, 2,], /* x */ }";
        assert!(parse(text).is_err());
        let tree = parse_lenient(text).expect("lenient");
        let kinds: Vec<_> = tree.irregularities().iter().map(|found| found.kind).collect();
        assert_eq!(kinds, [Comment, TrailingComma, TrailingComma, Comment]);
    }

    #[test]
    fn the_last_of_repeated_members_counts_and_the_repetition_is_found() {
        let tree = parse(r#"{"a": 1, "\u0061": 2}"#).expect("valid");
        assert_eq!(tree.root().get("a").and_then(super::super::Node::as_i64), Some(2));
        assert_eq!(tree.duplicate_keys().len(), 1);
    }
}

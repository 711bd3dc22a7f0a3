//! YAML 1.2 into the arena: core schema, several documents, aliases written out.
//!
//! - Plain scalars mean what the core schema says: `no`, `on` and `yes` are strings, `0x1F` and `0o17` are numbers, and so are
//!   `.inf` and `.nan`. The tags of the core schema decide where they stand; all other tags are ignored.
//! - The key of a member is its text: `1:` and `"1":` are both `1`. A list or a mapping as key is refused, because every such file
//!   that was seen had forgotten the quotes around a `{{ template }}`.
//! - `<<` is an ordinary key: merging is not part of YAML 1.2.
//! - An alias becomes a copy of the anchored value that keeps the places of the original: what is wrong with it is wrong there. As
//!   member name it stands where the alias stands.

use super::{Builder, Key, MAX_DEPTH, MAX_NODES, Syntax, SyntaxError, Tree, ValueKind};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Most nodes that the aliases of one file may add. Real files stay below a hundred; a file that multiplies by aliases of aliases
/// is an attack.
pub const MAX_ALIAS_NODES: usize = 100_000;

/// Most bytes of scalars that the aliases of one file may repeat: whoever searches all texts of a tree pays for each copy.
pub const MAX_ALIAS_BYTES: usize = 16 * 1024 * 1024;

/// Reads a YAML stream; one without a document is one null.
///
/// # Errors
/// With the place and what is wrong there, when the text is not YAML or multiplies by aliases.
pub fn parse(text: &str) -> Result<Tree<'_>, SyntaxError> {
    read(text, text, &[])
}

/// Reads a YAML stream in which plain text may begin with `@`, `*` or a backtick, as some programs write it; an alias is only what has an
/// anchor.
///
/// # Errors
/// With the place and what is wrong there, when the text is not YAML even so.
pub fn parse_lenient(text: &str) -> Result<Tree<'_>, SyntaxError> {
    let Some((parsed, stand_ins)) = stand_in(text) else { return parse(text) };
    read(text, &parsed, &stand_ins)
}

/// Reads `parsed`, of which each byte stands for that of `text` at the same place; `stand_ins` are the bytes that stand for others.
fn read<'s>(text: &'s str, parsed: &str, stand_ins: &[(char, char)]) -> Result<Tree<'s>, SyntaxError> {
    let mut reader = Reader {
        text,
        builder: Builder::new(text, Syntax::Yaml, text.len() / 16 + 16),
        open: Vec::new(),
        end: 0,
        anchors: HashMap::new(),
        added_nodes: 0,
        added_bytes: 0,
    };
    for happening in events::Events::new(parsed) {
        let (happening, span) = happening?;
        reader.take(happening.restored(stand_ins), span)?;
    }
    if reader.builder.len() == 0 {
        reader.builder.scalar(Key::default(), ValueKind::Null, Span::default(), false);
    }
    Ok(reader.builder.finish())
}

/// The text with characters that mean nothing to YAML, and that it does not have, in place of those that may not begin plain text; and
/// which stands for which. None where there are none, or no characters are left to stand for them.
fn stand_in(text: &str) -> Option<(String, Vec<(char, char)>)> {
    let mut free = ['^', '$', ';', '(', ')', '<', '/', '\\'].into_iter().filter(|c| !text.contains(*c));
    let wanted = ['@', '*', '`'].into_iter().filter(|c| text.contains(*c));
    let mut stand_ins = Vec::new();
    for c in wanted {
        stand_ins.push((free.next()?, c));
    }
    let name = |rest: &str| rest.split([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']).next().unwrap_or_default().to_owned();
    let anchors: HashSet<String> = text.match_indices('&').map(|(at, _)| name(&text[at + 1..])).collect();
    let replaced = |(at, c): (usize, char)| {
        let is_alias = c == '*' && anchors.contains(&name(&text[at + 1..]));
        stand_ins.iter().find(|(_, meant)| *meant == c && !is_alias).map_or(c, |(stand_in, _)| *stand_in)
    };
    let parsed = text.char_indices().map(replaced).collect();
    (!stand_ins.is_empty()).then_some((parsed, stand_ins))
}

/// The value of a YAML number as floating point; `None` when it leaves the range of a double.
pub(super) fn float(raw: &str) -> Option<f64> {
    if let Some(value) = integer(raw) {
        #[expect(clippy::cast_precision_loss, reason = "the nearest double is what a number means here")]
        return Some(value as f64);
    }
    match raw.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" => Some(if raw.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => raw.parse().ok().filter(|value: &f64| value.is_finite()),
    }
}

/// The value of a YAML number that is written as an integer and is not beyond all bounds.
pub(super) fn integer(raw: &str) -> Option<i128> {
    match raw.get(..2) {
        Some("0x") => i128::from_str_radix(&raw[2..], 16).ok(),
        Some("0o") => i128::from_str_radix(&raw[2..], 8).ok(),
        _ => raw.parse().ok(),
    }
}

/// What a plain scalar means in the core schema.
fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "true" | "True" | "TRUE" => Meaning::Bool(true),
        "false" | "False" | "FALSE" => Meaning::Bool(false),
        _ if is_integer(text) || is_float(text) => Meaning::Number,
        _ => Meaning::String,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    Null,
    Bool(bool),
    Number,
    String,
}

impl Meaning {
    const fn kind(self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Bool(_) => ValueKind::Bool,
            Self::Number => ValueKind::Number,
            Self::String => ValueKind::String,
        }
    }
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, digit: fn(&u8) -> bool| !digits.is_empty() && digits.as_bytes().iter().all(digit);
    match text.get(..2) {
        Some("0x") => all(&text[2..], u8::is_ascii_hexdigit),
        Some("0o") => all(&text[2..], |byte| matches!(byte, b'0'..=b'7')),
        _ => all(text.strip_prefix(['+', '-']).unwrap_or(text), u8::is_ascii_digit),
    }
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(text, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(part)
        && whole.len() + part.len() > 0
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// One scalar as it is put into the tree, or repeated by an alias.
#[derive(Clone, Copy)]
struct Scalar {
    meaning: Meaning,
    span: Span,
    quoted: bool,
    /// The kept text, where it does not stand in the source as it is.
    kept: Option<Span>,
}

impl Scalar {
    fn content(self) -> Span {
        if self.quoted { Span::new(self.span.start + 1, self.span.end - 1) } else { self.span }
    }
}

/// What an alias stands for.
#[derive(Clone, Copy)]
enum Anchored {
    Scalar(Scalar),
    /// A list or mapping: the number of its node.
    Container(u32),
}

/// A list or mapping that is not closed yet.
struct Open {
    id: u32,
    object: bool,
    /// The key of the member whose value comes next.
    key: Option<(Key, Option<Span>)>,
}

struct Reader<'s> {
    text: &'s str,
    builder: Builder<'s>,
    open: Vec<Open>,
    /// Behind the last thing that was read, to end block lists and mappings there.
    end: u32,
    anchors: HashMap<usize, Anchored>,
    added_nodes: usize,
    added_bytes: usize,
}

impl Reader<'_> {
    fn take(&mut self, happening: events::Happening<'_>, span: Span) -> Result<(), SyntaxError> {
        use events::Happening::{Alias, Close, Open, Scalar};
        match happening {
            Scalar { text, style, tag, anchor } => {
                let scalar = self.read(&text, style, tag, span)?;
                if anchor != 0 {
                    self.anchors.insert(anchor, Anchored::Scalar(scalar));
                }
                self.end = scalar.span.end;
                self.scalar(scalar)
            }
            Open { object, anchor } => self.container(object, anchor, span),
            Close => {
                let end = if span.is_empty() { self.end } else { span.end };
                self.end = end;
                self.open.pop();
                self.builder.close(end);
                Ok(())
            }
            Alias(anchor) => match self.anchors.get(&anchor).copied() {
                Some(Anchored::Scalar(scalar)) => self.repeat_scalar(scalar, span),
                Some(Anchored::Container(id)) => self.repeat(id, span),
                None => Err(error("an alias without an anchor".into(), span)),
            },
        }
    }

    /// What a scalar means and where its text is.
    fn read(&mut self, text: &str, style: events::Style, tag: events::Tag, span: Span) -> Result<Scalar, SyntaxError> {
        use events::{Style, Tag};
        let quoted = style == Style::Quoted;
        let span = match style {
            Style::Block => self.block(span),
            Style::Plain if span.is_empty() => self.behind_colon(span),
            _ => span,
        };
        // The parser gives `~` for a value that is not there.
        let text = if style == Style::Plain && span.is_empty() { "" } else { text };
        let plain = meaning(text);
        let says = match tag {
            Tag::None if style == Style::Plain => Some(plain),
            Tag::None | Tag::Str => Some(Meaning::String),
            Tag::Null => Some(plain).filter(|plain| *plain == Meaning::Null),
            Tag::Bool => Some(plain).filter(|plain| matches!(plain, Meaning::Bool(_))),
            Tag::Int => is_integer(text).then_some(Meaning::Number),
            Tag::Float => (is_integer(text) || is_float(text)).then_some(Meaning::Number),
            Tag::Collection => None,
        };
        let mut scalar = Scalar { meaning: Meaning::String, span, quoted, kept: None };
        let content = self.text.get(scalar.content().range()).unwrap_or_default();
        let Some(meaning) = says.filter(|meaning| *meaning != Meaning::Number || content == text) else {
            let mut error = error("the tag does not fit the value".into(), span);
            error.help = Some("remove the tag (`!!...`) or correct the value".into());
            return Err(error);
        };
        scalar.meaning = meaning;
        if meaning == Meaning::String && content != text {
            scalar.kept = Some(self.builder.keep(text));
        }
        Ok(scalar)
    }

    /// A block scalar from its `|` or `>` to its last visible character: the parser gives the content, line breaks included.
    fn block(&self, span: Span) -> Span {
        let bytes = self.text.as_bytes();
        let visible =
            |end: usize| bytes[..end].iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).map_or(0, |at| at + 1);
        let mut start = span.start as usize;
        if !matches!(bytes.get(start), Some(b'|' | b'>')) || !is_block_header(&self.text[start..line_end(bytes, start)]) {
            let header_end = visible(start);
            let line = memchr::memrchr2(b'\n', b'\r', &bytes[..header_end]).map_or(0, |at| at + 1);
            let begins = |at: &usize| {
                matches!(bytes[*at], b'|' | b'>')
                    && (*at == line || matches!(bytes[at - 1], b' ' | b'\t'))
                    && is_block_header(&self.text[*at..header_end])
            };
            start = (line.max(self.end as usize)..header_end).find(begins).unwrap_or(start);
        }
        Span::new(start as u32, visible(span.end as usize).max(start) as u32)
    }

    /// The place of a value that is not there: behind the colon of its key, not before.
    fn behind_colon(&self, span: Span) -> Span {
        if self.open.last().is_none_or(|open| open.key.is_none()) {
            return span;
        }
        let rest = &self.text.as_bytes()[span.range().start..];
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let at = if rest.get(blank) == Some(&b':') { span.start + blank as u32 + 1 } else { span.start };
        Span::new(at, at)
    }

    /// Where a block list begins: the parser gives the first item when the list is not indented deeper than the key it belongs to.
    fn first_dash(&self, start: u32) -> u32 {
        if self.open.last().is_none_or(|open| open.key.is_none()) {
            return start;
        }
        let bytes = &self.text.as_bytes()[..start as usize];
        let mut at = self.end as usize;
        while let Some(byte) = bytes.get(at) {
            at = match byte {
                b'-' => return at as u32,
                b'#' => line_end(bytes, at),
                b'&' | b'!' => bytes[at..].iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |width| at + width),
                _ => at + 1,
            };
        }
        start
    }

    fn awaits_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.object && open.key.is_none())
    }

    fn room(&self, span: Span) -> Result<(), SyntaxError> {
        if self.builder.len() >= MAX_NODES { Err(error(format!("more than {MAX_NODES} values"), span)) } else { Ok(()) }
    }

    /// The key for the next node, and the text of that key where it is kept.
    fn key(&mut self) -> (Key, Option<Span>) {
        self.open.last_mut().and_then(|open| open.key.take()).unwrap_or_default()
    }

    /// Takes a scalar as member name or as value.
    fn scalar(&mut self, scalar: Scalar) -> Result<(), SyntaxError> {
        if self.awaits_key() {
            let key = Key { span: scalar.content(), present: true, ..Key::default() };
            self.set_key(key, scalar.kept);
            return Ok(());
        }
        self.room(scalar.span)?;
        let (key, kept_key) = self.key();
        let id = match scalar.meaning {
            Meaning::Bool(value) => self.builder.boolean(key, value, scalar.span),
            meaning => self.builder.scalar(key, meaning.kind(), scalar.span, false),
        };
        if scalar.quoted {
            self.builder.quoted(id);
        }
        if let Some(text) = scalar.kept {
            self.builder.own(id, false, text);
        }
        if let Some(text) = kept_key {
            self.builder.own(id, true, text);
        }
        Ok(())
    }

    fn set_key(&mut self, key: Key, kept: Option<Span>) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some((key, kept));
        }
    }

    fn container(&mut self, object: bool, anchor: usize, span: Span) -> Result<(), SyntaxError> {
        if self.awaits_key() {
            return Err(complex_key(span));
        }
        if self.builder.depth() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.room(span)?;
        let start = if span.is_empty() && !object { self.first_dash(span.start) } else { span.start };
        let (key, kept_key) = self.key();
        let id = self.builder.open(key, if object { ValueKind::Object } else { ValueKind::Array }, start);
        if let Some(text) = kept_key {
            self.builder.own(id, true, text);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored::Container(id));
        }
        self.end = span.end;
        self.open.push(Open { id, object, key: None });
        Ok(())
    }

    fn pay(&mut self, nodes: usize, bytes: usize, span: Span) -> Result<(), SyntaxError> {
        self.added_nodes += nodes;
        self.added_bytes += bytes;
        if self.added_nodes <= MAX_ALIAS_NODES && self.added_bytes <= MAX_ALIAS_BYTES {
            return Ok(());
        }
        let mut error = error("the aliases of this file repeat too much".into(), span);
        error.help =
            Some(format!("aliases may add up to {MAX_ALIAS_NODES} values and {MAX_ALIAS_BYTES} bytes: write out what they stand for"));
        Err(error)
    }

    fn repeat_scalar(&mut self, scalar: Scalar, span: Span) -> Result<(), SyntaxError> {
        self.pay(1, scalar.span.len(), span)?;
        self.end = span.end;
        if !self.awaits_key() {
            self.builder.unordered();
            return self.scalar(scalar);
        }
        let kept = scalar.kept.unwrap_or_else(|| self.builder.keep(&self.text[scalar.content().range()]));
        self.set_key(Key { span, present: true, ..Key::default() }, Some(kept));
        Ok(())
    }

    fn repeat(&mut self, id: u32, span: Span) -> Result<(), SyntaxError> {
        if self.open.iter().any(|open| open.id == id) {
            return Err(error("an alias of a value that it is itself a part of".into(), span));
        }
        if self.awaits_key() {
            return Err(complex_key(span));
        }
        let (nodes, height, bytes) = self.builder.extent(id);
        self.pay(nodes, bytes, span)?;
        if self.builder.depth() + height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        if self.builder.len() + nodes > MAX_NODES {
            return Err(error(format!("more than {MAX_NODES} values"), span));
        }
        let (key, kept_key) = self.key();
        let copy = self.builder.repeat(key, id);
        if let Some(text) = kept_key {
            self.builder.own(copy, true, text);
        }
        self.end = span.end;
        Ok(())
    }
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |at| start + at)
}

/// Whether `text` is the first line of a block scalar: its sign, its indentation and chomping, and perhaps a comment.
fn is_block_header(text: &str) -> bool {
    let rest = text[1..].trim_start_matches(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let comment = rest.trim_start_matches([' ', '\t']);
    comment.is_empty() || comment.len() < rest.len() && comment.starts_with('#')
}

fn error(message: String, span: Span) -> SyntaxError {
    SyntaxError { message, help: None, span }
}

fn too_deep(span: Span) -> SyntaxError {
    error(format!("nested deeper than {MAX_DEPTH} levels"), span)
}

fn complex_key(span: Span) -> SyntaxError {
    let mut error = error("a list or mapping as member name".into(), span);
    error.help = Some("put the value in quotes if it starts with `{`, `[` or a `{{ template }}`".into());
    error
}

/// The only place that knows the YAML parser: whatever replaces it has to give these events.
mod events {
    use crate::source::Span;
    use crate::tree::{MAX_DEPTH, SyntaxError};
    use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, StrInput};
    use std::borrow::Cow;

    /// A step through the nodes of a stream, with its place: quotes included, properties (anchor, tag) excluded.
    pub(super) enum Happening<'s> {
        Scalar {
            text: Cow<'s, str>,
            style: Style,
            tag: Tag,
            /// Number of the anchor on it, 0 for none; so below.
            anchor: usize,
        },
        Open {
            object: bool,
            anchor: usize,
        },
        /// The end of the innermost container; its place is empty for those in block style.
        Close,
        Alias(usize),
    }

    impl Happening<'_> {
        /// With the characters in the text that others stood in for.
        pub(super) fn restored(self, stand_ins: &[(char, char)]) -> Self {
            match self {
                Self::Scalar { text, style, tag, anchor } if text.contains(|c| stand_ins.iter().any(|(stand_in, _)| *stand_in == c)) => {
                    let meant = |c: char| stand_ins.iter().find(|(stand_in, _)| *stand_in == c).map_or(c, |(_, meant)| *meant);
                    Self::Scalar { text: Cow::Owned(text.chars().map(meant).collect()), style, tag, anchor }
                }
                other => other,
            }
        }
    }

    #[derive(Clone, Copy, PartialEq)]
    pub(super) enum Style {
        Plain,
        Quoted,
        Block,
    }

    /// The tags that decide what a scalar means.
    #[derive(Clone, Copy, PartialEq)]
    pub(super) enum Tag {
        None,
        Str,
        Int,
        Float,
        Bool,
        Null,
        Collection,
    }

    pub(super) struct Events<'s> {
        text: &'s str,
        parser: Parser<'s, StrInput<'s>>,
    }

    impl<'s> Events<'s> {
        pub(super) fn new(text: &'s str) -> Self {
            let mut options = Options::default();
            options.flow_nesting_limit = MAX_DEPTH;
            options.block_nesting_limit = MAX_DEPTH;
            options.set_emit_comments(false);
            Self { text, parser: Parser::new_from_str_with_options(text, options) }
        }

        fn place(&self, span: granit_parser::Span) -> Span {
            let range = span.byte_range().unwrap_or_default();
            let end = range.end.min(self.text.len());
            Span::new(range.start.min(end) as u32, end as u32)
        }

        fn error(&self, error: &ScanError) -> SyntaxError {
            let mut start = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
            // The parser notices a tab when it is behind it.
            if is_about_tabs(error.kind()) && self.text.as_bytes()[..start].ends_with(b"\t") {
                start -= 1;
            }
            let rest = self.text.get(start..).unwrap_or_default();
            let width = match error.kind() {
                ErrorKind::UnknownAnchor => rest.find([' ', '\t', '\r', '\n', ',', ']', '}']).unwrap_or(rest.len()),
                _ => rest.chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8),
            };
            let (message, help) = words(error.kind(), &rest[..width]);
            let help = if self.text.contains("<<<<<<< ") { Some("resolve the merge conflict") } else { help };
            SyntaxError { message, help: help.map(str::to_owned), span: Span::new(start as u32, (start + width) as u32) }
        }
    }

    impl<'s> Iterator for Events<'s> {
        type Item = Result<(Happening<'s>, Span), SyntaxError>;

        fn next(&mut self) -> Option<Self::Item> {
            loop {
                let (event, span) = match self.parser.next()? {
                    Ok(event) => event,
                    Err(error) => return Some(Err(self.error(&error))),
                };
                let happening = match event {
                    Event::Scalar(text, style, anchor, tag) => {
                        let style = match style {
                            ScalarStyle::Plain => Style::Plain,
                            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                        };
                        Happening::Scalar { text, style, tag: tag_of(tag.as_deref()), anchor }
                    }
                    Event::SequenceStart(_, anchor, _) => Happening::Open { object: false, anchor },
                    Event::MappingStart(_, anchor, _) => Happening::Open { object: true, anchor },
                    Event::SequenceEnd | Event::MappingEnd => Happening::Close,
                    Event::Alias(anchor) => Happening::Alias(anchor),
                    _ => continue,
                };
                return Some(Ok((happening, self.place(span))));
            }
        }
    }

    fn tag_of(tag: Option<&granit_parser::Tag>) -> Tag {
        let Some(tag) = tag else { return Tag::None };
        match tag.core_suffix() {
            Some("str") => Tag::Str,
            Some("int") => Tag::Int,
            Some("float") => Tag::Float,
            Some("bool") => Tag::Bool,
            Some("null") => Tag::Null,
            Some("map" | "seq") => Tag::Collection,
            // `! 12` says: not what the schema would make of it.
            _ if tag.handle().is_empty() && tag.suffix() == "!" => Tag::Str,
            _ => Tag::None,
        }
    }

    fn is_about_tabs(kind: &ErrorKind) -> bool {
        use ErrorKind::{TabAtBlockScalarStart, TabInBlockIndentation, TabInIndentation, TabInPlainScalar, TabNotAllowed};
        matches!(kind, TabNotAllowed | TabInBlockIndentation | TabInIndentation | TabAtBlockScalarStart | TabInPlainScalar)
    }

    fn words(kind: &ErrorKind, found: &str) -> (String, Option<&'static str>) {
        match kind {
            ErrorKind::UnknownAnchor => {
                (format!("`{found}` is an alias without an anchor before it"), Some("put text that starts with `*` in quotes"))
            }
            kind if is_about_tabs(kind) => ("a tab where YAML wants spaces".into(), Some("indent with spaces")),
            ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
                ("a `:` where no member can begin".into(), Some("put a value that holds `: ` in quotes; check the indentation of the line"))
            }
            ErrorKind::UnclosedQuotedScalar => ("a quoted text that never ends".into(), Some("close the quote")),
            ErrorKind::UnclosedFlowCollection { open } => (format!("a `{open}` that is never closed"), None),
            ErrorKind::RecursionLimitExceeded => (format!("nested deeper than {MAX_DEPTH} levels"), None),
            ErrorKind::InvalidIndentation => ("an indentation that fits no line above".into(), Some("align the line with its siblings")),
            ErrorKind::UnknownQuotedScalarEscape => {
                ("an escape that YAML does not have".into(), Some("double the backslash, or use single quotes"))
            }
            other => (other.to_string(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_may_begin_with_signs_that_have_no_meaning_there() {
        let text =
            "schema:\n  @odata.type: String\naccept: */*\nnames: [@a, \"b @c\"]\nnote: |\n  @all *of* it\nanchored: &one 1\nalias: *one\n";
        assert!(parse(text).is_err());
        let tree = parse_lenient(text).expect("is read");
        let at = |pointer: &str| tree.root().resolve(pointer).expect("is there");
        let read = |pointer: &str| at(pointer).as_text().expect("a scalar").into_owned();
        assert_eq!(read("/schema/@odata.type"), "String");
        assert_eq!((read("/accept"), read("/names/0"), read("/names/1")), ("*/*".into(), "@a".into(), "b @c".into()));
        assert_eq!((read("/note"), read("/alias")), ("@all *of* it\n".into(), "1".into()));
        assert_eq!(&text[at("/accept").span().range()], "*/*");
        assert_eq!(&text[at("/schema/@odata.type").key_span().expect("a member").range()], "@odata.type");
    }

    #[test]
    fn what_is_wrong_otherwise_stays_wrong() {
        assert!(parse_lenient("a: @b\n c: [").is_err());
        assert!(parse_lenient("a: '@ ^$;()</\\").is_err(), "no sign is left");
    }
}

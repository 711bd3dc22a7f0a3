//! XML into the arena: well-formed documents without document type declaration, in the shapes that [`super`] tells.
//!
//! - The root is an object with one member, the root element. Names are local names; what prefix an element has does not matter,
//!   its namespace is on [`super::Node::namespace`]. Declarations of namespaces, comments and processing instructions are left out.
//! - Text loses the white space around it: files are indented, and no platform means it. An element without attributes, elements and
//!   text is an empty string, and its place is the whole element.
//! - Attribute values are what XML makes of them (line breaks become spaces) and keep the space around them.

use super::{Builder, Key, MAX_DEPTH, MAX_NODES, Syntax, SyntaxError, Tree, ValueKind};
use crate::source::Span;
use roxmltree::{Document, Error, NodeType, ParsingOptions, StringStorage};

/// Most attributes on one element: the parser compares each with each.
pub const MAX_ATTRIBUTES: usize = 1024;

/// Most namespace declarations that hold at one place: the parser copies all of them for each element that adds one.
pub const MAX_NAMESPACES: usize = 256;

/// Most tags, and most `=` signs, in one document: the parser makes room for as many nodes and attributes beforehand.
const MAX_TAGS: usize = MAX_NODES / 4;

/// Reads one XML document.
///
/// # Errors
/// With the place and what is wrong there, when the text is not well-formed, declares a document type or goes beyond the limits.
pub fn parse(text: &str) -> Result<Tree<'_>, SyntaxError> {
    let outline = Outline::of(text)?;
    let document = Document::parse_with_options(text, ParsingOptions::default()).map_err(|error| outline.words(text, &error))?;
    let mut reader = Reader { text, builder: Builder::new(text, Syntax::Xml, outline.tags + 16) };
    reader.document(document.root_element());
    Ok(reader.builder.finish())
}

struct Reader<'s> {
    text: &'s str,
    builder: Builder<'s>,
}

type Element<'d, 's> = roxmltree::Node<'d, 's>;

impl<'s> Reader<'s> {
    fn document(&mut self, root: Element<'_, 's>) {
        self.builder.open(Key::default(), ValueKind::Object, root.range().start as u32);
        let mut open = Vec::new();
        if self.element(root) {
            open.push((root, root.children()));
        }
        while let Some((element, children)) = open.last_mut() {
            match children.next() {
                Some(child) if child.is_element() => {
                    if self.element(child) {
                        open.push((child, child.children()));
                    }
                }
                Some(child) if child.is_text() => self.text_beside(child),
                Some(_) => {}
                None => {
                    self.builder.close(element.range().end as u32);
                    open.pop();
                }
            }
        }
        self.builder.close(root.range().end as u32);
    }

    /// Adds an element; whether it became an object that is now open.
    fn element(&mut self, element: Element<'_, 's>) -> bool {
        let name = element.tag_name();
        let key = Key { span: self.place(name.name()), present: true, ..Key::default() };
        let object = element.attributes().len() > 0 || element.children().any(|child| child.is_element());
        let id = if object { self.builder.open(key, ValueKind::Object, element.range().start as u32) } else { self.string(key, element) };
        self.builder.namespace(id, name.namespace().unwrap_or_default());
        for attribute in element.attributes() {
            let name = self.place(attribute.name());
            let key = Key { span: name, present: true, attribute: true, ..Key::default() };
            let end = attribute.range().end - 1;
            let quote =
                memchr::memchr2(b'"', b'\'', &self.text.as_bytes()[name.range().end..end]).map_or(end, |at| name.range().end + at + 1);
            let id = self.builder.scalar(key, ValueKind::String, Span::new(quote as u32, end as u32), false);
            if self.text[quote..end] != *attribute.value() {
                let kept = self.builder.keep(attribute.value());
                self.builder.own(id, false, kept);
            }
        }
        object
    }

    /// Adds an element that has text at most.
    fn string(&mut self, key: Key, element: Element<'_, 's>) -> u32 {
        let mut texts = element.children().filter(|child| child.node_type() == NodeType::Text);
        let (first, second) = (texts.next(), texts.next());
        if let (Some(text), None) = (first, second) {
            return self.text(key, text, element).unwrap_or_else(|| self.empty(key, element));
        }
        let joined: String = element.children().filter(Element::is_text).filter_map(|child| child.text()).collect();
        let joined = trimmed(&joined);
        let first = element.first_child().map_or(0, |child| child.range().start);
        if joined.is_empty() { self.empty(key, element) } else { self.kept(key, joined, first..close_tag(self.text, element)) }
    }

    fn empty(&mut self, key: Key, element: Element<'_, 's>) -> u32 {
        self.kept(key, "", element.range())
    }

    fn text_beside(&mut self, text: Element<'_, 's>) {
        let start = text.range().start as u32;
        let key = Key { span: Span::new(start, start), present: true, ..Key::default() };
        let Some(parent) = text.parent() else { return };
        if let Some(id) = self.text(key, text, parent) {
            let kept = self.builder.keep("#text");
            self.builder.own(id, true, kept);
        }
    }

    /// Adds a run of text inside `parent`, unless it is white.
    fn text(&mut self, key: Key, text: Element<'_, 's>, parent: Element<'_, 's>) -> Option<u32> {
        let storage = text.text_storage()?;
        if let StringStorage::Borrowed(source) = storage {
            let trimmed = trimmed(source);
            let place = self.place(trimmed);
            return (!trimmed.is_empty()).then(|| self.builder.scalar(key, ValueKind::String, place, false));
        }
        let trimmed = trimmed(storage.as_str());
        if trimmed.is_empty() {
            return None;
        }
        // The range of a node that was put together from text and CDATA is that of its first part.
        let end = text.next_sibling().map_or_else(|| close_tag(self.text, parent), |next| next.range().start);
        Some(self.kept(key, trimmed, text.range().start..end))
    }

    fn kept(&mut self, key: Key, text: &str, place: std::ops::Range<usize>) -> u32 {
        let source = &self.text.as_bytes()[place.clone()];
        // Nearly always it stands there as it is; white space around CDATA makes two of what is one text.
        let before = source.iter().take_while(|byte| is_white(**byte)).count();
        let at = if source[before..].starts_with(text.as_bytes()) { Some(before) } else { memchr::memmem::find(source, text.as_bytes()) };
        if let Some(at) = at.filter(|_| !text.is_empty()) {
            let start = (place.start + at) as u32;
            return self.builder.scalar(key, ValueKind::String, Span::new(start, start + text.len() as u32), false);
        }
        let start = place.start + before;
        let end = start + trimmed(&self.text[start..place.end]).len();
        let id = self.builder.scalar(key, ValueKind::String, Span::new(start as u32, end as u32), false);
        let kept = self.builder.keep(text);
        self.builder.own(id, false, kept);
        id
    }

    /// Where a slice of the source text stands in it.
    fn place(&self, slice: &'s str) -> Span {
        let start = (slice.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        Span::new(start as u32, (start + slice.len()).min(self.text.len()) as u32)
    }
}

/// White space of XML.
const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];

fn is_white(byte: u8) -> bool {
    WHITE.contains(&char::from(byte))
}

/// The text without the white space around it: by bytes, because every text comes by here, and most are short or nothing else.
fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    let Some(start) = bytes.iter().position(|byte| !is_white(*byte)) else { return "" };
    let end = bytes.iter().rposition(|byte| !is_white(*byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or(text)
}

/// Where the closing tag of an element that has one begins.
fn close_tag(text: &str, element: Element<'_, '_>) -> usize {
    let range = element.range();
    range.start + memchr::memrchr(b'<', &text.as_bytes()[range.clone()]).unwrap_or(range.len())
}

/// What one pass over the tags tells before the parser runs: whether it would be slow or large, and where what it says without a
/// place is.
#[derive(Default)]
struct Outline {
    tags: usize,
    /// Elements that are not closed: where they begin, and how many namespace declarations hold in them.
    open: Vec<(usize, usize)>,
}

impl Outline {
    fn of(text: &str) -> Result<Self, SyntaxError> {
        let bytes = text.as_bytes();
        for (sign, name) in [(b'<', "tags"), (b'=', "`=` signs")] {
            // To count them is faster by far than to walk from one to the next.
            if memchr::memchr_iter(sign, bytes).count() > MAX_TAGS {
                let at = memchr::memchr_iter(sign, bytes).nth(MAX_TAGS).unwrap_or_default();
                return Err(error(format!("more than {MAX_TAGS} {name}"), at, 1));
            }
        }
        let mut outline = Self::default();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
            let start = at + found;
            let behind = |from: usize, end: &str| {
                memchr::memmem::find(&bytes[from.min(bytes.len())..], end.as_bytes()).map_or(bytes.len(), |found| from + found + end.len())
            };
            let rest = &bytes[start + 1..];
            at = match rest.first() {
                Some(b'/') => {
                    outline.open.pop();
                    memchr::memchr(b'>', rest).map_or(bytes.len(), |found| start + 1 + found + 1)
                }
                Some(b'!') if rest.starts_with(b"!--") => behind(start + 4, "-->"),
                Some(b'!') if rest.starts_with(b"![CDATA[") => behind(start + 9, "]]>"),
                Some(b'!') if rest.starts_with(b"!DOCTYPE") || rest.starts_with(b"!doctype") => return Err(document_type(text, start)),
                Some(b'?') => behind(start + 2, "?>"),
                _ => {
                    outline.tags += 1;
                    outline.start_tag(bytes, start)?
                }
            };
        }
        Ok(outline)
    }

    /// Looks at the start tag at `start` and tells where it ends.
    fn start_tag(&mut self, bytes: &[u8], start: usize) -> Result<usize, SyntaxError> {
        let mut namespaces = self.open.last().map_or(0, |(_, namespaces)| *namespaces);
        let mut attributes = 0;
        let mut at = start + 1;
        let end = loop {
            let Some(found) = memchr::memchr3(b'"', b'\'', b'>', &bytes[at..]) else { break bytes.len() };
            let sign = at + found;
            if bytes[sign] == b'>' {
                if bytes[sign - 1] != b'/' {
                    if self.open.len() + 1 >= MAX_DEPTH {
                        return Err(error(format!("nested deeper than {MAX_DEPTH} levels"), start, 1));
                    }
                    self.open.push((start, namespaces));
                }
                break sign + 1;
            }
            let count = if bytes[at..sign].trim_ascii_start().starts_with(b"xmlns") { &mut namespaces } else { &mut attributes };
            *count += 1;
            if attributes > MAX_ATTRIBUTES || namespaces > MAX_NAMESPACES {
                let (limit, what) =
                    if attributes > MAX_ATTRIBUTES { (MAX_ATTRIBUTES, "attributes") } else { (MAX_NAMESPACES, "namespaces") };
                return Err(error(format!("an element with more than {limit} {what}"), start, 1));
            }
            let Some(quote) = memchr::memchr(bytes[sign], &bytes[sign + 1..]) else { break bytes.len() };
            at = sign + quote + 2;
        };
        Ok(end)
    }

    /// What the parser found, in our words and with the place in bytes.
    fn words(&self, text: &str, found: &Error) -> SyntaxError {
        let at = offset(text, found.pos());
        let rest = &text[at..];
        let through = |sign: char| rest.find(sign).map_or(1, |end| end + 1);
        let cut_off = "the file is cut off: export it again";
        let unclosed = self.open.last().map(|(start, _)| {
            let name = text[start + 1..].split([' ', '\t', '\r', '\n', '/', '>', '<']).next().unwrap_or_default();
            error(format!("`<{name}>` is never closed"), *start, name.len() + 1)
        });
        let (mut error, help) = match found {
            Error::UnclosedRootNode if unclosed.is_some() => (unclosed.unwrap_or_else(|| error(String::new(), at, 0)), Some(cut_off)),
            Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
                (error("the file ends before the document does".into(), text.len(), 0), Some(cut_off))
            }
            Error::NoRootNode => (error("no element".into(), text.len(), 0), Some("the file is empty: export it again")),
            Error::UnexpectedCloseTag(open, close, _) => {
                (error(format!("expected `</{open}>`, found `</{close}>`"), at, through('>')), None)
            }
            Error::UnknownEntityReference(name, _) => (
                error(format!("`&{name};` is no entity that XML knows"), at, through(';')),
                Some("write the character itself; for an ampersand, `&amp;`"),
            ),
            Error::MalformedEntityReference(_) => (error("an `&` that begins no reference".into(), at, 1), Some("write `&amp;`")),
            Error::UnknownNamespace(prefix, _) => (error(format!("the prefix `{prefix}` is not declared"), at, prefix.len()), None),
            Error::DuplicatedAttribute(name, _) => (error(format!("the attribute `{name}` stands here twice"), at, name.len()), None),
            Error::InvalidAttributeValue(_) => (error("a `<` in an attribute".into(), at, 1), Some("write `&lt;`")),
            other => {
                let message = other.to_string().replace(&format!(" at {}", other.pos()), "");
                (error(message, at, rest.chars().next().map_or(0, char::len_utf8)), None)
            }
        };
        let end = error.span.range().end.min(text.len());
        error.span.end = (end..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len()) as u32;
        let start = text.trim_start_matches(WHITE);
        error.help = if rest.starts_with("<<<<<<<") || rest.starts_with("=======") || rest.starts_with(">>>>>>>") {
            Some("resolve the merge conflict".into())
        } else if start.starts_with(['{', '[']) {
            Some("this is JSON, not XML".into())
        } else {
            help.map(str::to_owned)
        };
        error
    }
}

fn document_type(text: &str, start: usize) -> SyntaxError {
    let html = text[start + 9..].trim_start_matches(WHITE).get(..4).is_some_and(|name| name.eq_ignore_ascii_case("html"));
    let mut error = error("a document type declaration".into(), start, 9);
    let help = if html {
        "this is a web page: a failed download looks like this"
    } else {
        "remove it: no export has one, and it can pull in other files"
    };
    error.help = Some(help.into());
    error
}

fn error(message: String, start: usize, width: usize) -> SyntaxError {
    SyntaxError { message, help: None, span: Span::new(start as u32, (start + width) as u32) }
}

/// The byte offset of a place that counts lines and characters.
fn offset(text: &str, place: roxmltree::TextPos) -> usize {
    let line = match place.row {
        0 | 1 => 0,
        row => memchr::memchr_iter(b'\n', text.as_bytes()).nth(row as usize - 2).map_or(text.len(), |at| at + 1),
    };
    let column = (place.col as usize).saturating_sub(1);
    text[line..].char_indices().nth(column).map_or(text.len(), |(at, _)| line + at)
}

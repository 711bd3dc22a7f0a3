//! The document tree: one flat arena in document order with a byte span on every key and value, borrowed from the source text.
//!
//! JSON, YAML and XML are read into the same arena, so everything above speaks of [`Node`]s only. A node costs 24 bytes; text is
//! cut from the source when it stands there as it is, decoded when asked for, and kept beside the arena only where a syntax
//! cannot say it in place (folded YAML scalars, XML entities).
//!
//! XML becomes the same shapes: an element with attributes or children is an object, attributes are members named `@name`, text
//! beside them is `#text`, an element with text only is a string, and repeated elements stay repeated members.

pub mod canonical;
pub mod de;
pub mod json;
mod pointer;
pub mod xml;
pub mod yaml;

use crate::source::Span;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, OnceLock};

/// Deepest nesting that is read. Real exports stay below 60; the limit keeps hostile ones from exhausting anything that recurses.
pub const MAX_DEPTH: usize = 512;

/// Most nodes in one document: 24 bytes each, so at most about 800 MB for a file of the largest size.
pub const MAX_NODES: usize = 32 * 1024 * 1024;

/// Which syntax a tree was read from; decides how pointers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// RFC 8259.
    Json,
    /// YAML 1.2, core schema.
    Yaml,
    /// XML 1.0 without document type declarations.
    Xml,
    /// Text without a structure that is read: a script. The tree is one string.
    Text,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ValueKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number; its text is in the source.
    Number,
    /// A string.
    String,
    /// A sequence.
    Array,
    /// Members with names; a name may occur more than once, see [`Node::get`].
    Object,
}

/// Why text is not a document, with the place of the first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// One lower-case sentence.
    pub message: String,
    /// What to do about it, in words for the person who owns the file.
    pub help: Option<String>,
    /// The place; may be empty at the end of the text.
    pub span: Span,
}

/// Something that was read although the syntax forbids or discourages it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Irregularity {
    /// What it is.
    pub kind: IrregularityKind,
    /// Where it is.
    pub span: Span,
}

/// The kinds of [`Irregularity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IrregularityKind {
    /// A member name that occurred before in the same object. The last one counts.
    DuplicateKey,
    /// A comment in JSON.
    Comment,
    /// A comma before a closing bracket in JSON.
    TrailingComma,
}

/// Text of the node is not the span itself: it has escapes (JSON) that are decoded when asked for.
const ESCAPED: u8 = 1;
/// Text of the node is kept in [`Tree::owned`].
const OWNED: u8 = 2;
/// Text of the key has escapes.
const KEY_ESCAPED: u8 = 4;
/// Text of the key is kept in [`Tree::owned`].
const KEY_OWNED: u8 = 8;
/// The node is a member of an object.
const HAS_KEY: u8 = 16;
/// The value of a [`ValueKind::Bool`].
const TRUE: u8 = 32;
/// The key is the name of an XML attribute: an `@` goes before it.
const KEY_AT: u8 = 64;
/// The value is a YAML scalar in quotes.
const QUOTED: u8 = 128;

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Key without its quotes.
    key: Span,
    /// Whole value as it stands in the source: strings of JSON and YAML with their quotes.
    value: Span,
    /// The index behind the last node below this one.
    end: u32,
    kind: ValueKind,
    flags: u8,
}

/// A document, or several of one stream.
#[derive(Debug)]
pub struct Tree<'s> {
    text: &'s str,
    syntax: Syntax,
    slots: Vec<Slot>,
    /// Texts that do not stand in the source as they are: (slot * 2 + is key, where in `texts`), in ascending order.
    owned: Vec<(u64, Span)>,
    /// The texts of `owned`, one behind the other; copies of an anchored YAML value share theirs.
    texts: String,
    /// Where the namespace of XML elements changes: (first slot, which of `uris`), in ascending order.
    namespaces: Vec<(u32, u32)>,
    /// Namespace URIs, each once; an empty one stands for no namespace.
    uris: Vec<Box<str>>,
    /// Whether values start in the order of their slots; aliases of YAML break it.
    ordered: bool,
    irregularities: Vec<Irregularity>,
    /// Number of the file among those of its export, see [`Tree::numbered`].
    file: u32,
    /// The objects in which a member name may occur twice, in ascending order; none where the producer does not tell.
    repeating: Option<Vec<u32>>,
    /// Where each node stands among its siblings, once a pointer has led through many of them.
    ranks: OnceLock<pointer::Ranks>,
    /// The text with escapes of which a part was looked for last, and where that part began.
    last_part: Mutex<(u32, json::Offset)>,
}

/// A value in a [`Tree`], cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    id: u32,
}

/// The number of a node in its tree: stable as long as the tree lives, in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeId(pub u32);

/// A text without a structure that is read: a tree of one string.
#[must_use]
pub fn plain(text: &str) -> Tree<'_> {
    let mut builder = Builder::new(text, Syntax::Text, 1);
    builder.scalar(Key::default(), ValueKind::String, Span::new(0, text.len() as u32), false);
    builder.finish()
}

impl<'s> Tree<'s> {
    /// The source text.
    #[must_use]
    pub const fn text(&self) -> &'s str {
        self.text
    }

    /// The same tree, as the one with that number among the files of an export.
    #[must_use]
    pub fn numbered(mut self, file: u32) -> Self {
        self.file = file;
        self
    }

    /// Number of the file among those of its export, from 0.
    #[must_use]
    pub const fn file(&self) -> u32 {
        self.file
    }

    /// The syntax that the tree was read from.
    #[must_use]
    pub const fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The value of the (first) document.
    ///
    /// # Panics
    /// Never: a producer gives at least one node.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.node(NodeId(0))
    }

    /// The values of all documents of the stream; JSON and XML have one.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        siblings(self, 0, self.slots.len() as u32)
    }

    /// The node with that number.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id: id.0 }
    }

    /// Number of nodes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no node; never so for a tree that a producer gave.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What was read although it should not be there, in document order.
    #[must_use]
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    /// The innermost value that contains the byte at `offset`; none between documents and outside of the root. What an alias of
    /// YAML repeats is found where it was anchored.
    ///
    /// Costs a binary search and then one step for each node between the value and the one that starts last before `offset`: one
    /// or two within a value, all nodes below a container at its closing bracket. With aliases it costs one step a node.
    #[must_use]
    pub fn node_at(&self, offset: u32) -> Option<Node<'_>> {
        let contains = |slot: &Slot| (slot.value.start..slot.value.end).contains(&offset);
        let id = if self.ordered {
            let behind = self.slots.partition_point(|slot| slot.value.start <= offset);
            self.slots[..behind].iter().rposition(contains)
        } else {
            let mut all = (0..self.slots.len()).filter(|id| contains(&self.slots[*id]));
            let first = all.next();
            // Where two are of the same size, the second is inside of the first or a copy of it.
            all.fold(first, |best, id| {
                let (slot, best_slot) = (&self.slots[id], &self.slots[best?]);
                let (size, best_size) = (slot.value.len(), best_slot.value.len());
                if size < best_size || size == best_size && (id as u32) < best_slot.end { Some(id) } else { best }
            })
        };
        id.map(|id| self.node(NodeId(id as u32)))
    }

    /// For each of these nodes, in ascending order, the innermost object that it is or is in, where there is one. One pass for all.
    #[must_use]
    pub fn enclosing_objects(&self, nodes: &[NodeId]) -> Vec<(NodeId, NodeId)> {
        let mut open: Vec<u32> = Vec::new();
        let mut found = Vec::with_capacity(nodes.len());
        let mut wanted = nodes.iter().peekable();
        for (id, slot) in (0u32..).zip(&self.slots) {
            if wanted.peek().is_none() {
                break;
            }
            while open.last().is_some_and(|object| self.slots[*object as usize].end <= id) {
                open.pop();
            }
            if slot.kind == ValueKind::Object {
                open.push(id);
            }
            while wanted.next_if(|node| node.0 == id).is_some() {
                found.extend(open.last().map(|object| (NodeId(id), NodeId(*object))));
            }
        }
        found
    }

    /// Member names that occur more than once in an object, where the later ones stand; never in XML, where elements may repeat.
    /// A pass of its own over the arena, because most documents are never asked.
    #[must_use]
    pub fn duplicate_keys(&self) -> Vec<Irregularity> {
        let mut found = Vec::new();
        if self.syntax == Syntax::Xml {
            return found;
        }
        let all = || (0..self.slots.len() as u32).filter(|id| self.slots[*id as usize].kind == ValueKind::Object).collect();
        for id in self.repeating.as_ref().map_or_else(all, Vec::clone) {
            if self.may_repeat(id) {
                let object = self.node(NodeId(id));
                let mut seen = HashSet::new();
                let repeated = object.members().filter(|member| !seen.insert(member.key()));
                found.extend(
                    repeated.filter_map(|member| Some(Irregularity { kind: IrregularityKind::DuplicateKey, span: member.key_span()? })),
                );
            }
        }
        if !self.ordered {
            // What an alias repeats is one mistake, not several.
            found.sort_by_key(|found| found.span);
            found.dedup();
        }
        found
    }

    /// Whether member names of an object are worth a table: nearly all objects are so small that comparing each with each is faster,
    /// and nearly no name has an escape.
    fn may_repeat(&self, object: u32) -> bool {
        const SMALL: usize = 24;
        let bytes = self.text.as_bytes();
        let mut keys = [Span::default(); SMALL];
        // One bit for widths and outer letters seen: two names that differ there need no comparison.
        let mut seen = 0u64;
        let (mut next, end, mut known) = (object + 1, self.slots[object as usize].end, 0);
        while next < end {
            let slot = &self.slots[next as usize];
            next = slot.end;
            if known == SMALL || slot.flags & (KEY_ESCAPED | KEY_OWNED) != 0 {
                return true;
            }
            let (key, width) = (&bytes[slot.key.range()], slot.key.len());
            let letters = key.first().zip(key.last()).map_or(0, |(first, last)| usize::from(*first) * 7 + usize::from(*last));
            let bit = 1u64 << ((width * 13 + letters) % 64);
            if seen & bit != 0 && keys[..known].iter().any(|other| other.len() == width && bytes[other.range()] == *key) {
                return true;
            }
            seen |= bit;
            keys[known] = slot.key;
            known += 1;
        }
        false
    }

    fn owned(&self, id: u32, key: bool) -> &str {
        let wanted = u64::from(id) * 2 + u64::from(key);
        self.owned.binary_search_by_key(&wanted, |entry| entry.0).map_or("", |at| &self.texts[self.owned[at].1.range()])
    }
}

fn siblings<'t>(tree: &'t Tree<'t>, first: u32, end: u32) -> Children<'t> {
    Children { tree, next: first, end }
}

/// The children of a node, in document order.
#[derive(Clone)]
pub struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        (self.next < self.end).then(|| {
            let node = Node { tree: self.tree, id: self.next };
            self.next = self.tree.slots[self.next as usize].end;
            node
        })
    }
}

impl<'t> Node<'t> {
    fn slot(self) -> &'t Slot {
        &self.tree.slots[self.id as usize]
    }

    /// The number of the node in its tree.
    #[must_use]
    pub const fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// The tree that the node is in.
    #[must_use]
    pub const fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// What the value is.
    #[must_use]
    pub fn kind(self) -> ValueKind {
        self.slot().kind
    }

    /// The whole value in the source: a string of JSON or YAML with its quotes, a block scalar with its header, an XML element
    /// that became an object or is empty with its tags.
    #[must_use]
    pub fn span(self) -> Span {
        self.slot().value
    }

    /// The member name in the source, without quotes or prefix; empty where XML text stands beside elements; none for items of
    /// arrays and roots.
    #[must_use]
    pub fn key_span(self) -> Option<Span> {
        let slot = self.slot();
        (slot.flags & HAS_KEY != 0).then_some(slot.key)
    }

    /// The member name.
    #[must_use]
    pub fn key(self) -> Option<Cow<'t, str>> {
        let slot = self.slot();
        let raw = || &self.tree.text[slot.key.range()];
        match slot.flags & (HAS_KEY | KEY_OWNED | KEY_ESCAPED | KEY_AT) {
            HAS_KEY => Some(Cow::Borrowed(raw())),
            0 => None,
            flags if flags & KEY_AT != 0 => Some(Cow::Owned(format!("@{}", raw()))),
            flags if flags & KEY_OWNED != 0 => Some(Cow::Borrowed(self.tree.owned(self.id, true))),
            _ => Some(Cow::Owned(json::unescape(raw()))),
        }
    }

    /// The source text of the value, as it stands.
    #[must_use]
    pub fn raw(self) -> &'t str {
        &self.tree.text[self.slot().value.range()]
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        let slot = self.slot();
        (slot.kind == ValueKind::String).then(|| self.string_text(slot))
    }

    fn string_text(self, slot: &'t Slot) -> Cow<'t, str> {
        if slot.flags & OWNED != 0 {
            return Cow::Borrowed(self.tree.owned(self.id, false));
        }
        let content = self.content();
        if slot.flags & ESCAPED != 0 { Cow::Owned(json::unescape(content)) } else { Cow::Borrowed(content) }
    }

    /// The text of a string, number, boolean or null as one would write it: what a template would put in its place.
    #[must_use]
    pub fn as_text(self) -> Option<Cow<'t, str>> {
        match self.kind() {
            ValueKind::Array | ValueKind::Object => None,
            ValueKind::String => self.as_str(),
            _ => Some(Cow::Borrowed(self.content())),
        }
    }

    fn content(self) -> &'t str {
        &self.tree.text[self.content_span().range()]
    }

    /// The content of the value in the source: like [`Node::span`], but without the quotes of a string.
    #[must_use]
    pub fn content_span(self) -> Span {
        let slot = self.slot();
        if slot.flags & QUOTED != 0 || slot.kind == ValueKind::String && self.tree.syntax == Syntax::Json {
            Span::new(slot.value.start + 1, slot.value.end - 1)
        } else {
            slot.value
        }
    }

    /// The place in the source of a byte range of [`Node::as_str`]: counts through JSON escapes; where the text does not stand in
    /// the source as it is, the whole value.
    #[must_use]
    pub fn text_span(self, range: std::ops::Range<usize>) -> Span {
        let slot = self.slot();
        let content = self.content_span();
        if slot.flags & OWNED != 0 || slot.kind != ValueKind::String {
            return self.span();
        }
        if slot.flags & ESCAPED == 0 {
            return Span::new(content.start + range.start as u32, (content.start + range.end as u32).min(content.end));
        }
        let raw = &self.tree.text[content.range()];
        // Whoever asks for many parts of a text asks for one behind the other: a look from the beginning each time would cost the
        // square of a long one.
        let mut last = self.tree.last_part.try_lock().ok();
        let from = last.as_ref().filter(|last| last.0 == self.id).map_or_else(json::Offset::default, |last| last.1);
        let (start, end) = json::raw_offsets(raw, range.start, range.end, from);
        if let Some(last) = &mut last {
            **last = (self.id, start);
        }
        Span::new(content.start + start.raw as u32, content.start + end as u32)
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        let slot = self.slot();
        (slot.kind == ValueKind::Bool).then_some(slot.flags & TRUE != 0)
    }

    /// The value of a number as floating point; infinite or not a number only where YAML says so with `.inf` or `.nan`, none where
    /// the number leaves the range of a double.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        if self.kind() != ValueKind::Number {
            return None;
        }
        let text = self.content();
        if self.tree.syntax == Syntax::Yaml { yaml::float(text) } else { json::number(text) }
    }

    /// The value of a number that is written as an integer and fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.integer()?.try_into().ok()
    }

    /// The value of a number that is written as an integer, is not negative and fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.integer()?.try_into().ok()
    }

    fn integer(self) -> Option<i128> {
        if self.kind() != ValueKind::Number {
            return None;
        }
        let text = self.content();
        if self.tree.syntax == Syntax::Yaml { yaml::integer(text) } else { json::integer(text) }
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == ValueKind::Null
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == ValueKind::Object
    }

    /// Whether the value is an array.
    #[must_use]
    pub fn is_array(self) -> bool {
        self.kind() == ValueKind::Array
    }

    /// Members of an object or items of an array, in document order; nothing for other values.
    #[must_use]
    pub fn children(self) -> Children<'t> {
        siblings(self.tree, self.id + 1, self.slot().end)
    }

    /// The items of an array; nothing for other values, so that a reader needs no case for a missing list.
    #[must_use]
    pub fn items(self) -> Children<'t> {
        if self.is_array() { self.children() } else { siblings(self.tree, 0, 0) }
    }

    /// The members of an object; nothing for other values.
    #[must_use]
    pub fn members(self) -> Children<'t> {
        if self.is_object() { self.children() } else { siblings(self.tree, 0, 0) }
    }

    /// The node and all nodes below it, in document order.
    pub fn descend(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        (self.id..self.slot().end).map(move |id| Node { tree, id })
    }

    /// The member with that name. JSON readers keep the last of repeated members, so does this; [`Node::get_all`] has them all.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        if !self.is_object() {
            return None;
        }
        // The most frequent question of all: one loop over the arena, without a node for each member.
        let (slots, text) = (&self.tree.slots, self.tree.text.as_bytes());
        let (mut next, end, mut found) = (self.id + 1, self.slot().end, None);
        let (name_text, first) = (name.as_bytes(), name.as_bytes().first());
        while next < end {
            let slot = &slots[next as usize];
            let is_it = if slot.flags & (HAS_KEY | KEY_OWNED | KEY_ESCAPED | KEY_AT) == HAS_KEY {
                // Names of the same length mostly differ in their first letter: that is cheaper to see than to call a comparison.
                slot.key.len() == name_text.len()
                    && (first.is_none() || text.get(slot.key.start as usize) == first)
                    && text[slot.key.range()] == *name_text
            } else {
                Node { tree: self.tree, id: next }.has_key(name)
            };
            if is_it {
                found = Some(Node { tree: self.tree, id: next });
            }
            next = slot.end;
        }
        found
    }

    /// The member with that name, whatever its case: the one that is written just so, as [`Node::get`] finds it, or else the first
    /// that differs in case alone.
    #[must_use]
    pub fn get_any_case(self, name: &str) -> Option<Node<'t>> {
        if !self.is_object() {
            return None;
        }
        // One loop over the arena, as in `get`: those who ask this ask for many members that are not there.
        let (slots, text) = (&self.tree.slots, self.tree.text.as_bytes());
        let (mut next, end) = (self.id + 1, self.slot().end);
        let (mut exact, mut other) = (None, None);
        while next < end {
            let (node, slot) = (Node { tree: self.tree, id: next }, &slots[next as usize]);
            next = slot.end;
            if slot.flags & (HAS_KEY | KEY_OWNED | KEY_ESCAPED | KEY_AT) == HAS_KEY {
                if slot.key.len() != name.len() || !text[slot.key.range()].eq_ignore_ascii_case(name.as_bytes()) {
                    continue;
                }
            } else if !node.key().is_some_and(|key| key.eq_ignore_ascii_case(name)) {
                continue;
            }
            if node.has_key(name) {
                exact = Some(node);
            } else if other.is_none() {
                other = Some(node);
            }
        }
        exact.or(other)
    }

    /// All members with that name, in document order: repeated elements of XML.
    pub fn get_all<'n>(self, name: &'n str) -> impl Iterator<Item = Node<'t>> + use<'t, 'n> {
        self.members().filter(move |member| member.has_key(name))
    }

    /// The node that is reached by these member names, one below the other.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The item of an array at that index.
    #[must_use]
    pub fn index(self, index: usize) -> Option<Node<'t>> {
        self.items().nth(index)
    }

    /// Whether the member name is `name`.
    #[must_use]
    pub fn has_key(self, name: &str) -> bool {
        let slot = self.slot();
        match slot.flags & (HAS_KEY | KEY_OWNED | KEY_ESCAPED | KEY_AT) {
            flags if flags & KEY_AT != 0 => {
                name.strip_prefix('@').is_some_and(|name| self.tree.text.as_bytes()[slot.key.range()] == *name.as_bytes())
            }
            HAS_KEY => slot.key.len() == name.len() && self.tree.text.as_bytes()[slot.key.range()] == *name.as_bytes(),
            0 => false,
            _ => self.key().as_deref() == Some(name),
        }
    }

    /// The namespace URI of an XML element, where it has one.
    #[must_use]
    pub fn namespace(self) -> Option<&'t str> {
        if self.slot().flags & (HAS_KEY | KEY_OWNED | KEY_AT) != HAS_KEY {
            return None;
        }
        let at = self.tree.namespaces.partition_point(|(first, _)| *first <= self.id).checked_sub(1)?;
        let uri = &*self.tree.uris[self.tree.namespaces[at].1 as usize];
        (!uri.is_empty()).then_some(uri)
    }

    /// Whether `other` is this node or below it.
    #[must_use]
    pub fn contains(self, other: NodeId) -> bool {
        (self.id..self.slot().end).contains(&other.0)
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({} {:?} {})", self.id, self.kind(), self.span())
    }
}

/// What a producer writes into: nodes in document order, containers closed in turn. The only way to make a [`Tree`].
pub(crate) struct Builder<'s> {
    tree: Tree<'s>,
    /// Slot numbers of the open containers.
    open: Vec<u32>,
    /// Which of [`Tree::uris`] a namespace URI is.
    uris: HashMap<Box<str>, u32>,
}

/// A key for the next node.
#[derive(Clone, Copy, Default)]
pub(crate) struct Key {
    pub(crate) span: Span,
    pub(crate) present: bool,
    /// It has escapes of JSON.
    pub(crate) escaped: bool,
    /// It is the name of an XML attribute.
    pub(crate) attribute: bool,
}

impl Key {
    const fn flags(self) -> u8 {
        let mut flags = 0;
        if self.present {
            flags |= HAS_KEY;
        }
        if self.escaped {
            flags |= KEY_ESCAPED;
        }
        if self.attribute {
            flags |= KEY_AT;
        }
        flags
    }
}

impl<'s> Builder<'s> {
    pub(crate) fn new(text: &'s str, syntax: Syntax, capacity: usize) -> Self {
        let tree = Tree {
            text,
            syntax,
            slots: Vec::with_capacity(capacity),
            owned: Vec::new(),
            texts: String::new(),
            namespaces: Vec::new(),
            uris: Vec::new(),
            ordered: true,
            irregularities: Vec::new(),
            file: 0,
            repeating: None,
            ranks: OnceLock::new(),
            last_part: Mutex::default(),
        };
        Self { tree, open: Vec::new(), uris: HashMap::new() }
    }

    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    fn push(&mut self, key: Key, kind: ValueKind, value: Span, flags: u8) -> u32 {
        let id = self.tree.slots.len() as u32;
        self.tree.slots.push(Slot { key: key.span, value, end: id + 1, kind, flags: flags | key.flags() });
        id
    }

    /// Adds a null, number or string; `escaped` says that the text has JSON escapes.
    pub(crate) fn scalar(&mut self, key: Key, kind: ValueKind, value: Span, escaped: bool) -> u32 {
        self.push(key, kind, value, if escaped { ESCAPED } else { 0 })
    }

    pub(crate) fn boolean(&mut self, key: Key, value: bool, span: Span) -> u32 {
        self.push(key, ValueKind::Bool, span, if value { TRUE } else { 0 })
    }

    /// Opens an array or object; `start` is the offset of its first byte.
    pub(crate) fn open(&mut self, key: Key, kind: ValueKind, start: u32) -> u32 {
        let id = self.push(key, kind, Span::new(start, start), 0);
        self.open.push(id);
        id
    }

    /// Closes the innermost container; `end` is the offset behind its last byte.
    pub(crate) fn close(&mut self, end: u32) {
        if let Some(id) = self.open.pop() {
            let next = self.tree.slots.len() as u32;
            let slot = &mut self.tree.slots[id as usize];
            slot.end = next;
            slot.value.end = end;
        }
    }

    /// Says that the value of the node stands in quotes of YAML.
    pub(crate) fn quoted(&mut self, id: u32) {
        self.tree.slots[id as usize].flags |= QUOTED;
    }

    /// Keeps a text that does not stand in the source, for [`Builder::own`].
    pub(crate) fn keep(&mut self, text: &str) -> Span {
        let start = self.tree.texts.len() as u32;
        self.tree.texts.push_str(text);
        Span::new(start, self.tree.texts.len() as u32)
    }

    /// Gives a node, or its key, a text that was kept. Costs nothing much for the last pushed node, a move of all that is behind
    /// for an older one.
    pub(crate) fn own(&mut self, id: u32, key: bool, text: Span) {
        self.tree.slots[id as usize].flags |= if key { KEY_OWNED | HAS_KEY } else { OWNED };
        let entry = u64::from(id) * 2 + u64::from(key);
        let behind = self.tree.owned.iter().rev().take_while(|other| other.0 > entry).count();
        self.tree.owned.insert(self.tree.owned.len() - behind, (entry, text));
    }

    /// Says which namespace an XML element has; to be told of each element in document order.
    pub(crate) fn namespace(&mut self, id: u32, uri: &str) {
        let last = self.tree.namespaces.last().map_or("", |(_, uri)| &self.tree.uris[*uri as usize]);
        if uri == last {
            return;
        }
        let index = if let Some(index) = self.uris.get(uri) {
            *index
        } else {
            let index = self.tree.uris.len() as u32;
            self.tree.uris.push(uri.into());
            self.uris.insert(uri.into(), index);
            index
        };
        self.tree.namespaces.push((id, index));
    }

    /// Number of nodes in the closed node `id`, itself included, its height (0 for a scalar) and the bytes that its scalars have in
    /// the source.
    pub(crate) fn extent(&self, id: u32) -> (usize, usize, usize) {
        let slots = &self.tree.slots[id as usize..self.tree.slots[id as usize].end as usize];
        let (mut open, mut height, mut bytes) = (Vec::new(), 0, 0);
        for (at, slot) in (id..).zip(slots) {
            while open.last().is_some_and(|end| *end <= at) {
                open.pop();
            }
            if matches!(slot.kind, ValueKind::Array | ValueKind::Object) {
                open.push(slot.end);
                height = height.max(open.len());
            } else {
                bytes += slot.value.len();
            }
        }
        (slots.len(), height, bytes)
    }

    /// Adds a copy of the closed node `id` and of all below it, with the places of the original.
    pub(crate) fn repeat(&mut self, key: Key, id: u32) -> u32 {
        const OF_KEY: u8 = HAS_KEY | KEY_ESCAPED | KEY_OWNED | KEY_AT;
        let copy = self.tree.slots.len() as u32;
        let range = id as usize..self.tree.slots[id as usize].end as usize;
        let place = |id: usize, key: u64| id as u64 * 2 + key;
        let texts = self.tree.owned.partition_point(|entry| entry.0 < place(range.start, 0))
            ..self.tree.owned.partition_point(|entry| entry.0 < place(range.end, 0));
        for at in texts {
            let (entry, text) = self.tree.owned[at];
            if entry != place(range.start, 1) {
                self.tree.owned.push((entry + u64::from(copy - id) * 2, text));
            }
        }
        self.tree.slots.extend_from_within(range);
        for slot in &mut self.tree.slots[copy as usize..] {
            slot.end += copy - id;
        }
        let top = &mut self.tree.slots[copy as usize];
        top.key = key.span;
        top.flags = top.flags & !OF_KEY | key.flags();
        self.unordered();
        copy
    }

    /// Says that a node was added that stands before its predecessor in the source.
    pub(crate) fn unordered(&mut self) {
        self.tree.ordered = false;
    }

    /// Says that the producer tells with [`Builder::may_repeat`] which objects are worth a look for repeated names.
    pub(crate) fn tell_repeating(&mut self) {
        self.tree.repeating = Some(Vec::new());
    }

    /// Says that the innermost open object may have a member name twice.
    pub(crate) fn may_repeat(&mut self) {
        if let (Some(repeating), Some(open)) = (&mut self.tree.repeating, self.open.last())
            && repeating.last() != Some(open)
        {
            repeating.push(*open);
        }
    }

    pub(crate) fn irregular(&mut self, kind: IrregularityKind, span: Span) {
        self.tree.irregularities.push(Irregularity { kind, span });
    }

    pub(crate) fn len(&self) -> usize {
        self.tree.slots.len()
    }

    pub(crate) fn finish(mut self) -> Tree<'s> {
        self.tree.irregularities.sort_by_key(|found| found.span);
        if let Some(repeating) = &mut self.tree.repeating {
            repeating.sort_unstable();
            repeating.dedup();
        }
        self.tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_costs_24_bytes() {
        assert_eq!(std::mem::size_of::<Slot>(), 24);
    }

    #[test]
    fn pointers_lead_there_and_back() {
        let tree = json::parse(r#"{"a/b": [{"~": 1}, null], "c\n": "x", "c\n": "last"}"#).expect("valid");
        for node in tree.root().descend() {
            let found = tree.root().resolve(&node.pointer()).expect("a pointer of ours");
            assert!(found == node || node.key().as_deref() == Some("c\n"), "{}", node.pointer());
        }
        assert_eq!(tree.root().resolve("/a~1b/0/~0").and_then(Node::as_i64), Some(1));
        assert_eq!(tree.root().resolve("/c\n").and_then(Node::as_str).as_deref(), Some("last"));
        assert_eq!(tree.root().resolve("/a~1b/00"), None);
    }

    #[test]
    fn a_member_is_found_in_any_case() {
        let tree = json::parse(r#"{"type": 1, "TYPE": 2, "Type": 3, "Type": 4, "k\u0065y": 5, "": 6}"#).expect("valid");
        let found = |name: &str| tree.root().get_any_case(name).and_then(Node::as_i64);
        assert_eq!((found("Type"), found("tYPE"), found("KEY"), found(""), found("kind")), (Some(4), Some(1), Some(5), Some(6), None));
    }

    #[test]
    fn a_part_of_a_string_is_found_behind_escapes() {
        let tree = json::parse(r#"["\u00e4\n{{ x }} \ud83e\udd16!"]"#).expect("valid");
        let node = tree.root().index(0).expect("one item");
        let text = node.as_str().expect("a string");
        for part in ["{{ x }}", "🤖", "!", "ä"] {
            let at = text.find(part).expect("is there");
            let span = node.text_span(at..at + part.len());
            assert_eq!(json::unescape(&tree.text()[span.range()]), part);
        }
        // One behind the other, and from the end back.
        let parts: Vec<(usize, &str)> = text.char_indices().map(|(at, c)| (at, &text[at..at + c.len_utf8()])).collect();
        for (at, part) in parts.iter().chain(parts.iter().rev()) {
            assert_eq!(json::unescape(&tree.text()[node.text_span(*at..at + part.len()).range()]), *part);
        }
    }
}

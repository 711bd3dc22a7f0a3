//! A serde `Deserializer` over [`Node`]: how our own files (rules, policy, waivers) become types, with errors that have a place.
//!
//! A [`Spanned`] remembers where a value stands. Inside of `#[serde(flatten)]` and `#[serde(untagged)]` serde puts values aside
//! before it hands them on, and places are lost there: an error points to the value around, a [`Spanned`] has the span `0..0`.

use super::{Node, NodeId, ValueKind};
use crate::source::Span;
use serde::de::{self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// Deepest nesting of what is read into types. It is recursive, unlike the producers, and no file of ours comes near it.
pub const MAX_TYPED_DEPTH: usize = 100;

/// Why a node is not what a type wants, with the innermost place that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// One lower-case sentence.
    pub message: String,
    /// The value that is wrong, the name of the member that is unknown, or what lacks a member.
    pub span: Span,
    /// What is allowed, and what was probably meant.
    pub help: Option<String>,
    about: About,
}

/// Which place an error is about, until it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// The value that is being read.
    Value,
    /// The value that is being read, but its name says it better.
    Name,
    /// The member that was read last.
    LastMember,
    /// It has its place.
    Placed,
}

impl Error {
    fn new(message: String, about: About) -> Self {
        Self { message, span: Span::default(), help: None, about }
    }

    fn at(self, node: Node<'_>) -> Self {
        let span = match self.about {
            About::Placed => return self,
            About::Name => node.key_span().unwrap_or_else(|| node.span()),
            About::Value | About::LastMember => node.span(),
        };
        self.place(span)
    }

    fn place_if_none(self, span: Span) -> Self {
        if self.about == About::Placed { self } else { self.place(span) }
    }

    fn place(mut self, span: Span) -> Self {
        (self.span, self.about) = (span, About::Placed);
        self
    }
}

/// Reads a value of type `T`.
///
/// # Errors
/// When the node is not what `T` wants.
pub fn from_node<'de, T: Deserialize<'de>>(node: Node<'de>) -> Result<T, Error> {
    T::deserialize(Reader { node, depth: 0 }).map_err(|error| error.at(node))
}

/// A value with its place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands, as [`Node::span`] says.
    pub span: Span,
    /// The node that it was read from.
    pub node: NodeId,
}

/// The name that asks [`Reader`] for a place; no type of anybody can have it.
const SPANNED: &str = "$flowgate::tree::de::Spanned";

impl<T: PartialEq> PartialEq for Spanned<T> {
    /// Compares the values: two files that say the same say it in different places.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: std::hash::Hash> std::hash::Hash for Spanned<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Wanted<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
                let missing = || de::Error::custom("a place without a value");
                let mut number = || parts.next_element::<u32>()?.ok_or_else(missing);
                let (start, end, node) = (number()?, number()?, number()?);
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(Spanned { value, span: Span::new(start, end), node: NodeId(node) })
            }

            /// Deserializers that know no places come here.
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Spanned<T>, D::Error> {
                T::deserialize(deserializer).map(|value| Spanned { value, span: Span::default(), node: NodeId(0) })
            }
        }

        deserializer.deserialize_newtype_struct(SPANNED, Wanted(PhantomData))
    }
}

impl<T: serde::Serialize> serde::Serialize for Spanned<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

#[derive(Clone, Copy)]
struct Reader<'de> {
    node: Node<'de>,
    depth: usize,
}

impl<'de> Reader<'de> {
    fn inner(self, node: Node<'de>) -> Self {
        Self { node, depth: self.depth + 1 }
    }

    fn any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.node;
        match node.kind() {
            ValueKind::Null => visitor.visit_unit(),
            ValueKind::Bool => visitor.visit_bool(node.as_bool().unwrap_or_default()),
            ValueKind::Number => match (node.as_i64(), node.as_u64(), node.as_f64()) {
                (Some(value), ..) => visitor.visit_i64(value),
                (_, Some(value), _) => visitor.visit_u64(value),
                (.., Some(value)) => visitor.visit_f64(value),
                _ => Err(Error::new("a number that is out of range".into(), About::Value)),
            },
            ValueKind::String => match node.as_str().unwrap_or_default() {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            ValueKind::Array | ValueKind::Object if self.depth >= MAX_TYPED_DEPTH => {
                Err(Error::new(format!("nested deeper than {MAX_TYPED_DEPTH} levels"), About::Value))
            }
            ValueKind::Array => self.all(visitor),
            ValueKind::Object => {
                let mut members = Members { reader: self, rest: node.children(), last: None };
                let value = visitor.visit_map(&mut members);
                value.map_err(|error| match (error.about, members.last.and_then(Node::key_span)) {
                    (About::LastMember, Some(span)) => error.place(span),
                    _ => error,
                })
            }
        }
    }

    fn all<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut items = Items { reader: self, rest: self.node.children() };
        let value = visitor.visit_seq(&mut items)?;
        // A tuple takes what it wants and leaves the rest.
        match items.rest.next() {
            Some(node) => Err(Error::new("one item too many".into(), About::Value).at(node)),
            None => Ok(value),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.any(visitor).map_err(|error| error.at(self.node))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.node.is_array() {
            // serde would take the items for the fields in their order.
            return Err(<Error as de::Error>::invalid_type(Unexpected::Seq, &visitor).at(self.node));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) };
        value.map_err(|error| error.at(self.node))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        let value = if name == SPANNED {
            let span = self.node.span();
            visitor.visit_seq(Place { parts: [span.start, span.end, self.node.id().0], next: 0, value: Some(self) })
        } else {
            visitor.visit_newtype_struct(self)
        };
        value.map_err(|error| error.at(self.node))
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let variant = match self.node.kind() {
            ValueKind::String => {
                let name = Name { text: self.node.as_str().unwrap_or_default(), place: self.node.span(), node: self.node.id() };
                Ok(Variant { reader: self, name, content: false })
            }
            ValueKind::Object if self.depth < MAX_TYPED_DEPTH => {
                let mut members = self.node.members();
                match (members.next(), members.next()) {
                    (Some(one), None) => Ok(Variant { reader: self.inner(one), name: Name::of(one), content: true }),
                    _ => Err("a mapping with more or less than one key"),
                }
            }
            ValueKind::Object => Err("too many levels"),
            ValueKind::Array => Err("a list"),
            ValueKind::Number => Err("a number"),
            ValueKind::Bool => Err("a boolean"),
            ValueKind::Null => Err("null"),
        };
        let variant = variant.map_err(|found| {
            let error = Error::new(format!("expected one of the values that are allowed here, found {found}"), About::Value);
            Error { help: Some(allowed(variants)), ..error }.at(self.node)
        })?;
        visitor.visit_enum(variant).map_err(|error| error.at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct identifier
    }
}

struct Items<'de> {
    reader: Reader<'de>,
    rest: super::Children<'de>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.rest.next().map(|node| seed.deserialize(self.reader.inner(node)).map_err(|error| error.at(node))).transpose()
    }
}

struct Members<'de> {
    reader: Reader<'de>,
    rest: super::Children<'de>,
    last: Option<Node<'de>>,
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(node) = self.rest.next() else { return Ok(None) };
        self.last = Some(node);
        let name = Name::of(node);
        let place = name.place;
        seed.deserialize(name).map(Some).map_err(|error| error.place_if_none(place))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let node = self.last.ok_or_else(|| Error::new("a value without a name".into(), About::Value))?;
        seed.deserialize(self.reader.inner(node)).map_err(|error| error.at(node))
    }
}

/// A member name or the name of an enum's variant.
struct Name<'de> {
    text: Cow<'de, str>,
    place: Span,
    node: NodeId,
}

impl<'de> Name<'de> {
    /// The name of a member.
    fn of(node: Node<'de>) -> Self {
        Self { text: node.key().unwrap_or_default(), place: node.key_span().unwrap_or_else(|| node.span()), node: node.id() }
    }
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name != SPANNED {
            return visitor.visit_newtype_struct(self);
        }
        visitor.visit_seq(Place { parts: [self.place.start, self.place.end, self.node.0], next: 0, value: Some(self) })
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self.text.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The parts of a [`Spanned`]: start, end and node as numbers, then the value itself.
struct Place<D> {
    parts: [u32; 3],
    next: usize,
    value: Option<D>,
}

impl<'de, D: Deserializer<'de, Error = Error>> de::SeqAccess<'de> for Place<D> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(part) = self.parts.get(self.next) else {
            return self.value.take().map(|value| seed.deserialize(value)).transpose();
        };
        self.next += 1;
        seed.deserialize(part.into_deserializer()).map(Some)
    }
}

/// An enum: a string that names a variant, or an object whose only member names it and holds its content.
struct Variant<'de> {
    reader: Reader<'de>,
    name: Name<'de>,
    content: bool,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'de>), Error> {
        let place = self.name.place;
        let content = Content { reader: self.reader, name: self.name.text.to_string(), is_there: self.content };
        let variant = seed.deserialize(self.name).map_err(|error| error.place_if_none(place))?;
        Ok((variant, content))
    }
}

/// What belongs to a variant.
struct Content<'de> {
    reader: Reader<'de>,
    name: String,
    is_there: bool,
}

impl<'de> Content<'de> {
    fn reader(self) -> Result<Reader<'de>, Error> {
        if self.is_there {
            return Ok(self.reader);
        }
        Err(Error::new(format!("`{0}` wants a value: `{0}: ...`", self.name), About::Value).at(self.reader.node))
    }
}

impl<'de> de::VariantAccess<'de> for Content<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.is_there && !self.reader.node.is_null() {
            return Err(Error::new(format!("`{}` takes no value", self.name), About::Value).at(self.reader.node));
        }
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let reader = self.reader()?;
        seed.deserialize(reader).map_err(|error| error.at(reader.node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.reader()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.reader()?.deserialize_map(visitor)
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), About::Value)
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {}", expected(wanted), unexpected(&found)), About::Value)
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::invalid_type(found, wanted)
    }

    fn invalid_length(length: usize, wanted: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {length} items", expected(wanted)), About::Value)
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self { help: Some(instead(found, known)), ..Self::new(format!("unknown value `{found}`"), About::Value) }
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        Self { help: Some(instead(found, known)), ..Self::new(format!("unknown key `{found}`"), About::LastMember) }
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(format!("missing key `{name}`"), About::Name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format!("the key `{name}` stands here twice"), About::LastMember)
    }
}

/// What a type wants, in words of the file and not of Rust.
fn expected(wanted: &dyn Expected) -> String {
    let wanted = wanted.to_string();
    match wanted.as_str() {
        "a sequence" => "a list".into(),
        "a map" => "a mapping".into(),
        "unit" => "nothing".into(),
        "f32" | "f64" => "a number".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that fits".into(),
        other if other.starts_with("struct ") => "a mapping".into(),
        _ => wanted,
    }
}

/// What was found; texts are not told, because they may be secrets, and the place shows them.
fn unexpected(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(_) | Unexpected::Char(_) => "a string".into(),
        Unexpected::Unit | Unexpected::Option => "null".into(),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a mapping".into(),
        other => other.to_string(),
    }
}

fn allowed(known: &[&str]) -> String {
    match known {
        [] => "nothing is allowed here".into(),
        _ => format!("allowed: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

fn instead(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(name) => format!("did you mean `{name}`? {}", allowed(known)),
        None => allowed(known),
    }
}

/// The name that was probably meant: at most a third of it (and at least one character) is written differently.
#[must_use]
pub fn nearest<'k>(found: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, name) = closest(found, known)?;
    (distance <= (name.chars().count() / 3).max(1)).then_some(name)
}

/// The known name that somebody meant who wrote `found` and made no more than two typing errors.
#[must_use]
pub fn misspelt<'k>(found: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, name) = closest(found, known)?;
    (distance <= 2 && distance * 3 <= name.chars().count()).then_some(name)
}

/// The first of the closest known names, with its distance.
fn closest<'k>(found: &str, known: &[&'k str]) -> Option<(usize, &'k str)> {
    let found: Vec<char> = found.chars().take(64).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    known.iter().map(|name| (distance(&found, name), *name)).min_by_key(|(distance, _)| *distance)
}

/// Number of characters that are added, left out, replaced or swapped with their neighbour.
fn distance(found: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for i in 1..=found.len() {
        let mut next = vec![i];
        for j in 1..=name.len() {
            let replaced = row[j - 1] + usize::from(found[i - 1] != name[j - 1]);
            let mut least = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && found[i - 1] == name[j - 2] && found[i - 2] == name[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[name.len()]
}

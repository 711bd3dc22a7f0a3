//! The arena as `jsonschema` sees it: no copy of the document is made.
//!
//! Of repeated members the last counts, as for every reader of the tree; the others are held against the schema as well wherever
//! the crate walks all members.

use super::MAX_ERRORS;
use crate::tree::{Children, Node, ValueKind, json};
use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, NodeIdentity, Object, cmp, unique};
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::cell::Cell;

pub(super) fn kind_of(node: Node<'_>) -> JsonType {
    match node.kind() {
        ValueKind::Null => JsonType::Null,
        ValueKind::Bool => JsonType::Boolean,
        ValueKind::Number => JsonType::Number,
        ValueKind::String => JsonType::String,
        ValueKind::Array => JsonType::Array,
        ValueKind::Object => JsonType::Object,
    }
}

/// The arena as a representation of JSON.
pub(super) enum Arena {}

/// A node, and how many errors the search has made so far.
#[derive(Clone, Copy)]
pub(super) struct Place<'t> {
    node: Node<'t>,
    errors: &'t Cell<usize>,
    /// Whether the node is the name of a member, in a tree of its own.
    name: bool,
}

impl<'t> Place<'t> {
    pub(super) const fn new(node: Node<'t>, errors: &'t Cell<usize>) -> Self {
        Self { node, errors, name: false }
    }

    const fn at(self, node: Node<'t>) -> Self {
        Self { node, ..self }
    }
}

/// The members of an object.
pub(super) struct Members<'t>(Children<'t>, Place<'t>);

/// The items of an array.
pub(super) struct Items<'t>(Children<'t>, Place<'t>);

/// A number.
pub(super) struct Numeric<'t>(Node<'t>);

impl Json for Arena {
    type Node<'a> = Place<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(Place<'_>) -> T) -> T {
        *buffer = Value::from(string).to_string();
        let tree = json::parse(buffer).expect("serde_json writes strings that can be read");
        f(Place { node: tree.root(), errors: &Cell::new(0), name: true })
    }
}

impl<'a> jsonschema::json::Node<'a, Arena> for Place<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = Numeric<'a>;

    fn as_object(&self) -> Option<Members<'a>> {
        self.node.is_object().then(|| Members(self.node.children(), *self))
    }

    fn as_array(&self) -> Option<Items<'a>> {
        self.node.is_array().then(|| Items(self.node.children(), *self))
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.node.as_str()
    }

    fn as_number(&self) -> Option<Numeric<'a>> {
        (self.node.kind() == ValueKind::Number).then_some(Numeric(self.node))
    }

    fn as_boolean(&self) -> Option<bool> {
        self.node.as_bool()
    }

    fn is_null(&self) -> bool {
        self.node.is_null()
    }

    fn json_type(&self) -> JsonType {
        kind_of(self.node)
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match self.node.as_str() {
            Some(text) => expected.as_str() == Some(&text),
            None => kind_of(self.node) == JsonType::from(expected) && cmp::equal(&value(self.node), expected),
        }
    }

    /// What an error carries: the number of the node, or the name of a member. It is asked for once an error, so it counts them.
    fn to_value(&self) -> Cow<'a, Value> {
        let made = self.errors.get();
        self.errors.set(made.saturating_add(1));
        Cow::Owned(match self.node.as_str() {
            Some(name) if self.name => Value::from(name),
            _ if made < MAX_ERRORS => Value::from(self.node.id().0),
            _ => Value::Null,
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::tagged(std::ptr::from_ref(self.node.tree()) as usize, self.node.id().0))
    }
}

impl<'a> Object<'a, Arena> for Members<'a> {
    type Node = Place<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = Self;

    fn len(&self) -> usize {
        self.0.clone().count()
    }

    fn get(&self, key: &String) -> Option<Place<'a>> {
        self.1.node.get(key).map(|node| self.1.at(node))
    }

    fn members(&self) -> Self {
        Self(self.0.clone(), self.1)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Place<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.0.next().filter(|_| self.1.errors.get() < MAX_ERRORS)?;
        Some((node.key()?, self.1.at(node)))
    }
}

impl<'a> Array<'a, Arena> for Items<'a> {
    type Node = Place<'a>;
    type ElementsIter = Self;

    fn len(&self) -> usize {
        self.0.clone().count()
    }

    fn elements(&self) -> Self {
        Self(self.0.clone(), self.1)
    }

    fn is_unique(&self) -> bool {
        unique::is_unique(&self.0.clone().map(value).collect::<Vec<_>>())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Place<'a>;

    fn next(&mut self) -> Option<Place<'a>> {
        self.0.next().filter(|_| self.1.errors.get() < MAX_ERRORS).map(|node| self.1.at(node))
    }
}

impl JsonNumber for Numeric<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.as_i64().map_or_else(|| self.0.raw().parse().ok(), |number| number.try_into().ok())
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_number().to_string())
    }

    fn to_number(&self) -> Cow<'_, Number> {
        let whole = || self.as_i64().map(Number::from).or_else(|| self.as_u64().map(Number::from));
        Cow::Owned(whole().or_else(|| Number::from_f64(self.as_f64()?)).unwrap_or_else(|| Number::from(0)))
    }
}

/// A copy, for the rare keywords that compare whole values: `const` and `enum` with other things than strings, and `uniqueItems`.
fn value(node: Node<'_>) -> Value {
    match node.kind() {
        ValueKind::Null => Value::Null,
        ValueKind::Bool => Value::from(node.as_bool()),
        ValueKind::Number => Value::Number(Numeric(node).to_number().into_owned()),
        ValueKind::String => Value::from(node.as_str()),
        ValueKind::Array => node.items().map(value).collect(),
        ValueKind::Object => node.members().map(|member| (member.key().unwrap_or_default().into_owned(), value(member))).collect(),
    }
}

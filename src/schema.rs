//! The arena against JSON Schema: what an export must look like, said in words that a maker understands.
//!
//! The `jsonschema` crate is generic over the document, so it walks the nodes themselves. What its errors carry as "the instance"
//! is the number of the node and nothing else: every violation has its exact place, and no value of an export can end up in a
//! message. Schemas are ours and compiled into the program; nothing is fetched.

mod arena;

use crate::model::secret;
use crate::tree::de::nearest;
use crate::tree::{Node, NodeId};
use arena::{Arena, Place, kind_of};
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use jsonschema::{JsonType, PatternOptions, ValidationError, Validator};
use serde_json::Value;
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Most violations that are listed for one document; behind them stands one that says how many were left out.
pub const MAX_VIOLATIONS: usize = 50;

/// Most errors that are collected for one document, before the search stops: a file of hundreds of megabytes may be wrong everywhere.
const MAX_ERRORS: usize = 5_000;

/// Most words of an `enum` that a message lists.
const MAX_WORDS: usize = 12;

/// A JSON Schema that comes with the program, compiled when it is first used.
pub struct Schema {
    name: &'static str,
    text: &'static str,
    compiled: OnceLock<(Value, Validator<Arena>)>,
}

/// One place where a document is not as its schema says.
#[derive(Clone, Debug)]
pub struct Violation<'t> {
    /// The smallest value that is wrong; for a member that is missing the object that lacks it.
    pub node: Node<'t>,
    /// Whether the name of the member is wrong, not its value.
    pub on_key: bool,
    /// One lower-case sentence: what was expected, and what kind of thing is there. Never a value of the document.
    pub message: String,
    /// What the value means, from the `description` in the schema.
    pub help: Option<String>,
    /// The keyword of JSON Schema that does not hold; `"limit"` for the note on what was left out.
    pub keyword: &'static str,
}

impl Schema {
    /// The schema `text`, which is called `name` when something is wrong with the schema itself.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, compiled: OnceLock::new() }
    }

    fn compiled(&self) -> &(Value, Validator<Arena>) {
        self.compiled.get_or_init(|| {
            let schema: Value = serde_json::from_str(self.text).unwrap_or_else(|error| panic!("schema {} is not JSON: {error}", self.name));
            let options = jsonschema::options_for::<Arena>().offline().with_pattern_options(PatternOptions::regex());
            let validator = options.build(&schema).unwrap_or_else(|error| panic!("schema {} does not compile: {error}", self.name));
            (schema, validator)
        })
    }

    /// What is wrong with the value `root` and all below it, in document order; nothing when it is as it should be.
    ///
    /// # Panics
    /// When the schema itself is wrong; a test holds ours.
    #[must_use]
    pub fn violations<'t>(&self, root: Node<'t>) -> Vec<Violation<'t>> {
        let (schema, validator) = self.compiled();
        let errors = Cell::new(0);
        // Nearly all documents are valid, and to know that costs less than to collect errors.
        if validator.is_valid(Place::new(root, &errors)) {
            return Vec::new();
        }
        let teller = Teller { schema, root };
        let mut found = Vec::new();
        for error in validator.iter_errors(Place::new(root, &errors)) {
            teller.tell(&error, &mut found);
        }
        if found.is_empty() {
            found.push(Violation { node: root, on_key: false, message: teller.unknown(), help: None, keyword: "limit" });
        }
        found.sort_by(|a, b| (a.node.id(), &a.message).cmp(&(b.node.id(), &b.message)));
        found.dedup_by(|a, b| a.node == b.node && a.message == b.message);
        let left_out = found.len().saturating_sub(MAX_VIOLATIONS);
        if left_out > 0 {
            let at_least = if errors.get().max(found.len()) >= MAX_ERRORS { "at least " } else { "" };
            found.truncate(MAX_VIOLATIONS);
            let message = format!("{at_least}{left_out} more places are wrong in the same document");
            found.push(Violation { node: root, on_key: false, message, help: None, keyword: "limit" });
        }
        found
    }
}

/// Turns errors of the crate into violations.
struct Teller<'t, 's> {
    schema: &'s Value,
    root: Node<'t>,
}

impl<'t> Teller<'t, '_> {
    fn tell(&self, error: &ValidationError<'_>, found: &mut Vec<Violation<'t>>) {
        // An error without a number was made after the search had stopped: it says nothing.
        let Some(id) = error.instance().as_u64() else { return };
        let node = self.root.tree().node(NodeId(id as u32));
        let subject = self.subject(node, error);
        let keyword_at = error.schema_path().as_str();
        let schema_at = keyword_at.rfind('/').map_or("", |end| &keyword_at[..end]);
        let described = |at: &str| Some(self.schema.pointer(at).filter(|_| !at.is_empty())?.get("description")?.as_str()?.to_owned());
        let help = |at: &str| described(at).or_else(|| described(at.strip_suffix("/items")?));
        match error.kind() {
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                if let Some(branch) = furthest(error, context) {
                    return branch.iter().for_each(|error| self.tell(error, found));
                }
                let allowed: Vec<&Kind> = context.iter().flatten().map(ValidationError::kind).collect();
                let message = format!("{subject} {}", must_be(&allowed, kind_of(node)));
                let keyword = if matches!(error.kind(), Kind::AnyOf { .. }) { "anyOf" } else { "oneOf" };
                found.push(Violation { node, on_key: false, message, help: help(schema_at), keyword });
            }
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                let unexpected: HashSet<&str> = unexpected.iter().map(String::as_str).collect();
                let known = |member: &Node<'_>| member.key().is_none_or(|key| !unexpected.contains(&*key));
                for member in node.members().filter(|member| !known(member)).take(MAX_ERRORS) {
                    let name = member.key().unwrap_or_default();
                    let message = format!("{} is not known in {subject}", code(&name));
                    let help = self.meant(schema_at, &name).or_else(|| help(schema_at));
                    found.push(Violation { node: member, on_key: true, message, help, keyword: "additionalProperties" });
                }
            }
            Kind::PropertyNames { error } => {
                let name = error.instance().as_str().unwrap_or_default();
                let (keyword, what) = told(error, JsonType::String, &|| 0);
                let message = format!("the name {} {what}", code(name));
                for node in node.get_all(name) {
                    found.push(Violation { node, on_key: true, message: message.clone(), help: help(schema_at), keyword });
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let message = format!("{subject} has no {}", code(name));
                let help = help(&format!("{schema_at}/properties/{}", name.replace('~', "~0").replace('/', "~1")));
                found.push(Violation { node, on_key: false, message, help, keyword: "required" });
            }
            kind => {
                let (keyword, what) = told(error, kind_of(node), &|| node.children().count());
                let on_key = matches!(kind, Kind::FalseSchema) && node.key_span().is_some();
                found.push(Violation { node, on_key, message: format!("{subject} {what}"), help: help(schema_at), keyword });
            }
        }
    }

    /// The member that was probably meant, among those that the schema at that place knows.
    fn meant(&self, schema_at: &str, name: &str) -> Option<String> {
        // The way of an evaluation leads through references; what they refer to stands among the definitions.
        let mut schema = self.schema;
        for part in schema_at.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            schema = match part.as_str() {
                "$ref" => self.schema.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)?,
                part => schema.get(part).or_else(|| schema.get(part.parse::<usize>().ok()?))?,
            };
        }
        let known: Vec<&str> = schema.get("properties")?.as_object()?.keys().map(String::as_str).collect();
        let meant = nearest(name, &known)?;
        Some(format!("did you mean `{meant}`? allowed: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
    }

    /// What a sentence calls the value: its name, its number in a list, or the title of the schema.
    fn subject(&self, node: Node<'t>, error: &ValidationError<'_>) -> String {
        if let (Some(key), true) = (node.key(), node != self.root) {
            return code(&key);
        }
        let mut name = String::new();
        for segment in error.instance_path().segments().collect::<Vec<_>>().into_iter().rev() {
            match segment {
                LocationSegment::Index(index) => name = format!("{name}item {} of ", index + 1),
                LocationSegment::Property(key) => return name + &code(&key),
            }
        }
        let title = self.schema.get("title").and_then(Value::as_str).unwrap_or("document");
        format!("{name}the {title}")
    }

    fn unknown(&self) -> String {
        format!("the {} has a wrong shape", self.schema.get("title").and_then(Value::as_str).unwrap_or("document"))
    }
}

/// The branch that was meant most probably: the value has its type and its telling words, the errors are deepest, and they are
/// fewest. None when no branch gets past the value itself.
fn furthest<'e>(outer: &ValidationError<'_>, branches: &'e [Vec<ValidationError<'static>>]) -> Option<&'e [ValidationError<'static>]> {
    let path = outer.instance_path().as_str().len();
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().len();
    let says_kind = |error: &ValidationError<'_>| matches!(error.kind(), Kind::Type { .. } | Kind::Enum { .. } | Kind::Constant { .. });
    let entered = branches.iter().filter(|errors| !errors.iter().any(|error| says_kind(error) && depth(error) == path));
    let rank = |errors: &&Vec<ValidationError<'static>>| {
        let other = errors.iter().any(|error| matches!(error.kind(), Kind::Enum { .. } | Kind::Constant { .. }));
        (other, std::cmp::Reverse(errors.iter().map(depth).max()), errors.len())
    };
    entered.min_by_key(rank).map(Vec::as_slice)
}

/// Keyword and predicate of an error that is about one value of type `found` with `children` below it.
fn told(error: &ValidationError<'_>, found: JsonType, children: &dyn Fn() -> usize) -> (&'static str, String) {
    let items = |limit: u64, what: &str| format!("{limit} {what}{}", if limit == 1 { "" } else { "s" });
    match error.kind() {
        kind @ Kind::Type { .. } => ("type", must_be(&[kind], found)),
        kind @ Kind::Enum { .. } => ("enum", must_be(&[kind], found)),
        kind @ Kind::Constant { .. } => ("const", must_be(&[kind], found)),
        Kind::MinItems { limit } => ("minItems", format!("must have at least {}, found {}", items(*limit, "item"), children())),
        Kind::MaxItems { limit } => ("maxItems", format!("must have at most {}, found {}", items(*limit, "item"), children())),
        Kind::AdditionalItems { limit } => ("items", format!("must have at most {}, found {}", items(*limit as u64, "item"), children())),
        Kind::MinProperties { limit } => ("minProperties", format!("must have at least {}, found {}", items(*limit, "member"), children())),
        Kind::MaxProperties { limit } => ("maxProperties", format!("must have at most {}, found {}", items(*limit, "member"), children())),
        Kind::MinLength { limit: 1 } => ("minLength", "must not be empty".into()),
        Kind::MinLength { limit } => ("minLength", format!("must have at least {}", items(*limit, "character"))),
        Kind::MaxLength { limit } => ("maxLength", format!("must have at most {}", items(*limit, "character"))),
        Kind::Minimum { limit } => ("minimum", format!("must be at least {limit}")),
        Kind::Maximum { limit } => ("maximum", format!("must be at most {limit}")),
        Kind::ExclusiveMinimum { limit } => ("exclusiveMinimum", format!("must be more than {limit}")),
        Kind::ExclusiveMaximum { limit } => ("exclusiveMaximum", format!("must be less than {limit}")),
        Kind::MultipleOf { multiple_of } => ("multipleOf", format!("must be a multiple of {multiple_of}")),
        Kind::Pattern { pattern } => ("pattern", format!("must match the pattern {}", code(pattern))),
        Kind::Format { format } => ("format", format!("must be a valid {}", code(format))),
        Kind::UniqueItems => ("uniqueItems", "must not have the same item twice".into()),
        Kind::Contains => ("contains", "lacks an item that must be in it".into()),
        Kind::FalseSchema => ("false", "is not allowed here".into()),
        Kind::OneOfMultipleValid { .. } => ("oneOf", "fits more than one of the forms that exclude each other".into()),
        Kind::Not { .. } => ("not", "has a form that is not allowed here".into()),
        Kind::UnevaluatedItems { .. } => ("unevaluatedItems", "has items that are not known".into()),
        other => ("schema", format!("does not satisfy `{}` of its schema", other.keyword())),
    }
}

/// "must be a string or `x`, found a number": all that the kinds allow, and what is there instead.
fn must_be(allowed: &[&Kind], found: JsonType) -> String {
    let (mut words, mut same_type) = (Vec::new(), false);
    let mut add = |word: String| {
        if !words.contains(&word) {
            words.push(word);
        }
    };
    let mut add_value = |value: &Value, add: &mut dyn FnMut(String)| {
        same_type |= JsonType::from(value) == found && found != JsonType::Null;
        add(value.as_str().map_or_else(|| code(&value.to_string()), code));
    };
    for kind in allowed {
        match kind {
            Kind::Type { kind: TypeKind::Single(one) } => add(noun(*one).into()),
            Kind::Type { kind: TypeKind::Multiple(types) } => types.iter().for_each(|one| add(noun(one).into())),
            Kind::Constant { expected_value } => add_value(expected_value, &mut add),
            Kind::Enum { options } => options.as_array().into_iter().flatten().for_each(|option| add_value(option, &mut add)),
            _ => {}
        }
    }
    words.sort_by_key(|word| word == "`null`");
    let more = words.len().saturating_sub(MAX_WORDS);
    words.truncate(MAX_WORDS);
    let last = if more > 0 { Some(format!("one of {more} more")) } else { words.pop() };
    let words = [words.join(", "), last.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" or ");
    let found = noun(found);
    match (same_type, found.split_once(' ')) {
        (true, Some((_, bare))) => format!("must be {words}, found another {bare}"),
        _ => format!("must be {words}, found {found}"),
    }
}

const fn noun(of: JsonType) -> &'static str {
    match of {
        JsonType::Null => "`null`",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

/// A name in backticks, cut to a length that a line can bear.
fn code(name: &str) -> String {
    match name.char_indices().nth(60) {
        // A secret that is cut would not be known for one where secrets are hidden.
        Some(_) => {
            let name = secret::hide(name);
            let end = name.char_indices().nth(60).map_or(name.len(), |(end, _)| end);
            format!("`{}…`", &name[..end])
        }
        None => format!("`{name}`"),
    }
}

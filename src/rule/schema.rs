//! The JSON Schema of rule files: made from the types, with the kinds, facts and words of the vocabulary, so that an editor
//! completes them and shows what they mean.

use super::file::{Clauses, Elsewhere, Labels, Pointers, RuleFile};
use crate::model::{Fact, FactType, Kind, Word};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The schema of rule files, as it stands in `schemas/rule.schema.json`.
#[must_use]
pub fn rule_schema() -> Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<RuleFile>();
    schema.insert("title".into(), "A rule of Flowgate".into());
    schema.insert("oneOf".into(), json!([{ "required": ["match", "message", "false-positives", "examples"] }, { "required": ["engine"] }]));
    schema.to_value()
}

/// A word or fact with its meaning, for hover texts.
fn described(mut schema: Value, doc: &str) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), doc.trim().into());
    }
    schema
}

fn words(words: &[Word]) -> Value {
    let each: Vec<Value> = words.iter().map(|word| described(json!({ "const": word.name }), word.doc)).collect();
    json!({ "oneOf": each })
}

/// One value of a fact.
fn value(fact_type: FactType) -> Value {
    match fact_type {
        FactType::Word(all) | FactType::Words(all) => words(all),
        FactType::Text | FactType::Texts => json!({ "type": "string" }),
        FactType::Bool => json!({ "type": "boolean" }),
        FactType::Number => json!({ "type": "number" }),
    }
}

/// Any condition about a fact; `own` is the path of this very schema.
fn condition(fact_type: FactType, own: &str) -> Value {
    let mut operators = Map::new();
    let mut add = |name: &str, schema: Value, doc: &str| operators.insert(name.into(), described(schema, doc));
    add("not", json!({ "$ref": own }), "This does not hold, or the fact is not known.");
    match fact_type {
        FactType::Text | FactType::Texts => {
            add("regex", json!({ "type": "string", "format": "regex" }), "A part of the text matches.");
            add("glob", json!({ "type": "string" }), "The whole text matches, where `*` stands for any text and `?` for one character.");
        }
        FactType::Number => {
            add("min", json!({ "type": "number" }), "The number is this or more.");
            add("max", json!({ "type": "number" }), "The number is this or less.");
        }
        FactType::Word(_) | FactType::Words(_) | FactType::Bool => {}
    }
    add("exists", json!({ "type": "boolean" }), "Whether the fact is known.");
    json!({
        "anyOf": [
            value(fact_type),
            { "type": "array", "items": { "$ref": own }, "minItems": 1 },
            { "type": "object", "properties": operators, "additionalProperties": false, "minProperties": 1 },
        ]
    })
}

/// The conditions about an element of a kind.
fn element(kind: Kind, generator: &mut SchemaGenerator) -> Value {
    let base = format!("#{}", generator.settings().definitions_path);
    let name = kind.name();
    if !generator.definitions().contains_key(name) {
        let mut facts = Map::new();
        let mut add = |fact: &str, fact_type: FactType, doc: &str| {
            let id = format!("{name}.{fact}");
            let own = format!("{base}/{id}");
            generator.definitions_mut().insert(id, condition(fact_type, &own));
            facts.insert(fact.into(), json!({ "$ref": own, "description": doc.trim() }));
        };
        for fact in kind.facts() {
            add(fact.name(), fact.fact_type(), fact.doc());
        }
        if Fact::named(kind, "name").is_none() {
            add("name", FactType::Text, "Name that makers see.");
        }
        let schema = json!({ "type": "object", "description": kind.doc().trim(), "properties": facts, "additionalProperties": false });
        generator.definitions_mut().insert(name.into(), schema);
    }
    json!({ "$ref": format!("{base}/{name}") })
}

fn elements(generator: &mut SchemaGenerator) -> Map<String, Value> {
    Kind::ALL.iter().map(|kind| (kind.name().to_owned(), described(element(*kind, generator), kind.doc()))).collect()
}

impl JsonSchema for Clauses {
    fn schema_name() -> Cow<'static, str> {
        "Clauses".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = json!({ "$ref": format!("#{}/Clauses", generator.settings().definitions_path) });
        let mut clauses = elements(generator);
        for (name, doc) in [
            ("has", "Elements somewhere in the same app, each for itself."),
            ("reaches", "Elements of one step that runs because of the step of the element."),
            ("reached-by", "Elements of one step because of which the step of the element runs."),
        ] {
            clauses.insert(name.into(), described(generator.subschema_for::<Elsewhere>().to_value(), doc));
        }
        let unless = json!({ "anyOf": [own, { "type": "array", "items": own }] });
        clauses.insert("unless".into(), described(unless, "It does not hold that all of this holds; of several, that one of them does."));
        json_schema!({
            "type": "object",
            "description": "Conditions that all hold. A kind is the element itself, the app around it, or another element of the same step.",
            "properties": clauses,
            "additionalProperties": false,
            "minProperties": 1,
        })
    }
}

impl JsonSchema for Elsewhere {
    fn schema_name() -> Cow<'static, str> {
        "Elements".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let elements = elements(generator);
        json_schema!({ "type": "object", "properties": elements, "additionalProperties": false, "minProperties": 1 })
    }
}

impl JsonSchema for Labels {
    fn schema_name() -> Cow<'static, str> {
        "Labels".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}

impl JsonSchema for Pointers {
    fn schema_name() -> Cow<'static, str> {
        "Pointers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pointer = json!({ "type": "string", "pattern": "^([^/#][^#]*#)?(/.*)?$" });
        json_schema!({ "anyOf": [pointer, { "type": "array", "items": pointer, "minItems": 1 }] })
    }
}

//! ServiceNow: update sets, records in XML, apps as source control keeps them.
//!
//! All three are records of tables, and what a record means says its table. An update set has each in text of its own, which is laid
//! open first. Records refer to each other by number, so what belongs together is joined over the files of an export:
//! a rule of access with its roles, a resource with the service that it is a part of.

mod access;
mod app;
mod code;
mod connect;
mod data;
mod flow;
mod lexer;
mod noise;
mod payload;
mod property;
mod record;
mod rest;
mod root;
mod script;
mod step;

use super::secrets::{scan, with_tokens};
use super::{Document, Export, File, HashMap, HashSet, Markers, Platform, SchemaText};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::SecretPlace;
use crate::model::{AppId, Element, Kind, Model, Place};
use crate::tree::canonical::Noise;
use crate::tree::{Node, NodeId, Syntax, SyntaxError};
use record::{RECORD_UPDATE, Record, Records, UNLOAD, UPDATE_SET, is_ciphertext};
use std::borrow::Cow;

/// The platform.
pub struct ServiceNow;

/// Adds what the records of a table say.
type Lower = for<'t> fn(&mut Context<'_, 't>, &Record<'t>);

/// The tables that are read, in the order in which they need each other.
const TABLES: &[&[(&str, Lower)]] = &[data::TABLES, property::TABLES, connect::TABLES, access::TABLES, rest::TABLES, flow::TABLES];

/// Where a record is lowered into, and what is known of the others.
struct Context<'c, 't> {
    model: &'c mut Model<'t>,
    export: &'c Export<'t>,
    /// The app that stands for the whole export: all that is no flow of its own belongs to it.
    app: AppId,
    records: Vec<Record<'t>>,
    /// What it deletes.
    deleted: Vec<Record<'t>>,
    /// What was before.
    passed: Vec<Record<'t>>,
    /// The numbers of the records of each table.
    tables: HashMap<Cow<'t, str>, Vec<usize>>,
    /// The texts that were searched for secrets, by file and node.
    looked_at: HashSet<(u32, NodeId)>,
}

impl<'t> Context<'_, 't> {
    /// The records of a table, in document order.
    fn of_table(&self, table: &str) -> impl Iterator<Item = &Record<'t>> {
        self.tables.get(table).into_iter().flatten().map(|at| &self.records[*at])
    }

    /// The same by value, for those who add elements meanwhile.
    fn all_of(&self, table: &str) -> Vec<Record<'t>> {
        self.of_table(table).copied().collect()
    }

    /// An element about a part of a record.
    fn element(&self, kind: Kind, record: &Record<'t>, part: &str, place: Place) -> Element<'t> {
        let dot = if part.is_empty() { "" } else { "." };
        Element::new(kind, self.app, format!("{}.{}{dot}{part}", record.table(), record.id()), record.name(), place)
    }

    /// Says that a text is searched for secrets by who asks; whether nobody has before.
    fn take_over(&mut self, node: Node<'t>) -> bool {
        self.looked_at.insert((node.tree().file(), node.id()))
    }

    /// Whether somebody has taken over to search a text for secrets.
    fn was_looked_at(&self, node: Node<'t>) -> bool {
        self.looked_at.contains(&(node.tree().file(), node.id()))
    }

    /// Adds the secrets in the value of a field.
    fn secrets(
        &mut self,
        record: &Record<'t>,
        field: impl Into<Cow<'t, str>>,
        value: Node<'t>,
        (position, place): (Position, SecretPlace),
    ) {
        if !self.take_over(value) {
            return;
        }
        let (field, mut found) = (field.into(), Vec::new());
        scan(self.export.file(value).tokens, value, Some(&field), position, place, &mut found);
        for hit in found {
            self.model.secrets.push(hit.place);
            self.model.add(hit.element(self.app, &format!("{}.{}", record.table(), record.id()), record.name()));
        }
    }
}

impl Platform for ServiceNow {
    fn name(&self) -> &'static str {
        "service-now"
    }

    fn syntaxes(&self) -> &'static [Syntax] {
        &[Syntax::Xml]
    }

    fn traces(&self) -> &'static [&'static str] {
        &["<record_update", "<unload unload_date=", "<sys_remote_update_set", "<sys_update_xml"]
    }

    fn markers(&self) -> &'static [&'static str] {
        root::MARKERS
    }

    fn export_root<'p>(&self, path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
        root::export_root(path, markers)
    }

    fn lay_open(&self, text: &str) -> Result<Option<String>, SyntaxError> {
        payload::lay_open(text)
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        let root = file.tree.root().members().next().filter(|_| file.tree.syntax() == Syntax::Xml);
        let document = |node: Node<'t>| Some(Document { node, schema: schema_of(node)? });
        root.and_then(document).into_iter().collect()
    }

    fn noise(&self, document: &Document<'_>) -> Noise {
        noise::of(document.node)
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        let Records { kept: records, deleted, passed } = Records::of(export);
        let mut tables: HashMap<Cow<'t, str>, Vec<usize>> = HashMap::default();
        for (at, record) in records.iter().enumerate() {
            tables.entry(record.table()).or_default().push(at);
        }
        let app = app::lower(&mut model, export, &records);
        let mut context = Context { model: &mut model, export, app, records, deleted, passed, tables, looked_at: HashSet::default() };
        for (table, lower) in TABLES.iter().copied().flatten() {
            for record in context.all_of(table) {
                lower(&mut context, &record);
            }
        }
        access::finish(&mut context);
        step::lower(&mut context);
        script::lower_others(&mut context);
        credentials(&mut context);
        rest_of(&mut context);
        model
    }

    fn schemas(&self) -> &'static [SchemaText] {
        &[UPDATE, SET, RECORDS]
    }
}

const UPDATE: SchemaText = schema!("record-update.schema.json");
const SET: SchemaText = schema!("update-set.schema.json");
const RECORDS: SchemaText = schema!("unload.schema.json");

/// What a root element is, as far as it is one of the platform: others have elements of these names, too.
fn schema_of(root: Node<'_>) -> Option<SchemaText> {
    let is_record = |node: Node<'_>| node.get("@action").is_some();
    if root.namespace().is_some() {
        None
    } else if root.has_key(RECORD_UPDATE) {
        (root.get("@table").is_some() || root.members().any(is_record)).then_some(UPDATE)
    } else if !root.has_key(UNLOAD) {
        None
    } else if root.get(UPDATE_SET).is_some() || root.get("sys_update_xml").is_some() {
        Some(SET)
    } else {
        (root.get("@unload_date").is_some() || root.members().any(is_record)).then_some(RECORDS)
    }
}

/// Adds what stands in fields that are made for credentials, whatever their table.
fn credentials(context: &mut Context<'_, '_>) {
    for record in context.records.clone() {
        for (field, value) in record.fields() {
            if is_secret_name(&field) && !value.as_str().is_some_and(|text| is_ciphertext(&text)) {
                context.secrets(&record, field, value, (Position::CredentialField, SecretPlace::CredentialField));
            }
        }
    }
}

/// Adds the secrets with a shape of their own that stand anywhere, also in what is deleted or was there before: whoever has the file
/// reads them.
fn rest_of(context: &mut Context<'_, '_>) {
    let start = |record: &Record<'_>| (record.node.tree().file(), record.node.span().start);
    let mut all: Vec<Record<'_>> = [&context.records, &context.deleted, &context.passed].into_iter().flatten().copied().collect();
    all.sort_unstable_by_key(start);
    for document in &context.export.documents {
        for held in with_tokens(document.node, context.export.file(document.node).tokens) {
            let before = all.partition_point(|record| start(record) <= (held.tree().file(), held.span().start));
            let around = all[..before].last().filter(|record| record.node.contains(held.id()) && held.tree().file() == start(record).0);
            let record = around.copied().unwrap_or_else(|| Record::of(document.node));
            context.secrets(&record, held.key().unwrap_or_default(), held, (Position::Other, SecretPlace::Other));
        }
    }
}

/// The schema of that name below `schemas/service-now/`.
macro_rules! schema {
    ($name:literal) => {
        $crate::platform::SchemaText {
            name: concat!("service-now/", $name),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/service-now/", $name)),
        }
    };
}
use schema;

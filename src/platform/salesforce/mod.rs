//! Salesforce: metadata of an org as its tools keep it, in the format of projects (`-meta.xml`) and in that of the Metadata API.
//!
//! A project is one export of many small files; what a file is tells its root element. The name of a component is the name of its file:
//! nothing inside says it. Each kind of document is lowered by itself, in the order of `GROUPS`; what joins several is done at the end.

mod access;
mod agent;
mod component;
mod connect;
mod data;
mod flow;
mod org;
mod root;
mod structure;
mod unknown;

use super::{Document, Export, File, HashSet, Markers, Platform, SchemaText};
use crate::model::{AppId, Model, Place};
use crate::tree::canonical::Noise;
use crate::tree::{Node, NodeId, Syntax};
use component::Component;
use std::sync::LazyLock;

/// The platform.
pub struct Salesforce;

/// The namespace of all metadata.
const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// What a document of a kind is told by.
enum Form {
    /// XML in the namespace of metadata whose root element has one of these names.
    Root(&'static [&'static str]),
    /// The same, or without a namespace: tools that take a component apart leave it out.
    Part(&'static [&'static str]),
    /// Anything else.
    Other(for<'t> fn(&File<'t>) -> Vec<Node<'t>>),
}

/// A kind of document.
struct Kind {
    schema: SchemaText,
    form: Form,
    /// Adds what a document says. XML documents are given as their root element.
    lower: for<'c, 't> fn(&mut Context<'c, 't>, Node<'t>),
}

/// All kinds, in the order in which they need each other; the first that recognises a file has it.
const GROUPS: &[&[Kind]] = &[data::KINDS, org::KINDS, connect::KINDS, access::KINDS, flow::KINDS, agent::KINDS, &[unknown::KIND]];

/// Those of them whose texts are searched for secrets as a whole; the others know better what each of their texts is.
const SEARCHED: &[&[Kind]] = &[data::KINDS, org::KINDS, connect::KINDS, access::KINDS, agent::KINDS];

/// What needs several documents at once, in the order in which it is done when all have been seen.
const FINISHES: &[for<'c, 't> fn(&mut Context<'c, 't>)] = &[access::finish, data::finish, flow::finish, agent::finish];

/// Where a document is lowered into, and what is known of the others.
pub(super) struct Context<'c, 't> {
    pub(super) model: &'c mut Model<'t>,
    pub(super) export: &'c Export<'t>,
    package: Option<AppId>,
    /// The texts that were searched for secrets, by file and node.
    looked_at: HashSet<(u32, NodeId)>,
    /// Who may do what.
    access: access::Known<'t>,
    /// Credentials and what uses them.
    connect: connect::Known<'t>,
    /// Objects.
    data: data::Known<'t>,
    /// What agents have to know of flows.
    flows: flow::Known<'t>,
    /// The parts of agents.
    agents: agent::Known<'t>,
}

impl Context<'_, '_> {
    /// The app that stands for the whole project: all that is no flow, agent or site of its own belongs to it. `place` is where it
    /// begins when nothing else has named it yet.
    pub(super) fn package(&mut self, place: Place) -> AppId {
        *self.package.get_or_insert_with(|| self.export.package(self.model, place))
    }
}

/// All kinds.
fn kinds() -> impl Iterator<Item = &'static Kind> {
    GROUPS.iter().copied().flatten()
}

impl Kind {
    fn documents<'t>(&self, file: &File<'t>, element: Option<Node<'t>>) -> Vec<Node<'t>> {
        let named = |names: &[&str], element: &Node<'_>| element.key().is_some_and(|name| names.contains(&&*name));
        let element = match &self.form {
            Form::Root(names) => element.filter(|root| root.namespace() == Some(NAMESPACE) && named(names, root)),
            Form::Part(names) => element.filter(|root| root.namespace().is_none_or(|uri| uri == NAMESPACE) && named(names, root)),
            Form::Other(recognise) => return recognise(file),
        };
        element.into_iter().collect()
    }
}

impl Platform for Salesforce {
    fn name(&self) -> &'static str {
        "salesforce"
    }

    fn syntaxes(&self) -> &'static [Syntax] {
        &[Syntax::Xml, Syntax::Json, Syntax::Text]
    }

    fn traces(&self) -> &'static [&'static str] {
        // The parts of permission sets have no namespace; what is in them beside their root is told by the next line.
        &[NAMESPACE, "<PermissionSet>"]
    }

    fn syntax(&self, path: &str) -> Option<Syntax> {
        root::syntax(path)
    }

    fn markers(&self) -> &'static [&'static str] {
        root::MARKERS
    }

    fn export_root<'p>(&self, path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
        root::export_root(path, markers)
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        let element = component::element(file);
        let of = |kind: &Kind| {
            let documents = kind.documents(file, element).into_iter();
            documents.map(|node| Document { node, schema: kind.schema }).collect::<Vec<_>>()
        };
        kinds().map(of).find(|documents| !documents.is_empty()).unwrap_or_default()
    }

    fn noise(&self, _: &Document<'_>) -> Noise {
        // Metadata says nothing but what is meant; where flows lie on the canvas is part of it, and counts.
        Noise::default()
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        let mut context = Context {
            model: &mut model,
            export,
            package: None,
            looked_at: HashSet::default(),
            access: access::Known::default(),
            connect: connect::Known::default(),
            data: data::Known::default(),
            flows: flow::Known::default(),
            agents: agent::Known::default(),
        };
        // In the order of the kinds, so that what others refer to is there first.
        for kind in kinds() {
            for document in export.documents.iter().filter(|document| document.schema == kind.schema) {
                (kind.lower)(&mut context, document.node);
            }
        }
        FINISHES.iter().for_each(|finish| finish(&mut context));
        let others = |document: &&Document<'t>| SEARCHED.iter().copied().flatten().any(|kind| kind.schema == document.schema);
        for document in export.documents.iter().filter(others) {
            component::lower_rest(&mut context, document.node);
        }
        for document in export.documents.iter().filter(|document| document.node.tree().syntax() == Syntax::Xml) {
            structure::lower(&mut context, document.node);
        }
        model
    }

    fn schemas(&self) -> &'static [SchemaText] {
        static SCHEMAS: LazyLock<Vec<SchemaText>> = LazyLock::new(|| kinds().map(|kind| kind.schema).collect());
        &SCHEMAS
    }
}

/// The schema of that name below `schemas/salesforce/`.
macro_rules! schema {
    ($name:literal) => {
        $crate::platform::SchemaText {
            name: concat!("salesforce/", $name),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/salesforce/", $name)),
        }
    };
}
use schema;

//! What an organisation says of its apps, as an export like others: manifests lie beside the exports that they speak for.
//!
//! Here it becomes elements with places, and nothing else: what follows from it, the whole run has to tell. Control files are known by
//! their names alone; each kind is one module.

mod manifest;
mod waiver;

use super::{Document, Export, File, Platform, SchemaText};
use crate::model::Model;
use crate::tree::canonical::Noise;
use crate::tree::{Node, Syntax};

/// Name of the platform.
pub const NAME: &str = "governance";

/// The platform.
pub struct Governance;

/// A kind of control file.
struct Kind {
    schema: SchemaText,
    /// Whether a file at this path is one.
    named: fn(&str) -> bool,
    /// Whether a document may be one: others have files of that name, too.
    shaped: fn(Node<'_>) -> bool,
    /// Adds what it says; the path is that of the file.
    lower: for<'t> fn(&mut Model<'t>, Node<'t>, &'t str),
}

/// All kinds, in the order in which they are lowered.
const KINDS: &[Kind] = &[
    Kind { schema: manifest::SCHEMA, named: manifest::is_named, shaped: manifest::is_shaped, lower: manifest::lower },
    Kind { schema: waiver::SCHEMA, named: waiver::is_named, shaped: waiver::is_shaped, lower: waiver::lower },
];

/// The version of all control files.
const VERSION: &str = "flowgate/v1";

impl Platform for Governance {
    fn name(&self) -> &'static str {
        NAME
    }

    fn syntaxes(&self) -> &'static [Syntax] {
        &[Syntax::Yaml]
    }

    fn traces(&self) -> &'static [&'static str] {
        // A waiver may leave out its version; its file is known by where it lies.
        &[VERSION, "category"]
    }

    fn syntax(&self, path: &str) -> Option<Syntax> {
        KINDS.iter().any(|kind| (kind.named)(path)).then_some(Syntax::Yaml)
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        let root = file.tree.root();
        let kind = KINDS.iter().find(|kind| (kind.named)(file.path));
        let kind = kind.filter(|kind| root.get("apiVersion").is_some() || root.is_null() || (kind.shaped)(root));
        kind.map(|kind| Document { node: root, schema: kind.schema }).into_iter().collect()
    }

    fn noise(&self, _: &Document<'_>) -> Noise {
        Noise::default()
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        for kind in KINDS {
            for document in export.documents.iter().filter(|document| document.schema == kind.schema) {
                (kind.lower)(&mut model, document.node, export.file(document.node).path);
            }
        }
        model
    }

    fn schemas(&self) -> &'static [SchemaText] {
        const SCHEMAS: [SchemaText; KINDS.len()] = {
            let mut schemas = [SchemaText { name: "", text: "" }; KINDS.len()];
            let mut at = 0;
            while at < KINDS.len() {
                schemas[at] = KINDS[at].schema;
                at += 1;
            }
            schemas
        };
        &SCHEMAS
    }
}

//! n8n: workflow exports of every shape and credential exports.
//!
//! Facts about the format are measured on some 16,000 public files; n8n's own sources are the reference for defaults, which exports
//! leave out.

mod action;
mod agent;
mod catalogue;
mod code;
mod connection;
mod credentials;
mod endpoint;
mod expression;
mod message;
mod node;
mod noise;
mod pinned;
mod request;
mod run;
mod secrets;
mod shape;
mod trigger;
mod workflow;

use super::{Document, Export, File, Platform, SchemaText};
use crate::model::Model;
use crate::tree::Syntax;
use crate::tree::canonical::Noise;

/// The platform.
pub struct N8n;

const WORKFLOW: SchemaText =
    SchemaText { name: "n8n/workflow.schema.json", text: include_str!("../../../schemas/n8n/workflow.schema.json") };
const CREDENTIALS: SchemaText =
    SchemaText { name: "n8n/credentials.schema.json", text: include_str!("../../../schemas/n8n/credentials.schema.json") };

impl Platform for N8n {
    fn name(&self) -> &'static str {
        "n8n"
    }

    fn syntaxes(&self) -> &'static [Syntax] {
        &[Syntax::Json]
    }

    fn traces(&self) -> &'static [&'static str] {
        &["\"n8n-nodes-base.", "\"@n8n/n8n-nodes-", "\"data\":\"U2FsdGVkX1", "\"data\": \"U2FsdGVkX1"]
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        shape::documents(file.tree.root())
    }

    fn noise(&self, document: &Document<'_>) -> Noise {
        noise::of(document)
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        for document in &export.documents {
            if document.schema == CREDENTIALS {
                credentials::lower(&mut model, document.node);
            } else {
                workflow::lower(&mut model, document.node, export.file(document.node).tokens);
            }
        }
        workflow::connect_calls(&mut model);
        model
    }

    fn schemas(&self) -> &'static [SchemaText] {
        &[WORKFLOW, CREDENTIALS]
    }
}

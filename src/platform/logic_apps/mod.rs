//! Azure Logic Apps: templates of Azure Resource Manager, projects of the Standard plan, and workflows by themselves.
//!
//! What a workflow does is said in the workflow definition language, which Power Automate shares; here is everything around it: who
//! may call it, with whose credentials it works, and where those are kept.

mod access;
mod arm;
mod connection;
mod noise;
mod parameter;
mod root;
mod secrets;
mod settings;
mod shape;
mod template;
mod workflow;

use super::{Document, Export, File, HashSet, Markers, Platform, SchemaText, workflow_definition};
use crate::model::{AppId, Model, Place};
use crate::tree::canonical::Noise;
use crate::tree::{Node, NodeId, Syntax};
use connection::Connections;

/// The platform.
pub struct LogicApps;

/// A kind of document.
struct Kind {
    schema: SchemaText,
    /// Whether the file is one.
    recognise: for<'t> fn(&File<'t>) -> bool,
    /// Adds what a document says.
    lower: for<'c, 't> fn(&mut Context<'c, 't>, Node<'t>),
}

macro_rules! kind {
    ($name:literal, $recognise:path, $lower:path) => {
        Kind {
            schema: SchemaText {
                name: concat!("logic-apps/", $name, ".schema.json"),
                text: include_str!(concat!("../../../schemas/logic-apps/", $name, ".schema.json")),
            },
            recognise: $recognise,
            lower: $lower,
        }
    };
}

/// All kinds; the first that recognises a file has it. Lowered in this order, so that workflows find the connections that they name.
const KINDS: &[Kind] = &[
    kind!("template", shape::is_template, template::lower),
    kind!("deployment-parameters", shape::is_deployment_parameters, parameter::lower_deployment),
    kind!("connections", shape::is_connections, connection::lower_file),
    kind!("parameters", shape::is_parameters, parameter::lower_project),
    kind!("host", shape::is_host, settings::lower_host),
    kind!("local-settings", shape::is_local_settings, settings::lower_local),
    kind!("manifest", shape::is_manifest, parameter::lower_manifest),
    kind!("resource", shape::is_resource, workflow::lower_resource_file),
    kind!("workflow", shape::is_workflow, workflow::lower_wrapped),
    kind!("definition", shape::is_definition, workflow::lower_bare),
];

/// Where a document is lowered into, and what is known of the others.
struct Context<'c, 't> {
    model: &'c mut Model<'t>,
    export: &'c Export<'t>,
    /// The connections of the project, by the names that workflows use.
    connections: Connections,
    /// The parameters of the project that are kept as secrets.
    secure: HashSet<String>,
    /// The texts of which it is told whether they hold a secret.
    looked_at: HashSet<(u32, NodeId)>,
    package: Option<AppId>,
}

impl Context<'_, '_> {
    /// The app that stands for all that is deployed together: connections, parameters and settings belong to it. `place` is where it
    /// begins when nothing else has named it yet.
    fn package(&mut self, place: Place) -> AppId {
        *self.package.get_or_insert_with(|| self.export.package(self.model, place))
    }
}

impl Platform for LogicApps {
    fn name(&self) -> &'static str {
        "logic-apps"
    }

    fn syntaxes(&self) -> &'static [Syntax] {
        &[Syntax::Json]
    }

    fn traces(&self) -> &'static [&'static str] {
        &["Microsoft.Logic/workflows", "Microsoft.Logic/schemas", "Microsoft.Logic/galleries", "\"managedApiConnections\""]
    }

    fn markers(&self) -> &'static [&'static str] {
        root::MARKERS
    }

    fn export_root<'p>(&self, path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
        root::export_root(path, markers)
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        let kind = KINDS.iter().find(|kind| (kind.recognise)(file));
        kind.map(|kind| Document { node: file.tree.root(), schema: kind.schema }).into_iter().collect()
    }

    fn noise(&self, document: &Document<'_>) -> Noise {
        noise::of(document.node)
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        let mut context = Context {
            model: &mut model,
            export,
            connections: Connections::default(),
            secure: HashSet::default(),
            looked_at: HashSet::default(),
            package: None,
        };
        for kind in KINDS {
            for document in export.documents.iter().filter(|document| document.schema == kind.schema) {
                (kind.lower)(&mut context, document.node);
            }
        }
        workflow_definition::connect_calls(&mut model);
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

//! Power Platform: solutions with all that is in them, packed or unpacked, legacy packages, and the files that tools keep beside them.
//!
//! An export is a folder or an archive with documents of many kinds. Each kind is one module with a `recognise` and a `lower`;
//! what one kind has to know of another (which connector a reference means, who owns the rows of a table) is gathered first.

mod bot;
mod canvas;
mod connector;
mod dataverse;
mod flow;
mod ids;
mod literal;
mod noise;
mod pages;
mod root;

use super::{Document, Embedded, Export, File, Markers, Platform, SchemaText};
use crate::model::{AppId, Model, Place};
use crate::tree::canonical::Noise;
use crate::tree::{Node, Syntax};
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

/// The platform.
pub struct PowerPlatform;

/// A kind of document.
struct Kind {
    schema: SchemaText,
    /// The documents of this kind in a file.
    recognise: for<'t> fn(&File<'t>) -> Vec<Node<'t>>,
    /// Adds what a document says.
    lower: for<'c, 't> fn(&mut Context<'c, 't>, Node<'t>),
}

/// All kinds; the first that recognises a file has it.
const KINDS: &[Kind] = &[
    dataverse::SOLUTION,
    dataverse::TABLE,
    dataverse::VARIABLE,
    dataverse::VARIABLE_VALUE,
    dataverse::CUSTOMIZATIONS,
    dataverse::ROLE,
    dataverse::STEP,
    dataverse::DEPLOYMENT,
    dataverse::DATA_POLICY,
    pages::RECORD,
    Kind { schema: connector::DEFINITION, recognise: connector::definition, lower: connector::gather_definition },
    Kind { schema: connector::PROPERTIES, recognise: connector::properties, lower: connector::gather_properties },
    Kind { schema: connector::SETTINGS, recognise: connector::settings, lower: connector::gather_settings },
    Kind { schema: connector::PARAMETERS, recognise: connector::parameters, lower: connector::gather_parameters },
    Kind { schema: connector::POLICIES, recognise: connector::policies, lower: connector::gather_policies },
    Kind { schema: connector::DECLARATION, recognise: connector::declaration, lower: connector::gather_declaration },
    Kind { schema: connector::SCRIPT, recognise: connector::script, lower: connector::gather_script },
    Kind { schema: bot::BOT, recognise: bot::bot, lower: bot::gather_bot },
    Kind { schema: bot::CONFIGURATION, recognise: bot::configuration, lower: bot::gather_configuration },
    Kind { schema: bot::SETTINGS, recognise: bot::settings, lower: bot::gather_settings },
    Kind { schema: bot::DECLARATION, recognise: bot::declaration, lower: bot::gather_declaration },
    Kind { schema: bot::COMPONENT, recognise: bot::component, lower: bot::gather_component },
    Kind { schema: flow::HEADER, recognise: flow::header, lower: flow::lower_header },
    Kind { schema: flow::DESKTOP, recognise: flow::desktop, lower: flow::lower_desktop },
    Kind { schema: flow::SCRIPT, recognise: flow::script, lower: flow::lower_script },
    Kind { schema: flow::FLOW, recognise: flow::flow, lower: flow::lower_flow },
    Kind { schema: flow::CLASSIC, recognise: flow::classic, lower: flow::lower_classic },
    Kind { schema: canvas::DECLARATION, recognise: canvas::declaration, lower: canvas::gather_declaration },
    Kind { schema: canvas::MANIFEST, recognise: canvas::manifest, lower: canvas::gather_manifest },
    Kind { schema: canvas::PROPERTIES, recognise: canvas::properties, lower: canvas::gather_properties },
    Kind { schema: canvas::CONNECTIONS, recognise: canvas::connections, lower: canvas::gather_connections },
    Kind { schema: canvas::CONTROLS, recognise: canvas::controls, lower: canvas::gather_content },
    Kind { schema: canvas::SOURCES, recognise: canvas::sources, lower: canvas::gather_content },
    Kind { schema: canvas::SCREENS, recognise: canvas::screens, lower: canvas::gather_content },
];

/// What needs several documents at once, in the order in which it is done when all have been seen.
const FINISHES: &[for<'c, 't> fn(&mut Context<'c, 't>)] =
    &[connector::finish, bot::finish, flow::finish, canvas::finish, dataverse::finish, pages::finish];

/// Where a document is lowered into, and what is known of the others.
pub(super) struct Context<'c, 't> {
    pub(super) model: &'c mut Model<'t>,
    pub(super) export: &'c Export<'t>,
    package: Option<AppId>,
    /// What of tables and variables other kinds have to know.
    known: dataverse::Known<'t>,
    /// The records of a website.
    site: pages::Site<'t>,
    /// Where secrets were found.
    seen: HashSet<Place>,
    /// The files of each custom connector, by what their paths have in common.
    connectors: BTreeMap<&'t str, connector::Parts<'t>>,
    /// The hosts of the custom connectors that are defined here, by the letters and digits of their names.
    connector_hosts: BTreeMap<String, String>,
    /// The files of each agent, by its name in the solution.
    bots: BTreeMap<&'t str, bot::Parts<'t>>,
    /// What the export says of its flows as a whole; read when the first of them asks.
    solution: Option<flow::Solution<'t>>,
    /// The desktop flows whose scripts have yet to be read.
    desktops: Vec<flow::Desktop<'t>>,
    /// The scripts of desktop flows that a solution keeps beside their packages.
    definitions: Vec<flow::Definition<'t>>,
    /// The documents of each canvas app, by the name that they share.
    canvas: BTreeMap<&'t str, canvas::Parts<'t>>,
}

impl Context<'_, '_> {
    /// The app that stands for the whole package: roles, tables and variables belong to it. `place` is where it begins when nothing
    /// else has named it yet.
    pub(super) fn package(&mut self, place: Place) -> AppId {
        *self.package.get_or_insert_with(|| self.export.package(self.model, place))
    }
}

impl Platform for PowerPlatform {
    fn name(&self) -> &'static str {
        "power-platform"
    }

    fn syntaxes(&self) -> &'static [Syntax] {
        &[Syntax::Json, Syntax::Yaml, Syntax::Xml, Syntax::Text]
    }

    fn traces(&self) -> &'static [&'static str] {
        /// Those of all kinds.
        static TRACES: LazyLock<Vec<&'static str>> =
            LazyLock::new(|| [OWN, bot::TRACES, flow::TRACES, dataverse::TRACES, pages::TRACES].concat());
        const OWN: &[&str] = &["<ImportExportXml", "<connectortype>", canvas::TRACE];
        &TRACES
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

    fn unpack(&self, file: &File<'_>) -> Vec<Embedded> {
        flow::unpack(file)
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        // Most files are of another kind, and of another platform: for these, nothing is made.
        let found = KINDS.iter().map(|kind| (kind, (kind.recognise)(file))).find(|(_, nodes)| !nodes.is_empty());
        let documents = found.map(|(kind, nodes)| nodes.into_iter().map(|node| Document { node, schema: kind.schema }).collect());
        documents.unwrap_or_default()
    }

    fn noise(&self, document: &Document<'_>) -> Noise {
        noise::of(document)
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        let mut context = Context {
            model: &mut model,
            export,
            package: None,
            known: dataverse::Known::default(),
            site: pages::Site::default(),
            seen: HashSet::new(),
            connectors: BTreeMap::new(),
            connector_hosts: BTreeMap::new(),
            bots: BTreeMap::new(),
            solution: None,
            desktops: Vec::new(),
            definitions: Vec::new(),
            canvas: BTreeMap::new(),
        };
        // In the order of the kinds, so that what others refer to is there first.
        for kind in KINDS {
            for document in export.documents.iter().filter(|document| document.schema == kind.schema) {
                (kind.lower)(&mut context, document.node);
            }
        }
        FINISHES.iter().for_each(|finish| finish(&mut context));
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

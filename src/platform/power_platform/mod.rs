//! Power Platform: solutions with all that is in them, packed or unpacked, legacy packages, and the files that tools keep beside them.
//!
//! An export is a folder or an archive with documents of many kinds. Each kind is one module with a `recognise` and a `lower`;
//! what one kind has to know of another (which connector a reference means, who owns the rows of a table) is gathered first.

mod flow;
mod root;

use super::{Document, Embedded, Export, File, Markers, Platform, SchemaText};
use crate::model::Fact;
use crate::model::vocabulary::AppKind;
use crate::model::{AppId, Model, Place};
use crate::tree::{Node, Syntax};

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
    Kind { schema: flow::HEADER, recognise: flow::header, lower: flow::lower_header },
    Kind { schema: flow::DESKTOP, recognise: flow::desktop, lower: flow::lower_desktop },
    Kind { schema: flow::SCRIPT, recognise: flow::script, lower: flow::lower_script },
    Kind { schema: flow::FLOW, recognise: flow::flow, lower: flow::lower_flow },
    Kind { schema: flow::CLASSIC, recognise: flow::classic, lower: flow::lower_classic },
];

/// What needs several documents at once, in the order in which it is done when all have been seen.
const FINISHES: &[for<'c, 't> fn(&mut Context<'c, 't>)] = &[flow::finish];

/// Where a document is lowered into, and what is known of the others.
pub(super) struct Context<'c, 't> {
    pub(super) model: &'c mut Model<'t>,
    pub(super) export: &'c Export<'t>,
    package: Option<AppId>,
    /// What the export says of its flows as a whole; read when the first of them asks.
    solution: Option<flow::Solution<'t>>,
    /// The desktop flows whose scripts have yet to be read.
    desktops: Vec<flow::Desktop<'t>>,
}

impl<'t> Context<'_, 't> {
    /// The app that stands for the whole package: roles, tables and variables belong to it. `place` is where it begins when nothing
    /// else has named it yet.
    pub(super) fn package(&mut self, place: Place) -> AppId {
        *self.package.get_or_insert_with(|| {
            let app = self.model.add_app("".into(), "".into(), place);
            let element = self.model.app(app).element;
            self.model.element_mut(element).set(Fact::AppKind, AppKind::Package, place);
            app
        })
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
        &["<ImportExportXml", "<JsonFileName>", "<XamlFileName>", "\"XrmWorkflow", "/providers/Microsoft.PowerApps/apis/"]
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
        let of = |kind: &Kind| (kind.recognise)(file).into_iter().map(|node| Document { node, schema: kind.schema }).collect::<Vec<_>>();
        KINDS.iter().map(of).find(|documents| !documents.is_empty()).unwrap_or_default()
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        let mut context = Context { model: &mut model, export, package: None, solution: None, desktops: Vec::new() };
        // In the order of the kinds, so that what others refer to is there first.
        for kind in KINDS {
            for document in export.documents.iter().filter(|document| document.schema == kind.schema) {
                (kind.lower)(&mut context, document.node);
            }
        }
        for finish in FINISHES {
            finish(&mut context);
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

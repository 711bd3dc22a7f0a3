//! Power Platform: solutions with all that is in them, packed or unpacked, legacy packages, and the files that tools keep beside them.
//!
//! An export is a folder or an archive with documents of many kinds. Each kind is one module with a `recognise` and a `lower`;
//! what one kind has to know of another (which connector a reference means, who owns the rows of a table) is gathered first.

mod dataverse;
mod pages;
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
    dataverse::SOLUTION,
    dataverse::TABLE,
    dataverse::VARIABLE,
    dataverse::VARIABLE_VALUE,
    dataverse::CUSTOMIZATIONS,
    dataverse::ROLE,
    dataverse::DEPLOYMENT,
    dataverse::DATA_POLICY,
    pages::RECORD,
];

/// Where a document is lowered into, and what is known of the others.
pub(super) struct Context<'c, 't> {
    pub(super) model: &'c mut Model<'t>,
    pub(super) export: &'c Export<'t>,
    package: Option<AppId>,
    /// What of tables and variables other kinds have to know.
    known: dataverse::Known<'t>,
    /// The records of a website.
    site: pages::Site<'t>,
}

impl Context<'_, '_> {
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
        &[
            "<ImportExportXml",
            "<RolePrivileges",
            "<EntityInfo",
            "<Name LocalizedName=",
            "<environmentvariabledefinition ",
            "<powerpagecomponenttype>",
            "<powerpagesite ",
            "adx_websiteid",
            "adx_sitesettingid",
            "adx_entitylistid",
            "anonymoususersrole:",
            "entitypermission_webrole",
        ]
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
        let _ = file;
        Vec::new()
    }

    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>> {
        let of = |kind: &Kind| (kind.recognise)(file).into_iter().map(|node| Document { node, schema: kind.schema }).collect::<Vec<_>>();
        KINDS.iter().map(of).find(|documents| !documents.is_empty()).unwrap_or_default()
    }

    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t> {
        let mut model = Model::new(self.name());
        let mut context =
            Context { model: &mut model, export, package: None, known: dataverse::Known::default(), site: pages::Site::default() };
        // In the order of the kinds, so that what others refer to is there first.
        for kind in KINDS {
            for document in export.documents.iter().filter(|document| document.schema == kind.schema) {
                (kind.lower)(&mut context, document.node);
            }
        }
        dataverse::finish(&mut context);
        pages::finish(&mut context);
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

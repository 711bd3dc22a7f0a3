//! Dataverse: solutions and what lies in them that is no app, with the files that pipelines and tenants keep beside them.
//!
//! A solution is either packed, everything in `customizations.xml`, or unpacked, one file each: the elements are the same, so each
//! module lowers the element wherever it stands.

mod column;
mod copies;
mod customizations;
mod data_policy;
mod deployment;
mod privilege;
mod reference;
mod role;
mod solution;
mod step;
mod table;
mod variable;

use super::{Context, Kind};
use crate::model::AppId;
use crate::platform::{File, SchemaText};
use crate::tree::Node;
use std::collections::HashMap;

/// What XML of these kinds holds.
pub(super) const TRACES: &[&str] =
    &["<RolePrivileges", "<EntityInfo", "<Name LocalizedName=", "<environmentvariabledefinition ", "<PluginTypeName>"];

/// The kinds of documents, in the order in which they need each other.
pub(super) const SOLUTION: Kind = Kind { schema: solution::SCHEMA, recognise: solution::recognise, lower: solution::lower };
pub(super) const TABLE: Kind = Kind { schema: table::SCHEMA, recognise: table::recognise, lower: table::lower };
pub(super) const VARIABLE: Kind = Kind { schema: variable::SCHEMA, recognise: variable::recognise, lower: variable::lower };
pub(super) const VARIABLE_VALUE: Kind =
    Kind { schema: variable::VALUE_SCHEMA, recognise: variable::recognise_values, lower: variable::lower_values };
pub(super) const CUSTOMIZATIONS: Kind =
    Kind { schema: customizations::SCHEMA, recognise: customizations::recognise, lower: customizations::lower };
pub(super) const ROLE: Kind = Kind { schema: role::SCHEMA, recognise: role::recognise, lower: role::lower };
pub(super) const STEP: Kind = Kind { schema: step::SCHEMA, recognise: step::recognise, lower: step::lower };
pub(super) const DEPLOYMENT: Kind = Kind { schema: deployment::SCHEMA, recognise: deployment::recognise, lower: deployment::lower };
pub(super) const DATA_POLICY: Kind = Kind { schema: data_policy::SCHEMA, recognise: data_policy::recognise, lower: data_policy::lower };

/// What of the tables and variables of an export others have to know.
#[derive(Default)]
pub(super) struct Known<'t> {
    /// Whether the rows of a table belong to persons, by the name of the table in lower case.
    user_owned: HashMap<String, bool>,
    /// The tables whose auditing is judged.
    audits: Vec<table::Audit<'t>>,
    /// The variables that are defined, by schema name.
    variables: HashMap<String, variable::Defined<'t>>,
    /// What flows keep of the values of variables, by schema name in lower case; none until somebody asked.
    copies: Option<HashMap<String, copies::Copy>>,
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    table::finish(context);
}

/// The root element of an XML file, when it has that name.
fn root<'t>(file: &File<'t>, name: &str) -> Vec<Node<'t>> {
    file.tree.root().get(name).into_iter().collect()
}

/// The text of an element: XML keeps attributes beside it.
fn text(node: Node<'_>) -> Option<std::borrow::Cow<'_, str>> {
    node.get("#text").unwrap_or(node).as_str()
}

/// The text of the member `name`, when it has one that is not empty.
fn member<'t>(node: Node<'t>, name: &str) -> Option<(std::borrow::Cow<'t, str>, Node<'t>)> {
    let member = node.get(name)?;
    let text = text(member)?;
    (!text.is_empty()).then_some((text, member))
}

/// A GUID as all tools write it alike: lower case, without braces.
fn guid(text: &str) -> String {
    text.trim_matches(['{', '}']).to_ascii_lowercase()
}

const fn schema(name: &'static str, text: &'static str) -> SchemaText {
    SchemaText { name, text }
}

/// The app that the elements of `node` belong to.
fn package(context: &mut Context<'_, '_>, node: Node<'_>) -> AppId {
    context.package(crate::model::Place::key_of(node))
}

//! Power Pages: websites on Dataverse. Two models of data, written in three shapes: YAML files whose names begin with `adx_`, YAML
//! files without it, and components whose content is JSON in a text. All become the same [`record::Record`]s.
//!
//! Who may read a table is said by three of them together: a permission, the web roles that have it, and the permission above it. So
//! documents are gathered first and judged when all are there.

mod record;
mod setting;
mod site;

use super::{Context, Kind};
use crate::platform::{File, SchemaText};
use crate::tree::Node;
pub(super) use site::{Site, finish};

/// What XML and YAML of a site holds.
pub(super) const TRACES: &[&str] = &[
    "<powerpagecomponenttype>",
    "<powerpagesite ",
    "adx_websiteid",
    "adx_sitesettingid",
    "adx_entitylistid",
    "anonymoususersrole:",
    "entitypermission_webrole",
    "adx_serverlogic_",
    "adx_cloudflowconsumer",
    "adx_CloudFlowConsumer",
];

/// The kind of documents.
pub(super) const RECORD: Kind = Kind { schema: SCHEMA, recognise, lower };

const SCHEMA: SchemaText = SchemaText {
    name: "power-platform/page-record.schema.json",
    text: include_str!("../../../../schemas/power-platform/page-record.schema.json"),
};

fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let listed = ["powerpagecomponent", "powerpagesite", "value"].iter().find_map(|name| root.get(name)).unwrap_or(root);
    let rows: Vec<Node<'t>> = if listed.is_array() { listed.items().collect() } else { vec![listed] };
    rows.into_iter().filter(|row| record::is_record(*row, file.path)).collect()
}

fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    if let Some(record) = record::read(node, path) {
        context.site.gather(record);
    }
}

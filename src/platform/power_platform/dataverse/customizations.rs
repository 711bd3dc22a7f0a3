//! `customizations.xml`: all of a packed solution, or what its unpacked form has no folder for.

use super::{Context, reference, role, root, schema, step, table, variable};
use crate::platform::power_platform::{canvas, flow};
use crate::platform::{File, SchemaText};
use crate::tree::Node;

pub(super) const SCHEMA: SchemaText =
    schema("power-platform/customizations.schema.json", include_str!("../../../../schemas/power-platform/customizations.schema.json"));

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    root(file, "ImportExportXml").into_iter().filter(|root| root.get("SolutionManifest").is_none()).collect()
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    // Tables first: whose rows they hold decides what a right over them means.
    each(context, node, "Entities", "Entity", table::lower);
    each(context, node, "Roles", "Role", role::lower);
    each(context, node, "EnvironmentVariables", "EnvironmentVariable", variable::lower);
    each(context, node, "environmentvariabledefinitions", "environmentvariabledefinition", variable::lower);
    each(context, node, "connectionreferences", "connectionreference", reference::lower);
    each(context, node, "Workflows", "Workflow", flow::lower_header);
    each(context, node, "CanvasApps", "CanvasApp", canvas::gather_packed);
    each(context, node, "SdkMessageProcessingSteps", "SdkMessageProcessingStep", step::lower);
}

fn each<'t>(context: &mut Context<'_, 't>, node: Node<'t>, list: &str, name: &str, lower: fn(&mut Context<'_, 't>, Node<'t>)) {
    for item in node.get_all(list).flat_map(|list| list.get_all(name)) {
        lower(context, item);
    }
}

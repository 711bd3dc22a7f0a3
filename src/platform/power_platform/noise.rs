//! What of an export of Power Platform says nothing: which build of the platform wrote it, when it was saved, the order of lists
//! whose entries have names of their own.

use super::{canvas, dataverse, flow};
use crate::platform::shape::{is_time, is_version};
use crate::platform::{Document, workflow_definition};
use crate::tree::Node;
use crate::tree::canonical::Noise;

/// Attributes of the root of a solution: the build that exported it. The version of the solution itself is an element.
const BUILD: [&str; 4] = ["@version", "@SolutionPackageVersion", "@OrganizationVersion", "@CRMServerServiceabilityVersion"];

/// Lists of things with names, in the order in which the exporting environment happens to keep them.
const LISTS: [&str; 6] =
    ["Roles", "Workflows", "connectionreferences", "environmentvariabledefinitions", "EnvironmentVariables", "CanvasApps"];

pub(super) fn of(document: &Document<'_>) -> Noise {
    let (mut noise, root) = (Noise::default(), document.node);
    let element = |name: &str| root.get(name).or_else(|| root.key().is_some_and(|key| key == name).then_some(root));
    if document.schema == dataverse::SOLUTION.schema || document.schema == dataverse::CUSTOMIZATIONS.schema {
        if let Some(export) = element("ImportExportXml") {
            drop(&mut noise, export, &BUILD, is_version);
            LISTS.iter().filter_map(|name| export.get(name)).for_each(|list| noise.unordered(list));
            export.at(&["SolutionManifest", "RootComponents"]).into_iter().for_each(|list| noise.unordered(list));
            export.get("Roles").into_iter().flat_map(|roles| roles.get_all("Role")).for_each(|role| privileges(&mut noise, role));
        }
    } else if document.schema == dataverse::ROLE.schema {
        element("Role").into_iter().for_each(|role| privileges(&mut noise, role));
    } else if document.schema == flow::FLOW {
        if let Some(properties) = workflow_definition::member(root, "properties") {
            drop(&mut noise, properties, &["createdTime", "lastModifiedTime"], is_time);
            if let Some(definition) = workflow_definition::member(properties, "definition") {
                workflow_definition::noise(definition, &mut noise);
            }
        }
    } else if document.schema == canvas::DECLARATION {
        if let Some(app) = element("CanvasApp") {
            drop(&mut noise, app, &["AppVersion"], is_time);
            drop(&mut noise, app, &["CreatedByClientVersion"], is_version);
        }
    } else if document.schema == canvas::PROPERTIES {
        drop(&mut noise, root, &["AnalysisLoadTime", "DeserializationLoadTime"], |node| node.as_f64().is_some());
    }
    noise
}

fn privileges(noise: &mut Noise, role: Node<'_>) {
    role.get("RolePrivileges").into_iter().for_each(|list| noise.unordered(list));
}

/// Leaves out the members of those names that have that shape, also where one is repeated.
fn drop(noise: &mut Noise, node: Node<'_>, names: &[&str], shape: fn(Node<'_>) -> bool) {
    names.iter().flat_map(|name| node.get_all(name)).filter(|member| shape(*member)).for_each(|member| noise.drop(member));
}

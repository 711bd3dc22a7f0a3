//! What a file is, by its content.

use super::super::File;
use super::template;
use crate::tree::Node;

/// Sections of the file that keeps the connections of a project.
pub(super) const CONNECTIONS: [&str; 5] =
    ["managedApiConnections", "serviceProviderConnections", "functionConnections", "apiManagementConnections", "agentConnections"];

/// Types of parameters, in lower case.
const TYPES: [&str; 8] = ["string", "securestring", "int", "float", "bool", "array", "object", "secureobject"];

fn object<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.get(name).filter(|node| node.is_object())
}

fn schema_ends(node: Node<'_>, end: &str) -> bool {
    let schema = node.get("$schema").and_then(Node::as_str);
    schema.is_some_and(|schema| {
        let schema = schema.trim_end_matches(['#', '/']);
        schema.len() >= end.len() && schema.as_bytes()[schema.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
    })
}

/// A template of Azure Resource Manager that deploys workflows, their connections or connectors, or an app of the Standard plan.
pub(super) fn is_template(file: &File<'_>) -> bool {
    let root = file.tree.root();
    root.get("resources").is_some()
        && (schema_ends(root, "deploymentTemplate.json") || root.get("contentVersion").is_some())
        && template::resources(root).iter().any(|resource| template::is_ours(resource.node))
}

/// The values with which a template is deployed.
pub(super) fn is_deployment_parameters(file: &File<'_>) -> bool {
    schema_ends(file.tree.root(), "deploymentParameters.json")
}

/// The connections of a project.
pub(super) fn is_connections(file: &File<'_>) -> bool {
    CONNECTIONS.iter().any(|name| object(file.tree.root(), name).is_some())
}

/// The settings of the host of a project. Functions have such a file too, with another bundle.
pub(super) fn is_host(file: &File<'_>) -> bool {
    let bundle = file.tree.root().at(&["extensionBundle", "id"]).and_then(Node::as_str);
    bundle.is_some_and(|bundle| bundle.ends_with(".Workflows"))
}

/// The settings of a project on the machine of its maker. Those of functions that workflows call look the same.
pub(super) fn is_local_settings(file: &File<'_>) -> bool {
    let root = file.tree.root();
    root.get("IsEncrypted").is_some_and(|node| node.as_bool().is_some()) && object(root, "Values").is_some()
}

/// The description of a template in the gallery of the designer: of one workflow, or of several.
pub(super) fn is_manifest(file: &File<'_>) -> bool {
    let root = file.tree.root();
    let has = |names: &[&str]| names.iter().all(|name| root.get(name).is_some());
    has(&["id", "title"]) && (has(&["artifacts", "connections", "kinds"]) || has(&["workflows", "skus", "featuredConnectors"]))
}

/// One workflow as the API gives it, or a template of the old gallery.
pub(super) fn is_resource(file: &File<'_>) -> bool {
    let root = file.tree.root();
    let kind = root.get("type").and_then(Node::as_str).unwrap_or_default();
    let ours = ["Microsoft.Logic/workflows", "Microsoft.Logic/galleries/templates"].iter().any(|name| kind.eq_ignore_ascii_case(name));
    ours && root.at(&["properties", "definition"]).is_some_and(Node::is_object)
}

/// A workflow of a project, or one that somebody kept with its connections: the definition is a member.
pub(super) fn is_workflow(file: &File<'_>) -> bool {
    object(file.tree.root(), "definition").is_some_and(is_definition_node)
}

/// A definition and nothing else.
pub(super) fn is_definition(file: &File<'_>) -> bool {
    let root = file.tree.root();
    let named = schema_ends(root, "workflowdefinition.json");
    // The gallery puts another word in the place of the schema.
    is_definition_node(root) && (named || root.get("contentVersion").is_some() && root.get("$schema").is_some())
}

/// The parameters of a project. Other programs have lists of typed values too, so the name has to speak for it.
pub(super) fn is_parameters(file: &File<'_>) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or(file.path);
    let root = file.tree.root();
    let typed = |parameter: Node<'_>| {
        let kind = parameter.get("type").and_then(Node::as_str).unwrap_or_default();
        parameter.get("value").is_some() && TYPES.iter().any(|name| kind.eq_ignore_ascii_case(name))
    };
    name.starts_with("parameters") && root.is_object() && root.members().next().is_some() && root.members().all(typed)
}

/// Triggers and actions by name, each with a type.
fn is_definition_node(node: Node<'_>) -> bool {
    let steps = |name: &str| object(node, name);
    let typed = |steps: Node<'_>| steps.members().all(|step| step.get("type").is_some());
    match (steps("triggers"), steps("actions")) {
        (Some(triggers), Some(actions)) => typed(triggers) && typed(actions) || schema_ends(node, "workflowdefinition.json"),
        (None, None) => false,
        _ => schema_ends(node, "workflowdefinition.json"),
    }
}

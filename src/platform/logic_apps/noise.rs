//! What of an export of Logic Apps says nothing: when it was saved, and by which version of a compiler a template was made.

use crate::platform::shape::{is_identifier, is_time, is_version};
use crate::platform::workflow_definition;
use crate::tree::Node;
use crate::tree::canonical::Noise;

/// Most resources of templates within templates that are looked at; what is behind more counts whole.
const MAX_RESOURCES: usize = 10_000;

pub(super) fn of(root: Node<'_>) -> Noise {
    let mut noise = Noise::default();
    if let Some(definition) = root.get("definition") {
        workflow_definition::noise(definition, &mut noise);
    } else if root.get("actions").is_some() {
        workflow_definition::noise(root, &mut noise);
    }
    let mut open = vec![root];
    for _ in 0..MAX_RESOURCES {
        let Some(node) = open.pop() else { break };
        template(node, &mut noise);
        resource(node, &mut noise);
        // Resources are a list, or have names in templates of the newer kind.
        open.extend(node.get("resources").into_iter().flat_map(Node::children));
        open.extend(node.at(&["properties", "template"]));
    }
    noise
}

fn template(node: Node<'_>, noise: &mut Noise) {
    let Some(generator) = node.at(&["metadata", "_generator"]) else { return };
    generator.get_all("version").filter(|node| is_version(*node)).for_each(|node| noise.drop(node));
    generator.get_all("templateHash").filter(|node| is_identifier(*node)).for_each(|node| noise.drop(node));
}

fn resource(node: Node<'_>, noise: &mut Noise) {
    let is_workflow = node.get("type").and_then(Node::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("Microsoft.Logic/workflows"));
    let Some(properties) = node.get("properties").filter(|_| is_workflow) else { return };
    if let Some(definition) = properties.get("definition") {
        workflow_definition::noise(definition, noise);
    }
    let times = ["createdTime", "changedTime"].into_iter().flat_map(|name| properties.get_all(name));
    times.filter(|node| is_time(*node)).for_each(|node| noise.drop(node));
    properties.get_all("version").filter(|node| is_version(*node)).for_each(|node| noise.drop(node));
}

//! What of an n8n export says nothing: where nodes lie on the canvas, when it was saved and by which instance.
//!
//! Nobody can read these from inside of a workflow: expressions see its id, name and whether it is active. The order of nodes is no
//! noise: of several entries for other workflows, the first one is taken.

use super::WORKFLOW;
use crate::platform::shape::{is_identifier, is_number, is_time};
use crate::platform::{Document, HashMap};
use crate::tree::Node;
use crate::tree::canonical::Noise;
use std::borrow::Cow;

pub(super) fn of(document: &Document<'_>) -> Noise {
    let (mut noise, root) = (Noise::default(), document.node);
    drop(&mut noise, root, &["createdAt", "updatedAt"], is_time);
    if document.schema != WORKFLOW {
        return noise;
    }
    drop(&mut noise, root, &["versionId"], is_identifier);
    drop(&mut noise, root, &["versionCounter", "triggerCount"], is_number);
    drop(&mut noise, root, &["activeVersionId"], is_identifier);
    if let Some(active) = root.get("activeVersionId").filter(|node| is_identifier(*node)) {
        // Which version runs is said by the version itself, where the export has it; that one runs is said here.
        let is_this = root.get("versionId").and_then(Node::as_str) == active.as_str();
        noise.means(format!("published: {}", if is_this { "this version" } else { "another version" }));
    }
    root.get_all("meta").for_each(|meta| drop(&mut noise, meta, &["instanceId"], is_identifier));
    for list in ["tags", "shared"].into_iter().flat_map(|name| root.get_all(name)) {
        for item in list.items() {
            drop(&mut noise, item, &["createdAt", "updatedAt"], is_time);
        }
    }
    canvas(&mut noise, root, "");
    if let Some(version) = root.get("activeVersion") {
        drop(&mut noise, version, &["createdAt", "updatedAt"], is_time);
        drop(&mut noise, version, &["versionId"], is_identifier);
        canvas(&mut noise, version, "active version: ");
    }
    noise
}

/// Leaves out the members of those names that have that shape, also where one is repeated.
fn drop(noise: &mut Noise, node: Node<'_>, names: &[&str], shape: fn(Node<'_>) -> bool) {
    names.iter().flat_map(|name| node.get_all(name)).filter(|member| shape(*member)).for_each(|member| noise.drop(member));
}

fn is_position(node: Node<'_>) -> bool {
    node.is_array() && node.items().count() == 2 && node.items().all(is_number)
}

/// Leaves out where the nodes of `root` lie, and says what n8n takes from it.
fn canvas<'t>(noise: &mut Noise, root: Node<'t>, whose: &str) {
    let mut places: HashMap<Cow<'t, str>, [f64; 2]> = HashMap::default();
    for node in root.get("nodes").into_iter().flat_map(Node::items) {
        drop(noise, node, &["position"], is_position);
        if let (Some(name), Some(position)) = (node.get("name").and_then(Node::as_text), node.get("position")) {
            let mut numbers = position.items().filter_map(Node::as_f64);
            places.insert(name, [numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default()]);
        }
        if node.get("type").and_then(Node::as_str).as_deref() == Some("n8n-nodes-base.stickyNote") {
            node.get_all("parameters").for_each(|note| drop(noise, note, &["width", "height", "color"], is_number));
        }
    }
    if root.at(&["settings", "executionOrder"]).and_then(Node::as_str).as_deref() == Some("v1") {
        branches(noise, root, &places, whose);
    }
}

/// Of several nodes behind one, those further up run first, of those side by side the left one. See `executionOrder` in
/// <https://docs.n8n.io/workflows/settings/>.
fn branches<'t>(noise: &mut Noise, root: Node<'t>, places: &HashMap<Cow<'t, str>, [f64; 2]>, whose: &str) {
    for source in root.get("connections").into_iter().flat_map(Node::members) {
        let outputs = source.get("main").into_iter().flat_map(Node::items).flat_map(Node::items);
        let mut targets: Vec<Cow<'t, str>> = outputs.filter_map(|target| target.get("node")?.as_str()).collect();
        if targets.len() < 2 {
            continue;
        }
        let place = |name: &Cow<'t, str>| places.get(name).copied().unwrap_or_default();
        targets.sort_by(|one, other| {
            let ([x, y], [other_x, other_y]) = (place(one), place(other));
            y.total_cmp(&other_y).then(x.total_cmp(&other_x))
        });
        noise.means(format!("{whose}order behind {:?}: {targets:?}", source.key().unwrap_or_default()));
    }
}

//! A waiver: the finding that may stay, and who has decided that until when.

use super::manifest::{first, set};
use crate::model::vocabulary::AppKind;
use crate::model::{Element, Fact, Kind, Model, Place};
use crate::platform::SchemaText;
use crate::tree::Node;

/// What a waiver must look like.
pub(super) const SCHEMA: SchemaText =
    SchemaText { name: "flowgate/waiver.schema.json", text: include_str!("../../../schemas/flowgate/waiver.schema.json") };

/// Whether a file at that path is a waiver.
pub(super) fn is_named(path: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let yaml = [".yaml", ".yml"].iter().any(|end| path.ends_with(end));
    yaml && (folder == ".flowgate/waivers" || folder.ends_with("/.flowgate/waivers"))
}

/// Whether the document looks like one: every file in that folder is meant to be one.
pub(super) fn is_shaped(root: Node<'_>) -> bool {
    root.is_object()
}

/// Adds what the waiver `root` says.
pub(super) fn lower<'t>(model: &mut Model<'t>, root: Node<'t>, path: &'t str) {
    let text = |name: &str| root.get(name).and_then(Node::as_text).unwrap_or_default();
    let (id, about) = (text("id"), text("app"));
    let id = if id.is_empty() { path.rsplit('/').next().unwrap_or_default().into() } else { id };
    let place = first(root, &["id"]);
    let app = model.add_app(about.clone(), if about.is_empty() { id.clone() } else { about }, place);
    let element = model.app(app).element;
    model.element_mut(element).set(Fact::AppKind, AppKind::Governed, place);

    let mut waiver = Element::new(Kind::Waiver, app, id.clone(), id, place);
    for (fact, name) in [
        (Fact::WaiverRule, "rule"),
        (Fact::WaiverApp, "app"),
        (Fact::WaiverFingerprint, "fingerprint"),
        (Fact::WaiverCategory, "category"),
        (Fact::WaiverOwner, "owner"),
        (Fact::WaiverExpires, "expires"),
    ] {
        set(&mut waiver, fact, root.get(name));
    }
    if let Some(node) = root.get("renewal")
        && let Some(renewal) = node.as_f64()
    {
        waiver.set(Fact::WaiverRenewal, renewal, Place::of(node));
    }
    if let Some(approvers) = root.get("approved_by") {
        let text = |approver: Node<'_>, name: &str| approver.get(name).and_then(Node::as_text).unwrap_or_default().into_owned();
        let named = |approver| format!("{} ({})", text(approver, "id"), text(approver, "function"));
        waiver.set(Fact::WaiverApprovers, approvers.items().map(named).collect::<Vec<_>>(), Place::key_of(approvers));
    }
    model.add(waiver);
}

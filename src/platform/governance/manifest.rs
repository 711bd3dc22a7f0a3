//! The manifest of an app: the app, what is said of it, who has approved it, and the rights that somebody has for a time.

use crate::model::vocabulary::{AppKind, Audience, ElevationState, Tier};
use crate::model::{AppId, Element, Fact, Kind, Model, Place, Word};
use crate::platform::SchemaText;
use crate::tree::Node;

/// What a manifest must look like.
pub(super) const SCHEMA: SchemaText =
    SchemaText { name: "flowgate/manifest.schema.json", text: include_str!("../../../schemas/flowgate/manifest.schema.json") };

/// The name of every manifest.
const NAME: &str = "flowgate.app.yaml";

/// Keys of which a manifest has at least one.
const KEYS: [&str; 9] = ["app", "owner", "maker", "classification", "risk_tier", "data_steward", "change", "signoffs", "elevations"];

/// Whether a file at that path is a manifest.
pub(super) fn is_named(path: &str) -> bool {
    path.rsplit('/').next() == Some(NAME)
}

/// Whether the document looks like one.
pub(super) fn is_shaped(root: Node<'_>) -> bool {
    KEYS.iter().any(|key| root.get(key).is_some())
}

/// Adds what the manifest `root` in the file at `path` says.
pub(super) fn lower<'t>(model: &mut Model<'t>, root: Node<'t>, path: &'t str) {
    let app_node = root.get("app");
    let text = |name: &str| app_node.and_then(|app| app.get(name)).and_then(Node::as_text).unwrap_or_default();
    let place = app_node.or_else(|| root.members().next()).map_or_else(|| Place::of(root), Place::key_of);
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let (id, name) = (text("id"), text("name"));
    let named = if name.is_empty() { id.clone() } else { name };
    let named = if named.is_empty() { folder.into() } else { named };
    let id = if id.is_empty() { folder.into() } else { id };
    let app = model.add_app(id, named.clone(), place);
    let element = model.app(app).element;
    model.element_mut(element).set(Fact::AppKind, AppKind::Governed, place);
    model.element_mut(element).set(Fact::AppName, named.to_string(), place);

    let mut manifest = Element::new(Kind::Manifest, app, "", named, place);
    // A team stands in where nobody is named; where neither is said, the fact is absent.
    for (fact, path) in [
        (Fact::ManifestOwner, &["owner", "team"][..]),
        (Fact::ManifestOwner, &["owner", "person"]),
        (Fact::ManifestSteward, &["data_steward"]),
        (Fact::ManifestMaker, &["maker", "id"]),
        (Fact::ManifestMakerTier, &["maker", "tier"]),
        (Fact::ManifestCertificationEnd, &["maker", "certification", "expires"]),
        (Fact::ManifestClass, &["classification"]),
        (Fact::ManifestEnvironment, &["environment"]),
        (Fact::ManifestReview, &["review_by"]),
    ] {
        set(&mut manifest, fact, root.at(path));
    }
    set_word(&mut manifest, Fact::ManifestTier, root.get("risk_tier"), Tier::WORDS);
    set_word(&mut manifest, Fact::ManifestAudience, root.get("audience"), Audience::WORDS);
    model.add(manifest);

    for (nth, node) in root.get("signoffs").into_iter().flat_map(Node::items).enumerate() {
        let sign_off = sign_off(app, node, nth);
        model.add(sign_off);
    }
    for (nth, node) in root.get("elevations").into_iter().flat_map(Node::items).enumerate() {
        let elevation = elevation(app, node, nth);
        model.add(elevation);
    }
}

fn sign_off(app: AppId, node: Node<'_>, nth: usize) -> Element<'_> {
    let text = |name: &str| node.get(name).and_then(Node::as_text).unwrap_or_default();
    let (function, by) = (text("function"), text("by"));
    let id = if function.is_empty() && by.is_empty() { nth.to_string() } else { format!("{function} {by}") };
    let mut element = Element::new(Kind::SignOff, app, id, by, first(node, &["by", "function"]));
    for (fact, name) in [
        (Fact::SignOffFunction, "function"),
        (Fact::SignOffBy, "by"),
        (Fact::SignOffOn, "on"),
        (Fact::SignOffDecision, "decision"),
        (Fact::SignOffDigest, "input_digest"),
    ] {
        set(&mut element, fact, node.get(name));
    }
    element
}

fn elevation(app: AppId, node: Node<'_>, nth: usize) -> Element<'_> {
    let id = node.get("id").and_then(Node::as_text).unwrap_or_default();
    let id = if id.is_empty() { format!("number {}", nth + 1).into() } else { id };
    let mut element = Element::new(Kind::Elevation, app, id.clone(), id, first(node, &["id"]));
    for (fact, path) in [
        (Fact::ElevationRequester, &["requester"][..]),
        (Fact::ElevationPrincipal, &["privilege", "principal"]),
        (Fact::ElevationAction, &["privilege", "action"]),
        (Fact::ElevationResource, &["privilege", "resource"]),
        (Fact::ElevationJustification, &["justification"]),
        (Fact::ElevationStart, &["granted"]),
        (Fact::ElevationEnd, &["expires"]),
    ] {
        set(&mut element, fact, node.at(path));
    }
    set_word(&mut element, Fact::ElevationStatus, node.get("status"), ElevationState::WORDS);
    if let Some(approvers) = node.get("approvers") {
        let text = |approver: Node<'_>, name: &str| approver.get(name).and_then(Node::as_text).unwrap_or_default().into_owned();
        let named = |approver| match (text(approver, "id"), text(approver, "function")) {
            (who, function) if function.is_empty() => who,
            (who, function) => format!("{who} ({function})"),
        };
        element.set(Fact::ElevationApprovers, approvers.items().map(named).collect::<Vec<_>>(), Place::key_of(approvers));
    }
    element
}

/// The first member of those names, else the first of all.
pub(super) fn first(node: Node<'_>, names: &[&str]) -> Place {
    let named = names.iter().find_map(|name| node.get(name)).map(Place::of);
    named.or_else(|| node.members().next().map(Place::key_of)).unwrap_or_else(|| Place::of(node))
}

/// States what stands there, unless nothing does.
pub(super) fn set<'t>(element: &mut Element<'t>, fact: Fact, node: Option<Node<'t>>) {
    let Some(node) = node else { return };
    if let Some(text) = node.as_text().filter(|text| !text.trim().is_empty()) {
        element.set(fact, text, Place::of(node));
    }
}

/// States a word of a closed set; others are the matter of the schema.
fn set_word(element: &mut Element<'_>, fact: Fact, node: Option<Node<'_>>, words: &[Word]) {
    let Some(node) = node else { return };
    let found = node.as_str().and_then(|text| words.iter().find(|word| word.name == text));
    if let Some(word) = found {
        element.set(fact, crate::model::Value::Word(word.name), Place::of(node));
    }
}

//! Data that was captured while a workflow was tried, and that the export still holds.

use crate::model::secret::Position;
use crate::model::vocabulary::{PersonalData, SecretPlace};
use crate::model::{AppId, Element, Fact, Kind, Model, Place, personal};
use crate::platform::secrets;
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// Most values that are looked at: captured data of megabytes shows what it is long before.
const MAX_VALUES: usize = 50_000;

/// Headers that carry a credential, as webhooks hand them on.
const HEADERS: [(&str, Position); 2] = [("authorization", Position::AuthorizationHeader), ("x-api-key", Position::Header)];

/// Adds what is pinned to nodes and what was kept between runs.
pub(super) fn lower<'t>(model: &mut Model<'t>, app: AppId, root: Node<'t>, tokens: &[u32]) {
    for (member, key) in [("pinData", "pinned-data"), ("staticData", "static-data")] {
        let Some(data) = root.get(member).filter(|data| matches!(data.kind(), ValueKind::Object | ValueKind::String)) else { continue };
        if data.members().next().is_none() && data.as_str().is_none_or(|text| text.len() < 3) {
            continue;
        }
        let place = Place::key_of(data);
        let mut element = Element::new(Kind::Setting, app, key, key, place).with(Fact::SettingKey, key, place).with(
            Fact::SettingBytes,
            content_bytes(data),
            place,
        );
        let mut kinds: Vec<PersonalData> = Vec::new();
        let mut first = None;
        let mut found = Vec::new();
        for node in data.descend().take(MAX_VALUES) {
            // Requests are captured with the headers by which callers proved who they were.
            let header =
                HEADERS.into_iter().find(|(name, _)| node.key_span().is_some_and(|key| key.len() == name.len()) && node.has_key(name));
            if let Some((name, position)) = header.filter(|_| !secrets::holds_token(node, tokens)) {
                secrets::scan(tokens, node, Some(&Cow::Borrowed(name)), position, SecretPlace::CapturedData, &mut found);
            }
            if let Some(kind) = personal::of(node) {
                first = first.or(Some(Place::of(node)));
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        kinds.sort_unstable();
        if let Some(first) = first {
            element.set(Fact::SettingPersonalData, kinds, first);
        }
        model.add(element);
        for hit in found {
            let secret = hit.element(app, member, member.into());
            model.secrets.push(hit.place);
            model.add(secret);
        }
    }
}

/// Size of the values, without the white space between them, so that re-indenting changes nothing.
fn content_bytes(data: Node<'_>) -> f64 {
    let bytes: usize = data.descend().map(|node| if node.is_object() || node.is_array() { 2 } else { node.span().len() }).sum();
    #[allow(clippy::cast_precision_loss, reason = "sizes of files are far below 2^52")]
    let bytes = bytes as f64;
    bytes
}

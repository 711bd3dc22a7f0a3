//! Secrets in texts of documents, wherever a kind of document says that one may stand.

use super::Context;
use crate::model::secret::{self, Position};
use crate::model::vocabulary::SecretPlace;
use crate::model::{AppId, Element, Kind, Place, StepId};
use crate::platform::secrets::{Hit, holds_token, with_tokens};
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;
use std::ops::Range;

/// A text that may hold a secret, and what is known of it.
pub(super) struct Spot<'t> {
    /// The text.
    pub(super) node: Node<'t>,
    /// Name of the header, field or parameter.
    pub(super) field: Option<Cow<'t, str>>,
    /// How probable a secret is there.
    pub(super) position: Position,
    /// Where that is, in the words of rules.
    pub(super) place: SecretPlace,
}

/// Whose secrets they are.
pub(super) struct Owner<'t> {
    pub(super) app: AppId,
    /// What names the holder within its app.
    pub(super) id: Cow<'t, str>,
    /// Name that makers see.
    pub(super) name: Cow<'t, str>,
    pub(super) step: Option<StepId>,
}

/// Adds the secrets in a text.
pub(super) fn scan<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, spot: &Spot<'t>) {
    scan_but(context, owner, spot, None, |_| false);
}

/// The word that `range` is in: an address with all before the range.
fn word(text: &str, range: Range<usize>) -> &str {
    let start = text[..range.start].rfind([' ', '\n', '"', '\'', '\\', '<', '(']).map_or(0, |at| at + 1);
    &text[start..range.end]
}

/// Adds the secrets in a text, or in a part of it, but for those in words for which `skip` holds.
pub(super) fn scan_but<'t>(
    context: &mut Context<'_, 't>,
    owner: &Owner<'t>,
    spot: &Spot<'t>,
    part: Option<Range<usize>>,
    skip: fn(&str) -> bool,
) {
    let Some(whole) = spot.node.as_str() else { return };
    let start = part.as_ref().map_or(0, |part| part.start);
    let text = part.map_or(&*whole, |part| &whole[part]);
    let shaped = holds_token(spot.node, context.export.file(spot.node).tokens);
    let name = spot.field.as_deref();
    let secrets = if shaped { secret::detect(text, name, spot.position) } else { secret::detect_placed(text, name, spot.position) };
    for (nth, found) in secrets.into_iter().enumerate() {
        let place = Place::part(spot.node, start + found.range.start..start + found.range.end);
        if skip(word(text, found.range.clone())) || !context.seen.insert(place) {
            continue;
        }
        let kind = if matches!(found.detector, "logic-apps-callback" | "sas-signature") { SecretPlace::Query } else { spot.place };
        let id = format!("{}{}.{}.{nth}", owner.id, spot.node.pointer(), name.unwrap_or_default());
        let hit = Hit::new(found, place, spot.field.as_ref(), kind);
        let mut element = hit.described(Element::new(Kind::Secret, owner.app, id, owner.name.clone(), place));
        element.step = owner.step;
        context.model.secrets.push(place);
        context.model.add(element);
    }
}

/// Adds the secrets with a shape of their own in the texts of `root`, but for those in words for which `skip` holds.
pub(super) fn scan_shapes<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, root: Node<'t>, skip: fn(&str) -> bool) {
    let tokens = context.export.file(root).tokens;
    for node in with_tokens(root, tokens).filter(|node| node.kind() == ValueKind::String) {
        let field = node.key();
        scan_but(context, owner, &Spot { node, field, position: Position::Other, place: SecretPlace::Other }, None, skip);
    }
}

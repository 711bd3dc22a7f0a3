//! Flows and which of their versions is active.

use super::{Context, Kind};
use std::marker::PhantomData;

/// The kinds of documents, in the order in which they need each other.
pub(super) const KINDS: &[Kind] = &[];

/// What others have to know of flows.
#[derive(Default)]
pub(super) struct Known<'t> {
    flows: PhantomData<&'t str>,
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let _ = context.flows.flows;
}

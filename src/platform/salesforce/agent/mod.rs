//! Bots, agents, their actions, their prompts and the scripts that define them.

use super::{Context, Kind};
use std::marker::PhantomData;

/// The kinds of documents, in the order in which they need each other.
pub(super) const KINDS: &[Kind] = &[];

/// The parts of agents.
#[derive(Default)]
pub(super) struct Known<'t> {
    agents: PhantomData<&'t str>,
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let _ = context.agents.agents;
}

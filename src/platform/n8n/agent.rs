//! Agents and their tools.

use super::node::{Context, NodeParts};
use crate::model::{EdgeKind, Fact, Kind, Place, StepId};
use std::borrow::Cow;

pub(super) fn agent<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let instructions = [&["options", "systemMessage"][..], &["systemMessage"], &["instructions"]];
    let instructions = instructions
        .into_iter()
        .filter_map(|path| parts.parameter(path))
        .find(|node| node.as_str().is_some_and(|text| !text.trim().is_empty()));
    let tools: Vec<Cow<'t, str>> = context
        .edges
        .iter()
        .filter(|edge| edge.from == step && edge.kind == EdgeKind::Tool)
        .map(|edge| context.model.step(edge.to).name.clone())
        .collect();
    let mut element = context.element(Kind::Agent, parts, step).with(
        Fact::AgentInstructions,
        instructions.is_some(),
        instructions.map_or(parts.place(), Place::of),
    );
    if !tools.is_empty() {
        element.set(Fact::AgentTools, tools, parts.place());
    }
    context.model.add(element);
}

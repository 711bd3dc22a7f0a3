//! The triggers and actions of a definition, at whatever depth.

use crate::model::{AppId, Element, Kind, Model, Output, Place, Step, StepId};
use crate::tree::Node;
use std::borrow::Cow;

/// A trigger or an action.
#[derive(Clone, Debug)]
pub(super) struct Part<'t> {
    /// Its number among the parts of the definition.
    pub(super) at: usize,
    /// Its name, by which expressions know it.
    pub(super) name: Cow<'t, str>,
    pub(super) node: Node<'t>,
    /// Its type, in lower case: definitions are written with and without capitals.
    pub(super) kind: String,
    pub(super) inputs: Option<Node<'t>>,
    pub(super) step: StepId,
    /// The part that it is in.
    pub(super) container: Option<usize>,
    pub(super) is_trigger: bool,
    /// Whether it belongs to a tool that an agent may call.
    pub(super) is_tool: bool,
    /// Whether it begins a tool of the part that it is in.
    pub(super) begins_tool: bool,
}

/// The member of that name: the services read names of members whatever their case.
pub(in crate::platform) fn member<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.get_any_case(name)
}

/// The node at that path, as [`member`] finds it.
pub(super) fn at<'t>(node: Node<'t>, path: &[&str]) -> Option<Node<'t>> {
    path.iter().try_fold(node, |node, name| member(node, name))
}

/// Most steps that one step is said to follow; the largest real joins have some thirty.
const MAX_BEFORE: usize = 256;

/// Most triggers that start each of the first steps; the platforms allow ten.
pub(super) const MAX_TRIGGERS: usize = 16;

impl<'t> Part<'t> {
    pub(super) fn place(&self) -> Place {
        Place::key_of(self.node)
    }

    /// The input at that path.
    pub(super) fn input(&self, path: &[&str]) -> Option<Node<'t>> {
        at(self.inputs?, path)
    }

    /// The text of the input at that path.
    pub(super) fn text(&self, path: &[&str]) -> Option<Cow<'t, str>> {
        self.input(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// The steps after which it runs, each with the outcomes that let it run.
    pub(super) fn run_after(&self) -> impl Iterator<Item = Node<'t>> {
        member(self.node, "runAfter").into_iter().flat_map(Node::members).take(MAX_BEFORE)
    }

    pub(super) fn element(&self, kind: Kind, app: AppId) -> Element<'t> {
        Element::new(kind, app, self.name.clone(), self.name.clone(), self.place()).at_step(self.step)
    }
}

/// Reads all parts, in document order, and adds a step for each.
pub(super) fn read<'t>(model: &mut Model<'t>, app: AppId, definition: Node<'t>) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    for trigger in member(definition, "triggers").into_iter().flat_map(Node::members).filter(|node| node.is_object()) {
        let mut read = part(model, app, trigger, None);
        (read.at, read.is_trigger) = (parts.len(), true);
        parts.push(read);
    }
    let members = |node: Node<'t>| node.members().filter(|node| node.is_object()).collect::<Vec<_>>();
    // What is still to be read, the next one last.
    let mut open: Vec<(Node<'t>, Option<usize>, bool)> =
        member(definition, "actions").map(members).into_iter().flatten().rev().map(|node| (node, None, false)).collect();
    while let Some((node, container, in_tool)) = open.pop() {
        let at = parts.len();
        let mut read = part(model, app, node, container);
        read.at = at;
        read.begins_tool = in_tool && read.run_after().next().is_none();
        read.is_tool = in_tool || container.is_some_and(|container| parts[container].is_tool);
        parts.push(read);
        let inner =
            blocks(node).into_iter().flat_map(|(block, is_tool)| members(block).into_iter().map(move |node| (node, Some(at), is_tool)));
        open.extend(inner.collect::<Vec<_>>().into_iter().rev());
    }
    parts
}

fn part<'t>(model: &mut Model<'t>, app: AppId, node: Node<'t>, container: Option<usize>) -> Part<'t> {
    let name = node.key().unwrap_or_default();
    let step = model.add_step(Step { name: name.clone(), app, place: Place::key_of(node), output: Output::Pass });
    let kind = member(node, "type").and_then(Node::as_str).unwrap_or_default().trim().to_ascii_lowercase();
    let inputs = member(node, "inputs");
    Part { at: 0, name, node, kind, inputs, step, container, is_trigger: false, is_tool: false, begins_tool: false }
}

/// The groups of actions within an action, and whether each is a tool.
fn blocks(node: Node<'_>) -> Vec<(Node<'_>, bool)> {
    let mut blocks = Vec::new();
    blocks.extend(member(node, "actions").map(|actions| (actions, false)));
    for holder in ["else", "default"].into_iter().filter_map(|name| member(node, name)) {
        blocks.extend(member(holder, "actions").map(|actions| (actions, false)));
    }
    for (name, is_tool) in [("cases", false), ("tools", true)] {
        let holders = member(node, name).into_iter().flat_map(Node::members);
        blocks.extend(holders.filter_map(|holder| member(holder, "actions")).map(|actions| (actions, is_tool)));
    }
    blocks
}

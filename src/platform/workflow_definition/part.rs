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
    run_after: Option<Node<'t>>,
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

/// The members of those names, each as [`member`] finds it, in one pass.
pub(super) fn members<'t, const COUNT: usize>(node: Node<'t>, names: [&str; COUNT]) -> [Option<Node<'t>>; COUNT] {
    let mut found = [None; COUNT];
    for member in node.members() {
        let key = member.key().unwrap_or_default();
        let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(&key)) else { continue };
        if found[at].is_none() || key == names[at] {
            found[at] = Some(member);
        }
    }
    found
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
        self.run_after.into_iter().flat_map(Node::members).take(MAX_BEFORE)
    }

    pub(super) fn element(&self, kind: Kind, app: AppId) -> Element<'t> {
        Element::new(kind, app, self.name.clone(), self.name.clone(), self.place()).at_step(self.step)
    }
}

/// The actions among the parts.
pub(super) fn actions<'p, 't>(parts: &'p [Part<'t>]) -> impl Iterator<Item = &'p Part<'t>> {
    parts.iter().filter(|part| !part.is_trigger)
}

/// Reads all parts, in document order, and adds a step for each.
pub(super) fn read<'t>(model: &mut Model<'t>, app: AppId, definition: Node<'t>) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    for trigger in member(definition, "triggers").into_iter().flat_map(Node::members).filter(|node| node.is_object()) {
        let (mut read, _) = part(model, app, trigger, None);
        (read.at, read.is_trigger) = (parts.len(), true);
        parts.push(read);
    }
    let actions = member(definition, "actions").into_iter().flat_map(Node::members).filter(|node| node.is_object());
    // What is still to be read, the next one last.
    let mut open: Vec<(Node<'t>, Option<usize>, bool)> = actions.map(|node| (node, None, false)).collect();
    open.reverse();
    while let Some((node, container, in_tool)) = open.pop() {
        let at = parts.len();
        let (mut read, blocks) = part(model, app, node, container);
        read.at = at;
        read.begins_tool = in_tool && read.run_after().next().is_none();
        read.is_tool = in_tool || container.is_some_and(|container| parts[container].is_tool);
        parts.push(read);
        let first = open.len();
        for (block, is_tool) in blocks {
            open.extend(block.members().filter(|node| node.is_object()).map(|node| (node, Some(at), is_tool)));
        }
        open[first..].reverse();
    }
    parts
}

/// The groups of actions within an action, and whether each is a tool.
pub(super) fn blocks(node: Node<'_>) -> Vec<(Node<'_>, bool)> {
    let [actions, otherwise, default, cases, tools] = members(node, ["actions", "else", "default", "cases", "tools"]);
    within(actions, [otherwise, default], [(cases, false), (tools, true)])
}

fn within<'t>(actions: Option<Node<'t>>, others: [Option<Node<'t>>; 2], named: [(Option<Node<'t>>, bool); 2]) -> Vec<(Node<'t>, bool)> {
    let mut blocks: Vec<(Node<'t>, bool)> = actions.map(|actions| (actions, false)).into_iter().collect();
    for holder in others.into_iter().flatten() {
        blocks.extend(member(holder, "actions").map(|actions| (actions, false)));
    }
    for (holders, is_tool) in named {
        let holders = holders.into_iter().flat_map(Node::members);
        blocks.extend(holders.filter_map(|holder| member(holder, "actions")).map(|actions| (actions, is_tool)));
    }
    blocks
}

/// The trigger or action `node`, with the groups of actions within it, and whether each is a tool.
fn part<'t>(model: &mut Model<'t>, app: AppId, node: Node<'t>, container: Option<usize>) -> (Part<'t>, Vec<(Node<'t>, bool)>) {
    let name = node.key().unwrap_or_default();
    let step = model.add_step(Step { name: name.clone(), app, place: Place::key_of(node), output: Output::Pass });
    let [kind, inputs, run_after, actions, otherwise, default, cases, tools] =
        members(node, ["type", "inputs", "runAfter", "actions", "else", "default", "cases", "tools"]);
    let kind = kind.and_then(Node::as_str).unwrap_or_default().trim().to_ascii_lowercase();
    let blocks = within(actions, [otherwise, default], [(cases, false), (tools, true)]);
    (Part { at: 0, name, node, kind, inputs, run_after, step, container, is_trigger: false, is_tool: false, begins_tool: false }, blocks)
}

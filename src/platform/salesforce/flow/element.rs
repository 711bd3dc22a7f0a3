//! The elements of a flow, which its canvas shows as boxes, and where each leads.

use crate::model::{AppId, Model, Output, Place, Step, StepId};
use crate::platform::HashMap;
use crate::platform::salesforce::component::{self, member};
use crate::tree::Node;
use std::borrow::Cow;

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Action,
    Assignment,
    Collection,
    Create,
    Decision,
    Delete,
    Lookup,
    Loop,
    Other,
    Plugin,
    Screen,
    Stage,
    Subflow,
    Update,
    Wait,
}

/// The names of elements, in ascending order.
const ELEMENTS: &[(&str, What)] = &[
    ("actionCalls", What::Action),
    ("apexPluginCalls", What::Plugin),
    ("assignments", What::Assignment),
    ("collectionProcessors", What::Collection),
    ("customErrors", What::Other),
    ("decisions", What::Decision),
    ("experiments", What::Decision),
    ("loops", What::Loop),
    ("orchestratedStages", What::Stage),
    ("recordCreates", What::Create),
    ("recordDeletes", What::Delete),
    ("recordLookups", What::Lookup),
    ("recordRollbacks", What::Other),
    ("recordUpdates", What::Update),
    ("screens", What::Screen),
    ("steppedStages", What::Stage),
    ("steps", What::Other),
    ("subflows", What::Subflow),
    ("transforms", What::Collection),
    ("waits", What::Wait),
];

/// The parts of a stage that call something, in the two forms of stages.
const STAGE_STEPS: [&str; 2] = ["stageSteps", "steps"];

/// One element.
#[derive(Clone)]
pub(super) struct Part<'t> {
    /// What other elements call it; unique within the flow, in any case.
    pub(super) name: Cow<'t, str>,
    /// What makers call it.
    pub(super) label: Cow<'t, str>,
    pub(super) what: What,
    /// The type of element, as the platform names it.
    pub(super) tag: Cow<'t, str>,
    pub(super) node: Node<'t>,
    /// Where its name stands.
    pub(super) place: Place,
    pub(super) step: StepId,
    /// The stage that it is a step of.
    pub(super) stage: Option<usize>,
}

/// How an element leads to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// When it is done.
    Next,
    /// When it failed.
    Fault,
}

/// The elements of a flow, each with its step.
pub(super) fn read<'t>(model: &mut Model<'t>, app: AppId, flow: Node<'t>) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    for node in flow.members() {
        let tag = node.key().unwrap_or_default();
        let Ok(at) = ELEMENTS.binary_search_by(|(name, _)| (*name).cmp(&*tag)) else { continue };
        let Some(part) = part(model, app, node, tag, ELEMENTS[at].1, None) else { continue };
        let is_stage = part.what == What::Stage;
        let stage = Some(parts.len());
        parts.push(part);
        let steps = STAGE_STEPS.into_iter().filter(|_| is_stage).flat_map(|name| node.get_all(name));
        parts.extend(steps.filter_map(|step| {
            let tag = step.key().unwrap_or_default();
            part_of_stage(model, app, step, tag, stage)
        }));
    }
    parts
}

fn part_of_stage<'t>(model: &mut Model<'t>, app: AppId, node: Node<'t>, tag: Cow<'t, str>, stage: Option<usize>) -> Option<Part<'t>> {
    part(model, app, node, tag, What::Action, stage)
}

fn part<'t>(model: &mut Model<'t>, app: AppId, node: Node<'t>, tag: Cow<'t, str>, what: What, stage: Option<usize>) -> Option<Part<'t>> {
    let (name, name_node) = member(node, "name")?;
    let label = member(node, "label").map_or_else(|| name.clone(), |found| found.0);
    let place = Place::of(name_node);
    let step = model.add_step(Step { name: label.clone(), app, place, output: Output::Pass });
    Some(Part { name, label, what, tag, node, place, step, stage })
}

/// Elements by their names in lower case.
pub(super) fn by_name(parts: &[Part<'_>]) -> HashMap<String, usize> {
    parts.iter().enumerate().map(|(at, part)| (part.name.to_lowercase(), at)).collect()
}

/// What holds several ways out, each under a condition.
const BRANCHES: [&str; 4] = ["rules", "waitEvents", "scheduledPaths", "experimentPaths"];

/// The names of the elements that `node`, an element or the start, leads to.
pub(super) fn ways<'t>(node: Node<'t>) -> impl Iterator<Item = (Cow<'t, str>, Way)> {
    let target = |connector: Node<'t>| member(connector, "targetReference").map(|found| found.0);
    let next = ["connector", "defaultConnector", "nextValueConnector", "noMoreValuesConnector"];
    let direct = next.into_iter().flat_map(move |name| node.get_all(name));
    let branches = BRANCHES.into_iter().flat_map(move |name| node.get_all(name)).flat_map(|branch| branch.get_all("connector"));
    let faults = node.get_all("faultConnector").filter_map(target).map(|name| (name, Way::Fault));
    direct.chain(branches).filter_map(target).map(|name| (name, Way::Next)).chain(faults)
}

impl<'t> Part<'t> {
    /// The text of a member, trimmed.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'t, str>> {
        member(self.node, name).map(|found| found.0)
    }

    /// Whether the platform ends the transaction there and waits for somebody or something.
    pub(super) fn pauses(&self) -> bool {
        matches!(self.what, What::Screen | What::Wait | What::Stage)
    }

    /// Where it says what happens when it fails.
    pub(super) fn fault(&self) -> Option<Node<'t>> {
        self.node.get("faultConnector").filter(|connector| member(*connector, "targetReference").is_some())
    }

    /// Whether a failure leads to the same element as success.
    pub(super) fn ignores_faults(&self) -> bool {
        let target = |name: &str| self.node.get(name).and_then(|connector| member(connector, "targetReference")).map(|found| found.0);
        target("faultConnector").is_some_and(|fault| target("connector").is_some_and(|next| next.eq_ignore_ascii_case(&fault)))
    }

    /// The pairs of a name and a value below the members called `list`: fields of a record, parameters of an action.
    pub(super) fn values(&self, list: &'static str, name: &'static str) -> impl Iterator<Item = (Cow<'t, str>, Node<'t>)> {
        let pairs = self.node.get_all(list);
        pairs.filter_map(move |pair| Some((pair.get(name).and_then(component::text).unwrap_or_default(), pair.get("value")?)))
    }
}

#[cfg(test)]
mod tests {
    use super::ELEMENTS;

    #[test]
    fn elements_can_be_searched() {
        assert!(ELEMENTS.is_sorted_by_key(|(name, _)| *name));
    }
}

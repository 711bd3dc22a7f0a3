//! Where values come from: variables, formulas and texts are steps of their own in the graph, because any element may set or read them.

use super::element::{Part, What};
use crate::model::vocabulary::Origin;
use crate::model::{AppId, Model, Output, Place, Reference, Source, Step, StepId};
use crate::platform::HashMap;
use crate::platform::salesforce::component::{flag, member, text};
use crate::tree::Node;
use std::borrow::Cow;

/// What makers declare beside the elements, by the name of its tag.
const RESOURCES: [&str; 7] = ["variables", "constants", "formulas", "textTemplates", "choices", "dynamicChoiceSets", "stages"];

/// What elements of one flow may refer to.
pub(super) struct Values<'t> {
    /// The steps behind the names of elements, resources and fields of screens, in lower case.
    steps: HashMap<String, StepId>,
    start: StepId,
    /// The variables that whoever starts the flow may set, and where they are declared.
    pub(super) inputs: Vec<(Cow<'t, str>, Place)>,
    /// The variables that the flow hands back, with the steps behind them.
    pub(super) outputs: Vec<(Cow<'t, str>, StepId)>,
}

/// Reads the resources of `flow`, and says of its elements what they hand on.
pub(super) fn read<'t>(model: &mut Model<'t>, app: AppId, flow: Node<'t>, parts: &[Part<'t>], start: StepId) -> Values<'t> {
    let mut values = Values { steps: HashMap::default(), start, inputs: Vec::new(), outputs: Vec::new() };
    let mut resources = Vec::new();
    for node in RESOURCES.into_iter().flat_map(|tag| flow.get_all(tag)) {
        let Some((name, name_node)) = member(node, "name") else { continue };
        let place = Place::of(name_node);
        let step = model.add_step(Step { name: name.clone(), app, place, output: Output::Pass });
        values.steps.insert(name.to_lowercase(), step);
        if flag(node, "isInput").is_some_and(|found| found.0) {
            values.inputs.push((name.clone(), place));
        }
        if flag(node, "isOutput").is_some_and(|found| found.0) {
            values.outputs.push((name.clone(), step));
        }
        resources.push((node, name, step));
    }
    for part in parts {
        values.steps.insert(part.name.to_lowercase(), part.step);
        for field in fields(part) {
            values.steps.entry(field.to_lowercase()).or_insert(part.step);
        }
    }
    let mut set: HashMap<StepId, Vec<Reference<'t>>> = HashMap::default();
    for part in parts {
        for (name, from) in values.assigned(part) {
            if let Some(step) = values.step_of(&name) {
                set.entry(step).or_default().extend(from);
            }
        }
        let output = values.output_of(part);
        model.steps[part.step.0 as usize].output = output;
    }
    for (node, name, step) in resources {
        let mut made = set.remove(&step).unwrap_or_default();
        if flag(node, "isInput").is_some_and(|found| found.0) {
            made.push(Reference { from: Source::Step(start, Some(name)), place: Place::of(node) });
        }
        made.extend(values.of_resource(node));
        model.steps[step.0 as usize].output = Output::Made(made);
    }
    values
}

/// The names of the fields of a screen; those in sections of it have sections around them.
fn fields<'t>(part: &Part<'t>) -> Vec<Cow<'t, str>> {
    if part.what != What::Screen {
        return Vec::new();
    }
    let (mut names, mut queue) = (Vec::new(), vec![part.node]);
    while let Some(node) = queue.pop() {
        for field in node.get_all("fields") {
            names.extend(member(field, "name").map(|found| found.0));
            queue.push(field);
        }
    }
    names
}

impl<'t> Values<'t> {
    fn step_of(&self, path: &str) -> Option<StepId> {
        self.steps.get(&head(path).to_lowercase()).copied()
    }

    /// Where `path` leads, as elements write it: `variable`, `element.field`, `$Record.field`.
    fn source(&self, path: &str) -> Source<'t> {
        let name = head(path);
        if let Some(step) = self.steps.get(&name.to_lowercase()) {
            return Source::Step(*step, None);
        }
        let Some(global) = name.strip_prefix('$') else { return Source::Origin(Origin::Unknown) };
        match &*global.to_ascii_lowercase() {
            "record" | "record__prior" | "input" => Source::Step(self.start, None),
            "globalconstant" => Source::Origin(Origin::Literal),
            "flow" | "system" | "api" | "label" | "setup" | "custommetadata" | "customsetting" | "organization" | "user" | "profile"
            | "userrole" | "permission" => Source::Origin(Origin::Env),
            _ => Source::Origin(Origin::Unknown),
        }
    }

    /// What `value` is made of: an element with a reference, a text or another literal in it.
    pub(super) fn parts(&self, value: Node<'t>) -> Vec<Reference<'t>> {
        let mut found = Vec::new();
        for node in value.members() {
            let Some(content) = text(node) else { continue };
            if node.key().as_deref() == Some("elementReference") {
                found.push(Reference { from: self.source(&content), place: Place::of(node) });
            } else {
                found.extend(self.merged(node, &content));
            }
        }
        if found.is_empty() {
            found.push(Reference { from: Source::Origin(Origin::Literal), place: Place::of(value) });
        }
        found
    }

    /// What is put into a text: `{!variable}`.
    fn merged(&self, node: Node<'t>, content: &str) -> Vec<Reference<'t>> {
        let paths = content.split("{!").skip(1).filter_map(|rest| rest.split_once('}')).map(|found| found.0.trim());
        paths.map(|path| Reference { from: self.source(path), place: Place::of(node) }).collect()
    }

    /// What the element or resource called in a member of `node` brings: `collectionReference`, `inputReference`.
    pub(super) fn named(&self, node: Node<'t>, name: &str) -> Option<Reference<'t>> {
        let (path, node) = member(node, name)?;
        Some(Reference { from: self.source(&path), place: Place::of(node) })
    }

    fn of_resource(&self, node: Node<'t>) -> Vec<Reference<'t>> {
        let origin = |origin: Origin| Reference { from: Source::Origin(origin), place: Place::of(node) };
        let mut found = match node.key().as_deref() {
            Some("dynamicChoiceSets") => vec![origin(Origin::DataSource)],
            Some("choices") if node.get("userInput").is_some() => vec![origin(Origin::Trigger)],
            _ => Vec::new(),
        };
        found.extend(node.get("value").into_iter().flat_map(|value| self.parts(value)));
        for text_node in ["expression", "text"].into_iter().filter_map(|name| node.get(name)) {
            found.extend(text(text_node).into_iter().flat_map(|content| self.merged(text_node, &content)));
        }
        found
    }

    /// The variables that an element sets, and from what.
    fn assigned(&self, part: &Part<'t>) -> Vec<(Cow<'t, str>, Vec<Reference<'t>>)> {
        let own = |field: Option<Cow<'t, str>>| vec![Reference { from: Source::Step(part.step, field), place: part.place }];
        let mut found = Vec::new();
        for item in part.node.get_all("assignmentItems") {
            let Some((name, _)) = member(item, "assignToReference") else { continue };
            found.push((name, item.get("value").map(|value| self.parts(value)).unwrap_or_default()));
        }
        for list in ["outputAssignments", "outputParameters"] {
            for item in part.node.get_all(list) {
                let field = if part.what == What::Subflow { member(item, "name").map(|found| found.0) } else { None };
                found.extend(member(item, "assignToReference").map(|(name, _)| (name, own(field))));
            }
        }
        for name in ["outputReference", "assignRecordIdToReference", "assignNextValueToReference"] {
            found.extend(member(part.node, name).map(|(name, _)| (name, own(None))));
        }
        if part.what == What::Screen {
            let outputs = part.node.descend().filter(|node| node.key().as_deref() == Some("outputParameters"));
            found.extend(outputs.filter_map(|node| Some((member(node, "assignToReference")?.0, own(None)))));
        }
        found
    }

    fn output_of(&self, part: &Part<'t>) -> Output<'t> {
        match part.what {
            What::Screen => Output::Own(Origin::Trigger),
            What::Lookup | What::Create | What::Plugin => Output::Own(Origin::DataSource),
            What::Action if part.text("actionType").is_some_and(|kind| super::action::is_model(&kind)) => Output::Own(Origin::Model),
            What::Action => Output::Own(Origin::DataSource),
            What::Loop | What::Collection => Output::Made(self.named(part.node, "collectionReference").into_iter().collect()),
            // What another flow hands back is known when all flows are.
            What::Subflow => Output::Own(Origin::Unknown),
            _ => Output::Pass,
        }
    }
}

/// The part of a path that names something: all before the first full stop or bracket.
fn head(path: &str) -> &str {
    path.split(['.', '[', ':']).next().unwrap_or(path).trim()
}

//! Flows, processes of the time before them, and the files that say which of their versions is active.

mod action;
mod element;
mod identifier;
mod literal;
mod order;
mod start;
mod values;

use super::component::{self, flag, member};
use super::{Context, Form, Kind, schema};
use crate::model::vocabulary::{Auth, ErrorHandler, Exposure, Guard, TriggerKind, Verb};
use crate::model::{AppId, Edge, EdgeKind, ElementId, Fact, Output, Place, Reference, Source, Step, StepId};
use crate::platform::{HashMap, HashSet};
use crate::tree::Node;
pub(super) use action::{verb_of, verb_of_name};
use element::{Part, Way};
use order::{Order, Standing};
use std::borrow::Cow;
use values::Values;

/// The kinds of documents, in the order in which they need each other.
pub(super) const KINDS: &[Kind] = &[
    Kind { schema: schema!("flow-definition.schema.json"), form: Form::Root(&["FlowDefinition"]), lower: gather_definition },
    Kind { schema: schema!("flow.schema.json"), form: Form::Root(&["Flow"]), lower },
];

/// What others have to know of flows.
#[derive(Default)]
pub(super) struct Known<'t> {
    /// Which version is active, by the name of the flow in lower case.
    active: HashMap<String, Active>,
    flows: Vec<Flow<'t>>,
    /// Flows by their names in lower case; of several with one name, the first that runs.
    by_name: HashMap<String, usize>,
}

/// Which version of a flow is active.
struct Active {
    /// Its number; none where no version is.
    version: Option<u32>,
    place: Place,
}

/// A flow of the export.
struct Flow<'t> {
    app: AppId,
    start: StepId,
    trigger: ElementId,
    has_screens: bool,
    /// Whether something in the export calls it.
    is_called: bool,
    effects: Vec<Effect<'t>>,
    calls: Vec<Call<'t>>,
    outputs: Vec<(Cow<'t, str>, StepId)>,
}

/// A step that calls a flow, the name of the flow, and what each of its variables is set to.
type Call<'t> = (StepId, Cow<'t, str>, Vec<(Cow<'t, str>, Vec<Reference<'t>>)>);

/// Something that a flow does to the world.
#[derive(Clone)]
pub(super) struct Effect<'t> {
    pub(super) verb: Verb,
    /// The type of record.
    pub(super) resource: Option<Cow<'t, str>>,
    pub(super) place: Place,
    /// Name of the element.
    pub(super) name: Cow<'t, str>,
}

/// A flow while it is lowered.
struct Reading<'r, 'c, 't> {
    context: &'r mut Context<'c, 't>,
    app: AppId,
    flow: Node<'t>,
    form: start::Form,
    kind: TriggerKind,
    /// What makers call it.
    label: Cow<'t, str>,
    is_before_save: bool,
    start: StepId,
    parts: Vec<Part<'t>>,
    order: Order,
    values: Values<'t>,
    /// Connectors that have their element.
    connectors: HashSet<String>,
    effects: Vec<Effect<'t>>,
    calls: Vec<Call<'t>>,
}

/// The name of a flow and the number of its version, where the name of its file says one: `Close_Order-3`.
fn name_and_version(path: &str) -> (Cow<'_, str>, Option<u32>) {
    let name = component::name(path);
    let version = name.rsplit_once('-').and_then(|(before, number)| Some((before.len(), number.parse().ok()?)));
    match (version, name) {
        (Some((end, version)), Cow::Borrowed(name)) => (Cow::Borrowed(&name[..end]), Some(version)),
        (Some((end, version)), Cow::Owned(name)) => (Cow::Owned(name[..end].to_owned()), Some(version)),
        (None, name) => (name, None),
    }
}

fn gather_definition<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = component::name(context.export.file(root).path).to_lowercase();
    let said = member(root, "activeVersionNumber");
    let place = said.as_ref().map_or(Place::key_of(root), |found| Place::of(found.1));
    let version = said.and_then(|found| found.0.parse().ok()).filter(|version| *version > 0);
    context.flows.active.insert(name, Active { version, place });
}

fn lower<'t>(context: &mut Context<'_, 't>, flow: Node<'t>) {
    let (name, version) = name_and_version(context.export.file(flow).path);
    let labelled = member(flow, "label");
    let place = labelled.as_ref().map_or(Place::key_of(flow), |found| Place::of(found.1));
    let label = labelled.map_or_else(|| name.clone(), |found| found.0);
    let app = context.model.add_app(name.clone(), label.clone(), place);
    let (form, kind) = start::form(flow);
    let at = flow.get("start").map_or(Place::key_of(flow), Place::key_of);
    let start = context.model.add_step(Step { name: label.clone(), app, place: at, output: Output::Pass });
    let parts = element::read(context.model, app, flow);
    let values = values::read(context.model, app, flow, &parts, start);
    let order = Order::of(flow, &parts, &element::by_name(&parts));
    context.model.steps[start.0 as usize].output = start::output(form, &values.inputs);
    let firsts = order.first.iter().map(|at| Edge { from: start, to: parts[*at].step, kind: EdgeKind::Next });
    let edges = order.edges.iter().map(|(from, to, way)| {
        let kind = if *way == Way::Fault { EdgeKind::Error } else { EdgeKind::Next };
        Edge { from: parts[*from].step, to: parts[*to].step, kind }
    });
    context.model.edges.extend(firsts.chain(edges));
    let active = context.flows.active.remove(&name.to_lowercase());
    let mut reading = Reading {
        app,
        flow,
        form,
        kind,
        label,
        is_before_save: start::is_before_save(flow),
        start,
        parts,
        order,
        values,
        connectors: HashSet::default(),
        effects: Vec::new(),
        calls: Vec::new(),
        context,
    };
    let trigger = start::lower(&mut reading, active.as_ref(), version);
    for at in 0..reading.parts.len() {
        if reading.order.standing[at] != Standing::Never {
            action::lower(&mut reading, at);
        }
    }
    literal::lower(&mut reading);
    let Reading { effects, calls, values, .. } = reading;
    let has_screens = form == start::Form::Screens;
    let known = Flow { app, start, trigger, has_screens, is_called: false, effects, calls, outputs: values.outputs };
    let key = name.to_lowercase();
    context.flows.active.extend(active.map(|active| (key.clone(), active)));
    let number = context.flows.flows.len();
    let runs = |at: &usize| !is_off(context, context.flows.flows[*at].app);
    if !context.flows.by_name.get(&key).is_some_and(runs) {
        context.flows.by_name.insert(key, number);
    }
    context.flows.flows.push(known);
}

/// Whether the export says that the app is switched off.
fn is_off(context: &Context<'_, '_>, app: AppId) -> bool {
    let element = context.model.element(context.model.app(app).element);
    element.fact(Fact::AppEnabled) == Some(&false.into())
}

/// Joins the step `from` with the flow called `name`, where the export has it.
pub(super) fn call(context: &mut Context<'_, '_>, from: StepId, name: &str) -> Option<usize> {
    let number = context.flows.by_name.get(&name.to_lowercase()).copied()?;
    let flow = &mut context.flows.flows[number];
    context.model.edges.push(Edge { from, to: flow.start, kind: EdgeKind::Call });
    if !std::mem::replace(&mut flow.is_called, true)
        && let Output::Set { fields, .. } = &mut context.model.steps[flow.start.0 as usize].output
    {
        for (name, parts) in fields {
            let place = parts.first().map(|part| part.place).unwrap_or_default();
            parts.push(Reference { from: Source::Incoming(Some(name.clone())), place });
        }
    }
    Some(number)
}

/// Most flows that are looked into to tell what one of them does.
const MAX_CALLED: usize = 64;

/// What the flow with that number does, and those that it calls.
pub(super) fn effects<'t>(context: &Context<'_, 't>, number: usize) -> Vec<Effect<'t>> {
    let (mut found, mut seen, mut at) = (Vec::new(), vec![number], 0);
    while let Some(number) = seen.get(at).copied().filter(|_| at < MAX_CALLED) {
        let flow = &context.flows.flows[number];
        found.extend(flow.effects.iter().cloned());
        for (_, name, _) in &flow.calls {
            let called = context.flows.by_name.get(&name.to_lowercase()).copied();
            if let Some(called) = called.filter(|called| seen.len() < MAX_CALLED && !seen.contains(called)) {
                seen.push(called);
            }
        }
        at += 1;
    }
    found
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    for number in 0..context.flows.flows.len() {
        for (step, name, inputs) in context.flows.flows[number].calls.clone() {
            let Some(called) = call(context, step, &name) else { continue };
            let outputs = context.flows.flows[called].outputs.iter();
            let back = outputs.map(|(name, from)| {
                let place = context.model.step(*from).place;
                (name.clone(), vec![Reference { from: Source::Step(*from, None), place }])
            });
            let fields = inputs.into_iter().chain(back).collect();
            context.model.steps[step.0 as usize].output = Output::Set { fields, rest: false };
        }
    }
    failures(context);
    guests(context);
}

/// Where a flow of the export runs whenever another fails in front of somebody, that is told of all with screens.
fn failures(context: &mut Context<'_, '_>) {
    let told = |flow: &&Flow<'_>| context.model.element(flow.trigger).is(Fact::TriggerKind, TriggerKind::Error.name());
    let catcher = context.flows.flows.iter().filter(|flow| !is_off(context, flow.app)).find(told);
    let Some(place) = catcher.map(|flow| context.model.element(flow.trigger).place) else { return };
    for flow in context.flows.flows.iter().filter(|flow| flow.has_screens) {
        let app = context.model.app(flow.app).element;
        let element = context.model.element_mut(app);
        if element.is(Fact::AppErrorHandler, ErrorHandler::Absent.name()) {
            element.set(Fact::AppErrorHandler, ErrorHandler::Workflow, place);
        }
    }
}

/// Flows that the profile of a site gives to everyone, without login.
fn guests(context: &mut Context<'_, '_>) {
    let profiles = context.export.documents.iter().map(|document| document.node);
    for profile in profiles.filter(|node| node.key().as_deref() == Some("Profile") && is_for_guests(*node)) {
        for access in profile.get_all("flowAccesses").filter(|access| flag(*access, "enabled").is_some_and(|found| found.0)) {
            let Some((name, node)) = member(access, "flow") else { continue };
            let Some(number) = context.flows.by_name.get(&name.to_lowercase()) else { continue };
            let (trigger, place) = (context.flows.flows[*number].trigger, Place::of(node));
            let element = context.model.element_mut(trigger);
            element.set(Fact::TriggerExposure, Exposure::Public, place);
            element.set(Fact::TriggerAuth, Auth::Absent, place);
            element.set(Fact::TriggerGuard, Guard::Absent, place);
        }
    }
}

fn is_for_guests(profile: Node<'_>) -> bool {
    member(profile, "userLicense").is_some_and(|(licence, _)| ["guest user license", "guest"].contains(&&*licence.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn a_file_may_be_one_version_of_a_flow() {
        assert_eq!(name_and_version("flows/Close_Order-3.flow"), ("Close_Order".into(), Some(3)));
        assert_eq!(name_and_version("flows/Close_Order.flow-meta.xml"), ("Close_Order".into(), None));
    }
}

//! What starts a flow, with which rights, at which version, and whether it is active.

use super::element::{Part, What};
use super::order::Standing;
use super::{Active, Reading};
use crate::model::vocabulary::{Auth, Enforced, ErrorHandler, Exposure, Origin, Publisher, TriggerKind};
use crate::model::{Element, ElementId, Fact, Kind, Output, Place, Reference, Source, Value};
use crate::platform::salesforce::component::member;
use crate::tree::Node;
use std::borrow::Cow;

/// What a flow is, as far as it decides what may be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// People fill in its screens.
    Screens,
    /// Others call it.
    Called,
    /// A change of a record, an event or a clock starts it.
    Triggered,
    /// A process of the time before flows: its criteria are a record's, and nothing in it can handle a failure.
    Process,
}

/// The event that the platform publishes when a flow fails.
const FAILURE_EVENT: &str = "FlowExecutionErrorEvent";

/// What starts `flow`.
pub(super) fn form(flow: Node<'_>) -> (Form, TriggerKind) {
    let said = |node: Option<Node<'_>>, name: &str| node.and_then(|node| member(node, name)).map(|found| found.0.to_lowercase());
    let start = flow.get("start");
    match said(Some(flow), "processType").as_deref() {
        Some("workflow" | "invocableprocess" | "customevent") => return (Form::Process, TriggerKind::Event),
        Some("flow" | "survey" | "appointments" | "surveyenrich" | "fieldserviceweb" | "fieldservicemobile" | "loginflow") => {
            return (Form::Screens, TriggerKind::Form);
        }
        _ => {}
    }
    match said(start, "triggerType").as_deref() {
        None | Some("capability" | "none") => (Form::Called, TriggerKind::AppCall),
        Some(kind) if kind.starts_with("schedule") => (Form::Triggered, TriggerKind::Schedule),
        Some(_) if said(start, "object").is_some_and(|object| object.eq_ignore_ascii_case(FAILURE_EVENT)) => {
            (Form::Triggered, TriggerKind::Error)
        }
        Some(_) => (Form::Triggered, TriggerKind::Event),
    }
}

/// Whether the flow changes its record before it is saved, where a failure cannot be handled.
pub(super) fn is_before_save(flow: Node<'_>) -> bool {
    let kind = flow.get("start").and_then(|start| member(start, "triggerType"));
    kind.is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("RecordBeforeSave"))
}

/// Adds the trigger of the flow and what is said of the flow as a whole.
pub(super) fn lower(reading: &mut Reading<'_, '_, '_>, active: Option<&Active>, version: Option<u32>) -> ElementId {
    let flow = reading.flow;
    let (kind, name) = (reading.kind, reading.label.clone());
    let start = flow.get("start");
    let typed = start.and_then(|start| member(start, "triggerType")).or_else(|| member(flow, "processType"));
    let place = typed.as_ref().map_or(Place::key_of(flow), |found| Place::of(found.1));
    // Who saves a record starts what runs with it, and is told when that fails.
    let by_person = reading.form == Form::Screens || typed.as_ref().is_some_and(|(kind, _)| starts_with(kind, "record"));
    let (exposure, auth) = (if by_person { Exposure::Users } else { Exposure::Internal }, Auth::Platform);
    let mut trigger = Element::new(Kind::Trigger, reading.app, "start", name, place)
        .at_step(reading.start)
        .with(Fact::TriggerKind, kind, place)
        .with(Fact::TriggerExposure, exposure, place)
        .with(Fact::TriggerAuth, auth, place);
    if let Some((connector, _)) = typed {
        trigger.set(Fact::TriggerConnector, connector, place);
    }
    if let Some((enforced, node)) = enforced(reading) {
        trigger.set(Fact::TriggerEnforces, enforced, node);
    }
    let trigger = reading.context.model.add(trigger);
    app(reading, active, version);
    runtime(reading);
    trigger
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Which rights hold, where the maker may choose: flows that a record, an event or a clock starts have none to hold.
fn enforced(reading: &Reading<'_, '_, '_>) -> Option<(Enforced, Place)> {
    if !matches!(reading.form, Form::Screens | Form::Called) {
        return None;
    }
    let (mode, node) = member(reading.flow, "runInMode")?;
    let enforced = match &*mode.to_ascii_lowercase() {
        "systemmodewithoutsharing" => Enforced::Absent,
        "systemmodewithsharing" => Enforced::Sharing,
        "usermode" => Enforced::All,
        _ => return None,
    };
    Some((enforced, Place::of(node)))
}

fn app(reading: &mut Reading<'_, '_, '_>, active: Option<&Active>, version: Option<u32>) {
    let state = enabled(reading.flow, active, version);
    let handler = handler(reading);
    let (kind, label) = (reading.kind, reading.label.clone());
    let element = reading.context.model.app(reading.app).element;
    let element = reading.context.model.element_mut(element);
    let place = element.place;
    element.set(Fact::AppKind, crate::model::vocabulary::AppKind::Flow, place);
    element.set(Fact::AppName, label, place);
    element.set(Fact::AppStartedBy, Value::List(vec![kind.into()]), place);
    if let Some((enabled, at)) = state {
        element.set(Fact::AppEnabled, enabled, at.unwrap_or(place));
    }
    if let Some((handler, at)) = handler {
        element.set(Fact::AppErrorHandler, handler, at);
    }
}

/// Whether the flow runs: it says so itself, or the file beside it that names the active version does.
fn enabled(flow: Node<'_>, active: Option<&Active>, version: Option<u32>) -> Option<(bool, Option<Place>)> {
    let said = member(flow, "status").map(|(status, node)| (status.eq_ignore_ascii_case("Active"), Some(Place::of(node))));
    match (active, version) {
        (Some(active), Some(version)) => Some((active.version == Some(version), Some(active.place))),
        (Some(active), None) => said.or(Some((active.version.is_some(), Some(active.place)))),
        (None, _) => said,
    }
}

/// What happens when an element fails, where the platform lets a maker say it.
fn handler(reading: &Reading<'_, '_, '_>) -> Option<(ErrorHandler, Place)> {
    let may: Vec<&Part<'_>> = (0..reading.parts.len()).filter(|at| reading.may_handle(*at)).map(|at| &reading.parts[at]).collect();
    let handles = may.iter().find_map(|part| part.fault());
    let changes = |part: &&&Part<'_>| !matches!(part.what, What::Lookup);
    let first = may.iter().find(changes).or(may.first())?;
    Some(handles.map_or((ErrorHandler::Absent, first.place), |fault| (ErrorHandler::Branch, Place::key_of(fault))))
}

impl Reading<'_, '_, '_> {
    /// Whether the platform lets a maker say what happens when the element fails, and it matters: what runs after a failure is itself
    /// the answer to one.
    pub(super) fn may_handle(&self, at: usize) -> bool {
        let part = &self.parts[at];
        let can = matches!(part.what, What::Lookup | What::Create | What::Update | What::Delete | What::Action | What::Plugin);
        let local = part.stage.is_some() || part.what == What::Update && self.is_before_save;
        let is_component = part.text("actionType").is_some_and(|kind| kind.eq_ignore_ascii_case("component"));
        can && !local && !is_component && !logs(part) && self.form != Form::Process && self.order.standing[at] == Standing::Normal
    }
}

/// Whether an element only notes down what happened: where that fails nothing else is to be done about it.
fn logs(part: &Part<'_>) -> bool {
    let what = match part.what {
        What::Create => part.text("object"),
        What::Action => part.text("actionName"),
        _ => None,
    };
    let words = ["errorlog", "error_log", "exception", "logger", "logentry", "log_entry", "flowlog", "flow_log", "log__c", "log__e"];
    what.is_some_and(|what| words.iter().any(|word| what.to_ascii_lowercase().contains(word)))
}

/// The oldest version of the platform whose behaviour is no finding: flows have run at a version of their own since shortly before.
const OLDEST: f64 = 50.0;

/// What the flow is run by: the version of the platform that it is held at, or the builder that nobody is to use any more.
fn runtime(reading: &mut Reading<'_, '_, '_>) {
    let named = |key: &'static str, place: Place| {
        Element::new(Kind::Connector, reading.app, key, key, place).with(Fact::ConnectorKey, key, place).with(
            Fact::ConnectorPublisher,
            Publisher::Platform,
            place,
        )
    };
    let mut found = Vec::new();
    if let Some((version, node)) = member(reading.flow, "apiVersion") {
        let place = Place::of(node);
        let outdated = version.parse::<f64>().is_ok_and(|number| number < OLDEST);
        let element = named("Salesforce API", place).with(Fact::ConnectorVersion, version, place);
        found.push(element.with(Fact::ConnectorOutdated, outdated, place));
    }
    if let Some((_, node)) = member(reading.flow, "processType").filter(|_| reading.form == Form::Process) {
        let place = Place::of(node);
        found.push(named("Process Builder", place).with(Fact::ConnectorSuccessor, "Flow Builder", place));
    }
    found.into_iter().for_each(|element| {
        reading.context.model.add(element);
    });
}

/// What the start of a flow hands on: whoever starts it sets its variables, a record or an event brings itself.
pub(super) fn output<'t>(form: Form, inputs: &[(Cow<'t, str>, Place)]) -> Output<'t> {
    let origin = match form {
        Form::Screens => Origin::Trigger,
        Form::Called => Origin::Caller,
        Form::Triggered | Form::Process => return Output::Own(Origin::Trigger),
    };
    let made = |place: Place| vec![Reference { from: Source::Origin(origin), place }];
    Output::Set { fields: inputs.iter().map(|(name, place)| (name.clone(), made(*place))).collect(), rest: false }
}

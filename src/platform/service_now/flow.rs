//! Flows: what starts each, with whose rights it runs, and what its steps are.

use super::record::Record;
use super::{Context, Lower};
use crate::model::vocabulary::{AppKind, Auth, Enforced, Exposure, Origin, TriggerKind, Verb};
use crate::model::{AppId, Edge, EdgeKind, Element, Fact, Kind, Output, Place, Step, StepId, Value};
use std::borrow::Cow;

pub(super) const TABLES: &[(&str, Lower)] = &[("sys_hub_flow", lower)];

/// Tables of steps.
const STEPS: [&str; 2] = ["sys_hub_action_instance", "sys_hub_action_instance_v2"];
/// Tables of what starts a flow.
const STARTS: [&str; 2] = ["sys_hub_trigger_instance", "sys_hub_trigger_instance_v2"];

fn lower<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let place = record.place();
    let app = context.model.add_app(record.id(), record.name(), place);
    let start = start(context, record);
    let kind = kind(context, record, start.as_ref());
    enabled(context, record, app, kind);
    let step = context.model.add_step(Step { name: record.name(), app, place, output: Output::Own(Origin::Trigger) });
    let open = record.flag("callable_by_client_api").filter(|(open, _)| *open);
    let (exposure, at) = match open {
        Some((_, at)) => (Exposure::Tenant, at),
        None if kind == TriggerKind::Event => (Exposure::Users, place),
        None => (Exposure::Internal, place),
    };
    let mut trigger = Element::new(Kind::Trigger, app, "start", record.name(), place)
        .at_step(step)
        .with(Fact::TriggerKind, kind, start.map_or(place, |start| start.place()))
        .with(Fact::TriggerExposure, exposure, at)
        .with(Fact::TriggerAuth, Auth::Platform, place)
        .with(Fact::TriggerConnector, "sys_hub_flow", place);
    if let Some((enforced, at)) = enforced(record).filter(|_| kind != TriggerKind::Schedule) {
        trigger.set(Fact::TriggerEnforces, enforced, at);
    }
    if let Some((_, at)) = open {
        trigger.relate("pages in a browser may call it", at);
    }
    context.model.add(trigger);
    steps(context, record, app, step);
}

/// What says how the flow starts.
fn start<'t>(context: &Context<'_, 't>, flow: &Record<'t>) -> Option<Record<'t>> {
    STARTS.iter().flat_map(|table| context.of_table(table)).find(|start| is_of(start, flow)).copied()
}

fn is_of(part: &Record<'_>, flow: &Record<'_>) -> bool {
    part.text("flow").is_some_and(|of| of == flow.id())
}

fn kind(context: &Context<'_, '_>, flow: &Record<'_>, start: Option<&Record<'_>>) -> TriggerKind {
    if flow.is("callable_by_client_api") {
        return TriggerKind::AppCall;
    }
    if flow.text("type").is_some_and(|kind| kind == "subflow") {
        return TriggerKind::Subflow;
    }
    let remote = flow.text("remote_trigger_id");
    let timer = context.of_table("sys_flow_timer_trigger").any(|timer| Some(timer.id()) == remote);
    let said = start.and_then(|start| start.shown("trigger_type").or_else(|| start.shown("trigger_definition"))).unwrap_or_default();
    let said = said.to_ascii_lowercase();
    if timer || ["daily", "weekly", "monthly", "repeat", "run_once", "once", "timer"].iter().any(|word| said.contains(word)) {
        TriggerKind::Schedule
    } else if said.contains("rest") || said.contains("http") {
        TriggerKind::Http
    } else if said.contains("email") {
        TriggerKind::Email
    } else {
        TriggerKind::Event
    }
}

fn enabled(context: &mut Context<'_, '_>, record: &Record<'_>, app: AppId, kind: TriggerKind) {
    let element = context.model.app(app).element;
    let element = context.model.element_mut(element);
    let place = element.place;
    element.set(Fact::AppKind, AppKind::Flow, place);
    element.set(Fact::AppStartedBy, Value::List(vec![kind.into()]), place);
    let draft = record.value("status").filter(|(status, _)| status != "published").map(|(_, node)| (false, Place::of(node)));
    if let Some((enabled, at)) = record.flag("active").filter(|(active, _)| !active).or(draft).or_else(|| record.flag("active")) {
        element.set(Fact::AppEnabled, enabled, at);
    }
}

/// With whose rights the flow runs.
fn enforced(record: &Record<'_>) -> Option<(Enforced, Place)> {
    let (by, node) = record.value("run_as")?;
    let enforced = match &*by {
        "system" => Enforced::Absent,
        "user" | "user_initiator" => Enforced::All,
        _ => return None,
    };
    Some((enforced, Place::of(node)))
}

/// Adds the steps, one behind the other: what decides between them is not told apart.
fn steps<'t>(context: &mut Context<'_, 't>, flow: &Record<'t>, app: AppId, start: StepId) {
    let parts: Vec<Record<'t>> = STEPS.iter().flat_map(|table| context.of_table(table)).filter(|part| is_of(part, flow)).copied().collect();
    let mut parts: Vec<(u32, Record<'t>)> =
        parts.into_iter().map(|part| (part.text("order").and_then(|order| order.parse().ok()).unwrap_or(u32::MAX), part)).collect();
    parts.sort_by_key(|(order, _)| *order);
    let mut before = start;
    for (_, part) in parts {
        let connector = ["action_type", "action_type_parent"].iter().find_map(|field| part.shown(field)).unwrap_or_else(|| part.name());
        let name = part.text("display_text").filter(|text| !text.is_empty()).unwrap_or_else(|| connector.clone());
        let place = part.place();
        let step = context.model.add_step(Step { name: name.clone(), app, place, output: Output::Own(Origin::DataSource) });
        context.model.edges.push(Edge { from: before, to: step, kind: EdgeKind::Next });
        before = step;
        let verb = verb(&connector);
        let mut action = Element::new(Kind::Action, app, part.id(), name, place)
            .at_step(step)
            .with(Fact::ActionConnector, connector, place)
            .with(Fact::ActionVerb, verb, place);
        // Which records is kept in a form that only the platform reads.
        if matches!(verb, Verb::Read | Verb::Delete) {
            action.set(Fact::ActionRecordsFrom, vec![Origin::Unknown], place);
        }
        context.model.add(action);
    }
}

/// What a step does, by the name of its type.
fn verb(kind: &str) -> Verb {
    let kind: Cow<'_, str> = kind.to_ascii_lowercase().into();
    let known = [
        ("delete", Verb::Delete),
        ("create", Verb::Write),
        ("update", Verb::Write),
        ("submit", Verb::Write),
        ("add ", Verb::Write),
        ("look up", Verb::Read),
        ("get ", Verb::Read),
        ("send", Verb::Send),
        ("rest", Verb::Send),
        ("ask for", Verb::Control),
        ("wait", Verb::Control),
        ("log", Verb::Control),
    ];
    known.iter().find(|(word, _)| kind.starts_with(word)).map_or(Verb::Transform, |known| known.1)
}

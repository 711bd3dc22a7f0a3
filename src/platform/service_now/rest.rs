//! What can be called from outside: resources of scripted web services, pages without login, scripts that browsers call; and the scripts
//! that the platform runs by itself.

use super::code::{Deeds, Input};
use super::record::Record;
use super::script::Script;
use super::{Context, Lower};
use crate::model::vocabulary::{Auth, Exposure, Guard, Origin, TriggerKind, Verb};
use crate::model::{Element, ElementId, Fact, Kind, Output, Place, Step, StepId};
use std::borrow::Cow;

pub(super) const TABLES: &[(&str, Lower)] = &[
    ("sys_ws_operation", lower_resource),
    ("sys_processor", lower_processor),
    ("sys_public", lower_public),
    ("sys_script_include", lower_include),
    ("sys_ui_page", lower_page),
    ("sys_script", lower_rule),
    ("sysauto_script", lower_job),
    ("sys_script_fix", lower_by_hand),
    ("sys_ui_action", lower_by_hand),
    ("sysevent_script_action", lower_rule),
    ("sysevent_in_email_action", lower_mail),
    ("sys_transform_map", lower_by_hand),
    ("sys_transform_script", lower_by_hand),
    ("sp_widget", lower_widget),
    ("sys_script_validator", lower_by_hand),
    ("sc_cat_item_producer", lower_producer),
    ("sys_ux_data_broker_transform", lower_broker),
];

/// What starts a script.
struct Entry<'t> {
    name: Cow<'t, str>,
    kind: TriggerKind,
    exposure: (Exposure, Place),
    auth: (Auth, Place),
}

/// Adds what starts the scripts of a record.
fn trigger<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, entry: Entry<'t>) -> (StepId, ElementId) {
    let place = record.place();
    let origin = if entry.exposure.0 == Exposure::Internal { Origin::DataSource } else { Origin::Trigger };
    let step = context.model.add_step(Step { name: entry.name.clone(), app: context.app, place, output: Output::Own(origin) });
    let id = format!("{}.{}.start", record.table(), record.id());
    let element = Element::new(Kind::Trigger, context.app, id, entry.name, place)
        .at_step(step)
        .with(Fact::TriggerKind, entry.kind, place)
        .with(Fact::TriggerExposure, entry.exposure.0, entry.exposure.1)
        .with(Fact::TriggerAuth, entry.auth.0, entry.auth.1)
        .with(Fact::TriggerConnector, record.table(), place);
    (step, context.model.add(element))
}

/// Adds the script in a field, which starts at `after`.
fn script<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, field: &str, input: Input, after: Option<StepId>) -> Option<Guard> {
    let script = Script::of(context, record, field)?;
    let (_, deeds) = Script { input, after, ..script }.lower(context);
    Some(if deeds.checks_signature {
        Guard::Signature
    } else if deeds.checks_secret {
        Guard::Secret
    } else {
        Guard::Absent
    })
}

/// A resource of a scripted web service.
fn lower_resource<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let service = record.text("web_service_definition").unwrap_or_default();
    let service = context.of_table("sys_ws_definition").find(|definition| definition.id() == service).copied();
    if !record.is_active() || service.is_some_and(|service| !service.is_active()) {
        script(context, record, "operation_script", Input::Absent, None);
        return;
    }
    let method = record.text("http_method").unwrap_or_else(|| "GET".into());
    let base = service.and_then(|service| service.text("base_uri")).unwrap_or_default();
    let path = record.text("operation_uri").map_or_else(
        || record.text("relative_path").map_or_else(|| record.name().into_owned(), |path| format!("{base}{path}")),
        Cow::into_owned,
    );
    let place = record.place();
    // Whatever else stands there than yes is no.
    let asked = record.at("requires_authentication");
    let (auth, exposure) = match record.text("requires_authentication") {
        Some(_) if !record.is("requires_authentication") => ((Auth::Absent, asked), (Exposure::Public, asked)),
        _ => ((Auth::Platform, asked), logged_in(record)),
    };
    let entry = Entry { name: format!("{method} {path}").into(), kind: TriggerKind::Http, exposure, auth };
    let (step, element) = trigger(context, record, entry);
    let trigger = context.model.element_mut(element);
    trigger.set(Fact::TriggerMethods, vec![method], record.at("http_method"));
    if let Some(service) = service {
        trigger.relate(format!("a part of the service `{}`", service.name()), service.place());
    }
    let guard = script(context, record, "operation_script", Input::Request, Some(step)).unwrap_or(Guard::Absent);
    if auth.0 == Auth::Absent {
        context.model.element_mut(element).set(Fact::TriggerGuard, guard, place);
    }
}

/// Who reaches a resource that asks for a login: without a rule of access everybody who has one.
fn logged_in(record: &Record<'_>) -> (Exposure, Place) {
    match record.flag("requires_acl_authorization") {
        Some((false, at)) => (Exposure::Tenant, at),
        said => (Exposure::Users, said.map_or(record.place(), |(_, at)| at)),
    }
}

/// A script behind an address of its own. Callers without login are let in where it is no page of the platform.
fn lower_processor<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    if record.is_active() {
        let place = record.place();
        let name = record.text("path").map_or_else(|| record.name(), |path| format!("/{path}.do").into());
        let (exposure, auth) = ((Exposure::Users, place), (Auth::Platform, place));
        let (step, _) = trigger(context, record, Entry { name, kind: TriggerKind::Http, exposure, auth });
        script(context, record, "script", Input::Parameters, Some(step));
    }
}

/// A page that nobody has to log in for.
fn lower_public<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let Some((page, node)) = record.value("page").filter(|_| record.is_active()) else { return };
    let place = Place::of(node);
    let entry = Entry { name: page.clone(), kind: TriggerKind::Http, exposure: (Exposure::Public, place), auth: (Auth::Absent, place) };
    let (step, element) = trigger(context, record, entry);
    context.model.element_mut(element).set(Fact::TriggerGuard, Guard::Absent, place);
    let own = |other: &Record<'_>| other.name() == page;
    for shown in context.all_of("sys_ui_page").iter().filter(|page| own(page)) {
        script(context, shown, "processing_script", Input::Request, Some(step));
    }
}

/// The script behind a page; that of a page without login is told with it.
fn lower_page<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let name = record.name();
    let public = context.of_table("sys_public").any(|page| page.is_active() && page.text("page").is_some_and(|page| page == name));
    if !public {
        script(context, record, "processing_script", Input::Absent, None);
    }
}

/// A library; one that browsers may call is an entry for everybody with a login.
fn lower_include<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let callable = record.flag("client_callable").filter(|(callable, _)| *callable && record.is_active());
    let Some((_, at)) = callable else {
        script(context, record, "script", Input::Absent, None);
        return;
    };
    let entry =
        Entry { name: record.name(), kind: TriggerKind::AppCall, exposure: (Exposure::Tenant, at), auth: (Auth::Platform, record.place()) };
    let (step, _) = trigger(context, record, entry);
    script(context, record, "script", Input::Parameters, Some(step));
}

/// A change of a record, or an event.
fn lower_rule<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    own(context, record, TriggerKind::Event);
}

/// A clock.
fn lower_job<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    own(context, record, TriggerKind::Schedule);
}

/// A script that the platform starts by itself.
fn own<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, kind: TriggerKind) {
    if !record.is_active() {
        return lower_by_hand(context, record);
    }
    let place = record.place();
    let (exposure, auth) = ((Exposure::Internal, place), (Auth::Platform, place));
    let (step, _) = trigger(context, record, Entry { name: record.name(), kind, exposure, auth });
    script(context, record, "script", Input::Absent, Some(step));
}

/// What is done with incoming mail, which anybody writes.
fn lower_mail<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    if !record.is_active() {
        return lower_by_hand(context, record);
    }
    let place = record.place();
    let (exposure, auth) = ((Exposure::Public, place), (Auth::Platform, place));
    let (step, _) = trigger(context, record, Entry { name: record.name(), kind: TriggerKind::Email, exposure, auth });
    script(context, record, "script", Input::Mail, Some(step));
}

/// The server's part of a widget of a portal, which pages call with what they like. One that is public answers also those without login,
/// whatever page it is on.
fn lower_widget<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let open = record.flag("public").filter(|(open, _)| *open).map(|(_, at)| at);
    let acts = |code: &str| Deeds::of(code, Input::Widget).verb() != Verb::Transform;
    if !record.text("script").is_some_and(|code| acts(&code)) {
        return lower_by_hand(context, record);
    }
    let (exposure, auth) = match open {
        Some(at) => ((Exposure::Public, at), (Auth::Absent, at)),
        None if record.says("roles") => ((Exposure::Users, record.at("roles")), (Auth::Platform, record.place())),
        None => ((Exposure::Tenant, record.place()), (Auth::Platform, record.place())),
    };
    let entry = Entry { name: record.name(), kind: TriggerKind::AppCall, exposure, auth };
    let (step, element) = trigger(context, record, entry);
    script(context, record, "script", Input::Widget, Some(step));
    if let Some(at) = open {
        context.model.element_mut(element).set(Fact::TriggerGuard, Guard::Absent, at);
    }
}

/// What happens with what people fill in to order something.
fn lower_producer<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    lower_for_users(context, record, TriggerKind::Form, Input::Producer);
}

/// What a page of a workspace asks for data.
fn lower_broker<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    lower_for_users(context, record, TriggerKind::AppCall, Input::Broker);
}

/// A script that those who may use the record start with what they enter.
fn lower_for_users<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, kind: TriggerKind, input: Input) {
    if !record.is_active() || !record.says("script") {
        return lower_by_hand(context, record);
    }
    let place = record.place();
    let (exposure, auth) = ((Exposure::Users, place), (Auth::Platform, place));
    let (step, _) = trigger(context, record, Entry { name: record.name(), kind, exposure, auth });
    script(context, record, "script", input, Some(step));
}

/// A script of which the export does not say what starts it.
fn lower_by_hand<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    script(context, record, "script", Input::Absent, None);
}

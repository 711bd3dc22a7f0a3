//! What the steps of actions and of older workflows are told: addresses, headers, bodies, scripts. Each value is a record of its own that
//! names the step which it is for by number: a variable where it is fixed, a mapping where data of other steps are a part of it.

use super::code::Input;
use super::record::Record;
use super::script::{Script, with_address};
use super::{Context, HashMap};
use crate::model::secret::Position;
use crate::model::vocabulary::{Origin, SecretPlace, Verb};
use crate::model::{Element, Fact, Kind, Output, Place, Step};
use crate::platform::secrets::scan_part;
use crate::tree::{Node, json};
use std::borrow::Cow;

/// Tables of steps that have their values in records of their own.
const STEPS: [&str; 3] = ["sys_hub_step_instance", "sys_hub_action_instance", "wf_activity"];
/// Tables of values, each with the field that names the step and the one that names the value.
const VALUES: [(&str, &str, &str); 2] = [("sys_variable_value", "document_key", "variable"), ("sys_element_mapping", "id", "field")];

/// Adds what all steps are told.
pub(super) fn lower(context: &mut Context<'_, '_>) {
    let steps: HashMap<Cow<'_, str>, Record<'_>> =
        STEPS.iter().flat_map(|table| context.of_table(table)).map(|step| (step.id(), *step)).collect();
    for (table, step, name) in VALUES {
        for value in context.all_of(table) {
            let of = value.text(step).and_then(|id| steps.get(&id)).copied().unwrap_or(value);
            // `Base URL` where a variable is shown, `base_url` in a mapping.
            let name = value.shown(name).unwrap_or_default().to_ascii_lowercase().replace([' ', '-'], "_");
            told(context, &of, &value, &name);
        }
    }
}

fn told<'t>(context: &mut Context<'_, 't>, step: &Record<'t>, value: &Record<'t>, name: &str) {
    let Some((text, node)) = value.value("value") else { return };
    match name {
        "base_url" | "url" | "endpoint" | "rest_endpoint" | "soap_endpoint" => address(context, step, value, (&text, node)),
        "headers" | "http_headers" => pairs(context, step, (&text, node), (Position::Header, SecretPlace::Header)),
        "query_parameters" | "query_params" => pairs(context, step, (&text, node), (Position::QueryParameter, SecretPlace::Query)),
        "request_body" | "body" | "soap_envelope" | "form_data" if !is_filled(&text) => {
            context.secrets(step, name.to_owned(), node, (Position::BodyField, SecretPlace::Body));
        }
        "script" | "advanced_script" | "input_script" => {
            if let Some(script) = Script::of(context, value, "value") {
                Script { name: label(step), input: Input::Step, ..script }.lower(context);
            }
        }
        _ => {}
    }
}

/// What people call a step.
fn label<'t>(step: &Record<'t>) -> Cow<'t, str> {
    let within = step.shown("action").filter(|_| step.text("label").is_some());
    match (within, step.text("label")) {
        (Some(action), Some(label)) => format!("{action}: {label}").into(),
        (None, Some(label)) => label,
        _ => step.name(),
    }
}

/// Whether what other steps bring is put into the text when the step runs.
fn is_filled(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
}

/// A step that calls an address.
fn address<'t>(context: &mut Context<'_, 't>, step: &Record<'t>, value: &Record<'t>, (text, node): (&str, Node<'t>)) {
    let (place, at) = (Place::of(node), step.place());
    let element = |kind: Kind, part: &str, at: Place| {
        Element::new(kind, context.app, format!("{}.{}.{part}", step.table(), value.id()), label(step), at)
    };
    let Some(endpoint) = with_address(element(Kind::Endpoint, "endpoint", place), text, place) else { return };
    let connector = step.shown("step_type").unwrap_or_else(|| step.table());
    let action = element(Kind::Action, "call", at).with(Fact::ActionConnector, connector, at).with(Fact::ActionVerb, Verb::Send, at);
    let name = label(step);
    let number = context.model.add_step(Step { name, app: context.app, place: at, output: Output::Own(Origin::DataSource) });
    context.model.add(action.at_step(number));
    context.model.add(endpoint.at_step(number));
    context.secrets(step, "url", node, (Position::QueryParameter, SecretPlace::Query));
}

/// Names with values, as the designer keeps them: `{"value": [{"name": "Accept", "value": "*/*"}]}`.
fn pairs<'t>(context: &mut Context<'_, 't>, step: &Record<'t>, (text, node): (&str, Node<'t>), (position, place): (Position, SecretPlace)) {
    let Ok(tree) = json::parse(text) else { return };
    let mut found = Vec::new();
    for pair in tree.root().get("value").into_iter().flat_map(Node::items) {
        let (Some(name), Some(value)) = (pair.get("name").and_then(Node::as_str), pair.get("value")) else { continue };
        if value.as_str().is_none_or(|value| value.is_empty() || is_filled(&value)) {
            continue;
        }
        let login = name.eq_ignore_ascii_case("authorization");
        let (position, place) = if login { (Position::AuthorizationHeader, SecretPlace::AuthHeader) } else { (position, place) };
        let name = Cow::Owned(name.into_owned());
        scan_part(&|range| Place::part(node, range), text, value.content_span().range(), Some(&name), position, place, &mut found);
    }
    if !context.take_over(node) {
        return;
    }
    for hit in found {
        context.model.secrets.push(hit.place);
        context.model.add(hit.element(context.app, &format!("{}.{}", step.table(), step.id()), label(step)));
    }
}

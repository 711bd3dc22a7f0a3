//! What values are made of.

use super::expression::{self, Function, Piece};
use super::part::{self, MAX_TRIGGERS, Part};
use super::{Context, expression::Call};
use crate::model::vocabulary::Origin;
use crate::model::{ElementId, Fact, Output, Place, Reference, Sink, Source, Step, StepId};
use crate::platform::HashMap;
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// A variable of a flow. Any step may set it, so it hands on what all of them give it.
pub(super) struct Variable<'t> {
    /// Stands for the variable where values are followed.
    pub(super) step: StepId,
    /// The value that it begins with, when that is a text and no step gives it another.
    pub(super) constant: Option<Cow<'t, str>>,
}

/// Whether parts of this type give a variable a value, see [`given`].
fn sets_variable(kind: &str) -> bool {
    matches!(kind, "initializevariable" | "setvariable" | "appendtostringvariable" | "appendtoarrayvariable")
}

/// The names of the variables that the part sets, with their values.
fn given<'t>(part: &Part<'t>) -> Vec<(String, Option<Node<'t>>)> {
    if !sets_variable(&part.kind) {
        return Vec::new();
    }
    let Some(inputs) = part.inputs else { return Vec::new() };
    let lists = inputs.get("variables").into_iter().flat_map(Node::items);
    let one = inputs.get("name").map(|_| inputs);
    let named = |node: Node<'t>| Some((node.get("name")?.as_str()?.to_lowercase(), node.get("value")));
    lists.chain(one).filter_map(named).collect()
}

/// Adds a step for each variable.
pub(super) fn variables(context: &mut Context<'_, '_>) {
    let mut values: Vec<(StepId, Node<'_>, usize)> = Vec::new();
    for part in context.parts {
        for (name, value) in given(part) {
            let app = context.app;
            let first = !context.variables.contains_key(&name);
            let variable = match context.variables.get_mut(&name) {
                Some(variable) => variable,
                None => {
                    let step = Step { name: name.clone().into(), app, place: part.place(), output: Output::Pass };
                    let step = context.model.add_step(step);
                    context.variables.entry(name).or_insert(Variable { step, constant: None })
                }
            };
            let text = value.and_then(Node::as_str).filter(|text| !expression::is_dynamic(text));
            variable.constant = if first && part.kind == "initializevariable" { text } else { None };
            values.extend(value.map(|value| (variable.step, value, part.at)));
        }
    }
    let mut made: HashMap<StepId, Vec<Reference<'_>>> = context.variables.values().map(|one| (one.step, Vec::new())).collect();
    for (step, value, at) in values {
        let found = references(context, value, at);
        made.entry(step).or_default().extend(found);
    }
    for (step, parts) in made {
        context.model.steps[step.0 as usize].output = Output::Made(parts);
    }
}

/// The number of the part that is called `name`.
pub(super) fn named(context: &Context<'_, '_>, name: &str) -> Option<usize> {
    context.by_name.get(name).copied().or_else(|| {
        let lower = || part::actions(context.parts).map(|part| (part.name.to_lowercase(), part.at)).collect();
        context.by_any_case.get_or_init(lower).get(&name.to_lowercase()).copied()
    })
}

/// Whether the node is a text that may have an expression.
pub(super) fn may_read(node: Node<'_>) -> bool {
    node.kind() == ValueKind::String && memchr::memchr(b'@', node.raw().as_bytes()).is_some()
}

/// What feeds the value of `node`, which stands in the part `at`: its text, or all texts in it.
pub(super) fn references<'t>(context: &Context<'_, 't>, node: Node<'t>, at: usize) -> Vec<Reference<'t>> {
    let mut found = Vec::new();
    for text_node in node.descend().filter(|node| may_read(*node)) {
        let Some(text) = text_node.as_str() else { continue };
        for piece in expression::pieces(&text) {
            if let Piece::Expression(range) = piece {
                found.extend(expression_references(context, text_node, &text, range, at));
            }
        }
    }
    found
}

/// What feeds the expression at `range` of the text of `node`.
pub(super) fn expression_references<'t>(
    context: &Context<'_, 't>,
    node: Node<'t>,
    text: &str,
    range: std::ops::Range<usize>,
    at: usize,
) -> Vec<Reference<'t>> {
    let place = Place::of(node);
    let calls = expression::calls(text, range);
    calls.iter().filter(|call| !call.is_safe).flat_map(|call| sources(context, call, at)).map(|from| Reference { from, place }).collect()
}

/// Headers and parameters by which a platform hands itself the right to use a connection.
fn is_plumbing(call: &Call<'_>) -> bool {
    call.function == Function::Trigger && call.path.iter().any(|name| name.eq_ignore_ascii_case("X-MS-APIM-Tokens"))
        || call.function == Function::Parameter && call.name.as_deref().is_some_and(|name| name.starts_with('$'))
}

fn sources<'t>(context: &Context<'_, 't>, call: &Call<'_>, at: usize) -> Vec<Source<'t>> {
    if is_plumbing(call) {
        return Vec::new();
    }
    let name = call.name.as_deref().unwrap_or_default();
    let from_step = |at: usize, field| Source::Step(context.parts[at].step, field);
    let unknown = Source::Origin(Origin::Unknown);
    match call.function {
        Function::Trigger => {
            let triggers = context.parts.iter().take_while(|part| part.is_trigger).take(MAX_TRIGGERS);
            triggers.map(|part| Source::Step(part.step, None)).collect()
        }
        Function::Step => {
            let field = call.path.iter().find(|name| !matches!(**name, "body" | "outputs")).map(|name| Cow::Owned((*name).to_owned()));
            vec![named(context, name).map_or(unknown, |at| from_step(at, field))]
        }
        Function::Result => vec![Source::Origin(Origin::DataSource)],
        Function::Variable => {
            vec![context.variables.get(&name.to_lowercase()).map_or(unknown, |variable| Source::Step(variable.step, None))]
        }
        Function::Parameter => vec![Source::Origin(context.host.parameter(name).origin)],
        Function::Item => match call.name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => vec![named(context, name).map_or(unknown, |at| from_step(at, None))],
            // In a step that works through a list the item is one of that list, which is among its inputs anyway.
            None if matches!(&*context.parts[at].kind, "query" | "select" | "table") => Vec::new(),
            None => vec![loop_around(context, at).map_or(unknown, |at| from_step(at, None))],
        },
        Function::Setting => vec![Source::Origin(Origin::Env)],
        Function::Agent => vec![Source::Origin(Origin::Model)],
    }
}

fn loop_around(context: &Context<'_, '_>, at: usize) -> Option<usize> {
    let mut around = context.parts[at].container;
    while let Some(at) = around.filter(|at| context.parts[*at].kind != "foreach") {
        around = context.parts[at].container;
    }
    around
}

/// The text that an expression stands for, where it is that of one variable or parameter that nothing changes.
pub(super) fn constant<'t>(context: &Context<'_, 't>, expression: &str) -> Option<Cow<'t, str>> {
    let calls = expression::calls(expression, 0..expression.len());
    let [call] = &calls[..] else { return None };
    let is_all = call.path.is_empty() && call.range.start == 0 && call.range.end == expression.trim_end().len();
    let name = call.name.as_deref().filter(|_| is_all)?;
    match call.function {
        Function::Variable => context.variables.get(&name.to_lowercase())?.constant.clone(),
        Function::Parameter => {
            let value = context.definition.node.at(&["parameters", name, "defaultValue"])?.as_str()?;
            (!expression::is_dynamic(&value) && !context.host.is_template(&value)).then_some(value)
        }
        _ => None,
    }
}

/// Has the linker find out where the values of `nodes` come from.
pub(super) fn sink<'t>(context: &mut Context<'_, 't>, element: ElementId, at: usize, fact: Fact, nodes: &[Node<'t>]) {
    let parts: Vec<Reference<'t>> = nodes.iter().flat_map(|node| references(context, *node, at)).collect();
    let (Some(first), step) = (parts.first(), context.parts[at].step) else { return };
    let place = first.place;
    context.model.sinks.push(Sink { element, step, fact, parts, place });
}

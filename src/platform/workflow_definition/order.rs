//! The order of the parts: what runs after what, and after which outcome.

use super::part::{MAX_TRIGGERS, Part};
use super::{Context, values};
use crate::model::vocabulary::{ErrorHandler, OnError, TriggerKind};
use crate::model::{Edge, EdgeKind, Fact, Kind, Place, StepId, Value};
use crate::platform::HashMap;
use crate::tree::Node;

/// The outcomes of a step after which another runs.
#[derive(Clone, Copy, Debug, Default)]
struct Outcomes {
    success: bool,
    failure: bool,
}

fn outcomes(statuses: Node<'_>) -> Outcomes {
    let mut found = Outcomes::default();
    for status in statuses.items().filter_map(Node::as_str) {
        let is = |name: &str| status.eq_ignore_ascii_case(name);
        found.success |= is("succeeded");
        found.failure |= is("failed") || is("timedout") || is("skipped");
    }
    // Without a list it is success that counts.
    found.success |= !found.failure;
    found
}

/// A step that another runs after.
pub(super) struct RunsAfter<'t> {
    /// The number of the part that runs.
    part: usize,
    /// The number of the part before it.
    before: usize,
    outcomes: Outcomes,
    /// Where that stands.
    node: Node<'t>,
}

/// What runs after what, in the order of the parts that run.
pub(super) fn runs_after<'t>(context: &Context<'_, 't>) -> Vec<RunsAfter<'t>> {
    let mut found = Vec::new();
    for part in context.parts.iter().filter(|part| !part.is_trigger) {
        for node in part.run_after() {
            let Some(before) = values::named(context, &node.key().unwrap_or_default()) else { continue };
            found.push(RunsAfter { part: part.at, before, outcomes: outcomes(node), node });
        }
    }
    found
}

/// Joins the parts: those that name no other run when what they are in begins.
pub(super) fn edges(context: &Context<'_, '_>, runs_after: &[RunsAfter<'_>]) -> Vec<Edge> {
    let triggers: Vec<StepId> = context.parts.iter().take_while(|part| part.is_trigger).take(MAX_TRIGGERS).map(|part| part.step).collect();
    let mut edges = Vec::new();
    for part in context.parts.iter().filter(|part| !part.is_trigger) {
        let first = runs_after.partition_point(|one| one.part < part.at);
        let before = runs_after[first..].iter().take_while(|one| one.part == part.at);
        edges.extend(before.map(|one| {
            let kind = if one.outcomes.success { EdgeKind::Next } else { EdgeKind::Error };
            Edge { from: context.parts[one.before].step, to: part.step, kind }
        }));
        let runs_after = runs_after.get(first).is_some_and(|one| one.part == part.at);
        match part.container.filter(|_| !runs_after) {
            Some(container) => {
                let kind = if part.begins_tool { EdgeKind::Tool } else { EdgeKind::Next };
                edges.push(Edge { from: context.parts[container].step, to: part.step, kind });
            }
            None if !runs_after => edges.extend(triggers.iter().map(|from| Edge { from: *from, to: part.step, kind: EdgeKind::Next })),
            None => {}
        }
        if let Some(target) = hand_off(part).and_then(|name| values::named(context, &name)) {
            edges.push(Edge { from: part.step, to: context.parts[target].step, kind: EdgeKind::Next });
        }
    }
    edges
}

/// The agent that an agent hands over to.
fn hand_off(part: &Part<'_>) -> Option<String> {
    (part.kind == "agenthandoff").then(|| part.text(&["name"]))?.map(std::borrow::Cow::into_owned)
}

/// What happens when each step fails, and where that stands; by the number of the step.
pub(super) fn on_error(context: &Context<'_, '_>, runs_after: &[RunsAfter<'_>]) -> HashMap<StepId, (OnError, Place)> {
    let mut found = HashMap::default();
    for one in runs_after.iter().filter(|one| one.outcomes.failure) {
        let before = &context.parts[one.before];
        // What looks at how the step ended, or runs after its failure alone, handles it.
        let handles = !one.outcomes.success || looks_at(&context.parts[one.part], &before.name);
        let (kind, place) = (if handles { OnError::Branch } else { OnError::Continue }, Place::key_of(one.node));
        let known = found.entry(before.step).or_insert((kind, place));
        if kind == OnError::Branch {
            *known = (kind, place);
        }
    }
    found
}

/// Whether what the part decides or computes depends on how `name` ended.
fn looks_at(part: &Part<'_>, name: &str) -> bool {
    let names = |text: &str| {
        let quoted = format!("'{}'", name.replace('\'', "''"));
        let about = ["result(", "actions(", "statusCode", "error", "outputs(", "body("];
        text.contains(&quoted) && about.iter().any(|word| text.contains(word))
    };
    let holders = ["expression", "inputs"].into_iter().filter_map(|member| part.node.get(member));
    let decides = matches!(&*part.kind, "if" | "switch" | "query" | "compose" | "response" | "parsejson" | "terminate" | "setvariable");
    let inner = || part.node.get("actions").is_some_and(|actions| actions.raw().contains(&format!("result('{name}')")));
    decides && holders.flat_map(Node::descend).filter_map(Node::as_str).any(|text| names(&text)) || part.kind == "scope" && inner()
}

/// What the app as a whole does about errors, and what starts it.
pub(super) fn app(context: &mut Context<'_, '_>) {
    let element = context.model.app(context.app).element;
    let here = context.definition.node.get("actions").map_or(context.model.element(element).place, Place::key_of);
    let first = context.parts.iter().filter_map(|part| context.on_error.get(&part.step)).find(|known| known.0 == OnError::Branch);
    let (handler, place) = first.map_or((ErrorHandler::Absent, here), |known| (ErrorHandler::Branch, known.1));
    let mut kinds: Vec<Value<'_>> = Vec::new();
    let mut place_of_kinds = None;
    let first_of_app = element.0 as usize;
    for trigger in context.model.elements[first_of_app..].iter().filter(|one| one.kind == Kind::Trigger && one.app == context.app) {
        place_of_kinds.get_or_insert(trigger.place);
        kinds.extend(trigger.text(Fact::TriggerKind).and_then(word).map(Value::Word));
    }
    let app = context.model.element_mut(element);
    app.set(Fact::AppErrorHandler, handler, place);
    if let Some(place) = place_of_kinds {
        app.set(Fact::AppStartedBy, Value::List(kinds), place);
    }
}

/// The word of the vocabulary that is written so.
fn word(name: &str) -> Option<&'static str> {
    TriggerKind::WORDS.iter().find(|word| word.name == name).map(|word| word.name)
}

//! Actions of agents: what each calls, and what that does.

use super::{Known, prompt};
use crate::model::vocabulary::{Confirm, DataSourceKind, Identity, Origin, Publisher, Verb};
use crate::model::{AppId, Edge, EdgeKind, Element, Fact, Kind, Output, Place, Step, StepId};
use crate::platform::salesforce::{Context, flow};
use std::borrow::Cow;

/// Whether a person has to agree, and where that is said.
#[derive(Clone, Copy)]
pub(super) struct Confirmed {
    pub(super) by_person: bool,
    pub(super) place: Place,
}

/// An action of an agent.
pub(super) struct Tool<'t> {
    pub(super) id: Cow<'t, str>,
    /// What makers call it.
    pub(super) label: Cow<'t, str>,
    /// What kind of thing it calls: `flow`, `apex`, `generatePromptResponse`.
    pub(super) kind: Cow<'t, str>,
    /// The name of that.
    pub(super) target: Cow<'t, str>,
    /// Other names by which topics refer to it.
    pub(super) names: Vec<Cow<'t, str>>,
    /// Where the name of what it calls stands.
    pub(super) place: Place,
    pub(super) confirmed: Confirmed,
    /// Whether a model decides when it is called.
    pub(super) by_model: bool,
}

/// Most records and mails of a flow that are told of an action.
const MAX_EFFECTS: usize = 32;

/// Adds an action, with what the flow or prompt behind it does.
pub(super) fn lower<'t>(
    context: &mut Context<'_, 't>,
    known: &Known<'t>,
    app: AppId,
    tool: &Tool<'t>,
    identity: Option<Identity>,
) -> StepId {
    let place = tool.place;
    let origin = if tool.by_model { Origin::Model } else { Origin::Trigger };
    let step = context.model.add_step(Step { name: tool.label.clone(), app, place, output: Output::Own(origin) });
    let mut effects = Vec::new();
    let mut target = None;
    match &*tool.kind.to_ascii_lowercase() {
        "flow" => {
            if let Some(number) = flow::call(context, step, &tool.target) {
                effects = flow::effects(context, number);
            }
            target = Some(tool.target.clone());
        }
        "generatepromptresponse" | "prompt" | "prompttemplate" => {
            if let Some(template) = known.prompts.get(&tool.target.to_lowercase()) {
                effects = prompt::sources(context, app, step, *template);
            }
        }
        _ => {}
    }
    let verbs: Vec<Verb> = effects.iter().map(|effect| effect.verb).collect();
    let worst = [Verb::Delete, Verb::Admin, Verb::Write, Verb::Send, Verb::Read].into_iter().find(|verb| verbs.contains(verb));
    let verb = worst.unwrap_or_else(|| by_name(tool));
    let mut action = Element::new(Kind::Action, app, tool.id.clone(), tool.label.clone(), place)
        .at_step(step)
        .with(Fact::ActionConnector, tool.kind.clone(), place)
        .with(Fact::ActionOperation, tool.target.clone(), place)
        .with(Fact::ActionVerb, verb, place);
    if tool.by_model {
        let confirm = if tool.confirmed.by_person { Confirm::Human } else { Confirm::Absent };
        action.set(Fact::ActionIsTool, true, place);
        action.set(Fact::ActionConfirm, confirm, tool.confirmed.place);
    }
    if let Some(identity) = identity {
        action.set(Fact::ActionIdentity, identity, place);
    }
    if let Some(target) = target {
        action.set(Fact::ActionTarget, target, place);
    }
    context.model.add(action);
    if verb != Verb::Send && verbs.contains(&Verb::Send) {
        sends(context, app, tool, step);
    }
    let read: Vec<_> = effects.into_iter().filter(|effect| effect.verb == Verb::Read && effect.resource.is_some()).collect();
    if !read.is_empty() {
        // What changes records and reads others is both; a step that changes something counts as one that only puts it in.
        let part = context.model.add_step(Step { name: tool.label.clone(), app, place, output: Output::Own(Origin::DataSource) });
        context.model.edges.push(Edge { from: step, to: part, kind: EdgeKind::Part });
        read.iter().take(MAX_EFFECTS).for_each(|effect| reads(context, app, part, effect));
    }
    if tool.target.to_ascii_lowercase().contains("knowledge") {
        let source = Element::new(Kind::DataSource, app, tool.id.clone(), tool.label.clone(), place).at_step(step).with(
            Fact::DataSourceKind,
            DataSourceKind::Knowledge,
            place,
        );
        context.model.add(source);
    }
    let publisher = if tool.kind.eq_ignore_ascii_case("apex") { Publisher::Custom } else { Publisher::Platform };
    let connector = Element::new(Kind::Connector, app, format!("{}.{}", tool.id, tool.kind), tool.label.clone(), place)
        .at_step(step)
        .with(Fact::ConnectorKey, tool.kind.clone(), place)
        .with(Fact::ConnectorPublisher, publisher, place);
    context.model.add(connector);
    step
}

/// What an action does whose insides the export does not show: the names of actions begin with it.
fn by_name(tool: &Tool<'_>) -> Verb {
    let named = flow::verb_of_name(&tool.target).or_else(|| flow::verb_of_name(&tool.id));
    match &*tool.kind.to_ascii_lowercase() {
        "flow" => named.unwrap_or(Verb::Transform),
        "apex" => named.unwrap_or(Verb::Execute),
        kind => flow::verb_of(kind, &tool.target),
    }
}

/// That a tool which changes records also sends something.
fn sends<'t>(context: &mut Context<'_, 't>, app: AppId, tool: &Tool<'t>, step: StepId) {
    let element = Element::new(Kind::Action, app, format!("{}.send", tool.id), tool.label.clone(), tool.place).at_step(step).with(
        Fact::ActionVerb,
        Verb::Send,
        tool.place,
    );
    context.model.add(element);
}

/// Records that the flow behind a tool reads, and hands to the model.
fn reads<'t>(context: &mut Context<'_, 't>, app: AppId, step: StepId, effect: &flow::Effect<'t>) {
    let place = effect.place;
    let mut source = Element::new(Kind::DataSource, app, effect.name.clone(), effect.name.clone(), place).at_step(step).with(
        Fact::DataSourceKind,
        DataSourceKind::Records,
        place,
    );
    if let Some(resource) = effect.resource.clone() {
        source.set(Fact::DataSourceResource, resource, place);
    }
    context.model.add(source);
}

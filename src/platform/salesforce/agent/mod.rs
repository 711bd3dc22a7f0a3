//! Bots, agents, their actions, their prompts and the scripts that define them.

mod bundle;
mod prompt;
mod script;
mod tool;

use super::component::{self, member};
use super::{Context, Form, Kind, schema};
use crate::model::vocabulary::{AppKind, Auth, Exposure, Identity, Origin, TriggerKind};
use crate::model::{AppId, Edge, EdgeKind, Element, Fact, Kind as ElementKind, Output, Place, Step, StepId, Value};
use crate::platform::{File, HashMap};
use crate::tree::{Node, Syntax};
use std::borrow::Cow;

/// The kinds of documents, in the order in which they need each other.
pub(super) const KINDS: &[Kind] = &[
    Kind { schema: schema!("bot.schema.json"), form: Form::Root(&["Bot"]), lower: gather_bot },
    Kind { schema: schema!("bot-version.schema.json"), form: Form::Root(&["BotVersion"]), lower: gather_version },
    Kind { schema: schema!("agent-planner.schema.json"), form: Form::Root(&["GenAiPlannerBundle", "GenAiPlanner"]), lower: gather_planner },
    Kind { schema: schema!("agent-topic.schema.json"), form: Form::Root(&["GenAiPlugin"]), lower: gather_topic },
    Kind { schema: schema!("agent-action.schema.json"), form: Form::Root(&["GenAiFunction"]), lower: gather_action },
    Kind { schema: schema!("prompt-template.schema.json"), form: Form::Root(&["GenAiPromptTemplate"]), lower: gather_prompt },
    Kind { schema: schema!("authoring-bundle.schema.json"), form: Form::Root(&["AiAuthoringBundle"]), lower: |_, _| {} },
    Kind { schema: schema!("agent-script.schema.json"), form: Form::Other(script), lower: gather_script },
];

/// The parts of agents, by their names in lower case.
#[derive(Default)]
pub(super) struct Known<'t> {
    bots: HashMap<String, Bot<'t>>,
    planners: Vec<(Cow<'t, str>, Node<'t>)>,
    topics: HashMap<String, Node<'t>>,
    actions: Vec<(Cow<'t, str>, Node<'t>)>,
    prompts: HashMap<String, Node<'t>>,
    scripts: Vec<Node<'t>>,
}

/// What is known of a bot: who may talk to it, and what its versions do.
#[derive(Default)]
struct Bot<'t> {
    name: Cow<'t, str>,
    node: Option<Node<'t>>,
    versions: Vec<Node<'t>>,
}

/// Scripts have a syntax of their own; the extension tells them, and a block that every agent has.
fn script<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let named = file.path.rsplit_once('.').is_some_and(|parts| parts.1.eq_ignore_ascii_case("agent"));
    let is_script = named && file.tree.syntax() == Syntax::Text && script::is_script(file.tree.text());
    is_script.then(|| file.tree.root()).into_iter().collect()
}

fn name<'t>(context: &Context<'_, 't>, root: Node<'t>) -> Cow<'t, str> {
    component::name(context.export.file(root).path)
}

fn gather_bot<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = name(context, root);
    let bot = context.agents.bots.entry(name.to_lowercase()).or_default();
    (bot.name, bot.node) = (name, Some(root));
    bot.versions.extend(root.get_all("botVersions"));
}

/// A version lies in the folder of its bot.
fn gather_version<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let path = context.export.file(root).path;
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let bot = context.agents.bots.entry(folder.to_lowercase()).or_default();
    if bot.name.is_empty() {
        bot.name = Cow::Borrowed(folder);
    }
    bot.versions.push(root);
}

fn gather_planner<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = name(context, root);
    context.agents.planners.push((name, root));
}

fn gather_topic<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = name(context, root).to_lowercase();
    context.agents.topics.insert(name, root);
}

fn gather_action<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = name(context, root);
    context.agents.actions.push((name, root));
}

fn gather_prompt<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = name(context, root).to_lowercase();
    context.agents.prompts.insert(name, root);
}

fn gather_script<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    context.agents.scripts.push(root);
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let known = std::mem::take(&mut context.agents);
    bundle::lower(context, &known);
    for root in &known.scripts {
        script::lower(context, &known, *root);
    }
}

/// An agent that has its app: the step in which it chooses, and with whose rights its actions run.
#[derive(Clone, Copy)]
struct Agent {
    app: AppId,
    step: StepId,
    identity: Option<Identity>,
}

/// Who may talk to an agent, and where that is said.
#[derive(Clone, Copy)]
struct Audience {
    exposure: Exposure,
    identity: Option<Identity>,
    place: Place,
}

/// What an agent is called: what names it, what makers call it, and where it begins.
struct Label<'t> {
    id: Cow<'t, str>,
    name: Cow<'t, str>,
    place: Place,
}

/// Adds an app with a chat and an agent that is told of it.
fn add<'t>(context: &mut Context<'_, 't>, label: &Label<'t>, audience: Audience, instructions: bool) -> (Agent, crate::model::ElementId) {
    let Label { id, name, place } = label;
    let model = &mut *context.model;
    let app = model.add_app(id.clone(), name.clone(), *place);
    let element = model.app(app).element;
    let element = model.element_mut(element);
    element.set(Fact::AppKind, AppKind::Agent, *place);
    element.set(Fact::AppName, name.clone(), *place);
    element.set(Fact::AppStartedBy, Value::List(vec![TriggerKind::Chat.into()]), audience.place);
    let chat = model.add_step(Step { name: Cow::Borrowed("chat"), app, place: audience.place, output: Output::Own(Origin::Trigger) });
    let step = model.add_step(Step { name: name.clone(), app, place: *place, output: Output::Own(Origin::Model) });
    model.edges.push(Edge { from: chat, to: step, kind: EdgeKind::Next });
    // Whether customers have to log in is set where the chat is shown, which is no part of the agent.
    let auth = if matches!(audience.exposure, Exposure::Users | Exposure::Tenant) { Auth::Platform } else { Auth::Unknown };
    let trigger = Element::new(ElementKind::Trigger, app, "chat", name.clone(), audience.place)
        .at_step(chat)
        .with(Fact::TriggerKind, TriggerKind::Chat, audience.place)
        .with(Fact::TriggerExposure, audience.exposure, audience.place)
        .with(Fact::TriggerAuth, auth, audience.place);
    model.add(trigger);
    let agent = Element::new(ElementKind::Agent, app, "agent", name.clone(), *place).at_step(step).with(
        Fact::AgentInstructions,
        instructions,
        *place,
    );
    let element = model.add(agent);
    (Agent { app, step, identity: audience.identity }, element)
}

/// Who may talk to a bot.
fn audience(bot: Option<&Bot<'_>>, place: Place) -> Audience {
    let said = |name: &str| bot.and_then(|bot| bot.node).and_then(|node| member(node, name));
    let Some((kind, node)) = said("type").or_else(|| said("agentType")) else {
        return Audience { exposure: Exposure::Unknown, identity: None, place };
    };
    let internal = ["internal", "employee"].iter().any(|word| kind.to_ascii_lowercase().contains(word));
    let (exposure, identity) = if internal { (Exposure::Tenant, Identity::Invoker) } else { (Exposure::Public, Identity::Service) };
    Audience { exposure, identity: Some(identity), place: Place::of(node) }
}

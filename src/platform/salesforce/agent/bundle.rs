//! Agents as the platform keeps them: a planner with topics and actions, and the bot that people talk to.

use super::tool::{self, Confirmed, Tool};
use super::{Agent, Bot, Known, Label, add, audience};
use crate::model::vocabulary::{DataSourceKind, Origin};
use crate::model::{Edge, EdgeKind, Element, Fact, Kind, Output, Place, Step, StepId};
use crate::platform::salesforce::Context;
use crate::platform::salesforce::component::{flag, member};
use crate::platform::{HashMap, HashSet};
use crate::tree::Node;
use std::borrow::Cow;

/// Adds the agents of an export, and the actions that lie in it for agents elsewhere.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, known: &Known<'t>) {
    let actions = known.actions.iter().enumerate().map(|(at, (name, _))| (name.to_lowercase(), at)).collect();
    let mut shared = Shared { actions, steps: HashMap::default(), copied: HashSet::default() };
    let planned = planned(known);
    let mut with_planner: HashSet<&str> = HashSet::default();
    for (_, root) in &known.planners {
        shared.copied.extend(local(*root).filter_map(|node| Some(member(node, "source")?.0.to_lowercase())));
    }
    for found in &known.planners {
        let bot = bot_of(known, &planned, &found.0);
        with_planner.extend(bot.map(|found| found.0));
        planner(context, known, &mut shared, found, bot.map(|found| found.1));
    }
    let mut bots: Vec<_> = known.bots.iter().filter(|(key, _)| !with_planner.contains(&***key)).collect();
    bots.sort_by_key(|(key, _)| *key);
    for (_, bot) in bots {
        dialogs_alone(context, known, bot);
    }
    for action in &known.actions {
        let key = action.0.to_lowercase();
        if !shared.steps.contains_key(&key) && !shared.copied.contains(&key) {
            shared.step(context, known, action, None);
        }
    }
}

/// Actions that several agents may use.
struct Shared {
    /// Their numbers, by their names in lower case.
    actions: HashMap<String, usize>,
    /// The step of each, by its name in lower case.
    steps: HashMap<String, StepId>,
    /// Those of which agents have copies of their own.
    copied: HashSet<String>,
}

impl Shared {
    /// The step of an action that is a component of its own. It runs with the rights of the agent that is told first.
    fn step<'t>(
        &mut self,
        context: &mut Context<'_, 't>,
        known: &Known<'t>,
        (name, node): &(Cow<'t, str>, Node<'t>),
        agent: Option<Agent>,
    ) -> Option<StepId> {
        let node = *node;
        if let Some(step) = self.steps.get(&name.to_lowercase()) {
            return Some(*step);
        }
        let app = context.package(Place::key_of(node));
        let tool = read(node, name)?;
        let step = tool::lower(context, known, app, &tool, agent.and_then(|agent| agent.identity));
        self.steps.insert(name.to_lowercase(), step);
        Some(step)
    }
}

/// The bots, by the names of the planners that their versions name, in lower case.
fn planned<'k>(known: &'k Known<'_>) -> HashMap<String, &'k str> {
    let mut found: HashMap<String, &str> = HashMap::default();
    for (key, bot) in &known.bots {
        let planners = bot.versions.iter().flat_map(|version| version.get_all("conversationDefinitionPlanners"));
        for (name, _) in planners.filter_map(|planner| member(planner, "genAiPlannerName")) {
            let first = found.entry(name.to_lowercase()).or_insert(key);
            *first = (*first).min(key);
        }
    }
    found
}

/// The bot whose versions name the planner called `name`; without one, the bot of that name.
fn bot_of<'k, 't>(known: &'k Known<'t>, planned: &HashMap<String, &'k str>, name: &str) -> Option<(&'k str, &'k Bot<'t>)> {
    let key = name.to_lowercase();
    let bot = planned.get(&key).copied().unwrap_or(&key);
    known.bots.get_key_value(bot).map(|(key, bot)| (&**key, bot))
}

/// The actions that stand in a planner or topic itself.
fn local(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    root.descend().filter(move |node| node.id() != root.id() && node.is_object() && node.get("invocationTargetType").is_some())
}

/// The names of the actions that a planner or topic refers to.
fn referred(root: Node<'_>) -> impl Iterator<Item = Cow<'_, str>> {
    let is_name = |node: &Node<'_>| matches!(node.key().as_deref(), Some("genAiFunctionName" | "functionName"));
    root.descend().filter(is_name).filter_map(Node::as_str).filter(|name| !name.is_empty())
}

fn planner<'t>(
    context: &mut Context<'_, 't>,
    known: &Known<'t>,
    shared: &mut Shared,
    (name, root): &(Cow<'t, str>, Node<'t>),
    bot: Option<&Bot<'t>>,
) {
    let root = *root;
    let labelled = member(root, "masterLabel");
    let place = labelled.as_ref().map_or(Place::key_of(root), |found| Place::of(found.1));
    let label = Label { id: name.clone(), name: labelled.map_or_else(|| name.clone(), |found| found.0), place };
    let topics = topics(known, root);
    let instructed = |node: &Node<'t>| ["description", "scope", "genAiPluginInstructions"].iter().any(|name| node.get(name).is_some());
    let (agent, element) = add(context, &label, audience(bot, place), instructed(&root) || topics.iter().any(instructed));
    let mut tools = Vec::new();
    let mut owned: HashSet<String> = HashSet::default();
    for node in std::iter::once(root).chain(topics.iter().copied()).flat_map(local) {
        let Some(tool) = read(node, &Cow::Borrowed("")) else { continue };
        owned.extend(tool.names.iter().map(|name| name.to_lowercase()));
        let step = tool::lower(context, known, agent.app, &tool, agent.identity);
        context.model.edges.push(Edge { from: agent.step, to: step, kind: EdgeKind::Tool });
        tools.push(tool.label.clone());
    }
    for referred in std::iter::once(root).chain(topics).flat_map(referred) {
        let key = referred.to_lowercase();
        if !owned.insert(key.clone()) {
            continue;
        }
        if let Some(action) = shared.actions.get(&key).and_then(|at| known.actions.get(*at)) {
            if let Some(step) = shared.step(context, known, action, Some(agent)) {
                context.model.edges.push(Edge { from: agent.step, to: step, kind: EdgeKind::Tool });
                tools.push(member(action.1, "masterLabel").map_or_else(|| action.0.clone(), |found| found.0));
            }
        } else {
            if key.contains("knowledge") {
                knowledge(context, agent, referred.clone(), place);
            }
            tools.push(referred);
        }
    }
    if !tools.is_empty() {
        context.model.element_mut(element).set(Fact::AgentTools, tools, place);
    }
    for version in bot.into_iter().flat_map(|bot| &bot.versions) {
        dialogs(context, known, agent, *version);
    }
}

/// The topics that a planner refers to, where they are components of their own.
fn topics<'t>(known: &Known<'t>, root: Node<'t>) -> Vec<Node<'t>> {
    let names = root.descend().filter(|node| node.key().as_deref() == Some("genAiPluginName")).filter_map(Node::as_str);
    let mut seen = HashSet::default();
    names.filter_map(|name| known.topics.get(&name.to_lowercase()).copied()).filter(|topic| seen.insert(Place::of(*topic))).collect()
}

/// Texts of the organisation that an agent searches.
fn knowledge<'t>(context: &mut Context<'_, 't>, agent: Agent, name: Cow<'t, str>, place: Place) {
    let step = context.model.add_step(Step { name: name.clone(), app: agent.app, place, output: Output::Own(Origin::DataSource) });
    context.model.edges.push(Edge { from: agent.step, to: step, kind: EdgeKind::Part });
    let element = Element::new(Kind::DataSource, agent.app, name.clone(), name, place).at_step(step).with(
        Fact::DataSourceKind,
        DataSourceKind::Knowledge,
        place,
    );
    context.model.add(element);
}

/// The action in `node`; `name` is what its file is called.
fn read<'t>(node: Node<'t>, name: &Cow<'t, str>) -> Option<Tool<'t>> {
    let (kind, _) = member(node, "invocationTargetType")?;
    let (target, target_node) = member(node, "invocationTarget")?;
    let own = ["localDeveloperName", "developerName", "fullName"].into_iter().find_map(|name| member(node, name)).map(|found| found.0);
    let id = if name.is_empty() { own.unwrap_or_else(|| target.clone()) } else { name.clone() };
    let names = ["developerName", "fullName"].into_iter().filter_map(|name| member(node, name)).map(|found| found.0).collect();
    let label = member(node, "masterLabel").map_or_else(|| id.clone(), |found| found.0);
    let place = Place::of(target_node);
    let confirmed = match flag(node, "isConfirmationRequired") {
        Some((true, place)) => Confirmed { by_person: true, place },
        Some((false, place)) => Confirmed { by_person: false, place },
        None => Confirmed { by_person: false, place },
    };
    Some(Tool { id, label, kind, target, names, place, confirmed, by_model: true })
}

/// A bot that follows dialogs and has no planner.
fn dialogs_alone<'t>(context: &mut Context<'_, 't>, known: &Known<'t>, bot: &Bot<'t>) {
    let Some(root) = bot.node.or(bot.versions.first().copied()) else { return };
    let labelled = member(root, "label");
    let place = labelled.as_ref().map_or(Place::key_of(root), |found| Place::of(found.1));
    let label = Label { id: bot.name.clone(), name: labelled.map_or_else(|| bot.name.clone(), |found| found.0), place };
    let calls: Vec<Tool<'t>> = bot.versions.iter().flat_map(|version| invocations(*version)).collect();
    if calls.is_empty() {
        // What it does is not in the export.
        context.package(place);
        return;
    }
    let (agent, _) = add(context, &label, audience(Some(bot), place), true);
    for tool in calls {
        let step = tool::lower(context, known, agent.app, &tool, agent.identity);
        context.model.edges.push(Edge { from: agent.step, to: step, kind: EdgeKind::Next });
    }
}

/// The calls in the dialogs of a bot: it is the dialog that decides on them, and no model.
fn invocations(version: Node<'_>) -> impl Iterator<Item = Tool<'_>> {
    version.descend().filter_map(|node| {
        let (kind, _) = member(node, "invocationActionType")?;
        let (target, target_node) = member(node, "invocationActionName")?;
        let place = Place::of(target_node);
        let confirmed = Confirmed { by_person: false, place };
        Some(Tool { id: target.clone(), label: target.clone(), kind, target, names: Vec::new(), place, confirmed, by_model: false })
    })
}

fn dialogs<'t>(context: &mut Context<'_, 't>, known: &Known<'t>, agent: Agent, version: Node<'t>) {
    for tool in invocations(version) {
        let step = tool::lower(context, known, agent.app, &tool, agent.identity);
        context.model.edges.push(Edge { from: agent.step, to: step, kind: EdgeKind::Next });
    }
}

//! Copilot Studio: agents with their topics, tools and knowledge, as files of a solution, as a workspace and as a template.

mod action;
mod component;
use super::ids::Ids;
use super::literal::{self, Owner};
use super::{Context, SchemaText};
use crate::model::vocabulary::{AppKind, Auth, Exposure, Guard, Identity, Moderation, Origin, TriggerKind};
use crate::model::{AppId, Edge, EdgeKind, Element, ElementId, Fact, Kind, Output, Place, Step, StepId};
use crate::platform::File;
use crate::tree::{Node, Syntax};
pub(super) use action::plain;
use std::borrow::Cow;
use std::collections::HashMap;

macro_rules! schema {
    ($name:literal) => {
        SchemaText { name: concat!("power-platform/", $name), text: include_str!(concat!("../../../../schemas/power-platform/", $name)) }
    };
}

/// Who may talk to an agent: `bots/*/bot.xml`.
pub(super) const BOT: SchemaText = schema!("bot.schema.json");
/// Its settings: `bots/*/configuration.json`.
pub(super) const CONFIGURATION: SchemaText = schema!("bot-configuration.schema.json");
/// The name of a part of it: `botcomponents/*/botcomponent.xml`.
pub(super) const DECLARATION: SchemaText = schema!("bot-component.schema.json");
/// A topic, tool, source of knowledge or the instructions: `botcomponents/*/data`, `*.mcs.yml`.
pub(super) const COMPONENT: SchemaText = schema!("bot-dialog.schema.json");
/// Who may talk to an agent, in a workspace: `settings.mcs.yml`.
pub(super) const SETTINGS: SchemaText = schema!("bot-settings.schema.json");

/// Texts of which a topic, a tool or a source of knowledge holds one.
pub(super) const TRACES: &[&str] = &[
    "<authenticationmode>",
    "<componenttype>",
    "kind: AdaptiveDialog",
    "kind: TaskDialog",
    "kind: AgentDialog",
    "kind: GptComponentMetadata",
    "kind: KnowledgeSourceConfiguration",
    "kind: BotDefinition",
    "kind: ConnectorTool",
    "kind: McpTool",
    "kind: WorkflowTool",
    "kind: ConnectedAgentTool",
];

/// The files of one agent.
#[derive(Default)]
pub(super) struct Parts<'t> {
    bot: Option<Node<'t>>,
    configuration: Option<Node<'t>>,
    settings: Option<Node<'t>>,
    components: Vec<Part<'t>>,
    /// What makers call a part, by its name in the solution.
    names: HashMap<Cow<'t, str>, Cow<'t, str>>,
}

/// What names a thing, and what makers call it.
struct Label<'t> {
    id: Cow<'t, str>,
    name: Cow<'t, str>,
}

/// A part of an agent.
struct Part<'t> {
    /// Name in the solution.
    id: Cow<'t, str>,
    /// What it is, where it does not say so itself.
    kind: Option<&'static str>,
    root: Node<'t>,
}

// ------------------------------------------------------------------------------------------------------------------- recognition

fn xml<'t>(file: &File<'t>, root: &str, member: &str) -> Vec<Node<'t>> {
    let element = file.tree.root().get(root).filter(|_| file.tree.syntax() == Syntax::Xml);
    element.filter(|element| element.get(member).is_some()).into_iter().collect()
}

pub(super) fn bot<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    xml(file, "bot", "authenticationmode")
}

pub(super) fn declaration<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    xml(file, "botcomponent", "componenttype")
}

pub(super) fn configuration<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let is = root.get("$kind").and_then(Node::as_str).as_deref() == Some("BotConfiguration");
    (is && file.tree.syntax() == Syntax::Json).then_some(root).into_iter().collect()
}

/// What the first line of a part says.
const KINDS: [&str; 6] =
    ["AdaptiveDialog", "TaskDialog", "AgentDialog", "GptComponentMetadata", "KnowledgeSourceConfiguration", "BotDefinition"];

/// Parts that say what they are, and all others in files that only this platform names so.
pub(super) fn component<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    if file.tree.syntax() != Syntax::Yaml || !root.is_object() {
        return Vec::new();
    }
    let said = root.get("kind").and_then(Node::as_str);
    let lower = file.path.to_ascii_lowercase();
    let placed =
        lower.ends_with(".mcs.yml") || lower.ends_with(".mcs.yaml") || lower.ends_with("/data") && lower.contains("botcomponents/");
    let known = said.as_deref().is_some_and(|kind| KINDS.contains(&kind) || action::is_tool(kind) || placed);
    // Lists of connections and of variables have no kind.
    let listed = placed && ["connectionReferences", "mcs.metadata", "components"].iter().any(|name| root.get(name).is_some());
    if known || listed { vec![root] } else { Vec::new() }
}

pub(super) fn settings<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let root = file.tree.root();
    let is = file.tree.syntax() == Syntax::Yaml && root.get("schemaName").is_some() && root.get("authenticationMode").is_some();
    is.then_some(root).into_iter().collect()
}

// ------------------------------------------------------------------------------------------------------------------------ gather

/// The folder below `bots` or `botcomponents` that the file is in.
fn folder_of(path: &str) -> Option<&str> {
    let mut parts = path.split('/');
    parts.find(|part| matches!(*part, "bots" | "botcomponents"))?;
    let folder = parts.next()?;
    parts.next().map(|_| folder)
}

/// The files of the agent that the file belongs to: names of parts begin with that of the agent.
fn parts<'c, 't>(context: &'c mut Context<'_, 't>, node: Node<'t>) -> &'c mut Parts<'t> {
    let folder = folder_of(context.export.file(node).path).unwrap_or_default();
    context.bots.entry(folder.split('.').next().unwrap_or(folder)).or_default()
}

pub(super) fn gather_bot<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).bot = Some(node);
}

pub(super) fn gather_configuration<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    parts(context, node).configuration = Some(node);
}

pub(super) fn gather_settings<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let parts = parts(context, node);
    parts.settings = Some(node);
    parts.configuration = node.get("configuration").or(parts.configuration);
}

pub(super) fn gather_declaration<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    if let (Some(id), Some(name)) = (text(node.get("@schemaname")), text(node.get("name"))) {
        parts(context, node).names.insert(id, name);
    }
}

pub(super) fn gather_component<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    let name = path.rsplit('/').next().unwrap_or(path);
    let id = folder_of(path).unwrap_or_else(|| name.split('.').next().unwrap_or(name));
    let parts = parts(context, node);
    if node.get("kind").and_then(Node::as_str).as_deref() != Some("BotDefinition") {
        parts.components.push(Part { id: id.into(), kind: None, root: node });
        return;
    }
    // A template: the whole agent in one file.
    parts.settings = node.get("entity");
    parts.configuration = parts.settings.and_then(|entity| entity.get("configuration"));
    let kinds = [("dialog", "AdaptiveDialog"), ("metadata", "GptComponentMetadata"), ("configuration", "KnowledgeSourceConfiguration")];
    for component in node.get("components").into_iter().flat_map(Node::items) {
        let Some((root, kind)) = kinds.iter().find_map(|(member, kind)| Some((component.get(member)?, *kind))) else { continue };
        let id = text(component.get("schemaName")).unwrap_or_else(|| component.pointer().into());
        if let Some(name) = text(component.get("displayName")) {
            parts.names.insert(id.clone(), name);
        }
        parts.components.push(Part { id, kind: Some(kind), root });
    }
}

// ------------------------------------------------------------------------------------------------------------------------- lower

fn text(node: Option<Node<'_>>) -> Option<Cow<'_, str>> {
    node.and_then(Node::as_str).filter(|text| !text.trim().is_empty())
}

/// An agent that is being lowered.
struct Lowering<'x, 'c, 't> {
    context: &'x mut Context<'c, 't>,
    app: AppId,
    /// The step of the agent itself.
    agent: StepId,
    /// Names of what the agent may use.
    tools: Vec<Cow<'t, str>>,
    ids: Ids,
    names: HashMap<Cow<'t, str>, Cow<'t, str>>,
    /// The last step of the topic that is read.
    last: Option<StepId>,
    chat: Option<StepId>,
}

/// Lowers all agents of the export, each from all of its files, and joins those that use each other.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let first = context.model.apps.len();
    for (schema, parts) in std::mem::take(&mut context.bots) {
        lower(context, schema, parts);
    }
    connect(context, first);
}

fn lower<'t>(context: &mut Context<'_, 't>, schema: &'t str, parts: Parts<'t>) {
    let metadata = parts.components.iter().find(|part| part.kind() == "GptComponentMetadata").map(|part| part.root);
    let member = |node: Option<Node<'t>>, name: &str| node.and_then(|node| node.get(name));
    let roots = [parts.bot, parts.settings, metadata, parts.configuration, parts.components.first().map(|part| part.root)];
    let Some(root) = roots.into_iter().flatten().next() else { return };
    // The whole file would be shown for the agent, so the smallest thing that names it stands for it.
    let anchor = ["@schemaname", "schemaName", "displayName", "kind"].into_iter().find_map(|name| root.get(name));
    let place = anchor.or_else(|| root.members().next()).map_or_else(|| Place::key_of(root), Place::of);
    let own = text(member(parts.bot, "@schemaname")).or_else(|| text(member(parts.settings, "schemaName")));
    let id = own.unwrap_or(Cow::Borrowed(schema));
    let named = [member(parts.bot, "name"), member(parts.settings, "displayName"), member(metadata, "displayName")];
    let name = named.into_iter().find_map(text).unwrap_or_else(|| id.clone());
    let app = context.model.add_app(id, name.clone(), place);
    let element = context.model.app(app).element;
    let app_element = context.model.element_mut(element);
    app_element.set(Fact::AppKind, AppKind::Agent, place);
    app_element.set(Fact::AppName, name.clone(), place);
    app_element.set(Fact::AppStartedBy, vec![TriggerKind::Chat], place);
    if let Some(node) = member(parts.configuration, "isAgentConnectable")
        && let Some(open) = node.as_bool()
    {
        app_element.set(Fact::AppOpenToAgents, open, Place::of(node));
    }
    let chat = parts.bot.or(parts.settings).map(|node| chat(context, app, name.clone(), node));
    let step = Step { name: name.clone(), app, place, output: Output::Own(Origin::Model) };
    let agent = context.model.add_step(step);
    let main = agent_element(context, &parts, metadata, Element::new(Kind::Agent, app, "agent", name.clone(), place).at_step(agent));
    context.model.edges.extend(chat.map(|from| Edge { from, to: agent, kind: EdgeKind::Next }));
    let names = parts.names;
    let mut lowering = Lowering { context, app, agent, tools: Vec::new(), ids: Ids::default(), names, last: None, chat };
    let complete = !parts.components.is_empty();
    for part in &parts.components {
        lowering.component(part);
    }
    if let Some(node) = parts.configuration.and_then(|configuration| configuration.at(&["agentSettings", "web", "enableWebSearch"])) {
        lowering.web_search(Some(node));
    }
    // What is left out of the export may be anything.
    let tools = if complete { lowering.tools } else { vec![Cow::Borrowed("unknown")] };
    if !tools.is_empty() {
        context.model.element_mut(main).set(Fact::AgentTools, tools, place);
    }
    let owner = Owner { app, id: "text".into(), name, step: None };
    let whole = [parts.bot, parts.settings, parts.configuration].into_iter().flatten().chain(parts.components.iter().map(|part| part.root));
    for root in whole {
        literal::scan_shapes(context, &owner, root, |_| false);
    }
}

/// The agent itself: what it was told, how its words are checked.
fn agent_element<'t>(context: &mut Context<'_, 't>, parts: &Parts<'t>, metadata: Option<Node<'t>>, element: Element<'t>) -> ElementId {
    let mut element = element;
    let here = element.place;
    if let Some(metadata) = metadata {
        let instructions = metadata.get("instructions").filter(|node| text(Some(*node)).is_some());
        element.set(Fact::AgentInstructions, instructions.is_some(), instructions.map_or(Place::of(metadata), Place::of));
    } else if let Some(settings) = parts.configuration.and_then(|configuration| configuration.get("agentSettings")) {
        // Agents of the newer kind keep them in their settings, cut into pieces.
        let pieces = settings.at(&["instructions", "segments"]).into_iter().flat_map(Node::items);
        let told = pieces.filter_map(|piece| piece.get("value")).find(|node| text(Some(*node)).is_some());
        element.set(Fact::AgentInstructions, told.is_some(), told.map_or(Place::key_of(settings), Place::of));
    }
    let settings = parts.configuration.and_then(|configuration| configuration.get("aISettings"));
    let setting = |name: &str| settings.and_then(|settings| settings.get(name));
    if let Some(node) = setting("contentModeration") {
        let moderation = match node.as_str().as_deref() {
            Some("Low" | "Lowest") => Some(Moderation::Low),
            Some("Medium" | "Moderate") => Some(Moderation::Medium),
            Some("High" | "Highest") => Some(Moderation::High),
            _ => None,
        };
        moderation.into_iter().for_each(|moderation| element.set(Fact::AgentModeration, moderation, Place::of(node)));
    }
    if let Some(configuration) = parts.configuration {
        let node = setting("useModelKnowledge");
        let place = node.map_or(if configuration.is_object() { Place::of(configuration) } else { here }, Place::of);
        element.set(Fact::AgentGeneralKnowledge, node.and_then(Node::as_bool).unwrap_or_default(), place);
    }
    context.model.add(element)
}

/// The chat: who can reach it, and how people prove who they are.
fn chat<'t>(context: &mut Context<'_, 't>, app: AppId, name: Cow<'t, str>, node: Node<'t>) -> StepId {
    let member = |names: [&str; 2]| names.into_iter().find_map(|name| node.get(name));
    let mode = member(["authenticationmode", "authenticationMode"]);
    let said = |node: Option<Node<'t>>| node.and_then(Node::as_text).unwrap_or_default().to_ascii_lowercase();
    let always = !matches!(&*said(member(["authenticationtrigger", "authenticationTrigger"])), "0" | "asneeded");
    let limited = matches!(
        &*said(member(["accesscontrolpolicy", "accessControlPolicy"])),
        "1" | "2" | "3" | "copilotreaders" | "chatbotreaders" | "groupmembership"
    );
    let (exposure, auth) = match &*said(mode) {
        "1" | "none" => (Exposure::Public, Auth::Absent),
        "2" | "integrated" => (if limited { Exposure::Users } else { Exposure::Tenant }, Auth::Platform),
        // Where a log-in is only asked for when a topic needs one, anyone can begin.
        "3" | "4" | "customazureactivedirectory" | "manualazuread" | "genericoauth2" | "oauth2" => {
            (if always { Exposure::Users } else { Exposure::Public }, Auth::Oauth)
        }
        _ => (Exposure::Unknown, Auth::Unknown),
    };
    let place = mode.map_or(Place::of(node), Place::of);
    let step = context.model.add_step(Step { name: name.clone(), app, place, output: Output::Own(Origin::Trigger) });
    let trigger = Element::new(Kind::Trigger, app, "chat", name, place)
        .at_step(step)
        .with(Fact::TriggerKind, TriggerKind::Chat, place)
        .with(Fact::TriggerExposure, exposure, place)
        .with(Fact::TriggerAuth, auth, place)
        .with(Fact::TriggerGuard, Guard::Absent, place);
    context.model.add(trigger);
    step
}

/// With whose rights a connection of an agent acts.
fn identity(node: Node<'_>) -> Option<(Identity, Place)> {
    let mode = node.at(&["connectionProperties", "mode"]).or_else(|| node.get("authMode"))?;
    let identity = match mode.as_str()?.to_ascii_lowercase().as_str() {
        "maker" => Identity::Maker,
        "invoker" | "user" => Identity::Invoker,
        _ => Identity::Unknown,
    };
    Some((identity, Place::of(mode)))
}

/// Joins tools with the flows and agents of the export that they call.
fn connect(context: &mut Context<'_, '_>, first: usize) {
    let model = &mut *context.model;
    let ids: HashMap<String, AppId> =
        (0u32..).zip(&model.apps).filter(|(_, app)| !app.id.is_empty()).map(|(at, app)| (app.id.to_lowercase(), AppId(at))).collect();
    let mut entries: HashMap<AppId, StepId> = HashMap::new();
    let mut agents: HashMap<AppId, StepId> = HashMap::new();
    for element in &model.elements {
        let Some(step) = element.step else { continue };
        match element.kind {
            Kind::Trigger => drop(entries.entry(element.app).or_insert(step)),
            Kind::Agent => drop(agents.entry(element.app).or_insert(step)),
            _ => {}
        }
    }
    let mut edges = Vec::new();
    for element in model.elements.iter().filter(|element| element.app.0 as usize >= first) {
        let (Some(from), Some(target)) = (element.step, element.text(Fact::ActionTarget)) else { continue };
        let Some(app) = ids.get(&target.to_lowercase()).filter(|app| **app != element.app) else { continue };
        let (kind, to) = match agents.get(app) {
            Some(agent) => (EdgeKind::Tool, agent),
            None => match entries.get(app) {
                Some(entry) => (EdgeKind::Call, entry),
                None => continue,
            },
        };
        edges.push(Edge { from, to: *to, kind });
    }
    model.edges.extend(edges);
}

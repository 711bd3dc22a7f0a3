//! The parts of an agent: topics, tools, other agents, knowledge.

use super::action::{is_action, is_tool};
use super::{Label, Lowering, Part, identity, text};
use crate::model::vocabulary::{DataSourceKind, Origin};
use crate::model::{Edge, EdgeKind, Element, Fact, Kind, Output, Place, Step, StepId};
use crate::tree::Node;
use std::borrow::Cow;

impl Part<'_> {
    /// What it is.
    pub(super) fn kind(&self) -> Cow<'_, str> {
        text(self.root.get("kind")).unwrap_or(Cow::Borrowed(self.kind.unwrap_or_default()))
    }
}

impl<'t> Lowering<'_, '_, 't> {
    pub(super) fn component(&mut self, part: &Part<'t>) {
        let shown = [part.root.get("modelDisplayName"), part.root.at(&["mcs.metadata", "componentName"])];
        let named = self.names.get(&part.id).cloned().or_else(|| shown.into_iter().find_map(text));
        let label = Label { id: part.id.clone(), name: named.unwrap_or_else(|| part.id.clone()) };
        match &*part.kind() {
            "GptComponentMetadata" => self.metadata(part.root),
            "KnowledgeSourceConfiguration" => self.knowledge(&label, part.root),
            "TaskDialog" => self.tool(part.root.get("action"), part.root.get("inputs"), &label),
            kind if is_tool(kind) => self.tool(Some(part.root), part.root.get("toolInputs"), &label),
            "AgentDialog" => self.child(part, &label),
            "AdaptiveDialog" => self.topic(part, &label),
            _ => {}
        }
    }

    /// A new step of the agent's app.
    pub(super) fn step(&mut self, label: &Label<'t>, place: Place, output: Output<'t>) -> StepId {
        self.context.model.add_step(Step { name: label.name.clone(), app: self.app, place, output })
    }

    pub(super) fn edge(&mut self, from: StepId, to: StepId, kind: EdgeKind) {
        self.context.model.edges.push(Edge { from, to, kind });
    }

    /// The instructions, and what the agent can do by itself.
    fn metadata(&mut self, root: Node<'t>) {
        let able = ["gptCapabilities", "capabilities"].into_iter().find_map(|name| root.get(name));
        self.web_search(able.and_then(|able| able.get("webBrowsing")));
    }

    /// What a switch for searching the web says.
    pub(super) fn web_search(&mut self, switch: Option<Node<'t>>) {
        if let Some(node) = switch.filter(|node| node.as_bool() == Some(true)) {
            let label = Label { id: "web".into(), name: "web search".into() };
            self.source(&label, DataSourceKind::Web, None, Place::of(node));
        }
    }

    /// What the agent searches.
    fn source(&mut self, label: &Label<'t>, kind: DataSourceKind, resource: Option<Cow<'t, str>>, place: Place) {
        let step = self.step(label, place, Output::Own(Origin::DataSource));
        let id = self.ids.unique(&format!("knowledge.{}", label.id));
        let mut element =
            Element::new(Kind::DataSource, self.app, id, label.name.clone(), place).at_step(step).with(Fact::DataSourceKind, kind, place);
        if let Some(resource) = resource {
            element.set(Fact::DataSourceResource, resource, place);
        }
        self.context.model.add(element);
        self.edge(self.agent, step, EdgeKind::Part);
    }

    /// A source of knowledge. What only people of the organisation can read is as good as a tool.
    fn knowledge(&mut self, label: &Label<'t>, root: Node<'t>) {
        let Some(source) = root.get("source") else { return };
        let kind_node = source.get("kind").unwrap_or(source);
        let said = text(Some(kind_node)).unwrap_or_default();
        let kind = match &*said {
            "PublicSiteSearchSource" | "BingSearchSource" | "WebsiteKnowledgeSource" => DataSourceKind::Web,
            kind if kind.contains("SharePoint") || kind.contains("OneDrive") => DataSourceKind::File,
            kind if kind.contains("Dataverse") || kind.contains("Sql") => DataSourceKind::Table,
            _ => DataSourceKind::Knowledge,
        };
        let resource = ["site", "siteUrl", "tableName", "skillConfiguration"].into_iter().find_map(|member| source.get(member));
        let place = resource.map_or(Place::of(kind_node), Place::of);
        if !matches!(kind, DataSourceKind::Web | DataSourceKind::Knowledge) {
            self.tools.push(label.name.clone());
        }
        self.source(label, kind, text(resource), place);
    }

    /// A tool that the agent may use.
    fn tool(&mut self, action: Option<Node<'t>>, inputs: Option<Node<'t>>, label: &Label<'t>) {
        let Some(action) = action else { return };
        if let Some(step) = self.action(action, label, inputs, true) {
            self.tools.push(label.name.clone());
            self.edge(self.agent, step, EdgeKind::Tool);
        }
    }

    /// An agent inside of the agent.
    fn child(&mut self, part: &Part<'t>, label: &Label<'t>) {
        let place = Place::of(part.root.get("kind").unwrap_or(part.root));
        let step = self.step(label, place, Output::Own(Origin::Model));
        let instructions = part.root.at(&["settings", "instructions"]).filter(|node| text(Some(*node)).is_some());
        let id = self.ids.unique(&label.id);
        let agent = Element::new(Kind::Agent, self.app, id, label.name.clone(), place).at_step(step).with(
            Fact::AgentInstructions,
            instructions.is_some(),
            instructions.map_or(place, Place::of),
        );
        self.context.model.add(agent);
        self.edge(self.agent, step, EdgeKind::Tool);
    }

    /// A topic: what happens when people say something. Its steps are taken one after the other, whatever they decide.
    fn topic(&mut self, part: &Part<'t>, topic: &Label<'t>) {
        self.last = self.chat;
        let begin = part.root.get("beginDialog").unwrap_or(part.root);
        for node in begin.descend().filter(|node| node.is_object() && is_action(*node)) {
            let own = text(node.get("id")).or_else(|| text(node.get("kind"))).unwrap_or_default();
            let name = text(node.get("displayName")).unwrap_or_else(|| topic.name.clone());
            let label = Label { id: format!("{}.{own}", topic.id).into(), name };
            let Some(step) = self.action(node, &label, None, false) else { continue };
            if let Some(last) = self.last {
                self.edge(last, step, EdgeKind::Next);
            }
            self.last = Some(step);
        }
    }

    /// States with whose rights a connection acts.
    pub(super) fn with_identity(element: &mut Element<'t>, node: Node<'t>) {
        if let Some((identity, place)) = identity(node) {
            element.set(Fact::ActionIdentity, identity, place);
        }
    }
}

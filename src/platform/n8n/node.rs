//! One node: what it is, what it talks to, what feeds it.

use super::action::action;
use super::agent::agent;
use super::catalogue::{self, NodeType, Role};
use super::code::{self, Meaning};
use super::connection::{component, connection, connector, host};
use super::expression::Steps;
use super::secrets;
use super::trigger::trigger;
use crate::model::vocabulary::{DataSourceKind, Language, OnError};
use crate::model::{AppId, Edge, EdgeKind, Element, ElementId, Fact, Kind, Model, Output, Place, Reference, Sink, StepId};
use crate::tree::Node;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

/// Hashed with a random seed, and fast.
pub(super) type HashSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;

/// Parameters that hold code.
const CODE: [(&str, Language); 5] = [
    ("jsCode", Language::Javascript),
    ("functionCode", Language::Javascript),
    ("pythonCode", Language::Python),
    ("code", Language::Javascript),
    ("scriptCode", Language::Javascript),
];

/// The members of a node, read once.
pub(super) struct NodeParts<'t> {
    pub(super) id: Cow<'t, str>,
    pub(super) name: Cow<'t, str>,
    pub(super) kind: &'t str,
    /// The node that holds the type: what stands for something that a node lacks.
    pub(super) kind_node: Node<'t>,
    /// The type without its package.
    pub(super) base: &'t str,
    pub(super) node_type: NodeType,
    pub(super) parameters: Option<Node<'t>>,
    pub(super) credentials: Option<Node<'t>>,
    pub(super) version: f64,
    pub(super) version_node: Option<Node<'t>>,
    pub(super) disabled: bool,
    pub(super) on_error: OnError,
    pub(super) on_error_node: Option<Node<'t>>,
    code: OnceCell<Vec<Code<'t>>>,
}

/// A text of a node that is code, decoded and looked through once.
pub(super) struct Code<'t> {
    pub(super) node: Node<'t>,
    pub(super) text: Cow<'t, str>,
    pub(super) language: Language,
    pub(super) meanings: Vec<(Meaning, Range<usize>)>,
}

impl<'t> NodeParts<'t> {
    /// Reads a node; `None` when it has no type or name, which the schema reports.
    pub(super) fn read(node: Node<'t>) -> Option<Self> {
        let [mut kind, mut name, mut id, mut parameters, mut credentials, mut version, mut disabled, mut on_error, mut continues] =
            [None; 9];
        // One pass over the members: asking for each by name costs more than all the rest of reading a node.
        for member in node.members() {
            let slot = match member.key().as_deref() {
                Some("type") => &mut kind,
                Some("name") => &mut name,
                Some("id") => &mut id,
                Some("parameters") => &mut parameters,
                Some("credentials") => &mut credentials,
                Some("typeVersion") => &mut version,
                Some("disabled") => &mut disabled,
                Some("onError") => &mut on_error,
                Some("continueOnFail") => &mut continues,
                _ => continue,
            };
            *slot = Some(member);
        }
        let kind_node = kind?;
        // Types are plain words: one with escapes is no type that n8n knows.
        let Cow::Borrowed(kind) = kind_node.as_str()? else { return None };
        let name = name?.as_text()?;
        let on_error_node = on_error.filter(|node: &Node<'t>| node.as_str().is_some());
        let legacy = continues.filter(|node: &Node<'t>| node.as_bool() == Some(true));
        let on_error = match on_error_node.and_then(Node::as_str).as_deref() {
            Some("continueRegularOutput") => OnError::Continue,
            Some("continueErrorOutput") => OnError::Branch,
            None if legacy.is_some() => OnError::Continue,
            _ => OnError::Stop,
        };
        let base = kind.rsplit('.').next().unwrap_or(kind);
        Some(Self {
            id: id.and_then(Node::as_text).filter(|id| id != "null" && !id.is_empty()).unwrap_or_else(|| name.clone()),
            name,
            kind,
            kind_node,
            base,
            node_type: catalogue::node_type(base),
            parameters: parameters.filter(|node| node.is_object()),
            credentials,
            version: version.and_then(|node| node.as_text()?.trim_matches('"').parse().ok()).unwrap_or(1.0),
            version_node: version,
            disabled: disabled.and_then(Node::as_bool) == Some(true),
            on_error,
            on_error_node: on_error_node.or(legacy),
            code: OnceCell::new(),
        })
    }

    /// Whether it decides by the error that the step before it hands on.
    pub(super) fn looks_at_errors(&self) -> bool {
        let decides = matches!(self.base, "if" | "switch" | "filter") && !self.disabled;
        let error = |node: Node<'t>| node.as_str().is_some_and(|text| text.contains(".error") || text.contains("[\"error"));
        decides && self.parameters.is_some_and(|parameters| parameters.descend().any(error))
    }

    pub(super) fn is_note(&self) -> bool {
        self.base == "stickyNote"
    }

    /// Whether the node comes with n8n.
    pub(super) fn is_core(&self) -> bool {
        self.kind.starts_with("n8n-nodes-base.") || self.kind.starts_with("@n8n/n8n-nodes-langchain.")
    }

    /// The parameter at that path.
    pub(super) fn parameter(&self, path: &[&str]) -> Option<Node<'t>> {
        self.parameters?.at(path)
    }

    pub(super) fn text(&self, path: &[&str]) -> Option<Cow<'t, str>> {
        self.parameter(path)?.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn place(&self) -> Place {
        Place::of(self.kind_node)
    }

    /// The code of a node that runs code.
    pub(super) fn code(&self) -> &[Code<'t>] {
        self.code.get_or_init(|| {
            let read = |(node, language): (Node<'t>, Language)| {
                let text = node.as_str()?;
                let meanings = code::meanings(&text);
                Some(Code { node, text, language, meanings })
            };
            let find = |(name, language)| {
                let node = self.parameters.and_then(|parameters| parameters.get(name));
                // The code of chains is one text for running and one for supplying a part.
                let parts = ["execute", "supplyData"].into_iter().filter_map(move |part| node?.at(&[part, "code"]));
                node.filter(|node| !node.is_object()).into_iter().chain(parts).map(move |node| (node, language))
            };
            if self.node_type.role == Role::Code { CODE.into_iter().flat_map(find).filter_map(read).collect() } else { Vec::new() }
        })
    }

    /// Whether it starts a run.
    pub(super) fn is_trigger(&self) -> bool {
        self.base.ends_with("Trigger")
            || matches!(self.base, "webhook" | "cron" | "interval" | "start" | "emailReadImap" | "trigger" | "Trigger")
    }
}

/// What the nodes of one workflow are lowered into.
pub(super) struct Context<'c, 't> {
    pub(super) model: &'c mut Model<'t>,
    pub(super) app: AppId,
    pub(super) steps: &'c Steps<'t>,
    /// Steps that an agent may call.
    pub(super) tools: &'c HashSet<StepId>,
    pub(super) edges: &'c [Edge],
    /// Steps that decide by whether the step before them failed.
    pub(super) looks_at_errors: HashSet<StepId>,
    /// Steps that do nothing.
    pub(super) idle: HashSet<StepId>,
    /// Connectors that have their element, with their versions.
    pub(super) connectors: HashSet<(Cow<'t, str>, Cow<'t, str>)>,
    /// Offsets in the file where a token of some issuer may stand, ascending.
    pub(super) tokens: &'c [u32],
}

impl<'t> Context<'_, 't> {
    pub(super) fn element(&self, kind: Kind, parts: &NodeParts<'t>, step: StepId) -> Element<'t> {
        Element::new(kind, self.app, parts.id.clone(), parts.name.clone(), parts.place()).at_step(step)
    }

    /// Has the linker find out what `parts` of a value come from.
    pub(super) fn sink(&mut self, element: ElementId, step: StepId, fact: Fact, parts: Vec<Reference<'t>>, place: Place) {
        if !parts.is_empty() {
            self.model.sinks.push(Sink { element, step, fact, parts, place });
        }
    }
}

/// Adds what the node says. A disabled node does nothing, but its secrets leak all the same.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>) {
    let step = context.steps.get(&parts.name).copied();
    secrets::lower(context, parts, step);
    component(context, parts, step);
    let Some(step) = step.filter(|_| !parts.disabled) else { return };
    let node_type = parts.node_type;
    connector(context, parts, step);
    connection(context, parts, step);
    if parts.is_trigger() {
        trigger(context, parts, step);
        if let Role::Host(capability) = node_type.role {
            host(context, parts, step, capability);
        }
        return;
    }
    // A model that may call tools decides like an agent.
    let has_tools = || context.edges.iter().any(|edge| edge.from == step && edge.kind == EdgeKind::Tool);
    if node_type.role == Role::Agent || node_type.role == Role::Model && has_tools() {
        agent(context, parts, step);
    }
    action(context, parts, step, node_type);
}

/// Sets what the step hands on.
pub(super) fn hands_on<'t>(context: &mut Context<'_, 't>, step: StepId, output: Output<'t>) {
    context.model.steps[step.0 as usize].output = output;
}

pub(super) fn data_source<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, kind: DataSourceKind) {
    let element = context.element(Kind::DataSource, parts, step).with(Fact::DataSourceKind, kind, parts.place()).with(
        Fact::DataSourceConnector,
        parts.kind,
        parts.place(),
    );
    let element = match resource(parts) {
        Some((name, node)) => element.with(Fact::DataSourceResource, name, Place::of(node)),
        None => element,
    };
    context.model.add(element);
}

/// Parameters that name the table, document or folder that a node works with.
const RESOURCES: [&str; 9] = ["documentId", "table", "tableId", "tableName", "databaseId", "base", "collection", "index", "bucketName"];

/// The table, document or folder that the node works with, by the name that the editor has kept, else by its identifier.
fn resource<'t>(parts: &NodeParts<'t>) -> Option<(Cow<'t, str>, Node<'t>)> {
    let node = RESOURCES.iter().find_map(|name| parts.parameter(&[name]))?;
    let value = ["cachedResultName", "value"].into_iter().filter_map(|name| node.get(name)).chain([node]);
    value.filter_map(|node| Some((node.as_str()?, node))).find(|(text, _)| !text.is_empty() && !text.starts_with('='))
}

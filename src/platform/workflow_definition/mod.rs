//! The workflow definition language: what flows of Power Automate and workflows of Logic Apps are written in.
//!
//! A definition has triggers, and actions in actions; `runAfter` tells the order. [`lower`] adds to an app what its definition says.
//! Where the two platforms differ, in what lies around a definition, they answer through [`Host`].

mod action;
mod agent;
mod connection;
pub(super) mod connector;
mod endpoint;
mod expression;
mod message;
mod noise;
mod order;
mod part;
mod query;
mod record;
mod secrets;
mod share;
mod trigger;
mod values;

use crate::model::vocabulary::{Auth, Exposure, Identity, OnError, Origin, TriggerKind};
use crate::model::{AppId, Edge, EdgeKind, Fact, Kind, Model, Place, StepId};
use crate::platform::{HashMap, HashSet};
use crate::tree::{Node, NodeId};
use connection::Used;
pub(super) use noise::noise;
use part::Part;
pub(super) use part::member;
use record::Shown;
use std::borrow::Cow;
use std::cell::OnceCell;

/// What lies around a definition.
pub(super) trait Host<'t> {
    /// The connection that steps call `name`.
    fn connection(&self, name: &str) -> Option<Connection<'t>>;

    /// What is known of the parameter `name` beyond its definition.
    fn parameter(&self, name: &str) -> Parameter {
        let _ = name;
        Parameter::default()
    }

    /// Who can start the flow through `trigger`, a trigger of type Request, and how callers prove who they are. `place` is the
    /// place of the trigger.
    fn request(&self, trigger: Node<'t>, kind: &str, place: Place) -> Entry;

    /// Whether the text is filled in when the definition is deployed, so that it says nothing yet.
    fn is_template(&self, text: &str) -> bool {
        let _ = text;
        false
    }
}

/// A connection that steps use.
#[derive(Clone, Debug)]
pub(super) struct Connection<'t> {
    /// The name of its connector, see [`connector::key`].
    pub(super) key: Cow<'t, str>,
    /// With whose rights it acts.
    pub(super) identity: Identity,
}

/// A parameter of a definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    /// Where its value comes from.
    pub(super) origin: Origin,
    /// Whether it is kept as a secret.
    pub(super) is_secret: bool,
    /// Whether its value is told elsewhere in the export, and secrets in it are found there.
    pub(super) is_told_elsewhere: bool,
}

impl Default for Parameter {
    fn default() -> Self {
        Self { origin: Origin::Env, is_secret: false, is_told_elsewhere: false }
    }
}

/// An entry point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    /// What kind of trigger it is.
    pub(super) kind: TriggerKind,
    /// Who can reach it.
    pub(super) exposure: (Exposure, Place),
    /// How callers prove who they are.
    pub(super) auth: (Auth, Place),
}

/// A document whose steps are lowered.
#[derive(Clone, Copy)]
pub(super) struct Definition<'c, 't> {
    /// The object with `triggers` and `actions`.
    pub(super) node: Node<'t>,
    /// The offsets in its file where a token of some issuer may stand.
    pub(super) tokens: &'c [u32],
}

/// What the parts of one definition are lowered into.
struct Context<'c, 't> {
    model: &'c mut Model<'t>,
    app: AppId,
    host: &'c dyn Host<'t>,
    definition: Definition<'c, 't>,
    parts: &'c [Part<'t>],
    /// What each part uses.
    used: Vec<Option<Used<'t>>>,
    /// What the history of runs shows of each.
    shown: Vec<Shown>,
    /// The parts by name.
    by_name: HashMap<Cow<'t, str>, usize>,
    /// The same in lower case, for what is not found: what definitions say of case is not kept by all who write them.
    by_any_case: OnceCell<HashMap<String, usize>>,
    variables: HashMap<String, values::Variable<'t>>,
    /// Parameters of a type that is kept as a secret.
    secure_parameters: Vec<String>,
    edges: Vec<Edge>,
    /// What happens when a step fails, where anything does, and where that stands.
    on_error: HashMap<StepId, (OnError, Place)>,
    /// The texts of which it is told whether they hold a secret, among those where a token may stand.
    looked_at: HashSet<NodeId>,
    /// Connectors that have their element.
    connectors: HashSet<String>,
}

/// Adds what `definition` says to `app`.
pub(super) fn lower<'t>(model: &mut Model<'t>, app: AppId, definition: Definition<'_, 't>, host: &dyn Host<'t>) {
    let parts = &part::read(model, app, definition.node)[..];
    let used: Vec<Option<Used<'t>>> = parts.iter().map(|part| connection::used(host, part)).collect();
    let shown = parts.iter().zip(&used).map(|(part, used)| Shown::of(part, used.as_ref())).collect();
    let by_name = part::actions(parts).map(|part| (part.name.clone(), part.at)).collect();
    let secure_parameters =
        part::member(definition.node, "parameters").into_iter().flat_map(Node::members).filter(is_secure).filter_map(Node::key);
    let secure_parameters = secure_parameters.map(|name| name.to_lowercase()).collect();
    let mut context = Context {
        model,
        app,
        host,
        definition,
        parts,
        used,
        shown,
        by_name,
        by_any_case: OnceCell::new(),
        variables: HashMap::default(),
        secure_parameters,
        edges: Vec::new(),
        on_error: HashMap::default(),
        looked_at: HashSet::default(),
        connectors: HashSet::default(),
    };
    values::variables(&mut context);
    let runs_after = order::runs_after(&context);
    context.edges = order::edges(&context, &runs_after);
    context.on_error = order::on_error(&context, &runs_after);
    for part in parts {
        secrets::lower(&mut context, part);
        if part.is_trigger {
            trigger::lower(&mut context, part);
        } else {
            action::lower(&mut context, part);
        }
    }
    secrets::parameters(&mut context);
    secrets::rest(&mut context);
    trigger::guards(&mut context);
    order::app(&mut context);
    let edges = std::mem::take(&mut context.edges);
    context.model.edges.extend(edges);
}

fn is_secure(parameter: &Node<'_>) -> bool {
    part::member(*parameter, "type").and_then(Node::as_str).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("secure"))
}

/// Joins steps that call another flow of the same export with the entries of that flow: an app whose identifier is the target of
/// the step.
pub(super) fn connect_calls(model: &mut Model<'_>) {
    let mut entries: HashMap<AppId, Vec<StepId>> = HashMap::default();
    for element in model.elements.iter().filter(|element| element.kind == Kind::Trigger) {
        entries.entry(element.app).or_default().extend(element.step);
    }
    let apps: HashMap<String, AppId> =
        (0u32..).zip(&model.apps).filter(|(_, app)| !app.id.is_empty()).map(|(at, app)| (app.id.to_lowercase(), AppId(at))).collect();
    let mut calls = Vec::new();
    for element in &model.elements {
        let (Some(from), Some(target)) = (element.step, element.text(Fact::ActionTarget)) else { continue };
        let entries = apps.get(&target.to_lowercase()).and_then(|app| entries.get(app));
        calls.extend(entries.into_iter().flatten().map(|to| Edge { from, to: *to, kind: EdgeKind::Call }));
    }
    model.edges.extend(calls);
}

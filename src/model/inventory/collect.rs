//! From the elements of a model to the items of its apps.

use super::flows::{self, data_source, host, host_of};
use super::{Facts, Files, Inventory, Item, ItemKind};
use crate::model::vocabulary::{AppKind, Confirm, Verb};
use crate::model::{App, Element, Fact, Kind, Model, Place, StepId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Longest text of a fact, in characters. What is longer is told apart by its digest.
const MAX_TEXT: usize = 400;

/// Most items of an app that are told with their place: finding one costs more the more values lie beside it. The largest real apps have
/// some hundred.
const MAX_PLACES: usize = 10_000;

/// The inventories of all apps of a linked model; their digests are left to who has the files.
#[must_use]
pub fn inventories(model: &Model<'_>, files: &mut dyn Files) -> Vec<Inventory> {
    let mut collected: Vec<Collected> = model.apps.iter().map(|_| Collected::default()).collect();
    let of_step = Steps::new(model);
    for element in &model.elements {
        if let Some(app) = collected.get_mut(element.app.0 as usize) {
            app.element(model, &of_step, element, files);
        }
    }
    for app in &mut collected {
        app.unconnected();
    }
    for flow in flows::flows(model, &|text| files.hide(text)) {
        if let Some(app) = collected.get_mut(flow.app) {
            let facts = flow.facts.into_iter().map(|(fact, texts)| (fact, texts.into_iter().collect())).collect();
            app.merge((ItemKind::DataFlow, flow.id), &flow.name, facts, Some(flow.place));
        }
    }
    model.apps.iter().zip(collected).map(|(app, collected)| collected.inventory(model, app, files)).collect()
}

/// What hangs together in a step.
struct Steps<'m, 'a> {
    /// The actions of each step.
    actions: Vec<Vec<&'m Element<'a>>>,
    /// Where each step leads.
    next: Vec<Vec<StepId>>,
}

impl<'m, 'a> Steps<'m, 'a> {
    fn new(model: &'m Model<'a>) -> Self {
        let mut steps = Self { actions: vec![Vec::new(); model.steps.len()], next: vec![Vec::new(); model.steps.len()] };
        for element in model.elements.iter().filter(|element| element.kind == Kind::Action) {
            if let Some(actions) = element.step.and_then(|step| steps.actions.get_mut(step.0 as usize)) {
                actions.push(element);
            }
        }
        for edge in &model.edges {
            steps.next[edge.from.0 as usize].push(edge.to);
        }
        steps
    }

    /// What the actions in the step of `element` say of a fact.
    fn said(&self, element: &Element<'_>, fact: Fact) -> Vec<String> {
        let actions = element.step.and_then(|step| self.actions.get(step.0 as usize)).into_iter().flatten();
        actions.filter_map(|action| action.text(fact)).map(str::to_owned).collect()
    }

    /// What the step of `element` does to the world.
    fn verbs(&self, element: &Element<'_>) -> Vec<String> {
        self.said(element, Fact::ActionVerb)
    }
}

/// Facts in the making: many elements may say one after the other what is known of one item.
type Said = BTreeMap<Cow<'static, str>, BTreeSet<String>>;

/// An item in the making.
struct Draft {
    name: String,
    facts: Said,
    place: Option<Place>,
}

/// The items of one app in the making, by kind and id.
#[derive(Default)]
struct Collected {
    items: BTreeMap<(ItemKind, String), Draft>,
    /// How often each id was met among those that should be unique.
    met: HashMap<(ItemKind, String), usize>,
    /// With whose rights steps work with each connector.
    identities: BTreeMap<String, (Vec<String>, Place)>,
    secrets: usize,
}

/// Adds texts to a fact.
fn say(facts: &mut Said, fact: &'static str, texts: impl IntoIterator<Item = String>) {
    let mut texts = texts.into_iter().filter(|text| !text.is_empty()).peekable();
    if texts.peek().is_some() {
        facts.entry(Cow::Borrowed(fact)).or_default().extend(texts);
    }
}

impl Collected {
    fn element(&mut self, model: &Model<'_>, steps: &Steps<'_, '_>, element: &Element<'_>, files: &mut dyn Files) {
        match element.kind {
            Kind::App => {}
            // What a policy says of an app is no part of it, and control files are no apps.
            Kind::Flow
            | Kind::TemplatePart
            | Kind::Manifest
            | Kind::Elevation
            | Kind::SignOff
            | Kind::Waiver
            | Kind::Policy
            | Kind::Delta
            | Kind::Promotion
            | Kind::Capability => {}
            Kind::Trigger => self.entry_point(element, files),
            Kind::Action => self.action(model, steps, element, files),
            Kind::Connection => self.identity(element, files),
            Kind::Connector => self.connector(element, files),
            Kind::Endpoint => self.endpoint(steps, element, files),
            Kind::DataSource => self.data_source(steps, element, files),
            Kind::Grant => self.own(ItemKind::Grant, element, facts_of(element, &GRANT, files), files),
            Kind::Secret => self.secrets += 1,
            Kind::Setting => self.own(ItemKind::Setting, element, facts_of(element, &SETTING, files), files),
            Kind::Component => self.component(element, files),
            Kind::Agent => self.own(ItemKind::Agent, element, facts_of(element, &AGENT, files), files),
        }
    }

    /// An item with that kind and id, or what is known of it beyond what was known before.
    fn merge(&mut self, key: (ItemKind, String), name: &str, facts: Said, place: Option<Place>) {
        let item = self.items.entry(key).or_insert_with(|| Draft { name: name.to_owned(), facts: Said::new(), place });
        for (fact, texts) in facts {
            item.facts.entry(fact).or_default().extend(texts);
        }
    }

    /// An item for the element itself. The id of an element is unique among those of its kind; where it is not, they are counted.
    fn own(&mut self, kind: ItemKind, element: &Element<'_>, facts: Said, files: &dyn Files) {
        let mut id = files.hide(&element.id);
        let met = self.met.entry((kind, id.clone())).or_default();
        *met += 1;
        if *met > 1 {
            id = format!("{id}#{met}");
        }
        self.merge((kind, id), &files.hide(&element.name), facts, Some(element.place));
    }

    fn entry_point(&mut self, trigger: &Element<'_>, files: &mut dyn Files) {
        let mut facts = facts_of(trigger, &ENTRY_POINT, files);
        say(&mut facts, "content", [files.content(trigger.place, &[&trigger.id, &trigger.name])]);
        if let Some(connector) = trigger.text(Fact::TriggerConnector).map(|text| files.hide(text)) {
            let mut starts = Said::new();
            say(&mut starts, "starts", trigger.text(Fact::TriggerKind).map(str::to_owned));
            self.merge((ItemKind::Connector, connector.clone()), &connector, starts, Some(trigger.place));
        }
        self.own(ItemKind::EntryPoint, trigger, facts, files);
    }

    fn action(&mut self, model: &Model<'_>, steps: &Steps<'_, '_>, action: &Element<'_>, files: &mut dyn Files) {
        let text = |fact| action.text(fact).map(|text| files.hide(text));
        if let Some(connector) = text(Fact::ActionConnector) {
            let mut facts = Said::new();
            say(&mut facts, "verb", text(Fact::ActionVerb));
            say(&mut facts, "operation", text(Fact::ActionOperation));
            if let Some(identity) = text(Fact::ActionIdentity) {
                self.identities.entry(connector.clone()).or_insert_with(|| (Vec::new(), action.place)).0.push(identity);
            }
            self.merge((ItemKind::Connector, connector.clone()), &connector, facts, Some(action.place));
        }
        if let Some(recipient) = text(Fact::ActionRecipient) {
            let mut facts = Said::new();
            say(&mut facts, "domain", text(Fact::ActionRecipientDomain));
            say(&mut facts, "connector", text(Fact::ActionConnector));
            self.merge((ItemKind::Recipient, recipient.to_lowercase()), &recipient, facts, Some(action.place_of(Fact::ActionRecipient)));
        }
        let next: Vec<StepId> = action.step.and_then(|step| steps.next.get(step.0 as usize)).cloned().unwrap_or_default();
        let forks = action.is(Fact::ActionVerb, Verb::Control.name()) && next.len() > 1;
        if forks || decides(action) {
            let mut facts = Said::new();
            say(&mut facts, "connector", text(Fact::ActionConnector));
            say(&mut facts, "leads_to", next.iter().map(|step| files.hide(&model.step(*step).name)));
            say(&mut facts, "content", [files.content(action.place, &[&action.id, &action.name])]);
            self.own(ItemKind::Branch, action, facts, files);
        }
    }

    /// A connection. Where each step has its own element, those with the same credential are one.
    fn identity(&mut self, connection: &Element<'_>, files: &dyn Files) {
        let facts = facts_of(connection, &IDENTITY, files);
        let text = |fact| connection.text(fact).map(|text| files.hide(text));
        match (connection.step, text(Fact::ConnectionType)) {
            (Some(_), Some(kind)) => {
                let id = text(Fact::ConnectionCredential).map_or_else(|| kind.clone(), |credential| format!("{kind}/{credential}"));
                self.merge((ItemKind::Identity, id), &kind, facts, Some(connection.place));
            }
            _ => self.own(ItemKind::Identity, connection, facts, files),
        }
    }

    /// Steps may say with whose rights they work where no connection does.
    fn unconnected(&mut self) {
        let identities = std::mem::take(&mut self.identities);
        let known = self.items.iter().filter(|(key, _)| key.0 == ItemKind::Identity);
        let connected: BTreeSet<String> = known.filter_map(|(_, item)| item.facts.get("type")).flatten().cloned().collect();
        for (connector, (identities, place)) in identities.into_iter().filter(|(connector, _)| !connected.contains(connector)) {
            let mut facts = Said::new();
            say(&mut facts, "type", [connector.clone()]);
            say(&mut facts, "identity", identities);
            self.merge((ItemKind::Identity, connector.clone()), &connector, facts, Some(place));
        }
    }

    fn connector(&mut self, connector: &Element<'_>, files: &dyn Files) {
        let Some(key) = connector.text(Fact::ConnectorKey).map(|key| files.hide(key)) else { return };
        self.merge((ItemKind::Connector, key.clone()), &key, facts_of(connector, &CONNECTOR, files), Some(connector.place));
    }

    fn endpoint(&mut self, steps: &Steps<'_, '_>, endpoint: &Element<'_>, files: &dyn Files) {
        let mut facts = facts_of(endpoint, &ENDPOINT, files);
        say(&mut facts, "verb", steps.verbs(endpoint));
        say(&mut facts, "through", steps.said(endpoint, Fact::ActionConnector).iter().map(|text| files.hide(text)));
        if let Some(host) = host_of(endpoint) {
            say(&mut facts, "host", [files.hide(&host)]);
            say(&mut facts, "address", endpoint.text(Fact::EndpointUrl).map(|url| files.hide(&address(url))));
        }
        let (id, name) = host(endpoint, &|text| files.hide(text));
        self.merge((ItemKind::Endpoint, id), &name, facts, Some(endpoint.place_of(Fact::EndpointUrl)));
    }

    fn data_source(&mut self, steps: &Steps<'_, '_>, data: &Element<'_>, files: &dyn Files) {
        let mut facts = facts_of(data, &DATA_SOURCE, files);
        say(&mut facts, "verb", steps.verbs(data));
        let (id, name) = data_source(data, &|text| files.hide(text));
        self.merge((ItemKind::DataSource, id), &name, facts, Some(data.place));
    }

    fn component(&mut self, component: &Element<'_>, files: &dyn Files) {
        let package = files.hide(component.text(Fact::ComponentPackage).unwrap_or(&component.id));
        let kind = component.text(Fact::ComponentKind).unwrap_or_default();
        let key = (ItemKind::Component, format!("{kind}:{package}"));
        self.merge(key, &package, facts_of(component, &COMPONENT, files), Some(component.place));
    }

    fn inventory(mut self, model: &Model<'_>, app: &App<'_>, files: &mut dyn Files) -> Inventory {
        let element = model.element(app.element);
        let kind = element.text(Fact::AppKind).unwrap_or_default().to_owned();
        let name = files.hide(&app.name);
        self.merge((ItemKind::App, String::new()), &name, facts_of(element, &APP, files), Some(element.place));
        if self.secrets > 0 {
            let facts = Said::from([(Cow::Borrowed("count"), BTreeSet::from([self.secrets.to_string()]))]);
            self.merge((ItemKind::Secret, String::new()), "secrets", facts, None);
        }
        let enabled = element.fact(Fact::AppEnabled).map(|value| value.to_string() == "true");
        let texts = |facts: Said| -> Facts { facts.into_iter().map(|(fact, texts)| (fact, texts.into_iter().collect())).collect() };
        let item = |(at, ((kind, id), Draft { name, facts, place })): (usize, ((ItemKind, String), Draft))| Item {
            kind,
            id,
            name,
            facts: texts(facts),
            location: place.filter(|_| at < MAX_PLACES).map(|place| files.locate(place)),
        };
        let items = self.items.into_iter().enumerate().map(item).collect();
        // What a package without an identifier is called by is where it lies, and that may change.
        Inventory { id: files.hide(&app.id), name, kind, enabled, digest: String::new(), items }
    }
}

/// Steps that choose what happens next, as platforms name their types.
const DECISIONS: [&str; 9] = ["if", "switch", "filter", "until", "foreach", "splitInBatches", "decision", "condition", "loop"];

/// Whether a step chooses what happens next, or has a person choose.
fn decides(action: &Element<'_>) -> bool {
    let kind = action.text(Fact::ActionConnector).unwrap_or_default();
    let last = kind.rsplit('.').next().unwrap_or(kind);
    let is_decision = action.is(Fact::ActionVerb, Verb::Control.name()) && DECISIONS.iter().any(|name| last.eq_ignore_ascii_case(name));
    is_decision || action.is(Fact::ActionConfirm, Confirm::Human.name())
}

/// The part of an address that says where it leads: without what is asked there, and without what is only known when it runs.
fn address(url: &str) -> String {
    let url = url.trim_start_matches('=').trim();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // Before the host may stand a login.
    let host = host.rsplit_once('@').map_or(host, |parts| parts.1);
    let end = path.find(['?', '#', '{', '$', '@', '%']).unwrap_or(path.len());
    let path = path[..end].trim_end_matches('/');
    format!("{scheme}{}{host}{path}", if scheme.is_empty() { "" } else { "://" })
}

/// The facts of an element that an item keeps, under their names.
fn facts_of(element: &Element<'_>, kept: &[Fact], files: &dyn Files) -> Said {
    let mut facts = Said::new();
    for (fact, value, _) in element.facts().iter().filter(|(fact, ..)| kept.contains(fact)) {
        say(&mut facts, fact.name(), value.each().map(|one| short(files.hide(&one.to_string()))));
    }
    facts
}

fn short(text: String) -> String {
    let Some((cut, _)) = text.char_indices().nth(MAX_TEXT) else { return text };
    let digest = crate::tree::canonical::written(&crate::tree::canonical::digest_of_text(&text));
    format!("{}… ({digest})", &text[..cut])
}

const APP: [Fact; 7] =
    [Fact::AppKind, Fact::AppEnabled, Fact::AppErrorHandler, Fact::AppOpenToAgents, Fact::AppVersion, Fact::AppPublisher, Fact::AppManaged];
const ENTRY_POINT: [Fact; 8] = [
    Fact::TriggerKind,
    Fact::TriggerExposure,
    Fact::TriggerAuth,
    Fact::TriggerGuard,
    Fact::TriggerMethods,
    Fact::TriggerOrigins,
    Fact::TriggerHasSchema,
    Fact::TriggerConnector,
];
const IDENTITY: [Fact; 7] = [
    Fact::ConnectionType,
    Fact::ConnectionCredential,
    Fact::ConnectionIdentity,
    Fact::ConnectionPower,
    Fact::ConnectionBroadScopes,
    Fact::ConnectionVerifiesCertificate,
    Fact::ConnectionEncrypted,
];
const CONNECTOR: [Fact; 8] = [
    Fact::ConnectorBuiltIn,
    Fact::ConnectorGroup,
    Fact::ConnectorVersion,
    Fact::ConnectorPublisher,
    Fact::ConnectorStanding,
    Fact::ConnectorSuccessor,
    Fact::ConnectorWeakness,
    Fact::ConnectorParameter,
];
const ENDPOINT: [Fact; 11] = [
    Fact::EndpointAllowed,
    Fact::EndpointRegion,
    Fact::EndpointResidency,
    Fact::EndpointScheme,
    Fact::EndpointHost,
    Fact::EndpointHostFrom,
    Fact::EndpointNetwork,
    Fact::EndpointSecretQuery,
    Fact::EndpointAuthenticated,
    Fact::EndpointEnvironment,
    Fact::EndpointForeign,
];
const DATA_SOURCE: [Fact; 7] = [
    Fact::DataSourceClass,
    Fact::DataSourceKind,
    Fact::DataSourceConnector,
    Fact::DataSourceResource,
    Fact::DataSourceSensitive,
    Fact::DataSourceProtected,
    Fact::DataSourceAudited,
];
const GRANT: [Fact; 9] = [
    Fact::GrantPrincipalKind,
    Fact::GrantPrincipal,
    Fact::GrantAction,
    Fact::GrantVerb,
    Fact::GrantPower,
    Fact::GrantResource,
    Fact::GrantScope,
    Fact::GrantPlanes,
    Fact::GrantRights,
];
const SETTING: [Fact; 3] = [Fact::SettingKey, Fact::SettingValue, Fact::SettingPersonalData];
const COMPONENT: [Fact; 5] =
    [Fact::ComponentKind, Fact::ComponentPackage, Fact::ComponentPublisher, Fact::ComponentCapability, Fact::ComponentVersion];
const AGENT: [Fact; 8] = [
    Fact::AgentUntrustedInput,
    Fact::AgentPrivateData,
    Fact::AgentOutbound,
    Fact::AgentConfirm,
    Fact::AgentInstructions,
    Fact::AgentTools,
    Fact::AgentModeration,
    Fact::AgentGeneralKnowledge,
];

impl Inventory {
    /// What tells the app from others of its platform, in all versions: its identifier, else its name. A package without an
    /// identifier is called by where it lies, which may change, so that nothing tells it.
    #[must_use]
    pub fn identity(&self) -> &str {
        match (self.id.as_str(), self.kind.as_str()) {
            ("", kind) if kind == AppKind::Package.name() => "",
            ("", _) => &self.name,
            (id, _) => id,
        }
    }
}

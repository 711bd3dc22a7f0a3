//! Scripts: what each does, as steps that can be reached.

use super::Context;
use super::code::{Address, Deeds, Handed, Input};
use super::record::Record;
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::secret::Position;
use crate::model::vocabulary::{DataSourceKind, Language, Network, Origin, SecretPlace, Verb};
use crate::model::{AppId, Edge, EdgeKind, Element, Fact, Kind, Output, Place, Step, StepId};
use crate::platform::secrets::{is_secret_query, scan_part, scan_text};
use crate::tree::Node;
use std::borrow::Cow;
use std::ops::Range;

/// Most tables and addresses that one script is told to work with.
const MAX_TOLD: usize = 64;

/// Fields, beside those that are called after a script, of which the platform runs the text.
const RUN: [&str; 2] = ["script", "data_loader"];
/// Tables of which the scripts run in browsers or below other machines: what they do there is not told, but what stands in them is read.
const ELSEWHERE: [&str; 10] = [
    "catalog_script_client",
    "catalog_ui_policy",
    "ecc_agent_script_file",
    "expert_script_client",
    "sys_script_client",
    "sys_ui_policy",
    "sys_ui_script",
    "sys_ux_client_script",
    "sys_ux_client_script_include",
    "sp_js_include",
];
/// Fields of the same kind.
const IN_BROWSER: [&str; 5] = ["client_script", "client_script_v2", "script_true", "script_false", "link"];

/// A script of a record.
pub(super) struct Script<'t> {
    pub(super) app: AppId,
    /// What names it: record and field.
    pub(super) id: String,
    pub(super) name: Cow<'t, str>,
    /// Table and field.
    pub(super) connector: String,
    pub(super) node: Node<'t>,
    pub(super) code: Cow<'t, str>,
    /// What callers decide in it.
    pub(super) input: Input,
    /// The step that starts it, where one is known.
    pub(super) after: Option<StepId>,
}

impl<'t> Script<'t> {
    /// The script in a field of a record; none where it is empty.
    pub(super) fn of(context: &mut Context<'_, 't>, record: &Record<'t>, field: &str) -> Option<Self> {
        let (code, node) = record.value(field)?;
        let table = record.table();
        Some(Self {
            app: context.app,
            id: format!("{table}.{}.{field}", record.id()),
            name: record.name(),
            connector: format!("{table}.{field}"),
            node,
            code,
            input: Input::Absent,
            after: None,
        })
    }

    /// Adds what the script does; the step that does it, and what was found.
    pub(super) fn lower(self, context: &mut Context<'_, 't>) -> (StepId, Deeds) {
        context.take_over(self.node);
        let deeds = Deeds::of(&self.code, self.input);
        let place = Place::of(self.node);
        let step = self.step(context, self.after, place);
        context.model.add(self.action(&deeds, place, step));
        self.filters(context, &deeds, step);
        for table in deeds.tables.iter().take(MAX_TOLD) {
            context.model.add(self.table(table, step));
        }
        for (nth, called) in deeds.addresses.iter().take(MAX_TOLD).enumerate() {
            self.endpoint(context, nth, called, step);
        }
        self.secrets(context, &deeds);
        (step, deeds)
    }

    fn step(&self, context: &mut Context<'_, 't>, after: Option<StepId>, place: Place) -> StepId {
        let (name, app) = (self.name.clone(), self.app);
        let step = context.model.add_step(Step { name, app, place, output: Output::Own(Origin::DataSource) });
        context.model.edges.extend(after.map(|from| Edge { from, to: step, kind: EdgeKind::Next }));
        step
    }

    fn element(&self, kind: Kind, part: &str, place: Place, step: StepId) -> Element<'t> {
        let id = if part.is_empty() { self.id.clone() } else { format!("{}.{part}", self.id) };
        Element::new(kind, self.app, id, self.name.clone(), place).at_step(step)
    }

    fn part(&self, range: &Range<usize>) -> Place {
        Place::part(self.node, range.clone())
    }

    fn action(&self, deeds: &Deeds, place: Place, step: StepId) -> Element<'t> {
        let mut action = self
            .element(Kind::Action, "", place, step)
            .with(Fact::ActionConnector, self.connector.clone(), place)
            .with(Fact::ActionVerb, deeds.verb(), place)
            .with(Fact::ActionLanguage, Language::Javascript, place);
        let mut reaches = Vec::new();
        if let Some(called) = deeds.addresses.first() {
            reaches.push(("network", self.part(&called.handed.range)));
        }
        if let Some(evaluated) = deeds.evaluated.first() {
            reaches.push(("eval", self.part(&evaluated.range)));
        }
        if let Some((_, place)) = reaches.first().copied() {
            action.set(Fact::ActionCodeReaches, reaches.iter().map(|(what, _)| *what).collect::<Vec<_>>(), place);
        }
        if let Some(escape) = &deeds.escape {
            action.set(Fact::ActionSandboxEscape, self.code[escape.clone()].to_owned(), self.part(escape));
        }
        if let Some(place) = by_caller(&deeds.evaluated).map(|range| self.part(range)) {
            action.set(Fact::ActionCodeFrom, vec![self.caller()], place);
        }
        if let Some(place) = by_caller(&deeds.lookups).map(|range| self.part(range)) {
            action.set(Fact::ActionRecordsFrom, vec![self.caller()], place);
        } else if let Some(first) = deeds.lookups.first() {
            action.set(Fact::ActionRecordsFrom, vec![Origin::Unknown], self.part(&first.range));
        }
        action
    }

    /// Where what callers decide comes from.
    fn caller(&self) -> Origin {
        if self.after.is_some() { Origin::Trigger } else { Origin::Caller }
    }

    /// A filter is a step of its own: it has another language.
    fn filters(&self, context: &mut Context<'_, 't>, deeds: &Deeds, before: StepId) {
        let Some(place) = by_caller(&deeds.filters).map(|range| self.part(range)) else { return };
        let step = self.step(context, self.after.or(Some(before)), place);
        let action = self
            .element(Kind::Action, "filter", place, step)
            .with(Fact::ActionConnector, self.connector.clone(), place)
            .with(Fact::ActionVerb, Verb::Read, place)
            .with(Fact::ActionLanguage, Language::Filter, place)
            .with(Fact::ActionQueryFrom, vec![self.caller()], place);
        context.model.add(action);
    }

    fn table(&self, table: &Range<usize>, step: StepId) -> Element<'t> {
        let (name, place) = (self.code[table.clone()].to_owned(), self.part(table));
        self.element(Kind::DataSource, &name, place, step)
            .with(Fact::DataSourceKind, DataSourceKind::Table, place)
            .with(Fact::DataSourceConnector, "table", place)
            .with(Fact::DataSourceResource, name.clone(), place)
    }

    fn endpoint(&self, context: &mut Context<'_, 't>, nth: usize, called: &Address, step: StepId) {
        let place = self.part(&called.handed.range);
        let id = format!("endpoint-{}", nth + 1);
        if called.host_by_caller {
            let element = self.element(Kind::Endpoint, &id, place, step).with(Fact::EndpointNetwork, Network::Unknown, place).with(
                Fact::EndpointHostFrom,
                vec![self.caller()],
                place,
            );
            context.model.add(element);
            return;
        }
        let Some(literal) = &called.literal else { return };
        let (text, place) = (&self.code[literal.clone()], self.part(literal));
        let element = self.element(Kind::Endpoint, &id, place, step);
        context.model.elements.extend(with_address(element, text, place));
    }

    fn secrets(&self, context: &mut Context<'_, 't>, deeds: &Deeds) {
        let mut found = Vec::new();
        let tokens = context.export.file(self.node).tokens;
        let (position, place) = (Position::Code, SecretPlace::Code);
        scan_text(tokens, self.node, Some(&self.code), None, position, place, &mut found);
        let name = Cow::Borrowed("password");
        for password in &deeds.passwords {
            let at = |range| Place::part(self.node, range);
            scan_part(&at, &self.code, password.clone(), Some(&name), Position::CredentialField, place, &mut found);
        }
        for hit in found {
            context.model.secrets.push(hit.place);
            context.model.add(hit.element(self.app, &self.id, self.name.clone()));
        }
    }
}

/// Adds the scripts of records that nothing else is known of.
pub(super) fn lower_others(context: &mut Context<'_, '_>) {
    for record in context.records.clone() {
        let elsewhere = ELSEWHERE.contains(&&*record.table());
        for (field, node) in record.fields() {
            let browser = IN_BROWSER.contains(&&*field);
            let runs = RUN.contains(&&*field) || field.ends_with("_script");
            if !(runs || browser) || context.was_looked_at(node) {
                continue;
            }
            if elsewhere || browser {
                context.secrets(&record, field, node, (Position::Code, SecretPlace::Code));
            } else if let Some(script) = Script::of(context, &record, &field) {
                script.lower(context);
            }
        }
    }
}

/// The first of them that a caller decides.
fn by_caller(handed: &[Handed]) -> Option<&Range<usize>> {
    handed.iter().find(|handed| handed.by_caller).map(|handed| &handed.range)
}

/// The element with what is known of the address `text`; none where it is none, or one that is filled in later.
pub(super) fn with_address<'t>(element: Element<'t>, text: &str, place: Place) -> Option<Element<'t>> {
    let url = Url::parse(text)?;
    let host = url.host.to_ascii_lowercase();
    let element = element.with(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place);
    let secret: Vec<String> = url
        .query
        .iter()
        .filter(|(name, value)| !value.is_empty() && !value.contains(['$', '{']) && is_secret_query(name))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let element = if secret.is_empty() { element } else { element.with(Fact::EndpointSecretQuery, secret, place) };
    if is_placeholder_host(&host) {
        return None;
    }
    // `${host}` is filled in when the message is sent.
    let is_variable = host.is_empty() || host.contains(['$', '{', '}']);
    let element = if is_variable {
        element.with(Fact::EndpointNetwork, Network::Unknown, place).with(Fact::EndpointHostFrom, vec![Origin::Unknown], place)
    } else {
        element.with(Fact::EndpointNetwork, address::network(&host), place).with(Fact::EndpointHostFrom, vec![Origin::Literal], place).with(
            Fact::EndpointHost,
            host,
            place,
        )
    };
    Some(element.with(Fact::EndpointUrl, text.to_owned(), place))
}

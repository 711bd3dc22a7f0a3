//! Where data may go: from what an app reads or is given to what it writes or sends, over any number of steps.
//!
//! Ends are told by what they are (a kind of entry, a host, a table of a system), not by the step that reaches them, so that renaming
//! and re-ordering steps changes nothing. Every way along which steps hand on data counts: a value that a step leaves out today is
//! one change away from being sent.

use super::{Facts, ItemKind};
use crate::model::address::Url;
use crate::model::vocabulary::{Origin, TriggerKind, Verb};
use crate::model::{Element, ElementId, Fact, Kind, Model, Place, StepId};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Most ends on each side that are told apart; those behind are one end, so that no way is left out.
const MAX_ENDS: usize = 256;

/// Sets of sources.
const WORDS: usize = MAX_ENDS / 64;

/// One end of a way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    kind: &'static str,
    /// What names it: kind of entry, host, connector with resource.
    id: String,
    name: String,
    connector: String,
    resource: String,
    exposure: String,
}

/// A way of data.
pub(super) struct Flow {
    pub(super) app: usize,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) facts: Facts,
    pub(super) place: Place,
}

/// The ends of one side: each once, in the order in which they are met.
#[derive(Default)]
struct Ends {
    known: BTreeMap<(usize, String), usize>,
    ends: Vec<(usize, End)>,
}

impl Ends {
    fn number(&mut self, app: usize, end: End) -> usize {
        let key = (app, end.id.clone());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let number = self.ends.len().min(MAX_ENDS - 1);
        if self.ends.len() < MAX_ENDS {
            let end =
                if number == MAX_ENDS - 1 { End { kind: "other", id: "other".into(), name: "other data".into(), ..end } } else { end };
            self.ends.push((app, end));
        }
        self.known.insert(key, number);
        number
    }
}

/// All flows of a model. `hide` hides the secrets in a text.
pub(super) fn flows(model: &Model<'_>, hide: &dyn Fn(&str) -> String) -> Vec<Flow> {
    let of_step = elements_of_steps(model);
    let (mut sources, mut sinks) = (Ends::default(), Ends::default());
    let mut given = vec![None; model.steps.len()];
    let mut taken = vec![None; model.steps.len()];
    for (at, ids) in of_step.iter().enumerate() {
        let elements: Vec<&Element<'_>> = ids.iter().map(|id| model.element(*id)).collect();
        let app = model.steps[at].app.0 as usize;
        given[at] = source(&elements, hide).map(|end| sources.number(app, end));
        taken[at] = sink(&elements, hide).map(|end| sinks.number(app, end));
    }
    if taken.iter().all(Option::is_none) || given.iter().all(Option::is_none) {
        return Vec::new();
    }
    let arriving = arriving(model, &given);
    let mut found: BTreeMap<(usize, usize), (bool, Place)> = BTreeMap::new();
    for (at, sink) in taken.iter().enumerate().filter_map(|(at, sink)| Some((at, (*sink)?))) {
        let traced = traced(model, &of_step[at], &given);
        for from in members(&arriving[at]) {
            let entry = found.entry((from, sink)).or_insert((false, model.steps[at].place));
            entry.0 |= traced.contains(&from);
        }
    }
    found.into_iter().filter_map(|((from, to), (traced, place))| flow(&sources.ends[from].1, &sinks.ends[to], traced, place)).collect()
}

fn elements_of_steps(model: &Model<'_>) -> Vec<Vec<ElementId>> {
    let mut of_step = vec![Vec::new(); model.steps.len()];
    for (at, element) in (0..).map(ElementId).zip(&model.elements) {
        if let Some(of_step) = element.step.and_then(|step: StepId| of_step.get_mut(step.0 as usize)) {
            of_step.push(at);
        }
    }
    of_step
}

fn flow(from: &End, (app, to): &(usize, End), traced: bool, place: Place) -> Option<Flow> {
    if from.id == to.id {
        return None;
    }
    let mut facts = Facts::new();
    let mut say = |fact: &'static str, text: &str| {
        if !text.is_empty() {
            facts.insert(Cow::Borrowed(fact), vec![text.to_owned()]);
        }
    };
    say("from", &from.name);
    say("from_kind", from.kind);
    say("from_connector", &from.connector);
    say("from_resource", &from.resource);
    say("from_exposure", &from.exposure);
    say("to", &to.name);
    say("to_kind", to.kind);
    say("to_connector", &to.connector);
    say("to_resource", &to.resource);
    say("traced", if traced { "true" } else { "false" });
    let id = format!("{} -> {}", from.id, to.id);
    Some(Flow { app: *app, id, name: format!("{} → {}", from.name, to.name), facts, place })
}

/// For each step the sources of which something may come in.
fn arriving(model: &Model<'_>, given: &[Option<usize>]) -> Vec<[u64; WORDS]> {
    use crate::model::EdgeKind::{Part, Tool};
    let mut next: Vec<Vec<u32>> = vec![Vec::new(); model.steps.len()];
    for edge in &model.edges {
        next[edge.from.0 as usize].push(edge.to.0);
        // An agent hands its words to a tool, and takes what the tool brings.
        if matches!(edge.kind, Tool | Part) {
            next[edge.to.0 as usize].push(edge.from.0);
        }
    }
    let mut arriving = vec![[0; WORDS]; model.steps.len()];
    // Each step is visited once for each source at most.
    let mut open: Vec<usize> = (0..model.steps.len()).filter(|at| given[*at].is_some()).collect();
    while let Some(at) = open.pop() {
        let mut leaving: [u64; WORDS] = arriving[at];
        if let Some(own) = given[at] {
            leaving[own / 64] |= 1 << (own % 64);
        }
        for to in &next[at] {
            let to = *to as usize;
            let before = arriving[to];
            arriving[to].iter_mut().zip(leaving).for_each(|(word, more)| *word |= more);
            if arriving[to] != before {
                open.push(to);
            }
        }
    }
    arriving
}

fn members(set: &[u64; WORDS]) -> impl Iterator<Item = usize> {
    (0..MAX_ENDS).filter(|at| set[at / 64] & (1 << (at % 64)) != 0)
}

/// The sources of which the linker found values in what the step sends or asks.
fn traced(model: &Model<'_>, elements: &[ElementId], given: &[Option<usize>]) -> Vec<usize> {
    const FACTS: [Fact; 4] = [Fact::ActionContentFrom, Fact::ActionRecipientFrom, Fact::ActionQueryFrom, Fact::EndpointHostFrom];
    let steps = elements.iter().flat_map(|id| FACTS.into_iter().flat_map(|fact| model.element(*id).sources(fact)));
    steps.filter_map(|step| given.get(step.0 as usize).copied().flatten()).collect()
}

fn find<'e, 'a>(elements: &[&'e Element<'a>], kind: Kind) -> Option<&'e Element<'a>> {
    elements.iter().find(|element| element.kind == kind).copied()
}

fn does(elements: &[&Element<'_>], verbs: &[Verb]) -> bool {
    let actions = elements.iter().filter(|element| element.kind == Kind::Action);
    actions.into_iter().any(|action| verbs.iter().any(|verb| action.is(Fact::ActionVerb, verb.name())))
}

/// What a step brings in.
fn source(elements: &[&Element<'_>], hide: &dyn Fn(&str) -> String) -> Option<End> {
    if let Some(trigger) = find(elements, Kind::Trigger) {
        return entry(trigger);
    }
    let puts_in = does(elements, &[Verb::Write, Verb::Delete, Verb::Send, Verb::Share, Verb::Admin]);
    if !puts_in && let Some(data) = find(elements, Kind::DataSource) {
        return Some(data_end(data, hide));
    }
    // Whatever is asked of a host, it answers.
    if let Some(host) = find(elements, Kind::Endpoint).map(|endpoint| host_end(endpoint, hide)) {
        return Some(host);
    }
    let reads = does(elements, &[Verb::Read, Verb::Execute]);
    find(elements, Kind::Action).filter(|_| reads).and_then(|action| system_end(action, hide))
}

/// Where a step takes data to.
fn sink(elements: &[&Element<'_>], hide: &dyn Fn(&str) -> String) -> Option<End> {
    if !does(elements, &[Verb::Write, Verb::Send, Verb::Share, Verb::Export, Verb::Execute]) {
        return None;
    }
    let host = find(elements, Kind::Endpoint).map(|endpoint| host_end(endpoint, hide));
    host.or_else(|| find(elements, Kind::DataSource).map(|data| data_end(data, hide)))
        .or_else(|| find(elements, Kind::Action).and_then(|action| system_end(action, hide)))
}

/// What starts an app hands on data, unless it is a clock, a person in the editor or a failure.
fn entry(trigger: &Element<'_>) -> Option<End> {
    let kind = trigger.text(Fact::TriggerKind)?;
    let name = match kind {
        _ if [TriggerKind::Schedule, TriggerKind::Manual, TriggerKind::Error].iter().any(|none| none.name() == kind) => return None,
        "http" => "requests",
        "form" => "forms",
        "chat" => "chats",
        "mcp" => "calls of agents",
        "email" => "incoming mail",
        "file" => "new files",
        "queue" => "messages of a queue",
        "event" => "events",
        "app-call" | "subflow" => "what calls it",
        other => other,
    };
    let connector = trigger.text(Fact::TriggerConnector).unwrap_or_default().to_owned();
    // Events of different systems are different data.
    let id =
        if matches!(kind, "event" | "file" | "queue" | "email") { format!("entry:{kind}:{connector}") } else { format!("entry:{kind}") };
    let name = if id.ends_with(':') || !id[6..].contains(':') { name.to_owned() } else { format!("{name} of {connector}") };
    let exposure = trigger.text(Fact::TriggerExposure).unwrap_or_default().to_owned();
    Some(End { kind: ItemKind::EntryPoint.name(), id, name, connector, resource: String::new(), exposure })
}

fn data_end(data: &Element<'_>, hide: &dyn Fn(&str) -> String) -> End {
    let (id, name) = data_source(data, hide);
    let text = |fact| hide(data.text(fact).unwrap_or_default());
    let (connector, resource) = (text(Fact::DataSourceConnector), text(Fact::DataSourceResource));
    End { kind: ItemKind::DataSource.name(), id: format!("data:{id}"), name, connector, resource, exposure: String::new() }
}

/// Id and name of a data source.
pub(super) fn data_source(data: &Element<'_>, hide: &dyn Fn(&str) -> String) -> (String, String) {
    let text = |fact| data.text(fact).filter(|text| !text.is_empty()).map(hide);
    match (text(Fact::DataSourceConnector), text(Fact::DataSourceResource)) {
        (Some(connector), Some(resource)) => (format!("{connector}/{resource}"), format!("{resource} in {connector}")),
        (Some(connector), None) => (connector.clone(), connector),
        (None, Some(resource)) => (resource.clone(), resource),
        (None, None) => (hide(&data.id), hide(&data.name)),
    }
}

fn host_end(endpoint: &Element<'_>, hide: &dyn Fn(&str) -> String) -> End {
    let (id, name) = host(endpoint, hide);
    let of_text = |text: &str| hide(text);
    let resource = host_of(endpoint).map(|host| of_text(&host)).unwrap_or_default();
    End { kind: ItemKind::Endpoint.name(), id: format!("host:{id}"), name, connector: String::new(), resource, exposure: String::new() }
}

/// Id and name of a host.
pub(super) fn host(endpoint: &Element<'_>, hide: &dyn Fn(&str) -> String) -> (String, String) {
    match host_of(endpoint).map(|host| hide(&host)) {
        Some(host) => (host.clone(), host),
        None => (format!("?{}", hide(&endpoint.id)), format!("the address of {}", hide(&endpoint.name))),
    }
}

/// The host of an endpoint, also one that leads nowhere that can be told, when all of it stands in the export.
pub(super) fn host_of(endpoint: &Element<'_>) -> Option<String> {
    if let Some(host) = endpoint.text(Fact::EndpointHost).filter(|host| !host.is_empty()) {
        return Some(host.to_owned());
    }
    let is_literal = endpoint.fact(Fact::EndpointHostFrom)?.each().all(|origin| origin.as_str() == Some(Origin::Literal.name()));
    let url = Url::parse(endpoint.text(Fact::EndpointUrl).filter(|_| is_literal)?)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    (!url.host.is_empty() && url.host.chars().all(plain)).then(|| url.host.to_ascii_lowercase())
}

fn system_end(action: &Element<'_>, hide: &dyn Fn(&str) -> String) -> Option<End> {
    let connector = hide(action.text(Fact::ActionConnector)?);
    Some(End {
        kind: ItemKind::Connector.name(),
        id: format!("data:{connector}"),
        name: connector.clone(),
        connector,
        resource: String::new(),
        exposure: String::new(),
    })
}

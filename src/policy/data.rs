//! Classes of data: what is read, what may be written where, and the ways between.

use super::PolicyError;
use super::connectors::Connectors;
use super::file::{DataFile, ExceptionFile};
use super::pattern::{self, Patterns};
use super::read::{Class, Classes, Reading};
use super::{Domains, Subject};
use crate::model::flow::{Brought, Ways};
use crate::model::vocabulary::{Crossing, Network, Origin, Verb};
use crate::model::{Element, ElementId, Fact, Kind, Model, Output, Place, StepId};
use crate::source::Span;
use globset::GlobMatcher;
use std::collections::{BTreeSet, HashMap};

/// What the policy says of data.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) classes: Classes,
    sources: Vec<Source>,
    sinks: Vec<Sink>,
    exceptions: Vec<Exception>,
}

#[derive(Debug)]
struct Source {
    connector: Option<GlobMatcher>,
    resource: Option<GlobMatcher>,
    host: Option<GlobMatcher>,
    class: Class,
}

#[derive(Debug)]
struct Sink {
    connector: Option<GlobMatcher>,
    operation: Option<GlobMatcher>,
    host: Option<GlobMatcher>,
    max_class: Class,
}

#[derive(Debug)]
struct Exception {
    from: GlobMatcher,
    to: GlobMatcher,
    max_class: Option<Class>,
    fields: Patterns,
    file: ExceptionFile,
}

/// Whether the pattern, where there is one, holds the text.
fn holds(pattern: Option<&GlobMatcher>, text: Option<&str>) -> bool {
    pattern.is_none_or(|pattern| text.is_some_and(|text| pattern.is_match(text)))
}

/// What is known of a step, as the policy looks at it.
#[derive(Clone, Debug, Default)]
struct End<'m> {
    action: Option<ElementId>,
    connector: Option<&'m str>,
    operation: Option<&'m str>,
    verb: Option<&'m str>,
    host: Option<&'m str>,
    is_public: bool,
    resource: Option<&'m str>,
    is_trigger: bool,
}

impl End<'_> {
    /// What reports call it: the host of a request, else the connector.
    fn name(&self) -> &str {
        self.host.or(self.connector).unwrap_or_default()
    }
}

impl Data {
    pub(super) fn new(file: DataFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let compile = |text: Option<&crate::tree::de::Spanned<String>>| {
            let compile = |text: &crate::tree::de::Spanned<String>| {
                pattern::compile(&text.value).map_err(|reason| reading.wrong(text.span, reason, None))
            };
            text.map(compile).transpose()
        };
        let nothing = |span: Span, keys: &str| reading.wrong(span, "this says nothing of what it is about", Some(format!("add {keys}")));
        let (mut sources, mut sinks, mut exceptions) = (Vec::new(), Vec::new(), Vec::new());
        for source in file.sources {
            let (span, source) = (source.span, source.value);
            if source.connector.is_none() && source.resource.is_none() && source.host.is_none() {
                return Err(nothing(span, "`connector`, `resource` or `host`"));
            }
            sources.push(Source {
                connector: compile(source.connector.as_ref())?,
                resource: compile(source.resource.as_ref())?,
                host: compile(source.host.as_ref())?,
                class: reading.class(&source.class)?,
            });
        }
        for sink in file.sinks {
            let (span, sink) = (sink.span, sink.value);
            if sink.connector.is_none() && sink.operation.is_none() && sink.host.is_none() {
                return Err(nothing(span, "`connector`, `operation` or `host`"));
            }
            sinks.push(Sink {
                connector: compile(sink.connector.as_ref())?,
                operation: compile(sink.operation.as_ref())?,
                host: compile(sink.host.as_ref())?,
                max_class: reading.class(&sink.max_class)?,
            });
        }
        for exception in file.flow_exceptions {
            let file = exception.value;
            let pattern = |text| pattern::compile(text).map_err(|reason| reading.wrong(exception.span, reason, None));
            exceptions.push(Exception {
                from: pattern(&file.from.value)?,
                to: pattern(&file.to.value)?,
                max_class: reading.optional_class(file.max_class.as_ref())?,
                fields: reading.patterns(&file.fields)?,
                file,
            });
        }
        Ok(Self { classes: reading.classes.clone(), sources, sinks, exceptions })
    }

    /// The exceptions that have ended, for who keeps the policy.
    pub(super) fn ended(&self, now: jiff::Timestamp) -> impl Iterator<Item = (Span, String)> {
        self.exceptions.iter().filter_map(move |exception| {
            let day = exception.file.expires.as_ref().filter(|day| day.is_over(now))?;
            Some((day.span, format!("this exception has ended: `{}`", day.value.0)))
        })
    }

    pub(super) fn apply(&self, model: &mut Model<'_>, connectors: Option<&Connectors>, domains: &Domains, subject: &Subject<'_, '_>) {
        self.apply_sources(model, connectors);
        let speaks = !self.sources.is_empty() || !self.sinks.is_empty() || connectors.is_some_and(Connectors::speaks_of_classes);
        if !speaks || model.given.is_empty() {
            return;
        }
        let flows = Following { data: self, connectors, domains, subject, model }.flows();
        for flow in flows {
            model.add(flow);
        }
    }

    /// States the class of each data source.
    fn apply_sources(&self, model: &mut Model<'_>, connectors: Option<&Connectors>) {
        let platform = model.platform;
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::DataSource) {
            let connector = element.text(Fact::DataSourceConnector);
            let end = End { connector, resource: element.text(Fact::DataSourceResource), ..End::default() };
            if let Some(class) = self.source_class(platform, connectors, &end) {
                let name = self.classes.name(class).to_owned();
                let place = element.place_of(Fact::DataSourceResource);
                element.set(Fact::DataSourceClass, name, place);
            }
        }
    }

    fn source_class(&self, platform: &str, connectors: Option<&Connectors>, end: &End<'_>) -> Option<Class> {
        let named = self.sources.iter().find(|source| {
            holds(source.connector.as_ref(), end.connector)
                && holds(source.resource.as_ref(), end.resource)
                && holds(source.host.as_ref(), end.host)
        });
        named.map(|source| source.class).or_else(|| connectors?.source_class(platform, end.connector?))
    }
}

/// Data that is being followed through one model.
struct Following<'f, 'a> {
    data: &'f Data,
    connectors: Option<&'f Connectors>,
    domains: &'f Domains,
    subject: &'f Subject<'f, 'f>,
    model: &'f Model<'a>,
}

/// Sources of one class and connector that reach one sink.
struct Arriving {
    first: StepId,
    class: Option<Class>,
    place: Place,
    steps: Vec<StepId>,
    /// None when all fields may arrive.
    fields: Option<BTreeSet<String>>,
    through_model: bool,
}

/// Most steps that are told to bring data to one sink.
const MAX_STEPS: usize = 4;

impl<'f, 'a> Following<'f, 'a> {
    fn flows(&self) -> Vec<Element<'a>> {
        let ends = self.ends();
        let ways = Ways::new(self.model);
        let mut flows = Vec::new();
        for (step, _) in &self.model.given {
            let end = &ends[step.0 as usize];
            let Some(action) = end.action.filter(|_| self.is_sink(*step, end)) else { continue };
            let brought = ways.brought(*step);
            if !brought.readings.is_empty() {
                flows.extend(self.arriving(&ends, brought).into_iter().map(|(from, one)| self.flow(action, end, &from, &one)));
            }
        }
        flows
    }

    /// What is known of each step, by its number.
    fn ends(&self) -> Vec<End<'f>> {
        let mut ends = vec![End::default(); self.model.steps.len()];
        for (at, element) in (0u32..).zip(&self.model.elements) {
            let Some(end) = element.step.map(|step| &mut ends[step.0 as usize]) else { continue };
            match element.kind {
                Kind::Action if end.action.is_none() => {
                    end.action = Some(ElementId(at));
                    end.connector = element.text(Fact::ActionConnector);
                    end.operation = element.text(Fact::ActionOperation);
                    end.verb = element.text(Fact::ActionVerb);
                }
                Kind::Trigger => {
                    end.is_trigger = true;
                    end.connector = end.connector.or(element.text(Fact::TriggerConnector));
                }
                Kind::Endpoint if end.host.is_none() => {
                    end.host = element.text(Fact::EndpointHost);
                    end.is_public = element.is(Fact::EndpointNetwork, Network::Public.name());
                }
                Kind::DataSource if end.resource.is_none() => end.resource = element.text(Fact::DataSourceResource),
                _ => {}
            }
        }
        ends
    }

    /// Whether data leaves the app here: what only answers, calls another app of the same export or computes does not let it out.
    fn is_sink(&self, step: StepId, end: &End<'_>) -> bool {
        let verbs = [Verb::Write, Verb::Send, Verb::Share, Verb::Export, Verb::Execute].map(Verb::name);
        let is_model = matches!(self.model.step(step).output, Output::Own(Origin::Model));
        is_model || end.verb.is_some_and(|verb| verbs.contains(&verb))
    }

    /// Whether the step reads data of its own, rather than telling what became of what it was given.
    fn is_source(&self, step: StepId, end: &End<'_>) -> bool {
        let reads = [Verb::Read, Verb::Export].map(Verb::name);
        let queries = end.verb == Some(Verb::Execute.name());
        let is_model = matches!(self.model.step(step).output, Output::Own(Origin::Model));
        !is_model && (end.is_trigger || end.verb.is_none_or(|verb| reads.contains(&verb)) || queries)
    }

    /// What arrives, by the name of where it was read.
    fn arriving(&self, ends: &[End<'f>], brought: Brought<'a>) -> Vec<(String, Arriving)> {
        let mut arriving: Vec<(String, Arriving)> = Vec::new();
        let mut known: HashMap<(String, Option<Class>), usize> = HashMap::new();
        for reading in brought.readings {
            let end = &ends[reading.step.0 as usize];
            if !self.is_source(reading.step, end) || end.name().is_empty() {
                continue;
            }
            let class = self.class_of(end);
            let name = end.name().to_owned();
            let at = *known.entry((name.clone(), class)).or_insert_with(|| {
                let (first, place) = (reading.step, reading.place);
                let fields = Some(BTreeSet::new());
                arriving.push((name, Arriving { first, class, place, steps: Vec::new(), fields, through_model: reading.through_model }));
                arriving.len() - 1
            });
            let one = &mut arriving[at].1;
            if one.steps.len() < MAX_STEPS && !one.steps.contains(&reading.step) {
                one.steps.push(reading.step);
            }
            one.through_model &= reading.through_model;
            match (&mut one.fields, reading.field) {
                (Some(fields), Some(field)) => drop(fields.insert(field.into_owned())),
                (fields, None) => *fields = None,
                (None, _) => {}
            }
        }
        arriving
    }

    fn class_of(&self, end: &End<'_>) -> Option<Class> {
        let named = self.data.source_class(self.model.platform, self.connectors, end);
        // What people enter into an app is what the app is declared to be for.
        let declared = || self.data.classes.named(self.subject.classification.filter(|_| end.is_trigger)?);
        named.or_else(declared)
    }

    /// The highest class that may be given to a step.
    fn max_class(&self, end: &End<'_>) -> Option<Class> {
        let named = self.data.sinks.iter().find(|sink| {
            holds(sink.connector.as_ref(), end.connector)
                && holds(sink.operation.as_ref(), end.operation)
                && holds(sink.host.as_ref(), end.host)
        });
        if let Some(sink) = named {
            return Some(sink.max_class);
        }
        if let Some(host) = end.host {
            // Systems of the organisation itself may have everything; the internet what is public.
            if self.domains.owns_host(host) {
                return Some(self.data.classes.highest());
            }
            return end.is_public.then(|| self.data.classes.lowest());
        }
        self.connectors?.max_class(self.model.platform, end.connector?)
    }

    fn flow(&self, action: ElementId, to: &End<'_>, from: &str, arriving: &Arriving) -> Element<'a> {
        let model = self.model;
        let (sink, source) = (model.element(action), model.step(arriving.first));
        let max_class = self.max_class(to);
        let crosses = match (arriving.class, max_class) {
            (Some(class), Some(most)) if class > most => {
                let excepted = self.is_excepted(from, to, class, arriving.fields.as_ref());
                if excepted { Crossing::Excepted } else { Crossing::Crosses }
            }
            (Some(_), Some(_)) => Crossing::Within,
            _ => Crossing::Unknown,
        };
        let name = format!("{} → {}", source.name, sink.name);
        let mut flow = Element::new(Kind::Flow, sink.app, format!("{}.{from}", sink.id), name, sink.place)
            .with(Fact::FlowFrom, from.to_owned(), source.place)
            .with(Fact::FlowTo, to.name().to_owned(), sink.place)
            .with(Fact::FlowCrosses, crosses, arriving.place)
            .with(Fact::FlowThroughModel, arriving.through_model, arriving.place);
        flow.step = sink.step;
        if let Some(class) = arriving.class {
            flow.set(Fact::FlowClass, self.data.classes.name(class).to_owned(), arriving.place);
        }
        if let Some(class) = max_class {
            flow.set(Fact::FlowMaxClass, self.data.classes.name(class).to_owned(), sink.place);
        }
        if let Some(fields) = arriving.fields.as_ref().filter(|fields| !fields.is_empty()) {
            flow.set(Fact::FlowFields, fields.iter().cloned().collect::<Vec<_>>(), arriving.place);
        }
        arriving.steps.iter().for_each(|step| flow.come_from(Fact::FlowClass, *step));
        flow
    }

    fn is_excepted(&self, from: &str, to: &End<'_>, class: Class, fields: Option<&BTreeSet<String>>) -> bool {
        self.data.exceptions.iter().any(|exception| {
            let ends =
                exception.from.is_match(from) && [to.connector, to.host].into_iter().flatten().any(|name| exception.to.is_match(name));
            let agreed = exception.fields.is_empty()
                || fields.is_some_and(|fields| !fields.is_empty() && fields.iter().all(|field| exception.fields.holds(field)));
            let valid = exception.file.expires.as_ref().is_none_or(|day| !day.is_over(self.subject.now));
            ends && agreed && valid && exception.max_class.is_none_or(|most| class <= most)
        })
    }
}

//! What is asked of logs.

use super::file::{LoggingFile, RequiredFile};
use super::pattern::Patterns;
use super::read::{Class, Classes, Reading};
use super::{PolicyError, Subject};
use crate::model::vocabulary::{AppKind, Tier, Verb};
use crate::model::{AppId, EdgeKind, Fact, Kind, Model, Reference, Source, StepId};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is asked of logs.
#[derive(Debug, Default)]
pub(super) struct Logging {
    required_for: Option<Tier>,
    sink: Patterns,
    error_handler: bool,
    forbid_fields: Patterns,
    audit_from: Option<Class>,
}

impl Logging {
    pub(super) fn new(file: &LoggingFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        Ok(Self {
            required_for: file.required_for,
            sink: reading.patterns(&file.sink)?,
            error_handler: file.error_handler == Some(RequiredFile::Required),
            forbid_fields: reading.patterns(&file.forbid_fields)?,
            audit_from: reading.optional_class(file.audit_tables_from.as_ref())?,
        })
    }

    pub(super) fn apply(&self, model: &mut Model<'_>, subject: &Subject<'_, '_>, classes: &Classes) {
        self.audited_tables(model, classes);
        if self.required_for.is_some_and(|from| subject.risk.is_some_and(|risk| risk < from)) {
            return;
        }
        let logs = self.logs(model);
        if !self.sink.is_empty() {
            Self::sinks(model, &logs);
            self.fields(model, &logs);
        }
        if self.error_handler {
            for element in model.elements.iter_mut().filter(|element| element.fact(Fact::AppErrorHandler).is_some()) {
                let place = element.place_of(Fact::AppErrorHandler);
                element.set(Fact::AppErrorHandlerRequired, true, place);
            }
        }
    }

    fn audited_tables(&self, model: &mut Model<'_>, classes: &Classes) {
        let Some(from) = self.audit_from else { return };
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::DataSource) {
            let class = element.text(Fact::DataSourceClass).and_then(|name| classes.named(name));
            if class.is_some_and(|class| class >= from) && element.fact(Fact::DataSourceAudited).is_some() {
                let place = element.place_of(Fact::DataSourceAudited);
                element.set(Fact::DataSourceAuditRequired, true, place);
            }
        }
    }

    /// The steps that log.
    fn logs(&self, model: &Model<'_>) -> HashSet<StepId> {
        let named: HashMap<&str, &str> = model.apps.iter().map(|app| (&*app.id, &*app.name)).collect();
        let logs = |element: &&crate::model::Element<'_>| match element.kind {
            Kind::Action => [Fact::ActionConnector, Fact::ActionTarget]
                .iter()
                .filter_map(|fact| element.text(*fact))
                .any(|name| self.sink.holds(name) || named.get(name).is_some_and(|name| !name.is_empty() && self.sink.holds(name))),
            Kind::Endpoint => element.text(Fact::EndpointHost).is_some_and(|host| self.sink.holds(host)),
            _ => false,
        };
        model.elements.iter().filter(logs).filter_map(|element| element.step).collect()
    }

    /// States of each flow that works with data whether it logs, itself or through a flow that it calls.
    fn sinks(model: &mut Model<'_>, logs: &HashSet<StepId>) {
        let app = |step: StepId| model.step(step).app;
        let mut logging: HashSet<AppId> = logs.iter().map(|step| app(*step)).collect();
        // A caller logs where what it calls does; calls of calls are told in as many rounds as they are deep, and few are.
        let calls: Vec<(AppId, AppId)> =
            model.edges.iter().filter(|edge| edge.kind == EdgeKind::Call).map(|edge| (app(edge.from), app(edge.to))).collect();
        for _ in 0..8 {
            let more: Vec<AppId> = calls.iter().filter(|call| logging.contains(&call.1)).map(|call| call.0).collect();
            let before = logging.len();
            logging.extend(more);
            if logging.len() == before {
                break;
            }
        }
        let works = [Verb::Read, Verb::Write, Verb::Delete, Verb::Admin, Verb::Execute, Verb::Send, Verb::Share, Verb::Export];
        let works = works.map(Verb::name);
        let working: HashSet<AppId> = model
            .elements
            .iter()
            .filter(|element| element.text(Fact::ActionVerb).is_some_and(|verb| works.contains(&verb)))
            .map(|element| element.app)
            .collect();
        for element in model.elements.iter_mut().filter(|element| element.is(Fact::AppKind, AppKind::Flow.name())) {
            let (app, place) = (element.app, element.place);
            if working.contains(&app) {
                element.set(Fact::AppLogSink, logging.contains(&app), place);
            }
        }
    }

    /// States of each step that logs which forbidden fields it is given.
    fn fields(&self, model: &mut Model<'_>, logs: &HashSet<StepId>) {
        if self.forbid_fields.is_empty() {
            return;
        }
        let field = |part: &Reference<'_>| match &part.from {
            Source::Incoming(Some(field)) | Source::Step(_, Some(field)) if self.forbid_fields.holds(field) => {
                Some((field.clone().into_owned(), part.place))
            }
            _ => None,
        };
        let given = model.given.iter().filter(|given| logs.contains(&given.0));
        let found: HashMap<StepId, Vec<_>> = given.map(|(step, parts)| (*step, parts.iter().filter_map(field).collect())).collect();
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Action) {
            let found = element.step.and_then(|step| found.get(&step)).filter(|found| !found.is_empty());
            if let Some(found) = found {
                let names: BTreeSet<String> = found.iter().map(|(name, _)| name.clone()).collect();
                element.set(Fact::ActionForbiddenFields, names.into_iter().collect::<Vec<_>>(), found[0].1);
            }
        }
    }
}

//! Where data comes from that a step is given: over any number of steps, through apps that call each other, variables and language
//! models.
//!
//! [`Graph::origins`] tells the origins of a value in general; this here tells the steps that read it, with the fields they were asked
//! for. What cannot be followed is said to be unknown.

use super::graph::{Adjacent, Field, Graph, Output, Reference, Source, StepId};
use super::vocabulary::Origin;
use super::{EdgeKind, Model, Place};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::VecDeque;

type HashSet<T> = std::collections::HashSet<T, RandomState>;

/// A step that reads data which another step is given.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// The step.
    pub step: StepId,
    /// The field that it was asked for.
    pub field: Field<'a>,
    /// Whether a language model is on the way.
    pub through_model: bool,
    /// Where the data goes into the step that is given it.
    pub place: Place,
}

/// What a step is given.
#[derive(Clone, Debug, Default)]
pub struct Brought<'a> {
    /// The steps that read it, nearest first.
    pub readings: Vec<Reading<'a>>,
    /// Whether a part of it could not be followed.
    pub unknown: bool,
}

/// Most outputs of steps, field by field, that are followed for one step.
const MAX_FOLLOWED: usize = 2000;

/// The ways of data of one model, made once and asked for each step that is given data.
pub struct Ways<'m, 'a> {
    model: &'m Model<'a>,
    graph: Graph,
    /// What each step is given, by its number.
    given: Vec<Option<&'m [Reference<'a>]>>,
    /// The steps that call the entry of an app.
    callers: Adjacent,
    /// The steps that bring a called app to its end.
    answers: Adjacent,
    /// The tools and parts of each step.
    parts: Adjacent,
}

impl<'m, 'a> Ways<'m, 'a> {
    /// The ways of `model`.
    #[must_use]
    pub fn new(model: &'m Model<'a>) -> Self {
        let count = model.steps.len();
        let mut given = vec![None; count];
        for (step, parts) in &model.given {
            given[step.0 as usize] = Some(&parts[..]);
        }
        let of = |kinds: &'static [EdgeKind]| model.edges.iter().filter(move |edge| kinds.contains(&edge.kind));
        let calls: Vec<(StepId, StepId)> = of(&[EdgeKind::Call]).map(|edge| (edge.from, edge.to)).collect();
        let ends = ends(model, &calls);
        Self {
            model,
            graph: Graph::new(model),
            given,
            callers: Adjacent::new(count, calls.iter().map(|(from, to)| (*to, *from))),
            answers: Adjacent::new(count, ends.iter().copied()),
            parts: Adjacent::new(count, of(&[EdgeKind::Tool, EdgeKind::Part]).map(|edge| (edge.from, edge.to))),
        }
    }

    /// The steps that read what `step` is given.
    #[must_use]
    pub fn brought(&self, step: StepId) -> Brought<'a> {
        let mut walk = Walk { ways: self, seen: HashSet::default(), queue: VecDeque::new(), found: Brought::default() };
        for part in self.given[step.0 as usize].unwrap_or_default() {
            walk.follow(step, &part.from, false, part.place);
        }
        while let Some((step, field, through_model, place)) = walk.queue.pop_front() {
            walk.visit(step, field, through_model, place);
        }
        walk.found.unknown |= walk.seen.len() > 2 * MAX_FOLLOWED;
        walk.found
    }
}

/// For each step that calls an app: the steps of that app behind which nothing runs.
fn ends(model: &Model<'_>, calls: &[(StepId, StepId)]) -> Vec<(StepId, StepId)> {
    // Tools and parts run within a step, not behind one.
    let mut leads = vec![false; model.steps.len()];
    for edge in model.edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Next | EdgeKind::Error)) {
        leads[edge.from.0 as usize] = true;
    }
    for edge in model.edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Tool | EdgeKind::Part)) {
        leads[edge.to.0 as usize] = true;
    }
    let mut ends: std::collections::BTreeMap<super::AppId, Vec<StepId>> = std::collections::BTreeMap::new();
    if !calls.is_empty() {
        for (at, step) in (0..).zip(&model.steps).filter(|(at, _)| !leads[*at as usize]) {
            ends.entry(step.app).or_default().push(StepId(at));
        }
    }
    let of = |(from, to): &(StepId, StepId)| {
        let from = *from;
        ends.get(&model.step(*to).app).into_iter().flatten().take(MAX_ENDS).map(move |end| (from, *end)).collect::<Vec<_>>()
    };
    calls.iter().flat_map(of).collect()
}

/// Most ends of a called app that are looked at.
const MAX_ENDS: usize = 64;

/// A step that is to be visited: the field that is asked for, whether a model is on the way, and where the data goes in at last.
type Visit<'a> = (StepId, Field<'a>, bool, Place);

struct Walk<'w, 'm, 'a> {
    ways: &'w Ways<'m, 'a>,
    seen: HashSet<(StepId, Field<'a>, bool)>,
    queue: VecDeque<Visit<'a>>,
    found: Brought<'a>,
}

impl<'a> Walk<'_, '_, 'a> {
    fn enqueue(&mut self, step: StepId, field: Field<'a>, through_model: bool, place: Place) {
        let field = field.filter(|_| self.seen.len() <= MAX_FOLLOWED);
        if self.seen.len() <= 2 * MAX_FOLLOWED && self.seen.insert((step, field.clone(), through_model)) {
            self.queue.push_back((step, field, through_model, place));
        }
    }

    fn follow(&mut self, step: StepId, from: &Source<'a>, through_model: bool, place: Place) {
        match from {
            Source::Incoming(field) => self.incoming(step, field.as_ref(), through_model, place),
            Source::Step(step, field) => self.enqueue(*step, field.clone(), through_model, place),
            Source::Origin(Origin::Unknown) => self.found.unknown = true,
            Source::Origin(_) => {}
        }
    }

    fn incoming(&mut self, step: StepId, field: Option<&Cow<'a, str>>, through_model: bool, place: Place) {
        let before: Vec<StepId> = self.ways.graph.before(step).take(MAX_FOLLOWED + 1).collect();
        self.found.unknown |= before.is_empty();
        for step in before {
            self.enqueue(step, field.cloned(), through_model, place);
        }
    }

    fn visit(&mut self, step: StepId, field: Field<'a>, through_model: bool, place: Place) {
        let model = self.ways.model;
        match &model.step(step).output {
            Output::Pass => self.incoming(step, field.as_ref(), through_model, place),
            Output::Own(Origin::Model) => self.through_model(step, field, place),
            Output::Own(_) | Output::OwnFields(..) => self.read(step, field, through_model, place),
            Output::Set { fields, rest } => {
                let mut known = false;
                for (name, parts) in fields {
                    if field.as_ref().is_none_or(|wanted| wanted == name) {
                        known |= field.is_some();
                        parts.iter().for_each(|part| self.follow(step, &part.from, through_model, place));
                    }
                }
                if *rest && !known {
                    self.incoming(step, field.as_ref(), through_model, place);
                }
            }
            Output::Made(parts) => parts.iter().for_each(|part| self.follow(step, &part.from, through_model, place)),
        }
    }

    /// What a model says is made of what it is given, and of what its tools and parts read.
    fn through_model(&mut self, step: StepId, field: Field<'a>, place: Place) {
        self.read(step, field, true, place);
        match self.ways.given[step.0 as usize] {
            Some(parts) => parts.iter().for_each(|part| self.follow(step, &part.from, true, place)),
            None => self.incoming(step, None, true, place),
        }
        for part in self.ways.parts.of(step.0) {
            self.enqueue(StepId(*part), None, true, place);
        }
    }

    /// The step reads something of its own; an app that it calls hands on what that app ends with, and what an app is called with is
    /// what its callers were given.
    fn read(&mut self, step: StepId, field: Field<'a>, through_model: bool, place: Place) {
        self.found.readings.push(Reading { step, field, through_model, place });
        let (callers, answers) = (self.ways.callers.of(step.0), self.ways.answers.of(step.0));
        for caller in callers {
            if let Some(parts) = self.ways.given[*caller as usize] {
                parts.iter().for_each(|part| self.follow(StepId(*caller), &part.from, through_model, place));
            }
        }
        for end in answers {
            match self.ways.given[*end as usize] {
                Some(parts) => parts.iter().for_each(|part| self.follow(StepId(*end), &part.from, through_model, place)),
                None => self.enqueue(StepId(*end), None, through_model, place),
            }
        }
    }
}

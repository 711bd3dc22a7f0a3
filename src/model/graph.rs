//! How steps hang together: who reaches what, and where values come from.
//!
//! A platform reader says of each step what it hands on ([`Output`]) and of each value that matters which texts it is made of
//! ([`Sink`]). Everything else is computed here, once, for all platforms: reachability from entries, and the origins of values
//! through any number of steps, field by field where the steps say so.

use super::vocabulary::Origin;
use super::vocabulary::{Confirm, DataSourceKind, Exposure, TriggerKind, Verb};
use super::{AppId, ElementId, Fact, Kind, Model, Place};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;

/// Steps are numbers of ours, so their tables need no defence against chosen keys; names of fields are hashed with a random seed.
type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
type HashSet<T> = std::collections::HashSet<T, RandomState>;

/// Number of a step in its [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// One step of an app: a trigger or an action that runs.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Name that makers see.
    pub name: Cow<'a, str>,
    /// The app that it belongs to.
    pub app: AppId,
    /// Where it is defined.
    pub place: Place,
    /// What it hands on.
    pub output: Output<'a>,
}

/// What a step hands on to those behind it.
#[derive(Clone, Debug, Default)]
pub enum Output<'a> {
    /// What came in: conditions, joins, waits.
    #[default]
    Pass,
    /// Something of its own.
    Own(Origin),
    /// Something of its own, of which some fields come from elsewhere: the body of a request is the caller's, its address is not.
    OwnFields(&'static [(&'static str, Origin)], Origin),
    /// Fields that are set one by one; with `rest`, all other fields of what came in.
    Set {
        /// Name of each field and what its value is made of.
        fields: Vec<(Cow<'a, str>, Vec<Reference<'a>>)>,
        /// Whether other fields are handed on.
        rest: bool,
    },
    /// Anything that is made of these, and nothing else: code.
    Made(Vec<Reference<'a>>),
}

/// A field of what a step hands on; `None` is all of it.
pub type Field<'a> = Option<Cow<'a, str>>;

/// A part of a value that comes from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// From where.
    pub from: Source<'a>,
    /// Where it stands in the export.
    pub place: Place,
}

/// Where a [`Reference`] leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A field of what comes into the step.
    Incoming(Field<'a>),
    /// A field of what another step handed on.
    Step(StepId, Field<'a>),
    /// Not to a step.
    Origin(Origin),
}

/// A value whose origins matter.
#[derive(Clone, Debug)]
pub struct Sink<'a> {
    /// The element that it belongs to.
    pub element: ElementId,
    /// The step in which it is made.
    pub step: StepId,
    /// The fact that tells its origins, once they are known.
    pub fact: Fact,
    /// What it is made of.
    pub parts: Vec<Reference<'a>>,
    /// Where it stands.
    pub place: Place,
}

/// The way of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// What happens next; carries data.
    Next,
    /// What happens next when the step failed; carries data.
    Error,
    /// From an agent to a tool that it may call.
    Tool,
    /// From a step to a part of it: a model, a memory, a knowledge base.
    Part,
    /// From a step that calls another app to the entry of that app; carries data.
    Call,
}

/// A way from one step to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it starts.
    pub from: StepId,
    /// Where it ends.
    pub to: StepId,
    /// What it means.
    pub kind: EdgeKind,
}

/// A set of origins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origins(u8);

impl Origins {
    const ALL: [Origin; 7] =
        [Origin::Literal, Origin::Trigger, Origin::Model, Origin::Env, Origin::DataSource, Origin::Caller, Origin::Unknown];

    /// Adds an origin.
    pub fn insert(&mut self, origin: Origin) {
        self.0 |= 1 << origin as u8;
    }

    /// Whether the origin is in the set.
    #[must_use]
    pub fn contains(self, origin: Origin) -> bool {
        self.0 & (1 << origin as u8) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The origins, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Origin> {
        Self::ALL.into_iter().filter(move |origin| self.contains(*origin))
    }
}

/// Most outputs of steps, field by field, that are followed to find where one value comes from; as many more are followed whole. The
/// largest real apps have some 250 steps; what is behind more is said to be unknown.
const MAX_FOLLOWED: usize = 2000;

/// Most steps that are told to bring a value in; the first are the nearest.
const MAX_TOLD: usize = 32;

/// How one gets from an entry to a step: the steps on the way, both ends included.
pub type Way = Vec<StepId>;

/// Adjacent steps, both ways.
struct Neighbours {
    after: Adjacent,
    /// Steps whose data comes in.
    before: Adjacent,
    /// The agent or step that a tool or part belongs to.
    owner: Adjacent,
}

/// The steps beside each step, by number, in the order of the edges: one list for all, because most steps have one or two.
pub(crate) struct Adjacent {
    /// Where those of each step start in `steps`; one more than there are steps.
    starts: Vec<u32>,
    steps: Vec<u32>,
}

impl Adjacent {
    pub(crate) fn new(count: usize, pairs: impl Iterator<Item = (StepId, StepId)> + Clone) -> Self {
        let mut starts = vec![0; count + 1];
        for (from, _) in pairs.clone() {
            starts[from.0 as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut free = starts.clone();
        let mut steps = vec![0; starts[count] as usize];
        for (from, to) in pairs {
            steps[free[from.0 as usize] as usize] = to.0;
            free[from.0 as usize] += 1;
        }
        Self { starts, steps }
    }

    /// Number of steps.
    pub(crate) const fn count(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn of(&self, step: u32) -> &[u32] {
        &self.steps[self.starts[step as usize] as usize..self.starts[step as usize + 1] as usize]
    }
}

/// The graph of one model, made once and asked often.
pub struct Graph {
    neighbours: Neighbours,
}

impl Graph {
    /// The graph of the steps of `model`.
    #[must_use]
    pub fn new(model: &Model<'_>) -> Self {
        let count = model.steps.len();
        let (edges, owns) = (model.edges.iter(), |edge: &&Edge| matches!(edge.kind, EdgeKind::Tool | EdgeKind::Part));
        let forth = |edge: &Edge| (edge.from, edge.to);
        let back = |edge: &Edge| (edge.to, edge.from);
        let neighbours = Neighbours {
            after: Adjacent::new(count, edges.clone().map(forth)),
            before: Adjacent::new(count, edges.clone().filter(move |edge| !owns(edge)).map(back)),
            owner: Adjacent::new(count, edges.filter(owns).map(back)),
        };
        Self { neighbours }
    }

    /// The shortest ways from `start` to every step that can run because of it; the way to `start` itself is not among them,
    /// unless a loop leads back. For one start; who asks for very many is quicker with one pass over all of them.
    #[must_use]
    pub fn reach(&self, start: StepId) -> Reach {
        let mut came_from: HashMap<StepId, StepId> = HashMap::default();
        let mut queue = VecDeque::from([start]);
        while let Some(step) = queue.pop_front() {
            for next in self.neighbours.after.of(step.0).iter().copied().map(StepId) {
                if let Entry::Vacant(unseen) = came_from.entry(next) {
                    unseen.insert(step);
                    queue.push_back(next);
                }
            }
        }
        Reach { start, came_from }
    }

    /// The steps whose data comes into `step`; for a tool that is what comes into its agent.
    pub(super) fn before(&self, step: StepId) -> impl Iterator<Item = StepId> {
        let own = self.neighbours.before.of(step.0);
        let owners = if own.is_empty() { self.neighbours.owner.of(step.0) } else { &[] };
        own.iter().chain(owners).copied().map(StepId)
    }

    /// The origins of a value that is made of `parts` in `step`, and for each origin the step that brings it in, where one does.
    #[must_use]
    pub fn origins<'a>(&self, model: &Model<'a>, step: StepId, parts: &[Reference<'a>]) -> Traced {
        let mut walk = Walk { graph: self, model, seen: HashSet::default(), queue: VecDeque::new(), found: Traced::default() };
        for part in parts {
            walk.follow(step, &part.from);
        }
        while let Some((step, field)) = walk.queue.pop_front() {
            walk.visit(step, &field);
        }
        if walk.seen.len() > 2 * MAX_FOLLOWED {
            walk.found(Origin::Unknown, None);
        }
        walk.found
    }
}

/// What can be reached from one step.
pub struct Reach {
    start: StepId,
    came_from: HashMap<StepId, StepId>,
}

impl Reach {
    /// Whether `step` can run because of the start.
    #[must_use]
    pub fn contains(&self, step: StepId) -> bool {
        self.came_from.contains_key(&step)
    }

    /// The shortest way to `step`, both ends included; empty when there is none.
    #[must_use]
    pub fn way(&self, step: StepId) -> Way {
        let mut way = Vec::new();
        if !self.contains(step) {
            return way;
        }
        way.push(step);
        let mut at = step;
        while let Some(before) = self.came_from.get(&at) {
            way.push(*before);
            at = *before;
            if at == self.start {
                break;
            }
        }
        way.reverse();
        way
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// All origins.
    pub origins: Origins,
    /// The step that brings each origin in, where it is a step; in the order in which they were found.
    pub steps: Vec<(Origin, StepId)>,
}

struct Walk<'g, 'm, 'a> {
    graph: &'g Graph,
    model: &'m Model<'a>,
    seen: HashSet<(StepId, Field<'a>)>,
    queue: VecDeque<(StepId, Field<'a>)>,
    found: Traced,
}

impl<'a> Walk<'_, '_, 'a> {
    fn found(&mut self, origin: Origin, step: Option<StepId>) {
        self.found.origins.insert(origin);
        if let Some(step) = step
            && self.found.steps.len() < MAX_TOLD
            && !self.found.steps.contains(&(origin, step))
        {
            self.found.steps.push((origin, step));
        }
    }

    fn enqueue(&mut self, step: StepId, field: Field<'a>) {
        // Too many fields are no longer told apart, or what hides among them would get through.
        let field = field.filter(|_| self.seen.len() <= MAX_FOLLOWED);
        if self.seen.len() <= 2 * MAX_FOLLOWED && self.seen.insert((step, field.clone())) {
            self.queue.push_back((step, field));
        }
    }

    fn follow(&mut self, step: StepId, from: &Source<'a>) {
        match from {
            Source::Incoming(field) => self.incoming(step, field),
            Source::Step(step, field) => self.enqueue(*step, field.clone()),
            Source::Origin(origin) => self.found(*origin, None),
        }
    }

    /// Goes on to what comes into `step`: for a tool that is what comes into its agent. Where nothing leads to the step, the export
    /// does not say what comes in.
    fn incoming(&mut self, step: StepId, field: &Field<'a>) {
        if self.seen.len() > 2 * MAX_FOLLOWED {
            return;
        }
        // Nearly always something leads to the step itself, and neither table is needed.
        let (mut seen, mut queue, mut next) = (HashSet::default(), Vec::new(), Some(step));
        while let Some(at) = next.take().or_else(|| queue.pop()) {
            let before = self.graph.neighbours.before.of(at.0);
            if before.is_empty() {
                let owners = self.graph.neighbours.owner.of(at.0);
                if owners.is_empty() {
                    self.found(Origin::Unknown, None);
                }
                seen.insert(at);
                queue.extend(owners.iter().copied().map(StepId).filter(|owner| seen.insert(*owner)));
            }
            for step in before.iter().take(MAX_FOLLOWED + 1) {
                self.enqueue(StepId(*step), field.clone());
            }
        }
    }

    fn visit(&mut self, step: StepId, field: &Field<'a>) {
        let model = self.model;
        match &model.step(step).output {
            Output::Pass => self.incoming(step, field),
            Output::Own(origin) => self.found(*origin, Some(step)),
            Output::OwnFields(fields, rest) => {
                let named = field.as_deref().and_then(|name| fields.iter().find(|known| known.0 == name));
                self.found(named.map_or(*rest, |(_, origin)| *origin), Some(step));
            }
            Output::Set { fields, rest } => {
                let mut known = false;
                for (name, parts) in fields {
                    if field.as_ref().is_none_or(|wanted| wanted == name) {
                        known |= field.is_some();
                        if parts.is_empty() {
                            self.found(Origin::Literal, Some(step));
                        }
                        parts.iter().for_each(|part| self.follow(step, &part.from));
                    }
                }
                if *rest && !known {
                    self.incoming(step, field);
                }
            }
            Output::Made(parts) => {
                if parts.is_empty() {
                    self.found(Origin::Literal, Some(step));
                }
                parts.iter().for_each(|part| self.follow(step, &part.from));
            }
        }
    }
}

/// What an agent can do and what it takes in.
#[allow(clippy::struct_excessive_bools, reason = "four answers that do not depend on each other")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Powers {
    untrusted: bool,
    private: bool,
    outbound: bool,
    confirmed: bool,
}

impl Graph {
    /// What the tools and parts of each step, and theirs, bring to it, when steps bring `own`. Each step is visited once for each
    /// power at most: agents are tools of agents, in any number.
    fn brought(&self, own: &[Powers]) -> Vec<Powers> {
        let mut brought = vec![Powers::default(); own.len()];
        let mut queue: Vec<(usize, Powers)> = own.iter().copied().enumerate().filter(|(_, powers)| *powers != Powers::default()).collect();
        while let Some((step, powers)) = queue.pop() {
            for owner in self.neighbours.owner.of(step as u32) {
                let owner = *owner as usize;
                let before = brought[owner];
                brought[owner].join(powers);
                if brought[owner] != before {
                    queue.push((owner, brought[owner]));
                }
            }
        }
        brought
    }

    /// The steps that can run because of any of `starts`.
    fn reached(&self, starts: Vec<StepId>) -> HashSet<StepId> {
        let mut reached = HashSet::default();
        let mut queue = starts;
        while let Some(step) = queue.pop() {
            queue.extend(self.neighbours.after.of(step.0).iter().copied().map(StepId).filter(|next| reached.insert(*next)));
        }
        reached
    }
}

impl Powers {
    fn join(&mut self, other: Self) {
        self.untrusted |= other.untrusted;
        self.private |= other.private;
        self.outbound |= other.outbound;
        self.confirmed |= other.confirmed;
    }

    /// Adds what a tool or part brings.
    fn add(&mut self, element: &super::Element<'_>) {
        use DataSourceKind::{Bucket, Calendar, File, Knowledge, Mailbox, Messages, Records, Table, Web};
        let kind = |kinds: &[DataSourceKind]| kinds.iter().any(|kind| element.is(Fact::DataSourceKind, kind.name()));
        self.private |= kind(&[Bucket, Calendar, File, Knowledge, Mailbox, Messages, Records, Table]);
        self.untrusted |= kind(&[Mailbox, Web]);
        let verb = |verbs: &[Verb]| verbs.iter().any(|verb| element.is(Fact::ActionVerb, verb.name()));
        self.outbound |= verb(&[Verb::Send, Verb::Share]) || element.is(Fact::EndpointHostFrom, Origin::Model.name());
        self.confirmed |= element.is(Fact::ActionConfirm, Confirm::Human.name());
    }
}

/// Whether the action puts something in or takes it away without reading what else is there.
fn only_puts_in(action: &super::Element<'_>) -> bool {
    [Verb::Write, Verb::Delete, Verb::Send, Verb::Share, Verb::Admin].iter().any(|verb| action.is(Fact::ActionVerb, verb.name()))
}

/// Whether people outside can write what the trigger hands on.
fn takes_foreign_text(trigger: &super::Element<'_>) -> bool {
    let kinds = [TriggerKind::Email, TriggerKind::Chat, TriggerKind::Form, TriggerKind::Http, TriggerKind::Mcp];
    let foreign = kinds.iter().any(|kind| trigger.is(Fact::TriggerKind, kind.name()));
    // Who has to log in to the organisation is none of them.
    let known = [Exposure::Internal, Exposure::Tenant, Exposure::Users];
    foreign && !known.iter().any(|exposure| trigger.is(Fact::TriggerExposure, exposure.name()))
}

impl Model<'_> {
    /// Computes what only the whole export can tell: the origins of all [`Sink`]s and the powers of agents.
    pub fn link(&mut self) {
        let graph = Graph::new(self);
        for sink in std::mem::take(&mut self.sinks) {
            let traced = graph.origins(self, sink.step, &sink.parts);
            let words: Vec<Origin> = traced.origins.iter().collect();
            if !words.is_empty() {
                self.element_mut(sink.element).set(sink.fact, words, sink.place);
            }
            for (_, step) in &traced.steps {
                self.element_mut(sink.element).come_from(sink.fact, *step);
            }
        }
        self.link_agents(&graph);
    }

    /// What an agent can do is the sum of what its parts and tools, and those of the agents among them, can do.
    fn link_agents(&mut self, graph: &Graph) {
        let of_kind = |kind: Kind| self.elements.iter().enumerate().filter(move |(_, element)| element.kind == kind);
        let agents: Vec<(ElementId, StepId)> =
            of_kind(Kind::Agent).filter_map(|(at, element)| Some((ElementId(at as u32), element.step?))).collect();
        if agents.is_empty() {
            return;
        }
        let entries = of_kind(Kind::Trigger).filter(|(_, trigger)| takes_foreign_text(trigger)).filter_map(|(_, trigger)| trigger.step);
        let untrusted = graph.reached(entries.collect());
        let blind: HashSet<StepId> =
            self.elements.iter().filter(|element| only_puts_in(element)).filter_map(|element| element.step).collect();
        let mut of_step = vec![Powers::default(); self.steps.len()];
        for element in &self.elements {
            let Some(step) = element.step else { continue };
            if element.kind != Kind::DataSource || !blind.contains(&step) {
                of_step[step.0 as usize].add(element);
            }
        }
        let brought = graph.brought(&of_step);
        for (agent, step) in agents {
            let mut powers = Powers { untrusted: untrusted.contains(&step), ..Powers::default() };
            powers.join(brought[step.0 as usize]);
            let place = self.element(agent).place;
            let element = self.element_mut(agent);
            let facts = [
                (Fact::AgentUntrustedInput, powers.untrusted),
                (Fact::AgentPrivateData, powers.private),
                (Fact::AgentOutbound, powers.outbound),
            ];
            for (fact, holds) in facts {
                element.set(fact, holds, place);
            }
            element.set(Fact::AgentConfirm, if powers.confirmed { Confirm::Human } else { Confirm::Absent }, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_found_among_more_references_than_are_followed() {
        let mut model = Model::new("test");
        let parts = |count: usize| -> Vec<Reference<'_>> {
            let part = |number: usize| Reference { from: Source::Incoming(Some(number.to_string().into())), place: Place::default() };
            (0..count).map(part).collect()
        };
        let count = 2 * MAX_FOLLOWED;
        let fields = parts(count).into_iter().enumerate().map(|(number, part)| (number.to_string().into(), vec![part])).collect();
        for output in [Output::Own(Origin::Trigger), Output::Set { fields, rest: false }, Output::Pass] {
            model.add_step(Step { name: "".into(), app: AppId(0), place: Place::default(), output });
        }
        model.edges = (0..2).map(|from| Edge { from: StepId(from), to: StepId(from + 1), kind: EdgeKind::Next }).collect();
        for step in [StepId(1), StepId(2)] {
            let traced = Graph::new(&model).origins(&model, step, &parts(count));
            assert_eq!(traced.origins.iter().collect::<Vec<_>>(), [Origin::Trigger]);
        }
    }

    #[test]
    fn powers_of_tools_come_to_every_agent_above_them_even_in_a_loop() {
        let mut model = Model::new("test");
        for _ in 0..5 {
            model.add_step(Step { name: "".into(), app: AppId(0), place: Place::default(), output: Output::Pass });
        }
        let tools = [(0, 1), (1, 2), (2, 1), (2, 3)];
        model.edges = tools.iter().map(|(from, to)| Edge { from: StepId(*from), to: StepId(*to), kind: EdgeKind::Tool }).collect();
        let mut own = vec![Powers::default(); 5];
        own[3].outbound = true;
        own[0].private = true;
        let brought = Graph::new(&model).brought(&own);
        assert_eq!(brought.iter().map(|powers| powers.outbound).collect::<Vec<_>>(), [true, true, true, false, false]);
        assert!(brought.iter().all(|powers| !powers.private), "an agent brings nothing to its tools");
    }
}

//! The neutral model: what every platform's export is lowered to and all that rules see.
//!
//! A [`Model`] is what one export says: its apps, their elements with facts, the steps and how they hang together. Platform
//! readers fill it, [`Model::link`] computes what only the whole can tell (who reaches what, where values come from, what an agent
//! can do), rules test it. Every value keeps its place in the source.

pub mod address;
pub mod change;
pub mod connector;
pub mod flow;
pub mod graph;
pub mod inventory;
pub mod personal;
pub mod region;
pub mod secret;
pub mod vocabulary;
pub mod yaml;

use crate::source::Span;
use crate::tree::{Node, NodeId};
use std::borrow::Cow;

pub use graph::{Edge, EdgeKind, Field, Graph, Origins, Output, Reach, Reference, Sink, Source, Step, StepId, Way};
pub use vocabulary::{Fact, FactType, Kind, Word};

/// A place in one of the files of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Number of the file in the export.
    pub file: u32,
    /// The node that it is, or is in.
    pub node: NodeId,
    /// The exact bytes.
    pub span: Span,
}

/// The bit of [`Place::file`] that says that the place is in none of the files.
const ELSEWHERE: u32 = 1 << 31;

impl Place {
    /// A place in none of the files of the model: the number of one that is known from elsewhere, ready to be printed.
    #[must_use]
    pub fn elsewhere(number: u32) -> Self {
        Self { file: ELSEWHERE | number, ..Self::default() }
    }

    /// The number of a place that is known from elsewhere.
    #[must_use]
    pub const fn is_elsewhere(self) -> Option<u32> {
        if self.file & ELSEWHERE == 0 { None } else { Some(self.file & !ELSEWHERE) }
    }

    /// The value of `node`.
    #[must_use]
    pub fn of(node: Node<'_>) -> Self {
        Self { file: node.tree().file(), node: node.id(), span: node.span() }
    }

    /// The name of the member `node`, or the value where it has none.
    #[must_use]
    pub fn key_of(node: Node<'_>) -> Self {
        Self { span: node.key_span().unwrap_or(node.span()), ..Self::of(node) }
    }

    /// A part of the text of `node`, given as bytes of [`Node::as_str`].
    #[must_use]
    pub fn part(node: Node<'_>, range: std::ops::Range<usize>) -> Self {
        Self { span: node.text_span(range), ..Self::of(node) }
    }
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A word of a closed set.
    Word(&'static str),
    /// Text of the export.
    Text(Cow<'a, str>),
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Several words or texts.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// The text of a word or text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The values of a list, or the one value.
    pub fn each(&self) -> std::slice::Iter<'_, Value<'a>> {
        match self {
            Self::List(values) => values.iter(),
            one => std::slice::from_ref(one).iter(),
        }
    }
}

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::List(values) => values.iter().enumerate().try_for_each(|(nth, value)| {
                let comma = if nth == 0 { "" } else { ", " };
                write!(f, "{comma}{value}")
            }),
        }
    }
}

impl<'a> std::convert::From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl std::convert::From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> std::convert::From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl std::convert::From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl std::convert::From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl<'a, T: Into<Value<'a>>> std::convert::From<Vec<T>> for Value<'a> {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// Number of an app in its [`Model`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppId(pub u32);

/// Number of an element in its [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub u32);

/// Something deployed as one: its own facts are those of its element of kind `app`.
#[derive(Clone, Debug)]
pub struct App<'a> {
    /// Identifier in the platform; empty when the export does not say it.
    pub id: Cow<'a, str>,
    /// Name that makers see; empty when the export does not say it.
    pub name: Cow<'a, str>,
    /// Its element of kind `app`.
    pub element: ElementId,
}

/// Facts that most elements have room for at once.
const USUAL_FACTS: usize = 6;

/// One thing that rules can speak of.
#[derive(Clone, Debug)]
pub struct Element<'a> {
    /// What it is.
    pub kind: Kind,
    /// The app that it belongs to.
    pub app: AppId,
    /// What names it within its app and survives re-export, re-ordering and re-indenting; part of fingerprints.
    pub id: Cow<'a, str>,
    /// Name that makers see.
    pub name: Cow<'a, str>,
    /// Where it is defined.
    pub place: Place,
    /// The step that it belongs to: elements of the same step are conditions of each other in rules.
    pub step: Option<StepId>,
    facts: Vec<(Fact, Value<'a>, Place)>,
    sources: Vec<(Fact, StepId)>,
    related: Vec<(String, Place)>,
}

impl<'a> Element<'a> {
    /// An element without facts.
    #[must_use]
    pub fn new(kind: Kind, app: AppId, id: impl Into<Cow<'a, str>>, name: impl Into<Cow<'a, str>>, place: Place) -> Self {
        let (facts, sources, related) = (Vec::with_capacity(USUAL_FACTS), Vec::new(), Vec::new());
        Self { kind, app, id: id.into(), name: name.into(), place, step: None, facts, sources, related }
    }

    /// The same element, at a step.
    #[must_use]
    pub fn at_step(mut self, step: StepId) -> Self {
        self.step = Some(step);
        self
    }

    /// The same element with one more fact.
    #[must_use]
    pub fn with(mut self, fact: Fact, value: impl Into<Value<'a>>, place: Place) -> Self {
        self.set(fact, value, place);
        self
    }

    /// States a fact; a fact that was stated before is replaced.
    pub fn set(&mut self, fact: Fact, value: impl Into<Value<'a>>, place: Place) {
        debug_assert_eq!(fact.kind(), self.kind, "a fact of another kind of element");
        let stated = (fact, value.into(), place);
        match self.facts.iter_mut().find(|known| known.0 == fact) {
            Some(known) => *known = stated,
            None => self.facts.push(stated),
        }
    }

    /// The value of a fact.
    #[must_use]
    pub fn fact(&self, fact: Fact) -> Option<&Value<'a>> {
        self.facts.iter().find(|known| known.0 == fact).map(|known| &known.1)
    }

    /// The place of a fact; that of the element where the fact is not known.
    #[must_use]
    pub fn place_of(&self, fact: Fact) -> Place {
        self.facts.iter().find(|known| known.0 == fact).map_or(self.place, |known| known.2)
    }

    /// The word or text of a fact.
    #[must_use]
    pub fn text(&self, fact: Fact) -> Option<&str> {
        self.fact(fact).and_then(Value::as_str)
    }

    /// Whether a fact is known to be true.
    #[must_use]
    pub fn is_true(&self, fact: Fact) -> bool {
        self.fact(fact) == Some(&Value::Bool(true))
    }

    /// Whether a fact is the word `word`, or a list that has it.
    #[must_use]
    pub fn is(&self, fact: Fact, word: &str) -> bool {
        self.fact(fact).is_some_and(|value| value.each().any(|one| one.as_str() == Some(word)))
    }

    /// Notes that (a part of) the value of `fact` comes from what `step` hands on.
    pub fn come_from(&mut self, fact: Fact, step: StepId) {
        self.sources.push((fact, step));
    }

    /// The steps that the value of `fact` comes from, nearest first.
    pub fn sources(&self, fact: Fact) -> impl Iterator<Item = StepId> {
        self.sources.iter().filter(move |source| source.0 == fact).map(|source| source.1)
    }

    /// Notes a place elsewhere that makes the element what it is, with what stands there in a few words: the parts of a right that
    /// several files give together. Findings show it.
    pub fn relate(&mut self, what: impl Into<String>, place: Place) {
        self.related.push((what.into(), place));
    }

    /// The places elsewhere, in the order in which one reads them.
    #[must_use]
    pub fn related(&self) -> &[(String, Place)] {
        &self.related
    }

    /// All facts, in the order in which they were stated.
    #[must_use]
    pub fn facts(&self) -> &[(Fact, Value<'a>, Place)] {
        &self.facts
    }
}

/// What one export says.
#[derive(Clone, Debug, Default)]
pub struct Model<'a> {
    /// Name of the platform.
    pub platform: &'static str,
    /// The apps, in document order.
    pub apps: Vec<App<'a>>,
    /// The elements, in document order.
    pub elements: Vec<Element<'a>>,
    /// The steps of all apps.
    pub steps: Vec<Step<'a>>,
    /// How the steps hang together.
    pub edges: Vec<Edge>,
    /// Values whose origins [`Model::link`] is to find.
    pub sinks: Vec<Sink<'a>>,
    /// What steps are given that write, send, answer or call: all of it, field by field.
    pub given: Vec<(StepId, Vec<Reference<'a>>)>,
    /// The places of all secrets: nothing of them is ever printed whole.
    pub secrets: Vec<Place>,
}

impl<'a> Model<'a> {
    /// An empty model of an export of `platform`.
    #[must_use]
    pub fn new(platform: &'static str) -> Self {
        Self { platform, ..Self::default() }
    }

    /// Adds an app with its element.
    pub fn add_app(&mut self, id: Cow<'a, str>, name: Cow<'a, str>, place: Place) -> AppId {
        let app = AppId(self.apps.len() as u32);
        let element = self.add(Element::new(Kind::App, app, "", name.clone(), place));
        self.apps.push(App { id, name, element });
        app
    }

    /// Adds an element.
    pub fn add(&mut self, element: Element<'a>) -> ElementId {
        let id = ElementId(self.elements.len() as u32);
        self.elements.push(element);
        id
    }

    /// Adds a step.
    pub fn add_step(&mut self, step: Step<'a>) -> StepId {
        let id = StepId(self.steps.len() as u32);
        self.steps.push(step);
        id
    }

    /// The element with that number.
    #[must_use]
    pub fn element(&self, id: ElementId) -> &Element<'a> {
        &self.elements[id.0 as usize]
    }

    /// The element with that number, to state facts about it.
    pub fn element_mut(&mut self, id: ElementId) -> &mut Element<'a> {
        &mut self.elements[id.0 as usize]
    }

    /// The app with that number.
    #[must_use]
    pub fn app(&self, id: AppId) -> &App<'a> {
        &self.apps[id.0 as usize]
    }

    /// The step with that number.
    #[must_use]
    pub fn step(&self, id: StepId) -> &Step<'a> {
        &self.steps[id.0 as usize]
    }

    /// The elements of a step.
    pub fn of_step(&self, step: StepId) -> impl Iterator<Item = (ElementId, &Element<'a>)> {
        self.elements
            .iter()
            .enumerate()
            .filter(move |(_, element)| element.step == Some(step))
            .map(|(at, element)| (ElementId(at as u32), element))
    }
}

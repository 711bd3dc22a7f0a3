//! Asking: every element of a model is held against the rules about its kind.
//!
//! Nothing here is quadratic in the export. What a rule asks about elements elsewhere (`has`, `reaches`, `reached-by`) is worked
//! out for all apps or steps at once when the first element gets that far, and kept for the model.

use super::message::{Mask, Template, shown};
use super::pattern::{Clauses, Pick, Search, hold};
use super::scope::{APP, Role, SUBJECT};
use super::ways::{Direction, Nearest, Ways};
use super::{Level, Rule, Selected, Subject};
use crate::finding::{Confidence, Severity};
use crate::model::vocabulary::AppKind;
use crate::model::{App, AppId, Element, ElementId, Fact, Kind, Model, Place, StepId};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Steps at each end of a way that a finding shows; those between are left out.
const WAY_ENDS: usize = 2;

/// Most steps that are told to bring a value in.
const MAX_SOURCES: usize = 4;

/// An element for which a rule holds.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure it is here.
    pub confidence: Confidence,
    /// What is wrong.
    pub message: String,
    /// What is at the place.
    pub label: String,
    /// The cure.
    pub help: Arc<str>,
    /// The element.
    pub element: ElementId,
    /// Its app.
    pub app: AppId,
    /// The fact that it points to.
    pub fact: Option<Fact>,
    /// Where that is.
    pub place: Place,
    /// Places that belong to it, in the order in which one reads them.
    pub related: Vec<(String, Place)>,
    /// What names it, for [`fingerprint`](crate::finding::fingerprint): rule, platform, app, kind and id of the element, fact, and
    /// a number where all that is the same for several.
    pub identity: Vec<String>,
}

/// Asks the rules of a model. `mask` hides the secrets in a text of the export before it gets into a message.
#[must_use]
pub fn check(rules: &Selected, model: &Model<'_>, mask: Mask<'_>) -> Vec<Hit> {
    let asking = Asking::new(rules, model);
    let mut hits = Vec::new();
    let mut known: HashMap<Vec<String>, u32> = HashMap::new();
    for (at, element) in (0..).zip(&model.elements) {
        for number in &rules.about[element.kind as usize] {
            let Some(mut hit) = asking.ask(*number as usize, ElementId(at), element, mask) else { continue };
            let before = known.entry(hit.identity.clone()).or_default();
            *before += 1;
            if *before > 1 {
                hit.identity.push(format!("#{before}"));
            }
            hits.push(hit);
        }
    }
    hits
}

/// What is known of one model while the rules are asked.
struct Asking<'m, 'a> {
    rules: &'m Selected,
    model: &'m Model<'a>,
    index: OnceCell<Index>,
    ways: OnceCell<Ways>,
    /// What each search has found, by its number among those of all rules.
    memos: Vec<OnceCell<Memo>>,
}

/// The elements of each kind and of each step, in document order.
struct Index {
    of_kind: Vec<Vec<ElementId>>,
    /// Those of all steps, one step behind the other.
    of_steps: Vec<ElementId>,
    /// How many of them stand before those of each step, and in all.
    before: Vec<u32>,
}

impl Index {
    fn of(model: &Model<'_>) -> Self {
        let mut of_kind = vec![Vec::new(); Kind::ALL.len()];
        let elements = || (0..).map(ElementId).zip(&model.elements);
        let at_steps =
            || elements().filter_map(|(id, element)| Some((id, element.step.filter(|step| (step.0 as usize) < model.steps.len())?)));
        // The number of those of each step, one place further than where they begin.
        let mut before = vec![0u32; model.steps.len() + 2];
        for (id, element) in elements() {
            of_kind[element.kind as usize].push(id);
        }
        at_steps().for_each(|(_, step)| before[step.0 as usize + 2] += 1);
        for at in 2..before.len() {
            before[at] += before[at - 1];
        }
        let mut of_steps = vec![ElementId(0); before.last().copied().unwrap_or(0) as usize];
        for (id, step) in at_steps() {
            let next = &mut before[step.0 as usize + 1];
            of_steps[*next as usize] = id;
            *next += 1;
        }
        Self { of_kind, of_steps, before }
    }

    fn of_step(&self, step: StepId) -> &[ElementId] {
        let at = step.0 as usize;
        let range = self.before.get(at).zip(self.before.get(at + 1)).map(|(start, end)| *start as usize..*end as usize);
        range.and_then(|range| self.of_steps.get(range)).unwrap_or_default()
    }
}

enum Memo {
    /// For each app, the first element.
    InApp(Vec<Option<ElementId>>),
    Along(Nearest),
}

/// A way along the flow that a rule has found.
struct Trail {
    direction: Direction,
    /// From the step of the element, both ends included, in that direction.
    steps: Vec<StepId>,
    /// What was found at the end of it.
    slots: Vec<usize>,
}

impl<'m, 'a> Asking<'m, 'a> {
    fn new(rules: &'m Selected, model: &'m Model<'a>) -> Self {
        let count = rules.searches.last().copied().unwrap_or(0);
        Self { rules, model, index: OnceCell::new(), ways: OnceCell::new(), memos: (0..count).map(|_| OnceCell::new()).collect() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self.model))
    }

    fn ways(&self) -> &Ways {
        self.ways.get_or_init(|| Ways::new(self.model))
    }

    fn ask(&self, number: usize, id: ElementId, element: &'m Element<'a>, mask: Mask<'_>) -> Option<Hit> {
        let rule = &self.rules.rules[number];
        let Subject::Match(pattern) = &rule.subject else { return None };
        if !hold(&pattern.clauses.subject, element) {
            return None;
        }
        let mut found = vec![None; rule.scope.slots.len()];
        found[SUBJECT] = Some(id);
        found[APP] = self.model.apps.get(element.app.0 as usize).map(|app| app.element);
        let mut asked = Asked { asking: self, first_search: self.rules.searches[number], element, found, trails: Vec::new() };
        if !asked.holds(&pattern.clauses) || rule.when.as_ref().is_some_and(|when| !when.holds(self.model, &asked.found)) {
            return None;
        }
        let level = rule.levels.iter().find(|level| asked.try_level(level));
        Some(asked.hit(rule, level, id, mask))
    }

    /// The first element of a step for which `pick` holds.
    fn at_step(&self, pick: &Pick, step: StepId) -> Option<ElementId> {
        self.index().of_step(step).iter().copied().find(|id| pick.holds(self.model.element(*id)))
    }

    fn in_app(&self, memo: usize, pick: &Pick, app: AppId) -> Option<ElementId> {
        let memo = self.memos[memo].get_or_init(|| {
            let mut first = vec![None; self.model.apps.len()];
            for id in &self.index().of_kind[pick.kind as usize] {
                let element = self.model.element(*id);
                match first.get_mut(element.app.0 as usize) {
                    Some(slot @ None) if pick.holds(element) => *slot = Some(*id),
                    _ => {}
                }
            }
            Memo::InApp(first)
        });
        let Memo::InApp(first) = memo else { return None };
        first.get(app.0 as usize).copied().flatten()
    }

    fn nearest(&self, memo: usize, search: &Search, direction: Direction) -> Option<&Nearest> {
        let memo = self.memos[memo].get_or_init(|| {
            let (first, others) = search.picks.split_first().map_or((None, &[][..]), |(first, others)| (Some(first), others));
            let candidates = first.map_or(&[][..], |first| &self.index().of_kind[first.kind as usize]);
            let targets: Vec<StepId> = candidates
                .iter()
                .map(|id| self.model.element(*id))
                .filter(|element| first.is_some_and(|first| first.holds(element)))
                .filter_map(|element| element.step)
                .filter(|step| others.iter().all(|pick| self.at_step(pick, *step).is_some()))
                .collect();
            Memo::Along(self.ways().nearest(direction, &targets))
        });
        if let Memo::Along(nearest) = memo { Some(nearest) } else { None }
    }
}

/// One rule, asked of one element.
struct Asked<'q, 'm, 'a> {
    asking: &'q Asking<'m, 'a>,
    first_search: usize,
    element: &'m Element<'a>,
    /// What was found, by slot.
    found: Vec<Option<ElementId>>,
    trails: Vec<Trail>,
}

impl<'m, 'a> Asked<'_, 'm, 'a> {
    fn holds(&mut self, clauses: &Clauses) -> bool {
        let model = self.asking.model;
        hold(&clauses.subject, self.element)
            && (clauses.app.is_empty() || self.found[APP].is_some_and(|app| hold(&clauses.app, model.element(app))))
            && clauses.same.iter().all(|pick| {
                let id = self.element.step.and_then(|step| self.asking.at_step(pick, step));
                self.keep(pick, id)
            })
            && clauses.has.iter().all(|search| {
                search.picks.iter().all(|pick| {
                    let id = self.asking.in_app(self.first_search + search.memo, pick, self.element.app);
                    self.keep(pick, id)
                })
            })
            && clauses.reaches.as_ref().is_none_or(|search| self.leads(search, Direction::Ahead))
            && clauses.reached_by.as_ref().is_none_or(|search| self.leads(search, Direction::Back))
            && !clauses.unless.iter().any(|inner| self.holds(inner))
    }

    /// Keeps what was found, and tells whether something was.
    fn keep(&mut self, pick: &Pick, id: Option<ElementId>) -> bool {
        if let Some(slot) = pick.slot {
            self.found[slot] = id;
        }
        id.is_some()
    }

    fn leads(&mut self, search: &Search, direction: Direction) -> bool {
        let asking = self.asking;
        let Some(start) = self.element.step else { return false };
        let Some(nearest) = asking.nearest(self.first_search + search.memo, search, direction) else { return false };
        let slots: Vec<usize> = search.picks.iter().filter_map(|pick| pick.slot).collect();
        if slots.is_empty() {
            return asking.ways().leads(nearest, start);
        }
        let Some(steps) = asking.ways().way(nearest, start) else { return false };
        let Some(end) = steps.last().copied() else { return false };
        for pick in &search.picks {
            let id = asking.at_step(pick, end);
            self.keep(pick, id);
        }
        self.trails.push(Trail { direction, steps, slots });
        true
    }

    /// Whether the level holds; what it has found until it failed is forgotten.
    fn try_level(&mut self, level: &Level) -> bool {
        let (found, trails) = (self.found.clone(), self.trails.len());
        let holds = self.holds(&level.clauses);
        if !holds {
            self.found = found;
            self.trails.truncate(trails);
        }
        holds
    }

    fn hit(&self, rule: &Arc<Rule>, level: Option<&Level>, id: ElementId, mask: Mask<'_>) -> Hit {
        let model = self.asking.model;
        let text = |template: &Template| template.render(|slot| self.slot(slot), mask);
        let message = level.and_then(|level| level.message.as_ref()).or(rule.message.as_ref());
        let label = level.and_then(|level| level.label.as_ref()).or(rule.label.as_ref());
        let app = model.apps.get(self.element.app.0 as usize);
        // A package that says no name is called by where it lies, and that may change.
        let is_package = |app: &App<'_>| model.element(app.element).is(Fact::AppKind, AppKind::Package.name());
        let app_name = app.map_or("", |app| match &*app.id {
            "" if is_package(app) => "",
            "" => &*app.name,
            id => id,
        });
        // A finding stays the same one when another level points elsewhere.
        let fact_name = rule.at.map_or("", Fact::name);
        let at = level.and_then(|level| level.at).or(rule.at);
        Hit {
            rule: Arc::clone(rule),
            severity: level.and_then(|level| level.severity).unwrap_or(rule.severity),
            confidence: level.and_then(|level| level.confidence).unwrap_or(rule.confidence),
            message: message.map(text).unwrap_or_default(),
            label: label.map_or_else(|| named(self.element, mask), text),
            help: rule.help.as_ref().map_or_else(|| text(&rule.fix).into(), Arc::clone),
            element: id,
            app: self.element.app,
            fact: at,
            place: at.map_or(self.element.place, |fact| self.element.place_of(fact)),
            related: self.related(rule, at, mask),
            identity: [&*rule.id, model.platform, app_name, self.element.kind.name(), &*self.element.id, fact_name]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    fn slot(&self, slot: usize) -> Option<&'m Element<'a>> {
        let model: &'m Model<'a> = self.asking.model;
        self.found.get(slot).copied().flatten().map(|id| model.element(id))
    }

    /// The places that belong to a finding: what leads to the element, the element itself, what it leads to.
    fn related(&self, rule: &Rule, at: Option<Fact>, mask: Mask<'_>) -> Vec<(String, Place)> {
        let model = self.asking.model;
        let mut related: Vec<(String, Place)> = Vec::new();
        let text = |slot: usize| rule.labels.iter().find(|(at, _)| *at == slot).map(|(_, text)| text.render(|slot| self.slot(slot), mask));
        let ends = |trail: &Trail| -> Vec<(String, Place)> {
            let elements = trail.slots.iter().filter_map(|slot| Some((*slot, self.slot(*slot)?)));
            elements.map(|(slot, element)| (text(slot).unwrap_or_else(|| named(element, mask)), element.place)).collect()
        };
        for trail in self.trails.iter().filter(|trail| trail.direction == Direction::Back) {
            let steps: Vec<StepId> = trail.steps.iter().rev().copied().collect();
            related.extend(ends(trail));
            related.extend(between(model, &steps, mask));
        }
        if let Some(fact) = at {
            let mut sources: Vec<StepId> = Vec::new();
            for step in self.element.sources(fact).filter(|step| (step.0 as usize) < model.steps.len()) {
                if sources.len() < MAX_SOURCES && !sources.contains(&step) {
                    sources.push(step);
                    related.push((format!("`{}` brings it in", shown(&model.step(step).name, mask)), model.step(step).place));
                }
            }
        }
        for (at, slot) in rule.scope.slots.iter().enumerate() {
            if let (Role::Subject | Role::App | Role::Same | Role::Has, Some(text), Some(element)) = (slot.role, text(at), self.slot(at)) {
                related.push((text, element.place));
            }
        }
        for trail in self.trails.iter().filter(|trail| trail.direction == Direction::Ahead) {
            related.extend(between(model, &trail.steps, mask));
            related.extend(ends(trail));
        }
        related.extend(self.element.related().iter().map(|(what, place)| (mask(what).into_owned(), *place)));
        related
    }
}

/// An element without a text of its own.
fn named(element: &Element<'_>, mask: Mask<'_>) -> String {
    format!("{} `{}`", element.kind.name().replace('_', " "), shown(&element.name, mask))
}

/// The steps between the ends of a way.
fn between<'q>(model: &'q Model<'_>, steps: &'q [StepId], mask: Mask<'q>) -> impl Iterator<Item = (String, Place)> + 'q {
    let inner = steps.get(1..steps.len().saturating_sub(1)).unwrap_or_default();
    let behind_gap = inner.len().saturating_sub(WAY_ENDS);
    let is_long = inner.len() > 2 * WAY_ENDS;
    inner.iter().enumerate().filter(move |(at, _)| !is_long || *at < WAY_ENDS || *at >= behind_gap).map(move |(at, step)| {
        let gap = if is_long && at == behind_gap { "… " } else { "" };
        let step = model.step(*step);
        (format!("{gap}then `{}`", shown(&step.name, mask)), step.place)
    })
}

//! The inherent risk of an app, as a number that is explained term by term.
//!
//! `impact x (class + audience + capability + criticality) + exposure x (entry + egress + identity)`, and the tier that follows,
//! unless a floor raises it. What the export shows counts wherever the manifest says less. Findings have no part in it: who repairs
//! them does not loosen the gate.

use crate::finding::Location;
use crate::model::vocabulary::{Auth, Exposure as Reach, Guard, Identity, Network, Power, Recipient, Standing, Tier, TriggerKind, Verb};
use crate::model::{Element, Fact, Kind, Model, Place};
use crate::policy::Policy;
use crate::policy::manifest::{CLASSES, Manifest};
use crate::policy::weights::{Factor, Weights};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What an export shows of one factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// What it is: `public`.
    pub word: String,
    /// Name of what shows it.
    pub name: String,
    /// Where it is; none where the app as a whole shows it.
    pub location: Option<Location>,
}

/// What lifts the tier of an app, whatever its number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Floor {
    /// Its data is of the highest class.
    HighestClass,
    /// Anyone can make it change something, send something or run code.
    PublicEffect,
    /// It uses a connector that manages users, rights, apps, flows or environments.
    AdminConnector,
    /// Its data is of the class below the highest.
    SecondClass,
}

impl Floor {
    /// The least tier.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::HighestClass | Self::PublicEffect | Self::AdminConnector => Tier::High,
            Self::SecondClass => Tier::Moderate,
        }
    }

    /// Why, in a few words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::HighestClass => "data of the highest class",
            Self::PublicEffect => "anyone can make it change, send or run something",
            Self::AdminConnector => "a connector that manages users, rights, apps or environments",
            Self::SecondClass => "data of the class below the highest",
        }
    }
}

/// What exports show of how much is at stake: the heaviest of each factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    seen: BTreeMap<Factor, Sight>,
    floors: BTreeMap<Floor, Sight>,
}

/// How places and names of an export are told.
#[derive(Clone, Copy)]
pub struct Telling<'t> {
    /// Where a place is.
    pub locate: &'t dyn Fn(Place) -> Location,
    /// A text with its secrets hidden.
    pub mask: &'t dyn Fn(&str) -> Cow<'_, str>,
}

/// What verbs are to the factor `capability`.
const fn strength(verb: Verb) -> &'static str {
    match verb {
        Verb::Read | Verb::Transform | Verb::Control => "read",
        Verb::Write | Verb::Send | Verb::Share | Verb::Export => "write",
        Verb::Delete => "delete",
        Verb::Admin => "admin",
        Verb::Execute => "execute",
    }
}

fn strength_of(action: &Element<'_>) -> Option<&'static str> {
    const ALL: [Verb; 10] = [
        Verb::Read,
        Verb::Write,
        Verb::Delete,
        Verb::Admin,
        Verb::Execute,
        Verb::Send,
        Verb::Share,
        Verb::Export,
        Verb::Transform,
        Verb::Control,
    ];
    let verb = action.text(Fact::ActionVerb)?;
    ALL.into_iter().find(|known| known.name() == verb).map(strength)
}

/// How an app is entered through a trigger, and who uses it then.
fn entry(trigger: &Element<'_>) -> (&'static str, Option<&'static str>) {
    let is = |fact, word: &str| trigger.is(fact, word);
    let exposure = trigger.text(Fact::TriggerExposure).unwrap_or(Reach::Unknown.name());
    let guarded = trigger.text(Fact::TriggerGuard).is_some_and(|guard| guard != Guard::Absent.name());
    let open = is(Fact::TriggerAuth, Auth::Absent.name()) || trigger.fact(Fact::TriggerAuth).is_none();
    let by_url = is(Fact::TriggerAuth, Auth::UrlSecret.name());
    match exposure {
        "public" if open && !guarded => ("public", Some("anonymous")),
        "public" if by_url && !guarded => ("url-secret", None),
        "public" => ("authenticated", None),
        "tenant" => ("tenant", Some("internal")),
        "users" => ("users", None),
        "internal" if is(Fact::TriggerKind, TriggerKind::Schedule.name()) => ("schedule", None),
        "internal" if is(Fact::TriggerKind, TriggerKind::Manual.name()) || is(Fact::TriggerKind, TriggerKind::Subflow.name()) => {
            ("none", None)
        }
        "internal" => ("event", None),
        _ => ("tenant", None),
    }
}

/// Whose rights a connection or step uses, in the words of the factor.
fn identity(element: &Element<'_>, fact: Fact) -> &'static str {
    let is = |word: Identity| element.is(fact, word.name());
    if is(Identity::Maker) {
        "maker"
    } else if is(Identity::Shared) {
        "shared"
    } else if is(Identity::Invoker) {
        "invoker"
    } else if is(Identity::Service) || is(Identity::Managed) {
        "service"
    } else if is(Identity::Absent) {
        "none"
    } else {
        "unknown"
    }
}

fn endpoint_egress(endpoint: &Element<'_>) -> &'static str {
    let network = |word: Network| endpoint.is(Fact::EndpointNetwork, word.name());
    if network(Network::Private) || network(Network::Loopback) || endpoint.fact(Fact::EndpointEnvironment).is_some() {
        "approved"
    } else {
        "unknown"
    }
}

/// Takes down what weighs most.
struct Looking<'l, 'm> {
    found: Exposure,
    model: &'l Model<'m>,
    weights: &'l Weights,
    classes: &'l [String],
    telling: Telling<'l>,
}

impl Looking<'_, '_> {
    fn sight(&self, word: &str, element: &Element<'_>) -> Sight {
        let location = Some((self.telling.locate)(element.place));
        Sight { word: word.to_owned(), name: (self.telling.mask)(&element.name).into_owned(), location }
    }

    fn see(&mut self, factor: Factor, word: &str, element: &Element<'_>) {
        let weight = |word: &str| self.weights.of(factor, word, self.classes);
        if self.found.seen.get(&factor).is_none_or(|known| weight(&known.word) < weight(word)) {
            let sight = self.sight(word, element);
            self.found.seen.insert(factor, sight);
        }
    }

    fn lift(&mut self, floor: Floor, element: &Element<'_>) {
        if !self.found.floors.contains_key(&floor) {
            let sight = self.sight("", element);
            self.found.floors.insert(floor, sight);
        }
    }

    fn look(&mut self) {
        let model = self.model;
        let standing: HashMap<&str, &str> = model
            .elements
            .iter()
            .filter(|element| element.kind == Kind::Connector)
            .filter_map(|element| Some((element.text(Fact::ConnectorKey)?, element.text(Fact::ConnectorStanding)?)))
            .collect();
        // What only starts an app takes nothing out of it.
        let starts: HashSet<&str> = model.elements.iter().filter_map(|element| element.text(Fact::TriggerConnector)).collect();
        // By app: who can enter it, and the first step with an effect.
        let mut open = vec![false; model.apps.len()];
        let mut effects: Vec<Option<&Element<'_>>> = vec![None; model.apps.len()];
        for element in &model.elements {
            let app = element.app.0 as usize;
            match element.kind {
                Kind::Trigger => {
                    let (word, audience) = entry(element);
                    self.see(Factor::Entry, word, element);
                    if let Some(audience) = audience {
                        self.see(Factor::Audience, audience, element);
                    }
                    open[app] |= word == "public";
                }
                Kind::Action => {
                    let Some(word) = strength_of(element) else { continue };
                    self.see(Factor::Capability, word, element);
                    if word != "read" {
                        effects[app] = effects[app].or(Some(element));
                        let known = element.text(Fact::ActionConnector).and_then(|key| standing.get(key));
                        if known.is_none() && word == "write" {
                            self.see(Factor::Egress, "unknown", element);
                        }
                    }
                    let foreign = [Recipient::Foreign, Recipient::FreeMail];
                    if foreign.iter().any(|word| element.is(Fact::ActionRecipientDomain, word.name())) {
                        self.see(Factor::Egress, "unapproved", element);
                    }
                    if element.fact(Fact::ActionIdentity).is_some() {
                        self.see(Factor::Identity, identity(element, Fact::ActionIdentity), element);
                    }
                }
                Kind::Connector => {
                    let starts = element.text(Fact::ConnectorKey).is_some_and(|key| starts.contains(key));
                    let Some(standing) = element.text(Fact::ConnectorStanding).filter(|_| !starts) else { continue };
                    let word = if standing == Standing::Approved.name() { "approved" } else { "unapproved" };
                    self.see(Factor::Egress, word, element);
                }
                Kind::Endpoint => self.see(Factor::Egress, endpoint_egress(element), element),
                Kind::Connection => {
                    self.see(Factor::Identity, identity(element, Fact::ConnectionIdentity), element);
                    if element.is(Fact::ConnectionPower, Power::Admin.name()) {
                        self.see(Factor::Capability, "admin", element);
                        self.lift(Floor::AdminConnector, element);
                    }
                }
                Kind::Component if element.fact(Fact::ComponentCapability).is_some() => {
                    self.see(Factor::Capability, "execute", element);
                }
                Kind::DataSource => {
                    // What is sensitive by its name is confidential at least; how much more, only people know.
                    let sensitive = element.fact(Fact::DataSourceSensitive).and_then(|_| self.classes.len().checked_sub(2));
                    if let Some(class) = sensitive.map(|at| self.classes[at].clone()) {
                        self.see(Factor::Class, &class, element);
                    }
                    if let Some(class) = element.text(Fact::DataSourceClass) {
                        self.see(Factor::Class, class, element);
                    }
                }
                _ => {}
            }
        }
        for effect in open.into_iter().zip(effects).filter_map(|(open, effect)| effect.filter(|_| open)) {
            self.lift(Floor::PublicEffect, effect);
        }
    }
}

/// The classes of data of a policy, from the lowest.
fn classes(policy: Option<&Policy>) -> Vec<String> {
    let classes = policy.map_or_else(|| CLASSES.to_vec(), Policy::classes);
    classes.into_iter().map(str::to_owned).collect()
}

fn weights(policy: Option<&Policy>) -> Cow<'_, Weights> {
    policy.map_or_else(|| Cow::Owned(Weights::default()), |policy| Cow::Borrowed(&policy.tiers.weights))
}

impl Exposure {
    /// What the linked model of an export shows. The policy has been applied to it.
    #[must_use]
    pub fn of(model: &Model<'_>, policy: Option<&Policy>, telling: Telling<'_>) -> Self {
        let (weights, classes) = (weights(policy), classes(policy));
        let mut looking = Looking { found: Self::default(), model, weights: &weights, classes: &classes, telling };
        looking.look();
        looking.found
    }

    /// Takes in what another export of the same manifest shows.
    pub fn merge(&mut self, other: Self, policy: Option<&Policy>) {
        let (weights, classes) = (weights(policy), classes(policy));
        let weight = |factor: Factor, word: &str| weights.of(factor, word, &classes);
        for (factor, sight) in other.seen {
            // Between equals, the first place: a report is the same in whatever order exports are judged.
            let key = |sight: &Sight| (std::cmp::Reverse(weight(factor, &sight.word)), sight.location.clone(), sight.name.clone());
            if self.seen.get(&factor).is_none_or(|known| key(&sight) < key(known)) {
                self.seen.insert(factor, sight);
            }
        }
        for (floor, sight) in other.floors {
            if self.floors.get(&floor).is_none_or(|known| (&sight.location, &sight.name) < (&known.location, &known.name)) {
                self.floors.insert(floor, sight);
            }
        }
    }

    /// What is shown of a factor.
    #[must_use]
    pub fn seen(&self, factor: Factor) -> Option<&Sight> {
        self.seen.get(&factor)
    }
}

/// Where a term of the risk comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The export shows it.
    Seen(Sight),
    /// The manifest says it.
    Declared,
    /// Nobody says it, and this is assumed.
    Assumed,
    /// The export shows none.
    Nothing,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seen(Sight { name, location: Some(location), .. }) => {
                let inner: String = location.inner.iter().flat_map(|part| ["!", part]).collect();
                write!(f, "`{name}`, {}{inner}:{}", location.file, location.start.line)
            }
            Self::Seen(Sight { name, .. }) => write!(f, "`{name}`"),
            Self::Declared => f.write_str("declared in the manifest"),
            Self::Assumed => f.write_str("assumed, because the manifest does not say"),
            Self::Nothing => f.write_str("nothing in the export"),
        }
    }
}

/// A term of the risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is about.
    pub factor: Factor,
    /// What that is.
    pub word: String,
    /// How much it counts.
    pub weight: u32,
    /// How many times.
    pub times: u32,
    /// Why.
    pub origin: Origin,
}

impl Term {
    /// What it adds to the risk.
    #[must_use]
    pub const fn points(&self) -> u32 {
        self.weight.saturating_mul(self.times)
    }
}

/// `entry public: 5 x 2 = 10 (`Order received`, flows/intake.json:13)`
impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { factor, word, weight, times, origin } = self;
        write!(f, "{} {word}: {weight} x {times} = {} ({origin})", factor.name(), self.points())
    }
}

/// The inherent risk of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// The number.
    pub inherent: u32,
    /// The tier that the number and the floors make.
    pub tier: Tier,
    /// What the number is made of.
    pub terms: Vec<Term>,
    /// What lifts the tier, and what shows it.
    pub floors: Vec<(Floor, Origin)>,
}

impl Risk {
    /// The risk of an app that shows `exposure` and whose manifest says `manifest`.
    #[must_use]
    pub fn new(exposure: &Exposure, manifest: Option<&Manifest>, policy: Option<&Policy>) -> Self {
        let (weights, classes) = (weights(policy), classes(policy));
        let file = manifest.map(|manifest| &manifest.file);
        let declared = |factor: Factor| -> Option<String> {
            let file = file?;
            match factor {
                Factor::Class => file.classification.as_ref().map(|class| class.value.clone()),
                Factor::Audience => file.audience.as_ref().map(|audience| audience.value.name().to_owned()),
                Factor::Criticality => file.criticality.as_ref().map(|number| number.value.to_string()),
                _ => None,
            }
        };
        let term = |factor: Factor| {
            let weight = |word: &str| weights.of(factor, word, &classes);
            let seen = exposure.seen.get(&factor).map(|sight| (sight.word.clone(), Origin::Seen(sight.clone())));
            let declared = declared(factor).map(|word| (word, Origin::Declared));
            // What the manifest says counts where the export does not show more.
            let known =
                [declared, seen].into_iter().flatten().reduce(|one, other| if weight(&other.0) > weight(&one.0) { other } else { one });
            let (word, origin) = known.unwrap_or_else(|| unknown(factor, &classes));
            Term { weight: weight(&word), times: weights.times(factor), factor, word, origin }
        };
        let terms: Vec<Term> = Factor::ALL.into_iter().map(term).collect();
        let inherent = terms.iter().map(Term::points).fold(0, u32::saturating_add);
        let mut floors: Vec<(Floor, Origin)> = exposure.floors.iter().map(|(floor, sight)| (*floor, Origin::Seen(sight.clone()))).collect();
        let class = terms.iter().find(|term| term.factor == Factor::Class);
        let rank = class.and_then(|class| classes.iter().position(|known| *known == class.word));
        let floor = match (rank.map(|rank| rank + 1), classes.len()) {
            (Some(rank), count) if rank == count && count > 1 => Some(Floor::HighestClass),
            (Some(rank), count) if rank + 1 == count && count > 2 => Some(Floor::SecondClass),
            _ => None,
        };
        floors.extend(floor.zip(class.map(|class| class.origin.clone())));
        floors.sort_by_key(|(floor, _)| *floor);
        let tier = floors.iter().map(|(floor, _)| floor.tier()).fold(by_number(inherent, &weights), Tier::max);
        Self { inherent, tier, terms, floors }
    }

    /// The tier that the number alone makes.
    #[must_use]
    pub fn by_number(&self, policy: Option<&Policy>) -> Tier {
        by_number(self.inherent, &weights(policy))
    }

    /// What has made the tier more than anything else, and what shows it: a floor, else the weightiest term.
    #[must_use]
    pub fn because(&self) -> (String, String) {
        let floor = self.floors.iter().find(|(floor, _)| floor.tier() == self.tier);
        let heaviest = self.terms.iter().max_by_key(|term| (term.points(), std::cmp::Reverse(term.factor)));
        match (floor, heaviest) {
            (Some((floor, origin)), _) => (floor.reason().to_owned(), origin.to_string()),
            (None, Some(term)) => {
                (format!("risk {}, most of all {} {}", self.inherent, term.factor.name(), term.word), term.origin.to_string())
            }
            (None, None) => (format!("risk {}", self.inherent), String::new()),
        }
    }
}

fn by_number(score: u32, weights: &Weights) -> Tier {
    match score {
        score if score >= weights.high => Tier::High,
        score if score >= weights.moderate => Tier::Moderate,
        _ => Tier::Low,
    }
}

/// What counts where neither export nor manifest says anything: the middle, for what only people know.
fn unknown(factor: Factor, classes: &[String]) -> (String, Origin) {
    match factor {
        Factor::Class => (classes.get(1).or(classes.first()).cloned().unwrap_or_default(), Origin::Assumed),
        Factor::Audience => ("internal".into(), Origin::Assumed),
        Factor::Criticality => ("1".into(), Origin::Assumed),
        Factor::Capability => ("read".into(), Origin::Nothing),
        Factor::Entry | Factor::Egress | Factor::Identity => ("none".into(), Origin::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, Element};
    use crate::source::Source;

    fn exposure(elements: &[Element<'static>], policy: Option<&Policy>) -> Exposure {
        let mut model = Model::new("n8n");
        model.add_app("a".into(), "A".into(), Place::default());
        for element in elements {
            model.add(element.clone());
        }
        let source = Source::from_text("a.json", "{}");
        let locate = |place: Place| crate::finding::Locator::new(&source).locate(place.span, String::new());
        Exposure::of(&model, policy, Telling { locate: &locate, mask: &|text| Cow::Borrowed(text) })
    }

    fn element(kind: Kind, name: &'static str) -> Element<'static> {
        Element::new(kind, AppId(0), name, name, Place::default())
    }

    fn webhook() -> Element<'static> {
        let place = Place::default();
        element(Kind::Trigger, "Hook").with(Fact::TriggerExposure, Reach::Public, place).with(Fact::TriggerAuth, Auth::Absent, place)
    }

    fn action(verb: Verb) -> Element<'static> {
        element(Kind::Action, "Do").with(Fact::ActionVerb, verb, Place::default())
    }

    fn manifest(text: &str) -> Manifest {
        let around = crate::policy::manifest::Surroundings { exists: &|_| true, platforms: &[], policy: None };
        Manifest::parse(&Source::from_text("flowgate.app.yaml", text), &around).expect("a manifest")
    }

    #[test]
    fn nothing_known_is_the_middle() {
        let risk = Risk::new(&Exposure::default(), None, None);
        assert_eq!((risk.inherent, risk.tier), (12, Tier::Low));
        let worst = "classification: restricted\naudience: anonymous\ncriticality: 3";
        let everything = [webhook(), action(Verb::Execute), element(Kind::Connection, "C")];
        let risk = Risk::new(&exposure(&everything, None), Some(&manifest(worst)), None);
        assert_eq!(risk.terms.iter().map(Term::points).collect::<Vec<_>>(), [15, 12, 9, 9, 10, 0, 4]);
        assert_eq!((risk.inherent, risk.tier), (59, Tier::High));
    }

    #[test]
    fn a_manifest_says_more_and_never_less_than_the_export_shows() {
        let shown = exposure(&[webhook()], None);
        let of = |text: &str| {
            let risk = Risk::new(&shown, Some(&manifest(text)), None);
            risk.terms.into_iter().find(|term| term.factor == Factor::Audience).map(|term| (term.word, term.origin == Origin::Declared))
        };
        assert_eq!(of("audience: self"), Some(("anonymous".into(), false)));
        assert_eq!(of("audience: external"), Some(("external".into(), true)));
    }

    #[test]
    fn floors_lift_the_tier_whatever_the_number_is() {
        let tier = |elements: &[Element<'static>], text: &str| Risk::new(&exposure(elements, None), Some(&manifest(text)), None).tier;
        let harmless = "classification: public\naudience: self\ncriticality: 0";
        assert_eq!(tier(&[action(Verb::Read)], harmless), Tier::Low);
        assert_eq!(tier(&[], "classification: confidential\naudience: self\ncriticality: 0"), Tier::Moderate);
        assert_eq!(tier(&[], "classification: restricted\naudience: self\ncriticality: 0"), Tier::High);
        assert_eq!(tier(&[webhook(), action(Verb::Read)], harmless), Tier::Moderate);
        assert_eq!(tier(&[webhook(), action(Verb::Write)], harmless), Tier::High);
        let admin = element(Kind::Connection, "Users").with(Fact::ConnectionPower, Power::Admin, Place::default());
        assert_eq!(tier(&[admin], harmless), Tier::High);
    }

    #[test]
    fn exports_add_up_the_same_in_any_order() {
        let parts =
            [exposure(&[webhook()], None), exposure(&[action(Verb::Write), element(Kind::Connection, "C")], None), exposure(&[], None)];
        let mut forth = Exposure::default();
        parts.iter().for_each(|part| forth.merge(part.clone(), None));
        let mut back = Exposure::default();
        parts.iter().rev().for_each(|part| back.merge(part.clone(), None));
        assert_eq!(forth, back);
        assert_eq!(forth.seen(Factor::Capability).map(|sight| &*sight.word), Some("write"));
    }

    #[test]
    fn a_policy_says_what_counts_how_much() {
        let policy = Policy::parse(&Source::from_text("policy.yaml", "risk: { entry: { public: 0 }, impact: 1, moderate: 4, high: 60 }"));
        let policy = policy.expect("a policy");
        let risk = Risk::new(&exposure(&[webhook()], Some(&policy)), None, Some(&policy));
        assert_eq!((risk.inherent, risk.tier), (6, Tier::Moderate));
        assert_eq!(risk.because().0, "risk 6, most of all audience anonymous");
        let wrong = |text: &str| Policy::parse(&Source::from_text("policy.yaml", text)).expect_err("wrong").to_string();
        assert!(wrong("risk: { entry: { publik: 1 } }").contains("`publik` is no entry of an app"));
        assert!(wrong("risk: { moderate: 40 }").contains("the risk would be high from 35 and moderate from 40 on"));
    }
}

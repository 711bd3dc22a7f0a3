//! Sign-offs that count, and what an app lacks to go to the environment that it is to go to.

use super::approval::{self, Approvals, Flaw, Statement};
use super::manifest::tier;
use super::people::{self, AuthorSet, Identity, Part};
use super::risk::Risk;
use super::{Known, Run};
use crate::model::vocabulary::{PromotionLack as Lack, SignOffProblem, Tier};
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::policy::manifest::{Decision, Manifest, SignOffFile, said};
use crate::policy::people::People;
use crate::policy::tiers::{Artifact, Assurance};
use std::collections::BTreeMap;

/// What the run knows of the apps that a manifest speaks for.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// The digest of their content.
    pub digest: Option<String>,
    /// Those who made them, as their exports say.
    pub makers: Vec<Identity>,
    /// The version that their exports say.
    pub version: Option<String>,
    /// The same of the base commit; none where they are new, or nothing is compared.
    pub base: Option<BaseApp>,
}

/// What the base commit says of the apps that a manifest speaks for.
#[derive(Clone, Debug, Default)]
pub struct BaseApp {
    /// The digest of their content.
    pub digest: Option<String>,
    /// The version that their exports say.
    pub version: Option<String>,
    /// The environment that the manifest names.
    pub environment: Option<String>,
    /// The sign-offs of the manifest.
    pub statements: Vec<Statement>,
}

/// The sign-offs of a manifest; `read` gives the content of a file that lies at a path from the root of the repository.
#[must_use]
pub fn statements(manifest: &Manifest, read: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Vec<Statement> {
    let folder = manifest.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    manifest.file.signoffs.iter().map(|sign_off| statement(sign_off, folder, read)).collect()
}

fn statement(file: &SignOffFile, folder: &str, read: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Statement {
    let text = |value: &Option<crate::tree::de::Spanned<String>>| said(value.as_ref()).map(|text| text.trim().to_owned());
    let proof = file.proof.as_ref().map(|proof| match text(&proof.file) {
        None => Err("`proof` names no file".to_owned()),
        Some(name) if name.starts_with('/') || name.split(['/', '\\']).any(|part| part == "..") => {
            Err("its file lies outside of the folder of the manifest".to_owned())
        }
        Some(name) => read(&if folder.is_empty() { name } else { format!("{folder}/{name}") }),
    });
    Statement {
        function: text(&file.function).unwrap_or_default(),
        by: text(&file.by).unwrap_or_default(),
        on: text(&file.on),
        approves: file.decision.as_ref().is_none_or(|decision| decision.value == Decision::Approve),
        digest: text(&file.input_digest),
        signature: proof,
    }
}

/// Those who made the apps of a manifest and their change.
#[must_use]
pub fn authors(manifest: &Manifest, run: &Run) -> AuthorSet {
    let mut authors = run.authors.clone();
    if let Some(maker) = manifest.file.maker.as_ref().and_then(|maker| said(maker.id.as_ref())) {
        authors.add(Part::Maker, Identity::parse(maker));
    }
    for maker in run.apps.get(&manifest.path).into_iter().flat_map(|app| &app.makers) {
        authors.add(Part::Creator, maker.clone());
    }
    authors
}

/// What became of the sign-offs of an app, for those who ask which functions have agreed.
pub(super) struct Given {
    statements: Vec<Statement>,
    approvals: Approvals,
    pub(super) assurance: Assurance,
    tier: Tier,
}

impl Given {
    /// The functions of `wanted` of which nobody's approval counts.
    pub(super) fn missing(&self, wanted: &[String]) -> Vec<approval::Missing> {
        self.approvals.settle_with(&self.statements, wanted, self.assurance).1
    }
}

/// States which sign-offs of the manifest element with that number count, and what a promotion lacks.
pub(super) fn state(model: &mut Model<'_>, number: usize, manifest: &Manifest, known: &Known<'_>) -> Given {
    let given = given(manifest, known);
    let (app, place) = (model.elements[number].app, model.elements[number].place);
    let of_app = |element: &Element<'_>| element.app == app && element.kind == Kind::SignOff;
    let signed: Vec<usize> = (0..model.elements.len()).filter(|number| of_app(&model.elements[*number])).collect();
    for (nth, element) in signed.iter().enumerate() {
        state_sign_off(&mut model.elements[*element], nth, &given);
    }
    let places: Vec<Place> = signed.iter().map(|element| model.elements[*element].place).collect();
    if let Some(to) = &known.run.environment {
        let promotion = Promotion { model, app, place, places, manifest, known, given: &given, to };
        promotion.state(number);
    }
    given
}

fn given(manifest: &Manifest, known: &Known<'_>) -> Given {
    let run = known.run;
    let risk = known.exposures.get(&manifest.path).map(|exposure| Risk::new(exposure, Some(manifest), known.policy));
    let tier = tier(manifest, risk.as_ref());
    let gate = known.policy.and_then(|policy| policy.tiers.gate(tier));
    let nobody = People::default();
    let app = run.apps.get(&manifest.path);
    let statements = statements(manifest, &|path| run.files.get(path).cloned().unwrap_or_else(|| Err("its file is not there".to_owned())));
    let against = approval::Against {
        digest: app.and_then(|app| app.digest.as_deref()),
        people: known.policy.map_or(&nobody, |policy| &policy.people),
        authors: &authors(manifest, run),
        base: app.and_then(|app| app.base.as_ref()).map(|base| &*base.statements).unwrap_or_default(),
        reviews: &run.reviews,
        heads: &run.heads,
        now: known.now,
    };
    let approvals = approval::judge(&statements, &against);
    Given { statements, approvals, assurance: gate.map(|gate| gate.assurance).unwrap_or_default(), tier }
}

fn state_sign_off(element: &mut Element<'_>, nth: usize, given: &Given) {
    let (Some(flaw), Some(assurance)) = (given.approvals.flaws.get(nth), given.approvals.assurances.get(nth)) else { return };
    let flaw = flaw.clone().or_else(|| (*assurance < given.assurance).then_some(Flaw::Unsure));
    let place = element.place;
    element.set(Fact::SignOffCounts, flaw.is_none(), place);
    element.set(Fact::SignOffAssurance, assurance.name(), place);
    if let Some(flaw) = flaw {
        element.set(Fact::SignOffProblem, problem(&flaw), place);
        element.set(Fact::SignOffReason, flaw.words(), place);
    }
}

const fn problem(flaw: &Flaw) -> SignOffProblem {
    match flaw {
        Flaw::Declined => SignOffProblem::Declined,
        Flaw::Unbound => SignOffProblem::Unbound,
        Flaw::Stale => SignOffProblem::Stale,
        Flaw::UnknownFunction => SignOffProblem::UnknownFunction,
        Flaw::NotAMember => SignOffProblem::NotAMember,
        Flaw::Author(_) => SignOffProblem::ByAuthor,
        Flaw::SecondFunction(_) => SignOffProblem::SecondFunction,
        Flaw::BadSignature(_) => SignOffProblem::BadSignature,
        Flaw::BadDate => SignOffProblem::BadDate,
        Flaw::Unsure => SignOffProblem::Unsure,
    }
}

/// The way of one app to an environment.
struct Promotion<'p, 'a, 'k> {
    model: &'p mut Model<'a>,
    app: AppId,
    /// The place of the manifest.
    place: Place,
    /// The places of its sign-offs.
    places: Vec<Place>,
    manifest: &'p Manifest,
    known: &'p Known<'k>,
    given: &'p Given,
    /// The environment that it is to go to.
    to: &'p str,
}

impl Promotion<'_, '_, '_> {
    fn state(mut self, number: usize) {
        let at = |fact: Fact, element: &Element<'_>| element.place_of(fact);
        let environment = at(Fact::ManifestEnvironment, &self.model.elements[number]);
        self.sign_offs();
        self.step(environment);
        self.actor();
        self.rollback();
        self.changelog();
        self.version();
    }

    fn lacks(&mut self, lack: Lack, about: &str, place: Place, facts: &[(Fact, &str)]) {
        let name = self.manifest.name().to_owned();
        let id = format!("{} {} {about}", self.to, lack.name());
        let mut element = Element::new(Kind::Promotion, self.app, id, name, place)
            .with(Fact::PromotionTo, self.to.to_owned(), place)
            .with(Fact::PromotionTier, self.given.tier, place)
            .with(Fact::PromotionLacks, lack, place);
        for (fact, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            element.set(*fact, (*text).to_owned(), place);
        }
        self.model.add(element);
    }

    fn sign_offs(&mut self) {
        let gate = self.known.policy.and_then(|policy| policy.tiers.gate(self.given.tier));
        let wanted = gate.and_then(|gate| gate.signoffs.get(self.to)).cloned().unwrap_or_default();
        for missing in self.given.missing(&wanted) {
            let (place, detail) = match &missing.nearest {
                Some((nth, flaw)) => {
                    let by = self.given.statements.get(*nth).map_or("", |statement| &statement.by);
                    (self.places.get(*nth).copied().unwrap_or(self.place), format!("`{}` {}", super::short(by), flaw.words()))
                }
                None => (self.place, "nobody has signed off".to_owned()),
            };
            let facts = [
                (Fact::PromotionFunction, &*missing.function),
                (Fact::PromotionAssurance, self.given.assurance.name()),
                (Fact::PromotionDetail, &detail),
            ];
            self.lacks(Lack::SignOff, &missing.function, place, &facts);
        }
    }

    /// Environments are passed in their order, and none is left out.
    fn step(&mut self, place: Place) {
        let order = &self.known.run.order;
        let Some(target) = order.iter().position(|name| name == self.to) else { return };
        let declared = said(self.manifest.file.environment.as_ref()).map(|name| name.trim());
        let base = self.known.run.apps.get(&self.manifest.path).and_then(|app| app.base.as_ref());
        let from = base.and_then(|base| base.environment.as_deref()).or(declared).unwrap_or_default();
        let reached = order.iter().position(|name| name == from);
        if target == 0 || reached.is_some_and(|reached| reached + 1 >= target) {
            return;
        }
        let skipped: Vec<&str> = order[reached.map_or(0, |reached| reached + 1)..target].iter().map(String::as_str).collect();
        let (from, detail) = (from.to_owned(), skipped.join(", "));
        self.lacks(Lack::Step, "", place, &[(Fact::PromotionFrom, &from), (Fact::PromotionDetail, &detail)]);
    }

    fn actor(&mut self) {
        let Some(actor) = &self.known.run.actor else { return };
        let who = Identity::parse(actor);
        let Some(policy) = self.known.policy else { return };
        let wanted = policy.tiers.gate(self.given.tier).and_then(|gate| gate.actors.get(self.to)).cloned().unwrap_or_default();
        if !wanted.is_empty() && !wanted.iter().any(|function| people::is_member(&policy.people, &who, function)) {
            let functions = wanted.join(", ");
            self.lacks(Lack::Actor, actor, self.place, &[(Fact::PromotionActor, actor), (Fact::PromotionFunction, &functions)]);
        }
        let last = self.known.run.order.last().is_some_and(|last| last == self.to);
        if let Some(part) = authors(self.manifest, self.known.run).part_of(&who, &policy.people).filter(|_| last) {
            self.lacks(Lack::OtherActor, actor, self.place, &[(Fact::PromotionActor, actor), (Fact::PromotionDetail, part.words())]);
        }
    }

    fn rollback(&mut self) {
        if self.given.tier < Tier::Moderate {
            return;
        }
        let link = self.manifest.file.links.as_ref().and_then(|links| links.get(Artifact::Rollback));
        let app = self.known.run.apps.get(&self.manifest.path);
        // Going back to what is there now is no way back.
        let own = link.is_some_and(|link| app.and_then(|app| app.digest.as_deref()) == Some(link.trim()));
        if link.is_none() || own {
            let detail = if own { "it names the very content that is to go there" } else { "" };
            self.lacks(Lack::Rollback, "", self.place, &[(Fact::PromotionDetail, detail)]);
        }
    }

    fn changelog(&mut self) {
        let change = self.manifest.file.change.as_ref();
        let has = |value: Option<&crate::tree::de::Spanned<String>>| said(value).is_some();
        let missing: Vec<&str> = [
            (has(change.and_then(|change| change.requested_by.as_ref())), "requested_by"),
            (has(change.and_then(|change| change.approved_by.as_ref())), "approved_by"),
            (has(change.and_then(|change| change.implemented_by.as_ref())), "implemented_by"),
        ]
        .into_iter()
        .filter_map(|(has, key)| (!has).then_some(key))
        .collect();
        // A manifest without a change record is the matter of another rule.
        if change.is_some() && !missing.is_empty() {
            self.lacks(Lack::ChangelogEntry, "", self.place, &[(Fact::PromotionDetail, &missing.join(", "))]);
        }
    }

    fn version(&mut self) {
        let Some(app) = self.known.run.apps.get(&self.manifest.path) else { return };
        let Some(base) = &app.base else { return };
        let changed = app.digest.is_some() && base.digest.is_some() && app.digest != base.digest;
        if let (true, Some(version)) = (changed && app.version == base.version, app.version.clone()) {
            self.lacks(Lack::Version, "", self.place, &[(Fact::PromotionDetail, &version)]);
        }
    }
}

/// Functions that must agree, by what has changed: `decision_rights` of the policy.
pub type Rights = BTreeMap<crate::model::vocabulary::DeltaKind, Vec<String>>;

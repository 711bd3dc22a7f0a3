//! What has changed between two versions: of an app, which takes the consent of functions, and of the files that say how apps are
//! judged, which would weaken their own gate.

use super::approval::{self, Assured};
use super::people;
use super::promotion::Given;
use super::{Known, Run};
use crate::model::vocabulary::{DeltaKind, DeltaOp, Weakened};
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::policy::manifest::Manifest;
use crate::policy::tiers::Assurance;
use std::collections::BTreeMap;

/// A change of an app.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What people call the app.
    pub app: String,
    /// What has changed.
    pub kind: DeltaKind,
    /// How.
    pub op: DeltaOp,
    /// What names it within its app and survives re-export.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it means, as a sentence without its subject, which is the app: ``talks to a new host: `api.fabrikam.example` ``.
    pub says: String,
    /// The functions that must agree to it.
    pub needs: Vec<String>,
    /// Where it is; what is gone has the place of its app.
    pub place: Place,
}

/// A number of changes that the policy limits, and that is above its limit.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Total {
    /// What is counted: `permission increases`.
    pub name: String,
    /// How many there are.
    pub count: u32,
    /// How many the policy allows.
    pub most: u32,
}

/// A change of a file that says how apps are judged.
#[derive(Clone, Debug)]
pub struct Weakening {
    /// What it would weaken.
    pub weakens: Weakened,
    /// How the file has changed.
    pub op: DeltaOp,
    /// Path of the file.
    pub path: String,
    /// What it means, for the sentence: `was judged in the base and is deleted`; empty where the file says it all.
    pub detail: String,
    /// Where it is; what is gone has the place of something that is still there.
    pub place: Place,
}

/// Adds what has changed in the apps of a manifest, and whether those agree who must.
pub(super) fn state(model: &mut Model<'_>, app: AppId, manifest: &Manifest, known: &Known<'_>, given: &Given) {
    let Some(changes) = known.run.changes.get(&manifest.path) else { return };
    for change in changes {
        let missing = given.missing(&change.needs).into_iter().map(|missing| missing.function).collect();
        model.add(changed(app, change, missing));
    }
}

/// Adds what has changed in apps that no manifest speaks for: there only reviews of the forge can agree.
pub(super) fn state_ungoverned(model: &mut Model<'_>, known: &Known<'_>) {
    let Some(changes) = known.run.changes.get("") else { return };
    let nobody = people::People::default();
    let people = known.policy.map_or(&nobody, |policy| &policy.people);
    let against = Assured { people, authors: &known.run.authors, reviews: &known.run.reviews, heads: &known.run.heads };
    let approvals = approval::of_reviews(&against);
    let mut apps: BTreeMap<&str, AppId> = BTreeMap::new();
    for change in changes {
        let app = *apps.entry(&change.app).or_insert_with(|| {
            let app = model.add_app("".into(), change.app.clone().into(), change.place);
            let element = model.element_mut(model.app(app).element);
            element.set(Fact::AppKind, crate::model::vocabulary::AppKind::Governed, change.place);
            element.set(Fact::AppName, change.app.clone(), change.place);
            app
        });
        let missing = approvals.settle(&change.needs, Assurance::ForgeReview).1.into_iter().map(|missing| missing.function).collect();
        model.add(changed(app, change, missing));
    }
}

/// Adds what the change has too much of, by what the policy counts.
pub(super) fn state_totals(model: &mut Model<'_>, known: &Known<'_>) {
    if known.run.totals.is_empty() {
        return;
    }
    let place = Place::elsewhere(u32::MAX >> 1);
    let app = model.add_app("".into(), "change".into(), place);
    let element = model.app(app).element;
    model.element_mut(element).set(Fact::AppKind, crate::model::vocabulary::AppKind::Governed, place);
    for total in &known.run.totals {
        let element = delta(app, &total.name, &total.name, DeltaKind::Total, DeltaOp::Changed, place)
            .with(Fact::DeltaCount, f64::from(total.count), place)
            .with(Fact::DeltaMost, f64::from(total.most), place);
        model.add(element);
    }
}

fn changed(app: AppId, change: &Changed, missing: Vec<String>) -> Element<'static> {
    let mut element = delta(app, &change.id, &change.name, change.kind, change.op, change.place);
    element.set(Fact::DeltaSays, change.says.clone(), change.place);
    // What is gone, nobody has to agree to.
    if !change.needs.is_empty() && change.op != DeltaOp::Removed {
        consent(&mut element, &change.needs, missing, change.place);
    }
    element
}

fn delta(app: AppId, id: &str, name: &str, kind: DeltaKind, op: DeltaOp, place: Place) -> Element<'static> {
    Element::new(Kind::Delta, app, format!("{} {} {id}", op.name(), kind.name()), name.to_owned(), place)
        .with(Fact::DeltaKind, kind, place)
        .with(Fact::DeltaOp, op, place)
}

fn consent(element: &mut Element<'_>, needs: &[String], missing: Vec<String>, place: Place) {
    element.set(Fact::DeltaNeeds, needs.to_vec(), place);
    element.set(Fact::DeltaApproved, missing.is_empty(), place);
    if !missing.is_empty() {
        element.set(Fact::DeltaMissing, missing, place);
    }
}

/// Adds what the change would weaken of its own gate. Only a review of the forge counts for it: a manifest is part of the change.
pub(super) fn state_control(model: &mut Model<'_>, known: &Known<'_>) {
    let Some(first) = known.run.weakened.first() else { return };
    let app = model.add_app("".into(), "gate".into(), first.place);
    let element = model.app(app).element;
    model.element_mut(element).set(Fact::AppKind, crate::model::vocabulary::AppKind::Governed, first.place);
    let keepers = keepers(known);
    let approved = known.policy.is_some_and(|policy| reviewed(known.run, &policy.people, &keepers));
    for change in &known.run.weakened {
        let mut element =
            delta(app, &format!("{} {}", change.path, change.detail), &change.path, DeltaKind::Control, change.op, change.place).with(
                Fact::DeltaWeakens,
                change.weakens,
                change.place,
            );
        if !change.detail.is_empty() {
            element.set(Fact::DeltaSays, change.detail.clone(), change.place);
        }
        let missing = if approved { Vec::new() } else { keepers.clone() };
        consent(&mut element, &keepers, missing, change.place);
        model.add(element);
    }
}

/// The functions that keep the gate: those that the policy names for it, else the one that approves waivers, else `security`.
fn keepers(known: &Known<'_>) -> Vec<String> {
    let named = known.run.rights.get(&DeltaKind::Control).filter(|named| !named.is_empty());
    named.cloned().unwrap_or_else(|| vec![known.run.limits.approver.clone().unwrap_or_else(|| "security".to_owned())])
}

fn reviewed(run: &Run, people: &people::People, keepers: &[String]) -> bool {
    let against = Assured { people, authors: &run.authors, reviews: &run.reviews, heads: &run.heads };
    approval::of_reviews(&against).settle(keepers, Assurance::ForgeReview).1.is_empty()
}

/// What a manifest declares lower, or covers less of, than the one of the base commit: the kind and a sentence.
#[must_use]
pub fn lowered(base: &Manifest, head: Option<&Manifest>, classes: &[&str]) -> Vec<(Weakened, String)> {
    let Some(head) = head else { return vec![(Weakened::ManifestGone, String::new())] };
    let (before, after) = (&base.file, &head.file);
    let mut lowered = Vec::new();
    let mut told = |key: &str, was: String, is: Option<String>| {
        lowered.push((Weakened::Declaration, format!("`{key}` was {was} and is {}", is.unwrap_or_else(|| "not said any more".to_owned()))));
    };
    let rank = |class: &str| classes.iter().position(|known| *known == class);
    if let Some(was) = before.risk_tier.as_ref()
        && after.risk_tier.as_ref().is_none_or(|is| is.value < was.value)
    {
        told("risk_tier", was.value.name().to_owned(), after.risk_tier.as_ref().map(|is| is.value.name().to_owned()));
    }
    if let Some(was) = before.classification.as_ref()
        && after.classification.as_ref().is_none_or(|is| rank(is) < rank(was))
    {
        told("classification", was.value.clone(), after.classification.as_ref().map(|is| is.value.clone()));
    }
    if let Some(was) = before.audience.as_ref()
        && after.audience.as_ref().is_none_or(|is| is.value < was.value)
    {
        told("audience", was.value.name().to_owned(), after.audience.as_ref().map(|is| is.value.name().to_owned()));
    }
    if let Some(was) = before.criticality.as_ref()
        && after.criticality.as_ref().is_none_or(|is| is.value < was.value)
    {
        told("criticality", was.value.to_string(), after.criticality.as_ref().map(|is| is.value.to_string()));
    }
    for path in base.covers().iter().filter(|path| !head.covers().contains(path)) {
        let shown = if path.is_empty() { "the repository" } else { path };
        lowered.push((Weakened::Coverage, format!("it does not speak for `{shown}` any more")));
    }
    lowered
}

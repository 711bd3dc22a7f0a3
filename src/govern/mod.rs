//! What only the whole run knows of apps and of those who answer for them.
//!
//! [`of_export`] states in the model of an export what its manifest and the policy say of it. [`apply`] states in the model of the
//! control files what has become of the exports. Rules decide what it means.

pub mod approval;
pub mod capability;
pub mod delta;
pub mod elevation;
pub mod manifest;
pub mod people;
pub mod promotion;
pub mod risk;
pub mod signature;
pub mod waivers;

use crate::finding::Location;
use crate::model::vocabulary::AppKind;
use crate::model::{Element, Fact, Kind, Model, Place};
use crate::policy::Policy;
use crate::policy::manifest::{Manifest, Manifests};
use crate::policy::waiver::Waiver;
use jiff::Timestamp;
use risk::Exposure;
use std::collections::BTreeMap;
use waivers::{Limits, Outcome};

/// What is known of an export before it is judged.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// What the organisation says.
    pub policy: Option<&'s Policy>,
    /// All manifests of the repository.
    pub manifests: &'s Manifests,
    /// The one that speaks for the export.
    pub manifest: Option<&'s Manifest>,
    /// The time of the run.
    pub now: Timestamp,
}

/// States in the model of an export what its manifest and the policy say of it. The policy has been applied before.
pub fn of_export(model: &mut Model<'_>, subject: &Subject<'_>) {
    if !subject.manifests.is_empty() {
        for app in 0..model.apps.len() {
            let element = model.apps[app].element;
            let place = model.element(element).place;
            model.element_mut(element).set(Fact::AppGoverned, subject.manifest.is_some(), place);
        }
    }
    let Some(manifest) = subject.manifest else { return };
    elevation::of_grants(model, manifest, subject.now);
    if let Some(policy) = subject.policy {
        capability::of_maker(model, manifest, policy);
    }
}

/// What is known of the run itself: what it is for, who made what it judges, who has agreed to that, and what has changed. All of it
/// may be missing: then what needs it is silent.
#[derive(Debug, Default)]
pub struct Run {
    /// The environment that the apps are to go to.
    pub environment: Option<String>,
    /// All environments, in the order in which apps pass them.
    pub order: Vec<String>,
    /// Who promotes the apps.
    pub actor: Option<String>,
    /// Those who made the change, as its commits and the forge say.
    pub authors: people::AuthorSet,
    /// What is known of the apps of each manifest, by its path.
    pub apps: BTreeMap<String, promotion::App>,
    /// Files that sign-offs name as their proof, by their path; an error says why there is none.
    pub files: BTreeMap<String, Result<Vec<u8>, String>>,
    /// The reviews of the forge.
    pub reviews: Vec<approval::Review>,
    /// The commits whose review is one of this content.
    pub heads: Vec<String>,
    /// The functions that must agree to a change, by its kind.
    pub rights: promotion::Rights,
    /// What has changed in the apps of each manifest, by its path; in those without one, by the empty text.
    pub changes: BTreeMap<String, Vec<delta::Changed>>,
    /// What there is too much of in the change.
    pub totals: Vec<delta::Total>,
    /// What in the policy does not hold any more.
    pub over: Vec<Over>,
    /// What has changed in the files that say how apps are judged.
    pub weakened: Vec<delta::Weakening>,
    /// What the policy lets waivers do.
    pub limits: Limits,
    /// All waivers.
    pub waivers: Vec<Waiver>,
    /// What became of them; empty until the findings of all other rules are known.
    pub outcomes: Vec<Outcome>,
}

/// Something in the policy that does not hold any more.
#[derive(Clone, Debug)]
pub struct Over {
    /// What it is, in one lower-case sentence.
    pub says: String,
    /// Where it stands, as the number of a location.
    pub place: Place,
}

/// What only the whole run knows.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// What the organisation says.
    pub policy: Option<&'k Policy>,
    /// All manifests of the repository.
    pub manifests: &'k Manifests,
    /// What the exports show that each manifest speaks for, by the path of the manifest.
    pub exposures: &'k BTreeMap<String, Exposure>,
    /// What is known of the run itself.
    pub run: &'k Run,
    /// The time of the run.
    pub now: Timestamp,
    /// Places in other files, which places of what has changed refer to by number.
    pub locations: &'k [Location],
    /// The path, from the root of the repository, of a file of the model.
    pub path: &'k dyn Fn(u32) -> &'k str,
}

/// States in the model of the control files what the whole run knows.
pub fn apply(model: &mut Model<'_>, known: &Known<'_>) {
    for number in 0..model.elements.len() {
        let element = &model.elements[number];
        if element.kind != Kind::Manifest || element.fact(Fact::ManifestGap).is_some() {
            continue;
        }
        let Some(manifest) = known.manifests.at((known.path)(element.place.file)) else { continue };
        manifest::state(model, number, manifest, known);
        elevation::state(model, model.elements[number].app, manifest, known);
        let given = promotion::state(model, number, manifest, known);
        delta::state(model, model.elements[number].app, manifest, known, &given);
    }
    delta::state_ungoverned(model, known);
    delta::state_totals(model, known);
    delta::state_control(model, known);
    state_over(model, known);
    waivers::state(model, &known.run.waivers, &known.run.outcomes, known.path);
}

/// Adds what in the policy does not hold any more.
fn state_over(model: &mut Model<'_>, known: &Known<'_>) {
    let Some(first) = known.run.over.first() else { return };
    let app = model.add_app("".into(), "policy".into(), first.place);
    let element = model.app(app).element;
    model.element_mut(element).set(Fact::AppKind, AppKind::Governed, first.place);
    for over in &known.run.over {
        let element = Element::new(Kind::Policy, app, over.says.clone(), "policy", over.place);
        model.add(element.with(Fact::PolicyOver, over.says.clone(), over.place));
    }
}

/// A text of a file, short enough for a sentence.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

//! What only the whole run knows of apps and of those who answer for them.
//!
//! [`of_export`] states in the model of an export what its manifest and the policy say of it. [`apply`] states in the model of the
//! control files what has become of the exports. Rules decide what it means.

pub mod capability;
pub mod elevation;
pub mod manifest;
pub mod risk;

use crate::model::{Fact, Kind, Model};
use crate::policy::Policy;
use crate::policy::manifest::{Manifest, Manifests};
use jiff::Timestamp;
use risk::Exposure;
use std::collections::BTreeMap;

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

/// What only the whole run knows.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// What the organisation says.
    pub policy: Option<&'k Policy>,
    /// All manifests of the repository.
    pub manifests: &'k Manifests,
    /// What the exports show that each manifest speaks for, by the path of the manifest.
    pub exposures: &'k BTreeMap<String, Exposure>,
    /// The time of the run.
    pub now: Timestamp,
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
    }
}

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
use crate::source::{Files, SourceError};

/// A change of an app.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What has changed.
    pub kind: DeltaKind,
    /// How.
    pub op: DeltaOp,
    /// What names it within its app and survives re-export.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How it was, as far as a text can say it.
    pub before: String,
    /// How it is.
    pub after: String,
    /// Where it is; what is gone has the place of its app.
    pub place: Place,
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
    /// What exactly, for the sentence: a key and its values; empty where the file says it all.
    pub detail: String,
    /// Where it is; what is gone has the place of something that is still there.
    pub place: Place,
}

/// Adds what has changed in the apps of a manifest, and whether those agree who must.
pub(super) fn state(model: &mut Model<'_>, app: AppId, manifest: &Manifest, known: &Known<'_>, given: &Given) {
    let Some(changes) = known.run.changes.get(&manifest.path) else { return };
    for change in changes {
        let mut element = delta(app, &change.id, &change.name, change.kind, change.op, change.place);
        for (fact, text) in [(Fact::DeltaBefore, &change.before), (Fact::DeltaAfter, &change.after)] {
            if !text.is_empty() {
                element.set(fact, text.clone(), change.place);
            }
        }
        // What is gone, nobody has to agree to.
        let needs = known.run.rights.get(&change.kind).filter(|_| change.op != DeltaOp::Removed);
        if let Some(needs) = needs.filter(|needs| !needs.is_empty()) {
            let missing: Vec<String> = given.missing(needs).into_iter().map(|missing| missing.function).collect();
            consent(&mut element, needs, missing, change.place);
        }
        model.add(element);
    }
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
            element.set(Fact::DeltaAfter, change.detail.clone(), change.place);
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

/// The files of a repository that run its gate, apart from those below `.flowgate`.
const WORKFLOWS: &[&str] = &[".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "Jenkinsfile"];

/// What differs between the control files of the base commit and those of the change, as kind, operation and path. New rules and
/// waivers that are gone only tighten. Manifests are compared apart, by what they say.
///
/// # Errors
/// When a file cannot be read.
pub fn control_files(base: &dyn Files, head: &dyn Files) -> Result<Vec<(Weakened, DeltaOp, String)>, SourceError> {
    let mut paths: Vec<String> = base.list(".flowgate")?;
    paths.extend(head.list(".flowgate")?);
    paths.extend(base.list(".github")?);
    paths.extend(WORKFLOWS.iter().map(|path| (*path).to_owned()));
    paths.sort_unstable();
    paths.dedup();
    let mut found = Vec::new();
    for path in paths {
        let Some(weakens) = kind_of(&path) else { continue };
        let (before, after) = (base.read(&path)?, head.read(&path)?);
        if before == after {
            continue;
        }
        let op = match (&before, &after) {
            (None, _) => DeltaOp::Added,
            (_, None) => DeltaOp::Removed,
            _ => DeltaOp::Changed,
        };
        let tightens = match weakens {
            Weakened::Rule => op == DeltaOp::Added,
            Weakened::Waiver => op == DeltaOp::Removed,
            Weakened::Workflow => !before.as_deref().is_some_and(runs_gate),
            _ => false,
        };
        if !tightens {
            found.push((weakens, op, path));
        }
    }
    Ok(found)
}

fn kind_of(path: &str) -> Option<Weakened> {
    if let Some(inside) = path.strip_prefix(".flowgate/") {
        return match inside.split('/').next() {
            Some("waivers") => Some(Weakened::Waiver),
            Some("rules") => Some(Weakened::Rule),
            Some(_) => Some(Weakened::Policy),
            None => None,
        };
    }
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    ((path.starts_with(".github/") && yaml) || WORKFLOWS.contains(&path)).then_some(Weakened::Workflow)
}

fn runs_gate(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"flowgate").is_some()
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

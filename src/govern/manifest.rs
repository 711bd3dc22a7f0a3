//! What a manifest lacks, and what it says lower than its app shows.

use super::Known;
use super::risk::{Exposure, Risk};
use crate::model::vocabulary::{ManifestGap, Tier, Understated};
use crate::model::{Element, Fact, Kind, Model, Place, Value};
use crate::policy::Policy;
use crate::policy::manifest::{CLASSES, Manifest, said};
use crate::policy::tiers::Artifact;
use crate::policy::weights::Factor;

/// States facts about the manifest element with that number.
pub(super) fn state(model: &mut Model<'_>, number: usize, manifest: &Manifest, known: &Known<'_>) {
    let exposure = known.exposures.get(&manifest.path);
    let risk = exposure.map(|exposure| Risk::new(exposure, Some(manifest), known.policy));
    let element = &mut model.elements[number];
    let place = element.place;
    if let Some(risk) = &risk {
        element.set(Fact::ManifestRisk, f64::from(risk.inherent), place);
        element.set(Fact::ManifestComputedTier, risk.tier, place);
        element.set(Fact::ManifestTerms, risk.terms.iter().map(ToString::to_string).collect::<Vec<_>>(), place);
        if !risk.floors.is_empty() {
            let floors = risk.floors.iter().map(|(floor, origin)| format!("{}: {} ({origin})", floor.tier().name(), floor.reason()));
            element.set(Fact::ManifestFloors, floors.collect::<Vec<_>>(), place);
        }
    }
    if let Some(review) = manifest.review {
        element.set(Fact::ManifestOverdue, review.is_past(known.now), element.place_of(Fact::ManifestReview));
    }
    if let Some(end) = manifest.certification_end {
        element.set(Fact::ManifestCertificationOver, end.is_past(known.now), element.place_of(Fact::ManifestCertificationEnd));
    }
    let tier = tier(manifest, risk.as_ref());
    let missing = missing_of_change(manifest, tier, exposure, known.policy);
    if !missing.is_empty() {
        element.set(Fact::ManifestChangeMissing, missing, place);
    }
    let base = element.clone();
    for (gap, place, missing) in gaps(manifest, tier, &base, known.policy) {
        let mut element = of(&base, gap.name(), place).with(Fact::ManifestGap, gap, place);
        if !missing.is_empty() {
            element.set(Fact::ManifestMissing, missing, place);
        }
        model.add(element);
    }
    for Low { what, place, declared, computed, because } in understated(manifest, exposure, risk.as_ref(), &base, known.policy) {
        let element = of(&base, what.name(), place)
            .with(Fact::ManifestUnderstated, what, place)
            .with(Fact::ManifestDeclared, declared, place)
            .with(Fact::ManifestComputed, computed, place)
            .with(Fact::ManifestBecause, because.0, place)
            .with(Fact::ManifestShownBy, because.1, place);
        model.add(element);
    }
}

/// An element beside that of the manifest, about one thing that is wrong; with what messages say of the manifest.
fn of<'t>(base: &Element<'t>, id: &'static str, place: Place) -> Element<'t> {
    let mut element = Element::new(Kind::Manifest, base.app, id, base.name.clone(), place);
    for fact in [Fact::ManifestOwner, Fact::ManifestSteward, Fact::ManifestClass, Fact::ManifestRisk] {
        if let Some(value) = base.fact(fact) {
            element.set(fact, value.clone(), base.place_of(fact));
        }
    }
    element
}

/// The tier that counts: what is declared, where that is more than what is computed.
#[must_use]
pub fn tier(manifest: &Manifest, risk: Option<&Risk>) -> Tier {
    let declared = manifest.file.risk_tier.as_ref().map(|tier| tier.value);
    declared.into_iter().chain(risk.map(|risk| risk.tier)).max().unwrap_or(Tier::Low)
}

type Gap = (ManifestGap, Place, Vec<&'static str>);

fn gaps(manifest: &Manifest, tier: Tier, base: &Element<'_>, policy: Option<&Policy>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let missing = missing(manifest, tier, policy);
    if !missing.is_empty() {
        gaps.push((ManifestGap::MissingKeys, base.place, missing));
    }
    let Some(policy) = policy else { return gaps };
    let unknown = |fact: Fact| base.text(fact).is_some_and(|who| policy.people.knows(who) == Some(false));
    // Teams are no people: the policy does not list them.
    let person = manifest.file.owner.as_ref().is_some_and(|owner| said(owner.person.as_ref()).is_some());
    if person && unknown(Fact::ManifestOwner) {
        gaps.push((ManifestGap::UnknownOwner, base.place_of(Fact::ManifestOwner), Vec::new()));
    }
    if unknown(Fact::ManifestSteward) {
        gaps.push((ManifestGap::UnknownSteward, base.place_of(Fact::ManifestSteward), Vec::new()));
    }
    let highest = base.text(Fact::ManifestClass).is_some_and(|class| policy.class_names().last() == Some(&class));
    let same =
        base.text(Fact::ManifestOwner).zip(base.text(Fact::ManifestSteward)).is_some_and(|(one, other)| policy.people.same(one, other));
    if highest && same {
        gaps.push((ManifestGap::StewardIsOwner, base.place_of(Fact::ManifestSteward), Vec::new()));
    }
    gaps
}

/// What an app of the tier must say and the manifest does not.
fn missing(manifest: &Manifest, tier: Tier, policy: Option<&Policy>) -> Vec<&'static str> {
    let file = &manifest.file;
    let app = |has: bool, key: &'static str| (!has).then_some(key);
    let more = tier >= Tier::Moderate;
    let makers = policy.is_some_and(|policy| policy.tiers.makers().next().is_some());
    let environments = policy.is_some_and(|policy| !policy.environments().is_empty());
    let maker = file.maker.as_ref();
    let links = file.links.as_ref();
    let linked = |artifact: Artifact| links.is_some_and(|links| links.get(artifact).is_some());
    let mut missing: Vec<&'static str> = [
        app(file.app.as_ref().is_some_and(|app| said(app.id.as_ref()).is_some()), "app.id"),
        app(manifest.owner().is_some(), "owner"),
        app(said(file.classification.as_ref()).is_some(), "classification"),
        app(manifest.review.is_some(), "review_by"),
        app(!environments || said(file.environment.as_ref()).is_some(), "environment"),
        app(!makers || maker.is_some_and(|maker| said(maker.id.as_ref()).is_some()), "maker.id"),
        app(!makers || manifest.maker_tier().is_some(), "maker.tier"),
        app(!more || said(file.data_steward.as_ref()).is_some(), "data_steward"),
        app(!more || file.audience.is_some(), "audience"),
        app(!more || file.criticality.is_some(), "criticality"),
        app(!more || linked(Artifact::Runbook), "links.runbook"),
    ]
    .into_iter()
    .flatten()
    .collect();
    // The version to go back to is asked for when an app is promoted.
    let asked = policy.and_then(|policy| policy.tiers.gate(tier)).map(|gate| gate.artifacts.as_slice()).unwrap_or_default();
    for artifact in asked.iter().filter(|artifact| **artifact != Artifact::Rollback && !linked(**artifact)) {
        let key = match artifact {
            Artifact::ThreatModel => "links.threat_model",
            Artifact::AccessReview => "links.access_review",
            Artifact::Logs => "links.logs",
            Artifact::Runbook | Artifact::Rollback => "links.runbook",
        };
        if !missing.contains(&key) {
            missing.push(key);
        }
    }
    missing
}

/// What the record of a change must say and does not. Apps of low risk need none; one that is begun is finished.
fn missing_of_change(manifest: &Manifest, tier: Tier, exposure: Option<&Exposure>, policy: Option<&Policy>) -> Vec<&'static str> {
    let change = manifest.file.change.as_ref();
    if change.is_none() && tier == Tier::Low {
        return Vec::new();
    }
    let has = |text: Option<&crate::tree::de::Spanned<String>>| said(text).is_some();
    let says = |get: fn(&crate::policy::manifest::ChangeFile) -> Option<&crate::tree::de::Spanned<String>>| has(change.and_then(get));
    let assessed = change.and_then(|change| change.impact_assessment.as_ref()).is_some_and(|impact| !impact.personal_data.is_empty());
    let protects = is_confidential(manifest, exposure, policy);
    [
        (!says(|change| change.ticket.as_ref())).then_some("change.ticket"),
        (!says(|change| change.rationale.as_ref())).then_some("change.rationale"),
        (tier >= Tier::Moderate && !says(|change| change.risk_assessment.as_ref())).then_some("change.risk_assessment"),
        (protects && !assessed).then_some("change.impact_assessment"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether data of one of the two highest classes is worked with, by manifest or by export.
fn is_confidential(manifest: &Manifest, exposure: Option<&Exposure>, policy: Option<&Policy>) -> bool {
    let classes = policy.map_or_else(|| CLASSES.to_vec(), Policy::class_names);
    let high = |class: &str| classes.len() > 2 && classes.iter().rev().take(2).any(|known| *known == class);
    manifest.file.classification.as_ref().is_some_and(|class| high(&class.value))
        || exposure.and_then(|exposure| exposure.seen(Factor::Class)).is_some_and(|sight| high(&sight.word))
}

/// Something that a manifest says lower than it is.
struct Low<'t> {
    what: Understated,
    place: Place,
    declared: Value<'t>,
    computed: String,
    /// Why, and what shows it.
    because: (String, String),
}

fn understated<'t>(
    manifest: &Manifest,
    exposure: Option<&Exposure>,
    risk: Option<&Risk>,
    base: &Element<'t>,
    policy: Option<&Policy>,
) -> Vec<Low<'t>> {
    let mut found = Vec::new();
    let declared = manifest.file.risk_tier.as_ref().map(|tier| tier.value);
    if let (Some(declared), Some(risk)) = (declared, risk)
        && declared < risk.tier
    {
        let place = base.place_of(Fact::ManifestTier);
        let computed = risk.tier.name().to_owned();
        found.push(Low { what: Understated::Tier, place, declared: declared.into(), computed, because: risk.because() });
    }
    let classes = policy.map_or_else(|| CLASSES.to_vec(), Policy::class_names);
    let rank = |class: &str| classes.iter().position(|known| *known == class);
    let declared = manifest.file.classification.as_ref().map(|class| class.value.as_str());
    if let (Some(declared), Some(seen)) = (declared, exposure.and_then(|exposure| exposure.seen(Factor::Class)))
        && rank(declared) < rank(&seen.word)
    {
        let place = base.place_of(Fact::ManifestClass);
        let because = ("as its columns tell".to_owned(), super::risk::Origin::Seen(seen.clone()).to_string());
        found.push(Low { what: Understated::Class, place, declared: declared.to_owned().into(), computed: seen.word.clone(), because });
    }
    found
}

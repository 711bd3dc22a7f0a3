//! What an app uses and not all makers may use, held against the tier of its maker.

use crate::model::vocabulary::{
    AppKind, Auth, Confirm, Exposure, Language, MakerCapability as Capability, Power, Publisher, Standing, TriggerKind, Verb,
};
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::policy::Policy;
use crate::policy::manifest::Manifest;
use std::collections::BTreeMap;

/// States what the apps of a model use that their maker may or may not use, each capability once an app, at the first place of it.
pub(super) fn of_maker(model: &mut Model<'_>, manifest: &Manifest, policy: &Policy) {
    let Some(tier) = manifest.maker_tier() else { return };
    let maker = manifest.file.maker.as_ref().and_then(|maker| maker.id.as_ref()).map(|id| id.value.clone());
    for ((app, capability), (name, place)) in used(model) {
        let Some(allowed) = policy.tiers.allows(tier, capability) else { continue };
        let mut element = Element::new(Kind::Capability, app, capability.name(), name, place)
            .with(Fact::CapabilityKind, capability, place)
            .with(Fact::CapabilityAllowed, allowed, place)
            .with(Fact::CapabilityMakerTier, tier.to_owned(), place);
        if let Some(maker) = &maker {
            element.set(Fact::CapabilityMaker, maker.clone(), place);
        }
        model.add(element);
    }
}

/// The capabilities that each app uses, with the name and place of the first thing that does.
fn used(model: &Model<'_>) -> BTreeMap<(AppId, Capability), (String, Place)> {
    let mut used = BTreeMap::new();
    for element in &model.elements {
        let app = model.apps.get(element.app.0 as usize).map(|app| model.element(app.element));
        let defines = app.is_some_and(|app| app.is(Fact::AppKind, AppKind::Connector.name()));
        // The address in the definition of a connector is what makes it one.
        for capability in of(element).into_iter().filter(|capability| !(defines && *capability == Capability::Http)) {
            used.entry((element.app, capability)).or_insert_with(|| (element.name.clone().into_owned(), element.place));
        }
    }
    used
}

/// What an element is by itself.
fn of(element: &Element<'_>) -> Vec<Capability> {
    let is = |fact: Fact, word: &str| element.is(fact, word);
    let speaks = |languages: &[Language]| languages.iter().any(|language| is(Fact::ActionLanguage, language.name()));
    let found: &[(bool, Capability)] = match element.kind {
        Kind::App => &[
            (is(Fact::AppKind, AppKind::Screens.name()) || is(Fact::AppKind, AppKind::Site.name()), Capability::Form),
            (is(Fact::AppKind, AppKind::Connector.name()), Capability::CustomConnector),
            (is(Fact::AppKind, AppKind::Agent.name()), Capability::Agent),
        ],
        Kind::Trigger => {
            let open = is(Fact::TriggerExposure, Exposure::Public.name())
                && [Auth::Absent, Auth::UrlSecret].iter().any(|auth| is(Fact::TriggerAuth, auth.name()));
            &[
                (is(Fact::TriggerKind, TriggerKind::Form.name()), Capability::Form),
                (is(Fact::TriggerKind, TriggerKind::Schedule.name()), Capability::Schedule),
                (!open && is(Fact::TriggerKind, TriggerKind::Http.name()), Capability::Webhook),
                (open, Capability::PublicEntry),
            ]
        }
        Kind::Action => &[
            (is(Fact::ActionConfirm, Confirm::Human.name()), Capability::Approval),
            (is(Fact::ActionVerb, Verb::Share.name()), Capability::Sharing),
            (speaks(&[Language::Sql, Language::Query]), Capability::Query),
            (speaks(&[Language::Javascript, Language::Python, Language::Shell]), Capability::CustomCode),
        ],
        // What is not approved is told by the policy's own rules.
        Kind::Connector => &[
            (is(Fact::ConnectorStanding, Standing::Approved.name()), Capability::ApprovedConnector),
            (is(Fact::ConnectorPublisher, Publisher::Custom.name()), Capability::CustomConnector),
        ],
        Kind::Connection => &[
            (is(Fact::ConnectionPower, Power::Admin.name()), Capability::AdminConnector),
            (is(Fact::ConnectionPower, Power::Machine.name()), Capability::DesktopFlow),
            (is(Fact::ConnectionPower, Power::AnyRequest.name()), Capability::Http),
        ],
        Kind::Endpoint => &[(element.fact(Fact::EndpointUrl).is_some(), Capability::Http)],
        Kind::Component => {
            let host = element.fact(Fact::ComponentCapability).is_some();
            let own = is(Fact::ComponentPublisher, Publisher::Platform.name());
            &[(host, Capability::Machine), (!host && !own, Capability::Component)]
        }
        Kind::Agent => &[(true, Capability::Agent)],
        // Steps that give rights are sharing.
        Kind::Grant => &[(element.step.is_none(), Capability::Roles)],
        _ => &[],
    };
    found.iter().filter(|(holds, _)| *holds).map(|(_, capability)| *capability).collect()
}

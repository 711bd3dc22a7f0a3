//! Settings of the organisation that are weaker than the baseline of the platform's own health check.
//!
//! Nearly all organisations keep what they were made with, so all that is weak in a file is one thing to say.

use super::super::Context;
use super::super::component::{Component, member, text};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;

/// A setting: root, group within it or nothing, name, values that are weak in lower case.
type Weak = (&'static str, &'static str, &'static str, &'static [&'static str]);

const OFF: &[&str] = &["false"];
const ON: &[&str] = &["true"];

const SECURITY: &str = "SecuritySettings";

#[rustfmt::skip]
const WEAK: &[Weak] = &[
    (SECURITY, "", "enableRequireHttpsConnection", OFF),
    (SECURITY, "", "enableAdminLoginAsAnyUser", ON),
    (SECURITY, "passwordPolicies", "minimumPasswordLength", &["1", "2", "3", "4", "5", "6", "7"]),
    (SECURITY, "passwordPolicies", "complexity", &["norestriction"]),
    (SECURITY, "passwordPolicies", "maxLoginAttempts", &["nolimit"]),
    (SECURITY, "passwordPolicies", "historyRestriction", &["0"]),
    (SECURITY, "sessionSettings", "sessionTimeout", &["twelvehours", "twentyfourhours"]),
    (SECURITY, "sessionSettings", "forceLogoutOnSessionTimeout", OFF),
    (SECURITY, "sessionSettings", "lockSessionsToDomain", OFF),
    (SECURITY, "sessionSettings", "requireHttpOnly", OFF),
    (SECURITY, "sessionSettings", "requireHttps", OFF),
    (SECURITY, "sessionSettings", "enableCSRFOnGet", OFF),
    (SECURITY, "sessionSettings", "enableCSRFOnPost", OFF),
    (SECURITY, "sessionSettings", "enableClickjackSetup", OFF),
    (SECURITY, "sessionSettings", "enableClickjackNonsetupSFDC", OFF),
    (SECURITY, "sessionSettings", "enableClickjackNonsetupUser", OFF),
    (SECURITY, "sessionSettings", "enableContentSniffingProtection", OFF),
    (SECURITY, "sessionSettings", "enableXssProtection", OFF),
    (SECURITY, "sessionSettings", "hstsOnForcecomSites", OFF),
    (SECURITY, "sessionSettings", "identityConfirmationOnEmailChange", OFF),
    (SECURITY, "sessionSettings", "canConfirmIdentityBySmsOnly", ON),
    ("OauthOidcSettings", "", "blockOAuthUnPwFlow", OFF),
    ("OauthOidcSettings", "", "blockOAuthUsrAgtFlow", OFF),
    ("OauthOidcSettings", "", "isPkceRequired", OFF),
    ("ConnectedAppSettings", "", "enableAdminApprovedAppsOnly", OFF),
    ("CommunitiesSettings", "", "enableGuestSecurityOptOutCruc", ON),
    ("CommunitiesSettings", "", "enableGuvSecurityOptOutPref", ON),
    ("SharingSettings", "", "enablePortalUserVisibility", ON),
    ("SharingSettings", "", "enableSecureGuestAccess", OFF),
    ("SharingSettings", "", "enableCommunityUserVisibility", ON),
    ("CustomSite", "", "clickjackProtectionLevel", &["allowallframing"]),
    ("CustomSite", "", "requireHttps", OFF),
    ("CustomSite", "", "browserXssProtection", OFF),
    ("CustomSite", "", "contentSniffingProtection", OFF),
    ("Network", "", "enableGuestChatter", ON),
    ("Network", "", "enableGuestMemberVisibility", ON),
];

/// The settings that are read here; sites have modules of their own.
pub(super) const ROOTS: &[&str] = &[SECURITY, "OauthOidcSettings", "ConnectedAppSettings", "CommunitiesSettings", "SharingSettings"];

pub(in super::super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    below(context, &component, node);
    let ranges = node.at(&["networkAccess"]).into_iter().flat_map(|access| access.get_all("ipRanges"));
    for range in ranges {
        let is = |name: &str, address: &str| member(range, name).is_some_and(|(text, _)| text == address);
        if is("start", "0.0.0.0") && is("end", "255.255.255.255") {
            let place = Place::key_of(range);
            let setting = component.element(Kind::Setting, "addresses", place).with(Fact::SettingKey, "login-addresses", place).with(
                Fact::SettingBelow,
                vec!["networkAccess"],
                place,
            );
            context.model.add(setting);
        }
    }
}

/// Adds what is weak in a component, as one.
pub(super) fn below<'t>(context: &mut Context<'_, 't>, component: &Component<'t>, node: Node<'t>) {
    let of_root = WEAK.iter().filter(|(root, ..)| node.has_key(root));
    let found: Vec<(&'static str, Place)> = of_root
        .filter_map(|(_, group, name, weak)| {
            let group = if group.is_empty() { node } else { node.get(group)? };
            let held = group.get(name)?;
            let value = text(held)?.to_ascii_lowercase();
            weak.contains(&&*value).then(|| (*name, Place::of(held)))
        })
        .collect();
    let Some((_, place)) = found.first().copied() else { return };
    let names: Vec<&'static str> = found.iter().map(|(name, _)| *name).collect();
    let mut setting = component.element(Kind::Setting, "baseline", place).with(Fact::SettingKey, "baseline", place);
    setting.set(Fact::SettingBelow, names, place);
    context.model.add(setting);
}

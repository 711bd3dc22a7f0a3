//! Programs that log in to the organisation, and providers by which people do: what they must prove, what they get and for how long.

use super::super::Context;
use super::super::component::{Component, flag, member, text_node};
use super::hosts;
use crate::model::secret::{Position, base64};
use crate::model::vocabulary::SecretPlace;
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// Connected apps, and the parts that their successors are kept in.
pub(super) const ROOTS: &[&str] = &[
    "ConnectedApp",
    "ExternalClientApplication",
    "ExtlClntAppGlobalOauthSettings",
    "ExtlClntAppOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies",
    "ExtlClntAppConfigurablePolicies",
];

/// Switches with the value that spares the program something, and what.
const SPARING: &[(&str, bool, &str)] = &[
    ("isPkceRequired", false, "proof-key"),
    ("isConsumerSecretOptional", true, "secret"),
    ("isSecretRequiredForRefreshToken", false, "secret"),
    ("isAdminApproved", false, "approval"),
    ("isRefreshTokenRotationEnabled", false, "rotation"),
    ("isGuestCodeCredFlowEnabled", true, "login"),
];

/// Words of policies that spare the program something, and what.
const POLICIES: &[(&str, &[&str], &str)] = &[
    ("ipRelaxation", &["BYPASS", "BYPASS_2FACTOR", "RELAX"], "network"),
    ("ipRelaxationPolicyType", &["Bypass", "Relax"], "network"),
    ("permittedUsersPolicyType", &["AllSelfAuthorized"], "approval"),
];

pub(in super::super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    // A connected app keeps in two groups what its successor keeps in files of their own.
    let groups: Vec<Node<'t>> = [node].into_iter().chain(node.get("oauthConfig")).chain(node.get("oauthPolicy")).collect();
    let mut connection = component.element(Kind::Connection, "client", component.place).with(
        Fact::ConnectionType,
        node.key().unwrap_or_default(),
        component.place,
    );
    let switches = SPARING.iter().filter_map(|(name, value, what)| {
        let (on, place) = groups.iter().find_map(|group| flag(*group, name))?;
        (on == *value).then_some((*what, place))
    });
    let words = POLICIES.iter().filter_map(|(name, words, what)| {
        let (text, held) = groups.iter().find_map(|group| member(*group, name))?;
        words.iter().any(|word| text.eq_ignore_ascii_case(word)).then_some((*what, Place::of(held)))
    });
    let mut spares: Vec<(&'static str, Place)> = switches.chain(words).collect();
    spares.sort_by_key(|(what, _)| *what);
    spares.dedup_by_key(|(what, _)| *what);
    if let Some((_, place)) = spares.first().copied() {
        connection.set(Fact::ConnectionSpares, spares.iter().map(|(what, _)| *what).collect::<Vec<_>>(), place);
    }
    let policy =
        ["refreshTokenPolicy", "refreshTokenPolicyType"].iter().find_map(|name| groups.iter().find_map(|group| member(*group, name)));
    if let Some((policy, held)) = policy {
        connection.set(Fact::ConnectionExpires, !policy.eq_ignore_ascii_case("infinite"), Place::of(held));
    }
    if let Some((scope, place)) = groups.iter().find_map(|group| broad_scope(*group)) {
        connection.set(Fact::ConnectionBroadScopes, vec![scope], place);
    }
    context.model.add(connection);
    for group in groups {
        secret(context, &component, group);
        callbacks(context, &component, group);
    }
}

/// The scope that opens all that the person may do.
fn broad_scope(group: Node<'_>) -> Option<(Cow<'_, str>, Place)> {
    let each = group.get_all("scopes").chain(group.get_all("commaSeparatedOauthScopes"));
    each.filter_map(|node| Some((node.as_str()?, node))).find_map(|(text, node)| {
        let found = text.split(',').map(str::trim).find(|scope| scope.eq_ignore_ascii_case("full"))?.to_owned();
        Some((found.into(), Place::of(node)))
    })
}

/// Adds addresses that tokens are sent to in clear. One field holds several, each on a line.
fn callbacks<'t>(context: &mut Context<'_, 't>, component: &Component<'t>, group: Node<'t>) {
    let Some(node) = group.get("callbackUrl") else { return };
    let Some(text) = node.as_str() else { return };
    if text.split_whitespace().nth(1).is_none() {
        hosts::add_endpoint(context, component, "callback", Some(node));
    }
}

/// Who says to the organisation who somebody is.
pub(super) const PROVIDERS: &[&str] = &["AuthProvider", "SamlSsoConfig"];

pub(in super::super) fn lower_provider<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    secret(context, &component, node);
    for name in ["authorizeUrl", "tokenUrl", "userInfoUrl", "loginUrl", "logoutUrl", "singleLogoutUrl"] {
        hosts::add_endpoint(context, &component, name, node.get(name));
    }
}

/// Adds the secret of a program. An export has it encrypted with a key of the organisation that it comes from, if at all; by hand people
/// write it in clear.
fn secret<'t>(context: &mut Context<'_, 't>, component: &Component<'t>, group: Node<'t>) {
    let Some((value, held)) = member(group, "consumerSecret").filter(|(value, _)| !is_ciphertext(value) && !hosts::is_template(value))
    else {
        return;
    };
    let named = value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' '));
    if !named {
        component.secrets(context, "consumerSecret", text_node(held), (Position::CredentialField, SecretPlace::SecretSection));
    }
}

/// Whether the text is what the platform exports in the place of a secret: base64 of whole blocks of a cipher behind its start value.
fn is_ciphertext(text: &str) -> bool {
    const SHORTEST: usize = 44;
    // What the platform itself makes for programs is digits and letters of base 16, which base64 has, too.
    let is_number = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_blocks = text.len() >= SHORTEST && text.len().is_multiple_of(4) && !is_number;
    is_blocks && base64(text).is_some_and(|bytes| bytes.iter().any(|byte| !byte.is_ascii()))
}

#[cfg(test)]
mod tests {
    use super::is_ciphertext;

    #[test]
    fn what_the_platform_encrypts_is_told_by_its_shape() {
        assert!(is_ciphertext("q3Zr8vLm1XcT7eWk0YbNsJ5uHd9fGa2pQoRiVtKxMlE="));
        assert!(!is_ciphertext("8C41F09B7D3E5A6210FD94C8B7A6E5D3F21C0B9A88776E5D4C3B2A190F8E7D6C"));
        assert!(!is_ciphertext("GOCSPX-abcdefghijklmnopqrstuvwx") && !is_ciphertext("b7d41f0ac92e5836d1f4a7059ce38b62"));
    }
}

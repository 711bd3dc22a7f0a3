//! Addresses that the organisation trusts: that code may call, that pages may load from, that pages may call from.

use super::super::Context;
use super::super::component::{Component, flag, member};
use super::hosts;
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;

/// A site that every organisation for developers is made with.
const OF_PLATFORM: &str = "www.apexdevnet.com";

/// Whether the component is switched off.
fn is_off(node: Node<'_>) -> bool {
    flag(node, "isActive").is_some_and(|(active, _)| !active)
}

pub(in super::super) fn lower_remote<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let endpoint = node.get("url").and_then(|url| hosts::endpoint(context, &component, "url", url));
    let Some(endpoint) = endpoint.filter(|endpoint| !is_off(node) && endpoint.text(Fact::EndpointHost) != Some(OF_PLATFORM)) else {
        return;
    };
    context.model.add(endpoint);
    if let Some((true, place)) = flag(node, "disableProtocolSecurity") {
        let connection = component
            .element(Kind::Connection, "protocol", place)
            .with(Fact::ConnectionType, "remote-site", component.place)
            .with(Fact::ConnectionVerifiesCertificate, false, place);
        context.model.add(connection);
    }
}

pub(in super::super) fn lower_trusted<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    trust(context, &component, node, ("endpointUrl", "trusted-site"));
}

/// Who may call from their pages, and who may show pages of the organisation in theirs.
pub(super) const ORIGINS: &[&str] = &["CorsWhitelistOrigin", "IframeWhiteListUrlSettings"];

pub(in super::super) fn lower_origin<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    trust(context, &component, node, ("urlPattern", "trusted-origin"));
    for site in node.get_all("iframeWhiteListUrls") {
        trust(context, &component, site, ("url", "trusted-origin"));
    }
}

/// Adds what is trusted, and how far that reaches beyond those whom somebody thought of.
fn trust<'t>(context: &mut Context<'_, 't>, component: &Component<'t>, node: Node<'t>, (field, key): (&str, &'static str)) {
    let Some((pattern, held)) = member(node, field).filter(|(pattern, _)| !is_off(node) && !hosts::is_template(pattern)) else { return };
    let place = Place::of(held);
    // One component may list many.
    let part = if field == "url" { &*pattern } else { "pattern" };
    let mut setting = component.element(Kind::Setting, part, place).with(Fact::SettingKey, key, place);
    setting.name.clone_from(&pattern);
    setting.set(Fact::SettingValue, reach(&pattern), place);
    context.model.add(setting);
}

/// How far a pattern reaches: `any` address, any below a domain that is `shared` by strangers, any `below` another, in `cleartext`; else
/// one `host`.
fn reach(pattern: &str) -> &'static str {
    let (scheme, rest) = pattern.split_once("://").unwrap_or(("https", pattern));
    let host = rest.split(['/', ':']).next().unwrap_or(rest).to_ascii_lowercase();
    let below = host.strip_prefix("*.");
    if host == "*" || below.is_some_and(|domain| !domain.contains('.')) {
        "any"
    } else if matches!(scheme, "http" | "ws") && !matches!(&*host, "localhost" | "127.0.0.1") {
        "cleartext"
    } else if below.is_some_and(hosts::is_shared) {
        "shared"
    } else if below.is_some() {
        "below"
    } else {
        "host"
    }
}

#[cfg(test)]
mod tests {
    use super::reach;

    #[test]
    fn patterns_reach_more_or_less_far() {
        let cases = [
            ("*", "any"),
            ("https://*.com", "any"),
            ("http://api.contoso.com", "cleartext"),
            ("https://*.my.site.com", "shared"),
            ("*.my.salesforce.com", "shared"),
            ("https://*.contoso.com/x", "below"),
            ("wss://live.contoso.com", "host"),
            ("http://localhost:8080", "host"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(reach(pattern), expected, "{pattern}");
        }
    }
}

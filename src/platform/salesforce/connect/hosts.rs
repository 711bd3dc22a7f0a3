//! Addresses: where they lead, and whose they are.

use super::super::Context;
use super::super::component::{Component, text, text_node};
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::secret::Position;
use crate::model::vocabulary::{Origin, SecretPlace};
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::secrets::is_secret_query;
use crate::tree::Node;

/// Domains of the platform itself.
const PLATFORM: [&str; 10] = [
    "salesforce.com",
    "force.com",
    "visualforce.com",
    "salesforce-sites.com",
    "salesforce-scrt.com",
    "site.com",
    "cloudforce.com",
    "database.com",
    "documentforce.com",
    "sfdcstatic.com",
];

/// Other domains below which anybody gets a name.
const SHARED: [&str; 22] = [
    "herokuapp.com",
    "amazonaws.com",
    "cloudfront.net",
    "azurewebsites.net",
    "azureedge.net",
    "azurefd.net",
    "cloudapp.azure.com",
    "core.windows.net",
    "github.io",
    "gitlab.io",
    "vercel.app",
    "netlify.app",
    "web.app",
    "firebaseapp.com",
    "appspot.com",
    "run.app",
    "pages.dev",
    "workers.dev",
    "ngrok.io",
    "ngrok-free.app",
    "trycloudflare.com",
    "onrender.com",
];

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Whether the host is one of the platform.
pub(super) fn is_of_platform(host: &str) -> bool {
    PLATFORM.iter().any(|domain| is_below(host, domain))
}

/// Whether anybody gets a name below the domain.
pub(super) fn is_shared(domain: &str) -> bool {
    PLATFORM.iter().chain(&SHARED).any(|known| is_below(domain, known))
}

/// Whether a program fills a part of the text in before it is deployed.
pub(super) fn is_template(text: &str) -> bool {
    text.contains(['{', '}']) || text.contains("%%")
}

/// The element of the address in the text of `node`; none where it is no address, or one that is filled in later. What is secret in it is
/// added in any case.
pub(super) fn endpoint<'t>(context: &mut Context<'_, 't>, component: &Component<'t>, part: &str, node: Node<'t>) -> Option<Element<'t>> {
    component.secrets(context, part.to_owned(), text_node(node), (Position::QueryParameter, SecretPlace::Query));
    endpoint_of(component, part, &text(node)?, Place::of(text_node(node)))
}

/// The element of the address `text`, which stands at `place`.
pub(super) fn endpoint_of<'t>(component: &Component<'t>, part: &str, text: &str, place: Place) -> Option<Element<'t>> {
    let url = Url::parse(text)?;
    let host = url.host.to_ascii_lowercase();
    if host.is_empty() || is_template(&host) || is_placeholder_host(&host) {
        return None;
    }
    let element = component
        .element(Kind::Endpoint, part, place)
        .with(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place)
        .with(Fact::EndpointNetwork, address::network(&host), place)
        .with(Fact::EndpointHostFrom, vec![Origin::Literal], place)
        .with(Fact::EndpointHost, host, place);
    let is_set = |value: &str| !value.is_empty() && !is_template(value);
    let secret = url.query.iter().filter(|(name, value)| is_set(value) && is_secret_query(name)).map(|(name, _)| (*name).to_owned());
    let secret: Vec<String> = secret.collect();
    let element = if secret.is_empty() { element } else { element.with(Fact::EndpointSecretQuery, secret, place) };
    Some(element.with(Fact::EndpointUrl, text.to_owned(), place))
}

/// Adds the address in the text of `node`.
pub(super) fn add_endpoint<'t>(context: &mut Context<'_, 't>, component: &Component<'t>, part: &str, node: Option<Node<'t>>) {
    if let Some(element) = node.and_then(|node| endpoint(context, component, part, node)) {
        context.model.add(element);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_compared_by_their_parts() {
        assert!(is_of_platform("acme.my.salesforce.com") && is_of_platform("force.com") && !is_of_platform("enforce.com"));
        assert!(is_shared("my.site.com") && is_shared("herokuapp.com") && !is_shared("contoso.com"));
    }
}

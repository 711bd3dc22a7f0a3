//! How connections to a connector log in, and the policies that change its requests.

use super::{Lowering, Parts, text};
use crate::model::address::{self, Url};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::{Origin, SecretPlace, Weakness};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// What the definition has to know of it.
pub(super) struct Login {
    /// Whether the export says how connections log in.
    pub(super) known: bool,
    /// Whether a connection brings a credential, whatever the definition says.
    pub(super) secures: bool,
    /// Whether a policy sends every request to an encrypted address.
    pub(super) encrypts: bool,
}

pub(super) fn lower<'t>(lowering: &mut Lowering<'_, '_, 't>, parts: &Parts<'t>) -> Login {
    let property = |name: &str| parts.properties.and_then(|properties| properties.get(name));
    let sets = property("connectionParameterSets").and_then(|sets| sets.get("values"));
    let in_sets = sets.into_iter().flat_map(Node::items).filter_map(|set| set.get("parameters"));
    let lists: Vec<Node<'t>> = parts.parameters.or(property("connectionParameters")).into_iter().chain(in_sets).collect();
    let mut login = Login { known: parts.properties.is_some() || parts.parameters.is_some(), secures: false, encrypts: false };
    let mut secret = Vec::new();
    for parameter in lists.into_iter().flat_map(Node::members) {
        let kind = text(parameter.get("type")).unwrap_or_default().to_ascii_lowercase();
        let name = parameter.key().unwrap_or_default();
        if is_secret(&name, &kind, parameter) {
            secret.push(name.clone());
        }
        match &*kind {
            "oauthsetting" => {
                login.secures = true;
                oauth(lowering, &name, parameter);
            }
            "securestring" => login.secures = true,
            "string" if secret.last() == Some(&name) => {
                login.secures = true;
                let node = parameter.get("type").unwrap_or(parameter);
                lowering.weak(Weakness::PlainSecretParameter, &name, Place::of(node));
            }
            _ => {}
        }
    }
    let policies = parts.policies.or(property("policyTemplateInstances"));
    for (nth, policy) in policies.into_iter().flat_map(Node::items).enumerate() {
        self::policy(lowering, policy, nth, &secret, &mut login);
    }
    login
}

/// Whether the value of a parameter is a secret. Parameters of the log-in have `token:` before their names; what can be chosen from a
/// list is none.
fn is_secret(name: &str, kind: &str, parameter: Node<'_>) -> bool {
    let own = name.rsplit(':').next().unwrap_or(name);
    let chosen = parameter.at(&["uiDefinition", "constraints", "allowedValues"]).is_some() || parameter.get("allowedValues").is_some();
    kind == "securestring" || is_secret_name(own) && !chosen
}

fn oauth<'t>(lowering: &mut Lowering<'_, '_, 't>, name: &str, parameter: Node<'t>) {
    let Some(settings) = parameter.get("oAuthSettings") else { return };
    let provider = settings.get("identityProvider");
    let place = provider.map_or(Place::of(settings), Place::of);
    let mut connection = lowering.element(Kind::Connection, format!("login.{name}"), place).with(
        Fact::ConnectionType,
        text(provider).unwrap_or(Cow::Borrowed("oauth2")),
        place,
    );
    let scopes = settings.get("scopes");
    let listed: Vec<Node<'t>> = match scopes {
        Some(node) if node.is_array() => node.items().collect(),
        other => other.into_iter().collect(),
    };
    let mut broad: Vec<(String, Place)> = Vec::new();
    for node in listed {
        let text = node.as_str().unwrap_or_default();
        let found = text.split([' ', ',']).filter(|scope| is_broad(scope));
        broad.extend(found.map(|scope| (scope.to_owned(), Place::of(node))));
    }
    if let Some((_, place)) = broad.first().cloned() {
        let broad: Vec<String> = broad.into_iter().map(|(scope, _)| scope).collect();
        connection.set(Fact::ConnectionBroadScopes, broad, place);
    }
    lowering.context.model.add(connection);
    if let Some(secret) = settings.get("clientSecret") {
        lowering.secret(format!("login.{name}"), secret, "clientSecret".into(), Position::CredentialField, SecretPlace::SecretSection);
    }
    for custom in settings.get("customParameters").into_iter().flat_map(Node::members) {
        let Some(value) = custom.get("value") else { continue };
        let key = custom.key().unwrap_or_default();
        let id = format!("login.{name}.{key}");
        if is_secret_name(&key) {
            lowering.secret(id, value, key, Position::CredentialField, SecretPlace::CredentialField);
        } else {
            lowering.login_address(id, value);
        }
    }
}

/// Whether a scope covers all of something rather than a task.
fn is_broad(scope: &str) -> bool {
    let last = scope.rsplit('/').next().unwrap_or(scope);
    let all = last.ends_with(".All") && !last.contains("ReadBasic");
    let words = ["admin", "full", "all", "full_access", "fullaccess", "root", "*", "superuser"];
    let is_word = words.iter().any(|word| last.eq_ignore_ascii_case(word));
    let is_part = last.split([':', '.', '_']).any(|part| part.eq_ignore_ascii_case("admin") || part == "*");
    all || is_word || is_part || matches!(last, "Directory.AccessAsUser.All" | "Directory.ReadWrite")
}

impl<'t> Lowering<'_, '_, 't> {
    /// An address that secrets of the log-in are sent to.
    pub(super) fn login_address(&mut self, id: String, node: Node<'t>) {
        let Some(address) = node.as_str() else { return };
        let Some(url) = Url::parse(&address).filter(|url| !url.host.is_empty() && !url.host.contains(['{', '@', '<'])) else { return };
        let place = Place::of(node);
        let endpoint = self
            .element(Kind::Endpoint, id, place)
            .with(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place)
            .with(Fact::EndpointHost, url.host.to_ascii_lowercase(), place)
            .with(Fact::EndpointNetwork, address::network(url.host), place)
            .with(Fact::EndpointHostFrom, vec![Origin::Literal], place)
            .with(Fact::EndpointAuthenticated, true, place)
            .with(Fact::EndpointUrl, address.clone(), place);
        self.context.model.add(endpoint);
    }
}

/// What a policy does to requests.
fn policy<'t>(lowering: &mut Lowering<'_, '_, 't>, policy: Node<'t>, nth: usize, secret: &[Cow<'t, str>], login: &mut Login) {
    let Some(template) = text(policy.get("templateId")) else { return };
    let parameter =
        |name: &str| policy.get("parameters").and_then(|parameters| parameters.get(&format!("x-ms-apimTemplateParameter.{name}")));
    let (value, name) = (parameter("value"), text(parameter("name")).unwrap_or_default());
    let named = |text: &str| secret.iter().any(|secret| text.contains(&**secret));
    let carries = value.and_then(Node::as_str).is_some_and(|text| text.contains("@connectionParameters") && named(&text));
    match &*template.to_ascii_lowercase() {
        "setheader" => {
            login.secures |= carries || is_secret_name(&name);
            let Some(value) = value else { return };
            let authorization = name.eq_ignore_ascii_case("authorization");
            let (position, place) = if authorization {
                (Position::AuthorizationHeader, SecretPlace::AuthHeader)
            } else {
                (Position::Header, SecretPlace::Header)
            };
            lowering.secret(format!("policy.{nth}"), value, name, position, place);
        }
        "setqueryparameter" => {
            let Some(value) = value else { return };
            login.secures |= carries;
            if carries {
                lowering.weak(Weakness::SecretInQuery, &name, Place::of(value));
            } else {
                lowering.secret(format!("policy.{nth}"), value, name, Position::QueryParameter, SecretPlace::Query);
            }
        }
        "dynamichosturl" => {
            let only_some = policy.at(&["parameters", "x-ms-apimTemplate-operationName"]).is_some_and(|names| names.index(0).is_some());
            let encrypted = text(parameter("urlTemplate")).is_some_and(|url| url.to_ascii_lowercase().starts_with("https://"));
            login.encrypts |= encrypted && !only_some;
        }
        _ => {}
    }
}

//! Environment variables: their definitions with default values, and the current values that somebody left in the package.

use super::{Context, copies, member, package, root, schema, text};
use crate::finding::Confidence;
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::secret::{self, Position, is_placeholder, is_secret_name};
use crate::model::vocabulary::{Origin, SecretPlace, Storage};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::{File, SchemaText};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) const SCHEMA: SchemaText = schema(
    "power-platform/environment-variable.schema.json",
    include_str!("../../../../schemas/power-platform/environment-variable.schema.json"),
);
pub(super) const VALUE_SCHEMA: SchemaText = schema(
    "power-platform/environment-variable-values.schema.json",
    include_str!("../../../../schemas/power-platform/environment-variable-values.schema.json"),
);

const TEXT: &str = "100000000";
const JSON: &str = "100000003";
const SECRET: &str = "100000005";

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    root(file, "environmentvariabledefinition").into_iter().filter(|definition| definition.get("@schemaname").is_some()).collect()
}

pub(super) fn recognise_values<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    file.tree.root().get("environmentvariablevalues").into_iter().collect()
}

/// What a definition says to the values of the variable.
pub(super) struct Defined<'t> {
    name: Cow<'t, str>,
    secret: bool,
}

/// A variable, as its elements are made of it.
pub(super) struct Variable<'t> {
    pub(super) app: AppId,
    pub(super) id: Cow<'t, str>,
    pub(super) name: Cow<'t, str>,
    pub(super) place: Place,
}

impl Variable<'_> {
    /// Whether the name says that a secret is kept here. The schema name begins with letters of the publisher, which say nothing.
    fn is_secret_named(&self) -> bool {
        let own = self.id.split_once('_').map_or(&*self.id, |(_, own)| own);
        let address = |name: &str| {
            let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
            plain.ends_with("sasurl") || plain.ends_with("sasuri")
        };
        is_secret_name(own) || is_secret_name(&self.name) || address(own)
    }
}

impl Variable<'_> {
    /// How sure it is that a secret belongs here: some connection strings only say where a system is.
    fn confidence(&self) -> Confidence {
        let plain: String = self.id.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        if plain.ends_with("connectionstring") { Confidence::Medium } else { Confidence::High }
    }
}

/// A definition: in a file of its own, or, in packages of old, an `EnvironmentVariable` within all else.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let old = node.get("Definition");
    let Some((id, place)) = ["@schemaname", "@SchemaName", "SchemaName", "@Name", "@name"].iter().find_map(|name| member(node, name))
    else {
        return;
    };
    let definition = old.unwrap_or(node);
    let shown = definition.get("displayname").and_then(|name| member(name, "@default"));
    let name = shown.map_or(id.clone(), |(name, _)| name);
    let variable = Variable { app: package(context, node), id, name, place: Place::of(place) };
    let kind = member(definition, "type").or_else(|| member(definition, "Type"));
    let kind_place = kind.as_ref().map_or(variable.place, |(_, node)| Place::of(*node));
    let kind = kind.map_or(Cow::Borrowed(TEXT), |(kind, _)| kind);
    let default = member(definition, "defaultvalue").or_else(|| member(definition, "DefaultValue"));
    let setting = Element::new(Kind::Setting, variable.app, variable.id.clone(), variable.name.clone(), variable.place)
        .with(Fact::SettingKey, "environment-variable", variable.place)
        .with(Fact::SettingValue, word(&kind), kind_place);
    context.model.add(setting);
    let defined = Defined { name: variable.name.clone(), secret: kind == SECRET };
    context.known.variables.insert(variable.id.to_string(), defined);
    if kind == SECRET {
        return;
    }
    if kind == TEXT {
        let elsewhere = default.as_ref().is_some_and(|(text, _)| is_reference(text));
        if !elsewhere && (variable.is_secret_named() || copies::tell_secret(context, &variable.id)) {
            let element = Element::new(Kind::Secret, variable.app, variable.id.clone(), variable.name.clone(), kind_place)
                .with(Fact::SecretPlace, SecretPlace::Variable, kind_place)
                .with(Fact::SecretStorage, Storage::Declared, kind_place)
                .with(Fact::SecretConfidence, variable.confidence().as_str(), kind_place)
                .with(Fact::SecretField, variable.id.clone(), kind_place);
            context.model.add(element);
        }
    }
    if let Some((_, node)) = default.filter(|_| kind == TEXT || kind == JSON) {
        value(context, &variable, node, "default");
    }
}

/// What the number of a type means.
fn word(kind: &str) -> String {
    let known = match kind {
        TEXT => "text",
        "100000001" => "number",
        "100000002" => "yes-no",
        JSON => "json",
        "100000004" => "data-source",
        SECRET => "secret",
        other => return other.to_owned(),
    };
    known.to_owned()
}

/// Current values, in a file beside the definition; only the name of the folder says which variable it is.
pub(super) fn lower_values<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let path = context.export.file(node).path;
    let folder = path.rsplit('/').nth(1).unwrap_or(path);
    let secret = is_of_type_secret(context, folder);
    let name = context.known.variables.get(folder).map(|defined| defined.name.clone());
    let values =
        node.get_all("environmentvariablevalue").flat_map(|list| if list.is_array() { list.items().collect() } else { vec![list] });
    for item in values {
        let Some((_, held)) = member(item, "value") else { continue };
        let app = package(context, node);
        let name = name.clone().unwrap_or(Cow::Borrowed(folder));
        let variable = Variable { app, id: Cow::Borrowed(folder), name, place: Place::key_of(node) };
        let place = Place::of(held);
        let setting = Element::new(Kind::Setting, app, format!("{folder}.value"), variable.name.clone(), place)
            .with(Fact::SettingKey, "current-value", place)
            .with(Fact::SettingValue, if secret { "reference" } else { "literal" }, place);
        context.model.add(setting);
        if !secret {
            value(context, &variable, held, "value");
        }
    }
}

/// Whether the variable has been defined as a secret: its values only say where it is.
pub(super) fn is_of_type_secret(context: &Context<'_, '_>, schema_name: &str) -> bool {
    context.known.variables.get(schema_name).is_some_and(|defined| defined.secret)
}

/// A value of a variable: the secrets in it, and the address that it is. `part` names the value among those of the variable.
pub(super) fn value<'t>(context: &mut Context<'_, 't>, variable: &Variable<'t>, node: Node<'t>, part: &str) {
    let Some(held) = text(node).filter(|held| !is_placeholder(held) && !is_token(held)) else { return };
    let node = node.get("#text").unwrap_or(node);
    let named = variable.is_secret_named();
    // A name that says nothing would only blunt what the value says.
    let name = if named && !is_secret_name(&variable.id) { &variable.name } else { &variable.id };
    let found = secret::detect(&held, Some(name), Position::Variable);
    let clean = found.is_empty();
    for secret in found {
        let place = Place::part(node, secret.range.clone());
        let standing = match secret.detector {
            "url-query" => SecretPlace::Query,
            "userinfo" => SecretPlace::UserInfo,
            "connection-string" => SecretPlace::ConnectionString,
            _ if named => SecretPlace::Variable,
            _ => SecretPlace::Other,
        };
        let mut element = Element::new(Kind::Secret, variable.app, format!("{}.{part}", variable.id), variable.name.clone(), place)
            .with(Fact::SecretPlace, standing, place)
            .with(Fact::SecretStorage, Storage::Literal, place)
            .with(Fact::SecretDetector, secret.detector, place)
            .with(Fact::SecretRedacted, secret.redacted.clone(), place)
            .with(Fact::SecretConfidence, secret.confidence.as_str(), place)
            .with(Fact::SecretField, variable.id.clone(), place);
        if let Some(note) = secret.note {
            element.set(Fact::SecretNote, note, place);
        }
        context.model.secrets.push(place);
        context.model.add(element);
    }
    if clean {
        endpoint(context, variable, node, &held, part);
    }
}

/// The address that the value is: a URL, or the host of an environment, which people keep without scheme.
fn endpoint<'t>(context: &mut Context<'_, 't>, variable: &Variable<'t>, node: Node<'t>, held: &str, part: &str) {
    let place = Place::of(node);
    let parsed = Url::parse(held);
    let bare = || {
        let host = held.trim().trim_end_matches('/').to_ascii_lowercase();
        (host.ends_with(".dynamics.com") && !host.contains(['/', ' ', ','])).then_some(host)
    };
    let Some(host) = parsed.as_ref().map(|url| url.host.to_ascii_lowercase()).or_else(bare) else { return };
    if host.is_empty() || is_placeholder_host(&host) {
        return;
    }
    let mut element = Element::new(Kind::Endpoint, variable.app, format!("{}.{part}", variable.id), variable.name.clone(), place)
        .with(Fact::EndpointUrl, held.to_owned(), place)
        .with(Fact::EndpointNetwork, address::network(&host), place)
        .with(Fact::EndpointHostFrom, vec![Origin::Literal], place)
        .with(Fact::EndpointHost, host, place);
    if let Some(url) = parsed {
        element.set(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place);
    }
    context.model.add(element);
}

/// `#{name}#` and its like: what a pipeline fills in.
pub(super) fn is_token(held: &str) -> bool {
    let held = held.trim();
    held.len() > 2
        && (held.starts_with('#') && held.ends_with('#')
            || held.starts_with("#{") && held.ends_with('}')
            || held.starts_with("$(") && held.ends_with(')')
            || held.starts_with("${") && held.ends_with('}')
            || held.starts_with("{{") && held.ends_with("}}")
            || held.starts_with("__") && held.ends_with("__"))
}

/// Whether the value says where a secret is kept.
fn is_reference(held: &str) -> bool {
    let lower = held.trim().to_ascii_lowercase();
    lower.starts_with("@microsoft.keyvault(")
        || lower.starts_with("/subscriptions/") && lower.contains("/microsoft.keyvault/")
        || lower.starts_with("https://") && lower.contains(".vault.azure.net/")
}

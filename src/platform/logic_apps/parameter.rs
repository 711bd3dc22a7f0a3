//! Parameters: of templates, of projects, of definitions, and the values that they are deployed with.

use super::secrets::{self, Owner};
use super::{Context, workflow};
use crate::model::secret;
use crate::model::vocabulary::{SecretPlace, Storage};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// What holds parameters or variables: the app, and the beginning of their identifiers in it.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    app: AppId,
    prefix: String,
}

impl Holder {
    /// Holds parameters or variables (`word`) of the template `within` another, or of the outermost with an empty name.
    pub(super) fn new(app: AppId, within: &str, word: &str) -> Self {
        let slash = if within.is_empty() { "" } else { "/" };
        Self { app, prefix: format!("{within}{slash}{word} ") }
    }

    fn owner<'t>(&self, name: Cow<'t, str>) -> Owner<'t> {
        Owner { app: self.app, id: format!("{}{name}", self.prefix).into(), name }
    }
}

/// Adds the parameters of a template or project: `secret` tells of those that are used as secrets whatever they are called.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, holder: &Holder, parameters: Node<'t>, secret: impl Fn(Node<'t>) -> bool) {
    for parameter in parameters.members().filter(|parameter| parameter.is_object()) {
        let owner = holder.owner(parameter.key().unwrap_or_default());
        // Who may choose from a list chooses a mode.
        let chosen = parameter.get("allowedValues").is_some();
        if !chosen && (secret::is_secret_name(&owner.name) || secret(parameter)) {
            declared(context, &owner, parameter);
        }
        let values = ["defaultValue", "value"].into_iter().filter_map(|member| parameter.get(member));
        values.for_each(|value| literal(context, &owner, value));
    }
}

/// Adds the variables of a template.
pub(super) fn lower_variables<'t>(context: &mut Context<'_, 't>, holder: &Holder, variables: Node<'t>) {
    for variable in variables.members() {
        literal(context, &holder.owner(variable.key().unwrap_or_default()), variable);
    }
}

/// Adds the parameters of a definition; secrets that stand in it are found with its steps.
pub(super) fn lower_definition<'t>(context: &mut Context<'_, 't>, app: AppId, parameters: Node<'t>) {
    let holder = Holder::new(app, "", "parameter");
    for parameter in parameters.members().filter(|parameter| parameter.is_object()) {
        let owner = holder.owner(parameter.key().unwrap_or_default());
        if secret::is_secret_name(&owner.name) {
            declared(context, &owner, parameter);
        }
    }
}

/// Adds the values that the parameters of a definition get.
pub(super) fn lower_values<'t>(context: &mut Context<'_, 't>, app: AppId, parameters: Node<'t>) {
    let holder = Holder::new(app, "", "parameter");
    for parameter in parameters.members() {
        if let Some(value) = parameter.get("value") {
            literal(context, &holder.owner(parameter.key().unwrap_or_default()), value);
        }
    }
}

/// Adds the parameters of a project of the Standard plan.
pub(super) fn lower_project<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let app = context.package(first_key(root));
    let secure = root.members().filter(|parameter| workflow::is_secure(*parameter)).filter_map(Node::key);
    context.secure.extend(secure.map(|name| name.to_lowercase()));
    lower(context, &Holder::new(app, "", "parameter"), root, |_| false);
}

/// Adds the values that a template is deployed with.
pub(super) fn lower_deployment<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let Some(parameters) = root.get("parameters") else { return };
    let app = context.package(Place::key_of(parameters));
    lower_values(context, app, parameters);
}

/// Adds the parameters that a template of the gallery asks for.
pub(super) fn lower_manifest<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let holder = Holder::new(context.package(first_key(root)), "", "parameter");
    for parameter in root.get("parameters").into_iter().flat_map(Node::items) {
        let Some(name) = parameter.get("name").and_then(Node::as_str) else { continue };
        let owner = holder.owner(name.trim_end_matches("_#workflowname#").to_owned().into());
        if secret::is_secret_name(&owner.name) {
            declared(context, &owner, parameter);
        }
        if let Some(value) = parameter.get("default") {
            literal(context, &owner, value);
        }
    }
}

/// Where a document begins.
pub(super) fn first_key(root: Node<'_>) -> Place {
    root.children().next().map_or(Place::of(root), Place::key_of)
}

/// Adds a parameter that takes a secret, when its type keeps it in clear.
fn declared<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, parameter: Node<'t>) {
    let Some(kind) = parameter.get("type").filter(|kind| kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("string"))) else {
        return;
    };
    // The settings of an app keep it better than the parameter does.
    let value = parameter.get("value").or_else(|| parameter.get("defaultValue")).and_then(Node::as_str);
    if value.is_some_and(|value| value.contains("@appsetting(") || value.contains("@{appsetting(")) {
        return;
    }
    let place = Place::of(kind);
    let element = Element::new(Kind::Secret, owner.app, owner.id.clone(), owner.name.clone(), place)
        .with(Fact::SecretPlace, SecretPlace::Variable, place)
        .with(Fact::SecretStorage, Storage::Declared, place)
        .with(Fact::SecretField, owner.name.clone(), place);
    context.model.add(element);
}

/// Adds the secrets in a value, which may be made of others.
fn literal<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, value: Node<'t>) {
    for text in value.descend().filter(|node| node.kind() == ValueKind::String) {
        let field = text.key().filter(|_| text.id() != value.id()).unwrap_or_else(|| owner.name.clone());
        secrets::lower(context, owner, field, text, SecretPlace::Variable);
    }
}

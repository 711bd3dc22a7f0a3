//! Workflows: what lies around a definition.

use super::arm::{self, Scope};
use super::connection::{self, Connections};
use super::secrets::Owner;
use super::{Context, access, parameter, template};
use crate::model::vocabulary::{AppKind, Origin};
use crate::model::{AppId, Fact, Place, region};
use crate::platform::workflow_definition::{self, Connection, Definition, Entry, Host, Parameter};
use crate::platform::{HashMap, HashSet};
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// What lies around the definition of one workflow.
struct Around<'s, 't> {
    /// Those of the workflow itself.
    connections: Connections,
    /// Those of the project that it is in.
    of_project: &'s Connections,
    control: Option<Node<'t>>,
    /// The values of its parameters, as they are deployed.
    values: HashMap<Cow<'t, str>, Node<'t>>,
    scope: &'s Scope<'t>,
    /// The parameters of its project that are kept as secrets.
    secure: &'s HashSet<String>,
}

impl<'t> Host<'t> for Around<'_, 't> {
    fn connection(&self, name: &str) -> Option<Connection<'t>> {
        self.connections.get(name).or_else(|| self.of_project.get(name))
    }

    fn parameter(&self, name: &str) -> Parameter {
        let value = self.values.get(name).and_then(|parameter| parameter.get("value"));
        let secure = value.and_then(|value| self.scope.parameter(value)).is_some_and(|parameter| is_secure(parameter));
        let of_project = self.secure.contains(&name.to_lowercase());
        Parameter { origin: Origin::Env, is_secret: secure || of_project, is_told_elsewhere: false }
    }

    fn request(&self, _trigger: Node<'t>, kind: &str, place: Place) -> Entry {
        access::entry(self.control, self.scope, kind, place)
    }

    fn is_template(&self, text: &str) -> bool {
        arm::expression(text).is_some_and(|expression| expression.contains('('))
    }
}

/// Whether a parameter is of a type that is kept as a secret.
pub(super) fn is_secure(parameter: Node<'_>) -> bool {
    parameter.get("type").and_then(Node::as_str).is_some_and(|kind| kind.to_ascii_lowercase().starts_with("secure"))
}

/// Adds a workflow that a template deploys.
pub(super) fn lower_resource<'t>(context: &mut Context<'_, 't>, resource: Node<'t>, scope: &Scope<'t>) {
    let Some(properties) = resource.get("properties") else { return };
    let owner = template::named(AppId(0), resource, scope);
    let app = add(context, &owner, resource.get("name").map_or(Place::of(resource), Place::of));
    if let Some((state, text)) = properties.get("state").and_then(|state| Some((state, scope.text(state).whole()?))) {
        let element = context.model.app(app).element;
        context.model.element_mut(element).set(Fact::AppEnabled, !text.eq_ignore_ascii_case("Disabled"), Place::of(state));
    }
    let location = resource.get("location").and_then(|node| Some((node, region::named(&scope.text(node).whole()?)?)));
    if let Some((location, region)) = location {
        let element = context.model.app(app).element;
        context.model.element_mut(element).set(Fact::AppRegion, region, Place::of(location));
    }
    let Some(definition) = properties.get("definition").map(|node| scope.value(node)).filter(|node| node.is_object()) else { return };
    lower(context, app, definition, properties, scope);
}

/// Adds a workflow as the API gives it.
pub(super) fn lower_resource_file<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    lower_resource(context, root, &Scope::default());
}

/// Adds a workflow that is a member of its file, beside what the designer keeps.
pub(super) fn lower_wrapped<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let Some(definition) = root.get("definition") else { return };
    let name = file_name(context, root);
    let app = add(context, &name, Place::key_of(definition));
    lower(context, app, definition, root, &Scope::default());
}

/// Adds a definition that is a file of its own.
pub(super) fn lower_bare<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let name = file_name(context, root);
    let app = add(context, &name, root.get("actions").or_else(|| root.get("triggers")).map_or(Place::of(root), Place::key_of));
    lower(context, app, root, root, &Scope::default());
}

/// A workflow that its file does not name has the name of its folder, when that is what deploys it; a file by itself may be called
/// anything.
fn file_name<'t>(context: &Context<'_, 't>, root: Node<'t>) -> Owner<'t> {
    let path = context.export.file(root).path;
    let folder = path.strip_suffix("/workflow.json").and_then(|folder| folder.rsplit('/').next());
    let name = Cow::Borrowed(folder.unwrap_or_default());
    Owner { app: AppId(0), id: name.clone(), name }
}

fn add<'t>(context: &mut Context<'_, 't>, name: &Owner<'t>, place: Place) -> AppId {
    let app = context.model.add_app(name.id.clone(), name.name.clone(), place);
    let element = context.model.app(app).element;
    let element = context.model.element_mut(element);
    element.set(Fact::AppKind, AppKind::Flow, place);
    element.set(Fact::AppName, name.name.clone(), place);
    app
}

/// Adds what a definition says; `around` holds what stands beside it.
fn lower<'t>(context: &mut Context<'_, 't>, app: AppId, definition: Node<'t>, around: Node<'t>, scope: &Scope<'t>) {
    let mut connections = Connections::default();
    let values = around.get("parameters").filter(|_| around.id() != definition.id());
    let references = values.and_then(|values| values.at(&["$connections", "value"]));
    let beside = ["$connections", "connectionReferences", "connections"].into_iter().filter_map(|name| around.get(name));
    for references in references.into_iter().chain(beside) {
        connections.refer(context, app, references.get("value").unwrap_or(references), scope);
    }
    if let Some(parameters) = definition.get("parameters") {
        parameter::lower_definition(context, app, parameters);
    }
    if let Some(values) = values {
        parameter::lower_values(context, app, values);
    }
    let tokens = context.export.file(definition).tokens;
    let control = around.get("accessControl");
    let (of_project, secure) = (&context.connections, &context.secure);
    let values = values.into_iter().flat_map(Node::members).filter_map(|value| Some((value.key()?, value))).collect();
    let host = Around { connections, of_project, control, values, scope, secure };
    workflow_definition::lower(context.model, app, Definition { node: definition, tokens }, &host);
}

/// The parameters of a template that a workflow takes as secrets: to prove who it is, or as parameters that are kept as such.
pub(super) fn secret_parameters<'t>(resource: Node<'t>, scope: &Scope<'t>) -> Vec<Node<'t>> {
    let Some(properties) = resource.get("properties") else { return Vec::new() };
    let Some(definition) = properties.get("definition") else { return Vec::new() };
    let declared = definition.get("parameters").into_iter().flat_map(Node::members);
    let declared: HashSet<Cow<'t, str>> = declared.filter(|parameter| is_secure(*parameter)).filter_map(Node::key).collect();
    let kept = properties.get("parameters").into_iter().flat_map(Node::members);
    let kept = kept.filter(|value| value.key().is_some_and(|name| declared.contains(&name))).filter_map(|value| value.get("value"));
    let authentications = definition.descend().filter(|node| node.has_key("authentication"));
    let credentials = authentications
        .flat_map(Node::members)
        .filter(|field| field.kind() == ValueKind::String && field.key().is_some_and(|name| connection::is_credential(&name)));
    kept.chain(credentials).filter_map(|value| scope.parameter(value)).collect()
}

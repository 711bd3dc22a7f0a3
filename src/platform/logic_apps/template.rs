//! Templates of Azure Resource Manager, with the templates in them.

use super::arm::Scope;
use super::parameter::{Holder, first_key};
use super::secrets::{self, Owner};
use super::{Context, connection, parameter, settings, workflow};
use crate::model::AppId;
use crate::model::secret::is_secret_name;
use crate::platform::HashSet;
use crate::tree::{Node, NodeId};
use std::borrow::Cow;

/// Deepest nesting of resources and templates that is read; the deployment service takes five levels of templates.
const MAX_DEPTH: usize = 16;

/// The type of workflows.
const WORKFLOW: &str = "Microsoft.Logic/workflows";

/// A resource of a template.
#[derive(Clone, Debug)]
pub(super) struct Resource<'t> {
    pub(super) node: Node<'t>,
    /// What its expressions name.
    scope: Scope<'t>,
}

/// All resources of a template, with those in other resources and in templates within it, in document order.
pub(super) fn resources(root: Node<'_>) -> Vec<Resource<'_>> {
    let mut found = Vec::new();
    walk(root, |node, scope| found.push(Resource { node, scope }), |_, _| {});
    found
}

/// Visits the resources, and the templates that they are in.
fn walk<'t>(root: Node<'t>, mut resource: impl FnMut(Node<'t>, Scope<'t>), mut template: impl FnMut(Node<'t>, Cow<'t, str>)) {
    template(root, "".into());
    let scope = Scope::of(root);
    let within = |holder: Node<'t>, scope: &Scope<'t>, depth: usize| {
        let resources = holder.get("resources").into_iter().flat_map(Node::children);
        let resources: Vec<_> = resources.map(|node| (node, scope.clone(), depth)).collect();
        resources.into_iter().rev()
    };
    let mut open: Vec<(Node<'t>, Scope<'t>, usize)> = within(root, &scope, 0).collect();
    while let Some((node, scope, depth)) = open.pop() {
        if !node.is_object() || depth >= MAX_DEPTH {
            continue;
        }
        resource(node, scope.clone());
        open.extend(within(node, &scope, depth + 1));
        if let Some(inner) = node.at(&["properties", "template"]).filter(|_| is(node, "Microsoft.Resources/deployments")) {
            template(inner, node.get("name").and_then(Node::as_text).unwrap_or_default());
            // Without that, expressions within name what is around.
            let option = node.at(&["properties", "expressionEvaluationOptions", "scope"]).and_then(Node::as_str);
            let own = option.is_some_and(|option| option.eq_ignore_ascii_case("inner"));
            open.extend(within(inner, &if own { Scope::of(inner) } else { scope }, depth + 1));
        }
    }
}

/// Whether the resource is of that type.
fn is(resource: Node<'_>, kind: &str) -> bool {
    resource.get("type").and_then(Node::as_str).is_some_and(|name| name.eq_ignore_ascii_case(kind))
}

fn is_site(resource: Node<'_>) -> bool {
    let kind = resource.get("kind").and_then(Node::as_str);
    is(resource, "Microsoft.Web/sites") && kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("workflowapp"))
}

/// Whether the resource makes a template one of Logic Apps.
pub(super) fn is_ours(resource: Node<'_>) -> bool {
    [WORKFLOW, "Microsoft.Web/connections", "Microsoft.Web/customApis"].iter().any(|kind| is(resource, kind)) || is_site(resource)
}

/// Adds what a template deploys.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let (mut resources, mut templates) = (Vec::new(), Vec::new());
    walk(root, |node, scope| resources.push(Resource { node, scope }), |template, name| templates.push((template, name)));
    let secret: HashSet<NodeId> = resources.iter().flat_map(secret_parameters).map(Node::id).collect();
    let app = context.package(first_key(root));
    for (template, name) in &templates {
        if let Some(parameters) = template.get("parameters") {
            parameter::lower(context, &Holder::new(app, name, "parameter"), parameters, |parameter| secret.contains(&parameter.id()));
        }
    }
    let workflows: Vec<Node<'t>> = resources.iter().map(|one| one.node).filter(|node| is(*node, WORKFLOW)).collect();
    for Resource { node, scope } in resources {
        if is(node, WORKFLOW) {
            workflow::lower_resource(context, node, &scope);
        } else if is(node, "Microsoft.Web/connections") || is(node, "Microsoft.Web/customApis") {
            let owner = named(app, node, &scope);
            connection::lower_resource(context, &owner, node, &scope);
        } else if is_site(node) || is_app_settings(node) {
            let owner = named(app, node, &scope);
            settings(node).into_iter().for_each(|node| {
                settings::lower_list(context, &owner, node, &scope);
                settings::lower_values(context, &owner, node, &scope);
            });
        }
    }
    for (template, name) in &templates {
        if let Some(variables) = template.get("variables") {
            parameter::lower_variables(context, &Holder::new(app, name, "variable"), variables);
        }
    }
    let owner = Owner { app, id: "template".into(), name: "template".into() };
    secrets::lower_rest(context, &owner, root, &workflows);
}

/// The name of a resource as it stands, which stays the same whatever it is deployed as, and what it becomes.
pub(super) fn named<'t>(app: AppId, resource: Node<'t>, scope: &Scope<'t>) -> Owner<'t> {
    let id = resource.get("name").and_then(Node::as_text).unwrap_or_default();
    let name = resource.get("name").and_then(|name| scope.text(name).whole()).map_or_else(|| id.clone(), Into::into);
    Owner { app, id, name }
}

/// Whether the resource is the settings of a site.
fn is_app_settings(resource: Node<'_>) -> bool {
    let named = resource.get("name").and_then(Node::as_str).is_some_and(|name| name.to_ascii_lowercase().contains("appsettings"));
    named && (is(resource, "Microsoft.Web/sites/config") || is(resource, "config"))
}

/// The settings of a site: a list, or an object.
fn settings(resource: Node<'_>) -> Option<Node<'_>> {
    let properties = resource.get("properties")?;
    if is_site(resource) { properties.at(&["siteConfig", "appSettings"]) } else { Some(properties) }
}

/// The parameters that a resource takes as secrets.
fn secret_parameters<'t>(resource: &Resource<'t>) -> Vec<Node<'t>> {
    let Resource { node, scope } = resource;
    let node = *node;
    if is(node, WORKFLOW) {
        return workflow::secret_parameters(node, scope);
    }
    if is_site(node) || is_app_settings(node) {
        let settings = settings(node).into_iter().flat_map(Node::children);
        let pair = |setting: Node<'t>| match setting.get("name").and_then(Node::as_str) {
            Some(name) => (name, setting.get("value").unwrap_or(setting)),
            None => (setting.key().unwrap_or_default(), setting),
        };
        let secret = settings.map(pair).filter(|(name, _)| is_secret_name(name));
        return secret.filter_map(|(_, value)| scope.parameter(value)).collect();
    }
    connection::secret_parameters(node, scope)
}

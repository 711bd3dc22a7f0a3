//! Data policies of Power Platform, as its administration tools write them: groups of connectors that must not meet in one app, rules
//! about single actions, rules about addresses.
//! See <https://learn.microsoft.com/power-platform/admin/dlp-connector-classification>.

use super::PolicyError;
use super::file::DlpFile;
use super::pattern;
use super::read::{Class, Reading};
use crate::model::{Fact, Kind, Model, StepId, connector};
use crate::source::Span;
use crate::tree::de::Spanned;
use crate::tree::{Node, json};
use globset::GlobMatcher;
use std::borrow::Cow;
use std::collections::HashMap;

/// A group of connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// `Confidential`.
    Business,
    /// `General`.
    NonBusiness,
    /// `Blocked`.
    Blocked,
}

/// A data policy.
#[derive(Debug)]
pub(super) struct Dlp {
    groups: HashMap<String, Group>,
    /// The group of connectors that are in none.
    default: Option<Group>,
    /// Custom connectors by their host, in the order of the rules; none is put aside.
    custom: Vec<(GlobMatcher, Option<Group>)>,
    actions: HashMap<String, Actions>,
    /// Rules about addresses, by connector, in their order.
    endpoints: HashMap<String, Vec<(GlobMatcher, bool)>>,
    business: Class,
    non_business: Class,
}

/// What may be done with a connector.
#[derive(Debug, Default)]
struct Actions {
    by_default: Option<bool>,
    named: HashMap<String, bool>,
}

fn text(node: Node<'_>, name: &str) -> Option<String> {
    node.get(name)?.as_str().map(Cow::into_owned)
}

fn group(node: Node<'_>, name: &str) -> Option<Group> {
    match &*text(node, name)?.to_ascii_lowercase() {
        "confidential" | "business" => Some(Group::Business),
        "general" | "nonbusiness" | "non-business" => Some(Group::NonBusiness),
        "blocked" => Some(Group::Blocked),
        _ => None,
    }
}

fn items<'t>(node: Option<Node<'t>>, name: &str) -> impl Iterator<Item = Node<'t>> + use<'t> {
    node.and_then(|node| node.get(name)).into_iter().flat_map(Node::items)
}

fn is_allowed(node: Node<'_>, name: &str) -> Option<bool> {
    text(node, name).map(|behaviour| behaviour.eq_ignore_ascii_case("allow"))
}

/// The rules of a list, in the order that their numbers say.
fn ordered<'t>(rules: impl Iterator<Item = Node<'t>>) -> Vec<Node<'t>> {
    let mut rules: Vec<Node<'t>> = rules.collect();
    rules.sort_by_key(|rule| rule.get("order").and_then(Node::as_i64).unwrap_or(i64::MAX));
    rules
}

impl Dlp {
    pub(super) fn read(file: &DlpFile, around: Span, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let span = super::read::place(&file.file, around);
        let source = reading.file(&file.file, around)?;
        let wrong = |message: String, help: &str| reading.wrong(span, message, Some(help.to_owned()));
        let tree = json::parse(source.text())
            .map_err(|error| wrong(format!("`{}` is no JSON: {}", file.file.value, error.message), "export the data policy again"))?;
        let root = tree.root();
        let definition = root.get("policyDefinition").unwrap_or(root);
        if definition.get("connectorGroups").is_none() {
            let help = "a data policy has `connectorGroups`, as `Get-DlpPolicy` and the API write it";
            return Err(wrong(format!("`{}` is no data policy", file.file.value), help));
        }
        let mut groups = HashMap::new();
        for listed in items(Some(definition), "connectorGroups") {
            let Some(group) = group(listed, "classification") else { continue };
            let ids = items(Some(listed), "connectors").filter_map(|one| text(one, "id"));
            groups.extend(ids.map(|id| (connector::key(&id), group)));
        }
        let configurations = ["connectorConfigurationsDefinition", "connectorConfigurations"].into_iter().find_map(|name| root.get(name));
        let configurations = configurations.or(Some(root));
        let custom = ["customConnectorUrlPatternsDefinition", "customConnectorUrlPatterns"].into_iter().find_map(|name| root.get(name));
        let class = |own: Option<&Spanned<String>>, usual: Class| reading.optional_class(own).map(|own| own.unwrap_or(usual));
        Ok(Self {
            groups,
            default: group(definition, "defaultConnectorsClassification"),
            custom: ordered(items(custom, "rules"))
                .into_iter()
                .filter_map(|rule| {
                    Some((pattern::compile(&text(rule, "pattern")?).ok()?, group(rule, "customConnectorRuleClassification")))
                })
                .collect(),
            actions: items(configurations, "connectorActionConfigurations").filter_map(actions).collect(),
            endpoints: items(configurations, "endpointConfigurations").filter_map(endpoints).collect(),
            business: class(file.business.as_ref(), reading.classes.business())?,
            non_business: class(file.non_business.as_ref(), reading.classes.lowest())?,
        })
    }

    /// The group that a connector is listed in.
    pub(super) fn listed(&self, key: &str) -> Option<Group> {
        self.groups.get(key).copied()
    }

    /// The group of a connector: that of all others where it is listed in none. Servers of tools are no connectors of the platform.
    pub(super) fn group(&self, key: &str) -> Option<Group> {
        self.listed(key).or_else(|| self.default.filter(|_| !key.starts_with("mcp:")))
    }

    /// The class of the group of a connector.
    pub(super) fn class(&self, key: &str) -> Option<Class> {
        match self.group(key)? {
            Group::Business => Some(self.business),
            Group::NonBusiness | Group::Blocked => Some(self.non_business),
        }
    }

    /// Whether the connector may be asked for the operation; none where nothing is said.
    pub(super) fn allows(&self, key: &str, operation: &str) -> Option<bool> {
        let actions = self.actions.get(key)?;
        actions.named.get(&operation.to_ascii_lowercase()).copied().or(actions.by_default)
    }

    /// States of each address whether its connector may call it.
    pub(super) fn endpoints(&self, model: &mut Model<'_>) {
        if self.endpoints.is_empty() && self.custom.is_empty() {
            return;
        }
        let of_step: HashMap<StepId, String> = model
            .elements
            .iter()
            .filter(|element| element.kind == Kind::Action)
            .filter_map(|element| Some((element.step?, element.text(Fact::ActionConnector)?.to_owned())))
            .collect();
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Endpoint) {
            let Some((url, host)) = element.text(Fact::EndpointUrl).zip(element.text(Fact::EndpointHost)) else { continue };
            let key = element.step.and_then(|step| of_step.get(&step)).map(String::as_str);
            let allowed = match key.and_then(|key| self.endpoints.get(key)) {
                // Rules are written for hosts, with or without what stands around them.
                Some(rules) => rules.iter().find(|(rule, _)| rule.is_match(url) || rule.is_match(host)).map(|rule| rule.1),
                None if key.is_none() => {
                    let rule = self.custom.iter().find(|(rule, _)| rule.is_match(url) || rule.is_match(host));
                    rule.and_then(|rule| rule.1).map(|group| group != Group::Blocked)
                }
                None => None,
            };
            if let Some(allowed) = allowed {
                let place = element.place_of(Fact::EndpointHost);
                element.set(Fact::EndpointAllowed, allowed, place);
            }
        }
    }
}

fn actions(node: Node<'_>) -> Option<(String, Actions)> {
    let named = items(Some(node), "actionRules");
    let named = named.filter_map(|rule| Some((text(rule, "actionId")?.to_ascii_lowercase(), is_allowed(rule, "behavior")?))).collect();
    let by_default = is_allowed(node, "defaultConnectorActionRuleBehavior");
    Some((connector::key(&text(node, "connectorId")?), Actions { by_default, named }))
}

fn endpoints(node: Node<'_>) -> Option<(String, Vec<(GlobMatcher, bool)>)> {
    let rule = |rule: Node<'_>| Some((pattern::compile(&text(rule, "endpoint")?).ok()?, is_allowed(rule, "behavior")?));
    let rules = ordered(items(Some(node), "endpointRules")).into_iter().filter_map(rule).collect();
    Some((connector::key(&text(node, "connectorId")?), rules))
}

//! The records of a site, whatever they are written in.

use crate::model::Place;
use crate::tree::{Node, json};
use std::borrow::Cow;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Website,
    Setting,
    Role,
    List,
    Permission,
    /// A flow, or code on the server, that pages of the site may run.
    Run,
}

/// The fields that say which web roles may run something.
pub(super) const RUNNERS: [&str; 2] = ["serverlogic_adx_webrole", "cloudflowconsumer_adx_webrole"];

/// One row of a table of the site, its fields without the letters that tell the models apart.
#[derive(Debug)]
pub(super) struct Record<'t> {
    pub(super) kind: Type,
    /// Where it begins.
    pub(super) place: Place,
    fields: Vec<(String, Vec<Field<'t>>)>,
}

/// A value of a field.
pub(super) type Field<'t> = (Cow<'t, str>, Place);

impl<'t> Record<'t> {
    /// The values of a field; several for a list.
    pub(super) fn all(&self, name: &str) -> &[Field<'t>] {
        self.fields.iter().find(|field| field.0 == name).map_or(&[], |field| &field.1)
    }

    /// The value of a field, when it is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&Field<'t>> {
        self.all(name).first().filter(|field| !field.0.is_empty())
    }

    /// Whether a field says yes.
    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name).is_some_and(|field| field.0.eq_ignore_ascii_case("true"))
    }

    /// Whether a field says no.
    pub(super) fn denies(&self, name: &str) -> bool {
        self.get(name).is_some_and(|field| field.0.eq_ignore_ascii_case("false"))
    }
}

/// A member by its name in any of the models.
fn member<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.get(name).or_else(|| node.members().find(|member| member.key().is_some_and(|key| bare(&key) == name)))
}

/// The name of a field without the letters of the publisher.
fn bare(key: &str) -> &str {
    key.strip_prefix("adx_").or_else(|| key.strip_prefix("mspp_")).unwrap_or(key)
}

/// Whether `node` is a record that is read. Settings and sites of the newer model have only names that anything may have, so the name
/// of their file has to speak for them.
pub(super) fn is_record(node: Node<'_>, path: &str) -> bool {
    if !node.is_object() {
        return false;
    }
    if node.get("powerpagecomponenttype").is_some() {
        return component_type(node).is_some();
    }
    yaml_type(node, path).is_some()
}

fn yaml_type(node: Node<'_>, path: &str) -> Option<Type> {
    let has = |name: &str| member(node, name).is_some();
    let named = |end: &str| path.ends_with(end);
    if node.get("@powerpagesiteid").is_some() {
        Some(Type::Website)
    } else if has("entitylogicalname") && has("scope") {
        Some(Type::Permission)
    } else if node.members().any(|member| member.key().is_some_and(|key| RUNNERS.iter().any(|name| bare(&key).eq_ignore_ascii_case(name))))
    {
        Some(Type::Run)
    } else if has("anonymoususersrole") || has("authenticatedusersrole") {
        Some(Type::Role)
    } else if node.get("adx_sitesettingid").is_some() || named("sitesetting.yml") && has("name") {
        Some(Type::Setting)
    } else if has("entitylistid") || named(".list.yml") && has("entityname") {
        Some(Type::List)
    } else if named("website.yml") && has("name") && (has("websiteid") || node.get("id").is_some_and(is_guid)) {
        Some(Type::Website)
    } else {
        None
    }
}

/// Much is called a website elsewhere, too.
fn is_guid(node: Node<'_>) -> bool {
    node.as_str().is_some_and(|id| id.len() == 36 && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()))
}

fn component_type(node: Node<'_>) -> Option<Type> {
    node.get("content")?;
    match &*node.get("powerpagecomponenttype")?.as_text()? {
        "9" => Some(Type::Setting),
        "11" => Some(Type::Role),
        "17" => Some(Type::List),
        "18" => Some(Type::Permission),
        "33" | "35" => Some(Type::Run),
        _ => None,
    }
}

/// The record that `node` is.
pub(super) fn read<'t>(node: Node<'t>, path: &str) -> Option<Record<'t>> {
    let Some(kind) = component_type(node) else {
        let kind = yaml_type(node, path)?;
        return Some(Record { kind, place: Place::of(node), fields: fields(node, &|node| (Place::of(node), owned(node))) });
    };
    let content = node.get("content")?;
    let text = content.as_str()?;
    let tree = json::parse(&text).ok()?;
    let inside = |value: Node<'_>| {
        let span = value.content_span();
        (Place::part(content, span.start as usize..span.end as usize), value.as_text().map(|text| Cow::Owned(text.into_owned())))
    };
    let mut fields = fields(tree.root(), &inside);
    for (name, keys) in [("id", ["@powerpagecomponentid", "powerpagecomponentid"]), ("name", ["name", "@name"])] {
        if let Some(node) = keys.iter().find_map(|key| node.get(key)) {
            fields.retain(|field| field.0 != name);
            fields.push((name.to_owned(), owned(node).map(|text| (text, Place::of(node))).into_iter().collect()));
        }
    }
    Some(Record { kind, place: Place::of(node), fields })
}

fn owned(node: Node<'_>) -> Option<Cow<'_, str>> {
    node.get("#text").unwrap_or(node).as_text()
}

/// The members of `node`; `value` gives the place and the text of one.
fn fields<'n, 't>(node: Node<'n>, value: &dyn Fn(Node<'n>) -> (Place, Option<Cow<'t, str>>)) -> Vec<(String, Vec<Field<'t>>)> {
    let one = |node: Node<'n>| {
        let (place, text) = value(node);
        text.filter(|_| !node.is_null()).map(|text| (text, place))
    };
    let all =
        |member: Node<'n>| if member.is_array() { member.items().filter_map(one).collect() } else { one(member).into_iter().collect() };
    node.members().filter_map(|member| Some((bare(&member.key()?).to_ascii_lowercase(), all(member)))).collect()
}

//! Templates that apps are made from, and what of them must stay.

use super::file::TemplateFile;
use super::pattern::Patterns;
use super::read::Reading;
use super::{PolicyError, Subject};
use crate::model::vocabulary::Deviation;
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::source::{Source, Span};
use crate::tree::{Node, Tree, ValueKind, json, yaml};

/// A template.
#[derive(Debug)]
pub(super) struct Template {
    id: String,
    version: Option<String>,
    source: Source,
    /// The parts of each pointer; `*` is every member or item.
    locked: Vec<(String, Vec<String>)>,
    apps: Patterns,
}

/// Most places that one pointer stands for.
const MAX_PLACES: usize = 1000;

/// Most deviations of one app that are told.
const MAX_DEVIATIONS: usize = 100;

fn parse(source: &Source) -> Result<Tree<'_>, (String, Span)> {
    let is_yaml = [".yaml", ".yml"].iter().any(|end| source.path().to_ascii_lowercase().ends_with(end));
    let tree = if is_yaml { yaml::parse(source.text()) } else { json::parse(source.text()) };
    tree.map_err(|error| (error.message, error.span))
}

impl Template {
    pub(super) fn new(file: TemplateFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let source = reading.file(&file.file, file.file.span)?;
        if let Err((message, _)) = parse(&source) {
            return Err(reading.wrong(file.file.span, format!("`{}` cannot be read: {message}", file.file.value), None));
        }
        let mut locked = Vec::new();
        for pointer in &file.locked {
            let Some(parts) = pointer.value.strip_prefix('/') else {
                let help = "a pointer begins with `/`, as in `/triggers/*`";
                return Err(reading.wrong(pointer.span, format!("`{}` is no pointer", pointer.value), Some(help.into())));
            };
            let parts = parts.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
            locked.push((pointer.value.clone(), parts));
        }
        let version = file.version.map(|version| version.0);
        Ok(Self { id: file.id.value, version, source, locked, apps: reading.patterns(&file.apps)? })
    }

    fn name(&self) -> String {
        self.version.as_ref().map_or_else(|| self.id.clone(), |version| format!("{} {version}", self.id))
    }

    /// Whether the app must follow it.
    fn is_for(&self, model: &Model<'_>, app: AppId, subject: &Subject<'_, '_>) -> bool {
        let own = model.app(app);
        let named = [&own.id, &own.name].into_iter().any(|name| !name.is_empty() && self.apps.holds(name));
        named
            || subject
                .template
                .is_some_and(|(id, version)| id == self.id && version.is_none_or(|version| Some(version) == self.version.as_deref()))
    }

    fn deviations<'t>(&self, app: AppId, root: Node<'t>) -> Vec<Element<'t>> {
        let Ok(template) = parse(&self.source) else { return Vec::new() };
        let mut found = Vec::new();
        for (pointer, parts) in &self.locked {
            let (own, wanted) = (places(root, parts), places(template.root(), parts));
            let mut add = |path: &str, deviation: Deviation, place: Place| {
                let element = Element::new(Kind::TemplatePart, app, format!("{}{path}", self.id), path.to_owned(), place)
                    .with(Fact::TemplatePartTemplate, self.name(), place)
                    .with(Fact::TemplatePartPointer, pointer.clone(), place)
                    .with(Fact::TemplatePartDeviation, deviation, place);
                found.push(element);
            };
            for (path, node) in &own {
                match wanted.iter().find(|(known, _)| known == path) {
                    Some((_, other)) if same(*node, *other) => {}
                    Some(_) => add(path, Deviation::Changed, Place::key_of(*node)),
                    None => add(path, Deviation::Added, Place::key_of(*node)),
                }
            }
            for (path, _) in wanted.iter().filter(|(path, _)| own.iter().all(|(known, _)| known != path)) {
                add(path, Deviation::Removed, nearest(root, path));
            }
        }
        found.truncate(MAX_DEVIATIONS);
        found
    }
}

/// The places that a pointer stands for, with their paths.
fn places<'t>(root: Node<'t>, parts: &[String]) -> Vec<(String, Node<'t>)> {
    let mut places = vec![(String::new(), root)];
    for part in parts {
        let below = places.into_iter().flat_map(|(path, node)| {
            let found: Vec<(String, Node<'t>)> = if part == "*" {
                let members = node.members().filter_map(|member| Some((member.key()?.into_owned(), member)));
                let items = node.items().filter(|_| node.is_array()).enumerate().map(|(at, item)| (at.to_string(), item));
                if node.is_array() { items.collect() } else { members.collect() }
            } else if node.is_array() {
                part.parse().ok().and_then(|at| node.index(at)).map(|item| (part.clone(), item)).into_iter().collect()
            } else {
                node.get(part).map(|member| (part.clone(), member)).into_iter().collect()
            };
            found.into_iter().map(move |(name, node)| (format!("{path}/{name}"), node)).collect::<Vec<_>>()
        });
        places = below.take(MAX_PLACES).collect();
    }
    places
}

/// The place of what stands nearest around something that is not there.
fn nearest(root: Node<'_>, path: &str) -> Place {
    let mut node = root;
    for part in path.split('/').skip(1) {
        let next = if node.is_array() { part.parse().ok().and_then(|at| node.index(at)) } else { node.get(part) };
        let Some(next) = next else { break };
        node = next;
    }
    // The whole file is no place to look at.
    if node.id() == root.id() { root.members().next().map_or(Place::of(root), Place::key_of) } else { Place::key_of(node) }
}

/// Whether two values say the same, whatever the order of their members.
fn same(one: Node<'_>, other: Node<'_>) -> bool {
    let mut open = vec![(one, other)];
    while let Some((one, other)) = open.pop() {
        if one.kind() != other.kind() {
            return false;
        }
        match one.kind() {
            ValueKind::Object => {
                let members: Vec<Node<'_>> = one.members().collect();
                if members.len() != other.members().count() {
                    return false;
                }
                let named: std::collections::HashMap<_, _> = other.members().filter_map(|member| Some((member.key()?, member))).collect();
                for member in members {
                    let Some(partner) = member.key().and_then(|key| named.get(&key).copied()) else { return false };
                    open.push((member, partner));
                }
            }
            ValueKind::Array => {
                let (items, others): (Vec<Node<'_>>, Vec<Node<'_>>) = (one.items().collect(), other.items().collect());
                if items.len() != others.len() {
                    return false;
                }
                open.extend(items.into_iter().zip(others));
            }
            _ if one.as_text() != other.as_text() => return false,
            _ => {}
        }
    }
    true
}

/// Adds what deviates, in the documents of the apps that must follow a template.
pub(super) fn apply<'t>(templates: &[Template], model: &mut Model<'t>, subject: &Subject<'_, 't>) {
    if templates.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for app in (0..model.apps.len() as u32).map(AppId) {
        let place = model.element(model.app(app).element).place;
        for template in templates.iter().filter(|template| template.is_for(model, app, subject)) {
            // The document that the app stands in.
            let root = subject.documents.iter().find(|node| {
                node.tree().file() == place.file
                    && (node.contains(place.node) || node.id() == place.node || node.tree().root().id() == node.id())
            });
            found.extend(root.into_iter().flat_map(|root| template.deviations(app, *root)));
        }
    }
    for element in found {
        model.add(element);
    }
}

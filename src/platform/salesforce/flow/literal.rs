//! Literals in flows that should not stand there: credentials, identifiers of records, addresses of one org.

use super::{Reading, identifier};
use crate::model::address::{self, Url};
use crate::model::secret::Position;
use crate::model::vocabulary::{Origin, SecretPlace};
use crate::model::{Element, Fact, Kind, Place, StepId};
use crate::platform::secrets::{Hit, lower_rest, scan};
use crate::platform::{HashMap, HashSet};
use crate::tree::{Node, NodeId, ValueKind};
use std::borrow::Cow;
use std::ops::Range;

/// Members whose text is used when the flow runs; in all others stand names and notes.
const VALUES: [&str; 5] = ["stringValue", "expression", "formulaExpression", "text", "fieldText"];

/// What builders note for themselves.
const BUILDER: &str = "processMetadataValues";

/// Most identifiers and addresses that are told of one text.
const MAX_IN_TEXT: usize = 16;

/// A text that is used when the flow runs.
struct Spot<'t> {
    node: Node<'t>,
    text: Cow<'t, str>,
    /// What it is for: the field, parameter or variable.
    field: Cow<'t, str>,
    /// Name of the element or resource that it stands in.
    owner: Cow<'t, str>,
    step: Option<StepId>,
    position: Position,
    place: SecretPlace,
    /// Whether an action gets it, which may call what it says.
    is_input: bool,
}

/// Adds the literals of the flow.
pub(super) fn lower(reading: &mut Reading<'_, '_, '_>) {
    let spots = spots(reading);
    let tokens = reading.context.export.file(reading.flow).tokens;
    let (mut hits, mut seen) = (Vec::new(), HashSet::<NodeId>::default());
    let mut told = HashSet::default();
    for spot in &spots {
        seen.insert(spot.node.id());
        // What is put together at run time is judged by the shape of its parts alone.
        let position = if spot.text.contains("{!") { Position::Prose } else { spot.position };
        let mut found = Vec::new();
        scan(tokens, spot.node, Some(&spot.field), position, spot.place, &mut found);
        hits.extend(found.into_iter().map(|hit| (hit, spot.owner.clone(), spot.step)));
        identifiers(reading, spot, &mut told);
        addresses(reading, spot, &mut told);
    }
    let mut rest = Vec::new();
    lower_rest(tokens, reading.flow, &|node, _| seen.contains(&node.id()), &mut rest);
    let label = reading.label.clone();
    hits.extend(rest.into_iter().map(|hit| (hit, label.clone(), None)));
    for (hit, owner, step) in hits {
        secret(reading, &hit, owner, step);
    }
}

fn secret<'t>(reading: &mut Reading<'_, '_, 't>, hit: &Hit<'t>, owner: Cow<'t, str>, step: Option<StepId>) {
    let mut element = hit.element(reading.app, &owner.clone(), owner);
    element.step = step;
    reading.context.model.secrets.push(hit.place);
    reading.context.model.add(element);
}

/// What stands in which kind of member, as far as it tells how probable a secret is there.
fn standing(tag: &str, list: &str) -> (Position, SecretPlace) {
    match (tag, list) {
        // What a variable starts with is written by the maker of the flow, for good: nothing sets it for each environment.
        ("variables" | "constants" | "assignments", _) => (Position::Variable, SecretPlace::Other),
        ("formulas", _) => (Position::Code, SecretPlace::Code),
        (_, "inputParameters" | "inputAssignments") => (Position::BodyField, SecretPlace::Body),
        _ => (Position::Prose, SecretPlace::Other),
    }
}

fn spots<'t>(reading: &Reading<'_, '_, 't>) -> Vec<Spot<'t>> {
    let steps: HashMap<NodeId, StepId> = reading.parts.iter().map(|part| (part.node.id(), part.step)).collect();
    let mut spots = Vec::new();
    for node in reading.flow.members() {
        let tag = node.key().unwrap_or_default();
        if tag == BUILDER {
            continue;
        }
        let owner = named(node).unwrap_or_else(|| tag.clone());
        let step = steps.get(&node.id()).copied();
        let mut queue = vec![(node, owner.clone(), tag.clone())];
        while let Some((holder, field, list)) = queue.pop() {
            for child in holder.members() {
                let key = child.key().unwrap_or_default();
                match child.kind() {
                    ValueKind::Object if key != BUILDER => {
                        let list = if key == "value" { list.clone() } else { key };
                        queue.push((child, named(child).unwrap_or_else(|| field.clone()), list));
                    }
                    ValueKind::String if VALUES.contains(&&*key) => {
                        let (position, place) = standing(&tag, &list);
                        let text = child.as_str().unwrap_or_default();
                        let (field, owner, is_input) = (field.clone(), owner.clone(), list == "inputParameters");
                        spots.push(Spot { node: child, text, field, owner, step, position, place, is_input });
                    }
                    _ => {}
                }
            }
        }
    }
    spots.sort_by_key(|spot| spot.node.id());
    spots
}

/// What a member is called, or what it sets.
fn named(node: Node<'_>) -> Option<Cow<'_, str>> {
    ["name", "field", "assignToReference"].into_iter().find_map(|name| node.get(name)).and_then(Node::as_str)
}

/// Adds the records that a text names by their identifiers.
fn identifiers(reading: &mut Reading<'_, '_, '_>, spot: &Spot<'_>, told: &mut HashSet<String>) {
    for range in identifier::records(&spot.text).take(MAX_IN_TEXT) {
        let id = spot.text[range.clone()].to_owned();
        if !told.insert(format!("{}.{id}", spot.owner)) {
            continue;
        }
        let place = Place::part(spot.node, range);
        let element =
            endpoint(reading, spot, &id, place).with(Fact::EndpointUrl, id, place).with(Fact::EndpointOneEnvironment, true, place);
        reading.context.model.add(element);
    }
}

fn endpoint<'t>(reading: &Reading<'_, '_, 't>, spot: &Spot<'_>, what: &str, place: Place) -> Element<'t> {
    let id = format!("{}.{}.{what}", spot.owner, spot.field);
    let mut element = Element::new(Kind::Endpoint, reading.app, id, spot.owner.clone().into_owned(), place);
    element.step = spot.step;
    element
}

/// Adds the addresses in a text.
fn addresses(reading: &mut Reading<'_, '_, '_>, spot: &Spot<'_>, told: &mut HashSet<String>) {
    for range in urls(&spot.text).take(MAX_IN_TEXT) {
        let text = &spot.text[range.clone()];
        let Some(url) = Url::parse(text).filter(|url| !url.host.is_empty() && !url.host.contains('{')) else { continue };
        // Texts repeat the same links; of what an action gets, each counts.
        if !spot.is_input && !told.insert(format!("{}.{}", spot.owner, url.host)) {
            continue;
        }
        let place = Place::part(spot.node, range);
        let mut element = endpoint(reading, spot, url.host, place)
            .with(Fact::EndpointUrl, text.to_owned(), place)
            .with(Fact::EndpointNetwork, address::network(url.host), place)
            .with(Fact::EndpointHostFrom, vec![Origin::Literal], place);
        if !address::is_placeholder_host(url.host) {
            element.set(Fact::EndpointHost, url.host.to_ascii_lowercase(), place);
        }
        // A link that people may follow is no call.
        if spot.is_input && text.len() == spot.text.trim().len() {
            element.set(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place);
        }
        if identifier::is_own_host(url.host) {
            element.set(Fact::EndpointOneEnvironment, true, place);
        }
        reading.context.model.add(element);
    }
}

/// Where addresses stand in a text.
fn urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | '&' | ',' | ';' | '\\');
    text.match_indices("://").filter_map(move |(at, _)| {
        let before = |scheme: &str| {
            at.checked_sub(scheme.len()).filter(|start| text.get(*start..at).is_some_and(|word| word.eq_ignore_ascii_case(scheme)))
        };
        let start = before("https").or_else(|| before("http"))?;
        let behind = at + 3;
        let end = text[behind..].find(ends).map_or(text.len(), |found| behind + found);
        Some(start..end)
    })
}

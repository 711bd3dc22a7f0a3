//! The addresses that nodes call, and what feeds their hosts.

use super::expression::{Piece, pieces, script_references};
use super::node::{Context, NodeParts};
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::vocabulary::{Network, Origin};
use crate::model::{ElementId, Fact, Kind, Place, Reference, Source, StepId};
use crate::platform::secrets;
use crate::tree::Node;
use aho_corasick::AhoCorasick;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) fn http<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    if let Some(node) = parts.parameter(&["url"]).or_else(|| parts.parameter(&["endpoint"])) {
        endpoint(context, parts, step, node);
    }
}

/// The address in `node`, with what feeds its host.
pub(super) fn endpoint<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, node: Node<'t>) {
    let Some(text) = node.as_str().filter(|text| !text.trim().is_empty()) else { return };
    let place = Place::of(node);
    let mut element = context.element(Kind::Endpoint, parts, step).with(Fact::EndpointUrl, text.clone(), place);
    // A template without `=` is plain text to n8n, but whoever fills it in means an address with a part from elsewhere.
    let host = Host::read(&text);
    if let Some((scheme, range)) = host.scheme {
        element.set(Fact::EndpointScheme, scheme.to_ascii_lowercase(), Place::part(node, range));
    }
    let authenticated = parts.credentials.is_some() || parts.text(&["authentication"]).is_some_and(|auth| auth != "none");
    element.set(Fact::EndpointAuthenticated, authenticated, place);
    let names = secret_query(parts, &text);
    if let Some((_, at)) = names.first() {
        let names: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        element.set(Fact::EndpointSecretQuery, names, at.unwrap_or(place));
    }
    match host.name {
        Some(name) => {
            let network = address::network(name);
            element.set(Fact::EndpointNetwork, network, place);
            if network != Network::Unknown && !is_placeholder_host(name) {
                element.set(Fact::EndpointHost, name.to_ascii_lowercase(), place);
            }
            element.set(Fact::EndpointHostFrom, vec![Origin::Literal], place);
            context.model.add(element);
        }
        None => {
            element.set(Fact::EndpointNetwork, Network::Unknown, place);
            let id = context.model.add(element);
            let found: Vec<Reference<'t>> =
                host.scripts.into_iter().flat_map(|range| script_references(node, &text, range, context.steps, false)).collect();
            context.sink(id, step, Fact::EndpointHostFrom, found, place);
        }
    }
    if parts.base == "toolHttpRequest" && (text.contains("//{") || text.starts_with('{')) && !text.contains("{{") {
        let from_model = Reference { from: Source::Origin(Origin::Model), place };
        let id = ElementId(context.model.elements.len() as u32 - 1);
        context.sink(id, step, Fact::EndpointHostFrom, vec![from_model], place);
    }
}

/// Whether a request asks a language model: the services have steps of their own, and are as often called by their addresses.
pub(super) fn asks_model(parts: &NodeParts<'_>) -> bool {
    // Addresses that only models have; in those behind a host, the host tells.
    const PATHS: [(&str, &str); 10] = [
        ("", "/chat/completions"),
        ("", "/v1/completions"),
        ("", ":generateContent"),
        ("", ":streamGenerateContent"),
        ("", ":11434/api/generate"),
        ("", ":11434/api/chat"),
        ("ollama", "/api/generate"),
        ("ollama", "/api/chat"),
        ("api.anthropic.com", "/v1/messages"),
        ("api.openai.com", "/v1/responses"),
    ];
    static FINDER: LazyLock<AhoCorasick> =
        LazyLock::new(|| AhoCorasick::new(PATHS.map(|(_, path)| path)).expect("a few short words fit any automaton"));
    let Some(url) = parts.text(&["url"]) else { return false };
    FINDER.find_overlapping_iter(&*url).any(|hit| url[..hit.start()].contains(PATHS[hit.pattern().as_usize()].0))
}

/// The part of an address that decides where it leads.
pub(super) struct Host<'t> {
    scheme: Option<(&'t str, Range<usize>)>,
    /// The host, when all of it stands there.
    name: Option<&'t str>,
    /// The scripts that make up the host, when it does not.
    scripts: Vec<Range<usize>>,
}

impl<'t> Host<'t> {
    fn read(text: &'t str) -> Self {
        let pieces = pieces(text, true);
        let mut host = Host { scheme: None, name: None, scripts: Vec::new() };
        let mut open = false;
        for piece in &pieces {
            match piece {
                Piece::Text(range) => {
                    let part = &text[range.clone()];
                    if open || !host.scripts.is_empty() {
                        // Behind a script in the host: the host ends with the first separator.
                        if part.contains(['/', '?', '#']) {
                            return host;
                        }
                        continue;
                    }
                    let lead = part.len() - part.trim_start().len();
                    let Some(url) = Url::parse(part) else { return host };
                    host.scheme = Some((url.scheme, range.start + lead..range.start + lead + url.scheme.len()));
                    let rest = part.trim_start().split_once("://").map_or("", |parts| parts.1);
                    if rest.contains(['/', '?', '#']) || piece == &pieces[pieces.len() - 1] {
                        host.name = Some(url.host);
                        return host;
                    }
                    open = true;
                }
                Piece::Script(range) => {
                    // `{{ 'https://api.contoso.com/' + $json.id }}`: the host stands in the string.
                    let script = text[range.clone()].trim_start();
                    let literal = script.strip_prefix(['\'', '"', '`']).filter(|_| !open);
                    if let Some(url) = literal.and_then(Url::parse) {
                        let rest = literal.and_then(|text| text.split_once("://")).map_or("", |parts| parts.1);
                        if rest.find(['/', '?', '#', '\'', '"', '`']).is_some_and(|end| !rest[..end].contains("${")) {
                            let at = range.end - script.len() + 1;
                            host.scheme = Some((url.scheme, at..at + url.scheme.len()));
                            host.name = Some(url.host.trim_end_matches(['\'', '"', '`', ' ']));
                            return host;
                        }
                    }
                    // What only decides between two addresses is no part of either.
                    let start = text[range.clone()].find(" ? ").map_or(range.start, |at| range.start + at);
                    host.scripts.push(start..range.end);
                }
            }
        }
        host
    }
}

/// Query parameters that carry a credential, by name: in the address and in the list of parameters.
pub(super) fn secret_query(parts: &NodeParts<'_>, url: &str) -> Vec<(String, Option<Place>)> {
    let named = |name: &str| secrets::is_secret_query(name);
    let mut found = Vec::new();
    if url.contains("://api.telegram.org/bot") || url.contains("://api.telegram.org/file/bot") {
        found.push(("bot token".to_owned(), None));
    }
    let query = url.split_once('?').map_or("", |parts| parts.1);
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if named(name) && !value.trim().is_empty() {
            found.push((name.trim().to_owned(), None));
        }
    }
    for list in [&["queryParameters", "parameters"][..], &["queryParametersUi", "parameter"], &["parametersQuery", "values"]] {
        for item in parts.parameter(list).into_iter().flat_map(Node::items) {
            let (Some(name), Some(value)) = (item.get("name").and_then(Node::as_str), item.get("value")) else { continue };
            if named(&name) && value.as_str().is_some_and(|text| !text.trim().is_empty()) {
                found.push((name.trim().to_owned(), Some(Place::of(value))));
            }
        }
    }
    found
}

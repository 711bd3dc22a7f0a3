//! The addresses that parts call, and what feeds their hosts.

use super::expression::{self, Function, Piece};
use super::part::{Part, at, member};
use super::{Context, connector, values};
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::vocabulary::{Network, Origin};
use crate::model::{Fact, Kind, Place, Reference, Sink};
use crate::platform::secrets::is_secret_query;
use crate::tree::Node;
use std::borrow::Cow;
use std::ops::Range;

/// The addresses that a part of type Http or HttpWebhook calls.
pub(super) fn request<'t>(context: &mut Context<'_, 't>, part: &Part<'t>) {
    for holder in [part.inputs, part.input(&["subscribe"]), part.input(&["unsubscribe"])].into_iter().flatten() {
        if let Some(uri) = member(holder, "uri") {
            endpoint(context, part, uri, holder);
        }
    }
}

/// The address in `node`; `request` holds what is sent with it.
pub(super) fn endpoint<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, node: Node<'t>, request: Node<'t>) {
    let Some(text) = node.as_str().filter(|text| !text.trim().is_empty() && !context.host.is_template(text)) else { return };
    let place = Place::of(node);
    let mut element = part.element(Kind::Endpoint, context.app).with(Fact::EndpointUrl, text.clone(), place);
    let host = host(context, &text);
    if let Some((scheme, range)) = &host.scheme {
        element.set(Fact::EndpointScheme, scheme.to_ascii_lowercase(), range.clone().map_or(place, |range| Place::part(node, range)));
    }
    element.set(Fact::EndpointAuthenticated, is_authenticated(request), place);
    let (names, at) = secret_query(&text, request);
    if !names.is_empty() {
        element.set(Fact::EndpointSecretQuery, names, at.unwrap_or(place));
    }
    if let Some(name) = &host.name {
        let network = address::network(name);
        element.set(Fact::EndpointNetwork, network, place);
        if network != Network::Unknown && !is_placeholder_host(name) {
            element.set(Fact::EndpointHost, name.to_ascii_lowercase(), place);
        }
        if let Some(connector) = connector::made_for(name).filter(|_| part.kind.starts_with("http")) {
            element.set(Fact::EndpointConnector, connector, place);
        }
        element.set(Fact::EndpointHostFrom, vec![Origin::Literal], place);
        context.model.add(element);
        return;
    }
    element.set(Fact::EndpointNetwork, Network::Unknown, place);
    let element = context.model.add(element);
    let scripts = host.scripts.into_iter();
    let parts: Vec<Reference<'t>> = scripts.flat_map(|range| values::expression_references(context, node, &text, range, part.at)).collect();
    if !parts.is_empty() {
        context.model.sinks.push(Sink { element, step: part.step, fact: Fact::EndpointHostFrom, parts, place });
    }
}

/// Whether the request says who sends it.
fn is_authenticated(request: Node<'_>) -> bool {
    let kind = at(request, &["authentication", "type"]).and_then(Node::as_str);
    let by_kind = member(request, "authentication").is_some() && kind.is_none_or(|kind| !kind.eq_ignore_ascii_case("none"));
    let headers = member(request, "headers").into_iter().flat_map(Node::members).filter_map(Node::key);
    by_kind || headers.into_iter().any(|name| super::record::is_credential_header(&name))
}

/// Names of query parameters that carry a credential, and the first place beside the address.
fn secret_query(text: &str, request: Node<'_>) -> (Vec<String>, Option<Place>) {
    let query = text.split_once('?').map_or("", |parts| parts.1);
    // In an expression `?` also asks for a member.
    let pairs = query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, value)| is_word(name) && !value.is_empty());
    // Azure Functions take their key as `code`.
    let is_key = |name: &str| is_secret_query(name) || name == "code" && text.contains(".azurewebsites.net");
    let mut names: Vec<String> = pairs.filter(|(name, _)| is_key(name)).map(|(name, _)| name.to_owned()).collect();
    let members = member(request, "queries")
        .into_iter()
        .flat_map(Node::members)
        .filter(|node| node.as_str().is_some_and(|text| !text.trim().is_empty()));
    let beside: Vec<Node<'_>> = members.filter(|node| node.key().is_some_and(|name| is_key(&name))).collect();
    let at = if names.is_empty() { beside.first().map(|node| Place::of(*node)) } else { None };
    names.extend(beside.iter().filter_map(|node| node.key()).map(Cow::into_owned));
    (names, at)
}

fn is_word(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$'))
}

/// The part of an address that decides where it leads.
struct Host {
    /// The scheme, and where in the text it stands.
    scheme: Option<(String, Option<Range<usize>>)>,
    /// The host, when it is known.
    name: Option<String>,
    /// The expressions that make up the host, when it is not.
    scripts: Vec<Range<usize>>,
}

/// Whether the expression is a parameter or a setting, whatever is done with it.
fn is_setting(text: &str, range: &Range<usize>) -> bool {
    let calls = expression::calls(text, range.clone());
    !calls.is_empty() && calls.iter().all(|call| matches!(call.function, Function::Parameter | Function::Setting))
}

/// Reads the address up to the end of its host. What variables and parameters begin with counts as text, where nothing changes it.
fn host(context: &Context<'_, '_>, text: &str) -> Host {
    let mut host = Host { scheme: None, name: None, scripts: Vec::new() };
    let mut read = String::new();
    let pieces = expression::flat_pieces(text);
    for (nth, piece) in pieces.iter().enumerate() {
        let part: Cow<'_, str> = match piece {
            Piece::Text(range) => Cow::Borrowed(&text[range.clone()]),
            Piece::Expression(range) => match values::constant(context, text[range.clone()].trim()) {
                Some(constant) => constant,
                None => {
                    let is_first = read.is_empty() && host.scripts.is_empty();
                    host.scripts.push(range.clone());
                    // An address that begins with a setting has its host from there, and what follows is its path.
                    if is_first && is_setting(text, range) {
                        return host;
                    }
                    continue;
                }
            },
        };
        let ends = |part: &str| part.contains(['/', '?', '#']);
        if !host.scripts.is_empty() {
            if ends(&part) {
                return host;
            }
            continue;
        }
        read.push_str(&part);
        let Some(url) = Url::parse(&read) else {
            // A path without a host: the service is told elsewhere.
            if ends(&read) && !read.contains("://") {
                return host;
            }
            continue;
        };
        if host.scheme.is_none() {
            let at = match piece {
                Piece::Text(range) if nth == 0 => {
                    let start = range.start + (part.len() - part.trim_start().len());
                    Some(start..start + url.scheme.len())
                }
                _ => None,
            };
            host.scheme = Some((url.scheme.to_owned(), at));
        }
        let rest = read.split_once("://").map_or("", |parts| parts.1);
        if ends(rest) || nth + 1 == pieces.len() {
            host.name = Some(url.host.to_owned());
            return host;
        }
    }
    host
}

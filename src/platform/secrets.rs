//! Secrets in the texts of an export: what all platforms look for, and what they say of what they find.

use crate::model::secret::{self, Position};
use crate::model::vocabulary::{SecretPlace, Storage};
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::source::Span;
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;
use std::ops::Range;

/// Whether a query parameter of that name carries a credential.
pub(super) fn is_secret_query(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    matches!(&*name, "key" | "appid" | "token" | "sig" | "auth" | "code_secret") || secret::is_secret_name(&name)
}

/// The values below `root` in which a token of some issuer may stand, each once.
pub(super) fn with_tokens<'t>(root: Node<'t>, tokens: &[u32]) -> impl Iterator<Item = Node<'t>> {
    let span = root.span();
    let first = tokens.partition_point(|at| *at < span.start);
    let mut last = None;
    let within = tokens[first..].iter().take_while(move |at| **at < span.end);
    within.filter_map(move |at| {
        let node = root.tree().node_at(*at).filter(|node| last != Some(node.id()))?;
        last = Some(node.id());
        Some(node)
    })
}

/// Adds the secrets with a shape of their own in other parts of the workflow, such as captured data.
pub(super) fn lower_data<'t>(model: &mut Model<'t>, app: AppId, data: Node<'t>, candidates: &[u32]) {
    for node in with_tokens(data, candidates) {
        let mut found = Vec::new();
        scan(candidates, node, None, Position::SampleData, SecretPlace::CapturedData, &mut found);
        for hit in found {
            let id = data.key().unwrap_or_default().into_owned();
            let element = hit.described(Element::new(Kind::Secret, app, id.clone(), id, hit.place));
            model.secrets.push(hit.place);
            model.add(element);
        }
    }
}

/// Whether a token of some issuer may stand in the value of `node`.
pub(super) fn holds_token(node: Node<'_>, tokens: &[u32]) -> bool {
    holds(node.span(), tokens)
}

fn holds(span: Span, tokens: &[u32]) -> bool {
    tokens.get(tokens.partition_point(|at| *at < span.start)).is_some_and(|at| *at < span.end)
}

/// A secret in a text of the export.
pub(super) struct Hit<'t> {
    pub(super) place: Place,
    kind: SecretPlace,
    field: Option<Cow<'t, str>>,
    secret: secret::Secret,
}

impl<'t> Hit<'t> {
    /// What was found at `place`, under the name `field`; `kind` is what the place says, where the form of the secret says no more.
    pub(super) fn new(secret: secret::Secret, place: Place, field: Option<&Cow<'t, str>>, kind: SecretPlace) -> Self {
        let kind = match secret.detector {
            "url-query" => SecretPlace::Query,
            "userinfo" => SecretPlace::UserInfo,
            "connection-string" => SecretPlace::ConnectionString,
            _ => kind,
        };
        Self { place, kind, field: field.cloned(), secret }
    }

    /// The secret as an element of what is called `id` and `name`.
    pub(super) fn element(&self, app: AppId, id: &str, name: Cow<'t, str>) -> Element<'t> {
        let field = self.field.as_deref().unwrap_or_default();
        self.described(Element::new(Kind::Secret, app, format!("{id}.{field}"), name, self.place))
    }

    /// The element with what is known of the secret.
    pub(super) fn described(&self, element: Element<'t>) -> Element<'t> {
        let mut element = element
            .with(Fact::SecretPlace, self.kind, self.place)
            .with(Fact::SecretStorage, Storage::Literal, self.place)
            .with(Fact::SecretDetector, self.secret.detector, self.place)
            .with(Fact::SecretRedacted, self.secret.redacted.clone(), self.place)
            .with(Fact::SecretConfidence, self.secret.confidence.as_str(), self.place);
        if let Some(field) = self.field.clone() {
            element.set(Fact::SecretField, field, self.place);
        }
        if let Some(note) = self.secret.note {
            element.set(Fact::SecretNote, note, self.place);
        }
        element
    }
}

/// Finds the secrets in the text of `node`.
pub(super) fn scan<'t>(
    tokens: &[u32],
    node: Node<'t>,
    name: Option<&Cow<'t, str>>,
    position: Position,
    kind: SecretPlace,
    found: &mut Vec<Hit<'t>>,
) {
    scan_text(tokens, node, None, name, position, kind, found);
}

/// Like [`scan`], where the text of the node may have been decoded already.
pub(super) fn scan_text<'t>(
    tokens: &[u32],
    node: Node<'t>,
    text: Option<&str>,
    name: Option<&Cow<'t, str>>,
    position: Position,
    kind: SecretPlace,
    found: &mut Vec<Hit<'t>>,
) {
    // Where neither the place nor the name speaks of secrets, only a token with a shape of its own can be one.
    let quiet = matches!(position, Position::Prose | Position::Other | Position::SampleData);
    let shaped = holds_token(node, tokens);
    if quiet && !shaped {
        return;
    }
    let Some(text) = text.map(Cow::Borrowed).or_else(|| node.as_str()) else { return };
    let secrets = if shaped {
        secret::detect(&text, name.map(|name| &**name), position)
    } else {
        secret::detect_placed(&text, name.map(|name| &**name), position)
    };
    for secret in secrets {
        let place = Place::part(node, secret.range.clone());
        found.push(Hit::new(secret, place, name, kind));
    }
}

/// Finds the secrets in what the text of `node` becomes where nothing but the text itself decides that.
pub(super) fn scan_joined<'t>(
    node: Node<'t>,
    joined: &str,
    name: Option<&Cow<'t, str>>,
    position: Position,
    kind: SecretPlace,
    found: &mut Vec<Hit<'t>>,
) {
    for secret in secret::detect(joined, name.map(|name| &**name), position) {
        let raw = node.as_str().unwrap_or_default();
        let place = match raw.find(&joined[secret.range.clone()]) {
            Some(at) => Place::part(node, at..at + secret.range.len()),
            None => Place::of(node),
        };
        found.push(Hit { place, kind, field: name.cloned(), secret });
    }
}

/// Finds the tokens of issuers in the names and texts of `root` that nobody has looked at: `elsewhere` tells of a text whether
/// somebody has.
pub(super) fn lower_rest<'t>(tokens: &[u32], root: Node<'t>, elsewhere: &dyn Fn(Node<'t>, &str) -> bool, found: &mut Vec<Hit<'t>>) {
    let within = |span: Span| holds(span, tokens);
    for node in root.descend() {
        let mut add = |secret: secret::Secret, place: Place| {
            found.push(Hit { place, kind: SecretPlace::Other, field: node.key(), secret });
        };
        if let Some(key) = node.key().filter(|_| node.id() != root.id() && node.key_span().is_some_and(within)) {
            secret::detect(&key, None, Position::Prose).into_iter().for_each(|secret| add(secret, Place::key_of(node)));
        }
        let text = if node.kind() == ValueKind::String && within(node.span()) { node.as_str() } else { None };
        if let Some(text) = text.filter(|text| !elsewhere(node, text)) {
            let secrets = secret::detect(&text, None, Position::Prose);
            secrets.into_iter().for_each(|secret| add(secret.clone(), Place::part(node, secret.range)));
        }
    }
}

/// Finds the secrets in a part of a text, such as a string in an expression; `at` says where a range of the text stands.
pub(super) fn scan_part<'t>(
    at: &dyn Fn(Range<usize>) -> Place,
    text: &str,
    range: Range<usize>,
    name: Option<&Cow<'t, str>>,
    position: Position,
    kind: SecretPlace,
    found: &mut Vec<Hit<'t>>,
) {
    for secret in secret::detect(&text[range.clone()], name.map(|name| &**name), position) {
        let place = at(range.start + secret.range.start..range.start + secret.range.end);
        found.push(Hit { place, kind, field: name.cloned(), secret });
    }
}

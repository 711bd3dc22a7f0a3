//! Literal secrets in the texts of an export: found by where they stand and what they are called, or by a shape that only one
//! issuer uses. What is no secret is most of the work: templates, references, placeholders, keys that are public by design.

mod name;
mod place;
mod placeholder;
mod provider;
mod quoted;
mod shape;

pub use name::is_secret_name;
pub use placeholder::is_placeholder;
pub use shape::base64;

use crate::finding::Confidence;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Where a text stands, as far as it says how probable a secret is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// The value of an `Authorization` header.
    AuthorizationHeader,
    /// The value of a header, or header lines (`Name: value`) when no name is given.
    Header,
    /// The value of a query parameter, or of a URL.
    QueryParameter,
    /// A field of a request body, or the whole body.
    BodyField,
    /// A field of a credential, connection or configuration node.
    CredentialField,
    /// A variable, parameter or constant.
    Variable,
    /// A connection string.
    ConnectionString,
    /// The part of a URL before `@`: `user:password`.
    UserInfo,
    /// Program code, an expression or a command.
    Code,
    /// Notes, prompts, descriptions.
    Prose,
    /// Recorded data, kept for tests.
    SampleData,
    /// Anywhere else.
    Other,
}

/// Shortest text that can hold a secret, in bytes.
pub const SHORTEST: usize = 4;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Bytes of the text: the secret part only, without the scheme or name before it.
    pub range: Range<usize>,
    /// What found it: `github-token`, `bearer`, `basic`, `named-field`, `url-query`, `userinfo`, `connection-string`, `jwt`...
    pub detector: &'static str,
    /// The secret as reports show it, see [`redact`].
    pub redacted: String,
    /// Shannon entropy in bits per character.
    pub entropy: f32,
    /// How sure it is that this opens something.
    pub confidence: Confidence,
    /// What else the secret tells, in a few words.
    pub note: Option<&'static str>,
}

/// All secrets in `text`, which stands at `position` under the name `name` (of the header, field or parameter), in the order of
/// the text and without overlaps. The text is decoded: no escapes of the file format are left in it.
///
/// A leading `=` (n8n's mark of an expression) counts as no part of the value. In [`Position::Prose`] and [`Position::SampleData`]
/// names say nothing; only shapes count there.
#[must_use]
pub fn detect(text: &str, name: Option<&str>, position: Position) -> Vec<Secret> {
    if text.len() < SHORTEST {
        return Vec::new();
    }
    settle(text, provider::scan(text), name, position)
}

/// Like [`detect`], for a text of which [`candidates`] has told that no token with a shape of its own is in it.
#[must_use]
pub fn detect_placed(text: &str, name: Option<&str>, position: Position) -> Vec<Secret> {
    if text.len() < SHORTEST { Vec::new() } else { settle(text, Vec::new(), name, position) }
}

fn settle(text: &str, known: Vec<provider::Known>, name: Option<&str>, position: Position) -> Vec<Secret> {
    let quiet = matches!(position, Position::Prose | Position::SampleData);
    let placed = if quiet { Vec::new() } else { place::find(text, name, position) };
    if known.is_empty() && placed.is_empty() {
        return Vec::new();
    }
    // A shape knows more than a place. What it knows to be public is no secret anywhere.
    let mut taken: BTreeMap<usize, usize> = known.iter().map(|known| (known.range.start, known.range.end)).collect();
    let mut secrets: Vec<Secret> = Vec::new();
    for known in known {
        let Some((confidence, note)) = known.secret else { continue };
        // Keys of embedded maps are in every page that a test recorded.
        let confidence = if quiet && known.id == "google-api-key" { Confidence::Low } else { confidence };
        secrets.push(secret(text, known.range, known.id, confidence, note));
    }
    for place::Placed { range, detector, confidence } in placed {
        let free = taken.range(..range.end).next_back().is_none_or(|(_, end)| *end <= range.start);
        if free {
            taken.insert(range.start, range.end);
            secrets.push(secret(text, range, detector, confidence, None));
        }
    }
    secrets.sort_by_key(|secret| secret.range.start);
    secrets
}

fn secret(text: &str, range: Range<usize>, detector: &'static str, confidence: Confidence, note: Option<&'static str>) -> Secret {
    let value = &text[range.clone()];
    Secret { redacted: redact(value), entropy: shape::Shape::of(value).entropy, range, detector, confidence, note }
}

/// Offsets in raw source text (JSON still escaped) where a secret with a shape of its own may stand, ascending, without a look at
/// its structure: the string around such an offset is worth a [`detect`], all others are not unless their place or name says so.
pub fn candidates(raw: &str) -> impl Iterator<Item = usize> {
    provider::candidates(raw)
}

/// All [`candidates`] of a file, for those who look at it more than once.
#[must_use]
pub fn tokens(raw: &str) -> Vec<u32> {
    candidates(raw).map(|at| at as u32).collect()
}

/// The secret as it may be shown: its first characters and its length, as in `gsk_… (56 characters)`. Never more than four characters nor
/// more than a quarter, of an issuer's prefix no more than that, and nothing of what a person may have chosen.
#[must_use]
pub fn redact(secret: &str) -> String {
    let length = secret.chars().count();
    let most = if length < 16 { 0 } else { (length / 4).min(4) };
    let shown: String = secret.chars().take(most).take_while(char::is_ascii_graphic).collect();
    // Behind the separator the secret begins: `gsk_Ab` says no more than `gsk_`.
    let shown = shown.rfind(['_', '-', '.']).map_or(shown.as_str(), |at| &shown[..=at]);
    let plural = if length == 1 { "" } else { "s" };
    format!("{shown}… ({length} character{plural})")
}

/// The text with the tokens in it as they may be shown, for what is said of texts that nobody could read further.
#[must_use]
pub fn hide(text: &str) -> Cow<'_, str> {
    let tokens = detect(text, None, Position::Prose);
    if tokens.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut hidden, mut from) = (String::with_capacity(text.len()), 0);
    for token in tokens {
        hidden.push_str(&text[from..token.range.start]);
        hidden.push_str(&token.redacted);
        from = token.range.end;
    }
    hidden.push_str(&text[from..]);
    Cow::Owned(hidden)
}

#[cfg(test)]
mod tests;

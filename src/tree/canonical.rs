//! What a tree says as one number, whatever the way in which it is written.
//!
//! Two texts have the same digest when they hold the same values under the same names: indentation, the order of members, escapes and
//! the spelling of numbers do not count, everything else does. What comes before what counts in lists, and among the elements of XML,
//! where order may mean something. Every part goes in with its kind and its length, so that no two contents are told alike.

use super::{Node, NodeId, Syntax, ValueKind};
use foldhash::fast::RandomState;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Hashed with a random seed, and fast.
type HashSet<T> = std::collections::HashSet<T, RandomState>;

/// What of a document means nothing. What is not named here counts.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    dropped: HashSet<NodeId>,
    unordered: HashSet<NodeId>,
    meaning: Vec<String>,
}

impl Noise {
    /// Leaves out a value with its name and all below it.
    pub fn drop(&mut self, node: Node<'_>) {
        self.dropped.insert(node.id());
    }

    /// Says that the order of what is right below `node` means nothing.
    pub fn unordered(&mut self, node: Node<'_>) {
        self.unordered.insert(node.id());
    }

    /// Says in words what the platform takes from values that are left out, where that is less than they say.
    pub fn means(&mut self, sentence: String) {
        self.meaning.push(sentence);
    }

    /// The same for a part of the document: what is left out there has no meaning in the part alone.
    #[must_use]
    pub fn of_part(&self) -> Self {
        Self { meaning: Vec::new(), ..self.clone() }
    }

    /// Adds what is known of another document of the same tree.
    pub fn join(&mut self, other: Self) {
        self.dropped.extend(other.dropped);
        self.unordered.extend(other.unordered);
        self.meaning.extend(other.meaning);
    }
}

/// The digest of `nodes`, values of one tree, in that order and without their `noise`.
#[must_use]
pub fn digest<'t>(nodes: impl IntoIterator<Item = Node<'t>>, noise: &Noise) -> Digest {
    let mut hash = Sha256::new();
    for node in nodes {
        hash.update([match node.tree().syntax() {
            Syntax::Json => b'j',
            Syntax::Yaml => b'y',
            Syntax::Xml => b'x',
            Syntax::Text => b't',
        }]);
        value(&mut hash, node, noise);
    }
    let mut meaning: Vec<&str> = noise.meaning.iter().map(String::as_str).collect();
    meaning.sort_unstable();
    meaning.iter().for_each(|sentence| text(&mut hash, b'm', sentence));
    hash.finalize().into()
}

/// The digest of some members of one object, in any order, without `noise`.
#[must_use]
pub fn digest_of_members<'t>(members: impl IntoIterator<Item = Node<'t>>, noise: &Noise) -> Digest {
    let alone = |child: Node<'t>| {
        let mut hash = Sha256::new();
        member(&mut hash, child, noise);
        hash.finalize().into()
    };
    together(members.into_iter().filter(|child| !noise.dropped.contains(&child.id())).map(alone).collect())
}

/// The digest of several, in any order; the same one twice counts twice.
#[must_use]
pub fn together(mut parts: Vec<Digest>) -> Digest {
    parts.sort_unstable();
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// The digest of content that has a name.
#[must_use]
pub fn named(name: &str, content: &Digest) -> Digest {
    let mut hash = Sha256::new();
    text(&mut hash, b'n', name);
    hash.update(content);
    hash.finalize().into()
}

/// The digest of bytes of which nothing else is known.
#[must_use]
pub fn digest_of_bytes(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// The digest of a text.
#[must_use]
pub fn digest_of_text(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// A digest as files and reports write it.
#[must_use]
pub fn written(digest: &Digest) -> String {
    let mut written = String::with_capacity(71);
    written.push_str("sha256:");
    for byte in digest {
        let _ = write!(written, "{byte:02x}");
    }
    written
}

fn text(hash: &mut Sha256, kind: u8, text: &str) {
    hash.update([kind]);
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// Deep as trees are at most, see [`MAX_DEPTH`](super::MAX_DEPTH).
fn value(hash: &mut Sha256, node: Node<'_>, noise: &Noise) {
    match node.kind() {
        ValueKind::Null => hash.update(b"0"),
        ValueKind::Bool => hash.update(if node.as_bool() == Some(true) { b"T" } else { b"F" }),
        ValueKind::Number => text(hash, b'd', &decimal(node.content())),
        ValueKind::String => text(hash, b's', &node.as_str().unwrap_or_default()),
        ValueKind::Array | ValueKind::Object => container(hash, node, noise),
    }
}

fn container(hash: &mut Sha256, node: Node<'_>, noise: &Noise) {
    let is_object = node.is_object();
    hash.update([if is_object { b'{' } else { b'[' }]);
    let kept = node.children().filter(|child| !noise.dropped.contains(&child.id()));
    if noise.unordered.contains(&node.id()) {
        let alone = |child: Node<'_>| {
            let mut hash = Sha256::new();
            member(&mut hash, child, noise);
            hash.finalize().into()
        };
        hash.update(together(kept.map(alone).collect()));
    } else if !is_object {
        kept.for_each(|child| value(hash, child, noise));
    } else {
        let mut members: Vec<(Cow<'_, str>, Node<'_>)> = kept.map(|child| (child.key().unwrap_or_default(), child)).collect();
        // Repeated members stay in their order: the last one counts for some readers, the first for others.
        if node.tree().syntax() == Syntax::Xml {
            // Attributes have no order. Elements have, also among those of other names.
            members.sort_by(|one, other| {
                let attribute = |key: &str| if key.starts_with('@') { (0, key.to_owned()) } else { (1, String::new()) };
                attribute(&one.0).cmp(&attribute(&other.0))
            });
        } else {
            members.sort_by(|one, other| one.0.cmp(&other.0));
        }
        members.into_iter().for_each(|(_, child)| member(hash, child, noise));
    }
    hash.update([if is_object { b'}' } else { b']' }]);
}

fn member(hash: &mut Sha256, child: Node<'_>, noise: &Noise) {
    if let Some(key) = child.key() {
        text(hash, b'k', &key);
        if child.tree().syntax() == Syntax::Xml {
            text(hash, b'u', child.namespace().unwrap_or_default());
            text(hash, b'p', prefix(child));
        }
    }
    value(hash, child, noise);
}

/// The prefix of an attribute, with its colon: the tree keeps no namespace of attributes.
fn prefix(node: Node<'_>) -> &str {
    let Some(start) = node.key_span().filter(|_| node.key().is_some_and(|key| key.starts_with('@'))).map(|span| span.start) else {
        return "";
    };
    let before = &node.tree().text()[..start as usize];
    let from = before.rfind(|c: char| c.is_ascii_whitespace() || c == '<').map_or(0, |at| at + 1);
    &before[from..]
}

/// A decimal number in the one way to write it: `12.50e1` and `125` are `125e0`. What is none (`0x1F` and `.inf` of YAML) stays as it is.
fn decimal(text: &str) -> Cow<'_, str> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // An exponent that does not fit says nothing that could be added to.
    let exponent = exponent.parse::<i32>().ok().filter(|_| digits(whole) && digits(fraction) && whole.len() + fraction.len() > 0);
    let Some(exponent) = exponent else { return Cow::Borrowed(text) };
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Cow::Borrowed("0");
    }
    let trailing = all.len() - all.trim_end_matches('0').len();
    let length = |length: usize| i64::try_from(length).unwrap_or(i64::MAX / 4);
    let exponent = i64::from(exponent) - length(fraction.len()) + length(trailing);
    Cow::Owned(format!("{}{significant}e{exponent}", if negative { "-" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::super::{json, xml, yaml};
    use super::*;

    fn of_json(text: &str) -> Digest {
        digest(json::parse_lenient(text).expect("valid").documents(), &Noise::default())
    }

    #[test]
    fn the_way_of_writing_does_not_count() {
        let one = of_json(r#"{"a": [1.50, "\u0041", -0], "b": {"c": null, "d": true}}"#);
        assert_eq!(one, of_json("{\"b\":{\"d\":true,\"c\":null},\n\t\"a\":[15e-1,\"A\",0.0]}"));
        let number = |text| decimal(text).into_owned();
        assert_eq!((number("120"), number("1.2E+2"), number("-0.012")), ("12e1".into(), "12e1".into(), "-12e-3".into()));
        assert_eq!((number("0x1F"), number(".inf"), number("1e99999999999")), ("0x1F".into(), ".inf".into(), "1e99999999999".into()));
        assert_ne!(number("9007199254740993"), number("9007199254740992"), "exact, not as a double");
    }

    #[test]
    fn whatever_is_said_counts() {
        let texts = [
            "{}",
            "[]",
            "[[]]",
            "[{}]",
            "null",
            r#""""#,
            "0",
            "false",
            "[1,2]",
            "[2,1]",
            "[12]",
            r#"["1","2"]"#,
            r#"["12"]"#,
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":2,"a":1}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":{},"b":1}"#,
        ];
        let digests: HashSet<Digest> = texts.iter().map(|text| of_json(text)).collect();
        assert_eq!(digests.len(), texts.len());
    }

    #[test]
    fn elements_of_xml_keep_their_order_and_attributes_have_none() {
        let of = |text: &str| digest(xml::parse(text).expect("valid").documents(), &Noise::default());
        let one = of(r#"<r x="1" y="2"><a>1</a><b/><a>2</a></r>"#);
        assert_eq!(one, of("<r y='2' x='1'>\n  <a>1</a>\n  <b></b>\n  <a>2</a>\n</r>"));
        assert_ne!(one, of(r#"<r x="1" y="2"><b/><a>1</a><a>2</a></r>"#));
        assert_ne!(of(r#"<r xmlns:n="urn:n" n:x="1"/>"#), of(r#"<r xmlns:n="urn:n" x="1"/>"#));
        assert_ne!(of(r#"<r xmlns="urn:n"><a/></r>"#), of("<r><a/></r>"));
    }

    #[test]
    fn noise_is_left_out_and_nothing_else() {
        let of = |text: &str| {
            let tree = yaml::parse(text).expect("valid");
            let mut noise = Noise::default();
            tree.root().get("when").into_iter().for_each(|node| noise.drop(node));
            tree.root().get("set").into_iter().for_each(|node| noise.unordered(node));
            digest(tree.documents(), &noise)
        };
        assert_eq!(of("when: 1\nset: [a, b]\n"), of("set: [b, a]\nwhen: 2\n"));
        assert_eq!(of("set: [a, b]\n"), of("set: [b, a]\nwhen: 2\n"));
        assert_ne!(of("set: [a, b]\n"), of("set: [a, b, b]\n"));
        assert_ne!(of("set: {when: 1}\n"), of("set: {when: 2}\n"));
    }

    #[test]
    fn several_are_told_together_in_any_order() {
        let (one, other) = (of_json("1"), of_json("2"));
        assert_eq!(together(vec![one, other]), together(vec![other, one]));
        assert_ne!(together(vec![one, one]), together(vec![one]));
        assert_ne!(named("a", &one), named("b", &one));
        assert!(written(&one).starts_with("sha256:") && written(&one).len() == 71);
    }
}

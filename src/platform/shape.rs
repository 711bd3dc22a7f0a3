//! Shapes of values that platforms write by themselves. What says nothing is left out of a digest only in the shape in which the
//! platform writes it: whatever else stands in its place is content.

use crate::tree::Node;

/// `2026-11-21T12:00:00.000Z`, in any of the forms that platforms write: nothing but digits and what stands between them.
pub(super) fn is_time(node: Node<'_>) -> bool {
    let time = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b':' | b'.' | b'+' | b' ' | b'T' | b'Z');
        (8..=40).contains(&text.len()) && text.bytes().all(plain) && text.bytes().filter(u8::is_ascii_digit).count() >= 8
    };
    node.as_str().is_some_and(|text| time(&text))
}

/// An identifier without a meaning: a GUID, a hash, a random name.
pub(super) fn is_identifier(node: Node<'_>) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    node.as_str().is_some_and(|text| (1..=64).contains(&text.len()) && text.bytes().all(plain))
}

/// `9.2.24093.194`
pub(super) fn is_version(node: Node<'_>) -> bool {
    node.as_text().is_some_and(|text| text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// A number.
pub(super) fn is_number(node: Node<'_>) -> bool {
    node.as_f64().is_some()
}

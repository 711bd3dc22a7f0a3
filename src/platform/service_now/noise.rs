//! What of a record says nothing: when it was saved and how often, which build of an update set it is in.

use super::record::{RECORD_UPDATE, UNLOAD, UPDATE_SET, text_node};
use crate::platform::shape::{is_identifier, is_time};
use crate::tree::Node;
use crate::tree::canonical::Noise;

/// A field and the shape in which the platform writes it.
type Field = (&'static str, fn(Node<'_>) -> bool);

/// Of all records.
const SAVED: [Field; 3] = [("sys_created_on", is_time), ("sys_updated_on", is_time), ("sys_updated_by", is_user)];

/// Of an update and of the update set, which are made anew for every export.
const PACKED: [Field; 7] = [
    ("sys_id", is_identifier),
    ("remote_update_set", is_identifier),
    ("payload_hash", is_whole),
    ("sys_recorded_at", is_identifier),
    ("update_guid", is_identifier),
    ("sys_mod_count", is_whole),
    ("sys_created_by", is_user),
];

pub(super) fn of(root: Node<'_>) -> Noise {
    let mut noise = Noise::default();
    if root.has_key(UNLOAD) {
        drop(&mut noise, root, &[("@unload_date", is_time)]);
        for member in root.members().filter(|member| member.is_object()) {
            if member.has_key("sys_update_xml") || member.has_key(UPDATE_SET) {
                drop(&mut noise, member, &SAVED);
                drop(&mut noise, member, &PACKED);
                let updates = member.get("payload").into_iter().flat_map(|payload| payload.get_all(RECORD_UPDATE));
                updates.flat_map(Node::members).for_each(|node| record(&mut noise, node));
            } else {
                record(&mut noise, member);
            }
        }
    } else {
        root.members().for_each(|node| record(&mut noise, node));
    }
    noise
}

fn record(noise: &mut Noise, node: Node<'_>) {
    if !node.is_object() {
        return;
    }
    drop(noise, node, &SAVED);
    // Of a rule it tells whether its roles are in the same update set, or were long there.
    if !node.has_key("sys_security_acl") {
        drop(noise, node, &[("sys_mod_count", is_whole)]);
    }
}

fn drop(noise: &mut Noise, node: Node<'_>, fields: &[Field]) {
    for (name, shape) in fields {
        node.get_all(name).map(text_node).filter(|value| shape(*value)).for_each(|value| noise.drop(value));
    }
}

/// What people log in with.
fn is_user(node: Node<'_>) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'-');
    node.as_str().is_some_and(|text| (1..=80).contains(&text.len()) && text.bytes().all(plain))
}

/// A whole number, which XML keeps as text.
fn is_whole(node: Node<'_>) -> bool {
    node.as_str().is_some_and(|text| {
        let digits = text.strip_prefix('-').unwrap_or(&text);
        (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

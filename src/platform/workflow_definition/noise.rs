//! What of a definition says nothing: identifiers by which the designer knows its cards.

use super::part::{blocks, member};
use crate::platform::shape::{is_identifier, is_time};
use crate::tree::Node;
use crate::tree::canonical::Noise;

/// Adds the noise of a definition.
pub(in crate::platform) fn noise(definition: Node<'_>, noise: &mut Noise) {
    let times = member(definition, "metadata").into_iter().flat_map(|metadata| metadata.get_all("clientLastModifiedTime"));
    times.filter(|node| is_time(*node)).for_each(|node| noise.drop(node));
    let mut open: Vec<Node<'_>> = ["triggers", "actions"].into_iter().filter_map(|name| member(definition, name)).collect();
    while let Some(block) = open.pop() {
        for part in block.members() {
            let ids = member(part, "metadata").into_iter().flat_map(|metadata| metadata.get_all("operationMetadataId"));
            ids.filter(|id| is_identifier(*id)).for_each(|id| noise.drop(id));
            open.extend(blocks(part).into_iter().map(|(block, _)| block));
        }
    }
}

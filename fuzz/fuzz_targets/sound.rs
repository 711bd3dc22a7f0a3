//! What holds for every tree.

use flowgate::tree::{Node, Tree};

pub fn check(tree: &Tree<'_>) {
    for node in tree.documents().flat_map(Node::descend) {
        for span in [Some(node.span()), Some(node.content_span()), node.key_span()].into_iter().flatten() {
            assert!(tree.text().get(span.range()).is_some(), "{node:?} {span}");
        }
        if let Some(text) = node.as_str() {
            assert!(tree.text().get(node.text_span(0..text.len()).range()).is_some(), "{node:?}");
        }
        for child in node.children() {
            assert_eq!(child.key().is_some(), node.is_object());
            assert!(child.key().is_none_or(|key| child.has_key(&key)));
        }
        let _ = (node.as_f64(), node.as_i64(), node.namespace());
    }
    for offset in [0, tree.text().len() / 2, tree.text().len()] {
        if let Some(node) = tree.node_at(offset as u32) {
            let _ = node.pointer();
        }
    }
    let _ = (tree.duplicate_keys(), flowgate::tree::de::from_node::<serde_json::Value>(tree.root()));
}

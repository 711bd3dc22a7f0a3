//! The way to a node, in words that reports keep, and back.

use super::{Node, NodeId, Syntax, Tree, ValueKind};
use std::borrow::Cow;
use std::collections::HashMap;

/// From how many siblings on a node is looked up instead of counted: many findings among many siblings would cost their product.
const MANY: usize = 64;

/// Where each node of a tree stands, by its number.
#[derive(Debug)]
pub(super) struct Ranks {
    /// The number of the node that it is in; its own for those in none.
    parents: Vec<u32>,
    /// How many siblings stand before it.
    positions: Vec<u32>,
    /// Its number among the siblings of the same name, from 1, where there are several; else 0. Of XML only.
    namesakes: Vec<u32>,
}

impl Ranks {
    fn of(tree: &Tree<'_>) -> Self {
        let count = tree.slots.len();
        let mut ranks = Self { parents: (0..count as u32).collect(), positions: vec![0; count], namesakes: Vec::new() };
        let is_xml = tree.syntax == Syntax::Xml;
        if is_xml {
            ranks.namesakes = vec![0; count];
        }
        for (number, document) in (0u32..).zip(tree.documents()) {
            ranks.positions[document.id as usize] = number;
        }
        let mut names: HashMap<Cow<'_, str>, (u32, u32)> = HashMap::new();
        for parent in
            (0..count as u32).map(|id| tree.node(NodeId(id))).filter(|node| matches!(node.kind(), ValueKind::Object | ValueKind::Array))
        {
            names.clear();
            for (position, child) in (0u32..).zip(parent.children()) {
                let at = child.id as usize;
                (ranks.parents[at], ranks.positions[at]) = (parent.id, position);
                let Some(name) = child.key().filter(|_| is_xml) else { continue };
                let (first, known) = names.entry(name).or_insert((child.id, 0));
                *known += 1;
                if *known > 1 {
                    ranks.namesakes[*first as usize] = 1;
                    ranks.namesakes[at] = *known;
                }
            }
        }
        ranks
    }

    /// The child of `parent` that `id` is, or is in.
    fn child(&self, parent: u32, id: u32) -> Option<u32> {
        let mut at = id;
        while self.parents[at as usize] != parent {
            let above = self.parents[at as usize];
            if above == at {
                return None;
            }
            at = above;
        }
        Some(at)
    }
}

impl<'t> Node<'t> {
    /// The way from the root to this node: an RFC 6901 pointer for JSON and YAML (with the number of the document in front when
    /// the stream has several), for XML names with `[n]` where a name repeats, counting from 1.
    #[must_use]
    pub fn pointer(self) -> String {
        let mut pointer = String::new();
        let (number, mut at) = self.document();
        if self.tree.documents().nth(1).is_some() {
            pointer.push('/');
            pointer.push_str(&number.to_string());
        }
        while at.id != self.id {
            let Some((child, position, namesake)) = at.child_towards(self) else { break };
            pointer.push('/');
            match child.key() {
                None => pointer.push_str(&position.to_string()),
                Some(key) if self.tree.syntax == Syntax::Xml => {
                    pointer.push_str(&key);
                    if namesake > 0 {
                        pointer.extend(["[", &namesake.to_string(), "]"]);
                    }
                }
                Some(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
            }
            at = child;
        }
        pointer
    }

    /// The document that the node is in, and how many stand before it.
    fn document(self) -> (u32, Self) {
        let mut first = (0u32..).zip(self.tree.documents()).take(MANY);
        first.find(|(_, root)| root.contains(self.id())).unwrap_or_else(|| {
            let ranks = self.ranks();
            let mut at = self.id;
            while ranks.parents[at as usize] != at {
                at = ranks.parents[at as usize];
            }
            (ranks.positions[at as usize], self.tree.node(NodeId(at)))
        })
    }

    fn ranks(self) -> &'t Ranks {
        self.tree.ranks.get_or_init(|| Ranks::of(self.tree))
    }

    /// The child that `below` is, or is in; how many siblings stand before it; its number among those of the same name, from 1, or 0
    /// where it is the only one.
    fn child_towards(self, below: Self) -> Option<(Self, u32, u32)> {
        if self.children().nth(MANY).is_some() {
            let ranks = self.ranks();
            let child = ranks.child(self.id, below.id)? as usize;
            return Some((self.tree.node(NodeId(child as u32)), ranks.positions[child], ranks.namesakes.get(child).copied().unwrap_or(0)));
        }
        let (position, child) = (0u32..).zip(self.children()).find(|(_, child)| child.contains(below.id()))?;
        let key = child.key().filter(|_| self.tree.syntax == Syntax::Xml);
        let namesake = key.map_or(0, |key| {
            let same: Vec<u32> = self.get_all(&key).map(|node| node.id).collect();
            let nth = same.iter().position(|id| *id == child.id).unwrap_or(0) as u32 + 1;
            if same.len() > 1 { nth } else { 0 }
        });
        Some((child, position, namesake))
    }

    /// The node that a pointer of [`Node::pointer`] names, looked up from this node.
    #[must_use]
    pub fn resolve(self, pointer: &str) -> Option<Node<'t>> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |node, part| {
            if self.tree.syntax == Syntax::Xml {
                let (name, nth) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
                    Some((name, nth)) => (name, nth.parse::<usize>().ok()?.checked_sub(1)?),
                    None => (part, 0),
                };
                return node.get_all(name).nth(nth);
            }
            match node.kind() {
                ValueKind::Object => node.get(&part.replace("~1", "/").replace("~0", "~")),
                ValueKind::Array if part == "0" || !part.starts_with('0') => node.index(part.parse().ok()?),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{json, xml, yaml};
    use super::*;

    #[test]
    fn among_many_siblings_the_pointer_is_the_same() {
        let rows = (0..150).map(|nth| format!("<{0}><id>{nth}</id><id>again</id></{0}>", if nth % 3 == 0 { "role" } else { "user" }));
        let text = format!("<all><only/>{}</all>", rows.collect::<String>());
        let tree = xml::parse(&text).expect("valid");
        for node in tree.root().descend() {
            assert_eq!(tree.root().resolve(&node.pointer()).map(Node::id), Some(node.id()), "{}", node.pointer());
        }
        let last = tree.root().descend().last().expect("is there").pointer();
        assert!(last.ends_with("/user[100]/id[2]"), "{last}");
        let only = tree.root().descend().find(|node| node.has_key("only")).expect("is there").pointer();
        assert!(only.ends_with("/only"), "{only}");
    }

    #[test]
    fn among_many_items_members_and_documents_too() {
        let text = format!("[{}]", (0..150).map(|nth| format!(r#"{{"a{nth}": [{nth}]}}"#)).collect::<Vec<_>>().join(","));
        let tree = json::parse(&text).expect("valid");
        let pointers: Vec<String> = tree.root().children().map(|item| item.descend().last().expect("is there").pointer()).collect();
        assert_eq!(pointers, (0..150).map(|nth| format!("/{nth}/a{nth}/0")).collect::<Vec<_>>());
        let text = "a: 1\n---\n".repeat(150);
        let tree = yaml::parse(&text).expect("valid");
        let pointers: Vec<String> = tree.documents().filter_map(|document| Some(document.get("a")?.pointer())).collect();
        assert_eq!(pointers, (0..150).map(|nth| format!("/{nth}/a")).collect::<Vec<_>>());
    }
}

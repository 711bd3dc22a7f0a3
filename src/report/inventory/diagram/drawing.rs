//! A picture in the making: nodes and edges are added as they are met, and gathered where there are too many.

use super::{Diagram, Edge, EdgeKind, Node, NodeKind, Zone, label};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most words at an edge.
const MAX_WORDS: usize = 4;

#[derive(Default)]
pub(super) struct Drawing {
    nodes: Vec<Node>,
    known: HashMap<(NodeKind, Zone, String), usize>,
    edges: BTreeMap<(EdgeKind, usize, usize), Line>,
    /// Ways of data with an end that is no node.
    unseen: usize,
}

#[derive(Default)]
struct Line {
    words: BTreeSet<String>,
    both: bool,
    traced: bool,
    stands_for: usize,
}

impl Drawing {
    /// A node that is like no other.
    pub(super) fn alone(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The node with that key among those of its kind and zone; the first that says something decides what stands in it.
    pub(super) fn node(&mut self, key: String, node: Node) -> usize {
        let key = (node.kind, node.zone, key);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let at = self.alone(node);
        self.known.insert(key, at);
        at
    }

    /// Adds a line to a node, unless it says so already; of more than `most`, only that there are more.
    pub(super) fn tell(&mut self, at: usize, text: &str, most: usize) {
        let Node { label: name, details, .. } = &mut self.nodes[at];
        let text = label(text);
        if text.is_empty() || details.contains(&text) || text == *name {
            return;
        }
        match details.len() {
            known if known < most => details.push(text),
            known if known == most => details.push("…".to_owned()),
            _ => {}
        }
    }

    pub(super) fn edge(
        &mut self,
        kind: EdgeKind,
        (from, to): (usize, usize),
        words: impl IntoIterator<Item = String>,
        both: bool,
        traced: bool,
    ) {
        let line = Line { words: words.into_iter().filter(|word| !word.is_empty()).collect(), both, traced, stands_for: 1 };
        self.line(kind, from, to, line);
    }

    fn line(&mut self, kind: EdgeKind, from: usize, to: usize, line: Line) {
        if from == to {
            return;
        }
        // Between an app and a system there is one line, whichever way data goes.
        let back = (kind, to, from);
        let (key, turned) = match kind {
            EdgeKind::Uses if self.edges.contains_key(&back) => (back, true),
            _ => ((kind, from, to), false),
        };
        let known = self.edges.entry(key).or_default();
        known.words.extend(line.words);
        known.both |= line.both || turned;
        known.traced |= line.traced;
        known.stands_for += line.stands_for;
    }

    /// An app does something with a system. Data goes to where it is read, and from where it is written.
    pub(super) fn use_of(&mut self, app: usize, system: usize, verbs: &[String], otherwise: &str) {
        let verbs: Vec<String> = verbs.iter().filter(|verb| !matches!(verb.as_str(), "control" | "transform")).cloned().collect();
        let reads = verbs.iter().any(|verb| verb == "read");
        let writes = verbs.iter().any(|verb| verb != "read");
        let ends = if reads && !writes { (system, app) } else { (app, system) };
        let words = if verbs.is_empty() { vec![otherwise.to_owned()] } else { verbs };
        self.edge(EdgeKind::Uses, ends, words, reads && writes, false);
    }

    /// Counts ways of data that cannot be drawn.
    pub(super) fn unseen(&mut self, number: usize) {
        self.unseen += number;
    }

    /// Leaves at most `most` nodes of each kind in each zone, those with most edges; the others become one. Says what it gathered.
    pub(super) fn gather(&mut self, most: usize, not: &[NodeKind]) -> Vec<String> {
        let mut degree = vec![0_usize; self.nodes.len()];
        for (_, from, to) in self.edges.keys() {
            degree[*from] += 1;
            degree[*to] += 1;
        }
        self.gather_by(most, not, &degree)
    }

    /// The same, where `weight` says which nodes matter most.
    pub(super) fn gather_by(&mut self, most: usize, not: &[NodeKind], weight: &[usize]) -> Vec<String> {
        let mut groups: BTreeMap<(Zone, NodeKind), Vec<usize>> = BTreeMap::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| !not.contains(&node.kind)) {
            groups.entry((node.zone, node.kind)).or_default().push(at);
        }
        let (mut place, mut notes): (Vec<usize>, Vec<String>) = ((0..self.nodes.len()).collect(), Vec::new());
        for ((zone, kind), mut group) in groups.into_iter().filter(|(_, group)| group.len() > most) {
            group.sort_by(|one, other| {
                (weight[*other], &self.nodes[*one].label).cmp(&(weight[*one], &self.nodes[*other].label)).then(one.cmp(other))
            });
            // The place of the last one that has room is needed for the others.
            let rest = &group[most - 1..];
            let number: usize = rest.iter().map(|at| self.nodes[*at].stands_for).sum();
            let label = format!("{number} {}", kind.plural());
            notes.push(format!("{label} ({}) are drawn as one", zone.title()));
            self.nodes.push(Node { kind, zone, label, details: Vec::new(), stands_for: number });
            rest.iter().for_each(|at| place[*at] = self.nodes.len() - 1);
        }
        if !notes.is_empty() {
            self.move_to(&place);
        }
        notes
    }

    /// Moves edges to the places of their nodes, and takes out the nodes that have none left of their own.
    fn move_to(&mut self, place: &[usize]) {
        let now = |at: usize| place.get(at).copied().unwrap_or(at);
        let mut left: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut kept = Vec::new();
        for (at, node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if now(at) == at {
                left[at] = Some(kept.len());
                kept.push(node);
            }
        }
        self.nodes = kept;
        self.known.clear();
        for ((kind, from, to), line) in std::mem::take(&mut self.edges) {
            if let (Some(from), Some(to)) = (left[now(from)], left[now(to)]) {
                self.line(kind, from, to, line);
            }
        }
    }

    /// Leaves at most `most` ways of data, those that were traced, lead over a boundary or carry something of a class first.
    pub(super) fn fewer_flows(&mut self, most: usize) -> Option<String> {
        let mut flows: Vec<(EdgeKind, usize, usize)> = self.edges.keys().filter(|(kind, ..)| *kind == EdgeKind::Flow).copied().collect();
        let zone = |at: usize| self.nodes[at].zone;
        flows.sort_by_key(|key| {
            let line = &self.edges[key];
            (!line.traced, zone(key.1) == zone(key.2), std::cmp::Reverse(line.words.len()), *key)
        });
        let over = flows.split_off(flows.len().min(most));
        let number = self.unseen + over.iter().filter_map(|key| self.edges.remove(key)).map(|line| line.stands_for).sum::<usize>();
        let noun = if number == 1 { "way of data is" } else { "ways of data are" };
        (number > 0).then(|| format!("{number} more {noun} not drawn; the inventory lists each as data-flow"))
    }

    pub(super) fn weigh(&self, weigh: impl Fn(&Node, usize) -> usize) -> Vec<usize> {
        self.nodes.iter().enumerate().map(|(at, node)| weigh(node, at)).collect()
    }

    /// The zones that each node shares an edge with.
    pub(super) fn neighbours(&self) -> Vec<BTreeSet<(Zone, usize)>> {
        let mut neighbours = vec![BTreeSet::new(); self.nodes.len()];
        for (_, from, to) in self.edges.keys() {
            neighbours[*from].insert((self.nodes[*to].zone, *to));
            neighbours[*to].insert((self.nodes[*from].zone, *from));
        }
        neighbours
    }

    pub(super) fn diagram(self, title: String, notes: Vec<String>) -> Diagram {
        let edge = |((kind, from, to), line): ((EdgeKind, usize, usize), Line)| {
            let Line { words, both, traced, stands_for } = line;
            let more = words.len() > MAX_WORDS;
            let mut words: Vec<String> = words.into_iter().take(MAX_WORDS).collect();
            if more {
                words.push("…".to_owned());
            }
            Edge { kind, from, to, label: words.join(", "), both, traced, stands_for }
        };
        let edges = self.edges.into_iter().map(edge).collect();
        Diagram { title, zones: Vec::new(), nodes: self.nodes, edges, notes }.ordered()
    }
}

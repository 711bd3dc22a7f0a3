//! What runs after what, what runs only after a failure, and what is done again and again.

use super::element::{Part, Way, What, ways};
use crate::platform::HashMap;
use crate::platform::salesforce::component::member;
use crate::tree::Node;

/// Most loops of a flow whose bodies are looked at; real flows have fewer than twenty.
const MAX_LOOPS: usize = 256;

/// When an element runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// In the course of things.
    Normal,
    /// Only after another has failed.
    AfterFault,
    /// Never: nothing leads to it.
    Never,
}

/// The order of the elements of a flow, by their numbers.
pub(super) struct Order {
    /// The elements with which it begins.
    pub(super) first: Vec<usize>,
    pub(super) edges: Vec<(usize, usize, Way)>,
    pub(super) standing: Vec<Standing>,
    /// Whether a loop does the element again for each item, and waits for nobody meanwhile.
    pub(super) in_loop: Vec<bool>,
}

impl Order {
    /// The order of `parts`, elements of `flow`.
    pub(super) fn of(flow: Node<'_>, parts: &[Part<'_>], by_name: &HashMap<String, usize>) -> Self {
        let find = |name: &str| by_name.get(&name.to_lowercase()).copied();
        let start = flow.get("start").into_iter().flat_map(ways).map(|found| found.0);
        let reference = member(flow, "startElementReference").map(|found| found.0);
        let first: Vec<usize> = start.chain(reference).filter_map(|name| find(&name)).collect();
        let mut edges = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            edges.extend(part.stage.map(|stage| (stage, at, Way::Next)));
            edges.extend(ways(part.node).filter_map(|(name, way)| Some((at, find(&name)?, way))));
        }
        let next = neighbours(parts.len(), &edges, |way| way == Way::Next);
        let standing = standings(&first, &next, &neighbours(parts.len(), &edges, |_| true));
        let before =
            neighbours(parts.len(), &edges.iter().map(|(from, to, way)| (*to, *from, *way)).collect::<Vec<_>>(), |way| way == Way::Next);
        let mut in_loop = vec![false; parts.len()];
        let loops = (0..parts.len()).filter(|at| parts[*at].what == What::Loop && standing[*at] == Standing::Normal);
        for at in loops.take(MAX_LOOPS) {
            let target = parts[at].node.get("nextValueConnector").and_then(|connector| member(connector, "targetReference"));
            let Some(first) = target.and_then(|found| find(&found.0)) else { continue };
            let body = body(at, first, &next, &before);
            if !body.iter().any(|one| parts[*one].pauses()) {
                body.iter().for_each(|one| in_loop[*one] = true);
            }
        }
        Self { first, edges, standing, in_loop }
    }
}

fn neighbours(count: usize, edges: &[(usize, usize, Way)], wanted: impl Fn(Way) -> bool) -> Vec<Vec<usize>> {
    let mut next = vec![Vec::new(); count];
    for (from, to, way) in edges {
        if wanted(*way) {
            next[*from].push(*to);
        }
    }
    next
}

fn standings(first: &[usize], next: &[Vec<usize>], all: &[Vec<usize>]) -> Vec<Standing> {
    // A flow that does not say where it begins is judged as if all of it ran.
    if first.is_empty() {
        return vec![Standing::Normal; next.len()];
    }
    let (normal, any) = (reached(first, next), reached(first, all));
    let standing = |(normal, any): (&bool, &bool)| match (normal, any) {
        (true, _) => Standing::Normal,
        (false, true) => Standing::AfterFault,
        (false, false) => Standing::Never,
    };
    normal.iter().zip(&any).map(standing).collect()
}

fn reached(first: &[usize], next: &[Vec<usize>]) -> Vec<bool> {
    let mut seen = vec![false; next.len()];
    let mut queue = first.to_vec();
    while let Some(at) = queue.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            queue.extend(&next[at]);
        }
    }
    seen
}

/// What the loop `at` does for each item: what its way to `first` leads to and what leads back to it, without going through it. What only
/// a failure or the end of the loop leads to is not in it.
fn body(at: usize, first: usize, next: &[Vec<usize>], before: &[Vec<usize>]) -> Vec<usize> {
    let around = |first: &[usize], ways: &[Vec<usize>]| {
        let mut seen = vec![false; ways.len()];
        let mut queue: Vec<usize> = first.to_vec();
        while let Some(one) = queue.pop() {
            if one != at && !std::mem::replace(&mut seen[one], true) {
                queue.extend(&ways[one]);
            }
        }
        seen
    };
    let (ahead, back) = (around(&[first], next), around(&before[at], before));
    (0..next.len()).filter(|one| ahead[*one] && back[*one]).collect()
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn a_body_is_what_leads_back_to_its_loop() {
        // The loop 1 does 2 and 3, in which 3 is a loop over 4; 5 is behind the loop, 6 hangs off and never comes back.
        let next = [vec![1], vec![2, 5], vec![3, 6], vec![4, 1], vec![3], vec![], vec![]];
        let before = [vec![], vec![0, 3], vec![1], vec![2, 4], vec![3], vec![1], vec![2]];
        assert_eq!(body(1, 2, &next, &before), [2, 3, 4]);
        assert_eq!(body(3, 4, &next, &before), [4]);
    }
}

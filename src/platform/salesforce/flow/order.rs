//! What runs after what, what runs only after a failure, and what is done again and again.

use super::element::{Part, Way, What, ways};
use crate::platform::HashMap;
use crate::tree::Node;

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
    /// Whether a way leads back to the element through a loop, on which nobody is waited for.
    pub(super) in_loop: Vec<bool>,
}

impl Order {
    /// The order of `parts`, elements of `flow`.
    pub(super) fn of(flow: Node<'_>, parts: &[Part<'_>], by_name: &HashMap<String, usize>) -> Self {
        let find = |name: &str| by_name.get(&name.to_lowercase()).copied();
        let start = flow.get("start").into_iter().flat_map(ways).map(|found| found.0);
        let reference = crate::platform::salesforce::component::member(flow, "startElementReference").map(|found| found.0);
        let first: Vec<usize> = start.chain(reference).filter_map(|name| find(&name)).collect();
        let mut edges = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            edges.extend(part.stage.map(|stage| (stage, at, Way::Next)));
            edges.extend(ways(part.node).filter_map(|(name, way)| Some((at, find(&name)?, way))));
        }
        let next = neighbours(parts.len(), &edges, |way| way == Way::Next);
        let standing = standings(&first, &next, &neighbours(parts.len(), &edges, |_| true));
        let runs: Vec<bool> = parts.iter().zip(&standing).map(|(part, standing)| *standing == Standing::Normal && !part.pauses()).collect();
        let repeats: Vec<bool> = parts.iter().map(|part| part.what == What::Loop).collect();
        let in_loop = in_loops(&next, &runs, &repeats);
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

/// Which of the elements for which `within` holds lie on a way that leads back to them, through one that repeats, and stays within:
/// the strongly connected parts, by Tarjan's algorithm with a stack of its own. Ways back without a loop are ways to try again.
fn in_loops(next: &[Vec<usize>], within: &[bool], repeats: &[bool]) -> Vec<bool> {
    const UNSEEN: usize = usize::MAX;
    let count = next.len();
    let (mut index, mut low, mut is_open) = (vec![UNSEEN; count], vec![0; count], vec![false; count]);
    let (mut open, mut work, mut number) = (Vec::new(), Vec::new(), 0);
    let mut found = vec![false; count];
    for root in (0..count).filter(|root| within[*root]) {
        if index[root] != UNSEEN {
            continue;
        }
        work.push((root, 0));
        while let Some((at, child)) = work.last_mut() {
            let at = *at;
            if index[at] == UNSEEN {
                (index[at], low[at], is_open[at]) = (number, number, true);
                number += 1;
                open.push(at);
            }
            if let Some(to) = next[at].get(*child).copied() {
                *child += 1;
                if within[to] && index[to] == UNSEEN {
                    work.push((to, 0));
                } else if within[to] && is_open[to] {
                    low[at] = low[at].min(index[to]);
                }
                continue;
            }
            work.pop();
            if let Some((before, _)) = work.last() {
                low[*before] = low[*before].min(low[at]);
            }
            if low[at] == index[at] {
                let from = open.iter().rposition(|one| *one == at).unwrap_or(0);
                let is_loop = open.len() - from > 1 && open[from..].iter().any(|one| repeats[*one]);
                for one in open.drain(from..) {
                    is_open[one] = false;
                    found[one] = is_loop;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::in_loops;

    #[test]
    fn what_leads_back_through_a_loop_is_in_it() {
        // 0 → 1 → 2 → 1 with the loop 1, 2 → 3 → 4 → 3 without one, and 5 → 6 → 5 with 6 left out.
        let next = [vec![1], vec![2], vec![1, 3], vec![4], vec![3], vec![6], vec![5]];
        let within = [true, true, true, true, true, true, false];
        let repeats = [false, true, false, false, false, true, false];
        assert_eq!(in_loops(&next, &within, &repeats), [false, true, true, false, false, false, false]);
    }
}

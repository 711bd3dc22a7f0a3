//! Ways along the flow, asked from every step at once.
//!
//! [`Graph::reach`](crate::model::Graph::reach) answers for one start. A rule about all actions would ask it for every step, which
//! is quadratic in what a hostile export may hold. So the question is turned round: one walk from all steps that a clause looks
//! for gives every other step its nearest one, and the way there.

use crate::model::graph::Adjacent;
use crate::model::{Model, StepId};

/// The ways of one model, in both directions.
pub(super) struct Ways {
    after: Adjacent,
    before: Adjacent,
}

/// In which direction one looks along the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To what happens afterwards.
    Ahead,
    /// To what happened before.
    Back,
}

impl Ways {
    pub(super) fn new(model: &Model<'_>) -> Self {
        let count = model.steps.len();
        let inside = |step: StepId| (step.0 as usize) < count;
        let edges = model.edges.iter().filter(|edge| inside(edge.from) && inside(edge.to));
        Self {
            after: Adjacent::new(count, edges.clone().map(|edge| (edge.from, edge.to))),
            before: Adjacent::new(count, edges.map(|edge| (edge.to, edge.from))),
        }
    }

    fn neighbours(&self, direction: Direction) -> &Adjacent {
        match direction {
            Direction::Ahead => &self.after,
            Direction::Back => &self.before,
        }
    }

    /// For every step the nearest of `targets` in that direction.
    pub(super) fn nearest(&self, direction: Direction, targets: &[StepId]) -> Nearest {
        let back = match direction {
            Direction::Ahead => &self.before,
            Direction::Back => &self.after,
        };
        let count = back.count();
        let mut nearest = Nearest { direction, distance: vec![u32::MAX; count], next: vec![0; count] };
        let mut queue: Vec<u32> = Vec::new();
        for target in targets.iter().filter(|target| (target.0 as usize) < count) {
            if std::mem::take(&mut nearest.distance[target.0 as usize]) != 0 {
                queue.push(target.0);
            }
        }
        let mut at = 0;
        while let Some(step) = queue.get(at).copied() {
            at += 1;
            for neighbour in back.of(step) {
                let slot = *neighbour as usize;
                if nearest.distance[slot] == u32::MAX {
                    nearest.distance[slot] = nearest.distance[step as usize] + 1;
                    nearest.next[slot] = step;
                    queue.push(*neighbour);
                }
            }
        }
        nearest
    }

    /// The shortest way from `start` to the nearest target, as one walks it, both ends included. A target at the start itself is
    /// found only where a loop leads back to it.
    pub(super) fn way(&self, nearest: &Nearest, start: StepId) -> Option<Vec<StepId>> {
        if start.0 as usize >= nearest.distance.len() {
            return None;
        }
        let neighbours = self.neighbours(nearest.direction).of(start.0);
        let mut at = *neighbours.iter().min_by_key(|step| nearest.distance[**step as usize])?;
        let mut left = nearest.distance[at as usize];
        if left == u32::MAX {
            return None;
        }
        let mut way = vec![start, StepId(at)];
        while left > 0 {
            at = nearest.next[at as usize];
            left -= 1;
            way.push(StepId(at));
        }
        Some(way)
    }

    /// Whether a target can be reached from `start`.
    pub(super) fn leads(&self, nearest: &Nearest, start: StepId) -> bool {
        (start.0 as usize) < nearest.distance.len()
            && self.neighbours(nearest.direction).of(start.0).iter().any(|step| nearest.distance[*step as usize] != u32::MAX)
    }
}

/// For every step how far the nearest of some targets is, and where to go.
pub(super) struct Nearest {
    direction: Direction,
    distance: Vec<u32>,
    next: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, Edge, EdgeKind, Graph, Output, Place, Step};
    use proptest::prelude::*;

    fn model(count: u32, edges: &[(u32, u32)]) -> Model<'static> {
        let mut model = Model::new("test");
        for _ in 0..count {
            model.add_step(Step { name: "".into(), app: AppId(0), place: Place::default(), output: Output::Pass });
        }
        model.edges = edges.iter().map(|(from, to)| Edge { from: StepId(*from), to: StepId(*to), kind: EdgeKind::Next }).collect();
        model
    }

    proptest! {
        #[test]
        fn the_nearest_target_is_as_far_as_the_graph_says(
            edges in prop::collection::vec((0_u32..12, 0_u32..12), 0..30),
            targets in prop::collection::vec((0_u32..12).prop_map(StepId), 0..4),
        ) {
            let model = model(12, &edges);
            let (ways, graph) = (Ways::new(&model), Graph::new(&model));
            let (ahead, back) = (ways.nearest(Direction::Ahead, &targets), ways.nearest(Direction::Back, &targets));
            for start in (0..12).map(StepId) {
                let wanted = |way: &dyn Fn(StepId) -> Vec<StepId>| {
                    targets.iter().map(|target| way(*target).len()).filter(|steps| *steps > 0).min()
                };
                let way = ways.way(&ahead, start);
                prop_assert_eq!(way.as_ref().map(Vec::len), wanted(&|target| graph.reach(start).way(target)));
                prop_assert_eq!(ways.leads(&ahead, start), way.is_some());
                for pair in way.iter().flat_map(|way| way.windows(2)) {
                    prop_assert!(edges.contains(&(pair[0].0, pair[1].0)));
                }
                prop_assert_eq!(ways.way(&back, start).map(|way| way.len()), wanted(&|target| graph.reach(target).way(start)));
            }
        }
    }
}

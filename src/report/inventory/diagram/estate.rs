//! Many apps: each is one node, and shares the systems that others use too.

use super::{Diagram, NodeKind, One, Zone, app, drawing::Drawing};

/// Most apps that are drawn one by one.
const MAX_APPS: usize = 30;

/// Most nodes of one kind in one zone.
const MAX_NODES: usize = 12;

pub(super) fn diagram(apps: &[One<'_>]) -> Diagram {
    let mut drawing = Drawing::default();
    apps.iter().for_each(|one| app::draw(&mut drawing, *one, false));
    let neighbours = drawing.neighbours();
    // What anyone can start, what reaches out, and what hangs together with much comes first.
    let weight = drawing.weigh(|_, at| {
        let neighbours = &neighbours[at];
        let has = |zone| neighbours.iter().any(|(other, _)| *other == zone);
        let reach = usize::from(has(Zone::Anyone)) * 4 + usize::from(has(Zone::Internet)) * 2 + usize::from(has(Zone::Unknown));
        reach * 1_000_000 + neighbours.len()
    });
    let others: Vec<NodeKind> = NodeKind::ALL.into_iter().filter(|kind| *kind != NodeKind::App).collect();
    let mut notes = drawing.gather_by(MAX_APPS, &others, &weight);
    notes.extend(drawing.gather(MAX_NODES, &[NodeKind::App]));
    let title = if apps.is_empty() { "No apps".to_owned() } else { format!("{} apps", apps.len()) };
    drawing.diagram(title, notes)
}

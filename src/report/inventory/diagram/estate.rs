//! Many apps: each is one node, and shares the systems that others use too.

use super::{Diagram, NodeKind, One, Zone, app, drawing::Drawing};

/// Most apps that are drawn one by one, and most nodes of one kind in one zone: tried in this order, until the picture is readable.
const LEVELS: [(usize, usize); 4] = [(30, 12), (20, 8), (12, 5), (8, 3)];

/// Most edges of a readable picture. Mermaid refuses more than 500.
const MAX_EDGES: usize = 250;

pub(super) fn diagram(apps: &[One<'_>]) -> Diagram {
    let mut whole = Drawing::default();
    apps.iter().for_each(|one| app::draw(&mut whole, *one, false));
    let title = if apps.is_empty() { "No apps".to_owned() } else { format!("{} apps", apps.len()) };
    let mut levels = LEVELS.into_iter().peekable();
    loop {
        let Some((most_apps, most_nodes)) = levels.next() else { return whole.diagram(title, Vec::new()) };
        let mut drawing = whole.clone();
        let notes = gather(&mut drawing, most_apps, most_nodes);
        if drawing.edges() <= MAX_EDGES || levels.peek().is_none() {
            return drawing.diagram(title, notes);
        }
    }
}

fn gather(drawing: &mut Drawing, most_apps: usize, most_nodes: usize) -> Vec<String> {
    let neighbours = drawing.neighbours();
    // What anyone can start, what reaches out, and what hangs together with much comes first.
    let weight = drawing.weigh(|_, at| {
        let neighbours = &neighbours[at];
        let has = |zone| neighbours.iter().any(|(other, _)| *other == zone);
        let reach = usize::from(has(Zone::Anyone)) * 4 + usize::from(has(Zone::Internet)) * 2 + usize::from(has(Zone::Unknown));
        reach * 1_000_000 + neighbours.len()
    });
    let others: Vec<NodeKind> = NodeKind::ALL.into_iter().filter(|kind| *kind != NodeKind::App).collect();
    let mut notes = drawing.gather_by(most_apps, &others, &weight);
    notes.extend(drawing.gather(most_nodes, &[NodeKind::App]));
    notes
}

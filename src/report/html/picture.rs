//! A diagram as a drawing: who starts apps and what is only read at the left, apps in the middle, what they write and send to at the
//! right; what lies within one boundary of trust stands in one frame.

use super::markup::Markup;
use crate::report::inventory::diagram::{Diagram, Edge, EdgeKind, Node, NodeKind};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Width of a node, and of the room between columns, in the units of the drawing.
const NODE: f64 = 236.0;
const GAP: f64 = 210.0;
/// Room around nodes, between them, and above those of a frame for its name.
const PAD: f64 = 10.0;
const SPACE: f64 = 12.0;
const HEAD: f64 = 24.0;
/// Height of a line of text.
const LINE: f64 = 15.0;
/// Least height of an app, so that its edges can be told apart.
const APP: f64 = 64.0;
/// Columns of its name that a node has room for, and of other text.
const COLUMNS: usize = 28;
const SMALL: usize = 35;
/// Most lines of a name, and of what else is said.
const NAME: usize = 2;
const DETAILS: usize = 4;

/// A node with its place.
struct Placed<'d> {
    node: &'d Node,
    name: Vec<String>,
    details: Vec<String>,
    column: usize,
    y: f64,
    height: f64,
}

/// A frame around the nodes of one zone in one column.
struct Frame {
    title: &'static str,
    zone: &'static str,
    column: usize,
    y: f64,
    height: f64,
}

/// Draws a diagram. `id` tells it from others of the page.
pub(super) fn draw(page: &mut Markup, diagram: &Diagram, id: usize) {
    let mut nodes = nodes(diagram);
    let (frames, height) = place(diagram, &mut nodes, &order(diagram));
    let width = 3.0 * (NODE + 2.0 * PAD) + 2.0 * GAP;
    let name = |page: &mut Markup, part: &'static str| _ = page.raw("flow-").number(id as u32).raw(part);
    page.raw("<svg class=\"picture\" viewBox=\"0 0 ").number(width).raw(" ").number(height).raw("\" width=\"").number(width);
    page.raw("\" height=\"").number(height).raw("\" role=\"img\" aria-labelledby=\"");
    name(page, "-name ");
    name(page, "-text");
    page.raw("\"><title id=\"");
    name(page, "-name");
    page.raw("\">Data flows of ").text(&diagram.title).raw("</title><desc id=\"");
    name(page, "-text");
    page.raw("\">").count(diagram.nodes.len()).raw(" nodes and ").count(diagram.edges.len());
    page.raw(" edges. The table below says the same in words.</desc>\n");
    for frame in &frames {
        page.raw("<rect class=\"zone ")
            .raw(frame.zone)
            .raw("\" rx=\"8\" x=\"")
            .number(left(frame.column) - PAD)
            .raw("\" y=\"")
            .number(frame.y);
        page.raw("\" width=\"").number(NODE + 2.0 * PAD).raw("\" height=\"").number(frame.height).raw("\"/><text class=\"zone-name\" x=\"");
        page.number(left(frame.column)).raw("\" y=\"").number(frame.y + 16.0).raw("\">").raw(frame.title).raw("</text>\n");
    }
    let ports = ports(diagram, &nodes);
    let labels = labels(diagram, &nodes, &ports);
    // What leads through an app lies behind all else.
    let (flows, others): (Vec<usize>, Vec<usize>) = (0..diagram.edges.len()).partition(|at| diagram.edges[*at].kind == EdgeKind::Flow);
    flows.into_iter().chain(others).for_each(|at| edge(page, diagram, &nodes, at, (ports[at], labels[at])));
    nodes.iter().for_each(|placed| node(page, placed));
    page.raw("</svg>\n");
}

/// A number of things as a length.
fn units(number: usize) -> f64 {
    f64::from(number as u32)
}

fn left(column: usize) -> f64 {
    PAD + units(column) * (NODE + 2.0 * PAD + GAP)
}

fn nodes(diagram: &Diagram) -> Vec<Placed<'_>> {
    let mut writes = vec![false; diagram.nodes.len()];
    for edge in &diagram.edges {
        let uses = edge.kind == EdgeKind::Uses;
        writes[edge.to] |= edge.kind == EdgeKind::Flow || uses;
        writes[edge.from] |= uses && edge.both;
    }
    let placed = |(at, node): (usize, &'_ Node)| {
        let column = match node.kind {
            NodeKind::EntryPoint | NodeKind::Principal => 0,
            NodeKind::App => 1,
            _ => {
                if writes[at] {
                    2
                } else {
                    0
                }
            }
        };
        (
            column,
            wrap(&node.label, NAME),
            node.details.iter().filter(|detail| **detail != node.label).take(DETAILS).map(|detail| cut(detail, SMALL)).collect::<Vec<_>>(),
        )
    };
    let with_height = |((column, name, details), node): ((usize, Vec<String>, Vec<String>), _)| {
        let height = units(name.len() + details.len()) * LINE + 14.0;
        Placed { node, name, details, column, y: 0.0, height }
    };
    diagram.nodes.iter().enumerate().map(|(at, node)| with_height((placed((at, node)), node))).collect()
}

/// Gives all nodes their places; the frames around them, and the height of the drawing.
fn place(diagram: &Diagram, nodes: &mut [Placed<'_>], order: &[usize]) -> (Vec<Frame>, f64) {
    let mut frames: Vec<Frame> = Vec::new();
    let mut ends = [PAD; 3];
    for (column, end) in ends.iter_mut().enumerate() {
        for zone in &diagram.zones {
            let mut y = *end + HEAD;
            let before = y;
            for at in order {
                let placed = &mut nodes[*at];
                if placed.column != column || placed.node.zone != *zone {
                    continue;
                }
                if placed.node.kind == NodeKind::App {
                    placed.height = placed.height.max(APP);
                }
                placed.y = y;
                y += placed.height + SPACE;
            }
            if y > before {
                frames.push(Frame { title: zone.title(), zone: zone.name(), column, y: *end, height: y - SPACE + PAD - *end });
                *end = y + PAD;
            }
        }
    }
    let height = ends.iter().copied().fold(0.0, f64::max);
    // Shorter columns stand in the middle of the longest.
    let shift = ends.map(|end| (height - end) / 2.0);
    frames.iter_mut().for_each(|frame| frame.y += shift[frame.column]);
    nodes.iter_mut().for_each(|placed| placed.y += shift[placed.column]);
    (frames, height)
}

/// The nodes in an order in which those with common neighbours stand near each other, so that fewer edges cross.
fn order(diagram: &Diagram) -> Vec<usize> {
    let mut neighbours = vec![Vec::new(); diagram.nodes.len()];
    for edge in diagram.edges.iter().filter(|edge| edge.kind != EdgeKind::Flow) {
        neighbours[edge.from].push(edge.to);
        neighbours[edge.to].push(edge.from);
    }
    let mut order: Vec<usize> = (0..diagram.nodes.len()).collect();
    let mut rank: Vec<f64> = order.iter().map(|at| units(*at)).collect();
    for apps in [true, false, true, false] {
        let mean = |at: usize| neighbours[at].iter().map(|other| rank[*other]).sum::<f64>() / units(neighbours[at].len().max(1));
        let means: Vec<f64> = (0..rank.len()).map(mean).collect();
        let is_app = |at: usize| diagram.nodes[at].kind == NodeKind::App;
        let mut side: Vec<usize> = order.iter().copied().filter(|at| is_app(*at) == apps).collect();
        // What stands for many comes last, wherever its edges lead.
        let key = |at: usize| (diagram.nodes[at].zone, diagram.nodes[at].stands_for > 1);
        side.sort_by(|one, other| key(*one).cmp(&key(*other)).then(means[*one].total_cmp(&means[*other])).then(one.cmp(other)));
        for (nth, at) in side.iter().enumerate() {
            rank[*at] = units(nth);
        }
        order.retain(|at| is_app(*at) != apps);
        order.extend(side);
    }
    order
}

/// For each edge, how far down its nodes it begins and ends, as parts of their heights: edges are spread in the order of where they
/// come from and lead to.
fn ports(diagram: &Diagram, nodes: &[Placed<'_>]) -> Vec<(f64, f64)> {
    let mut ends: Vec<Vec<(bool, f64, usize, bool)>> = nodes.iter().map(|_| Vec::new()).collect();
    for (at, edge) in diagram.edges.iter().enumerate() {
        let middle = |node: usize| nodes[node].y + nodes[node].height / 2.0;
        let (from, to) = (nodes[edge.from].column, nodes[edge.to].column);
        // At which side of its node an edge begins and ends.
        ends[edge.from].push((from <= to, middle(edge.to), at, true));
        ends[edge.to].push((from >= to, middle(edge.from), at, false));
    }
    let mut ports = vec![(0.5, 0.5); diagram.edges.len()];
    for mut of_node in ends {
        of_node.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)).then(one.2.cmp(&other.2)));
        for side in of_node.chunk_by(|one, other| one.0 == other.0) {
            for (nth, (_, _, edge, begins)) in side.iter().enumerate() {
                let part = (units(nth) + 1.0) / (units(side.len()) + 1.0);
                if *begins { ports[*edge].0 = part } else { ports[*edge].1 = part }
            }
        }
    }
    ports
}

/// Which edges have their label drawn: all where there is room between them, one where all of a node say the same, else none.
fn labels(diagram: &Diagram, nodes: &[Placed<'_>], ports: &[(f64, f64)]) -> Vec<bool> {
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, edge) in diagram.edges.iter().enumerate().filter(|(_, edge)| edge.kind != EdgeKind::Flow && !edge.label.is_empty()) {
        ends[outer(diagram, edge)].push(at);
    }
    let mut labelled = vec![false; diagram.edges.len()];
    for (node, mut edges) in ends.into_iter().enumerate() {
        let port = |at: usize| if diagram.edges[at].from == node { ports[at].0 } else { ports[at].1 };
        edges.sort_by(|one, other| port(*one).total_cmp(&port(*other)));
        let tight = edges.windows(2).any(|pair| (port(pair[1]) - port(pair[0])) * nodes[node].height < 11.0);
        let same = edges.windows(2).all(|pair| diagram.edges[pair[0]].label == diagram.edges[pair[1]].label);
        edges.truncate(if tight { usize::from(same) } else { edges.len() });
        edges.into_iter().for_each(|at| labelled[at] = true);
    }
    labelled
}

/// The end of an edge that is no app: there, others are further away.
fn outer(diagram: &Diagram, edge: &Edge) -> usize {
    if diagram.nodes[edge.from].kind == NodeKind::App { edge.to } else { edge.from }
}

fn edge(page: &mut Markup, diagram: &Diagram, nodes: &[Placed<'_>], at: usize, ((begin, end), labelled): ((f64, f64), bool)) {
    let edge = &diagram.edges[at];
    let (from, to) = (&nodes[edge.from], &nodes[edge.to]);
    let (y1, y2) = (from.y + from.height * begin, to.y + to.height * end);
    let side = |placed: &Placed<'_>, right: bool| left(placed.column) + if right { NODE } else { 0.0 };
    // An edge leaves towards the other node; within a column, it goes around at the right.
    let (right1, right2) = (from.column <= to.column, from.column >= to.column);
    let (x1, x2) = (side(from, right1), side(to, right2));
    let reach = |right: bool| if right { GAP * 0.45 } else { -GAP * 0.45 };
    page.raw("<g class=\"edge ").raw(edge.kind.name());
    page.raw(if diagram.crosses(edge) { " crosses" } else { "" }).raw(if edge.kind == EdgeKind::Flow && !edge.traced {
        " maybe"
    } else {
        ""
    });
    page.raw("\"><path d=\"M").number(x1).raw(" ").number(y1).raw("C").number(x1 + reach(right1)).raw(" ").number(y1).raw(" ");
    page.number(x2 + reach(right2)).raw(" ").number(y2).raw(" ").number(x2).raw(" ").number(y2).raw("\"/>");
    head(page, x2, y2, right2);
    if edge.both {
        head(page, x1, y1, right1);
    }
    if labelled {
        label(page, edge, (from, x1, y1, right1), (to, x2, y2, right2));
    }
    page.raw("</g>\n");
}

/// The point of an arrow that comes from the right or the left.
fn head(page: &mut Markup, x: f64, y: f64, from_right: bool) {
    let back = if from_right { 8.0 } else { -8.0 };
    page.raw("<path class=\"head\" d=\"M").number(x).raw(" ").number(y).raw("l").number(back).raw(" -4v8z\"/>");
}

/// One end of an edge: its node, place, and whether that is the right side of the node.
type End<'e, 'd> = (&'e Placed<'d>, f64, f64, bool);

/// The label of an edge stands at its outer end.
fn label(page: &mut Markup, edge: &Edge, from: End<'_, '_>, to: End<'_, '_>) {
    let (_, x, y, right) = if from.0.node.kind == NodeKind::App { to } else { from };
    page.raw("<text x=\"").number(if right { x + 12.0 } else { x - 12.0 }).raw("\" y=\"").number(y - 5.0).raw("\" text-anchor=\"");
    page.raw(if right { "start" } else { "end" }).raw("\">").text(&cut(&edge.label, 24)).raw("</text>");
}

fn node(page: &mut Markup, placed: &Placed<'_>) {
    let (x, y) = (left(placed.column), placed.y);
    page.raw("<g class=\"node ").raw(placed.node.kind.name()).raw(if placed.node.stands_for > 1 { " several" } else { "" });
    page.raw("\"><title>")
        .text(&placed.node.label)
        .raw("</title><rect rx=\"6\" x=\"")
        .number(x)
        .raw("\" y=\"")
        .number(y)
        .raw("\" width=\"");
    page.number(NODE).raw("\" height=\"").number(placed.height).raw("\"/>");
    let lines = (placed.name.len() + placed.details.len()) as u32;
    let first = y + (placed.height - f64::from(lines) * LINE) / 2.0 + 11.5;
    let lines = placed.name.iter().map(|line| ("name", line)).chain(placed.details.iter().map(|line| ("detail", line)));
    for (nth, (class, line)) in lines.enumerate() {
        page.raw("<text class=\"").raw(class).raw("\" x=\"").number(x + 12.0).raw("\" y=\"").number(first + units(nth) * LINE).raw("\">");
        page.text(line).raw("</text>");
    }
    page.raw("</g>\n");
}

/// `text` in at most `columns` columns.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut width = 0;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width < columns
    };
    text.chars().take_while(fits).collect::<String>() + "…"
}

/// `text` in at most `most` lines, broken at spaces where there are any.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    while rest.width() > COLUMNS && lines.len() + 1 < most {
        let line = cut(rest, COLUMNS);
        let kept = line.trim_end_matches('…').len();
        let end = rest[..kept].rfind([' ', '/', '.', '-', '_']).map_or(kept, |at| at + 1);
        let end = if end * 2 < kept { kept } else { end };
        if end == 0 {
            break;
        }
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    lines.push(cut(rest, COLUMNS));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_broken_where_one_reads_on() {
        assert_eq!(wrap("short", 2), ["short"]);
        assert_eq!(wrap("api.partner-of-contoso.example/orders/import", 2), ["api.partner-of-contoso.", "example/orders/import"]);
        assert_eq!(wrap(&"x".repeat(80), 2), ["x".repeat(27), format!("{}…", "x".repeat(27))]);
        assert_eq!(wrap(&"漢".repeat(20), 2).concat(), "漢".repeat(20));
    }
}

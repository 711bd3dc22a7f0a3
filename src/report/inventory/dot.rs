//! Data-flow diagrams in the language of Graphviz: `dot -Tsvg`.

use super::diagram::{Diagram, Edge, EdgeKind, NodeKind, Zone};
use super::{Estate, Format, Options};
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format {
    name: "dot",
    description: "the same diagram for Graphviz: `flowgate inventory --format dot | dot -Tsvg > apps.svg`",
    is_list: false,
    extension: "dot",
    write,
};

fn write(estate: &Estate, _: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(text(&estate.diagram()).as_bytes())
}

fn text(diagram: &Diagram) -> String {
    let mut text = format!(
        "digraph inventory {{\n  graph [rankdir=LR, fontname=\"Helvetica\", labelloc=t, label={}, tooltip={}]\n  \
         node [fontname=\"Helvetica\", fontsize=11, style=filled]\n  edge [fontname=\"Helvetica\", fontsize=9, color=\"#48607a\"]\n",
        quoted(&[&diagram.title]),
        quoted(&[&diagram.title]),
    );
    for zone in &diagram.zones {
        let _ = writeln!(
            text,
            "  subgraph cluster_{} {{\n    graph [label={}, style=dashed, color=\"{}\"]",
            zone.name(),
            quoted(&[zone.title()]),
            border(*zone)
        );
        for at in diagram.within(*zone) {
            let node = &diagram.nodes[at];
            let lines: Vec<&str> = std::iter::once(&node.label).chain(&node.details).map(String::as_str).collect();
            let _ = writeln!(text, "    n{at} [{}, label={}, tooltip={}]", shape(node.kind), quoted(&lines), quoted(&[node.kind.name()]));
        }
        text.push_str("  }\n");
    }
    for edge in &diagram.edges {
        let label = quoted(&[&edge.label]);
        let _ = writeln!(text, "  n{} -> n{} [label={label}{}, tooltip={}]", edge.from, edge.to, look(edge), quoted(&[edge.kind.name()]));
    }
    let legend = "thick: a way that data was seen to take; dashed: one that it may take";
    let has_flows = diagram.edges.iter().any(|edge| edge.kind == EdgeKind::Flow);
    let notes: Vec<&str> = has_flows.then_some(legend).into_iter().chain(diagram.notes.iter().map(String::as_str)).collect();
    if !notes.is_empty() {
        let _ = writeln!(text, "  notes [shape=note, fillcolor=white, fontsize=9, label={}]", quoted(&notes));
    }
    text.push_str("}\n");
    text
}

const fn border(zone: Zone) -> &'static str {
    match zone {
        Zone::Anyone => "#b00020",
        Zone::Internet => "#b35900",
        Zone::Unknown => "#777777",
        Zone::Services => "#48607a",
        Zone::Organisation => "#2f6b3a",
        Zone::Platform => "#0b2545",
    }
}

const fn shape(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::EntryPoint => "shape=oval, fillcolor=\"#fff3cd\"",
        NodeKind::Principal => "shape=circle, fillcolor=\"#fff3cd\"",
        NodeKind::App => "shape=box, fillcolor=\"#1f4e79\", fontcolor=white",
        NodeKind::Connector => "shape=component, fillcolor=\"#e8eef4\"",
        NodeKind::Endpoint => "shape=hexagon, fillcolor=\"#e8eef4\"",
        NodeKind::DataSource => "shape=cylinder, fillcolor=\"#e3f1e5\"",
        NodeKind::Recipient => "shape=cds, fillcolor=\"#e8eef4\"",
    }
}

const fn look(edge: &Edge) -> &'static str {
    match (edge.kind, edge.both, edge.traced) {
        (EdgeKind::Flow, _, true) => ", style=bold, penwidth=2, color=\"#b00020\"",
        // Where a system stands is told by what the app does with it, not by where its data may end up.
        (EdgeKind::Flow, _, false) => ", style=dashed, color=\"#b35900\", constraint=false",
        (_, true, _) => ", dir=both",
        (_, false, _) => "",
    }
}

/// A quoted string of these lines. In labels, Graphviz reads escapes and entities of HTML.
fn quoted(lines: &[&str]) -> String {
    let escape = |line: &str| line.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;");
    format!("\"{}\"", lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\\n"))
}

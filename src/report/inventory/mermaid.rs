//! Data-flow diagrams as Mermaid flowcharts, which forges and wikis draw.

use super::diagram::{Diagram, Edge, EdgeKind, NodeKind};
use super::{Estate, Format, Options};
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format {
    name: "mermaid",
    description: "a data-flow diagram as Mermaid flowchart: of one app with its ways of data, of several as a whole",
    is_list: false,
    extension: "mmd",
    write,
};

fn write(estate: &Estate, _: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(text(&estate.diagram()).as_bytes())
}

/// What a kind of node looks like: what stands before and behind its text.
const fn shape(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::EntryPoint => ("([", "])"),
        NodeKind::Principal => ("((", "))"),
        NodeKind::App => ("[", "]"),
        NodeKind::Connector => ("[[", "]]"),
        NodeKind::Endpoint => ("{{", "}}"),
        NodeKind::DataSource => ("[(", ")]"),
        NodeKind::Recipient => (">", "]"),
    }
}

fn text(diagram: &Diagram) -> String {
    // The title is read as YAML, of which JSON is a part.
    let mut text = format!("---\ntitle: {}\n---\nflowchart LR\n", serde_json::Value::from(plain(&diagram.title)));
    for zone in &diagram.zones {
        let _ = writeln!(text, "  subgraph zone_{}[\"{}\"]", zone.name(), escape(zone.title()));
        for at in diagram.within(*zone) {
            let node = &diagram.nodes[at];
            let (open, close) = shape(node.kind);
            let lines: Vec<String> = std::iter::once(&node.label).chain(&node.details).map(|line| escape(line)).collect();
            let _ = writeln!(text, "    n{at}{open}\"{}\"{close}:::{}", lines.join("<br/>"), class(node.kind));
        }
        text.push_str("  end\n");
    }
    for edge in &diagram.edges {
        let label = if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&edge.label)) };
        let _ = writeln!(text, "  n{} {}{label} n{}", edge.from, arrow(edge), edge.to);
    }
    if diagram.edges.iter().any(|edge| edge.kind == EdgeKind::Flow) {
        note(&mut text, "legend", "thick: a way that data was seen to take; dotted: one that it may take");
    }
    for (at, sentence) in diagram.notes.iter().enumerate() {
        note(&mut text, &format!("note{at}"), sentence);
    }
    text.push_str(STYLES);
    text
}

/// Colours that can be told apart on light and dark pages, also by those who see no red or green: the border says it too.
const STYLES: &str = "  classDef app fill:#1f4e79,stroke:#0b2545,color:#ffffff
  classDef entry fill:#fff3cd,stroke:#8a6d00,color:#222222
  classDef system fill:#e8eef4,stroke:#48607a,color:#222222
  classDef data fill:#e3f1e5,stroke:#2f6b3a,color:#222222
  classDef note fill:#ffffff,stroke:#999999,stroke-dasharray:4 3,color:#444444
";

const fn class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::App => "app",
        NodeKind::EntryPoint | NodeKind::Principal => "entry",
        NodeKind::Connector | NodeKind::Endpoint | NodeKind::Recipient => "system",
        NodeKind::DataSource => "data",
    }
}

fn note(text: &mut String, id: &str, sentence: &str) {
    let _ = writeln!(text, "  {id}[\"{}\"]:::note", escape(sentence));
}

const fn arrow(edge: &Edge) -> &'static str {
    match (edge.kind, edge.both, edge.traced) {
        (EdgeKind::Flow, _, true) => "==>",
        (EdgeKind::Flow, _, false) => "-.->",
        (_, true, _) => "<-->",
        (_, false, _) => "-->",
    }
}

/// Text within quotation marks. Mermaid reads Markdown, HTML, entities and icons there, so that only letters, digits and what means
/// nothing to any of these stay as they are.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        // Within a word these are no bullets, numbers or emphasis.
        let within = before.is_alphanumeric() && after.is_alphanumeric();
        let is_plain = c.is_alphanumeric()
            || !c.is_ascii()
            || matches!(c, ' ' | ',' | '/' | '(' | ')' | '?')
            || within && matches!(c, '-' | '_' | '.');
        if is_plain {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
        before = c;
    }
    escaped
}

/// The title is no text of a node: it takes no entities.
fn plain(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '<' | '>' | '&' | '`' | '#') { ' ' } else { c }).collect()
}

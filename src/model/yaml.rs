//! The model as YAML, as `flowgate show` prints it: what rules see, with the pointer of each value.

use super::{EdgeKind, Element, Fact, Model, Place, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How the model names what is outside of it.
pub struct Names<'f> {
    /// The pointer to a place within its file.
    pub pointer: &'f dyn Fn(Place) -> String,
    /// The path of a file within the export; empty where the export is one file.
    pub path: &'f dyn Fn(u32) -> String,
    /// A text with its secrets hidden.
    pub mask: &'f dyn Fn(&str) -> Cow<'_, str>,
}

/// Writes the model: for an export of several apps a summary, then each app with its elements and their facts. Behind a fact that does
/// not stand where its element does, a comment says where.
#[must_use]
pub fn yaml(model: &Model<'_>, names: &Names<'_>) -> String {
    let text = |text: &str| scalar(&(names.mask)(text));
    let mut out = format!("platform: {}\n", model.platform);
    if model.apps.len() > 1 {
        summary(model, &text, &mut out);
    }
    let mut line = |indent: usize, text: &str| {
        let _ = writeln!(out, "{:indent$}{text}", "");
    };
    line(0, "apps:");
    for (number, app) in (0u32..).zip(&model.apps) {
        line(2, &format!("- id: {}", text(&app.id)));
        line(4, &format!("name: {}", text(&app.name)));
        let file = model.element(app.element).place.file;
        let path = (names.path)(file);
        if !path.is_empty() {
            line(4, &format!("file: {}", text(&path)));
        }
        line(4, "elements:");
        for element in model.elements.iter().filter(|element| element.app.0 == number) {
            let elsewhere =
                if element.place.file == file { String::new() } else { format!("  # {}", plain(&(names.path)(element.place.file))) };
            line(6, &format!("- {}: {}{elsewhere}", element.kind.name(), text(&element.name)));
            for (fact, value, place) in element.facts() {
                line(8, &format!("{}: {}{}", fact.name(), shown(value, &text), comment(*place, element, names)));
            }
        }
        let edges: Vec<_> = model.edges.iter().filter(|edge| model.step(edge.from).app.0 == number).collect();
        if !edges.is_empty() {
            line(4, "flow:");
        }
        for edge in edges {
            let way = match edge.kind {
                EdgeKind::Next => "next",
                EdgeKind::Error => "error",
                EdgeKind::Tool => "tool",
                EdgeKind::Part => "part",
                EdgeKind::Call => "call",
            };
            line(6, &format!("- {{ from: {}, {way}: {} }}", text(&model.step(edge.from).name), text(&model.step(edge.to).name)));
        }
    }
    out
}

/// What one wants to know first of a package: how many apps of which kind, what starts them, what they reach and with whose rights.
fn summary(model: &Model<'_>, text: &dyn Fn(&str) -> String, out: &mut String) {
    let lists: [(&str, &[Fact]); 10] = [
        ("apps", &[Fact::AppKind]),
        ("started by", &[Fact::TriggerKind]),
        ("open to", &[Fact::TriggerExposure]),
        ("connectors", &[Fact::ConnectorKey]),
        ("connections as", &[Fact::ConnectionIdentity]),
        ("steps that", &[Fact::ActionVerb]),
        ("hosts", &[Fact::EndpointHost]),
        ("data", &[Fact::DataSourceKind]),
        ("grants", &[Fact::GrantPower]),
        ("secrets kept", &[Fact::SecretStorage]),
    ];
    out.push_str("summary:\n");
    for (name, facts) in lists {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for element in &model.elements {
            for value in facts.iter().filter_map(|fact| element.fact(*fact)).flat_map(Value::each) {
                *counts.entry(value.to_string()).or_default() += 1;
            }
        }
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let counts: Vec<String> = counts.iter().map(|(value, count)| format!("{}: {count}", text(value))).collect();
        if !counts.is_empty() {
            let _ = writeln!(out, "  {name}: {{ {} }}", counts.join(", "));
        }
    }
}

fn comment(place: Place, element: &Element<'_>, names: &Names<'_>) -> String {
    if place == element.place {
        return String::new();
    }
    let pointer = (names.pointer)(place);
    let path = if place.file == element.place.file { String::new() } else { format!("{}#", (names.path)(place.file)) };
    format!("  # {}", plain(&format!("{path}{pointer}")))
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn shown(value: &Value<'_>, text: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::Text(content) => text(content),
        Value::List(values) => format!("[{}]", values.iter().map(|value| shown(value, text)).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A YAML scalar: plain where that is safe, else in double quotes, whose escapes are those of JSON.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "text is always written")]
pub fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '@'))
        && !text.ends_with(' ')
        && !matches!(text.to_ascii_lowercase().as_str(), "null" | "true" | "false");
    if plain {
        return text.to_owned();
    }
    let quoted = serde_json::to_string(text).expect("a string is JSON");
    // JSON leaves DEL, C1 controls and line separators as they are; YAML and terminals do not.
    quoted.chars().fold(String::with_capacity(quoted.len()), |mut out, c| {
        let invisible =
            matches!(c, '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        let _ = if invisible { write!(out, "\\u{:04x}", c as u32) } else { write!(out, "{c}") };
        out
    })
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn scalars_read_back_as_they_were() {
        for text in ["Webhook", "a: b", "", "true", "1", "- x", "tab\there", "\u{202e}x", "ä 🤖", "=x", "null"] {
            let yaml = scalar(text);
            let tree = crate::tree::yaml::parse(&yaml).expect("YAML");
            assert_eq!(tree.root().as_str().as_deref(), Some(text), "{yaml}");
        }
    }
}

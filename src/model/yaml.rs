//! The model as YAML, as `flowgate show` prints it: what rules see, with the pointer of each value.

use super::{EdgeKind, Element, Model, Place, Value};
use std::borrow::Cow;
use std::fmt::Write;

/// Writes the model. `pointer` names places, `mask` hides secrets.
#[must_use]
pub fn yaml(model: &Model<'_>, pointer: &dyn Fn(Place) -> String, mask: &dyn Fn(&str) -> Cow<'_, str>) -> String {
    let text = |text: &str| scalar(&mask(text));
    let mut out = String::new();
    let mut line = |indent: usize, text: &str| {
        let _ = writeln!(out, "{:indent$}{text}", "");
    };
    line(0, &format!("platform: {}", model.platform));
    line(0, "apps:");
    for (number, app) in (0u32..).zip(&model.apps) {
        line(2, &format!("- id: {}", text(&app.id)));
        line(4, &format!("name: {}", text(&app.name)));
        line(4, "elements:");
        for element in model.elements.iter().filter(|element| element.app.0 == number) {
            line(6, &format!("- {}: {}", element.kind.name(), text(&element.name)));
            for (fact, value, place) in element.facts() {
                line(8, &format!("{}: {}{}", fact.name(), shown(value, &text), comment(*place, element, pointer)));
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

fn comment(place: Place, element: &Element<'_>, pointer: &dyn Fn(Place) -> String) -> String {
    if place == element.place {
        String::new()
    } else {
        format!("  # {}", pointer(place).chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
    }
}

fn shown(value: &Value<'_>, text: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::Text(content) => text(content),
        Value::List(values) => format!("[{}]", values.iter().map(|value| shown(value, text)).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A YAML scalar: plain where that is safe, else in double quotes, whose escapes are those of JSON.
fn scalar(text: &str) -> String {
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

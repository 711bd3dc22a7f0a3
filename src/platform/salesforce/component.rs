//! Components: what their files say they are called, and what stands in their elements.

use crate::model::Place;
use crate::platform::File;
use crate::tree::{Node, Syntax};
use std::borrow::Cow;

/// The root element of an XML file.
pub(super) fn element<'t>(file: &File<'t>) -> Option<Node<'t>> {
    (file.tree.syntax() == Syntax::Xml).then(|| file.tree.root().members().next()).flatten()
}

/// The name of the component in the file at `path`, as the platform has it: the name of the file without its endings, in which what a
/// file name cannot hold is written by its number. `Custom%3A Sales Profile.profile-meta.xml` holds `Custom: Sales Profile`.
pub(super) fn name(path: &str) -> Cow<'_, str> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let file = file.strip_suffix("-meta.xml").unwrap_or(file);
    decoded(file.rsplit_once('.').map_or(file, |parts| parts.0))
}

/// The text without percent signs that stand for a byte.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The text of an element: XML keeps attributes beside it.
pub(super) fn text(node: Node<'_>) -> Option<Cow<'_, str>> {
    node.get("#text").unwrap_or(node).as_str()
}

/// The text of the first element `name` below `node`, when it has one that is not empty, with the element.
pub(super) fn member<'t>(node: Node<'t>, name: &str) -> Option<(Cow<'t, str>, Node<'t>)> {
    let member = node.get(name)?;
    let text = text(member)?;
    (!text.is_empty()).then_some((text, member))
}

/// Whether an element is true, with its place; none where it is absent, empty or neither. Tools write it in any case.
pub(super) fn flag(node: Node<'_>, name: &str) -> Option<(bool, Place)> {
    let (text, node) = member(node, name)?;
    let flag = if text.eq_ignore_ascii_case("true") {
        true
    } else if text.eq_ignore_ascii_case("false") {
        false
    } else {
        return None;
    };
    Some((flag, Place::of(node)))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_component_is_called_as_its_file() {
        assert_eq!(name("profiles/Custom%3A Sales Profile.profile-meta.xml"), "Custom: Sales Profile");
        assert_eq!((&*name("flows/Old-3.flow"), &*name("a/100%.profile")), ("Old-3", "100%"));
        assert_eq!(name("customMetadata/Type.Record.md-meta.xml"), "Type.Record");
        assert_eq!(name("%FF.profile"), "%FF");
    }
}

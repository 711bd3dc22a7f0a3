//! Components: what their files say they are called, and what stands in their elements.

use super::Context;
use crate::model::secret::Position;
use crate::model::vocabulary::SecretPlace;
use crate::model::{AppId, Element, Kind, Place};
use crate::platform::File;
use crate::platform::secrets::{scan, with_tokens};
use crate::tree::{Node, Syntax};
use std::borrow::Cow;
use std::fmt::Write as _;

/// A component, as elements are made of it.
pub(super) struct Component<'t> {
    pub(super) app: AppId,
    /// Its type and name, which together no other has.
    pub(super) id: String,
    pub(super) name: Cow<'t, str>,
    pub(super) place: Place,
}

impl<'t> Component<'t> {
    /// The component that is the document `node`.
    pub(super) fn of(context: &mut Context<'_, 't>, node: Node<'t>) -> Self {
        let name = name(context.export.file(node).path);
        Self::named(context, node, name)
    }

    /// The component of that name that `node` defines.
    pub(super) fn named(context: &mut Context<'_, 't>, node: Node<'t>, name: Cow<'t, str>) -> Self {
        let place = Place::key_of(node);
        let id = format!("{}.{name}", node.key().unwrap_or_default());
        Self { app: context.package(place), id, name, place }
    }

    /// An element about a part of the component.
    pub(super) fn element(&self, kind: Kind, part: &str, place: Place) -> Element<'t> {
        Element::new(kind, self.app, format!("{}.{part}", self.id), self.name.clone(), place)
    }

    /// Adds the secrets in the value of a field.
    pub(super) fn secrets(
        &self,
        context: &mut Context<'_, 't>,
        field: impl Into<Cow<'t, str>>,
        value: Node<'t>,
        (position, place): (Position, SecretPlace),
    ) {
        if !context.looked_at.insert((value.tree().file(), value.id())) {
            return;
        }
        let field = field.into();
        let mut found = Vec::new();
        scan(context.export.file(value).tokens, value, Some(&field), position, place, &mut found);
        for hit in found {
            context.model.add(hit.element(self.app, &self.id, self.name.clone()));
            context.model.secrets.push(hit.place);
        }
    }
}

/// Adds the secrets with a shape of their own that stand anywhere in a document and that nobody has looked at.
pub(super) fn lower_rest<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    for held in with_tokens(node, context.export.file(node).tokens) {
        let component = Component::of(context, node);
        let field = held.key().unwrap_or_default();
        component.secrets(context, field, held, (Position::Other, SecretPlace::Other));
    }
}

/// The element that holds the text of an element.
pub(super) fn text_node(node: Node<'_>) -> Node<'_> {
    node.get("#text").unwrap_or(node)
}

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
    text_node(node).as_str()
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

/// The folder below the folder `parent` that the file at `path` is in: tools take a component apart into a folder of its name.
pub(super) fn folder_name<'p>(path: &'p str, parent: &str) -> Option<Cow<'p, str>> {
    let mut parts = path.split('/').skip_while(|part| !part.eq_ignore_ascii_case(parent)).skip(1);
    let folder = parts.next()?;
    parts.next().map(|_| decoded(folder))
}

/// Most names that a text lists.
const LISTED: usize = 3;

/// The names one behind the other; of many the first and how many there are.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let (mut text, mut count) = (String::new(), 0);
    for name in names {
        if count < LISTED {
            let comma = if count == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}{name}");
        }
        count += 1;
    }
    if count > LISTED {
        let _ = write!(text, " and {} more", count - LISTED);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{folder_name, listed, name};

    #[test]
    fn what_is_taken_apart_lies_in_a_folder_of_its_name() {
        assert_eq!(folder_name("a/permissionSets/Sales/x/Y.xml", "permissionsets").as_deref(), Some("Sales"));
        assert_eq!(folder_name("permissionsets/Sales.permissionset", "permissionsets"), None);
        assert_eq!((listed(["a", "b"].into_iter()), listed(["x"; 7].into_iter())), ("a, b".into(), "x, x, x and 4 more".into()));
    }

    #[test]
    fn a_component_is_called_as_its_file() {
        assert_eq!(name("profiles/Custom%3A Sales Profile.profile-meta.xml"), "Custom: Sales Profile");
        assert_eq!((&*name("flows/Old-3.flow"), &*name("a/100%.profile")), ("Old-3", "100%"));
        assert_eq!(name("customMetadata/Type.Record.md-meta.xml"), "Type.Record");
        assert_eq!(name("%FF.profile"), "%FF");
    }
}

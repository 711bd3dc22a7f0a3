//! Elements and words that the definitions of metadata do not have: typing errors, and what is newer than them.
//!
//! What is wrong in any case (no XML, no such type, a flag that is no flag) the schemas say. The order of elements means nothing here.

use super::component::{Component, text_node};
use super::{Context, HashSet};
use crate::model::vocabulary::UnknownPart;
use crate::model::{Element, Fact, Kind, Place};
use crate::tree::Node;
use crate::tree::de::misspelt;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What each type and each enumeration has.
static STRUCTURE: LazyLock<Structure> =
    LazyLock::new(|| Structure::read(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/salesforce/structure.txt"))));

/// A type of metadata.
type Fields = HashMap<&'static str, Holds, foldhash::fast::FixedState>;

/// What stands in an element.
#[derive(Clone, Copy)]
enum Holds {
    /// A text, or what nothing is known of.
    Anything,
    /// The elements of the type of that number.
    Type(usize),
    /// One of the words of the enumeration of that number.
    Word(usize),
}

struct Structure {
    types: HashMap<&'static str, usize>,
    fields: Vec<Fields>,
    words: Vec<Vec<&'static str>>,
}

impl Structure {
    /// Reads lines of `Type element element:Type` and `=Enumeration|word|word`.
    fn read(text: &'static str) -> Self {
        let lines = || text.lines().filter(|line| !line.starts_with('#'));
        let types: Vec<(&str, &str)> = lines().filter(|line| !line.starts_with('=')).filter_map(|line| line.split_once(' ')).collect();
        let enumerations: Vec<Vec<&str>> =
            lines().filter_map(|line| line.strip_prefix('=')).map(|line| line.split('|').collect()).collect();
        let numbers: HashMap<&str, usize> = types.iter().enumerate().map(|(number, (name, _))| (*name, number)).collect();
        let word_numbers: HashMap<&str, usize> = enumerations.iter().enumerate().map(|(number, words)| (words[0], number)).collect();
        let holds = |kind: &str| match (numbers.get(kind), word_numbers.get(kind)) {
            (Some(number), _) => Holds::Type(*number),
            (None, Some(number)) => Holds::Word(*number),
            (None, None) => Holds::Anything,
        };
        let field = |part: &'static str| part.split_once(':').map_or((part, Holds::Anything), |(name, kind)| (name, holds(kind)));
        let fields = types.iter().map(|(_, fields)| fields.split(' ').map(field).collect()).collect();
        Self { fields, words: enumerations.into_iter().map(|words| words[1..].to_vec()).collect(), types: numbers }
    }
}

/// States what a document, given as its root element, has that the definitions do not: each name once, where it stands first.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let structure = &*STRUCTURE;
    let Some(first) = root.key().and_then(|name| structure.types.get(&*name)) else { return };
    let mut found: Vec<Unknown<'t>> = Vec::new();
    let mut told = HashSet::default();
    let mut open = vec![(root, *first)];
    while let Some((node, number)) = open.pop() {
        let fields = &structure.fields[number];
        for child in node.members() {
            let Some(name) = child.key().filter(|name| !name.starts_with(['@', '#'])) else { continue };
            match fields.get(&*name) {
                Some(Holds::Anything) => {}
                Some(Holds::Type(number)) => open.push((child, *number)),
                Some(Holds::Word(number)) => {
                    let Some(text) = text_node(child).as_str() else { continue };
                    let word = text.trim();
                    let words = &structure.words[*number];
                    if !word.is_empty() && !words.contains(&word) && told.insert((*number, true, word.to_owned())) {
                        found.push(Unknown { node: child, within: node, part: UnknownPart::Value, meant: misspelt(word, words) });
                    }
                }
                None if told.insert((number, false, name.to_string())) => {
                    let mut known: Vec<&str> = fields.keys().copied().collect();
                    known.sort_unstable();
                    found.push(Unknown { node: child, within: node, part: UnknownPart::Element, meant: misspelt(&name, &known) });
                }
                None => {}
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let component = Component::of(context, root);
    for unknown in found {
        let element = unknown.element(&component);
        context.model.add(element);
    }
}

/// Something that the definitions do not have.
struct Unknown<'t> {
    node: Node<'t>,
    /// The element that it stands in.
    within: Node<'t>,
    part: UnknownPart,
    /// What may be meant.
    meant: Option<&'static str>,
}

impl<'t> Unknown<'t> {
    fn element(self, component: &Component<'t>) -> Element<'t> {
        let name = self.node.key().unwrap_or_default();
        let within = self.within.key().unwrap_or_default();
        let (word, place) = match self.part {
            UnknownPart::Element => (name.clone(), Place::key_of(self.node)),
            UnknownPart::Value => {
                let text = text_node(self.node);
                (text.as_str().unwrap_or_default(), Place::of(text))
            }
        };
        let mut element = component.element(Kind::Unknown, &format!("{within}.{name}.{word}"), place);
        element.set(Fact::UnknownPart, self.part.name(), place);
        element.set(Fact::UnknownWord, word, place);
        element.set(Fact::UnknownIn, if self.part == UnknownPart::Element { within } else { name }, place);
        if let Some(meant) = self.meant {
            element.set(Fact::UnknownMeant, meant, place);
        }
        element
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_read() {
        let structure = &*STRUCTURE;
        let holds = |name: &str, field: &str| structure.types.get(name).and_then(|number| structure.fields[*number].get(field)).copied();
        assert!(matches!(holds("Profile", "userPermissions"), Some(Holds::Type(_))));
        let Some(Holds::Word(words)) = holds("CustomSite", "siteType") else { panic!("an enumeration") };
        assert!(structure.words[words].contains(&"ChatterNetwork"));
        assert!(matches!(holds("Flow", "label"), Some(Holds::Anything)));
        assert!(holds("Profile", "userPermission").is_none() && holds("Profil", "custom").is_none());
    }
}

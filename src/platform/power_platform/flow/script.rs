//! Where the script of a desktop flow stands: in a file of its own, or as a text of JSON in an element of a solution.

use crate::model::Place;
use crate::source::Span;
use crate::tree::{Node, json};
use std::borrow::Cow;
use std::ops::Range;

/// A script, and where each of its bytes stands in the source.
pub(super) struct Script<'t> {
    node: Node<'t>,
    pub(super) text: Cow<'t, str>,
    /// Where the text and the source part ways: from the first offset on, the text stands at the second one of the node. None where the
    /// node is the text.
    marks: Option<Vec<(usize, usize)>>,
}

impl<'t> Script<'t> {
    /// The script that the file of `root` is.
    pub(super) fn of_file(root: Node<'t>) -> Self {
        Self { node: root, text: Cow::Borrowed(root.tree().text()), marks: None }
    }

    /// The script that an element `Definition` holds.
    pub(super) fn of_definition(definition: Node<'t>) -> Option<Self> {
        let node = definition.get("#text").unwrap_or(definition);
        let written = node.as_str()?;
        let tree = json::parse(&written).ok()?;
        let text = tree.root().as_str()?.into_owned();
        let raw = &node.tree().text()[node.content_span().range()];
        // What is not written as expected is shown as a whole.
        let marks = Some(marks(raw).filter(|read| read.0 == text).map(|read| read.1).unwrap_or_default());
        Some(Self { node, text: Cow::Owned(text), marks })
    }

    /// Whether both say the same; ends of lines are written in two ways.
    pub(super) fn says_the_same(&self, other: &Script<'_>) -> bool {
        let lines =
            |script: &str| script.trim().lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        lines(&self.text) == lines(&other.text)
    }

    /// The place of a part of the text.
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        let Some(marks) = &self.marks else { return Place::part(self.node, range.clone()) };
        if marks.is_empty() {
            return Place::of(self.node);
        }
        let start = self.node.content_span().start;
        let at = |offset: usize| {
            let mark = marks[marks.partition_point(|mark| mark.0 <= offset).saturating_sub(1)];
            start + u32::try_from(mark.1 + offset.saturating_sub(mark.0)).unwrap_or_default()
        };
        Place { span: Span::new(at(range.start), at(range.end)), ..Place::of(self.node) }
    }
}

/// The text that `raw` means, a text of JSON within XML, and where it parts ways with `raw`.
fn marks(raw: &str) -> Option<(String, Vec<(usize, usize)>)> {
    let mut letters = Letters { raw, at: raw.len() - raw.trim_start().len() };
    let (mut text, mut marks) = (String::with_capacity(raw.len()), Vec::new());
    if letters.next()? != '"' {
        return None;
    }
    let mut expected = usize::MAX;
    loop {
        let from = letters.at;
        let letter = match letters.next()? {
            '"' => break,
            '\\' => letters.escaped()?,
            other => other,
        };
        if from != expected {
            marks.push((text.len(), from));
        }
        text.push(letter);
        // A letter that stands for itself is as long as what it means.
        expected = from + letter.len_utf8();
    }
    marks.push((text.len(), letters.at - 1));
    Some((text, marks))
}

/// The letters that a text of XML means, one after the other.
struct Letters<'r> {
    raw: &'r str,
    at: usize,
}

impl Letters<'_> {
    fn next(&mut self) -> Option<char> {
        let rest = &self.raw[self.at..];
        let letter = rest.chars().next()?;
        if letter != '&' {
            self.at += letter.len_utf8();
            return Some(letter);
        }
        let name = &rest[1..rest.find(';')?];
        self.at += name.len() + 2;
        match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)
            }
        }
    }

    /// What stands behind a backslash of JSON.
    fn escaped(&mut self) -> Option<char> {
        match self.next()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                if self.next()? != '\\' || self.next()? != 'u' {
                    return None;
                }
                let second = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
            }
            other => Some(other),
        }
    }

    /// Four digits of a letter that is written as its number.
    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| Some(unit * 16 + self.next()?.to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::xml;

    #[test]
    fn parts_of_a_script_in_an_element_are_found_in_the_source() {
        let source =
            "<Definition>\"SET Key TO 'a'\\r\\nSystem.RunDOSCommand X: 'caf\\u00e9' Out=&gt; \\\"B\\\" \\ud83d\\ude00 end\"</Definition>";
        let tree = xml::parse(source).expect("XML");
        let script = Script::of_definition(tree.root().get("Definition").expect("the element")).expect("a script");
        assert_eq!(script.text, "SET Key TO 'a'\r\nSystem.RunDOSCommand X: 'caf\u{e9}' Out=> \"B\" \u{1f600} end");
        let cases = [("Key", "Key"), ("System", "System"), ("'caf\u{e9}'", "'caf\\u00e9'"), ("=> ", "=&gt; "), ("end", "end")];
        for (part, written) in cases {
            let at = script.text.find(part).expect("a part");
            let span = script.place(&(at..at + part.len())).span;
            assert_eq!(&source[span.range()], written);
        }
    }

    #[test]
    fn what_is_no_text_of_json_is_no_script() {
        for source in ["<Definition/>", "<Definition>x</Definition>", "<Definition>{}</Definition>", "<Definition>\"a</Definition>"] {
            let tree = xml::parse(source).expect("XML");
            assert!(Script::of_definition(tree.root().get("Definition").expect("the element")).is_none(), "{source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_can_make_it_panic(text in "(\"|\\\\|&|;|&gt;|&#x|u00e4|\\\\ud83d|a|\u{e4}){0,30}") {
            marks(&text);
        }
    }
}

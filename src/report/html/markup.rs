//! Markup in the making. What is markup is known when the program is compiled; all else is text, and escaped here and nowhere else.

use crate::report::visible;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A part of a page.
#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds markup: only what the program itself has written can be that.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, between tags or as the value of an attribute in double quotes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in shown(text).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(c),
            }
        }
        self
    }

    /// Adds text whose parts in backticks are code.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        let parts: Vec<&str> = text.split('`').collect();
        if parts.len().is_multiple_of(2) {
            return self.text(text);
        }
        for (nth, part) in parts.into_iter().enumerate() {
            if nth % 2 == 0 {
                self.text(part)
            } else {
                self.raw("<code>").text(part).raw("</code>")
            };
        }
        self
    }

    /// Adds a number, with a space between thousands.
    pub(super) fn count(&mut self, number: usize) -> &mut Self {
        let digits = number.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                self.0.push('\u{a0}');
            }
            self.0.push(digit);
        }
        self
    }

    /// Adds a number as attributes want it.
    pub(super) fn number(&mut self, number: impl Into<f64>) -> &mut Self {
        let _ = write!(self.0, "{}", (number.into() * 10.0).round() / 10.0);
        self
    }

    /// Adds a value of the address within the page.
    pub(super) fn parameter(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            let _ = match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => self.0.write_char(byte.into()),
                _ => write!(self.0, "%{byte:02X}"),
            };
        }
        self
    }

    /// Adds another part.
    pub(super) fn part(&mut self, part: &Self) -> &mut Self {
        self.0.push_str(&part.0);
        self
    }

    /// Whether there is nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A heading of a part of a view.
    pub(super) fn heading(&mut self, text: &str) -> &mut Self {
        self.raw("<h3>").text(text).raw("</h3>\n")
    }

    /// A table with what it is about, and the names of its columns; those of numbers begin with `#`.
    pub(super) fn table(&mut self, caption: &str, columns: &[&str], rows: &mut dyn FnMut(&mut Self)) -> &mut Self {
        self.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"").text(caption);
        self.raw("\"><table><caption>").text(caption).raw("</caption><thead><tr>");
        for column in columns {
            let number = column.strip_prefix('#');
            self.raw(if number.is_some() { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" });
            self.text(number.unwrap_or(column)).raw("</th>");
        }
        self.raw("</tr></thead><tbody>\n");
        rows(self);
        self.raw("</tbody></table></div>\n")
    }

    /// The markup.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// `text` as a page can show it: without characters that hide or reorder others.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    let spaced =
        if text.contains(['\t', '\n', '\r']) { Cow::Owned(text.replace('\t', "    ").replace(['\n', '\r'], " ")) } else { text.into() };
    match spaced {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let mut markup = Markup::default();
        markup.raw("<p title=\"").text("\"><img src=x>").raw("\">").prose("a `<b>` 'c' & \u{202e}").raw("</p>");
        assert_eq!(
            markup.as_str(),
            "<p title=\"&quot;&gt;&lt;img src=x&gt;\">a <code>&lt;b&gt;</code> &#39;c&#39; &amp; &lt;U+202E&gt;</p>"
        );
    }

    #[test]
    fn a_single_backtick_is_one() {
        let mut markup = Markup::default();
        markup.prose("a `b").raw("|").count(1_234_567).raw("|").parameter("a b&é");
        assert_eq!(markup.as_str(), "a `b|1\u{a0}234\u{a0}567|a%20b%26%C3%A9");
    }
}

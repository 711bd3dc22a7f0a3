//! The words and signs of JavaScript, without its comments: enough to tell what is called with what.

use memchr::memmem;
use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string, without its quotes.
    Text,
    /// A string that is put together, without its quotes.
    Template,
    /// A regular expression.
    Pattern,
    /// One sign.
    Sign(u8),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) token: Token,
    pub(super) range: Range<usize>,
    /// Whether a line ends before it.
    pub(super) on_new_line: bool,
}

/// The tokens of `code`. What is not closed ends with the code.
pub(super) fn tokens(code: &str) -> Vec<Found> {
    let mut lexer = Lexer { code: code.as_bytes(), at: 0, found: Vec::new(), on_new_line: false };
    while lexer.at < lexer.code.len() {
        lexer.next();
    }
    lexer.found
}

struct Lexer<'c> {
    code: &'c [u8],
    at: usize,
    found: Vec<Found>,
    on_new_line: bool,
}

impl Lexer<'_> {
    fn next(&mut self) {
        let rest = &self.code[self.at..];
        let until = |mark: &[u8]| memmem::find(rest, mark).map_or(rest.len(), |end| end + mark.len());
        match rest[0] {
            b'\n' => {
                self.on_new_line = true;
                self.at += 1;
            }
            byte if byte.is_ascii_whitespace() => self.at += 1,
            _ if rest.starts_with(b"//") => self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            _ if rest.starts_with(b"/*") => self.at += 2 + memmem::find(&rest[2..], b"*/").map_or(rest.len() - 2, |end| end + 2),
            _ if rest.starts_with(b"<!--") => self.at += until(b"\n"),
            quote @ (b'"' | b'\'') => self.string(quote, Token::Text),
            b'`' => self.string(b'`', Token::Template),
            b'/' if self.begins_pattern() => self.string(b'/', Token::Pattern),
            byte if is_word(byte) => {
                let length = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
                let token = if byte.is_ascii_digit() { Token::Number } else { Token::Word };
                self.add(token, self.at..self.at + length, length);
            }
            byte => self.add(Token::Sign(byte), self.at..self.at + 1, 1),
        }
    }

    fn add(&mut self, token: Token, range: Range<usize>, bytes: usize) {
        self.found.push(Found { token, range, on_new_line: std::mem::take(&mut self.on_new_line) });
        self.at += bytes;
    }

    fn string(&mut self, quote: u8, token: Token) {
        let start = self.at + 1;
        let mut end = start;
        while end < self.code.len() && self.code[end] != quote && (token == Token::Template || self.code[end] != b'\n') {
            end += if self.code[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(self.code.len());
        self.add(token, start..end, (end + 1).min(self.code.len()) - self.at);
    }

    /// Whether a slash here is no division: what stands before it is no value.
    fn begins_pattern(&self) -> bool {
        let Some(before) = self.found.last() else { return true };
        match before.token {
            Token::Sign(sign) => !matches!(sign, b')' | b']' | b'}'),
            Token::Word => matches!(&self.code[before.range.clone()], b"return" | b"typeof" | b"case" | b"in" | b"of"),
            _ => false,
        }
    }
}

/// Letters of other scripts count: names may be made of them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_told_apart() {
        let code = "a = 'b // c' /* eval(x) */ + /d'\\//.e(`f ${g}`) // h\n/ 2";
        let words: Vec<(&str, Token)> = tokens(code).iter().map(|found| (&code[found.range.clone()], found.token)).collect();
        let plain = |sign: u8| Token::Sign(sign);
        assert_eq!(
            words,
            [
                ("a", Token::Word),
                ("=", plain(b'=')),
                ("b // c", Token::Text),
                ("+", plain(b'+')),
                ("d'\\/", Token::Pattern),
                (".", plain(b'.')),
                ("e", Token::Word),
                ("(", plain(b'(')),
                ("f ${g}", Token::Template),
                (")", plain(b')')),
                ("/", plain(b'/')),
                ("2", Token::Number),
            ]
        );
    }

    #[test]
    fn every_text_ends_on_its_characters() {
        for code in ["'", "\"\\", "/*", "`é", "'é\\", "/é", "ünïcode = 'ß'", "<!--", "\\"] {
            for found in tokens(code) {
                assert!(code.get(found.range.clone()).is_some(), "{code}");
            }
        }
    }
}

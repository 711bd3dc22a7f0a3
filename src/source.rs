//! Where text comes from: one file (or one entry of an archive), decoded once, with places that stay right in the original bytes.

use std::fmt;
use std::path::{Component, Path, PathBuf};

/// The files below one root, wherever they are kept: a folder, or a commit.
pub trait Files: Sync {
    /// The bytes of the file at `path`, with `/` between its parts; `None` where there is no file.
    ///
    /// # Errors
    /// When there is one and it cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError>;

    /// The paths of all files below the folder `below`, from the root, in ascending order; empty where there is no such folder. The
    /// empty text is the root itself.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, below: &str) -> Result<Vec<String>, SourceError>;
}

/// Largest file that is read, in bytes. Spans are 32 bits wide, and no export that a person wrote comes near this.
pub const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;

/// A range of bytes in the decoded text of one [`Source`], end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The range as `usize`, to slice the text of the source with.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// How the bytes of a file encode its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 behind a three-byte byte order mark.
    Utf8Bom,
    /// UTF-16, little endian, behind a byte order mark.
    Utf16Le,
    /// UTF-16, big endian, behind a byte order mark.
    Utf16Be,
}

/// A place for people: line and column count from 1, the column in Unicode scalar values; `offset` is the byte offset in the
/// file as it is on disk, byte order mark included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
    /// Byte offset in the file on disk, from 0.
    pub offset: u64,
}

/// Why a source could not be read. Each variant is the fault of the file or of its surroundings, never of the run.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The operating system refused.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("the file has {bytes} bytes, the limit is {MAX_FILE_BYTES}")]
    TooLarge {
        /// Size of the file in bytes.
        bytes: u64,
    },
    /// The bytes are no text in the encoding that they announce.
    #[error("the file is not valid {encoding} text (byte {offset}); save it as UTF-8")]
    Encoding {
        /// Name of the encoding.
        encoding: &'static str,
        /// Offset of the first wrong byte.
        offset: u64,
        /// Line of that byte.
        line: u32,
        /// Column of that byte.
        column: u32,
    },
}

/// The path from the root of the machine, without `.` and `..`; links are not followed, as in the names that git knows. A path is left
/// as it is where nobody knows the folder that it starts from.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

/// A path as reports write it.
#[must_use]
pub fn shown(path: &Path) -> String {
    let mut text = path.to_string_lossy().into_owned();
    if text.contains('\\') {
        text = text.replace('\\', "/");
    }
    if text.len() > 2 && text.starts_with("./") {
        text.drain(..2);
    }
    text
}

/// One file, or one entry of an archive, as decoded text.
#[derive(Debug)]
pub struct Source {
    path: String,
    inner: Vec<String>,
    text: String,
    encoding: Encoding,
}

impl Source {
    /// Reads and decodes the file at `path`; `name` is what reports call it.
    ///
    /// # Errors
    /// When the file cannot be read, is too large or is not text.
    pub fn read(path: &Path, name: impl Into<String>) -> Result<Self, SourceError> {
        Self::decode(name, Self::bytes(path)?)
    }

    /// Reads the bytes of the file at `path`.
    ///
    /// # Errors
    /// When the file cannot be read or is too large.
    pub fn bytes(path: &Path) -> Result<Vec<u8>, SourceError> {
        use std::io::Read;
        let file = std::fs::File::open(path)?;
        let bytes = file.metadata()?.len();
        if bytes > MAX_FILE_BYTES {
            return Err(SourceError::TooLarge { bytes });
        }
        // The size above is a hint only (pipes and /proc report 0, a file may grow while it is read): the limit holds on what is read.
        let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0) + 1);
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
        if content.len() as u64 > MAX_FILE_BYTES {
            return Err(SourceError::TooLarge { bytes: content.len() as u64 });
        }
        Ok(content)
    }

    /// Decodes `bytes`: UTF-8 with or without byte order mark, UTF-16 with one.
    ///
    /// # Errors
    /// When the bytes are not text in that encoding, or more than [`MAX_FILE_BYTES`].
    pub fn decode(name: impl Into<String>, mut bytes: Vec<u8>) -> Result<Self, SourceError> {
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(SourceError::TooLarge { bytes: bytes.len() as u64 });
        }
        let (text, encoding) = match bytes.as_slice() {
            [0xFF, 0xFE, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, Encoding::Utf16Le),
            [0xFE, 0xFF, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, Encoding::Utf16Be),
            [0xEF, 0xBB, 0xBF, ..] => {
                bytes.drain(..3);
                (utf8(bytes, 3)?, Encoding::Utf8Bom)
            }
            _ => (utf8(bytes, 0)?, Encoding::Utf8),
        };
        Ok(Self { path: name.into(), inner: Vec::new(), text, encoding })
    }

    /// A source from text that is already in memory.
    #[must_use]
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: name.into(), inner: Vec::new(), text: text.into(), encoding: Encoding::Utf8 }
    }

    /// The same text, as the one that `inner` leads to through the containers in the file.
    #[must_use]
    pub fn within(mut self, inner: Vec<String>) -> Self {
        self.inner = inner;
        self
    }

    /// The same source, with another text for the same places.
    ///
    /// # Panics
    /// When the text has not as many bytes.
    #[must_use]
    pub fn laid_open(mut self, text: String) -> Self {
        assert_eq!(text.len(), self.text.len(), "places stay what they are");
        self.text = text;
        self
    }

    /// What reports call the file: its path with `/` between the parts.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The way through nested containers from the file to this text, outermost first; empty for a plain file.
    #[must_use]
    pub fn inner(&self) -> &[String] {
        &self.inner
    }

    /// The decoded text, without byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the file encodes its text.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The lines of the text. Counting them costs one fast pass, so it is done only when a place is printed.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        let bytes = self.text.as_bytes();
        let wide = matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let mut before = vec![0];
        let mut starts = vec![Start::default()];
        for block in bytes.chunks(BLOCK) {
            let (ends, start) = (before[before.len() - 1], starts[starts.len() - 1]);
            before.push(ends + memchr::memchr_iter(b'\n', block).count() as u32);
            let line = memchr::memrchr(b'\n', block).map_or(block, |end| &block[end + 1..]);
            let whole = line.len() == block.len();
            starts.push(Start {
                column: characters(line) + if whole { start.column } else { 0 },
                units: start.units + if wide { units(block) } else { 0 },
            });
        }
        Lines { source: self, before, starts }
    }
}

/// Bytes between two counts of lines: small enough to count again, large enough that the counts take no room.
const BLOCK: usize = 1024;

/// Where a block of the text starts.
#[derive(Clone, Copy, Default)]
struct Start {
    /// Characters before it on its line.
    column: u32,
    /// UTF-16 units before it in the text.
    units: u64,
}

/// Number of characters that begin in a piece of UTF-8.
fn characters(piece: &[u8]) -> u32 {
    // Sums of bytes are made of many bytes at once.
    let begins = |part: &[u8]| part.iter().map(|byte| u8::from(*byte & 0xC0 != 0x80)).sum::<u8>();
    piece.chunks(usize::from(u8::MAX)).map(|part| u32::from(begins(part))).sum()
}

/// Number of UTF-16 units of the characters that begin in a piece of UTF-8: a character of four bytes has two.
fn units(piece: &[u8]) -> u64 {
    u64::from(characters(piece)) + piece.iter().filter(|byte| **byte >= 0xF0).count() as u64
}

fn utf8(bytes: Vec<u8>, shift: u64) -> Result<String, SourceError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line_start = memchr::memrchr(b'\n', valid).map_or(0, |at| at + 1);
        SourceError::Encoding {
            encoding: "UTF-8",
            offset: valid.len() as u64 + shift,
            line: memchr::memchr_iter(b'\n', valid).count() as u32 + 1,
            column: String::from_utf8_lossy(&valid[line_start..]).chars().count() as u32 + 1,
        }
    })
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<String, SourceError> {
    let (pairs, half) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let mut rest = pairs;
    while !rest.is_empty() {
        // Nearly all of it is ASCII, which needs no decoding.
        let plain = rest.iter().take_while(|pair| unit(**pair) < 0x80).count();
        text.extend(rest[..plain].iter().map(|pair| char::from(unit(*pair) as u8)));
        rest = &rest[plain..];
        match char::decode_utf16(rest.iter().map(|pair| unit(*pair))).next() {
            Some(Ok(other)) => {
                text.push(other);
                rest = &rest[other.len_utf16()..];
            }
            Some(Err(_)) => break,
            None => {}
        }
    }
    if rest.is_empty() && half.is_empty() {
        return Ok(text);
    }
    let line = text.rfind('\n').map_or(&*text, |end| &text[end + 1..]);
    Err(SourceError::Encoding {
        encoding: "UTF-16",
        offset: 2 + 2 * (pairs.len() - rest.len()) as u64,
        line: 1 + text.matches('\n').count() as u32,
        column: 1 + line.chars().count() as u32,
    })
}

/// Where the lines of one source are.
pub struct Lines<'s> {
    source: &'s Source,
    /// The number of line ends before each block of the text, and in all of it.
    before: Vec<u32>,
    /// As many, so that a place on a line of many megabytes costs no more than any other.
    starts: Vec<Start>,
}

impl Lines<'_> {
    /// Line, column and original byte offset of a byte of the decoded text. An offset inside a character counts as its start.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let text = &self.source.text;
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let block = (at / BLOCK).min(self.before.len() - 1);
        let piece = &text.as_bytes()[block * BLOCK..at];
        let line = self.before[block] + memchr::memchr_iter(b'\n', piece).count() as u32;
        let column = 1 + match memchr::memrchr(b'\n', piece) {
            Some(end) => characters(&piece[end + 1..]),
            None => self.starts[block].column + characters(piece),
        };
        let original = match self.source.encoding {
            Encoding::Utf8 => at as u64,
            Encoding::Utf8Bom => at as u64 + 3,
            Encoding::Utf16Le | Encoding::Utf16Be => 2 + 2 * (self.starts[block].units + units(piece)),
        };
        Position { line: line + 1, column, offset: original }
    }

    /// Number of lines.
    #[must_use]
    pub fn count(&self) -> usize {
        self.before[self.before.len() - 1] as usize + 1
    }

    /// The bytes of line `line` (from 1) without its line end; empty behind the last line.
    #[must_use]
    pub fn line(&self, line: u32) -> Span {
        let text = self.source.text.as_bytes();
        let behind = Span::new(text.len() as u32, text.len() as u32);
        let Some(ends) = line.checked_sub(1).filter(|ends| (*ends as usize) < self.count()) else { return behind };
        let start = if ends == 0 { 0 } else { self.line_end(ends).map_or(text.len(), |end| end + 1) };
        // Not searched for in the text: a line may be all of it.
        let mut end = self.line_end(ends + 1).unwrap_or(text.len());
        if end > start && text[end - 1] == b'\r' {
            end -= 1;
        }
        Span::new(start as u32, end as u32)
    }

    /// Where line end `number` (from 1) is.
    fn line_end(&self, number: u32) -> Option<usize> {
        // The block with it: the last one that has fewer line ends before it.
        let block = self.before.partition_point(|before| *before < number) - 1;
        let from = block * BLOCK;
        let piece = self.source.text.as_bytes().get(from..)?;
        memchr::memchr_iter(b'\n', &piece[..piece.len().min(BLOCK)]).nth((number - self.before[block] - 1) as usize).map(|end| from + end)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, little: bool) -> Vec<u8> {
        let mark = if little { [0xFF, 0xFE] } else { [0xFE, 0xFF] };
        mark.into_iter().chain(text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })).collect()
    }

    #[test]
    fn a_place_is_the_same_in_every_encoding_and_its_offset_is_that_of_the_file() {
        let text = "{\r\n  \"naïve 🤖\": 1\r\n}";
        let at = text.find('1').expect("is there") as u32;
        let cases = [
            (text.as_bytes().to_vec(), u64::from(at)),
            ([&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat(), u64::from(at) + 3),
            (utf16_bytes(text, true), 2 + 2 * 17),
            (utf16_bytes(text, false), 2 + 2 * 17),
        ];
        for (bytes, offset) in cases {
            let source = Source::decode("a.json", bytes).expect("valid");
            assert_eq!(source.text(), text);
            let lines = source.lines();
            assert_eq!(lines.position(at), Position { line: 2, column: 14, offset });
            assert_eq!(&source.text()[lines.line(2).range()], "  \"naïve 🤖\": 1");
        }
    }

    #[test]
    fn lines_are_counted_across_blocks() {
        let text = (0..5000).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\r\n") + "\n";
        let source = Source::from_text("a.json", text);
        let lines = source.lines();
        assert_eq!(lines.count(), 5001);
        for number in 1..=5000 {
            let span = lines.line(number);
            assert_eq!(&source.text()[span.range()], format!("line {}", number - 1));
            assert_eq!((lines.position(span.start).line, lines.position(span.end).line), (number, number));
        }
        assert!(lines.line(5001).is_empty() && lines.line(9999).is_empty() && lines.line(0).is_empty());
    }

    #[test]
    fn places_on_a_line_of_many_blocks_are_counted_as_if_it_had_one() {
        let text = format!("x\n{}\r\ny🤖", "aä漢🤖".repeat(4000));
        for bytes in [text.clone().into_bytes(), utf16_bytes(&text, true)] {
            let encoded = bytes[0] == 0xFF;
            let source = Source::decode("a.json", bytes).expect("valid");
            let lines = source.lines();
            for (at, _) in text.char_indices().step_by(97) {
                let expected = if encoded { 2 + 2 * text[..at].encode_utf16().count() } else { at } as u64;
                let line = text[..at].matches('\n').count() as u32 + 1;
                let column = text[..at].chars().rev().take_while(|c| *c != '\n').count() as u32 + 1;
                assert_eq!(lines.position(at as u32), Position { line, column, offset: expected });
            }
            assert_eq!(lines.line(2), Span::new(2, text.len() as u32 - 7));
            assert_eq!(lines.line(3), Span::new(text.len() as u32 - 5, text.len() as u32));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let error = Source::decode("a.json", b"{\n \"a\": \"\xFF\"}".to_vec()).expect_err("not UTF-8");
        assert!(matches!(error, SourceError::Encoding { line: 2, column: 8, offset: 9, .. }), "{error:?}");
        let error = Source::decode("a.json", vec![0xFF, 0xFE, b'{', 0, 0, 0xD8]).expect_err("half a pair");
        assert!(matches!(error, SourceError::Encoding { line: 1, column: 2, offset: 4, .. }), "{error:?}");
    }
}

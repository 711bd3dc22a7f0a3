//! Update sets keep each change as an XML document in text, in CDATA or with its brackets written as entities. Here these documents
//! are laid open where they stand.
//!
//! What an encoding takes more room for than what it says becomes spaces, at the next place where spaces mean nothing: before and
//! behind a tag, at the end of a line of text. So an element, a value and a line of a script stand where they stand in the file.

use super::record::{RECORD_UPDATE, Record, UNLOAD, UPDATE_SET, is_delete};
use crate::source::Span;
use crate::tree::{Node, SyntaxError, ValueKind, xml};

/// The element that holds a change.
const UPDATE: &str = "sys_update_xml";

/// The text with the documents in it laid open; none where there are none, or where the file is no XML, which others tell.
///
/// # Errors
/// When a payload is no record, or when there is none: what changes nothing was cut off, or is read by nobody as it was meant.
pub(super) fn lay_open(text: &str) -> Result<Option<String>, SyntaxError> {
    let has = |name: &str| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
    // All XML comes by here, and most of it is of other platforms.
    if !has("<unload") {
        return Ok(None);
    }
    let is_set = has(UPDATE) || has(UPDATE_SET);
    // Most files are none of the platform, and most of the others have their records in clear.
    let is_empty = has("<unload unload_date=") && !has(" action=");
    if !is_set && !is_empty {
        return Ok(None);
    }
    let Ok(tree) = xml::parse(text) else { return Ok(None) };
    let Some(unload) = tree.root().get(UNLOAD) else { return Ok(None) };
    if !unload.members().any(|member| member.is_object() && !member.has_key(UPDATE_SET)) {
        return Err(nothing(unload));
    }
    let (mut open, mut from) = (String::with_capacity(text.len()), 0);
    for update in unload.get_all(UPDATE) {
        let Some(payload) = update.get("payload") else { return Err(missing(update)) };
        let Some(range) = content(payload) else {
            // What is deleted need not be told.
            if Record::of(update).text("action").is_some_and(|action| is_delete(&action)) {
                continue;
            }
            return Err(missing(payload));
        };
        let laid = document(&text[range.clone()]).map_err(|error| shifted(error, range.start))?;
        open.push_str(&text[from..range.start]);
        open.push_str(&laid);
        from = range.end;
    }
    if from == 0 {
        return Ok(None);
    }
    open.push_str(&text[from..]);
    Ok(Some(open))
}

/// Where the content of an element stands that holds nothing but text, and some.
fn content(payload: Node<'_>) -> Option<std::ops::Range<usize>> {
    let text = payload.tree().text();
    if payload.kind() != ValueKind::String || payload.as_str().is_none_or(|text| text.is_empty()) {
        return None;
    }
    let name = payload.key_span()?.range();
    let start = name.end + memchr::memchr(b'>', &text.as_bytes()[name.end..])? + 1;
    // What follows the text is the end of its CDATA at most.
    let behind = payload.span().range().end.max(start);
    let end = behind + memchr::memmem::find(&text.as_bytes()[behind..], b"</")?;
    Some(start..end)
}

fn nothing(unload: Node<'_>) -> SyntaxError {
    let help = "export it again; the parent of a batch holds no change of its own and can be left out with --exclude";
    SyntaxError { message: "no record is in it".into(), help: Some(help.into()), span: unload.key_span().unwrap_or_else(|| unload.span()) }
}

fn missing(node: Node<'_>) -> SyntaxError {
    let span = node.key_span().unwrap_or_else(|| node.span());
    SyntaxError { message: "an update without a payload".into(), help: Some(AGAIN.into()), span }
}

const AGAIN: &str = "export the update set again from the platform";

fn shifted(error: SyntaxError, by: usize) -> SyntaxError {
    let span = Span::new(error.span.start + by as u32, error.span.end + by as u32);
    let message = format!("the payload of an update is no record: {}", error.message);
    SyntaxError { message, help: error.help.or_else(|| Some(AGAIN.into())), span }
}

/// The document that `content` is the text of, with as many bytes.
fn document(content: &str) -> Result<String, SyntaxError> {
    let whole = Span::new(0, content.len() as u32);
    let unknown = || SyntaxError { message: "it is not all text".into(), help: None, span: whole };
    let laid = Decoded::of(content).ok_or_else(unknown)?.laid_out();
    debug_assert_eq!(laid.len(), content.len());
    // By itself, so that no end of a tag in it ends what is around it.
    let is_record = xml::parse(&laid)?.root().get(RECORD_UPDATE).is_some_and(|update| update.members().any(Node::is_object));
    let other = || SyntaxError { message: format!("it has no `<{RECORD_UPDATE}>` with a record"), help: None, span: whole };
    if is_record { Ok(laid) } else { Err(other()) }
}

/// A text without its encoding.
struct Decoded {
    text: String,
    /// Where how many bytes of the encoding are gone, in ascending order.
    cuts: Vec<(usize, usize)>,
}

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

impl Decoded {
    fn of(content: &str) -> Option<Self> {
        let mut decoded = Self { text: String::with_capacity(content.len()), cuts: Vec::new() };
        let mut rest = content;
        while let Some(first) = rest.bytes().next() {
            rest = match first {
                b'<' => {
                    let inner = rest.strip_prefix(CDATA)?;
                    let end = inner.find(CDATA_END)?;
                    decoded.cut(CDATA.len());
                    decoded.text.push_str(&inner[..end]);
                    decoded.cut(CDATA_END.len());
                    &inner[end + CDATA_END.len()..]
                }
                b'&' => {
                    let end = rest.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
                    let sign = entity(&rest[1..end])?;
                    decoded.cut(end + 1 - sign.len_utf8());
                    decoded.text.push(sign);
                    &rest[end + 1..]
                }
                _ => {
                    let end = memchr::memchr2(b'<', b'&', rest.as_bytes()).unwrap_or(rest.len());
                    decoded.text.push_str(&rest[..end]);
                    &rest[end..]
                }
            };
        }
        Some(decoded)
    }

    fn cut(&mut self, bytes: usize) {
        self.cuts.push((self.text.len(), bytes));
    }

    fn laid_out(&self) -> String {
        let mut layout = Layout { decoded: self, at: 0, cut: 0, out: String::with_capacity(self.text.len()) };
        while layout.at < self.text.len() {
            layout.piece();
        }
        layout.fill(self.text.len());
        layout.out
    }
}

/// `&#x10FFFF;`
const LONGEST_ENTITY: usize = 10;

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    })
}

/// A decoded text on its way back into the room that it had.
struct Layout<'d> {
    decoded: &'d Decoded,
    /// How far the text has been written.
    at: usize,
    /// The first of the cuts that are not filled.
    cut: usize,
    out: String,
}

impl Layout<'_> {
    /// Writes the next tag or run of text.
    fn piece(&mut self) {
        let rest = &self.decoded.text[self.at..];
        let behind = |mark: &str| rest.find(mark).map_or(rest.len(), |end| end + mark.len());
        if rest.starts_with(CDATA) {
            self.fill(self.at + CDATA.len());
            self.write(CDATA.len());
            let end = rest.find(CDATA_END).unwrap_or(rest.len()) - CDATA.len();
            self.lines(end);
            let mark = CDATA_END.len().min(self.decoded.text.len() - self.at);
            self.fill(self.at + mark);
            self.write(mark);
        } else if rest.starts_with("<?") {
            // A declaration may only stand at the beginning of a file.
            let end = behind("?>");
            let blank = rest[..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
            self.out.extend(blank);
            self.at += end;
            self.fill(self.at);
        } else if rest.starts_with('<') {
            let end = if rest.starts_with("<!--") { behind("-->") } else { tag_end(rest) };
            self.fill(self.at + 1);
            self.write(end);
            self.fill(self.at);
        } else {
            self.lines(memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len()));
        }
    }

    /// Writes `bytes` bytes of text, each line followed by what was cut in it.
    fn lines(&mut self, bytes: usize) {
        let end = self.at + bytes;
        while let Some(line) = memchr::memchr(b'\n', &self.decoded.text.as_bytes()[self.at..end]) {
            self.write(line);
            self.fill(self.at);
            self.write(1);
        }
        self.write(end - self.at);
    }

    fn write(&mut self, bytes: usize) {
        self.out.push_str(&self.decoded.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    /// Writes spaces for all that was cut up to the byte at `end` of the text.
    fn fill(&mut self, end: usize) {
        while let Some((_, bytes)) = self.decoded.cuts.get(self.cut).filter(|(at, _)| *at <= end) {
            self.out.extend(std::iter::repeat_n(' ', *bytes));
            self.cut += 1;
        }
    }
}

/// Behind the end of the tag that `text` begins with.
fn tag_end(text: &str) -> usize {
    let (bytes, mut at) = (text.as_bytes(), 0);
    while let Some(found) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        let sign = at + found;
        if bytes[sign] == b'>' {
            return sign + 1;
        }
        let Some(quote) = memchr::memchr(bytes[sign], &bytes[sign + 1..]) else { break };
        at = sign + quote + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESCAPED: &str = "&lt;?xml version=\"1.0\"?&gt;&lt;record_update table=\"a\"&gt;\n&lt;a action=\"DELETE\"&gt;&lt;b&gt;x &amp;amp; y\n\
                           z&lt;/b&gt;&lt;c&gt;&lt;![CDATA[if (a &amp;&amp; b)\n  run();]]&gt;&lt;/c&gt;&lt;/a&gt;&lt;/record_update&gt;";

    fn set(payload: &str) -> String {
        format!(
            "<unload unload_date=\"2026-01-01\">\n<sys_update_xml action=\"INSERT\"><payload>{payload}</payload></sys_update_xml>\n</unload>"
        )
    }

    #[test]
    fn what_is_laid_open_stands_where_it_stood() {
        let split = "<![CDATA[<?xml version=\"1.0\"?>\n<record_update><s action=\"INSERT\"><c><![CDATA[let a = b[c[0]];]]]]><![CDATA[></c></s></record_update>]]>";
        for payload in [ESCAPED, split] {
            let text = set(payload);
            let open = lay_open(&text).expect("well-formed").expect("a payload");
            assert_eq!(open.len(), text.len());
            let lines = |text: &str| text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
            assert_eq!(lines(&open), lines(&text), "{open}");
            let tree = xml::parse(&open).expect("well-formed");
            let record = tree.root().at(&["unload", "sys_update_xml", "payload", "record_update"]).expect("the document");
            let code = record.descend().find(|node| node.key().is_some_and(|key| key == "c")).expect("the script");
            let said = code.as_str().expect("text");
            assert!(text[code.span().range().start..].starts_with(said.split_whitespace().next().expect("a word")), "{open}");
        }
    }

    #[test]
    fn what_is_no_document_is_told_and_cannot_end_what_is_around_it() {
        let wrong = [
            "hello",
            "&lt;record_update&gt;",
            "<![CDATA[<record_update><a></record_update>]]>",
            "<![CDATA[<a/></payload><payload><b/>]]>",
            "<![CDATA[<!DOCTYPE a><a/>]]>",
            "<!-- none -->text",
            "<![CDATA[<a/>]]>&lt;b/&gt;",
            "<![CDATA[<record_update table=\"a\"/>]]>",
            "<![CDATA[<sys_script action=\"INSERT\"><name>x</name></sys_script>]]>",
            "",
        ];
        for payload in wrong {
            let text = set(payload);
            let error = lay_open(&text).expect_err(payload);
            assert!(error.span.range().end <= text.len() && error.span.range().start > text.find("<payload>").expect("there"), "{payload}");
        }
        for empty in
            ["<unload unload_date=\"2026-01-01\"/>", "<unload><sys_remote_update_set><name>a</name></sys_remote_update_set></unload>"]
        {
            assert!(lay_open(empty).is_err(), "{empty}");
        }
        let deletion = set("").replace("<payload>", "<action>DELETE</action><payload>");
        assert_eq!(lay_open(&deletion), Ok(None));
        assert_eq!(lay_open("<unload unload_date=\"2026\"><a action=\"INSERT\"><b/></a></unload>"), Ok(None));
        assert_eq!(lay_open("<unload><sys_update_xml>"), Ok(None), "others tell");
    }
}

//! All that a report can say about an export: what is wrong, how bad, where exactly, and how the finding is known again.

use crate::source::{Lines, Position, Source, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// How bad it is if the finding is true. Ordered: `Info < Low < Medium < High < Critical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; no risk by itself.
    Info,
    /// A weakness that needs others to hurt.
    Low,
    /// A risk that should be planned away.
    Medium,
    /// A risk that should not go to production.
    High,
    /// Open to anyone, or already leaked.
    Critical,
}

/// How sure the rule is that the finding is true. Ordered: `Low < Medium < High`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint: look yourself.
    Low,
    /// Usually true.
    Medium,
    /// The file says so.
    High,
}

macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),+) => {
        impl $type {
            /// All values, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that files and reports use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word).ok_or_else(|| {
                    let allowed: Vec<&str> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    format!("`{word}` is not one of {}", allowed.join(", "))
                })
            }
        }
    };
}

words!(Severity: Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical");
words!(State: New = "new", Unchanged = "unchanged");
words!(Confidence: Low = "low", Medium = "medium", High = "high");

/// What has become of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was not there before, or nothing is known of before.
    #[default]
    New,
    /// The version that this one is compared with has it, too.
    Unchanged,
}

/// A decision of the organisation to live with a finding for a time. It marks the finding and hides nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Waived {
    /// Id of the waiver.
    pub id: String,
    /// `false-positive`, `risk-accepted` or `compensating-control`.
    pub category: String,
    /// Why, in the words of who asked for it.
    pub reason: String,
    /// The last day on which it holds, as `2026-12-31`.
    pub expires: String,
}

/// A place in one file, ready to be printed: nothing of the source is needed any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path of the file with `/` between the parts.
    pub file: Arc<str>,
    /// The way through nested containers, outermost first; empty for a plain file.
    pub inner: Vec<String>,
    /// The value: an RFC 6901 pointer for JSON and YAML, `/Root/child[2]/@attr` for XML; empty for the whole document.
    pub pointer: String,
    /// First character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
    /// The lines around it, cut to what a screen can show.
    #[serde(skip)]
    pub excerpt: Vec<ExcerptLine>,
}

impl Location {
    /// Writes what is wrong there with a file of ours: `file:line:column: message`, the line with a mark below, the help.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn tell(&self, f: &mut std::fmt::Formatter<'_>, message: &str, help: Option<&str>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {message}", self.file, self.start.line, self.start.column)?;
        if let Some((line, (start, end))) = self.excerpt.iter().find_map(|line| Some((line, line.mark?))) {
            let count = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
            let (before, marked) = (count(line.text.get(..start as usize)), count(line.text.get(start as usize..end as usize)));
            let number = line.number.to_string();
            let text: String = line.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            write!(f, "\n {number} | {text}\n {:width$} | {:before$}{}", "", "", "^".repeat(marked.max(1)), width = number.len())?;
        }
        help.map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

/// One line of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExcerptLine {
    /// Its number, from 1.
    pub number: u32,
    /// Its text, or the part of it that is shown; without line end.
    pub text: String,
    /// How many characters (Unicode scalar values) of the line stand before `text`.
    pub cut_before: u32,
    /// Whether the line goes on behind `text`.
    pub cut_after: bool,
    /// The bytes of `text` that belong to the place; `None` for lines of context.
    pub mark: Option<(u32, u32)>,
}

/// Widest part of a line that an excerpt keeps, in characters.
pub const EXCERPT_WIDTH: usize = 160;

/// Most lines of a place that an excerpt keeps; a longer place shows its first ones.
pub const EXCERPT_LINES: u32 = 4;

/// Turns spans of one source into [`Location`]s. The line table is made with it, so make one only for a source with findings.
pub struct Locator<'s> {
    source: &'s Source,
    file: Arc<str>,
    lines: Lines<'s>,
    /// What excerpts must not show, in ascending order, without overlaps.
    hidden: Vec<Span>,
}

impl<'s> Locator<'s> {
    /// A locator for the places of `source`.
    #[must_use]
    pub fn new(source: &'s Source) -> Self {
        Self { source, file: source.path().into(), lines: source.lines(), hidden: Vec::new() }
    }

    /// Hides `secrets` in every excerpt: of each, all characters but the first four (and never more than a quarter) become `*`.
    #[must_use]
    pub fn masking(mut self, secrets: Vec<Span>) -> Self {
        self.hidden.extend(secrets.into_iter().map(|secret| Span::new(secret.start + kept(self.source.text(), secret), secret.end)));
        self.hidden.retain(|span| span.start < span.end);
        self.hidden.sort_unstable();
        self.hidden.dedup_by(|next, last| {
            let overlaps = next.start <= last.end;
            last.end = if overlaps { last.end.max(next.end) } else { last.end };
            overlaps
        });
        self
    }

    /// The location of `span`, called `pointer`.
    #[must_use]
    pub fn locate(&self, span: Span, pointer: String) -> Location {
        Location {
            file: Arc::clone(&self.file),
            inner: self.source.inner().to_vec(),
            pointer,
            start: self.lines.position(span.start),
            end: self.lines.position(span.end),
            excerpt: self.excerpt(span),
        }
    }

    fn excerpt(&self, span: Span) -> Vec<ExcerptLine> {
        let first = self.lines.position(span.start).line;
        // An end at the very start of a line belongs to the line before it.
        let last = self.lines.position(span.end.saturating_sub(1).max(span.start)).line.min(first + EXCERPT_LINES - 1);
        let from = first.saturating_sub(1).max(1);
        let to = (last + 1).min(self.lines.count() as u32);
        (from..=to).map(|number| self.excerpt_line(number, span, (first..=last).contains(&number))).collect()
    }

    fn excerpt_line(&self, number: u32, span: Span, marked: bool) -> ExcerptLine {
        let line = self.lines.line(number);
        let text = &self.source.text()[line.range()];
        let inside = |offset: u32| if marked { floor(text, (offset.clamp(line.start, line.end) - line.start) as usize) } else { 0 };
        let (start, end) = (inside(span.start), inside(span.end));
        let (from, to) = window(text, start, end);
        // Masks may be shorter in bytes than what they hide, so the mark is measured in what is shown.
        let shown = |part: std::ops::Range<usize>| self.masked(&text[part.clone()], line.start + part.start as u32);
        let before = shown(from..start.max(from));
        let place = shown(start.max(from)..end.min(to).max(start));
        let behind = shown(end.min(to).max(start)..to);
        ExcerptLine {
            number,
            cut_before: self.lines.position(line.start + from as u32).column - 1,
            cut_after: to < text.len(),
            mark: marked.then(|| (before.len() as u32, (before.len() + place.len()) as u32)),
            text: before + &place + &behind,
        }
    }

    /// `part` of the source, which starts at `offset`, with its secrets hidden.
    fn masked(&self, part: &str, offset: u32) -> String {
        let first = self.hidden.partition_point(|secret| secret.end <= offset);
        let mut secrets = self.hidden[first..].iter().take_while(|secret| secret.start < offset + part.len() as u32).peekable();
        if secrets.peek().is_none() {
            return part.to_owned();
        }
        let hide = |(at, c): (usize, char)| {
            let at = offset + at as u32;
            while secrets.next_if(|secret| secret.end <= at).is_some() {}
            let hidden = secrets.peek().is_some_and(|secret| secret.start < at + c.len_utf8() as u32);
            if hidden { '*' } else { c }
        };
        part.char_indices().map(hide).collect()
    }
}

/// How many bytes of a secret may be shown. None of one with escapes: what is short when decoded can look long as it is written.
fn kept(text: &str, secret: Span) -> u32 {
    let Some(text) = text.get(secret.range()).filter(|text| !text.contains(['\\', '&'])) else { return 0 };
    let count = 4.min(text.chars().count() / 4);
    text.char_indices().nth(count).map_or(0, |(at, _)| at as u32)
}

/// The start of the character that byte `at` is part of.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The bytes of `text` to show so that `start..end` is in sight: all of a short line, else [`EXCERPT_WIDTH`] characters of which
/// at least a quarter stands before the start.
fn window(text: &str, start: usize, end: usize) -> (usize, usize) {
    if text.len() <= EXCERPT_WIDTH {
        return (0, text.len());
    }
    let back = |from: usize, count: usize| text[..from].char_indices().rev().take(count).last().map_or(from, |(at, _)| at);
    let forth = |from: usize, count: usize| text[from..].char_indices().nth(count).map_or(text.len(), |(at, _)| from + at);
    if forth(0, EXCERPT_WIDTH) >= end.max(start) {
        return (0, forth(0, EXCERPT_WIDTH));
    }
    let from = back(start, EXCERPT_WIDTH / 4);
    (from, forth(from, EXCERPT_WIDTH))
}

/// Another place that belongs to a finding: the entry, a step on the way, the sink.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// What is there, in a few words.
    pub text: String,
    /// The place.
    pub location: Location,
}

/// The app that a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct AppRef {
    /// Name that makers see; empty when the export does not say it.
    pub name: String,
    /// Identifier in the platform; empty when the export does not say it.
    pub id: String,
}

/// The element of the app that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ElementRef {
    /// Its kind: `trigger`, `action`, `secret` ...
    pub kind: String,
    /// Name that makers see.
    pub name: String,
}

/// Something that is wrong with an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: Arc<str>,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One lower-case sentence about this place, without full stop. May hold text of the export: escape it where it is written.
    pub message: String,
    /// The cure, in a maker's words.
    pub help: Arc<str>,
    /// Platform of the export; empty for files that no platform claims.
    pub platform: &'static str,
    /// The app, where there is one.
    pub app: Option<AppRef>,
    /// The element of the app, where there is one.
    pub element: Option<ElementRef>,
    /// The exact value.
    pub location: Location,
    /// What is at the exact value, in a few words.
    pub label: String,
    /// Places that belong to it, in the order in which one reads them.
    pub related: Vec<Label>,
    /// How it is known again.
    pub fingerprint: String,
    /// Where the same stands elsewhere, too: the fingerprint that it would have alone.
    pub copy_of: Option<String>,
    /// What has become of it.
    pub state: State,
    /// Whether it blocks: its severity, its state, a waiver and the gate of its app decide.
    pub blocks: bool,
    /// The waiver that covers it.
    pub waived: Option<Waived>,
    /// What people have noted about it. Notes inform; they change nothing.
    pub notes: Vec<String>,
    /// References to the catalogue and to public standards.
    pub tags: Arc<[String]>,
}

impl Finding {
    /// The order of findings in a report: by file, place, rule and message, so that it never depends on threads.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |finding: &Self| (finding.location.start.offset, finding.location.end.offset);
        (&self.location.file, &self.location.inner, key(self), &self.rule, &self.message, &self.fingerprint).cmp(&(
            &other.location.file,
            &other.location.inner,
            key(other),
            &other.rule,
            &other.message,
            &other.fingerprint,
        ))
    }
}

/// The address of the page that a tag names, where there is a lasting one.
#[must_use]
pub fn reference(tag: &str) -> Option<String> {
    tag.strip_prefix("cwe:").map(|number| format!("https://cwe.mitre.org/data/definitions/{number}.html"))
}

/// A fingerprint: `f1:` and 32 hexadecimal digits, made from what names a finding (rule, platform, app, element, fact), never from
/// a line number, a file name or a secret.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> String {
    // FNV-1a over 128 bits: a name, not a defence. Parts are separated by a byte that no text of an export has.
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for part in parts {
        for byte in part.bytes().chain([0xFF]) {
            hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
    format!("f1:{hash:032x}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A finding of that severity about nothing in particular.
    pub(crate) fn finding(severity: Severity) -> Finding {
        Finding {
            rule: "rule".into(),
            severity,
            confidence: Confidence::High,
            message: "something is wrong".into(),
            help: "".into(),
            platform: "n8n",
            app: None,
            element: None,
            location: Locator::new(&Source::from_text("a.json", "{}")).locate(Span::new(0, 2), String::new()),
            label: String::new(),
            related: Vec::new(),
            fingerprint: fingerprint(&["rule"]),
            copy_of: None,
            state: State::New,
            blocks: severity >= Severity::High,
            waived: None,
            notes: Vec::new(),
            tags: Arc::new([]),
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("x\n{}\"ä🤖\"{}\ny", "a".repeat(1_000_000), "b".repeat(1_000_000));
        let source = Source::from_text("a.json", text);
        let location = Locator::new(&source).locate(Span::new(1_000_002, 1_000_010), String::new());
        let line = &location.excerpt[1];
        let (start, end) = line.mark.expect("the place");
        assert_eq!(&line.text[start as usize..end as usize], "\"ä🤖\"");
        assert_eq!((line.number, line.cut_before, line.cut_after), (2, 1_000_000 - 40, true));
        assert_eq!(line.text.chars().count(), EXCERPT_WIDTH);
        assert_eq!(location.start.column, 1_000_001);
        assert_eq!(location.excerpt.len(), 3);
    }

    fn masked(text: &str, secret: Span, place: Span) -> ExcerptLine {
        let source = Source::from_text("a.json", text);
        Locator::new(&source).masking(vec![secret]).locate(place, String::new()).excerpt.swap_remove(0)
    }

    #[test]
    fn a_secret_shows_at_most_four_characters_and_at_most_a_quarter() {
        let show = |secret: &str| {
            let line = masked(&format!("\"{secret}\""), Span::new(1, secret.len() as u32 + 1), Span::new(0, 1));
            line.text.trim_matches('"').to_owned()
        };
        assert_eq!(show("sk-live-0123456789abcdef"), "sk-l********************");
        assert_eq!(show("hunter22"), "hu******");
        assert_eq!(show("abc"), "***");
        assert_eq!(show(r"abcd\u0065\n"), "************", "six characters when decoded, so one might be shown; escapes show none");
        assert_eq!(show("pässwörd🤖é漢字!"), "päs**********");
        assert_eq!(show(""), "");
    }

    #[test]
    fn a_mark_stays_on_its_place_when_the_text_before_and_in_it_is_masked() {
        let text = "{\"ключ\": \"секретный🤖ключ\", \"b\": 1}";
        let (secret, b) = (text.find('с').expect("there") as u32, text.find("\"b\"").expect("there") as u32);
        let end = b - 3;
        let line = masked(text, Span::new(secret, end), Span::new(b, b + 3));
        assert_eq!(line.text, "{\"ключ\": \"сек***********\", \"b\": 1}");
        let (from, to) = line.mark.expect("the place");
        assert_eq!(&line.text[from as usize..to as usize], "\"b\"");
        let line = masked(text, Span::new(secret, end), Span::new(secret - 1, end + 1));
        let (from, to) = line.mark.expect("the place");
        assert_eq!(&line.text[from as usize..to as usize], "\"сек***********\"");
    }

    #[test]
    fn a_secret_is_hidden_when_only_a_part_of_it_is_in_the_window_or_on_the_line() {
        let text = format!("{}🤖{}", "s".repeat(5000), "t".repeat(5000));
        let line = masked(&text, Span::new(0, text.len() as u32), Span::new(5000, 5004));
        assert_eq!(line.text, "*".repeat(EXCERPT_WIDTH));
        assert_eq!(line.mark, Some((40, 41)));
        let key = "key: |\n  -----BEGIN KEY-----\n  MIIEvQIBADANBg\nnext: 1\n";
        let source = Source::from_text("a.yaml", key);
        let locator = Locator::new(&source).masking(vec![Span::new(9, 45), Span::new(20, 30), Span::new(12, 12)]);
        let texts: Vec<String> = locator.locate(Span::new(9, 45), String::new()).excerpt.into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["key: |", "  ----***************", "****************", "next: 1"]);
        // A place inside a character, behind the end, or a mask there, is no reason to fail.
        assert_eq!(masked("\"🤖\"", Span::new(2, 90), Span::new(3, 99)).text, "\"**");
    }

    #[test]
    fn a_place_of_many_lines_shows_its_first() {
        let source = Source::from_text("a.json", "{\r\n1\r\n2\r\n3\r\n4\r\n5\r\n}");
        let location = Locator::new(&source).locate(Span::new(0, 19), String::new());
        let numbers: Vec<u32> = location.excerpt.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!(location.excerpt[0].text, "{");
        assert_eq!(location.excerpt[4].mark, None);
    }

    #[test]
    fn parts_of_a_fingerprint_do_not_run_into_each_other() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["a"]).len(), 35);
    }

    #[test]
    fn severity_words_are_ordered_and_read_back() {
        assert!(Severity::ALL.is_sorted());
        assert_eq!("high".parse(), Ok(Severity::High));
        assert_eq!("urgent".parse::<Severity>(), Err("`urgent` is not one of info, low, medium, high, critical".into()));
    }
}

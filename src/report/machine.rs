//! What formats for programs share: JSON without hazardous characters, the one line of a finding, levels.

use super::is_hazard;
use crate::finding::{Finding, Location, Severity, State};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use std::borrow::Cow;
use std::io::{self, Write as _};

/// Writes `value` as indented JSON and ends the line.
pub(super) fn pretty(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Visible(PrettyFormatter::new())))?;
    io::Write::write_all(&mut out, b"\n")?;
    io::Write::flush(&mut out)
}

/// The same with one member more at the end of the object, written on one line.
pub(super) fn pretty_with(object: &impl Serialize, name: &str, member: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let mut open = Open { out: &mut out, end: [0; END.len()], held: 0 };
    object.serialize(&mut serde_json::Serializer::with_formatter(&mut open, Visible(PrettyFormatter::new())))?;
    if open.held != END.len() || open.end != *END {
        return Err(io::Error::other("no object with members"));
    }
    write!(out, ",\n  \"{name}\": ")?;
    member.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Visible(CompactFormatter)))?;
    out.write_all(b"\n}\n")?;
    out.flush()
}

/// How an indented object ends.
const END: &[u8; 2] = b"\n}";

/// A writer that holds back the end of what it is given.
struct Open<'o, W> {
    out: &'o mut W,
    end: [u8; END.len()],
    held: usize,
}

impl<W: io::Write> io::Write for Open<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let keep = bytes.len().min(END.len());
        let pass = (self.held + keep).saturating_sub(END.len());
        let (through, end) = bytes.split_at(bytes.len() - keep);
        // What is held goes on as far as the new end takes its place: all of it, where anything goes through.
        self.out.write_all(&self.end[..pass])?;
        self.out.write_all(through)?;
        self.end.copy_within(pass..self.held, 0);
        self.held -= pass;
        self.end[self.held..self.held + end.len()].copy_from_slice(end);
        self.held += end.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes `value` as JSON on one line and ends the line.
pub(super) fn compact(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Visible(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// JSON in which hazardous characters that JSON allows as they are (DEL, C1 controls, bidi overrides ...) are escaped too: people look
/// at reports on terminals.
struct Visible<F>(F);

impl<F: Formatter> Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hazard(*c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// The part of a place that lies on its first line, counted from 1. A value of many lines would be shown only where all of them were
/// changed, so its first line stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) line: u32,
    /// In Unicode scalar values.
    pub(super) column: u32,
    /// Behind the last character.
    pub(super) end_column: u32,
    /// The column in bytes of UTF-8.
    pub(super) byte_column: u32,
    /// Behind the last byte.
    pub(super) end_byte_column: u32,
}

impl Region {
    /// The region of a place; line 1 for what is inside of an archive, whose lines the reader of the repository does not see.
    pub(super) fn of(location: &Location) -> Self {
        if !location.inner.is_empty() {
            return Self { line: 1, column: 1, end_column: 1, byte_column: 1, end_byte_column: 1 };
        }
        let start = location.start;
        let marked = location.excerpt.iter().find_map(|line| Some((line, line.mark?)));
        let (characters, before, bytes) = marked.map_or((0, start.column - 1, 0), |(line, (from, to))| {
            let place = line.text.get(from as usize..to as usize).unwrap_or_default();
            (place.chars().count() as u32, line.cut_before + from, to - from)
        });
        let end_column = if location.end.line == start.line { location.end.column } else { start.column + characters };
        Self {
            line: start.line.max(1),
            column: start.column.max(1),
            end_column: end_column.max(start.column).max(1),
            byte_column: before + 1,
            end_byte_column: before + 1 + bytes,
        }
    }
}

/// The way from a file on disk to the place: where it is in an archive, with its line there.
pub(super) fn inside(location: &Location) -> Option<String> {
    let (last, before) = location.inner.split_last()?;
    let way: String = before.iter().flat_map(|part| [part.as_str(), "!"]).collect();
    Some(format!("{way}{last}:{}:{}", location.start.line, location.start.column))
}

/// The message, with the way to a place in an archive and what has become of the finding.
pub(super) fn message(finding: &Finding) -> Cow<'_, str> {
    let (inside, standing) = (inside(&finding.location), finding.standing());
    if inside.is_none() && standing.is_empty() {
        return Cow::Borrowed(&finding.message);
    }
    let inside = inside.map(|inside| format!(" (in {inside})")).unwrap_or_default();
    let mut message = format!("{}{inside}", finding.message);
    for text in standing {
        message.push_str(" [");
        message.push_str(&text);
        message.push(']');
    }
    Cow::Owned(message)
}

/// The three levels that most consumers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Note,
    Warning,
    Error,
}

impl Level {
    pub(super) const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Note,
        }
    }

    /// The level of a finding: one that is waived is only noted, and one that was there before is no error unless it blocks.
    pub(super) fn of_finding(finding: &Finding) -> Self {
        let usual = Self::of(finding.severity);
        match finding.state {
            _ if finding.waived.is_some() && !finding.blocks => Self::Note,
            State::Unchanged if !finding.blocks => usual.min(Self::Warning),
            _ => usual,
        }
    }
}

/// The findings, worst first, else in their order; what is waived or was there before comes behind.
pub(super) fn worst_first(findings: &[Finding]) -> Vec<&Finding> {
    let mut worst: Vec<&Finding> = findings.iter().collect();
    worst.sort_by_key(|finding| {
        std::cmp::Reverse((finding.waived.is_none(), finding.state == State::New, finding.severity, finding.confidence))
    });
    worst
}

/// At most `limit` characters of a text, cut at the end of a word where that is near.
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(limit) else { return Cow::Borrowed(text) };
    let room = text.char_indices().nth(limit.saturating_sub(4)).map_or(0, |(at, _)| at);
    let kept = text[..room].rfind(' ').filter(|at| at * 4 > end * 3).unwrap_or(room);
    Cow::Owned(format!("{} ...", &text[..kept]))
}

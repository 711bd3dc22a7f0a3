//! The places of a finding as frames of source lines with their marks, as compilers show them.
//!
//! Excerpts arrive cut out of their lines, and the libraries for this take the column of a place from the text that they are given
//! (annotate-snippets) or from the start of that text (miette), so a frame of a cut line would name the wrong column.

use super::visible;
use crate::finding::{ExcerptLine, Location};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Parameters of an ANSI "select graphic rendition" sequence.
pub(super) type Style = &'static str;

pub(super) const BOLD: Style = "1";
pub(super) const DIM: Style = "2";
pub(super) const RED: Style = "1;31";
pub(super) const GREEN: Style = "1;32";
pub(super) const YELLOW: Style = "1;33";
pub(super) const BLUE: Style = "1;34";
pub(super) const CYAN: Style = "1;36";

/// Most lines between two places of one frame.
const NEAR_LINES: u32 = 8;

/// Most columns between two places of one line in one frame.
const NEAR_COLUMNS: u32 = 60;

/// Longest label, in columns.
const LABEL_WIDTH: usize = 240;

/// Text that is being written for a screen.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) width: usize,
    color: bool,
}

impl Page {
    pub(super) fn new(color: bool, width: usize) -> Self {
        // Frames in less than this are unreadable, and nobody has such a screen.
        Self { text: String::new(), width: width.max(40), color }
    }

    pub(super) fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn paint(&mut self, style: Style, text: &str) {
        if self.color && !text.is_empty() {
            let _ = write!(self.text, "\x1b[{style}m{text}\x1b[0m");
        } else {
            self.text.push_str(text);
        }
    }

    pub(super) fn end_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }

    /// The left side of a line of a frame: `14 |`, or only the bar.
    pub(super) fn bar(&mut self, pad: usize, number: Option<u32>) {
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        self.paint(BLUE, &format!("{number:>pad$} |"));
        self.put(" ");
    }

    /// `= name: text` below a frame, broken at spaces where it is too long.
    pub(super) fn note(&mut self, pad: usize, name: &str, text: &str) {
        self.put(&" ".repeat(pad + 1));
        self.paint(BLUE, "= ");
        self.paint(BOLD, name);
        self.put(": ");
        self.paragraph(pad + name.len() + 5, pad + name.len() + 5, text);
    }

    /// `text` from column `at` on, broken at spaces only; further lines are indented by `indent`.
    pub(super) fn paragraph(&mut self, mut at: usize, indent: usize, text: &str) {
        let text = text.replace('\n', " ");
        let text = clip(&text, 4000);
        let mut first = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let width = word.width();
            if !first && at + 1 + width > self.width {
                self.end_line();
                self.put(&" ".repeat(indent));
                at = indent;
            } else if !first {
                self.put(" ");
                at += 1;
            }
            self.put(word);
            (at, first) = (at + width, false);
        }
        self.end_line();
    }
}

/// `text` made visible, in at most `columns` columns.
pub(super) fn clip(text: &str, columns: usize) -> Cow<'_, str> {
    // A character takes at most `<U+10FFFF>`; so what is behind this cannot be shown anyway, and may be megabytes.
    let head = text.char_indices().nth(columns + 1).map_or(text, |(at, _)| &text[..at]);
    let shown = visible(head);
    if head.len() == text.len() && shown.width() <= columns {
        return shown;
    }
    let mut width = 0;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width < columns
    };
    let kept: String = shown.chars().take_while(fits).collect();
    Cow::Owned(kept + "…")
}

/// A place with what is said about it.
#[derive(Clone, Copy)]
pub(super) struct Mark<'r> {
    pub(super) location: &'r Location,
    pub(super) label: &'r str,
    /// Style of the place itself; `None` for a place that only belongs to it.
    pub(super) primary: Option<Style>,
}

impl<'r> Mark<'r> {
    fn style(&self) -> Style {
        self.primary.unwrap_or(BLUE)
    }

    fn sign(&self) -> &'static str {
        if self.primary.is_some() { "^" } else { "-" }
    }

    /// The lines of the place itself.
    fn lines(&self) -> impl Iterator<Item = &'r ExcerptLine> + use<'r> {
        self.location.excerpt.iter().filter(|line| line.mark.is_some())
    }

    pub(super) fn is_long(&self) -> bool {
        self.lines().nth(1).is_some()
    }

    /// The bytes of `line`, an excerpt of the same line that may be cut elsewhere, that belong to this place.
    fn on(&self, line: &ExcerptLine) -> Option<(u32, u32)> {
        let byte = |column: u32| {
            let ends = std::iter::once(line.text.len());
            line.text.char_indices().map(|(at, _)| at).chain(ends).nth(column.checked_sub(line.cut_before + 1)? as usize)
        };
        let start = byte(self.location.start.column)? as u32;
        let end = if self.location.end.line == line.number { byte(self.location.end.column) } else { None };
        Some((start, end.unwrap_or(line.text.len()) as u32))
    }

    /// Whether this place can be shown in one frame with `other`.
    fn is_near(&self, other: &Self) -> bool {
        let (this, that) = (&self.location.start, &other.location.start);
        let same_line = || this.column.abs_diff(that.column) <= NEAR_COLUMNS && other.lines().all(|line| self.on(line).is_some());
        (&self.location.file, &self.location.inner) == (&other.location.file, &other.location.inner)
            && !self.is_long()
            && !other.is_long()
            && this.line.abs_diff(that.line) <= NEAR_LINES
            && (this.line != that.line || same_line())
    }
}

/// Columns that line numbers need in the frames of `marks`.
pub(super) fn gutter(marks: &[Mark<'_>]) -> usize {
    let last = marks.iter().flat_map(|mark| &mark.location.excerpt).map(|line| line.number).max().unwrap_or(1);
    last.to_string().len()
}

/// The marks by frame; the first one is in the first.
pub(super) fn together<'r>(marks: &[Mark<'r>]) -> Vec<Vec<Mark<'r>>> {
    let mut frames: Vec<Vec<Mark<'_>>> = Vec::new();
    for mark in marks {
        // A place must suit all others of a frame: two windows of one long line cannot be shown as one.
        let room = |frame: &&mut Vec<Mark<'_>>| {
            let (mut near, mut clash) = (false, false);
            for other in frame.iter() {
                near |= mark.is_near(other);
                clash |= mark.location.start.line == other.location.start.line && !mark.is_near(other);
            }
            near && !clash
        };
        match frames.iter_mut().find(room) {
            Some(frame) => frame.push(*mark),
            None => frames.push(vec![*mark]),
        }
    }
    frames
}

/// Writes the frames of `marks`, of which the first is the finding's own; `aside` follows its place.
pub(super) fn frames(page: &mut Page, pad: usize, marks: &[Mark<'_>], aside: &str) {
    for (at, frame) in together(marks).iter().enumerate() {
        if at > 0 {
            page.bar(pad, None);
            page.end_line();
        }
        place(page, pad, frame[0].location, if at == 0 { "-->" } else { ":::" }, if at == 0 { aside } else { "" });
        if frame[0].location.excerpt.is_empty() {
            continue;
        }
        page.bar(pad, None);
        page.end_line();
        if frame[0].is_long() { long(page, pad, &frame[0]) } else { short(page, pad, frame) }
    }
}

/// `--> file:line:column`.
pub(super) fn place(page: &mut Page, pad: usize, location: &Location, arrow: &str, aside: &str) {
    page.put(&" ".repeat(pad));
    page.paint(BLUE, arrow);
    page.put(" ");
    page.put(&path(&location.file, &location.inner));
    let _ = write!(page.text, ":{}:{}", location.start.line, location.start.column);
    if !aside.is_empty() {
        page.put("   ");
        page.paint(DIM, aside);
    }
    page.end_line();
}

/// The file and the way through nested containers: `solution.zip!Workflows/flow.json`.
pub(super) fn path(file: &str, inner: &[String]) -> String {
    std::iter::once(file).chain(inner.iter().map(String::as_str)).map(visible).collect::<Vec<_>>().join("!")
}

/// A line of a frame, and for each mark on it the bytes that it marks.
pub(super) type Marked<'m, 'r> = (&'r ExcerptLine, Vec<(&'m Mark<'r>, (u32, u32))>);

/// The lines of a frame of places that have one line each, in their order.
pub(super) fn lines<'m, 'r>(marks: &'m [Mark<'r>]) -> Vec<Marked<'m, 'r>> {
    let mut rows: BTreeMap<u32, (&ExcerptLine, Vec<&Mark<'_>>)> = BTreeMap::new();
    for mark in marks {
        for line in mark.lines() {
            rows.entry(line.number).or_insert((line, Vec::new())).1.push(mark);
        }
    }
    // What stands around the place tells a reader where he is; around the others it would be too much.
    let around = |line: &&ExcerptLine| marks[0].primary.is_some() && !line.text.trim().is_empty();
    for line in marks[0].location.excerpt.iter().filter(around) {
        rows.entry(line.number).or_insert((line, Vec::new()));
    }
    let marked = |(line, mut marks): (&'r ExcerptLine, Vec<&'m Mark<'r>>)| {
        marks.sort_by_key(|mark| mark.location.start);
        (line, marks.into_iter().map(|mark| (mark, mark.on(line).unwrap_or_default())).collect())
    };
    rows.into_values().map(marked).collect()
}

fn short(page: &mut Page, pad: usize, marks: &[Mark<'_>]) {
    let mut last = None;
    for (line, marks) in lines(marks) {
        if last.is_some_and(|last| last + 1 < line.number) {
            page.paint(BLUE, "...");
            page.end_line();
        }
        last = Some(line.number);
        let from = marks.iter().map(|(_, place)| place.0).min().unwrap_or_default();
        let to = marks.iter().map(|(_, place)| place.1).max().unwrap_or_default();
        let tail = marks.iter().map(|(mark, _)| clip(mark.label, LABEL_WIDTH).width() + 1).max().unwrap_or_default();
        let row = Row::new(line, (from, to), tail, page.width - pad - 3);
        page.bar(pad, Some(line.number));
        page.put(row.text());
        page.end_line();
        for (mark, place) in marks {
            underline(page, pad, mark, row.columns(place));
        }
    }
}

fn underline(page: &mut Page, pad: usize, mark: &Mark<'_>, (from, to): (usize, usize)) {
    page.bar(pad, None);
    page.put(&" ".repeat(from));
    page.paint(mark.style(), &mark.sign().repeat(to - from));
    let label = clip(mark.label, LABEL_WIDTH);
    let (room, width) = (page.width - pad - 3, label.width());
    if to + 1 + width > room && to > 0 && !label.is_empty() {
        // Rather below the mark than broken by the screen.
        page.end_line();
        page.bar(pad, None);
        page.put(&" ".repeat(from.min(room.saturating_sub(width))));
    } else {
        page.put(" ");
    }
    page.paint(mark.style(), &label);
    page.end_line();
}

/// The lines of a place that has several, beside a line that leads to what is said about them.
fn long(page: &mut Page, pad: usize, mark: &Mark<'_>) {
    let room = page.width - pad - 5;
    let mut inside = false;
    let (mut last, mut behind) = (0, 0);
    for line in mark.location.excerpt.iter().filter(|line| line.mark.is_some() || mark.primary.is_some()) {
        if inside && line.mark.is_none() {
            break;
        }
        let row = Row::new(line, line.mark.unwrap_or_default(), 0, room);
        let leads = line.mark.is_some_and(|(from, _)| line.text[..from as usize].trim_start().is_empty());
        let starts = line.mark.is_some() && !inside;
        page.bar(pad, Some(line.number));
        page.paint(
            mark.style(),
            if inside {
                "| "
            } else if starts && leads {
                "/ "
            } else {
                "  "
            },
        );
        page.put(row.text());
        page.end_line();
        if starts && !leads {
            page.bar(pad, None);
            let from = row.columns(line.mark.unwrap_or_default()).0;
            page.paint(mark.style(), &format!(" {}{}", "_".repeat(from + 1), mark.sign()));
            page.end_line();
        }
        if line.mark.is_some() {
            inside = true;
            (last, behind) = (line.number, row.columns(line.mark.unwrap_or_default()).1);
        }
    }
    page.bar(pad, None);
    let end = mark.location.end.line;
    let label = clip(mark.label, LABEL_WIDTH);
    if end > last {
        page.paint(mark.style(), &format!("|_ {label} (to line {end})"));
    } else {
        page.paint(mark.style(), &format!("|{}{} {label}", "_".repeat(behind), mark.sign()));
    }
    page.end_line();
}

/// A character as a terminal shows it, with those that join it.
struct Cell {
    /// Its first byte in the excerpt.
    at: u32,
    /// Its first byte in what is shown.
    shown: u32,
    /// Its first column.
    column: u32,
}

/// A line as it is shown.
struct Row {
    text: String,
    cells: Vec<Cell>,
    /// The columns of the whole line that are shown, and where they are.
    from: usize,
    to: usize,
    lead: usize,
}

impl Row {
    /// `line` in at most `room` columns, so that the bytes `focus` of it are in sight, and a label of `tail` columns behind them.
    fn new(line: &ExcerptLine, focus: (u32, u32), tail: usize, room: usize) -> Self {
        let (text, cells) = cells(&line.text);
        let mut row = Self { text, cells, from: 0, to: 0, lead: usize::from(line.cut_before > 0) };
        let total = row.cells.last().map_or(0, |end| end.column as usize);
        row.to = total;
        let mut behind = line.cut_after;
        if row.lead + total + usize::from(behind) > room {
            let (start, end) = (row.start(focus.0), row.end(focus.1));
            if row.lead + end.max(start + 1) + 1 > room {
                // A quarter of the room stands before the place, or more where the line ends in sight; `tail` columns stay free.
                let filled = (total + usize::from(behind)).max(end + tail.min(room / 2)) + 1;
                row.from = row.ceil(start.saturating_sub(room / 4).min(filled.saturating_sub(room)));
                row.lead = usize::from(line.cut_before > 0 || row.from > 0);
            }
            if row.lead + total - row.from + usize::from(behind) > room {
                row.to = row.floor(row.from + room - row.lead - 1);
                behind = true;
            }
        }
        let byte = |column: usize| row.cells[row.cells.partition_point(|cell| (cell.column as usize) < column)].shown as usize;
        let shown = &row.text[byte(row.from)..byte(row.to)];
        row.text = format!("{}{shown}{}", if row.lead > 0 { "…" } else { "" }, if behind { "…" } else { "" });
        row
    }

    fn text(&self) -> &str {
        &self.text
    }

    /// First column of the cell with byte `at`.
    fn start(&self, at: u32) -> usize {
        self.cells[self.cells.partition_point(|cell| cell.at <= at).saturating_sub(1)].column as usize
    }

    /// Column behind the cell with the byte before `at`.
    fn end(&self, at: u32) -> usize {
        let last = self.cells.len() - 1;
        self.cells[self.cells.partition_point(|cell| cell.at < at).min(last)].column as usize
    }

    /// The last first column of a cell that is not behind `column`.
    fn floor(&self, column: usize) -> usize {
        self.cells[self.cells.partition_point(|cell| cell.column as usize <= column).saturating_sub(1)].column as usize
    }

    /// The first first column of a cell that is not before `column`.
    fn ceil(&self, column: usize) -> usize {
        let last = self.cells.len() - 1;
        self.cells[self.cells.partition_point(|cell| (cell.column as usize) < column).min(last)].column as usize
    }

    /// The columns of the bytes `mark` in what is shown: at least one.
    fn columns(&self, mark: (u32, u32)) -> (usize, usize) {
        let place = |column: usize| column.clamp(self.from, self.to) - self.from + self.lead;
        let from = place(self.start(mark.0));
        (from, place(self.end(mark.1)).max(from + 1))
    }
}

/// What a terminal shows for `text`, and its cells, the last of which is the end.
fn cells(text: &str) -> (String, Vec<Cell>) {
    let mut shown = String::with_capacity(text.len());
    let mut cells: Vec<Cell> = Vec::with_capacity(text.len() + 1);
    let mut column = 0;
    for (at, c) in text.char_indices() {
        let start = shown.len();
        let mut width = 1;
        match c {
            ' '..='~' => shown.push(c),
            '\t' => {
                shown.push_str("    ");
                width = 4;
            }
            c => {
                shown.push_str(&visible(c.encode_utf8(&mut [0; 4])));
                width = shown[start..].width();
                // Marks, variation selectors, skin tones: what takes no columns of its own belongs to the character before.
                if let Some(last) = cells.last() {
                    let joined = shown[last.shown as usize..].width();
                    if width == 0 || joined < (column - last.column) as usize + width {
                        column = last.column + joined as u32;
                        continue;
                    }
                }
            }
        }
        cells.push(Cell { at: at as u32, shown: start as u32, column });
        column += width as u32;
    }
    cells.push(Cell { at: text.len() as u32, shown: shown.len() as u32, column });
    (shown, cells)
}

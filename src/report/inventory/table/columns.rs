//! Lists in columns, as wide as the screen.

use crate::report::frame::{BOLD, DIM, Page, Style, clip};
use unicode_width::UnicodeWidthStr as _;

/// Most entries of a list, unless all are asked for.
pub(super) const MAX: usize = 15;

/// Columns between columns.
const GAP: usize = 2;

/// A list: its entries have the same number of cells, of which the last takes what room is left.
pub(super) struct Columns {
    pub(super) title: String,
    rows: Vec<(Vec<String>, Style, usize)>,
}

impl Columns {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }

    /// Adds an entry; the first cell has a style.
    pub(super) fn row(&mut self, style: Style, cells: Vec<String>) {
        self.row_of(1, style, cells);
    }

    /// Adds an entry that stands for several.
    pub(super) fn row_of(&mut self, number: usize, style: Style, cells: Vec<String>) {
        self.rows.push((cells, style, number));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes the list below its title; of one that is longer than `most`, its first entries and how many there are.
    pub(super) fn write(&self, page: &mut Page, indent: usize, most: usize) {
        if self.is_empty() {
            return;
        }
        let shown = if self.rows.len() > most + 1 { most } else { self.rows.len() };
        page.put(&" ".repeat(indent));
        page.paint(BOLD, &self.title);
        let count = |rows: &[(Vec<String>, Style, usize)]| rows.iter().map(|(.., number)| number).sum::<usize>();
        page.paint(DIM, &if self.rows.len() > 1 { format!(" ({})", count(&self.rows)) } else { String::new() });
        page.end_line();
        let rows = &self.rows[..shown];
        let widths = widths(rows, page.width.saturating_sub(indent + 2));
        for (cells, style, _) in rows {
            row(page, indent + 2, &widths, cells, style);
        }
        if shown < self.rows.len() {
            page.put(&" ".repeat(indent + 2));
            page.paint(DIM, &format!("… and {} more; --all lists them", count(&self.rows[shown..])));
            page.end_line();
        }
    }
}

/// The widths of all columns but the last. One that needs much gets no more than its share, so that the last has room.
fn widths(rows: &[(Vec<String>, Style, usize)], width: usize) -> Vec<usize> {
    let number = rows.iter().map(|(cells, ..)| cells.len()).max().unwrap_or(1) - 1;
    let wanted = |at: usize| rows.iter().filter_map(|(cells, ..)| cells.get(at)).map(|cell| cell.width().min(200)).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..number).map(wanted).collect();
    let room = width * 2 / 3;
    // What is narrow keeps its width; the widest give way.
    while widths.iter().sum::<usize>() + GAP * number > room {
        let Some(widest) = widths.iter_mut().max() else { break };
        if *widest <= 10 {
            break;
        }
        *widest -= 1;
    }
    widths
}

fn row(page: &mut Page, indent: usize, widths: &[usize], cells: &[String], style: Style) {
    page.put(&" ".repeat(indent));
    let mut at = indent;
    // A column that is empty in all rows is none.
    for (number, width) in widths.iter().enumerate().filter(|(_, width)| **width > 0) {
        let cell = clip(cells.get(number).map_or("", String::as_str), *width);
        page.paint(if number == 0 { style } else { "" }, &cell);
        page.put(&" ".repeat(width.saturating_sub(cell.width()) + GAP));
        at += width + GAP;
    }
    page.paragraph(at, at, &clip(cells.last().map_or("", String::as_str), 2000));
}

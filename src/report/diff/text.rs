//! For people: app by app, one sentence a change.

use super::{Comparison, Format, Options, by_weight, fate, sign};
use crate::model::change::{AppChange, Change, Decision};
use crate::report::frame::{BOLD, CYAN, DIM, GREEN, Page, RED, YELLOW, path};
use crate::report::{Unreadable, count, visible};
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "text", description: "for people: app by app, one sentence a change", write };

fn write(comparison: &Comparison, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(options.color, options.width);
    for one in comparison.told() {
        app(&mut page, comparison, one);
        if page.text.len() > 64 * 1024 {
            out.write_all(page.text.as_bytes())?;
            page.text.clear();
        }
    }
    for (files, version) in [(&comparison.unreadable_before, "before"), (&comparison.unreadable_now, "now")] {
        files.iter().for_each(|file| unreadable(&mut page, file, version));
    }
    summary(&mut page, comparison);
    out.write_all(page.text.as_bytes())
}

fn app(page: &mut Page, comparison: &Comparison, app: &AppChange) {
    page.paint(BOLD, &visible(app.title()));
    if app.title() != app.file {
        page.put(&format!("  {}", visible(&app.file)));
    }
    let fate = fate(app);
    if !fate.is_empty() {
        page.paint(DIM, &format!("  {fate}"));
    }
    page.end_line();
    for one in by_weight(app) {
        change(page, comparison, one);
    }
    page.put("\n");
}

fn change(page: &mut Page, comparison: &Comparison, change: &Change) {
    // What becomes of the app as a whole stands in its heading.
    if matches!(change.decision, Decision::NewApp | Decision::RemovedApp) && comparison.functions_of(change).is_empty() {
        return;
    }
    let sign = sign(change);
    page.put("  ");
    page.paint(
        if sign == '+' {
            RED
        } else if sign == '-' {
            GREEN
        } else {
            YELLOW
        },
        &sign.to_string(),
    );
    page.put(" ");
    page.paragraph(4, 4, &format!("{}  [{}]", change.sentence, change.decision.name()));
    if let Some(location) = &change.location {
        let place = format!("{}:{}:{}", path(&location.file, &location.inner), location.start.line, location.start.column);
        page.put("    ");
        page.paint(CYAN, &place);
        page.end_line();
    }
    let functions = comparison.functions_of(change);
    if !functions.is_empty() {
        page.put("    ");
        page.paint(BOLD, "to be approved by");
        page.put(&format!(": {}", visible(&functions.join(", "))));
        page.end_line();
    }
}

fn unreadable(page: &mut Page, file: &Unreadable, version: &str) {
    page.paint(RED, "error");
    page.paint(BOLD, &format!(": cannot read this file of the version {version}: "));
    page.paragraph(0, 4, &format!("{}: {}", path(&file.file, &file.inner), file.reason));
}

fn summary(page: &mut Page, comparison: &Comparison) {
    let numbers = comparison.numbers();
    if comparison.differs() {
        let parts = [(numbers.new, "new"), (numbers.replaced, "made anew"), (numbers.changed, "changed"), (numbers.removed, "removed")];
        let parts: Vec<String> = parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
        page.put(&format!("{} ({}): {}", count(numbers.apps, "app"), parts.join(", "), count(numbers.changes, "change")));
        page.put(&format!(", {} of which let an app do more than before\n", numbers.widening));
    } else {
        page.put(&format!("{}: no differences\n", count(numbers.apps, "app")));
    }
    let asked: Vec<String> = comparison.asked().into_iter().map(|(function, number)| format!("{function} ({number})")).collect();
    if !asked.is_empty() {
        page.put(&format!("to be approved by: {}\n", visible(&asked.join(", "))));
    }
    if comparison.is_incomplete() {
        let files = comparison.unreadable_before.len() + comparison.unreadable_now.len();
        page.put(&format!("incomplete: {} could not be read, so changes may be missing\n", count(files, "file")));
    }
}

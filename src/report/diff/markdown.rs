//! A comment on a pull request.

use super::{Comparison, Format, Options, by_weight, fate, sign};
use crate::model::change::{AppChange, Change};
use crate::report::machine::cut;
use crate::report::markdown::{COMMENT_BYTES, code, prose};
use crate::report::{count, frame};
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format { name: "markdown", description: "a comment on a pull request", write };

/// Longest sentence, in characters.
const SENTENCE: usize = 600;

/// Bytes that are kept for the last lines.
const ROOM: usize = 400;

/// Most files that are named that could not be read.
const MAX_UNREADABLE: usize = 20;

fn write(comparison: &Comparison, _: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = head(comparison);
    let mut hidden = 0;
    for app in comparison.told() {
        let mut heading = Some(heading(app));
        if app.changes.is_empty() && text.len() + ROOM < COMMENT_BYTES {
            text.push_str(&heading.take().unwrap_or_default());
        }
        for change in by_weight(app) {
            let item = item(comparison, change);
            if text.len() + item.len() + heading.as_ref().map_or(0, String::len) + ROOM > COMMENT_BYTES {
                hidden += 1;
                continue;
            }
            text.push_str(&heading.take().unwrap_or_default());
            text.push_str(&item);
        }
    }
    if hidden > 0 {
        let _ = write!(text, "\n{} not shown here: this place holds no more.\n", count(hidden, "more change"));
    }
    out.write_all(text.as_bytes())
}

fn head(comparison: &Comparison) -> String {
    let numbers = comparison.numbers();
    let mut text = String::from("## What this change lets apps do\n\n");
    let _ = match (comparison.differs(), numbers.widening) {
        (false, _) => writeln!(text, "Nothing differs in {}.", count(numbers.apps, "app")),
        (true, 0) => writeln!(text, "Nothing that widens what an app can do."),
        (true, some) => {
            let apps = comparison.apps.iter().filter(|app| app.changes.iter().any(|change| change.widens)).count();
            writeln!(text, "**{}** let {} do more than before.", count(some, "change"), count(apps, "app"))
        }
    };
    let asked: Vec<String> = comparison.asked().into_iter().map(|(function, number)| format!("{} ({number})", code(function))).collect();
    if !asked.is_empty() {
        let _ = writeln!(text, "\nTo be approved by: {}", asked.join(", "));
    }
    for (files, version) in [(&comparison.unreadable_before, "before"), (&comparison.unreadable_now, "now")] {
        for file in files.iter().take(MAX_UNREADABLE) {
            let path = frame::path(&file.file, &file.inner);
            let _ = writeln!(
                text,
                "\n⚠ Of the version {version}, {} could not be read: {}",
                code(&cut(&path, SENTENCE)),
                prose(&cut(&file.reason, SENTENCE))
            );
        }
        if files.len() > MAX_UNREADABLE {
            let _ = writeln!(text, "\n⚠ … and {}", count(files.len() - MAX_UNREADABLE, "more file"));
        }
    }
    text
}

fn heading(app: &AppChange) -> String {
    let fate = fate(app);
    let fate = if fate.is_empty() { String::new() } else { format!(" — {fate}") };
    let file = if app.title() == app.file { String::new() } else { format!(" ({})", code(&cut(&app.file, SENTENCE))) };
    format!("\n### {}{file}{fate}\n\n", prose(&cut(app.title(), SENTENCE)))
}

fn item(comparison: &Comparison, change: &Change) -> String {
    let sign = match sign(change) {
        '+' => "🔺",
        '-' => "🔽",
        _ => "🔸",
    };
    let place = change.location.as_ref().map_or_else(String::new, |location| format!(", line {}", location.start.line));
    let mut text = format!("- {sign} {} ({}{place})\n", prose(&cut(&change.sentence, SENTENCE)), code(change.decision.name()));
    let functions = comparison.functions_of(change);
    if !functions.is_empty() {
        let functions: Vec<String> = functions.iter().map(|function| code(function)).collect();
        let _ = writeln!(text, "  <br>To be approved by: {}", functions.join(", "));
    }
    text
}

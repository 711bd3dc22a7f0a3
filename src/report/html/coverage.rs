//! Which files were looked at, and what became of them.

use super::code;
use super::markup::Markup;
use crate::report::{Report, count, frame};

/// Most files of a list.
const LISTED: usize = 2000;

pub(super) fn coverage(page: &mut Markup, report: &Report) {
    let coverage = &report.coverage;
    page.table("Files by what became of them", &["What became of them", "#Files"], &mut |page| {
        for (platform, files) in &coverage.recognised {
            page.raw("<tr><th scope=\"row\">judged as ").text(platform).raw("</th><td class=\"n\">").count(*files).raw("</td></tr>\n");
        }
        for (name, files) in [("could not be judged", coverage.unreadable.len()), ("no export of a known platform", coverage.foreign.len())]
        {
            page.raw("<tr><th scope=\"row\">").raw(name).raw("</th><td class=\"n\">").count(files).raw("</td></tr>\n");
        }
        page.raw("<tr><th scope=\"row\">all that were looked at</th><td class=\"n\">").count(coverage.files).raw("</td></tr>\n");
    });
    if !coverage.unreadable.is_empty() {
        page.heading("Could not be judged");
        page.table("Files that could not be judged", &["File", "Why", "What to do"], &mut |page| {
            for file in coverage.unreadable.iter().take(LISTED) {
                page.raw("<tr><td>");
                code(page, &frame::path(&file.file, &file.inner));
                if let Some(line) = file.line {
                    page.raw(" line ").count(line as usize);
                }
                page.raw("</td><td>").prose(&file.reason).raw("</td><td>").prose(&file.help).raw("</td></tr>\n");
            }
        });
        rest(page, coverage.unreadable.len());
    }
    if !coverage.foreign.is_empty() {
        page.raw("<details><summary>")
            .text(&count(coverage.foreign.len(), "file"))
            .raw(" that are no exports of a known platform</summary>\n");
        page.table("Files that are no exports", &["File", "How that was seen"], &mut |page| {
            for file in coverage.foreign.iter().take(LISTED) {
                page.raw("<tr><td>");
                code(page, &frame::path(&file.file, &file.inner));
                page.raw("</td><td>").prose(&file.reason).raw("</td></tr>\n");
            }
        });
        rest(page, coverage.foreign.len());
        page.raw("</details>\n");
    }
}

fn rest(page: &mut Markup, files: usize) {
    if files > LISTED {
        page.raw("<p>").text(&count(files - LISTED, "more file")).raw(" not shown here: see <code>flowgate check --verbose</code>.</p>\n");
    }
}

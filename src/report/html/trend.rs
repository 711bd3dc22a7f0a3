//! How the numbers of the run compare with those of earlier ones.

use super::markup::Markup;
use crate::finding::Severity;
use crate::report::estate::Moment;

/// Size of the drawing, in its own units.
const WIDTH: u32 = 960;
const HEIGHT: u32 = 220;
/// Room at the left for numbers, and below for verdicts.
const LEFT: u32 = 48;
const BELOW: u32 = 40;

pub(super) fn trend(page: &mut Markup, moments: &[Moment]) {
    // One point is no curve.
    if moments.len() < 2 {
        return;
    }
    chart(page, moments);
    page.raw("<details open><summary>The numbers</summary>\n");
    let columns = ["Run", "Commit", "Verdict", "#Critical", "#High", "#Medium", "#Low", "#Info", "#Blocking", "#Waived"];
    page.table("Findings by run, the latest first", &columns, &mut |page| {
        for moment in moments.iter().rev() {
            page.raw("<tr><th scope=\"row\">").text(time(moment)).raw("</th><td><code>").text(commit(moment)).raw("</code></td><td>");
            page.raw("<span class=\"mark ").raw(class(moment)).raw("\">").text(&moment.verdict.to_lowercase()).raw("</span></td>");
            for severity in Severity::ALL.iter().rev() {
                page.raw("<td class=\"n\">").count(number(moment, *severity)).raw("</td>");
            }
            page.raw("<td class=\"n\">").count(moment.blocking).raw("</td><td class=\"n\">").count(moment.waived).raw("</td></tr>\n");
        }
    });
    page.raw("</details>\n");
}

fn number(moment: &Moment, severity: Severity) -> usize {
    moment.severities.get(&severity).copied().unwrap_or_default()
}

fn total(moment: &Moment) -> usize {
    moment.severities.values().sum()
}

/// `2026-11-21 19:02`
fn time(moment: &Moment) -> &str {
    moment.time.get(..16).unwrap_or(&moment.time)
}

fn commit(moment: &Moment) -> &str {
    let id = moment.commit.as_deref().unwrap_or_default();
    id.get(..10).unwrap_or(id)
}

fn class(moment: &Moment) -> &'static str {
    match moment.verdict.as_str() {
        "PASSED" => "good",
        "BLOCKED" => "bad",
        _ => "warn",
    }
}

/// The least round number that is no less than `most`.
fn ceiling(most: usize) -> usize {
    let mut unit: usize = 1;
    while unit.saturating_mul(10) < most {
        unit = unit.saturating_mul(10);
    }
    [1, 2, 5, 10].into_iter().map(|times| unit.saturating_mul(times)).find(|round| *round >= most).unwrap_or(most).max(1)
}

fn chart(page: &mut Markup, moments: &[Moment]) {
    let most = ceiling(moments.iter().map(total).max().unwrap_or(1));
    let (room, floor) = (f64::from(WIDTH - LEFT), f64::from(HEIGHT - BELOW));
    let scale = |number: usize| f64::from(number as u32) / f64::from(most as u32) * (floor - 12.0);
    let step = room / f64::from(moments.len() as u32);
    let width = (step * 0.7).min(56.0);
    let (first, last) = (&moments[0], &moments[moments.len() - 1]);
    page.raw("<figure class=\"chart\"><svg viewBox=\"0 0 ").number(WIDTH).raw(" ").number(HEIGHT);
    page.raw("\" role=\"img\" aria-labelledby=\"trend-name trend-text\"><title id=\"trend-name\">Findings by run</title><desc id=\"trend-text\">");
    page.count(moments.len()).raw(" runs, from ").count(total(first)).raw(" findings to ").count(total(last));
    page.raw(". The table below has all numbers.</desc>\n");
    for part in [most, most / 2, 0] {
        let y = floor - scale(part);
        page.raw("<line class=\"grid\" x1=\"")
            .number(LEFT)
            .raw("\" x2=\"")
            .number(WIDTH)
            .raw("\" y1=\"")
            .number(y)
            .raw("\" y2=\"")
            .number(y);
        page.raw("\"/><text class=\"axis\" x=\"")
            .number(LEFT - 8)
            .raw("\" y=\"")
            .number(y + 4.0)
            .raw("\" text-anchor=\"end\">")
            .count(part)
            .raw("</text>\n");
    }
    for (at, moment) in moments.iter().enumerate() {
        let x = f64::from(LEFT) + step * f64::from(at as u32) + (step - width) / 2.0;
        let mut y = floor;
        for severity in Severity::ALL.iter().rev() {
            let height = scale(number(moment, *severity));
            y -= height;
            if height > 0.0 {
                page.raw("<rect class=\"")
                    .raw(severity.as_str())
                    .raw("\" x=\"")
                    .number(x)
                    .raw("\" y=\"")
                    .number(y)
                    .raw("\" width=\"")
                    .number(width);
                page.raw("\" height=\"").number(height).raw("\"/>");
            }
        }
        page.raw("<circle class=\"")
            .raw(class(moment))
            .raw("\" r=\"4\" cx=\"")
            .number(x + width / 2.0)
            .raw("\" cy=\"")
            .number(floor + 12.0)
            .raw("\"/>\n");
    }
    for (moment, x, anchor) in [(first, LEFT, "start"), (last, WIDTH, "end")] {
        page.raw("<text class=\"axis\" x=\"").number(x).raw("\" y=\"").number(HEIGHT - 2).raw("\" text-anchor=\"").raw(anchor).raw("\">");
        page.text(time(moment)).raw("</text>");
    }
    page.raw("</svg><figcaption class=\"legend\">");
    for severity in Severity::ALL.iter().rev() {
        super::severity(page, *severity);
        page.raw(" ");
    }
    page.raw("<span class=\"muted\">Below each run: its verdict.</span></figcaption></figure>\n");
}

#[cfg(test)]
mod tests {
    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!([0, 1, 3, 7, 10, 11, 42, 100, 101].map(super::ceiling), [1, 1, 5, 10, 10, 20, 50, 100, 200]);
    }
}

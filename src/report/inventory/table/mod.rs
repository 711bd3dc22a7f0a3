//! For people: few apps one by one, many as lists of what is there, who may do what, where data goes and who answers for it.
//!
//! A list that is too long shows its first entries and says how many there are; `--all` shows the others.

mod app;
mod columns;
mod estate;

use super::{App, Estate, Format, Options, words};
use crate::report::frame::{BOLD, DIM, Page, RED, Style, YELLOW, clip, path};
use crate::report::{Unreadable, count};
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format {
    name: "table",
    description: "for people: what is there, who may do what, where data goes, who owns it",
    is_list: true,
    extension: "txt",
    write,
};

/// Most apps that are told one by one.
const MAX_WHOLE: usize = 4;

fn write(estate: &Estate, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(options.color, options.width);
    head(&mut page, estate);
    if !options.kinds.is_empty() {
        estate::items(&mut page, estate, options);
    } else if estate.apps().nth(MAX_WHOLE).is_none() {
        estate.apps().for_each(|one| app::app(&mut page, one, options));
    } else {
        estate::lists(&mut page, estate, options);
    }
    tail(&mut page, estate);
    while page.text.ends_with("\n\n") {
        page.text.pop();
    }
    out.write_all(page.text.as_bytes())
}

fn head(page: &mut Page, estate: &Estate) {
    let totals = estate.totals();
    page.paint(BOLD, &words::apps(totals.apps));
    let platforms: Vec<String> = totals.platforms.iter().map(|(platform, number)| format!("{number} {platform}")).collect();
    let aside = if platforms.len() > 1 {
        format!(" ({})", platforms.join(", "))
    } else {
        platforms.first().map(|one| format!(" ({})", one.split_once(' ').map_or("", |parts| parts.1))).unwrap_or_default()
    };
    page.put(&format!(" in {}{aside}", count(totals.exports, "export")));
    page.end_line();
    if totals.apps == 0 {
        return;
    }
    let mut parts: Vec<String> = Vec::new();
    for (kind, one, many) in [
        ("entry-point", "way in", "ways in"),
        ("connector", "connector", "connectors"),
        ("endpoint", "host", "hosts"),
        ("data-source", "data source", "data sources"),
        ("identity", "connection", "connections"),
        ("grant", "right given", "rights given"),
        ("data-flow", "way of data", "ways of data"),
        ("agent", "agent", "agents"),
        ("component", "component", "components"),
        ("secret", "credential in the exports", "credentials in the exports"),
    ] {
        if let Some(number) = totals.items.get(kind).filter(|number| **number > 0) {
            parts.push(format!("{number} {}", if *number == 1 { one } else { many }));
        }
    }
    if !parts.is_empty() {
        page.paragraph(0, 0, &format!("they have {}", parts.join(", ")));
    }
    let tiers: Vec<String> =
        ["high", "moderate", "low"].iter().filter_map(|tier| Some(format!("{} {tier}", totals.tiers.get(tier)?))).collect();
    page.paragraph(0, 0, &format!("tiers: {}; with an owner: {} of {}", tiers.join(", "), totals.owned, totals.apps));
    page.put("\n");
}

fn style(tier: crate::model::vocabulary::Tier) -> Style {
    use crate::model::vocabulary::Tier;
    match tier {
        Tier::High => RED,
        Tier::Moderate => YELLOW,
        Tier::Low => DIM,
    }
}

fn tail(page: &mut Page, estate: &Estate) {
    if !estate.idle.is_empty() {
        page.paint(YELLOW, "manifests that speak for no export here: ");
        let shown: Vec<String> = estate.idle.iter().map(|path| clip(path, 200).into_owned()).collect();
        page.paragraph(41, 2, &shown.join(", "));
    }
    if !estate.unreadable.is_empty() {
        page.paint(RED, "not complete: ");
        page.put(&format!("{} could not be read", count(estate.unreadable.len(), "file")));
        page.end_line();
        for Unreadable { file, inner, reason, .. } in &estate.unreadable {
            page.put("  ");
            page.put(&path(file, inner));
            page.put(": ");
            page.put(&clip(reason, 400));
            page.end_line();
        }
    }
}

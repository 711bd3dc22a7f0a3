//! The report as one page for browsers, which needs nothing but itself: no network, and no script or style but its own, whose digests
//! its content security policy names. The script only draws; what decides stands in the page without it, too.

mod apps;
mod coverage;
mod data;
mod flows;
mod governance;
mod inventory;
mod markup;
mod overview;
mod picture;
mod trend;

use super::estate::{Gate, Stake};
use super::{Format, Options, Report, Verdict, count};
use crate::finding::{Finding, Severity};
use base64ct::{Base64, Encoding as _};
use jiff::Timestamp;
use markup::Markup;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::io;

/// The format.
pub(super) const FORMAT: Format =
    Format { name: "html", description: "one page for browsers, to search and to print; needs no network and no server", write };

const PAGE: &str = include_str!("page.html");
const EARLY: &str = include_str!("early.js");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

fn write(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    // A browser takes the digest of what it has read, and it reads every line end as one character.
    let [style, early, script] = [STYLE, EARLY, SCRIPT].map(|text| text.replace('\r', ""));
    let views = views(report);
    let data = data::data(report, &|finding| because(report, finding))?;
    let mut rest = PAGE;
    while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(before, slot)| Some((before, slot.split_once("}}")?))) {
        out.write_all(before.as_bytes())?;
        let mut part = Markup::default();
        match name {
            "policy" => policy(&mut part, &style, [&early, &script]),
            "generator" => _ = part.raw(concat!("Flowgate ", env!("CARGO_PKG_VERSION"))),
            "title" => overview::title(&mut part, report),
            "badge" => overview::badge(&mut part, report),
            "nav" => nav(&mut part, report, &views),
            "overview" => overview::overview(&mut part, report),
            "worst" => overview::worst(&mut part, report),
            "views" => views.iter().for_each(|(name, title, view)| section(&mut part, name, title, view)),
            "footer" => footer(&mut part, report, options),
            "style" => out.write_all(style.as_bytes())?,
            "early" => out.write_all(early.as_bytes())?,
            "script" => out.write_all(script.as_bytes())?,
            "data" => out.write_all(data.trim_end().as_bytes())?,
            name => return Err(io::Error::other(format!("the page has a place for `{name}`, and nothing fills it"))),
        }
        out.write_all(part.as_str().as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())?;
    Ok(None)
}

/// What the page may load and run: its own style and script, and images that stand in it.
fn policy(page: &mut Markup, style: &str, scripts: [&str; 2]) {
    let digest = |text: &str| Base64::encode_string(&Sha256::digest(text.as_bytes()));
    page.raw("default-src 'none'; style-src 'sha256-").text(&digest(style)).raw("'; script-src");
    for script in scripts {
        page.raw(" 'sha256-").text(&digest(script)).raw("'");
    }
    page.raw("; img-src data:; base-uri 'none'; form-action 'none'");
}

/// A part of the page: what it is called in its address, its heading, its content.
type View = (&'static str, &'static str, Markup);

/// The parts behind the findings, without those that have nothing to say.
fn views(report: &Report) -> Vec<View> {
    let mut views = Vec::new();
    let mut view = |name, title, fill: &dyn Fn(&mut Markup)| {
        let mut content = Markup::default();
        fill(&mut content);
        if !content.is_empty() {
            views.push((name, title, content));
        }
    };
    if let Some(estate) = &report.estate {
        view("risk", "Risk", &|page| apps::risk(page, report, estate));
        view("flows", "Data flows", &|page| flows::flows(page, estate));
        view("inventory", "Inventory", &|page| inventory::inventory(page, &estate.records));
        if let Some(known) = &estate.governance {
            view("governance", "Governance", &|page| governance::governance(page, known));
        }
        view("trend", "Trend", &|page| trend::trend(page, &estate.trend));
    }
    view("coverage", "Coverage", &|page| coverage::coverage(page, report));
    views
}

fn nav(page: &mut Markup, report: &Report, views: &[View]) {
    page.raw("<li><a href=\"#overview\">Overview</a></li>\n<li><a href=\"#findings\">Findings <span class=\"number\">");
    page.count(report.findings.len()).raw("</span></a></li>\n");
    for (name, title, _) in views {
        page.raw("<li><a href=\"#").raw(name).raw("\">").raw(title).raw("</a></li>\n");
    }
}

fn section(page: &mut Markup, name: &'static str, title: &'static str, view: &Markup) {
    page.raw("<section class=\"view\" id=\"").raw(name).raw("\" aria-labelledby=\"").raw(name).raw("-title\">\n<h2 id=\"");
    page.raw(name).raw("-title\">").raw(title).raw("</h2>\n").part(view).raw("</section>\n");
}

fn footer(page: &mut Markup, report: &Report, options: &Options) {
    page.raw(concat!("<p>Flowgate ", env!("CARGO_PKG_VERSION"), " · ")).text(&count(report.rules.len(), "rule")).raw(" · ");
    page.text(&count(report.coverage.files, "file"));
    if options.time != Timestamp::UNIX_EPOCH {
        let time = options.time.strftime("%Y-%m-%d %H:%M UTC").to_string();
        page.raw(" · written ").text(&time);
    }
    page.raw(" · This page is one file. It loads nothing and sends nothing.</p>");
}

/// The stake that a finding belongs to.
fn stake<'r>(report: &'r Report, finding: &Finding) -> Option<&'r Stake> {
    let estate = report.estate.as_ref()?;
    estate.stakes.get(*estate.of_file.get(&*finding.location.file)?)
}

/// What blocks a finding, in a few words: the gate of its tier, else the threshold of the run.
fn because(report: &Report, finding: &Finding) -> String {
    let gates = report.estate.as_ref().and_then(|estate| estate.governance.as_ref()).map_or(&[][..], |governance| &governance.gates);
    let tier = stake(report, finding).map(|stake| stake.tier);
    match gates.iter().find(|gate| Some(gate.tier) == tier) {
        Some(Gate { tier, block, .. }) => format!("the gate of tier {}: {}", tier.name(), severities(block)),
        None if report.gate.governed && !gates.is_empty() => "a gate of the policy".to_owned(),
        None => format!("the threshold: at or above {}", report.gate.fail_on),
    }
}

/// `critical, high`.
fn severities(all: &BTreeSet<Severity>) -> String {
    all.iter().rev().map(|severity| severity.as_str()).collect::<Vec<_>>().join(", ")
}

/// The word for a verdict, which is also the class of what shows it.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Blocked => "blocked",
        Verdict::Incomplete => "incomplete",
    }
}

/// A severity as its sign and word.
fn severity(page: &mut Markup, severity: Severity) {
    page.raw("<span class=\"severity ").raw(severity.as_str()).raw("\">").raw(severity.as_str()).raw("</span>");
}

/// A tier as its sign and word.
fn tier(page: &mut Markup, tier: crate::model::vocabulary::Tier) {
    page.raw("<span class=\"tier ").raw(tier.name()).raw("\">").raw(tier.name()).raw("</span>");
}

/// `text` as code.
fn code(page: &mut Markup, text: &str) {
    page.raw("<code>").text(text).raw("</code>");
}

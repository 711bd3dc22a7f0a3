//! A manifest to begin with: what the export shows is filled in, what only people know is marked.

use crate::govern::risk::Risk;
use crate::lint::Surveyed;
use crate::model::vocabulary::{Audience, Tier};
use crate::model::yaml::scalar;
use crate::policy::Policy;
use crate::policy::manifest::CLASSES;
use crate::policy::weights::Factor;
use crate::report::visible;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Most apps and connectors that a draft lists.
const MOST: usize = 40;

/// Width of a key with its value, behind which a remark begins.
const REMARKS: usize = 30;

/// What a draft is made of.
pub(super) struct Draft<'d> {
    pub(super) exports: &'d [Surveyed],
    pub(super) risk: &'d Risk,
    pub(super) policy: Option<&'d Policy>,
    /// The file that the app is, where its folder holds others, too.
    pub(super) path: Option<&'d str>,
    /// Name of the folder of the manifest.
    pub(super) folder: &'d str,
}

/// The lines of a draft.
struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// A remark on a line of its own; whatever an export says in it stays in that line.
    fn remark(&mut self, text: &str) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(self.0, "# {}", visible(&text));
    }

    /// A key with its value, and what is to be said about it.
    fn key(&mut self, key: &str, remark: &str) {
        let _ = writeln!(self.0, "{key:REMARKS$} # {remark}");
    }
}

/// The text of the manifest.
pub(super) fn draft(draft: &Draft<'_>) -> String {
    let mut lines = Lines(String::new());
    lines.remark("yaml-language-server: $schema=https://flowgate.dev/schemas/flowgate/manifest.schema.json");
    lines.remark("The manifest of an app for Flowgate: what only its people know of it. Fill in what is marked with TODO.");
    lines.line("apiVersion: flowgate/v1");
    about(draft, &mut lines);
    people(draft, &mut lines);
    stakes(draft, &mut lines);
    components(draft, &mut lines);
    records(draft, &mut lines);
    lines.0
}

fn about(draft: &Draft<'_>, lines: &mut Lines) {
    let apps: Vec<&(String, String)> = draft.exports.iter().flat_map(|export| &export.apps).collect();
    let name = match apps.as_slice() {
        [(_, name)] if !name.is_empty() => name.as_str(),
        _ => draft.path.map_or(draft.folder, |path| path.rsplit_once('.').map_or(path, |(stem, _)| stem)),
    };
    let platforms: BTreeSet<&str> = draft.exports.iter().map(|export| export.platform).collect();
    if apps.len() > 1 {
        lines.remark(&format!("It speaks for {} apps; give those with other owners a folder and a manifest of their own:", apps.len()));
        for (_, name) in apps.iter().filter(|(_, name)| !name.is_empty()).take(MOST) {
            lines.remark(&format!("  {name}"));
        }
    }
    lines.line("app:");
    lines.key(&format!("  id: {}", scalar(&slug(name))), "a name that never changes: waivers and records call the app by it");
    lines.line(&format!("  name: {}", scalar(name)));
    if let (Some(platform), 1) = (platforms.first(), platforms.len()) {
        lines.line(&format!("  platform: {platform}"));
    }
    if let Some(path) = draft.path {
        lines.line(&format!("  paths: [{}]", scalar(path)));
    }
}

/// A name in small letters, digits and hyphens.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    words.collect::<Vec<_>>().join("-")
}

fn people(draft: &Draft<'_>, lines: &mut Lines) {
    lines.line("owner:");
    lines.key("  person:", "TODO who owns the app, by id; or `team`");
    lines.key("data_steward:", "TODO who answers for its data");
    lines.line("maker:");
    lines.key("  id:", "TODO who makes it");
    let tiers: Vec<&str> = draft.policy.map(|policy| policy.tiers.makers().collect()).unwrap_or_default();
    let tiers = if tiers.is_empty() { "as the policy names tiers of makers".to_owned() } else { tiers.join(", ") };
    lines.key("  tier:", &format!("TODO {tiers}"));
}

fn stakes(draft: &Draft<'_>, lines: &mut Lines) {
    let policy = draft.policy;
    let classes = policy.map_or_else(|| CLASSES.to_vec(), Policy::classes);
    let shown = draft.risk.terms.iter().find(|term| term.factor == Factor::Class);
    let hint =
        shown.filter(|term| matches!(term.origin, crate::govern::risk::Origin::Seen(_))).map(|term| format!("; at least {}", term.word));
    lines.key("classification:", &format!("TODO the class of its data: {}{}", classes.join(", "), hint.unwrap_or_default()));
    let audiences: Vec<&str> = Audience::WORDS.iter().map(|word| word.name).collect();
    lines.key("audience:", &format!("TODO who uses it: {}", audiences.join(", ")));
    lines.key("criticality:", "TODO 0 nothing depends on it, 1 some people, 2 a process, 3 the business");
    let environments = policy.map(Policy::environments).unwrap_or_default();
    if !environments.is_empty() {
        lines.key("environment:", &format!("TODO {}", environments.join(", ")));
    }
    lines.line("");
    lines.remark("The risk, as far as the export and the assumptions tell; `flowgate manifest explain` computes it anew:");
    draft.risk.terms.iter().for_each(|term| lines.remark(&format!("  {term}")));
    draft.risk.floors.iter().for_each(|(floor, origin)| {
        lines.remark(&format!("  at least {}: {} ({origin})", floor.tier().name(), floor.reason()));
    });
    lines.remark(&format!("  together {}, tier {}", draft.risk.inherent, draft.risk.tier.name()));
    if draft.risk.tier < Tier::High {
        lines.remark("risk_tier: high  (only where more is at stake than that)");
    }
    lines.line("");
}

fn components(draft: &Draft<'_>, lines: &mut Lines) {
    let connectors: BTreeSet<&str> = draft.exports.iter().flat_map(|export| &export.connectors).map(String::as_str).collect();
    if connectors.is_empty() {
        return;
    }
    lines.key("components:", "TODO who owns the systems behind the connectors");
    for connector in connectors.iter().take(MOST) {
        lines.line(&format!("  - match: {}", scalar(&format!("connector:{connector}"))));
        lines.line("    owner:");
    }
    if connectors.len() > MOST {
        lines.remark(&format!("  and {} more", connectors.len() - MOST));
    }
}

fn records(draft: &Draft<'_>, lines: &mut Lines) {
    let more = draft.risk.tier >= Tier::Moderate;
    let todo = |text: &str| if more { format!("TODO {text}") } else { text.to_owned() };
    lines.line("links:");
    lines.key("  runbook:", &todo("what to do when it fails"));
    lines.key("  logs:", "where its logs are");
    lines.key("  rollback:", &todo("the version to go back to"));
    lines.key("  threat_model:", "what could be done to it, and what was done about that");
    lines.line("change:");
    lines.key("  ticket:", &todo("where this version was asked for"));
    lines.key("  rationale:", &todo("what was made or changed, and why"));
    lines.key("  risk_assessment:", &todo("where its risks are looked at"));
    lines.key("review_by:", "TODO the day by which all this has to be looked at again: 2027-05-01");
}

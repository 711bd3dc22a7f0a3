//! A policy to begin with, drafted from what exports use: everything is listed, nothing is approved.

use crate::model::vocabulary::Recipient;
use crate::model::{Fact, Kind, Model, address};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How often something is used, and the first places of it.
#[derive(Debug, Default)]
struct Use {
    count: usize,
    /// In the order of their names, so that the draft does not depend on that of the exports.
    exports: BTreeSet<String>,
}

/// What exports use.
#[derive(Debug, Default)]
pub struct Draft {
    /// Connectors by platform.
    connectors: BTreeMap<&'static str, BTreeMap<String, Use>>,
    hosts: BTreeMap<String, Use>,
    domains: BTreeMap<String, Use>,
    roles: BTreeMap<String, Use>,
    regions: BTreeMap<String, Use>,
}

/// Most entries of a kind that are listed.
const MAX_LISTED: usize = 200;

/// Most exports that are named beside an entry.
const MAX_NAMED: usize = 2;

impl Draft {
    /// Adds what the export `name` uses.
    pub fn add(&mut self, model: &Model<'_>, name: &str) {
        let note = |uses: &mut BTreeMap<String, Use>, what: &str| {
            let one = uses.entry(what.to_owned()).or_default();
            one.count += 1;
            one.exports.insert(name.to_owned());
            if one.exports.len() > MAX_NAMED {
                one.exports.pop_last();
            }
        };
        for element in &model.elements {
            match element.kind {
                Kind::Connector if !element.is_true(Fact::ConnectorBuiltIn) && element.fact(Fact::ConnectorWeakness).is_none() => {
                    if let Some(key) = element.text(Fact::ConnectorKey) {
                        note(self.connectors.entry(model.platform).or_default(), key);
                    }
                }
                Kind::Endpoint => element.text(Fact::EndpointHost).into_iter().for_each(|host| note(&mut self.hosts, host)),
                Kind::Grant => element.text(Fact::GrantPrincipal).into_iter().for_each(|role| note(&mut self.roles, role)),
                Kind::App => element.text(Fact::AppRegion).into_iter().for_each(|region| note(&mut self.regions, region)),
                Kind::Action if !element.is(Fact::ActionRecipientDomain, Recipient::FreeMail.name()) => {
                    let recipients = element.text(Fact::ActionRecipient).unwrap_or_default().split([',', ';']);
                    for (_, domain) in recipients.filter_map(|one| address::mail_parts(one.trim())) {
                        note(&mut self.domains, &domain.to_ascii_lowercase());
                    }
                }
                _ => {}
            }
        }
    }

    /// The policy as YAML.
    #[must_use]
    pub fn yaml(&self) -> String {
        let mut out = String::from(HEAD);
        out.push_str(CONNECTORS);
        for (platform, connectors) in &self.connectors {
            let _ = writeln!(out, "    # {platform}:");
            listed(connectors, "    # - ", &mut out);
        }
        if !self.domains.is_empty() || !self.regions.is_empty() {
            out.push_str("\n# data:\n");
        }
        if !self.domains.is_empty() {
            out.push_str(
                "#   # Mail domains of the organisation; mail to others is told apart. Those that mail is sent to:\n#   domains:\n",
            );
            listed(&self.domains, "#     - ", &mut out);
        }
        if !self.regions.is_empty() {
            out.push_str("#   # Where data may be kept and worked with. What runs now runs in:\n#   residency:\n#     allowed:\n");
            listed(&self.regions, "#       - ", &mut out);
        }
        if !self.hosts.is_empty() {
            out.push_str(ENVIRONMENTS);
            listed(&self.hosts, "#       - ", &mut out);
        }
        if !self.roles.is_empty() {
            out.push_str("\n# Roles that have rights; `flowgate policy catalogue --from .` drafts the catalogue of what they may do:\n");
            listed(&self.roles, "#   ", &mut out);
        }
        out
    }
}

const HEAD: &str = "\
# yaml-language-server: $schema=https://flowgate.dev/schemas/flowgate/policy.schema.json
# A policy of Flowgate, drafted from what was found. `flowgate policy check` says what is wrong with it.
apiVersion: flowgate/v1

policy:
  id: my-organisation
  # owner: appsec@contoso.example
  # review_by: 2027-06-30

# Findings of single rules may be more or less severe here, or only be counted for a while:
# rules:
#   floor: { literal-secret: high }
#   unhandled-failure: { mode: audit }
";

const CONNECTORS: &str = "
# Connectors that may be used. Nothing is approved yet: take the `#` from `allow` and from those that are, and from then on all others
# are blocked. An entry may say more: { id: shared_sql, group: confidential, tiers: [pro], operations: { deny: [\"Delete*\"] } }
connectors:
  default: allowed
  # allow:
";

const ENVIRONMENTS: &str = "
# Environments and their hosts: an export must not lead to another environment than its own. `*` stands for any text.
# environment: prod
# environments:
#   prod:
#     # Hosts that are called:
#     hosts:
";

/// The uses, most frequent first.
fn listed(uses: &BTreeMap<String, Use>, before: &str, out: &mut String) {
    let mut sorted: Vec<(&String, &Use)> = uses.iter().collect();
    sorted.sort_by(|one, other| other.1.count.cmp(&one.1.count).then_with(|| one.0.cmp(other.0)));
    let more = sorted.len().saturating_sub(MAX_LISTED);
    for (name, one) in sorted.into_iter().take(MAX_LISTED) {
        let exports: Vec<String> = one.exports.iter().map(|export| plain(export)).collect();
        let rest = if one.count > exports.len() && exports.len() == MAX_NAMED { ", …" } else { "" };
        let _ = writeln!(out, "{before}{}  # {}×: {}{rest}", scalar(name), one.count, exports.join(", "));
    }
    if more > 0 {
        let _ = writeln!(out, "{before}# and {more} more");
    }
}

/// A text that cannot end its comment.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}') { ' ' } else { c }).take(120).collect()
}

/// A YAML scalar: plain where that is safe.
pub(super) fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !matches!(text.to_ascii_lowercase().as_str(), "null" | "true" | "false" | "yes" | "no" | "on" | "off");
    if is_plain {
        return text.to_owned();
    }
    let quoted = serde_json::to_string(&plain(text)).expect("a string is JSON");
    quoted.chars().fold(String::new(), |mut out, c| {
        let _ = if matches!(c, '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') {
            write!(out, "\\u{:04x}", c as u32)
        } else {
            write!(out, "{c}")
        };
        out
    })
}

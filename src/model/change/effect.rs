//! What a change of one fact means: who has to decide on it, and whether the app can do more than before.

use super::Decision;
use crate::model::inventory::{Item, ItemKind};
use std::collections::BTreeMap;

/// What it means that a fact has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Effect {
    pub(super) decision: Decision,
    pub(super) widens: bool,
}

const fn wider(decision: Decision) -> Effect {
    Effect { decision, widens: true }
}

const fn other(decision: Decision) -> Effect {
    Effect { decision, widens: false }
}

/// How the words of a fact are ordered, from what allows least to what allows most.
const ORDERS: [(&str, &[&str]); 8] = [
    ("exposure", &["internal", "users", "tenant", "unknown", "public"]),
    ("auth", &["platform", "oauth", "jwt", "hmac", "header", "basic", "ip", "url-secret", "unknown", "none"]),
    ("guard", &["signature", "secret", "none"]),
    ("scope", &["own", "shared", "unit", "org", "all"]),
    ("identity", &["none", "invoker", "managed", "service", "unknown", "shared", "maker"]),
    ("confirm", &["human", "none"]),
    ("moderation", &["high", "medium", "low"]),
    ("principal_kind", &["user", "app", "role", "group", "unknown", "everyone", "anonymous"]),
];

/// Facts that protect: where nothing is said of them any more, nothing protects.
const PROTECTS: [&str; 4] = ["auth", "guard", "confirm", "moderation"];

/// Whether the words of an ordered fact allow more than before; none for other facts.
fn rises(fact: &str, before: &[String], after: &[String]) -> Option<bool> {
    let order = ORDERS.iter().find(|(name, _)| *name == fact)?.1;
    let rank = |texts: &[String]| texts.iter().map(|text| order.iter().position(|word| word == text).unwrap_or(order.len())).max();
    Some(match (rank(before), rank(after)) {
        (Some(before), Some(after)) => after > before,
        // What was not said before allows more unless it is the least that can be said.
        (None, Some(after)) => after > 0,
        _ => PROTECTS.contains(&fact),
    })
}

fn gained(before: &[String], after: &[String]) -> bool {
    after.iter().any(|text| !before.contains(text))
}

fn is(texts: &[String], text: &str) -> bool {
    texts.iter().any(|one| one == text)
}

/// Schemes that encrypt.
const ENCRYPTED: [&str; 8] = ["https", "wss", "sftp", "ftps", "ssh", "amqps", "mqtts", "ldaps"];

/// What it means that a fact of an item of that kind has changed; none where it means nothing for what the app can do, or where
/// another fact says it.
pub(super) fn effect(kind: ItemKind, fact: &str, before: &[String], after: &[String]) -> Option<Effect> {
    let more = gained(before, after);
    // The texts of a set: more of them is wider, fewer is narrower.
    let set = |decision| if more { wider(decision) } else { other(Decision::LessPower) };
    let ordered = |decision| match rises(fact, before, after) {
        Some(true) => wider(decision),
        _ => other(Decision::LessPower),
    };
    let risky = |decision, word: &str| if is(after, word) { wider(decision) } else { other(Decision::LessPower) };
    Some(match (kind, fact) {
        (ItemKind::App, "enabled") => risky(Decision::AppChange, "true"),
        (ItemKind::App, "open_to_agents") => risky(Decision::OpenEntryPoint, "true"),
        (ItemKind::App, "error_handler" | "managed" | "publisher" | "kind") => other(Decision::AppChange),

        (ItemKind::EntryPoint, "exposure" | "auth" | "guard") => ordered(Decision::OpenEntryPoint),
        (ItemKind::EntryPoint, "origins" | "methods") => set(Decision::OpenEntryPoint),
        (ItemKind::EntryPoint, "has_schema") => risky(Decision::EntryPointChange, "false"),
        (ItemKind::EntryPoint, "kind" | "connector" | "content") => other(Decision::EntryPointChange),

        (ItemKind::Connector, "verb") => set(Decision::WiderConnector),
        (ItemKind::Connector, "operation") => other(if more { Decision::NewOperation } else { Decision::LessPower }),
        (ItemKind::Connector, "publisher") => wider(Decision::NewConnector),
        (ItemKind::Connector, "weakness" | "parameter") => set(Decision::WeakerTransport),

        (ItemKind::Endpoint, "address") => set(Decision::NewAddress),
        (ItemKind::Endpoint, "scheme") => {
            let weak = after.iter().any(|scheme| !before.contains(scheme) && !ENCRYPTED.contains(&scheme.as_str()));
            if weak { wider(Decision::WeakerTransport) } else { other(Decision::LessPower) }
        }
        (ItemKind::Endpoint, "authenticated") => risky(Decision::WeakerTransport, "false"),
        (ItemKind::Endpoint, "secret_query") => set(Decision::WeakerTransport),
        (ItemKind::Endpoint, "verb") => set(Decision::WiderConnector),
        (ItemKind::Endpoint, "host_from" | "network") => set(Decision::NewEndpoint),

        (ItemKind::Identity, "identity") => Effect { widens: rises(fact, before, after) == Some(true), decision: Decision::NewIdentity },
        (ItemKind::Identity, "type" | "credential") => wider(Decision::NewIdentity),
        (ItemKind::Identity, "power" | "broad_scopes") => set(Decision::WiderIdentity),
        (ItemKind::Identity, "verifies_certificate" | "encrypted") => risky(Decision::WeakerTransport, "false"),

        (ItemKind::Grant, "rights") => {
            let rises = rights(before, after).iter().any(Right::rises);
            if rises { wider(Decision::WiderGrant) } else { other(Decision::LessPower) }
        }
        (ItemKind::Grant, "scope" | "principal_kind") => ordered(Decision::WiderGrant),
        (ItemKind::Grant, "verb" | "power" | "resource" | "principal" | "planes" | "action") => set(Decision::WiderGrant),

        (ItemKind::DataSource, "verb") => set(Decision::WiderDataSource),
        (ItemKind::DataSource, "sensitive") => set(Decision::NewDataSource),
        (ItemKind::DataSource, "protected" | "audited") => risky(Decision::WiderDataSource, "false"),

        (ItemKind::Agent, "tools") => set(Decision::NewAgentTool),
        (ItemKind::Agent, "untrusted_input" | "private_data" | "outbound" | "general_knowledge") => risky(Decision::WiderAgent, "true"),
        (ItemKind::Agent, "confirm" | "moderation") => ordered(Decision::WiderAgent),
        (ItemKind::Agent, "instructions") => risky(Decision::WiderAgent, "false"),

        (ItemKind::Component, "capability" | "publisher") => set(Decision::NewComponent),
        (ItemKind::Setting, "value" | "key" | "personal_data") => setting(after),
        (ItemKind::Branch, "content" | "leads_to") => other(Decision::BranchChange),
        (ItemKind::Secret, "count") => {
            let number = |texts: &[String]| texts.first().and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
            if number(after) > number(before) { wider(Decision::NewSecret) } else { other(Decision::LessPower) }
        }
        _ => return None,
    })
}

/// One of the rights of a role that is another one than before.
pub(super) struct Right<'r> {
    /// `delete account`, or the name of a right that is about no table.
    pub(super) what: &'r str,
    /// Which records it covered before; none where the role did not have it.
    pub(super) before: Option<&'r str>,
    /// Which records it covers now; none where the role has it no more.
    pub(super) after: Option<&'r str>,
}

impl Right<'_> {
    /// Whether it covers more records than before.
    pub(super) fn rises(&self) -> bool {
        let scope = |scope: Option<&str>| scope.map(|scope| vec![scope.to_owned()]).unwrap_or_default();
        self.after.is_some() && (self.before.is_none() || rises("scope", &scope(self.before), &scope(self.after)) == Some(true))
    }
}

/// The rights of a role that have changed, by name; each is written with the records that it covers: `delete account@all`.
pub(super) fn rights<'r>(before: &'r [String], after: &'r [String]) -> Vec<Right<'r>> {
    let split = |right: &'r String| right.rsplit_once('@').unwrap_or((right.as_str(), ""));
    let mut rights: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    before.iter().map(split).for_each(|(what, scope)| rights.entry(what).or_default().0 = Some(scope));
    after.iter().map(split).for_each(|(what, scope)| rights.entry(what).or_default().1 = Some(scope));
    let changed = rights.into_iter().filter(|(_, (before, after))| before != after);
    changed.map(|(what, (before, after))| Right { what, before, after }).collect()
}

/// A setting that says yes, or names everything, allows something in nearly all platforms.
fn setting(after: &[String]) -> Effect {
    let widens = after.iter().any(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "*" | "all" | "any" | "yes" | "on"));
    Effect { decision: Decision::SettingChange, widens }
}

/// What it means that an item is new; none where it gives the app no power and decides nothing.
pub(super) fn gain(item: &Item) -> Option<Effect> {
    Some(match item.kind {
        ItemKind::App => return None,
        ItemKind::EntryPoint => {
            let inside = item.has("exposure", "internal");
            Effect { decision: Decision::NewEntryPoint, widens: !inside }
        }
        // Steps of the platform that compute and decide are no system that data could go to.
        ItemKind::Connector if is_idle(item) => return None,
        ItemKind::Connector => wider(Decision::NewConnector),
        ItemKind::Endpoint => wider(Decision::NewEndpoint),
        ItemKind::Recipient => wider(Decision::NewRecipient),
        ItemKind::Identity => wider(Decision::NewIdentity),
        ItemKind::Grant => wider(Decision::NewGrant),
        ItemKind::DataSource => wider(Decision::NewDataSource),
        ItemKind::DataFlow => wider(Decision::NewFlow),
        ItemKind::Agent => wider(Decision::NewAgent),
        ItemKind::Component => wider(Decision::NewComponent),
        ItemKind::Setting => setting(item.texts("value")),
        ItemKind::Branch => other(Decision::BranchChange),
        ItemKind::Secret => wider(Decision::NewSecret),
    })
}

/// What it means that an item is gone.
pub(super) fn loss(item: &Item) -> Option<Effect> {
    Some(match item.kind {
        ItemKind::Branch => other(Decision::BranchChange),
        ItemKind::Setting => other(Decision::SettingChange),
        ItemKind::EntryPoint => other(Decision::EntryPointChange),
        ItemKind::App => return None,
        ItemKind::Connector if is_idle(item) => return None,
        _ => other(Decision::LessPower),
    })
}

/// Whether a connector of the platform only computes and decides.
pub(super) fn is_idle(item: &Item) -> bool {
    let idle = |verb: &String| matches!(verb.as_str(), "transform" | "control");
    let publishers = item.texts("publisher");
    if item.facts.contains_key("weakness") || publishers.iter().any(|publisher| publisher != "platform") {
        return false;
    }
    match item.texts("verb") {
        // What only starts an app is told as its entry point, unless it brings in what another system has.
        [] => {
            let starts = item.texts("starts");
            let foreign = starts.iter().any(|kind| matches!(kind.as_str(), "event" | "file" | "queue" | "email"));
            (!publishers.is_empty() || !starts.is_empty()) && !foreign
        }
        verbs => verbs.iter().all(idle),
    }
}

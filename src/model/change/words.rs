//! Changes in the words of makers: sentences without their subject, which is the app.

use super::effect::{Effect, Right, rights as rights_of};
use super::{Decision, Facts};
use crate::model::inventory::{Item, ItemKind};

/// Most things that a sentence lists.
const MAX_LISTED: usize = 8;

/// Most rights of a role that a sentence lists.
const MAX_RIGHTS: usize = 4;

/// A text of the export within a sentence.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

fn and(texts: &[String]) -> String {
    let (shown, left) = texts.split_at(texts.len().min(MAX_LISTED));
    if !left.is_empty() {
        return format!("{} and {} more", shown.join(", "), left.len());
    }
    match shown {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

fn codes(texts: &[String]) -> String {
    and(&texts.iter().map(|text| code(text)).collect::<Vec<_>>())
}

/// The texts that `after` has and `before` has not.
fn added(before: &[String], after: &[String]) -> Vec<String> {
    after.iter().filter(|text| !before.contains(text)).cloned().collect()
}

/// Who can reach an entry point.
fn who(exposure: Option<&str>) -> &'static str {
    match exposure {
        Some("public") => "anyone",
        Some("tenant") => "everyone in the organisation",
        Some("users") => "named users",
        Some("internal") => "the platform itself",
        _ => "somebody that the export does not tell",
    }
}

/// How callers show who they are.
fn login(auth: Option<&str>) -> &'static str {
    match auth {
        Some("none") => "without a login",
        Some("url-secret") => "with the secret in its address",
        Some("basic") => "with a user name and a password",
        Some("header") => "with a secret in a header",
        Some("hmac") => "with a signed message",
        Some("jwt") => "with a signed token",
        Some("oauth") => "with a login",
        Some("ip") => "from known network addresses",
        Some("platform") => "with the login of the platform",
        _ => "with a login that the export does not tell",
    }
}

fn entry(exposure: Option<&str>, auth: Option<&str>) -> String {
    match exposure {
        Some("internal") => "by the platform itself".to_owned(),
        _ => format!("by {} {}", who(exposure), login(auth)),
    }
}

/// With whose rights.
fn rights(identity: Option<&str>) -> &'static str {
    match identity {
        Some("maker") => "the rights of its maker, whoever runs it",
        Some("invoker") => "the rights of whoever runs it",
        Some("service") => "the rights of a service account",
        Some("managed") => "the rights of a managed identity",
        Some("shared") => "the rights of an account that all users share",
        Some("none") => "no rights",
        _ => "rights that the export does not tell",
    }
}

fn records(scope: Option<&str>) -> &'static str {
    match scope {
        Some("own") => "their own records",
        Some("shared") => "records that were shared with them",
        Some("unit") => "records of their part of the organisation",
        Some("org") => "records of their part of the organisation and of those below",
        Some("all") => "records of all people",
        _ => "records",
    }
}

/// What a right lets somebody do: "read and change records of all people in `contoso_invoice`".
fn right(facts: &Facts) -> String {
    let texts = |fact: &str| facts.get(fact).map_or(&[][..], Vec::as_slice);
    let first = |fact: &str| texts(fact).first().map(String::as_str);
    let place = if texts("resource").is_empty() { String::new() } else { format!(" in {}", codes(texts("resource"))) };
    if let Some(power) = first("power") {
        let reach = match first("scope") {
            Some("all") => " everywhere",
            Some("org") => " in its part of the organisation and below",
            Some("unit") => " in its part of the organisation",
            _ => "",
        };
        let what = match power {
            "assign-rights" => "give rights to itself and others",
            "manage-users" => "create and change users",
            "impersonate" => "act as somebody else",
            "bypass-checks" => "go round checks of the app",
            "erase-audit" => "remove traces of what was done",
            "delete-others-data" => return format!("delete {}{place}", records(first("scope"))),
            "bulk-delete" => "delete in bulk",
            "change-flows" => "change flows that run with the rights of others",
            "run-code" => "bring code onto the platform",
            "customise" => "change tables, forms and other parts of apps",
            "decrypt" => "read what is encrypted",
            other => other,
        };
        return format!("{what}{reach}{place}");
    }
    if !texts("rights").is_empty() && texts("verb").is_empty() {
        return format!("use {} rights", texts("rights").len());
    }
    match (texts("verb"), first("action")) {
        ([], Some(action)) => format!("have the right {}{place}", code(action)),
        ([], None) => format!("work with {}{place}", records(first("scope"))),
        (some, _) => format!("{} {}{place}", plain(some), records(first("scope"))),
    }
}

fn principal(facts: &Facts) -> String {
    let first = |fact: &str| facts.get(fact).and_then(|texts| texts.first()).map(String::as_str);
    match (first("principal_kind"), first("principal")) {
        (Some("anonymous"), _) => "anyone, without a login,".to_owned(),
        (Some("everyone"), Some(name)) => format!("everyone ({})", code(name)),
        (Some("everyone"), None) => "everyone".to_owned(),
        (_, Some(name)) => code(name),
        _ => "somebody".to_owned(),
    }
}

fn origin(texts: &[String]) -> String {
    let word = |text: &String| match text.as_str() {
        "literal" => "the export",
        "trigger" => "the caller",
        "model" => "a language model",
        "env" => "the environment",
        "data-source" => "data that it reads",
        "caller" => "the app that calls it",
        _ => "something that the export does not tell",
    };
    and(&texts.iter().map(|text| word(text).to_owned()).collect::<Vec<_>>())
}

/// What a new item means.
pub(super) fn gained(item: &Item) -> String {
    let name = code(&item.name);
    match item.kind {
        ItemKind::App => "is new".to_owned(),
        ItemKind::EntryPoint => {
            let how = match item.text("kind") {
                Some("schedule") => return format!("now starts by itself, on the clock of {name}"),
                Some("manual") => return format!("can now be started from the editor with {name}"),
                Some("error") => return format!("now starts when another flow fails, with {name}"),
                Some("http") => "by a request",
                Some("form") => "by a form",
                Some("chat") => "by a chat",
                Some("mcp") => "by agents",
                Some("email") => "by a mail",
                Some("file") => "by a new file",
                Some("queue") => "by a message in a queue",
                Some("event") => "by an event",
                Some("app-call") => "by a person or another app",
                Some("subflow") => "by another flow",
                _ => "in another way",
            };
            let who = match item.text("exposure") {
                Some("internal") => String::new(),
                exposure => format!(", {}", entry(exposure, item.text("auth"))),
            };
            format!("can now be started {how}{who}: {name}")
        }
        ItemKind::Connector => {
            let made = match item.text("publisher") {
                Some("community") => "published by the community",
                Some("custom") => "made in the organisation",
                _ => "",
            };
            format!("uses a new connector: {name}{}", aside(&[made.to_owned(), does(item.texts("verb"))]))
        }
        ItemKind::Endpoint if item.text("host").is_none() => {
            format!("calls an address that is only known when it runs: {} ({} decides)", item.name, origin(item.texts("host_from")))
        }
        ItemKind::Endpoint => format!("talks to a new host: {name}{}", aside(&endpoint(item))),
        ItemKind::Recipient => format!("sends messages to a new address: {name}"),
        ItemKind::Identity => identity(item),
        ItemKind::Grant => format!("lets {} {}", principal(&item.facts), right(&item.facts)),
        ItemKind::DataSource => {
            let kept = item.texts("sensitive");
            let kept = if kept.is_empty() { String::new() } else { format!("looks like {}", and(kept).replace('-', " ")) };
            format!("works with new data: {name}{}", aside(&[does(item.texts("verb")), kept]))
        }
        ItemKind::DataFlow => {
            let from = item.text("from").unwrap_or_default();
            format!("has a new way of data: from {} to {}", code(from), code(item.text("to").unwrap_or_default()))
        }
        ItemKind::Agent => {
            let called = if item.name.is_empty() { String::new() } else { format!(": {name}") };
            let with = if item.texts("tools").is_empty() { String::new() } else { format!(" with {}", tools(item.texts("tools"))) };
            format!("has a new agent{called}{with}")
        }
        ItemKind::Component => format!("needs new software on its host: {name}{}", aside(&component(item))),
        ItemKind::Setting => format!("has a new setting: {name}{}", value(item.texts("value"))),
        ItemKind::Branch => format!("decides at a new step: {name}"),
        ItemKind::Secret => format!("now holds {}", count(item.texts("count"))),
    }
}

/// Verbs in the order in which they weigh.
const ORDER: [&str; 8] = ["read", "write", "delete", "send", "share", "export", "execute", "admin"];

/// Verbs before a thing, in the order in which they weigh.
fn plain(texts: &[String]) -> String {
    let word = |text: &String| {
        match text.as_str() {
            "write" => "change",
            "admin" => "administer",
            "execute" => "run code or queries in",
            "send" => "send with",
            "export" => "export from",
            "transform" => "compute with",
            "control" => "decide with",
            other => other,
        }
        .to_owned()
    };
    let mut texts: Vec<&String> = texts.iter().collect();
    texts.sort_by_key(|text| ORDER.iter().position(|verb| verb == text));
    and(&texts.into_iter().map(word).collect::<Vec<_>>())
}

/// What an app does with something: "reads and changes".
fn does(texts: &[String]) -> String {
    let word = |text: &String| {
        match text.as_str() {
            "read" => "reads",
            "write" => "changes",
            "delete" => "deletes",
            "admin" => "administers",
            "execute" => "runs code or queries",
            "send" => "sends",
            "share" => "shares",
            "export" => "exports in bulk",
            "transform" => "computes",
            "control" => "decides",
            other => other,
        }
        .to_owned()
    };
    if texts.is_empty() { String::new() } else { and(&texts.iter().map(word).collect::<Vec<_>>()) }
}

fn aside(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

fn endpoint(item: &Item) -> Vec<String> {
    let mut parts = Vec::new();
    match item.text("network") {
        Some("private") => parts.push("in a private network".to_owned()),
        Some("loopback") => parts.push("the same machine".to_owned()),
        Some("metadata") => parts.push("the metadata service of the cloud, which hands out credentials".to_owned()),
        _ => {}
    }
    if item.has("scheme", "http") || item.has("scheme", "ftp") {
        parts.push("without encryption".to_owned());
    }
    parts
}

fn component(item: &Item) -> Vec<String> {
    let capability = item.text("capability").map(|capability| {
        match capability {
            "command" => "runs commands",
            "remote-command" => "runs commands on another machine",
            "files" => "reads or writes files",
            "repository" => "changes or fetches repositories",
            other => other,
        }
        .to_owned()
    });
    let publisher = item.text("publisher").filter(|publisher| *publisher == "community").map(|_| "from the community".to_owned());
    capability.into_iter().chain(publisher).collect()
}

fn identity(item: &Item) -> String {
    let kind = item.text("type").unwrap_or(&item.name);
    let with = item.text("identity").map_or_else(String::new, |identity| format!(", with {}", rights(Some(identity))));
    format!("works through a new connection: {}{with}", code(kind))
}

fn tools(texts: &[String]) -> String {
    format!("the tool{} {}", if texts.len() == 1 { "" } else { "s" }, codes(texts))
}

fn value(texts: &[String]) -> String {
    if texts.is_empty() { String::new() } else { format!(" is {}", codes(texts)) }
}

fn count(texts: &[String]) -> String {
    match texts.first().map(String::as_str) {
        Some("1") => "1 credential in clear sight of whoever reads the export".to_owned(),
        Some(number) => format!("{number} credentials in clear sight of whoever reads the export"),
        None => "no credential".to_owned(),
    }
}

/// What it means that an item is gone.
pub(super) fn lost(item: &Item) -> String {
    let name = code(&item.name);
    match item.kind {
        ItemKind::App => "is gone".to_owned(),
        ItemKind::EntryPoint => format!("is no longer started by {name}"),
        ItemKind::Connector => format!("no longer uses {name}"),
        ItemKind::Endpoint if item.text("host").is_none() => format!("no longer calls {}", item.name),
        ItemKind::Endpoint => format!("no longer talks to {name}"),
        ItemKind::Recipient => format!("no longer sends messages to {name}"),
        ItemKind::Identity => format!("no longer works through the connection {}", code(item.text("type").unwrap_or(&item.name))),
        ItemKind::Grant => format!("no longer lets {} {}", principal(&item.facts), right(&item.facts)),
        ItemKind::DataSource => format!("no longer works with {name}"),
        ItemKind::DataFlow => {
            let from = item.text("from").unwrap_or_default();
            format!("no longer has a way of data from {} to {}", code(from), code(item.text("to").unwrap_or_default()))
        }
        ItemKind::Agent => format!("no longer has the agent {name}"),
        ItemKind::Component => format!("no longer needs {name} on its host"),
        ItemKind::Setting => format!("no longer has the setting {name}"),
        ItemKind::Branch => format!("no longer decides at {name}"),
        ItemKind::Secret => "no longer holds credentials".to_owned(),
    }
}

/// What it means that facts of an item have changed.
pub(super) fn changed(before: &Item, after: &Item, effect: Effect, was: &Facts, is: &Facts) -> String {
    let name = code(&after.name);
    let texts = |facts: &'_ Facts, fact: &str| facts.get(fact).cloned().unwrap_or_default();
    let old = |fact: &str| texts(was, fact);
    let now = |fact: &str| texts(is, fact);
    match after.kind {
        ItemKind::App if is.contains_key("enabled") => {
            if after.has("enabled", "true") { "is switched on" } else { "is switched off" }.to_owned()
        }
        ItemKind::App if is.contains_key("open_to_agents") => {
            if after.has("open_to_agents", "true") { "can now be found and run by agents" } else { "can no longer be run by agents" }
                .to_owned()
        }
        ItemKind::EntryPoint if is.contains_key("exposure") || is.contains_key("auth") => {
            let how = |item: &Item| entry(item.text("exposure"), item.text("auth"));
            format!("can now be started at {name} {} (before: {})", how(after), how(before))
        }
        ItemKind::EntryPoint if is.contains_key("guard") => match after.text("guard") {
            Some("none") | None => format!("no longer checks who calls {name}"),
            Some(guard) => format!("checks the {guard} of who calls {name}"),
        },
        ItemKind::EntryPoint if effect.decision == Decision::EntryPointChange => format!("is started by {name} in another way than before"),
        ItemKind::Connector if is.contains_key("verb") => more(&old("verb"), &now("verb"), &name),
        ItemKind::Connector if is.contains_key("operation") && effect.decision == Decision::NewOperation => {
            format!("uses another operation of {name}: {}", codes(&added(&old("operation"), &now("operation"))))
        }
        ItemKind::Endpoint if is.contains_key("address") && effect.decision == Decision::NewAddress => {
            format!("talks to another address of {name}: {}", codes(&added(&old("address"), &now("address"))))
        }
        ItemKind::Endpoint if is.contains_key("verb") => more(&old("verb"), &now("verb"), &name),
        ItemKind::Endpoint if is.contains_key("scheme") => {
            format!("talks to {name} by {} (before: {})", and(&now("scheme")), and(&old("scheme")))
        }
        ItemKind::Endpoint if is.contains_key("host_from") => {
            format!("calls {}, which {} decides (before: {})", after.name, origin(&now("host_from")), origin(&old("host_from")))
        }
        ItemKind::Identity if is.contains_key("identity") => {
            let (now, old) = (rights(after.text("identity")), rights(before.text("identity")));
            format!("works through {name} with {now} (before: {old})")
        }
        ItemKind::Identity if is.contains_key("credential") => format!("works through {name} with another credential than before"),
        ItemKind::Grant => grant(before, after, effect.widens),
        ItemKind::DataSource if is.contains_key("verb") => more(&old("verb"), &now("verb"), &name),
        ItemKind::Agent if is.contains_key("tools") => {
            let (new, gone) = (added(&old("tools"), &now("tools")), added(&now("tools"), &old("tools")));
            if new.is_empty() {
                format!("no longer gives its agent {name} {}", tools(&gone))
            } else {
                format!("gives its agent {name} {}", tools(&new))
            }
        }
        ItemKind::Agent => agent(&name, was, is),
        ItemKind::Setting => format!("sets {name} to {} (before: {})", codes(&now("value")), codes(&old("value"))),
        ItemKind::Branch if is.contains_key("content") => format!("decides otherwise at {name}"),
        ItemKind::Branch => format!("leads from {name} to {} (before: {})", codes(&now("leads_to")), codes(&old("leads_to"))),
        ItemKind::Secret => format!("now holds {} (before: {})", count(&now("count")), old("count").first().map_or("none", String::as_str)),
        _ => facts(&name, was, is),
    }
}

/// What is done to something beyond what was done before, or no longer.
fn more(old: &[String], now: &[String], name: &str) -> String {
    let (new, gone) = (added(old, now), added(now, old));
    match (new.is_empty(), old.is_empty()) {
        (true, _) => format!("can no longer {} {name}", plain(&gone)),
        (false, true) => format!("can now {} {name}", plain(&new)),
        (false, false) => format!("can now {} {name} (before: only {})", plain(&new), plain(old)),
    }
}

/// The rights of a role that have changed, those that cover more first.
fn role(who: &str, before: &Item, after: &Item) -> String {
    let mut rights = rights_of(before.texts("rights"), after.texts("rights"));
    rights.sort_by_key(|right| !right.rises());
    let rises = rights.first().is_some_and(Right::rises);
    let tell = |right: &Right<'_>| {
        let (verb, table) = right.what.split_once(' ').map_or((right.what, None), |(verb, table)| (verb, Some(table)));
        let place = table.map_or_else(String::new, |table| format!(" in {}", code(table)));
        let verb = if table.is_some() { verb.to_owned() } else { format!("use {} on", code(verb)) };
        let before = right.before.map_or("not at all".to_owned(), |scope| format!("only {}", records(Some(scope))));
        match right.after {
            Some(scope) => format!("{verb} {}{place} (before: {before})", records(Some(scope))),
            None => format!("no longer {verb} {}{place}", records(right.before)),
        }
    };
    let told: Vec<String> = rights.iter().filter(|right| right.rises() || !rises).map(tell).collect();
    let (shown, left) = told.split_at(told.len().min(MAX_RIGHTS));
    let left = if left.is_empty() { String::new() } else { format!(", and {} more", left.len()) };
    format!("says that {who} {} {}{left}", if rises { "can now" } else { "can" }, shown.join(", "))
}

fn grant(before: &Item, after: &Item, widens: bool) -> String {
    let who = principal(&after.facts);
    if before.texts("rights") != after.texts("rights") && principal(&before.facts) == who {
        return role(&who, before, after);
    }
    let had = if principal(&before.facts) == who {
        right(&before.facts)
    } else {
        format!("{} could {}", principal(&before.facts), right(&before.facts))
    };
    let only = if widens { "can now" } else { "can only" };
    format!("says that {who} {only} {} (before: {had})", right(&after.facts))
}

fn agent(name: &str, was: &Facts, is: &Facts) -> String {
    let says = |fact: &str, text: &str| is.get(fact).is_some_and(|texts| texts.iter().any(|one| one == text));
    let mut parts = Vec::new();
    for (fact, yes, no) in [
        ("untrusted_input", "reads what strangers write", "no longer reads what strangers write"),
        ("private_data", "reaches private data", "no longer reaches private data"),
        ("outbound", "can send data out by itself", "can no longer send data out by itself"),
        ("general_knowledge", "answers from what its model learned", "no longer answers from what its model learned"),
        ("instructions", "has instructions", "no longer has instructions"),
    ] {
        if is.contains_key(fact) {
            parts.push(if says(fact, "true") { yes } else { no }.to_owned());
        }
    }
    if is.contains_key("confirm") {
        parts.push(if says("confirm", "human") { "asks a person before it acts" } else { "acts without asking a person" }.to_owned());
    }
    if let (Some(old), Some(now)) = (was.get("moderation"), is.get("moderation")) {
        parts.push(format!("is moderated {} (before: {})", and(now), and(old)));
    }
    format!("has an agent {name} that now {}", and(&parts))
}

/// Facts without words of their own.
fn facts(name: &str, was: &Facts, is: &Facts) -> String {
    let told = is.iter().map(|(fact, now)| {
        let old = was.get(fact).map_or(&[][..], Vec::as_slice);
        format!("{} is {} (before: {})", fact.replace('_', " "), and(now), and(old))
    });
    format!("says of {name} that {}", and(&told.collect::<Vec<_>>()))
}

//! What starts a flow, who can, and what is known of the caller.

use super::part::{Part, member};
use super::{Context, Entry, connection, connector, endpoint, expression};
use crate::model::vocabulary::{Auth, DataSourceKind, Exposure, Guard, Origin, TriggerKind};
use crate::model::{Fact, Kind, Output, Place, StepId};
use crate::platform::{HashMap, HashSet};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>) {
    let used = context.used[part.at].clone();
    let key = used.as_ref().map(|used| used.key.clone());
    let entry = entry(context, part, key.as_deref());
    let here = part.place();
    let connector: Cow<'t, str> = key.clone().unwrap_or_else(|| part.kind.clone().into());
    let mut element = part
        .element(Kind::Trigger, context.app)
        .with(Fact::TriggerKind, entry.kind, here)
        .with(Fact::TriggerExposure, entry.exposure.0, entry.exposure.1)
        .with(Fact::TriggerAuth, entry.auth.0, entry.auth.1)
        .with(Fact::TriggerConnector, connector, here);
    if entry.kind == TriggerKind::Http {
        let method = part.input(&["method"]);
        let methods: Vec<Cow<'t, str>> = vec![method.and_then(Node::as_str).unwrap_or(Cow::Borrowed("POST"))];
        element.set(Fact::TriggerMethods, methods, method.map_or(here, Place::of));
        let schema = part.input(&["schema"]).filter(|schema| says_something(*schema));
        element.set(Fact::TriggerHasSchema, schema.is_some(), schema.map_or(here, Place::key_of));
    }
    context.model.add(element);
    context.model.steps[part.step.0 as usize].output = Output::Own(origin(entry, part));
    if let Some(used) = used {
        connection::connector(context, part, &used);
    }
    match &*part.kind {
        "http" => endpoint::request(context, part),
        "request" if entry.kind == TriggerKind::Http => connection::built_in(context, part, "httprequestreceived"),
        _ => {}
    }
    let data = key.and_then(|key| connector::known(&key).data);
    if let Some(data @ DataSourceKind::Mailbox) = data {
        connection::data_source(context, part, data);
    }
}

/// Whether a schema says what a request must look like: one without types and members lets everything through.
fn says_something(schema: Node<'_>) -> bool {
    let has = |name: &str| schema.get(name).is_some_and(|node| node.members().next().is_some() || node.items().next().is_some());
    has("properties") || has("items") || has("required") || has("oneOf") || has("anyOf") || has("allOf") || schema.get("$ref").is_some()
}

/// Where what a trigger hands on comes from.
fn origin(entry: Entry, part: &Part<'_>) -> Origin {
    match entry.kind {
        TriggerKind::Schedule | TriggerKind::Manual => Origin::Literal,
        TriggerKind::Http | TriggerKind::Form | TriggerKind::Chat | TriggerKind::Mcp | TriggerKind::Email | TriggerKind::Queue => {
            Origin::Trigger
        }
        TriggerKind::AppCall if part.kind == "request" => Origin::Trigger,
        TriggerKind::AppCall | TriggerKind::Subflow | TriggerKind::Error => Origin::Caller,
        TriggerKind::File | TriggerKind::Event => Origin::DataSource,
    }
}

fn entry<'t>(context: &Context<'_, 't>, part: &Part<'t>, key: Option<&str>) -> Entry {
    let here = part.place();
    let closed = |kind| Entry { kind, exposure: (Exposure::Internal, here), auth: (Auth::Platform, here) };
    let of = |kind, exposure| Entry { kind, exposure: (exposure, here), auth: (Auth::Platform, here) };
    match &*part.kind {
        "request" => {
            let kind = member(part.node, "kind").and_then(Node::as_str).unwrap_or_default().trim().to_ascii_lowercase();
            context.host.request(part.node, &kind, here)
        }
        "recurrence" | "slidingwindow" => closed(TriggerKind::Schedule),
        "manual" => closed(TriggerKind::Manual),
        "batch" => closed(TriggerKind::Subflow),
        "http" => closed(TriggerKind::Event),
        // The address that the other side calls back is made for it, with a signature.
        "httpwebhook" => of(TriggerKind::Event, Exposure::Unknown),
        _ => {
            let name = key.unwrap_or_default();
            match name.strip_prefix("shared_").unwrap_or(name) {
                // Anyone may write to a mailbox or fill in a form; the service vouches for who it was at best.
                "office365" | "outlook" | "gmail" | "imap" => of(TriggerKind::Email, Exposure::Public),
                "microsoftforms" | "typeform" | "cognitoforms" | "surveymonkey" | "jotform" => of(TriggerKind::Form, Exposure::Public),
                "twilio" => of(TriggerKind::Chat, Exposure::Public),
                "teams" | "slack" | "yammer" => of(TriggerKind::Chat, Exposure::Tenant),
                "servicebus" | "eventhubs" | "azurequeues" | "mq" | "kafka" | "rabbitmq" => of(TriggerKind::Queue, Exposure::Unknown),
                // Lists are rows, although files lie in some of them.
                "sharepointonline" => closed(TriggerKind::Event),
                _ if matches!(connector::known(name).data, Some(DataSourceKind::File | DataSourceKind::Bucket)) => {
                    closed(TriggerKind::File)
                }
                _ => closed(TriggerKind::Event),
            }
        }
    }
}

/// How many steps behind an entry a check of the caller still protects it: nothing that matters should happen before.
const GUARD_HOPS: usize = 3;

/// Most steps right behind an entry that are looked at.
const MAX_FRONT: usize = 64;

/// Looks for a check of the caller on each public entry and in the steps right behind it.
pub(super) fn guards(context: &mut Context<'_, '_>) {
    let entries: Vec<usize> = (0..context.parts.len()).take_while(|at| context.parts[*at].is_trigger).collect();
    let of_step: HashMap<StepId, usize> = context.parts.iter().enumerate().map(|(at, part)| (part.step, at)).collect();
    let mut next: HashMap<StepId, Vec<StepId>> = HashMap::default();
    for edge in &context.edges {
        next.entry(edge.from).or_default().push(edge.to);
    }
    let elements = &context.model.elements;
    let first = context.model.app(context.app).element.0 as usize;
    let of_entry: HashMap<StepId, usize> =
        (first..elements.len()).filter(|at| elements[*at].kind == Kind::Trigger).filter_map(|at| Some((elements[at].step?, at))).collect();
    for at in entries {
        let part = &context.parts[at];
        let own = member(part.node, "conditions").filter(|conditions| checks_caller(*conditions));
        let mut guard = own.map_or((Guard::Absent, part.place()), |node| (Guard::Secret, Place::of(node)));
        let (mut front, mut seen) = (vec![part.step], HashSet::default());
        for _ in 0..GUARD_HOPS {
            if guard.0 != Guard::Absent {
                break;
            }
            front = front
                .iter()
                .filter_map(|step| next.get(step))
                .flatten()
                .copied()
                .filter(|step| seen.insert(*step))
                .take(MAX_FRONT)
                .collect();
            let parts = front.iter().filter_map(|step| of_step.get(step)).map(|at| &context.parts[*at]);
            let check = parts
                .filter(|part| matches!(&*part.kind, "if" | "switch"))
                .find_map(|part| member(part.node, "expression").filter(|expression| checks_caller(*expression)));
            guard = check.map_or(guard, |node| (Guard::Secret, Place::of(node)));
        }
        let Some(element) = of_entry.get(&part.step).map(|at| &mut context.model.elements[*at]) else { continue };
        if element.is(Fact::TriggerExposure, Exposure::Public.name()) {
            element.set(Fact::TriggerGuard, guard.0, guard.1);
        }
    }
}

/// Whether a condition reads a proof of identity that the caller sends.
fn checks_caller(condition: Node<'_>) -> bool {
    let proof = ["authorization", "token", "secret", "signature", "key", "password", "auth"];
    condition.descend().filter_map(Node::as_str).any(|text| {
        expression::pieces(&text).into_iter().any(|piece| {
            let expression::Piece::Expression(range) = piece else { return false };
            expression::calls(&text, range).iter().any(|call| {
                let sent = |part: &&str| part.eq_ignore_ascii_case("headers") || part.eq_ignore_ascii_case("queries");
                let last = call.path.last().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
                call.function == expression::Function::Trigger && call.path.iter().any(sent) && proof.iter().any(|word| last.contains(word))
            })
        })
    })
}

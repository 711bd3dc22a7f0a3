//! What elements of flows do: records that they read and change, actions that they call, mail that they send.

use super::element::{Part, What};
use super::{Effect, Reading};
use crate::model::address;
use crate::model::vocabulary::{DataSourceKind, OnError, Origin, Publisher, Verb};
use crate::model::{Element, Fact, Kind, Place, Reference, Sink, Source};
use crate::platform::salesforce::component::{member, text};
use crate::tree::Node;
use std::borrow::Cow;

/// What actions of the platform do, by their type in lower case; what a type does not tell is told by the name, see [`verb_of_name`].
const ACTIONS: &[(&str, Verb)] = &[
    ("activatesessionpermset", Verb::Admin),
    ("apex", Verb::Execute),
    ("assignpermissionset", Verb::Admin),
    ("chatterpost", Verb::Send),
    ("component", Verb::Control),
    ("contentworkspaceenablefolders", Verb::Admin),
    ("customnotificationaction", Verb::Send),
    ("deactivatesessionpermset", Verb::Control),
    ("emailalert", Verb::Send),
    ("emailsimple", Verb::Send),
    ("externalservice", Verb::Write),
    ("flow", Verb::Control),
    ("generatepromptresponse", Verb::Transform),
    ("invokeexternalservice", Verb::Write),
    ("livemessagenotification", Verb::Send),
    ("outboundmessage", Verb::Send),
    ("quickaction", Verb::Write),
    ("routework", Verb::Control),
    ("sendmessage", Verb::Send),
    ("slackpostmessage", Verb::Send),
    ("stepbackground", Verb::Control),
    ("stepinteractive", Verb::Control),
    ("submit", Verb::Write),
    ("thanks", Verb::Send),
];

/// What a word at the beginning of a name says that is done.
const WORDS: &[(&str, Verb)] = &[
    ("add", Verb::Write),
    ("approve", Verb::Write),
    ("assign", Verb::Write),
    ("book", Verb::Write),
    ("cancel", Verb::Write),
    ("change", Verb::Write),
    ("close", Verb::Write),
    ("create", Verb::Write),
    ("delete", Verb::Delete),
    ("email", Verb::Send),
    ("fetch", Verb::Read),
    ("find", Verb::Read),
    ("get", Verb::Read),
    ("identify", Verb::Read),
    ("insert", Verb::Write),
    ("issue", Verb::Write),
    ("list", Verb::Read),
    ("lookup", Verb::Read),
    ("merge", Verb::Write),
    ("modify", Verb::Write),
    ("notify", Verb::Send),
    ("post", Verb::Send),
    ("query", Verb::Read),
    ("refund", Verb::Write),
    ("remove", Verb::Delete),
    ("reset", Verb::Write),
    ("retrieve", Verb::Read),
    ("save", Verb::Write),
    ("search", Verb::Read),
    ("send", Verb::Send),
    ("set", Verb::Write),
    ("stream", Verb::Read),
    ("submit", Verb::Write),
    ("transfer", Verb::Write),
    ("update", Verb::Write),
    ("upsert", Verb::Write),
];

/// What the first word of a name says that is done: `Create_Booking`, `getOrderByNumber`.
pub(in crate::platform::salesforce) fn verb_of_name(name: &str) -> Option<Verb> {
    // What a package adds stands before two lines.
    let own = name.rsplit_once("__").map_or(name, |parts| parts.1);
    let mut end = own.char_indices().skip(1).filter(|(_, c)| !c.is_ascii_lowercase());
    let word = own[..end.next().map_or(own.len(), |found| found.0)].to_ascii_lowercase();
    WORDS.binary_search_by(|(name, _)| (*name).cmp(&*word)).ok().map(|at| WORDS[at].1)
}

/// What an action of the platform does.
pub(in crate::platform::salesforce) fn verb_of(kind: &str, name: &str) -> Verb {
    let lower = kind.to_ascii_lowercase();
    let known = ACTIONS.binary_search_by(|(name, _)| (*name).cmp(&*lower)).ok().map(|at| ACTIONS[at].1);
    known.or_else(|| verb_of_name(name)).or_else(|| verb_of_name(kind)).unwrap_or(Verb::Transform)
}

/// Whether a language model writes what actions of that type hand on.
pub(super) fn is_model(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("generatePromptResponse")
}

/// Parameters that name recipients, in lower case.
const RECIPIENTS: [&str; 12] = [
    "emailaddresses",
    "emailaddressesarray",
    "sendtoaddresses",
    "ccrecipientaddresslist",
    "bccrecipientaddresslist",
    "recipientid",
    "recipientids",
    "recipientphone",
    "recipientrecordid",
    "subjectnameorid",
    "slackconversationid",
    "slackconversationids",
];

/// Adds what an element does.
pub(super) fn lower(reading: &mut Reading<'_, '_, '_>, at: usize) {
    let part = reading.parts[at].clone();
    let (connector, operation, verb) = said(&part);
    let mut action = Element::new(Kind::Action, reading.app, part.name.clone(), part.label.clone(), part.place)
        .at_step(part.step)
        .with(Fact::ActionConnector, connector.clone(), part.place)
        .with(Fact::ActionOperation, operation, part.place)
        .with(Fact::ActionVerb, verb, part.place);
    if reading.order.in_loop[at] {
        action.set(Fact::ActionInLoop, true, part.place);
    }
    if part.what == What::Loop {
        action.set(Fact::ActionRepeats, true, part.place);
    }
    if let Some((name, node)) = target(&part) {
        action.set(Fact::ActionTarget, name.clone(), Place::of(node));
        reading.calls.push((part.step, name, subflow_inputs(reading, &part)));
    }
    if reading.may_handle(at) {
        let (kind, place) = match part.fault() {
            Some(fault) if part.ignores_faults() => (OnError::Continue, Place::of(fault.get("targetReference").unwrap_or(fault))),
            Some(fault) => (OnError::Branch, Place::of(fault.get("targetReference").unwrap_or(fault))),
            None => (OnError::Stop, part.place),
        };
        action.set(Fact::ActionOnError, kind, place);
    }
    let mut sinks = Vec::new();
    match part.what {
        What::Lookup | What::Create | What::Update | What::Delete => records(reading, &part, &mut action, &mut sinks),
        What::Action | What::Plugin => called(reading, &part, verb, &mut action, &mut sinks),
        _ => {}
    }
    let element = reading.context.model.add(action);
    for (fact, parts, place) in sinks {
        reading.context.model.sinks.push(Sink { element, step: part.step, fact, parts, place });
    }
    if matches!(part.what, What::Action | What::Plugin) {
        connector_of(reading, &part, connector);
    }
}

/// The type of an element, what it is asked to do, and what that does to the world.
fn said<'t>(part: &Part<'t>) -> (Cow<'t, str>, Cow<'t, str>, Verb) {
    let own = |verb: Verb| (part.tag.clone(), part.tag.clone(), verb);
    match part.what {
        What::Lookup => own(Verb::Read),
        What::Create | What::Update => own(Verb::Write),
        What::Delete => own(Verb::Delete),
        What::Plugin => (Cow::Borrowed("apex"), part.text("apexClass").unwrap_or_default(), Verb::Execute),
        What::Assignment | What::Collection => own(Verb::Transform),
        What::Action => {
            let (kind, name) = (part.text("actionType").unwrap_or_default(), part.text("actionName").unwrap_or_default());
            let verb = verb_of(&kind, &name);
            (kind, name, verb)
        }
        _ => own(Verb::Control),
    }
}

/// The flow that an element calls.
fn target<'t>(part: &Part<'t>) -> Option<(Cow<'t, str>, Node<'t>)> {
    let calls = |kind: Cow<'_, str>| ["flow", "stepinteractive", "stepbackground"].iter().any(|one| kind.eq_ignore_ascii_case(one));
    match part.what {
        What::Subflow => member(part.node, "flowName"),
        What::Action if part.text("actionType").is_some_and(calls) => member(part.node, "actionName"),
        _ => None,
    }
}

/// What a flow that is called gets in each of its variables.
fn subflow_inputs<'t>(reading: &Reading<'_, '_, 't>, part: &Part<'t>) -> Vec<(Cow<'t, str>, Vec<Reference<'t>>)> {
    let pairs = part.values("inputAssignments", "name").chain(part.values("inputParameters", "name"));
    pairs.map(|(name, value)| (name, reading.values.parts(value))).collect()
}

type Sinks<'t> = Vec<(Fact, Vec<Reference<'t>>, Place)>;

/// An element that works with records of the platform.
fn records<'t>(reading: &mut Reading<'_, '_, 't>, part: &Part<'t>, action: &mut Element<'t>, sinks: &mut Sinks<'t>) {
    let record = reading.values.named(part.node, "inputReference");
    let fields: Vec<_> = part.values("inputAssignments", "field").collect();
    let mut content: Vec<Reference<'t>> = fields.iter().flat_map(|(_, value)| reading.values.parts(*value)).collect();
    content.extend(record.clone());
    let place = fields.first().map(|found| Place::of(found.1)).or(record.as_ref().map(|record| record.place));
    if let Some(place) = place.filter(|_| matches!(part.what, What::Create | What::Update)) {
        sinks.push((Fact::ActionContentFrom, content, place));
    }
    if part.what != What::Create {
        let filters: Vec<_> = part.values("filters", "field").collect();
        let mut chosen: Vec<Reference<'t>> = filters.iter().flat_map(|(_, value)| reading.values.parts(*value)).collect();
        chosen.extend(record);
        if chosen.is_empty() {
            chosen.push(Reference { from: Source::Origin(Origin::Literal), place: part.place });
        }
        let place = filters.first().map_or(part.place, |found| Place::of(found.1));
        sinks.push((Fact::ActionRecordsFrom, chosen, place));
    }
    let object = member(part.node, "object");
    let place = object.as_ref().map_or(part.place, |found| Place::of(found.1));
    let resource = object.map(|found| found.0);
    let mut source = Element::new(Kind::DataSource, reading.app, part.name.clone(), part.label.clone(), place).at_step(part.step).with(
        Fact::DataSourceKind,
        DataSourceKind::Records,
        place,
    );
    if let Some(name) = resource.clone() {
        source.set(Fact::DataSourceResource, name, place);
    }
    reading.context.model.add(source);
    if let Some(verb) = action.text(Fact::ActionVerb).and_then(effect_verb) {
        reading.effects.push(Effect { verb, resource, place: part.place, name: part.label.clone() });
    }
}

/// The verb of an effect that agents have to know of.
fn effect_verb(name: &str) -> Option<Verb> {
    [Verb::Read, Verb::Write, Verb::Delete, Verb::Send, Verb::Admin].into_iter().find(|verb| verb.name() == name)
}

/// An element that calls an action of the platform or of a class.
fn called<'t>(reading: &mut Reading<'_, '_, 't>, part: &Part<'t>, verb: Verb, action: &mut Element<'t>, sinks: &mut Sinks<'t>) {
    let (mut to, mut content) = (Vec::new(), Vec::new());
    let (mut to_place, mut content_place) = (part.place, part.place);
    for (name, value) in part.values("inputParameters", "name") {
        let parts = reading.values.parts(value);
        if verb == Verb::Send && RECIPIENTS.contains(&&*name.to_ascii_lowercase()) {
            to_place = Place::of(value);
            to.extend(parts);
            recipient(action, value);
        } else {
            content_place = if content.is_empty() { Place::of(value) } else { content_place };
            content.extend(parts);
        }
    }
    let writes = !matches!(verb, Verb::Read | Verb::Control | Verb::Transform);
    if !content.is_empty() && writes {
        sinks.push((Fact::ActionContentFrom, content, content_place));
    }
    if !to.is_empty() {
        sinks.push((Fact::ActionRecipientFrom, to, to_place));
    }
    if let Some(verb) = effect_verb(verb.name()) {
        reading.effects.push(Effect { verb, resource: None, place: part.place, name: part.label.clone() });
    }
}

/// The address that stands in the export.
fn recipient<'t>(action: &mut Element<'t>, value: Node<'t>) {
    let Some(node) = value.get("stringValue") else { return };
    let Some(address) = text(node) else { return };
    if let Some(whose) = address::recipient(&address) {
        action.set(Fact::ActionRecipient, address, Place::of(node));
        action.set(Fact::ActionRecipientDomain, whose, Place::of(node));
    }
}

/// The connector of an action, once a flow.
fn connector_of<'t>(reading: &mut Reading<'_, '_, 't>, part: &Part<'t>, key: Cow<'t, str>) {
    if key.is_empty() || !reading.connectors.insert(key.to_lowercase()) {
        return;
    }
    let place = part.node.get("actionType").map_or(part.place, Place::of);
    let custom = part.what == What::Plugin || ["apex", "component", "externalService"].iter().any(|one| key.eq_ignore_ascii_case(one));
    let publisher = if custom { Publisher::Custom } else { Publisher::Platform };
    let element = Element::new(Kind::Connector, reading.app, key.clone(), part.label.clone(), place)
        .at_step(part.step)
        .with(Fact::ConnectorKey, key, place)
        .with(Fact::ConnectorPublisher, publisher, place);
    reading.context.model.add(element);
}

#[cfg(test)]
mod tests {
    use super::{ACTIONS, Verb, WORDS, verb_of, verb_of_name};

    #[test]
    fn names_tell_what_is_done() {
        assert!(ACTIONS.is_sorted_by_key(|(name, _)| *name) && WORDS.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(verb_of_name("Create_Booking"), Some(Verb::Write));
        assert_eq!(verb_of_name("contosoPkg__GetOrdersByContact"), Some(Verb::Read));
        assert_eq!((verb_of_name("Addresses_Check"), verb_of_name("")), (None, None));
        assert_eq!(verb_of("emailSimple", "emailSimple"), Verb::Send);
        assert_eq!(verb_of("standardInvocableAction", "streamKnowledgeSearch"), Verb::Read);
        assert_eq!(verb_of("apex", "UpdateOrder"), Verb::Execute);
    }
}

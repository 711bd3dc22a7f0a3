//! What a part sends to people.

use super::Context;
use super::connection::Used;
use super::part::Part;
use super::{expression, values};
use crate::model::address;
use crate::model::vocabulary::Verb;
use crate::model::{ElementId, Fact, Place};
use crate::tree::{Node, ValueKind};

/// Parameters that hold recipients and content, behind the last `/` of their names, in lower case.
const RECIPIENTS: [&str; 8] = ["to", "cc", "bcc", "emailto", "recipient", "recipients", "toaddress", "torecipients"];
const CONTENT: [&str; 10] =
    ["body", "subject", "message", "messagebody", "text", "content", "htmlbody", "attachments", "notificationdefinition", "comment"];

/// Whether the parameter says who gets a message or a task.
pub(super) fn is_addressee(node: Node<'_>) -> bool {
    let key = node.key().unwrap_or_default();
    let name = key.rsplit('/').next().unwrap_or(&key).to_ascii_lowercase();
    RECIPIENTS.contains(&&*name) || matches!(&*name, "assignedto" | "requestor" | "groupid" | "channelid" | "chatid")
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, used: &Used<'t>, verb: Verb, element: ElementId) {
    if verb != Verb::Send {
        return;
    }
    let holders = ["parameters", "body", "queries"].into_iter().filter_map(|name| part.input(&[name]));
    let members: Vec<Node<'t>> = holders.flat_map(Node::descend).collect();
    let named = |names: &[&str]| -> Vec<Node<'t>> {
        let is_named = |node: &&Node<'t>| {
            let key = node.key().unwrap_or_default();
            names.contains(&&*key.rsplit('/').next().unwrap_or(&key).to_ascii_lowercase())
        };
        members.iter().filter(is_named).filter(|node| node.kind() == ValueKind::String || node.is_array()).copied().collect()
    };
    let is_mail = super::connector::known(&used.key).data != Some(crate::model::vocabulary::DataSourceKind::Messages);
    for node in named(&RECIPIENTS).into_iter().filter(|_| is_mail) {
        let Some(text) = node.as_str() else { continue };
        if expression::is_dynamic(&text) {
            values::sink(context, element, part.at, Fact::ActionRecipientFrom, &[node]);
        } else if let Some(domain) = text.split([',', ';']).filter_map(|one| address::recipient(one.trim())).max() {
            let target = context.model.element_mut(element);
            target.set(Fact::ActionRecipient, text.into_owned(), Place::of(node));
            target.set(Fact::ActionRecipientDomain, domain, Place::of(node));
        }
    }
    values::sink(context, element, part.at, Fact::ActionContentFrom, &named(&CONTENT));
}

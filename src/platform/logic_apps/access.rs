//! Who may start a workflow.
//!
//! A Request trigger has an address that is signed: whoever has it can call. `accessControl` narrows that; projects of the Standard
//! plan cannot say it in their files.
//! <https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app>

use super::arm::Scope;
use crate::model::Place;
use crate::model::vocabulary::{Auth, Exposure, TriggerKind};
use crate::platform::workflow_definition::Entry;
use crate::tree::Node;

/// The entry at `trigger`, a Request trigger of that kind in a workflow with the access control `control`.
pub(super) fn entry<'t>(control: Option<Node<'t>>, scope: &Scope<'t>, kind: &str, trigger: Place) -> Entry {
    let entry = |kind, auth| Entry { kind, exposure: (Exposure::Public, trigger), auth: (auth, trigger) };
    // The chat of an agent is behind the login of its app, or a key: neither is in the export.
    if kind == "agent" {
        return entry(TriggerKind::Chat, Auth::Unknown);
    }
    let open = entry(TriggerKind::Http, Auth::UrlSecret);
    let Some(triggers) = control.map(|control| scope.value(control)).and_then(|control| control.get("triggers")) else { return open };
    let policies = triggers.at(&["openAuthenticationPolicies", "policies"]).map(|node| scope.value(node));
    if let Some(policies) = policies.filter(|policies| policies.as_str().is_some() || policies.members().next().is_some()) {
        return Entry { auth: (Auth::Oauth, Place::key_of(policies)), ..open };
    }
    match triggers.get("allowedCallerIpAddresses").map(|node| scope.value(node)) {
        // An empty list lets only other workflows in.
        Some(ranges) if ranges.is_array() && ranges.items().next().is_none() => {
            Entry { exposure: (Exposure::Internal, Place::key_of(ranges)), auth: (Auth::Platform, Place::key_of(ranges)), ..open }
        }
        Some(ranges) if !ranges.items().any(is_everyone) && !ranges.is_null() => Entry { auth: (Auth::Ip, Place::key_of(ranges)), ..open },
        _ => open,
    }
}

fn is_everyone(range: Node<'_>) -> bool {
    let range = range.get("addressRange").unwrap_or(range).as_str();
    range.is_some_and(|range| matches!(range.trim(), "0.0.0.0/0" | "0.0.0.0-255.255.255.255" | "*" | "::/0"))
}

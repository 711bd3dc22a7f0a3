//! What starts a workflow: who can reach it, and how callers prove who they are.

use super::catalogue::{self};
use super::node::{Context, NodeParts, data_source, hands_on};
use crate::model::vocabulary::{Auth, DataSourceKind, Exposure, Origin, TriggerKind};
use crate::model::{Fact, Kind, Output, Place, StepId};
use crate::tree::Node;
use std::borrow::Cow;

pub(super) fn trigger<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let (kind, exposure, auth, place) = entry(parts);
    let mut element = context
        .element(Kind::Trigger, parts, step)
        .with(Fact::TriggerKind, kind, parts.place())
        .with(Fact::TriggerExposure, exposure.0, exposure.1)
        .with(Fact::TriggerAuth, auth, place)
        .with(Fact::TriggerConnector, parts.kind, parts.place());
    if parts.base == "webhook" {
        let method = parts.parameter(&["httpMethod"]);
        let methods: Vec<Cow<'t, str>> = match method {
            Some(node) if node.is_array() => node.items().filter_map(Node::as_str).collect(),
            Some(node) => node.as_str().into_iter().collect(),
            None => vec!["GET".into()],
        };
        element.set(Fact::TriggerMethods, methods, method.map_or(parts.place(), Place::of));
    }
    if let Some(node) = parts.parameter(&["options", "allowedOrigins"]) {
        let origins: Vec<String> = node.as_str().unwrap_or_default().split(',').map(|origin| origin.trim().to_owned()).collect();
        element.set(Fact::TriggerOrigins, origins, Place::of(node));
    }
    context.model.add(element);
    let own = &[("webhookUrl", Origin::Literal), ("executionMode", Origin::Literal)];
    let output = match catalogue::trigger_origin(parts.base) {
        Origin::Trigger => Output::OwnFields(own, Origin::Trigger),
        origin => Output::Own(origin),
    };
    hands_on(context, step, output);
    let data = catalogue::node_type(parts.base.strip_suffix("Trigger").unwrap_or(parts.base)).data;
    if let Some(data) = data.filter(|data| *data == DataSourceKind::Mailbox) {
        data_source(context, parts, step, data);
    }
}

/// What kind of entry it is, who can reach it, how callers prove who they are, and where that stands.
pub(super) fn entry(parts: &NodeParts<'_>) -> (TriggerKind, (Exposure, Place), Auth, Place) {
    use Exposure::{Internal, Public, Tenant};
    let here = parts.place();
    let authentication = parts.parameter(&["authentication"]);
    let auth_place = authentication.map_or(here, Place::of);
    let auth = match authentication.and_then(Node::as_str).as_deref() {
        None | Some("none" | "") => Auth::Absent,
        Some("basicAuth" | "n8nUserAuth") => Auth::Basic,
        Some("headerAuth" | "bearerAuth") => Auth::Header,
        Some("jwtAuth") => Auth::Jwt,
        Some(text) if text.contains("{{") => Auth::Unknown,
        Some(_) => Auth::Platform,
    };
    let limited = parts.parameter(&["options", "ipWhitelist"]).filter(|node| node.as_str().is_some_and(|list| !list.trim().is_empty()));
    let (auth, auth_place) = match limited {
        Some(node) if auth == Auth::Absent => (Auth::Ip, Place::of(node)),
        _ => (auth, auth_place),
    };
    match parts.base {
        "webhook" => (TriggerKind::Http, (Public, here), auth, auth_place),
        "formTrigger" => (TriggerKind::Form, (Public, here), auth, auth_place),
        "mcpTrigger" => (TriggerKind::Mcp, (Public, here), auth, auth_place),
        "chatTrigger" => {
            let public = parts.parameter(&["public"]);
            let exposure = if public.and_then(Node::as_bool) == Some(true) { Public } else { Internal };
            (TriggerKind::Chat, (exposure, public.map_or(here, Place::of)), auth, auth_place)
        }
        "manualTrigger" | "manualChatTrigger" | "start" => (TriggerKind::Manual, (Internal, here), Auth::Platform, here),
        "scheduleTrigger" | "cron" | "interval" => (TriggerKind::Schedule, (Internal, here), Auth::Platform, here),
        "executeWorkflowTrigger" => (TriggerKind::Subflow, (Internal, here), Auth::Platform, here),
        "errorTrigger" => (TriggerKind::Error, (Internal, here), Auth::Platform, here),
        "localFileTrigger" | "googleDriveTrigger" => (TriggerKind::File, (Internal, here), Auth::Platform, here),
        "gmailTrigger" | "emailReadImap" | "microsoftOutlookTrigger" | "postmarkTrigger" => {
            (TriggerKind::Email, (Public, here), Auth::Platform, here)
        }
        // Anyone may write to a bot; the service vouches for who wrote, not for what.
        "telegramTrigger" | "whatsAppTrigger" | "twilioTrigger" | "facebookTrigger" | "lineTrigger" => {
            (TriggerKind::Chat, (Public, here), Auth::Platform, here)
        }
        "slackTrigger" | "microsoftTeamsTrigger" => (TriggerKind::Chat, (Tenant, here), Auth::Platform, here),
        "typeformTrigger"
        | "jotFormTrigger"
        | "formIoTrigger"
        | "wufooTrigger"
        | "surveyMonkeyTrigger"
        | "calTrigger"
        | "calendlyTrigger" => (TriggerKind::Form, (Public, here), Auth::Platform, here),
        "mqttTrigger" | "kafkaTrigger" | "rabbitmqTrigger" | "amqpTrigger" | "redisTrigger" | "awsSqsTrigger" => {
            (TriggerKind::Queue, (Exposure::Unknown, here), Auth::Platform, here)
        }
        _ => (TriggerKind::Event, (Internal, here), Auth::Platform, here),
    }
}

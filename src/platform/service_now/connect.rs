//! What the platform calls: REST messages, logins at other services, sources of data.

use super::record::{Record, is_ciphertext};
use super::script::with_address;
use super::{Context, Lower};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::{Publisher, SecretPlace};
use crate::model::{Fact, Kind, Place};
use std::borrow::Cow;

pub(super) const TABLES: &[(&str, Lower)] = &[
    ("sys_rest_message", lower_message),
    ("sys_rest_message_fn", lower_function),
    ("sys_rest_message_headers", lower_header),
    ("sys_rest_message_fn_headers", lower_header),
    ("sys_rest_message_fn_param_defs", lower_parameter),
    ("sys_rest_message_fn_parameters", lower_parameter),
    ("sys_soap_message", lower_soap),
    ("sys_soap_message_function", lower_soap),
    ("oauth_entity", lower_oauth),
    ("http_connection", lower_connection),
    ("jdbc_connection", lower_connection),
    ("sys_data_source", lower_connection),
];

/// How a message says that it proves nothing.
const NO_LOGIN: &str = "no_authentication";
const OF_PARENT: [&str; 2] = ["inherit_from_parent", ""];

fn lower_message<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let place = record.place();
    let connector = context.element(Kind::Connector, record, "", place).with(Fact::ConnectorKey, "sys_rest_message", place).with(
        Fact::ConnectorPublisher,
        Publisher::Custom,
        place,
    );
    context.model.add(connector);
    if let Some((kind, node)) = record.value("authentication_type") {
        let connection =
            context.element(Kind::Connection, record, "authentication", place).with(Fact::ConnectionType, kind, Place::of(node));
        context.model.add(connection);
    }
    let login = login(context, record, &[record.id()]);
    endpoint(context, record, "rest_endpoint", login);
}

fn lower_function<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let own = record.text("authentication_type").is_some_and(|kind| !OF_PARENT.contains(&&*kind));
    let message = record.text("rest_message").unwrap_or_default();
    let parent = context.of_table("sys_rest_message").find(|parent| parent.id() == message).copied();
    let by = if own { Some(*record) } else { parent };
    let login = by.and_then(|by| login(context, &by, &[record.id(), message]));
    endpoint(context, record, "rest_endpoint", login);
    if let Some((_, node)) = record.value("content") {
        context.secrets(record, "content", node, (Position::BodyField, SecretPlace::Body));
    }
}

/// Whether a message proves who sends it, as far as it says so; a header of one of the messages `of` may do that, too.
fn login(context: &Context<'_, '_>, record: &Record<'_>, of: &[Cow<'_, str>]) -> Option<(bool, Place)> {
    let (kind, node) = record.value("authentication_type")?;
    let headers = ["sys_rest_message_headers", "sys_rest_message_fn_headers"].into_iter().flat_map(|table| context.of_table(table));
    let is_of = |header: &Record<'_>| {
        ["rest_message", "rest_message_function"].iter().any(|field| header.text(field).is_some_and(|id| of.contains(&id)))
    };
    let sent = headers.filter(|header| is_of(header)).any(|header| is_login(&header.name()));
    Some((kind != NO_LOGIN || record.is("use_mutual_auth") || sent, Place::of(node)))
}

fn is_login(header: &str) -> bool {
    header.eq_ignore_ascii_case("authorization") || is_secret_name(header)
}

fn endpoint<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, field: &str, login: Option<(bool, Place)>) {
    let Some((text, node)) = record.value(field) else { return };
    let place = Place::of(node);
    let element = context.element(Kind::Endpoint, record, field, place);
    if let Some(mut element) = with_address(element, &text, place) {
        if let Some((login, place)) = login {
            element.set(Fact::EndpointAuthenticated, login, place);
        }
        context.model.add(element);
    }
    context.secrets(record, field.to_owned(), node, (Position::QueryParameter, SecretPlace::Query));
}

/// What is filled in when the message is sent stands in the file as `${name}`.
fn is_variable(text: &str) -> bool {
    text.contains("${")
}

fn value<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, position: (Position, SecretPlace)) {
    let Some((text, node)) = record.value("value") else { return };
    if is_ciphertext(&text) || is_variable(&text) {
        context.take_over(node);
        return;
    }
    context.secrets(record, record.name(), node, position);
}

fn lower_header<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let position = if record.name().eq_ignore_ascii_case("authorization") {
        (Position::AuthorizationHeader, SecretPlace::AuthHeader)
    } else {
        (Position::Header, SecretPlace::Header)
    };
    value(context, record, position);
}

fn lower_parameter<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    value(context, record, (Position::QueryParameter, SecretPlace::Query));
}

fn lower_soap<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    ["wsdl", "soap_endpoint"].into_iter().for_each(|field| endpoint(context, record, field, None));
}

/// What a program that logs in to the platform may leave out.
fn lower_oauth<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    for field in ["auth_url", "token_url", "revoke_token_url", "redirect_url"] {
        endpoint(context, record, field, None);
    }
    let inbound = record.text("type").is_some_and(|kind| matches!(&*kind, "client" | "oauth_client"));
    let spares = [("public_client", true, "secret"), ("use_pkce", false, "proof-key")].into_iter().filter_map(|(field, weak, what)| {
        let (flag, place) = record.flag(field)?;
        (flag == weak).then_some((what, place))
    });
    let spares: Vec<(&'static str, Place)> = spares.collect();
    // Who has a secret needs no other proof.
    let public = spares.len() == 2;
    let Some((_, place)) = spares.first().copied().filter(|_| inbound && public && record.is_active()) else { return };
    let element = context.element(Kind::Connection, record, "", place).with(Fact::ConnectionType, "oauth", place).with(
        Fact::ConnectionSpares,
        spares.iter().map(|(what, _)| *what).collect::<Vec<_>>(),
        place,
    );
    context.model.add(element);
}

fn lower_connection<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    ["connection_url", "host_url"].into_iter().for_each(|field| endpoint(context, record, field, None));
    for field in ["jdbc_password", "scp_password"] {
        if let Some((_, node)) = record.value(field).filter(|(text, _)| !is_ciphertext(text)) {
            context.secrets(record, field, node, (Position::CredentialField, SecretPlace::SecretSection));
        }
    }
}

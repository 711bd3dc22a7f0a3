//! Which steps leave a secret in the history of runs: it shows the inputs and outputs of every step that does not hide them.

use super::connection::Used;
use super::expression::{self, Call, Function, Piece};
use super::part::Part;
use super::{Context, connector, values};
use crate::model::secret::is_secret_name;
use crate::model::vocabulary::Recorded;
use crate::model::{ElementId, Fact};
use crate::platform::secrets::is_secret_query;
use crate::tree::Node;

/// Whether a header of that name says who sends the request.
pub(super) fn is_credential_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(&*lower, "authorization" | "proxy-authorization" | "cookie" | "ocp-apim-subscription-key" | "x-functions-key")
        || is_secret_name(&lower) && !lower.contains("x-atlassian-token") && !lower.contains("csrf")
}

/// What the history shows of a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    inputs: bool,
    outputs: bool,
    /// Whether it hands on a secret, see [`hands_on_secret`].
    hands_on_secret: bool,
}

impl Shown {
    pub(super) fn of(part: &Part<'_>, used: Option<&Used<'_>>) -> Self {
        let listed = part.node.at(&["runtimeConfiguration", "secureData", "properties"]);
        let hidden = listed.into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let mut shown = Self { inputs: true, outputs: true, hands_on_secret: hands_on_secret(part, used) };
        hidden.for_each(|side| {
            shown.inputs &= !side.eq_ignore_ascii_case("inputs");
            shown.outputs &= !side.eq_ignore_ascii_case("outputs");
        });
        shown
    }
}

/// States where the history shows a secret that the step handles.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, element: ElementId) {
    let shown = context.shown[part.at];
    let mut sides = Vec::new();
    if shown.inputs && puts_in_secret(context, part) {
        sides.push(Recorded::Inputs);
    }
    // What hides its inputs also hides what comes of them.
    if shown.outputs && shown.inputs && shown.hands_on_secret {
        sides.push(Recorded::Outputs);
    }
    if !sides.is_empty() {
        context.model.element_mut(element).set(Fact::ActionSecretRecorded, sides, part.place());
    }
}

/// Whether what the step hands on is a secret: that of a vault, or a token that it asks for.
fn hands_on_secret(part: &Part<'_>, used: Option<&Used<'_>>) -> bool {
    if part.kind == "http" {
        let asks = part.text(&["uri"]).is_some_and(|uri| uri.to_ascii_lowercase().contains("/token"));
        let vault = part.text(&["uri"]).is_some_and(|uri| uri.contains("vault.azure.net/secrets/"));
        return vault || asks && credential_in_body(part).is_some();
    }
    let Some(used) = used else { return false };
    let operation = used.operation.as_ref().map(|operation| &*operation.0).unwrap_or_default();
    let action = part.text(&["parameters", "actionName"]);
    connector::hands_on_secret(&used.key, operation, action.as_deref())
}

/// Names of fields by which a request for a token says who asks.
const CREDENTIALS: [&str; 5] = ["client_secret", "password", "client_assertion", "refresh_token", "assertion"];

/// The text of a body that carries a credential, `client_secret=...`, or the member of it.
fn credential_in_body<'t>(part: &Part<'t>) -> Option<Node<'t>> {
    let body = part.input(&["body"])?;
    body.descend().find(|node| {
        let named = node.key().is_some_and(|name| CREDENTIALS.iter().any(|known| name.eq_ignore_ascii_case(known)));
        let text = node.as_str();
        let says = |text: &str| text.match_indices('=').any(|(equals, _)| CREDENTIALS.iter().any(|name| text[..equals].ends_with(name)));
        named && text.is_some() || text.as_deref().is_some_and(says)
    })
}

/// Whether a secret is among what the step is given.
fn puts_in_secret<'t>(context: &Context<'_, 't>, part: &Part<'t>) -> bool {
    let holders = [part.inputs, part.input(&["subscribe"])];
    let named = holders.into_iter().flatten().flat_map(|holder| credentials(part, holder));
    named.into_iter().any(|node| shows(context, node)) || reads_secret(context, part)
}

/// The values of a request that are credentials by where they stand.
fn credentials<'t>(part: &Part<'t>, holder: Node<'t>) -> Vec<Node<'t>> {
    let is_http = matches!(&*part.kind, "http" | "httpwebhook");
    let mut found = Vec::new();
    if is_http {
        let names = ["secret", "password", "pfx", "value"];
        found.extend(names.into_iter().filter_map(|name| holder.at(&["authentication", name])));
        let members = |name: &str| holder.get(name).into_iter().flat_map(Node::members).collect::<Vec<_>>();
        found.extend(members("headers").into_iter().filter(|node| node.key().is_some_and(|name| is_credential_header(&name))));
        found.extend(members("queries").into_iter().filter(|node| node.key().is_some_and(|name| is_secret_query(&name))));
        found.extend(credential_in_body(part));
    }
    found
}

/// Whether the history shows the value: it comes from a step that does not hide it. What stands in the definition is there for everyone
/// to see anyway.
fn shows(context: &Context<'_, '_>, node: Node<'_>) -> bool {
    let Some(text) = node.as_str().filter(|text| !text.trim().is_empty()) else { return false };
    let calls = calls(&text);
    // Platforms hide what a connection is used with by themselves.
    let plumbing = |call: &Call<'_>| {
        call.path.iter().any(|name| name.eq_ignore_ascii_case("X-MS-APIM-Tokens"))
            || call.name.as_deref().is_some_and(|name| name.starts_with('$'))
    };
    let data: Vec<&Call<'_>> = calls.iter().filter(|call| !call.is_safe && !plumbing(call)).collect();
    !data.is_empty() && !data.iter().all(|call| from_hidden(context, call))
}

fn calls(text: &str) -> Vec<Call<'_>> {
    let expressions = expression::pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Expression(range) => Some(range),
        Piece::Text(_) => None,
    });
    expressions.flat_map(|range| expression::calls(text, range)).collect()
}

/// Whether what is read is hidden where it is read: the platforms then hide the inputs made of it too.
fn from_hidden(context: &Context<'_, '_>, call: &Call<'_>) -> bool {
    let step = match call.function {
        Function::Step => call.name.as_deref().and_then(|name| values::named(context, name)),
        Function::Trigger => (!context.parts.is_empty()).then_some(0),
        _ => None,
    };
    step.is_some_and(|at| !context.shown[at].outputs)
}

/// Whether the step reads a parameter that is kept as a secret, or what a vault hands on without hiding it. Steps that cannot hide
/// anything are not asked to.
fn reads_secret<'t>(context: &Context<'_, 't>, part: &Part<'t>) -> bool {
    let can_hide = matches!(
        &*part.kind,
        "http" | "httpwebhook" | "apiconnection" | "openapiconnection" | "workflow" | "response" | "function" | "serviceprovider"
    );
    let Some(inputs) = part.inputs.filter(|_| can_hide) else { return false };
    let texts = inputs.descend().filter(|node| values::may_read(*node)).filter_map(Node::as_str);
    texts.into_iter().any(|text| {
        calls(&text).iter().filter(|call| !call.is_safe).any(|call| match call.function {
            Function::Parameter => {
                let name = call.name.as_deref().unwrap_or_default();
                !name.starts_with('$')
                    && (context.host.parameter(name).is_secret || context.secure_parameters.contains(&name.to_lowercase()))
            }
            Function::Step => {
                let at = call.name.as_deref().and_then(|name| values::named(context, name));
                at.is_some_and(|at| {
                    let other = &context.parts[at];
                    let vault = matches!(&*other.kind, "apiconnection" | "openapiconnection" | "serviceprovider" | "http");
                    vault && context.shown[at].outputs && context.shown[at].hands_on_secret && credential_path(call)
                })
            }
            _ => false,
        })
    })
}

/// Whether the secret itself is read, and not when it runs out or how the request for it ended.
fn credential_path(call: &Call<'_>) -> bool {
    let told = ["statuscode", "status", "headers", "expires_in", "attributes", "id"];
    !call.path.iter().any(|name| told.contains(&&*name.to_ascii_lowercase()))
}

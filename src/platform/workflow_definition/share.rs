//! Rights that a step gives to everyone: links to files that need no login.

use super::Context;
use super::connection::Used;
use super::part::Part;
use crate::model::vocabulary::{DataSourceKind, PrincipalKind};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;

/// Adds the link that an operation on files makes for everyone: `permission/scope` or `scope` is `anonymous`, and what it allows stands
/// beside it.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, used: &Used<'t>) {
    let data = super::connector::known(&used.key).data;
    if !matches!(data, Some(DataSourceKind::File | DataSourceKind::Bucket)) {
        return;
    }
    let holders = ["parameters", "body", "queries"].into_iter().filter_map(|name| part.input(&[name]));
    for holder in holders.flat_map(Node::descend).filter(|node| node.is_object()) {
        let named = |name: &str| {
            let is = |member: &Node<'t>| {
                member.key().is_some_and(|key| key.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name)))
            };
            holder.members().find(is)
        };
        let Some(scope) = named("scope") else { continue };
        if scope.as_str().is_some_and(|scope| scope.eq_ignore_ascii_case("anonymous")) {
            let right = named("type").and_then(Node::as_str).map(|right| right.to_ascii_lowercase());
            let element = part
                .element(Kind::Grant, context.app)
                .with(Fact::GrantPrincipalKind, PrincipalKind::Anonymous, Place::of(scope))
                .with(Fact::GrantAction, right.unwrap_or_else(|| "view".into()), Place::of(scope));
            context.model.add(element);
        }
    }
}

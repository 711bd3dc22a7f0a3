//! Connection references: what a solution says of the connections that it needs. Which connection is behind one is never exported.

use super::{Context, member, package};
use crate::model::{Element, Fact, Kind, Place};
use crate::tree::Node;

/// A `connectionreference` of a solution.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let Some((id, _)) = member(node, "@connectionreferencelogicalname") else { return };
    let name = member(node, "connectionreferencedisplayname").map_or(id.clone(), |(name, _)| name);
    let app = package(context, node);
    let mut element = Element::new(Kind::Connection, app, id, name, Place::key_of(node));
    if let Some((connector, place)) = member(node, "connectorid") {
        element.set(Fact::ConnectionType, key(&connector).to_owned(), Place::of(place));
    }
    context.model.add(element);
}

/// `/providers/Microsoft.PowerApps/apis/shared_teams`: what the connector is called.
pub(super) fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

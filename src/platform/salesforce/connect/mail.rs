//! Mail services: whoever writes to their address starts code.

use super::super::Context;
use super::super::component::{Component, flag, member};
use crate::model::graph::Output;
use crate::model::vocabulary::{Auth, Exposure, Guard, Origin, TriggerKind, Verb};
use crate::model::{Edge, EdgeKind, Element, Fact, Kind, Place, Step};
use crate::tree::Node;
use std::borrow::Cow;

pub(in super::super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let off = flag(node, "isActive").is_some_and(|(active, _)| !active);
    // Without code it is one of the services of the platform itself.
    let Some((code, held)) = member(node, "apexClass").filter(|_| !off) else { return };
    let Some((asks, place)) = flag(node, "isAuthenticationRequired") else { return };
    let step = |name: Cow<'t, str>, place, output| Step { name, app: component.app, place, output };
    let mail = context.model.add_step(step(component.name.clone(), component.place, Output::Own(Origin::Trigger)));
    let run = context.model.add_step(step(code.clone(), Place::of(held), Output::Own(Origin::Unknown)));
    context.model.edges.push(Edge { from: mail, to: run, kind: EdgeKind::Next });
    // Who is allowed to write stands in a field of the mail that everyone fills in as he likes, unless it is verified.
    let trigger = component
        .element(Kind::Trigger, "mail", component.place)
        .at_step(mail)
        .with(Fact::TriggerKind, TriggerKind::Email, component.place)
        .with(Fact::TriggerExposure, Exposure::Public, component.place)
        .with(Fact::TriggerAuth, if asks { Auth::Platform } else { Auth::Absent }, place)
        .with(Fact::TriggerGuard, Guard::Absent, place);
    context.model.add(trigger);
    let place = Place::of(held);
    let action = Element::new(Kind::Action, component.app, format!("{}.{code}", component.id), code, place)
        .at_step(run)
        .with(Fact::ActionConnector, "apex", place)
        .with(Fact::ActionVerb, Verb::Execute, place);
    context.model.add(action);
}

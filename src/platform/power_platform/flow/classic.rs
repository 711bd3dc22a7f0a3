//! Workflows of the time before flows: what they are called and whether they run. Their steps are not read.

use super::solution::{self, Solution};
use crate::model::vocabulary::AppKind;
use crate::model::{Fact, Place};
use crate::platform::power_platform::Context;
use crate::tree::Node;
use std::borrow::Cow;

pub(in crate::platform::power_platform) fn lower<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let export = context.export;
    let (file_name, id) = solution::name_and_id(export.file(root).path);
    let id = id.unwrap_or_default();
    let header = context.solution.get_or_insert_with(|| Solution::of(export)).header_of(&id);
    let name = header.name.unwrap_or(Cow::Borrowed(file_name));
    let place = root.get("@Class").map_or(Place::of(root), Place::of);
    let app = context.model.add_app(id.into(), name.clone(), place);
    let element = context.model.app(app).element;
    let element = context.model.element_mut(element);
    element.set(Fact::AppKind, AppKind::Flow, place);
    element.set(Fact::AppName, name, place);
    if let Some(state) = header.state {
        element.set(Fact::AppEnabled, state.as_str().is_some_and(|state| state.trim() == "1"), Place::of(state));
    }
}

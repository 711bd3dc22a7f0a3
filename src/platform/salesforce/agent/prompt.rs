//! Templates of prompts: the flows, records and texts that are put into them before a model sees them.

use crate::model::vocabulary::{DataSourceKind, Verb};
use crate::model::{AppId, Element, Fact, Kind, Place, StepId};
use crate::platform::salesforce::component::text;
use crate::platform::salesforce::{Context, flow};
use crate::tree::Node;
use std::borrow::Cow;

/// What a template puts into the prompt of the action at `step`.
pub(super) fn sources<'t>(context: &mut Context<'_, 't>, app: AppId, step: StepId, template: Node<'t>) -> Vec<flow::Effect<'t>> {
    let mut found = Vec::new();
    // A template has several versions, which mostly say the same.
    let mut seen = std::collections::BTreeSet::new();
    let definitions = template.descend().filter(|node| node.key().as_deref() == Some("definition"));
    for (node, definition) in definitions.filter_map(|node| Some((node, text(node)?))) {
        let Some((scheme, name)) = split(&definition) else { continue };
        if !seen.insert(definition.to_lowercase()) {
            continue;
        }
        let place = Place::of(node);
        match &*scheme.to_ascii_lowercase() {
            "flow" => {
                if let Some(number) = flow::call(context, step, &name) {
                    found.extend(flow::effects(context, number));
                }
            }
            "sobject" => found.push(flow::Effect { verb: Verb::Read, resource: Some(name.clone()), place, name }),
            "invocable" => {
                let web = name.to_ascii_lowercase().contains("webretriev");
                let kind = if web { DataSourceKind::Web } else { DataSourceKind::Knowledge };
                let element =
                    Element::new(Kind::DataSource, app, name.clone(), name, place).at_step(step).with(Fact::DataSourceKind, kind, place);
                context.model.add(element);
            }
            _ => {}
        }
    }
    found
}

/// The scheme and the rest of a definition: `flow://Get_Orders`.
fn split<'t>(definition: &Cow<'t, str>) -> Option<(String, Cow<'t, str>)> {
    match definition {
        Cow::Borrowed(text) => text.split_once("://").map(|(scheme, name)| (scheme.to_owned(), Cow::Borrowed(name))),
        Cow::Owned(text) => text.split_once("://").map(|(scheme, name)| (scheme.to_owned(), Cow::Owned(name.to_owned()))),
    }
}

//! Steps of plug-ins: which event runs which code of the solution, and what the code is told in clear.

use super::{Context, guid, member, package, root, schema};
use crate::model::secret::Position;
use crate::model::vocabulary::SecretPlace;
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::power_platform::literal::{self, Owner, Spot};
use crate::platform::{File, SchemaText};
use crate::tree::Node;

pub(super) const SCHEMA: SchemaText =
    schema("power-platform/plugin-step.schema.json", include_str!("../../../../schemas/power-platform/plugin-step.schema.json"));

pub(super) fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    root(file, "SdkMessageProcessingStep").into_iter().filter(|step| step.get("PluginTypeName").is_some()).collect()
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let Some((plugin, place)) = member(node, "PluginTypeName") else { return };
    let app = package(context, node);
    let name = member(node, "@Name").map_or_else(|| plugin.clone(), |(name, _)| name);
    let id = member(node, "@SdkMessageProcessingStepId").map_or_else(|| name.to_string(), |(id, _)| guid(&id));
    let setting = Element::new(Kind::Setting, app, id.clone(), name.clone(), Place::of(place))
        .with(Fact::SettingKey, "plugin-step", Place::of(place))
        .with(Fact::SettingValue, plugin, Place::of(place));
    context.model.add(setting);
    // The platform never exports the part of the configuration that is kept encrypted.
    let Some((_, configuration)) = member(node, "Configuration") else { return };
    let owner = Owner { app, id: id.into(), name, step: None };
    let node = configuration.get("#text").unwrap_or(configuration);
    literal::scan(context, &owner, &Spot { node, field: None, position: Position::BodyField, place: SecretPlace::Other });
}

//! Certificates.

use super::super::Context;
use super::super::component::{Component, flag};
use crate::model::{Fact, Kind};
use crate::tree::Node;

pub(in super::super) fn lower<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let Some((exportable, place)) = flag(node, "privateKeyExportable") else { return };
    let setting = component.element(Kind::Setting, "key", place).with(Fact::SettingKey, "private-key", place).with(
        Fact::SettingValue,
        if exportable { "exportable" } else { "kept" },
        place,
    );
    context.model.add(setting);
}

//! Reports and dashboards: who may change what all see, and as whom they look.

use super::super::Context;
use super::super::component::{Component, member};
use crate::model::vocabulary::{PrincipalKind, Scope, Verb};
use crate::model::{Fact, Kind, Place};
use crate::tree::Node;

pub(super) const FOLDERS: &[&str] = &["ReportFolder", "DashboardFolder"];

pub(super) fn lower_folder<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let writes = |level: &str| matches!(level, "ReadWrite" | "EditAllContents" | "Manage");
    let public = member(node, "publicFolderAccess").filter(|(level, _)| writes(level));
    let shared = || {
        let everyone =
            node.get_all("folderShares").filter(|share| member(*share, "sharedToType").is_some_and(|(kind, _)| kind == "Organization"));
        everyone.filter_map(|share| member(share, "accessLevel")).find(|(level, _)| writes(level))
    };
    let Some((_, held)) = public.or_else(shared) else { return };
    let place = Place::of(held);
    let grant = component
        .element(Kind::Grant, "share", place)
        .with(Fact::GrantPrincipalKind, PrincipalKind::Everyone, place)
        .with(Fact::GrantAction, "edit", place)
        .with(Fact::GrantVerb, vec![Verb::Read, Verb::Write], place)
        .with(Fact::GrantResource, component.name.clone(), place)
        .with(Fact::GrantScope, Scope::Shared, place);
    context.model.add(grant);
}

pub(super) fn lower_dashboard<'t>(context: &mut Context<'_, 't>, node: Node<'t>) {
    let component = Component::of(context, node);
    let fixed = member(node, "dashboardType").is_some_and(|(kind, _)| kind == "SpecifiedUser");
    // Without a person the platform asks for one when the dashboard is deployed.
    let Some((_, held)) = member(node, "runningUser").filter(|(user, _)| fixed && user.contains('@')) else { return };
    let place = Place::of(held);
    let title = member(node, "title").map_or(component.name.clone(), |(title, _)| title);
    let mut setting = component.element(Kind::Setting, "runningUser", place).with(Fact::SettingKey, "seen-as", place).with(
        Fact::SettingValue,
        "person",
        place,
    );
    setting.name = title;
    context.model.add(setting);
}

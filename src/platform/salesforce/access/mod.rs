//! Who may do what: profiles, permission sets, groups of them, and what visitors without login get.

mod group;
pub(super) mod guest;
mod holder;
mod policy;
mod right;

use super::{Context, Form, Kind, schema};
pub(super) use holder::Holder;
use holder::Type;
use std::collections::BTreeMap;

/// The kinds of documents.
pub(super) const KINDS: &[Kind] = &[
    Kind { schema: schema!("permission-set-group.schema.json"), form: Form::Root(&["PermissionSetGroup"]), lower: group::gather },
    Kind { schema: schema!("muting-permission-set.schema.json"), form: Form::Root(&["MutingPermissionSet"]), lower: holder::gather_muting },
    Kind { schema: schema!("permission-set.schema.json"), form: Form::Part(&["PermissionSet"]), lower: holder::gather_permission_set },
    Kind { schema: schema!("permission-set-part.schema.json"), form: Form::Part(PARTS), lower: holder::gather_part },
    Kind { schema: schema!("profile.schema.json"), form: Form::Root(&["Profile"]), lower: holder::gather_profile },
    Kind { schema: schema!("profile-policy.schema.json"), form: Form::Root(policy::ROOTS), lower: policy::lower },
];

/// Entries of permission sets that tools keep in files of their own.
const PARTS: &[&str] = &["UserPermission", "ObjectPermission", "FlowAccess", "ExternalCredentialPrincipalAccess"];

/// What is known of who may do what before all of it has been seen.
#[derive(Default)]
pub(super) struct Known<'t> {
    holders: BTreeMap<(Type, String), Holder<'t>>,
    groups: group::Groups<'t>,
    /// What rules share with visitors.
    pub(super) shares: Vec<guest::Shared<'t>>,
    /// The sites that visitors reach.
    pub(super) sites: Vec<guest::Site<'t>>,
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    let holders: Vec<Holder<'_>> = std::mem::take(&mut context.access.holders).into_values().collect();
    context.access.groups.mute(holders.iter().filter(|holder| holder.kind == Type::Muting));
    let chains = guest::Chains::of(context, &holders);
    for holder in holders.iter().filter(|holder| holder.kind != Type::Muting) {
        holder::judge(context, holder);
        if holder.is_guest() {
            guest::judge(context, &chains, holder);
        }
        super::connect::use_of_credentials(context, holder);
    }
    guest::judge_shares(context, &chains);
}

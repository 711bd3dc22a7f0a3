//! What privileges of Dataverse let their holder do beyond working with data.
//!
//! Names are compared as a whole: `prvWriteUserSettings` and its like are in every role.
//! See <https://learn.microsoft.com/power-platform/admin/miscellaneous-privileges>.

use crate::model::vocabulary::{RightPower, Scope};

/// Kinds of records whose changing is a power, with the verbs that make it one.
const RECORDS: &[(&str, &[&str], RightPower)] = &[
    ("role", &["create", "write", "assign"], RightPower::AssignRights),
    ("fieldsecurityprofile", &["create", "write"], RightPower::AssignRights),
    ("user", &["create", "write", "delete", "disable"], RightPower::ManageUsers),
    ("workflow", &["write"], RightPower::ChangeFlows),
    ("pluginassembly", &["create", "write"], RightPower::RunCode),
    ("plugintype", &["create", "write"], RightPower::RunCode),
    ("sdkmessageprocessingstep", &["create", "write"], RightPower::RunCode),
    ("webresource", &["create", "write"], RightPower::Customise),
    ("entity", &["create", "write", "delete"], RightPower::Customise),
    ("attribute", &["create", "write", "delete"], RightPower::Customise),
    ("relationship", &["create", "write", "delete"], RightPower::Customise),
    ("optionset", &["create", "write", "delete"], RightPower::Customise),
    ("organization", &["write"], RightPower::Customise),
];

/// Privileges about no kind of record.
const OTHERS: &[(&str, RightPower)] = &[
    ("promotetoadmin", RightPower::AssignRights),
    ("writehierarchicalsecurityconfiguration", RightPower::AssignRights),
    ("deleterecordchangehistory", RightPower::EraseAudit),
    ("bulkdelete", RightPower::BulkDelete),
    ("importcustomization", RightPower::Customise),
    ("exportcustomization", RightPower::Customise),
    ("publishcustomization", RightPower::Customise),
    ("readsqlencryptionkey", RightPower::Decrypt),
    ("changesqlencryptionkey", RightPower::Decrypt),
    ("restoresqlencryptionkey", RightPower::Decrypt),
];

/// Families of privileges, by how their names begin.
const FAMILIES: &[(&str, RightPower)] = &[
    ("actonbehalfof", RightPower::Impersonate),
    ("bypass", RightPower::BypassChecks),
    ("deleteaudit", RightPower::EraseAudit),
    ("configure", RightPower::Customise),
];

/// What the privilege `name` allows beyond working with data.
pub(super) fn power(name: &str) -> Option<RightPower> {
    let name = bare(name)?;
    let others = OTHERS.iter().find(|(known, _)| *known == name).map(|known| known.1);
    let families = || FAMILIES.iter().find(|(start, _)| name.starts_with(start)).map(|known| known.1);
    let records = || {
        RECORDS.iter().find(|(record, verbs, _)| {
            let verb = name.strip_suffix(record);
            verb.is_some_and(|verb| verbs.contains(&verb))
        })
    };
    others.or_else(families).or_else(|| records().map(|known| known.2))
}

/// The privilege as catalogues of rights write it: `create account@unit`; what is about no table is a word of its own.
pub(super) fn right(name: &str, scope: Scope) -> String {
    const VERBS: [(&str, &str); 8] = [
        ("create", "create"),
        ("read", "read"),
        ("write", "update"),
        ("delete", "delete"),
        ("appendto", "append-to"),
        ("append", "append"),
        ("assign", "assign"),
        ("share", "share"),
    ];
    let bare = bare(name).unwrap_or_default();
    let verb = VERBS.iter().find_map(|(start, verb)| Some((verb, bare.strip_prefix(start).filter(|table| !table.is_empty())?)));
    match verb {
        Some((verb, table)) => format!("{verb} {table}@{}", scope.name()),
        None => format!("{name}@{}", scope.name()),
    }
}

/// The table, in lower case, whose rows the privilege `name` lets delete.
pub(super) fn deletes(name: &str) -> Option<String> {
    bare(name)?.strip_prefix("delete").map(str::to_owned)
}

/// Whether the privilege `name` is about changing what users of an app work with: rows of a table that some solution has added, or
/// of those that business is kept in.
pub(super) fn works_with_data(name: &str) -> bool {
    const BUSINESS: [&str; 6] = ["account", "contact", "lead", "opportunity", "incident", "activity"];
    let Some(name) = bare(name) else { return false };
    ["create", "write", "delete"]
        .iter()
        .filter_map(|verb| name.strip_prefix(verb))
        .any(|table| BUSINESS.contains(&table) || table.find('_').is_some_and(|at| at > 1))
}

/// The name without the letters that all have, in lower case.
fn bare(name: &str) -> Option<String> {
    name.get(..3).filter(|start| start.eq_ignore_ascii_case("prv"))?;
    Some(name[3..].to_ascii_lowercase())
}

/// Which records a level of access covers.
pub(super) fn scope(level: &str) -> Option<Scope> {
    match &*level.trim().to_ascii_lowercase() {
        "basic" => Some(Scope::Own),
        "local" => Some(Scope::Unit),
        "deep" => Some(Scope::Organisation),
        "global" => Some(Scope::All),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_told_by_whole_names() {
        use RightPower::{AssignRights, BypassChecks, EraseAudit, Impersonate, ManageUsers};

        let powers: Vec<_> =
            ["prvAssignRole", "prvWriteUser", "prvActOnBehalfOfAnotherUser", "prvBypassCustomPlugins", "prvDeleteAuditPartitions"]
                .map(power)
                .into_iter()
                .flatten()
                .collect();
        assert_eq!(powers, [AssignRights, ManageUsers, Impersonate, BypassChecks, EraseAudit]);
        let daily = ["prvWriteUserSettings", "prvWriteUserQuery", "prvAssignManager", "prvReadRole", "prvAssigncontoso_role", "prvÄ", "x"];
        assert!(daily.iter().all(|name| power(name).is_none()), "{daily:?}");
    }
}

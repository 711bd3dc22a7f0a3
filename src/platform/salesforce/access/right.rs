//! What the permissions of the platform let their holder do beyond working with data.
//!
//! See <https://help.salesforce.com/s/articleView?id=sf.perm_dependencies.htm> for what follows from what.

use crate::model::vocabulary::RightPower;

/// Permissions that are a power over others, and what each is.
const POWERS: &[(&str, RightPower)] = &[
    ("ModifyAllData", RightPower::AllData),
    ("ViewAllData", RightPower::ReadAllData),
    ("DataExport", RightPower::ReadAllData),
    ("ManageUsers", RightPower::ManageUsers),
    ("ManageInternalUsers", RightPower::ManageUsers),
    ("ResetPasswords", RightPower::ManageUsers),
    ("AssignPermissionSets", RightPower::AssignRights),
    ("ManageProfilesPermissionsets", RightPower::AssignRights),
    ("ManageSharing", RightPower::AssignRights),
    ("AuthorApex", RightPower::RunCode),
    ("CustomizeApplication", RightPower::Customise),
    ("ModifyMetadata", RightPower::Customise),
    ("ManageInteraction", RightPower::ChangeFlows),
    ("ManageRemoteAccess", RightPower::ManageLogins),
    ("ManageAuthProviders", RightPower::ManageLogins),
    ("ManageCertificates", RightPower::ManageLogins),
    ("ViewEncryptedData", RightPower::Decrypt),
    ("ManageEncryptionKeys", RightPower::Decrypt),
    ("BulkApiHardDelete", RightPower::BulkDelete),
    ("BypassMFAForUiLogins", RightPower::BypassChecks),
    ("UseAnyApiClient", RightPower::BypassChecks),
    ("CanApproveUninstalledApps", RightPower::BypassChecks),
    ("PasswordNeverExpires", RightPower::KeepPassword),
];

/// What the platform grants by itself with another permission: it is not a second thing that somebody has decided.
const IMPLIED: &[(&str, &[&str])] = &[
    ("ModifyAllData", &["ViewAllData", "DataExport", "ModifyMetadata", "ManageSharing"]),
    ("ManageUsers", &["AssignPermissionSets", "ManageProfilesPermissionsets", "ManageInternalUsers", "ResetPasswords", "ManageSharing"]),
    ("CustomizeApplication", &["ModifyMetadata", "ManageInteraction", "ManageRemoteAccess", "ManageAuthProviders", "ManageCertificates"]),
    ("AuthorApex", &["ModifyMetadata"]),
];

/// Powers that the profile of administrators, as it comes with the platform, does not hold.
const BEYOND_ADMINISTRATOR: [&str; 5] =
    ["BypassMFAForUiLogins", "UseAnyApiClient", "CanApproveUninstalledApps", "ViewEncryptedData", "BulkApiHardDelete"];

/// What the permission `name` allows beyond working with data.
pub(super) fn power(name: &str) -> Option<RightPower> {
    POWERS.iter().find(|(known, _)| *known == name).map(|known| known.1)
}

/// Whether the permission says something of its holder that is judged.
pub(super) fn is_told(name: &str) -> bool {
    power(name).is_some() || matches!(name, "ApiEnabled" | "ViewAllUsers")
}

/// Whether one of the `held` permissions brings `name` along.
pub(super) fn is_implied<'h>(name: &str, held: impl IntoIterator<Item = &'h str>) -> bool {
    held.into_iter().any(|held| IMPLIED.iter().any(|(cause, effects)| *cause == held && effects.contains(&name)))
}

/// Whether the standard profile of administrators has been given `name` on top of what it holds anyway.
pub(super) fn is_beyond_administrator(name: &str) -> bool {
    BEYOND_ADMINISTRATOR.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_another_permission_is_known() {
        assert!(is_implied("ViewAllData", ["RunFlow", "ModifyAllData"]) && is_implied("ResetPasswords", ["ManageUsers"]));
        assert!(!is_implied("ModifyAllData", ["ModifyAllData", "ManageUsers"]));
        assert!(IMPLIED.iter().all(|(cause, effects)| power(cause).is_some() && effects.iter().all(|effect| power(effect).is_some())));
    }
}

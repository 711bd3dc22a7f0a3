//! Roles: what their names say about who has them.

/// Whether a role of that name is meant for those who run the platform. The administrator of one app is none of them: a right over
/// users and roles reaches all apps.
pub(super) fn is_for_admins(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let admin = |word: &&str| matches!(*word, "admin" | "admins" | "administrator" | "administrators" | "customizer" | "customiser");
    let whole = words.len() == 1 && words.iter().all(admin);
    whole || words.windows(2).any(|pair| matches!(pair[0], "system" | "environment" | "tenant" | "platform") && admin(&pair[1]))
}

/// Whether a role of that name is meant for those who use an app every day. Names begin with what the app is called, which may be
/// about employees, too; what the role is stands at the end.
pub(super) fn is_for_users(name: &str) -> bool {
    const DAILY: [&str; 22] = [
        "user",
        "users",
        "viewer",
        "viewers",
        "reader",
        "readers",
        "employee",
        "employees",
        "requester",
        "requestor",
        "requesters",
        "maker",
        "makers",
        "member",
        "members",
        "visitor",
        "guest",
        "participant",
        "participants",
        "everyone",
        "staff",
        "basic",
    ];
    const ABOVE: [&str; 7] = ["admin", "administrator", "manager", "owner", "super", "power", "lead"];
    let name = name.to_ascii_lowercase();
    let words = || name.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words().take(2).any(|word| DAILY.contains(&word)) && !words().take(2).any(|word| ABOVE.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_of_one_app_is_none_of_the_platform() {
        assert!(is_for_admins("System Administrator") && is_for_admins("Contoso - Environment Admin") && is_for_admins("Administrator"));
        assert!(!is_for_admins("Awards - Program Admin") && !is_for_admins("Business Administrator") && !is_for_admins("System User"));
    }

    #[test]
    fn ordinary_users_are_told_by_name() {
        assert!(is_for_users("Parking - User") && is_for_users("Kudos Employee") && is_for_users("Contoso Maker SR"));
        assert!(
            !is_for_users("User Administrator")
                && !is_for_users("Employee Experience Localizer")
                && !is_for_users("Kudos Manager")
                && !is_for_users("Userspace")
        );
    }
}

//! What the names of connectors and operations say.

use crate::model::vocabulary::{DataSourceKind, Verb};

/// The connector that a reference names: `agent.shared_office365.8b1f...` is `shared_office365`; the reference itself where it says
/// nothing.
pub(super) fn connector_key(reference: &str) -> String {
    let part = reference.split(['.', '/']).find(|part| part.starts_with("shared_")).unwrap_or(reference);
    unescape(part).to_lowercase()
}

/// Names in solutions have `-20` for a blank and so on, in either case.
fn unescape(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(['-', '_']) {
        let code = rest.get(at + 1..at + 3).filter(|code| ["20", "2d", "5f"].iter().any(|known| code.eq_ignore_ascii_case(known)));
        text.push_str(&rest[..at]);
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                text.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            None => {
                text.push_str(&rest[at..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    text + rest
}

/// The letters and digits of a key, without the mark of connections: keys are written in several ways.
pub(in super::super) fn plain(key: &str) -> String {
    let key = unescape(key).to_lowercase();
    key.strip_prefix("shared_").unwrap_or(&key).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What an operation does, by the word that its name begins with.
pub(super) fn verb(operation: &str) -> Option<Verb> {
    const WORDS: [(Verb, &[&str]); 7] = [
        (Verb::Send, &["send", "forward", "reply", "postmessage", "postcard", "post_message", "publishmessage"]),
        (Verb::Share, &["share", "grantaccess", "createsharinglink", "createsharelink", "createlink"]),
        (Verb::Delete, &["delete", "remove"]),
        (Verb::Admin, &["edit-", "remove-admin", "set-admin", "new-admin"]),
        (Verb::Execute, &["performunboundaction", "performboundaction", "execute", "run", "invokehttp", "httprequest"]),
        (Verb::Read, &["get", "list", "search", "find", "read", "lookup", "query", "retrieve", "manager", "userprofile", "myprofile"]),
        (Verb::Write, &["create", "add", "update", "insert", "patch", "post", "put", "upsert", "set", "write", "upload", "move", "copy"]),
    ];
    let lower = operation.to_ascii_lowercase();
    WORDS.iter().find(|(_, words)| words.iter().any(|word| lower.starts_with(word))).map(|(verb, _)| *verb)
}

/// The data behind a connector.
pub(super) fn data(key: &str) -> Option<DataSourceKind> {
    let kind = match key.strip_prefix("shared_").unwrap_or(key) {
        "commondataserviceforapps"
        | "commondataservice"
        | "sql"
        | "excelonlinebusiness"
        | "azuretables"
        | "documentdb"
        | "postgresql"
        | "mysql"
        | "oracle" => DataSourceKind::Table,
        "sharepointonline" | "onedriveforbusiness" | "onedrive" | "box" | "dropbox" | "googledrive" | "ftp" | "sftpwithssh" => {
            DataSourceKind::File
        }
        "office365" | "outlook" | "gmail" => DataSourceKind::Mailbox,
        "teams" | "slack" => DataSourceKind::Messages,
        "office365users" | "dynamicscrmonline" | "salesforce" | "service-now" | "servicenow" | "zendesk" | "hubspotcrmv2" => {
            DataSourceKind::Records
        }
        "azureblob" => DataSourceKind::Bucket,
        "googlecalendar" => DataSourceKind::Calendar,
        _ => return None,
    };
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_by_their_connector() {
        assert_eq!(connector_key("contoso_Agent.shared_office365.0b1f"), "shared_office365");
        assert_eq!(connector_key("contoso_Agent.shared_new-5forders-20mcp-5fee08.6be7"), "shared_new_orders mcp_ee08");
        assert!(plain("shared_new-5forders-20mcp-5fee08").starts_with(&plain("new_5Forders-20mcp")));
    }

    #[test]
    fn operations_are_told_by_their_first_word() {
        let verbs = ["SendEmailV2", "GetItems", "PostMessageToConversation", "PostItem", "DeleteFile", "Frobnicate"].map(verb);
        assert_eq!(verbs, [Some(Verb::Send), Some(Verb::Read), Some(Verb::Send), Some(Verb::Write), Some(Verb::Delete), None]);
    }
}

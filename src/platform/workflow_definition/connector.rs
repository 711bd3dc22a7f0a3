//! What the connectors of the family do: the part of their meaning that no definition says.

use crate::model::vocabulary::{DataSourceKind, Power, Verb};

pub(in crate::platform) use crate::model::connector::{is_custom, key};
use std::borrow::Cow;

/// What is known of a connector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::platform) struct Known {
    /// What it reads or writes.
    pub(in crate::platform) data: Option<DataSourceKind>,
    /// What its connections can do beyond working with their own data.
    pub(in crate::platform) power: Option<Power>,
    /// What took its place.
    pub(in crate::platform) successor: Option<&'static str>,
    /// Whether what it writes to goes to people: `create` and `post` are to send.
    pub(in crate::platform) sends: bool,
    /// Whether a language model answers.
    pub(in crate::platform) is_model: bool,
}

/// Whether what the connector gives is what it was given, in another form.
pub(super) fn only_converts(key: &str) -> bool {
    let name = key.strip_prefix("shared_").unwrap_or(key);
    matches!(name, "as2" | "x12" | "edifact" | "rosettanet" | "conversionservice" | "xml" | "flatfile")
}

/// What is known of the connector `key`.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(in crate::platform) fn known(key: &str) -> Known {
    use DataSourceKind::{Bucket, Calendar, File, Knowledge, Mailbox, Messages, Records, Table, Web};
    let name = key.strip_prefix("shared_").unwrap_or(key);
    let data = |kind| Known { data: Some(kind), ..Known::default() };
    let power = |power| Known { power: Some(power), ..Known::default() };
    match name {
        "powerplatformforadmins"
        | "powerplatformadminv2"
        | "powerplatformadmin"
        | "powerappsforadmins"
        | "powerappsforappmakers"
        | "flowmanagement"
        | "microsoftflowforadmins"
        | "azuread"
        | "microsoftentraid"
        | "entraid"
        | "office365groups"
        | "intune"
        | "azureautomation"
        | "arm"
        | "azurevm"
        | "graphsecurity"
        | "azuread-identityprotection"
        | "okta" => power(Power::Admin),
        "office365groupsmail" => data(Mailbox),
        "webcontents" | "webcontentsv2" | "webcontentsv3" | "httpwithazuread" | "http" => power(Power::AnyRequest),
        "uiflow" => power(Power::Machine),
        "sharepointonline" => Known { power: Some(Power::AnyRequest), ..data(File) },
        "commondataservice" => Known { successor: Some("shared_commondataserviceforapps"), ..data(Records) },
        "dynamicscrmonline" => Known { successor: Some("shared_commondataserviceforapps"), ..data(Records) },
        "sqldw" => Known { successor: Some("shared_sql"), ..data(Table) },
        "powerappsnotification" => Known { successor: Some("shared_powerappsnotificationv2"), sends: true, ..data(Messages) },
        "onenote" => data(Knowledge),
        "outlooktasks" => Known { successor: Some("shared_todo"), ..data(Records) },
        "cognitiveservicestextanalytics_v1" => Known { successor: Some("shared_cognitiveservicestextanalytics"), ..Known::default() },
        "commondataserviceforapps"
        | "dynamicssmbsaas"
        | "dynamicsax"
        | "salesforce"
        | "servicenow"
        | "zendesk"
        | "hubspot"
        | "jira"
        | "saperp"
        | "sap"
        | "freshdesk"
        | "marketo"
        | "pipedrive"
        | "zohocrm"
        | "fsc"
        | "planner"
        | "todo"
        | "trello"
        | "asana"
        | "visualstudioteamservices"
        | "dynamics365" => data(Records),
        "office365" | "outlook" | "gmail" | "imap" => Known { sends: true, ..data(Mailbox) },
        "smtp"
        | "sendmail"
        | "sendgrid"
        | "mailchimp"
        | "twilio"
        | "mailgunemail"
        | "telesign"
        | "microsoftacssms"
        | "acsemail"
        | "azurecommunicationservicesemail"
        | "azurecommunicationservicessms"
        | "flowpush" => Known { sends: true, ..Known::default() },
        "teams" | "slack" | "yammer" | "discord" | "webex" | "viva" | "telegrambotip" => Known { sends: true, ..data(Messages) },
        "sql"
        | "azuresql"
        | "postgresql"
        | "mysql"
        | "oracle"
        | "teradata"
        | "db2"
        | "informix"
        | "azuretables"
        | "documentdb"
        | "excelonlinebusiness"
        | "excelonline"
        | "excel"
        | "azuredatafactory"
        | "kusto"
        | "azuremonitorlogs"
        | "azureloganalytics"
        | "powerbi"
        | "googlesheet"
        | "googlesheets"
        | "airtable"
        | "smartsheet"
        | "snowflake"
        | "databricks"
        | "bigquery"
        | "azurecosmosdb"
        | "azuresentinel" => data(Table),
        "onedriveforbusiness"
        | "onedrive"
        | "dropbox"
        | "googledrive"
        | "box"
        | "ftp"
        | "sftp"
        | "sftpwithssh"
        | "filesystem"
        | "azurefile" => data(File),
        "azureblob" | "amazons3" | "azuredatalake" => data(Bucket),
        "office365users" | "office365usersv2" => data(Records),
        "servicebus" | "azurequeues" | "eventhubs" | "azureeventgrid" | "mq" => data(Messages),
        "googlecalendar" | "bookings" | "microsoftbookings" | "shifts" => data(Calendar),
        "rss" | "bingsearch" | "msnweather" | "twitter" | "wikipedia" | "youtube" => data(Web),
        "azureaisearch" | "azuresearch" | "agentknowledge" => data(Knowledge),
        "aibuilder"
        | "aibuilderpredict"
        | "openai"
        | "azureopenai"
        | "azureopenaiip"
        | "openaiip"
        | "microsoftcopilotstudio"
        | "azureagentservice" => Known { is_model: true, ..Known::default() },
        _ => Known::default(),
    }
}

/// Operations that mean something else than their words say, or more: connector without `shared_`, a part of the operation, and what
/// it does. Compared without regard to case.
#[rustfmt::skip]
const OPERATIONS: &[(&str, &str, Verb)] = &[
    ("commondataserviceforapps", "performunboundaction", Verb::Execute),
    ("commondataserviceforapps", "performboundaction", Verb::Execute),
    ("commondataserviceforapps", "subscribewebhooktrigger", Verb::Read),
    ("uiflow", "run", Verb::Execute),
    ("sql", "executepassthroughnativequery", Verb::Execute),
    ("sql", "executeprocedure", Verb::Execute),
    ("sharepointonline", "httprequest", Verb::Write),
    ("sharepointonline", "createsharinglink", Verb::Share),
    ("sharepointonline", "grantaccess", Verb::Share),
    ("sharepointonline", "unshare", Verb::Admin),
    ("sharepointonline", "createanewdocumentset", Verb::Write),
    ("onedriveforbusiness", "createsharelink", Verb::Share),
    ("onedrive", "createsharelink", Verb::Share),
    ("webcontents", "invokehttp", Verb::Write),
    ("office365", "httprequest", Verb::Write),
    ("office365users", "httprequest", Verb::Write),
    ("office365groups", "httprequest", Verb::Admin),
    ("teams", "httprequest", Verb::Write),
    ("approvals", "startandwait", Verb::Send),
    ("approvals", "create", Verb::Send),
    ("approvals", "waitfor", Verb::Control),
    ("azureautomation", "createjob", Verb::Execute),
    ("azureautomation", "runbook", Verb::Execute),
    ("azuredatafactory", "pipelinerun", Verb::Execute),
    ("keyvault", "getsecret", Verb::Read),
    ("conversionservice", "", Verb::Transform),
    ("plumsail", "", Verb::Transform),
];

/// Words of operations, the most telling first, and what they do.
#[rustfmt::skip]
const WORDS: &[(&[&str], Verb)] = &[
    (&["delete", "remove", "purge", "deactivate", "clear"], Verb::Delete),
    (&["share", "grant"], Verb::Share),
    (&["send", "reply", "forward", "notify", "publishmessage", "postmessage", "postcard", "postadaptivecard", "postfeed", "respond"], Verb::Send),
    (&["list", "get", "read", "search", "find", "query", "lookup", "retrieve", "download", "fetch", "peek", "check", "exists", "when", "ontrigger", "onnew", "onupdated"], Verb::Read),
    (&["export"], Verb::Export),
    (&["execute", "run", "invoke", "start", "trigger", "restart", "perform"], Verb::Execute),
    (&["create", "add", "insert", "update", "upsert", "set", "put", "patch", "post", "upload", "copy", "move", "append", "edit", "replace", "import", "enable",
       "disable", "assign", "associate", "disassociate", "relate", "approve", "cancel", "convert", "save", "write", "modify", "change", "rename", "merge",
       "complete", "close", "archive", "publish", "register", "turn", "flag", "mark", "new", "apply", "block", "unblock", "dismiss", "unlock", "stop", "reset",
       "revoke", "confirm", "isolate"], Verb::Write),
];

/// What the operation `operation` of the connector `key` does; the method of its request decides where its name does not.
pub(in crate::platform) fn verb(key: &str, operation: &str, method: Option<&str>) -> Verb {
    let name = key.strip_prefix("shared_").unwrap_or(key);
    let lower = operation.to_ascii_lowercase();
    let by_name = OPERATIONS.iter().find(|known| known.0 == name && lower.contains(known.1)).map(|known| known.2);
    let method = method.map(str::to_ascii_lowercase);
    let by_method = method.as_deref().and_then(|method| match method {
        "get" | "head" => Some(Verb::Read),
        "post" | "put" | "patch" => Some(Verb::Write),
        "delete" => Some(Verb::Delete),
        _ => None,
    });
    if let Some(verb) = by_name {
        // A request that only reads does no more, whatever else the operation could do.
        return if lower.contains("http") && by_method == Some(Verb::Read) { Verb::Read } else { verb };
    }
    let known = known(key);
    let verb = by_words(operation).or(by_method).unwrap_or(Verb::Read);
    match verb {
        Verb::Write | Verb::Delete | Verb::Execute | Verb::Share if known.power == Some(Power::Admin) => Verb::Admin,
        Verb::Write if known.sends && known.data != Some(DataSourceKind::Mailbox) && reaches_people(&lower) => Verb::Send,
        verb => verb,
    }
}

/// Whether what is created is a message: channels and teams are none.
fn reaches_people(operation: &str) -> bool {
    operation.contains("post") || operation.contains("message") || operation.contains("mail")
}

/// The verb of the first word of the operation that is known: `ListRecords`, `Remove-AdminEnvironment`, `Export/Create`.
fn by_words(operation: &str) -> Option<Verb> {
    words(operation).find_map(|word| {
        let starts = |known: &&&str| if known.len() > 4 { word.starts_with(**known) } else { word == **known };
        WORDS.iter().find(|(known, _)| known.iter().any(|known| starts(&known))).map(|(_, verb)| *verb)
    })
}

/// The words of a name in camel case, or with signs between them, in lower case.
fn words(name: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let bytes = name.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !bytes[at].is_ascii_alphanumeric() {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_alphanumeric() && (at == start || !starts_word(bytes, at)) {
            at += 1;
        }
        (at > start).then(|| Cow::Owned(name[start..at].to_ascii_lowercase()))
    })
}

fn starts_word(bytes: &[u8], at: usize) -> bool {
    bytes[at].is_ascii_uppercase() && (!bytes[at - 1].is_ascii_uppercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

/// Whether the operation hands on a secret: of a vault, or of the variables of the environment.
pub(in crate::platform) fn hands_on_secret(key: &str, operation: &str, action: Option<&str>) -> bool {
    let name = key.strip_prefix("shared_").unwrap_or(key);
    let operation = operation.to_ascii_lowercase();
    name == "keyvault" && operation.contains("getsecret") && !operation.contains("metadata") && !operation.contains("list")
        || name == "keyvault" && operation == "decryptdata"
        || name == "keyvault" && operation.starts_with("/secrets/") && operation.ends_with("/value")
        || action.is_some_and(|action| action.eq_ignore_ascii_case("RetrieveEnvironmentVariableSecretValue"))
}

/// Hosts, and the connectors that are made for them.
#[rustfmt::skip]
const HOSTS: &[(&str, &str)] = &[
    ("sharepoint.com", "shared_sharepointonline"),
    ("dynamics.com", "shared_commondataserviceforapps"),
    ("graph.microsoft.com", "shared_webcontents"),
    ("management.azure.com", "shared_arm"),
    ("vault.azure.net", "shared_keyvault"),
    ("dev.azure.com", "shared_visualstudioteamservices"),
    ("visualstudio.com", "shared_visualstudioteamservices"),
    ("api.github.com", "shared_github"),
    ("slack.com", "shared_slack"),
    ("salesforce.com", "shared_salesforce"),
    ("service-now.com", "shared_service-now"),
    ("atlassian.net", "shared_jira"),
    ("openai.azure.com", "shared_azureopenai"),
    ("blob.core.windows.net", "shared_azureblob"),
    ("servicebus.windows.net", "shared_servicebus"),
    ("api.sendgrid.com", "shared_sendgrid"),
    ("api.twilio.com", "shared_twilio"),
    ("api.powerbi.com", "shared_powerbi"),
    ("api.flow.microsoft.com", "shared_flowmanagement"),
    ("api.bap.microsoft.com", "shared_powerplatformforadmins"),
    ("api.powerapps.com", "shared_powerappsforadmins"),
];

/// The connector that is made for the host of an address.
pub(in crate::platform) fn made_for(host: &str) -> Option<&'static str> {
    let host = host.to_ascii_lowercase();
    let ends = |suffix: &str| host == suffix || host.ends_with(suffix) && host[..host.len() - suffix.len()].ends_with('.');
    HOSTS.iter().find(|known| ends(known.0)).map(|known| known.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_has_one_name() {
        for (id, name) in [
            ("/providers/Microsoft.PowerApps/apis/shared_sql", "shared_sql"),
            ("/providers/Microsoft.PowerApps/apis/shared_contoso-5Fwork-20orders-5f1a2b3c4d5e6f7081", "shared_contoso_work orders"),
            ("/providers/Microsoft.PowerApps/apis/shared_new-5Forders-5F5e6f708112345678", "shared_new_orders"),
            ("shared_service-now", "shared_service-now"),
            ("shared_work-2dorders", "shared_work-orders"),
            ("[concat('/subscriptions/', variables('s'), '/providers/Microsoft.Web/locations/x/managedApis/keyvault')]", "keyvault"),
            ("/serviceProviders/AzureBlob", "azureblob"),
            ("Shared_SharePointOnline", "shared_sharepointonline"),
        ] {
            assert_eq!(key(id), name, "{id}");
        }
        assert!(is_custom("shared_new-5Forders-5F5e6f708112345678") && !is_custom("shared_sharepointonline"));
    }

    #[test]
    fn operations_do_what_their_words_say() {
        for (connector, operation, method, expected) in [
            ("shared_commondataserviceforapps", "ListRecords", None, Verb::Read),
            ("shared_commondataserviceforapps", "UpdateOnlyRecord", None, Verb::Write),
            ("shared_commondataserviceforapps", "DeleteRecord", None, Verb::Delete),
            ("shared_commondataserviceforapps", "PerformUnboundAction", None, Verb::Execute),
            ("shared_powerplatformforadmins", "Remove-AdminEnvironment", None, Verb::Admin),
            ("shared_powerplatformforadmins", "Get-AdminEnvironment", None, Verb::Read),
            ("shared_office365", "SendEmailV2", None, Verb::Send),
            ("shared_office365", "GetEmailsV3", None, Verb::Read),
            ("shared_teams", "PostMessageToConversation", None, Verb::Send),
            ("shared_teams", "CreateChannel", None, Verb::Write),
            ("shared_sharepointonline", "HttpRequest", Some("GET"), Verb::Read),
            ("shared_sharepointonline", "HttpRequest", Some("POST"), Verb::Write),
            ("shared_sharepointonline", "GetItems", None, Verb::Read),
            ("shared_sharepointonline", "CreateSharingLink", None, Verb::Share),
            ("shared_uiflow", "RunUIFlow_V2", None, Verb::Execute),
            ("shared_sql", "ExecutePassThroughNativeQuery_V2", None, Verb::Execute),
            ("azureblob", "", Some("put"), Verb::Write),
            ("shared_contoso", "Orders_V2", Some("delete"), Verb::Delete),
        ] {
            assert_eq!(verb(connector, operation, method), expected, "{connector} {operation}");
        }
        assert_eq!(words("SendEmailV2-HTTPRequest_x").collect::<Vec<_>>(), ["send", "email", "v2", "http", "request", "x"]);
    }

    #[test]
    fn hosts_have_connectors_made_for_them() {
        assert_eq!(made_for("contoso.sharepoint.com"), Some("shared_sharepointonline"));
        assert_eq!(made_for("notsharepoint.com"), None);
        assert!(hands_on_secret("keyvault", "GetSecret", None) && !hands_on_secret("keyvault", "ListSecrets", None));
        assert!(hands_on_secret("keyvault", "/secrets/@{encodeURIComponent('orders')}/value", None));
    }
}

//! What the nodes of n8n do: the part of their meaning that no export says.

use foldhash::fast::RandomState;
use std::cell::RefCell;
use std::collections::HashMap;

use crate::model::vocabulary::{Capability, DataSourceKind, Origin, Verb};

/// How a node behaves, by its type without package and without the suffix `Tool` of its tool form.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeType {
    /// What it does when its parameters do not say.
    pub(super) role: Role,
    /// What it reads or writes.
    pub(super) data: Option<DataSourceKind>,
    /// Resource and operation that n8n takes when the export names none.
    pub(super) default: &'static str,
}

/// What a node is, beyond its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A connector whose operation says what it does.
    Service,
    /// Decides, joins, waits.
    Control,
    /// Computes.
    Transform,
    /// Sends HTTP requests.
    Http,
    /// Runs SQL, or works on tables of a database.
    Sql,
    /// Runs code.
    Code,
    /// Runs something on the machine or on another one.
    Host(Capability),
    /// Calls another workflow.
    Call,
    /// An agent.
    Agent,
    /// Asks a language model.
    Model,
    /// Documentation on the canvas.
    Note,
}

const fn row(role: Role, data: Option<DataSourceKind>, default: &'static str) -> NodeType {
    NodeType { role, data, default }
}

thread_local! {
    /// Node types by name: comparing a name with all those that are known costs more than remembering it.
    static KNOWN: RefCell<HashMap<Box<str>, NodeType, RandomState>> = RefCell::default();
}

/// Most names that are remembered: n8n has some 600 nodes, and packages may add any name.
const MAX_KNOWN: usize = 4096;

/// The node type for the type of a node, without package.
pub(super) fn node_type(name: &str) -> NodeType {
    KNOWN.with_borrow_mut(|known| match known.get(name) {
        Some(found) => *found,
        None => {
            let found = look_up(name);
            if known.len() < MAX_KNOWN {
                known.insert(name.into(), found);
            }
            found
        }
    })
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn look_up(name: &str) -> NodeType {
    use Capability::{Command, Files, RemoteCommand, Repository};
    use DataSourceKind::{Bucket, Calendar, File, Knowledge, Mailbox, Memory, Messages, Records, Table, Web};
    use Role::{Agent, Call, Code, Control, Host, Http, Model, Note, Service, Sql, Transform};
    let base = name.strip_suffix("Tool").filter(|base| !base.is_empty()).unwrap_or(name);
    match base {
        "stickyNote" => row(Note, None, ""),
        "if" | "switch" | "merge" | "noOp" | "wait" | "splitInBatches" | "filter" | "limit" | "stopAndError" | "executionData"
        | "respondToWebhook" | "compareDatasets" | "removeDuplicates" | "form" | "debugHelper" | "simulate" | "textClassifier"
        | "sentimentAnalysis" | "modelSelector" | "guardrails" => row(Control, None, ""),
        "set"
        | "splitOut"
        | "aggregate"
        | "itemLists"
        | "html"
        | "htmlExtract"
        | "markdown"
        | "dateTime"
        | "sort"
        | "summarize"
        | "renameKeys"
        | "crypto"
        | "extractFromFile"
        | "convertToFile"
        | "spreadsheetFile"
        | "moveBinaryData"
        | "xml"
        | "editImage"
        | "compression"
        | "jwt"
        | "totp"
        | "quickChart"
        | "iCal"
        | "readPDF"
        | "toolCalculator"
        | "toolThink"
        | "outputParserStructured"
        | "outputParserAutofixing"
        | "outputParserItemList"
        | "textSplitterRecursiveCharacterTextSplitter"
        | "textSplitterTokenSplitter"
        | "textSplitterCharacterTextSplitter"
        | "documentDefaultDataLoader"
        | "documentJsonInputLoader"
        | "documentBinaryInputLoader"
        | "documentGithubLoader"
        | "memoryBufferWindow"
        | "memoryManager"
        | "memoryChatRetriever" => row(Transform, None, ""),
        "code" | "function" | "functionItem" | "toolCode" | "evaluation" | "aiTransform" | "pythonFunction" | "puppeteer" => {
            row(Code, None, "")
        }
        "httpRequest" | "toolHttpRequest" | "graphql" => row(Http, None, ""),
        "rssFeedRead" | "hackerNews" | "toolWikipedia" | "toolSerpApi" | "toolSearXng" | "toolWolframAlpha" | "jinaAi" | "reddit"
        | "urlScanIo" | "openWeatherMap" | "coinGecko" | "googleBooks" | "peekalink" | "perplexity" | "nasa" | "searXng" | "airtop"
        | "phantombuster" | "brightData" | "youTube" => row(Service, Some(Web), "all.get"),
        "executeCommand" => row(Host(Command), None, ""),
        "ssh" => row(Host(RemoteCommand), None, "command.execute"),
        "readWriteFile" | "readBinaryFile" | "readBinaryFiles" | "writeBinaryFile" | "localFileTrigger" => row(Host(Files), Some(File), ""),
        "git" => row(Host(Repository), None, "clone"),
        "executeWorkflow" | "toolWorkflow" => row(Call, None, ""),
        "agent" | "openAiAssistant" => row(Agent, None, ""),
        "chainLlm"
        | "chainSummarization"
        | "chainRetrievalQa"
        | "informationExtractor"
        | "openAi"
        | "anthropic"
        | "googleGemini"
        | "mistralAi"
        | "ollama"
        | "mistralCloud" => row(Model, None, "text.message"),
        "postgres" | "mySql" | "microsoftSql" | "mariaDb" | "crateDb" | "questDb" | "timescaleDb" | "oracleDatabase" | "cockroachDb" => {
            row(Sql, Some(Table), "insert")
        }
        "snowflake" | "googleBigQuery" | "databricks" | "redshift" => row(Sql, Some(Table), "executeQuery"),
        // Of packages that others publish.
        "sqlite" | "sqlite3" | "sqliteNode" | "libSql" | "turso" | "duckDb" | "clickHouse" | "clickhouse" | "firebird" | "sapHana"
        | "db2" | "trino" | "oracleDb" | "neo4j" => row(Sql, Some(Table), "executeQuery"),
        "mongoDb" | "elasticsearch" | "couchDb" => row(Service, Some(Table), "find"),
        "redis" => row(Service, Some(Memory), "info"),
        "googleSheets" | "microsoftExcel" => row(Service, Some(Table), "sheet.read"),
        "airtable" => row(Service, Some(Table), "record.get"),
        "supabase"
        | "dataTable"
        | "baserow"
        | "nocoDb"
        | "seaTable"
        | "grist"
        | "stackby"
        | "quickbase"
        | "awsDynamoDb"
        | "googleFirebaseCloudFirestore"
        | "filemaker"
        | "coda" => row(Service, Some(Table), "row.get"),
        "gmail" => row(Service, Some(Mailbox), "message.send"),
        "microsoftOutlook" => row(Service, Some(Mailbox), "message.send"),
        "emailSend" | "sendGrid" | "mailgun" | "mailjet" | "awsSes" | "postmark" | "mandrill" | "sendInBlue" | "brevo" => {
            row(Service, None, "message.send")
        }
        "emailReadImap" => row(Service, Some(Mailbox), "message.read"),
        "slack" | "discord" | "microsoftTeams" | "telegram" | "whatsApp" | "mattermost" | "rocketchat" | "matrix" | "twilio" | "signl4"
        | "pushover" | "pushbullet" | "gotify" | "line" | "googleChat" | "vonage" | "messageBird" | "zulip" | "twist" | "sms77"
        | "ciscoWebex" | "facebookGraphApi" | "ntfy" => row(Service, Some(Messages), "message.post"),
        "twitter" | "linkedIn" | "medium" | "wordpress" | "ghost" | "uploadPost" | "bufferPost" => row(Service, None, "post.create"),
        "googleCalendar" | "calendly" | "zoom" | "googleTasks" | "microsoftToDo" | "todoist" => {
            row(Service, Some(Calendar), "event.create")
        }
        "googleDrive" | "microsoftOneDrive" | "dropbox" | "nextCloud" | "box" | "microsoftSharePoint" => {
            row(Service, Some(File), "file.upload")
        }
        "googleDocs" | "notion" | "confluence" => row(Service, Some(File), "document.create"),
        "s3" | "awsS3" | "googleCloudStorage" | "azureStorage" | "minio" => row(Service, Some(Bucket), "file.upload"),
        "ftp" => row(Service, Some(File), "download"),
        "hubspot"
        | "salesforce"
        | "pipedrive"
        | "zohoCrm"
        | "microsoftDynamicsCrm"
        | "zendesk"
        | "freshdesk"
        | "freshworksCrm"
        | "jira"
        | "linear"
        | "clickUp"
        | "asana"
        | "trello"
        | "mondayCom"
        | "serviceNow"
        | "intercom"
        | "helpScout"
        | "shopify"
        | "wooCommerce"
        | "stripe"
        | "quickbooks"
        | "xero"
        | "odoo"
        | "erpNext"
        | "copper"
        | "keap"
        | "mautic"
        | "mailchimp"
        | "activeCampaign"
        | "customerIo"
        | "klaviyo"
        | "highLevel"
        | "bambooHr"
        | "theHive"
        | "cortex"
        | "github"
        | "gitlab"
        | "bitbucket"
        | "googleContacts"
        | "googleAnalytics"
        | "lemlist"
        | "mailerLite"
        | "gumroad"
        | "affinity"
        | "monica"
        | "magento2"
        | "paddle"
        | "payPal" => row(Service, Some(Records), "record.create"),
        "gSuiteAdmin"
        | "okta"
        | "microsoftEntra"
        | "n8n"
        | "auth0"
        | "awsIam"
        | "cloudflare"
        | "venafiTlsProtectCloud"
        | "rundeck"
        | "jenkins"
        | "circleCi" => row(Service, Some(Records), "user.get"),
        "awsLambda" => row(Service, None, "invoke"),
        "vectorStoreQdrant"
        | "vectorStorePinecone"
        | "vectorStoreSupabase"
        | "vectorStorePGVector"
        | "vectorStoreInMemory"
        | "vectorStoreMilvus"
        | "vectorStoreWeaviate"
        | "vectorStoreZep"
        | "vectorStoreMongoDBAtlas"
        | "vectorStoreRedis"
        | "vectorStoreAzureAISearch"
        | "toolVectorStore"
        | "retrieverVectorStore"
        | "retrieverContextualCompression"
        | "retrieverMultiQuery"
        | "retrieverWorkflow" => row(Service, Some(Knowledge), "load"),
        "memoryPostgresChat" | "memoryRedisChat" | "memoryMongoDbChat" | "memoryMotorhead" | "memoryXata" | "memoryZep" => {
            row(Service, Some(Memory), "load")
        }
        _ if base.starts_with("lm") && base[2..].starts_with(|c: char| c.is_ascii_uppercase()) => row(Model, None, ""),
        _ if base.starts_with("embeddings")
            || base.starts_with("reranker")
            || base.starts_with("outputParser")
            || base.starts_with("textSplitter") =>
        {
            row(Transform, None, "")
        }
        _ => row(Service, None, ""),
    }
}

/// What an operation does, by its name; `None` when the name says nothing.
pub(super) fn verb_of(operation: &str) -> Option<Verb> {
    let last = operation.rsplit('.').next().unwrap_or(operation);
    let starts = |words: &[&str]| words.iter().any(|word| last.starts_with(word));
    if starts(&["sendAndWait", "send", "post", "reply", "message", "createDraft", "forward"]) {
        Some(Verb::Send)
    } else if starts(&["share", "createSharedLink", "createLink"]) {
        Some(Verb::Share)
    } else if starts(&["delete", "remove", "clear", "drop", "trash", "purge", "truncate", "archive", "empty"]) {
        Some(Verb::Delete)
    } else if starts(&["execute", "invoke", "run", "trigger"]) {
        Some(Verb::Execute)
    } else if starts(&[
        "get",
        "read",
        "list",
        "search",
        "find",
        "load",
        "download",
        "lookup",
        "select",
        "info",
        "aggregate",
        "retrieve",
        "count",
        "query",
        "keys",
        "fetch",
        "check",
        "verify",
        "all",
    ]) {
        Some(Verb::Read)
    } else if starts(&[
        "create",
        "insert",
        "append",
        "update",
        "upsert",
        "add",
        "upload",
        "copy",
        "move",
        "set",
        "put",
        "push",
        "publish",
        "write",
        "edit",
        "rename",
        "mark",
        "import",
        "assign",
        "enable",
        "activate",
        "deactivate",
        "close",
        "complete",
        "save",
        "incr",
        "pop",
        "star",
        "like",
        "follow",
        "invite",
    ]) {
        Some(Verb::Write)
    } else {
        None
    }
}

/// Where the data comes from that a trigger hands on; by type without package.
pub(super) fn trigger_origin(name: &str) -> Origin {
    match name {
        "manualTrigger" | "manualChatTrigger" | "scheduleTrigger" | "cron" | "interval" | "start" | "errorTrigger" | "n8nTrigger"
        | "workflowTrigger" => Origin::Literal,
        "executeWorkflowTrigger" => Origin::Caller,
        "googleSheetsTrigger"
        | "airtableTrigger"
        | "notionTrigger"
        | "postgresTrigger"
        | "googleDriveTrigger"
        | "rssFeedReadTrigger"
        | "localFileTrigger"
        | "googleCalendarTrigger"
        | "sseTrigger" => Origin::DataSource,
        _ => Origin::Trigger,
    }
}

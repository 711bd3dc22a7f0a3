//! A policy as it is written: `.flowgate/policy.yaml`. Every key is optional, and the doc comments here are the hover texts in its
//! author's editor; what a type cannot say is checked where the file becomes a [`Policy`](super::Policy).

use super::date::DateText;
use super::decision::DecisionRightsFile;
use super::people::{FunctionFile, PersonFile};
use super::tiers::{CapabilitiesFile, ElevationFile, GatesFile};
use super::weights::RiskFile;
use crate::finding::Severity;
use crate::model::vocabulary::Tier;
use crate::tree::de::Spanned;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// Texts with their places.
pub type Texts = Vec<Spanned<String>>;

/// A policy of an organisation for Flowgate.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// Version of the format: `flowgate/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: Option<Spanned<String>>,
    /// The policy itself: who keeps it, and until when it has to be looked at again.
    pub policy: Option<AboutFile>,
    /// The environments of the organisation: by name, or as `order` and `hosts`.
    pub environments: EnvironmentsFile,
    /// The name of the environment that the exports are for.
    pub environment: Option<Spanned<String>>,
    /// The rights that roles may have.
    pub privilege_catalogue: Vec<Spanned<EntryFile>>,
    /// Which connectors may be used, and for what.
    pub connectors: Option<ConnectorsFile>,
    /// What is known of data and where it may go.
    pub data: DataFile,
    /// What is asked of transport.
    pub encryption: EncryptionFile,
    /// What is asked of logs.
    pub logging: LoggingFile,
    /// Templates that apps are made from, and what of them must stay.
    pub templates: Vec<Spanned<TemplateFile>>,
    /// Who has to agree to which kind of change: functions by the kind.
    pub decision_rights: DecisionRightsFile,
    /// Limits of waivers.
    pub waivers: WaiversFile,
    /// How bad findings of single rules are here.
    pub rules: RulesFile,
    /// What is counted, and how much of it is too much.
    pub metrics: MetricsFile,
    /// Versions of platforms, connectors and packages that must not be used any more.
    pub vulnerable_versions: Vec<Spanned<VulnerableFile>>,
    /// Who may act as what, by the name of the function: `security`, `data-owner`, `it`, `business`.
    pub functions: BTreeMap<String, FunctionFile>,
    /// The people of the organisation, by id. Where they are listed, others are unknown.
    pub people: Option<BTreeMap<String, PersonFile>>,
    /// What makers may use in their apps, by the tier of the maker.
    pub capability_matrix: BTreeMap<String, CapabilitiesFile>,
    /// On which terms somebody may have a right for a time.
    pub elevation: Option<ElevationFile>,
    /// What an app must have to be let through, by its risk tier.
    pub gates: Option<GatesFile>,
    /// What counts how much in the risk of an app.
    pub risk: Option<RiskFile>,
}

/// The policy itself.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AboutFile {
    /// Its name in reports.
    pub id: Option<Spanned<String>>,
    /// Its version.
    pub version: Option<Scalar>,
    /// Who keeps it: a person, a group or an address.
    pub owner: Option<Spanned<String>>,
    /// The day on which it has to be looked at again.
    pub review_by: Option<Spanned<DateText>>,
}

/// The environments of the organisation.
#[derive(Debug, Default)]
pub struct EnvironmentsFile {
    /// Their names in the order in which an app is promoted.
    pub order: Texts,
    /// What is known of each, by its name.
    pub named: BTreeMap<String, EnvironmentFile>,
}

/// An environment: where an app is made, tried or used.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnvironmentFile {
    /// Hosts of its systems; `*` stands for any text. A host of several environments belongs to the one that is named most closely.
    pub hosts: Texts,
}

/// A role and the rights that it may have.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryFile {
    /// Name of the role, group, app or person; `*` stands for any text.
    pub role: Spanned<String>,
    /// Whether the role is for making apps or for using them; without it, either.
    pub plane: Option<PlaneFile>,
    /// What it may do: `read`, `create`, `update`, `delete`, or a right as the platform names it; `*` stands for any text.
    #[serde(default)]
    pub actions: Texts,
    /// Tables, lists, sites that it may do this with; `org` is what belongs to no table. Without any, all.
    #[serde(default)]
    pub resources: Texts,
    /// Which records the rights may cover at most.
    pub max_scope: Option<ScopeFile>,
    /// Tiers of makers that may ask for these rights for a time.
    #[serde(default)]
    pub elevatable_for: Texts,
}

/// Whether a right is about making apps or about using them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlaneFile {
    /// Making.
    Build,
    /// Using.
    Run,
}

/// Which records a right covers. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScopeFile {
    /// Those of the person.
    Own,
    /// Those that were shared with the person.
    Shared,
    /// Those of the person's part of the organisation.
    Unit,
    /// Those of the part of the organisation and of all parts below it.
    Org,
    /// All.
    All,
}

/// Which connectors may be used. Connectors are named as the platform names them (`n8n-nodes-base.slack`, `shared_sql`), servers of
/// tools for agents by their host (`mcp:tools.contoso.example`); `*` stands for any text.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectorsFile {
    /// Approved connectors: a name, or a name with conditions. Of several that hold a name, the one counts that says most of it.
    pub allow: Vec<Spanned<OrText<ConnectorFile>>>,
    /// Forbidden connectors; this goes before `allow`.
    pub deny: Texts,
    /// What holds for connectors that are not named: `blocked` where `allow` names some, else `allowed`.
    pub default: Option<DefaultFile>,
    /// A data policy of Power Platform, as its administration tools write it: path from the root of the repository, or from the folder
    /// of the policy. What is said here goes before it.
    pub import_dlp: Option<Spanned<OrText<DlpFile>>>,
    /// Connectors that must not be used without a review of their vendor that is still valid.
    pub require_vendor_review: Texts,
}

/// What holds for connectors that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DefaultFile {
    /// They must not be used.
    Blocked,
    /// They may be used.
    Allowed,
}

/// An approved connector.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectorFile {
    /// Its name.
    pub id: Spanned<String>,
    /// The class of what is read through it.
    pub group: Option<Spanned<String>>,
    /// The classes of data that it may be given; the highest counts. Without any, `group`.
    #[serde(default)]
    pub classes: Texts,
    /// The tiers of makers that may use it; without any, all.
    #[serde(default)]
    pub tiers: Texts,
    /// The environments in which it may be used; without any, all.
    #[serde(default)]
    pub environments: Texts,
    /// The versions that may be used: `>=2.2`, `>=1, <3`, `2` for all that begin so.
    pub versions: Option<Spanned<String>>,
    /// What it may be asked to do.
    #[serde(default)]
    pub operations: OperationsFile,
    /// The last review of its vendor.
    pub vendor_review: Option<ReviewFile>,
}

/// What a connector may be asked to do, by the names that the platform has for it; `*` stands for any text.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperationsFile {
    /// Only these; without any, all.
    pub allow: Texts,
    /// Not these.
    pub deny: Texts,
}

/// A review of a vendor.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewFile {
    /// Who has reviewed it.
    pub by: Option<Spanned<String>>,
    /// When.
    pub on: Option<Spanned<DateText>>,
    /// The day on which it ends.
    pub expires: Option<Spanned<DateText>>,
}

/// A data policy of Power Platform.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DlpFile {
    /// Its file.
    pub file: Spanned<String>,
    /// The class of data of the group `Confidential`, which administrators see as business; without it, the one before the highest.
    pub business: Option<Spanned<String>>,
    /// The class of data of the group `General`, which administrators see as non-business; without it, the lowest.
    pub non_business: Option<Spanned<String>>,
}

/// What is known of data and where it may go.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataFile {
    /// The classes of data, lowest first; without any, `public`, `internal`, `confidential`, `restricted`.
    pub classes: Texts,
    /// The class of what is read. The first that holds counts; it goes before the group of the connector.
    pub sources: Vec<Spanned<SourceFile>>,
    /// The highest class that may be written or sent. The first that holds counts; it goes before the classes of the connector.
    pub sinks: Vec<Spanned<SinkFile>>,
    /// Ways of data that were agreed to although they cross classes.
    pub flow_exceptions: Vec<Spanned<ExceptionFile>>,
    /// Mail domains of the organisation; their subdomains are too.
    pub domains: Vec<Spanned<OrText<DomainFile>>>,
    /// Where data may be kept and worked with.
    pub residency: Option<ResidencyFile>,
}

/// The class of what is read.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// The connector; `*` stands for any text.
    pub connector: Option<Spanned<String>>,
    /// The table, list, folder or document, as the export names it; `*` stands for any text.
    pub resource: Option<Spanned<String>>,
    /// The host that is asked; `*` stands for any text.
    pub host: Option<Spanned<String>>,
    /// The class.
    pub class: Spanned<String>,
}

/// The highest class that may be written or sent.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SinkFile {
    /// The connector; `*` stands for any text.
    pub connector: Option<Spanned<String>>,
    /// The operation, as the platform names it; `*` stands for any text.
    pub operation: Option<Spanned<String>>,
    /// The host that is called; `*` stands for any text.
    pub host: Option<Spanned<String>>,
    /// The class.
    pub max_class: Spanned<String>,
}

/// A way of data that was agreed to.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionFile {
    /// The connector that data is read through; `*` stands for any text.
    pub from: Spanned<String>,
    /// The connector or host that it goes to; `*` stands for any text.
    pub to: Spanned<String>,
    /// The highest class of data that may go this way.
    pub max_class: Option<Spanned<String>>,
    /// Only these fields; without any, all.
    #[serde(default)]
    pub fields: Texts,
    /// Where it was agreed to.
    pub approved: Option<Spanned<String>>,
    /// The day on which it ends.
    pub expires: Option<Spanned<DateText>>,
}

/// A mail domain of the organisation.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainFile {
    /// The domain.
    pub domain: Spanned<String>,
    /// The day on which its registration ends; from then on it belongs to whoever registers it.
    pub expires: Option<Spanned<DateText>>,
}

/// Where data may be kept and worked with.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResidencyFile {
    /// Regions, as clouds name them: `eu-west-1`, `westeurope`, `europe-west3`; `*` stands for any text.
    pub allowed: Texts,
    /// What happens where the region cannot be told.
    pub on_unknown: OnUnknownFile,
}

/// What happens where something cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnUnknownFile {
    /// Nothing.
    #[default]
    Ignore,
    /// It is said, as a finding of low severity.
    Warn,
}

/// What is asked of transport.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EncryptionFile {
    /// Protocols that must not be used: `http`, `ftp`, `ws`, `ldap`, `mqtt` ...
    pub forbid: Texts,
    /// Connectors that talk in clear whatever their settings; `*` stands for any text.
    pub plaintext_connectors: Texts,
}

/// What is asked of logs.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoggingFile {
    /// The tier of risk from which on a sink is asked for; without it, for all. An app whose tier nobody knows counts as high.
    pub required_for: Option<Tier>,
    /// Where apps have to log to: connectors, hosts, or names of flows that do it for them; `*` stands for any text.
    pub sink: Texts,
    /// Whether an app must handle the failure of its steps.
    pub error_handler: Option<RequiredFile>,
    /// Names of fields that must not get into a log; `*` stands for any text.
    pub forbid_fields: Texts,
    /// The class of data from which on changes of a table must be recorded.
    pub audit_tables_from: Option<Spanned<String>>,
}

/// Whether something is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequiredFile {
    /// It is.
    Required,
    /// It is not.
    Optional,
}

/// A template that apps are made from.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    /// Its name.
    pub id: Spanned<String>,
    /// Its version.
    pub version: Option<Scalar>,
    /// The export that it is: path from the root of the repository, or from the folder of the policy.
    pub file: Spanned<String>,
    /// What must stay as it is: JSON pointers into the export, in which `*` stands for every member or item.
    pub locked: Texts,
    /// Names or identifiers of the apps that must follow it, beside those whose manifest names it; `*` stands for any text.
    #[serde(default)]
    pub apps: Texts,
}

/// Limits of waivers.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WaiversFile {
    /// How many days a waiver may last, by the severity of what it waives.
    pub max_days: MaxDaysFile,
    /// The function that has to approve.
    pub approver: Option<Spanned<String>>,
    /// Rules whose findings cannot be waived.
    pub not_waivable: Texts,
    /// How many times a waiver may be renewed.
    pub max_renewals: Option<u32>,
    /// How many waivers may be open at a time.
    pub max_open: Option<u32>,
}

/// Days by severity.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MaxDaysFile {
    /// For critical findings.
    pub critical: Option<u32>,
    /// For high findings.
    pub high: Option<u32>,
    /// For medium findings.
    pub medium: Option<u32>,
    /// For low findings.
    pub low: Option<u32>,
    /// For findings that only inform.
    pub info: Option<u32>,
}

/// How bad findings of single rules are here.
#[derive(Debug, Default)]
pub struct RulesFile {
    /// The smallest set of rules that is asked.
    pub profile: Option<Spanned<String>>,
    /// The least severity of single rules, by id: nothing makes their findings less severe.
    pub floor: BTreeMap<Spanned<String>, Severity>,
    /// Single rules, by id.
    pub named: BTreeMap<Spanned<String>, RuleLevelFile>,
}

/// How bad findings of a rule are here.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleLevelFile {
    /// How bad its findings are.
    pub severity: Option<Severity>,
    /// The tier of risk from which on its findings may block; below they are only said.
    pub from_tier: Option<Tier>,
    /// How its findings are taken.
    pub mode: ModeFile,
}

/// How findings of a rule are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeFile {
    /// As they are.
    #[default]
    Enforce,
    /// They are said, and block nothing.
    Audit,
    /// The rule is not asked.
    Off,
}

/// What is counted, and how much of it is too much.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsFile {
    /// The numbers above which a change fails.
    pub fail_on: ThresholdsFile,
}

/// Numbers above which a change fails.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdsFile {
    /// Rights that the change adds.
    pub permission_increases: Option<u32>,
    /// Addresses outside the organisation that the change adds.
    pub external_sinks_added: Option<u32>,
}

/// Versions that must not be used any more.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VulnerableFile {
    /// The platform, connector or package; `*` stands for any text.
    pub package: Spanned<String>,
    /// The versions: `<1.121.0`, `>=1, <1.4`; without it, all.
    pub versions: Option<Spanned<String>>,
    /// What is known of them: `CVE-2026-21858`.
    pub advisory: Spanned<String>,
}

/// A text, or a number that is meant as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl Visitor<'_> for Wanted {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
        }

        deserializer.deserialize_any(Wanted)
    }
}

impl JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number"] })
    }
}

/// A mapping, or the text that is the most important part of it.
#[derive(Debug, Default)]
pub struct OrText<T>(pub T);

/// What a text alone means.
pub trait Short {
    /// The mapping that has only that.
    fn short(text: Spanned<String>) -> Self;
}

impl Short for ConnectorFile {
    fn short(id: Spanned<String>) -> Self {
        Self { id, ..Self::default() }
    }
}

impl Short for DlpFile {
    fn short(file: Spanned<String>) -> Self {
        Self { file, ..Self::default() }
    }
}

impl Short for DomainFile {
    fn short(domain: Spanned<String>) -> Self {
        Self { domain, ..Self::default() }
    }
}

impl<'de, T: Deserialize<'de> + Short> Deserialize<'de> for OrText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + Short> Visitor<'de> for Wanted<T> {
            type Value = OrText<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a mapping")
            }

            fn visit_str<E>(self, text: &str) -> Result<OrText<T>, E> {
                Ok(OrText(T::short(Spanned { value: text.to_owned(), ..Spanned::default() })))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OrText<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(OrText)
            }
        }

        deserializer.deserialize_any(Wanted(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OrText<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("TextOr{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mapping = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "string" }, mapping] })
    }
}

impl<'de> Deserialize<'de> for EnvironmentsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = EnvironmentsFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EnvironmentsFile, A::Error> {
                let mut file = EnvironmentsFile::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "order" => file.order = map.next_value()?,
                        "hosts" => {
                            for (name, hosts) in map.next_value::<BTreeMap<String, Texts>>()? {
                                file.named.entry(name).or_default().hosts.extend(hosts);
                            }
                        }
                        _ => {
                            let environment: EnvironmentFile = map.next_value()?;
                            file.named.entry(key).or_default().hosts.extend(environment.hosts);
                        }
                    }
                }
                Ok(file)
            }
        }

        deserializer.deserialize_map(Wanted)
    }
}

impl JsonSchema for EnvironmentsFile {
    fn schema_name() -> Cow<'static, str> {
        "EnvironmentsFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (order, hosts) = (generator.subschema_for::<Texts>(), generator.subschema_for::<BTreeMap<String, Texts>>());
        let named = generator.subschema_for::<EnvironmentFile>();
        json_schema!({
            "type": "object",
            "properties": {
                "order": { "allOf": [order], "description": "Their names in the order in which an app is promoted." },
                "hosts": { "allOf": [hosts], "description": "Hosts of each, by its name; `*` stands for any text." },
            },
            "additionalProperties": named,
        })
    }
}

impl<'de> Deserialize<'de> for RulesFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wanted;

        impl<'de> Visitor<'de> for Wanted {
            type Value = RulesFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RulesFile, A::Error> {
                let mut file = RulesFile::default();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    match key.value.as_str() {
                        "profile" => file.profile = map.next_value()?,
                        "floor" => file.floor = map.next_value()?,
                        _ => {
                            let level = map.next_value()?;
                            file.named.insert(key, level);
                        }
                    }
                }
                Ok(file)
            }
        }

        deserializer.deserialize_map(Wanted)
    }
}

impl JsonSchema for RulesFile {
    fn schema_name() -> Cow<'static, str> {
        "RulesFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (floor, named) = (generator.subschema_for::<BTreeMap<String, Severity>>(), generator.subschema_for::<RuleLevelFile>());
        json_schema!({
            "type": "object",
            "properties": {
                "profile": {
                    "enum": ["recommended", "strict", "audit"],
                    "description": "The smallest set of rules that is asked, whatever the command line says.",
                },
                "floor": {
                    "allOf": [floor],
                    "description": "The least severity of single rules, by id: nothing makes their findings less severe.",
                },
            },
            "additionalProperties": named,
        })
    }
}

/// The schema of policies, as it stands in `schemas/flowgate/policy.schema.json`.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<PolicyFile>();
    schema.insert("$id".into(), "https://flowgate.dev/schemas/flowgate/policy.schema.json".into());
    schema.insert("title".into(), "A policy of Flowgate".into());
    schema.to_value()
}

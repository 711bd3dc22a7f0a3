//! A bill of materials by CycloneDX 1.6: apps, what they offer and the systems that they use as services, with the ways of data between
//! them and who answers for it; data and software as components.
//!
//! The serial number follows from the content, and no clock is read: the same input makes the same document. See
//! <https://cyclonedx.org/docs/1.6/json/>.

use super::diagram::{self, Zone};
use super::{App, Declared, Estate, Format, Options, words};
use crate::model::inventory::{Item, ItemKind};
use crate::report::machine;
use crate::tree::canonical::{digest_of_text, written};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The format.
pub(super) const FORMAT: Format = Format {
    name: "cyclonedx",
    description: "a CycloneDX 1.6 document: services, ways of data, trust zones, owners, software",
    is_list: false,
    extension: "cdx.json",
    write,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component>,
    services: Vec<Service>,
    dependencies: Vec<Dependency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compositions: Vec<Composition>,
}

#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    tools: Tools,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Tools {
    components: Vec<Component>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Component {
    r#type: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    bom_ref: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    purl: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<Dataset>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dataset {
    r#type: &'static str,
    name: String,
    classification: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sensitive_data: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    governance: Option<Governance>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<Organisation>,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticated: Option<bool>,
    #[serde(rename = "x-trust-boundary", skip_serializing_if = "Option::is_none")]
    crosses: Option<bool>,
    #[serde(skip_serializing_if = "str::is_empty")]
    trust_zone: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<Flow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    services: Vec<Service>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Clone, Serialize)]
struct Organisation {
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contact: Vec<Contact>,
}

#[derive(Clone, Serialize)]
struct Contact {
    name: String,
}

#[derive(Serialize)]
struct Flow {
    #[serde(rename = "flow")]
    direction: &'static str,
    classification: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    governance: Option<Governance>,
    source: Vec<String>,
    destination: Vec<String>,
}

#[derive(Clone, Serialize)]
struct Governance {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stewards: Vec<Party>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    owners: Vec<Party>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "lowercase")]
enum Party {
    Contact(Contact),
    Organization(Organisation),
}

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    r#ref: String,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    depends_on: BTreeSet<String>,
}

#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
    assemblies: Vec<String>,
}

fn write(estate: &Estate, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    // The number is made of a document that has another one.
    let nobody = "urn:uuid:00000000-0000-5000-8000-000000000000".to_owned();
    let text = serde_json::to_string(&bom(estate, &Options { time: None, ..options.clone() }, nobody))?;
    machine::pretty(&bom(estate, options, serial(&text)), out)
}

/// A UUID that follows from the text; version 5 is the one that follows from a name.
fn serial(text: &str) -> String {
    let digest = written(&digest_of_text(text));
    let hex: String = digest.chars().filter(char::is_ascii_hexdigit).rev().take(32).collect();
    let variant = ['8', '9', 'a', 'b'][hex.as_bytes()[16] as usize % 4];
    format!("urn:uuid:{}-{}-5{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

fn bom(estate: &Estate, options: &Options, serial: String) -> Bom {
    let mut making = Making { serial: serial.trim_start_matches("urn:uuid:").to_owned(), ..Making::default() };
    let apps: Vec<Service> = estate.apps().map(|app| making.app(app)).collect();
    let all = apps.iter().map(|app| app.bom_ref.clone()).collect();
    let Making { systems, components, dependencies, .. } = making;
    let unreadable = |file: &crate::report::Unreadable| {
        let path: Vec<&str> = std::iter::once(&file.file).chain(&file.inner).map(String::as_str).collect();
        property("unreadable", &path.join("!"))
    };
    let dependencies = dependencies.into_iter().map(|(of, depends_on)| Dependency { r#ref: of, depends_on }).collect();
    // What could not be read may hold more apps.
    let incomplete = Composition { aggregate: "incomplete", assemblies: all };
    Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial,
        version: 1,
        metadata: Metadata {
            timestamp: options.time.map(|time| time.to_string()),
            tools: Tools {
                components: vec![Component {
                    r#type: "application",
                    name: env!("CARGO_PKG_NAME").to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    ..Component::default()
                }],
            },
            properties: estate.unreadable.iter().map(unreadable).collect(),
        },
        components: components.into_values().collect(),
        services: apps.into_iter().chain(systems.into_values()).collect(),
        dependencies,
        compositions: (!estate.unreadable.is_empty()).then_some(incomplete).into_iter().collect(),
    }
}

fn property(name: &str, value: &str) -> Property {
    Property { name: format!("flowgate:{name}"), value: value.to_owned() }
}

/// The document in the making.
#[derive(Default)]
struct Making {
    serial: String,
    /// Services that apps use, by reference.
    systems: BTreeMap<String, Service>,
    components: BTreeMap<String, Component>,
    dependencies: BTreeMap<String, BTreeSet<String>>,
}

/// A reference that survives re-export, and holds nothing that a reader could stumble over.
fn reference(kind: &str, parts: &[&str]) -> String {
    let digest = written(&digest_of_text(&serde_json::to_string(parts).unwrap_or_default()));
    format!("{kind}:{}", &digest["sha256:".len()..][..20])
}

impl Making {
    /// The address of a part of this document.
    fn link(&self, reference: &str) -> String {
        format!("urn:cdx:{}/1#{reference}", self.serial)
    }

    fn app(&mut self, app: App<'_>) -> Service {
        let (record, inventory) = app.one();
        let number = app.number.to_string();
        let own = reference("app", &[&record.platform, &record.file, &inventory.kind, inventory.identity(), &number]);
        let declared = app.export.declared.as_ref();
        let mut ends: BTreeMap<(ItemKind, String), String> = BTreeMap::new();
        let mut uses = BTreeSet::new();
        let mut services = Vec::new();
        let mut properties = properties(app);
        for (item, owner) in app.items() {
            match item.kind {
                ItemKind::EntryPoint => services.push(entry(&own, item, services.len())),
                ItemKind::Connector | ItemKind::Endpoint => {
                    let system = self.system(item, owner);
                    ends.insert((item.kind, item.name.clone()), system.clone());
                    uses.insert(system);
                }
                ItemKind::DataSource => {
                    let data = self.data(record, item, (owner, declared));
                    ends.insert((item.kind, item.name.clone()), data.clone());
                    uses.insert(data);
                }
                ItemKind::Component => {
                    uses.insert(self.software(item));
                }
                ItemKind::Grant => properties.push(property("grant", &words::grant(item))),
                ItemKind::Identity | ItemKind::Agent | ItemKind::Setting | ItemKind::Recipient => {
                    properties.push(property(item.kind.name(), &told(item)));
                }
                ItemKind::Secret => properties.push(property("credentials-in-export", item.text("count").unwrap_or("0"))),
                ItemKind::App | ItemKind::DataFlow | ItemKind::Branch => {}
            }
        }
        let data = inventory.of_kind(ItemKind::DataFlow).map(|flow| self.flow(app, flow, (&own, &ends, &services))).collect();
        self.dependencies.insert(own.clone(), uses);
        let zones: BTreeSet<Zone> = app.items().filter_map(|(item, _)| diagram::zone_of(item)).collect();
        Service {
            bom_ref: own,
            provider: declared.and_then(provider),
            group: record.platform.to_string(),
            name: app.title().to_owned(),
            version: inventory.of_kind(ItemKind::App).find_map(|item| item.text("version")).unwrap_or_default().to_owned(),
            crosses: Some(zones.iter().any(|zone| *zone != Zone::Platform)),
            trust_zone: Zone::Platform.name(),
            authenticated: authenticated(&services),
            data,
            services,
            properties,
            ..Service::default()
        }
    }

    /// A way of data through an app.
    fn flow(&self, app: App<'_>, flow: &Item, (own, ends, entries): (&str, &BTreeMap<(ItemKind, String), String>, &[Service])) -> Flow {
        let kind = |fact| ItemKind::ALL.iter().copied().find(|kind| flow.text(fact) == Some(kind.name()));
        let end = |which: &'static str, name: &str| {
            let known = kind(which).and_then(|kind| ends.get(&(kind, flow.text(name)?.to_owned())));
            known.map(|known| self.link(known))
        };
        let entry = || {
            let connector = flow.text("from_connector").map(str::to_owned);
            let kind = flow.id.strip_prefix("entry:").and_then(|rest| rest.split([':', ' ']).next());
            let fits = |service: &&Service| {
                let says = |name: &str, value: &str| service.properties.iter().any(|one| one.name == name && one.value == value);
                kind.is_some_and(|kind| says("flowgate:kind", kind))
                    && connector.as_ref().is_none_or(|connector| says("flowgate:connector", connector))
            };
            entries.iter().filter(fits).map(|service| self.link(&service.bom_ref)).collect::<Vec<_>>()
        };
        let mut source: Vec<String> = end("from_kind", "from").map_or_else(entry, |end| vec![end]);
        if source.is_empty() {
            source.push(self.link(own));
        }
        let destination = vec![end("to_kind", "to").unwrap_or_else(|| self.link(own))];
        let traced = if flow.has("traced", "true") { "seen" } else { "possible" };
        Flow {
            direction: "bi-directional",
            classification: class_of_flow(app, flow),
            name: format!("{} ({traced})", flow.name),
            governance: app.export.declared.as_ref().and_then(|declared| governance(declared, None)),
            source,
            destination,
        }
    }

    /// A connector or a host.
    fn system(&mut self, item: &Item, owner: Option<&str>) -> String {
        let unknown = item.kind == ItemKind::Endpoint && item.text("host").is_none();
        // Nobody knows whether two addresses that are not known yet are the same; as a trust boundary they are.
        let id = if unknown { "?" } else { &item.id };
        let zone = diagram::zone_of(item).unwrap_or(Zone::Unknown);
        let system = reference(item.kind.name(), &[id, zone.name()]);
        let service = self.systems.entry(system.clone()).or_insert_with(|| Service {
            bom_ref: system.clone(),
            name: if unknown { "addresses that are only known when apps run".to_owned() } else { item.name.clone() },
            version: item.text("version").unwrap_or_default().to_owned(),
            crosses: Some(zone != Zone::Platform),
            trust_zone: zone.name(),
            properties: vec![property("kind", item.kind.name())],
            ..Service::default()
        });
        let mut endpoints: BTreeSet<String> = std::mem::take(&mut service.endpoints).into_iter().collect();
        endpoints.extend(item.texts("address").iter().map(|address| iri(address)));
        service.endpoints = endpoints.into_iter().collect();
        // One call without a credential is enough.
        service.authenticated = match (service.authenticated, item.text("authenticated")) {
            (Some(false), _) | (_, Some("false")) => Some(false),
            (Some(true), _) | (_, Some("true")) => Some(true),
            _ => None,
        };
        for name in ["standing", "group", "publisher", "network", "region", "residency", "scheme", "host_from", "verb"] {
            for value in item.texts(name) {
                add(&mut service.properties, name, value);
            }
        }
        if let Some(owner) = owner {
            add(&mut service.properties, "owner", owner);
        }
        self.dependencies.entry(system.clone()).or_default();
        system
    }

    fn data(&mut self, record: &crate::model::inventory::Record, item: &Item, governed: (Option<&str>, Option<&Declared>)) -> String {
        let data = reference(item.kind.name(), &[&record.platform, &item.id]);
        let group = item.text("connector").unwrap_or_default();
        let component = self.components.entry(data.clone()).or_insert_with(|| Component {
            r#type: "data",
            bom_ref: data.clone(),
            group: group.to_owned(),
            name: item.text("resource").unwrap_or(&item.name).to_owned(),
            properties: vec![property("kind", item.kind.name())],
            data: vec![Dataset {
                r#type: "dataset",
                name: item.name.clone(),
                classification: item.text("class").unwrap_or("unclassified").to_owned(),
                sensitive_data: Vec::new(),
                governance: governed.1.and_then(|declared| governance(declared, governed.0)),
            }],
            ..Component::default()
        });
        if let Some(dataset) = component.data.first_mut() {
            let new = item.texts("sensitive").iter().filter(|word| !dataset.sensitive_data.contains(word)).cloned();
            dataset.sensitive_data.extend(new.collect::<Vec<_>>());
        }
        for value in item.texts("verb") {
            add(&mut component.properties, "verb", value);
        }
        add(&mut component.properties, "trust-zone", diagram::zone_of(item).unwrap_or(Zone::Unknown).name());
        self.dependencies.entry(data.clone()).or_default();
        data
    }

    fn software(&mut self, item: &Item) -> String {
        let software = reference(item.kind.name(), &[&item.id]);
        self.components.entry(software.clone()).or_insert_with(|| component(&software, item));
        self.dependencies.entry(software.clone()).or_default();
        software
    }
}

fn add(properties: &mut Vec<Property>, name: &str, value: &str) {
    let new = property(name, value);
    if !properties.iter().any(|known| known.name == new.name && known.value == new.value) {
        properties.push(new);
    }
}

fn properties(app: App<'_>) -> Vec<Property> {
    let (record, inventory) = app.one();
    let standing = &app.export.standing;
    let none = Declared::default();
    let declared = app.export.declared.as_ref().unwrap_or(&none);
    let enabled = inventory.enabled.map(|enabled| enabled.to_string()).unwrap_or_default();
    let risk = standing.risk.to_string();
    let criticality = declared.criticality.map(|number| number.to_string()).unwrap_or_default();
    let said = [
        ("kind", inventory.kind.as_str()),
        ("app-id", &inventory.id),
        ("export", &record.file),
        ("digest", &inventory.digest),
        ("enabled", &enabled),
        ("tier", standing.tier.0.name()),
        ("risk", &risk),
        ("class", &standing.class),
        ("audience", &standing.audience),
        ("criticality", &criticality),
        ("owner", &declared.owner),
        ("team", &declared.team),
        ("data-steward", &declared.steward),
        ("maker", &declared.maker),
        ("environment", &declared.environment),
        ("review-by", &declared.review_by),
        ("manifest", &declared.manifest),
    ];
    let said = said.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| property(name, value));
    said.chain(declared.compliance.iter().map(|one| property("compliance", one))).collect()
}

/// What starts an app, as a service that it offers.
fn entry(app: &str, item: &Item, number: usize) -> Service {
    let (zone, _) = diagram::caller(item);
    let auth = item.text("auth");
    Service {
        bom_ref: format!("{app}:entry-point:{number}"),
        name: item.name.clone(),
        authenticated: auth.filter(|auth| *auth != "unknown").map(|auth| auth != "none"),
        crosses: Some(zone != Zone::Platform),
        trust_zone: zone.name(),
        properties: item.facts.iter().flat_map(|(name, texts)| texts.iter().map(|text| property(name, text))).collect(),
        ..Service::default()
    }
}

/// Whether everybody who can start an app from outside has to log in; none where nobody can, or the export does not tell.
fn authenticated(entries: &[Service]) -> Option<bool> {
    let open: Vec<Option<bool>> = entries.iter().filter(|entry| entry.crosses == Some(true)).map(|entry| entry.authenticated).collect();
    if open.is_empty() {
        return None;
    }
    // One that nobody has to log in for is enough.
    if open.contains(&Some(false)) { Some(false) } else { (!open.contains(&None)).then_some(true) }
}

fn told(item: &Item) -> String {
    let facts = words::facts(item);
    if facts.is_empty() { item.name.clone() } else { format!("{} ({})", item.name, facts.join("; ")) }
}

/// The class of the data that a way begins at, else that of the app.
fn class_of_flow(app: App<'_>, flow: &Item) -> String {
    let source = app.inventory.of_kind(ItemKind::DataSource).find(|item| flow.text("from") == Some(&item.name));
    let class = source.and_then(|item| item.text("class"));
    let own = Some(app.export.standing.class.as_str()).filter(|class| !class.is_empty());
    class.or(own).unwrap_or("unclassified").to_owned()
}

fn provider(declared: &Declared) -> Option<Organisation> {
    let contact: Vec<Contact> =
        Some(&declared.owner).filter(|name| !name.is_empty()).map(|name| Contact { name: name.clone() }).into_iter().collect();
    let name = if declared.team.is_empty() { declared.owner()? } else { &declared.team };
    Some(Organisation { name: name.to_owned(), contact })
}

fn governance(declared: &Declared, part: Option<&str>) -> Option<Governance> {
    let person = |name: &str| Party::Contact(Contact { name: name.to_owned() });
    let owners = match part {
        Some(owner) => vec![person(owner)],
        None if !declared.owner.is_empty() => vec![person(&declared.owner)],
        None if !declared.team.is_empty() => vec![Party::Organization(Organisation { name: declared.team.clone(), contact: Vec::new() })],
        None => Vec::new(),
    };
    let stewards: Vec<Party> = Some(&declared.steward).filter(|name| !name.is_empty()).map(|name| person(name)).into_iter().collect();
    (!owners.is_empty() || !stewards.is_empty()).then_some(Governance { stewards, owners })
}

fn component(reference: &str, item: &Item) -> Component {
    let (package, kind) = (item.text("package").unwrap_or(&item.name), item.text("kind").unwrap_or_default());
    let version = item.text("version").unwrap_or_default();
    // Packages of nodes come from npm. What else brings code has no registry that the export names.
    let purl = if kind == "package" && is_npm(package) { npm(package, version) } else { String::new() };
    let mut properties = vec![property("kind", item.kind.name())];
    properties.extend(item.facts.iter().flat_map(|(name, texts)| texts.iter().map(|text| property(name, text))));
    Component {
        r#type: if kind == "host" { "platform" } else { "library" },
        bom_ref: reference.to_owned(),
        name: package.to_owned(),
        version: version.to_owned(),
        purl,
        properties,
        ..Component::default()
    }
}

/// Whether it is the name of a package of npm, with or without scope.
fn is_npm(name: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
    match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name)),
        None => plain(name) && name.contains('-'),
    }
}

/// The address of a package, by <https://github.com/package-url/purl-spec>.
fn npm(name: &str, version: &str) -> String {
    let name = name.replace('@', "%40");
    let plain = version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if version.is_empty() || !plain { format!("pkg:npm/{name}") } else { format!("pkg:npm/{name}@{version}") }
}

/// An address that readers of addresses take, whatever stands in it: what has no place there is written as bytes.
fn iri(address: &str) -> String {
    let known = |scheme: &str| scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(|c| c.is_ascii_alphanumeric());
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) if known(scheme) => (format!("{scheme}:"), rest),
        _ => (String::new(), address),
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (name, format!(":{port}")),
        _ => (host, String::new()),
    };
    format!("{scheme}//{}{port}{}", bytes(host), bytes(path))
}

fn bytes(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

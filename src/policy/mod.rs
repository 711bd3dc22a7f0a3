//! What the organisation says: which connectors it approves and for what, where data may go, who may have which rights, what it asks
//! of logs and transport, how bad findings are.
//!
//! Without a policy, rules that need one are silent. A policy states facts; rules decide what they mean. [`mod@file`] holds the policy as
//! it is written, [`Policy`] is ready to be applied, and each concern has a file of its own.

pub mod catalogue;
mod connectors;
mod data;
pub mod date;
mod decision;
mod dlp;
pub mod draft;
mod encryption;
pub mod file;
mod logging;
pub mod manifest;
pub mod moment;
mod pattern;
pub mod people;
mod read;
mod residency;
mod rules;
mod templates;
pub mod tiers;
mod version;
mod vulnerable;
pub mod waiver;
pub mod weights;
pub mod wrong;

use crate::finding::{Location, Locator};
use crate::model::change::Decision;
use crate::model::vocabulary::{Recipient, Tier};
use crate::model::{Fact, Kind, Model, address};
use crate::source::{Files, Source, SourceError, Span};
use crate::tree::de;
use crate::tree::{Node, yaml};
use connectors::Connectors;
use data::Data;
use encryption::Encryption;
use file::{AboutFile, DomainFile, EntryFile, EnvironmentsFile, MetricsFile, PolicyFile, WaiversFile};
use globset::GlobMatcher;
use jiff::Timestamp;
use logging::Logging;
use manifest::Manifest;
use people::People;
use read::Reading;
use residency::Residency;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use templates::Template;
use tiers::{TierFiles, Tiers};
use vulnerable::Vulnerable;
use wrong::{Complaints, WrongFiles};

pub use decision::{DecisionRights, DecisionRightsFile};
pub use read::{Class, Classes, ReadFile};
pub use rules::Rules;

/// A policy, ready to be applied.
#[derive(Debug, Default)]
pub struct Policy {
    about: AboutFile,
    environments: Environments,
    catalogue: Vec<catalogue::Entry>,
    catalogue_file: Vec<EntryFile>,
    connectors: Option<Connectors>,
    data: Data,
    domains: Domains,
    residency: Option<Residency>,
    encryption: Encryption,
    logging: Logging,
    templates: Vec<Template>,
    vulnerable: Vec<Vulnerable>,
    decisions: DecisionRights,
    waivers: WaiversFile,
    metrics: MetricsFile,
    rules: Rules,
    /// Who is who.
    pub people: People,
    /// What is asked of makers and apps by tier.
    pub tiers: Tiers,
}

/// What the policy is applied to, beside the model: what is known of the app from elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'s, 't> {
    /// The time at which it is judged.
    pub now: Timestamp,
    /// The tier of the maker: `citizen`, `pro`.
    pub tier: Option<&'s str>,
    /// The tier of risk.
    pub risk: Option<Tier>,
    /// The class of data that the app is declared to be for.
    pub classification: Option<&'s str>,
    /// The environment that the app is for; without it, that of the policy.
    pub environment: Option<&'s str>,
    /// Name and version of the template that the app is declared to follow.
    pub template: Option<(&'s str, Option<&'s str>)>,
    /// The version of the platform that runs the app.
    pub platform_version: Option<&'s str>,
    /// The documents of the export.
    pub documents: &'s [Node<'t>],
}

impl<'s> Subject<'s, '_> {
    /// What a manifest says of its app.
    #[must_use]
    pub fn of(manifest: &'s Manifest) -> Self {
        let said = |text: Option<&'s de::Spanned<String>>| text.map(|text| text.value.as_str());
        let app = manifest.file.app.as_ref();
        let template = said(app.and_then(|app| app.value.template.as_ref()));
        Self {
            tier: manifest.maker_tier(),
            risk: manifest.file.risk_tier.as_ref().map(|tier| tier.value),
            classification: said(manifest.file.classification.as_ref()),
            environment: said(manifest.file.environment.as_ref()),
            template: template.map(|name| name.split_once('@').map_or((name, None), |(name, version)| (name, Some(version)))),
            platform_version: said(app.and_then(|app| app.value.platform_version.as_ref())),
            ..Self::default()
        }
    }
}

/// The environments of the organisation.
#[derive(Debug, Default)]
struct Environments {
    order: Vec<String>,
    known: Vec<Environment>,
    /// The one that the exports are for.
    own: Option<String>,
}

#[derive(Debug)]
struct Environment {
    name: String,
    /// The patterns, with the number of characters that stand for themselves.
    hosts: Vec<(usize, GlobMatcher)>,
}

/// The mail domains of the organisation.
#[derive(Debug, Default)]
pub(crate) struct Domains(Vec<DomainFile>);

/// Why a policy cannot be used. Always the fault of the policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        error: SourceError,
    },
    /// The file says something that a policy cannot say.
    #[error("{}", Told(location, message, help.as_deref()))]
    Wrong {
        /// The place.
        location: Box<Location>,
        /// One lower-case sentence.
        message: String,
        /// What is allowed.
        help: Option<String>,
    },
    /// Several things are wrong with the file.
    #[error(transparent)]
    Several(#[from] WrongFiles),
}

/// `file:line:column: message`, the line with a mark below, the help.
struct Told<'e>(&'e Location, &'e str, Option<&'e str>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(location, message, help) = self;
        write!(f, "{}:{}:{}: {message}", location.file, location.start.line, location.start.column)?;
        if let Some((line, (start, end))) = location.excerpt.iter().find_map(|line| Some((line, line.mark?))) {
            let count = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
            let (before, marked) = (count(line.text.get(..start as usize)), count(line.text.get(start as usize..end as usize)));
            let (number, text) = (line.number.to_string(), line.text.replace(char::is_control, " "));
            write!(f, "\n {number} | {text}\n {:width$} | {:before$}{}", "", "", "^".repeat(marked.max(1)), width = number.len())?;
        }
        help.map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

/// Something in a valid policy that its keeper should know, with its place.
#[derive(Clone, Debug)]
pub struct Note {
    /// The place.
    pub location: Location,
    /// One lower-case sentence.
    pub message: String,
    /// Whether something does not hold any more, rather than a hint.
    pub is_over: bool,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Told(&self.location, &self.message, None).fmt(f)
    }
}

impl Policy {
    /// Reads the policy at `path`, with the files that it names: paths from the folder that holds `.flowgate`, or from its own.
    ///
    /// # Errors
    /// When a file cannot be read or is no policy.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        let source = Self::source(path)?;
        Self::parse_with(&source, &Self::files_beside(path))
    }

    /// Reads the policy at `path` below a root, with the files that it names; none when there is no policy.
    ///
    /// # Errors
    /// When a file cannot be read or is no policy.
    pub fn of_files(files: &dyn Files, path: &str) -> Result<Option<(Self, Source)>, PolicyError> {
        let unreadable = |error| PolicyError::Unreadable { file: path.to_owned(), error };
        let Some(bytes) = files.read(path).map_err(unreadable)? else { return Ok(None) };
        let source = Source::decode(path, bytes).map_err(unreadable)?;
        let folder = path.rsplit_once('/').map_or("", |parts| parts.0);
        let read = |name: &str| {
            if leads_out(name) {
                return Ok(None);
            }
            Ok(match files.read(name)? {
                Some(bytes) => Some(bytes),
                None => files.read(&format!("{folder}/{name}"))?,
            })
        };
        let policy = Self::parse_with(&source, &read)?;
        Ok(Some((policy, source)))
    }

    /// The text of the policy at `path`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn source(path: &Path) -> Result<Source, PolicyError> {
        let file = path.to_string_lossy().replace('\\', "/");
        Source::read(path, file.clone()).map_err(|error| PolicyError::Unreadable { file, error })
    }

    /// Reads files that a policy at `path` names.
    pub fn files_beside(path: &Path) -> impl Fn(&str) -> Result<Option<Vec<u8>>, SourceError> + use<> {
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let root = if folder.ends_with(".flowgate") { folder.parent().map(Path::to_path_buf) } else { None };
        move |name| {
            let folders: Vec<&PathBuf> = if leads_out(name) { Vec::new() } else { root.iter().chain([&folder]).collect() };
            let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
            found.map(|path| Source::bytes(&path)).transpose()
        }
    }

    /// Reads the policy in `source`, which names no files.
    ///
    /// # Errors
    /// When it is no policy: with the place and what is allowed there.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        Self::parse_with(source, &|_| Ok(None))
    }

    /// Reads the policy in `source`; `read` gives the files that it names.
    ///
    /// # Errors
    /// When it is no policy: with the place and what is allowed there.
    pub fn parse_with(source: &Source, read: &ReadFile<'_>) -> Result<Self, PolicyError> {
        let wrong = |span: Span, message: String, help: Option<String>| {
            let location = Box::new(Locator::new(source).locate(span, String::new()));
            PolicyError::Wrong { location, message, help }
        };
        let tree = yaml::parse(source.text()).map_err(|error| wrong(error.span, error.message, error.help))?;
        let root = tree.root();
        let file: PolicyFile = if root.is_null() {
            PolicyFile::default()
        } else {
            de::from_node(root).map_err(|error| wrong(error.span, error.message, error.help))?
        };
        if let Some(version) = file.api_version.as_ref().filter(|version| version.value != "flowgate/v1") {
            return Err(wrong(
                version.span,
                format!("`{}` is no version of the policy format", version.value),
                Some("write `flowgate/v1`".into()),
            ));
        }
        Self::of(file, source, read)
    }

    fn of(file: PolicyFile, source: &Source, read: &ReadFile<'_>) -> Result<Self, PolicyError> {
        let mut complaints = Complaints::default();
        let people = People::new(file.functions, file.people, &mut complaints);
        let tiers = TierFiles { makers: file.capability_matrix, elevation: file.elevation, gates: file.gates, risk: file.risk };
        let tiers = Tiers::new(tiers, &people, &mut complaints);
        complaints.settle(source)?;
        let environments = file.environments.named.keys().cloned().collect();
        let reading = Reading { source, read, classes: Classes::new(&file.data.classes), environments };
        let mut data = file.data;
        let domains = Domains(std::mem::take(&mut data.domains).into_iter().map(|domain| domain.value.0).collect());
        let residency = data.residency.as_ref().map(|residency| Residency::new(residency, &reading)).transpose()?;
        Ok(Self {
            about: file.policy.unwrap_or_default(),
            environments: Environments::new(file.environments, file.environment, &reading)?,
            catalogue: catalogue::entries(&file.privilege_catalogue, &reading)?,
            catalogue_file: file.privilege_catalogue.into_iter().map(|entry| entry.value).collect(),
            connectors: file.connectors.map(|connectors| Connectors::new(connectors, &reading)).transpose()?,
            data: Data::new(data, &reading)?,
            domains,
            residency,
            encryption: Encryption::new(&file.encryption, &reading)?,
            logging: Logging::new(&file.logging, &reading)?,
            templates: file.templates.into_iter().map(|one| Template::new(one.value, &reading)).collect::<Result<_, _>>()?,
            vulnerable: file.vulnerable_versions.into_iter().map(|one| Vulnerable::new(one.value, &reading)).collect::<Result<_, _>>()?,
            decisions: file.decision_rights.into(),
            waivers: file.waivers,
            metrics: file.metrics,
            rules: Rules::new(file.rules, &reading)?,
            people,
            tiers,
        })
    }

    /// States in the model what the policy says of its elements.
    pub fn apply<'t>(&self, model: &mut Model<'t>, subject: &Subject<'_, 't>) {
        let own = subject.environment.or(self.environments.own.as_deref());
        let subject = &Subject { environment: own, ..*subject };
        if let Some(connectors) = &self.connectors {
            connectors.apply(model, subject, &self.data.classes);
        }
        self.domains.apply(model, subject.now);
        self.environments.apply(model, own);
        catalogue::apply(&self.catalogue, model);
        if let Some(residency) = &self.residency {
            residency.apply(model);
        }
        self.encryption.apply(model);
        self.data.apply(model, self.connectors.as_ref(), &self.domains, subject);
        self.logging.apply(model, subject, &self.data.classes);
        vulnerable::apply(&self.vulnerable, model, subject);
        templates::apply(&self.templates, model, subject);
    }

    /// The policy itself: who keeps it, and until when it has to be looked at again.
    #[must_use]
    pub const fn about(&self) -> &AboutFile {
        &self.about
    }

    /// The classes of data, from the lowest.
    #[must_use]
    pub fn classes(&self) -> Vec<&str> {
        self.data.classes.names().iter().map(String::as_str).collect()
    }

    /// The names of the environments.
    #[must_use]
    pub fn environments(&self) -> Vec<&str> {
        let known = self.environments.known.iter().map(|environment| environment.name.as_str());
        let mut names: Vec<&str> = self.environments.order.iter().map(String::as_str).collect();
        let more: Vec<&str> = known.filter(|name| !names.contains(name)).collect();
        names.extend(more);
        names
    }

    /// The names of the environments in the order in which an app is promoted; empty where the policy does not say.
    #[must_use]
    pub fn environment_order(&self) -> &[String] {
        &self.environments.order
    }

    /// The tiers of makers that may ask for a right for a time, by the catalogue of rights; none where it says so of no right.
    #[must_use]
    pub fn elevatable_for(&self, principal: &str, action: &str, resource: &str) -> Option<Vec<String>> {
        catalogue::elevatable_for(&self.catalogue, principal, action, resource)
    }

    /// The catalogue of rights, as it is written.
    #[must_use]
    pub fn catalogue(&self) -> &[EntryFile] {
        &self.catalogue_file
    }

    /// The functions that have to agree to a change of that kind.
    #[must_use]
    pub fn decision_functions(&self, decision: Decision) -> &[String] {
        self.decisions.functions(decision)
    }

    /// The limits of waivers.
    #[must_use]
    pub const fn waivers(&self) -> &WaiversFile {
        &self.waivers
    }

    /// The numbers above which a change fails.
    #[must_use]
    pub const fn metrics(&self) -> &MetricsFile {
        &self.metrics
    }

    /// What the policy says of rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Rules that the policy names and nobody knows.
    ///
    /// # Errors
    /// With the first of them.
    pub fn hold_rules(&self, source: &Source, known: &[&str]) -> Result<(), PolicyError> {
        let names = self.rules.names().iter().map(|(name, span)| (name.as_str(), *span));
        let waived = self.waivers.not_waivable.iter().map(|name| (name.value.as_str(), name.span));
        let Some((name, span)) = names.chain(waived).find(|(name, _)| !known.contains(name)) else { return Ok(()) };
        let meant = de::nearest(name, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        let location = Box::new(Locator::new(source).locate(span, String::new()));
        let help = Some(format!("{meant}`flowgate rules list` names all rules"));
        Err(PolicyError::Wrong { location, message: format!("there is no rule `{name}`"), help })
    }

    /// What in the policy does not hold any more.
    #[must_use]
    pub fn over(&self, source: &Source, now: Timestamp) -> Vec<Note> {
        let review = self.about.review_by.iter().filter(|day| day.is_over(now));
        let review = review.map(|day| (day.span, format!("the policy had to be looked at again: `{}`", day.value.0)));
        let domains = self.domains.0.iter().filter_map(|domain| domain.expires.as_ref().filter(|day| day.is_over(now)));
        let domains = domains.map(|day| (day.span, format!("the registration of the domain has ended: `{}`", day.value.0)));
        let reviews = self.connectors.iter().flat_map(Connectors::reviews).filter_map(|review| connectors::ended(review, now));
        let mut notes: Vec<(Span, String)> = review.chain(domains).chain(reviews).chain(self.data.ended(now)).collect();
        notes.sort();
        let locator = Locator::new(source);
        let note = |(span, message)| Note { location: locator.locate(span, String::new()), message, is_over: true };
        notes.into_iter().map(note).collect()
    }
}

impl Policy {
    /// The connectors that the policy names and nobody uses.
    #[must_use]
    pub fn unused(&self, source: &Source, used: &BTreeSet<String>) -> Vec<Note> {
        let known: Vec<&str> = used.iter().map(String::as_str).collect();
        let written = self.connectors.iter().flat_map(Connectors::written);
        let is_used = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        let locator = Locator::new(source);
        let note = |(name, span): &(String, Span)| {
            let meant = de::nearest(name, &known).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            Note { location: locator.locate(*span, String::new()), message: format!("no export uses `{name}`{meant}"), is_over: false }
        };
        written.filter(|(name, _)| !is_used(name)).map(note).collect()
    }
}

impl Environments {
    fn new(file: EnvironmentsFile, own: Option<de::Spanned<String>>, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let own = own.map(|own| reading.environments(&vec![own])).transpose()?.and_then(|mut own| own.pop());
        let order = if reading.environments.is_empty() {
            file.order.into_iter().map(|name| name.value).collect()
        } else {
            reading.environments(&file.order)?
        };
        let mut known = Vec::new();
        for (name, file) in file.named {
            let mut hosts = Vec::new();
            for pattern in &file.hosts {
                let exact = pattern.value.chars().filter(|c| *c != '*').count();
                let glob = pattern::compile(&pattern.value).map_err(|reason| reading.wrong(pattern.span, reason, None))?;
                hosts.push((exact, glob));
            }
            known.push(Environment { name, hosts });
        }
        Ok(Self { order, known, own })
    }

    fn apply(&self, model: &mut Model<'_>, own: Option<&str>) {
        if self.known.is_empty() {
            return;
        }
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Endpoint) {
            let Some(host) = element.text(Fact::EndpointHost) else { continue };
            let Some(name) = self.of(host, own) else { continue };
            let place = element.place_of(Fact::EndpointHost);
            element.set(Fact::EndpointEnvironment, name.to_owned(), place);
            if let Some(own) = own {
                element.set(Fact::EndpointForeign, name != own, place);
            }
        }
    }

    /// The environment that `host` belongs to: the one whose pattern says most of it; between equals the one that exports are for.
    fn of(&self, host: &str, own: Option<&str>) -> Option<&str> {
        let closest = |environment: &Environment| {
            environment.hosts.iter().filter(|(_, pattern)| pattern.is_match(host)).map(|(exact, _)| *exact).max()
        };
        let is_own = |environment: &Environment| own == Some(&environment.name);
        let named = self.known.iter().filter_map(|environment| Some((closest(environment)?, is_own(environment), environment)));
        named.max_by_key(|(exact, own, _)| (*exact, *own)).map(|(_, _, environment)| environment.name.as_str())
    }
}

impl Domains {
    fn apply(&self, model: &mut Model<'_>, now: Timestamp) {
        if self.0.is_empty() {
            return;
        }
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Action) {
            let Some(recipient) = element.text(Fact::ActionRecipient) else { continue };
            let own = recipient.split([',', ';']).all(|one| self.owns(one.trim(), now));
            let domain = if own { Recipient::Own } else { Recipient::Foreign };
            element.set(Fact::ActionRecipientDomain, domain, element.place_of(Fact::ActionRecipient));
        }
    }

    /// Whether the address is one of the organisation. A domain whose registration has ended belongs to whoever registers it.
    fn owns(&self, recipient: &str, now: Timestamp) -> bool {
        let valid = |domain: &&DomainFile| domain.expires.as_ref().is_none_or(|day| !day.is_over(now));
        address::mail_parts(recipient).is_some_and(|(_, name)| self.0.iter().filter(valid).any(|domain| is_below(name, &domain.domain)))
    }

    /// Whether the host is one of the organisation.
    pub(crate) fn owns_host(&self, host: &str) -> bool {
        self.0.iter().any(|domain| is_below(host, &domain.domain))
    }
}

/// Whether the path of a file that a policy names leads elsewhere than beside the policy.
fn leads_out(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") || name.contains(':')
}

/// Whether a host is a domain, or below it.
fn is_below(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    host == domain || host.strip_suffix(domain.as_str()).is_some_and(|sub| sub.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, Element, Place};

    fn policy(text: &str) -> Result<Policy, PolicyError> {
        Policy::parse(&Source::from_text("policy.yaml", text))
    }

    #[test]
    fn connectors_and_recipients_get_their_standing() {
        let policy =
            policy("connectors:\n  allow: [n8n-nodes-base.*]\n  deny: [n8n-nodes-base.ftp]\ndata:\n  domains: [contoso.example]\n")
                .expect("a policy");
        let mut model = Model::new("n8n");
        let app = AppId(0);
        for key in ["n8n-nodes-base.slack", "n8n-nodes-base.ftp", "mcp:tools.fabrikam.example"] {
            model.add(Element::new(Kind::Connector, app, key, key, Place::default()).with(Fact::ConnectorKey, key, Place::default()));
        }
        for recipient in ["a@mail.contoso.example", "a@contoso.example; b@notcontoso.example"] {
            model.add(Element::new(Kind::Action, app, recipient, "x", Place::default()).with(
                Fact::ActionRecipient,
                recipient,
                Place::default(),
            ));
        }
        policy.apply(&mut model, &Subject::default());
        let facts = [Fact::ConnectorStanding, Fact::ActionRecipientDomain];
        let stated: Vec<&str> = model.elements.iter().filter_map(|element| facts.iter().find_map(|fact| element.text(*fact))).collect();
        assert_eq!(stated, ["approved", "blocked", "unlisted", "own", "foreign"]);
    }

    #[test]
    fn a_host_belongs_to_the_environment_that_names_it_most_closely() {
        let text =
            "environment: prod\nenvironments:\n  dev: { hosts: ['*.dev.contoso.example'] }\n  prod: { hosts: ['*.contoso.example'] }\n";
        let policy = policy(text).expect("a policy");
        let of = |host| policy.environments.of(host, Some("prod"));
        assert_eq!((of("api.dev.contoso.example"), of("api.contoso.example"), of("fabrikam.example")), (Some("dev"), Some("prod"), None));
        let error = super::Policy::parse(&Source::from_text("policy.yaml", "environment: test\n")).expect_err("unknown").to_string();
        assert!(error.starts_with("policy.yaml:1:14: `test`"), "{error}");
    }

    #[test]
    fn a_wrong_policy_is_refused_with_its_place() {
        let error = policy("connectors:\n  alow: []\n").expect_err("a typo").to_string();
        assert!(error.starts_with("policy.yaml:2:3: "), "{error}");
        assert!(error.contains("`allow`"), "{error}");
        assert!(policy("").is_ok());
    }

    fn connector<'a>(platform: &'static str, key: &'a str) -> Model<'a> {
        let mut model = Model::new(platform);
        let app = model.add_app("w1".into(), "Orders".into(), Place::default());
        model.add(Element::new(Kind::Connector, app, key, key, Place::default()).with(Fact::ConnectorKey, key, Place::default()));
        model
    }

    #[test]
    fn a_connector_is_approved_for_some_makers_and_environments_only() {
        let text =
            "environments: { dev: {}, prod: {} }\nconnectors:\n  allow:\n    - { id: shared_sql, tiers: [pro], environments: [dev] }\n";
        let policy = policy(text).expect("a policy");
        let standing = |tier, environment| {
            let mut model = connector("power-platform", "shared_sql");
            policy.apply(&mut model, &Subject { tier, environment, ..Subject::default() });
            let stated = [Fact::ConnectorStanding, Fact::ConnectorRestriction].map(|fact| model.elements[1].text(fact).map(str::to_owned));
            stated.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(standing(None, None), "approved");
        assert_eq!(standing(Some("pro"), Some("dev")), "approved");
        assert_eq!(standing(Some("citizen"), Some("dev")), "restricted for makers of the tier pro");
        assert_eq!(standing(Some("pro"), Some("prod")), "restricted in the environment dev");
    }

    #[test]
    fn a_data_policy_is_about_its_platform_only() {
        let dlp = r#"{"defaultConnectorsClassification": "Blocked", "connectorGroups": [
            {"classification": "General", "connectors": [{"id": "/providers/Microsoft.PowerApps/apis/shared_rss"}]},
            {"classification": "Blocked", "connectors": [{"id": "/providers/Microsoft.PowerApps/apis/shared_twitter"}]}]}"#;
        let read = |_: &str| Ok(Some(dlp.as_bytes().to_vec()));
        let source = Source::from_text("policy.yaml", "connectors: { import_dlp: dlp.json }\n");
        let policy = Policy::parse_with(&source, &read).expect("a policy");
        let standing = |platform, key| {
            let mut model = connector(platform, key);
            policy.apply(&mut model, &Subject::default());
            model.elements[1].text(Fact::ConnectorStanding).map(str::to_owned)
        };
        let of = |key| standing("power-platform", key).unwrap_or_default();
        assert_eq!((of("shared_rss"), of("shared_twitter"), of("shared_sql")), ("approved".into(), "blocked".into(), "unlisted".into()));
        assert_eq!(standing("n8n", "n8n-nodes-base.slack"), None);
    }

    #[test]
    fn a_version_of_the_platform_may_be_vulnerable() {
        let policy = policy("vulnerable_versions: [{ package: n8n, versions: '<1.121.0', advisory: CVE-2026-21858 }]\n").expect("a policy");
        let found = |platform_version| {
            let mut model = connector("n8n", "n8n-nodes-base.slack");
            policy.apply(&mut model, &Subject { platform_version, ..Subject::default() });
            model.elements.iter().filter(|element| element.fact(Fact::ComponentAdvisory).is_some()).count()
        };
        assert_eq!((found(None), found(Some("1.120.4")), found(Some("1.121.0"))), (0, 1, 0));
    }

    #[test]
    fn rules_block_as_the_policy_says() {
        let text = "rules:\n  a: { severity: low, from_tier: high }\n  b: { mode: audit }\n  c: { mode: 'off' }\n  floor: { d: high }\n";
        let policy = policy(text).expect("a policy");
        let rules = policy.rules();
        let severity = |rule| rules.severity(rule, crate::finding::Severity::Medium).as_str();
        assert_eq!((severity("a"), severity("b"), severity("d")), ("low", "medium", "high"));
        assert!(rules.blocks("a", None) && !rules.blocks("a", Some(Tier::Moderate)) && !rules.blocks("b", None));
        assert!(!rules.asks("c") && rules.asks("d") && rules.asks("e"));
    }

    #[test]
    fn a_domain_whose_registration_has_ended_is_foreign() {
        let policy = policy("data:\n  domains: [{ domain: contoso.example, expires: 2026-01-31 }]\n").expect("a policy");
        let owns = |now: &str| policy.domains.owns("a@contoso.example", now.parse().expect("a time"));
        assert!(owns("2026-01-31T12:00:00Z") && !owns("2026-02-03T00:00:00Z"));
    }
}

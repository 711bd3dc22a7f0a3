//! What the organisation says: which connectors it approves, which mail domains are its own.
//!
//! Without a policy, rules that need one are silent. A policy states facts; rules decide what they mean.

mod decision;
pub mod manifest;
pub mod moment;
pub mod people;
pub mod tiers;
pub mod waiver;
pub mod weights;
pub mod wrong;

use crate::finding::{Location, Locator};
use crate::model::change::Decision;
use crate::model::vocabulary::{Recipient, Standing};
use crate::model::{Fact, Kind, Model, address};
use crate::source::{Source, SourceError, Span};
use crate::tree::de::{self, Spanned};
use crate::tree::yaml;
use people::People;
use tiers::{TierFiles, Tiers};
use wrong::{Complaints, WrongFiles};

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

pub use decision::{DecisionRights, DecisionRightsFile};

/// A policy as it is written: `.flowgate/policy.yaml`. Every key is optional.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// Version of the format: `flowgate/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: Option<Spanned<String>>,
    /// Which connectors may be used.
    pub connectors: Option<ConnectorsFile>,
    /// What is known of data and where it may go.
    pub data: Option<DataFile>,
    /// The environments of the organisation, by name.
    pub environments: BTreeMap<String, EnvironmentFile>,
    /// The name of the environment that the exports are for.
    pub environment: Option<Spanned<String>>,

    // People and tiers
    /// Who may act as what, by the name of the function: `security`, `data-owner`, `it`, `business`.
    pub functions: BTreeMap<String, people::FunctionFile>,
    /// The people of the organisation, by id. Where they are listed, others are unknown.
    pub people: Option<BTreeMap<String, people::PersonFile>>,
    /// What makers may use in their apps, by the tier of the maker.
    pub capability_matrix: BTreeMap<String, tiers::CapabilitiesFile>,
    /// On which terms somebody may have a right for a time.
    pub elevation: Option<tiers::ElevationFile>,
    /// What an app must have to be let through, by its risk tier.
    pub gates: Option<tiers::GatesFile>,
    /// What counts how much in the risk of an app.
    pub risk: Option<weights::RiskFile>,
    /// Who has to agree to which kind of change: functions by the kind.
    pub decision_rights: DecisionRightsFile,
}

/// An environment: where an app is made, tried or used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnvironmentFile {
    /// Hosts of its systems; `*` stands for any text. A host of several environments belongs to the one that is named most closely.
    pub hosts: Vec<Spanned<String>>,
}

/// Which connectors may be used. Connectors are named as the platform names them (`n8n-nodes-base.slack`), servers of tools for
/// agents by their host (`mcp:tools.contoso.example`); `*` stands for any text.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectorsFile {
    /// Approved connectors.
    pub allow: Vec<Spanned<String>>,
    /// Forbidden connectors; this goes before `allow`.
    pub deny: Vec<Spanned<String>>,
}

/// What is known of data and where it may go.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataFile {
    /// Mail domains of the organisation; their subdomains are too.
    pub domains: Vec<Spanned<String>>,
}

/// A policy, ready to be applied.
#[derive(Debug, Default)]
pub struct Policy {
    connectors: Option<Connectors>,
    domains: Vec<String>,
    environments: Vec<Environment>,
    /// The environment that the exports are for.
    environment: Option<String>,
    /// Who is who.
    pub people: People,
    /// What is asked of makers and apps by tier.
    pub tiers: Tiers,
    decision_rights: DecisionRights,
}

#[derive(Debug)]
struct Environment {
    name: String,
    /// The patterns, with the number of characters that stand for themselves.
    hosts: Vec<(usize, GlobMatcher)>,
}

#[derive(Debug)]
struct Connectors {
    allow: Vec<GlobMatcher>,
    deny: Vec<GlobMatcher>,
}

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
    #[error("{}:{}:{}: {message}{}", location.file, location.start.line, location.start.column, help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default())]
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

impl Policy {
    /// Reads the policy at `path`.
    ///
    /// # Errors
    /// When the file cannot be read or is no policy.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        let file = path.to_string_lossy().replace('\\', "/");
        let source = Source::read(path, file.clone()).map_err(|error| PolicyError::Unreadable { file, error })?;
        Self::parse(&source)
    }

    /// Reads the policy in `source`.
    ///
    /// # Errors
    /// When it is no policy: with the place and what is allowed there.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
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
        if let Some(version) = file.api_version.filter(|version| version.value != "flowgate/v1") {
            return Err(wrong(
                version.span,
                format!("`{}` is no version of the policy format", version.value),
                Some("write `flowgate/v1`".into()),
            ));
        }
        let globs = |patterns: Vec<Spanned<String>>| -> Result<Vec<GlobMatcher>, PolicyError> {
            let compile = |pattern: &Spanned<String>| {
                let glob = GlobBuilder::new(&pattern.value).literal_separator(false).build();
                glob.map(|glob| glob.compile_matcher())
                    .map_err(|error| wrong(pattern.span, format!("not a pattern: {}", error.kind()), None))
            };
            patterns.iter().map(compile).collect()
        };
        let connectors = match file.connectors {
            Some(connectors) => Some(Connectors { allow: globs(connectors.allow)?, deny: globs(connectors.deny)? }),
            None => None,
        };
        let domains = file.data.unwrap_or_default().domains.into_iter().map(|domain| domain.value.to_ascii_lowercase()).collect();
        let mut environments = Vec::new();
        for (name, file) in file.environments {
            let exact = |pattern: &Spanned<String>| pattern.value.chars().filter(|c| *c != '*').count();
            let sizes: Vec<usize> = file.hosts.iter().map(exact).collect();
            environments.push(Environment { name, hosts: sizes.into_iter().zip(globs(file.hosts)?).collect() });
        }
        let environment = match file.environment {
            Some(own) if environments.iter().all(|known| known.name != own.value) => {
                let names: Vec<&str> = environments.iter().map(|known| known.name.as_str()).collect();
                let help = format!("name one of `environments`: {}", names.join(", "));
                return Err(wrong(own.span, format!("`{}` is no environment of this policy", own.value), Some(help)));
            }
            own => own.map(|own| own.value),
        };
        let mut complaints = Complaints::default();
        let people = People::new(file.functions, file.people, &mut complaints);
        let tiers = TierFiles { makers: file.capability_matrix, elevation: file.elevation, gates: file.gates, risk: file.risk };
        let tiers = Tiers::new(tiers, &people, &mut complaints);
        complaints.settle(source)?;
        Ok(Self { connectors, domains, environments, environment, decision_rights: file.decision_rights.into(), people, tiers })
    }

    /// The classes of data, from the lowest.
    #[must_use]
    #[expect(clippy::unused_self, reason = "a policy may name its own")]
    pub fn classes(&self) -> Vec<&str> {
        manifest::CLASSES.to_vec()
    }

    /// The names of the environments.
    #[must_use]
    pub fn environments(&self) -> Vec<&str> {
        self.environments.iter().map(|environment| environment.name.as_str()).collect()
    }

    /// The functions that have to agree to a change of that kind.
    #[must_use]
    pub fn decision_functions(&self, decision: Decision) -> &[String] {
        self.decision_rights.functions(decision)
    }

    /// States in the model what the policy says of its elements.
    pub fn apply(&self, model: &mut Model<'_>) {
        for element in &mut model.elements {
            match element.kind {
                Kind::Connector => {
                    let (Some(connectors), Some(key)) = (&self.connectors, element.text(Fact::ConnectorKey)) else { continue };
                    let standing = connectors.standing(key);
                    element.set(Fact::ConnectorStanding, standing, element.place_of(Fact::ConnectorKey));
                }
                Kind::Action if !self.domains.is_empty() => {
                    let Some(recipient) = element.text(Fact::ActionRecipient) else { continue };
                    let own = recipient.split([',', ';']).all(|one| self.owns(one.trim()));
                    let domain = if own { Recipient::Own } else { Recipient::Foreign };
                    element.set(Fact::ActionRecipientDomain, domain, element.place_of(Fact::ActionRecipient));
                }
                Kind::Endpoint if !self.environments.is_empty() => {
                    let Some(host) = element.text(Fact::EndpointHost) else { continue };
                    let Some(name) = self.environment_of(host) else { continue };
                    let place = element.place_of(Fact::EndpointHost);
                    element.set(Fact::EndpointEnvironment, name.to_owned(), place);
                    if let Some(own) = &self.environment {
                        element.set(Fact::EndpointForeign, name != own, place);
                    }
                }
                _ => {}
            }
        }
    }

    /// The environment that `host` belongs to: the one whose pattern says most of it; between equals the one that exports are for.
    fn environment_of(&self, host: &str) -> Option<&str> {
        let closest = |environment: &Environment| {
            environment.hosts.iter().filter(|(_, pattern)| pattern.is_match(host)).map(|(exact, _)| *exact).max()
        };
        let own = |environment: &Environment| self.environment.as_ref() == Some(&environment.name);
        let named = self.environments.iter().filter_map(|environment| Some((closest(environment)?, own(environment), environment)));
        named.max_by_key(|(exact, own, _)| (*exact, *own)).map(|(_, _, environment)| environment.name.as_str())
    }

    fn owns(&self, recipient: &str) -> bool {
        address::mail_parts(recipient).is_some_and(|(_, domain)| {
            let domain = domain.to_ascii_lowercase();
            self.domains.iter().any(|own| domain == *own || domain.strip_suffix(own.as_str()).is_some_and(|sub| sub.ends_with('.')))
        })
    }
}

impl Connectors {
    fn standing(&self, key: &str) -> Standing {
        let any = |patterns: &[GlobMatcher]| patterns.iter().any(|pattern| pattern.is_match(key));
        if any(&self.deny) {
            Standing::Blocked
        } else if any(&self.allow) {
            Standing::Approved
        } else {
            Standing::Unlisted
        }
    }
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
        policy.apply(&mut model);
        let facts = [Fact::ConnectorStanding, Fact::ActionRecipientDomain];
        let stated: Vec<&str> = model.elements.iter().filter_map(|element| facts.iter().find_map(|fact| element.text(*fact))).collect();
        assert_eq!(stated, ["approved", "blocked", "unlisted", "own", "foreign"]);
    }

    #[test]
    fn a_host_belongs_to_the_environment_that_names_it_most_closely() {
        let text =
            "environment: prod\nenvironments:\n  dev: { hosts: ['*.dev.contoso.example'] }\n  prod: { hosts: ['*.contoso.example'] }\n";
        let policy = policy(text).expect("a policy");
        assert_eq!(policy.environment_of("api.dev.contoso.example"), Some("dev"));
        assert_eq!(policy.environment_of("api.contoso.example"), Some("prod"));
        assert_eq!(policy.environment_of("fabrikam.example"), None);
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
}

//! What the run knows in the example of a rule, beside the files: a file of this name among them, which is no part of the export.

use crate::finding::{AppRef, Confidence, Finding, Location, Locator, Severity, State};
use crate::govern::Run;
use crate::govern::approval::reviews_of;
use crate::govern::delta::{Changed, Total, Weakening};
use crate::govern::people::{Identity, Part};
use crate::govern::promotion::{App, BaseApp};
use crate::govern::waivers::{self, Against, Around, Limits, Outcome};
use crate::model::Place;
use crate::model::vocabulary::{DeltaKind, DeltaOp, Weakened};
use crate::policy::Policy;
use crate::policy::manifest::Manifests;
use crate::policy::people::People;
use crate::policy::waiver::{FOLDER, Waiver};
use crate::source::{Source, Span};
use crate::tree::{de, yaml};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The name of the file.
pub(super) const NAME: &str = "given.yaml";

/// What the run knows.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Given {
    /// The environment that the apps are to go to.
    environment: Option<String>,
    /// All environments in their order.
    order: Vec<String>,
    /// Who promotes.
    actor: Option<String>,
    /// Who wrote the commits of the change.
    authors: Vec<String>,
    /// The digest of the content of all apps.
    digest: Option<String>,
    /// The version that all apps say.
    version: Option<String>,
    /// Those who made the app, as its export says.
    makers: Vec<String>,
    /// The same of the base commit.
    base: Option<BaseGiven>,
    /// The commit that is judged.
    head: Option<String>,
    /// The reviews of the forge, as a file of reviews has them.
    reviews: Option<String>,
    /// The functions that must agree, by what has changed.
    rights: BTreeMap<DeltaKind, Vec<String>>,
    /// What has changed in the app.
    changes: Vec<ChangeGiven>,
    /// What there is too much of.
    totals: Vec<Total>,
    /// What has changed of the gate.
    weakened: Vec<WeakeningGiven>,
    /// What the policy lets waivers do.
    limits: LimitsGiven,
    /// What the other rules have found.
    findings: Vec<FindingGiven>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct BaseGiven {
    digest: Option<String>,
    version: Option<String>,
    environment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeGiven {
    kind: DeltaKind,
    op: DeltaOp,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeakeningGiven {
    weakens: Weakened,
    op: DeltaOp,
    path: String,
    #[serde(default)]
    detail: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsGiven {
    approver: Option<String>,
    not_waivable: Vec<String>,
    max_open: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingGiven {
    rule: String,
    fingerprint: String,
    severity: Severity,
    app: String,
}

impl Given {
    /// Takes the file from among those of an example.
    pub(super) fn take(files: &mut Vec<(String, String)>) -> Result<Self, String> {
        let Some(at) = files.iter().position(|(path, _)| path == NAME) else { return Ok(Self::default()) };
        let (_, text) = files.remove(at);
        let tree = yaml::parse(&text).map_err(|error| format!("{NAME}: {}", error.message))?;
        de::from_node(tree.root()).map_err(|error| format!("{NAME}: {}", error.message))
    }

    /// What it says, for the manifests and waivers of the example.
    pub(super) fn run(&self, files: &[(String, String)], manifests: &Manifests) -> Result<Run, String> {
        let mut run = Run {
            environment: self.environment.clone(),
            order: self.order.clone(),
            actor: self.actor.clone(),
            heads: self.head.iter().cloned().collect(),
            reviews: self.reviews.as_deref().map_or(Ok(Vec::new()), reviews_of).map_err(|error| format!("{NAME}: {error}"))?,
            rights: self.rights.clone(),
            totals: self.totals.clone(),
            limits: Limits {
                approver: self.limits.approver.clone(),
                not_waivable: self.limits.not_waivable.clone(),
                max_open: self.limits.max_open,
                ..Limits::default()
            },
            ..Run::default()
        };
        for author in &self.authors {
            run.authors.add(Part::Author, Identity::parse(author));
        }
        for manifest in manifests {
            let base = self.base.as_ref().map(|base| BaseApp {
                digest: base.digest.clone(),
                version: base.version.clone(),
                environment: base.environment.clone(),
                statements: Vec::new(),
            });
            let app = App {
                digest: self.digest.clone(),
                version: self.version.clone(),
                base,
                makers: self.makers.iter().map(|maker| Identity::parse(maker)).collect(),
            };
            run.apps.insert(manifest.path.clone(), app);
            let change = |change: &ChangeGiven| Changed {
                kind: change.kind,
                op: change.op,
                id: change.name.clone(),
                name: change.name.clone(),
                app: manifest.name().to_owned(),
                says: format!("has another {} than before: `{}`", change.kind.name(), change.name),
                needs: self.rights.get(&change.kind).cloned().unwrap_or_default(),
                place: Place::default(),
            };
            run.changes.insert(manifest.path.clone(), self.changes.iter().map(change).collect());
        }
        let weakening = |change: &WeakeningGiven| Weakening {
            weakens: change.weakens,
            op: change.op,
            path: change.path.clone(),
            detail: change.detail.clone(),
            place: Place::default(),
        };
        run.weakened = self.weakened.iter().map(weakening).collect();
        for (path, text) in files.iter().filter(|(path, _)| path.starts_with(FOLDER)) {
            run.waivers.push(Waiver::parse(&Source::from_text(path.clone(), text.clone())).map_err(|wrong| wrong.to_string())?);
        }
        Ok(run)
    }

    /// Judges the waivers of the example by what the other rules have found in it.
    pub(super) fn judge(&self, run: &Run, policy: Option<&Policy>, now: Timestamp) -> Vec<Outcome> {
        let nobody = People::default();
        let findings: Vec<Finding> = self.findings.iter().map(FindingGiven::finding).collect();
        let around = |_: &Finding| Around { names: Vec::new(), digest: self.digest.clone(), authors: run.authors.clone() };
        let against = Against {
            limits: &run.limits,
            people: policy.map_or(&nobody, |policy| &policy.people),
            around: &around,
            judged: &|_| true,
            now,
        };
        waivers::judge(&run.waivers, &findings, &against)
    }
}

impl FindingGiven {
    fn finding(&self) -> Finding {
        let nowhere: Location = Locator::new(&Source::from_text("", "")).locate(Span::default(), String::new());
        Finding {
            rule: self.rule.as_str().into(),
            severity: self.severity,
            confidence: Confidence::High,
            message: String::new(),
            help: "".into(),
            platform: "",
            copy_of: None,
            app: Some(AppRef { name: self.app.clone(), id: String::new() }),
            element: None,
            location: nowhere,
            label: String::new(),
            related: Vec::new(),
            fingerprint: self.fingerprint.clone(),
            state: State::New,
            blocks: false,
            waived: None,
            notes: Vec::new(),
            tags: [].into(),
        }
    }
}

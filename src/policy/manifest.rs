//! The manifest of an app, `flowgate.app.yaml`: what only its people know of it.
//!
//! A manifest speaks for the exports in its folder, or for those that `app.paths` names. Everything in it is declared, and nothing
//! is believed where the export shows otherwise.

use super::Policy;
use super::moment::Moment;
use super::tiers::Artifact;
use super::wrong::{Complaints, WrongFiles};
use crate::model::vocabulary::{Audience, ElevationState, Tier};
use crate::source::Source;
use crate::tree::de::{self, Spanned, nearest};
use crate::tree::yaml;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The name of every manifest.
pub const NAME: &str = "flowgate.app.yaml";

/// The version of the format.
pub const VERSION: &str = "flowgate/v1";

/// The classes of data, from the lowest, unless a policy names others.
pub const CLASSES: [&str; 4] = ["public", "internal", "confidential", "restricted"];

/// Most that an app may be depended on.
pub const MOST_CRITICAL: u32 = 3;

// ----------------------------------------------------------------------------------------------------------------- as it is written

/// The manifest of an app for Flowgate. Every key is optional.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ManifestFile {
    /// Version of the format: `flowgate/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: Option<Spanned<String>>,
    /// The app itself, and where it is.
    pub app: Option<Spanned<AppFile>>,
    /// Who owns the app.
    pub owner: Option<OwnerFile>,
    /// Who answers for its data: the id of a person, or a team.
    pub data_steward: Option<Spanned<String>>,
    /// Who makes the app.
    pub maker: Option<MakerFile>,
    /// The class of the data that it works with: one of `data.classes` of the policy.
    pub classification: Option<Spanned<String>>,
    /// Regulations that the app has to keep: `GDPR`, `SOX`.
    pub compliance: Vec<Spanned<String>>,
    /// How much is at stake. It counts only where it is more than what Flowgate computes.
    pub risk_tier: Option<Spanned<Tier>>,
    /// Who uses the app.
    pub audience: Option<Spanned<Audience>>,
    /// How much depends on it: 0 nothing, 1 the work of some people, 2 a process of the organisation, 3 its business.
    #[schemars(range(max = 3))]
    pub criticality: Option<Spanned<u32>>,
    /// The environment that this version of the app is for.
    pub environment: Option<Spanned<String>>,
    /// Who owns parts of the app.
    pub components: Vec<Spanned<ComponentFile>>,
    /// Where documents about the app are: addresses, numbers of tickets, digests.
    pub links: Option<LinksFile>,
    /// Why the app is as it is now.
    pub change: Option<ChangeFile>,
    /// Who has approved this content of the app.
    pub signoffs: Vec<Spanned<SignOffFile>>,
    /// Rights that somebody has for a time.
    pub elevations: Vec<Spanned<ElevationRequest>>,
    /// Notes on findings, for those who look at them later. They hide nothing.
    pub annotations: Vec<Spanned<AnnotationFile>>,
    /// The day by which this manifest has to be looked at again.
    pub review_by: Option<Spanned<String>>,
}

/// The app itself.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AppFile {
    /// A name that never changes: waivers and records call the app by it.
    pub id: Option<Spanned<String>>,
    /// Name that people see.
    pub name: Option<Spanned<String>>,
    /// The platform that it was exported from.
    pub platform: Option<Spanned<String>>,
    /// Version of the platform that runs it, in quotation marks.
    pub platform_version: Option<Spanned<String>>,
    /// The template that it was made from, as the policy calls it: `approval-basic`.
    pub template: Option<Spanned<String>>,
    /// Its files and folders, seen from the folder of the manifest. Without any, all of that folder.
    pub paths: Vec<Spanned<String>>,
}

/// Who owns the app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OwnerFile {
    /// A person, by id.
    pub person: Option<Spanned<String>>,
    /// A team.
    pub team: Option<Spanned<String>>,
}

/// Who makes the app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MakerFile {
    /// Who it is, by id.
    pub id: Option<Spanned<String>>,
    /// The tier of the maker: one of `capability_matrix` of the policy.
    pub tier: Option<Spanned<String>>,
    /// What the maker has been trained for.
    pub certification: Option<CertificationFile>,
}

/// What a maker has been trained for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CertificationFile {
    /// Number of the certificate.
    pub id: Option<Spanned<String>>,
    /// What it is for.
    pub level: Option<Spanned<String>>,
    /// The last day on which it holds.
    pub expires: Option<Spanned<String>>,
}

/// Who owns a part of the app.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ComponentFile {
    /// The part: kind and name, as in `connector:shared_sql`; `*` stands for any text.
    pub r#match: Option<Spanned<String>>,
    /// Who owns it: a person or a team.
    pub owner: Option<Spanned<String>>,
}

/// Where documents about the app are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LinksFile {
    /// What to do when it fails.
    pub runbook: Option<Spanned<String>>,
    /// What could be done to the app, and what was done about it.
    pub threat_model: Option<Spanned<String>>,
    /// Who has access, looked through.
    pub access_review: Option<Spanned<String>>,
    /// Where its logs are.
    pub logs: Option<Spanned<String>>,
    /// The version to go back to: its digest, or where it is kept.
    pub rollback: Option<Spanned<String>>,
}

impl LinksFile {
    /// What is linked as that.
    #[must_use]
    pub fn get(&self, artifact: Artifact) -> Option<&Spanned<String>> {
        let link = match artifact {
            Artifact::ThreatModel => &self.threat_model,
            Artifact::AccessReview => &self.access_review,
            Artifact::Runbook => &self.runbook,
            Artifact::Rollback => &self.rollback,
            Artifact::Logs => &self.logs,
        };
        link.as_ref().filter(|link| !link.value.trim().is_empty())
    }
}

/// Why the app is as it is now.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeFile {
    /// Where the change was asked for.
    pub ticket: Option<Spanned<String>>,
    /// What was changed and why.
    pub rationale: Option<Spanned<String>>,
    /// Where the risks of the change are looked at.
    pub risk_assessment: Option<Spanned<String>>,
    /// What the change means for people whose data the app works with.
    pub impact_assessment: Option<Spanned<ImpactFile>>,
    /// Who asked for the change.
    pub requested_by: Option<Spanned<String>>,
    /// Who agreed to it.
    pub approved_by: Option<Spanned<String>>,
    /// Who made it.
    pub implemented_by: Option<Spanned<String>>,
}

/// What a change means for people whose data the app works with.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImpactFile {
    /// Which of their data: `name`, `iban`.
    pub personal_data: Vec<Spanned<String>>,
    /// Who gets it.
    pub recipients: Vec<Spanned<String>>,
}

/// An approval.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignOffFile {
    /// The function of the organisation that approves.
    pub function: Option<Spanned<String>>,
    /// Who does, by id.
    pub by: Option<Spanned<String>>,
    /// When.
    pub on: Option<Spanned<String>>,
    /// What was decided.
    pub decision: Option<Spanned<Decision>>,
    /// The content that was looked at: `sha256:…`.
    pub input_digest: Option<Spanned<String>>,
    /// What they want to say about it.
    pub notes: Option<Spanned<String>>,
    /// What proves that it was them.
    pub proof: Option<ProofFile>,
}

/// What somebody who signs has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The app may be let through.
    Approve,
    /// It may not.
    Reject,
}

impl Decision {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

/// What proves who has approved.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProofFile {
    /// What kind of proof it is.
    pub r#type: Option<Spanned<ProofKind>>,
    /// Its file, seen from the folder of the manifest.
    pub file: Option<Spanned<String>>,
}

/// Kinds of proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProofKind {
    /// A signature of `ssh-keygen -Y sign` over the digest.
    Sshsig,
}

/// A right that somebody has asked for, for a time.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ElevationRequest {
    /// Its number.
    pub id: Option<Spanned<String>>,
    /// Who asks, by id.
    pub requester: Option<Spanned<String>>,
    /// The right.
    pub privilege: Option<Spanned<PrivilegeFile>>,
    /// Why it is needed.
    pub justification: Option<Spanned<String>>,
    /// What keeps it from being misused: `four-eyes`.
    pub controls: Vec<Spanned<String>>,
    /// When it was granted.
    pub granted: Option<Spanned<String>>,
    /// When it ends.
    pub expires: Option<Spanned<String>>,
    /// Who has approved it.
    pub approvers: Vec<Spanned<ApproverFile>>,
    /// How far it is.
    pub status: Option<Spanned<Status>>,
    /// Where it was asked for.
    pub ticket: Option<Spanned<String>>,
}

/// A right.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PrivilegeFile {
    /// The role, group or person that gets it, as the export calls it; `*` stands for any text.
    pub principal: Option<Spanned<String>>,
    /// What it allows: `read`, `create`, `update`, `delete`, or a right as the platform calls it; `*` stands for any text.
    pub action: Option<Spanned<String>>,
    /// The table, list, app or site that it is about; `*` stands for any text.
    pub resource: Option<Spanned<String>>,
}

/// Somebody who has approved an elevation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApproverFile {
    /// Who, by id.
    pub id: Option<Spanned<String>>,
    /// The function of the organisation that they act in.
    pub function: Option<Spanned<String>>,
}

/// How far an elevation is, as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was asked for.
    Pending,
    /// It holds.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl Status {
    /// The word that rules know it by.
    #[must_use]
    pub const fn state(self) -> ElevationState {
        match self {
            Self::Pending => ElevationState::Pending,
            Self::Active => ElevationState::Active,
            Self::Expired => ElevationState::Expired,
            Self::Revoked => ElevationState::Revoked,
        }
    }
}

/// A note on a finding.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AnnotationFile {
    /// The finding, as reports name it: `f1:…`.
    pub fingerprint: Option<Spanned<String>>,
    /// What is to be said about it.
    pub note: Option<Spanned<String>>,
    /// Who says it.
    pub by: Option<Spanned<String>>,
}

/// The schema of manifests, as it stands in `schemas/flowgate/manifest.schema.json`.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<ManifestFile>();
    schema.insert("$id".into(), "https://flowgate.dev/schemas/flowgate/manifest.schema.json".into());
    schema.insert("title".into(), "Manifest of an app".into());
    schema.to_value()
}

// -------------------------------------------------------------------------------------------------------------------- as it is meant

/// The manifest of an app.
#[derive(Debug)]
pub struct Manifest {
    /// Its file, from the root of the repository, with `/` between the parts.
    pub path: String,
    /// What it speaks for, from the root; the empty path is all.
    pub covers: Vec<String>,
    /// What it says.
    pub file: ManifestFile,
    /// When it has to be looked at again.
    pub review: Option<Moment>,
    /// When the certificate of its maker ends.
    pub certification_end: Option<Moment>,
    /// What its elevations say, in their order.
    pub elevations: Vec<Times>,
}

/// When an elevation begins and ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// When it was granted.
    pub start: Option<Moment>,
    /// When it ends.
    pub end: Option<Moment>,
}

/// What a manifest is held against.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// Whether there is a file or folder at a path from the root of the repository.
    pub exists: &'s dyn Fn(&str) -> bool,
    /// The platforms that there are.
    pub platforms: &'s [&'s str],
    /// What the organisation says.
    pub policy: Option<&'s Policy>,
}

impl Manifest {
    /// Reads the manifest in `source`, whose path is that from the root of the repository.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn parse(source: &Source, around: &Surroundings<'_>) -> Result<Self, WrongFiles> {
        let mut complaints = Complaints::default();
        let file = read(source, &mut complaints);
        let folder = source.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut manifest = Self {
            path: source.path().to_owned(),
            covers: vec![folder.to_owned()],
            review: None,
            certification_end: None,
            elevations: Vec::new(),
            file,
        };
        manifest.check(folder, around, &mut complaints);
        complaints.settle(source).map(|()| manifest)
    }

    fn check(&mut self, folder: &str, around: &Surroundings<'_>, complaints: &mut Complaints) {
        let file = &self.file;
        if let Some(version) = file.api_version.as_ref().filter(|version| version.value != VERSION) {
            let message = format!("`{}` is no version of the manifest format", version.value);
            complaints.add(version.span, message, format!("write `{VERSION}`"));
        }
        let policy = around.policy;
        if let Some(app) = file.app.as_ref() {
            if !app.paths.is_empty() {
                self.covers = app.paths.iter().filter_map(|path| covered(path, folder, around, complaints)).collect();
            }
            one_of(app.platform.as_ref(), around.platforms, "platform", complaints);
        }
        one_of(file.classification.as_ref(), &policy.map_or_else(|| CLASSES.to_vec(), Policy::classes), "class of data", complaints);
        let makers: Vec<&str> = policy.map(|policy| policy.tiers.makers().collect()).unwrap_or_default();
        one_of(file.maker.as_ref().and_then(|maker| maker.tier.as_ref()), &makers, "tier of makers", complaints);
        let environments = policy.map(Policy::environments).unwrap_or_default();
        one_of(file.environment.as_ref(), &environments, "environment", complaints);
        if let Some(criticality) = file.criticality.as_ref().filter(|number| number.value > MOST_CRITICAL) {
            let help = "0 nothing, 1 the work of some people, 2 a process of the organisation, 3 its business depends on it".to_owned();
            complaints.add(criticality.span, format!("criticality goes from 0 to {MOST_CRITICAL}"), help);
        }
        self.review = moment(file.review_by.as_ref(), complaints);
        let certification = file.maker.as_ref().and_then(|maker| maker.certification.as_ref());
        self.certification_end = moment(certification.and_then(|certification| certification.expires.as_ref()), complaints);
        let mut times = |elevation: &Spanned<ElevationRequest>| Times {
            start: moment(elevation.granted.as_ref(), complaints),
            end: moment(elevation.expires.as_ref(), complaints),
        };
        self.elevations = file.elevations.iter().map(&mut times).collect();
        for sign_off in &file.signoffs {
            moment(sign_off.on.as_ref(), complaints);
        }
    }

    /// What people call the app: its name, else its id, else its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        let app = self.file.app.as_ref();
        let said = app.and_then(|app| app.name.as_ref().or(app.id.as_ref()));
        let folder = self.path.rsplit('/').nth(1).unwrap_or("");
        said.map_or(folder, |name| &name.value)
    }

    /// The id of the app: where none is declared, the folder that the manifest lies in.
    #[must_use]
    pub fn id(&self) -> &str {
        let declared = self.file.app.as_ref().and_then(|app| app.id.as_ref());
        declared.map_or_else(|| self.path.rsplit_once('/').map_or("", |(folder, _)| folder), |id| &id.value)
    }

    /// The files and folders that it speaks for, from the root of the repository.
    #[must_use]
    pub fn covers(&self) -> &[String] {
        &self.covers
    }

    /// Who owns the app: a person, else a team.
    #[must_use]
    pub fn owner(&self) -> Option<&Spanned<String>> {
        let owner = self.file.owner.as_ref()?;
        said(owner.person.as_ref()).or_else(|| said(owner.team.as_ref()))
    }

    /// The tier of its maker.
    #[must_use]
    pub fn maker_tier(&self) -> Option<&str> {
        self.file.maker.as_ref()?.tier.as_ref().map(|tier| tier.value.as_str())
    }
}

/// What was said, where it is not empty.
#[must_use]
pub fn said(text: Option<&Spanned<String>>) -> Option<&Spanned<String>> {
    text.filter(|text| !text.value.trim().is_empty())
}

fn read(source: &Source, complaints: &mut Complaints) -> ManifestFile {
    let tree = match yaml::parse(source.text()) {
        Ok(tree) => tree,
        Err(error) => {
            complaints.add(error.span, error.message, error.help);
            return ManifestFile::default();
        }
    };
    for twice in tree.duplicate_keys() {
        complaints.add(twice.span, "this key stands twice in its mapping", "keep one of them".to_owned());
    }
    if tree.root().is_null() {
        return ManifestFile::default();
    }
    de::from_node(tree.root()).unwrap_or_else(|error| {
        complaints.refused(error);
        ManifestFile::default()
    })
}

/// Complains about a name that is none of `known`; where nothing is known, everything may be.
fn one_of(found: Option<&Spanned<String>>, known: &[&str], what: &str, complaints: &mut Complaints) {
    let Some(found) = found.filter(|found| !known.is_empty() && !known.contains(&found.value.as_str())) else { return };
    let meant = nearest(&found.value, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
    complaints.add(found.span, format!("`{}` is no {what}", found.value), format!("{meant}allowed: {}", known.join(", ")));
}

fn moment(written: Option<&Spanned<String>>, complaints: &mut Complaints) -> Option<Moment> {
    let written = written?;
    let read = Moment::parse(&written.value);
    if read.is_none() {
        let help = "write a day, `2027-06-30`, or a moment, `2027-06-30T17:00:00Z`".to_owned();
        complaints.add(written.span, format!("`{}` is no date", written.value), help);
    }
    read
}

/// A path of `app.paths`, from the root of the repository.
fn covered(path: &Spanned<String>, folder: &str, around: &Surroundings<'_>, complaints: &mut Complaints) -> Option<String> {
    let Some(found) = within(folder, &path.value) else {
        let help = "name files and folders of this repository, seen from the folder of the manifest".to_owned();
        complaints.add(path.span, format!("`{}` leads out of the repository", path.value), help);
        return None;
    };
    if !(around.exists)(&found) {
        let place = if folder.is_empty() { String::new() } else { format!(" in `{folder}`") };
        let help = format!("paths are seen from the folder of the manifest; without `paths`, it speaks for all of {}", shown(folder));
        complaints.add(path.span, format!("there is no `{}`{place}", path.value), help);
        return None;
    }
    Some(found)
}

fn shown(folder: &str) -> String {
    if folder.is_empty() { "the repository".into() } else { format!("`{folder}`") }
}

/// `path` seen from `folder`, as a path from the root; none when it leads outside.
fn within(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// All manifests of a repository.
#[derive(Debug, Default)]
pub struct Manifests {
    all: Vec<Manifest>,
    /// The number of the manifest that speaks for a path.
    covers: BTreeMap<String, usize>,
}

impl Manifests {
    /// Reads all manifests. Their paths are those from the root of the repository.
    ///
    /// # Errors
    /// With all that is wrong with any of them, or with two that speak for one path or one app.
    pub fn read(sources: &[Source], around: &Surroundings<'_>) -> Result<Self, WrongFiles> {
        let mut found = Self::default();
        let mut wrong = Vec::new();
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for source in sources {
            match Manifest::parse(source, around) {
                Ok(manifest) => match found.add(manifest, &mut ids).settle(source) {
                    Ok(()) => {}
                    Err(errors) => wrong.extend(errors.0),
                },
                Err(errors) => wrong.extend(errors.0),
            }
        }
        if wrong.is_empty() { Ok(found) } else { Err(WrongFiles(wrong)) }
    }

    fn add(&mut self, manifest: Manifest, ids: &mut BTreeMap<String, usize>) -> Complaints {
        let mut complaints = Complaints::default();
        let number = self.all.len();
        let app = manifest.file.app.as_ref();
        for path in &manifest.covers {
            if let Some(other) = self.covers.insert(path.clone(), number).filter(|other| *other != number) {
                let other = &self.all[other].path;
                let span =
                    app.and_then(|app| app.paths.first()).map_or_else(|| app.map_or_else(Default::default, |app| app.span), |p| p.span);
                let help = "an app has one manifest: leave it to one of them".to_owned();
                complaints.add(span, format!("`{other}` already speaks for {}", shown(path)), help);
            }
        }
        if let Some(id) = app.and_then(|app| app.id.as_ref())
            && let Some(other) = ids.insert(id.value.clone(), number)
        {
            let message = format!("`{}` is already the id of the app of `{}`", id.value, self.all[other].path);
            complaints.add(id.span, message, "give each app an id of its own".to_owned());
        }
        self.all.push(manifest);
        complaints
    }

    /// The manifest that speaks for the file or folder at `path`: the one that names it, or the nearest folder above.
    #[must_use]
    pub fn for_path(&self, path: &str) -> Option<&Manifest> {
        let mut path = path.trim_matches('/');
        loop {
            if let Some(number) = self.covers.get(path) {
                return self.all.get(*number);
            }
            if path.is_empty() {
                return None;
            }
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }

    /// The manifest in the file at `path`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Manifest> {
        self.all.iter().find(|manifest| manifest.path == path)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Manifest> {
        self.all.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl<'m> IntoIterator for &'m Manifests {
    type Item = &'m Manifest;
    type IntoIter = std::slice::Iter<'m, Manifest>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATFORMS: &[&str] = &["n8n", "power-platform"];

    fn read(files: &[(&str, &str)]) -> Result<Manifests, String> {
        let policy =
            Policy::parse(&Source::from_text("policy.yaml", "capability_matrix: { citizen: { allow: [form] } }")).expect("a policy");
        let exists = |path: &str| !path.ends_with("gone");
        let around = Surroundings { exists: &exists, platforms: PLATFORMS, policy: Some(&policy) };
        let sources: Vec<Source> = files.iter().map(|(path, text)| Source::from_text(*path, *text)).collect();
        Manifests::read(&sources, &around).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn the_nearest_manifest_speaks_for_a_path() {
        let manifests = read(&[
            ("flowgate.app.yaml", "app: { id: all, name: All }"),
            ("apps/intake/flowgate.app.yaml", ""),
            ("apps/flowgate.app.yaml", "app: { id: one, paths: [orders.json, ./trips/] }"),
        ])
        .expect("right");
        let of = |path: &str| manifests.for_path(path).map(Manifest::id);
        assert_eq!(of("apps/intake/deep/flow.json"), Some("apps/intake"));
        assert_eq!((of("apps/orders.json"), of("apps/trips/a.zip")), (Some("one"), Some("one")));
        assert_eq!((of("apps/other.json"), of("applications")), (Some("all"), Some("all")));
        let names: Vec<&str> = manifests.iter().map(Manifest::name).collect();
        assert_eq!(names, ["All", "intake", "one"]);
        assert!(Manifests::default().for_path("a").is_none());
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_place() {
        let text = "app: { id: a, platform: n9n, paths: [gone, ../../x] }\nclassification: secret\nmaker: { tier: citzen }\n\
                    criticality: 4\nreview_by: soon\nelevations: [{ expires: 2026-02-30 }]\n";
        let wrong = read(&[("apps/flowgate.app.yaml", text)]).expect_err("it is wrong");
        for told in [
            "apps/flowgate.app.yaml:1:25: `n9n` is no platform",
            "did you mean `n8n`?",
            ":1:38: there is no `gone` in `apps`",
            ":1:44: `../../x` leads out of the repository",
            ":2:17: `secret` is no class of data",
            ":3:16: `citzen` is no tier of makers",
            ":4:14: criticality goes from 0 to 3",
            ":5:12: `soon` is no date",
            ":6:25: `2026-02-30` is no date",
        ] {
            assert!(wrong.contains(told), "{told}\n{wrong}");
        }
    }

    #[test]
    fn unknown_and_repeated_keys_are_refused() {
        let wrong = read(&[("flowgate.app.yaml", "owner: { persn: olga }\n")]).expect_err("it is wrong");
        assert!(wrong.contains("flowgate.app.yaml:1:10:") && wrong.contains("did you mean `person`?"), "{wrong}");
        let wrong = read(&[("flowgate.app.yaml", "data_steward: a\ndata_steward: b\n")]).expect_err("it is wrong");
        assert!(wrong.contains(":2:1: this key stands twice"), "{wrong}");
    }

    #[test]
    fn an_app_has_one_manifest() {
        let wrong = read(&[("a/flowgate.app.yaml", ""), ("flowgate.app.yaml", "app: { paths: [a] }")]).expect_err("it is wrong");
        assert!(wrong.contains("flowgate.app.yaml:1:16: `a/flowgate.app.yaml` already speaks for `a`"), "{wrong}");
        let wrong = read(&[("a/flowgate.app.yaml", "app: { id: x }"), ("b/flowgate.app.yaml", "app: { id: x }")]).expect_err("it is wrong");
        assert!(wrong.contains("b/flowgate.app.yaml:1:12: `x` is already the id of the app of `a/flowgate.app.yaml`"), "{wrong}");
    }
}

//! What there is, how much is at stake, and who answers for it. No rule is asked.

use super::{Control, Error, exposures};
use crate::govern::manifest as declared;
use crate::govern::risk::{Exposure, Origin, Risk};
use crate::lint::{self, Governed, Input, Keep, Kept, Progress};
use crate::model::inventory::{ItemKind, Record};
use crate::policy::manifest::{Manifest, said};
use crate::policy::weights::Factor;
use crate::report::inventory::{Declared, Estate, Export, Standing, Word};
use crate::rule::Selected;
use crate::tree::de::Spanned;
use globset::{GlobBuilder, GlobMatcher, GlobSet};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is in `inputs`, with what the policy and the manifests under `control` say of it.
///
/// # Errors
/// When a path does not exist, or a manifest is wrong.
pub fn inventory(
    control: &Control,
    inputs: &[Input],
    exclude: Option<&GlobSet>,
    now: Timestamp,
    progress: Option<&(dyn Fn(Progress) + Sync)>,
) -> Result<Estate, Error> {
    let found = lint::find(inputs, exclude)?;
    let (manifests, _) = control.manifests(found.names(), inputs)?;
    let (rules, policy) = (Selected::new([]), control.policy());
    let path = |name: &str| control.relative(name);
    let options = lint::Options {
        policy,
        governed: Some(Governed { manifests: &manifests, path: &path }),
        now,
        exclude,
        keep: Keep { records: true, digests: false },
        progress,
        ..lint::Options::new(&rules)
    };
    let (report, kept) = lint::run(found, &options);
    let exposures = exposures(control, &manifests, &kept, policy);
    let parts: HashMap<&str, Parts> = manifests.iter().map(|manifest| (&*manifest.path, Parts::of(manifest))).collect();
    let mut speaking = BTreeSet::new();
    let export = |Kept { record, exposure }: Kept| {
        let manifest = manifests.for_path(&control.relative(&record.file));
        speaking.extend(manifest.map(|manifest| &*manifest.path));
        let exposure = manifest.and_then(|manifest| exposures.get(&manifest.path)).unwrap_or(&exposure);
        let risk = Risk::new(exposure, manifest, policy);
        let owners = manifest.and_then(|manifest| parts.get(&*manifest.path)).map(|parts| parts.owners(&record)).unwrap_or_default();
        Export { standing: standing(&risk, exposure, manifest), declared: manifest.map(said_by), owners, record }
    };
    let exports = kept.into_iter().map(export).collect();
    let idle = manifests.iter().map(|manifest| &*manifest.path).filter(|path| !speaking.contains(path)).map(str::to_owned).collect();
    Ok(Estate { exports, unreadable: report.coverage.unreadable, idle })
}

fn standing(risk: &Risk, exposure: &Exposure, manifest: Option<&Manifest>) -> Standing {
    let word = |factor: Factor| {
        let known = risk.terms.iter().find(|term| term.factor == factor && !matches!(term.origin, Origin::Assumed | Origin::Nothing));
        known.map(|term| term.word.clone()).or_else(|| exposure.seen(factor).map(|sight| sight.word.clone())).unwrap_or_default()
    };
    Standing {
        tier: Word(manifest.map_or(risk.tier, |manifest| declared::tier(manifest, Some(risk)))),
        risk: risk.inherent,
        because: risk.because().0,
        class: word(Factor::Class),
        audience: word(Factor::Audience),
    }
}

fn said_by(manifest: &Manifest) -> Declared {
    let text = |text: Option<&Spanned<String>>| said(text).map(|text| text.value.trim().to_owned()).unwrap_or_default();
    let file = &manifest.file;
    let owner = file.owner.as_ref();
    Declared {
        manifest: manifest.path.clone(),
        id: manifest.id().to_owned(),
        name: manifest.name().to_owned(),
        owner: text(owner.and_then(|owner| owner.person.as_ref())),
        team: text(owner.and_then(|owner| owner.team.as_ref())),
        steward: text(file.data_steward.as_ref()),
        maker: text(file.maker.as_ref().and_then(|maker| maker.id.as_ref())),
        environment: text(file.environment.as_ref()),
        classification: text(file.classification.as_ref()),
        criticality: file.criticality.as_ref().map(|number| number.value),
        compliance: file.compliance.iter().map(|one| one.value.clone()).collect(),
        review_by: text(file.review_by.as_ref()),
    }
}

/// Who owns the parts of an app.
struct Parts(Vec<(GlobMatcher, String)>);

impl Parts {
    fn of(manifest: &Manifest) -> Self {
        let part = |part: &Spanned<crate::policy::manifest::ComponentFile>| {
            let (pattern, owner) = (said(part.value.r#match.as_ref())?, said(part.value.owner.as_ref())?);
            // Names may hold what globs read as more than a star.
            let pattern = globset::escape(pattern.value.trim()).replace("[*]", "*");
            let glob = GlobBuilder::new(&pattern).literal_separator(false).case_insensitive(true).build().ok()?;
            Some((glob.compile_matcher(), owner.value.trim().to_owned()))
        };
        Self(manifest.file.components.iter().filter_map(part).collect())
    }

    /// The owners of the items of a record; the first pattern that fits counts.
    fn owners(&self, record: &Record) -> BTreeMap<(usize, usize), String> {
        let mut owners = BTreeMap::new();
        if self.0.is_empty() {
            return owners;
        }
        for (app, inventory) in record.apps.iter().enumerate() {
            for (at, item) in inventory.items.iter().enumerate().filter(|(_, item)| item.kind != ItemKind::App) {
                let names = [format!("{}:{}", item.kind.name(), item.name), format!("{}:{}", item.kind.name(), item.id)];
                let found = self.0.iter().find(|(glob, _)| names.iter().any(|name| glob.is_match(name)));
                owners.extend(found.map(|(_, owner)| ((app, at), owner.clone())));
            }
        }
        owners
    }
}

//! The examples of rules: exports that are written into the rule, with the control files that belong to them.

use super::given::Given;
use super::load::Parsed;
use super::{Found, Governed, Input, Said, load, model, violations, with_exports};
use crate::govern::risk::{Exposure, Telling};
use crate::govern::{self, Known, Over};
use crate::model::{Model, Place};
use crate::platform::{self, PLATFORMS, Platform, governance};
use crate::policy::Policy;
use crate::policy::manifest::{self, Manifests, Surroundings};
use crate::report::Coverage;
use crate::rule;
use crate::source::Source;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The time at which examples are judged, so that they come out the same for ever: 2026-11-21T12:00:00Z.
const NOW: i64 = 1_795_262_400;

/// Runs `run` on the model of an export of `platform`, as the example of a rule holds it: its files with their paths; the path of a
/// single file may be empty. `run` also gets what says where a place is: the pointer, behind the path and `#` where there is one.
/// Manifests among the files speak for the exports beside them; for control files, those exports have been judged.
///
/// # Errors
/// When the platform is unknown, or the export is none of its exports, or the policy or a manifest is wrong.
pub fn example(platform: &str, files: &[(String, String)], policy: Option<&str>, run: &mut rule::verify::Ask<'_>) -> Result<(), String> {
    let known = || PLATFORMS.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(", ");
    let platform = platform::named(platform).ok_or_else(|| format!("`{platform}` is no platform; there are: {}", known()))?;
    // What a policy names is among the files of the example.
    let beside = |name: &str| Ok(files.iter().find(|(path, _)| path == name).map(|(_, text)| text.clone().into_bytes()));
    let text = policy;
    let policy = text
        .map(|text| Policy::parse_with(&Source::from_text("policy.yaml", text), &beside).map_err(|error| error.to_string()))
        .transpose()?;
    let mut files = files.to_vec();
    let given = Given::take(&mut files)?;
    let files = &*files;
    let example = Example { platform, files, manifests: manifests(files, policy.as_ref())?, policy };
    let exposures = if platform.name() == governance::NAME { example.exposures()? } else { BTreeMap::new() };
    let mut run_of = given.run(files, &example.manifests)?;
    if let (Some(policy), Some(text)) = (&example.policy, text) {
        let notes = policy.over(&Source::from_text("policy.yaml", text), now());
        run_of.over = notes.into_iter().map(|note| Over { says: note.message, place: Place::elsewhere(0) }).collect();
    }
    run_of.outcomes = given.judge(&run_of, example.policy.as_ref(), now());
    let paths = files.iter().any(|(path, _)| !path.is_empty());
    let mut seen = false;
    example.each(&mut |found, files| {
        let path = |file: u32| files.get(file as usize).map_or("", |parsed| parsed.source.path());
        let pointer = |place: Place| {
            let Some(parsed) = files.get(place.file as usize) else { return String::new() };
            let pointer = if (place.node.0 as usize) < parsed.tree.len() { parsed.tree.node(place.node).pointer() } else { String::new() };
            if paths { format!("{}#{pointer}", parsed.source.path()) } else { pointer }
        };
        if found.2.name() == platform.name() {
            let mut model = example.model(&found);
            let policy = example.policy.as_ref();
            let known = Known {
                policy,
                manifests: &example.manifests,
                exposures: &exposures,
                run: &run_of,
                now: now(),
                locations: &[],
                path: &path,
            };
            govern::apply(&mut model, &known);
            run(&model, &pointer);
            seen = true;
        }
    })?;
    if seen { Ok(()) } else { Err(format!("the export is none of {}", platform.name())) }
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap_or_default()
}

fn manifests(files: &[(String, String)], policy: Option<&Policy>) -> Result<Manifests, String> {
    let is_manifest = |path: &str| path.rsplit('/').next() == Some(manifest::NAME);
    let sources: Vec<Source> =
        files.iter().filter(|(path, _)| is_manifest(path)).map(|(path, text)| Source::from_text(path.clone(), text.clone())).collect();
    let below = |folder: &str, path: &str| {
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let exists = |folder: &str| files.iter().any(|(path, _)| below(folder, path));
    let platforms = platform::of_apps();
    let around = Surroundings { exists: &exists, platforms: &platforms, policy };
    Manifests::read(&sources, &around).map_err(|wrong| wrong.to_string())
}

struct Example<'e> {
    platform: &'e dyn Platform,
    files: &'e [(String, String)],
    manifests: Manifests,
    policy: Option<Policy>,
}

/// What is done with each export of an example; it comes with the files of its unit.
type With<'w> = dyn for<'t> FnMut(Found<'t>, &'t [Parsed<'t>]) + 'w;

impl Example<'_> {
    /// Hands out the exports of the example. One of another platform is a mistake, unless control files are among them.
    fn each(&self, with: &mut With<'_>) -> Result<(), String> {
        let name = |(path, text): &(String, String)| {
            let name = if path.is_empty() { load::example_name(text).into_owned() } else { path.clone() };
            Input::Bytes { name, bytes: text.clone().into_bytes() }
        };
        let inputs: Vec<Input> = self.files.iter().map(name).collect();
        let mut wrong = None;
        for mut unit in load::units(&inputs, Vec::new(), Vec::new()) {
            let coverage = with_exports(&mut unit, &mut |files, exports| {
                for found in exports {
                    let (export, _, platform) = &found;
                    let governs = [platform.name(), self.platform.name()].contains(&governance::NAME);
                    if platform.name() != self.platform.name() && !governs {
                        wrong = Some(format!("the export is one of {}", platform.name()));
                    }
                    if let Some(violation) = violations(&export.documents).first() {
                        wrong = Some(format!("the export is malformed at `{}`: {}", violation.node.pointer(), violation.message));
                    }
                    if wrong.is_none() {
                        with(found, files);
                    }
                }
                Coverage::default()
            });
            if let Some(unreadable) = coverage.unreadable.first() {
                wrong = Some(format!("the export cannot be read: {}", unreadable.reason));
            }
            if let Some(foreign) = coverage.foreign.first() {
                wrong = Some(format!("`{}` is none of {}: {}", foreign.file, self.platform.name(), foreign.reason));
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    fn model<'t>(&self, (export, _, platform): &Found<'t>) -> Model<'t> {
        let governed = Governed { manifests: &self.manifests, path: &|path| path.to_owned() };
        model(*platform, export, Said { policy: self.policy.as_ref(), governed: Some(governed), now: now() })
    }

    /// What the exports show that each manifest speaks for.
    fn exposures(&self) -> Result<BTreeMap<String, Exposure>, String> {
        let mut exposures: BTreeMap<String, Exposure> = BTreeMap::new();
        self.each(&mut |found, files| {
            let Some(manifest) = self.manifests.for_path(found.0.name).filter(|_| found.2.name() != governance::NAME) else { return };
            let model = self.model(&found);
            let locate = |place: Place| {
                let parsed = &files[place.file as usize];
                crate::finding::Locator::new(parsed.source).locate(place.span, parsed.tree.node(place.node).pointer())
            };
            let telling = Telling { locate: &locate, mask: &|text| Cow::Borrowed(text) };
            let exposure = Exposure::of(&model, self.policy.as_ref(), telling);
            exposures.entry(manifest.path.clone()).or_default().merge(exposure, self.policy.as_ref());
        })?;
        Ok(exposures)
    }
}

//! Records of exports: what is kept of them when their files are gone.

use super::load::Parsed;
use super::mask::Mask;
use crate::finding::{Location, Locator};
use crate::model::inventory::{Files, Record, inventories};
use crate::model::{Model, Place};
use crate::platform::{Document, Export, Platform};
use crate::tree::canonical::{self, Digest, Noise};
use crate::tree::{Node, NodeId};
use std::collections::{HashMap, HashSet};

/// The record of an export whose model is linked. `files` are those of its unit, `own` the numbers of those of the export.
pub(super) fn record(
    platform: &dyn Platform,
    model: &Model<'_>,
    export: &Export<'_>,
    (files, own): (&[Parsed<'_>], &[u32]),
    mask: &Mask<'_>,
) -> Record {
    let noise = noise(platform, &export.documents);
    let mut reading = Reading { files, mask, locators: HashMap::new(), steps: steps(model, files, &noise) };
    let mut apps = inventories(model, &mut reading);
    let whole = canonical::written(&whole(export, files, own, &noise));
    let parts = if export.beside.is_empty() { of_apps(model, &export.documents, &noise) } else { None };
    for (at, app) in apps.iter_mut().enumerate() {
        app.digest = parts.as_ref().map_or_else(|| whole.clone(), |parts| canonical::written(&parts[at]));
    }
    Record { platform: model.platform.into(), file: mask.apply(export.name).into_owned(), digest: whole, apps }
}

/// The noise in each file.
type Noises = HashMap<u32, Noise>;

fn noise(platform: &dyn Platform, documents: &[Document<'_>]) -> Noises {
    let mut noises = Noises::new();
    for document in documents {
        noises.entry(document.node.tree().file()).or_default().join(platform.noise(document));
    }
    noises
}

/// The digest of all files of the export, whole: also of what lies around its documents, and of what no platform reads. Where a file lies within the export may mean
/// something, what a file that is alone is called does not.
fn whole(export: &Export<'_>, files: &[Parsed<'_>], own: &[u32], noises: &Noises) -> Digest {
    let none = Noise::default();
    // The name of an export that is one file begins the ways to what is inside of its texts.
    let name = export.name.rsplit(['/', '!']).next().unwrap_or(export.name);
    let is_file = export.files.iter().all(|file| file.path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let digest = |number: &u32| {
        let file = files[*number as usize].file();
        let content = canonical::digest(file.tree.documents(), noises.get(number).unwrap_or(&none));
        let path = if is_file { &file.path[name.len()..] } else { file.path };
        if path.is_empty() { content } else { canonical::named(path, &content) }
    };
    canonical::together(own.iter().map(digest).chain(export.beside.iter().copied()).collect())
}

/// The digest of the document of each app, where each app has one and each document is of one app; then no app depends on what is
/// said beside it.
fn of_apps(model: &Model<'_>, documents: &[Document<'_>], noises: &Noises) -> Option<Vec<Digest>> {
    if documents.len() != model.apps.len() {
        return None;
    }
    let none = Noise::default();
    let mut taken = HashSet::new();
    let digest = |app: &crate::model::App<'_>| {
        let place = model.element(app.element).place;
        let document = documents.iter().position(|document| {
            let node = document.node;
            node.tree().file() == place.file && node.contains(place.node)
        })?;
        let node = documents[document].node;
        taken.insert(document).then(|| canonical::digest([node], noises.get(&place.file).unwrap_or(&none)))
    };
    model.apps.iter().map(digest).collect()
}

/// The steps of one file.
#[derive(Default)]
struct Steps {
    /// For the node of each step, the object that holds its settings.
    objects: HashMap<NodeId, NodeId>,
    /// The noise of the file, and the settings of all steps: what is left out of the settings of each.
    noise: Noise,
}

fn steps(model: &Model<'_>, files: &[Parsed<'_>], noises: &Noises) -> HashMap<u32, Steps> {
    let mut of_file: HashMap<u32, Vec<NodeId>> = HashMap::new();
    for step in &model.steps {
        of_file.entry(step.place.file).or_default().push(step.place.node);
    }
    let of_file = of_file.into_iter().map(|(file, mut wanted)| {
        wanted.sort_unstable();
        wanted.dedup();
        let tree = &files[file as usize].tree;
        let objects: HashMap<NodeId, NodeId> = tree.enclosing_objects(&wanted).into_iter().collect();
        let mut noise = noises.get(&file).map(Noise::of_part).unwrap_or_default();
        objects.values().for_each(|object| noise.drop(tree.node(*object)));
        (file, Steps { objects, noise })
    });
    of_file.collect()
}

/// The files of an export while its inventory is made.
struct Reading<'r, 'e> {
    files: &'r [Parsed<'r>],
    mask: &'r Mask<'e>,
    locators: HashMap<u32, Locator<'r>>,
    steps: HashMap<u32, Steps>,
}

impl Files for Reading<'_, '_> {
    fn hide(&self, text: &str) -> String {
        self.mask.apply(text).into_owned()
    }

    fn locate(&mut self, place: Place) -> Location {
        let parsed = &self.files[place.file as usize];
        let pointer = self.mask.apply(&parsed.tree.node(place.node).pointer()).into_owned();
        let locator = self.locators.entry(place.file).or_insert_with(|| Locator::new(parsed.source).masking(self.mask.spans(place.file)));
        locator.locate(place.span, pointer)
    }

    fn content(&self, place: Place, called: &[&str]) -> String {
        let (tree, steps) = (&self.files[place.file as usize].tree, self.steps.get(&place.file));
        let object = steps.and_then(|steps| steps.objects.get(&place.node)).copied().unwrap_or(place.node);
        let node = tree.node(object);
        if !node.is_object() {
            // A statement of a script.
            return canonical::written(&canonical::digest_of_text(&tree.text()[place.span.range()]));
        }
        let name = |member: &Node<'_>| member.as_str().is_some_and(|text| called.contains(&&*text));
        let members = node.children().filter(|member| !name(member));
        let none = Noise::default();
        let noise = steps.map_or(&none, |steps| &steps.noise);
        canonical::written(&canonical::digest_of_members(members, noise))
    }
}

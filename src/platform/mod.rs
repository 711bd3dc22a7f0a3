//! What each platform's exports look like and what they mean: one folder a platform, one entry in [`PLATFORMS`].

mod column;
pub mod governance;
pub mod logic_apps;
pub mod n8n;
pub mod power_platform;
mod role;
pub mod salesforce;
mod secrets;
pub mod service_now;
mod shape;
mod workflow_definition;

use crate::model::vocabulary::AppKind;
use crate::model::{AppId, Fact, Model, Place};
use crate::tree::canonical::{Digest, Noise};
use crate::tree::{Node, Syntax, SyntaxError, Tree};
use foldhash::fast::RandomState;
use std::borrow::Cow;

/// Hashed with a random seed, and fast.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
/// Hashed with a random seed, and fast.
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;

/// The text with small letters for capitals of ASCII: most names have none and stay what they are.
pub(crate) fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}

/// The schema of one kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaText {
    /// Its name: path below `schemas/`.
    pub name: &'static str,
    /// The JSON Schema itself.
    pub text: &'static str,
}

/// A part of a file that is a document of a platform: a workflow, a list of credentials, a role.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    /// Where it is; its tree knows the number of the file.
    pub node: Node<'t>,
    /// What it must look like.
    pub schema: SchemaText,
}

/// One file of an export, parsed.
#[derive(Clone, Copy, Debug)]
pub struct File<'t> {
    /// Its path within the export, with `/` between the parts; entries of archives inside of the export have the path of the archive
    /// before them. For an export that is one file it is the name of that file.
    pub path: &'t str,
    /// Its content.
    pub tree: &'t Tree<'t>,
    /// The places where a token of some issuer may stand, see [`tokens`](crate::model::secret::tokens).
    pub tokens: &'t [u32],
}

/// All documents of one platform that belong together: one file, a folder, an archive.
#[derive(Debug, Default)]
pub struct Export<'t> {
    /// What reports call it: the path of its file, folder or archive.
    pub name: &'t str,
    /// The files with documents, in the order of their numbers.
    pub files: Vec<File<'t>>,
    /// Their documents, in the order of the files.
    pub documents: Vec<Document<'t>>,
    /// Digests of the files, with their paths, that no platform reads and that are moved with the others: code, pages, libraries.
    /// Empty where no record is made.
    pub beside: Vec<Digest>,
}

impl<'t> Export<'t> {
    /// What to call all of it where it does not say itself: its folder, archive or file.
    #[must_use]
    pub fn short_name(&self) -> &'t str {
        let last = self.name.trim_end_matches('/').rsplit(['/', '!']).next().unwrap_or(self.name);
        last.rsplit_once('.').map_or(last, |parts| parts.0)
    }

    /// Adds the app that stands for all of it, without an identifier of its own; `place` is where it begins.
    pub fn package(&self, model: &mut Model<'t>, place: Place) -> AppId {
        let app = model.add_app("".into(), self.short_name().into(), place);
        let element = model.app(app).element;
        model.element_mut(element).set(Fact::AppKind, AppKind::Package, place);
        app
    }

    /// The file that `node`, a node of one of its documents, is in.
    ///
    /// # Panics
    /// When the node is of no document of the export.
    #[must_use]
    pub fn file(&self, node: Node<'_>) -> &File<'t> {
        let at = self.files.binary_search_by_key(&node.tree().file(), |file| file.tree.file());
        &self.files[at.expect("a file of the export")]
    }
}

/// A file inside of a text: what a platform keeps as base64, or as text in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// What reports call it, below the file that it is in.
    pub name: String,
    /// Its content; may be an archive.
    pub bytes: Vec<u8>,
}

/// Where the files stand whose names tell what lies around them ([`Platform::markers`]), among the files of a run or of an archive.
#[derive(Clone, Debug, Default)]
pub struct Markers<'n> {
    /// The folders with a file of each name, in ascending order.
    folders: HashMap<&'static str, Vec<&'n str>>,
}

impl<'n> Markers<'n> {
    /// The markers of all platforms among `paths`.
    #[must_use]
    pub fn of(paths: impl IntoIterator<Item = &'n str>) -> Self {
        let known: HashSet<&'static str> = PLATFORMS.iter().flat_map(|platform| platform.markers()).copied().collect();
        let mut folders: HashMap<&'static str, Vec<&'n str>> = HashMap::default();
        for path in paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if let Some(name) = known.get(name) {
                folders.entry(name).or_default().push(folder);
            }
        }
        folders.values_mut().for_each(|folders| folders.sort_unstable());
        Self { folders }
    }

    /// The folders with a file `name`, in ascending order.
    #[must_use]
    pub fn folders(&self, name: &str) -> &[&'n str] {
        self.folders.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether there is a file `name` in `folder`; the empty folder is the top.
    #[must_use]
    pub fn has(&self, folder: &str, name: &str) -> bool {
        self.folders(name).binary_search(&folder).is_ok()
    }
}

/// A platform that exports are read from.
pub trait Platform: Sync {
    /// Its name in reports and rules.
    fn name(&self) -> &'static str;

    /// The syntaxes that its exports are written in.
    fn syntaxes(&self) -> &'static [Syntax];

    /// Texts of which a file of the platform holds at least one, even when it is damaged. They decide whether a file that cannot be
    /// parsed, and does not say by its name what it is, should have been judged; and whether YAML and XML, which much else is
    /// written in too, is parsed at all.
    fn traces(&self) -> &'static [&'static str];

    /// The syntax of a file whose name tells only this platform what it is: a script, YAML without an extension. `path` has `/`
    /// between its parts. Such a file is expected to be readable.
    fn syntax(&self, path: &str) -> Option<Syntax> {
        let _ = path;
        None
    }

    /// Names of files that tell what lies around them, for [`Platform::export_root`]; without folders.
    fn markers(&self) -> &'static [&'static str] {
        &[]
    }

    /// The folder whose files are one export with the file at `path`, as a part of `path`; none for a file that is an export by
    /// itself. A guess by names: what it brings together is judged together only if it is recognised.
    fn export_root<'p>(&self, path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
        let _ = (path, markers);
        None
    }

    /// The text of an XML file in which documents stand as text, with these laid open: as many bytes in as many lines, so that every
    /// place in it is the place in the file. None where nothing is to be laid open.
    ///
    /// # Errors
    /// With the place in the file, when what should be a document cannot be read as one.
    fn lay_open(&self, text: &str) -> Result<Option<String>, SyntaxError> {
        let _ = text;
        Ok(None)
    }

    /// Files inside of the texts of `file`.
    fn unpack(&self, file: &File<'_>) -> Vec<Embedded> {
        let _ = file;
        Vec::new()
    }

    /// The documents of the platform in a file; empty when the file is foreign. Decided by content; the path may only break a tie
    /// between kinds of documents that look the same, or tell what a script is.
    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>>;

    /// What of a document says nothing: layout, times, counters, identifiers of the export. It is left out of the digest of the
    /// content, so it may only be what neither the reader nor the platform itself gives a meaning, in the shape in which the platform
    /// writes it; all else counts.
    fn noise(&self, document: &Document<'_>) -> Noise;

    /// What the documents say.
    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t>;

    /// All schemas that [`Platform::recognise`] may name.
    fn schemas(&self) -> &'static [SchemaText];
}

/// All platforms. Adding one is adding a folder, its schemas, its fixtures and an entry here.
pub const PLATFORMS: &[&dyn Platform] = &[
    &n8n::N8n,
    &power_platform::PowerPlatform,
    &logic_apps::LogicApps,
    &salesforce::Salesforce,
    &service_now::ServiceNow,
    &governance::Governance,
];

/// The names of the platforms that apps are exported from.
#[must_use]
pub fn of_apps() -> Vec<&'static str> {
    PLATFORMS.iter().map(|platform| platform.name()).filter(|name| *name != governance::NAME).collect()
}

/// The platform with that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Platform> {
    PLATFORMS.iter().copied().find(|platform| platform.name() == name)
}

#[cfg(test)]
mod tests {
    use super::Markers;

    #[test]
    fn markers_are_told_by_folder() {
        let markers = Markers::of(["solution.xml", "b/x", "b/c/solution.xml"]);
        assert_eq!(markers.folders("solution.xml"), ["", "b/c"]);
        assert!(markers.has("b/c", "solution.xml") && !markers.has("b", "solution.xml") && !markers.has("b", "x"));
    }
}

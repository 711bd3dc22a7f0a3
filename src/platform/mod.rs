//! What each platform's exports look like and what they mean: one folder a platform, one entry in [`PLATFORMS`].

pub mod n8n;

use crate::model::Model;
use crate::tree::{Node, Syntax, Tree};

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
}

impl<'t> Export<'t> {
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

/// The names of the files among which a file stands: those of the run, or those of its archive.
#[derive(Clone, Copy, Debug)]
pub struct Names<'n> {
    sorted: &'n [&'n str],
}

impl<'n> Names<'n> {
    /// The names, which must be in ascending order.
    #[must_use]
    pub const fn new(sorted: &'n [&'n str]) -> Self {
        Self { sorted }
    }

    /// Whether there is a file `name` in `folder`; the empty folder is the top.
    #[must_use]
    pub fn has(&self, folder: &str, name: &str) -> bool {
        self.below(folder).any(|path| path == name)
    }

    /// The files below `folder`, each by its path from there.
    pub fn below<'s>(&'s self, folder: &'s str) -> impl Iterator<Item = &'n str> + 's {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = self.sorted.partition_point(|name| *name < prefix.as_str());
        let length = prefix.len();
        self.sorted[from..].iter().take_while(move |name| name.starts_with(&prefix)).map(move |name| &name[length..])
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

    /// The folder whose files are one export with the file at `path`, as a part of `path`; none for a file that is an export by
    /// itself. A guess by names: what it brings together is judged together only if it is recognised.
    fn export_root<'p>(&self, path: &'p str, names: Names<'_>) -> Option<&'p str> {
        let _ = (path, names);
        None
    }

    /// Files inside of the texts of `file`.
    fn unpack(&self, file: &File<'_>) -> Vec<Embedded> {
        let _ = file;
        Vec::new()
    }

    /// The documents of the platform in a file; empty when the file is foreign. Decided by content; the path may only break a tie
    /// between kinds of documents that look the same, or tell what a script is.
    fn recognise<'t>(&self, file: &File<'t>) -> Vec<Document<'t>>;

    /// What the documents say.
    fn lower<'t>(&self, export: &Export<'t>) -> Model<'t>;

    /// All schemas that [`Platform::recognise`] may name.
    fn schemas(&self) -> &'static [SchemaText];
}

/// All platforms. Adding one is adding a folder, its schemas, its fixtures and an entry here.
pub const PLATFORMS: &[&dyn Platform] = &[&n8n::N8n];

/// The platform with that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Platform> {
    PLATFORMS.iter().copied().find(|platform| platform.name() == name)
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_told_by_folder() {
        let names = Names::new(&["a", "b/Other/Solution.xml", "b/x", "bc/x"]);
        assert_eq!(names.below("b").collect::<Vec<_>>(), ["Other/Solution.xml", "x"]);
        assert!(names.has("b", "Other/Solution.xml") && names.has("", "a") && !names.has("b", "a"));
    }
}

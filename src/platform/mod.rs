//! What each platform's exports look like and what they mean: one folder a platform, one entry in [`PLATFORMS`].

pub mod n8n;

use crate::model::Model;
use crate::tree::{Node, Syntax};

/// The schema of one kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaText {
    /// Its name: path below `schemas/`.
    pub name: &'static str,
    /// The JSON Schema itself.
    pub text: &'static str,
}

/// A part of a file that is a document of a platform: a workflow, a list of credentials.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    /// Where it is.
    pub node: Node<'t>,
    /// What it must look like.
    pub schema: SchemaText,
}

/// A platform that exports are read from.
pub trait Platform: Sync {
    /// Its name in reports and rules.
    fn name(&self) -> &'static str;

    /// The syntaxes that its exports are written in.
    fn syntaxes(&self) -> &'static [Syntax];

    /// Texts of which a file of the platform holds at least one, even when it is damaged. They decide whether a file that cannot
    /// be parsed, and does not say by its name what it is, should have been judged.
    fn traces(&self) -> &'static [&'static str];

    /// The documents of the platform in a file; empty when the file is foreign. Decided by content, never by path.
    fn recognise<'t>(&self, root: Node<'t>) -> Vec<Document<'t>>;

    /// What the documents say. `tokens` are the places in the file where a token of some issuer may stand, see
    /// [`tokens`](crate::model::secret::tokens).
    fn lower<'t>(&self, documents: &[Document<'t>], tokens: &[u32]) -> Model<'t>;

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

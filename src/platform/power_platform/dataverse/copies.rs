//! What flows keep of environment variables: each names the variable and carries a copy of its value. A copy tells what a name does
//! not: that the variable holds a secret.

use super::Context;
use crate::model::secret::{self, Position};
use crate::tree::Node;
use std::collections::HashMap;

/// What the copies of one variable say.
pub(super) struct Copy {
    /// Some copy is a secret.
    pub(super) secret: bool,
}

/// Whether some flow of the export carries a secret as the value of the variable `schema_name`.
pub(super) fn tell_secret(context: &mut Context<'_, '_>, schema_name: &str) -> bool {
    let export = context.export;
    let copies = context.known.copies.get_or_insert_with(|| {
        let mut copies: HashMap<String, Copy> = HashMap::new();
        for parameter in export.files.iter().flat_map(|file| parameters(file.tree.root())) {
            let Some(name) = parameter.at(&["metadata", "schemaName"]).and_then(Node::as_str) else { continue };
            let Some(value) = parameter.get("defaultValue").and_then(Node::as_str) else { continue };
            let found = secret::detect(&value, None, Position::Variable);
            copies.entry(name.to_ascii_lowercase()).or_insert(Copy { secret: false }).secret |= !found.is_empty();
        }
        copies
    });
    copies.get(&schema_name.to_ascii_lowercase()).is_some_and(|copy| copy.secret)
}

/// The parameters of the flow that `root` is, if it is one.
fn parameters(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    root.at(&["properties", "definition", "parameters"]).into_iter().flat_map(Node::members)
}

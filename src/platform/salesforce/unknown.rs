//! Metadata of a type that the platform does not have: a typing error, or a type that is newer than this list. Nothing in it is judged,
//! which must not look like a pass.

use super::{Form, Kind, NAMESPACE, component, schema};
use crate::platform::File;
use crate::tree::Node;
use std::sync::LazyLock;

/// Everything in the namespace of metadata that no other kind knows.
pub(super) const KIND: Kind = Kind {
    schema: schema!("unknown.schema.json"),
    form: Form::Other(recognise),
    lower: |context, node| {
        context.package(crate::model::Place::key_of(node));
    },
};

fn recognise<'t>(file: &File<'t>) -> Vec<Node<'t>> {
    let unknown = |root: &Node<'_>| root.namespace() == Some(NAMESPACE) && root.key().is_some_and(|name| !is_type(&name));
    component::element(file).filter(unknown).into_iter().collect()
}

/// Whether the platform has a type of that name.
fn is_type(name: &str) -> bool {
    static TYPES: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("types.txt").lines().collect());
    // The settings of each product are a type of their own, and there are more with every release.
    name.ends_with("Settings") || name.ends_with("Folder") || TYPES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_type;

    #[test]
    fn types_are_told_by_name() {
        assert!(include_str!("types.txt").lines().is_sorted());
        assert!(is_type("ApexClass") && is_type("SecuritySettings") && is_type("Workflow"));
        assert!(!is_type("Profil"));
    }
}

//! Which files belong together, by their names.

use crate::platform::Markers;

/// Files that stand at the top of a project of Logic Apps Standard. Other programs have files of these names too.
pub(super) const MARKERS: &[&str] = &["host.json", "connections.json", "workflow.json"];

/// Other files at the top of a project.
const SETTINGS: [&str; 2] = ["parameters.json", "local.settings.json"];

/// The folder of the project that the file at `path` belongs to: the one that has folders with a `workflow.json`.
pub(super) fn export_root<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name == "workflow.json" {
        let root = (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |parts| parts.0))?;
        return is_project(root, markers).then_some(root);
    }
    let at_top = MARKERS.contains(&name) || SETTINGS.contains(&name);
    (at_top && is_project(folder, markers) && has_workflow(folder, markers)).then_some(folder)
}

fn is_project(folder: &str, markers: &Markers<'_>) -> bool {
    MARKERS[..2].iter().any(|marker| markers.has(folder, marker))
}

/// Whether a folder right in `root` has a `workflow.json`.
fn has_workflow(root: &str, markers: &Markers<'_>) -> bool {
    let folders = markers.folders("workflow.json");
    let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
    let below = folders[folders.partition_point(|folder| *folder < &*prefix)..].iter().take_while(|folder| folder.starts_with(&prefix));
    below.map(|folder| &folder[prefix.len()..]).any(|rest| !rest.is_empty() && !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_the_folder_around_its_workflows() {
        let markers =
            Markers::of(["a/host.json", "a/Orders/workflow.json", "b/host.json", "c/d/workflow.json", "e-f/x", "e/connections.json"]);
        let root = |path| export_root(path, &markers);
        assert_eq!((root("a/Orders/workflow.json"), root("a/parameters.json"), root("a/host.json")), (Some("a"), Some("a"), Some("a")));
        assert_eq!(
            (root("b/host.json"), root("c/d/workflow.json"), root("e/connections.json"), root("a/Orders/other.json")),
            (None, None, None, None)
        );
        let top = Markers::of(["connections.json", "Orders/workflow.json"]);
        assert_eq!((export_root("Orders/workflow.json", &top), export_root("connections.json", &top)), (Some(""), Some("")));
        assert_eq!(export_root("workflow.json", &top), None);
    }
}

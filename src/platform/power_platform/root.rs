//! Which files belong together, by their names.

use crate::platform::Markers;
use crate::tree::Syntax;

/// Folders of an unpacked solution. Other programs have folders of these names too, so something else has to speak for it.
const PARTS: [&str; 17] = [
    "Workflows",
    "Roles",
    "Entities",
    "Other",
    "CanvasApps",
    "Connectors",
    "Connector",
    "bots",
    "botcomponents",
    "environmentvariabledefinitions",
    "connectionreferences",
    "powerpagecomponents",
    "powerpagesites",
    "PluginAssemblies",
    "SdkMessageProcessingSteps",
    "AppModules",
    "OptionSets",
];

/// Files that tell what lies around them.
pub(super) const MARKERS: &[&str] = &[
    "CanvasManifest.json",
    "website.yml",
    "agent.mcs.yml",
    "solution.xml",
    "Solution.xml",
    "apiDefinition.swagger.json",
    "apiProperties.json",
];

/// Those of them whose folder is the export, with all that lies below.
const MANIFESTS: &[&str] = MARKERS.split_at(4).0;

/// Files of a custom connector, as its own tools keep them in one folder.
const CONNECTOR: [&str; 4] = ["apiDefinition.swagger.json", "apiProperties.json", "settings.json", "script.csx"];

/// The syntax of files that only this platform names so.
pub(super) fn syntax(path: &str) -> Option<Syntax> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let folder = path.rsplit('/').nth(2).unwrap_or_default();
    if name == "data" && folder == "botcomponents"
        || ends(&[
            ".fx.yaml",
            ".pa.yaml",
            ".mcs.yml",
            ".mcs.yaml",
            ".tablepermission.yml",
            "sitesetting.yml",
            "webrole.yml",
            ".serverlogic.yml",
            ".cloudflowconsumer.yml",
        ])
    {
        Some(Syntax::Yaml)
    } else if name == "script.csx" || ends(&[".robin"]) {
        Some(Syntax::Text)
    } else if ends(&[".xaml"]) && path.rsplit('/').nth(1) == Some("Workflows") {
        Some(Syntax::Xml)
    } else {
        None
    }
}

/// The folder of the export that the file at `path` belongs to.
pub(super) fn export_root<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    solution(path, markers).or_else(|| connector(path, markers)).or_else(|| manifest(path, markers)).or_else(|| package(path))
}

/// The folder before the part of the path that ends at byte `end`, without the slash.
fn before(path: &str, start: usize) -> &str {
    path[..start].trim_end_matches('/')
}

/// The parts of a path with the offset of each, without the name of the file.
fn folders(path: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    let folders = &path[..path.rfind('/').unwrap_or(0)];
    folders.split('/').map(move |part| (part.as_ptr() as usize - path.as_ptr() as usize, part))
}

fn solution<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if matches!(name, "solution.xml" | "customizations.xml") {
        return Some(before(path, path.len() - name.len()));
    }
    folders(path).filter(|(_, part)| PARTS.contains(part)).map(|(at, part)| (before(path, at), &path[at..], part)).find_map(
        |(root, rest, part)| {
            let declared = markers.has(root, "solution.xml") || markers.folders("Solution.xml").iter().any(|other| is_other(other, root));
            (declared || speaks_for_itself(rest, part)).then_some(root)
        },
    )
}

/// Whether `folder` is the one in `root` that an unpacked solution keeps its manifest in.
fn is_other(folder: &str, root: &str) -> bool {
    folder.strip_suffix("Other").is_some_and(|before| before.strip_suffix('/').unwrap_or(before) == root)
}

/// Whether what is behind the folder of a solution can hardly be anything else.
fn speaks_for_itself(rest: &str, part: &str) -> bool {
    let name = rest.rsplit('/').next().unwrap_or(rest);
    match part {
        "Workflows" => name.split('.').next().is_some_and(ends_in_guid),
        "Other" => matches!(name, "Solution.xml" | "Customizations.xml" | "FieldSecurityProfiles.xml" | "Relationships.xml"),
        "Roles" | "SdkMessageProcessingSteps" => extension(name).eq_ignore_ascii_case("xml"),
        "Entities" => name == "Entity.xml",
        "CanvasApps" => name.ends_with(".meta.xml") || extension(name).eq_ignore_ascii_case("msapp") || rest.contains("_src/"),
        "Connectors" | "Connector" => {
            let parts = ["_openapidefinition", "_connectionparameters", "_policytemplateinstances"];
            parts.iter().any(|part| name.contains(part)) || name.rsplit('.').next() == Some("xml")
        }
        "bots" => matches!(name, "bot.xml" | "configuration.json"),
        "botcomponents" => matches!(name, "botcomponent.xml" | "data"),
        "environmentvariabledefinitions" => name.starts_with("environmentvariable"),
        _ => false,
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |parts| parts.1)
}

/// `Name-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`
fn ends_in_guid(name: &str) -> bool {
    let Some(at) = name.len().checked_sub(36).filter(|at| name.is_char_boundary(*at)) else { return false };
    let guid = &name.as_bytes()[at..];
    guid.iter().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// The nearest folder above with a manifest.
fn manifest<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    let above = folders(path).rev().map(|(at, part)| &path[..at + part.len()]);
    // Most runs have one of the names at most.
    let known: Vec<&[&str]> = MANIFESTS.iter().map(|name| markers.folders(name)).filter(|folders| !folders.is_empty()).collect();
    above.chain([""]).filter(|_| !known.is_empty()).find(|folder| known.iter().any(|folders| folders.binary_search(folder).is_ok()))
}

fn connector<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = before(path, path.len() - name.len());
    let beside = || CONNECTOR[..2].iter().any(|other| markers.has(folder, other));
    (CONNECTOR[..2].contains(&name) || CONNECTOR.contains(&name) && beside()).then_some(folder)
}

/// A package of the time before solutions.
fn package(path: &str) -> Option<&str> {
    let folder = folders(path).find(|(_, part)| matches!(*part, "Microsoft.Flow" | "Microsoft.PowerApps"));
    folder.map(|(at, _)| before(path, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_export_are_told_by_their_names() {
        let names = [
            "a/Other/Solution.xml",
            "a/Workflows/Run.json",
            "b/Workflows/Run.json",
            "b/Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json",
            "c/apiProperties.json",
            "c/settings.json",
            "d/settings.json",
            "e/CanvasManifest.json",
            "e/Src/App.fx.yaml",
            "f/Microsoft.Flow/flows/1/definition.json",
        ];
        let markers = Markers::of(names);
        let root = |path| export_root(path, &markers);
        assert_eq!(root("a/Workflows/Run.json"), Some("a"));
        assert_eq!(root("b/Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json"), Some("b"));
        assert_eq!((root("c/settings.json"), root("e/Src/App.fx.yaml")), (Some("c"), Some("e")));
        assert_eq!(root("f/Microsoft.Flow/flows/1/definition.json"), Some("f"));
        let markers = Markers::of(["solution.xml", "Workflows/x.json"]);
        assert_eq!(export_root("Workflows/x.json", &markers), Some(""));
        assert_eq!(export_root("x.json", &Markers::of(["x.json"])), None);
    }
}

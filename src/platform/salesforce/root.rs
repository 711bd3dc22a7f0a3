//! Which files belong together, by their names.

use crate::platform::Markers;
use crate::tree::Syntax;

/// Files that tell what lies around them: the first that of a project, the second that of a package of the Metadata API.
pub(super) const MARKERS: &[&str] = &[PROJECT, PACKAGE];
const PROJECT: &str = "sfdx-project.json";
const PACKAGE: &str = "package.xml";

/// What stands for the endings of code, pages and pictures.
const ANY: &str = "*";

/// Folders of components, with the ending that the Metadata API gives to the files in them. Code is not read, but moved with the rest.
const FOLDERS: &[(&str, &str)] = &[
    ("aiAuthoringBundles", "agent"),
    ("aura", ANY),
    ("authproviders", "authprovider"),
    ("bots", "bot"),
    ("certs", "crt"),
    ("classes", "cls"),
    ("components", "component"),
    ("connectedApps", "connectedApp"),
    ("corsWhitelistOrigins", "corsWhitelistOrigin"),
    ("cspTrustedSites", "cspTrustedSite"),
    ("customMetadata", "md"),
    ("dashboards", "dashboard"),
    ("dataSources", "dataSource"),
    ("digitalExperiences", "json"),
    ("emailservices", "xml"),
    ("experiences", "json"),
    ("externalClientApps", "eca"),
    ("externalCredentials", "externalCredential"),
    ("externalServiceRegistrations", "externalServiceRegistration"),
    ("extlClntAppGlobalOauthSets", "ecaGlblOauth"),
    ("extlClntAppOauthPolicies", "ecaOauthPlcy"),
    ("extlClntAppOauthSettings", "ecaOauth"),
    ("extlClntAppPolicies", "ecaPlcy"),
    ("flowDefinitions", "flowDefinition"),
    ("flows", "flow"),
    ("genAiFunctions", "genAiFunction"),
    ("genAiPlannerBundles", "genAiPlannerBundle"),
    ("genAiPlanners", "genAiPlanner"),
    ("genAiPlugins", "genAiPlugin"),
    ("genAiPromptTemplates", "genAiPromptTemplate"),
    ("labels", "labels"),
    ("lwc", ANY),
    ("mutingpermissionsets", "mutingpermissionset"),
    ("namedCredentials", "namedCredential"),
    ("networks", "network"),
    ("objects", "object"),
    ("pages", "page"),
    ("permissionsetgroups", "permissionsetgroup"),
    ("permissionsets", "permissionset"),
    ("profilePasswordPolicies", "profilePasswordPolicy"),
    ("profileSessionSettings", "profileSessionSetting"),
    ("profiles", "profile"),
    ("remoteSiteSettings", "remoteSite"),
    ("reports", "report"),
    ("samlssoconfigs", "samlssoconfig"),
    ("settings", "settings"),
    ("sharingRules", "sharingRules"),
    ("sites", "site"),
    ("staticresources", ANY),
    ("triggers", "trigger"),
    ("workflows", "workflow"),
];

/// What all files of metadata end with in a project.
const META: &str = "-meta.xml";

/// The syntax of files that only this platform names so.
pub(super) fn syntax(path: &str) -> Option<Syntax> {
    let name = path.rsplit('/').next().unwrap_or(path);
    // Every type has a word of its own before the ending; `-meta.xml` alone ends the names of folders.
    if name.strip_suffix(META).is_some_and(|name| name.contains('.')) {
        return Some(Syntax::Xml);
    }
    // The files of packages say enough by themselves; their endings are used by other programs, too.
    let is_script = extension(name) == "agent" && component_folder(path)?.1.1 == "agent";
    is_script.then_some(Syntax::Text)
}

/// The folder of the export that the file at `path` belongs to.
///
/// That is the project where there is one; else the package; else the folder around what holds the components: `force-app`, or
/// whatever is the package directory before `main/default`.
pub(super) fn export_root<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let component = component_folder(path).filter(|(_, folder)| belongs(name, folder.1)).map(|(at, _)| before(path, at));
    if component.is_none() && !name.ends_with(META) && !MARKERS.contains(&name) {
        return None;
    }
    let projects = markers.folders(PROJECT);
    let above = folders(path).rev().map(|(at, part)| &path[..at + part.len()]).chain([""]);
    if let Some(project) = above.filter(|_| !projects.is_empty()).find(|folder| projects.binary_search(folder).is_ok()) {
        return Some(project);
    }
    let Some(component) = component else { return (name == PACKAGE).then(|| before(path, path.len() - name.len())) };
    if markers.has(component, PACKAGE) {
        return Some(component);
    }
    Some(source_directory(component).unwrap_or(component))
}

/// The folder around the package directory that `folder` is, or is in.
fn source_directory(folder: &str) -> Option<&str> {
    let project = if let Some(package) = folder.strip_suffix("main/default").map(|before| before.trim_end_matches('/')) {
        package.rsplit_once('/').map_or("", |parts| parts.0)
    } else {
        let (at, _) = folders_of(folder).rev().find(|(_, part)| *part == "force-app")?;
        before(folder, at)
    };
    Some(project)
}

/// Whether a file of that name is one of what its folder is for.
fn belongs(name: &str, ending: &str) -> bool {
    // What others may read, they shall read where it lies.
    let is_read = ["json", "xml", "yaml", "yml", "zip"].contains(&extension(name));
    name.ends_with(META) || if ending == ANY { !is_read } else { extension(name) == ending }
}

/// The folder of components that the file is in, the innermost; with where it starts.
fn component_folder(path: &str) -> Option<(usize, &'static (&'static str, &'static str))> {
    let known = |part: &str| FOLDERS.binary_search_by(|(name, _)| (*name).cmp(part)).ok();
    folders(path).rev().find_map(|(at, part)| Some((at, &FOLDERS[known(part)?])))
}

/// The folder before byte `start`, without the slash.
fn before(path: &str, start: usize) -> &str {
    path[..start].trim_end_matches('/')
}

/// The parts of a path with the offset of each, without the name of the file.
fn folders(path: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    folders_of(&path[..path.rfind('/').unwrap_or(0)])
}

fn folders_of(path: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    path.split('/').map(move |part| (part.as_ptr() as usize - path.as_ptr() as usize, part))
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |parts| parts.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_can_be_searched() {
        assert!(FOLDERS.is_sorted());
    }

    #[test]
    fn a_project_is_one_export() {
        let markers = Markers::of(["p/sfdx-project.json", "p/unpackaged/site/package.xml", "q/src/package.xml", "r/x/package.xml"]);
        let root = |path| export_root(path, &markers);
        assert_eq!(root("p/force-app/main/default/flows/Run.flow-meta.xml"), Some("p"));
        assert_eq!(root("p/unpackaged/site/sites/A.site"), Some("p"));
        assert_eq!(root("q/src/profiles/Admin.profile"), Some("q/src"));
        assert_eq!(root("r/force-app/main/default/objects/A__c/fields/B__c.field-meta.xml"), Some("r"));
        assert_eq!(root("r/app-one/main/default/flows/Run.flow-meta.xml"), Some("r"));
        assert_eq!(root("r/force-app/main/logs/permissionsets/L.permissionset-meta.xml"), Some("r"));
        assert_eq!(root("r/core/log/permissionsets/L.permissionset-meta.xml"), Some("r/core/log"));
        assert_eq!(root("flows/Run.flow"), Some(""));
        assert_eq!((root("r/flows/a.json"), root("r/Run.flow-meta.xml"), root("r/settings/a.xml")), (None, None, None));
    }

    #[test]
    fn names_promise_what_they_hold() {
        assert_eq!(syntax("a/Run.flow-meta.xml"), Some(Syntax::Xml));
        assert_eq!(syntax("aiAuthoringBundles/A/A.agent"), Some(Syntax::Text));
        assert_eq!((syntax("networks/10-lan.network"), syntax("x/book-meta.xml")), (None, None));
    }
}

//! The catalogue of rights: which role may do what with which records.

use super::PolicyError;
use super::file::{EntryFile, PlaneFile, ScopeFile};
use super::pattern::{self, Patterns};
use super::read::Reading;
use crate::model::vocabulary::{Catalogued, Scope, Verb};
use crate::model::{AppId, Element, Fact, Kind, Model, Value};
use crate::tree::de::Spanned;
use globset::GlobMatcher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

/// What a role may do.
#[derive(Debug)]
pub(super) struct Entry {
    role: GlobMatcher,
    plane: Option<PlaneFile>,
    actions: Patterns,
    resources: Patterns,
    max_scope: Option<ScopeFile>,
}

/// A right, as it is looked up.
struct Right<'r> {
    action: &'r str,
    resource: &'r str,
    scope: Option<ScopeFile>,
    plane: Option<PlaneFile>,
}

/// A right that is about no table.
const NO_RESOURCE: &str = "org";

impl Entry {
    pub(super) fn new(file: &EntryFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        Ok(Self {
            role: pattern::compile(&file.role.value).map_err(|reason| reading.wrong(file.role.span, reason, None))?,
            plane: file.plane,
            actions: reading.patterns(&file.actions)?,
            resources: reading.patterns(&file.resources)?,
            max_scope: file.max_scope,
        })
    }

    fn covers(&self, right: &Right<'_>) -> bool {
        let plane = self.plane.is_none() || right.plane.is_none() || self.plane == right.plane;
        let scope = self.max_scope.is_none_or(|most| right.scope.is_none_or(|scope| scope <= most));
        let action = self.actions.holds(right.action);
        plane && scope && action && (self.resources.is_empty() || self.resources.holds(right.resource))
    }
}

/// The entries of a catalogue.
pub(super) fn entries(files: &[Spanned<EntryFile>], reading: &Reading<'_>) -> Result<Vec<Entry>, PolicyError> {
    files.iter().map(|file| Entry::new(&file.value, reading)).collect()
}

/// States of grants to whom somebody gives them what of them is not in the catalogue. Where a role stands as a whole its parts say
/// nothing more, and a role that nobody knows is told once.
pub(super) fn apply(entries: &[Entry], model: &mut Model<'_>) {
    if entries.is_empty() {
        return;
    }
    let whole: HashSet<(AppId, String)> = model
        .elements
        .iter()
        .filter(|element| element.kind == Kind::Grant && element.fact(Fact::GrantRights).is_some())
        .filter_map(|element| Some((element.app, element.text(Fact::GrantPrincipal)?.to_owned())))
        .collect();
    let mut told: HashSet<(AppId, String)> = HashSet::new();
    let mut known: HashMap<String, Vec<usize>> = HashMap::new();
    for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Grant) {
        let Some(principal) = element.text(Fact::GrantPrincipal).map(str::to_owned) else { continue };
        let is_whole = element.fact(Fact::GrantRights).is_some();
        let key = (element.app, principal);
        if !is_whole && (whole.contains(&key) || element.fact(Fact::GrantAction).is_none() && element.fact(Fact::GrantVerb).is_none()) {
            continue;
        }
        let of_role =
            known.entry(key.1.clone()).or_insert_with(|| (0..entries.len()).filter(|at| entries[*at].role.is_match(&key.1)).collect());
        let place = element.place;
        if of_role.is_empty() {
            if told.insert(key) {
                element.set(Fact::GrantCatalogued, Catalogued::UnknownRole, place);
            }
            continue;
        }
        let missing: Vec<String> =
            rights(element).into_iter().filter(|text| !of_role.iter().any(|at| entries[*at].covers(&right(text)))).collect();
        let catalogued = if missing.is_empty() { Catalogued::Covered } else { Catalogued::Beyond };
        element.set(Fact::GrantCatalogued, catalogued, place);
        if !missing.is_empty() {
            element.set(Fact::GrantUncatalogued, missing, place);
        }
    }
}

/// The rights of a grant, each as `action resource@scope`.
pub(super) fn rights(element: &Element<'_>) -> Vec<String> {
    if let Some(rights) = element.fact(Fact::GrantRights) {
        return rights.each().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    let actions: Vec<&str> = match element.text(Fact::GrantAction) {
        Some(action) => vec![action],
        None => element.fact(Fact::GrantVerb).into_iter().flat_map(Value::each).filter_map(Value::as_str).map(verb).collect(),
    };
    let resource = element.text(Fact::GrantResource).unwrap_or(NO_RESOURCE);
    let scope = element.text(Fact::GrantScope).map(|scope| format!("@{scope}")).unwrap_or_default();
    actions.into_iter().map(|action| format!("{action} {resource}{scope}")).collect()
}

/// The word of catalogues for a verb.
fn verb(word: &str) -> &str {
    if word == Verb::Write.name() { "update" } else { word }
}

/// Reads `action resource@scope`, where all but the action may be left out.
fn right(text: &str) -> Right<'_> {
    let (rest, scope) = text.rsplit_once('@').map_or((text, None), |(rest, scope)| (rest, scope_named(scope)));
    let (action, resource) = rest.split_once(' ').unwrap_or((rest, NO_RESOURCE));
    Right { action, resource, scope, plane: plane(action, resource) }
}

/// Whether a right is about making apps: it is about no table of data, and names what apps are made of.
fn plane(action: &str, resource: &str) -> Option<PlaneFile> {
    let lower = action.to_ascii_lowercase();
    let makes = ["customization", "customisation", "plugin", "publish", "solution", "sdkmessage", "entity", "attribute"];
    if resource == NO_RESOURCE {
        return makes.iter().any(|word| lower.contains(word)).then_some(PlaneFile::Build);
    }
    resource.contains('_').then_some(PlaneFile::Run)
}

fn scope_named(word: &str) -> Option<ScopeFile> {
    Some(match word {
        word if word == Scope::Own.name() => ScopeFile::Own,
        word if word == Scope::Shared.name() => ScopeFile::Shared,
        word if word == Scope::Unit.name() => ScopeFile::Unit,
        word if word == Scope::Organisation.name() => ScopeFile::Org,
        word if word == Scope::All.name() => ScopeFile::All,
        _ => return None,
    })
}

/// A catalogue that covers the grants of some models, as YAML: one entry for each role, scope and set of actions.
#[derive(Debug, Default)]
pub struct Draft {
    /// Actions by role, scope and resource.
    roles: BTreeMap<(String, String), BTreeMap<String, BTreeSet<String>>>,
}

impl Draft {
    /// Adds what a model grants to those who have a name.
    pub fn add(&mut self, model: &Model<'_>) {
        let whole: HashSet<&str> = model
            .elements
            .iter()
            .filter(|element| element.fact(Fact::GrantRights).is_some())
            .filter_map(|element| element.text(Fact::GrantPrincipal))
            .collect();
        for element in model.elements.iter().filter(|element| element.kind == Kind::Grant) {
            let Some(principal) = element.text(Fact::GrantPrincipal) else { continue };
            if element.fact(Fact::GrantRights).is_none() && whole.contains(principal) {
                continue;
            }
            for text in rights(element) {
                let (rest, scope) = text.rsplit_once('@').unwrap_or((&text, ""));
                let (action, resource) = rest.split_once(' ').unwrap_or((rest, NO_RESOURCE));
                let of_role = self.roles.entry((principal.to_owned(), scope.to_owned())).or_default();
                of_role.entry(resource.to_owned()).or_default().insert(action.to_owned());
            }
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty()
    }

    /// The entries as YAML, behind their key.
    #[must_use]
    pub fn yaml(&self) -> String {
        let list = |texts: &[String]| format!("[{}]", texts.iter().map(|text| super::draft::scalar(text)).collect::<Vec<_>>().join(", "));
        let mut out = String::from("privilege_catalogue:\n");
        for ((role, scope), resources) in &self.roles {
            // Tables with which the same may be done stand together.
            let mut by_actions: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
            for (resource, actions) in resources {
                by_actions.entry(actions.iter().cloned().collect()).or_default().push(resource.clone());
            }
            for (actions, resources) in by_actions {
                let role = super::draft::scalar(role);
                let _ = write!(out, "  - role: {role}\n    actions: {}\n    resources: {}\n", list(&actions), list(&resources));
                if !scope.is_empty() {
                    let _ = writeln!(out, "    max_scope: {scope}");
                }
            }
        }
        out
    }
}

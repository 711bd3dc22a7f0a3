//! What the other files of an export say of its flows: which are switched on, what their references to connections mean, which
//! variables of the environment are defined here.

use crate::platform::Export;
use crate::platform::workflow_definition::connector;
use crate::tree::{Node, Syntax};
use std::borrow::Cow;
use std::collections::HashMap;

/// What a solution says of one flow.
#[derive(Clone, Debug, Default)]
pub(in crate::platform::power_platform) struct Header<'t> {
    /// Name that makers see.
    pub(super) name: Option<Cow<'t, str>>,
    /// The state, as text: `1` is on.
    pub(super) state: Option<Node<'t>>,
}

/// What is known of an export as a whole.
#[derive(Debug, Default)]
pub(in crate::platform::power_platform) struct Solution<'t> {
    /// By identifier, without braces and in lower case.
    headers: HashMap<String, Header<'t>>,
    /// The connectors of connection references, by logical name in lower case.
    connectors: HashMap<String, String>,
    /// The values that the export keeps for variables of the environment in files of their own, by schema name in lower case.
    variables: HashMap<String, Vec<Cow<'t, str>>>,
}

impl<'t> Solution<'t> {
    /// Reads all files of the export that say such things.
    pub(super) fn of(export: &Export<'t>) -> Self {
        let mut solution = Self::default();
        for file in &export.files {
            let root = file.tree.root();
            match file.tree.syntax() {
                Syntax::Xml => {
                    root.members().for_each(|element| solution.element(element));
                }
                Syntax::Json => {
                    // Values have a file in the folder of the variable, which has its name.
                    let mut parts = file.path.split('/').skip_while(|part| *part != "environmentvariabledefinitions");
                    let name = parts.nth(1).filter(|_| parts.next().is_some());
                    let values = root.descend().filter(|node| name.is_some() && node.has_key("value"));
                    solution.values(name.unwrap_or_default(), values.filter_map(Node::as_str).collect());
                }
                _ => {}
            }
        }
        solution
    }

    fn element(&mut self, element: Node<'t>) {
        match element.key().as_deref() {
            Some("Workflow") => self.header(element),
            Some("connectionreference") => self.connector(element),
            Some("environmentvariabledefinition") => self.variable(element),
            Some("ImportExportXml") => {
                let lists = |list: &'static str, item: &'static str| {
                    element.get(list).into_iter().flat_map(move |list| list.get_all(item)).collect::<Vec<_>>()
                };
                lists("Workflows", "Workflow").into_iter().for_each(|workflow| self.header(workflow));
                lists("connectionreferences", "connectionreference").into_iter().for_each(|reference| self.connector(reference));
                lists("EnvironmentVariables", "EnvironmentVariable").into_iter().for_each(|one| self.variable(one));
                let definitions = lists("environmentvariabledefinitions", "environmentvariabledefinition");
                definitions.into_iter().for_each(|one| self.variable(one));
            }
            Some("connectionreferences") => {
                element.get_all("connectionreference").collect::<Vec<_>>().into_iter().for_each(|reference| self.connector(reference));
            }
            _ => {}
        }
    }

    fn header(&mut self, workflow: Node<'t>) {
        let Some(id) = workflow.get("@WorkflowId").and_then(Node::as_str) else { return };
        let id = id.trim_matches(['{', '}']).to_lowercase();
        self.headers.insert(id, Header { name: workflow.get("@Name").and_then(Node::as_str), state: workflow.get("StateCode") });
    }

    fn connector(&mut self, reference: Node<'t>) {
        let name = reference.get("@connectionreferencelogicalname").and_then(Node::as_str);
        let id = reference.get("connectorid").and_then(Node::as_str);
        if let (Some(name), Some(id)) = (name, id) {
            self.connectors.insert(name.to_lowercase(), connector::key(&id));
        }
    }

    fn variable(&mut self, definition: Node<'t>) {
        let value = definition.get("defaultvalue").or_else(|| definition.at(&["Definition", "DefaultValue"])).and_then(Node::as_str);
        if let Some(name) = definition.get("@schemaname").and_then(Node::as_str) {
            self.values(&name, value.into_iter().collect());
        }
    }

    fn values(&mut self, name: &str, values: Vec<Cow<'t, str>>) {
        if !values.is_empty() {
            self.variables.entry(name.to_lowercase()).or_default().extend(values);
        }
    }

    /// What is said of the flow `id`, in lower case.
    pub(super) fn header_of(&self, id: &str) -> Header<'t> {
        self.headers.get(id).cloned().unwrap_or_default()
    }

    /// The connector that a connection reference means.
    pub(super) fn connector_of(&self, logical_name: &str) -> Option<&str> {
        self.connectors.get(&logical_name.to_lowercase()).map(String::as_str)
    }

    /// Whether a file of its own keeps that value for the variable: what is wrong with it is told there.
    pub(super) fn keeps(&self, variable: &str, value: &str) -> bool {
        self.variables.get(&variable.to_lowercase()).is_some_and(|values| values.iter().any(|known| known.trim() == value.trim()))
    }
}

/// The identifier at the end of the name of a file, and the name before it: `Name-<id>.json`. A file that the platform has not named may
/// be called anything.
pub(super) fn name_and_id(path: &str) -> (&str, Option<String>) {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    match stem.len().checked_sub(36).and_then(|at| stem.get(at..)).filter(|id| is_guid(id)) {
        Some(id) => (stem[..stem.len() - 36].trim_end_matches(['-', '_']), Some(id.to_lowercase())),
        None => ("", None),
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_tell_flows_apart() {
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(name_and_id("Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json"), ("Run", Some(id.to_owned())));
        assert_eq!(name_and_id("Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json.data.xml"), ("Run", Some(id.to_owned())));
        assert_eq!(name_and_id("definition.json"), ("", None));
    }
}

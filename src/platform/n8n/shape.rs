//! Which parts of a file are workflows or credentials.

use super::super::Document;
use super::{CREDENTIALS, WORKFLOW};
use crate::tree::Node;

/// Members that the exports of the editor, the command line and the API wrap workflows in.
const WRAPPERS: [&str; 4] = ["workflow", "workflows", "data", "credentials"];

/// Deepest nesting of wrappers: the template API has `{workflow: {workflow: ..}}`.
const MAX_WRAPPERS: usize = 3;

/// The documents of n8n in a file; empty when it is foreign.
pub(super) fn documents(root: Node<'_>) -> Vec<Document<'_>> {
    let mut found = Vec::new();
    collect(root, 0, &mut found);
    found
}

fn collect<'t>(node: Node<'t>, depth: usize, found: &mut Vec<Document<'t>>) {
    if is_workflow(node) {
        found.push(Document { node, schema: WORKFLOW });
    } else if is_credential(node) {
        found.push(Document { node, schema: CREDENTIALS });
    } else if node.is_array() {
        collect_list(node, depth, found);
    } else if depth < MAX_WRAPPERS {
        for wrapped in WRAPPERS.into_iter().filter_map(|name| node.get(name)) {
            collect(wrapped, depth + 1, found);
        }
        // Credentials by name, as scripts that set up an instance keep them.
        if found.is_empty() {
            found.extend(node.members().filter(|member| is_credential(*member)).map(|node| Document { node, schema: CREDENTIALS }));
        }
    }
}

/// A list of workflows, or of credentials. One item that is broken does not hide the others: it is a document too, and its schema
/// says what is wrong with it.
fn collect_list<'t>(list: Node<'t>, depth: usize, found: &mut Vec<Document<'t>>) {
    let schema = if list.items().any(is_workflow) {
        WORKFLOW
    } else if list.items().any(is_credential) {
        CREDENTIALS
    } else {
        if depth < MAX_WRAPPERS {
            let wrapped = list.items().filter(|item| item.is_object()).take(64);
            wrapped.filter_map(|item| item.get("workflow")).for_each(|item| collect(item, depth + 1, found));
        }
        return;
    };
    found.extend(list.items().map(|node| Document { node, schema }));
}

/// Nodes with dotted types and connections by name. Other graph formats (ComfyUI, Flowise, React Flow) have lists of links.
fn is_workflow(node: Node<'_>) -> bool {
    let (Some(nodes), connections) = (node.get("nodes"), node.get("connections")) else { return false };
    if !nodes.is_array() {
        return false;
    }
    let connected = connections.is_some_and(Node::is_object);
    if nodes.items().next().is_none() {
        return connected && ["settings", "pinData", "versionId", "active", "staticData"].iter().any(|name| node.get(name).is_some());
    }
    let (mut total, mut dotted) = (0, 0);
    for item in nodes.items() {
        let kind = item.get("type").and_then(Node::as_str);
        let kind = kind.as_deref().unwrap_or_default();
        if kind.starts_with("n8n-nodes-base.") || kind.starts_with("@n8n/n8n-nodes-") {
            return true;
        }
        total += 1;
        dotted += usize::from(kind.contains('.'));
    }
    connected && dotted * 2 >= total
}

/// A named and typed item whose data is either encrypted by n8n or an object of fields.
fn is_credential(node: Node<'_>) -> bool {
    let (Some(kind), Some(data)) = (node.get("type").and_then(Node::as_str), node.get("data")) else { return false };
    if node.get("name").and_then(Node::as_str).is_none() {
        return false;
    }
    let encrypted = data.as_str().is_some_and(|data| data.starts_with("U2FsdGVkX1"));
    let marked = ["createdAt", "updatedAt", "nodesAccess", "isManaged"].iter().any(|name| node.get(name).is_some());
    // Hand-written files for `n8n import:credentials` have no dates; the names of credential types tell them from other lists.
    let typed = super::credentials::is_credential_type(&kind);
    encrypted || data.is_object() && typed && (marked || node.members().count() <= 5)
}

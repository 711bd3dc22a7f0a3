//! Records: what all exports of the platform are made of, each an element that is called like its table.

use crate::model::Place;
use crate::platform::Export;
use crate::tree::{Node, ValueKind};
use std::borrow::Cow;

/// A row of a table that the export brings along.
#[derive(Clone, Copy)]
pub(super) struct Record<'t> {
    pub(super) node: Node<'t>,
    pub(super) company: Company,
}

/// How much of what hangs on a record is in the export, too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// All of it: a folder of source control.
    All,
    /// What has changed: an update set.
    Changed,
    /// Nothing: one file of such a folder.
    Nothing,
}

/// Tables of what was before, or of texts in other languages.
const HISTORY: [&str; 4] = ["sys_update_version", "sys_metadata_delete", "sys_translated_text", "sys_es_latest_script"];

/// The elements that hold records.
pub(super) const RECORD_UPDATE: &str = "record_update";
pub(super) const UNLOAD: &str = "unload";
/// What an update set says of itself.
pub(super) const UPDATE_SET: &str = "sys_remote_update_set";

/// The records of an export, in document order.
#[derive(Default)]
pub(super) struct Records<'t> {
    /// Those that it creates or changes.
    pub(super) kept: Vec<Record<'t>>,
    /// Those that it deletes.
    pub(super) deleted: Vec<Record<'t>>,
    /// What was before, and what nothing is told by.
    pub(super) passed: Vec<Record<'t>>,
}

impl<'t> Records<'t> {
    pub(super) fn of(export: &Export<'t>) -> Self {
        let mut records = Self::default();
        for document in &export.documents {
            let root = document.node;
            if root.has_key(UNLOAD) {
                records.of_unload(root);
            } else {
                let company = if export.documents.len() > 1 { Company::All } else { Company::Nothing };
                records.of_update(root, company, false);
            }
        }
        records
    }

    fn of_unload(&mut self, root: Node<'t>) {
        for member in root.members() {
            if !member.has_key("sys_update_xml") {
                self.add(member, Company::Changed, false);
                continue;
            }
            let deletes = text_of(member, "action").is_some_and(|action| is_delete(&action));
            let updates = member.get("payload").into_iter().flat_map(|payload| payload.get_all(RECORD_UPDATE));
            updates.for_each(|update| self.of_update(update, Company::Changed, deletes));
        }
    }

    fn of_update(&mut self, update: Node<'t>, company: Company, deletes: bool) {
        update.members().for_each(|member| self.add(member, company, deletes));
    }

    fn add(&mut self, node: Node<'t>, company: Company, deletes: bool) {
        let Some(table) = node.key().filter(|table| !table.starts_with(['@', '#'])) else { return };
        if !node.is_object() {
            return;
        }
        if HISTORY.contains(&&*table) {
            self.passed.push(Record { node, company });
            return;
        }
        // Some tables are written with their key around the record.
        let inner = node.get(&table).filter(|inner| inner.is_object()).unwrap_or(node);
        let list = if deletes || is_deletion(node) || is_deletion(inner) { &mut self.deleted } else { &mut self.kept };
        list.push(Record { node: inner, company });
    }
}

fn is_deletion(node: Node<'_>) -> bool {
    node.get("@action").and_then(Node::as_str).is_some_and(|action| is_delete(&action))
}

/// Whether the word is what the platform writes where something is deleted.
pub(super) fn is_delete(action: &str) -> bool {
    action.trim().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("delete"))
}

impl<'t> Record<'t> {
    /// What `node` is by itself.
    pub(super) fn of(node: Node<'t>) -> Self {
        Self { node, company: Company::Nothing }
    }

    /// Name of its table.
    pub(super) fn table(&self) -> Cow<'t, str> {
        self.node.key().unwrap_or_default()
    }

    /// The place that stands for all of it.
    pub(super) fn place(&self) -> Place {
        Place::key_of(self.node)
    }

    /// What names it: its number, which is the same on every instance, else its name.
    pub(super) fn id(&self) -> Cow<'t, str> {
        self.text("sys_id").or_else(|| self.text("sys_update_name")).unwrap_or_else(|| self.name())
    }

    /// What people call it.
    pub(super) fn name(&self) -> Cow<'t, str> {
        ["name", "sys_name", "function_name"].iter().find_map(|field| self.text(field)).unwrap_or_else(|| self.table())
    }

    /// The value of a field that is not empty.
    pub(super) fn text(&self, field: &str) -> Option<Cow<'t, str>> {
        text_of(self.node, field)
    }

    /// The same, with the node of the text.
    pub(super) fn value(&self, field: &str) -> Option<(Cow<'t, str>, Node<'t>)> {
        let held = text_node(self.node.get(field)?);
        held.as_str().filter(|text| !text.is_empty()).map(|text| (text, held))
    }

    /// Where the value of a field stands: the text, in the element of the field. Without one, the record.
    pub(super) fn at(&self, field: &str) -> Place {
        let held = self.node.get(field);
        held.map_or_else(|| self.place(), |node| Place { span: text_node(node).span(), ..Place::of(node) })
    }

    /// What a field that refers to another record shows of it, else its value.
    pub(super) fn shown(&self, field: &str) -> Option<Cow<'t, str>> {
        let node = self.node.get(field)?;
        let shown = ["@name", "@display_value"].iter().find_map(|name| node.get(name)?.as_str().filter(|text| !text.is_empty()));
        shown.or_else(|| self.text(field))
    }

    /// Whether a field is true, with its place; none where it is absent, empty or neither.
    pub(super) fn flag(&self, field: &str) -> Option<(bool, Place)> {
        let flag = match &*self.text(field)?.to_ascii_lowercase() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        };
        Some((flag, self.at(field)))
    }

    /// Whether a field is surely true.
    pub(super) fn is(&self, field: &str) -> bool {
        self.flag(field).is_some_and(|(flag, _)| flag)
    }

    /// Whether it is in use: what does not say so is.
    pub(super) fn is_active(&self) -> bool {
        self.flag("active").is_none_or(|(active, _)| active)
    }

    /// Whether a field says anything at all; conditions are written in elements of their own.
    pub(super) fn says(&self, field: &str) -> bool {
        self.node
            .get(field)
            .is_some_and(|node| text_node(node).as_str().is_some_and(|text| !text.is_empty()) || node.members().any(Node::is_object))
    }

    /// The fields with text, each with the node of the text.
    pub(super) fn fields(&self) -> impl Iterator<Item = (Cow<'t, str>, Node<'t>)> {
        let text = |node: Node<'t>| Some((node.key()?, text_node(node)));
        self.node.members().filter_map(text).filter(|(name, held)| !name.starts_with(['@', '#']) && held.kind() == ValueKind::String)
    }
}

/// The node that holds the text of an element.
pub(super) fn text_node(node: Node<'_>) -> Node<'_> {
    node.get("#text").unwrap_or(node)
}

fn text_of<'t>(node: Node<'t>, field: &str) -> Option<Cow<'t, str>> {
    text_node(node.get(field)?).as_str().filter(|text| !text.is_empty())
}

/// Whether the text is what the platform exports in the place of a secret: encrypted, between signs that no text has.
pub(super) fn is_ciphertext(text: &str) -> bool {
    text.contains(|sign: char| ('\u{fdd0}'..='\u{fdef}').contains(&sign))
}

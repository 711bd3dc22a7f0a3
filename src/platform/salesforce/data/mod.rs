//! Data: objects and their fields, values that are kept with the metadata, who shares records, reports.

mod field;
mod object;
mod report;
mod sharing;
mod value;

use super::{Context, Form, Kind, schema};
use crate::model::Place;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The kinds of documents.
pub(super) const KINDS: &[Kind] = &[
    Kind { schema: schema!("custom-object.schema.json"), form: Form::Root(&["CustomObject"]), lower: object::lower },
    Kind { schema: schema!("custom-field.schema.json"), form: Form::Root(&["CustomField"]), lower: field::lower_document },
    Kind { schema: schema!("sharing-rules.schema.json"), form: Form::Root(&["SharingRules"]), lower: sharing::lower },
    Kind { schema: schema!("sharing-rule.schema.json"), form: Form::Part(sharing::PARTS), lower: sharing::lower_part },
    Kind { schema: schema!("custom-metadata.schema.json"), form: Form::Root(&["CustomMetadata"]), lower: value::lower_record },
    Kind { schema: schema!("custom-labels.schema.json"), form: Form::Root(&["CustomLabels"]), lower: value::lower_labels },
    Kind { schema: schema!("custom-label.schema.json"), form: Form::Part(&["CustomLabel"]), lower: value::lower_label },
    Kind { schema: schema!("report-folder.schema.json"), form: Form::Root(report::FOLDERS), lower: report::lower_folder },
    Kind { schema: schema!("dashboard.schema.json"), form: Form::Root(&["Dashboard"]), lower: report::lower_dashboard },
];

/// What others have to know of the data.
#[derive(Default)]
pub(super) struct Known<'t> {
    /// Where each object is defined, or says with whom its records are shared.
    pub(super) objects: BTreeMap<Cow<'t, str>, Place>,
    /// The objects of the organisation itself, and whether changes of their records are kept.
    history: Vec<(Cow<'t, str>, bool, Place)>,
    /// The objects of the organisation itself whose records everyone may change.
    open: Vec<object::Open<'t>>,
}

/// What only all documents together tell.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    object::finish(context);
}

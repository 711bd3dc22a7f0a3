//! Tables and their columns: what is worth protecting, and what takes a secret and keeps it in clear.

use super::record::Record;
use super::{Context, Lower};
use crate::model::secret::is_secret_name;
use crate::model::vocabulary::{DataSourceKind, SecretPlace, Sensitivity, Storage};
use crate::model::{Element, Fact, Kind, Place};
use crate::platform::column::personal_column;

pub(super) const TABLES: &[(&str, Lower)] = &[("sys_db_object", lower_table), ("sys_dictionary", lower_column)];

/// Types of columns that the platform keeps encrypted, or as a hash.
const PROTECTED: [&str; 4] = ["password", "password2", "glide_encrypted", "encrypted_text"];
/// Types that hold what somebody has written.
const WRITTEN: [&str; 5] = ["string", "string_full_utf8", "html", "translated_text", "journal_input"];
/// Other types that hold something about a person.
const HOLDING: [&str; 6] = ["glide_date", "date", "integer", "decimal", "currency", "choice"];

fn source<'t>(context: &Context<'_, 't>, record: &Record<'t>, resource: String, place: Place) -> Element<'t> {
    Element::new(Kind::DataSource, context.app, resource.clone(), resource.clone(), place)
        .with(Fact::DataSourceKind, DataSourceKind::Table, place)
        .with(Fact::DataSourceConnector, record.table(), place)
        .with(Fact::DataSourceResource, resource, place)
}

fn lower_table<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let Some((name, node)) = record.value("name") else { return };
    let mut element = source(context, record, name.into_owned(), Place::of(node));
    element.name = record.text("label").unwrap_or(element.name);
    let table = element.id.clone();
    // The row of the dictionary that is about the table itself says whether changes are kept.
    let whole =
        context.of_table("sys_dictionary").find(|row| row.text("element").is_none() && row.text("name").is_some_and(|of| of == table));
    if let Some((audited, place)) = whole.and_then(|row| row.flag("audit")) {
        element.set(Fact::DataSourceAudited, audited, place);
    }
    context.model.add(element);
}

fn lower_column<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let (Some(table), Some((column, node))) = (record.text("name"), record.value("element")) else { return };
    let Some(kind) = record.text("internal_type").filter(|_| record.is_active()) else { return };
    let place = Place::of(node);
    let resource = format!("{table}.{column}");
    let own = column.strip_prefix("u_").unwrap_or(&column);
    let protected = PROTECTED.contains(&&*kind);
    let written = WRITTEN.contains(&&*kind);
    if let Some(sensitive) = personal_column(own).filter(|_| protected || written || HOLDING.contains(&&*kind)) {
        let element = source(context, record, resource, place).with(Fact::DataSourceSensitive, sensitive, place).with(
            Fact::DataSourceProtected,
            protected,
            place,
        );
        context.model.add(element);
    } else if protected {
        let element = source(context, record, resource, place).with(Fact::DataSourceSensitive, Sensitivity::Credential, place).with(
            Fact::DataSourceProtected,
            true,
            place,
        );
        context.model.add(element);
    } else if written && is_secret_name(own) {
        let element = Element::new(Kind::Secret, context.app, resource.clone(), resource.clone(), place)
            .with(Fact::SecretPlace, SecretPlace::Variable, place)
            .with(Fact::SecretStorage, Storage::Declared, place)
            .with(Fact::SecretConfidence, "high", place)
            .with(Fact::SecretField, resource, place);
        context.model.add(element);
    }
}

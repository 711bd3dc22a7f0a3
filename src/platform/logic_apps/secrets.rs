//! Secrets around workflows: in connections, settings and parameters.

use super::Context;
use crate::model::secret::{self, Position};
use crate::model::vocabulary::{SecretPlace, Storage};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// What a secret belongs to.
#[derive(Clone, Debug)]
pub(super) struct Owner<'t> {
    pub(super) app: AppId,
    /// Identifier of the connection, parameter or file within the app.
    pub(super) id: Cow<'t, str>,
    /// As reports call it.
    pub(super) name: Cow<'t, str>,
}

/// Adds what is secret in the value of a field. A text that refers to a setting, a parameter or a vault is none.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, field: &Cow<'t, str>, value: Node<'t>, place: SecretPlace) {
    let Some(text) = value.as_str().filter(|text| !refers(text)) else { return };
    let position = if place == SecretPlace::Variable { Position::Variable } else { Position::CredentialField };
    for secret in secret::detect(&text, Some(field), position) {
        if names_itself(&text[secret.range.clone()], field) {
            continue;
        }
        let at = Place::part(value, secret.range.clone());
        let element = Element::new(Kind::Secret, owner.app, format!("{}.{field}", owner.id), owner.name.clone(), at)
            .with(Fact::SecretPlace, place, at)
            .with(Fact::SecretStorage, Storage::Literal, at)
            .with(Fact::SecretField, field.clone(), at)
            .with(Fact::SecretDetector, secret.detector, at)
            .with(Fact::SecretRedacted, secret.redacted, at)
            .with(Fact::SecretConfidence, secret.confidence.as_str(), at);
        context.model.add(element);
        context.model.secrets.push(at);
    }
}

/// Whether the text is worked out at run time or when it is deployed.
fn refers(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('@') && !text.starts_with("@@") || text.contains("@{") || super::arm::expression(text).is_some()
}

/// Whether a value says what belongs in its place: `sql_password`, `passwordcredential`.
fn names_itself(value: &str, field: &str) -> bool {
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase() };
    let words = value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' '));
    let (value, field) = (plain(value), plain(field));
    words && (value.contains(&field) || ["password", "secret", "credential", "connectionstring"].iter().any(|word| value.contains(word)))
}

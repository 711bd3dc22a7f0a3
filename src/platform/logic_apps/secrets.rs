//! Secrets around workflows: in connections, settings and parameters.

use super::{Context, arm};
use crate::model::secret::Position;
use crate::model::vocabulary::SecretPlace;
use crate::model::{AppId, Fact};
use crate::platform::secrets::{scan, with_tokens};
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
pub(super) fn lower<'t>(
    context: &mut Context<'_, 't>,
    owner: &Owner<'t>,
    field: impl Into<Cow<'t, str>>,
    value: Node<'t>,
    place: SecretPlace,
) {
    let field = field.into();
    if !context.looked_at.insert((value.tree().file(), value.id()))
        || value.as_str().is_none_or(|text| refers(&text) || names_itself(&text, &field))
    {
        return;
    }
    let position = if place == SecretPlace::Variable { Position::Variable } else { Position::CredentialField };
    detect(context, owner, Some(&field), value, (position, place));
}

/// Adds the secrets with a shape of their own that stand anywhere in a file, but for `elsewhere`, which are looked at by others and in
/// document order.
pub(super) fn lower_rest<'t>(context: &mut Context<'_, 't>, owner: &Owner<'t>, root: Node<'t>, elsewhere: &[Node<'t>]) {
    for node in with_tokens(root, context.export.file(root).tokens) {
        let before = elsewhere.partition_point(|other| other.span().start <= node.span().start);
        let is_elsewhere = before.checked_sub(1).is_some_and(|nearest| elsewhere[nearest].span().end > node.span().start);
        if is_elsewhere {
            continue;
        }
        if context.looked_at.insert((node.tree().file(), node.id())) {
            let field = node.key();
            detect(context, owner, field.as_ref(), node, (Position::Other, SecretPlace::Other));
        }
    }
}

fn detect<'t>(
    context: &mut Context<'_, 't>,
    owner: &Owner<'t>,
    field: Option<&Cow<'t, str>>,
    value: Node<'t>,
    (position, place): (Position, SecretPlace),
) {
    let mut found = Vec::new();
    scan(context.export.file(value).tokens, value, field, position, place, &mut found);
    for hit in found {
        // What the file is made for says more than the form of the secret.
        let element = hit.element(owner.app, &owner.id, owner.name.clone()).with(Fact::SecretPlace, place, hit.place);
        context.model.add(element);
        context.model.secrets.push(hit.place);
    }
}

/// Whether the text is worked out at run time or when it is deployed, or is for the emulator of storage accounts, which has one
/// account with one key for everybody.
fn refers(text: &str) -> bool {
    let text = text.trim_start();
    text.contains("AccountName=devstoreaccount1;")
        || text.starts_with('@') && !text.starts_with("@@")
        || text.contains("@{")
        || arm::expression(text).is_some()
}

/// Whether a value says what belongs in its place: `sql_password`, `passwordcredential`.
fn names_itself(value: &str, field: &str) -> bool {
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase() };
    let words = value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' '));
    let (value, field) = (plain(value), plain(field));
    words && (value.contains(&field) || ["password", "secret", "credential", "connectionstring"].iter().any(|word| value.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_names_itself_is_none() {
        assert!(names_itself("sql_sqlConnectionString", "sqlConnectionString") && names_itself("passwordcredential", "password"));
        assert!(!names_itself("Password1!", "password") && !names_itself("k4VmZtRbQyXc", "accessKey"));
    }

    #[test]
    fn what_is_filled_in_later_or_known_to_all_is_none() {
        assert!(refers("@appsetting('key')") && refers("[parameters('key')]") && refers("Key=@{parameters('key')}"));
        assert!(refers("AccountName=devstoreaccount1;AccountKey=Eby8;"));
        assert!(!refers("@@home") && !refers("[[text]") && !refers("Key=abc"));
    }
}

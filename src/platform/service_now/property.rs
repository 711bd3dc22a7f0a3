//! System properties: secrets that they keep in clear, and what they switch off.

use super::record::{Record, is_ciphertext};
use super::{Context, Lower};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::{SecretPlace, Storage};
use crate::model::{Fact, Kind, Place};

pub(super) const TABLES: &[(&str, Lower)] = &[("sys_properties", lower)];

/// Types that the platform keeps encrypted.
const SECRET_TYPES: [&str; 2] = ["password2", "password"];
/// Types that take any text.
const TEXT_TYPES: [&str; 2] = ["string", "text"];

/// Properties that the platform's own guide to hardening an instance sets otherwise, with the value that is weak.
const WEAK: &[(&str, &str)] = &[
    ("glide.cookies.http_only", "false"),
    ("glide.html.escape_script", "false"),
    ("glide.html.sanitize_all_fields", "false"),
    ("glide.login.no_blank_password", "false"),
    ("glide.script.use.sandbox", "false"),
    ("glide.security.file.mime_type.validation", "false"),
    ("glide.security.strict.actions", "false"),
    ("glide.security.strict.updates", "false"),
    ("glide.security.use_csrf_token", "false"),
    ("glide.set_x_frame_options", "false"),
    ("glide.sm.default_mode", "allow"),
    ("glide.ui.escape_html_list_field", "false"),
    ("glide.ui.escape_text", "false"),
    ("glide.ui.rotate_sessions", "false"),
    ("glide.ui.security.allow_codetag", "true"),
    ("glide.ui.security.codetag.allow_script", "true"),
];

/// One property for each interface; without it nobody has to log in there.
const BASIC_AUTHENTICATION: &str = "glide.basicauth.required.";

/// Properties that make the platform accept any certificate, with the value that does.
const ANY_CERTIFICATE: [(&str, &str); 2] =
    [("com.glide.communications.trustmanager_trust_all", "true"), ("com.glide.communications.httpclient.verify_hostname", "false")];

fn lower<'t>(context: &mut Context<'_, 't>, record: &Record<'t>) {
    let name = record.name();
    let value = record.value("value");
    weak(context, record, &name);
    let last = name.rsplit('.').next().unwrap_or(&name);
    // `x_app.token.url` is about a token, `x_app.api.key` is a key.
    let whole = name.replace('.', "_");
    if !is_secret_name(last) && !is_secret_name(&whole) {
        return;
    }
    let kind = record.text("type").unwrap_or_default();
    match value {
        Some((text, node)) if is_ciphertext(&text) => {
            context.take_over(node);
        }
        Some((_, node)) if SECRET_TYPES.contains(&&*kind) => {
            context.secrets(record, name, node, (Position::CredentialField, SecretPlace::SecretSection));
        }
        Some((_, node)) => context.secrets(record, whole, node, (Position::Variable, SecretPlace::Variable)),
        None if TEXT_TYPES.contains(&&*kind) => {
            let place = record.at("type");
            let element = context
                .element(Kind::Secret, record, "value", place)
                .with(Fact::SecretPlace, SecretPlace::Variable, place)
                .with(Fact::SecretStorage, Storage::Declared, place)
                .with(Fact::SecretConfidence, "high", place)
                .with(Fact::SecretField, name, place);
            context.model.add(element);
        }
        None => {}
    }
}

fn weak<'t>(context: &mut Context<'_, 't>, record: &Record<'t>, name: &str) {
    let Some((text, node)) = record.value("value") else { return };
    let is = |known: &(&str, &str)| known.0 == name && text.eq_ignore_ascii_case(known.1);
    let place = Place::of(node);
    if ANY_CERTIFICATE.iter().any(is) {
        let element = context.element(Kind::Connection, record, "certificate", place).with(Fact::ConnectionType, "instance", place).with(
            Fact::ConnectionVerifiesCertificate,
            false,
            place,
        );
        context.model.add(element);
    }
    let open = name.starts_with(BASIC_AUTHENTICATION) && text.eq_ignore_ascii_case("false");
    if open || WEAK.iter().any(is) {
        let mut element = context
            .element(Kind::Setting, record, "baseline", place)
            .with(Fact::SettingKey, if open { "login-required" } else { "baseline" }, place)
            .with(Fact::SettingValue, text.clone(), place)
            .with(Fact::SettingBelow, vec![name.to_owned()], place);
        element.name = "System property".into();
        context.model.add(element);
    }
}

#[cfg(test)]
mod tests {
    use super::WEAK;

    #[test]
    fn properties_are_sorted() {
        assert!(WEAK.is_sorted());
    }
}

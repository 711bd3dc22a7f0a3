//! Credential exports: encrypted as a whole by n8n, or with every field in clear.

use crate::model::secret;
use crate::model::vocabulary::{AppKind, SecretPlace, Storage};
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::tree::Node;
use std::borrow::Cow;

/// Fields of credentials that are secret whatever they are called elsewhere.
const SECRET_FIELDS: [&str; 18] = [
    "password",
    "secretAccessKey",
    "accessToken",
    "apiKey",
    "apiToken",
    "token",
    "clientSecret",
    "privateKey",
    "passphrase",
    "secret",
    "authToken",
    "refreshToken",
    "oauthTokenData",
    "connectionString",
    "accountSid",
    "sharedKey",
    "apiSecret",
    "webhookSecret",
];

/// Types of credentials that carry the secret in a field with a plain name.
const VALUE_TYPES: [&str; 4] = ["httpHeaderAuth", "httpQueryAuth", "httpCustomAuth", "httpBasicAuth"];

/// Whether `kind` reads like the name of a credential type: `postgres`, `httpHeaderAuth`, `slackApi`, `gmailOAuth2`.
pub(super) fn is_credential_type(kind: &str) -> bool {
    let plain = [
        "postgres",
        "mySql",
        "mongoDb",
        "redis",
        "smtp",
        "imap",
        "ftp",
        "sftp",
        "aws",
        "s3",
        "kafka",
        "mqtt",
        "amqp",
        "jwtAuth",
        "microsoftSql",
        "rabbitmq",
        "snowflake",
        "ldap",
        "crypto",
    ];
    let suffixes = ["Api", "OAuth2", "OAuth2Api", "OAuth1Api", "Auth", "SshPassword", "SshPrivateKey", "TokenApi"];
    plain.contains(&kind)
        || kind.len() > 4 && kind.starts_with(|c: char| c.is_ascii_lowercase()) && suffixes.iter().any(|suffix| kind.ends_with(suffix))
}

/// Adds what the credential `root` says.
pub(super) fn lower<'t>(model: &mut Model<'t>, root: Node<'t>) {
    let text = |name: &str| root.get(name).and_then(Node::as_text).unwrap_or_default();
    let (name, kind) = (text("name"), text("type"));
    let app = match (0u32..).zip(&model.apps).find(|(_, app)| app.name == "credentials") {
        Some((at, _)) => AppId(at),
        None => {
            let place = Place::of(root.get("name").unwrap_or(root));
            let app = model.add_app("".into(), "credentials".into(), place);
            let element = model.app(app).element;
            model.element_mut(element).set(Fact::AppKind, AppKind::OrgConfig, place);
            app
        }
    };
    let id = match text("id") {
        id if id.is_empty() => name.clone(),
        id => id,
    };
    let Some(data) = root.get("data") else { return };
    if data.as_str().is_some() {
        let place = Place::key_of(data);
        let element = Element::new(Kind::Secret, app, id, name, place)
            .with(Fact::SecretPlace, SecretPlace::SecretSection, place)
            .with(Fact::SecretStorage, Storage::Encrypted, place)
            .with(Fact::SecretField, kind, place);
        model.add(element);
        return;
    }
    connection(model, app, data, id.clone(), name.clone(), kind.clone());
    for field in data.members() {
        let key = field.key().unwrap_or_default();
        let valued = VALUE_TYPES.contains(&&*kind) && matches!(&*key, "value" | "json" | "password");
        let values: Vec<Node<'t>> = if field.is_object() { field.descend().collect() } else { vec![field] };
        let named = SECRET_FIELDS.iter().any(|name| name.eq_ignore_ascii_case(&key)) || secret::is_secret_name(&key) || valued;
        for value in values {
            let Some(content) = value.as_str().filter(|content| named && !content.trim().is_empty()) else { continue };
            if content.contains("{{") || content.starts_with('=') || content.contains("${") || secret::is_placeholder(&content) {
                continue;
            }
            let place = Place::of(value);
            let element = Element::new(Kind::Secret, app, format!("{id}.{key}"), name.clone(), place)
                .with(Fact::SecretPlace, SecretPlace::SecretSection, place)
                .with(Fact::SecretStorage, Storage::Literal, place)
                .with(Fact::SecretField, key.clone(), place)
                .with(Fact::SecretDetector, "secret-section", place)
                .with(Fact::SecretRedacted, secret::redact(&content), place);
            model.add(element);
            model.secrets.push(place);
        }
    }
}

/// The transport settings of a credential.
fn connection<'t>(model: &mut Model<'t>, app: AppId, data: Node<'t>, id: Cow<'t, str>, name: Cow<'t, str>, kind: Cow<'t, str>) {
    let place = Place::key_of(data);
    let mut element = Element::new(Kind::Connection, app, id, name, place).with(Fact::ConnectionType, kind, place);
    for field in data.members() {
        match (field.key().unwrap_or_default().as_ref(), field.as_bool(), field.as_str().as_deref()) {
            ("allowUnauthorizedCerts" | "ignoreSSLIssues", Some(true), _) => {
                element.set(Fact::ConnectionVerifiesCertificate, false, Place::of(field));
            }
            ("ssl", _, Some("disable")) | ("ssl", Some(false), _) | ("disableStartTls", Some(true), _) => {
                element.set(Fact::ConnectionEncrypted, false, Place::of(field));
            }
            _ => {}
        }
    }
    if element.facts().len() > 1 {
        model.add(element);
    }
}

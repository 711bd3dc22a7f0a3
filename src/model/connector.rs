//! Names of the connectors of Power Platform and Logic Apps.

/// The name of a connector by which policies and rules know it, whatever environment an export comes from.
///
/// The last part of an identifier (`/providers/Microsoft.PowerApps/apis/shared_sql`, `.../managedApis/sql`), in lower case, with
/// `-5f` and the like decoded; what an environment adds to the name of a custom connector is dropped.
#[must_use]
pub fn key(id: &str) -> String {
    let last = id.trim_end_matches('/').rsplit('/').next().unwrap_or(id);
    let last = last.split(['\'', ')', ']']).next().unwrap_or(last);
    without_environment(&decoded(last)).to_owned()
}

/// Characters that names may not hold are written as `-` and two hexadecimal digits. A sign that would be a letter or digit is a part
/// of the name.
fn decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8);
        let sign = match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'-', Some(high), Some(low)) => Some(high << 4 | low).filter(|sign| matches!(sign, b' '..=b'/' | b':'..=b'@' | b'['..=b'`')),
            _ => None,
        };
        decoded.push(sign.unwrap_or(bytes[at]).to_ascii_lowercase());
        at += if sign.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Custom connectors are called `<prefix>_<name>_<16 digits of the environment>` or `<name>.<publisher>.<tenant>`.
fn without_environment(name: &str) -> &str {
    let hash = |text: &str| {
        text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.bytes().any(|byte| byte.is_ascii_digit())
    };
    match name.rsplit_once(['_', '-', '.']) {
        Some((before, last)) if hash(last) && !before.is_empty() => before,
        _ => name,
    }
}

/// Whether the name is one that the platform gives to connectors which an organisation defines itself.
#[must_use]
pub fn is_custom(id: &str) -> bool {
    let last = decoded(id.trim_end_matches('/').rsplit('/').next().unwrap_or(id));
    without_environment(&last).len() < last.len()
}

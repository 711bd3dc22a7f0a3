//! Signs of people in captured data: by the shape of a value where it speaks for itself, else by the name of its field and the
//! shape together. Sample values that documentation uses do not count.

use super::address::{is_placeholder_host, mail_parts};
use super::vocabulary::PersonalData;
use crate::tree::{Node, ValueKind};

/// Longest name of a field that speaks of people, in bytes.
const MAX_NAME: usize = 24;

/// The letters of a name without what people put between words, in lower case; nothing for a name that is not ASCII.
fn plain_name<'b>(name: &str, letters: &'b mut [u8; MAX_NAME]) -> &'b str {
    let mut length = 0;
    for byte in name.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')).take(MAX_NAME) {
        letters[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    std::str::from_utf8(&letters[..length]).unwrap_or_default()
}

/// What the member or item `node` shows about a person, if anything.
#[must_use]
pub fn of(node: Node<'_>) -> Option<PersonalData> {
    // No name of a field that speaks of people is longer; what has no `@` and no such name says nothing.
    let key = node.key().filter(|key| (2..=MAX_NAME).contains(&key.len()));
    let addressed = node.kind() == ValueKind::String && memchr::memchr(b'@', node.raw().as_bytes()).is_some();
    if key.is_none() && !addressed || node.is_object() || node.is_array() {
        return None;
    }
    let mut letters = [0; MAX_NAME];
    let name = plain_name(key.as_deref().unwrap_or_default(), &mut letters);
    if node.kind() != ValueKind::String {
        let identifies = matches!(name, "chatid" | "phone" | "phonenumber" | "mobile") && node.as_i64().is_some_and(|id| id.abs() > 99_999);
        return identifies.then_some(PersonalData::Account);
    }
    let text = node.as_str()?;
    let text = text.trim();
    if text.is_empty() || text.contains("{{") {
        return None;
    }
    if holds_address(text) {
        return Some(PersonalData::Email);
    }
    match name {
        "firstname" | "lastname" | "fullname" | "displayname" | "surname" | "givenname" | "familyname" | "profilename" | "sendername"
        | "authorname" | "customername" | "contactname" | "pushname" => {
            let stand_in = ["john", "jane", "doe", "test", "max", "mustermann", "example", "alice", "bob"];
            let letters = text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\''));
            let known = text.to_lowercase().split_whitespace().all(|word| stand_in.contains(&word));
            (letters && text.split_whitespace().count() <= 4 && text.chars().count() >= 3 && !known).then_some(PersonalData::Name)
        }
        "xrealip" | "xforwardedfor" | "cfconnectingip" | "ipaddress" | "remoteaddr" | "clientip" | "remoteip" => {
            let first = text.split(',').next().unwrap_or(text).trim();
            let public = first.parse::<std::net::IpAddr>().is_ok() && super::address::network(first) == super::vocabulary::Network::Public;
            public.then_some(PersonalData::IpAddress)
        }
        "phone" | "phonenumber" | "mobile" | "mobilephone" | "telephone" | "tel" | "waid" | "cell" => {
            is_phone(text).then_some(PersonalData::Phone)
        }
        "iban" | "cardnumber" | "creditcard" => (text.bytes().filter(u8::is_ascii_digit).count() >= 12).then_some(PersonalData::Payment),
        _ => None,
    }
}

/// Whether the text holds a mail address that can be a person's.
fn holds_address(text: &str) -> bool {
    text.match_indices('@').take(50).any(|(at, _)| {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        let start = text[..at].rfind(|c| !part(c)).map_or(0, |end| end + text[end..].chars().next().map_or(1, char::len_utf8));
        let end = text[at + 1..].find(|c| !part(c)).map_or(text.len(), |end| at + 1 + end);
        let address = text[start..end].trim_matches('.');
        mail_parts(address).is_some_and(|(local, domain)| {
            let top = domain.rsplit('.').next().unwrap_or_default();
            let local = local.to_ascii_lowercase();
            let stand_in = ["example", "test", "user", "your", "noreply", "no-reply", "john", "jane", "sample", "email", "name", "foo"];
            top.len() >= 2
                && top.bytes().all(|byte| byte.is_ascii_alphabetic())
                && !matches!(top, "png" | "jpg" | "svg" | "js" | "css" | "gif" | "webp")
                && !is_placeholder_host(domain)
                && !matches!(domain, "email.com" | "mail.com" | "sample.com" | "n8n.io")
                && !stand_in.iter().any(|word| local.starts_with(word))
                && local.bytes().filter(u8::is_ascii_hexdigit).count() < 20
        })
    })
}

/// Whether the text is a telephone number and no sample: seven to fifteen digits, not all in sequence or alike.
fn is_phone(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let other = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b' ' | b'(' | b')' | b'.' | b'/'));
    let sample = text.contains("555") || text.contains("1234567") || text.contains("000000") || text.contains("999999");
    other && (7..=15).contains(&digits.len()) && !sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::json;

    fn found(text: &str) -> Vec<PersonalData> {
        json::parse(text).expect("JSON").root().descend().filter_map(of).collect()
    }

    #[test]
    fn people_are_seen_and_samples_are_not() {
        use PersonalData::{Email, IpAddress, Name, Phone};
        let real =
            r#"{"from": "Olga K <olga.k@contoso.com>", "first_name": "Olga", "x-real-ip": "49.12.91.132", "phone": "+43 1 890 4411"}"#;
        assert_eq!(found(real), [Email, Name, IpAddress, Phone]);
        let sample = r#"{"email": "example@email.com", "to": "user@example.com", "name": "Alex Johnson", "first_name": "John",
            "x-real-ip": "10.0.0.1", "phone": "555-1234567", "icon": "logo@2x.png", "n": 3}"#;
        assert_eq!(found(sample), []);
    }
}

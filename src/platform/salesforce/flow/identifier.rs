//! Identifiers of records, and addresses that belong to one org.

use std::ops::Range;

/// The identifiers of records in a text: words of 15 or 18 characters with the form that the platform gives them.
pub(super) fn records(text: &str) -> impl Iterator<Item = Range<usize>> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    words.filter(|word| is_record(word)).map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + word.len()
    })
}

/// Prefixes of types whose records are referred to by hand: accounts, contacts, users, queues and groups, profiles, reports, dashboards,
/// documents, templates, record types, libraries, networks, addresses of the org, files, and those that the org defines itself.
const PREFIXES: [&str; 26] = [
    "001", "003", "005", "006", "00D", "00E", "00G", "00O", "00Q", "00X", "00e", "00l", "012", "015", "01Z", "01t", "02i", "058", "068",
    "069", "0D2", "0DB", "0F9", "500", "701", "800",
];

/// Whether a word is the identifier of a record.
fn is_record(word: &str) -> bool {
    let bytes = word.as_bytes();
    let own = bytes.first() == Some(&b'a') && bytes.get(1).is_some_and(u8::is_ascii_digit);
    let known = word.get(..3).is_some_and(|prefix| own || PREFIXES.contains(&prefix));
    if !known || !word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    // Six zeros in a row at the place of the number are what examples have.
    let is_example = word.get(6..15).is_some_and(|number| number.bytes().all(|byte| byte == number.as_bytes()[0]));
    match word.len() {
        // The sixth character of short ones has not been used yet, and the number behind it has digits for a long time to come.
        15 => bytes[5] == b'0' && bytes[6..].iter().any(u8::is_ascii_digit) && !is_example,
        18 => check(word) == word[15..] && !is_example,
        _ => false,
    }
}

/// What the platform adds to an identifier of 15 characters, so that it is another in any case: for every five, which are capitals.
fn check(word: &str) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let of = |five: &[u8]| {
        let bits = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()).map(|(at, _)| 1usize << at).sum::<usize>();
        char::from(letters[bits])
    };
    word.as_bytes()[..15].chunks(5).map(of).collect()
}

/// Domains below which every org has addresses of its own.
const OWN: [&str; 7] = [
    ".my.salesforce.com",
    ".my.site.com",
    ".lightning.force.com",
    ".force.com",
    ".salesforce-sites.com",
    ".salesforce-scrt.com",
    ".cloudforce.com",
];

/// The same for everyone.
const COMMON: [&str; 3] = ["www", "login", "test"];

/// Whether a host is an address of one org.
pub(super) fn is_own_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    OWN.iter().find_map(|domain| host.strip_suffix(domain)).is_some_and(|name| !name.is_empty() && !COMMON.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::{check, is_own_host, records};

    #[test]
    fn records_are_told_by_their_form() {
        let found = |text: &str| records(text).count();
        assert_eq!(check("0012E00001aBcDe"), "QAK");
        assert_eq!(found("IF({!x} = \"00G5f000004XyZa\", 1, 2)"), 1);
        assert_eq!(found("https://contoso.example/lightning/r/Account/0012E00001aBcDeQAK/view"), 1);
        assert_eq!(found("0012E00001aBcDeQAO 001000000000000 005000000000000AAA contosoTemplate1 0123456789012345"), 0);
    }

    #[test]
    fn every_org_has_addresses_of_its_own() {
        assert!(is_own_host("Contoso.my.salesforce.com") && is_own_host("contoso--uat.sandbox.lightning.force.com"));
        assert!(!is_own_host("login.salesforce.com") && !is_own_host("contoso.com"));
    }
}

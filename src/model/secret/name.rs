//! What the name of a field says about its value.

use foldhash::fast::RandomState;
use std::cell::RefCell;
use std::collections::HashMap;

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value for the Authorization header, scheme included.
    Authorization,
    /// What a person may have chosen: short, with few rules.
    Password,
    /// What a machine made: a token, a key, a secret.
    Token,
    /// Several `name=value` pairs, one of which is a secret.
    ConnectionString,
}

/// Whether a value under this name should not be read by everyone: `apiKey`, `client_secret`, `Authorization`, `db password`; not
/// `token_count`, `tokenUrl`, `credentials_path`, `primaryKey`, `api_key_header`.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    kind(name).is_some()
}

/// Words behind the telling one that change nothing.
#[rustfmt::skip]
const NEUTRAL: &[&str] = &[
    "value", "prod", "production", "dev", "development", "test", "testing", "staging", "live", "sandbox", "raw", "literal", "c",
    "plain", "plaintext", "v",
];

#[rustfmt::skip]
const PASSWORDS: &[&str] = &[
    "password", "passwd", "passwort", "passphrase", "pwd", "pass", "pw", "psw", "senha", "contrasena", "contraseña", "kennwort",
    "passcode", "sshpass",
];
/// Words before `password` that make it a question or an action.
#[rustfmt::skip]
const NOT_PASSWORD: &[&str] = &[
    "forgot", "reset", "has", "is", "show", "hide", "require", "requires", "use", "encrypted", "hashed", "change", "update", "by", "to",
    "boarding", "first", "second", "no",
];

/// Words before `token` that make it something else.
#[rustfmt::skip]
const NOT_TOKEN: &[&str] = &[
    "next", "previous", "page", "pagination", "continuation", "sync", "cursor", "csrf", "xsrf", "device", "push", "fcm", "total", "max",
    "min", "per", "prompt", "completion", "input", "output", "start", "end", "stop", "pad", "eos", "bos", "special", "cancellation",
    "cancel", "skip", "delta", "resume", "idempotency", "nft", "contract", "has", "is", "use", "mint", "base", "quote", "watch",
    "change", "reply", "recaptcha", "captcha", "antiforgery", "state", "mask", "no", "target", "by", "last", "first", "each", "single",
    "crypto", "cache", "cached", "ether", "stake", "reward", "swap", "postman",
];
/// The same, as beginnings of words written together.
const NOT_TOKEN_STEM: &[&str] = &["next", "page", "sync", "continuation", "nextpage", "csrf", "max", "device", "push", "no"];

/// Words before `key` that make it a secret; a key by itself may be anything.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "api", "secret", "private", "access", "auth", "account", "subscription", "signing", "signature", "encryption", "decryption",
    "master", "consumer", "app", "application", "admin", "shared", "webhook", "security", "license", "licence", "authorization",
    "authentication", "developer", "rest", "write", "ai", "openai", "gemini", "google", "groq", "anthropic", "claude", "stripe",
    "sendgrid", "mailgun", "airtable", "hubspot", "notion", "deepseek", "mistral", "tavily", "serp", "serpapi", "rapidapi", "apify",
    "firecrawl", "pinecone", "supabase", "elevenlabs", "perplexity", "aws", "azure", "workspace", "function", "functions", "storage",
    "hmac", "jwt", "ssh", "rsa", "bearer", "client", "service", "role", "host", "crypto", "pinterest", "cohere", "openrouter",
    "huggingface", "replicate", "trello", "cloudinary", "imgbb", "fal", "demo", "sas",
];

/// Most names that are remembered, and the longest; exports use a few hundred.
const MAX_NAMES: usize = 4096;
const MAX_NAME: usize = 64;

thread_local! {
    /// What names promise: the same ones come again and again, in every file.
    static KINDS: RefCell<HashMap<Box<str>, Option<Kind>, RandomState>> = RefCell::default();
}

/// What the name promises, if anything.
pub(super) fn kind(name: &str) -> Option<Kind> {
    KINDS.with_borrow_mut(|kinds| {
        if let Some(known) = kinds.get(name) {
            return *known;
        }
        let kind = kind_of_words(name);
        if name.len() <= MAX_NAME && kinds.len() < MAX_NAMES {
            kinds.insert(name.into(), kind);
        }
        kind
    })
}

fn kind_of_words(name: &str) -> Option<Kind> {
    let words = Words::of(name);
    let mut words = words.as_slice();
    while let [rest @ .., last] = words {
        let behind_word = !rest.is_empty() && (last.bytes().all(|byte| byte.is_ascii_digit()) || contains(NEUTRAL, last));
        if !behind_word {
            break;
        }
        words = rest;
    }
    let (last, before) = words.split_last()?;
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let previous = before.last().copied().unwrap_or("");
    if is(last, "authorization") {
        return Some(Kind::Authorization);
    }
    if is(last, "connectionstring") || is(last, "string") && is(previous, "connection") {
        return Some(Kind::ConnectionString);
    }
    if contains(PASSWORDS, last) || ["password", "passwd", "pwd", "passphrase", "passwort"].iter().any(|word| stem(last, word).is_some()) {
        return (!contains(NOT_PASSWORD, previous)).then_some(Kind::Password);
    }
    let token = if let Some(stem) = stem(last, "token") {
        if stem.is_empty() { !contains(NOT_TOKEN, previous) } else { !contains(NOT_TOKEN_STEM, stem) }
    } else if let Some(stem) = stem(last, "secret") {
        !stem.is_empty() || !["has", "is", "no", "top", "use"].iter().any(|word| is(previous, word))
    } else if let Some(stem) = stem(last, "key").or_else(|| stem(last, "keys")) {
        let id_of_key = is(previous, "consumer") || is(previous, "public");
        if stem.is_empty() { contains(KEYS, previous) && !id_of_key } else { ends_with_any(stem, KEYS) }
    } else {
        is(last, "jwt")
            || is(last, "bearer")
            || is(last, "apikey")
            || is(last, "pat") && (before.is_empty() || is(previous, "github") || is(previous, "devops") || is(previous, "git"))
    };
    token.then_some(Kind::Token)
}

/// Whether a header or query parameter of this name is a key although the name says less: `key`, `auth`, `appid`, `x-anything-key`.
pub(super) fn is_bare_key(name: &str) -> bool {
    #[rustfmt::skip]
    const NOT: &[&str] = &[
        "idempotency", "primary", "foreign", "public", "partition", "row", "sort", "cache", "object", "project", "issue", "language",
        "group", "routing", "file",
    ];
    let words = Words::of(name);
    match words.as_slice() {
        [one] => ["key", "auth", "appid", "apptoken", "hapikey"].iter().any(|word| is(one, word)),
        [.., previous, last] => (is(last, "key") || is(last, "auth")) && !contains(NOT, previous),
        [] => false,
    }
}

fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

fn contains(words: &[&str], word: &str) -> bool {
    words.iter().any(|other| is(word, other))
}

/// What stands before `end` in a word that ends so.
fn stem<'w>(word: &'w str, end: &str) -> Option<&'w str> {
    let at = word.len().checked_sub(end.len())?;
    (word.is_char_boundary(at) && is(&word[at..], end)).then(|| &word[..at])
}

fn ends_with_any(word: &str, ends: &[&str]) -> bool {
    ends.iter().filter(|end| end.len() > 2).any(|end| stem(word, end).is_some())
}

/// The last words of a name, split at separators and capitals.
struct Words<'n> {
    words: [&'n str; 6],
    count: usize,
}

impl<'n> Words<'n> {
    fn of(name: &'n str) -> Self {
        let mut words = Self { words: [""; 6], count: 0 };
        let mut rest = name.trim_end_matches(|c: char| !c.is_alphanumeric());
        // From behind, because the last word says what it is: a name of many words costs no more than its end.
        while !rest.is_empty() && words.count < words.words.len() {
            let start = word_start(rest);
            words.words[5 - words.count] = &rest[start..];
            words.count += 1;
            rest = rest[..start].trim_end_matches(|c: char| !c.is_alphanumeric());
        }
        words
    }

    fn as_slice(&self) -> &[&'n str] {
        &self.words[6 - self.count..]
    }
}

/// Where the last word of the text starts: behind a separator, at a capital behind a small letter (`apiKey`), at the last
/// capital of a row before a small letter (`APIKey`).
fn word_start(text: &str) -> usize {
    let mut start = text.len();
    let mut next: Option<char> = None;
    for (at, c) in text.char_indices().rev() {
        if !c.is_alphanumeric() {
            break;
        }
        match next {
            Some(next) if next.is_uppercase() && !c.is_uppercase() => break,
            Some(next) if next.is_lowercase() && c.is_uppercase() => return at,
            _ => {}
        }
        start = at;
        next = Some(c);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        #[rustfmt::skip]
        let cases = [
            "apiKey", "api_key", "API Key", "APIKEY", "x-api-key", "X-RapidAPI-Key", "Ocp-Apim-Subscription-Key", "client_secret",
            "CLIENT_SECRET", "clientSecret", "Authorization", "Proxy-Authorization", "password", "db_pass", "smtpPassword", "Passwort",
            "senha", "botToken", "user_access_token", "Telegram_access_token", "accessToken", "AccountKey", "SharedAccessKey",
            "secretAccessKey", "aws_secret_access_key", "private_key", "app_secret", "workspaceKey", "webhookSecret", "JWT",
            "OPENAI_API_KEY", "openAIKey", "token", "apiKey2", "api_key_prod", "ServiceBusConnConnectionString", "PiAPI Key",
            "Token__c", "Client_Secret__c", "WhatsAppSecret", "wordpressApplicationPassword", "GITHUB_PAT",
        ];
        for name in cases {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_speak_of_secrets_are_left_alone() {
        #[rustfmt::skip]
        let cases = [
            "", "_", "token_count", "max_tokens", "totalTokenCount", "tokens", "tokenUrl", "Account_Manager_Token_Url__c",
            "credentials_path", "keyword", "keywordsForReview", "primaryKey", "api_key_header", "apiKeyName", "access_token_expires_in",
            "nextPageToken", "pageToken", "key", "language key", "SAP Language Key", "JiraProjectKey", "TokenGeneration",
            "Docker - n8n credentials files", "secretName", "password_hash", "reset_password", "monkey", "hotkey", "author",
            "tokenType", "public_key", "idempotency-key", "accessKeyId", "credential", "passenger", "compass direction", "secretary",
        ];
        for name in cases {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}

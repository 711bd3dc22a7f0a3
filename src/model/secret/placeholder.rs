//! Values that stand for a secret: templates, references, and what people write where the secret should go.

use super::shape::Shape;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Whether the value is not a secret but keeps the place of one, or says where it comes from: a template, a reference to a
/// variable or a vault, `YOUR_TOKEN_HERE`, `xxxx`, `changeme`, words in any language.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'', '`', '\\']);
    value.len() < 3 || !value.is_ascii() || is_template(value) || is_filler(value) || is_wording(value)
}

/// Whether a program or a person fills the value in later.
pub(super) fn is_template(value: &str) -> bool {
    const ANYWHERE: &[&str] = &["{{", "}}", "${", "$(", "@{", "#{", "<%", "{%", "$json", "$node", "$env", "$vars", "$secrets"];
    #[rustfmt::skip]
    const FIRST: &[&str] = &[
        "process.env", "os.environ", "os.getenv", "env.", "env:", "secrets.", "vars.", "op://", "vault:", "arn:aws:",
        "@Microsoft.KeyVault", "@parameters(", "[parameters(", "[variables(", "@variables(", "[concat(", "@concat(", "@body(",
        "@triggerBody", "@outputs(", "=@", "projects/", "sm://", "msg.", "flow.", "global.", "items[", "item.", "appsmith.", "this.",
        "secretref:", "ref+",
    ];
    let value = value.strip_prefix('=').unwrap_or(value).trim();
    let wrapped = |open: char, close: char| value.starts_with(open) && value.ends_with(close);
    let bytes = value.as_bytes();
    let marked = memchr::memchr3(b'{', b'}', b'$', bytes).is_some() || value.contains("<%");
    marked && ANYWHERE.iter().any(|mark| value.contains(mark))
        || FIRST.iter().any(|start| value.starts_with(start))
        || [('<', '>'), ('[', ']'), ('{', '}'), ('%', '%'), ('(', ')')].iter().any(|(open, close)| wrapped(*open, *close))
        || value.starts_with("__") && value.ends_with("__")
        || bytes.first() == Some(&b'$')
            && bytes.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
            && is_name(&value[1..])
        || value.split_once('<').is_some_and(|(_, rest)| rest.contains('>'))
        || value
            .split_once('[')
            .is_some_and(|(_, rest)| rest.split(']').next().is_some_and(|inner| inner.contains(' ') || is_upper_name(inner)))
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte)) && Shape::of(text).digits * 4 < text.len()
}

fn is_upper_name(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|byte| byte.is_ascii_uppercase() || b"_- ".contains(&byte))
}

/// Whether most of the value is one character, a row of them, or an alphabet.
fn is_filler(value: &str) -> bool {
    if value.contains("...") || value.contains("***") || value.contains("____") || value.contains("----") {
        return !value.starts_with("-----BEGIN");
    }
    let bytes = value.as_bytes();
    let (mut same, mut ascending, mut longest_same, mut longest_ascending) = (1, 1, 1, 1);
    for pair in bytes.windows(2) {
        let (a, b) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
        same = if a == b { same + 1 } else { 1 };
        let next = b == a.wrapping_add(1) && b.is_ascii_alphanumeric() || (a, b) == (b'9', b'0');
        ascending = if next { ascending + 1 } else { 1 };
        longest_same = longest_same.max(same);
        longest_ascending = longest_ascending.max(ascending);
    }
    let distinct = |limit: usize| {
        let mut seen = [false; 256];
        for byte in bytes {
            seen[usize::from(byte.to_ascii_lowercase())] = true;
        }
        seen.iter().filter(|seen| **seen).count() <= limit
    };
    longest_ascending >= 8
        || longest_same >= 6
        || value.contains("xxxx")
        || value.contains("XXXX")
        || longest_same * 2 > bytes.len()
        || distinct(2)
        || bytes.len() >= 16 && distinct(4)
}

/// Words that no generator writes: long enough that chance does not either.
#[rustfmt::skip]
const TELLTALE: &[&str] = &[
    "your", "placeholder", "example", "replace", "changeme", "change_me", "change-me", "redacted", "insert", "dummy", "sample",
    "foobar", "undefined", "apikey", "api_key", "api-key", "secretkey", "secret_key", "secret-key", "accesstoken", "access_token",
    "access-token", "mytoken", "my_token", "my-token", "mysecret", "my_secret", "my-secret", "mypassword", "my_password", "my-password",
    "clientsecret", "client_secret", "client-secret", "credential", "_here", "-here", "todo_", "removed", "hidden", "masked", "superse",
    "supersecret", "notreal", "invalid", "secreto", "tu_", "tu-api", "seu_", "sua_", "votre", "deinapi", "dein_", "paste", "enter_",
    "enter-", "fill_in", "put_", "set_in", "goeshere", "tokenhere", "keyhere", "token_", "_token", "-token", "token-", "_secret",
    "-secret", "_password", "-password", "apitoken", "bearer", "changethis", "change_this",
];

static TELLTALES: LazyLock<AhoCorasick> = LazyLock::new(|| AhoCorasick::new(TELLTALE).expect("a few short words fit any automaton"));

/// Words that stand for a secret only when nothing else is there.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "password", "passwd", "pass", "pwd", "secret", "secrets", "token", "tokens", "key", "keys", "api", "auth", "bearer", "basic",
    "none", "null", "nil", "true", "false", "yes", "no", "test", "testing", "demo", "fake", "mock", "abc", "foo", "bar", "baz", "value",
    "string", "text", "user", "username", "admin", "root", "default", "required", "optional", "here", "my", "the", "a", "is", "client",
    "access", "refresh", "app", "id", "hidden", "input", "prod", "dev", "staging", "header", "headers", "query", "body", "env", "senha",
    "contrasena", "passwort", "clave", "temp", "temporary", "private", "public", "account", "service", "jwt", "hmac", "oauth", "n8n",
    "webhook", "shared", "verify", "verification", "new", "old", "current", "type", "name", "unknown", "empty", "missing", "some",
    "any", "random", "long", "very", "strong", "super", "safe", "secure", "openai", "google", "github", "slack", "telegram", "bot",
    "integration", "sheets", "hash", "signature", "sign", "authorization", "authentication", "credentials", "credential", "me",
    "change",
];

/// Whether the value is words instead of a secret: a sentence, a name, a description.
fn is_wording(value: &str) -> bool {
    if value.contains(char::is_whitespace) {
        return true;
    }
    let folded = value.to_ascii_lowercase();
    if value.len() <= 96 && (TELLTALES.is_match(&folded) && !has_random_part(value) || unleet(&folded)) {
        return true;
    }
    is_upper_snake(value) || only_words(&folded)
}

/// `YOUR_TOKEN`, `SHEETS_API`, `N8N_KEY_2`: the name of a variable.
fn is_upper_snake(value: &str) -> bool {
    let shape = Shape::of(value);
    value.contains('_')
        && shape.lower == 0
        && shape.digits * 4 <= value.len()
        && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && value.split('_').all(|part| part.len() < 16 && Shape::of(part).digits * 2 <= part.len().max(2))
}

/// Whether every part is a known word or a short number.
fn only_words(folded: &str) -> bool {
    folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).all(|part| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        (part.len() <= 4 && stem.is_empty())
            || part.len() <= 6 && "123456".starts_with(part)
            || WORDS.contains(&stem) && part.len() - stem.len() <= 4
    })
}

/// Whether a part between separators is so mixed that no one wrote it: `sk_prod_token_8f3aK…` keeps a secret behind its words.
fn has_random_part(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        let shape = Shape::of(part);
        shape.length >= 16 && shape.digits >= 2 && shape.turns * 5 >= shape.length && shape.entropy > 3.0
    })
}

/// Whether it reads as a placeholder with digits for letters: `Y0UR_4PI_K3Y`.
fn unleet(folded: &str) -> bool {
    const LEET: &[&str] = &["your", "apikey", "placeholder", "example", "replace", "changeme", "passw", "token", "secret"];
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) || folded.len() > 48 {
        return false;
    }
    let plain: String = folded
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| match byte {
            b'0' => 'o',
            b'1' => 'i',
            b'3' => 'e',
            b'4' => 'a',
            b'5' => 's',
            b'7' => 't',
            other => char::from(other),
        })
        .collect();
    LEET.iter().any(|word| plain.contains(word)) && !has_random_part(folded) && Shape::of(folded).digits * 3 < folded.len()
}

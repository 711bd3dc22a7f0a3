//! Secrets that are known by where they stand and what they are called.

use super::Position;
use super::name::{self, Kind, is_bare_key};
use super::placeholder::{is_placeholder, is_template};
use super::quoted;
use super::shape::{Shape, base64, is_uuid, is_word_byte};
use crate::finding::Confidence;
use aho_corasick::AhoCorasick;
use std::ops::Range;
use std::sync::LazyLock;

/// A secret that its place gave away.
pub(super) struct Placed {
    pub(super) range: Range<usize>,
    pub(super) detector: &'static str,
    pub(super) confidence: Confidence,
}

/// Longest value that is looked at: longer ones are documents.
const MAX_VALUE: usize = 4096;

/// What makes a text worth more than a look at its own name.
static HINTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = [
        "key",
        "token",
        "secret",
        "pass",
        "pwd",
        "auth",
        "bearer",
        "basic ",
        "senha",
        "contrase",
        "cookie",
        "://",
        "appid",
        "sig=",
        "connection",
        "jwt",
        "-u ",
        "kennwort",
        "mysql",
        "mariadb",
        "redis-cli",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few short words fit any automaton")
});

pub(super) fn find(text: &str, name: Option<&str>, position: Position) -> Vec<Placed> {
    let mut finder = Finder { text, position, found: Vec::new() };
    finder.whole(name);
    if finder.found.is_empty() && finder.may_have_parts() && HINTS.is_match(text) {
        finder.parts(name);
    }
    finder.found
}

pub(super) struct Finder<'t> {
    pub(super) text: &'t str,
    pub(super) position: Position,
    found: Vec<Placed>,
}

impl Finder<'_> {
    fn add(&mut self, range: Range<usize>, detector: &'static str, confidence: Confidence) {
        self.found.push(Placed { range, detector, confidence });
    }

    /// The text as one value under its name.
    fn whole(&mut self, name: Option<&str>) {
        if self.text.len() > MAX_VALUE {
            return;
        }
        let range = 0..self.text.len();
        match (self.position, name) {
            (Position::AuthorizationHeader, _) => self.authorization(range),
            (Position::UserInfo, _) => self.userinfo(range),
            (Position::Code, _) | (_, None) => {}
            (Position::Header, Some(name)) if name.eq_ignore_ascii_case("cookie") => self.cookies(),
            (Position::Variable, Some(name)) if name::kind(name).is_none() => {
                // The value says what the name does not.
                if self.text.trim_start_matches('=').starts_with("Bearer ") {
                    self.authorization(range);
                }
            }
            (position, Some(name)) => self.named(name, range, matches!(position, Position::Header | Position::QueryParameter)),
        }
    }

    /// Whether the text has any of the signs without which [`Finder::parts`] finds nothing; most texts have none.
    fn may_have_parts(&self) -> bool {
        let bytes = self.text.as_bytes();
        memchr::memchr3(b'=', b'"', b'\'', bytes).is_some()
            || memchr::memchr2(b'@', b'`', bytes).is_some()
            || self.position == Position::Header && memchr::memchr(b':', bytes).is_some()
            || self.position == Position::Code && memchr::memchr(b'-', bytes).is_some()
    }

    /// Whatever the text holds: URLs, header lines, connection strings, quoted values under names.
    fn parts(&mut self, name: Option<&str>) {
        self.urls();
        self.queries();
        self.connection_string();
        if self.position == Position::Header && name.is_none_or(|name| name.eq_ignore_ascii_case("headers")) {
            self.header_lines();
        }
        if self.position == Position::Code {
            self.commands();
            self.programs();
        }
        if memchr::memchr3(b'"', b'\'', b'`', self.text.as_bytes()).is_some() {
            quoted::each(self.text, &mut |literal| self.literal(&literal));
        }
    }

    /// A quoted text with what stands before it.
    fn literal(&mut self, literal: &quoted::Literal<'_>) {
        let value = &self.text[literal.range.clone()];
        if value.is_empty() {
            return;
        }
        let scheme = value
            .split_once(' ')
            .is_some_and(|(scheme, _)| ["Bearer", "Basic", "Token"].iter().any(|known| scheme.eq_ignore_ascii_case(known)));
        if let Some((name, rest)) = value.split_once(':')
            && rest.len() > 7
            && !name.is_empty()
            && name.bytes().all(is_word_byte)
            && (name::kind(name).is_some() || is_bare_key(name))
        {
            let start = literal.range.end - rest.len();
            self.named(name, start..literal.range.end, true);
        } else if scheme {
            self.authorization(literal.range.clone());
        } else if let Some(name) = literal.name {
            let (position, header) = (self.position, self.position == Position::Header);
            // Quoted words under `password` are mostly labels and messages: as little certain as in code.
            self.position = Position::Code;
            self.named(name, literal.range.clone(), header);
            self.position = position;
        } else if literal.encoded && value.contains(':') {
            self.userinfo(literal.range.clone());
        }
    }

    /// A value under a name; `transport` says that the name is one of a header or query, where a bare `key` is a secret too.
    fn named(&mut self, name: &str, range: Range<usize>, transport: bool) {
        let range = self.trim(range);
        let value = &self.text[range.clone()];
        match name::kind(name) {
            Some(Kind::Authorization) => self.authorization(range),
            Some(Kind::Password) => {
                if let Some(confidence) = password(value, self.position) {
                    self.add(range, "named-field", confidence);
                }
            }
            Some(Kind::Token) => {
                // Some services want `Bearer` in headers of their own.
                if value.contains(' ') && self.scheme(&range).is_some() {
                    return self.authorization(range);
                }
                if let Some(confidence) = token(value) {
                    self.add(range, "named-field", confidence);
                }
            }
            None if transport && is_bare_key(name) => {
                if value.contains(' ') && self.scheme(&range).is_some() {
                    return self.authorization(range);
                }
                if let Some(confidence) = token(value).filter(|_| value.len() >= 16) {
                    self.add(range, "named-field", confidence);
                }
            }
            Some(Kind::ConnectionString) | None => {}
        }
    }

    /// Without blanks, quotes and the mark of an expression around it.
    fn trim(&self, range: Range<usize>) -> Range<usize> {
        let value = &self.text[range.clone()];
        let front = value.trim_start();
        let front = front.strip_prefix('=').unwrap_or(front).trim_start_matches([' ', '"', '\'', '`']);
        let start = range.end - front.len();
        start..start + front.trim_end_matches([' ', '\t', '\n', '\r', '"', '\'', '`', ',', ';', '\\']).len()
    }

    /// The word before the value of an Authorization header, and where the value is.
    fn scheme(&self, range: &Range<usize>) -> Option<(&str, Range<usize>)> {
        let (scheme, rest) = self.text[range.clone()].split_once(' ')?;
        let word =
            !scheme.is_empty() && scheme.len() <= 32 && scheme.bytes().all(is_word_byte) && scheme.as_bytes()[0].is_ascii_alphabetic();
        word.then(|| (scheme, self.trim(range.end - rest.len()..range.end)))
    }

    fn authorization(&mut self, range: Range<usize>) {
        let range = self.trim(range);
        let Some((scheme, mut value)) = self.scheme(&range) else {
            if let Some(confidence) = token(&self.text[range.clone()]) {
                self.add(range, "authorization", confidence);
            }
            return;
        };
        let scheme = scheme.to_ascii_lowercase();
        if scheme == "basic" {
            if let Some(confidence) = basic(&self.text[value.clone()]) {
                self.add(value, "basic", confidence);
            }
            return;
        }
        // `Token token=x`, `GoogleLogin auth=x`, `OAuth access_token="x"`
        if let Some((key, rest)) = self.text[value.clone()].split_once('=')
            && ["token", "auth", "access_token", "key", "api_key"].contains(&key)
        {
            value = self.trim(value.end - rest.len()..value.end);
        }
        if let Some(confidence) = token(&self.text[value.clone()]) {
            self.add(value, if scheme == "bearer" { "bearer" } else { "authorization" }, confidence);
        }
    }

    fn header_lines(&mut self) {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if let Some((name, value)) = line.split_once(':')
                && value.len() <= MAX_VALUE
            {
                self.named(name.trim(), start + line.len() - value.len()..start + line.len(), true);
            }
            start += line.len();
        }
    }

    /// Session cookies: `name=value` pairs.
    fn cookies(&mut self) {
        let mut start = 0;
        for pair in self.text.split_inclusive(';') {
            if let Some((name, value)) = pair.split_once('=') {
                let range = self.trim(start + pair.len() - value.len()..start + pair.len());
                let name = name.trim().to_ascii_lowercase();
                let session =
                    ["sess", "sid", "auth", "token", "li_at", "login"].iter().any(|word| name.contains(word)) && !name.contains("csrf");
                if session && range.len() >= 16 && token(&self.text[range.clone()]).is_some() {
                    self.add(range, "cookie", Confidence::Medium);
                }
            }
            start += pair.len();
        }
    }

    /// `user:password@` in URLs.
    fn urls(&mut self) {
        for at in memchr::memmem::find_iter(self.text.as_bytes(), "://") {
            let rest = &self.text.as_bytes()[at + 3..];
            let stop = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'`<>\\,;|".contains(byte);
            let length = rest.iter().take(400).position(stop).unwrap_or(rest.len().min(400));
            if let Some(end) = memchr::memrchr(b'@', &rest[..length]) {
                self.userinfo(at + 3..at + 3 + end);
            }
        }
    }

    fn userinfo(&mut self, range: Range<usize>) {
        let Some((user, secret)) = self.text.get(range.clone()).and_then(|info| info.split_once(':')) else { return };
        if let Some(confidence) = password(secret, Position::UserInfo) {
            let default = user.eq_ignore_ascii_case(secret);
            self.add(range.end - secret.len()..range.end, "userinfo", if default { Confidence::Low } else { confidence });
        }
    }

    /// `?key=value&token=value`, in URLs and in form bodies.
    fn queries(&mut self) {
        let bytes = self.text.as_bytes();
        // The key of an Azure function goes by the name of `code`, as do harmless things elsewhere.
        let function = memchr::memmem::find(bytes, b".azurewebsites.net").is_some();
        let mut from = 0;
        while let Some(equals) = memchr::memchr(b'=', &bytes[from..]).map(|at| at + from) {
            from = equals + 1;
            let name_length = bytes[..equals].iter().rev().take(48).take_while(|byte| is_word_byte(**byte) || **byte == b'.').count();
            let start = equals - name_length;
            let separator = start.checked_sub(1).map(|at| bytes[at]);
            let form = self.position == Position::BodyField && separator.is_none();
            if name_length == 0 || !(form || matches!(separator, Some(b'?' | b'&'))) {
                continue;
            }
            let Some(name) = self.text.get(start..equals) else { continue };
            let kind = name::kind(name);
            if kind.is_none() && !is_bare_key(name) && !(function && name == "code") {
                continue;
            }
            let stop = |byte: &u8| byte.is_ascii_whitespace() || b"&#\"'`<>\\;),]}".contains(byte);
            let length = bytes[from..].iter().take(MAX_VALUE).position(stop).unwrap_or((bytes.len() - from).min(MAX_VALUE));
            let range = from..from + length;
            from = range.end;
            let Some(value) = self.text.get(range.clone()) else { continue };
            let confidence = match kind {
                Some(Kind::Password) => password(value, self.position),
                Some(_) => token(value),
                None => token(value).filter(|_| value.len() >= 16),
            };
            if let Some(confidence) = confidence {
                self.add(range, "url-query", confidence);
            }
        }
    }

    /// `Server=…;Password=…`, `host=… password=…`.
    fn connection_string(&mut self) {
        // The longer of two with the same end comes first.
        const PARTS: [&str; 6] = ["password", "pwd", "accountkey", "sharedaccesskey", "clientsecret", "accesskey"];
        static CONTEXT: LazyLock<AhoCorasick> = LazyLock::new(|| {
            let words = [
                "server=",
                "data source=",
                "host=",
                "user id=",
                "uid=",
                "endpoint=",
                "accountname=",
                "user=",
                "username=",
                "database=",
                "dbname=",
            ];
            AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few short words fit any automaton")
        });
        let bytes = self.text.as_bytes();
        for equals in memchr::memchr_iter(b'=', bytes) {
            let name = &bytes[..equals];
            let ends = |part: &&str| name.len() >= part.len() && name[name.len() - part.len()..].eq_ignore_ascii_case(part.as_bytes());
            let worth = name.last().is_some_and(|last| b"dytDYT".contains(last));
            let Some(part) = PARTS.iter().find(|part| worth && ends(part)) else { continue };
            let hit = equals - part.len()..equals + 1;
            let separated = hit.start == 0 || matches!(bytes[hit.start - 1], b';' | b' ' | b'"' | b'\'');
            let near = hit.start.saturating_sub(400)..(hit.end + 400).min(bytes.len());
            if !separated || self.position != Position::ConnectionString && !CONTEXT.is_match(&bytes[near]) {
                continue;
            }
            let rest = &self.text[hit.end..];
            let length = rest.bytes().take(512).position(|byte| b";\"'`\n\r ".contains(&byte)).unwrap_or(rest.len().min(512));
            let Some(value) = rest.get(..length) else { continue };
            let position = if self.position == Position::Code { Position::Code } else { Position::ConnectionString };
            if let Some(confidence) = password(value, position) {
                self.add(hit.end..hit.end + length, "connection-string", confidence);
            }
        }
    }

    /// `curl -u user:password`, `--password=x`, `API_TOKEN=x command`.
    fn commands(&mut self) {
        let bytes = self.text.as_bytes();
        let (mut next, mut user) = (0, false);
        while next < bytes.len() {
            let start = next;
            // Code has thousands of words, of which nearly none is an option or a variable that is set.
            let (mut telling, mut last) = (user, b' ');
            for byte in &bytes[start..] {
                next += 1;
                if byte.is_ascii_whitespace() {
                    break;
                }
                telling |= *byte == b'-' || *byte == b'=' && matches!(last, b'A'..=b'Z' | b'0'..=b'9' | b'_');
                last = *byte;
            }
            if !telling {
                continue;
            }
            let range = self.trim(start..next);
            let bare = &self.text[range.clone()];
            if user && bare.contains(':') && !bare.contains("://") && bare.len() <= 256 {
                self.userinfo(range.clone());
            }
            user = matches!(bare, "-u" | "--user");
            if let Some((name, value)) = bare.split_once('=')
                && (bare.starts_with("--") || name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'))
                && name::kind(name.trim_start_matches('-')).is_some()
            {
                let range = self.trim(range.end - value.len()..range.end);
                // Without quotes it may as well be the name of something else.
                if let Some(confidence) = token(&self.text[range.clone()]) {
                    self.add(range, "named-field", confidence.min(Confidence::Medium));
                }
            }
        }
    }
}

/// Programs that take a password as an option, that option, and whether the password may be the word behind it.
const PROGRAMS: [(&str, &str, bool); 4] =
    [("mysql", "-p", false), ("mariadb", "-p", false), ("sshpass", "-p", true), ("redis-cli", "-a", true)];

/// Longest command that is looked at.
const MAX_COMMAND: usize = 512;

impl Finder<'_> {
    /// `mysql -pPassword`, `sshpass -p Password ssh ..`.
    fn programs(&mut self) {
        static NAMES: LazyLock<AhoCorasick> =
            LazyLock::new(|| AhoCorasick::new(PROGRAMS.map(|(program, ..)| program)).expect("a few short words fit any automaton"));
        let text = self.text;
        // Where the last command of each program ends.
        let mut ends = [0; PROGRAMS.len()];
        for hit in NAMES.find_iter(text).filter(|hit| hit.start() == 0 || !is_word_byte(text.as_bytes()[hit.start() - 1])) {
            let last = &mut ends[hit.pattern().as_usize()];
            if hit.start() < *last {
                continue;
            }
            let rest = &text.as_bytes()[hit.start()..];
            let end = rest.iter().take(MAX_COMMAND).position(|byte| b"|;&\n".contains(byte)).unwrap_or(rest.len().min(MAX_COMMAND));
            *last = hit.start() + end;
            let (_, option, separate) = PROGRAMS[hit.pattern().as_usize()];
            self.option(hit.start()..*last, option, separate);
        }
    }

    /// The password behind an option: in the same word, or in the next one where it may be `separate`.
    fn option(&mut self, command: Range<usize>, option: &str, separate: bool) {
        let Some(text) = self.text.get(command.clone()) else { return };
        let mut words = text.split_ascii_whitespace().skip(1);
        let value = words.find_map(|word| match word.strip_prefix(option)? {
            "" if separate => Some(""),
            "" => None,
            value => Some(value),
        });
        let value = if value == Some("") { words.next() } else { value };
        let Some(value) = value else { return };
        let start = command.start + (value.as_ptr() as usize - text.as_ptr() as usize);
        let range = self.trim(start..start + value.len());
        if let Some(confidence) = password(&self.text[range.clone()], Position::Code) {
            self.add(range, "named-field", confidence.min(Confidence::Medium));
        }
    }
}

/// How sure it is that a value under the name of a token is one.
fn token(value: &str) -> Option<Confidence> {
    let value = value.strip_prefix('=').unwrap_or(value);
    if is_uuid(value) {
        return (Shape::of(value).entropy > 2.5 && !is_placeholder(value)).then_some(Confidence::High);
    }
    if value.len() < 8 || value.len() > MAX_VALUE || !plausible(value) || value.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let shape = Shape::of(value);
    let letters = shape.lower + shape.upper;
    // Letters only: chance turns the case far more often than words do.
    let mixed = shape.digits > 0 && letters > 0 || shape.length >= 20 && shape.turns * 5 > shape.length && shape.entropy > 3.8;
    if !mixed || !random_part(value) {
        return None;
    }
    match shape.length {
        24.. if shape.entropy > 3.0 => Some(Confidence::High),
        16.. if shape.entropy > 3.0 => Some(Confidence::Medium),
        10..16 if shape.entropy > 2.8 && shape.digits > 1 => Some(Confidence::Low),
        _ => None,
    }
}

/// How sure it is that a value under the name of a password is one. People choose words, so less is asked than of a token.
fn password(value: &str, position: Position) -> Option<Confidence> {
    let value = value.strip_prefix('=').unwrap_or(value);
    let app_password = value.len() == 19
        && value.split(' ').count() == 4
        && value.split(' ').all(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    if app_password {
        return Some(Confidence::Medium);
    }
    if value.len() < 4 || value.len() > 256 || !plausible(value) {
        return None;
    }
    let shape = Shape::of(value);
    let letters = shape.lower + shape.upper;
    if shape.digits > 0 && letters > 0
        || letters > 0 && letters + shape.digits < shape.length && !value.bytes().all(|byte| is_word_byte(byte) || byte == b'.')
    {
        let strong = shape.length >= 12 && shape.entropy > 3.0;
        return Some(if strong { Confidence::High } else { Confidence::Medium });
    }
    // Words alone: only where nothing but a password can stand.
    let certain = matches!(position, Position::CredentialField | Position::ConnectionString | Position::UserInfo | Position::Variable);
    (certain && letters == shape.length).then_some(Confidence::Low)
}

/// What is behind `Basic`.
fn basic(value: &str) -> Option<Confidence> {
    if is_template(value) || value.len() < 8 {
        return None;
    }
    let decoded = base64(value).and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) else { return token(value) };
    // Services that take a key in place of the user leave the password empty, or the other way round.
    let (secret, other) = if secret.len() < 4 { (user, secret) } else { (secret, user) };
    if secret.is_empty() || is_placeholder(secret) || secret.contains(char::is_control) || is_template(other) {
        return None;
    }
    Some(if secret.eq_ignore_ascii_case(other) { Confidence::Low } else { Confidence::High })
}

/// Whether the value could be a secret at all: no placeholder, address, path, date or piece of code.
fn plausible(value: &str) -> bool {
    let bytes = value.as_bytes();
    let path = value.starts_with('/') && value[1..].contains('/') && Shape::of(value).turns * 6 < value.len()
        || value.starts_with("./")
        || value.starts_with("~/");
    let email = value
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && host.bytes().all(|byte| is_word_byte(byte) || byte == b'.'));
    let url = value.contains("://") || value.ends_with(".apps.googleusercontent.com");
    let code = value.contains('(') && value.contains(')')
        || value.contains("=>")
        || value.contains(" = ")
        || value.starts_with('#') && value.len() <= 7;
    bytes.iter().all(u8::is_ascii_graphic) && !path && !email && !url && !code && !is_access(value) && !is_placeholder(value)
}

/// Code that gets a value from somewhere: `config.api.key`, `items[0].json.token`.
fn is_access(value: &str) -> bool {
    let parts = value.split(['.', '[', ']', '?']).filter(|part| !part.is_empty());
    let name = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            || part.len() < 24 && !part.as_bytes()[0].is_ascii_digit() && Shape::of(part).digits * 6 <= part.len()
    };
    (value.contains('.') || value.contains('['))
        && value.bytes().all(|byte| is_word_byte(byte) || b".[]?'\"".contains(&byte))
        && parts.clone().count() > 1
        && parts.clone().all(name)
}

/// Whether enough of the value is no word: parts that mix letters and digits, or capitals and small letters without a rule.
fn random_part(value: &str) -> bool {
    let mixed = |part: &&str| {
        let shape = Shape::of(part);
        shape.digits > 0 && shape.lower + shape.upper > 0 || shape.length >= 12 && shape.turns * 5 > shape.length
    };
    let length: usize = value.split(|c: char| !c.is_ascii_alphanumeric()).filter(mixed).map(str::len).sum();
    length >= 8
}

//! What a script does: which records it works with, what it calls, what it evaluates, and which of that callers decide.
//!
//! A script is not run, and its functions are not told apart: a name that holds what a caller sent holds it everywhere.

use super::lexer::{Found, Token, tokens};
use crate::model::vocabulary::Verb;
use std::collections::HashSet;
use std::ops::Range;

/// What a caller decides in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The parameter that holds the request.
    Request,
    /// What a page in a browser sends along.
    Parameters,
    /// The same, and what the browser's part of a widget hands to that of the server.
    Widget,
    /// What people fill in to order something.
    Producer,
    /// Mail that somebody has sent.
    Mail,
    /// What a page asks a source of data for.
    Broker,
    /// What the flow around it hands to a step.
    Step,
    /// Nothing.
    Absent,
}

impl Input {
    /// The names that hold it, and the function whose first parameter does.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Request => ("request", "process"),
            Self::Widget => ("input", ""),
            Self::Producer => ("producer", ""),
            Self::Mail => ("email", ""),
            Self::Broker => ("input", "transform"),
            Self::Step => ("inputs", "execute"),
            Self::Parameters | Self::Absent => ("", ""),
        }
    }

    /// Whether the script asks for what was sent by name.
    fn has_parameters(self) -> bool {
        matches!(self, Self::Parameters | Self::Widget)
    }
}

/// A value that a script hands to the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handed {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// Whether a caller decides (a part of) it.
    pub(super) by_caller: bool,
}

/// An address that a script calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) handed: Handed,
    /// The text that it begins with, where it begins with one.
    pub(super) literal: Option<Range<usize>>,
    /// Whether a caller decides the machine.
    pub(super) host_by_caller: bool,
}

/// What a script does.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    /// Tables by name, each once, in the order of the script.
    pub(super) tables: Vec<Range<usize>>,
    /// Tables, records and conditions that are looked up.
    pub(super) lookups: Vec<Handed>,
    /// Texts that become a filter.
    pub(super) filters: Vec<Handed>,
    /// Texts that become code.
    pub(super) evaluated: Vec<Handed>,
    /// Addresses.
    pub(super) addresses: Vec<Address>,
    /// Passwords that stand in the call that uses them.
    pub(super) passwords: Vec<Range<usize>>,
    /// What reaches for the machine below the platform.
    pub(super) escape: Option<Range<usize>>,
    /// What is written, deleted, sent; the strongest of it.
    strongest: Option<Verb>,
    /// Whether the caller is checked by a signature, or by a secret that the platform keeps.
    pub(super) checks_signature: bool,
    pub(super) checks_secret: bool,
}

/// Most rounds in which names are followed from one assignment to the next.
const ROUNDS: usize = 8;
/// Most tokens of a value that are looked at.
const LONGEST_VALUE: usize = 4096;

/// Tables that say who may do what: to write there is to administer.
pub(super) const RIGHTS: [&str; 9] = [
    "sys_user",
    "sys_user_has_role",
    "sys_user_grmember",
    "sys_user_group",
    "sys_group_has_role",
    "sys_user_role",
    "sys_user_role_contains",
    "sys_security_acl",
    "sys_security_acl_role",
];

/// Functions that evaluate what they are given.
const EVALUATES: [&str; 4] = ["eval", "evaluateString", "evaluateScript", "Function"];
/// Classes that read and change records.
const RECORDS: [&str; 5] = ["GlideRecord", "GlideRecordSecure", "GlideAggregate", "GlideQuery", "GlideMultipleUpdate"];

impl Deeds {
    /// What `code` does, in which `input` comes from callers.
    pub(super) fn of(code: &str, input: Input) -> Self {
        let tokens = tokens(code);
        let closes = closes(&tokens);
        let mut reader = Reader { code, tokens, closes, input, tainted: HashSet::new(), marks: Vec::new(), writes: None };
        reader.writes = reader.writes();
        reader.taint();
        let mut deeds = Self::default();
        for at in 0..reader.tokens.len() {
            deeds.see(&reader, at);
        }
        deeds.guards(&reader);
        deeds
    }

    /// What the script does to the world.
    pub(super) fn verb(&self) -> Verb {
        if !self.evaluated.is_empty() || self.escape.is_some() {
            return Verb::Execute;
        }
        let reads = if self.tables.is_empty() && self.lookups.is_empty() { None } else { Some(Verb::Read) };
        self.strongest.or(reads).unwrap_or(Verb::Transform)
    }

    fn does(&mut self, verb: Verb) {
        const ORDER: [Verb; 4] = [Verb::Send, Verb::Write, Verb::Delete, Verb::Admin];
        let rank = |verb: Verb| ORDER.iter().position(|known| *known == verb);
        self.strongest = self.strongest.max_by(Some(verb), rank);
    }

    fn see(&mut self, reader: &Reader<'_>, at: usize) {
        let name = reader.word(at);
        if name == "Packages" && ["Runtime", "ProcessBuilder"].contains(&reader.word(at + 6)) {
            self.escape = self.escape.take().or(Some(reader.tokens[at].range.start..reader.tokens[at + 6].range.end));
        }
        let Some(arguments) = reader.arguments(at) else { return };
        let method = at > 0 && reader.sign(at - 1) == b'.';
        let made = at > 0 && reader.word(at - 1) == "new";
        match name {
            _ if EVALUATES.contains(&name) && (method || made || name == "eval") => {
                self.evaluated.extend(reader.handed(&arguments));
            }
            "addEncodedQuery" if method => self.filters.extend(reader.handed(&arguments)),
            // With one argument it is a query as a text.
            "addQuery" | "where" | "addActiveQuery" if method && reader.split(&arguments).len() == 1 => {
                self.filters.extend(reader.handed(&arguments));
            }
            "get" | "addQuery" | "addOrCondition" | "addCondition" | "where" | "orWhere" if method => {
                self.lookups.extend(reader.handed(&arguments));
            }
            _ if made && RECORDS.contains(&name) => self.records(reader, &arguments),
            "insert" | "update" | "updateMultiple" | "insertWithReferences" if method => {
                reader.writes.into_iter().for_each(|verb| self.does(verb));
            }
            "deleteRecord" | "deleteMultiple" if method => self.does(Verb::Delete),
            "impersonate" if method => self.does(Verb::Admin),
            "setEndpoint" | "setEndPoint" if method => self.address(reader, &arguments),
            "GlideHTTPRequest" if made => self.address(reader, &arguments),
            "setBasicAuth" if method => self.password(reader, &arguments),
            "sendEmail" | "eventQueue" | "eventQueueScheduled" if method => self.does(Verb::Send),
            _ => {}
        }
    }

    fn records(&mut self, reader: &Reader<'_>, arguments: &Range<usize>) {
        if let [one] = &reader.tokens[arguments.clone()]
            && one.token == Token::Text
        {
            let known = |table: &Range<usize>| reader.code[table.clone()] == reader.code[one.range.clone()];
            if !self.tables.iter().any(known) {
                self.tables.push(one.range.clone());
            }
        } else {
            self.lookups.extend(reader.handed(arguments));
        }
    }

    fn address(&mut self, reader: &Reader<'_>, arguments: &Range<usize>) {
        let Some(handed) = reader.handed(arguments) else { return };
        let first = &reader.tokens[arguments.start];
        let literal = matches!(first.token, Token::Text | Token::Template).then(|| first.range.clone());
        // Behind the first slash of the path the machine is said.
        let host = literal.clone().map(|range| &reader.code[range]).and_then(|text| text.split_once("://")).map(|parts| parts.1);
        let said =
            host.is_some_and(|host| host.split(['/', '?', '#']).next().is_some_and(|name| !name.contains("${")) && host.contains('/'));
        let host_by_caller = handed.by_caller && !said;
        self.addresses.push(Address { handed, literal, host_by_caller });
        self.does(Verb::Send);
    }

    fn password(&mut self, reader: &Reader<'_>, arguments: &Range<usize>) {
        let parts = reader.split(arguments);
        if let [_, password] = parts.as_slice()
            && let [one] = &reader.tokens[password.clone()]
            && one.token == Token::Text
            && !one.range.is_empty()
        {
            self.passwords.push(one.range.clone());
        }
    }

    fn guards(&mut self, reader: &Reader<'_>) {
        if reader.input != Input::Request {
            return;
        }
        let has = |names: &[&str]| {
            (0..reader.tokens.len()).any(|at| {
                let word = reader.word(at).to_ascii_lowercase();
                names.iter().any(|name| word.contains(name))
            })
        };
        let reads_header = has(&["getheader", "headers"]);
        self.checks_signature = reads_header && has(&["generatemac", "hmac", "certificateencryption", "signature"]);
        self.checks_secret = reads_header && has(&["getproperty", "getdecryptedpassword", "getdecryptedvalue"]);
    }
}

/// The stronger of two.
trait Stronger: Sized {
    fn max_by(self, other: Self, rank: impl Fn(Verb) -> Option<usize>) -> Self;
}

impl Stronger for Option<Verb> {
    fn max_by(self, other: Self, rank: impl Fn(Verb) -> Option<usize>) -> Self {
        if other.and_then(&rank) > self.and_then(&rank) { other } else { self }
    }
}

struct Reader<'c> {
    code: &'c str,
    tokens: Vec<Found>,
    /// For each opening bracket the number of the closing one.
    closes: Vec<u32>,
    input: Input,
    tainted: HashSet<&'c str>,
    /// How many of the tokens before each hold what a caller decides.
    marks: Vec<u32>,
    /// What it is to write the records that the script works with; none where it works with none.
    writes: Option<Verb>,
}

/// For each opening bracket among the tokens the number of the one that closes it; their count where none does.
fn closes(tokens: &[Found]) -> Vec<u32> {
    let mut closes = vec![tokens.len() as u32; tokens.len()];
    let mut open = Vec::new();
    for (at, found) in tokens.iter().enumerate() {
        match found.token {
            Token::Sign(b'(' | b'[' | b'{') => open.push(at),
            Token::Sign(b')' | b']' | b'}') => {
                if let Some(opened) = open.pop() {
                    closes[opened] = at as u32;
                }
            }
            _ => {}
        }
    }
    closes
}

impl<'c> Reader<'c> {
    fn word(&self, at: usize) -> &'c str {
        self.tokens.get(at).filter(|found| found.token == Token::Word).map_or("", |found| &self.code[found.range.clone()])
    }

    fn sign(&self, at: usize) -> u8 {
        self.tokens.get(at).map_or(0, |found| if let Token::Sign(sign) = found.token { sign } else { 0 })
    }

    /// The tokens between the brackets behind the name at `at`.
    fn arguments(&self, at: usize) -> Option<Range<usize>> {
        let is_call = !self.word(at).is_empty() && self.sign(at + 1) == b'(';
        let declared = at > 0 && self.word(at - 1) == "function";
        (is_call && !declared).then(|| at + 2..(self.closes[at + 1] as usize).max(at + 2))
    }

    /// The arguments, each by its tokens.
    fn split(&self, arguments: &Range<usize>) -> Vec<Range<usize>> {
        let (mut parts, mut start, mut at) = (Vec::new(), arguments.start, arguments.start);
        while at < arguments.end {
            match self.sign(at) {
                b'(' | b'[' | b'{' => at = (self.closes[at] as usize).min(arguments.end),
                b',' => {
                    parts.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if start < arguments.end {
            parts.push(start..arguments.end);
        }
        parts
    }

    fn handed(&self, arguments: &Range<usize>) -> Option<Handed> {
        let tokens = self.tokens.get(arguments.clone())?;
        let (first, last) = (tokens.first()?, tokens.last()?);
        Some(Handed { range: first.range.start..last.range.end, by_caller: self.is_tainted(arguments) })
    }

    /// What it is to write the records that the script works with.
    fn writes(&self) -> Option<Verb> {
        let records = |at: usize| RECORDS.contains(&self.word(at)) || self.word(at) == "current";
        let rights = |at: usize, found: &Found| {
            found.token == Token::Text
                && RIGHTS.contains(&&self.code[found.range.clone()])
                && at > 1
                && RECORDS.contains(&self.word(at - 2))
        };
        if self.tokens.iter().enumerate().any(|(at, found)| rights(at, found)) {
            return Some(Verb::Admin);
        }
        (0..self.tokens.len()).any(records).then_some(Verb::Write)
    }

    /// Follows what callers send from name to name.
    fn taint(&mut self) {
        if self.input == Input::Absent {
            return;
        }
        let (name, function) = self.input.names();
        let called = (0..self.tokens.len()).find(|at| !function.is_empty() && self.word(*at) == function && self.sign(at + 1) == b'(');
        let parameter = called.map(|at| self.word(at + 2));
        self.tainted.extend([Some(name), parameter].into_iter().flatten().filter(|name| !name.is_empty()));
        self.mark();
        for _ in 0..ROUNDS {
            let before = self.tainted.len();
            let mut at = 0;
            while at < self.tokens.len() {
                at = self.assignment(at);
            }
            if self.tainted.len() == before {
                break;
            }
            self.mark();
        }
    }

    /// Counts the tokens that hold what a caller decides.
    fn mark(&mut self) {
        let mut count = 0;
        let mut marks = vec![0];
        marks.extend((0..self.tokens.len()).map(|at| {
            count += u32::from(self.holds_input(at));
            count
        }));
        self.marks = marks;
    }

    /// Taints what is set at `at`, where something is; behind which to go on.
    fn assignment(&mut self, at: usize) -> usize {
        let name = self.word(at);
        let joins = usize::from(self.sign(at + 1) == b'+' && self.sign(at + 2) == b'=');
        let equals = at + 1 + joins;
        let compares = matches!(self.sign(equals + 1), b'=' | b'>') && self.adjacent(equals);
        if name.is_empty() || self.sign(equals) != b'=' || compares {
            return at + 1;
        }
        let value = equals + 1..self.end_of_value(equals + 1);
        let number = ["parseInt", "Number", "Boolean", "parseFloat"].contains(&self.word(value.start));
        if !number && self.is_tainted(&value) {
            self.tainted.insert(name);
        }
        equals + 1
    }

    /// Whether nothing stands between a token and the next.
    fn adjacent(&self, at: usize) -> bool {
        self.tokens.get(at).zip(self.tokens.get(at + 1)).is_some_and(|(one, next)| one.range.end == next.range.start)
    }

    /// Behind the last token of the value that begins at `start`.
    fn end_of_value(&self, start: usize) -> usize {
        let mut at = start;
        let end = self.tokens.len().min(start + LONGEST_VALUE);
        while at < end {
            let goes_on = |sign: u8| matches!(sign, b'+' | b'.' | b'?' | b':' | b'|' | b'&' | b',' | b'(');
            let ends_line = at > start && self.tokens[at].on_new_line && !goes_on(self.sign(at)) && !goes_on(self.sign(at - 1));
            match self.sign(at) {
                b';' | b',' | b')' | b']' | b'}' => return at,
                _ if ends_line => return at,
                // What is in a function is assigned by itself.
                b'{' if self.word(start) == "function" => return at,
                b'(' | b'[' | b'{' => at = self.closes[at] as usize + 1,
                _ => at += 1,
            }
        }
        at.min(self.tokens.len())
    }

    /// Whether a caller decides a part of what is between these tokens.
    fn is_tainted(&self, range: &Range<usize>) -> bool {
        let mark = |at: usize| self.marks.get(at.min(self.tokens.len())).copied().unwrap_or_default();
        mark(range.end) > mark(range.start)
    }

    fn holds_input(&self, at: usize) -> bool {
        let found = &self.tokens[at];
        match found.token {
            Token::Word => {
                let word = self.word(at);
                let member = at > 0 && self.sign(at - 1) == b'.';
                let key = self.sign(at + 1) == b':' && at > 0 && matches!(self.sign(at - 1), b'{' | b',');
                let parameter = self.input.has_parameters() && word == "getParameter" && self.sign(at + 1) == b'(';
                parameter || !member && !key && self.tainted.contains(word)
            }
            Token::Template => self.code[found.range.clone()].split("${").skip(1).any(|part| self.names(part)),
            _ => false,
        }
    }

    /// Whether what is put into a text names something that a caller decides.
    fn names(&self, part: &str) -> bool {
        let part = part.split('}').next().unwrap_or(part);
        let parameter = self.input.has_parameters() && part.contains("getParameter(");
        parameter || part.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|word| self.tainted.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<'c>(code: &'c str, handed: &[Handed]) -> Vec<(&'c str, bool)> {
        handed.iter().map(|handed| (&code[handed.range.clone()], handed.by_caller)).collect()
    }

    #[test]
    fn what_callers_send_is_followed_to_where_it_is_used() {
        let code = "(function process(req, response) {
            var data = req.body.data
            var filter = 'active=true';
            filter += '^name=' + data.name;
            var gr = new GlideRecord('incident'), id = parseInt(data.id);
            gr.addEncodedQuery(filter);
            gr.addEncodedQuery('priority=1');
            gr.addQuery('sys_id', id);
            eval(data.code); // eval(filter)
            gr.deleteMultiple();
        })(request, response);";
        let deeds = Deeds::of(code, Input::Request);
        assert_eq!(said(code, &deeds.filters), [("filter", true), ("'priority=1", false)].map(|(text, by)| (text.trim_matches('\''), by)));
        assert_eq!(said(code, &deeds.evaluated), [("data.code", true)]);
        assert_eq!(said(code, &deeds.lookups), [("sys_id', id", false)]);
        assert_eq!(deeds.tables.iter().map(|table| &code[table.clone()]).collect::<Vec<_>>(), ["incident"]);
        assert_eq!(deeds.verb(), Verb::Execute);
    }

    #[test]
    fn who_is_called_is_told_by_the_beginning_of_the_address() {
        let code = "m.setEndpoint('https://a.contoso.com/x/' + request.queryParams.id); m.setEndpoint(request.body.data.url);
            m.setEndpoint('http://' + request.headers.host); m.setEndpoint(`https://b.contoso.com/${request.body.id}`);
            m.setBasicAuth('svc', 'Winter2026!'); m.setBasicAuth(user, secret);";
        let deeds = Deeds::of(code, Input::Request);
        assert_eq!(deeds.addresses.iter().map(|address| address.host_by_caller).collect::<Vec<_>>(), [false, true, true, false]);
        assert_eq!(deeds.passwords.iter().map(|range| &code[range.clone()]).collect::<Vec<_>>(), ["Winter2026!"]);
        assert_eq!(Deeds::of("eval(this.getParameter('x'))", Input::Parameters).evaluated.iter().filter(|one| one.by_caller).count(), 1);
        assert_eq!(Deeds::of("var g = new GlideRecord('sys_user_has_role'); g.insert();", Input::Absent).verb(), Verb::Admin);
    }

    #[test]
    fn what_callers_decide_has_a_name_by_what_calls() {
        let by_caller = |code: &str, input: Input| Deeds::of(code, input).evaluated.iter().any(|one| one.by_caller);
        for (code, input) in [
            ("eval(input.code)", Input::Widget),
            ("eval($sp.getParameter('code'))", Input::Widget),
            ("eval(producer.code)", Input::Producer),
            ("var text = email.body_text; eval(text)", Input::Mail),
            ("(function execute(given, outputs) { eval(given.code); })(inputs, outputs)", Input::Step),
            ("function transform(asked) { return eval(asked.code); }", Input::Broker),
        ] {
            assert!(by_caller(code, input), "{code}");
            assert!(!by_caller(code, Input::Absent), "{code}");
        }
        assert!(!by_caller("eval(input.code)", Input::Request));
    }

    #[test]
    fn no_code_fails_or_takes_for_ever() {
        for code in ["", "(", "a = ", "a(b", "eval(", ")}]", "x = function(", "new GlideRecord("] {
            Deeds::of(code, Input::Request);
        }
        Deeds::of(&"a=b(".repeat(20_000), Input::Request);
        Deeds::of(&"m.setEndpoint(request.x);".repeat(20_000), Input::Request);
    }
}

//! What code asks of other systems: the addresses that it calls, and the queries that it puts together.
//!
//! Code is not parsed. What a call is given is followed through the variables of the code while they have one plain value each;
//! where that ends, nothing is said.

use super::code::{arguments, is_name_byte, words};
use super::expression::{script_references, skip_string};
use super::node::{Context, NodeParts};
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::vocabulary::{Network, Origin};
use crate::model::{Fact, Kind, Place, StepId};
use crate::tree::Node;
use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;
use std::sync::LazyLock;

/// Most calls of one text that are looked at.
const MAX_CALLS: usize = 32;

/// Longest value of an argument or variable that is looked at.
const MAX_VALUE: usize = 2048;

/// Most variables between a call and what it is given.
const MAX_STEPS: usize = 4;

fn finder(names: &[&str]) -> AhoCorasick {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(names).expect("a fixed list of short names")
}

/// Calls that send a request: to the address that comes first, or that the options name which come first.
static REQUESTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    finder(&[
        "fetch(",
        "axios(",
        "axios.get(",
        "axios.post(",
        "axios.put(",
        "axios.patch(",
        "axios.delete(",
        "axios.request(",
        "this.helpers.httpRequest(",
        "$helpers.httpRequest(",
        "helpers.httpRequest(",
        "this.helpers.request(",
        "helpers.request(",
        "requests.get(",
        "requests.post(",
        "requests.put(",
        "requests.delete(",
        "urllib.request.urlopen(",
    ])
});

/// Adds the addresses that the code in `node` calls.
pub(super) fn requests<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, node: Node<'t>, text: &str) {
    let mut hosts: Vec<String> = Vec::new();
    let mut fed = false;
    for at in arguments(text, &REQUESTS).into_iter().take(MAX_CALLS) {
        let argument = value(text, at);
        match resolve(text, argument.clone(), 0) {
            Some(Found::Address(range)) => {
                let Some(url) = Url::parse(&text[range.clone()]).filter(|url| !url.host.is_empty()) else { continue };
                let host = url.host.to_ascii_lowercase();
                if hosts.contains(&host) {
                    continue;
                }
                let place = Place::part(node, range.clone());
                let network = address::network(&host);
                let mut element = context
                    .element(Kind::Endpoint, parts, step)
                    .with(Fact::EndpointUrl, text[range.clone()].to_owned(), place)
                    .with(
                        Fact::EndpointScheme,
                        url.scheme.to_ascii_lowercase(),
                        Place::part(node, range.start..range.start + url.scheme.len()),
                    )
                    .with(Fact::EndpointNetwork, network, place)
                    .with(Fact::EndpointHostFrom, vec![Origin::Literal], place);
                if network != Network::Unknown && !is_placeholder_host(&host) {
                    element.set(Fact::EndpointHost, host.clone(), place);
                }
                context.model.add(element);
                hosts.push(host);
            }
            Some(Found::Fed(range)) if !fed => {
                let found = script_references(node, text, range, context.steps, true);
                if found.is_empty() {
                    continue;
                }
                fed = true;
                let place = Place::part(node, argument);
                let element = context.element(Kind::Endpoint, parts, step).with(Fact::EndpointNetwork, Network::Unknown, place);
                let id = context.model.add(element);
                context.sink(id, step, Fact::EndpointHostFrom, found, place);
            }
            _ => {}
        }
    }
}

/// What a call is given.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// An address whose host stands there.
    Address(Range<usize>),
    /// Something that a step hands on.
    Fed(Range<usize>),
}

/// Without white space around it.
fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// The value that begins at `at`: up to a comma, a closing bracket or the end of the statement.
fn value(text: &str, at: usize) -> Range<usize> {
    let bytes = &text.as_bytes()[..text.len().min(at + MAX_VALUE)];
    let (mut end, mut depth) = (at, 0usize);
    while end < bytes.len() {
        match bytes[end] {
            b'\'' | b'"' | b'`' => {
                end = skip_string(bytes, end);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => break,
            b')' | b']' | b'}' => depth -= 1,
            b',' | b';' if depth == 0 => break,
            b'\n' if depth == 0 && !text[at..end].trim().is_empty() => {
                let next = bytes[end..].iter().find(|byte| !byte.is_ascii_whitespace());
                if !next.is_some_and(|byte| b".+?:|&".contains(byte)) {
                    break;
                }
            }
            _ => {}
        }
        end += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    trim(text, at..end)
}

/// Follows a value to an address or to what a step hands on.
fn resolve(text: &str, range: Range<usize>, steps: usize) -> Option<Found> {
    let range = trim(text, range);
    let part = &text[range.clone()];
    if steps > MAX_STEPS || part.is_empty() {
        return None;
    }
    let inside = |skip: usize| range.start + skip..range.end;
    if let Some(start) = ["await ", "new URL(", "String(", "encodeURI(", "("].iter().find(|start| part.starts_with(**start)) {
        return resolve(text, inside(start.len()), steps + 1);
    }
    let first = part.as_bytes()[0];
    if matches!(first, b'\'' | b'"' | b'`') {
        return quoted(text, range.clone(), steps);
    }
    if first == b'{' {
        return resolve(text, option(text, range.clone())?, steps + 1);
    }
    // What decides between two values is part of neither.
    if let Some(at) = part.find(" ? ").filter(|at| !part[..*at].contains(['\'', '"', '`', '{'])) {
        return resolve(text, inside(at + 3), steps + 1);
    }
    let name_length = part.bytes().take_while(|byte| is_name_byte(*byte)).count();
    let name = &part[..name_length];
    if name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    let given = definition(text, name, range.start);
    if name.starts_with('$') || given.is_none() && matches!(name, "items" | "item") {
        return Some(Found::Fed(range.start..value(text, range.start).end.min(range.end)));
    }
    let found = resolve(text, given?, steps + 1)?;
    let is_member = part[name_length..].trim_start_matches('?').starts_with(['.', '[']);
    // A member of a text is no address.
    (!is_member || matches!(found, Found::Fed(_))).then_some(found)
}

/// The address in a text literal, when its host stands there as a whole, or what its beginning is fed by.
fn quoted(text: &str, range: Range<usize>, steps: usize) -> Option<Found> {
    // A value that was cut off for its length has no end.
    let end = skip_string(&text.as_bytes()[..range.end], range.start);
    let content = range.start + 1..end.saturating_sub(1).max(range.start + 1);
    let address = text.get(content.clone())?;
    if let Some(script) = address.strip_prefix("${") {
        let length = script.find('}')?;
        return resolve(text, content.start + 2..content.start + 2 + length, steps + 1);
    }
    let authority = address.split_once("://")?.1;
    let host = authority.find(['/', '?', '#']).map_or(authority, |end| &authority[..end]);
    // What follows may belong to the host.
    let open = host.len() == authority.len() && text[end..range.end].trim_start().starts_with(['+', '%']);
    (!open && !host.contains(['$', '{'])).then_some(Found::Address(content))
}

/// The address among options: `{ method: 'POST', url: address }`.
fn option(text: &str, object: Range<usize>) -> Option<Range<usize>> {
    let part = &text[object.clone()];
    let found = ["url", "uri"].into_iter().flat_map(|name| words(part, name).map(move |at| (name, at)));
    for (name, at) in found {
        let behind = object.start + at + name.len();
        let rest = text[behind..object.end].trim_start_matches(['\'', '"']).trim_start();
        if rest.starts_with(':') {
            return Some(value(text, object.end - rest.len() + 1));
        }
        if rest.starts_with([',', '}']) {
            return Some(behind - name.len()..behind);
        }
    }
    None
}

/// The value of a variable: the last that it was given before `before`, else the first at all.
fn definition(text: &str, name: &str, before: usize) -> Option<Range<usize>> {
    let given = words(text, name).filter(|at| *at == 0 || text.as_bytes()[at - 1] != b'.').filter_map(|at| {
        let behind = at + name.len();
        let rest = text[behind..].trim_start();
        let start = text.len() - rest.len();
        if let Some(list) = rest.strip_prefix("of ") {
            return Some((at, text.len() - list.len()));
        }
        let start = if is_given(rest) { start } else { behind + destructured(&text[behind..])? };
        Some((at, start + 1))
    });
    let mut last = None;
    for (at, start) in given {
        if at < before || last.is_none() {
            last = Some(start);
        }
    }
    last.map(|start| value(text, start)).filter(|found| !found.contains(&before))
}

/// Whether what stands here gives a value, and neither compares nor begins a function.
fn is_given(rest: &str) -> bool {
    rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")
}

/// Behind a name in `const { url, method = 'GET' } = $json`: where the value is given.
fn destructured(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(512).position(|byte| !(is_name_byte(byte) || b" ,:=\n\t'\"[].".contains(&byte)))?;
    let behind = rest[end..].strip_prefix('}')?.trim_start();
    is_given(behind).then_some(rest.len() - behind.len())
}

/// Modules that talk to databases.
static DRIVERS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    finder(&[
        "'pg'",
        "\"pg\"",
        "'mysql",
        "\"mysql",
        "sqlite3",
        "'mssql'",
        "\"mssql\"",
        "'oracledb'",
        "'knex'",
        "psycopg",
        "pymysql",
        "pyodbc",
    ])
});

/// Calls that run a query.
static QUERIES: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&[".query(", ".prepare(", ".execute(", ".exec(", ".raw("]));

/// Whether the code runs a query that it puts together from values.
pub(super) fn makes_up_query(code: &str) -> bool {
    // Most code asks for no module at all.
    let asks = |word: &str| memchr::memmem::find(code.as_bytes(), word.as_bytes()).is_some();
    if !(asks("require(") || asks("import ")) || !DRIVERS.is_match(code) {
        return false;
    }
    let calls = QUERIES.find_iter(code).map(|hit| hit.end()).take(MAX_CALLS);
    calls.map(|at| value(code, at)).any(|argument| {
        let name = code[argument.clone()].trim();
        let is_name = !name.is_empty() && name.bytes().all(is_name_byte);
        let given = if is_name { definition(code, name, argument.start) } else { None };
        is_made_up(&code[given.unwrap_or(argument)])
    })
}

/// Whether a text literal has values in it, or is joined with some. Lists of placeholders are none.
fn is_made_up(query: &str) -> bool {
    let query = query.trim();
    let literal = query.strip_prefix(['f', 'F']).filter(|rest| rest.starts_with(['\'', '"'])).unwrap_or(query);
    let Some(quote) = literal.bytes().next().filter(|byte| matches!(byte, b'\'' | b'"' | b'`')) else { return false };
    let end = skip_string(literal.as_bytes(), 0);
    let (text, behind) = (&literal[..end], literal[end..].trim_start());
    let is_value = |script: &str| !script.contains('?') && !script.to_ascii_lowercase().contains("placeholder");
    let scripts = |mark: &str| text.split(mark).skip(1).any(|rest| is_value(rest.split('}').next().unwrap_or(rest)));
    quote == b'`' && scripts("${")
        || literal.len() < query.len() && scripts("{")
        || behind.starts_with(['+', '%']) && is_value(behind)
        || behind.starts_with(".format(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(code: &str) -> Option<String> {
        let at = *arguments(code, &REQUESTS).first()?;
        Some(match resolve(code, value(code, at), 0)? {
            Found::Address(range) => format!("address {}", &code[range]),
            Found::Fed(range) => format!("fed {}", &code[range]),
        })
    }

    #[test]
    fn addresses_are_followed_through_variables() {
        for (code, expected) in [
            ("await fetch('https://api.contoso.com/v1')", "address https://api.contoso.com/v1"),
            ("await fetch(`https://api.contoso.com/${id}`)", "address https://api.contoso.com/${id}"),
            ("const base = 'https://api.contoso.com';\nfetch(base + '/v1')", "address https://api.contoso.com"),
            ("this.helpers.httpRequest({ method: 'GET', url: 'http://a.contoso.com/x' })", "address http://a.contoso.com/x"),
            ("const url = $json.body.url;\nawait this.helpers.httpRequest({ method: 'GET', url });", "fed $json.body.url"),
            ("const body = $input.first().json.body;\nfetch(body.url || '')", "fed $input.first().json.body"),
            ("const { url, method = 'GET' } = $('Hook').first().json;\naxios.get(url)", "fed $('Hook').first().json"),
            ("for (const item of $('Hook').all()) { await fetch(item.json.url); }", "fed $('Hook').all()"),
            ("await fetch(item.url)", "fed item.url"),
            ("for (const one of $input.all()) { const u = one.json.url; await fetch(u); }", "fed $input.all()"),
            ("const options = {\n  uri: $json.link,\n};\nawait this.helpers.request(options)", "fed $json.link"),
            ("fetch(`${$json.base}/x`)", "fed $json.base"),
            ("fetch(test ? 'https://a.contoso.com/' : 'https://b.contoso.com/')", "address https://a.contoso.com/"),
        ] {
            assert_eq!(calls(code).as_deref(), Some(expected), "{code}");
        }
        for code in [
            "fetch(url)",
            "// fetch('https://api.contoso.com')",
            "prefetch($json.url)",
            "const a = a; fetch(a)",
            "const a = b; const b = a; fetch(a)",
            "fetch('https://' + $json.host)",
            "fetch(process.env.URL)",
            "items.map(url => fetch(url))",
            "fetch(",
            "fetch(\u{e4}",
            &format!("fetch('https://api.contoso.com/{}')", "x".repeat(MAX_VALUE)),
        ] {
            assert_eq!(calls(code), None, "{code}");
        }
    }

    #[test]
    fn queries_with_values_are_told_from_those_with_parameters() {
        let module = "const { Pool } = require('pg');\n";
        for query in [
            "pool.query(`SELECT * FROM users WHERE id = '${id}'`)",
            "pool.query('SELECT * FROM users WHERE id = ' + id)",
            "const sql = `DELETE FROM t WHERE a = ${a}`;\npool.query(sql)",
            "cursor.execute(f\"SELECT * FROM t WHERE a = '{a}'\")",
        ] {
            assert!(makes_up_query(&format!("{module}{query}")), "{query}");
            assert!(!makes_up_query(query), "{query}");
        }
        for query in [
            "pool.query('SELECT * FROM users WHERE id = $1', [id])",
            "pool.query(`SELECT * FROM t WHERE a IN (${ids.map(() => '?').join(',')})`, ids)",
            "pool.query(`SELECT * FROM t WHERE a IN (${placeholders})`, ids)",
            "pool.query(sql)",
        ] {
            assert!(!makes_up_query(&format!("{module}{query}")), "{query}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_code_can_make_it_panic(code in "(fetch\\(|axios\\(|\\.query\\(|'pg'|url|[a$={}()'\"`:;,.? \n\u{e4}+]){0,40}") {
            for at in arguments(&code, &REQUESTS) {
                resolve(&code, value(&code, at), 0);
            }
            makes_up_query(&code);
        }
    }
}

//! n8n expressions: which steps, variables and model outputs feed a parameter.
//!
//! A parameter is an expression when it starts with `=`; inside, `{{ }}` holds JavaScript and the rest is text. Queries of the newer
//! database nodes are the exception: the node itself evaluates `{{ }}`, with or without `=`. The JavaScript is not parsed as a
//! whole: accessor chains that start with one of n8n's names are all that says where data comes from.

use crate::model::vocabulary::Origin;
use crate::model::{Place, Reference, Source, StepId};
use crate::tree::{Node, ValueKind};
use foldhash::quality::RandomState;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// The steps of a workflow by name.
pub(super) type Steps<'a> = HashMap<Cow<'a, str>, StepId, RandomState>;

/// A piece of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text that stands there, as bytes of the parameter's text.
    Text(Range<usize>),
    /// The JavaScript of one `{{ }}`.
    Script(Range<usize>),
}

/// Whether n8n evaluates `text` as an expression.
pub(super) fn is_expression(text: &str) -> bool {
    text.starts_with('=')
}

/// Cuts a parameter into text and scripts. With `always`, `{{ }}` counts without a leading `=` too.
pub(super) fn pieces(text: &str, always: bool) -> Vec<Piece> {
    let mut at = usize::from(is_expression(text));
    let mut pieces = Vec::new();
    if at == 0 && !always {
        pieces.push(Piece::Text(0..text.len()));
        return pieces;
    }
    while let Some(open) = opening(&text.as_bytes()[at..]).map(|open| at + open) {
        if open > at {
            pieces.push(Piece::Text(at..open));
        }
        // An expression may hold object literals, so `}}` ends it only where its own braces are closed; if they never are, the
        // first `}}` does.
        let body = open + 2;
        let end = script_end(&text[body..]).or_else(|| text[body..].find("}}")).map_or(text.len(), |end| body + end);
        pieces.push(Piece::Script(body..end));
        at = (end + 2).min(text.len());
    }
    if at < text.len() {
        pieces.push(Piece::Text(at..text.len()));
    }
    pieces
}

/// Where `{{` stands.
fn opening(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'{', bytes).find(|at| bytes.get(at + 1) == Some(&b'{'))
}

fn script_end(script: &str) -> Option<usize> {
    let bytes = script.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' | b'`' => at = skip_string(bytes, at),
            b'/' => at = skip_pattern(bytes, at),
            b'{' => {
                depth += 1;
                at += 1;
            }
            b'}' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The offset behind the string literal that starts at `at`; behind its quote only, where it never ends.
pub(super) fn skip_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 2,
            b'\n' if quote != b'`' => return at + 1,
            byte if byte == quote => return end + 1,
            _ => end += 1,
        }
    }
    at + 1
}

/// Longest regular expression that is told from a division; without a limit, many that never end would cost their square.
const MAX_PATTERN: usize = 1024;

/// The offset behind the regular expression that starts at `at`; behind its slash only, where it is a division or never ends. The
/// quotes in one begin no string: `replace(/'/g, "''")`.
fn skip_pattern(bytes: &[u8], at: usize) -> usize {
    let before = bytes[..at].iter().rposition(|byte| !byte.is_ascii_whitespace());
    let begins = before.is_none_or(|before| b"(,=:[!&|?{;".contains(&bytes[before]) || bytes[..=before].ends_with(b"=>"));
    if !begins || matches!(bytes.get(at + 1), Some(b'/' | b'*')) {
        return at + 1;
    }
    let (mut end, mut in_class) = (at + 1, false);
    while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'\n' && end - at < MAX_PATTERN) {
        match byte {
            b'\\' => end += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return end + 1,
            _ => {}
        }
        end += 1;
    }
    at + 1
}

/// What feeds the parameter `node`. With `always`, `{{ }}` counts without a leading `=` too.
pub(super) fn references<'a>(node: Node<'a>, steps: &Steps<'a>, always: bool) -> Vec<Reference<'a>> {
    // Most texts are none, which their source tells.
    if !always && node.kind() == ValueKind::String && !matches!(node.raw().as_bytes().get(1), Some(b'=' | b'\\')) {
        return Vec::new();
    }
    let Some(text) = node.as_str() else { return Vec::new() };
    if memchr::memchr(b'$', text.as_bytes()).is_none() || !always && !is_expression(&text) {
        return Vec::new();
    }
    let scripts = pieces(&text, always).into_iter().filter_map(|piece| match piece {
        Piece::Script(range) => Some(range),
        Piece::Text(_) => None,
    });
    scripts.flat_map(|range| script_references(node, &text, range, steps, false)).collect()
}

/// Whether the script gives one value with all single quotes in it doubled, as in `$json.name.replace(/'/g, "''")`.
pub(super) fn doubles_quotes(script: &str) -> bool {
    // As they are written without white space.
    const WAYS: [&str; 6] = [
        r#".replace(/'/g,"''")"#,
        r".replace(/'/g,`''`)",
        r".replace(/'/g,'\'\'')",
        r#".replaceAll("'","''")"#,
        r".replaceAll('\'','\'\'')",
        r#".split("'").join("''")"#,
    ];
    // What changes the length may cut two quotes apart.
    const BEHIND: [&str; 5] = ["", ".trim()", ".toLowerCase()", ".toUpperCase()", ".toString()"];
    let script: String = script.chars().filter(|c| !c.is_whitespace()).collect();
    let way = WAYS.iter().find_map(|way| script.rsplit_once(way));
    way.is_some_and(|(value, behind)| BEHIND.contains(&behind) && is_one_value(value.trim_end_matches('?')))
}

/// Whether a script without white space is a name with what is taken of it, or one value in brackets: nothing beside it.
fn is_one_value(script: &str) -> bool {
    let bytes = script.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' | b'`' => {
                at = skip_string(bytes, at);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'?' if bytes.get(at + 1) == Some(&b'.') => {}
            byte if depth == 0 && !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.')) => return false,
            _ => {}
        }
        at += 1;
    }
    !script.is_empty()
}

/// What feeds the JavaScript in `range` of the text of `node`. With `code`, names of code nodes (`items`, `item`) count too.
pub(super) fn script_references<'a>(node: Node<'a>, text: &str, range: Range<usize>, steps: &Steps<'a>, code: bool) -> Vec<Reference<'a>> {
    let bytes = &text.as_bytes()[..range.end];
    let mut found = Vec::new();
    let mut at = range.start;
    // In a template literal quotes are text: `'${$json.name}'` reads the name.
    let mut template = false;
    let mut names = Vec::new();
    let mut known = Known::default();
    while at < bytes.len() {
        match bytes[at] {
            b'`' => {
                template = !template;
                at += 1;
            }
            b'\'' | b'"' if !template => at = skip_string(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => {
                at = memchr::memmem::find(&bytes[at..], b"*/").map_or(bytes.len(), |end| at + end + 2);
            }
            b'/' if code && bytes[at..].starts_with(b"//") => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end),
            b'/' if !template => at = skip_pattern(bytes, at),
            b'$' | b'i' if starts_name(bytes, at) => {
                let name_end = name_end(bytes, at + 1);
                let name = &text[at..name_end];
                if bytes[at] == b'i' && !(code && matches!(name, "items" | "item")) {
                    at = name_end;
                    continue;
                }
                let chain = Chain::read(text, name_end, bytes.len(), names);
                // In a template literal, `${` begins a script and names nothing.
                let is_name = bytes[at] == b'$' && (name.len() > 1 || bytes.get(name_end) == Some(&b'('));
                let end = chain.end.max(name_end);
                if (is_name || bytes[at] == b'i') && !(code && known.holds(&text[at..end])) {
                    let safe = is_number(&text[range.start..at], &chain);
                    if let Some(from) = source(name, &chain, steps).filter(|_| !safe) {
                        // In code nobody looks at the place of a single name, and finding it means decoding all that stands before.
                        let place = if code { Place::of(node) } else { Place::part(node, at..end) };
                        found.push(Reference { from, place });
                        known.add(&text[at..end]);
                    }
                }
                // Arguments of a call may hold references of their own: go on right behind the name.
                at = if chain.argument.is_some() { end } else { name_end };
                names = chain.names;
            }
            _ => at += 1,
        }
        let rest = bytes.get(at..).unwrap_or_default();
        at += rest.iter().position(|byte| MATTERS[usize::from(*byte)]).unwrap_or(rest.len());
    }
    found
}

/// The accessor chains that a script has read from lately: code reads the same fields again and again, and says nothing new with it.
#[derive(Default)]
struct Known<'t> {
    chains: [&'t str; 4],
    next: usize,
}

impl<'t> Known<'t> {
    fn holds(&self, chain: &str) -> bool {
        self.chains.contains(&chain)
    }

    fn add(&mut self, chain: &'t str) {
        self.chains[self.next] = chain;
        self.next = (self.next + 1) % self.chains.len();
    }
}

/// The bytes in scripts that begin something: a string, a comment, a name of n8n's.
const MATTERS: [bool; 256] = {
    let mut matters = [false; 256];
    let mut at = 0;
    while at < BEGINNINGS.len() {
        matters[BEGINNINGS[at] as usize] = true;
        at += 1;
    }
    matters
};
const BEGINNINGS: &[u8] = b"`'\"/$i";

fn starts_name(bytes: &[u8], at: usize) -> bool {
    at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'_' | b'$' | b'.'))
}

fn name_end(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

/// Whether what is read can only be a number: nothing can be injected with it.
fn is_number(before: &str, chain: &Chain<'_>) -> bool {
    let before = before.trim_end();
    let wrapped = ["Number(", "parseInt(", "parseFloat(", "Math.floor(", "Math.round(", "Boolean("];
    before.ends_with('(') && wrapped.iter().any(|call| before.ends_with(call))
        || chain.names.last().is_some_and(|last| matches!(*last, "toNumber" | "toInt" | "length" | "isEmpty" | "isNotEmpty"))
}

/// An accessor chain: `.first().json["a b"].c`.
struct Chain<'t> {
    /// Names in the chain: members and string keys.
    names: Vec<&'t str>,
    /// The string in the first call or index, before any name: the step of `$('Step')` and `$node["Step"]`.
    argument: Option<&'t str>,
    end: usize,
}

impl<'t> Chain<'t> {
    /// Reads the chain at `start`. What `names` holds is dropped; its room is used again, because scripts have many chains.
    fn read(text: &'t str, start: usize, limit: usize, mut names: Vec<&'t str>) -> Self {
        let bytes = &text.as_bytes()[..limit];
        names.clear();
        let mut chain = Chain { names, argument: None, end: start };
        loop {
            let mut at = chain.end;
            while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
            if bytes[at.min(limit)..].starts_with(b"?.") {
                at += 1 + usize::from(matches!(bytes.get(at + 2), Some(b'[' | b'(')));
            }
            match bytes.get(at) {
                Some(b'.') => {
                    let end = name_end(bytes, at + 1);
                    if end == at + 1 {
                        return chain;
                    }
                    chain.names.push(&text[at + 1..end]);
                    chain.end = end;
                }
                Some(open @ (b'[' | b'(')) => {
                    let close = if *open == b'[' { b']' } else { b')' };
                    let Some(end) = matching(bytes, at, *open, close) else { return chain };
                    let inside = text[at + 1..end].trim();
                    if let Some(key) = string_literal(inside) {
                        if chain.names.is_empty() && chain.argument.is_none() {
                            chain.argument = Some(key);
                        } else if *open == b'[' {
                            chain.names.push(key);
                        }
                    }
                    chain.end = end + 1;
                }
                _ => return chain,
            }
        }
    }

    /// The field that is read behind `json`, or behind `skip` names; `None` for the whole item.
    fn field_behind(&self, anchor: &[&str]) -> Option<&'t str> {
        let at = self.names.iter().position(|name| anchor.contains(name))?;
        self.names.get(at + 1).copied()
    }
}

/// Longest content of brackets in a chain that is looked over; without a limit, many that never close would cost their square.
const MAX_BRACKETS: usize = 4096;

/// The offset of the bracket that closes the one at `at`.
fn matching(bytes: &[u8], at: usize, open: u8, close: u8) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(at + MAX_BRACKETS)];
    let (mut depth, mut i) = (0usize, at);
    while i < bytes.len() {
        match bytes[i] {
            b'\'' | b'"' | b'`' => {
                i = skip_string(bytes, i);
                continue;
            }
            b'/' => {
                i = skip_pattern(bytes, i);
                continue;
            }
            byte if byte == open => depth += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
        i += 1;
    }
    None
}

/// The content of `text` where it is (or starts with) one string literal.
fn string_literal(text: &str) -> Option<&str> {
    let quote = text.bytes().next().filter(|quote| matches!(quote, b'\'' | b'"' | b'`'))?;
    let end = skip_string(text.as_bytes(), 0);
    (end > 1 && text.as_bytes()[end - 1] == quote).then(|| &text[1..end - 1])
}

/// What can be read of a step beside its data.
const NO_DATA: [&str; 4] = ["params", "parameter", "isExecuted", "context"];

/// Where a chain that starts with `name` leads; `None` for names that are no data: the clock, the run, the workflow.
fn source<'a>(name: &str, chain: &Chain<'_>, steps: &Steps<'a>) -> Option<Source<'a>> {
    let field = |name: Option<&str>| name.map(|name| Cow::Owned(name.split('.').next().unwrap_or(name).to_owned()));
    // Of another step one can also read how it is set up, which is no data. Behind `json` the same words are fields.
    let about_step = chain.names.iter().take_while(|name| !matches!(**name, "json" | "data")).any(|name| NO_DATA.contains(name));
    if about_step && !matches!(name, "$json" | "$data") {
        return None;
    }
    match name {
        // `$json["a"]` has its field where `$node["a"]` has its step.
        "$json" | "$data" => Some(Source::Incoming(field(chain.argument.or_else(|| chain.names.first().copied())))),
        "$binary" => Some(Source::Incoming(None)),
        "$input" | "item" | "items" | "$item" if !chain.names.contains(&"$node") => {
            Some(Source::Incoming(field(chain.field_behind(&["json", "data"]))))
        }
        "$" | "$node" | "$items" | "$item" => {
            let step = match name {
                "$node" => chain.argument.or_else(|| chain.names.first().copied()),
                "$item" => chain.names.iter().position(|name| *name == "$node").and_then(|at| chain.names.get(at + 1).copied()),
                _ => chain.argument,
            };
            let field = field(chain.field_behind(&["json", "data"]));
            match step.and_then(|step| steps.get(step)) {
                Some(step) => Some(Source::Step(*step, field)),
                None if step.is_none() && name == "$items" => Some(Source::Incoming(field)),
                None => Some(Source::Origin(Origin::Unknown)),
            }
        }
        "$env" | "$vars" | "$secrets" | "$credentials" => Some(Source::Origin(Origin::Env)),
        "$fromAI" | "$fromai" => Some(Source::Origin(Origin::Model)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::json;

    fn sources(parameter: &str, always: bool) -> Vec<Source<'static>> {
        let text = serde_json::to_string(parameter).expect("a string");
        let tree = json::parse(&text).expect("JSON");
        let steps: Steps<'_> = [("Web hook".into(), StepId(0)), ("Config".into(), StepId(1))].into_iter().collect();
        let owned = |field: Option<Cow<'_, str>>| field.map(|field| Cow::Owned(field.into_owned()));
        let found = references(tree.root(), &steps, always);
        found
            .into_iter()
            .map(|reference| match reference.from {
                Source::Incoming(field) => Source::Incoming(owned(field)),
                Source::Step(step, field) => Source::Step(step, owned(field)),
                Source::Origin(origin) => Source::Origin(origin),
            })
            .collect()
    }

    #[allow(clippy::unnecessary_wraps, reason = "it is the field of a source, which may be none")]
    fn field(name: &'static str) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(name))
    }

    #[test]
    fn every_way_to_name_data_is_followed() {
        let cases = [
            ("={{ $json.body.url }}", Source::Incoming(field("body"))),
            ("={{ $json.params.service }}", Source::Incoming(field("params"))),
            ("={{$json[\"e mail\"]}}", Source::Incoming(field("e mail"))),
            ("={{ $json['body.files'] }}", Source::Incoming(field("body"))),
            ("={{ $json }}", Source::Incoming(None)),
            ("={{ $input.first().json.a }}", Source::Incoming(field("a"))),
            ("={{ $('Web hook').item.json.query.id }}", Source::Step(StepId(0), field("query"))),
            ("={{ $(\"Config\").first().json['BASE'] }}", Source::Step(StepId(1), field("BASE"))),
            ("=x {{$node[\"Web hook\"].data[\"query\"][\"q\"]}} y", Source::Step(StepId(0), field("query"))),
            ("={{ $node.Config.json.a }}", Source::Step(StepId(1), field("a"))),
            ("={{ $items(\"Config\")[0].json.a }}", Source::Step(StepId(1), field("a"))),
            ("={{ $('Gone').item.json.a }}", Source::Origin(Origin::Unknown)),
            ("={{ /*auto*/ $fromAI('to', `$json.x`, 'string') }}", Source::Origin(Origin::Model)),
            ("={{ $env.HOST }}", Source::Origin(Origin::Env)),
            ("={{ JSON.parse($json.a ?? '}}').b }}", Source::Incoming(field("a"))),
            ("={{ `https://x/${$json.id}` }}", Source::Incoming(field("id"))),
            ("={{ 'x'.replace(/'/g, \"\") + $json.id }}", Source::Incoming(field("id"))),
            ("={{ 'x'.match(/[/'\"]\\/`/)[0] + $json.id }}", Source::Incoming(field("id"))),
            ("={{ 6 / 2 + ' / ' + $json.id }}", Source::Incoming(field("id"))),
        ];
        for (parameter, expected) in cases {
            assert_eq!(sources(parameter, false), [expected], "{parameter}");
        }
    }

    #[test]
    fn what_is_no_foreign_data_is_not_followed() {
        for parameter in [
            "{{ $json.a }}",
            "={{ $now.toISO() }}",
            "={{ $execution.id }}",
            "={{ '$json.a' }}",
            "={{ parseInt($json.id) }}",
            "={{ $json.items.length }}",
            "=costs $5",
            "={{ $('Config').params.url }}",
        ] {
            assert_eq!(sources(parameter, false), [], "{parameter}");
        }
        assert_eq!(sources("select {{ $json.a }}", true), [Source::Incoming(field("a"))]);
    }

    #[test]
    fn brackets_that_never_close_end_a_chain() {
        let count = 20_000;
        for open in ["$json[", "$json.a(", "$json.a[("] {
            assert_eq!(sources(&format!("={{{{ {} }}}}", open.repeat(count)), true).len(), count, "{open}");
        }
    }

    #[test]
    fn pieces_cover_the_parameter() {
        let text = "=https://{{ $json.a }}/x?{{ {a: {b: 1}} }}";
        let parts: Vec<&str> = pieces(text, false)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(range) | Piece::Script(range) => &text[range],
            })
            .collect();
        assert_eq!(parts, ["https://", " $json.a ", "/x?", " {a: {b: 1}} "]);
        let quoted = pieces("='{{ $json.a.replace(/'/g, \"''\") }}', '{{ $json.b }}'", false);
        assert_eq!(quoted.iter().filter(|piece| matches!(piece, Piece::Script(_))).count(), 2);
    }

    #[test]
    fn a_value_whose_quotes_are_doubled_is_told_from_one_with_something_beside_it() {
        for script in [
            " $json.a.replace(/'/g, \"''\") ",
            "($json.a || '').replaceAll(\"'\", \"''\").trim()",
            "$('Hook').first().json['b c']?.split(\"'\").join(\"''\")",
        ] {
            assert!(doubles_quotes(script), "{script}");
        }
        for script in [
            "$json.a.replace(/'/g, \"'\")",
            "$json.a.replace(/'/, \"''\")",
            "$json.b + $json.a.replace(/'/g, \"''\")",
            "$json.b || $json.a.replace(/'/g, \"''\")",
            "$json.a.replace(/'/g, \"''\").slice(0, 9)",
            "$json.a.replace(/'/g, \"''\") + $json.b",
        ] {
            assert!(!doubles_quotes(script), "{script}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_expression_can_make_it_panic(text in "[=$({\\[\"'`.?/}\\])a-z \u{e4}\n\\\\]{0,60}") {
            sources(&text, true);
            pieces(&text, true);
            doubles_quotes(&text);
        }
    }
}

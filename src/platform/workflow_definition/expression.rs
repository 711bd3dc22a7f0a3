//! The expressions of the workflow definition language: which data a value is made of.
//!
//! A text that starts with `@` is one expression; in any other text each `@{...}` is one. `@@` stands for the sign itself. Calls of
//! the functions that read data are all that says where a value comes from, so nothing else is parsed: no precedence, no types.
//! Functions and their meaning: <https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference>.

use std::borrow::Cow;
use std::ops::Range;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platform) enum Piece {
    /// What stands there, as bytes of the text.
    Text(Range<usize>),
    /// An expression, without `@` and braces.
    Expression(Range<usize>),
}

/// Whether the whole text is one expression.
pub(in crate::platform) fn is_expression(text: &str) -> bool {
    text.starts_with('@') && !text.starts_with("@@") && !text.starts_with("@{")
}

/// Whether anything in the text is evaluated.
pub(in crate::platform) fn is_dynamic(text: &str) -> bool {
    is_expression(text) || text.contains("@{") && pieces(text).iter().any(|piece| matches!(piece, Piece::Expression(_)))
}

/// Cuts a text into what stands there and what is evaluated.
pub(in crate::platform) fn pieces(text: &str) -> Vec<Piece> {
    if is_expression(text) {
        return vec![Piece::Expression(1..text.len())];
    }
    let bytes = text.as_bytes();
    // Of the escaped sign at the start only the second character is the text.
    let start = usize::from(text.starts_with("@@"));
    let (mut at, mut from, mut found) = (start, start, Vec::new());
    while let Some(open) = memchr::memmem::find(&bytes[at..], b"@{").map(|open| at + open) {
        if open > 0 && bytes[open - 1] == b'@' {
            at = open + 2;
            continue;
        }
        let Some(end) = closing_brace(bytes, open + 2) else { break };
        if open > from {
            found.push(Piece::Text(from..open));
        }
        found.push(Piece::Expression(open + 2..end));
        (at, from) = (end + 1, end + 1);
    }
    if from < text.len() {
        found.push(Piece::Text(from..text.len()));
    }
    found
}

/// The brace that ends the expression at `from`. Those in strings do not count.
fn closing_brace(bytes: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = string_end(bytes, at)?,
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The quote that ends the string that starts at `at`; two quotes are one within.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let end = from + memchr::memchr(b'\'', &bytes[from..])?;
        if bytes.get(end + 1) != Some(&b'\'') {
            return Some(end);
        }
        from = end + 2;
    }
}

/// What a function that reads data reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platform) enum Function {
    /// What started the run.
    Trigger,
    /// What a step handed on.
    Step,
    /// How the steps in a scope ended, and with what.
    Result,
    /// A variable.
    Variable,
    /// A parameter of the definition.
    Parameter,
    /// The element that a loop is at.
    Item,
    /// A setting of the application that runs the flow.
    Setting,
    /// What a language model filled in.
    Agent,
}

/// A call of a function that reads data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::platform) struct Call<'t> {
    /// What it reads.
    pub(in crate::platform) function: Function,
    /// The name in its brackets, when it stands there.
    pub(in crate::platform) name: Option<Cow<'t, str>>,
    /// The members that are taken of the result, as far as they stand there.
    pub(in crate::platform) path: Vec<&'t str>,
    /// Where it stands, as bytes of the text.
    pub(in crate::platform) range: Range<usize>,
    /// Whether what it reads can only choose between values, count or compute: nothing of it gets into the result.
    pub(in crate::platform) is_safe: bool,
}

/// Functions of which the result has nothing of the text that they are given.
fn is_safe(function: &str) -> bool {
    #[rustfmt::skip]
    const SAFE: [&str; 40] = [
        "add", "addDays", "addHours", "addMinutes", "addSeconds", "addToTime", "and", "bool", "contains", "dateDifference", "dayOfMonth",
        "dayOfWeek", "dayOfYear", "div", "empty", "endsWith", "equals", "float", "formatDateTime", "formatNumber", "getFutureTime",
        "getPastTime", "greater", "greaterOrEquals", "indexOf", "int", "isFloat", "isInt", "lastIndexOf", "length", "less", "lessOrEquals",
        "mod", "mul", "not", "or", "range", "startsWith", "sub", "ticks",
    ];
    SAFE.iter().any(|safe| safe.eq_ignore_ascii_case(function))
}

fn function(name: &str) -> Option<Function> {
    // Expressions call many functions, of which few read data: no text is made to look one up.
    let mut lower = [0; 32];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    Some(match std::str::from_utf8(lower).ok()? {
        "trigger" | "triggerbody" | "triggeroutputs" | "triggerformdatavalue" | "triggerformdatamultivalues" | "triggermultipartbody" => {
            Function::Trigger
        }
        "outputs" | "body" | "actions" | "actionoutputs" | "actionbody" | "formdatavalue" | "formdatamultivalues" | "multipartbody" => {
            Function::Step
        }
        "result" => Function::Result,
        "variables" => Function::Variable,
        "parameters" => Function::Parameter,
        "item" | "items" => Function::Item,
        "appsetting" => Function::Setting,
        "agentparameters" | "toolparameters" => Function::Agent,
        _ => return None,
    })
}

/// Most brackets within each other that are told apart; what is deeper counts as data.
const MAX_DEPTH: usize = 64;

/// A call around the place that is being read.
struct Frame<'t> {
    name: &'t str,
    argument: usize,
}

/// The calls in the expression at `range` of `text`, in the order of the text.
pub(in crate::platform) fn calls(text: &str, range: Range<usize>) -> Vec<Call<'_>> {
    let bytes = &text.as_bytes()[..range.end];
    let (mut at, mut found) = (range.start, Vec::new());
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = string_end(bytes, at).unwrap_or(bytes.len()),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let end = name_end(bytes, at);
                let name = &text[at..end];
                let open = skip_space(bytes, end);
                // Behind a full stop it is a member, not a function.
                let is_member = at > 0 && matches!(bytes[at - 1], b'.');
                if bytes.get(open) == Some(&b'(') && !is_member {
                    if let Some(function) = function(name) {
                        let is_safe = depth > MAX_DEPTH || !frames.iter().any(chooses);
                        let call = read_call(text, bytes, function, at, open, !is_safe);
                        // Arguments that are computed hold calls of their own: go on within the brackets.
                        at = if call.name.is_some() { call.range.end } else { open + 1 };
                        depth += usize::from(call.name.is_none());
                        if call.name.is_none() && frames.len() < MAX_DEPTH {
                            frames.push(Frame { name, argument: 0 });
                        }
                        found.push(call);
                        continue;
                    }
                    depth += 1;
                    if frames.len() < MAX_DEPTH {
                        frames.push(Frame { name, argument: 0 });
                    }
                    at = open + 1;
                    continue;
                }
                at = end;
                continue;
            }
            b')' => {
                if depth <= frames.len() {
                    frames.pop();
                }
                depth = depth.saturating_sub(1);
            }
            b',' if depth <= frames.len() => {
                if let Some(frame) = frames.last_mut() {
                    frame.argument += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether what stands at the place in the call gets into its result: a condition does not.
fn chooses(frame: &Frame<'_>) -> bool {
    is_safe(frame.name) || frame.argument == 0 && frame.name.eq_ignore_ascii_case("if")
}

fn name_end(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Longest name of a member in a second argument; without a limit, many that never end would cost their square.
const MAX_NAME: usize = 512;

fn read_call<'t>(text: &'t str, bytes: &[u8], function: Function, start: usize, open: usize, is_safe: bool) -> Call<'t> {
    let at = skip_space(bytes, open + 1);
    let (mut name, mut end) = (None, None);
    match bytes.get(at) {
        Some(b')') => end = Some(at + 1),
        Some(b'\'') => {
            if let Some(close) = string_end(bytes, at) {
                let behind = skip_space(bytes, close + 1);
                name = Some(unquoted(&text[at + 1..close]));
                end = match bytes.get(behind) {
                    Some(b')') => Some(behind + 1),
                    // A second argument names a member; nothing that is computed stands there.
                    Some(b',') => {
                        let rest = &bytes[behind..bytes.len().min(behind + MAX_NAME)];
                        memchr::memchr(b')', rest).map(|close| behind + close + 1)
                    }
                    _ => {
                        name = None;
                        None
                    }
                };
            }
        }
        _ => {}
    }
    let Some(end) = end else { return Call { function, name: None, path: Vec::new(), range: start..open + 1, is_safe } };
    let (path, end) = path(text, bytes, end);
    Call { function, name: name.or_else(|| (bytes.get(at) == Some(&b')')).then_some(Cow::Borrowed(""))), path, range: start..end, is_safe }
}

fn unquoted(text: &str) -> Cow<'_, str> {
    if text.contains("''") { Cow::Owned(text.replace("''", "'")) } else { Cow::Borrowed(text) }
}

/// Most members of a path that are read.
const MAX_PATH: usize = 16;

/// The members behind a call: `?['a']`, `['b/c']`, `.d`.
fn path<'t>(text: &'t str, bytes: &[u8], from: usize) -> (Vec<&'t str>, usize) {
    let (mut path, mut at) = (Vec::new(), from);
    while path.len() < MAX_PATH {
        let mut next = at + usize::from(bytes.get(at) == Some(&b'?'));
        match bytes.get(next) {
            Some(b'.') => {
                let end = name_end(bytes, next + 1);
                if end == next + 1 {
                    break;
                }
                path.push(&text[next + 1..end]);
                at = end;
            }
            Some(b'[') => {
                next = skip_space(bytes, next + 1);
                if bytes.get(next) != Some(&b'\'') {
                    break;
                }
                let Some(close) = string_end(bytes, next) else { break };
                let end = skip_space(bytes, close + 1);
                if bytes.get(end) != Some(&b']') {
                    break;
                }
                path.extend(text[next + 1..close].split('/').filter(|part| !part.is_empty()));
                at = end + 1;
            }
            _ => break,
        }
    }
    (path, at)
}

/// The strings that stand in an expression and get into its result, as bytes of the text, without quotes; a name that a function
/// reads data by is none.
pub(in crate::platform) fn strings(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let names = calls(text, range.clone());
    let mut names = names.iter().map(|call| call.range.clone()).peekable();
    let bytes = &text.as_bytes()[..range.end];
    let (mut at, mut found) = (range.start, Vec::new());
    while let Some(open) = memchr::memchr(b'\'', &bytes[at..]).map(|open| at + open) {
        while names.next_if(|name| name.end <= open).is_some() {}
        let Some(end) = string_end(bytes, open) else { break };
        let is_name = names.peek().is_some_and(|name| name.start <= open) || bytes[..open].ends_with(b"[");
        if !is_name {
            found.push(open + 1..end);
        }
        at = end + 1;
    }
    found
}

/// A text with its `concat` calls taken apart: what a reader sees of an address.
pub(in crate::platform) fn flat_pieces(text: &str) -> Vec<Piece> {
    pieces(text)
        .into_iter()
        .flat_map(|piece| match piece {
            Piece::Text(range) => vec![Piece::Text(range)],
            Piece::Expression(range) => arguments(text, range),
        })
        .collect()
}

/// What a text becomes that is evaluated, when nothing but strings make it up.
pub(in crate::platform) fn literal(text: &str) -> Option<String> {
    if !text.contains('@') {
        return None;
    }
    // Nearly all expressions begin with another call than the one that joins strings.
    let joins = |range: &Range<usize>| {
        let start = text[range.clone()].trim_start().as_bytes();
        start.starts_with(b"'") || start.get(..6).is_some_and(|name| name.eq_ignore_ascii_case(b"concat"))
    };
    let mut is_dynamic = false;
    for piece in pieces(text) {
        if let Piece::Expression(range) = piece {
            is_dynamic = true;
            if !joins(&range) {
                return None;
            }
        }
    }
    if !is_dynamic {
        return None;
    }
    let parts = flat_pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(range) => Some(unquoted(&text[range])),
        Piece::Expression(_) => None,
    });
    parts.collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

/// The arguments of `concat`, or the expression itself.
fn arguments(text: &str, range: Range<usize>) -> Vec<Piece> {
    let bytes = &text.as_bytes()[..range.end];
    let start = skip_space(bytes, range.start);
    let name = name_end(bytes, start);
    let open = skip_space(bytes, name);
    let whole = |range: Range<usize>| match quoted(bytes, range.clone()) {
        Some(inside) => Piece::Text(inside),
        None => Piece::Expression(range),
    };
    if !text[start..name].eq_ignore_ascii_case("concat") || bytes.get(open) != Some(&b'(') {
        return vec![whole(range)];
    }
    let (mut at, mut from, mut depth, mut found) = (open + 1, open + 1, 0usize, Vec::new());
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = string_end(bytes, at).unwrap_or(bytes.len() - 1),
            b'(' | b'[' => depth += 1,
            b')' if depth == 0 => break,
            b')' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(whole(from..at));
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(whole(from..at.min(bytes.len())));
    found
}

/// The inside of the string that is all that stands at `range`.
fn quoted(bytes: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let bytes = &bytes[..range.end];
    let start = skip_space(bytes, range.start);
    let end = (bytes.get(start) == Some(&b'\'')).then(|| string_end(bytes, start))??;
    (skip_space(bytes, end + 1) == bytes.len()).then_some(start + 1..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Function, String, Vec<&str>, bool)> {
        let expressions = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Expression(range) => Some(range),
            Piece::Text(_) => None,
        });
        let calls = expressions.flat_map(|range| calls(text, range));
        calls.map(|call| (call.function, call.name.unwrap_or_default().into_owned(), call.path, call.is_safe)).collect()
    }

    #[test]
    fn every_way_to_read_data_is_told() {
        let one = |function, name: &str, path: &[&'static str]| vec![(function, name.to_owned(), path.to_vec(), false)];
        assert_eq!(read("@triggerBody()?['a']?['b']"), one(Function::Trigger, "", &["a", "b"]));
        assert_eq!(read("@triggerOutputs()?['body/a']"), one(Function::Trigger, "", &["body", "a"]));
        assert_eq!(read("x @{body('Get it''s').value} y"), one(Function::Step, "Get it's", &["value"]));
        assert_eq!(read("@{outputs( 'A' )?['body']}"), one(Function::Step, "A", &["body"]));
        assert_eq!(read("@items('Loop')?['a']"), one(Function::Item, "Loop", &["a"]));
        assert_eq!(read("@concat('a', variables('v'))"), one(Function::Variable, "v", &[]));
        assert_eq!(
            read("@parameters('$connections')['x']['connectionId']"),
            one(Function::Parameter, "$connections", &["x", "connectionId"])
        );
        assert_eq!(read("@appsetting('Url')"), one(Function::Setting, "Url", &[]));
        assert_eq!(read("@agentParameters('to')"), one(Function::Agent, "to", &[]));
        assert_eq!(read("@formDataValue('A', 'b')"), one(Function::Step, "A", &[]));
        assert_eq!(read("@body(variables('n'))").len(), 2);
    }

    #[test]
    fn what_is_no_expression_is_text() {
        for text in ["@@triggerBody()", "a@b.c", "@@{triggerBody()}", "x @@{body('a')}", "@{triggerBody()", "'@triggerBody()'", ""] {
            assert_eq!(read(text), [], "{text}");
        }
        assert_eq!(pieces("@@x"), [Piece::Text(1..3)]);
        assert_eq!(pieces("a@{b}c"), [Piece::Text(0..1), Piece::Expression(3..4), Piece::Text(5..6)]);
        assert_eq!(pieces("@{concat('}', 'a')}"), [Piece::Expression(2..18)]);
    }

    #[test]
    fn what_only_decides_or_counts_does_not_get_into_a_value() {
        let safe = |text| read(text).into_iter().map(|call| call.3).collect::<Vec<_>>();
        assert_eq!(safe("@if(equals(triggerBody()?['a'], 'x'), body('A'), variables('b'))"), [true, false, false]);
        assert_eq!(safe("@length(body('A'))"), [true]);
        assert_eq!(safe("@concat(string(int(triggerBody()?['a'])), triggerBody()?['b'])"), [true, false]);
    }

    #[test]
    fn strings_and_arguments_are_told() {
        let text = "@concat('https://a/', body('A')?['x'], 'b')";
        let found: Vec<&str> = strings(text, 1..text.len()).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["https://a/", "b"]);
        let found: Vec<&str> = flat_pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(range) | Piece::Expression(range) => &text[range],
            })
            .collect();
        assert_eq!(found, ["https://a/", " body('A')?['x']", "b"]);
    }

    #[test]
    fn brackets_that_never_close_cost_no_more_than_others() {
        for open in ["concat(", "@{concat(", "body(", "body('a')[", "if(", "'"] {
            let text = format!("@{}", open.repeat(50_000));
            for piece in pieces(&text) {
                if let Piece::Expression(range) = piece {
                    calls(&text, range.clone());
                    strings(&text, range);
                }
            }
            flat_pieces(&text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_expression_can_make_it_panic(text in "[@{}()'\\[\\]?.,a-z \u{e4}\n]{0,60}|@(concat|body|if|items)\\([@{}()'\\[\\]?.,a-z\u{e4} ]{0,40}") {
            flat_pieces(&text);
            for piece in pieces(&text) {
                if let Piece::Expression(range) = piece {
                    calls(&text, range.clone());
                    strings(&text, range);
                }
            }
        }
    }
}

//! The language of desktop flows, as far as it says what a script does: one statement a line, `Module.Action Name: value => result`.

use std::ops::Range;

/// A statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement<'t> {
    /// What is called, in full: `System.RunDOSCommand.RunDOSCommand`; empty for an assignment.
    pub(super) action: &'t str,
    /// Where that stands; for an assignment where its variable does.
    pub(super) range: Range<usize>,
    /// The names and values of its arguments; for an assignment the variable and its value.
    pub(super) arguments: Vec<(&'t str, Range<usize>)>,
    /// The variables that it gives a value.
    pub(super) results: Vec<&'t str>,
}

/// The statements that call an action or set a variable, in the order of the script.
pub(super) fn statements(script: &str) -> Vec<Statement<'_>> {
    let (mut at, mut found) = (0, Vec::new());
    while at < script.len() {
        let end = statement_end(script, at);
        let line = &script[at..end];
        let start = at + line.len() - line.trim_start().len();
        found.extend(statement(script, start..at + line.trim_end().len()));
        at = end + 1;
    }
    found
}

/// The names of the variables that others give the script, with the values that they have by themselves:
/// `@INPUT Name : { 'DefaultValue': 'x', 'Type': 'String' }`.
pub(super) fn inputs(script: &str) -> Vec<(&str, Range<usize>)> {
    const KEY: &str = "'DefaultValue':";
    let mut found = Vec::new();
    for line in script.lines() {
        let Some((name, about)) = line.trim().strip_prefix("@INPUT ").and_then(|rest| rest.split_once(':')) else { continue };
        let Some((_, value)) = about.split_once(KEY) else { continue };
        let value = value.trim_start();
        let start = value.as_ptr() as usize - script.as_ptr() as usize;
        if value.starts_with('\'') {
            found.push((name.trim(), start..text_end(&script.as_bytes()[..start + value.len()], start)));
        }
    }
    found
}

/// The end of the line, not counting breaks within texts.
fn statement_end(script: &str, from: usize) -> usize {
    let bytes = script.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => return at,
            b'\'' => at = text_end(bytes, at),
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The offset behind the text that starts at `at`: `'...'` on one line, or `'''...'''` over any number of them.
fn text_end(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with(b"'''") {
        return memchr::memmem::find(&bytes[at + 3..], b"'''").map_or(bytes.len(), |end| at + 3 + end + 3);
    }
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != b'\n' {
        match bytes[end] {
            b'\\' => end += 2,
            b'\'' => return end + 1,
            _ => end += 1,
        }
    }
    // A sign that nothing closes is none.
    at + 1
}

fn statement(script: &str, range: Range<usize>) -> Option<Statement<'_>> {
    let line = &script[range.clone()];
    if let Some(rest) = line.strip_prefix("SET ") {
        let (name, _) = rest.split_once(" TO ")?;
        let start = range.start + "SET ".len();
        let value = start + name.len() + " TO ".len();
        let name = name.trim();
        return Some(Statement {
            action: "",
            range: start..start + name.len(),
            arguments: vec![(name, value..range.end)],
            results: vec![name],
        });
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))).unwrap_or(line.len());
    let action = &line[..end];
    let is_call = action.contains('.') && action.starts_with(|c: char| c.is_ascii_uppercase());
    if !is_call {
        return None;
    }
    let (arguments, results) = arguments(script, range.start + end..range.end);
    Some(Statement { action, range: range.start..range.start + end, arguments, results })
}

/// The pieces of the rest of a statement: names with a colon, values, and results behind `=>`.
fn arguments(script: &str, range: Range<usize>) -> (Vec<(&str, Range<usize>)>, Vec<&str>) {
    let bytes = &script.as_bytes()[..range.end];
    let (mut found, mut results): (Vec<(&str, Range<usize>)>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut at = range.start;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = text_end(bytes, at).min(bytes.len()),
            b':' if found.is_empty() || ends_name(bytes, at) => {
                let name = name_before(script, at);
                if let Some(last) = found.last_mut() {
                    last.1.end = at - name.len();
                }
                found.push((name, at + 1..bytes.len()));
                at += 1;
            }
            b'=' if bytes.get(at + 1) == Some(&b'>') => {
                let name = script[at + 2..range.end].trim_start();
                let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
                // `Name=> Variable` is a result with a name.
                let own = name_before(script, at);
                if let Some(last) = found.last_mut().filter(|last| last.1.end > at) {
                    last.1.end = at - own.len().min(at - last.1.start);
                }
                results.push(&name[..end]);
                at += 2;
            }
            _ => at += 1,
        }
    }
    for (_, value) in &mut found {
        let text = &script[value.clone()];
        let start = value.start + text.len() - text.trim_start().len();
        *value = start..start + text.trim().len();
    }
    (found, results)
}

/// Whether the colon at `at` is behind a name that stands by itself.
fn ends_name(bytes: &[u8], at: usize) -> bool {
    let name = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    name > 0 && bytes.get(at - name - 1).is_some_and(u8::is_ascii_whitespace) && bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace)
}

fn name_before(script: &str, at: usize) -> &str {
    let before = &script.as_bytes()[..at];
    let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    &script[at - length..at]
}

/// The text of a value and where it stands: without `$` and quotes; a bare word is a variable or a number.
pub(super) fn text_of(script: &str, value: &Range<usize>) -> Option<Range<usize>> {
    let text = &script[value.clone()];
    let inside = text.strip_prefix('$').unwrap_or(text);
    let start = value.start + text.len() - inside.len();
    for quote in ["'''", "'"] {
        if inside.len() >= 2 * quote.len() && inside.starts_with(quote) && inside.ends_with(quote) {
            return Some(start + quote.len()..value.end - quote.len());
        }
    }
    None
}

/// The variables that a value is made of: `%Name%` in a text that says so, a bare word otherwise.
pub(super) fn variables<'t>(script: &'t str, value: &Range<usize>) -> Vec<&'t str> {
    let text = &script[value.clone()];
    let word = |text: &'t str| {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        (end > 0 && text.starts_with(|c: char| c.is_alphabetic() || c == '_')).then(|| &text[..end])
    };
    match text_of(script, value) {
        Some(_) if !text.starts_with('$') => Vec::new(),
        Some(range) => script[range].split('%').skip(1).step_by(2).filter_map(word).collect(),
        None => word(text).into_iter().filter(|word| !matches!(*word, "True" | "False")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_into_their_parts() {
        let script = "# comment\nSET Key TO $'''a %Input% b'''\nSystem.RunDOSCommand.RunDOSCommand DOSCommandOrApplication: $'''cmd /c\n%Cmd%''' WorkingDirectory: $'''C:\\''' StandardOutput=> Out ExitCode=> Code\nIF Out = 'x' THEN\nEND\n";
        let found = statements(script);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].action, &found[0].results[..]), ("", &["Key"][..]));
        assert_eq!(variables(script, &found[0].arguments[0].1), ["Input"]);
        let run = &found[1];
        assert_eq!(run.action, "System.RunDOSCommand.RunDOSCommand");
        assert_eq!(run.arguments.iter().map(|one| one.0).collect::<Vec<_>>(), ["DOSCommandOrApplication", "WorkingDirectory"]);
        assert_eq!(&script[text_of(script, &run.arguments[0].1).expect("a text")], "cmd /c\n%Cmd%");
        assert_eq!(&script[text_of(script, &run.arguments[1].1).expect("a text")], "C:\\");
        assert_eq!(run.results, ["Out", "Code"]);
    }

    #[test]
    fn inputs_are_told_with_what_they_hold() {
        let script = "@SENSITIVE: [Key]\r\n@INPUT Key : { 'Description': 'a', 'DefaultValue': 'b\\'c', 'Type': 'String' } \r\n@INPUT N : { 'DefaultValue': 3 }\n@INPUT";
        let found = inputs(script);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, &script[found[0].1.clone()]), ("Key", "'b\\'c'"));
        assert!(inputs("@INPUT a : 'DefaultValue': '").iter().all(|one| one.1.end <= 28));
    }

    #[test]
    fn texts_that_never_close_cost_no_more_than_others() {
        for open in ["A.B C: '''", "A.B '", "SET a TO ", "A.B C: ", "=> "] {
            statements(&open.repeat(50_000));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_script_can_make_it_panic(text in "(@INPUT a : |'DefaultValue':|[A-Z]\\.B |SET a TO |x: |=> |'''|'|\\$|%|\\\\|\n|\u{e4}){0,30}") {
            for statement in statements(&text) {
                for (_, value) in &statement.arguments {
                    variables(&text, value);
                }
            }
            inputs(&text);
        }
    }
}

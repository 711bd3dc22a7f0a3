//! A chain of evidence: a line a run, each with the digest of the line before it.

use super::{GATE_RESULT, Statement, sha256};

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Number of the line, from 1.
    pub line: usize,
    /// Why, in one lower-case sentence.
    pub reason: String,
}

/// The digest of the last line of a chain, which the next one refers to; `None` for an empty chain.
#[must_use]
pub fn last(chain: &str) -> Option<String> {
    chain.lines().rfind(|line| !line.trim().is_empty()).map(|line| sha256(line.as_bytes()))
}

/// How many lines a chain has.
///
/// # Errors
/// The first line that is no gate-result, or does not follow the one before it.
pub fn check(chain: &str) -> Result<usize, Broken> {
    let mut before: Option<String> = None;
    let mut lines = 0;
    for (number, line) in (1..).zip(chain.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let broken = |reason: String| Broken { line: number, reason };
        let statement: Statement = serde_json::from_str(line).map_err(|error| broken(format!("this is no statement: {error}")))?;
        if statement.predicate_type != GATE_RESULT {
            return Err(broken(format!("this is no result of a gate but `{}`", statement.predicate_type)));
        }
        let said = statement.predicate.get("prev").and_then(serde_json::Value::as_str);
        match (said, &before) {
            (Some(said), Some(before)) if said == before => {}
            (None, None) => {}
            (Some(_), Some(_)) => return Err(broken("the line before it is another one than when it was written".into())),
            (Some(_), None) => return Err(broken("lines before it were taken out".into())),
            (None, Some(_)) => return Err(broken("it says nothing of the line before it".into())),
        }
        before = Some(sha256(line.as_bytes()));
        lines += 1;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{GateResult, statements};

    fn link(chain: &str, exit: u8) -> String {
        let result = GateResult { prev: last(chain), exit, ..GateResult::default() };
        let statement = statements(&[], &result).into_iter().find(|one| one.predicate_type == GATE_RESULT).expect("one of them");
        format!("{chain}{}\n", serde_json::to_string(&statement).expect("plain data"))
    }

    #[test]
    fn what_was_changed_or_taken_out_shows() {
        let chain = (0..3).fold(String::new(), |chain, exit| link(&chain, exit));
        assert_eq!(check(&chain), Ok(3));
        assert_eq!(check(""), Ok(0));
        let without_first = chain.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert_eq!(check(&without_first).map_err(|broken| broken.line), Err(1));
        let without_second = chain.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| line).collect::<Vec<_>>().join("\n");
        assert_eq!(check(&without_second).map_err(|broken| broken.line), Err(2));
        let changed = chain.replacen("\"exit\":1", "\"exit\":0", 1);
        assert_ne!(changed, chain);
        assert_eq!(check(&changed).map_err(|broken| broken.line), Err(3));
        assert_eq!(check("{}\n").map_err(|broken| broken.line), Err(1));
    }
}

//! What a chain of evidence tells of how an estate has done over time.

use super::{Context, When};
use crate::finding::Severity;
use crate::report::estate::Moment;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most runs that are told: more points than a curve can show.
const MOST: usize = 120;

/// What a line says of its run, without its findings and files, which are most of it.
#[derive(Deserialize)]
struct Line {
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Predicate {
    when: When,
    context: Context,
    verdict: String,
    metrics: BTreeMap<String, f64>,
}

/// The last runs of a chain that has been checked, oldest first.
#[must_use]
pub fn history(chain: &str) -> Vec<Moment> {
    let lines: Vec<&str> = chain.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(MOST)..];
    last.iter().filter_map(|line| serde_json::from_str(line).ok()).map(moment).collect()
}

#[expect(clippy::cast_sign_loss, reason = "a number below zero becomes zero")]
fn moment(Line { predicate }: Line) -> Moment {
    let number = |name: &str| predicate.metrics.get(name).map_or(0, |number| *number as usize);
    Moment {
        severities: Severity::ALL.iter().map(|severity| (*severity, number(&format!("findings.{severity}")))).collect(),
        blocking: number("blocking"),
        waived: number("waived"),
        time: predicate.when.end,
        commit: predicate.context.commit,
        verdict: predicate.verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{GATE_RESULT, GateResult, statements};

    fn line(at: usize) -> String {
        let metrics = BTreeMap::from([("findings.high".to_owned(), f64::from(at as u32)), ("blocking".to_owned(), 1.0)]);
        let result = GateResult { verdict: "BLOCKED".into(), metrics, ..GateResult::default() };
        let statement = statements(&[], &result).into_iter().find(|one| one.predicate_type == GATE_RESULT).expect("one of them");
        serde_json::to_string(&statement).expect("plain data") + "\n"
    }

    #[test]
    fn the_last_runs_are_told_oldest_first() {
        let moments = history(&(0..MOST + 3).map(line).collect::<String>());
        let high: Vec<usize> = moments.iter().map(|moment| moment.severities[&Severity::High]).collect();
        assert_eq!((high.len(), high[0], high[MOST - 1]), (MOST, 3, MOST + 2));
        assert_eq!((moments[0].blocking, moments[0].verdict.as_str()), (1, "BLOCKED"));
        assert_eq!(history("").len(), 0);
    }
}

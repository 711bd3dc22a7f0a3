//! Versions and ranges of them, as platforms write versions: numbers with full stops, whatever else stands behind them.

use std::cmp::Ordering;

/// A version that can be compared: its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version(Vec<u64>);

impl Version {
    /// Reads a version; none when it does not begin with a number. What stands behind a sign (`1.2.0-beta`) is left out.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('"').trim_start_matches(['v', 'V']);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let numbers: Option<Vec<u64>> = text[..end].trim_end_matches('.').split('.').take(8).map(|part| part.parse().ok()).collect();
        numbers.map(Self)
    }

    /// What is not written is nought.
    fn compare(&self, other: &Self) -> Ordering {
        let at = |version: &Self, at: usize| version.0.get(at).copied().unwrap_or_default();
        let unequal =
            (0..self.0.len().max(other.0.len())).map(|number| at(self, number).cmp(&at(other, number))).find(|order| order.is_ne());
        unequal.unwrap_or(Ordering::Equal)
    }
}

/// Conditions on a version that all hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Range(Vec<(Operator, Version)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Least,
    More,
    Most,
    Less,
    Same,
    /// It begins so.
    Begins,
}

impl Range {
    /// Reads `>=1.2, <3`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let one = |part: &str| {
            let part = part.trim();
            let operators =
                [(">=", Operator::Least), ("<=", Operator::Most), (">", Operator::More), ("<", Operator::Less), ("=", Operator::Same)];
            let found = operators.iter().find_map(|(sign, operator)| Some((*operator, part.strip_prefix(sign)?)));
            let (operator, version) = found.unwrap_or((Operator::Begins, part.trim_end_matches(".x").trim_end_matches(".*")));
            let whole = version.trim().chars().all(|c| c.is_ascii_digit() || c == '.');
            let version = Version::parse(version).filter(|_| whole);
            version.map(|version| (operator, version)).ok_or_else(|| format!("`{part}` is no condition on a version"))
        };
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the version is one of these; none when it cannot be told.
    pub(super) fn holds(&self, version: &str) -> Option<bool> {
        let version = Version::parse(version)?;
        Some(self.0.iter().all(|(operator, wanted)| {
            let order = version.compare(wanted);
            match operator {
                Operator::Least => order.is_ge(),
                Operator::More => order.is_gt(),
                Operator::Most => order.is_le(),
                Operator::Less => order.is_lt(),
                Operator::Same => order.is_eq(),
                Operator::Begins => {
                    wanted.0.iter().enumerate().all(|(at, number)| version.0.get(at).copied().unwrap_or_default() == *number)
                }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_say() {
        let holds = |range: &str, version: &str| Range::parse(range).expect("a range").holds(version);
        assert_eq!(holds(">=2.2", "2.10"), Some(true));
        assert_eq!(holds(">=2.2", "2"), Some(false));
        assert_eq!(holds(">=1, <1.121.0", "1.120.4-beta.1"), Some(true));
        assert_eq!((holds("2", "2.3"), holds("2.x", "3"), holds("=2", "2.0.0")), (Some(true), Some(false), Some(true)));
        assert_eq!(holds(">=1", "latest"), None);
        assert!(Range::parse("^1.2").is_err() && Range::parse(">= latest").is_err() && Range::parse("").is_err());
    }
}

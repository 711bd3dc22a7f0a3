//! Names with `*` for any text, and lists of them that are asked often.

use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashMap;

/// Compiles one pattern; case does not count.
///
/// # Errors
/// With the reason when it is none.
pub(super) fn compile(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).case_insensitive(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| format!("not a pattern: {}", error.kind()))
}

/// Whether the text stands for itself only.
fn is_plain(pattern: &str) -> bool {
    !pattern.contains(['*', '?', '[', ']', '{', '}', '!', '\\'])
}

/// A list of patterns, each with its number. Plain names, of which a data policy has hundreds, are looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns {
    plain: HashMap<String, usize>,
    /// With the number of characters that stand for themselves.
    globs: Vec<(usize, GlobMatcher, usize)>,
    count: usize,
}

impl Patterns {
    /// Adds a pattern behind the others. Of two plain names that are the same the first counts.
    pub(super) fn add(&mut self, pattern: &str) -> Result<(), String> {
        let number = self.count;
        if is_plain(pattern) {
            self.plain.entry(pattern.to_ascii_lowercase()).or_insert(number);
        } else {
            let exact = pattern.chars().filter(|c| *c != '*').count();
            self.globs.push((exact, compile(pattern)?, number));
        }
        self.count += 1;
        Ok(())
    }

    /// The number of the pattern that says most of the name; between equals the first.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        if self.count == 0 {
            return None;
        }
        let lower = name.to_ascii_lowercase();
        self.plain.get(&lower).copied().or_else(|| {
            let holds = self.globs.iter().filter(|(_, glob, _)| glob.is_match(&lower));
            holds.max_by_key(|(exact, _, number)| (*exact, std::cmp::Reverse(*number))).map(|found| found.2)
        })
    }

    /// Whether a pattern holds the name.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Whether there is no pattern.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_that_says_most_counts() {
        let mut patterns = Patterns::default();
        for pattern in ["n8n-nodes-base.*", "n8n-nodes-base.slack", "*", "n8n-nodes-base.s*"] {
            patterns.add(pattern).expect("a pattern");
        }
        let found = ["N8N-nodes-base.Slack", "n8n-nodes-base.set", "n8n-nodes-base.code", "shared_sql"].map(|name| patterns.find(name));
        assert_eq!(found, [Some(1), Some(3), Some(0), Some(2)]);
        assert!(!Patterns::default().holds("") && compile("[").is_err());
    }
}

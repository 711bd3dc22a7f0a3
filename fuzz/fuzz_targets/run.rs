//! What holds for every run: nothing fails, every format can be written, no control character gets out.

use flowgate::finding::Severity;
use flowgate::lint::{self, Input, Options};
use flowgate::report::{self, FORMATS};
use flowgate::rule::{Profile, RuleSet, Selected};
use std::sync::LazyLock;

static RULES: LazyLock<Selected> =
    LazyLock::new(|| RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true));

/// Judges one file of that name.
pub fn check(name: &str, bytes: &[u8]) {
    let options = Options { rules: &RULES, policy: None, now: jiff::Timestamp::UNIX_EPOCH, min_severity: Severity::Info, exclude: None, progress: None };
    let inputs = [Input::Bytes { name: name.into(), bytes: bytes.to_vec() }];
    let report = lint::lint(&inputs, &options).expect("no path that could be missing");
    for unreadable in &report.coverage.unreadable {
        assert!(!unreadable.reason.contains("bug of Flowgate"), "{unreadable:?}");
    }
    for format in FORMATS {
        let mut out = Vec::new();
        (format.write)(&report, &report::Options { verbose: true, ..report::Options::default() }, &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')), "{}", format.name);
    }
}

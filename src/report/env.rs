//! The numbers as `name=value` lines: outputs of a step of GitHub Actions, dotenv reports of GitLab, variables of a script.

use super::{Format, Options, Report, Turnover};
use crate::finding::Severity;
use std::fmt::Write as _;
use std::io;

/// The format.
pub(super) const FORMAT: Format =
    Format { name: "env", description: "the numbers as name=value lines, for scripts and outputs of CI steps", write };

fn write(report: &Report, _: &Options, out: &mut dyn io::Write) -> io::Result<Option<String>> {
    let verdict = report.verdict();
    let summary = report.summary();
    let mut text = format!("verdict={}\nexit-code={}\nfindings={}\n", verdict.word(), verdict.exit_code(), summary.findings);
    let _ = writeln!(text, "blocking={}", report.blocking());
    for severity in Severity::ALL.iter().rev() {
        let _ = writeln!(text, "{severity}={}", summary.severities.get(severity).copied().unwrap_or_default());
    }
    let Turnover { waived, unchanged, fixed } = Turnover::of(report);
    let _ = writeln!(text, "waived={waived}\nunchanged={unchanged}\nfixed={fixed}");
    let _ = writeln!(text, "files={}\nunreadable={}", report.coverage.files, report.coverage.unreadable.len());
    out.write_all(text.as_bytes())?;
    Ok(None)
}

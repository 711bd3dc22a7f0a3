//! `flowgate check`: the gate.

use super::input::{Exclude, STDIN_NAME, input, is_stdin};
use super::output::Output;
use super::progress::Bar;
use super::rules::{Ask, Folders};
use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::finding::Severity;
use crate::lint;
use crate::report::{self, Format, Report};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  flowgate check                                    everything below this folder
  flowgate check flows --output json=report.json    people read standard output, machines the file
  flowgate check --fail-on medium --exclude 'archive/**'
  n8n export:workflow --id 7 | flowgate check -     one export, not saved to a file";

/// Judges exports, and fails when a finding reaches the threshold.
#[derive(clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", super::EXIT_CODES))]
pub(super) struct Arguments {
    /// Files and folders to judge; `-` is standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// What reports call standard input.
    #[arg(long, value_name = "NAME", default_value = STDIN_NAME)]
    stdin_path: String,
    #[command(flatten)]
    exclude: Exclude,
    #[command(flatten)]
    ask: Ask,
    #[command(flatten)]
    folders: Folders,
    /// Judge by this policy of your organisation, too.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The severity from which on a finding blocks (exit code 1): this one and all above.
    #[arg(long, value_name = "SEVERITY", value_parser = word::severity(), default_value = "high")]
    fail_on: Severity,
    /// The severity from which on findings are reported; what blocks cannot be left out.
    #[arg(long, value_name = "SEVERITY", value_parser = word::severity(), default_value = "info")]
    min_severity: Severity,
    /// How to write the report to standard output; a format never changes the exit code.
    #[arg(long, value_name = "FORMAT", value_parser = word::format(), default_value = report::FORMATS[0].name)]
    format: &'static Format,
    /// Write the report to a file, too, as in `json=report.json`; repeatable.
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// Print only the numbers and the verdict; reports in files stay whole.
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every finding whole, and every file that is no export with the reason.
    #[arg(long, short)]
    verbose: bool,
    /// How many threads to use, which does not change the report [default: one a processor].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Judges, reports, and returns the exit code of the verdict.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    arguments.hold_together()?;
    let Arguments { paths, stdin_path, .. } = arguments;
    let inputs = paths.iter().map(|path| input(path, stdin_path, &mut *streams.stdin)).collect::<Result<Vec<_>, _>>()?;
    let rules = arguments.folders.load()?;
    let policy = arguments.policy.as_deref().map(|path| super::policy::load(path, &rules)).transpose()?;
    let rules = arguments.ask.select(&rules, policy.as_ref())?;
    let exclude = arguments.exclude.globs()?;
    let bar = streams.stderr.terminal.then(Bar::new);
    let progress = bar.as_ref().map(|bar| |progress| bar.update(progress));
    let options = lint::Options {
        rules: &rules,
        policy: policy.as_ref(),
        now: super::now(),
        min_severity: arguments.min_severity,
        exclude: exclude.as_ref(),
        governed: None,
        gate: report::Gate { fail_on: arguments.fail_on, governed: false },
        progress: progress.as_ref().map(|update| update as _),
    };
    let report = on_threads(arguments.threads, || lint::lint(&inputs, &options))?.map_err(Wrong::new)?;
    drop(bar);
    arguments.write(&report, streams)?;
    Ok(report.verdict().exit_code())
}

impl Arguments {
    /// What clap cannot say about flags that must not stand together.
    fn hold_together(&self) -> Result<(), Wrong> {
        let stdin = self.paths.iter().filter(|path| is_stdin(path)).count();
        if stdin > 1 {
            return Err(Wrong::new("standard input can be read only once: `-` is given twice"));
        }
        if self.min_severity > self.fail_on {
            let (min, fail) = (self.min_severity, self.fail_on);
            let help = format!("lower --min-severity to {fail}, or raise --fail-on to {min}");
            return Err(Wrong::with_help(format_args!("--min-severity {min} would leave out what --fail-on {fail} blocks"), help));
        }
        let mut files: Vec<&Path> = self.output.iter().map(|output| output.file.as_path()).collect();
        files.sort_unstable();
        match files.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Wrong::new(format_args!("two reports go to the same file: {}", pair[0].display()))),
            None => Ok(()),
        }
    }

    /// Files first: whoever reads standard output may go away.
    fn write(&self, report: &Report, streams: &mut Streams<'_>) -> Result<(), Wrong> {
        let Self { quiet, verbose, .. } = *self;
        let out = &mut streams.stdout;
        let options = report::Options { color: out.color, width: out.width, quiet, verbose, time: super::now() };
        let mut left_out = self.output.iter().map(|output| output.write(report, &options)).collect::<Result<Vec<_>, _>>()?;
        left_out.push((self.format.write)(report, &options, out)?);
        for sentence in left_out.into_iter().flatten() {
            streams.stderr.put(&format!("note: {sentence}\n"))?;
        }
        Ok(())
    }
}

/// Runs `work` on that many threads.
fn on_threads<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<T, Wrong> {
    let Some(threads) = threads else { return Ok(work()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build();
    pool.map(|pool| pool.install(work)).map_err(|error| Wrong::new(format_args!("cannot start {threads} threads: {error}")))
}

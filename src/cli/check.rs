//! `flowgate check`: the gate.

use super::input::{Exclude, STDIN_NAME, input, is_stdin};
use super::output::Output;
use super::progress::Bar;
use super::rules::{Ask, Folders};
use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::evidence::{self, Statement, When};
use crate::finding::Severity;
use crate::gate::{self, Control};
use crate::govern::approval::{Review, reviews_of};
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
    /// Judge by this policy of your organisation [default: `.flowgate/policy.yaml`, where there is one].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Compare with this commit: only what is new since then blocks, and policy, rules and waivers are those of the commit.
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// Hold the apps against what the policy asks before they go to this environment.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Who promotes the apps.
    #[arg(long, value_name = "NAME", requires = "environment")]
    actor: Option<String>,
    /// Reviews of the change, as the forge has them: a JSON file that a step outside of the change has written.
    #[arg(long, value_name = "FILE")]
    reviews: Option<PathBuf>,
    /// The severity from which on a finding blocks (exit code 1), this one and all above [default: what the policy says, else high].
    #[arg(long, value_name = "SEVERITY", value_parser = word::severity())]
    fail_on: Option<Severity>,
    /// The severity from which on findings are reported; what blocks cannot be left out.
    #[arg(long, value_name = "SEVERITY", value_parser = word::severity(), default_value = "info")]
    min_severity: Severity,
    /// How to write the report to standard output; a format never changes the exit code.
    #[arg(long, value_name = "FORMAT", value_parser = word::format(), default_value = report::FORMATS[0].name)]
    format: &'static Format,
    /// Write the report to a file, too, as in `json=report.json`; repeatable.
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// Write evidence of this run, for auditors and other gates: statements of in-toto, a line each; see `flowgate verify`.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Add the result of this run to a chain of them, a line each, in which nothing can be changed or taken out unseen.
    #[arg(long, value_name = "FILE")]
    evidence_chain: Option<PathBuf>,
    /// Add the numbers of this run to a file for dashboards: a JSON object a line.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
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
    let given = arguments.folders.load()?;
    let wrong = |error: gate::Error| match error.help() {
        Some(help) => Wrong::with_help(&error, help),
        None => Wrong::new(&error),
    };
    let control = Control::read(&inputs, arguments.base.as_deref(), arguments.policy.as_deref(), &given).map_err(wrong)?;
    let rules = arguments.ask.select(&control.rules, control.policy())?;
    let exclude = arguments.exclude.globs()?;
    let reviews = arguments.reviews.as_deref().map(reviews).transpose()?.unwrap_or_default();
    let bar = streams.stderr.terminal.then(Bar::new);
    let progress = bar.as_ref().map(|bar| |progress| bar.update(progress));
    let quiet = gate::Options {
        rules: &rules,
        given: &given,
        environment: arguments.environment.as_deref(),
        actor: arguments.actor.as_deref(),
        reviews: &reviews,
        now: super::now(),
        fail_on: arguments.fail_on,
        min_severity: arguments.min_severity,
        exclude: exclude.as_ref(),
        digests: arguments.wants_evidence(),
        estate: arguments.wants_estate(),
        progress: None,
    };
    let options = gate::Options { progress: progress.as_ref().map(|update| update as _), ..quiet };
    let outcome = on_threads(arguments.threads, || gate::run(&control, &inputs, &options))?.map_err(wrong)?;
    if let Some(bar) = &bar {
        bar.clear();
    }
    if arguments.wants_evidence() || arguments.metrics.is_some() {
        arguments.prove(&outcome, &control, &quiet)?;
    }
    let mut report = outcome.report;
    if let (Some(estate), Some(file)) = (&mut report.estate, &arguments.evidence_chain) {
        estate.trend = evidence::history(&chain(file)?);
    }
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
        let fail = self.fail_on.unwrap_or(report::Gate::default().fail_on);
        if self.min_severity > fail {
            let min = self.min_severity;
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

    fn wants_estate(&self) -> bool {
        self.output.iter().map(|output| output.format).chain([self.format]).any(Format::shows_estate)
    }

    fn wants_evidence(&self) -> bool {
        self.evidence.is_some() || self.evidence_chain.is_some()
    }

    /// Writes evidence and numbers.
    fn prove(&self, outcome: &gate::Outcome, control: &Control, options: &gate::Options<'_>) -> Result<(), Wrong> {
        let program = std::env::current_exe().and_then(std::fs::read).ok().filter(|_| self.wants_evidence());
        let asked = gate::Asked {
            paths: self.paths.iter().map(|path| crate::source::shown(path)).collect(),
            exclude: self.exclude.texts(),
            when: When {
                start: options.now.to_string(),
                end: super::now().to_string(),
                clock: if super::is_fixed_clock() { "SOURCE_DATE_EPOCH" } else { "system" }.to_owned(),
            },
            program: program.map(|bytes| evidence::sha256(&bytes)),
        };
        let mut result = gate::evidence(outcome, control, options, asked);
        let inputs: Vec<(String, String)> =
            outcome.report.coverage.digests.iter().map(|(name, digest)| (name.clone(), digest.clone())).collect();
        let lines = |statements: Vec<Statement>| -> Result<String, Wrong> {
            let lines = statements.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>().map_err(Wrong::new)?;
            Ok(lines.into_iter().map(|line| line + "\n").collect())
        };
        if let Some(file) = &self.evidence {
            let text = lines(evidence::statements(&inputs, &result))?;
            std::fs::write(file, text).map_err(|error| Wrong::unwritten(format_args!("the evidence {}", file.display()), &error))?;
        }
        if let Some(file) = &self.metrics {
            let line = serde_json::json!({
                "time": result.when.end, "commit": result.context.commit, "environment": result.context.environment,
                "verdict": result.verdict, "metrics": result.metrics,
            });
            append(file, &format!("{line}\n"))?;
        }
        if let Some(file) = &self.evidence_chain {
            let known = chain(file)?;
            if let Err(broken) = evidence::check_chain(&known) {
                let help = "a chain that was changed proves nothing: begin another, and ask who has changed this one";
                return Err(Wrong::with_help(format_args!("{}:{}: {}", file.display(), broken.line, broken.reason), help));
            }
            result.prev = evidence::last_of_chain(&known);
            let mut statements = evidence::statements(&inputs, &result);
            statements.retain(|statement| statement.predicate_type == evidence::GATE_RESULT);
            append(file, &lines(statements)?)?;
        }
        Ok(())
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

/// What a chain holds that may not be there yet.
fn chain(file: &Path) -> Result<String, Wrong> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Wrong::new(format_args!("cannot read the chain {}: {error}", file.display()))),
    }
}

/// Adds text to the end of a file, which may not be there yet.
fn append(file: &Path, text: &str) -> Result<(), Wrong> {
    let mut open = std::fs::OpenOptions::new();
    let written = open.create(true).append(true).open(file).and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
    written.map_err(|error| Wrong::unwritten(format_args!("to {}", file.display()), &error))
}

/// The reviews in a file.
fn reviews(path: &Path) -> Result<Vec<Review>, Wrong> {
    let text = std::fs::read_to_string(path).map_err(|error| Wrong::new(format_args!("cannot read `{}`: {error}", path.display())))?;
    reviews_of(&text).map_err(|error| Wrong::new(format_args!("`{}`: {error}", path.display())))
}

/// Runs `work` on that many threads.
fn on_threads<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<T, Wrong> {
    let Some(threads) = threads else { return Ok(work()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build();
    pool.map(|pool| pool.install(work)).map_err(|error| Wrong::new(format_args!("cannot start {threads} threads: {error}")))
}

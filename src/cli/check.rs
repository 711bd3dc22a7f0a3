//! `flowgate check`: the gate.

use super::input::{Exclude, STDIN_NAME, input, is_stdin};
use super::output::Reporting;
use super::progress::Bar;
use super::rules::{Ask, Folders};
use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::evidence::{self, Statement, When};
use crate::finding::Severity;
use crate::gate::{self, Control};
use crate::govern::approval::{Review, reviews_of};
use crate::lint::Input;
use crate::report::shard::{Asked, Shard};
use crate::report::{self, Report};
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
    /// Judge one of N parts of all exports, as in `3/7`; `auto` takes which one from GitLab, CircleCI, Buildkite, Azure Pipelines or a
    /// Kubernetes Indexed Job. `flowgate merge` puts the JSON reports of all parts together [default: `FLOWGATE_SHARD`, else everything].
    #[arg(long, value_name = "I/N")]
    shard: Option<String>,
    /// Keep in the JSON report of a part what is known of the apps, so that `flowgate merge` can write formats that show it, as html does.
    #[arg(long)]
    keep_inventory: bool,
    #[command(flatten)]
    reporting: Reporting,
    /// Write evidence of this run, for auditors and other gates: statements of in-toto, a line each; see `flowgate verify`.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Add the result of this run to a chain of them, a line each, in which nothing can be changed or taken out unseen.
    #[arg(long, value_name = "FILE")]
    evidence_chain: Option<PathBuf>,
    /// Add the numbers of this run to a file for dashboards: a JSON object a line.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// How many threads to use, which does not change the report [default: one a processor].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Judges, reports, and returns the exit code of the verdict.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    arguments.hold_together()?;
    let share = super::shard::share(arguments.shard.as_deref())?;
    let asked = share.map(|_| arguments.asked()).transpose()?;
    if arguments.keep_inventory && share.is_none() {
        return Err(Wrong::with_help("--keep-inventory is for a part of a run", "give --shard, too, or leave it out"));
    }
    let Arguments { paths, stdin_path, .. } = arguments;
    let inputs = paths.iter().map(|path| input(path, stdin_path, &mut *streams.stdin)).collect::<Result<Vec<_>, _>>()?;
    let given = arguments.folders.load()?;
    let control = Control::read(&inputs, arguments.base.as_deref(), arguments.policy.as_deref(), &given).map_err(Wrong::from)?;
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
        estate: arguments.keep_inventory || share.is_none() && arguments.reporting.wants_estate(),
        progress: None,
    };
    let options = gate::Options { progress: progress.as_ref().map(|update| update as _), ..quiet };
    let judge = || match share.zip(asked) {
        Some((share, asked)) => {
            gate::share(&control, &inputs, &options, share, asked).map(|report| gate::Outcome { report, governance: None })
        }
        None => gate::run(&control, &inputs, &options),
    };
    let outcome = on_threads(arguments.threads, judge)?.map_err(Wrong::from)?;
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
    arguments.reporting.write(&report, streams)?;
    if let Some(part) = report.part() {
        streams.stderr.put(&format!("note: {part}; `flowgate merge` judges the whole\n"))?;
    }
    Ok(report.verdict().exit_code())
}

/// Makes the report of a run under control files from those of its shards, which were asked for so.
pub(super) fn merge(asked: &Asked, shards: Vec<Shard>, estate: bool) -> Result<Report, Wrong> {
    let inputs: Vec<Input> = asked.paths.iter().map(|path| Input::Path(path.into())).collect();
    let folders = Folders::of(&asked.rules);
    let given = folders.load()?;
    let control = Control::read(&inputs, None, asked.policy.as_deref().map(Path::new), &given).map_err(Wrong::from)?;
    let rules = Ask::of(&asked.profile, &asked.only)?.select(&control.rules, control.policy())?;
    let exclude = Exclude::of(&asked.exclude)?.globs()?;
    let options = gate::Options {
        rules: &rules,
        given: &given,
        environment: None,
        actor: None,
        reviews: &[],
        now: super::now(),
        fail_on: asked.fail_on,
        min_severity: asked.min_severity,
        exclude: exclude.as_ref(),
        digests: false,
        estate,
        progress: None,
    };
    Ok(gate::merge_under(&control, &inputs, &options, shards).map_err(Wrong::from)?.report)
}

impl From<gate::Error> for Wrong {
    fn from(error: gate::Error) -> Self {
        match error.help() {
            Some(help) => Self::with_help(&error, help),
            None => Self::new(&error),
        }
    }
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
        self.reporting.hold_together()
    }

    /// How this run is asked for, so that others can be held against it.
    fn asked(&self) -> Result<Asked, Wrong> {
        let only_whole = [
            (self.base.is_some(), "--base", "what is new is told of a whole change"),
            (self.environment.is_some(), "--environment", "apps go to an environment as a whole"),
            (self.reviews.is_some(), "--reviews", "reviews agree to a whole change"),
            (self.evidence.is_some(), "--evidence", "evidence names everything that was judged"),
            (self.evidence_chain.is_some(), "--evidence-chain", "evidence names everything that was judged"),
            (self.metrics.is_some(), "--metrics", "metrics are numbers of everything that was judged"),
        ];
        if let Some((_, flag, reason)) = only_whole.into_iter().find(|(given, ..)| *given) {
            let help = format!("leave --shard out of the run with {flag}, and give that run only the paths that it is about");
            return Err(Wrong::with_help(format_args!("{flag} and --shard cannot stand together: {reason}"), help));
        }
        let text = |path: &PathBuf| {
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| Wrong::new(format_args!("a path that is no UTF-8 cannot be sharded: {}", path.display())))
        };
        if self.paths.iter().any(|path| is_stdin(path)) {
            return Err(Wrong::with_help(
                "standard input cannot be sharded: it is one export",
                "name files and folders, or leave --shard out",
            ));
        }
        Ok(Asked {
            paths: self.paths.iter().map(text).collect::<Result<_, _>>()?,
            exclude: self.exclude.texts(),
            rules: self.folders.paths().iter().map(text).collect::<Result<_, _>>()?,
            profile: self.ask.profile().to_owned(),
            only: self.ask.only().to_vec(),
            policy: self.policy.as_ref().map(text).transpose()?,
            fail_on: self.fail_on,
            min_severity: self.min_severity,
            inventory: self.keep_inventory,
        })
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

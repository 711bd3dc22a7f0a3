//! `flowgate merge`: one report of a run that several machines have judged.

use super::check;
use super::output::Reporting;
use super::streams::Streams;
use super::wrong::Wrong;
use crate::gate;
use crate::platform::PLATFORMS;
use crate::report::shard::{self, Shard};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  flowgate check --shard 3/7 --output json=shard-3.json   on each machine, with its own number
  flowgate merge shard-*.json --output sarif=all.sarif    on one machine, when all are done";

/// Puts the reports of all shards together: the report, and the exit code, of one run over everything.
#[derive(clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", super::EXIT_CODES))]
pub(super) struct Arguments {
    /// The JSON reports of `check --shard I/N`, of each shard one, in any order.
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    #[command(flatten)]
    reporting: Reporting,
}

/// Puts together, reports, and returns the exit code of the verdict.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    arguments.reporting.hold_together()?;
    let unusable = |unusable: shard::Unusable| Wrong::with_help(unusable.reason, unusable.help);
    let shards = shard::complete(arguments.read()?).map_err(unusable)?;
    let estate = arguments.reporting.wants_estate();
    if estate && shards.first().is_some_and(|first| !first.asked.inventory) {
        let help = "give every `flowgate check --shard` the flag --keep-inventory, or leave html out";
        return Err(Wrong::with_help("the shards have not kept what the page shows of the apps", help));
    }
    let report = match shards.first() {
        Some(first) if first.control.is_some() => {
            let asked = first.asked.clone();
            check::merge(&asked, shards, estate)?
        }
        _ => gate::merge(shards, estate).map_err(Wrong::from)?,
    };
    arguments.reporting.write(&report, streams)?;
    Ok(report.verdict().exit_code())
}

impl Arguments {
    fn read(&self) -> Result<Vec<(String, Shard)>, Wrong> {
        let platforms: Vec<&'static str> = PLATFORMS.iter().map(|platform| platform.name()).collect();
        let read = |path: &PathBuf| {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).map_err(|error| Wrong::new(format_args!("cannot read the report {name}: {error}")))?;
            let shard = shard::read(&bytes, &platforms);
            let shard = shard.map_err(|error| Wrong::with_help(format_args!("{name}: {}", error.reason), error.help))?;
            Ok((name, shard))
        };
        self.reports.iter().map(read).collect()
    }
}

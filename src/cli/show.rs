//! `flowgate show`: what rules see of an export.

use super::input::{Exclude, STDIN_NAME, input};
use super::streams::Streams;
use super::wrong::Wrong;
use crate::lint::{self, Shown};
use crate::policy::Policy;
use crate::report::{Verdict, visible};
use crate::rule::Selected;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  flowgate show flows/intake.json
  n8n export:workflow --id 7 | flowgate show -

Exit codes:
  0  every export that could be read was shown
  2  wrong use
  3  there is no export, or it cannot be read";

/// Prints what rules see of an export: its elements with their facts, as YAML, secrets hidden.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// File or folder to show; `-` is standard input.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Add what this policy says.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    exclude: Exclude,
}

/// Prints the models.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let inputs = [input(&arguments.path, STDIN_NAME, &mut *streams.stdin)?];
    let policy = arguments.policy.as_deref().map(Policy::load).transpose().map_err(Wrong::new)?;
    let (rules, exclude) = (Selected::new([]), arguments.exclude.globs()?);
    let options = lint::Options { policy: policy.as_ref(), now: super::now(), exclude: exclude.as_ref(), ..lint::Options::new(&rules) };
    let mut shown = 0;
    for Shown { file, yaml, reason } in lint::show(&inputs, &options).map_err(Wrong::new)? {
        if let Some(yaml) = yaml {
            streams.stdout.put(&format!("--- # {}\n{yaml}", visible(&file)))?;
            shown += 1;
        } else {
            streams.stderr.put(&format!("{}: {}\n", visible(&file), visible(&reason)))?;
        }
    }
    Ok(if shown > 0 { 0 } else { Verdict::Incomplete.exit_code() })
}

//! The command line: the only place that knows flags, streams and exit codes. One file a command.

mod check;
mod completions;
mod diff;
mod digest;
mod input;
mod inventory;
mod manifest;
mod merge;
mod output;
mod policy;
mod progress;
mod rules;
mod shard;
mod show;
mod streams;
mod verify;
mod waive;
mod word;
mod wrong;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use std::ffi::OsString;
use std::io::Write as _;
use wrong::Wrong;

pub use streams::{Out, Streams};

/// Exit codes, as `--help` explains them.
const EXIT_CODES: &str = "\
Exit codes:
  0  passed: everything was judged, and no finding reaches the threshold
  1  blocked: a finding reaches the threshold
  2  wrong use: flags, paths, rules or the policy are wrong, or a report could not be written
  3  incomplete: something could not be judged, and nothing that could be judged blocks";

/// Static linter and CI gate for what no-code platforms export.
#[derive(Parser)]
#[command(name = "flowgate", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to colour what is printed; `auto` is on a terminal, unless `NO_COLOR` or `CLICOLOR_FORCE` is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 900)]
    color: Color,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Merge(merge::Arguments),
    #[command(subcommand)]
    Rules(rules::Command),
    Show(show::Arguments),
    #[command(subcommand)]
    Policy(policy::Command),
    #[command(subcommand)]
    Manifest(manifest::Command),
    Diff(diff::Arguments),
    Inventory(inventory::Arguments),
    Waive(waive::Arguments),
    Verify(verify::Arguments),
    Digest(digest::Arguments),
    Completions(completions::Arguments),
}

/// Runs one command line, program name included, and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> u8 {
    let parsed = Arguments::try_parse_from(arguments);
    let color = parsed.as_ref().map_or(Color::Auto, |arguments| arguments.color);
    streams.stdout.choose(color);
    streams.stderr.choose(color);
    let outcome = parsed.map_err(Wrong::from).and_then(|arguments| match arguments.command {
        Command::Check(arguments) => check::run(&arguments, streams),
        Command::Merge(arguments) => merge::run(&arguments, streams),
        Command::Rules(command) => rules::run(&command, streams),
        Command::Show(arguments) => show::run(&arguments, streams),
        Command::Policy(command) => policy::run(&command, streams),
        Command::Diff(arguments) => diff::run(&arguments, streams),
        Command::Inventory(arguments) => inventory::run(&arguments, streams),
        Command::Manifest(command) => manifest::run(&command, streams),
        Command::Waive(arguments) => waive::run(&arguments, streams),
        Command::Verify(arguments) => verify::run(&arguments, streams),
        Command::Digest(arguments) => digest::run(&arguments, streams),
        Command::Completions(arguments) => completions::run(&arguments, streams),
    });
    let outcome = outcome.and_then(|code| streams.stdout.flush().map(|()| code).map_err(Wrong::from));
    outcome.unwrap_or_else(|wrong| wrong.tell(streams))
}

/// Whether the time is one that somebody has set.
fn is_fixed_clock() -> bool {
    std::env::var("SOURCE_DATE_EPOCH").is_ok_and(|seconds| seconds.parse::<i64>().is_ok())
}

/// The time that reports state: that of `SOURCE_DATE_EPOCH` where a build that can be repeated sets it.
fn now() -> Timestamp {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok());
    fixed.unwrap_or_else(Timestamp::now)
}

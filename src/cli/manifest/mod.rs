//! `flowgate manifest`: begins the manifest of an app, and explains what follows from one.

mod draft;
mod explain;
mod init;

use super::streams::Streams;
use super::wrong::Wrong;

/// Begins the manifest of an app, or explains its risk.
#[derive(clap::Subcommand)]
pub(super) enum Command {
    Init(init::Arguments),
    Explain(explain::Arguments),
}

/// Runs the subcommand.
pub(super) fn run(command: &Command, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    match command {
        Command::Init(arguments) => init::run(arguments, streams),
        Command::Explain(arguments) => explain::run(arguments, streams),
    }
}

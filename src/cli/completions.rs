//! `flowgate completions`: what shells complete.

use super::streams::Streams;
use super::wrong::Wrong;
use clap::CommandFactory as _;
use clap_complete::Shell;
use std::io::Write as _;

const EXAMPLES: &str = "\
Examples:
  flowgate completions bash > ~/.local/share/bash-completion/completions/flowgate
  flowgate completions zsh > ~/.zfunc/_flowgate
  flowgate completions fish > ~/.config/fish/completions/flowgate.fish";

/// Prints a script that makes a shell complete commands and flags.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The shell that will read it.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    // Into memory first: the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "flowgate", &mut script);
    streams.stdout.write_all(&script)?;
    Ok(0)
}

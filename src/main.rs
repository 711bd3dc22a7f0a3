//! The command line program.

use flowgate::cli::{self, Streams};
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cli::run(std::env::args_os(), &mut Streams::of_process()))
}

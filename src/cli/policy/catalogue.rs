//! `flowgate policy catalogue`: the rights that are found, as the catalogue of a policy.

use super::{Streams, Wrong, exports};
use crate::policy::catalogue::Draft;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  flowgate policy catalogue --from solutions > catalogue.yaml";

/// Prints a catalogue of rights that covers what the exports grant, to be read, cut down and put into the policy.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Files and folders with exports.
    #[arg(long, value_name = "PATH", default_value = ".")]
    from: PathBuf,
}

/// Prints it.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let mut draft = Draft::default();
    exports(&arguments.from, &mut |model, _| draft.add(model))?;
    if draft.is_empty() {
        return Err(Wrong::new(format_args!("no export in {} gives a right to a role that has a name", arguments.from.display())));
    }
    streams.stdout.put(&draft.yaml())?;
    Ok(0)
}

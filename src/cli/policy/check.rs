//! `flowgate policy check`: whether a policy says what can be said, and what in it does not hold any more.

use super::{Streams, Wrong, exports};
use crate::cli::rules::Folders;
use crate::model::Fact;
use crate::policy::Policy;
use std::collections::BTreeSet;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  flowgate policy check
  flowgate policy check .flowgate/policy.yaml --against flows

Exit codes:
  0  the policy can be used; what has expired and what looks like a mistake is told
  2  it cannot";

/// Checks a policy: unknown keys, rules and classes are refused with their place; what has expired is told.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The policy.
    #[arg(value_name = "FILE", default_value = ".flowgate/policy.yaml")]
    file: PathBuf,
    /// Tell which connectors of the policy no export in these files uses.
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

/// Checks it.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let policy = super::load(&arguments.file, &arguments.folders.load()?)?;
    let source = Policy::source(&arguments.file).map_err(Wrong::new)?;
    let mut notes = policy.over(&source, crate::cli::now());
    if let Some(path) = &arguments.against {
        let mut used = BTreeSet::new();
        exports(path, &mut |model, _| {
            used.extend(model.elements.iter().filter_map(|element| element.text(Fact::ConnectorKey)).map(str::to_owned));
        })?;
        notes.extend(policy.unused(&source, &used));
    }
    let over = notes.iter().filter(|note| note.is_over).count();
    for note in &notes {
        streams.stdout.put(&format!("{}: {note}\n", if note.is_over { "expired" } else { "hint" }))?;
    }
    let told = match (over, notes.len() - over) {
        (0, 0) => String::new(),
        (over, 0) => format!("; {over} of what it says has ended"),
        (0, _) => "; see the hints".to_owned(),
        (over, _) => format!("; {over} of what it says has ended, and see the hints"),
    };
    streams.stdout.put(&format!("{} can be used{told}\n", arguments.file.display()))?;
    Ok(0)
}

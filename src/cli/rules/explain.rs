//! `flowgate rules explain`: the page of a rule.

use super::{Folders, Streams, Wrong, named};
use crate::rule::page;

/// Explains a rule: what it finds, why that matters, what to do, and when it is no problem.
#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The name of the rule, as reports write it in brackets.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    folders: Folders,
}

/// Prints the page.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let rules = arguments.folders.load()?;
    streams.stdout.put(&page::explain(named(&rules, &arguments.id)?))?;
    Ok(0)
}

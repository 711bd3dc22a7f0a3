//! `flowgate policy`: begin a policy, check it, draft its catalogue of rights.

mod catalogue;
mod check;
mod init;

use super::streams::Streams;
use super::wrong::Wrong;
use crate::lint::{self, Input};
use crate::model::Model;
use crate::policy::Policy;
use crate::rule::{RuleSet, Selected};
use std::path::Path;

/// Begins, checks and extends the policy of an organisation.
#[derive(clap::Subcommand)]
pub(super) enum Command {
    Init(init::Arguments),
    Check(check::Arguments),
    Catalogue(catalogue::Arguments),
}

/// Runs one of them.
pub(super) fn run(command: &Command, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    match command {
        Command::Init(arguments) => init::run(arguments, streams),
        Command::Check(arguments) => check::run(arguments, streams),
        Command::Catalogue(arguments) => catalogue::run(arguments, streams),
    }
}

/// The policy at `path`, whose rules must all be known.
pub(super) fn load(path: &Path, rules: &RuleSet) -> Result<Policy, Wrong> {
    let source = Policy::source(path).map_err(Wrong::new)?;
    let policy = Policy::parse_with(&source, &Policy::files_beside(path)).map_err(Wrong::new)?;
    let known: Vec<&str> = rules.iter().map(|rule| &*rule.id).collect();
    policy.hold_rules(&source, &known).map_err(Wrong::new)?;
    Ok(policy)
}

/// Hands the model of each export at `path` to `ask`, with the name of the export.
fn exports(path: &Path, ask: &mut dyn FnMut(&Model<'_>, &str)) -> Result<(), Wrong> {
    let rules = Selected::new([]);
    lint::each(&[Input::Path(path.to_owned())], &lint::Options::new(&rules), ask).map_err(Wrong::new)
}

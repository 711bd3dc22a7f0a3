//! `flowgate rules check`: whether rules find what their examples say.

use super::{Streams, Wrong, builtin, read};
use crate::cli::wrong;
use crate::lint;
use crate::rule::{Rule, RuleSet, verify};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  flowgate rules check                    the built-in rules
  flowgate rules check .flowgate/rules    rules of your own

Exit codes:
  0  every example of every rule comes out as it says
  2  a rule file is wrong, or an example does not";

/// Loads rules and runs their examples: bad ones must be found where they say, good ones not at all.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Folders of rules; without any, the rules that are built in.
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Print every example and what came out of it.
    #[arg(long, short)]
    verbose: bool,
}

/// Prints the examples that do not hold, and the numbers.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let rules = rules(&arguments.folders)?;
    let outcomes = verify::verify(&rules, &lint::example);
    let wrong = outcomes.iter().filter(|outcome| !outcome.verdict.is_as_expected()).count();
    for outcome in outcomes.iter().filter(|outcome| arguments.verbose || !outcome.verdict.is_as_expected()) {
        streams.stdout.put(&format!("{outcome}\n"))?;
    }
    let hold = if wrong == 0 { "all hold".to_owned() } else { format!("{wrong} do not hold") };
    let s = if rules.len() == 1 { "" } else { "s" };
    writeln!(streams.stdout, "{} rule{s}, {} examples: {hold}", rules.len(), outcomes.len())?;
    Ok(if wrong == 0 { 0 } else { wrong::EXIT_CODE })
}

/// The rules to run. Those of folders must go together with those that are built in, or `check --rules` could not use them; the
/// folder that the built-in ones were made from may be named, too.
fn rules(folders: &[PathBuf]) -> Result<Vec<Arc<Rule>>, Wrong> {
    let builtin = builtin()?;
    if folders.is_empty() {
        return Ok(builtin.iter().map(Arc::clone).collect());
    }
    let (mut set, mut ids) = (builtin.clone(), Vec::new());
    for folder in folders {
        let mut rules = read(folder)?;
        ids.extend(rules.iter().map(|rule| Arc::clone(&rule.id)));
        rules.retain(|rule| !is_builtin(builtin, rule));
        set = set.with(rules).map_err(Wrong::new)?;
    }
    Ok(ids.iter().filter_map(|id| set.get(id)).map(Arc::clone).collect())
}

fn is_builtin(builtin: &RuleSet, rule: &Rule) -> bool {
    builtin.get(&rule.id).is_some_and(|known| known.source().text() == rule.source().text())
}

//! `flowgate rules`: which rules there are, what they say, and how to write more.

mod check;
mod explain;
mod list;
mod new;
mod vocabulary;

use super::streams::Streams;
use super::word;
use super::wrong::Wrong;
use crate::policy::Policy;
use crate::rule::{Profile, Rule, RuleSet, Selected};
use crate::tree::de::nearest;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lists, explains, tests and begins rules.
#[derive(clap::Subcommand)]
pub(super) enum Command {
    List(list::Arguments),
    Explain(explain::Arguments),
    Check(check::Arguments),
    New(new::Arguments),
    Vocabulary(vocabulary::Arguments),
}

/// Runs the subcommand.
pub(super) fn run(command: &Command, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    match command {
        Command::List(arguments) => list::run(arguments, streams),
        Command::Explain(arguments) => explain::run(arguments, streams),
        Command::Check(arguments) => check::run(arguments, streams),
        Command::New(arguments) => new::run(arguments, streams),
        Command::Vocabulary(arguments) => vocabulary::run(arguments, streams),
    }
}

/// Where rules come from.
#[derive(clap::Args)]
pub(super) struct Folders {
    /// Take the rules in this folder, too; repeatable.
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
}

impl Folders {
    /// Those of a run that was asked for elsewhere.
    pub(super) fn of(paths: &[String]) -> Self {
        Self { rules: paths.iter().map(PathBuf::from).collect() }
    }

    /// The folders.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.rules
    }

    /// The rules that are built in and those of the folders.
    pub(super) fn load(&self) -> Result<RuleSet, Wrong> {
        self.rules.iter().try_fold(builtin()?.clone(), |set, folder| set.with(read(folder)?).map_err(Wrong::new))
    }
}

/// Rules that guard the gate itself: no policy switches them off.
const GUARDS: [&str; 2] = ["weakened-gate", "invalid-waiver"];

/// Which rules to ask.
#[derive(clap::Args)]
pub(super) struct Ask {
    /// The set of rules to ask; each includes the ones before it.
    #[arg(long, value_parser = word::profile(), default_value = Profile::Recommended.as_str())]
    profile: Profile,
    /// Ask only this rule, whatever its profile; repeatable.
    #[arg(long = "rule", value_name = "ID", conflicts_with = "profile")]
    only: Vec<String>,
}

impl Ask {
    /// What was asked for elsewhere.
    pub(super) fn of(profile: &str, only: &[String]) -> Result<Self, Wrong> {
        Ok(Self { profile: profile.parse().map_err(Wrong::new)?, only: only.to_vec() })
    }

    /// The name of the set of rules.
    pub(super) const fn profile(&self) -> &'static str {
        self.profile.as_str()
    }

    /// The only rules to ask; all of the set where there are none.
    pub(super) fn only(&self) -> &[String] {
        &self.only
    }

    /// Those of the rules that were asked for, and that the policy asks for; what it leaves out is asked only by name.
    pub(super) fn select(&self, rules: &RuleSet, policy: Option<&Policy>) -> Result<Selected, Wrong> {
        if self.only.is_empty() {
            let least = policy.and_then(|policy| policy.rules().profile()?.parse().ok()).unwrap_or_default();
            let asks = |rule: &Rule| policy.is_none_or(|policy| policy.rules().asks(&rule.id)) || GUARDS.contains(&&*rule.id);
            return Ok(rules.select(self.profile.max(least), asks));
        }
        let only = self.only.iter().map(|id| named(rules, id).map(Arc::clone)).collect::<Result<Vec<_>, _>>()?;
        Ok(rules.select(Profile::Audit, |rule| only.iter().any(|one| one.id == rule.id)))
    }
}

fn builtin() -> Result<&'static RuleSet, Wrong> {
    RuleSet::builtin().map_err(Wrong::new)
}

/// The rules of a folder. One without rules is a mistake: nobody asks for nothing.
fn read(folder: &Path) -> Result<Vec<Rule>, Wrong> {
    match RuleSet::load_dir(folder) {
        Ok(rules) if rules.is_empty() => {
            let help = "a rule is a file <category>/<id>.yaml; `flowgate rules new <category>/<id>` writes one to begin with";
            Err(Wrong::with_help(format_args!("there are no rules in {}", folder.display()), help))
        }
        read => read.map_err(Wrong::new),
    }
}

/// The rule of that name.
fn named<'s>(rules: &'s RuleSet, id: &str) -> Result<&'s Arc<Rule>, Wrong> {
    rules.get(id).ok_or_else(|| {
        let known: Vec<&str> = rules.iter().map(|rule| &*rule.id).collect();
        let meant = nearest(id, &known).map(|meant| format!("did you mean `{meant}`? "));
        let help = format!("{}`flowgate rules list` names all rules", meant.unwrap_or_default());
        Wrong::with_help(format_args!("there is no rule `{id}`"), help)
    })
}

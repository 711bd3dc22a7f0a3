//! `flowgate rules list`: the rules, one a line.

use super::{Folders, Streams, Wrong};
use crate::cli::word;
use crate::report::visible;
use crate::rule::Profile;
use std::io::Write as _;

/// Lists rules with severity, profile, category and title.
#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Only the rules of this profile and of those that it includes.
    #[arg(long, value_parser = word::profile(), default_value = Profile::Audit.as_str())]
    profile: Profile,
    #[command(flatten)]
    folders: Folders,
}

/// Prints the list.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let rules = arguments.folders.load()?;
    let rows = || rules.iter().filter(|rule| rule.profile <= arguments.profile);
    let (ids, categories) = rows().fold((0, 0), |(ids, categories), rule| (ids.max(rule.id.len()), categories.max(rule.category.len())));
    for rule in rows() {
        let (id, severity, profile, category, title) = (&rule.id, rule.severity, rule.profile, &rule.category, visible(&rule.title));
        writeln!(streams.stdout, "{id:ids$}  {severity:8}  {profile:11}  {category:categories$}  {title}")?;
    }
    Ok(0)
}

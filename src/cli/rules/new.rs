//! `flowgate rules new`: a rule file to begin with.

use super::{Streams, Wrong, builtin};
use crate::rule::page;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

const EXAMPLES: &str = "\
Examples:
  flowgate rules new security/forgotten-debug-step
  flowgate rules new quality/unnamed-step --dir .flowgate/rules";

/// Writes a rule to begin with: it loads, its examples hold, and its comments say what to change.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The folder and the name of the rule; the name is the problem, in words that read after "allow".
    #[arg(value_name = "CATEGORY/ID")]
    name: Name,
    /// The folder of all rules.
    #[arg(long, value_name = "DIR", default_value = "rules")]
    dir: PathBuf,
}

/// Category and id of a rule.
#[derive(Clone, Debug)]
struct Name {
    category: String,
    id: String,
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| {
            let plain = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            part.starts_with(|first: char| first.is_ascii_lowercase()) && part.split('-').all(plain)
        };
        match given.split_once('/') {
            Some((category, id)) if part(category) && part(id) => Ok(Self { category: category.into(), id: id.into() }),
            _ => Err("write <category>/<id> in lower-case words joined by hyphens, as in security/forgotten-debug-step"),
        }
    }
}

/// Writes the file, but never over another.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let Arguments { name: Name { category, id }, dir } = arguments;
    if builtin()?.get(id).is_some() {
        let help = format!("`flowgate rules explain {id}` says what it finds");
        return Err(Wrong::with_help(format_args!("there is a built-in rule `{id}` already"), help));
    }
    let folder = dir.join(category);
    let file = folder.join(format!("{id}.yaml"));
    let write = || {
        fs::create_dir_all(&folder)?;
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&file)?;
        file.write_all(page::stub(category, id).as_bytes())
    };
    write().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Wrong::new(format_args!("{} exists already", file.display())),
        _ => Wrong::unwritten(file.display(), &error),
    })?;
    writeln!(streams.stdout, "wrote {}\nedit it, then run: flowgate rules check {}", file.display(), dir.display())?;
    Ok(0)
}

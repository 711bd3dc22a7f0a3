//! `flowgate policy init`: a policy to begin with.

use super::{Streams, Wrong, exports};
use crate::policy::draft::Draft;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  flowgate policy init                       .flowgate/policy.yaml, from everything below this folder
  flowgate policy init flows --stdout";

/// Writes a policy to begin with: it lists what the exports use, with where and how often, and approves nothing.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Files and folders with exports.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE", default_value = ".flowgate/policy.yaml")]
    file: PathBuf,
    /// Print the policy instead.
    #[arg(long, conflicts_with = "file")]
    stdout: bool,
}

/// Writes the file, but never over another.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let mut draft = Draft::default();
    exports(&arguments.path, &mut |model, name| draft.add(model, name))?;
    if arguments.stdout {
        streams.stdout.put(&draft.yaml())?;
        return Ok(0);
    }
    write_new(&arguments.file, &draft.yaml())?;
    let file = arguments.file.display();
    writeln!(streams.stdout, "wrote {file}\nedit it, then run: flowgate policy check {file}")?;
    Ok(0)
}

fn write_new(file: &Path, text: &str) -> Result<(), Wrong> {
    let write = || {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        fs::OpenOptions::new().write(true).create_new(true).open(file)?.write_all(text.as_bytes())
    };
    write().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Wrong::new(format_args!("{} exists already", file.display())),
        _ => Wrong::unwritten(file.display(), &error),
    })
}

//! `flowgate digest`: what a sign-off is about.

use super::input::{STDIN_NAME, input};
use super::streams::Streams;
use super::wrong::Wrong;
use crate::lint;
use crate::model::inventory::digest_together;
use crate::report::Verdict;
use crate::rule::Selected;
use std::io::Write as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  flowgate digest flows/order-intake                                      what to sign off
  flowgate digest solution.zip --function security --by sec-ana           the line for the manifest
  flowgate digest solution.zip | ssh-keygen -Y sign -n flowgate -f KEY    sign it

Exit codes:
  0  the digest was printed
  2  wrong use
  3  there is no export, or one cannot be read";

/// Prints the digest of the content of an app, which sign-offs and waivers are bound to; a harmless re-export does not change it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// All files and folders of the app; `-` is standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Print the line to add to `signoffs` of the manifest: the function that signs off.
    #[arg(long, value_name = "FUNCTION", requires = "by")]
    function: Option<String>,
    /// Print the line to add to `signoffs` of the manifest: who signs off.
    #[arg(long, value_name = "ID", requires = "function")]
    by: Option<String>,
}

/// Prints the digest, alone on its line: so it can be signed as it is.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let inputs = arguments.paths.iter().map(|path| input(path, STDIN_NAME, &mut *streams.stdin)).collect::<Result<Vec<_>, _>>()?;
    let rules = Selected::new([]);
    let recorded = lint::records(&inputs, &lint::Options::new(&rules)).map_err(Wrong::new)?;
    for file in &recorded.coverage.unreadable {
        streams.stderr.put(&format!("cannot judge {}: {}\n", file.file, file.reason))?;
    }
    if !recorded.coverage.unreadable.is_empty() || recorded.records.is_empty() {
        if recorded.records.is_empty() {
            streams.stderr.put("there is no export of a platform that Flowgate knows\n")?;
        }
        return Ok(Verdict::Incomplete.exit_code());
    }
    let digest = digest_together(&recorded.records);
    match (&arguments.function, &arguments.by) {
        (Some(function), Some(by)) => {
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            let (function, by, on) = (quoted(function), quoted(by), super::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
            writeln!(streams.stdout, "  - {{ function: {function}, by: {by}, on: {on}, decision: approve, input_digest: \"{digest}\" }}")?;
        }
        _ => writeln!(streams.stdout, "{digest}")?,
    }
    Ok(0)
}

//! `flowgate manifest explain`: the risk of apps, term by term.

use super::{Streams, Wrong};
use crate::discover;
use crate::govern::manifest as declared;
use crate::govern::risk::{Exposure, Risk};
use crate::lint::{self, Input, Surveyed};
use crate::platform;
use crate::policy::Policy;
use crate::policy::manifest::{Manifest, Manifests, NAME, Surroundings};
use crate::report::{Verdict, visible};
use crate::rule::Selected;
use crate::source::Source;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  flowgate manifest explain flows/order-intake
  flowgate manifest explain . --policy .flowgate/policy.yaml

Exit codes:
  0  explained
  2  wrong use, or a manifest is wrong
  3  there is no export, or one cannot be read";

/// Explains the inherent risk of apps: each term with what it adds and where it comes from, and the tier that follows. What an
/// export shows counts wherever its manifest says less.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The file or folder with the exports.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Count by the weights of this policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// Prints the risk of each app that a manifest describes, and of each export that none does.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    let policy = arguments.policy.as_deref().map(Policy::load).transpose().map_err(Wrong::new)?;
    let rules = Selected::new([]);
    let options = lint::Options { policy: policy.as_ref(), ..lint::Options::new(&rules) };
    let (exports, unreadable) = lint::survey(&[Input::Path(arguments.path.clone())], &options).map_err(Wrong::new)?;
    let manifests = manifests(&arguments.path, policy.as_ref())?;
    if exports.is_empty() {
        streams.stderr.put(&format!("there is no export of a platform that Flowgate knows in {}\n", arguments.path.display()))?;
        return Ok(Verdict::Incomplete.exit_code());
    }
    let mut described: BTreeMap<&str, (&Manifest, Exposure)> = BTreeMap::new();
    let mut others: Vec<&Surveyed> = Vec::new();
    for export in &exports {
        match manifests.for_path(&export.file) {
            Some(manifest) => {
                let exposure = &mut described.entry(&manifest.path).or_insert_with(|| (manifest, Exposure::default())).1;
                exposure.merge(export.exposure.clone(), policy.as_ref());
            }
            None => others.push(export),
        }
    }
    let mut parts: Vec<String> = Vec::new();
    for (manifest, exposure) in described.values() {
        parts.push(told(&format!("{} ({})", manifest.name(), manifest.path), exposure, Some(manifest), policy.as_ref()));
    }
    for export in others {
        parts.push(told(&format!("{} (no manifest)", export.file), &export.exposure, None, policy.as_ref()));
    }
    streams.stdout.put(&parts.join("\n"))?;
    Ok(if unreadable == 0 { 0 } else { Verdict::Incomplete.exit_code() })
}

fn told(title: &str, exposure: &Exposure, manifest: Option<&Manifest>, policy: Option<&Policy>) -> String {
    let risk = Risk::new(exposure, manifest, policy);
    let line = |text: &str| visible(&text.replace(char::is_control, " ")).into_owned();
    let mut text = format!("{}\n", line(title));
    let width = risk.terms.iter().map(|term| term.word.chars().count()).max().unwrap_or(0);
    for term in &risk.terms {
        let sum = format!("{} x {} = {:>2}", term.weight, term.times, term.points());
        let origin = line(&term.origin.to_string());
        let _ = writeln!(text, "  {:<11}  {:<width$}  {sum}   {origin}", term.factor.name(), term.word);
    }
    let _ = writeln!(text, "  risk {}: {}", risk.inherent, risk.by_number(policy).name());
    for (floor, origin) in &risk.floors {
        let _ = writeln!(text, "  at least {}: {}", floor.tier().name(), line(&format!("{} ({origin})", floor.reason())));
    }
    let tier = manifest.map_or(risk.tier, |manifest| declared::tier(manifest, Some(&risk)));
    let stated = manifest.and_then(|manifest| manifest.file.risk_tier.as_ref()).map(|tier| tier.value);
    let remark = match stated {
        Some(stated) if stated < risk.tier => format!(", not {} as declared: a manifest may only raise it", stated.name()),
        Some(stated) if stated > risk.tier => ", as declared".to_owned(),
        _ => String::new(),
    };
    let _ = writeln!(text, "  tier {}{remark}", tier.name());
    text
}

/// The manifests below the path, and those above it that may speak for it.
fn manifests(path: &Path, policy: Option<&Policy>) -> Result<Manifests, Wrong> {
    let found = discover::discover(&[path.to_owned()], None).map_err(Wrong::new)?;
    let below = found.files.into_iter().map(|file| file.path).filter(|file| file.file_name().is_some_and(|name| name == NAME));
    let mut files: Vec<PathBuf> = below.collect();
    files.extend(path.ancestors().skip(1).map(|folder| folder.join(NAME)).filter(|file| file.is_file()));
    let read = |file: &PathBuf| {
        Source::read(file, discover::shown(file)).map_err(|error| Wrong::new(format_args!("{}: {error}", discover::shown(file))))
    };
    let sources = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let absolute = path.is_absolute();
    let exists = |path: &str| if absolute { Path::new("/").join(path).exists() } else { path.is_empty() || Path::new(path).exists() };
    let platforms = platform::of_apps();
    Manifests::read(&sources, &Surroundings { exists: &exists, platforms: &platforms, policy }).map_err(Wrong::new)
}

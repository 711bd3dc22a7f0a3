//! `flowgate waive`: the draft of a waiver. It holds only when somebody else has agreed.

use super::input::{STDIN_NAME, input};
use super::rules::Folders;
use super::streams::Streams;
use super::wrong::Wrong;
use crate::discover::shown;
use crate::finding::{Finding, Severity};
use crate::govern::waivers::Limits;
use crate::lint;
use crate::policy::Policy;
use crate::policy::waiver::{Category, FOLDER};
use crate::rule::Profile;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  flowgate waive f1:7b2e41d9 flows --reason 'The scanner speaks nothing else' --owner olga
  flowgate waive f1:7b2e41d9 --report report.json --reason 'A test key' --category false-positive --owner olga

The fingerprint is in every report but the one for people; its first eight digits will do.

Exit codes:
  0  the draft was written
  2  wrong use, there is no such finding, or nobody may waive it";

/// Drafts a waiver of one finding; it holds when somebody else has agreed to it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The finding, by its fingerprint or the beginning of it.
    #[arg(value_name = "FINGERPRINT")]
    fingerprint: String,
    /// The files and folders to find it in.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Find it in this JSON report of `flowgate check` instead.
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    report: Option<PathBuf>,
    /// Why the finding may stay.
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
    /// Who answers for it while it lasts.
    #[arg(long, value_name = "ID", required = true)]
    owner: String,
    /// What kind of decision it is: `false-positive`, `risk-accepted` or `compensating-control`.
    #[arg(long, value_name = "CATEGORY", value_parser = category, default_value = Category::RiskAccepted.as_str())]
    category: Category,
    /// What protects instead; goes with the category `compensating-control`.
    #[arg(long, value_name = "TEXT")]
    control: Option<String>,
    /// Where it is discussed.
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,
    /// Name of the waiver, and of its file [default: made of the rule and the fingerprint].
    #[arg(long, value_name = "ID", value_parser = id)]
    id: Option<String>,
    /// Draft it for this policy of your organisation.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
    /// The folder of waivers.
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    folder: PathBuf,
    /// Print the draft instead of writing it.
    #[arg(long)]
    print: bool,
}

fn category(word: &str) -> Result<Category, String> {
    let all = [Category::FalsePositive, Category::RiskAccepted, Category::CompensatingControl];
    all.into_iter()
        .find(|category| category.as_str() == word)
        .ok_or_else(|| format!("write one of {}", all.map(Category::as_str).join(", ")))
}

fn id(text: &str) -> Result<String, String> {
    let plain = !text.is_empty() && !text.starts_with('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if plain { Ok(text.to_owned()) } else { Err("it names a file: use letters, digits, `-`, `_` and `.`".into()) }
}

/// What a waiver has to know of a finding.
#[derive(Deserialize)]
struct Known {
    rule: String,
    severity: Severity,
    message: String,
    fingerprint: String,
    file: String,
    app: Option<Named>,
    tags: Vec<String>,
}

/// An app.
#[derive(Deserialize)]
struct Named {
    name: String,
    id: String,
}

#[derive(Deserialize)]
struct ReportFile {
    findings: Vec<Known>,
}

impl From<Finding> for Known {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            message: finding.message,
            fingerprint: finding.fingerprint,
            file: finding.location.file.to_string(),
            app: finding.app.map(|app| Named { name: app.name, id: app.id }),
            tags: finding.tags.to_vec(),
        }
    }
}

/// Writes the draft, but never over a waiver.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    if (arguments.category == Category::CompensatingControl) != arguments.control.is_some() {
        return Err(Wrong::new("--control goes with --category compensating-control: it says what protects instead"));
    }
    let policy = arguments.policy.as_deref().map(Policy::load).transpose().map_err(Wrong::new)?;
    let limits = Limits::default();
    let finding = arguments.find(policy.as_ref(), streams)?;
    if !limits.lets_waive(&finding.rule, &finding.tags) {
        let message = format_args!("nobody may waive findings of `{}`", finding.rule);
        return Err(Wrong::with_help(message, "settle it; `flowgate rules explain` says how"));
    }
    let draft = arguments.draft(&finding, &limits);
    if arguments.print {
        streams.stdout.put(&draft)?;
        return Ok(0);
    }
    let path = arguments.folder.join(format!("{}.yaml", arguments.id(&finding)));
    write(&path, &draft)?;
    let path = shown(&path);
    let who = limits.approver.map_or("somebody else".to_owned(), |function| format!("somebody of `{function}`"));
    writeln!(streams.stdout, "wrote {path}: the waiver is a draft until {who} has agreed in `approved_by`")?;
    Ok(0)
}

fn write(path: &Path, draft: &str) -> Result<(), Wrong> {
    let unwritten = |error: &std::io::Error| Wrong::unwritten(path.display(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritten(&error))?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(draft.as_bytes()).map_err(|error| unwritten(&error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let help = "to prolong it, raise `renewal` and have it approved again; or give this one another name with --id";
            Err(Wrong::with_help(format_args!("there is a waiver already: {}", shown(path)), help))
        }
        Err(error) => Err(unwritten(&error)),
    }
}

impl Arguments {
    /// The one finding that the fingerprint is of.
    fn find(&self, policy: Option<&Policy>, streams: &mut Streams<'_>) -> Result<Known, Wrong> {
        const SHORTEST: usize = "f1:".len() + 8;
        let wanted = self.fingerprint.trim();
        if !wanted.starts_with("f1:") || wanted.len() < SHORTEST {
            return Err(Wrong::with_help("a fingerprint is `f1:` and at least eight digits", "`flowgate check --format jsonl` tells them"));
        }
        let mut found = match &self.report {
            Some(report) => reported(report)?,
            None => self.judged(policy, streams)?,
        };
        found.retain(|finding| finding.fingerprint.starts_with(wanted));
        match (found.pop(), found.len()) {
            (Some(finding), 0) => Ok(finding),
            (Some(_), more) => Err(Wrong::new(format_args!("{} findings have a fingerprint that begins so: write more of it", more + 1))),
            (None, _) => {
                let help = "is it settled already? `flowgate check --format jsonl` tells all fingerprints";
                Err(Wrong::with_help(format_args!("there is no finding {wanted}"), help))
            }
        }
    }

    fn judged(&self, policy: Option<&Policy>, streams: &mut Streams<'_>) -> Result<Vec<Known>, Wrong> {
        let inputs = self.paths.iter().map(|path| input(path, STDIN_NAME, &mut *streams.stdin)).collect::<Result<Vec<_>, _>>()?;
        let rules = self.folders.load()?.select(Profile::Audit, |_| true);
        let options = lint::Options { policy, ..lint::Options::new(&rules) };
        let report = lint::lint(&inputs, &options).map_err(Wrong::new)?;
        Ok(report.findings.into_iter().map(Known::from).collect())
    }

    fn id(&self, finding: &Known) -> String {
        let digits = finding.fingerprint.trim_start_matches("f1:");
        self.id.clone().unwrap_or_else(|| format!("{}-{}", finding.rule, digits.get(..8).unwrap_or(digits)))
    }

    fn draft(&self, finding: &Known, limits: &Limits) -> String {
        let days = limits.days(finding.severity);
        let expires = super::now().checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX);
        let app = finding.app.as_ref().map(|app| if app.id.is_empty() { &app.name } else { &app.id }).filter(|app| !app.is_empty());
        let function = limits.approver.as_deref().unwrap_or("security");
        let mut lines = vec![
            format!("# {}", line(&finding.message)),
            format!("# in {}", line(&finding.file)),
            "apiVersion: flowgate/v1".to_owned(),
            format!("id: {}", quoted(&self.id(finding))),
            format!("rule: {}", finding.rule),
        ];
        lines.extend(app.map(|app| format!("app: {}", quoted(app))));
        lines.push(format!("fingerprint: {}", quoted(&finding.fingerprint)));
        lines.push(format!("category: {}", self.category.as_str()));
        lines.push(format!("reason: {}", quoted(&self.reason)));
        lines.extend(self.control.as_ref().map(|control| format!("compensating_control: {}", quoted(control))));
        lines.push(format!("owner: {}", quoted(&self.owner)));
        lines.push("# Somebody else agrees here, in the change that brings this file to the protected branch:".to_owned());
        lines.push(format!("# approved_by: [{{ id: WHO, function: {function}, on: WHEN }}]"));
        lines.push("approved_by: []".to_owned());
        lines.push(format!("# At most {days} days after it was approved, for a finding of severity {}.", finding.severity));
        lines.push(format!("expires: {}", expires.strftime("%Y-%m-%d")));
        lines.extend(self.ticket.as_ref().map(|ticket| format!("ticket: {}", quoted(ticket))));
        lines.join("\n") + "\n"
    }
}

fn reported(path: &Path) -> Result<Vec<Known>, Wrong> {
    let text = fs::read_to_string(path).map_err(|error| Wrong::new(format_args!("cannot read {}: {error}", path.display())))?;
    let report: ReportFile = serde_json::from_str(&text).map_err(|error| {
        let help = "`flowgate check --output json=report.json` writes one";
        Wrong::with_help(format_args!("{} is no JSON report: {error}", path.display()), help)
    })?;
    Ok(report.findings)
}

/// A text as YAML takes it: in double quotes, as JSON writes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text for a remark: on one line, without what drives terminals.
fn line(text: &str) -> String {
    crate::report::visible(text).replace('\n', " ")
}

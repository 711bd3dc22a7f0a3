//! Changes that touch the gate itself: what it reads, what runs it, and what it is run on.
//!
//! The gate is what the base says. So a change of it does not loosen the check that it is part of; it would loosen the next one, and
//! that is what has to be seen.

use super::changes::{Change, Kind, Op};
use super::codeowners::{self, Owners};
use super::{Commit, Error};
use crate::finding::{Location, Locator};
use crate::model::secret;
use crate::report::Coverage;
use crate::source::{Files, Position, Source, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Name of the file that says what an app is.
pub const MANIFEST: &str = "flowgate.app.yaml";

/// The folder of policy, rules and waivers.
pub const FOLDER: &str = ".flowgate";

/// The word by which a pipeline shows that it runs the gate.
const WORD: &str = "flowgate";

/// What a changed file is to the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `policy.yaml`.
    Policy,
    /// A waiver.
    Waiver,
    /// A rule of the organisation.
    Rule,
    /// Something else below `.flowgate`.
    Control,
    /// A manifest: whether it is weaker, the manifests say.
    Manifest,
    /// What runs the gate.
    Pipeline,
    /// Who has to agree to changes of the gate.
    Owners,
    /// What a checkout makes of the files that are judged.
    Checkout,
    /// Something that was judged in the base and is not any more.
    Export,
}

/// A change that touches the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlChange {
    /// The path from the root of the repository, in the head where the file is there.
    pub path: String,
    /// The path that a renamed file had.
    pub from: Option<String>,
    /// What the file is to the gate.
    pub subject: Subject,
    /// What was done.
    pub op: Op,
    /// Whether it can only make the gate stricter.
    pub tightens: bool,
    /// What it means, in a few words for people.
    pub meaning: String,
    /// The first line that differs, where the file has one; else the file.
    pub location: Location,
}

/// Which of `changes` touch the gate, sorted by path. `head` has the files of the working tree, from the root of the repository.
///
/// # Errors
/// When the base cannot be read. What cannot be read in the head counts as changed.
pub fn control(base: &Commit, head: &dyn Files, changes: &[Change]) -> Result<Vec<ControlChange>, Error> {
    let sides = Sides { base, head };
    let gate = pipelines(&sides, changes)?;
    let rules = changes.iter().filter(|change| paths(change).any(|path| subject_of(path) == Some(Subject::Rule)));
    let only_new_rules = rules.clone().all(|change| change.op == Op::Added);
    let mut found = Vec::new();
    for change in changes {
        let named = paths(change).find_map(subject_of);
        let runs = paths(change).any(|path| gate.before.contains(path) || gate.now.contains(path));
        let Some(subject) = named.or(runs.then_some(Subject::Pipeline)) else { continue };
        if matches!(subject, Subject::Owners) || subject == Subject::Checkout && !checks_out_otherwise(&sides, change)? {
            continue;
        }
        let tightens = match subject {
            Subject::Rule => only_new_rules && is_plain_addition(change),
            Subject::Pipeline => change.op == Op::Added || !paths(change).any(|path| gate.before.contains(path)),
            _ => false,
        };
        found.push(ControlChange {
            meaning: meaning(subject, change, tightens),
            tightens,
            location: sides.first_difference(change)?,
            ..of(change, subject)
        });
    }
    found.extend(owners(&sides, &gate.before, changes)?);
    found.sort_by(|one, other| (&one.path, one.subject).cmp(&(&other.path, other.subject)));
    Ok(found)
}

/// What was judged in the base and is not in the head. `relative` leads from names of reports to paths of the repository.
#[must_use]
pub fn lost(base: &Coverage, head: &Coverage, changes: &[Change], relative: &dyn Fn(&str) -> Option<String>) -> Vec<ControlChange> {
    let at: BTreeMap<&str, &Change> = changes.iter().map(|change| (change.from.as_deref().unwrap_or(&change.path), change)).collect();
    let judged: BTreeSet<String> = head.judged.iter().filter_map(|name| relative(name)).collect();
    let unreadable: BTreeMap<&str, &str> = head.unreadable.iter().map(|file| (&*file.file, &*file.reason)).collect();
    let foreign: BTreeMap<&str, &str> =
        head.foreign.iter().filter(|file| file.inner.is_empty()).map(|file| (&*file.file, &*file.reason)).collect();
    let mut lost = Vec::new();
    for name in base.judged.difference(&head.judged) {
        let Some(path) = relative(name) else { continue };
        let change = at.get(path.as_str()).copied();
        if change.is_some_and(|change| change.op == Op::Renamed && judged.contains(&change.path)) {
            continue;
        }
        let op = change.map_or(Op::Modified, |change| change.op);
        let meaning = match change {
            Some(Change { op: Op::Deleted, .. }) => "was judged in the base and is deleted".to_owned(),
            Some(Change { op: Op::Renamed, path, .. }) => format!("was judged in the base and moved to `{path}`, where nothing is judged"),
            Some(Change { op: Op::Type, is: Some(Kind::Link), .. }) => "was judged in the base and is a link now".to_owned(),
            Some(Change { op: Op::Type, is: Some(Kind::Submodule), .. }) => "was judged in the base and is a submodule now".to_owned(),
            _ => match (unreadable.get(name.as_str()), foreign.get(name.as_str())) {
                (Some(reason), _) => format!("was judged in the base and cannot be any more: {reason}"),
                (None, Some(reason)) => format!("was judged in the base and is none to judge any more: {reason}"),
                (None, None) => "was judged in the base and is left out now".to_owned(),
            },
        };
        let now = change.filter(|change| change.op == Op::Renamed).map_or(path.as_str(), |change| &change.path);
        let from = change.and_then(|change| change.from.clone());
        lost.push(ControlChange {
            path: now.to_owned(),
            from,
            subject: Subject::Export,
            op,
            tightens: false,
            meaning,
            location: file(name),
        });
    }
    lost
}

fn of(change: &Change, subject: Subject) -> ControlChange {
    ControlChange {
        path: change.path.clone(),
        from: change.from.clone(),
        subject,
        op: change.op,
        tightens: false,
        meaning: String::new(),
        location: file(&change.path),
    }
}

fn paths(change: &Change) -> impl Iterator<Item = &str> {
    std::iter::once(change.path.as_str()).chain(change.from.as_deref())
}

fn is_plain_addition(change: &Change) -> bool {
    change.op == Op::Added && matches!(change.is, Some(Kind::File | Kind::Program))
}

fn meaning(subject: Subject, change: &Change, tightens: bool) -> String {
    let what = match subject {
        Subject::Policy => "the policy",
        Subject::Waiver => "a waiver",
        Subject::Rule => "a rule of the organisation",
        Subject::Control => "what controls the gate",
        Subject::Manifest => "the manifest of an app",
        Subject::Pipeline => "what runs the gate",
        Subject::Owners => "who owns the gate",
        Subject::Checkout => "what a checkout makes of exports",
        Subject::Export => "an export",
    };
    let done = match change.op {
        Op::Added if tightens => "is added, which only tightens the gate",
        Op::Added => "is added",
        Op::Modified => "is changed",
        Op::Deleted => "is deleted",
        Op::Renamed => "is moved",
        Op::Mode => "may be run now, or no more",
        Op::Type => match change.is {
            Some(Kind::Link) => "is a link now",
            Some(Kind::Submodule) => "is a submodule now",
            _ => "is something else now",
        },
    };
    format!("{what} {done}")
}

/// What a path is to the gate by its name. Case makes no difference: on some machines it makes none to what is read.
fn subject_of(path: &str) -> Option<Subject> {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    if let Some((_, inside)) = format!("/{lower}").split_once(&format!("/{FOLDER}/")) {
        return Some(match inside {
            "policy.yaml" | "policy.yml" => Subject::Policy,
            inside if inside.starts_with("waivers/") => Subject::Waiver,
            inside if inside.starts_with("rules/") => Subject::Rule,
            _ => Subject::Control,
        });
    }
    match name {
        FOLDER => Some(Subject::Control),
        MANIFEST => Some(Subject::Manifest),
        ".gitattributes" | ".gitmodules" | ".lfsconfig" => Some(Subject::Checkout),
        _ if codeowners::PATHS.iter().any(|known| known.eq_ignore_ascii_case(path)) => Some(Subject::Owners),
        _ => None,
    }
}

/// The files of both sides.
struct Sides<'s> {
    base: &'s Commit,
    head: &'s dyn Files,
}

impl Sides<'_> {
    fn before(&self, path: &str) -> Result<Option<String>, Error> {
        // A link out of the repository has no content that the commit vouches for.
        match self.base.file(path) {
            Ok(bytes) => Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
            Err(Error::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn now(&self, path: &str) -> Option<String> {
        self.head.read(path).ok().flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The first line of the head that the base does not have there.
    fn first_difference(&self, change: &Change) -> Result<Location, Error> {
        if change.is.is_none() {
            return Ok(file(&change.path));
        }
        let Some(now) = self.now(&change.path) else { return Ok(file(&change.path)) };
        let before = self.before(change.from.as_deref().unwrap_or(&change.path))?.unwrap_or_default();
        let same = now.lines().zip(before.lines()).take_while(|(now, before)| now == before).count() as u32;
        Ok(line(&change.path, &now, same + 1))
    }
}

/// A place that is a whole file.
fn file(path: &str) -> Location {
    let start = Position { line: 1, column: 1, offset: 0 };
    Location { file: path.into(), inner: Vec::new(), pointer: String::new(), start, end: start, excerpt: Vec::new() }
}

/// A line of a text, or the last one.
fn line(path: &str, text: &str, number: u32) -> Location {
    let source = Source::from_text(path, text);
    let lines = source.lines();
    let mut span = lines.line(number.min(lines.count() as u32));
    if span.is_empty() && number > 1 {
        span = lines.line(number - 1);
    }
    let indent = text[span.range()].len() - text[span.range()].trim_start().len();
    let mut location = Locator::new(&source).locate(Span::new(span.start + indent as u32, span.end), String::new());
    // Nobody has looked for secrets in this file.
    if location.excerpt.iter().any(|line| *secret::hide(&line.text) != line.text) {
        location.excerpt.clear();
    }
    location
}

// ---------------------------------------------------------------------------------------------------------------------- pipelines

/// Files that run the gate, or are named by those that do.
#[derive(Default)]
struct Pipelines {
    before: BTreeSet<String>,
    now: BTreeSet<String>,
}

/// Folders in which everything tells a forge what to run.
const PIPELINE_FOLDERS: [&str; 12] = [
    ".github/workflows/",
    ".github/actions/",
    ".gitlab/",
    ".azure-pipelines/",
    ".azuredevops/",
    ".circleci/",
    ".buildkite/",
    ".woodpecker/",
    ".gitea/",
    ".forgejo/",
    ".teamcity/",
    ".husky/",
];

/// Names of files that tell what to run, wherever they lie, as they begin.
const PIPELINE_NAMES: [&str; 25] = [
    ".gitlab-ci",
    "azure-pipelines",
    "jenkinsfile",
    "bitbucket-pipelines.",
    ".travis.",
    "appveyor.",
    ".appveyor.",
    ".drone.",
    ".woodpecker.",
    ".pre-commit-",
    "action.yml",
    "action.yaml",
    "makefile",
    "gnumakefile",
    "justfile",
    ".justfile",
    "taskfile.",
    "package.json",
    "tox.ini",
    "noxfile.py",
    "pyproject.toml",
    "lefthook.",
    ".lefthook.",
    "dockerfile",
    "cloudbuild.",
];

/// Endings of scripts.
const SCRIPTS: [&str; 6] = [".sh", ".bash", ".ps1", ".cmd", ".bat", ".mk"];

fn may_run_the_gate(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    PIPELINE_FOLDERS.iter().any(|folder| lower.starts_with(folder))
        || PIPELINE_NAMES.iter().any(|known| name.starts_with(known))
        || SCRIPTS.iter().any(|ending| name.ends_with(ending))
}

/// How many files deep one that runs the gate may name another.
const MAX_NAMED: usize = 3;

fn pipelines(sides: &Sides<'_>, changes: &[Change]) -> Result<Pipelines, Error> {
    let mentions = |text: &str| text.to_ascii_lowercase().contains(WORD);
    let listing = sides.base.listing()?;
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut found = Pipelines::default();
    let mut next: Vec<(String, String)> = Vec::new();
    for (path, _) in listing {
        known.insert(path);
        if may_run_the_gate(path)
            && let Some(text) = sides.before(path)?.filter(|text| mentions(text))
        {
            found.before.insert(path.clone());
            next.push((path.clone(), text));
        }
    }
    for _ in 0..MAX_NAMED {
        for (path, text) in std::mem::take(&mut next) {
            for named in named_files(&path, &text, &known) {
                if subject_of(&named).is_none() && found.before.insert(named.clone()) {
                    next.extend(sides.before(&named)?.map(|text| (named, text)));
                }
            }
        }
    }
    let new = changes.iter().filter(|change| change.is.is_some() && may_run_the_gate(&change.path));
    found.now.extend(new.filter(|change| sides.now(&change.path).is_some_and(|text| mentions(&text))).map(|change| change.path.clone()));
    Ok(found)
}

/// The files of the base that a pipeline names: scripts that it runs, local actions, included pipelines. Exports that it judges are
/// no part of it, so only what may be run counts.
fn named_files(path: &str, text: &str, known: &BTreeSet<&str>) -> BTreeSet<String> {
    let folder = path.rsplit_once('/').map_or("", |parts| parts.0);
    let words =
        text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '(' | ')' | ';' | '[' | ']' | '`' | '|' | '&'));
    let mut found = BTreeSet::new();
    for word in words.filter(|word| word.len() > 2) {
        let word = word.trim_start_matches("./").trim_start_matches('/').trim_end_matches(['/', ':']);
        let near = if folder.is_empty() { String::new() } else { format!("{folder}/{word}") };
        for word in [word, &near] {
            let candidates = [word.to_owned(), format!("{word}/action.yml"), format!("{word}/action.yaml")];
            found.extend(candidates.into_iter().filter(|path| known.contains(path.as_str()) && is_run(path)));
        }
    }
    found
}

/// Whether a file that a pipeline names is run by it, rather than judged.
fn is_run(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |parts| parts.1).to_ascii_lowercase();
    may_run_the_gate(path) || matches!(&*ending, "" | "py" | "js" | "mjs" | "cjs" | "ts" | "rb" | "pl" | "go" | "groovy")
}

// ----------------------------------------------------------------------------------------------------------------------- checkout

/// Attributes that decide what bytes a checkout makes, or whether a reviewer sees the difference.
const ATTRIBUTES: [&str; 13] = [
    "text",
    "eol",
    "crlf",
    "filter",
    "ident",
    "working-tree-encoding",
    "encoding",
    "binary",
    "diff",
    "linguist-generated",
    "linguist-vendored",
    "gitlab-generated",
    "export-subst",
];

fn checks_out_otherwise(sides: &Sides<'_>, change: &Change) -> Result<bool, Error> {
    if !change.path.to_ascii_lowercase().ends_with(".gitattributes") {
        return Ok(true);
    }
    let before = sides.before(change.from.as_deref().unwrap_or(&change.path))?.unwrap_or_default();
    let now = if change.is.is_some() { sides.now(&change.path).unwrap_or_default() } else { String::new() };
    let moved = change.from.is_some() || change.op == Op::Type;
    Ok(moved || attributes(&before) != attributes(&now))
}

/// The lines of a `.gitattributes` that matter, without what does not.
fn attributes(text: &str) -> Vec<Vec<&str>> {
    let matters = |word: &&str| {
        let name = word.trim_start_matches(['-', '!']).split('=').next().unwrap_or_default();
        ATTRIBUTES.contains(&name)
    };
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((pattern, rest)) = words.split_first() else { continue };
        let kept: Vec<&str> = rest.iter().copied().filter(matters).collect();
        // A macro names attributes that other lines then use.
        if pattern.starts_with("[attr]") {
            lines.push(words);
        } else if !kept.is_empty() {
            lines.push(std::iter::once(*pattern).chain(kept).collect());
        }
    }
    lines
}

// ------------------------------------------------------------------------------------------------------------------------- owners

/// What of the gate has other owners than before.
fn owners(sides: &Sides<'_>, pipelines: &BTreeSet<String>, changes: &[Change]) -> Result<Vec<ControlChange>, Error> {
    let touched = |path: &str| changes.iter().find(|change| paths(change).any(|known| known == path));
    if !codeowners::PATHS.iter().any(|path| touched(path).is_some()) {
        return Ok(Vec::new());
    }
    let mut before = Vec::new();
    let mut now = Vec::new();
    for path in codeowners::PATHS {
        before.push((path, sides.before(path)?));
        now.push((path, sides.now(path)));
    }
    let listing = sides.base.listing()?;
    let manifests = listing.iter().map(|(path, _)| path.as_str()).filter(|path| subject_of(path) == Some(Subject::Manifest));
    let gate = ["policy.yaml", "waivers/any.yaml", "rules/any/any.yaml"].map(|path| format!("{FOLDER}/{path}"));
    let guarded: BTreeSet<&str> =
        gate.iter().map(String::as_str).chain(manifests).chain(pipelines.iter().map(String::as_str)).chain(codeowners::PATHS).collect();
    // GitHub takes the first file that is there; GitLab has another order. What either sees counts.
    for order in [[0, 1, 2, 3], [1, 2, 3, 0]] {
        let first =
            |side: &[(&'static str, Option<String>)]| order.iter().find_map(|at| side[*at].1.clone().map(|text| (side[*at].0, text)));
        let (was, is) = (first(&before), first(&now));
        let (old, new) = (parsed(was.as_ref()), parsed(is.as_ref()));
        let different: Vec<&&str> = guarded.iter().filter(|path| old.of(path).0 != new.of(path).0).collect();
        let Some(example) = different.first() else { continue };
        let path = is.as_ref().or(was.as_ref()).map_or(codeowners::PATHS[0], |(path, _)| path);
        let change = touched(path).or_else(|| codeowners::PATHS.iter().find_map(|path| touched(path)));
        let Some(change) = change else { continue };
        let tightens = different.iter().all(|path| old.of(path).0.is_empty());
        let location = match (&is, new.of(example).1) {
            (Some((path, text)), Some(number)) => line(path, text, number),
            _ => file(path),
        };
        let say = |owners: &[String]| if owners.is_empty() { "nobody".to_owned() } else { owners.join(", ") };
        let meaning = format!("`{example}` belongs to {} now, and belonged to {}", say(new.of(example).0), say(old.of(example).0));
        return Ok(vec![ControlChange { tightens, meaning, location, ..of(change, Subject::Owners) }]);
    }
    Ok(Vec::new())
}

fn parsed(file: Option<&(&'static str, String)>) -> Owners {
    file.map(|(_, text)| Owners::parse(text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_is_to_the_gate_is_told_by_its_name() {
        let told = [
            (".flowgate/policy.yaml", Some(Subject::Policy)),
            (".FlowGate/Policy.yaml", Some(Subject::Policy)),
            ("apps/.flowgate/rules/x.yaml", Some(Subject::Rule)),
            (".flowgate/waivers/WV-1.yaml", Some(Subject::Waiver)),
            (".flowgate", Some(Subject::Control)),
            (".flowgate/keys", Some(Subject::Control)),
            ("apps/intake/flowgate.app.yaml", Some(Subject::Manifest)),
            ("apps/.gitattributes", Some(Subject::Checkout)),
            (".github/CODEOWNERS", Some(Subject::Owners)),
            ("apps/CODEOWNERS", None),
            ("apps/flow.json", None),
        ];
        for (path, subject) in told {
            assert_eq!(subject_of(path), subject, "{path}");
        }
    }

    #[test]
    fn attributes_that_make_no_other_bytes_are_no_change() {
        assert_eq!(attributes("*.json text # x\n*.md merge=union\n\n# *.x eol=lf"), [vec!["*.json", "text"]]);
        assert_eq!(attributes("a -diff\n[attr]odd eol=crlf\nb linguist-detectable"), [vec!["a", "-diff"], vec!["[attr]odd", "eol=crlf"]]);
    }

    #[test]
    fn files_that_a_pipeline_runs_are_part_of_it() {
        let known = BTreeSet::from(["ci/gate.sh", ".github/actions/gate/action.yml", "flows/a.json", "tools/run.py", "ci/tools/x.js"]);
        let text = "run: ./ci/gate.sh --base main flows/a.json\nuses: ./.github/actions/gate\nrun: python3 'tools/run.py'; node tools/x.js";
        let named = named_files("ci/pipeline.yml", text, &known);
        assert_eq!(
            named.into_iter().collect::<Vec<_>>(),
            [".github/actions/gate/action.yml", "ci/gate.sh", "ci/tools/x.js", "tools/run.py"]
        );
    }
}

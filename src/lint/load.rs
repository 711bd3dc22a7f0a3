//! From what was found on disk to parsed files: read, unpack, decode, parse, and say which export each belongs to.

use super::{Coverage, Input};
use crate::archive::{self, Budget, Content};
use crate::base::{self, Blob, What};
use crate::discover::{self, Candidate};
use crate::evidence;
use crate::model::secret;
use crate::platform::{File, Markers, PLATFORMS};
use crate::report::{Foreign, Unreadable};
use crate::source::{Source, SourceError};
use crate::tree::canonical::{self, Digest};
use crate::tree::{self, Syntax, SyntaxError, Tree, json, xml, yaml};
use aho_corasick::AhoCorasick;
use globset::GlobSet;
use rayon::prelude::*;
use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// A file to judge.
pub(super) struct Job {
    name: String,
    content: Bytes,
    /// Whether the user named it, rather than a folder above it.
    named: bool,
}

enum Bytes {
    OnDisk(std::path::PathBuf),
    InMemory(Vec<u8>),
    InCommit(Blob),
}

/// Files that are judged together, because some of them may be one export.
pub(super) struct Unit {
    jobs: Vec<Job>,
    /// Whether the digests of the files are taken.
    pub(super) digests: bool,
    /// Whether the content of files is kept, as its digest, that no platform reads.
    pub(super) beside: bool,
    /// What the export is called, and the folder that its files are in; none for files that are exports by themselves.
    root: Option<Arc<str>>,
}

impl Unit {
    /// Files that are one export, with their names.
    pub(super) fn of(files: Vec<(String, Vec<u8>)>) -> Self {
        let job = |(name, bytes)| Job { name, content: Bytes::InMemory(bytes), named: true };
        Self { jobs: files.into_iter().map(job).collect(), digests: false, beside: false, root: Some(Arc::from("")) }
    }

    /// Number of files on disk or in memory, archives unopened.
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// What reports call its files, each with the number of its bytes; none for what cannot be asked.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.jobs.iter().map(|job| {
            let size = match &job.content {
                Bytes::OnDisk(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
                Bytes::InMemory(bytes) => bytes.len() as u64,
                // A commit that is judged is the version before; that one is not shared.
                Bytes::InCommit(_) => 0,
            };
            (&*job.name, size)
        })
    }

    /// What reports call its files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.jobs.iter().map(|job| &*job.name)
    }
}

/// A text and the export that it is part of.
pub(super) struct Text {
    pub(super) source: Source,
    /// What reports call the export.
    pub(super) export: Arc<str>,
    /// Path within the export.
    path: String,
    syntax: Syntax,
    /// Whether its name, or the user, says that it is a document, so that it has to be readable.
    promised: bool,
}

/// A text, parsed.
pub(super) struct Parsed<'a> {
    pub(super) source: &'a Source,
    pub(super) export: &'a Arc<str>,
    path: &'a str,
    pub(super) tree: Tree<'a>,
    pub(super) tokens: Vec<u32>,
}

impl Text {
    /// The text as a file that no platform reads.
    pub(super) fn beside(&self) -> Beside {
        Beside::new(&self.export, &self.path, self.source.text().as_bytes())
    }
}

impl Parsed<'_> {
    /// The text as a file that no platform reads.
    pub(super) fn beside(&self) -> Beside {
        Beside::new(self.export, self.path, self.source.text().as_bytes())
    }

    /// The same file, with that number in its unit.
    pub(super) fn numbered(mut self, number: u32) -> Self {
        self.tree = self.tree.numbered(number);
        self
    }

    pub(super) fn file(&self) -> File<'_> {
        File { path: self.path, tree: &self.tree, tokens: &self.tokens }
    }
}

// ------------------------------------------------------------------------------------------------------------------------- group

/// The files of commits, as a walk over their checkout would find them. What is no file is added to `coverage`.
pub(super) fn committed(inputs: &[Input], exclude: Option<&GlobSet>, coverage: &mut Coverage) -> Result<Vec<Job>, base::Error> {
    let mut jobs: Vec<Job> = Vec::new();
    for input in inputs {
        let Input::Committed { commit, path } = input else { continue };
        let name = |below: &str| discover::shown(&if below.is_empty() { path.clone() } else { path.join(below) });
        let left_out = |below: &str| exclude.is_some_and(|globs| globs.is_match(name(below)));
        for entry in commit.walk(path, &left_out)? {
            match &entry.what {
                What::File(blob) => {
                    let content = Bytes::InCommit(blob.clone());
                    jobs.push(Job { name: name(&entry.path), content, named: entry.path.is_empty() });
                }
                What::Loop(above) => {
                    coverage.skip(name(&entry.path), format!("a link back to `{}`, which is looked at itself", name(above)));
                }
                What::Submodule => coverage.skip(name(&entry.path), "a submodule, whose content is no part of the commit".into()),
                What::Link(reason) => coverage.fail(name(&entry.path), (*reason).into()),
            }
        }
    }
    jobs.sort_by(|one, other| one.name.cmp(&other.name));
    jobs.dedup_by(|next, last| {
        let same = next.name == last.name;
        last.named |= same && next.named;
        same
    });
    Ok(jobs)
}

/// The files of a run, grouped.
pub(super) fn units(inputs: &[Input], found: Vec<Candidate>, committed: Vec<Job>) -> Vec<Unit> {
    let on_disk = found.into_iter().map(|file| Job { name: file.name, content: Bytes::OnDisk(file.path), named: file.named });
    let in_memory = inputs.iter().filter_map(|input| match input {
        Input::Bytes { name, bytes } => Some(Job { name: name.clone(), content: Bytes::InMemory(bytes.clone()), named: true }),
        Input::Path(_) | Input::Committed { .. } => None,
    });
    let mut jobs: Vec<Job> = on_disk.chain(in_memory).chain(committed).collect();
    jobs.sort_by(|one, other| one.name.cmp(&other.name));
    let markers = Markers::of(jobs.iter().map(|job| &*job.name));
    let root = |job: &Job| if is_package(&job.name) { None } else { export_root(&job.name, &markers).map(Arc::from) };
    let roots: Vec<Option<Arc<str>>> = jobs.par_iter().map(root).collect();
    let mut units: Vec<Unit> = Vec::with_capacity(jobs.len());
    let mut known: std::collections::HashMap<Arc<str>, usize> = std::collections::HashMap::new();
    for (job, root) in jobs.into_iter().zip(roots) {
        let at = root.as_ref().and_then(|root| known.get(root)).copied();
        match at {
            Some(at) => units[at].jobs.push(job),
            None => {
                if let Some(root) = &root {
                    known.insert(Arc::clone(root), units.len());
                }
                units.push(Unit { jobs: vec![job], digests: false, beside: false, root });
            }
        }
    }
    units
}

/// Whether the name is that of an archive that is an export by itself, wherever it lies.
fn is_package(name: &str) -> bool {
    extension(name).eq_ignore_ascii_case("zip")
}

fn extension(name: &str) -> &str {
    name.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |parts| parts.1)
}

fn export_root<'p>(path: &'p str, markers: &Markers<'_>) -> Option<&'p str> {
    PLATFORMS.iter().find_map(|platform| platform.export_root(path, markers))
}

// -------------------------------------------------------------------------------------------------------------------------- read

/// What reading left behind: texts to parse, and what became of the rest.
#[derive(Default)]
pub(super) struct Read {
    pub(super) texts: Vec<Text>,
    pub(super) coverage: Coverage,
    /// What no platform reads, where that is kept.
    pub(super) beside: Option<Vec<Beside>>,
}

/// A file that no platform reads.
pub(super) struct Beside {
    /// The export that it lies in.
    pub(super) export: Arc<str>,
    /// The digest of its content and its path there; none for what is not moved with the export.
    pub(super) digest: Option<Digest>,
}

impl Beside {
    /// The file at `path` of an export.
    pub(super) fn new(export: &Arc<str>, path: &str, content: &[u8]) -> Self {
        let digest = is_moved(export, path).then(|| canonical::named(path, &canonical::digest_of_bytes(content)));
        Self { export: Arc::clone(export), digest }
    }
}

/// Whether the file at `path` of an export is a part of what is moved with it, as far as its name tells. On disk, exports lie in folders
/// with the tools and the words of those who work on them; and what editors write down for themselves is JSON, anew with each export.
fn is_moved(export: &str, path: &str) -> bool {
    if ["json", "sarif"].iter().any(|kind| extension(path).eq_ignore_ascii_case(kind)) {
        return false;
    }
    let is_tool = |part: &str| part.starts_with('.') || part == "node_modules";
    let is_archive = export.contains('!') || is_package(export);
    is_archive || path.contains('/') && !path.split('/').any(is_tool) && !extension(path).eq_ignore_ascii_case("md")
}

impl Read {
    fn foreign(&mut self, at: &At<'_>, reason: &str, content: &[u8]) {
        if let Some(beside) = &mut self.beside {
            beside.push(Beside::new(&at.export, &at.path, content));
        }
        self.coverage.files += 1;
        self.coverage.foreign.push(Foreign { file: at.file.into(), inner: at.inner.clone(), reason: reason.into() });
    }

    fn unreadable(&mut self, at: &At<'_>, reason: String, help: &str) {
        self.coverage.files += 1;
        self.coverage.unreadable.push(Unreadable {
            file: at.file.into(),
            inner: at.inner.clone(),
            reason,
            help: help.into(),
            line: None,
            column: None,
        });
    }

    fn source_error(&mut self, at: &At<'_>, error: &SourceError) {
        let help = match error {
            SourceError::Io(_) => "check that the file is there and may be read",
            SourceError::TooLarge { .. } => "split the export, or leave it out with --exclude",
            SourceError::Encoding { .. } => "",
        };
        self.unreadable(at, error.to_string(), help);
        if let (SourceError::Encoding { line, column, .. }, Some(unreadable)) = (error, self.coverage.unreadable.last_mut()) {
            (unreadable.line, unreadable.column) = (Some(*line), Some(*column));
        }
    }
}

/// Where bytes stand: file, way through archives, export.
#[derive(Clone)]
struct At<'j> {
    file: &'j str,
    inner: Vec<String>,
    export: Arc<str>,
    path: String,
    promised: bool,
}

impl At<'_> {
    /// What is called `name` inside of this, in the same export.
    fn within(&self, name: &str) -> Self {
        let mut inner = self.inner.clone();
        inner.push(name.to_owned());
        Self { inner, path: format!("{}/{name}", self.path), promised: false, ..self.clone() }
    }

    /// The name that tells what it is.
    fn name(&self) -> &str {
        self.inner.last().map_or(self.file, String::as_str)
    }
}

/// Reads the files of a unit, and those in its archives.
pub(super) fn read(unit: &mut Unit) -> Read {
    let mut read = Read { beside: unit.beside.then(Vec::new), ..Read::default() };
    for job in &mut unit.jobs {
        let path = match &unit.root {
            Some(root) => job.name.strip_prefix(&**root).unwrap_or(&job.name).trim_start_matches('/'),
            None => job.name.rsplit('/').next().unwrap_or(&job.name),
        };
        let at = At {
            file: &job.name,
            inner: Vec::new(),
            export: unit.root.clone().unwrap_or_else(|| Arc::from(&*job.name)),
            path: path.to_owned(),
            promised: job.named,
        };
        match &mut job.content {
            Bytes::OnDisk(path) => on_disk(path, at, unit.digests, &mut read),
            Bytes::InMemory(bytes) => bytes_at(std::mem::take(bytes), at, &mut Budget::default(), 0, &mut read),
            Bytes::InCommit(blob) => in_commit(blob, at, &mut read),
        }
    }
    read
}

fn on_disk(path: &Path, at: At<'_>, digests: bool, read: &mut Read) {
    if digests || read.beside.is_some() {
        // What is told to have been judged is what was judged: the file is read once, and whole.
        return match Source::bytes(path) {
            Ok(bytes) => {
                if digests {
                    read.coverage.digests.insert(at.file.to_owned(), evidence::sha256(&bytes));
                }
                whole(bytes, at, read);
            }
            Err(error) => read.source_error(&at, &error),
        };
    }
    if !is_told_by_name(&at) {
        // Nothing of a file is read but its head before it is known to matter.
        match head(path).map(|head| foreign_by_head(&head, &at)) {
            Ok(None) => {}
            Ok(Some(reason)) => return read.foreign(&at, reason, &[]),
            Err(error) => return read.source_error(&at, &SourceError::Io(error)),
        }
    }
    match Source::bytes(path) {
        Ok(bytes) => bytes_at(bytes, at, &mut Budget::default(), 0, read),
        Err(error) => read.source_error(&at, &error),
    }
}

fn in_commit(blob: &Blob, at: At<'_>, read: &mut Read) {
    match blob.bytes() {
        Ok(bytes) => whole(bytes, at, read),
        Err(error) => read.source_error(&at, &error),
    }
}

/// Takes in a file of which all is known.
fn whole(bytes: Vec<u8>, at: At<'_>, read: &mut Read) {
    let head = &bytes[..bytes.len().min(discover::HEAD_BYTES)];
    match foreign_by_head(head, &at).filter(|_| !is_told_by_name(&at)) {
        Some(reason) => read.foreign(&at, reason, &bytes),
        None => bytes_at(bytes, at, &mut Budget::default(), 0, read),
    }
}

/// Whether the name of a file says that it matters.
fn is_told_by_name(at: &At<'_>) -> bool {
    syntax_of(&at.path, &[]).is_some() || promises_archive(at.file)
}

/// Why a file does not matter that begins so.
fn foreign_by_head(head: &[u8], at: &At<'_>) -> Option<&'static str> {
    if archive::is_archive(head) {
        (!at.promised && !is_container(at.file)).then_some("an archive of another kind")
    } else {
        syntax_of(&at.path, head).is_none().then_some("no format of a known platform")
    }
}

/// The first bytes of a file.
fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut head = Vec::with_capacity(discover::HEAD_BYTES);
    std::fs::File::open(path)?.take(discover::HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether what has that name has to be an archive that can be opened.
fn promises_archive(name: &str) -> bool {
    is_package(name) || extension(name).eq_ignore_ascii_case("msapp")
}

/// Whether an archive of that name holds (a part of) an export.
fn is_container(name: &str) -> bool {
    matches!(extension(name).to_ascii_lowercase().as_str(), "zip" | "msapp" | "")
        || PLATFORMS.iter().any(|platform| platform.syntax(name).is_some())
}

/// How a file begins that Git LFS has left in the place of a large one.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Takes in bytes: an archive, or a text.
fn bytes_at(bytes: Vec<u8>, at: At<'_>, budget: &mut Budget, depth: usize, read: &mut Read) {
    if bytes.starts_with(LFS_POINTER) {
        if at.promised || promises_archive(at.name()) || discover::syntax_of_name(at.name()) == Some(Syntax::Json) {
            read.unreadable(&at, "the file is a pointer of Git LFS, not what it points to".into(), "fetch the file with `git lfs pull`");
        } else {
            read.foreign(&at, "a pointer of Git LFS", &bytes);
        }
        return;
    }
    if archive::is_archive(&bytes) || promises_archive(at.name()) {
        return unpack(&bytes, &at, budget, depth, read);
    }
    let head = &bytes[..bytes.len().min(discover::HEAD_BYTES)];
    // What the user hands over without a name is JSON unless it looks like something else.
    let handed_over = (at.promised && at.inner.is_empty()).then_some(Syntax::Json);
    let Some(syntax) = syntax_of(&at.path, head).or(handed_over) else {
        return read.foreign(&at, "no format of a known platform", &bytes);
    };
    let claimed = PLATFORMS.iter().any(|platform| platform.syntax(&at.path).is_some());
    let promised = at.promised || claimed || syntax == Syntax::Json && discover::syntax_of_name(at.name()).is_some();
    let is_named = promised || discover::syntax_of_name(at.name()).is_some();
    // Only what may be no text is needed again.
    let content = if is_named || read.beside.is_none() { Vec::new() } else { bytes.clone() };
    match Source::decode(at.file, bytes) {
        Ok(source) => {
            let At { inner, export, path, .. } = at;
            match lay_open(source.within(inner), syntax) {
                Ok(source) => read.texts.push(Text { source, export, path, syntax, promised }),
                Err(unreadable) => {
                    read.coverage.files += 1;
                    read.coverage.unreadable.push(*unreadable);
                }
            }
        }
        Err(error @ SourceError::Encoding { .. }) if !is_named => {
            read.foreign(&at, &format!("no text: {error}"), &content);
        }
        Err(error) => read.source_error(&at, &error),
    }
}

/// The source with what some platform keeps in it as text laid open.
fn lay_open(source: Source, syntax: Syntax) -> Result<Source, Box<Unreadable>> {
    if syntax != Syntax::Xml {
        return Ok(source);
    }
    match PLATFORMS.iter().find_map(|platform| platform.lay_open(source.text()).transpose()) {
        None => Ok(source),
        Some(Ok(text)) => Ok(source.laid_open(text)),
        Some(Err(error)) => Err(Box::new(unparsable(&source, error))),
    }
}

/// Takes in the entries of an archive.
fn unpack(bytes: &[u8], at: &At<'_>, budget: &mut Budget, depth: usize, read: &mut Read) {
    if depth == archive::MAX_NESTED {
        let reason = format!("archives are nested more than {} deep", archive::MAX_NESTED);
        return read.unreadable(at, reason, "unpack it, or leave it out with --exclude");
    }
    let wanted = |name: &str, head: &[u8]| {
        archive::is_archive(head) && is_container(name) || promises_archive(name) || syntax_of(name, head).is_some()
    };
    let keeps = read.beside.is_some();
    let entries = match archive::open(bytes, budget, &|name, head| keeps || wanted(name, head)) {
        Ok(entries) => entries,
        Err(problem) => return read.unreadable(at, problem.reason, problem.help),
    };
    let markers = Markers::of(entries.iter().map(|entry| &*entry.name));
    // A package is a world of its own; what else has the form of an archive is a part of what it lies in.
    let own_world = is_package(at.name());
    let places: Vec<At<'_>> = entries
        .iter()
        .map(|entry| {
            let mut place = at.within(&entry.name);
            if own_world {
                let container = std::iter::once(at.file).chain(at.inner.iter().map(String::as_str)).collect::<Vec<_>>().join("!");
                (place.export, place.path) = match export_root(&entry.name, &markers).filter(|_| !is_package(&entry.name)) {
                    Some("") => (Arc::from(container), entry.name.clone()),
                    Some(root) => (Arc::from(format!("{container}!{root}")), entry.name[root.len()..].trim_start_matches('/').to_owned()),
                    None => (Arc::from(format!("{container}!{}", entry.name)), last(&entry.name).to_owned()),
                };
            }
            place
        })
        .collect();
    for (entry, place) in entries.into_iter().zip(places) {
        match entry.content {
            Content::Bytes(bytes) if !keeps || wanted(&entry.name, &bytes[..bytes.len().min(discover::HEAD_BYTES)]) => {
                bytes_at(bytes, place, budget, depth + 1, read);
            }
            Content::Bytes(bytes) => read.foreign(&place, "no format of a known platform", &bytes),
            Content::Unwanted => read.foreign(&place, "no format of a known platform", &[]),
            Content::Problem(problem) => read.unreadable(&place, problem.reason, problem.help),
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The files that platforms find inside of the texts of `files`.
pub(super) fn embedded(files: &[Parsed<'_>]) -> Read {
    let mut read = Read::default();
    // What lies below one file shares what may be unpacked below it.
    let mut budgets: std::collections::HashMap<&str, Budget> = std::collections::HashMap::new();
    for parsed in files {
        for embedded in PLATFORMS.iter().flat_map(|platform| platform.unpack(&parsed.file())) {
            let at = At {
                file: parsed.source.path(),
                inner: parsed.source.inner().to_vec(),
                export: Arc::clone(parsed.export),
                path: parsed.path.to_owned(),
                promised: false,
            };
            bytes_at(embedded.bytes, at.within(&embedded.name), budgets.entry(at.file).or_default(), 0, &mut read);
        }
    }
    read
}

// ------------------------------------------------------------------------------------------------------------------------- parse

/// The syntax that some platform says, or the name, or the content; none where no platform reads it.
fn syntax_of(path: &str, head: &[u8]) -> Option<Syntax> {
    let said = PLATFORMS.iter().find_map(|platform| platform.syntax(path));
    said.or_else(|| discover::syntax_of_name(path))
        .or_else(|| discover::syntax_of_head(head))
        .filter(|syntax| PLATFORMS.iter().any(|platform| platform.syntaxes().contains(syntax)))
}

/// Parses a text.
pub(super) fn parse(text: &Text) -> Result<Parsed<'_>, Skipped> {
    let content = text.source.text();
    let skipped = |error: Option<SyntaxError>| {
        let source = &text.source;
        match error {
            // Much is written in YAML and XML that is no export: only what may be one is parsed, and has to be readable.
            Some(error) if text.promised || has_traces(content) => Skipped::Unreadable(unparsable(source, error)),
            Some(error) => {
                Skipped::Foreign(foreign(source, format!("no document: {}", secret::hide(&error.message))), Arc::clone(&text.export))
            }
            None => Skipped::Foreign(foreign(source, NO_EXPORT.into()), Arc::clone(&text.export)),
        }
    };
    if matches!(text.syntax, Syntax::Yaml | Syntax::Xml) && !text.promised && !has_traces(content) {
        return Err(skipped(None));
    }
    let tree = match text.syntax {
        Syntax::Xml => xml::parse(content),
        Syntax::Yaml => yaml::parse(content).or_else(|error| yaml::parse_lenient(content).map_err(|_| error)),
        Syntax::Text => Ok(tree::plain(content)),
        Syntax::Json => json::parse(content).or_else(|error| json::parse_lenient(content).map_err(|_| error)),
    };
    let tree = tree.map_err(|error| skipped(Some(error)))?;
    let mut tokens = secret::tokens(tree.text());
    let written_out = written_out(content, text.syntax);
    if !written_out.is_empty() {
        tokens.extend(written_out);
        tokens.sort_unstable();
    }
    Ok(Parsed { source: &text.source, export: &text.export, path: &text.path, tree, tokens })
}

/// Where a letter or digit is written by its number, which none needs: what such a text says cannot be seen in the source, so a token
/// may stand there.
fn written_out(text: &str, syntax: Syntax) -> Vec<u32> {
    let (mark, radix, digits): (&str, u32, usize) = match syntax {
        Syntax::Json => ("\\u00", 16, 2),
        Syntax::Yaml => ("\\x", 16, 2),
        Syntax::Xml => ("&#", 10, 4),
        Syntax::Text => return Vec::new(),
    };
    let plain = |at: &usize| {
        let behind = &text[at + mark.len()..];
        let (behind, radix, digits) = behind.strip_prefix('x').filter(|_| radix == 10).map_or((behind, radix, digits), |hex| (hex, 16, 4));
        let end = behind.bytes().take(digits).take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let number = u8::from_str_radix(&behind[..end], radix);
        number.is_ok_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    memchr::memmem::find_iter(text.as_bytes(), mark).filter(plain).map(|at| at as u32).collect()
}

/// Why a text is foreign that stands alone.
pub(super) const NO_EXPORT: &str = "no export of a known platform";

/// Why a text is foreign that lies in an export.
pub(super) const NOTHING_TO_JUDGE: &str = "a part of an export with nothing to judge";

/// Why a text is not judged.
pub(super) enum Skipped {
    /// It is none of what is judged; with the export that it lies in.
    Foreign(Foreign, Arc<str>),
    Unreadable(Unreadable),
}

pub(super) fn foreign(source: &Source, reason: String) -> Foreign {
    Foreign { file: source.path().into(), inner: source.inner().to_vec(), reason }
}

fn unparsable(source: &Source, error: SyntaxError) -> Unreadable {
    let position = source.lines().position(error.span.start);
    Unreadable {
        file: source.path().into(),
        inner: source.inner().to_vec(),
        // What is wrong is told with the words that stand there, and nobody knows yet what they are.
        reason: secret::hide(&error.message).into_owned(),
        help: error.help.unwrap_or_else(|| "export the file again from the platform".into()),
        line: Some(position.line),
        column: Some(position.column),
    }
}

/// Whether some platform leaves a trace in the text.
fn has_traces(text: &str) -> bool {
    static TRACES: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let traces: Vec<&str> = PLATFORMS.iter().flat_map(|platform| platform.traces()).copied().collect();
        AhoCorasick::new(traces).expect("a few short texts")
    });
    TRACES.is_match(text)
}

/// A name for a document of an example, from its content, where it has none.
pub(super) fn example_name(text: &str) -> Cow<'static, str> {
    let head = &text.as_bytes()[..text.len().min(discover::HEAD_BYTES)];
    Cow::Borrowed(match discover::syntax_of_head(head) {
        Some(Syntax::Xml) => "export.xml",
        Some(Syntax::Json) => "export.json",
        _ => "export.yaml",
    })
}

//! What controls a run: the policy, the rules and the waivers of a repository, and the version that may decide on them.

use super::Error;
use crate::base::{Commit, Repository};
use crate::discover::Worktree;
use crate::lint::Input;
use crate::platform::PLATFORMS;
use crate::policy::manifest::{self, Manifests, Surroundings};
use crate::policy::waiver::{self, Waiver};
use crate::policy::{Policy, wrong::WrongFiles};
use crate::rule::RuleSet;
use crate::source::{Files, Source, absolute};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of all files that control a run.
const FOLDER: &str = ".flowgate";

/// Where the policy of a repository lies.
pub const POLICY: &str = ".flowgate/policy.yaml";

/// Where the rules of a repository lie.
const RULES: &str = ".flowgate/rules";

/// A file that controls a run, as evidence names it.
#[derive(Clone, Debug)]
pub struct ControlFile {
    /// Its path from the root of the repository.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What controls a run.
pub struct Control {
    pub(super) root: PathBuf,
    /// The version that decides what counts.
    pub(super) base: Option<Commit>,
    /// The version that exports are compared with: where the change has left the base.
    pub(super) since: Option<Commit>,
    pub(super) policy: Option<Policy>,
    pub(super) waivers: Vec<Waiver>,
    /// The rules of the program and those of the repository.
    pub rules: RuleSet,
    /// Policy, rules and waivers, in this order.
    pub files: Vec<ControlFile>,
    /// The path of the policy, from the root, where there is one.
    pub(super) policy_path: Option<String>,
}

impl Control {
    /// Reads what controls a run over `inputs`: with a base from that commit, else from the working tree. `policy` is the path of
    /// another policy than the one of the repository.
    ///
    /// # Errors
    /// When the base, the policy, a rule or a waiver cannot be read.
    pub fn read(inputs: &[Input], base: Option<&str>, policy: Option<&Path>, rules: &RuleSet) -> Result<Self, Error> {
        let start = inputs.iter().find_map(|input| if let Input::Path(path) = input { Some(absolute(path)) } else { None });
        let start = start.unwrap_or_else(|| absolute(Path::new(".")));
        let (root, commit) = match base {
            Some(reference) => {
                let repository = Repository::open(&start)?;
                let commit = repository.commit(reference)?;
                (repository.root().to_owned(), Some(commit))
            }
            None => (root_of(&start), None),
        };
        let control = Self::nothing(root, rules);
        match commit {
            Some(commit) => {
                let control = control.of(&commit, policy, true)?.with_new_rules()?;
                let since = match commit.repository().head()? {
                    Some(head) => commit.merge_base(&head)?,
                    None => commit.clone(),
                };
                Ok(Self { base: Some(commit), since: Some(since), ..control })
            }
            None => {
                let tree = Worktree::new(control.root.clone());
                control.of(&tree, policy, false)
            }
        }
    }

    /// Nothing controls what is below `root`, but for the rules of the program.
    pub(super) fn nothing(root: PathBuf, rules: &RuleSet) -> Self {
        Self {
            root,
            base: None,
            since: None,
            policy: None,
            waivers: Vec::new(),
            rules: rules.clone(),
            files: Vec::new(),
            policy_path: None,
        }
    }

    /// The same run, controlled by what the change itself proposes.
    ///
    /// # Errors
    /// When the policy, a rule or a waiver of the working tree cannot be read.
    pub(super) fn proposed(&self, rules: &RuleSet) -> Result<Self, Error> {
        let control = Self::nothing(self.root.clone(), rules);
        let path = self.policy_path.as_ref().map(|path| self.root.join(path));
        control.of(&Worktree::new(self.root.clone()), path.as_deref(), false)
    }

    fn of(mut self, files: &dyn Files, policy: Option<&Path>, committed: bool) -> Result<Self, Error> {
        let named = policy.is_some();
        // A policy that lies outside of the repository is not part of the change.
        let outside = policy.filter(|path| !absolute(path).starts_with(&self.root));
        let path = policy.map_or_else(|| POLICY.to_owned(), |path| self.relative(&crate::source::shown(path)));
        let found = match outside {
            Some(path) => Policy::source(path).and_then(|source| {
                let policy = Policy::parse_with(&source, &Policy::files_beside(path))?;
                Ok(Some((policy, source)))
            }),
            None => Policy::of_files(files, &path),
        };
        match found? {
            Some((policy, source)) => {
                self.rules = self.with_rules(files)?;
                let known: Vec<&str> = self.rules.iter().map(|rule| &*rule.id).collect();
                policy.hold_rules(&source, &known)?;
                self.files.insert(0, ControlFile { path: path.clone(), bytes: source.text().as_bytes().to_vec() });
                self.policy = Some(policy);
                self.policy_path = Some(path);
            }
            None if named => {
                let place = if committed { "the base has no policy" } else { "there is no policy" };
                return Err(Error::Control(format!("{place} `{path}`")));
            }
            None => self.rules = self.with_rules(files)?,
        }
        let mut wrong = Vec::new();
        for path in files.list(waiver::FOLDER).map_err(|error| Error::unreadable(waiver::FOLDER, &error))? {
            if !is_yaml(&path) {
                continue;
            }
            let Some(bytes) = files.read(&path).map_err(|error| Error::unreadable(&path, &error))? else { continue };
            let source = Source::decode(&path, bytes.clone()).map_err(|error| Error::unreadable(&path, &error))?;
            match Waiver::parse(&source) {
                Ok(waiver) => self.waivers.push(waiver),
                Err(WrongFiles(more)) => wrong.extend(more),
            }
            self.files.push(ControlFile { path, bytes });
        }
        if wrong.is_empty() { Ok(self) } else { Err(WrongFiles(wrong).into()) }
    }

    /// The rules, with those of the repository.
    fn with_rules(&mut self, files: &dyn Files) -> Result<RuleSet, Error> {
        let sources = rule_sources(files)?;
        self.files.extend(sources.iter().map(|(path, bytes, _)| ControlFile { path: path.clone(), bytes: bytes.clone() }));
        Ok(self.rules.with(RuleSet::load_sources(sources.into_iter().map(|(.., source)| source).collect())?)?)
    }

    /// A change may bring rules: what they find is found. Those that the base has stay as they are there.
    fn with_new_rules(mut self) -> Result<Self, Error> {
        let known: BTreeSet<&str> = self.files.iter().map(|file| &*file.path).collect();
        let mut new = rule_sources(&Worktree::new(self.root.clone()))?;
        new.retain(|(path, ..)| !known.contains(path.as_str()));
        let loaded = RuleSet::load_sources(new.into_iter().map(|(.., source)| source).collect())?;
        let new = loaded.into_iter().filter(|rule| self.rules.get(&rule.id).is_none()).collect();
        self.rules = self.rules.with(new)?;
        Ok(self)
    }

    /// The policy that counts.
    #[must_use]
    pub const fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// The path of a file, from the root of the repository, from what reports call it.
    #[must_use]
    pub fn relative(&self, name: &str) -> String {
        let whole = absolute(Path::new(name));
        let inside = whole.strip_prefix(&self.root).unwrap_or(&whole);
        crate::source::shown(inside)
    }

    /// The manifests of the working tree that lie among the files of those names, or above them.
    pub(super) fn manifests<'n>(&self, names: impl Iterator<Item = &'n str>, inputs: &[Input]) -> Result<(Manifests, Vec<Source>), Error> {
        let mut paths: BTreeSet<String> = names.filter(|name| is_manifest(name)).map(|name| self.relative(name)).collect();
        for input in inputs {
            let Input::Path(path) = input else { continue };
            let start = self.relative(&crate::source::shown(path));
            paths.extend(above(&start));
        }
        let tree = Worktree::new(self.root.clone());
        let exists = |path: &str| self.root.join(path).exists();
        self.manifests_of(&tree, paths, &exists)
    }

    fn manifests_of(
        &self,
        files: &dyn Files,
        paths: impl IntoIterator<Item = String>,
        exists: &dyn Fn(&str) -> bool,
    ) -> Result<(Manifests, Vec<Source>), Error> {
        let mut sources = Vec::new();
        for path in paths {
            if let Some(bytes) = files.read(&path).map_err(|error| Error::unreadable(&path, &error))? {
                sources.push(Source::decode(&path, bytes).map_err(|error| Error::unreadable(&path, &error))?);
            }
        }
        let platforms: Vec<&str> = PLATFORMS.iter().map(|platform| platform.name()).collect();
        let around = Surroundings { exists, platforms: &platforms, policy: self.policy.as_ref() };
        let manifests = Manifests::read(&sources, &around)?;
        Ok((manifests, sources))
    }

    /// The manifests of the base. One that is wrong there has been let through before, and says nothing.
    pub(super) fn manifests_of_base(&self, base: &Commit) -> Result<(Manifests, Vec<Source>), Error> {
        let paths: Vec<String> = base.list("").map_err(|error| Error::unreadable("the base", &error))?;
        let all: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let exists = |path: &str| all.contains(path) || all.range(path..).next().is_some_and(|next| next.starts_with(path));
        let manifests: Vec<String> = paths.iter().filter(|path| is_manifest(path)).cloned().collect();
        let mut good = Vec::new();
        for path in manifests {
            if self.manifests_of(base, [path.clone()], &exists).is_ok() {
                good.push(path);
            }
        }
        Ok(self.manifests_of(base, good, &exists).unwrap_or_default())
    }
}

fn rule_sources(files: &dyn Files) -> Result<Vec<(String, Vec<u8>, Source)>, Error> {
    let mut sources = Vec::new();
    for path in files.list(RULES).map_err(|error| Error::unreadable(RULES, &error))? {
        if path.strip_suffix(".yaml").is_none() {
            continue;
        }
        let Some(bytes) = files.read(&path).map_err(|error| Error::unreadable(&path, &error))? else { continue };
        let source = Source::decode(&path, bytes.clone()).map_err(|error| Error::unreadable(&path, &error))?;
        sources.push((path, bytes, source));
    }
    Ok(sources)
}

fn is_yaml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn is_manifest(name: &str) -> bool {
    name.rsplit('/').next() == Some(manifest::NAME)
}

/// Where the manifests of a path may lie: in it, and in each folder above.
fn above(path: &str) -> Vec<String> {
    let mut found = vec![manifest::NAME.to_owned()];
    let mut folder = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        folder.push_str(part);
        folder.push('/');
        found.push(format!("{folder}{}", manifest::NAME));
    }
    found
}

/// The nearest folder, from `start` upwards, that holds control files or a repository; else the one to start with.
fn root_of(start: &Path) -> PathBuf {
    let folder = if start.is_dir() { start } else { start.parent().unwrap_or(start) };
    let has = |folder: &&Path| folder.join(FOLDER).is_dir() || folder.join(".git").exists();
    folder.ancestors().find(has).unwrap_or(folder).to_owned()
}

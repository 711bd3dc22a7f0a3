//! The base of a check, on repositories that `git` itself has made.

#![allow(
    clippy::print_stdout,
    clippy::type_complexity,
    reason = "times are told to those who ask for them; a table of cases reads best as one"
)]

use flowgate::base::changes::{self, Kind, Op};
use flowgate::base::control::{self, ControlChange, Subject};
use flowgate::base::history::Part;
use flowgate::base::{Commit, Error, Repository, compare};
use flowgate::discover::Worktree;
use flowgate::finding::State;
use flowgate::lint::{self, Input, Keep, Options};
use flowgate::report::Report;
use flowgate::rule::{Profile, RuleSet};
use flowgate::source::Files;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("flowgate-base-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// A repository with one commit that holds `files`.
    fn repository(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        folder.git("init -q -b main .");
        folder.commit(files);
        folder
    }

    fn git(&self, arguments: &str) -> String {
        git(&self.0, &arguments.split(' ').collect::<Vec<_>>())
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.0.join(path)).expect("there");
    }

    fn commit(&self, files: &[(&str, &str)]) {
        files.iter().for_each(|(path, text)| self.write(path, text));
        self.git("add -A");
        self.git("commit -q --allow-empty -m change");
    }

    fn open(&self) -> Repository {
        Repository::open(&self.0).unwrap_or_else(|error| panic!("{error}"))
    }

    fn base(&self, name: &str) -> Commit {
        self.open().commit(name).unwrap_or_else(|error| panic!("{error}: {}", error.help()))
    }

    fn refused(&self, name: &str) -> (String, String) {
        let error = self.open().commit(name).map(|commit| commit.id()).expect_err("refused");
        (error.to_string(), error.help())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "protocol.file.allow=always", "-c", "core.autocrlf=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"])
        .args(arguments);
    command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
    command.envs([("GIT_AUTHOR_NAME", "Ana"), ("GIT_AUTHOR_EMAIL", "ana@contoso.example")]);
    command.envs([("GIT_COMMITTER_NAME", "Bo"), ("GIT_COMMITTER_EMAIL", "bo@contoso.example")]);
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// An n8n workflow that calls `url`.
fn flow(name: &str, url: &str) -> String {
    format!(
        r#"{{
  "id": "{name}",
  "name": "{name}",
  "nodes": [
    {{ "id": "1", "name": "Call", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4, "position": [0, 0], "parameters": {{ "url": "{url}" }} }}
  ],
  "connections": {{}}
}}
"#
    )
}

const GOOD: &str = "https://api.contoso.com/orders";
const BAD: &str = "http://api.contoso.com/orders";

fn judge(input: Input) -> Report {
    judge_without(input, None)
}

fn judge_without(input: Input, exclude: Option<&globset::GlobSet>) -> Report {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true);
    let options = Options { exclude, keep: Keep { records: true, ..Keep::default() }, ..Options::new(&rules) };
    lint::lint(&[input], &options).unwrap_or_else(|error| panic!("{error}"))
}

/// The findings of a commit, which are those of its checkout to the last byte.
fn as_checked_out(commit: &Commit, path: &Path) -> Report {
    let committed = judge(Input::Committed { commit: commit.clone(), path: path.to_owned() });
    let on_disk = judge(Input::Path(path.to_owned()));
    assert_eq!(committed.findings, on_disk.findings);
    assert_eq!(committed.coverage.judged, on_disk.coverage.judged);
    assert_eq!(committed.coverage.foreign, on_disk.coverage.foreign);
    let unreadable = |report: &Report| report.coverage.unreadable.iter().map(|file| file.file.clone()).collect::<Vec<_>>();
    assert_eq!(unreadable(&committed), unreadable(&on_disk));
    assert_eq!((committed.coverage.files, committed.apps), (on_disk.coverage.files, on_disk.apps));
    committed
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("writable");
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), target).expect("writable");
        }
    }
}

// --------------------------------------------------------------------------------------------------------------- what a commit has

#[test]
fn a_commit_is_judged_as_its_checkout() {
    let folder = Folder::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &folder.0);
    folder.git("init -q -b main .");
    folder.commit(&[]);
    let loose = as_checked_out(&folder.base("main"), &folder.0);
    assert!(loose.findings.len() > 100, "{}", loose.findings.len());
    folder.git("gc -q");
    let packed = as_checked_out(&folder.base("main"), &folder.0);
    assert_eq!(packed.findings, loose.findings);
    as_checked_out(&folder.base("HEAD"), &folder.0.join("n8n"));
}

#[test]
fn real_exports_are_judged_from_a_commit_as_from_disk() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let (Ok(()), Some(seconds)) = (corpus.read_dir().map(|_| ()), std::env::var_os("FLOWGATE_CORPUS_BASE")) else { return };
    let folder = Folder::new();
    copy(&corpus, &folder.0);
    folder.git("init -q -b main .");
    folder.commit(&[]);
    folder.git("gc -q");
    let commit = folder.base("main");
    for _ in 0..3 {
        let start = std::time::Instant::now();
        judge(Input::Path(folder.0.clone()));
        let disk = start.elapsed();
        let start = std::time::Instant::now();
        judge(Input::Committed { commit: commit.clone(), path: folder.0.clone() });
        let base = start.elapsed();
        let start = std::time::Instant::now();
        let changes = commit.changes(&|_| true).expect("readable").len();
        let whole = start.elapsed();
        let start = std::time::Instant::now();
        commit.changes(&|_| false).expect("readable");
        let listed = start.elapsed();
        let start = std::time::Instant::now();
        let all = quickly(&folder, &commit, &HashMap::new());
        assert!(all.fixed.is_empty() && all.findings.iter().all(|finding| finding.state == State::Unchanged));
        println!("a check with a base: {:?}", start.elapsed());
        println!("{seconds:?}: disk {disk:?}, commit {base:?}, {changes} changes {whole:?}, names only {listed:?}");
    }
    as_checked_out(&commit, &folder.0);
}

#[test]
fn paths_excludes_and_links_are_those_of_the_checkout() {
    let folder = Folder::repository(&[("flows/a.json", &flow("a", BAD)), ("flows/deep/b.json", &flow("b", BAD)), ("docs/x.md", "# x\n")]);
    #[cfg(unix)]
    for (target, link) in
        [("../flows/a.json", "links/file.json"), ("../flows/deep", "links/folder"), ("..", "links/up"), ("nowhere", "links/gone.json")]
    {
        fs::create_dir_all(folder.0.join("links")).expect("writable");
        std::os::unix::fs::symlink(target, folder.0.join(link)).expect("writable");
    }
    folder.commit(&[]);
    let commit = folder.base("main");
    let whole = as_checked_out(&commit, &folder.0);
    if cfg!(unix) {
        assert!(whole.coverage.judged.iter().any(|name| name.ends_with("links/folder/b.json")), "{:?}", whole.coverage.judged);
        assert!(whole.coverage.foreign.iter().any(|file| file.reason.contains("a link back to")), "{:?}", whole.coverage.foreign);
        as_checked_out(&commit, &folder.0.join("links"));
    }
    as_checked_out(&commit, &folder.0.join("flows/deep/../a.json"));
    let nothing = judge(Input::Committed { commit: commit.clone(), path: folder.0.join("flows/none") });
    assert_eq!((nothing.findings.len(), nothing.coverage.files), (0, 0));
    let globs = globset::GlobSetBuilder::new().add(globset::Glob::new("**/deep").expect("a glob")).build().expect("a glob");
    let committed = judge_without(Input::Committed { commit: commit.clone(), path: folder.0.clone() }, Some(&globs));
    assert_eq!(committed.findings, judge_without(Input::Path(folder.0.clone()), Some(&globs)).findings);
    let outside = Folder::new();
    let error = commit.walk(&outside.0, &|_| false).expect_err("lies elsewhere");
    assert!(matches!(error, Error::Outside { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn links_never_lead_out_of_the_repository() {
    let secret = Folder::new();
    secret.write("a.json", flow("a", BAD));
    let folder = Folder::repository(&[("x.json", "{}")]);
    std::os::unix::fs::symlink(secret.0.join("a.json"), folder.0.join("absolute.json")).expect("writable");
    std::os::unix::fs::symlink("../../../../../../../../etc", folder.0.join("relative")).expect("writable");
    std::os::unix::fs::symlink("round.json", folder.0.join("round.json")).expect("writable");
    folder.commit(&[]);
    let commit = folder.base("main");
    let report = judge(Input::Committed { commit: commit.clone(), path: folder.0.clone() });
    let told: Vec<&str> = report.coverage.unreadable.iter().map(|file| &*file.reason).collect();
    assert_eq!(told, ["the link leads out of the repository", "the link leads out of the repository", "the link leads to itself"]);
    assert!(Files::read(&commit, "relative/passwd").is_err());
    assert!(Files::read(&commit, "absolute.json").is_err());
}

#[test]
fn files_are_read_and_listed_by_their_paths() {
    let folder = Folder::repository(&[(".flowgate/policy.yaml", "a: 1\r\n"), (".flowgate/waivers/x.yaml", "b"), ("z", "c")]);
    let commit = folder.base("main");
    folder.write(".flowgate/policy.yaml", "changed");
    assert_eq!(Files::read(&commit, ".flowgate/policy.yaml").expect("readable").expect("there"), b"a: 1\r\n");
    for nothing in ["none", ".flowgate", ".flowgate/policy.yaml/x", "z/../none"] {
        assert_eq!(Files::read(&commit, nothing).expect("readable"), None, "{nothing}");
    }
    assert_eq!(commit.list(".flowgate").expect("readable"), [".flowgate/policy.yaml", ".flowgate/waivers/x.yaml"]);
    assert_eq!(commit.list("").expect("readable"), Worktree::new(folder.0.clone()).list("").expect("readable"));
    assert!(commit.list("none").expect("readable").is_empty());
}

// ------------------------------------------------------------------------------------------------------------------ which repository

#[test]
fn what_is_no_repository_is_said() {
    let folder = Folder::new();
    let error = Repository::open(&folder.0).expect_err("no repository");
    assert!(error.to_string().contains("lies in no git repository"), "{error}");
    folder.git("init -q -b main .");
    let (message, help) = folder.refused("main");
    assert!(message.contains("no commit `main`") && help.contains("has no commit yet"), "{message}: {help}");
    assert!(folder.open().head().expect("readable").is_none());
}

#[test]
fn a_bare_repository_in_a_folder_of_the_tree_is_none() {
    let folder = Folder::repository(&[("flows/a.json", "{}")]);
    let id = folder.base("main").id();
    folder.git("init -q --bare -b main flows");
    let inner = Repository::open(&folder.0.join("flows/hooks")).expect("the outer one");
    assert_eq!(inner.commit("main").expect("there").id(), id);
}

#[test]
fn worktrees_packed_refs_and_detached_heads_are_read() {
    let folder = Folder::repository(&[("a", "1")]);
    let first = folder.git("rev-parse HEAD");
    folder.commit(&[("a", "2")]);
    let second = folder.git("rev-parse HEAD");
    folder.git("tag v1 HEAD~1");
    folder.git("tag -a -m annotated v2 HEAD");
    folder.git("update-ref refs/remotes/origin/main HEAD");
    folder.git("pack-refs --all");
    let other = Folder::new();
    let path = other.0.join("tree");
    git(&folder.0, &["worktree", "add", "-q", "--detach", path.to_str().expect("text"), "HEAD~1"]);
    let repository = Repository::open(&path).expect("a working tree");
    let id = |name: &str| repository.commit(name).unwrap_or_else(|error| panic!("{error}")).id();
    let expected = [
        ("HEAD", &first),
        ("@", &first),
        ("main", &second),
        ("v1", &first),
        ("v2", &second),
        ("v2^{commit}~1", &first),
        ("origin/main", &second),
        ("main~1", &first),
        ("refs/heads/main^", &first),
        (&second[..10], &second),
        (&second, &second),
        ("main^0", &second),
    ];
    for (name, expected) in expected {
        assert_eq!(&id(name), expected, "{name}");
    }
    assert_eq!(repository.root(), path);
    let (message, help) = folder.refused("main~9");
    assert!(message.contains("no commit `main~9`") && help.contains("0 parents"), "{message}: {help}");
    let (message, help) = folder.refused("feature");
    assert!(message.contains("no commit `feature`") && help.contains("git fetch origin feature"), "{message}: {help}");
    folder.git("update-ref refs/remotes/origin/feature HEAD");
    assert!(folder.refused("feature").1.contains("write that"));
    for wrong in ["main@{1}", "main:a", "../../x", "", "main^{tree}"] {
        folder.refused(wrong);
    }
}

#[test]
fn a_tag_cannot_pass_for_the_branch() {
    let folder = Folder::repository(&[("a", "1")]);
    folder.commit(&[("a", "2")]);
    folder.git("update-ref refs/remotes/origin/main HEAD~1");
    folder.git("tag origin/main HEAD");
    let (message, help) = folder.refused("origin/main");
    assert!(message.contains("different commits: refs/tags/origin/main, refs/remotes/origin/main"), "{message}");
    assert!(help.contains("`refs/remotes/origin/main`"), "{help}");
    assert_eq!(folder.base("refs/remotes/origin/main").id(), folder.git("rev-parse HEAD~1"));
    let id = folder.git("rev-parse HEAD~1");
    git(&folder.0, &["update-ref", &format!("refs/heads/{id}"), "HEAD"]);
    assert_eq!(folder.base(&id).id(), id, "an id is an id");
}

#[test]
fn a_submodule_belongs_to_the_repository_around_it() {
    let inner = Folder::repository(&[("b.json", &flow("b", BAD))]);
    let folder = Folder::repository(&[("a.json", &flow("a", BAD))]);
    git(&folder.0, &["submodule", "--quiet", "add", inner.0.to_str().expect("text"), "sub"]);
    folder.commit(&[]);
    let opened = Repository::open(&folder.0.join("sub/b.json")).expect("the outer one");
    assert_eq!(opened.root(), folder.0);
    let commit = folder.base("main");
    let report = judge(Input::Committed { commit: commit.clone(), path: folder.0.clone() });
    assert!(report.coverage.foreign.iter().any(|file| file.reason.contains("a submodule")), "{:?}", report.coverage.foreign);
    assert_eq!(ops(&commit), []);
    git(&folder.0.join("sub"), &["commit", "-q", "--allow-empty", "-m", "on"]);
    assert_eq!(ops(&commit), [("sub".to_owned(), Op::Modified)]);
}

#[test]
fn repositories_with_longer_digests_are_read() {
    let folder = Folder::new();
    folder.git("init -q -b main --object-format=sha256 .");
    folder.commit(&[("a.json", &flow("a", BAD))]);
    folder.git("gc -q");
    assert!(!as_checked_out(&folder.base("main"), &folder.0).findings.is_empty());
    assert_eq!(folder.base("main").id().len(), 64);
    folder.git("config extensions.objectformat md5");
    let error = Repository::open(&folder.0).expect_err("no such format");
    assert!(error.to_string().contains("named by `md5`"), "{error}");
}

#[test]
fn the_commit_around_a_damaged_object_is_refused() {
    let folder = Folder::repository(&[("a.json", &flow("a", BAD)), (".flowgate/policy.yaml", "x: 1\n")]);
    let object = |name: &str| {
        let id = folder.git(&format!("rev-parse {name}"));
        let path = folder.0.join(".git/objects").join(&id[..2]).join(&id[2..]);
        let mut permissions = fs::metadata(&path).expect("loose").permissions();
        #[allow(clippy::permissions_set_readonly_false, reason = "it is thrown away")]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).expect("ours");
        path
    };
    let other = object("HEAD:a.json");
    let policy = object("HEAD:.flowgate/policy.yaml");
    let commit = folder.base("main");
    fs::copy(&other, &policy).expect("writable");
    let error = Files::read(&commit, ".flowgate/policy.yaml").expect_err("another object under its name").to_string();
    assert!(error.contains("damaged"), "{error}");
    fs::write(&other, b"nonsense").expect("writable");
    let report = judge(Input::Committed { commit, path: folder.0.join("a.json") });
    assert!(report.coverage.unreadable[0].reason.contains("damaged in this clone"), "{:?}", report.coverage.unreadable);
    let tree = object("HEAD^{tree}");
    fs::write(&tree, b"").expect("writable");
    assert!(folder.base("main").walk(&folder.0, &|_| false).is_err());
    fs::remove_file(tree).expect("there");
    let error = folder.base("main").walk(&folder.0, &|_| false).expect_err("gone");
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

// -------------------------------------------------------------------------------------------------------------------------- history

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let folder = Folder::repository(&[("a", "1")]);
    folder.commit(&[("a", "2")]);
    folder.git("checkout -q -b feature");
    folder.commit(&[("a", "3")]);
    let url = format!("file://{}", folder.0.display());
    let clone = Folder::new();
    git(&clone.0, &["clone", "-q", "--depth", "1", "--branch", "feature", &url, "."]);
    let (message, help) = clone.refused("origin/main");
    assert!(message.contains("no commit `origin/main`"), "{message}");
    assert!(help.contains("fetch-depth: 0") && help.contains("git fetch origin main"), "{help}");
    let (message, help) = clone.refused("HEAD~1");
    assert!(message.contains("which is shallow") && help.contains("fetch-depth: 0"), "{message}: {help}");
    let (message, help) = clone.refused(&folder.git("rev-parse main"));
    assert!(message.contains("which is shallow") && help.contains("fetch-depth: 0"), "{message}: {help}");
    git(&clone.0, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let (base, head) = (clone.base("origin/main"), clone.base("HEAD"));
    assert_eq!(Files::read(&base, "a").expect("readable").expect("there"), b"2");
    let error = base.merge_base(&head).expect_err("cut off");
    assert!(error.to_string().contains("shallow") && error.help().contains("fetch-depth: 0"), "{error}");
    assert!(!base.history(&head).expect("readable").complete);
    git(&clone.0, &["fetch", "-q", "--unshallow"]);
    let (base, head) = (clone.base("origin/main"), clone.base("HEAD"));
    assert_eq!(base.merge_base(&head).expect("whole").id(), base.id());
    assert!(base.history(&head).expect("readable").complete);
}

#[test]
fn a_clone_without_contents_says_so() {
    let folder = Folder::repository(&[("a.json", &flow("a", BAD))]);
    folder.git("config uploadpack.allowFilter true");
    let url = format!("file://{}", folder.0.display());
    let clone = Folder::new();
    git(&clone.0, &["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "."]);
    let report = judge(Input::Committed { commit: clone.base("main"), path: clone.0.clone() });
    let reason = &report.coverage.unreadable[0].reason;
    assert!(reason.contains("not in this clone") && reason.contains("without a filter"), "{reason}");
}

#[test]
fn whose_work_a_change_is_and_where_it_began() {
    let folder = Folder::repository(&[("a", "1")]);
    let fork = folder.base("main").id();
    folder.git("checkout -q -b feature");
    folder.write("b", "1");
    folder.git("add -A");
    let message = "Add b\n\nCo-authored-by: Cleo <cleo@contoso.example>";
    git(&folder.0, &["-c", "user.name=x", "commit", "-q", "-m", message, "--author", "Dana <dana@contoso.example>"]);
    folder.git("checkout -q main");
    git(&folder.0, &["commit", "-q", "--allow-empty", "-m", "other", "--author", "Eve <eve@contoso.example>"]);
    folder.git("merge -q --no-edit feature");
    let people = |base: &str, head: &str| {
        let history = folder.base(base).history(&folder.base(head)).expect("readable");
        let person = |person: &flowgate::base::history::Person| (person.name.clone(), person.part);
        (history.commits, history.people.iter().map(person).collect::<Vec<_>>())
    };
    let named = |name: &str, part| (name.to_owned(), part);
    let feature = [named("Bo", Part::Committer), named("Cleo", Part::CoAuthor), named("Dana", Part::Author)];
    assert_eq!(people("main^1", "feature"), (1, feature.to_vec()));
    let merged = people("main^1", "main");
    assert_eq!(merged.0, 2, "the commit and the merge");
    assert!(!merged.1.iter().any(|(name, _)| name == "Eve"), "{merged:?}");
    assert_eq!(folder.base("main^1").merge_base(&folder.base("feature")).expect("related").id(), fork);
    assert_eq!(people("main", "feature"), (0, Vec::new()));
    folder.git("checkout -q --orphan lone");
    folder.commit(&[]);
    let error = folder.base("main").merge_base(&folder.base("lone")).expect_err("unrelated");
    assert!(matches!(error, Error::Unrelated { shallow: false, .. }), "{error}");
}

// -------------------------------------------------------------------------------------------------------------------------- changes

fn ops(commit: &Commit) -> Vec<(String, Op)> {
    commit.changes(&|_| true).expect("readable").into_iter().map(|change| (change.path, change.op)).collect()
}

#[test]
fn every_way_to_change_a_file_is_seen() {
    let folder = Folder::repository(&[
        ("same", "1\n2\n"),
        ("changed", "1"),
        ("gone", "x"),
        ("old/name.json", "moved"),
        ("Case", "case"),
        ("run.sh", "#!"),
        ("link", "l"),
        (".gitignore", "hidden\n"),
        ("empty", "e"),
    ]);
    let commit = folder.base("main");
    assert_eq!(ops(&commit), []);
    folder.write("same", "1\r\n2\r\n");
    assert_eq!(ops(&commit), [], "a checkout may change line ends");
    folder.write("changed", "2");
    folder.remove("gone");
    folder.write("new/name.json", "moved");
    folder.remove("old/name.json");
    folder.remove("Case");
    folder.write("case", "case");
    folder.write("hidden", "ignored by git, not by us");
    folder.write("untracked", "u");
    folder.write("empty", "");
    let mut expected = vec![
        ("case", Op::Renamed),
        ("changed", Op::Modified),
        ("empty", Op::Modified),
        ("gone", Op::Deleted),
        ("hidden", Op::Added),
        ("new/name.json", Op::Renamed),
        ("untracked", Op::Added),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        folder.remove("link");
        symlink("same", folder.0.join("link")).expect("writable");
        fs::set_permissions(folder.0.join("run.sh"), fs::Permissions::from_mode(0o755)).expect("ours");
        expected.extend([("link", Op::Type), ("run.sh", Op::Mode)]);
        expected.sort_unstable_by_key(|(path, _)| *path);
    }
    let changes = commit.changes(&|_| true).expect("readable");
    let found: Vec<(&str, Op)> = changes.iter().map(|change| (&*change.path, change.op)).collect();
    assert_eq!(found, expected);
    assert_eq!(
        changes::renamed(&changes),
        HashMap::from([("new/name.json".to_owned(), "old/name.json".to_owned()), ("case".to_owned(), "Case".to_owned()),])
    );
    let listed = commit.changes(&|path| path == "changed").expect("readable");
    assert!(!listed.iter().any(|change| change.path == "empty"), "what nobody asked for is not read");
    assert!(listed.iter().any(|change| change.path == "changed") && listed.iter().any(|change| change.op == Op::Deleted));
}

#[test]
fn a_pointer_of_git_lfs_stands_for_its_file_where_that_was_fetched() {
    let text = flow("a", BAD);
    let digest = "ab".repeat(32);
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {}\n", text.len());
    let folder = Folder::repository(&[("a.json", &pointer)]);
    let commit = folder.base("main");
    let report = as_checked_out(&commit, &folder.0);
    assert!(report.coverage.unreadable[0].reason.contains("Git LFS"), "{:?}", report.coverage.unreadable);
    folder.write(&format!(".git/lfs/objects/ab/ab/{digest}"), &text);
    folder.write("a.json", &text);
    assert!(!as_checked_out(&commit, &folder.0).findings.is_empty());
    assert_eq!(ops(&commit), []);
}

// ------------------------------------------------------------------------------------------------------------------------- findings

/// The findings of the working tree against those of the commit, with the names of the files that are new, and how many are fixed.
fn compared(folder: &Folder, commit: &Commit) -> (Vec<String>, usize) {
    let head = judge(Input::Path(folder.0.clone()));
    let base = judge(Input::Committed { commit: commit.clone(), path: folder.0.clone() });
    let full = |path: String| flowgate::source::shown(&folder.0.join(path));
    let renamed: HashMap<String, String> =
        changes::renamed(&commit.changes(&|_| true).expect("readable")).into_iter().map(|(now, was)| (full(now), full(was))).collect();
    let compared = compare::compare(head.findings.clone(), base.findings, &renamed, &BTreeSet::new());
    assert_eq!(quickly(folder, commit, &renamed), compared);
    let new = compared.findings.iter().filter(|finding| finding.state == State::New);
    let root = flowgate::source::shown(&folder.0);
    let mut new: Vec<String> = new.map(|finding| finding.location.file[root.len() + 1..].to_owned()).collect();
    new.dedup();
    (new, compared.fixed.len())
}

/// The same, where nothing is judged twice that is the same on both sides.
fn quickly(folder: &Folder, commit: &Commit, renamed: &HashMap<String, String>) -> compare::Compared {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true);
    let options = Options::new(&rules);
    let changes = commit.changes(&|_| true).expect("readable");
    let unchanged = commit.unchanged(&changes).expect("readable");
    let same = |name: &str| commit.repository().relative(Path::new(name)).is_ok_and(|path| unchanged.contains(path.as_str()));
    let head = lint::find(&[Input::Path(folder.0.clone())], None).expect("there");
    let base = lint::find(&[Input::Committed { commit: commit.clone(), path: folder.0.clone() }], None).expect("there");
    let (base, untouched) = base.without(&head, &same);
    let (head, base) = (lint::run(head, &options).0, lint::run(base, &options).0);
    compare::compare(head.findings, base.findings, renamed, &untouched)
}

#[test]
fn only_what_a_change_brings_is_new() {
    let folder = Folder::repository(&[
        ("m/a.json", &flow("a", BAD)),
        ("m/b.json", &flow("b", GOOD)),
        ("m/broken.json", "{\"nodes\": [], \"connections\": {}, }"),
    ]);
    let commit = folder.base("main");
    let count = judge(Input::Path(folder.0.join("m/a.json"))).findings.len();
    assert!(count > 0);
    assert_eq!(compared(&folder, &commit), (vec![], 0));
    folder.write("m/a.json", flow("a", BAD).replace('\n', "\r\n"));
    assert_eq!(compared(&folder, &commit), (vec![], 0), "line ends");
    folder.write("m/a.json", format!("\n\n{}", flow("a", BAD)));
    assert_eq!(compared(&folder, &commit), (vec![], 0), "another place");
    folder.write("m/a.json", flow("a", BAD));
    fs::rename(folder.0.join("m/a.json"), folder.0.join("m/c.json")).expect("ours");
    assert_eq!(compared(&folder, &commit), (vec![], 0), "another name");
    folder.write("a/copy.json", flow("a", BAD));
    assert_eq!(compared(&folder, &commit).0, ["a/copy.json"], "a copy, before or behind");
    folder.remove("a/copy.json");
    folder.write("m/b.json", flow("b", BAD));
    assert_eq!(compared(&folder, &commit).0, ["m/b.json"]);
    folder.remove("m/c.json");
    let (new, fixed) = compared(&folder, &commit);
    assert_eq!((new, fixed), (vec!["m/b.json".to_owned()], count));
}

// -------------------------------------------------------------------------------------------------------------------------- control

fn controlled(folder: &Folder, commit: &Commit) -> Vec<ControlChange> {
    let asked = |_: &str| true;
    let changes = commit.changes(&asked).expect("readable");
    control::control(commit, &Worktree::new(folder.0.clone()), &changes).expect("readable")
}

fn told(folder: &Folder, commit: &Commit) -> Vec<(String, Subject, bool)> {
    controlled(folder, commit).into_iter().map(|change| (change.path, change.subject, change.tightens)).collect()
}

/// What is done to a repository.
type Edit = fn(&Folder);

const GATE: &str =
    "on: pull_request\njobs:\n  gate:\n    steps:\n      - run: ./ci/gate.sh\n      - run: flowgate check --base origin/main\n";

/// A repository whose gate is complete.
fn governed() -> Folder {
    Folder::repository(&[
        (".flowgate/policy.yaml", "policy: {id: contoso}\n"),
        (".flowgate/rules/one.yaml", "id: one\n"),
        (".flowgate/waivers/WV-1.yaml", "id: WV-1\n"),
        ("apps/flowgate.app.yaml", "app: {id: a}\n"),
        ("apps/a.json", &flow("a", GOOD)),
        (".github/workflows/gate.yml", GATE),
        (".github/workflows/other.yml", "on: push\n"),
        ("ci/gate.sh", "exec true\n"),
        ("CODEOWNERS", "* @all\n/.flowgate/ @security\n"),
        (".gitattributes", "*.md merge=union\n"),
        ("Makefile", "all:\n"),
    ])
}

#[test]
fn what_touches_the_gate_is_told() {
    let folder = governed();
    let commit = folder.base("main");
    let one = |path: &str, subject, tightens| vec![(path.to_owned(), subject, tightens)];
    let cases: [(&str, Edit, Vec<(String, Subject, bool)>); 22] = [
        ("nothing", |_| {}, vec![]),
        ("an export", |folder| folder.write("apps/a.json", flow("a", BAD)), vec![]),
        (
            "policy changed",
            |folder| folder.write(".flowgate/policy.yaml", "policy: {id: other}\n"),
            one(".flowgate/policy.yaml", Subject::Policy, false),
        ),
        ("policy deleted", |folder| folder.remove(".flowgate/policy.yaml"), one(".flowgate/policy.yaml", Subject::Policy, false)),
        ("policy emptied", |folder| folder.write(".flowgate/policy.yaml", ""), one(".flowgate/policy.yaml", Subject::Policy, false)),
        (
            "waiver added",
            |folder| folder.write(".flowgate/waivers/WV-2.yaml", "id: WV-2"),
            one(".flowgate/waivers/WV-2.yaml", Subject::Waiver, false),
        ),
        ("rule added", |folder| folder.write(".flowgate/rules/two.yaml", "id: two"), one(".flowgate/rules/two.yaml", Subject::Rule, true)),
        (
            "rule changed",
            |folder| folder.write(".flowgate/rules/one.yaml", "id: two"),
            one(".flowgate/rules/one.yaml", Subject::Rule, false),
        ),
        (
            "a second policy",
            |folder| folder.write("apps/.flowgate/policy.yaml", "x"),
            one("apps/.flowgate/policy.yaml", Subject::Policy, false),
        ),
        ("manifest deleted", |folder| folder.remove("apps/flowgate.app.yaml"), one("apps/flowgate.app.yaml", Subject::Manifest, false)),
        (
            "pipeline changed",
            |folder| folder.write(".github/workflows/gate.yml", GATE.replace("check", "check --fail-on critical")),
            one(".github/workflows/gate.yml", Subject::Pipeline, false),
        ),
        (
            "pipeline without the word",
            |folder| folder.write(".github/workflows/gate.yml", "on: push\n"),
            one(".github/workflows/gate.yml", Subject::Pipeline, false),
        ),
        ("another pipeline", |folder| folder.write(".github/workflows/other.yml", "on: pull_request\n"), vec![]),
        (
            "another gate",
            |folder| folder.write(".github/workflows/other.yml", GATE),
            one(".github/workflows/other.yml", Subject::Pipeline, true),
        ),
        ("script of the gate", |folder| folder.write("ci/gate.sh", "exit 0\n"), one("ci/gate.sh", Subject::Pipeline, false)),
        ("owners taken away", |folder| folder.write("CODEOWNERS", "* @all\n"), one("CODEOWNERS", Subject::Owners, false)),
        (
            "owners overruled",
            |folder| folder.write("CODEOWNERS", "* @all\n/.flowgate/ @security\n*.yaml @carl\n"),
            one("CODEOWNERS", Subject::Owners, false),
        ),
        ("owners of something else", |folder| folder.write("CODEOWNERS", "* @all\n/docs/ @carl\n/.flowgate/ @security\n"), vec![]),
        (
            "owners overshadowed",
            |folder| folder.write(".github/CODEOWNERS", "* @carl\n"),
            one(".github/CODEOWNERS", Subject::Owners, false),
        ),
        (
            "attributes",
            |folder| folder.write(".gitattributes", "*.md merge=union\n*.json filter=lfs -diff\n"),
            one(".gitattributes", Subject::Checkout, false),
        ),
        ("other attributes", |folder| folder.write(".gitattributes", "*.md merge=ours\n"), vec![]),
        (
            "attributes below",
            |folder| folder.write("apps/.gitattributes", "*.json working-tree-encoding=UTF-16\n"),
            one("apps/.gitattributes", Subject::Checkout, false),
        ),
    ];
    for (name, edit, expected) in cases {
        edit(&folder);
        assert_eq!(told(&folder, &commit), expected, "{name}");
        folder.git("reset -q --hard");
        folder.git("clean -q -fdx");
    }
    let moved = |from: &str, to: &str| fs::rename(folder.0.join(from), folder.0.join(to)).expect("ours");
    moved(".flowgate", ".FlowGate2");
    let found = controlled(&folder, &commit);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|change| !change.tightens && change.op == Op::Renamed), "{found:?}");
}

#[test]
fn the_first_line_that_differs_is_shown() {
    let folder = governed();
    let commit = folder.base("main");
    folder.write(".github/workflows/gate.yml", GATE.replace("origin/main", "HEAD"));
    let change = controlled(&folder, &commit).remove(0);
    assert_eq!((change.location.start.line, change.location.start.column), (6, 7));
    assert_eq!(change.meaning, "what runs the gate is changed");
    folder.write("CODEOWNERS", "* @all\n/.flowgate/ @carl\n");
    let change = controlled(&folder, &commit).into_iter().find(|change| change.subject == Subject::Owners).expect("told");
    assert_eq!(change.location.start.line, 2);
    assert!(change.meaning.ends_with("belongs to @carl now, and belonged to @security"), "{}", change.meaning);
}

// -------------------------------------------------------------------------------------------------------------------------- attacks

/// Whether a gate that blocks what is new has something to block.
fn blocked(folder: &Folder, commit: &Commit) -> Vec<String> {
    let head = judge(Input::Path(folder.0.clone()));
    let base = judge(Input::Committed { commit: commit.clone(), path: folder.0.clone() });
    let changes = commit.changes(&|_| true).expect("readable");
    let relative = |name: &str| commit.repository().relative(Path::new(name)).ok();
    let lost = control::lost(&base.coverage, &head.coverage, &changes, &relative);
    let control = control::control(commit, &Worktree::new(folder.0.clone()), &changes).expect("readable");
    let mut reasons: Vec<String> =
        lost.iter().chain(&control).filter(|change| !change.tightens).map(|change| format!("{} {}", change.path, change.meaning)).collect();
    reasons.extend(head.coverage.unreadable.iter().map(|file| format!("{}: {}", file.file, file.reason)));
    let compared = compare::compare(head.findings, base.findings, &HashMap::new(), &BTreeSet::new());
    reasons.extend(compared.findings.iter().filter(|finding| finding.state == State::New).map(|finding| finding.message.clone()));
    reasons
}

/// Moves the export.
fn rename(folder: &Folder, to: &str) {
    let to = folder.0.join(to);
    fs::create_dir_all(to.parent().expect("in a folder")).expect("writable");
    fs::rename(folder.0.join("apps/a.json"), to).expect("ours");
}

#[test]
fn nothing_that_a_commit_can_do_hides_what_it_brings() {
    let folder = governed();
    let commit = folder.base("main");
    assert_eq!(blocked(&folder, &commit), Vec::<String>::new());
    let elsewhere = Folder::new();
    elsewhere.write("a.json", flow("a", GOOD));
    let cases: Vec<(&str, Edit)> = vec![
        ("as it is", |_| {}),
        ("deleted", |folder| folder.remove("apps/a.json")),
        ("renamed", |folder| rename(folder, "apps/b.json")),
        ("renamed to a text", |folder| rename(folder, "apps/a.txt")),
        ("renamed to a picture", |folder| rename(folder, "apps/a.png")),
        ("moved", |folder| rename(folder, "other/deep/a.json")),
        ("moved to the gate", |folder| rename(folder, ".flowgate/a.json")),
        ("moved to what tools skip", |folder| rename(folder, "node_modules/x/a.json")),
        ("emptied", |folder| folder.write("apps/a.json", "")),
        ("blanked", |folder| folder.write("apps/a.json", " \n")),
        ("replaced", |folder| folder.write("apps/a.json", "{}")),
        ("corrupted", |folder| folder.write("apps/a.json", &flow("a", BAD)[..60])),
        ("with a wrong byte", |folder| folder.write("apps/a.json", [flow("a", BAD).as_bytes(), b"\xFF"].concat())),
        ("in UTF-16", |folder| {
            let bytes: Vec<u8> = [0xFEFF].into_iter().chain(flow("a", BAD).encode_utf16()).flat_map(u16::to_le_bytes).collect();
            folder.write("apps/a.json", bytes);
        }),
        ("with another case", |folder| rename(folder, "apps/A.JSON")),
        ("ignored", |folder| folder.write(".gitignore", "*.json\n")),
        ("a pointer of Git LFS", |folder| {
            folder.write("apps/a.json", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
        }),
        ("a folder", |folder| {
            folder.remove("apps/a.json");
            folder.write("apps/a.json/readme.md", "x");
        }),
        ("a submodule", |folder| {
            folder.remove("apps/a.json");
            git(&folder.0, &["init", "-q", "apps/a.json"]);
        }),
        ("huge", |folder| {
            let file = fs::OpenOptions::new().write(true).open(folder.0.join("apps/a.json")).expect("ours");
            file.set_len(600 * 1024 * 1024).expect("a hole");
        }),
        ("attributes", |folder| folder.write(".gitattributes", "*.json -text filter=lfs\n")),
        ("a repository inside", |folder| {
            git(&folder.0, &["init", "-q", "apps"]);
        }),
        ("a bare repository inside", |folder| {
            git(&folder.0, &["init", "-q", "--bare", "apps"]);
        }),
    ];
    for (name, edit) in cases {
        folder.write("apps/a.json", flow("a", BAD));
        edit(&folder);
        let reasons = blocked(&folder, &commit);
        assert!(!reasons.is_empty(), "{name}");
        let _ = fs::remove_dir_all(folder.0.join("apps/.git"));
        folder.git("clean -q -ffdx");
        folder.git("reset -q --hard");
        folder.git("clean -q -ffdx");
    }
    #[cfg(unix)]
    for target in [elsewhere.0.join("a.json"), PathBuf::from("../nowhere"), PathBuf::from("a.json"), PathBuf::from("..")] {
        folder.remove("apps/a.json");
        std::os::unix::fs::symlink(&target, folder.0.join("apps/a.json")).expect("writable");
        let changes = commit.changes(&|_| true).expect("readable");
        assert!(changes.iter().any(|change| change.op == Op::Type && change.is == Some(Kind::Link)), "{target:?}");
        assert!(blocked(&folder, &commit).iter().any(|reason| reason.contains("is a link now")), "{target:?}");
        folder.git("reset -q --hard");
    }
}

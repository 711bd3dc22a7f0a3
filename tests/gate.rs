//! A governed repository from end to end: what a change can do to its own verdict, and what it cannot.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A policy that approves little, and knows who decides.
const POLICY: &str = "\
apiVersion: flowgate/v1
functions:
  security: { members: [ana] }
  data-owner: { members: [dana] }
  it: { members: [ivan] }
people:
  ana: { aliases: [ana@contoso.example] }
  dana: { aliases: [dana@contoso.example] }
  ivan: { aliases: [ivan@contoso.example] }
  carl: { aliases: [carl@contoso.example] }
  olga: {}
connectors: { default: blocked, allow: [n8n-nodes-base.webhook, n8n-nodes-base.slack] }
environments: { order: [dev, test, prod] }
decision_rights: { new-connector: [it, security], new-endpoint: [security] }
gates:
  low: { block: [critical, high], signoffs: { prod: [security] }, assurance: forge-review }
  moderate: { block: [critical, high], signoffs: { prod: [security] }, assurance: forge-review }
  high: { block: [critical, high, medium], signoffs: { prod: [security, data-owner] }, assurance: forge-review }
waivers: { approver: security }
";

const MANIFEST: &str = "\
apiVersion: flowgate/v1
app: { id: intake, name: Invoice intake }
owner: { person: olga }
data_steward: dana
maker: { id: carl, tier: citizen }
classification: internal
audience: internal
criticality: 1
environment: test
links: { runbook: RB-1, rollback: 'sha256:00' }
change: { ticket: CHG-1, rationale: 'first version', risk_assessment: RA-1, requested_by: olga, approved_by: ana, implemented_by: carl }
review_by: 2027-05-01
";

const WORKFLOW: &str =
    "on: pull_request\njobs: { gate: { runs-on: ubuntu-latest, steps: [{ run: flowgate check --base origin/main }] } }\n";

/// A flow with these nodes behind its trigger.
fn flow(nodes: &str) -> String {
    format!(
        r#"{{"id": "w1", "name": "Intake", "active": true, "nodes": [
  {{"id": "a", "name": "Hook", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
    "parameters": {{"path": "intake", "authentication": "headerAuth"}}}},
  {{"id": "b", "name": "Tell", "type": "n8n-nodes-base.slack", "typeVersion": 2.2, "position": [200, 0],
    "parameters": {{"resource": "message", "operation": "post", "text": "an invoice has come in"}}}}{nodes}],
 "connections": {{"Hook": {{"main": [[{{"node": "Tell", "type": "main", "index": 0}}]]}}}}}}
"#
    )
}

/// A node that moves files without encryption, by a connector that nobody has approved.
const FTP: &str = r#",
  {"id": "c", "name": "Ship", "type": "n8n-nodes-base.ftp", "typeVersion": 1, "position": [400, 0],
    "parameters": {"operation": "upload", "protocol": "ftp", "path": "/in"}}"#;

/// A repository in a folder of its own.
struct Repository(PathBuf);

impl Repository {
    /// One whose branch `base` has a governed flow, and whose branch `pr` is checked out.
    fn governed(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gate-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let repository = Self(folder);
        repository.git(&["init", "-q", "-b", "base", "."]);
        repository.write(".flowgate/policy.yaml", POLICY);
        repository.write(".github/workflows/gate.yml", WORKFLOW);
        repository.write("apps/intake/flowgate.app.yaml", MANIFEST);
        repository.write("apps/intake/intake.json", &flow(""));
        repository.commit("ivan@contoso.example", "The first version");
        repository.git(&["checkout", "-q", "-b", "pr"]);
        repository
    }

    fn git(&self, arguments: &[&str]) -> String {
        let run = Command::new("git")
            .args(arguments)
            .current_dir(&self.0)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs");
        assert!(run.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8_lossy(&run.stdout).trim().to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.join(path)).expect("a file");
        assert!(text.contains(from), "{path} has `{from}`");
        self.write(path, &text.replace(from, to));
    }

    fn remove(&self, path: &str) {
        std::fs::remove_file(self.0.join(path)).expect("a file");
    }

    /// Commits all that is there, and gives the id of the commit.
    fn commit(&self, who: &str, message: &str) -> String {
        self.git(&["add", "-A", "-f"]);
        let (name, mail) = (format!("user.name={}", who.split('@').next().unwrap_or(who)), format!("user.email={who}"));
        self.git(&["-c", &name, "-c", &mail, "-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Exit code and report of `flowgate check` with these flags.
    fn check(&self, flags: &[&str]) -> (i32, serde_json::Value, String) {
        let run = Command::new(env!("CARGO_BIN_EXE_flowgate"))
            .args(["check", "--format", "json"])
            .args(flags)
            .current_dir(&self.0)
            .env("SOURCE_DATE_EPOCH", "1795262400")
            .output()
            .expect("flowgate runs");
        let report = serde_json::from_slice(&run.stdout).unwrap_or_default();
        (run.status.code().unwrap_or(-1), report, String::from_utf8_lossy(&run.stderr).into_owned())
    }

    /// The rules whose findings block.
    fn blocking(&self, flags: &[&str]) -> (i32, Vec<String>) {
        let (code, report, said) = self.check(flags);
        let findings = report["findings"].as_array().cloned().unwrap_or_default();
        let mut rules: Vec<String> = findings
            .iter()
            .filter(|finding| finding["blocks"] == true)
            .map(|finding| finding["rule"].as_str().unwrap_or_default().to_owned())
            .collect();
        rules.sort();
        rules.dedup();
        assert!(code != 2, "{said}");
        (code, rules)
    }

    /// The reviews of the forge: those people approve that commit.
    fn reviews(&self, commit: &str, people: &[&str]) -> String {
        let reviews: Vec<_> = people.iter().map(|by| serde_json::json!({ "by": by, "state": "approved", "commit": commit })).collect();
        let file = self.0.parent().expect("a folder").join(format!("reviews-{commit}.json"));
        std::fs::write(&file, serde_json::Value::from(reviews).to_string()).expect("a file");
        file.to_string_lossy().into_owned()
    }
}

const GATE: &[&str] = &["--base", "base"];

#[test]
fn what_was_there_before_passes_and_an_export_made_again_needs_nothing_new() {
    let repository = Repository::governed("unchanged");
    assert_eq!(repository.blocking(GATE), (0, vec![]));
    repository.edit("apps/intake/intake.json", "\"position\": [200, 0]", "\"position\": [260, 40]");
    repository.commit("carl@contoso.example", "Moved a node");
    assert_eq!(repository.blocking(GATE), (0, vec![]));
}

#[test]
fn a_change_that_helps_itself_is_blocked_with_each_reason() {
    let repository = Repository::governed("greedy");
    repository.write("apps/intake/intake.json", &flow(FTP));
    repository.edit(".flowgate/policy.yaml", "default: blocked", "default: allowed");
    repository.edit("apps/intake/flowgate.app.yaml", "classification: internal", "classification: public");
    repository.edit(".github/workflows/gate.yml", "flowgate check --base origin/main", "echo flowgate is happy");
    let waiver = "id: WV-1\nrule: unencrypted-export\nfingerprint: 'f1:00'\ncategory: risk-accepted\nreason: trust me\nowner: carl\n\
                  approved_by: [{ id: ana, function: security, on: 2026-11-20 }]\nexpires: 2026-12-01\n";
    repository.write(".flowgate/waivers/WV-1.yaml", waiver);
    let head = repository.commit("carl@contoso.example", "All at once");
    let (code, rules) = repository.blocking(GATE);
    assert_eq!(code, 1);
    assert_eq!(rules, ["unapproved-change-of-power", "unapproved-connector", "unencrypted-export", "weakened-gate"]);
    let (_, report, _) = repository.check(GATE);
    let weakened = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["rule"] == "weakened-gate");
    let mut files: Vec<&str> = weakened.filter_map(|finding| finding["file"].as_str()).collect();
    files.sort_unstable();
    let expected = [".flowgate/policy.yaml", ".flowgate/waivers/WV-1.yaml", ".github/workflows/gate.yml", "apps/intake/flowgate.app.yaml"];
    assert_eq!(files, expected);

    // Its own author cannot agree to it, and a review of another commit is none of this one.
    let own = repository.reviews(&head, &["carl"]);
    assert!(repository.blocking(&["--base", "base", "--reviews", &own]).1.contains(&"weakened-gate".to_owned()));
    let old = repository.git(&["rev-parse", "base"]);
    let reviews = repository.reviews(&old, &["ana", "ivan"]);
    assert!(repository.blocking(&["--base", "base", "--reviews", &reviews]).1.contains(&"weakened-gate".to_owned()));
}

#[test]
fn with_the_right_approvals_power_may_grow() {
    let repository = Repository::governed("approved");
    let node = r#",
  {"id": "c", "name": "Tell others", "type": "n8n-nodes-base.microsoftTeams", "typeVersion": 2, "position": [400, 0],
    "parameters": {"resource": "channelMessage", "message": "an invoice has come in"}}"#;
    repository.edit(".flowgate/policy.yaml", "n8n-nodes-base.slack]", "n8n-nodes-base.slack, n8n-nodes-base.microsoftTeams]");
    let head = repository.commit("ivan@contoso.example", "Teams is approved");
    assert_eq!(repository.blocking(GATE).1, ["weakened-gate"]);
    let reviews = repository.reviews(&head, &["ana"]);
    assert_eq!(repository.blocking(&["--base", "base", "--reviews", &reviews]), (0, vec![]));
    repository.git(&["branch", "-f", "base", "pr"]);

    repository.write("apps/intake/intake.json", &flow(node));
    let head = repository.commit("carl@contoso.example", "Tell Teams, too");
    assert_eq!(repository.blocking(GATE), (1, vec!["unapproved-change-of-power".to_owned()]));
    let reviews = repository.reviews(&head, &["ana"]);
    assert_eq!(repository.blocking(&["--base", "base", "--reviews", &reviews]).0, 1, "it has to agree, too");
    let digest = repository.digest();
    let sign = format!(
        "signoffs:\n  - {{ function: security, by: ana, on: 2026-11-20, input_digest: '{digest}' }}\n  - {{ function: it, by: ivan, on: 2026-11-20, input_digest: '{digest}' }}\n"
    );
    repository.write("apps/intake/flowgate.app.yaml", &format!("{MANIFEST}{sign}"));
    let head = repository.commit("carl@contoso.example", "Signed off");
    assert_eq!(repository.blocking(GATE).0, 1, "what the change says of itself counts for little");
    let reviews = repository.reviews(&head, &["ana", "ivan"]);
    assert_eq!(repository.blocking(&["--base", "base", "--reviews", &reviews]), (0, vec![]));
}

impl Repository {
    /// The digest that a sign-off of the app is about.
    fn digest(&self) -> String {
        let run = Command::new(env!("CARGO_BIN_EXE_flowgate"))
            .args(["digest", "apps/intake"])
            .current_dir(&self.0)
            .output()
            .expect("flowgate runs");
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        let at = text.find("sha256:").unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&run.stderr)));
        text[at..].split_whitespace().next().expect("a digest").trim_matches(['\'', '"', '`', ',']).to_owned()
    }
}

#[test]
fn production_takes_the_sign_off_of_this_content() {
    let repository = Repository::governed("promotion");
    let prod = &["--base", "base", "--environment", "prod", "--actor", "ivan"];
    assert!(repository.blocking(prod).1.contains(&"missing-sign-off".to_owned()));
    let digest = repository.digest();
    let sign = |function: &str, by: &str| format!("  - {{ function: {function}, by: {by}, on: 2026-11-20, input_digest: '{digest}' }}\n");
    let signed = format!("{MANIFEST}signoffs:\n{}{}", sign("security", "ana"), sign("data-owner", "dana"));
    repository.write("apps/intake/flowgate.app.yaml", &signed);
    let head = repository.commit("carl@contoso.example", "Signed off");
    let reviews = repository.reviews(&head, &["ana", "dana"]);
    let with = |more: &str| {
        vec!["--base", "base", "--environment", "prod", "--actor", "ivan", "--reviews"]
            .into_iter()
            .chain([more])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let flags = with(&reviews);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    assert_eq!(repository.blocking(&flags), (0, vec![]));
    // Moved on the canvas, it is the same; another text is not.
    repository.edit("apps/intake/intake.json", "\"position\": [200, 0]", "\"position\": [260, 40]");
    let head = repository.commit("carl@contoso.example", "Moved a node");
    let flags = with(&repository.reviews(&head, &["ana", "dana"]));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    assert_eq!(repository.blocking(&flags), (0, vec![]));
    repository.edit("apps/intake/intake.json", "an invoice has come in", "click here");
    repository.commit("carl@contoso.example", "Another text");
    assert!(repository.blocking(&flags).1.contains(&"missing-sign-off".to_owned()));
}

/// What a change may try to get a blocked verdict off itself.
type Trick = (&'static str, fn(&Repository));

#[test]
fn no_edit_of_a_change_turns_blocked_into_passed() {
    let tricks: &[Trick] = &[
        ("nothing", |_| {}),
        ("the policy is gone", |it| it.remove(".flowgate/policy.yaml")),
        ("the policy is empty", |it| it.write(".flowgate/policy.yaml", "")),
        ("the policy is broken", |it| it.write(".flowgate/policy.yaml", "{{{")),
        ("the policy turns rules off", |it| {
            it.edit(".flowgate/policy.yaml", "apiVersion", "rules: { unencrypted-export: { mode: off } }\napiVersion");
        }),
        ("the gates let all through", |it| it.edit(".flowgate/policy.yaml", "block: [critical, high", "block: [critical")),
        ("the policy has another case", |it| {
            it.git(&["mv", ".flowgate/policy.yaml", ".flowgate/Policy.yaml"]);
        }),
        ("the folder has another name", |it| {
            it.git(&["mv", ".flowgate", "flowgate.d"]);
        }),
        ("a rule is replaced", |it| it.write(".flowgate/rules/enc/unencrypted-export.yaml", "id: unencrypted-export\n")),
        ("the manifest is gone", |it| it.remove("apps/intake/flowgate.app.yaml")),
        ("the manifest speaks for another folder", |it| {
            it.git(&["mv", "apps/intake/flowgate.app.yaml", "flowgate.app.yaml"]);
        }),
        ("the tier is lower", |it| it.edit("apps/intake/flowgate.app.yaml", "review_by", "risk_tier: low\nreview_by")),
        ("the workflow is gone", |it| it.remove(".github/workflows/gate.yml")),
        ("the export has another name", |it| {
            it.git(&["mv", "-f", "apps/intake/intake.json", "apps/intake/other.json"]);
        }),
        ("the export has no ending", |it| {
            it.git(&["mv", "-f", "apps/intake/intake.json", "apps/intake/intake"]);
        }),
        ("the export is broken", |it| it.write("apps/intake/intake.json", &flow(FTP)[..200])),
        ("the export is ignored", |it| it.write(".gitignore", "apps/\n")),
        ("a checkout changes the export", |it| it.write(".gitattributes", "*.json filter=hide text eol=crlf export-ignore\n")),
        ("the export is a pointer", |it| {
            it.write("apps/intake/intake.json", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n");
        }),
        #[cfg(unix)]
        ("the export is a link", |it| {
            std::fs::rename(it.0.join("apps/intake/intake.json"), it.0.join("apps/intake/real")).expect("renamed");
            std::os::unix::fs::symlink("real", it.0.join("apps/intake/intake.json")).expect("a link");
        }),
        ("another root lies nearer", |it| it.write("apps/.flowgate/policy.yaml", "gates: { low: { block: [] } }\n")),
        ("a waiver comes along", |it| {
            let (_, report, _) = it.check(GATE);
            let print = report["findings"].as_array().expect("a list").iter().find(|finding| finding["rule"] == "unencrypted-export");
            let print = print.and_then(|finding| finding["fingerprint"].as_str()).expect("a fingerprint").to_owned();
            let waiver = format!(
                "id: WV-1\nrule: unencrypted-export\nfingerprint: '{print}'\ncategory: risk-accepted\nreason: trust me\nowner: olga\n\
                 requested_by: olga\napproved_by: [{{ id: ana, function: security, on: 2026-11-20 }}]\nexpires: 2026-12-01\n"
            );
            it.write(".flowgate/waivers/WV-1.yaml", &waiver);
        }),
        ("notes say that all is well", |it| {
            it.edit(
                "apps/intake/flowgate.app.yaml",
                "review_by",
                "annotations: [{ fingerprint: 'f1:00', note: fine, by: ana }]\nreview_by",
            );
        }),
    ];
    for (at, (name, trick)) in tricks.iter().enumerate() {
        let repository = Repository::governed(&format!("trick-{at}"));
        repository.write("apps/intake/intake.json", &flow(FTP));
        repository.commit("carl@contoso.example", "Ships files");
        assert_eq!(repository.check(GATE).0, 1, "{name}: blocked before");
        trick(&repository);
        for committed in [false, true] {
            if committed {
                repository.commit("carl@contoso.example", "A trick");
            }
            let (code, report, said) = repository.check(GATE);
            assert_ne!(code, 0, "{name}: {said}{report:#}");
        }
    }
}

#[test]
fn evidence_is_held_against_the_files() {
    let repository = Repository::governed("evidence");
    let outside = repository.0.parent().expect("a folder").to_owned();
    let (evidence, chain) = (outside.join("gate.intoto.jsonl"), outside.join("chain.jsonl"));
    let _ = std::fs::remove_file(&chain);
    let (evidence, chain) = (evidence.to_string_lossy().into_owned(), chain.to_string_lossy().into_owned());
    let flags = ["--base", "base", "--evidence", &evidence, "--evidence-chain", &chain];
    assert_eq!(repository.check(&flags).0, 0);
    let first = std::fs::read_to_string(&evidence).expect("evidence");
    assert_eq!(repository.check(&flags).0, 0);
    assert_eq!(std::fs::read_to_string(&evidence).expect("evidence"), first, "the same run gives the same bytes");
    let verify = |flags: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_flowgate")).arg("verify").args(flags).current_dir(&repository.0).output().expect("runs");
        (run.status.code().unwrap_or(-1), String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr))
    };
    let (code, said) = verify(&[&evidence]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(verify(&["--chain", &chain]).0, 0);
    for file in ["apps/intake/intake.json", "apps/intake/flowgate.app.yaml", ".flowgate/policy.yaml"] {
        let path = repository.0.join(file);
        let text = std::fs::read(&path).expect("a file");
        let mut flipped = text.clone();
        flipped[text.len() / 2] ^= 1;
        std::fs::write(&path, flipped).expect("a file");
        let (code, said) = verify(&[&evidence]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(&format!("changed: {file}")), "{said}");
        std::fs::write(&path, text).expect("a file");
    }
    let again = flow("").replace("[0, 0]", "[40, 0]");
    assert_ne!(again, flow(""), "moved on the canvas");
    repository.write("apps/intake/intake.json", &again);
    let (code, said) = verify(&[&evidence]);
    assert!(code == 1 && said.contains("the app `intake` can do and says what it did"), "{said}");
    repository.write("apps/intake/intake.json", &flow(FTP));
    let (code, said) = verify(&[&evidence]);
    assert!(code == 1 && said.contains("the app `intake` is not what was judged\n"), "{said}");
    repository.write("apps/intake/intake.json", &flow(""));
    let (text, forged) = (std::fs::read_to_string(&evidence).expect("evidence"), outside.join("forged.jsonl"));
    let model = text.find("model:intake").and_then(|at| Some(at + text[at..].find("\"sha256\":\"")? + 10)).expect("the digest of the app");
    let forgery = text.replace(&text[model..model + 64], &"0".repeat(64));
    std::fs::write(&forged, forgery).expect("a file");
    assert!(verify(&[&forged.to_string_lossy()]).1.contains("the app `intake` is not what was judged"));
    repository.write("apps/intake/more.json", &flow(""));
    assert!(verify(&[&evidence]).1.contains("not judged: apps/intake/more.json"));
    let broken = std::fs::read_to_string(&chain).expect("a chain").replacen("\"exit\":0", "\"exit\":1", 1);
    std::fs::write(&chain, broken).expect("a chain");
    assert_eq!(verify(&["--chain", &chain]).0, 2);
}

#[test]
fn who_made_the_export_does_not_approve_it() {
    let repository = Repository::governed("maker");
    let owned = |mail: &str| {
        flow("").replacen("\"active\"", &format!("\"owner\": {{\"type\": \"personal\", \"personalEmail\": \"{mail}\"}}, \"active\""), 1)
    };
    repository.write("apps/intake/intake.json", &owned("ana@contoso.example"));
    repository.commit("mia@contoso.example", "Exported");
    let digest = |repository: &Repository| {
        let run =
            Command::new(env!("CARGO_BIN_EXE_flowgate")).args(["digest", "apps/intake"]).current_dir(&repository.0).output().expect("runs");
        String::from_utf8_lossy(&run.stdout).trim().to_owned()
    };
    let sign = |repository: &Repository| {
        let line = format!("signoffs: [{{ function: security, by: ana, on: 2026-11-20, input_digest: '{}' }}]", digest(repository));
        repository.write("apps/intake/flowgate.app.yaml", &format!("{MANIFEST}{line}\n"));
    };
    sign(&repository);
    let broken = |repository: &Repository| {
        let (_, report, said) = repository.check(GATE);
        let findings = report["findings"].as_array().unwrap_or_else(|| panic!("{said}"));
        findings.iter().filter(|finding| finding["rule"] == "broken-separation-of-duties").count()
    };
    assert_eq!(broken(&repository), 1);
    repository.write("apps/intake/intake.json", &owned("olga@contoso.example"));
    sign(&repository);
    assert_eq!(broken(&repository), 0);
    repository.commit("mia@contoso.example", "Signed off");
    // The policy was to be looked at again: nobody's change is blocked for it.
    repository.git(&["checkout", "-q", "base"]);
    repository.edit(
        ".flowgate/policy.yaml",
        "apiVersion: flowgate/v1",
        "apiVersion: flowgate/v1\npolicy: { id: contoso, review_by: 2026-05-01 }",
    );
    repository.commit("ivan@contoso.example", "A day to look at it");
    let (code, report, said) = repository.check(GATE);
    let overdue: Vec<_> =
        report["findings"].as_array().into_iter().flatten().filter(|finding| finding["rule"] == "outdated-policy").collect();
    assert!(
        code == 0 && overdue.len() == 1 && overdue[0]["state"] == "unchanged" && overdue[0]["file"] == ".flowgate/policy.yaml",
        "{said}{report:#}"
    );
}

#[test]
fn versions_can_be_named_as_commits() {
    let repository = Repository::governed("commits");
    repository.write("apps/intake/intake.json", &flow(FTP));
    repository.commit("mia@contoso.example", "Ship it");
    let diff = |flags: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_flowgate"));
        let run = program.arg("diff").args(flags).current_dir(&repository.0).output().expect("runs");
        (run.status.code().unwrap_or(-1), String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr))
    };
    for flags in [
        &["base"][..],
        &["base", "HEAD"],
        &["base", "pr"],
        &["HEAD~1:apps/intake", "apps/intake"],
        &["base", "apps"],
        &["base:./apps", "pr:apps"],
    ] {
        let (code, said) = diff(flags);
        assert!(code == 0 && said.contains("new connector: `n8n-nodes-base.ftp`"), "{flags:?}: {said}");
    }
    assert!(diff(&["pr", "base"]).1.contains("no longer"), "the other way round it is less");
    for (flags, told) in [
        (&["nowhere"][..], "`nowhere` is neither a file nor a folder, and no commit"),
        (&["base:elsewhere"], "commit `base` has nothing at `elsewhere`"),
        (&["base", "gone.json"], "`gone.json` is neither"),
    ] {
        let (code, said) = diff(flags);
        assert!(code == 2 && said.contains(told), "{flags:?}: {said}");
    }
    // A file goes before a branch.
    repository.write("base", &flow(""));
    assert!(diff(&["base", "apps/intake/intake.json"]).1.contains("new connector"));
}

#[test]
fn what_controls_a_run_must_be_readable() {
    let repository = Repository::governed("wrong");
    let (code, _, said) = repository.check(&["--base", "nowhere"]);
    assert!(code == 2 && said.contains("nowhere"), "{said}");
    repository.edit("apps/intake/flowgate.app.yaml", "criticality", "criticallity");
    let (code, _, said) = repository.check(GATE);
    assert!(code == 2 && said.contains("criticality") && said.contains("apps/intake/flowgate.app.yaml:"), "{said}");
    repository.write("apps/intake/flowgate.app.yaml", MANIFEST);
    let (code, _, said) = repository.check(&["--base", "base", "--environment", "moon"]);
    assert!(code == 2 && said.contains("moon") && said.contains("prod"), "{said}");
    repository.write(".flowgate/policy.yaml", "connectors: { alow: [] }\n");
    let (code, _, said) = repository.check(&[]);
    assert!(code == 2 && said.contains("allow") && said.contains(".flowgate/policy.yaml:1"), "{said}");
}

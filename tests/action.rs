//! The steps of `action.yml` do what they say, run as the runner of GitHub Actions runs them: expressions filled in, the files of
//! `GITHUB_OUTPUT` and `GITHUB_STEP_SUMMARY`, a checkout with history. The step that gets the program is run by `.ci/run`.

#![cfg(unix)]

use flowgate::source::Source;
use flowgate::tree::{Node, yaml};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workflow with one finding of medium severity.
const FLOW: &str = r#"{"id": "w1", "name": "Intake", "nodes": [{"id": "n1", "name": "Tell team", "type": "n8n-nodes-base.slack",
    "parameters": {"resource": "message", "operation": "post", "text": "::error::not a command"}},
    {"id": "n2", "name": "Orders", "type": "n8n-nodes-base.httpRequest", "parameters": {"url": "http://api.contoso.com/orders"}}], "connections": {}}"#;

/// An agent with a server of tools that a policy may forbid.
const AGENT: &str = r#"{"name": "Assistant", "nodes": [
    {"id": "a1", "name": "Assistant", "type": "@n8n/n8n-nodes-langchain.agent", "typeVersion": 1.8, "parameters": {}},
    {"id": "m1", "name": "Tools", "type": "@n8n/n8n-nodes-langchain.mcpClientTool", "typeVersion": 1.1,
      "parameters": {"endpointUrl": "https://mcp.fabrikam.com/sse"}}],
    "connections": {"Tools": {"ai_tool": [[{"node": "Assistant", "type": "ai_tool", "index": 0}]]}}}"#;

/// What a run of the action left behind.
struct Run {
    log: String,
    outputs: HashMap<String, String>,
    summary: String,
    succeeded: bool,
}

/// A folder of its own below the one that cargo gives to tests.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn text(node: Node<'_>, name: &str) -> Option<String> {
    Some(node.get(name)?.as_str()?.into_owned())
}

/// Runs the shell steps of the action in `checkout`, but for the one that gets the program.
fn run(checkout: &Path, given: &[(&str, &str)]) -> Run {
    let action = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = Source::read(&action.join("action.yml"), "action.yml").expect("the action");
    let tree = yaml::parse(source.text()).expect("YAML");
    let root = tree.root();
    let mut values: HashMap<String, String> = HashMap::new();
    for input in root.get("inputs").expect("inputs").members() {
        let name = input.key().expect("a name").into_owned();
        values.insert(format!("inputs.{name}"), text(input, "default").unwrap_or_default());
    }
    for (name, value) in given {
        assert!(values.insert(format!("inputs.{name}"), (*value).to_owned()).is_some(), "there is no input {name}");
    }
    values.insert("github.action_path".into(), action.display().to_string());
    values.insert("github.actor".into(), "ivan".into());
    values.insert("steps.get.outputs.program".into(), env!("CARGO_BIN_EXE_flowgate").into());

    let temp = folder(&format!("runner-{}", checkout.file_name().expect("a name").to_string_lossy()));
    let (outputs, summary) = (temp.join("outputs"), temp.join("summary"));
    let mut run = Run { log: String::new(), outputs: HashMap::new(), summary: String::new(), succeeded: true };
    for step in root.at(&["runs", "steps"]).expect("steps").items() {
        let id = text(step, "id").unwrap_or_default();
        let Some(script) = text(step, "run").filter(|_| id != "get") else { continue };
        assert!(!script.contains("${{"), "an expression in a script is an injection");
        assert_eq!(text(step, "shell").as_deref(), Some("bash"));
        fs::write(&outputs, "").expect("a file");
        fs::write(&summary, "").expect("a file");
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", &script]).current_dir(checkout);
        command.env("RUNNER_TEMP", &temp).env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        for variable in step.get("env").into_iter().flat_map(Node::members) {
            let written = variable.as_str().expect("text");
            let expression = written.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")).expect("one expression");
            let value = values.get(expression).unwrap_or_else(|| panic!("nothing gives {expression}"));
            command.env(&*variable.key().expect("a name"), value);
        }
        let output = command.output().expect("bash");
        run.log.push_str(&String::from_utf8_lossy(&output.stdout));
        run.log.push_str(&String::from_utf8_lossy(&output.stderr));
        for line in fs::read_to_string(&outputs).expect("outputs").lines() {
            let (name, value) = line.split_once('=').expect("name=value");
            values.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            run.outputs.insert(name.to_owned(), value.to_owned());
        }
        run.summary.push_str(&fs::read_to_string(&summary).expect("a summary"));
        run.succeeded &= output.status.success();
        if !output.status.success() {
            break;
        }
    }
    run
}

fn git(checkout: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=Maker", "-c", "user.email=maker@contoso.example", "-c", "init.defaultBranch=main"];
    let status = Command::new("git").args(identity).args(arguments).current_dir(checkout).status().expect("git");
    assert!(status.success(), "git {arguments:?}");
}

#[test]
fn a_push_that_is_fine_passes() {
    let checkout = folder("push");
    fs::write(checkout.join("flow.json"), FLOW.replace("http://", "https://")).expect("a file");
    let run = run(&checkout, &[]);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(
        (run.outputs["verdict"].as_str(), run.outputs["exit-code"].as_str(), run.outputs["findings"].as_str()),
        ("passed", "0", "0")
    );
    assert!(run.summary.contains("passed"), "{}", run.summary);
    assert!(checkout.join(&run.outputs["sarif-file"]).is_file() && checkout.join(&run.outputs["report-json"]).is_file());
}

#[test]
fn a_finding_blocks_after_all_reports_are_written() {
    let checkout = folder("blocked");
    fs::create_dir(checkout.join("my exports")).expect("a folder");
    fs::write(checkout.join("my exports/flow.json"), FLOW).expect("a file");
    fs::write(checkout.join("my exports/old.json"), FLOW).expect("a file");
    let run = run(&checkout, &[("paths", "my exports\n"), ("exclude", "old.json\n"), ("report", ""), ("fail-on", "medium")]);
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(
        (run.outputs["verdict"].as_str(), run.outputs["exit-code"].as_str(), run.outputs["blocking"].as_str()),
        ("blocked", "1", "1")
    );
    assert!(run.log.contains("::warning file=my exports/flow.json,line=3,"), "{}", run.log);
    // What an export says stands where the runner takes no commands.
    let stopped = run.log.split("::stop-commands::").nth(1).expect("commands are stopped");
    assert!(stopped.contains("\n::flowgate-"), "{}", run.log);
    assert!(!run.outputs.contains_key("report-json"));
    assert!(run.summary.contains("blocked"));
}

#[test]
fn wrong_use_and_broken_exports_fail_the_job() {
    let checkout = folder("wrong");
    fs::write(checkout.join("flow.json"), &FLOW[..FLOW.len() / 2]).expect("a file");
    let incomplete = run(&checkout, &[]);
    assert_eq!((incomplete.succeeded, incomplete.outputs["verdict"].as_str()), (false, "incomplete"), "{}", incomplete.log);
    assert!(incomplete.log.contains("::error file=flow.json,line="), "{}", incomplete.log);
    let failed = run(&checkout, &[("profile", "$(touch pwned)")]);
    assert_eq!((failed.succeeded, failed.outputs["verdict"].as_str(), failed.outputs["exit-code"].as_str()), (false, "failed", "2"));
    assert!(!checkout.join("pwned").exists());
}

#[test]
fn a_pull_request_is_judged_by_the_policy_of_its_base() {
    let checkout = folder("pull-request");
    fs::create_dir(checkout.join(".flowgate")).expect("a folder");
    let policy = checkout.join(".flowgate/policy.yaml");
    fs::write(&policy, "connectors:\n  allow: ['mcp:tools.contoso.com']\n").expect("a file");
    git(&checkout, &["init", "--quiet"]);
    git(&checkout, &["add", "."]);
    git(&checkout, &["commit", "--quiet", "--message", "base"]);
    fs::write(&policy, "connectors:\n  allow: ['*']\n").expect("a file");
    fs::write(checkout.join("flow.json"), AGENT).expect("a file");
    git(&checkout, &["add", "."]);
    git(&checkout, &["commit", "--quiet", "--message", "change"]);
    let of_base = run(&checkout, &[("policy-ref", "HEAD~1")]);
    let of_change = run(&checkout, &[("policy", ".flowgate/policy.yaml")]);
    assert!(of_change.succeeded, "{}", of_change.log);
    assert_eq!((of_base.succeeded, of_base.outputs["verdict"].as_str()), (false, "blocked"), "{}", of_base.log);
    let compared = run(&checkout, &[("base", "HEAD~1"), ("evidence", "gate.jsonl"), ("fail-on", "")]);
    assert_eq!((compared.succeeded, compared.outputs["verdict"].as_str()), (false, "blocked"), "{}", compared.log);
    assert!(compared.log.contains("weakened-gate") && checkout.join(&compared.outputs["evidence-file"]).is_file(), "{}", compared.log);
    let promoted = run(&checkout, &[("base", "HEAD~1"), ("environment", "prod"), ("reviews", "none.json")]);
    assert_eq!((promoted.succeeded, promoted.outputs["verdict"].as_str()), (false, "failed"), "{}", promoted.log);
    assert!(promoted.log.contains("none.json"), "{}", promoted.log);
    let missing = run(&checkout, &[("policy-ref", "0000000000000000000000000000000000000000")]);
    assert_eq!((missing.succeeded, missing.outputs["verdict"].as_str()), (false, "failed"));
    assert!(missing.log.contains("fetch-depth 0"), "{}", missing.log);
}

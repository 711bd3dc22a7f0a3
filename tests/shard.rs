//! A run on seven machines, put together, is one run on one machine: the same bytes in every format, the same exit code.
#![cfg(unix)]

use flowgate::lint::{Input, find};
use flowgate::report::FORMATS;
use flowgate::report::shard::Share;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SHARDS: u32 = 7;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// An empty folder of its own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shard").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// Copies what is below `from` to `to`.
fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().filter_map(Result::ok) {
        let target = to.join(entry.path().strip_prefix(from).expect("is below"));
        let done = if entry.file_type().is_dir() { fs::create_dir_all(&target) } else { fs::copy(entry.path(), &target).map(drop) };
        done.expect("the target folder can be written");
    }
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("lies in a folder")).expect("the target folder can be written");
    fs::write(file, text).expect("the target folder can be written");
}

/// Runs the program: its exit code and what it prints.
fn flowgate(place: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowgate"));
    let done = command.args(arguments).current_dir(place).env_clear().env("SOURCE_DATE_EPOCH", "1795262400").output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("is UTF-8");
    (done.status.code().expect("it ends"), text(done.stdout), text(done.stderr))
}

/// How long it took is only for people.
fn steady(text: &str) -> String {
    regex::Regex::new(r"· (?:\d+ ms|\d+\.\d\d s)\n").expect("valid").replace_all(text, "· T\n").into_owned()
}

/// Runs with all formats: exit code, what is printed, all reports by format.
fn reports(place: &Path, out: &Path, arguments: &[&str]) -> (i32, String, BTreeMap<&'static str, String>) {
    let outputs: Vec<String> =
        FORMATS.iter().map(|format| format!("--output={}={}", format.name, out.join(format.name).display())).collect();
    let arguments: Vec<&str> = arguments.iter().copied().chain(outputs.iter().map(String::as_str)).collect();
    let (code, printed, told) = flowgate(place, &arguments);
    assert!(code < 2 || code == 3, "{arguments:?}: {told}");
    let read = |name| (name, steady(&fs::read_to_string(out.join(name)).expect("is written")));
    (code, steady(&printed), FORMATS.iter().map(|format| read(format.name)).collect())
}

/// Runs once, and on all shards with what they wrote put together in some order; both must be the same.
fn is_one_run(name: &str, place: &Path, arguments: &[&str]) -> BTreeMap<&'static str, String> {
    let out = folder(&format!("{name}-reports"));
    let whole = out.join("whole");
    let merged = out.join("merged");
    fs::create_dir_all(&whole).expect("a folder");
    fs::create_dir_all(&merged).expect("a folder");
    let check: Vec<&str> = ["check", "--verbose"].iter().chain(arguments).copied().collect();
    let wanted = reports(place, &whole, &check);
    let files: Vec<String> = (1..=SHARDS).map(|index| out.join(format!("{index}.json")).display().to_string()).collect();
    for (index, file) in (1..=SHARDS).zip(&files) {
        let (shard, output) = (format!("--shard={index}/{SHARDS}"), format!("--output=json={file}"));
        // Not the same number of threads everywhere.
        let threads = format!("--threads={}", index % 3 + 1);
        let all: Vec<&str> =
            ["check", "--quiet", "--keep-inventory", &shard, &output, &threads].into_iter().chain(arguments.iter().copied()).collect();
        let (code, _, told) = flowgate(place, &all);
        assert!(code != 2 && told.contains(&format!("shard {index} of {SHARDS}, with ")), "{name}: {told}");
    }
    let mut merge = vec!["merge", "--verbose"];
    merge.extend(files.iter().rev().map(String::as_str));
    let found = reports(place, &merged, &merge);
    assert_eq!(found.0, wanted.0, "{name}: the exit code");
    for (format, text) in &wanted.2 {
        assert!(found.2[format] == *text, "{name}: {format}, compare {} and {}", whole.display(), merged.display());
    }
    assert!(found.1 == wanted.1, "{name}: what is printed");
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(at("schemas/report.schema.json")).expect("is there")).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for file in &files {
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).expect("is written")).expect("is JSON");
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{file}");
    }
    wanted.2
}

#[test]
fn seven_shards_of_all_fixtures_are_one_run() {
    let reports = is_one_run("fixtures", &at(""), &["fixtures", "--profile", "strict"]);
    let report: serde_json::Value = serde_json::from_str(&reports["json"]).expect("is JSON");
    assert!(report["summary"]["findings"].as_u64() > Some(100) && report["shard"].is_null());
}

#[test]
fn copies_in_other_shards_are_told_apart_and_packages_folded() {
    let place = folder("copies");
    for copy_of in ["a", "b", "c"] {
        copy(&at("fixtures/n8n"), &place.join(copy_of));
        let packed = File::create(place.join(copy_of).join("packed.zip")).expect("the target folder can be written");
        let mut packed = zip::ZipWriter::new(packed);
        packed.start_file("order-intake.json", zip::write::SimpleFileOptions::default()).expect("a new entry");
        packed.write_all(&fs::read(at("fixtures/n8n/editor-download/order-intake.json")).expect("is there")).expect("is written");
        packed.finish().expect("is written");
    }
    let reports = is_one_run("copies", &place, &["--fail-on", "low", "--exclude", "*.yaml"]);
    let report: serde_json::Value = serde_json::from_str(&reports["json"]).expect("is JSON");
    let prints: Vec<&str> = report["findings"].as_array().expect("a list").iter().filter_map(|one| one["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), prints.iter().collect::<BTreeSet<_>>().len(), "equal fingerprints collapse");
    assert!(reports["json"].contains("the same in a package"), "nothing is folded");
}

const POLICY: &str = "\
apiVersion: flowgate/v1
functions: { security: { members: [ana] } }
people: { ana: {}, olga: {}, carl: {} }
connectors: { default: blocked, allow: [n8n-nodes-base.webhook] }
gates: { low: { block: [critical] }, moderate: { block: [critical, high] }, high: { block: [critical, high, medium] } }
waivers: { approver: security }
";

/// One app whose exports lie in several files, so that no shard alone knows how much is at stake.
const MANIFEST: &str = "\
apiVersion: flowgate/v1
app: { id: intake, name: Intake }
owner: { person: olga }
maker: { id: carl, tier: citizen }
classification: internal
audience: internal
criticality: 1
";

/// A repository with a policy, an app with a manifest, one waiver that holds and one of which nothing is left.
fn governed() -> PathBuf {
    let place = folder("governed");
    copy(&at("fixtures/n8n"), &place.join("apps/intake"));
    copy(&at("fixtures/salesforce/guest-chain"), &place.join("apps/guests"));
    write(&place.join(".flowgate/policy.yaml"), POLICY);
    write(&place.join("apps/intake/flowgate.app.yaml"), MANIFEST);
    let (_, printed, _) = flowgate(&place, &["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&printed).expect("is JSON");
    let query = report["findings"].as_array().expect("a list").iter().find(|finding| finding["rule"] == "query-injection");
    let print = query.and_then(|finding| finding["fingerprint"].as_str()).expect("the fixtures have one");
    for (id, print) in [("WV-1", print), ("WV-2", "f1:00000000000000000000000000000000")] {
        let waiver = format!(
            "id: {id}\nrule: query-injection\nfingerprint: '{print}'\ncategory: risk-accepted\nreason: a test\nowner: olga\n\
             requested_by: olga\napproved_by: [{{ id: ana, function: security, on: 2026-11-20 }}]\nexpires: 2026-12-01\n"
        );
        write(&place.join(format!(".flowgate/waivers/{id}.yaml")), &waiver);
    }
    place
}

#[test]
fn policy_manifests_and_waivers_are_held_against_the_whole() {
    let place = governed();
    let reports = is_one_run("governed", &place, &[]);
    assert!(reports["json"].contains("\"id\": \"WV-1\"") && reports["text"].contains("invalid-waiver"), "the waivers have no effect");

    let shards = folder("governed-reports");
    let shard = |index: u32| shards.join(format!("{index}.json")).display().to_string();
    let check = |index: u32, more: &[&str]| {
        let (share, output) = (format!("--shard={index}/2"), format!("--output=json={}", shard(index)));
        let arguments: Vec<&str> = ["check", "--quiet", &share, &output].into_iter().chain(more.iter().copied()).collect();
        flowgate(&place, &arguments);
    };
    let merge = || {
        let (one, two) = (shard(1), shard(2));
        let (code, _, told) = flowgate(&place, &["merge", "--quiet", &one, &two]);
        (code, told)
    };
    check(1, &[]);
    check(2, &[]);
    assert_eq!(merge().0, 1);
    fs::remove_file(place.join(".flowgate/waivers/WV-2.yaml")).expect("is there");
    let (code, told) = merge();
    assert!(code == 2 && told.contains("are not those that the shards were judged by") && told.contains("the same commit"), "{told}");
    check(2, &[]);
    let (code, told) = merge();
    assert!(code == 2 && told.contains("differ in the policy, rules, waivers or manifests"), "{told}");
    check(1, &[]);
    write(&place.join("apps/intake/new.json"), "{}");
    check(2, &[]);
    let (code, told) = merge();
    assert!(code == 2 && told.contains("differ in the files that there are"), "{told}");
    check(1, &["--fail-on", "medium"]);
    let (code, told) = merge();
    assert!(code == 2 && told.contains(r#"fail on "medium" and null"#), "{told}");
}

#[test]
fn every_export_is_in_one_shard_the_same_on_every_machine() {
    let elsewhere = folder("elsewhere");
    copy(&at("fixtures"), &elsewhere.join("deep/fixtures"));
    let shares = |root: &Path, backwards: bool| {
        let mut inputs: Vec<Input> =
            ["n8n", "power-platform", "salesforce", "logic-apps"].iter().map(|name| Input::Path(root.join(name))).collect();
        if backwards {
            inputs.reverse();
        }
        let inside = |name: &str| name.strip_prefix(&*root.display().to_string()).unwrap_or(name).to_owned();
        let share = |index: u32| {
            let found = find(&inputs, None).expect("is there");
            let (own, plan) = found.share(Share::new(index, SHARDS).expect("is one"), &inside);
            let names: BTreeSet<String> = own.names().map(inside).collect();
            assert_eq!(names.len(), plan.files);
            (names, plan.digest)
        };
        (1..=SHARDS).map(share).collect::<Vec<_>>()
    };
    let here = shares(&at("fixtures"), false);
    assert_eq!(here, shares(&elsewhere.join("deep/fixtures"), true));
    let all: Vec<&String> = here.iter().flat_map(|(names, _)| names).collect();
    let once: BTreeSet<&String> = all.iter().copied().collect();
    assert!(all.len() == once.len() && all.len() > 200, "{} files, {} names", all.len(), once.len());
    let size = |name: &String| fs::metadata(format!("{}{name}", at("fixtures").display())).expect("is there").len();
    let sizes: Vec<u64> = here.iter().map(|(names, _)| names.iter().map(size).sum()).collect();
    let (least, most) = (sizes.iter().min().expect("seven"), sizes.iter().max().expect("seven"));
    assert!(most - least < most / 2, "{sizes:?} is no balance");
}

#[test]
#[expect(clippy::print_stderr, reason = "whoever reads the log should know that nothing was tested")]
fn seven_shards_of_the_shared_corpus_are_one_run() {
    if !at("../shared/corpus").is_dir() {
        eprintln!("skipped: there is no corpus");
        return;
    }
    is_one_run("corpus", &at(""), &["../shared/corpus"]);
}

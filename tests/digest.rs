//! The digest of an export: it stays when an unchanged export is made again, and changes with every value that is no noise.

use flowgate::lint::{self, Input, Options};
use flowgate::model::inventory::{Record, digest_together};
use flowgate::rule::Selected;
use flowgate::tree::{Node, Syntax, Tree, ValueKind, json, xml, yaml};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn records(files: &[(&str, &str)]) -> Vec<Record> {
    let rules = Selected::new([]);
    let options = Options::new(&rules);
    let input = |(name, text): &(&str, &str)| Input::Bytes { name: (*name).into(), bytes: text.as_bytes().to_vec() };
    let inputs: Vec<Input> = files.iter().map(input).collect();
    lint::records(&inputs, &options).expect("no path that could be missing").records
}

/// The digest of an export of one file; none when it is no export any more.
fn digest(name: &str, text: &str) -> Option<String> {
    records(&[(name, text)]).pop().map(|record| record.digest)
}

fn fixtures() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.expect("readable").into_path());
    let is_export = |path: &PathBuf| path.extension().is_some_and(|end| end == "json" || end == "xml" || end == "yml" || end == "yaml");
    let expected = |path: &PathBuf| path.file_name().is_some_and(|name| name == "model.yaml" || name == "policy.yaml");
    let paths = walk.filter(|path| path.is_file() && is_export(path) && !expected(path));
    paths.filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))).collect()
}

fn parse<'t>(path: &Path, text: &'t str) -> Option<Tree<'t>> {
    match path.extension()?.to_str()? {
        "json" => json::parse(text).ok(),
        "xml" => xml::parse(text).ok(),
        _ => yaml::parse(text).ok(),
    }
}

/// The text with another value in the place of the leaf `node`: one that no platform writes by itself.
fn mutated(text: &str, node: Node<'_>) -> Option<String> {
    let (span, content) = (node.span(), node.content_span());
    let put = |start: u32, end: u32, new: &str| format!("{}{new}{}", &text[..start as usize], &text[end as usize..]);
    Some(match node.kind() {
        // An empty element has no place for text of its own.
        ValueKind::String if node.tree().syntax() == Syntax::Xml && content.is_empty() => return None,
        ValueKind::String if node.tree().syntax() == Syntax::Xml && text[content.range()].contains('<') => return None,
        ValueKind::String if node.tree().syntax() == Syntax::Yaml && text[span.range()].contains('\n') => return None,
        ValueKind::String => put(content.end, content.end, "~"),
        ValueKind::Number => put(span.end, span.end, "1"),
        ValueKind::Bool => put(span.start, span.end, if node.as_bool() == Some(true) { "false" } else { "true" }),
        ValueKind::Null if node.tree().syntax() == Syntax::Json => put(span.start, span.end, "0"),
        _ => return None,
    })
}

/// Numbers that n8n writes by itself: where nodes lie, how large notes are, how often it saved.
fn is_noise(pointer: &str) -> bool {
    let parts: Vec<&str> = pointer.rsplit('/').collect();
    let of_node = |at: usize| parts.get(at).is_some_and(|part| part.parse::<usize>().is_ok()) && parts.get(at + 1) == Some(&"nodes");
    parts.get(1) == Some(&"position") && of_node(2)
        || matches!(parts[0], "width" | "height" | "color") && parts.get(1) == Some(&"parameters") && of_node(2)
        || matches!(parts[0], "versionCounter" | "triggerCount") && !pointer.contains("nodes")
}

#[test]
fn every_value_of_every_fixture_counts() {
    let (mut held, mut gone) = (0, 0);
    for (path, text) in fixtures() {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let (Some(tree), Some(before)) = (parse(&path, &text), digest(&name, &text)) else { continue };
        for root in tree.documents() {
            for leaf in root.descend().filter(|node| !matches!(node.kind(), ValueKind::Array | ValueKind::Object)) {
                let Some(changed) = mutated(&text, leaf) else { continue };
                let pointer = leaf.pointer();
                match digest(&name, &changed) {
                    None => gone += 1,
                    Some(after) if leaf.kind() == ValueKind::Number && is_noise(&pointer) => {
                        // Where branches change their order, the place of a node means something.
                        let is_canvas = pointer.contains("position");
                        assert!(before == after || is_canvas, "{name} {pointer} is noise");
                    }
                    Some(after) => assert_ne!(before, after, "{name} {pointer} counts"),
                }
                held += 1;
            }
        }
    }
    assert!(held > 1500 && gone * 10 < held, "{held} values, {gone} without which a file is no export");
}

#[test]
fn what_is_written_in_another_way_says_the_same() {
    let mut held = 0;
    for (path, text) in fixtures().into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "json")) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let (Some(before), Ok(value)) = (digest(&name, &text), serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}'))) else {
            continue;
        };
        let has_numbers = serde_json::to_string(&value).is_ok();
        let duplicates = parse(&path, &text).is_none_or(|tree| !tree.duplicate_keys().is_empty());
        if !has_numbers || duplicates {
            continue;
        }
        // Members come out in the order of their names.
        for written in [serde_json::to_string(&value), serde_json::to_string_pretty(&value)] {
            assert_eq!(digest(&name, &written.expect("it was read")).as_deref(), Some(&*before), "{name}");
        }
        // Other platforms tell some of their files by their names.
        if path.components().any(|part| part.as_os_str() == "n8n") {
            assert_eq!(digest(&format!("renamed-{name}"), &text).as_deref(), Some(&*before), "{name}");
        }
        held += 1;
    }
    assert!(held > 20, "{held} fixtures");
}

const WORKFLOW: &str = r#"{
  "id": "wf1", "name": "Intake", "active": true, "versionId": "0f8fad5b-d9cb-469f-a165-70867728950e",
  "updatedAt": "2026-11-20T09:12:00.000Z", "meta": { "instanceId": "9b0e5c7a" },
  "nodes": [
    { "name": "In", "type": "n8n-nodes-base.webhook", "position": [0, 0], "parameters": { "position": [1, 2] } },
    { "name": "A", "type": "n8n-nodes-base.slack", "position": [200, 0], "parameters": {} },
    { "name": "B", "type": "n8n-nodes-base.gmail", "position": [200, 200], "parameters": {} }
  ],
  "connections": { "In": { "main": [[{ "node": "A" }, { "node": "B" }]] } },
  "settings": { "executionOrder": "v1" }
}"#;

#[test]
fn the_canvas_says_nothing_but_which_branch_goes_first() {
    let of = |text: &str| digest("intake.json", text).expect("an export");
    let before = of(WORKFLOW);
    let with = |from: &str, to: &str| {
        assert!(WORKFLOW.contains(from), "{from}");
        of(&WORKFLOW.replace(from, to))
    };
    assert_eq!(with("[200, 200]", "[-7.5, 420]"), before);
    assert_eq!(with("70867728950e", "000000000000"), before);
    assert_eq!(with("2026-11-20T09", "2026-11-21T10"), before);
    assert_eq!(with("9b0e5c7a", "aaaaaaaa"), before);
    assert_ne!(with("[200, 200]", "[200, -200]"), before, "B runs before A now");
    assert_ne!(with("[1, 2]", "[1, 3]"), before, "a parameter of that name is content");
    assert_ne!(with("[200, 0]", "[200, 0, 1]"), before, "this is no position");
    assert_ne!(with("2026-11-20T09:12:00.000Z", "send it to fabrikam"), before, "this is no time");
    let legacy = WORKFLOW.replace("v1", "v0");
    assert_eq!(of(&legacy), of(&legacy.replace("[200, 200]", "[200, -200]")), "the order of the connections counts there");
}

#[test]
fn several_exports_have_a_digest_together_in_any_order() {
    let other = WORKFLOW.replace("wf1", "wf2");
    let both = records(&[("a.json", WORKFLOW), ("b.json", &other)]);
    let swapped = records(&[("a.json", &other), ("b.json", WORKFLOW)]);
    assert_eq!((both.len(), digest_together(&both)), (2, digest_together(&swapped)));
    assert_ne!(digest_together(&both), digest_together(&both[..1]));
    assert_eq!(digest_together(&both[..1]), both[0].digest);
}

#[test]
fn the_files_of_a_solution_count_with_where_they_lie() {
    let flow = r#"{"properties": {"connectionReferences": {}, "definition": {"triggers": {"manual": {"type": "Request", "kind": "Http",
      "metadata": {"operationMetadataId": "0f8fad5b-d9cb-469f-a165-70867728950e"}}}, "actions": {"Send": {"type": "Http",
      "inputs": {"method": "POST", "uri": "https://api.fabrikam.com", "body": {"metadata": {"operationMetadataId": "1"}}}}}}},
      "schemaVersion": "1.0.0.0"}"#;
    let at = |id: &str, text: &str| {
        let path = format!("Workflows/Run-{id}.json");
        let found =
            records(&[(&path, text), ("Other/Solution.xml", "<ImportExportXml version=\"9.2.1\"><SolutionManifest/></ImportExportXml>")]);
        assert_eq!(found.len(), 1);
        found[0].digest.clone()
    };
    let (one, other) = ("0F8FAD5B-D9CB-469F-A165-70867728950E", "1F8FAD5B-D9CB-469F-A165-70867728950E");
    assert_ne!(at(one, flow), at(other, flow), "the name of the file is the identifier of the flow");
    assert_eq!(at(one, flow), at(one, &flow.replace("0f8fad5b", "aaaaaaaa")));
    assert_ne!(at(one, flow), at(one, &flow.replace(r#"Id": "1""#, r#"Id": "2""#)), "what is sent is content");
}

/// What nobody reads is moved with an export all the same: a library, a page, a script.
#[test]
fn files_that_no_platform_reads_count() {
    const CLASS: &str =
        "<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\"><apiVersion>62.0</apiVersion><status>Active</status></ApexClass>";
    const SET: &str = "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Clerk</label></PermissionSet>";
    let project = |class: &str, beside: &[(&str, &str)]| {
        let mut files = vec![
            ("org/sfdx-project.json", "{\"packageDirectories\": [{\"path\": \"force-app\"}]}"),
            ("org/force-app/main/default/permissionsets/Clerk.permissionset-meta.xml", SET),
            ("org/force-app/main/default/classes/Pay.cls-meta.xml", CLASS),
            ("org/force-app/main/default/classes/Pay.cls", class),
        ];
        files.extend(beside);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("beside");
        let _ = std::fs::remove_dir_all(&folder);
        for (path, text) in files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let rules = Selected::new([]);
        let recorded = lint::records(&[Input::Path(folder)], &Options::new(&rules)).expect("the folder is there");
        assert!(recorded.coverage.unreadable.is_empty());
        digest_together(&recorded.records)
    };
    let class = "public with sharing class Pay {}";
    let before = project(class, &[]);
    assert_eq!(project(class, &[]), before);
    assert_ne!(project("public without sharing class Pay {}", &[]), before);
    assert_ne!(project(class, &[("org/force-app/main/default/staticresources/pay.js", "send()")]), before);
    // The tools and words of those who work on it are none of it.
    for beside in ["org/README.md", "org/force-app/notes.md", "org/.github/workflows/ci.yml", "org/report.txt", "org/node_modules/a/b.js"] {
        assert_eq!(project(class, &[(beside, "words")]), before, "{beside}");
    }
}

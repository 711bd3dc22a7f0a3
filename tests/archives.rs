//! Archives are judged like folders: what is in them is told with the way to it, what cannot be opened is told too.

use flowgate::lint::{Input, Options, lint};
use flowgate::report::{Report, Verdict};
use flowgate::rule::{Profile, RuleSet};
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A workflow with one finding, in clear text over the network.
const FLOW: &[u8] = br#"{"id": "w1", "name": "Intake", "nodes": [{"id": "n1", "name": "Orders", "type": "n8n-nodes-base.httpRequest",
    "parameters": {"url": "http://api.contoso.com/orders"}}], "connections": {}}"#;

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a new entry");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn judge(files: &[(&str, &[u8])]) -> Report {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Recommended, |_| true);
    let options = Options::new(&rules);
    let inputs: Vec<Input> = files.iter().map(|(name, bytes)| Input::Bytes { name: (*name).into(), bytes: bytes.to_vec() }).collect();
    lint(&inputs, &options).expect("nothing is missing")
}

/// Where the findings are: file and way through archives, joined with `!`.
fn places(report: &Report) -> Vec<String> {
    let place = |file: &str, inner: &[String]| std::iter::once(file).chain(inner.iter().map(String::as_str)).collect::<Vec<_>>().join("!");
    report.findings.iter().map(|finding| place(&finding.location.file, &finding.location.inner)).collect()
}

/// Why things could not be judged.
fn reasons(report: &Report) -> Vec<&str> {
    report.coverage.unreadable.iter().map(|unreadable| &*unreadable.reason).collect()
}

#[test]
fn an_entry_is_told_with_the_way_to_it() {
    let report = judge(&[("backup.zip", &zip(&[("flows\\intake.json", FLOW), ("logo.png", b"\x89PNG")]))]);
    assert_eq!(places(&report), ["backup.zip!flows/intake.json"]);
    assert_eq!(report.findings[0].location.pointer, "/nodes/0/parameters/url");
    assert_eq!(report.findings[0].location.start.line, 2);
    assert_eq!((report.coverage.files, report.coverage.foreign.len()), (2, 1));
    assert_eq!(report.coverage.foreign[0].inner, ["logo.png"]);
}

#[test]
fn archives_are_opened_three_deep_and_no_deeper() {
    let deep = zip(&[("b.zip", &zip(&[("c.zip", &zip(&[("intake.json", FLOW)]))]))]);
    assert_eq!(places(&judge(&[("a.zip", &deep)])), ["a.zip!b.zip!c.zip!intake.json"]);
    let report = judge(&[("a.zip", &zip(&[("d.zip", &deep), ("intake.json", FLOW)]))]);
    assert_eq!(places(&report), ["a.zip!intake.json"]);
    assert_eq!(reasons(&report), ["archives are nested more than 3 deep"]);
    assert_eq!(report.coverage.unreadable[0].inner, ["d.zip", "b.zip", "c.zip"]);
}

#[test]
fn what_cannot_be_opened_is_never_clean() {
    // The first bit of the flags, in the header of the entry and in the directory, says that it is encrypted.
    let mut encrypted = zip(&[("intake.json", FLOW), ("other.json", FLOW)]);
    for (signature, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = memchr::memmem::find(&encrypted, signature).expect("a header");
        encrypted[at + flags] |= 1;
    }
    let report = judge(&[("a.zip", &encrypted)]);
    assert_eq!((reasons(&report), places(&report)), (vec!["the entry is encrypted"], vec!["a.zip!other.json".to_owned()]));
    assert_eq!(report.coverage.unreadable[0].inner, ["intake.json"]);
    assert_eq!(report.verdict(), Verdict::Incomplete);

    let whole = zip(&[("intake.json", FLOW)]);
    for broken in [&whole[..whole.len() / 2], b"PK\x03\x04", b"no archive at all", b""] {
        let report = judge(&[("a.zip", broken), ("intake.json", FLOW)]);
        assert_eq!((reasons(&report).len(), places(&report).len()), (1, 1), "{:?}", reasons(&report));
    }
}

#[test]
fn what_a_package_and_its_folder_both_say_is_one_finding() {
    let packed = zip(&[("flows/intake.json", FLOW)]);
    let report = judge(&[("src/intake.json", FLOW), ("out/managed.zip", &packed), ("out/unmanaged.zip", &packed)]);
    assert_eq!(places(&report), ["src/intake.json"]);
    let related: Vec<&str> = report.findings[0].related.iter().map(|label| &*label.location.file).collect();
    assert_eq!(related, ["out/managed.zip", "out/unmanaged.zip"]);
    // Copies in folders may be different apps, so they stay.
    assert_eq!(judge(&[("a/intake.json", FLOW), ("b/intake.json", FLOW)]).findings.len(), 2);
}

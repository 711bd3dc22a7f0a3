//! One shape of an export after the other: `tests/shapes/<rule>/bad-<shape>.json` must have a finding of that rule, and a file
//! `good-<shape>.json` none. A file of the same name with `.txt` behind it says where the finding has to be.

use flowgate::lint::{Input, Options, lint};
use flowgate::rule::{Profile, RuleSet};
use std::fs;
use std::path::{Path, PathBuf};

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn every_shape_is_judged_as_its_name_says() {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Audit, |_| true);
    let options = Options::new(&rules);
    let (mut wrong, mut shapes) = (Vec::new(), 0);
    for folder in sorted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes")) {
        let rule = name(&folder);
        for path in sorted(&folder).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
            shapes += 1;
            let shape = format!("{rule}/{}", name(&path));
            let input = Input::Bytes { name: shape.clone(), bytes: fs::read(&path).expect("readable") };
            let report = lint(&[input], &options).expect("an export");
            let found: Vec<&str> =
                report.findings.iter().filter(|finding| *finding.rule == *rule).map(|finding| &*finding.location.pointer).collect();
            let place = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
            let there = |pointer: &&str| pointer.starts_with(place.trim_end());
            let right = if name(&path).starts_with("bad-") { found.iter().any(there) } else { found.is_empty() };
            if !right {
                wrong.push(format!("{shape}: found {found:?}, wanted {:?}", place.trim_end()));
            }
        }
    }
    assert!(shapes > 0);
    assert!(wrong.is_empty(), "{} of {shapes} shapes:\n{}", wrong.len(), wrong.join("\n"));
}

//! The program as people and pipelines call it. A case is a transcript `tests/cli/<case>.txt` and, where it needs files, a folder
//! of the same name beside it; no Rust is needed to add one.
//!
//! A transcript is made of remarks (`## `), commands for a shell (`$ `) that runs in a copy of the folder, and what they did:
//! standard output as it is, standard error behind `! `, an exit code other than 0 behind `? `.
//! `FLOWGATE_UPDATE=1 cargo test --test cli` writes what they do now; look at what changed before you commit it.
#![cfg(unix)]

mod transcript;

use std::path::Path;

#[test]
fn commands_do_what_their_transcripts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in walkdir::WalkDir::new(&folder).max_depth(1).sort_by_file_name() {
        let path = entry.expect("the folder can be read").into_path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            cases += 1;
            let wanted = std::fs::read_to_string(&path).expect("a transcript is text");
            let found = transcript::replay(&wanted, &transcript::sandbox(&path.with_extension("")));
            wrong.extend(transcript::compare(&path, &wanted, &found).err());
        }
    }
    assert!(cases > 0, "no transcripts in {}", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[expect(clippy::print_stderr, reason = "whoever reads the log should know that nothing was tested")]
fn what_may_not_be_read_is_no_pass() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = transcript::sandbox(Path::new("no-permission"));
    let file = folder.join("orders.json");
    std::fs::write(&file, "{}").expect("the sandbox can be written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).expect("it is our own file");
    if std::fs::File::open(&file).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let told = transcript::replay("$ flowgate check", &folder);
    assert!(told.contains("cannot read the file: Permission denied") && told.ends_with("? 3\n"), "{told}");
}

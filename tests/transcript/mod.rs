//! Transcripts: commands, and what they print. For tests of the program and of the documents that show it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy of `folder`, so that commands may write; an empty folder where there is none.
pub(crate) fn sandbox(folder: &Path) -> PathBuf {
    let name = folder.file_name().expect("a folder has a name");
    let sandbox = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&sandbox);
    fs::create_dir_all(&sandbox).expect("the target folder can be written");
    for entry in walkdir::WalkDir::new(folder).min_depth(1).into_iter().filter_map(Result::ok) {
        let to = sandbox.join(entry.path().strip_prefix(folder).expect("is below"));
        let done = if entry.file_type().is_dir() { fs::create_dir(&to) } else { fs::copy(entry.path(), &to).map(drop) };
        done.expect("the target folder can be written");
    }
    sandbox
}

/// The transcript with what its commands do now, in `folder`.
pub(crate) fn replay(transcript: &str, folder: &Path) -> String {
    let mut replayed = String::new();
    for line in transcript.lines() {
        if line.starts_with("## ") {
            let gap = if replayed.is_empty() { "" } else { "\n" };
            let _ = writeln!(replayed, "{gap}{line}");
        } else if let Some(command) = line.strip_prefix("$ ") {
            let (out, err, code) = run(command, folder);
            let _ = writeln!(replayed, "{line}");
            replayed += &steady(&out);
            for line in steady(&err).lines() {
                let _ = writeln!(replayed, "! {line}");
            }
            if code != Some(0) {
                let _ = writeln!(replayed, "? {}", code.map_or("killed".into(), |code| code.to_string()));
            }
        }
    }
    replayed
}

/// Standard output, standard error and exit code of a command for a shell.
pub(crate) fn run(command: &str, folder: &Path) -> (String, String, Option<i32>) {
    let program = Path::new(env!("CARGO_BIN_EXE_flowgate")).parent().expect("it is in a folder");
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]).expect("no colons in paths");
    let done = Command::new("sh").args(["-c", command]).current_dir(folder).env_clear().env("PATH", path).stdin(Stdio::null()).output();
    let done = done.expect("there is a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\u{1b}', "<ESC>");
    (text(&done.stdout), text(&done.stderr), done.status.code())
}

/// `text` without what changes from run to run, with every new rule, and with every release.
pub(crate) fn steady(text: &str) -> String {
    let numbers = regex::Regex::new(r"· \d+ rules? · (?:\d+ ms|\d+\.\d\d s)").expect("valid");
    numbers.replace_all(text, "· N rules · T ms").replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"")
}

/// Compares with the file at `path`, or writes there when the environment says so.
pub(crate) fn compare(path: &Path, wanted: &str, found: &str) -> Result<(), String> {
    if wanted == found {
        return Ok(());
    }
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        return fs::write(path, found).map_err(|error| error.to_string());
    }
    let data = |text: &str| snapbox::Data::text(text.to_owned());
    snapbox::Assert::new().try_eq(Some(&path.display()), data(found), data(wanted)).map_err(|difference| difference.to_string())
}

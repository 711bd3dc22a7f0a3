//! What README.md shows is what happens. `FLOWGATE_UPDATE=1 cargo test --test docs` writes what happens now.
#![cfg(unix)]

mod transcript;

use flowgate::policy::Policy;
use flowgate::report::{FORMATS, Format, Verdict};
use flowgate::rule::RuleSet;
use flowgate::source::Source;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn readme() -> String {
    fs::read_to_string(at("README.md")).expect("there is a README")
}

/// The blocks of code in that language: where each begins and ends in the text.
fn blocks(text: &str, language: &str) -> Vec<std::ops::Range<usize>> {
    let fence = format!("\n```{language}\n");
    let starts = text.match_indices(&fence).map(|(at, _)| at + fence.len());
    starts.map(|start| start..start + text[start..].find("```").expect("a block ends")).collect()
}

/// The README with its generated parts made anew, in one test: they are parts of one file.
#[test]
fn what_the_readme_shows_is_what_happens() {
    let wanted = readme();
    let mut found = wanted.clone();
    let sandbox = transcript::sandbox(Path::new("readme"));
    std::os::unix::fs::symlink(at("fixtures"), sandbox.join("fixtures")).expect("the sandbox can be written");
    save_rule(&wanted, &sandbox);
    for block in blocks(&wanted, "console").into_iter().rev() {
        let shown = &wanted[block.clone()];
        let mut now = String::new();
        for command in shown.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let (out, err, code) = transcript::run(command, &sandbox);
            assert_eq!(err, "", "{command}");
            assert!(!command.contains(" rules check ") || code == Some(0), "the rule of the README does not hold:\n{out}");
            assert!(!command.contains("--rules my-rules") || out.contains("[unnamed-team]"), "it finds nothing:\n{out}");
            let _ = write!(now, "$ {command}\n{out}");
        }
        // How long it took is shown, and left alone as long as nothing else changes.
        if transcript::steady(&now) != transcript::steady(shown) {
            found.replace_range(block, &now);
        }
    }
    let (start, end) = ("<!-- rules: generated, see tests/docs.rs -->\n", "<!-- end of rules -->");
    let from = found.find(start).expect("the table has a beginning") + start.len();
    let to = found.find(end).expect("the table has an end");
    found.replace_range(from..to, &table());
    let (start, end) = ("<!-- formats: generated, see tests/docs.rs -->\n", "<!-- end of formats -->");
    let from = found.find(start).expect("the list has a beginning") + start.len();
    let to = found.find(end).expect("the list has an end");
    let row = |format: &Format| format!("| `{}` | {} |\n", format.name, format.description);
    found.replace_range(from..to, &format!("| Format | For |\n|---|---|\n{}", FORMATS.iter().map(row).collect::<String>()));
    if let Err(difference) = transcript::compare(&at("README.md"), &wanted, &found) {
        panic!("{difference}\nIf that is right: FLOWGATE_UPDATE=1 cargo test --test docs");
    }
}

/// Puts the rule of the README where the README says.
fn save_rule(readme: &str, sandbox: &Path) {
    let path = readme.split('`').find(|words| words.starts_with("my-rules/")).expect("the README names the file");
    let rule = blocks(readme, "yaml").into_iter().map(|block| &readme[block]).find(|text| text.starts_with("id:"));
    let file = sandbox.join(path);
    fs::create_dir_all(file.parent().expect("it is in a folder")).expect("the sandbox can be written");
    fs::write(file, rule.expect("the README has a rule")).expect("the sandbox can be written");
}

/// All built-in rules by category.
fn table() -> String {
    let mut rules: Vec<_> = RuleSet::builtin().expect("the built-in rules are sound").iter().collect();
    rules.sort_by_key(|rule| (&rule.category, &rule.id));
    let mut table = String::from("| Rule | What it finds | Severity | Profile |\n|---|---|---|---|\n");
    for rule in rules {
        let _ = writeln!(table, "| [`{}`]({}) | {} | {} | {} |", rule.id, rule.source().path(), rule.title, rule.severity, rule.profile);
    }
    table
}

#[test]
fn the_policy_of_the_readme_is_one() {
    let readme = readme();
    let policy = blocks(&readme, "yaml").into_iter().map(|block| &readme[block]).find(|text| text.starts_with("apiVersion:"));
    Policy::parse(&Source::from_text("policy.yaml", policy.expect("the README has a policy"))).expect("it is valid");
}

#[test]
fn the_readme_explains_the_exit_codes_in_the_words_of_the_program() {
    let (help, ..) = transcript::run("flowgate --help", Path::new("."));
    for verdict in [Verdict::Pass, Verdict::Blocked, Verdict::Incomplete] {
        let code = verdict.exit_code();
        let meaning = help.lines().find_map(|line| line.trim().strip_prefix(&format!("{code}  ")));
        let word = meaning.and_then(|meaning| meaning.split_once(':')).expect("--help explains it").0;
        assert!(readme().contains(&format!("| {code} | {word}:")), "{code} {word}");
    }
}

//! No report shows a secret, wherever in an export it stands.

use flowgate::lint::{self, Input, Options};
use flowgate::report::{self, FORMATS};
use flowgate::rule::{Profile, RuleSet};

/// Made up; only its shape is real.
const TOKEN: &str = "ghp_Zq8vT3xWm2Lk9Rb5Yd7Nc1Hf6Jg4Ps0AuEiO";

/// Everything that is printed about an export.
fn printed(export: &str) -> String {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true);
    let options = Options::new(&rules);
    let inputs = [Input::Bytes { name: "a.json".into(), bytes: export.as_bytes().to_vec() }];
    let report = lint::lint(&inputs, &options).expect("no path that could be missing");
    assert_eq!(report.coverage.unreadable, [], "{export}");
    let mut out = Vec::new();
    for format in FORMATS {
        (format.write)(&report, &report::Options { verbose: true, ..report::Options::default() }, &mut out).expect("memory");
    }
    let mut text = String::from_utf8(out).expect("text");
    for shown in lint::show(&inputs, &options).expect("no path that could be missing") {
        text.push_str(&shown.yaml.expect("a model"));
    }
    text
}

/// An export whose parts are filled in.
fn export(name: &str, node: &str, key: &str, more: &str) -> String {
    format!(
        r#"{{"name": "{name}", "id": "{name}", "nodes": [
            {{"id": "1", "name": "Hook", "type": "n8n-nodes-base.webhook", "typeVersion": 1, "position": [0, 0], "parameters": {{"path": "x"}}}},
            {{"id": "2", "name": "{node}", "type": "n8n-nodes-base.postgres", "typeVersion": 1, "position": [0, 0], "parameters":
                {{"operation": "executeQuery", "query": "=select {{{{ $json.a }}}}", "{key}": {{"a": {{}}, "a": {{}}}}}}}}],
            "connections": {{"Hook": {{"main": [[{{"node": "{node}", "type": "main", "index": 0}}]]}}}}{more}}}"#
    )
}

#[test]
fn a_secret_is_hidden_in_names_keys_pointers_messages_and_wrong_values() {
    let escaped = TOKEN.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat();
    for token in [TOKEN, &escaped] {
        let exports = [
            export(token, "Find", "options", ""),
            export("Flow", &format!("Find {token}"), "options", ""),
            export("Flow", "Find", token, ""),
            export("Flow", "Find", "options", &format!(r#", "settings": "{token}""#)),
            export("Flow", "Find", "options", &format!(r#", "pinData": {{"{token}": "{token}"}}"#)),
        ];
        for export in exports {
            for export in [export.clone(), export.replace('\n', " ")] {
                let text = printed(&export);
                for shown in [TOKEN, &escaped] {
                    let size = shown.len() / TOKEN.len() * 7;
                    for at in 0..=shown.len() - size {
                        let part = &shown[at..at + size];
                        let json = part.replace('\\', "\\\\");
                        assert!(!text.contains(part) && !text.contains(&json), "{part} of {export} in {text}");
                    }
                }
            }
        }
    }
}

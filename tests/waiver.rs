//! The schema of waivers is that of the types. `FLOWGATE_UPDATE=1 cargo test --test waiver` writes it.

use flowgate::policy::waiver;
use flowgate::schema::Schema;
use flowgate::tree::yaml;
use std::fs;
use std::path::Path;

#[test]
fn the_schema_of_waivers_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/flowgate/waiver.schema.json");
    let found = serde_json::to_string_pretty(&waiver::schema()).expect("a schema is JSON") + "\n";
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        fs::write(&path, &found).expect("the schema can be written");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(wanted == found, "If the types are right: FLOWGATE_UPDATE=1 cargo test --test waiver");
}

#[test]
fn a_waiver_of_nothing_in_particular_is_refused() {
    let schema = Schema::new("waiver", waiver::schema().to_string().leak());
    let waiver = "id: WV-1\nrule: literal-secret\ncategory: risk-accepted\nreason: r\nowner: olga\n";
    for (more, right) in [("", false), ("element: {kind: secret, name: key}\n", false), ("fingerprint: f1:aa\n", true)] {
        let text = format!("{waiver}{more}");
        let tree = yaml::parse(&text).expect("YAML");
        assert_eq!(schema.violations(tree.root()).is_empty(), right, "{text}");
    }
}

//! The schema of manifests is that of the types. `FLOWGATE_UPDATE=1 cargo test --test manifest` writes it.

use flowgate::policy::manifest;
use flowgate::schema::Schema;
use flowgate::tree::yaml;
use std::fs;
use std::path::Path;

#[test]
fn the_schema_of_manifests_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/flowgate/manifest.schema.json");
    let found = serde_json::to_string_pretty(&manifest::schema()).expect("a schema is JSON") + "\n";
    if std::env::var_os("FLOWGATE_UPDATE").is_some() {
        fs::write(&path, &found).expect("the schema can be written");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(wanted == found, "If the types are right: FLOWGATE_UPDATE=1 cargo test --test manifest");
}

#[test]
fn a_key_that_is_none_is_told_with_the_one_that_was_meant() {
    let schema = Schema::new("manifest", manifest::schema().to_string().leak());
    let tree = yaml::parse("owner: { persn: olga }\nclasification: internal\n").expect("YAML");
    let said: Vec<_> = schema.violations(tree.root()).into_iter().map(|found| (found.message, found.help.unwrap_or_default())).collect();
    assert_eq!(said[0].0, "`persn` is not known in `owner`");
    assert!(said[0].1.starts_with("did you mean `person`?"), "{said:?}");
    assert_eq!(said[1].0, "`clasification` is not known in the Manifest of an app");
    assert!(said[1].1.starts_with("did you mean `classification`?"), "{said:?}");
}

#![no_main]
//! Whatever serde_json accepts we accept with the same values, and nothing else.

use flowgate::tree::{Node, ValueKind, json};
use serde_json::Value;

mod sound;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let lenient = json::parse_lenient(text);
    match (json::parse(text), serde_json::from_str::<Value>(text)) {
        (Ok(tree), Ok(value)) => {
            sound::check(&tree);
            assert!(lenient.is_ok());
            same(tree.root(), &value);
        }
        (Err(error), Err(_)) => assert!(text.get(error.span.range()).is_some()),
        (Ok(_), Err(error)) => assert!(error.to_string().contains("recursion"), "accepted, but {error}"),
        (Err(error), Ok(_)) => panic!("refused: {error:?}"),
    }
});

fn same(node: Node<'_>, value: &Value) {
    match value {
        Value::Null => assert!(node.is_null()),
        Value::Bool(value) => assert_eq!(node.as_bool(), Some(*value)),
        Value::String(value) => assert_eq!(node.as_str().as_deref(), Some(value.as_str())),
        Value::Number(value) => {
            assert_eq!(node.kind(), ValueKind::Number);
            if value.is_i64() || value.is_u64() {
                assert_eq!((node.as_i64(), node.as_u64()), (value.as_i64(), value.as_u64()));
            }
            let (ours, theirs) = (node.as_f64().expect("in range"), value.as_f64().expect("in range"));
            assert!(ours == theirs || (ours - theirs).abs() <= theirs.abs() * 1e-15 || ours.abs() < 1e-300, "{ours} {theirs}");
        }
        Value::Array(items) => {
            assert_eq!(node.items().count(), items.len());
            node.items().zip(items).for_each(|(node, value)| same(node, value));
        }
        Value::Object(members) => {
            assert!(node.members().all(|member| members.contains_key(&*member.key().expect("a name"))));
            members.iter().for_each(|(key, value)| same(node.get(key).expect("a member"), value));
        }
    }
}

#![no_main]
//! No text makes the YAML producer panic or lie about places.

mod sound;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match flowgate::tree::yaml::parse(text) {
        Ok(tree) => sound::check(&tree),
        Err(error) => assert!(text.get(error.span.range()).is_some(), "{error:?}"),
    }
});

#![no_main]
//! No text makes the XML producer panic, lie about places or judge otherwise than roxmltree.

mod sound;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match flowgate::tree::xml::parse(text) {
        Ok(tree) => {
            sound::check(&tree);
            assert!(roxmltree::Document::parse(text).is_ok());
        }
        Err(error) => {
            assert!(text.get(error.span.range()).is_some(), "{error:?}");
            let ours = ["more than", "nested deeper", "document type"].iter().any(|limit| error.message.contains(limit));
            assert!(ours || roxmltree::Document::parse(text).is_err(), "refused: {error:?}");
        }
    }
});

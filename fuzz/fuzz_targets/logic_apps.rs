#![no_main]
//! No file of a project or template makes its reader fail. The first byte chooses what it is called.

mod run;

/// Names of all kinds of files.
const NAMES: [&str; 6] =
    ["template.json", "notify/workflow.json", "connections.json", "parameters.json", "local.settings.json", "host.json"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    run::check(NAMES[usize::from(*first) % NAMES.len()], rest);
});

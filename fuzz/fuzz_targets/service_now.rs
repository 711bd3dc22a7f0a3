#![no_main]
//! No update set and no record makes its reader fail. The first byte chooses what it is called; an odd one packs the rest into an update.

mod run;

/// Names of all kinds of files.
const NAMES: [&str; 3] = [
    "set.xml",
    "0c2e36ed1b630110be17a9b4bd4bcb89/update/sys_script_0c2e36ed1b630110be17a9b4bd4bcb89.xml",
    "0c2e36ed1b630110be17a9b4bd4bcb89/sys_app_0c2e36ed1b630110be17a9b4bd4bcb89.xml",
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*first >> 1) % NAMES.len()];
    if first & 1 == 0 {
        return run::check(name, rest);
    }
    let (before, behind) = ("<unload unload_date=\"2026-01-01\"><sys_update_xml action=\"INSERT\"><payload>", "</payload></sys_update_xml></unload>");
    run::check(name, &[before.as_bytes(), rest, behind.as_bytes()].concat());
});

#![no_main]
//! No file of a solution makes its reader fail. The first byte chooses what it is called.

mod run;

/// Names of all kinds of files.
const NAMES: [&str; 14] = [
    "Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json",
    "Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json.data.xml",
    "Workflows/Old-0F8FAD5B-D9CB-469F-A165-70867728950E.xaml",
    "Other/Solution.xml",
    "customizations.xml",
    "Roles/User.xml",
    "environmentvariabledefinitions/c_key/environmentvariabledefinition.xml",
    "bots/c_bot/bot.xml",
    "botcomponents/c_bot.topic.Hello/data",
    "apiDefinition.swagger.json",
    "apiProperties.json",
    "script.robin",
    "Src/Screen.pa.yaml",
    "sitesetting.yml",
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    run::check(NAMES[usize::from(*first) % NAMES.len()], rest);
});

#![no_main]
//! No archive makes a run fail, whatever is in it.

mod run;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    run::check("solution.zip", bytes);
    run::check("CanvasApps/app.msapp", bytes);
});

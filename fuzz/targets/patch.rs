//! A patch: no panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = asynclint::vcs::Patch::parse(text);
});

//! A baseline: no panic, and what was read is written so that it reads the same.
#![no_main]

use asynclint::baseline::Baseline;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(read) = Baseline::parse(text) {
        assert!(Baseline::parse(&read.to_text()).is_ok_and(|again| again == read));
    }
});

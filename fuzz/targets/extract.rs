//! One file of Rust, directives included: no panic, and no span outside of the text.
#![no_main]

use asynclint::base::FileId;
use asynclint::facts::ExtractProblemKind;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for problem in asynclint::extract::file(FileId(0), text).problems {
        assert_ne!(problem.kind, ExtractProblemKind::Internal, "{}", problem.message);
        assert!(problem.span.0 <= problem.span.1 && problem.span.1 as usize <= text.len());
    }
});

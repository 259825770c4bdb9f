//! One file of Rust, directives included: no panic, and no span outside of the text.
#![no_main]

use asynclint::base::FileId;
use asynclint::diagnostic::ProblemKind;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for problem in asynclint::extract::file(FileId(0), text).problems {
        assert_ne!(problem.kind, ProblemKind::InternalError, "{}", problem.message);
        assert!(problem.span.0 <= problem.span.1 && problem.span.1 as usize <= text.len());
    }
});

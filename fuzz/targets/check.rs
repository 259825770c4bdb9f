//! A whole check of one file, and every fix of it: no panic, and the second run makes no fix.
#![no_main]

use asynclint::diagnostic::{Applicability, ProblemKind, Severity};
use asynclint::fix::{Options, Wish};
use asynclint::levels::Levels;
use asynclint::rules::page;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let levels = Levels::new(page::all(), Default::default());
    let options = Options::default();
    let wish = Wish { up_to: Applicability::Unsafe, min_severity: Severity::Note, asks: false, options };
    let files = vec![("src/lib.rs".to_owned(), text.to_owned())];
    let (files, report, _) = asynclint::engine::fix_in_memory(files, &levels, &wish);
    assert!(report.problems.iter().all(|problem| problem.kind != ProblemKind::InternalError));
    let (again, ..) = asynclint::engine::fix_in_memory(files.clone(), &levels, &wish);
    assert_eq!(files, again);
});

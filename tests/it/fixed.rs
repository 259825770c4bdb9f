//! Every fixture with a fix: what the fixes make of it stands beside it as `.fixed.rs`, stays as it is when it is fixed again,
//! and does not depend on line endings or a BOM.
//!
//! `UPDATE=1` rewrites the `.fixed.rs` files; `fixtures/check.sh` proves that they are Rust.

use std::collections::BTreeSet;
use std::fs;

use asynclint::diagnostic::{Applicability, Severity};
use asynclint::engine::fix_in_memory;
use asynclint::fix::{Done, Options, Wish};

use crate::adapter;
use crate::fixtures::{Case, cases, planned, root};

/// Cases of one file; workspaces have manifests of their own kind and the demo shows its bugs.
fn singles() -> Vec<Case> {
    let chosen = std::env::var("CASE").unwrap_or_default();
    let planned = planned();
    let is_single = |case: &Case| {
        let folder = case.name.split('/').next().unwrap_or("");
        !case.name.starts_with('_') && case.name != "demo" && !planned.contains(&case.name) && !planned.contains(folder)
    };
    cases().into_iter().filter(|case| is_single(case) && case.name.contains(&chosen)).collect()
}

fn wish(up_to: Applicability) -> Wish {
    Wish { up_to, min_severity: Severity::Note, asks: false, options: Options::default() }
}

/// The one source file of a case after all fixes.
fn fixed(case: &Case, text: &str, up_to: Applicability) -> (String, Done) {
    let path = format!("{}.rs", case.name);
    let files = case.files.iter().map(|(name, old)| {
        let new = if *name == path { text.to_owned() } else { old.clone() };
        (name.clone(), new)
    });
    let (files, _, done) = fix_in_memory(files.collect(), &adapter::levels(&case.switches), &wish(up_to));
    let (_, text) = files.into_iter().find(|(name, _)| *name == path).unwrap();
    assert!(done.problems.is_empty(), "{}: {:?}", case.name, done.problems);
    assert!(done.converged, "{}: does not converge", case.name);
    (text, done)
}

fn source(case: &Case) -> String {
    case.text(&format!("{}.rs", case.name)).to_owned()
}

#[test]
fn the_fixed_text_stands_beside_every_fixture_with_a_fix() {
    let mut wrong = Vec::new();
    let mut wanted = BTreeSet::new();
    for case in singles() {
        let (text, done) = fixed(&case, &source(&case), Applicability::Unsafe);
        let path = root().join(format!("{}.fixed.rs", case.name));
        if done.fixed.is_empty() {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() && (case.edition == 2024 || !wanted.contains(&path)) {
            fs::write(&path, &text).unwrap();
        }
        let stands = fs::read_to_string(&path).unwrap_or_default();
        if stands != text && std::env::var_os("UPDATE").is_none() {
            let first = stands.lines().zip(text.lines()).find(|(a, b)| a != b);
            wrong.push(format!("{} (edition {}): first difference: {first:?}", path.display(), case.edition));
        }
        wanted.insert(path);
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 cargo test --test it fixed", wrong.join("\n"));
}

#[test]
fn a_second_run_changes_nothing() {
    for case in singles() {
        for class in [Applicability::Safe, Applicability::Unsafe] {
            let (once, _) = fixed(&case, &source(&case), class);
            let (twice, done) = fixed(&case, &once, class);
            assert!(once == twice && done.fixed.is_empty(), "{}: fixed again: {:?}", case.name, done.fixed);
        }
    }
}

#[test]
fn crlf_and_bom_give_the_same_fix() {
    for case in singles().iter().filter(|case| case.edition == 2024) {
        let plain = source(case);
        assert!(!plain.contains('\r'), "{}: fixtures end their lines with LF", case.name);
        let (wanted, done) = fixed(case, &plain, Applicability::Unsafe);
        if done.fixed.is_empty() {
            continue;
        }
        let crlf = |text: &str| text.replace('\n', "\r\n");
        let (text, _) = fixed(case, &crlf(&plain), Applicability::Unsafe);
        assert!(text == crlf(&wanted), "{}: with CR LF the fix differs", case.name);
        let (text, _) = fixed(case, &format!("\u{feff}{plain}"), Applicability::Unsafe);
        assert!(text == format!("\u{feff}{wanted}"), "{}: with a BOM the fix differs", case.name);
    }
}

#[test]
fn every_comment_and_every_other_line_survives() {
    for case in singles() {
        let old = source(&case);
        let (new, done) = fixed(&case, &old, Applicability::Unsafe);
        let comments = |text: &str| -> Vec<String> {
            text.lines().filter_map(|line| Some(line.split_once("//")?.1.to_owned())).collect()
        };
        // A directive is the one comment that a fix may rewrite or remove.
        if !done.fixed.iter().any(|fixed| {
            fixed.rule.ends_with("-directive")
                || fixed.rule.ends_with("-suppression")
                || matches!(fixed.rule, "unknown-rule" | "missing-reason")
        }) {
            assert_eq!(comments(&new), comments(&old), "{}: a comment is gone", case.name);
        }
        let lines: BTreeSet<&str> = new.lines().collect();
        let gone = old.lines().filter(|line| !lines.contains(line)).count();
        // No fix rewrites more than its statement, which in fixtures is a handful of lines.
        assert!(gone <= done.fixed.len() * 5, "{}: {gone} lines changed by {} fixes", case.name, done.fixed.len());
    }
}

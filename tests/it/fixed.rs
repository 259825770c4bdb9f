//! Every fixture with a fix: what the fixes make of it stands beside it as `.fixed.rs`, stays as it is when it is fixed again,
//! and does not depend on line endings or a BOM.
//!
//! `UPDATE=1` rewrites the `.fixed.rs` files; `fixtures/check.sh` proves that they are Rust.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use asynclint::diagnostic::{Applicability, Severity};
use asynclint::engine::{check_in_memory, fix_in_memory};
use asynclint::fix::{Done, Options, Wish};
use asynclint::rules::page::{self, FixClass};

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

/// Every case after all fixes, made once for all tests.
fn all_fixed() -> &'static [(Case, String, Done)] {
    static ALL: LazyLock<Vec<(Case, String, Done)>> = LazyLock::new(|| {
        let one = |case: Case| {
            let (text, done) = fixed(&case, &source(&case), Applicability::Unsafe);
            (case, text, done)
        };
        singles().into_iter().map(one).collect()
    });
    &ALL
}

fn source(case: &Case) -> String {
    case.text(&format!("{}.rs", case.name)).to_owned()
}

#[test]
fn the_fixed_text_stands_beside_every_fixture_with_a_fix() {
    let mut wrong = Vec::new();
    let all = all_fixed();
    // Temporaries live shorter in 2024, so some findings are of 2021 alone: the newest edition of a case is what stands there.
    let is_newest =
        |case: &Case| !all.iter().any(|(other, ..)| other.name == case.name && other.edition > case.edition);
    for (case, text, done) in all.iter().filter(|(case, ..)| is_newest(case)) {
        let path = root().join(format!("{}.fixed.rs", case.name));
        if done.fixed.is_empty() {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, text).unwrap();
        }
        let stands = fs::read_to_string(&path).unwrap_or_default();
        if stands != *text && std::env::var_os("UPDATE").is_none() {
            let first = stands.lines().zip(text.lines()).find(|(a, b)| a != b);
            wrong.push(format!("{} (edition {}): first difference: {first:?}", path.display(), case.edition));
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 cargo test --test it fixed", wrong.join("\n"));
}

#[test]
fn a_second_run_changes_nothing() {
    for (case, once, done) in
        all_fixed().iter().filter(|(case, _, done)| case.edition == 2024 && !done.fixed.is_empty())
    {
        let is_safe = |fixed: &asynclint::diagnostic::Fixed| fixed.applicability == Applicability::Safe;
        let safe = done.fixed.iter().any(is_safe).then(|| fixed(case, &source(case), Applicability::Safe).0);
        for (text, class) in [(Some(once), Applicability::Unsafe), (safe.as_ref(), Applicability::Safe)] {
            let Some(once) = text else { continue };
            let (twice, done) = fixed(case, once, class);
            assert!(*once == twice && done.fixed.is_empty(), "{}: fixed again: {:?}", case.name, done.fixed);
        }
    }
}

#[test]
fn crlf_and_bom_give_the_same_fix() {
    for (case, wanted, done) in all_fixed().iter().filter(|(case, ..)| case.edition == 2024) {
        let plain = source(case);
        assert!(!plain.contains('\r'), "{}: fixtures end their lines with LF", case.name);
        if done.fixed.is_empty() {
            continue;
        }
        let crlf = |text: &str| text.replace('\n', "\r\n");
        let (text, _) = fixed(case, &crlf(&plain), Applicability::Unsafe);
        assert!(text == crlf(wanted), "{}: with CR LF the fix differs", case.name);
        let (text, _) = fixed(case, &format!("\u{feff}{plain}"), Applicability::Unsafe);
        assert!(text == format!("\u{feff}{wanted}"), "{}: with a BOM the fix differs", case.name);
    }
}

#[test]
fn every_comment_and_every_other_line_survives() {
    for (case, new, done) in all_fixed().iter().filter(|(case, ..)| case.edition == 2024) {
        let old = source(case);
        let comments = |text: &str| -> Vec<String> {
            text.lines().filter_map(|line| Some(line.split_once("//")?.1.to_owned())).collect()
        };
        // A directive is the one comment that a fix may rewrite or remove.
        if !done.fixed.iter().any(|fixed| {
            fixed.rule.ends_with("-directive")
                || fixed.rule.ends_with("-suppression")
                || matches!(fixed.rule, "unknown-rule" | "missing-reason")
        }) {
            assert_eq!(comments(new), comments(&old), "{}: a comment is gone", case.name);
        }
        let lines: BTreeSet<&str> = new.lines().collect();
        let gone = old.lines().filter(|line| !lines.contains(line)).count();
        // No fix rewrites more than its statement, which in fixtures is a handful of lines.
        assert!(gone <= done.fixed.len() * 5, "{}: {gone} lines changed by {} fixes", case.name, done.fixed.len());
    }
}

#[test]
fn the_page_of_a_rule_names_the_best_class_of_its_fixes() {
    let mut best: BTreeMap<String, Applicability> = BTreeMap::new();
    for case in cases().iter().filter(|case| !case.name.starts_with("_program")) {
        let (report, _) = check_in_memory(case.files.clone(), &adapter::levels(&case.switches));
        for finding in report.findings {
            if let Some(class) = finding.fixable() {
                best.entry(finding.rule.to_owned()).and_modify(|old| *old = class.min(*old)).or_insert(class);
            }
        }
    }
    let mut wrong = Vec::new();
    for rule in page::all() {
        let said = match rule.fix {
            FixClass::Safe => Some(Applicability::Safe),
            FixClass::Unsafe => Some(Applicability::Unsafe),
            FixClass::Advice | FixClass::None => None,
        };
        let shown = best.get(rule.id).copied();
        if said != shown {
            wrong.push(format!("rules/{}.md says {said:?}, the fixtures show {shown:?}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_guide_lists_every_rule_with_a_fix_under_its_class() {
    let guide = include_str!("../../docs/src/fixes.md");
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.rsplit_once(" | "));
    let listed: BTreeSet<(String, &str)> = rows
        .filter(|(_, class)| matches!(*class, "safe" | "unsafe"))
        .flat_map(|(row, class)| {
            let names = row.split(" | ").next().unwrap_or_default().split(", ");
            names.map(move |name| (name.trim_matches('`').to_owned(), class)).collect::<Vec<_>>()
        })
        .collect();
    let class = |fix| match fix {
        FixClass::Safe => Some("safe"),
        FixClass::Unsafe => Some("unsafe"),
        FixClass::Advice | FixClass::None => None,
    };
    // The three about comments share a row; its class is the best of theirs.
    let shared = |id: &str| matches!(id, "malformed-directive" | "unknown-rule" | "unused-suppression");
    let wanted: BTreeSet<(String, &str)> = page::all()
        .iter()
        .filter_map(|rule| Some((rule.id.to_owned(), if shared(rule.id) { "safe" } else { class(rule.fix)? })))
        .collect();
    assert_eq!(listed, wanted);
}

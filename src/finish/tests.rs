use super::*;
use crate::base::MemorySources;
use crate::diagnostic::Severity;
use crate::facts::FileFacts;
use crate::levels::{Change, TestMode};
use crate::suppress::tests::{facts, finding};

const TEXT: &str =
    "fn f() {\n    sleep(1);\n    sleep( /* one */ 1);\n    run(); // asynclint: allow(untracked-spawn): x\n}\n";

struct Case {
    sources: MemorySources,
    facts: FileFacts,
    levels: Levels,
}

fn case() -> Case {
    let mut sources = MemorySources::default();
    let file = sources.add("src/a.rs", TEXT);
    let facts = facts(file, TEXT, &["sleep(1);", "sleep( /* one */ 1);", "run();"]);
    Case { sources, facts, levels: Levels::new(page::all(), TestMode::Relaxed) }
}

impl Case {
    fn report(&self, raw: Vec<Diagnostic>, asked: &dyn Fn(Span) -> bool) -> Report {
        let suppressions = Suppressions::collect([&self.facts], &self.sources);
        let cx = Context {
            sources: &self.sources,
            suppressions: &suppressions,
            levels: &self.levels,
            min_confidence: Confidence::Likely,
            locate: &|_| Where::default(),
            is_asked: asked,
        };
        report(raw, Vec::new(), &cx)
    }
}

fn at(words: &str) -> Span {
    let start = TEXT.find(words).unwrap() as u32;
    Span::new(FileId(0), start, start + words.len() as u32)
}

fn raw() -> Vec<Diagnostic> {
    vec![
        finding("untracked-spawn", "service", at("run")),
        finding("blocking-sleep", "default", at("sleep( ")),
        finding("blocking-sleep", "default", at("sleep(1")),
    ]
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let report = case().report(raw(), &|_| true);
    let mut backwards = raw();
    backwards.reverse();
    backwards.extend(raw());
    let again = case().report(backwards, &|_| true);
    assert_eq!(report.findings, again.findings);
    assert_eq!(report.suppressed, 1);
    let rules: Vec<_> = report.findings.iter().map(|f| (f.rule, f.severity)).collect();
    assert_eq!(rules, [("blocking-sleep", Severity::Error); 2]);
}

#[test]
fn equal_statements_are_told_apart_by_their_order_only() {
    let report = case().report(raw(), &|_| true);
    assert_ne!(report.findings[0].fingerprint, report.findings[1].fingerprint);
    let one = case().report(vec![finding("blocking-sleep", "default", at("sleep( "))], &|_| true);
    let other = case().report(vec![finding("blocking-sleep", "default", at("sleep(1"))], &|_| true);
    assert_eq!(one.findings[0].fingerprint, other.findings[0].fingerprint, "layout and comments do not count");
}

#[test]
fn what_was_not_asked_for_is_neither_reported_nor_counted() {
    let report = case().report(raw(), &|span| span.start == at("sleep(1").start);
    assert_eq!((report.findings.len(), report.suppressed), (1, 0));
}

#[test]
fn an_owner_that_is_off_does_not_silence_others() {
    let mut case = case();
    let both = || {
        vec![finding("test-task-leak", "asserts", at("sleep(1")), finding("untracked-spawn", "service", at("sleep(1"))]
    };
    let rules = |report: Report| {
        report.findings.iter().map(|f| f.rule).filter(|r| *r != "unused-suppression").collect::<Vec<_>>()
    };
    assert_eq!(rules(case.report(both(), &|_| true)), ["test-task-leak"]);
    case.levels.change(Change::Allow, "test-task-leak").unwrap();
    assert_eq!(rules(case.report(both(), &|_| true)), ["untracked-spawn"]);
}

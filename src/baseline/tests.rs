use super::*;
use crate::base::{FileId, MemorySources, Span};
use crate::diagnostic::{Confidence, Severity};

fn finding(file: FileId, function: &str, statement: &str) -> Diagnostic {
    Diagnostic {
        rule: "untracked-spawn",
        kind: "service",
        severity: Severity::Warning,
        confidence: Confidence::Certain,
        message: String::new(),
        notes: Vec::new(),
        helps: Vec::new(),
        primary: Span::new(file, 0, 0),
        primary_label: String::new(),
        related: Vec::new(),
        chain: Vec::new(),
        fixes: Vec::new(),
        clippy: None,
        function: function.to_owned(),
        package: "app".to_owned(),
        in_test: false,
        fingerprint: format!("v1:{function}"),
        statement: statement.to_owned(),
        subject: None,
        needs_strict_tests: false,
    }
}

/// Three files, and what is found in them.
fn sources() -> (MemorySources, [FileId; 3]) {
    let mut sources = MemorySources::default();
    let files = ["src/a.rs", "src/b.rs", "src/new.rs"].map(|path| sources.add(path, ""));
    (sources, files)
}

#[test]
fn equal_findings_are_counted() {
    let (sources, [a, ..]) = sources();
    let one = finding(a, "app::a::run", "s1:1");
    let old = Baseline::of([&one, &one], &sources);
    assert_eq!((old.entries.len(), old.count()), (1, 2));
    let three = [one.clone(), one.clone(), one.clone()];
    let compared = compare(&old, &three, &sources, &|_| false);
    assert_eq!(compared.known, [true, true, false], "the third one is new");
    let compared = compare(&old, &three[..1], &sources, &|_| false);
    assert_eq!((compared.known, compared.left), (vec![true], vec![1]));
}

#[test]
fn another_function_statement_or_rule_is_new() {
    let (sources, [a, ..]) = sources();
    let old = Baseline::of([&finding(a, "app::a::run", "s1:1")], &sources);
    let mut other_rule = finding(a, "app::a::run", "s1:1");
    other_rule.rule = "unbounded-spawn";
    let others = [finding(a, "app::a::go", "s1:1"), finding(a, "app::a::run", "s1:2"), other_rule];
    assert_eq!(compare(&old, &others, &sources, &|_| false).known, [false; 3]);
}

#[test]
fn a_renamed_file_is_followed() {
    let (sources, [a, _, new]) = sources();
    let old = Baseline::of([&finding(a, "app::a::Pool::run", "s1:1"), &finding(a, "app::a::go", "s1:2")], &sources);
    let moved = [finding(new, "app::new::Pool::run", "s1:1"), finding(new, "app::new::go", "s1:2")];
    let gone = |path: &str| path == "src/a.rs";
    assert_eq!(compare(&old, &moved, &sources, &gone).known, [true, true]);
    assert_eq!(compare(&old, &moved, &sources, &|_| false).known, [false, false], "the old file is still there");
    let other_owner = [finding(new, "app::new::Queue::run", "s1:1")];
    assert_eq!(compare(&old, &other_owner, &sources, &gone).known, [false]);
}

#[test]
fn a_move_in_doubt_is_not_followed() {
    let (sources, [a, b, new]) = sources();
    let gone = |path: &str| path == "src/a.rs";
    let old = Baseline::of([&finding(a, "app::a::run", "s1:1")], &sources);
    let twice = [finding(b, "app::b::run", "s1:1"), finding(new, "app::new::run", "s1:1")];
    assert_eq!(compare(&old, &twice, &sources, &gone).known, [false, false], "it moved to one of two files");
    let more = [finding(new, "app::new::run", "s1:1"), finding(new, "app::new::run", "s1:1")];
    assert_eq!(compare(&old, &more, &sources, &gone).known, [false, false], "one of them is new");
    // The target was there before, so this may be a new bug that looks like the old one.
    let old = Baseline::of([&finding(a, "app::a::run", "s1:1"), &finding(b, "app::b::x", "s1:9")], &sources);
    assert_eq!(compare(&old, &[finding(b, "app::b::run", "s1:1")], &sources, &gone).known, [false]);
}

#[test]
fn the_file_is_read_as_it_was_written() {
    let (sources, [a, b, _]) = sources();
    let mut odd = finding(b, "app::b::\u{1b}\"run\n", "s1:3");
    odd.kind = "default";
    let one = finding(a, "app::a::run", "s1:1");
    let baseline = Baseline::of([&odd, &one, &one], &sources);
    let text = baseline.to_text();
    assert_eq!(Baseline::parse(&text).unwrap(), baseline);
    assert_eq!(Baseline::of([&one, &odd, &one], &sources).to_text(), text, "the order of findings does not matter");
    assert_eq!(text.lines().count(), 5 + 2, "{text}");
    assert_eq!(Baseline::parse(&Baseline::default().to_text()).unwrap(), Baseline::default());
}

#[test]
fn a_broken_file_is_an_error_with_its_place() {
    let wrong = |text: &str| Baseline::parse(text).unwrap_err();
    assert_eq!(wrong("{\n\"schema_version\": 1,\n\"findings\": [\n{\"rule\": 3}]}").line, 4);
    assert!(wrong("{\"schema_version\": 2, \"findings\": 7}").message.contains("this asynclint reads 1"));
    let conflict = "{\n\"schema_version\": 1,\n<<<<<<< HEAD\n\"findings\": []}";
    let conflict = wrong(conflict);
    assert_eq!(conflict.line, 3);
    assert!(conflict.message.contains("merge conflict"));
    let zero = r#"{"schema_version":1,"findings":[{"rule":"r","path":"p","function":"f","statement":"s","fingerprint":"v","count":0}]}"#;
    assert!(wrong(zero).message.contains("count 0"));
    assert!(wrong("").message.contains("create --force"));
    let unknown = zero.replace("\"count\":0", "\"counts\":1");
    assert!(wrong(&unknown).message.contains("unknown field"));
}

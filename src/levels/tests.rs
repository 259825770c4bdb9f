use super::*;
use crate::rules::page;

fn levels(changes: &[(Change, &str)]) -> Levels {
    let mut levels = Levels::new(page::all(), TestMode::Relaxed);
    for (change, name) in changes {
        levels.change(*change, name).unwrap();
    }
    levels
}

fn severity(levels: &Levels, rule: &str, kind: &str) -> Option<Severity> {
    levels.severity(rule, kind, false, Severity::Error)
}

#[test]
fn pedantic_kinds_are_off_until_asked_for() {
    let plain = levels(&[]);
    assert_eq!(severity(&plain, "blocking-fs-meta", "default"), None);
    assert_eq!(severity(&plain, "untracked-spawn", "service"), Some(Severity::Warning));
    assert_eq!(severity(&plain, "untracked-spawn", "explicit-discard"), Some(Severity::Note));
    let asked = levels(&[(Change::Warn, "pedantic")]);
    assert_eq!(severity(&asked, "blocking-fs-meta", "default"), Some(Severity::Warning));
}

#[test]
fn a_rule_that_nothing_switches_on_need_not_run() {
    assert!(levels(&[]).may_speak("untracked-spawn") && !levels(&[]).may_speak("blocking-fs-meta"));
    assert!(levels(&[(Change::Warn, "pedantic")]).may_speak("blocking-fs-meta"));
    assert!(!levels(&[(Change::Allow, "all")]).may_speak("no-such-rule"));
}

#[test]
fn warn_all_never_lowers_an_error_but_a_rule_is_set_exactly() {
    let all = levels(&[(Change::Warn, "all")]);
    assert_eq!(severity(&all, "blocking-sleep", "default"), Some(Severity::Error));
    assert_eq!(severity(&all, "untracked-spawn", "explicit-discard"), Some(Severity::Warning));
    let exact = levels(&[(Change::Warn, "blocking-sleep")]);
    assert_eq!(severity(&exact, "blocking-sleep", "default"), Some(Severity::Warning));
    let denied = levels(&[(Change::Deny, "blocking"), (Change::Warn, "all")]);
    assert_eq!(severity(&denied, "blocking-fs", "default"), Some(Severity::Error));
}

#[test]
fn flags_count_from_left_to_right() {
    let last_wins = levels(&[(Change::Allow, "all"), (Change::Deny, "untracked-spawn.service")]);
    assert_eq!(severity(&last_wins, "untracked-spawn", "service"), Some(Severity::Error));
    assert_eq!(severity(&last_wins, "untracked-spawn", "lost-error"), None);
    let off = levels(&[(Change::Deny, "untracked-spawn.service"), (Change::Allow, "all")]);
    assert_eq!(severity(&off, "untracked-spawn", "service"), None);
}

#[test]
fn a_cap_comes_after_the_levels() {
    let denied = levels(&[(Change::Deny, "all")]);
    let capped = denied.severity("blocking-sleep", "default", false, Severity::Note);
    assert_eq!(capped, Some(Severity::Note));
}

#[test]
fn test_code_follows_the_page_or_the_mode() {
    let relaxed = levels(&[]);
    assert_eq!(relaxed.severity("untracked-spawn", "service", true, Severity::Error), None);
    assert!(relaxed.severity("blocking-sleep", "default", true, Severity::Error).is_some());
    let strict = Levels::new(page::all(), TestMode::Strict);
    assert!(strict.severity("untracked-spawn", "service", true, Severity::Error).is_some());
    let off = Levels::new(page::all(), TestMode::Off);
    assert_eq!(off.severity("test-task-leak", "asserts", true, Severity::Error), None);
}

#[test]
fn a_misspelt_name_gets_its_neighbours() {
    let mut table = levels(&[]);
    let unknown = table.change(Change::Warn, "untraked-spawn").unwrap_err();
    assert_eq!(unknown.nearest.first().map(String::as_str), Some("untracked-spawn"));
    let unknown = table.change(Change::Warn, "untracked-spawn.servcie").unwrap_err();
    assert_eq!(unknown.nearest.first().map(String::as_str), Some("untracked-spawn.service"));
    assert!(table.change(Change::Warn, "zzz").unwrap_err().nearest.is_empty());
}

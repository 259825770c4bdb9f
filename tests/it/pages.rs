//! The examples of the rule pages: the bad block gives exactly this rule, the good one nothing.

use asynclint::engine::check_in_memory;
use asynclint::levels::{Levels, TestMode};
use asynclint::rules::RULES;
use asynclint::rules::page;

fn block(section: &str) -> Option<&str> {
    let start = section.find("```rust")?;
    let body = start + section[start..].find('\n')? + 1;
    Some(&section[body..body + section[body..].find("```")?])
}

fn rules_found(code: &str, rule: &str) -> Vec<(&'static str, usize)> {
    let mut levels = Levels::new(page::all(), TestMode::Relaxed);
    levels.switch_on(rule).unwrap();
    let (report, _) = check_in_memory(vec![("example.rs".to_owned(), code.to_owned())], &levels);
    assert!(report.problems.is_empty(), "{rule}: {:?}", report.problems);
    report.findings.iter().map(|f| (f.rule, f.primary.start as usize)).collect()
}

#[test]
fn bad_examples_are_found_and_good_ones_are_silent() {
    let mut wrong = Vec::new();
    for rule in page::all().iter().filter(|r| RULES.iter().any(|known| known.id == r.id)) {
        let bad = block(rule.section("Example").unwrap()).unwrap();
        let found = rules_found(bad, rule.id);
        if found.is_empty() || found.iter().any(|(id, _)| *id != rule.id) {
            wrong.push(format!("{}: the block under Example gives {found:?}", rule.id));
        }
        let good = block(rule.section("Instead").unwrap()).unwrap();
        let found = rules_found(good, rule.id);
        if !found.is_empty() {
            wrong.push(format!("{}: the block under Instead gives {found:?}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

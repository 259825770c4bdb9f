//! The guide names the test that holds each row of the post-mortems: those tests exist.

use std::path::Path;

fn sources(dir: &Path, text: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|e| e == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_test_named_in_the_guide_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    sources(&root.join("tests"), &mut tests);
    let page = std::fs::read_to_string(root.join("docs/post-mortems.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|l| l.starts_with("| ") && !l.contains("---")).collect();
    assert!(rows.len() >= 13 + 12 + 18 + 22 + 21 + 10, "{} rows", rows.len());
    for row in rows {
        let held_by = row.rsplit('|').nth(1).unwrap().trim().trim_matches('`');
        let known = held_by == "held by" || held_by == "bench `gates" || tests.contains(&format!("fn {held_by}("));
        assert!(known, "{row}");
    }
}

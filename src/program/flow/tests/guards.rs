//! `fixtures/_program/guards*.rs`: each row's annotation against the lowering, in both editions.

use crate::link::flow::DropRules;

use super::{facts, functions, is_held};

/// The annotation above each fn: name and what follows `held: `, up to a comma.
fn rows(text: &str) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        let Some(row) = pair[0].trim().strip_prefix("// held: ") else { continue };
        let when = row.split(',').next().unwrap().to_owned();
        let name = pair[1].trim().strip_prefix("async fn ").expect("a fn follows").split(['(', '<']).next().unwrap();
        rows.push((name.to_owned(), when));
    }
    rows
}

fn check(file: &str, editions: &[(&str, DropRules)]) {
    let path = format!("{}/fixtures/_program/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let facts = facts(&text);
    let functions = functions(&facts);
    let mut wrong = Vec::new();
    for (name, when) in rows(&text) {
        let body = functions.iter().find(|f| f.0 == name).expect("the fn has a body").1;
        for (edition, rules) in editions {
            let expected = when == "both" || when == *edition;
            if is_held(body, *rules) != expected {
                wrong.push(format!("{name}, edition {edition}: expected held = {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

const EDITIONS: [(&str, DropRules); 2] = [("2021", DropRules::Before2024), ("2024", DropRules::From2024)];

#[test]
fn guards_live_as_long_as_rustc_says() {
    check("guards.rs", &EDITIONS);
}

#[test]
fn guards_in_unusual_places() {
    check("guards_more.rs", &EDITIONS);
}

#[test]
fn guards_in_let_chains() {
    check("guards_2024.rs", &EDITIONS[1..]);
}

#[test]
fn guards_in_macros() {
    check("guards_macros.rs", &EDITIONS);
}

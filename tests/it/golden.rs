//! Rendered outputs as they lie in `tests/golden`. `UPDATE=1 cargo test` rewrites them; read the difference before you commit it.

use asynclint::diagnostic::Severity;
use asynclint::render::terminal::Detail;

use crate::support::{Case, Other, at, hop, plain, service};

fn check(name: &str, actual: &str) {
    let path = at("tests/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(expected == actual, "{} differs; UPDATE=1 rewrites it. Now:\n{actual}", path.display());
}

#[test]
fn terminal() {
    let text = service().terminal(Detail::Rich, Severity::Warning);
    check("service.ansi", &text);
    check("service.txt", &plain(&text));
}

#[test]
fn short() {
    check("service.short.txt", &plain(&service().terminal(Detail::Short, Severity::Note)));
}

#[test]
fn json() {
    check("service.json", &service().json());
}

#[test]
fn other_formats() {
    let service = service();
    let files = [
        (Other::Compact, "service.compact.txt"),
        (Other::Jsonl, "service.jsonl"),
        (Other::Github, "service.github.txt"),
        (Other::Summary, "service.github.md"),
        (Other::Gitlab, "service.gitlab.json"),
        (Other::Junit, "service.junit.xml"),
        (Other::Checkstyle, "service.checkstyle.xml"),
        (Other::RustcJson, "service.rustc.jsonl"),
        (Other::Rdjsonl, "service.rdjsonl"),
    ];
    for (format, name) in files {
        check(name, &service.render(format));
    }
}

#[test]
fn sarif() {
    check("service.sarif", &service().sarif());
}

#[test]
fn a_long_chain_loses_its_middle() {
    let mut case = Case::default();
    let text: String = (0..12).map(|i| format!("fn step{i}() {{ call_{i}_() }}\n")).collect();
    let file = case.file("src/lib.rs", &text);
    let spans: Vec<_> = (0..12).map(|i| case.span(file, &format!("call_{i}_"))).collect();
    let chain = spans.iter().enumerate().map(|(i, span)| hop(&format!("app::step{}", i + 1), *span));
    let chain: Vec<_> = chain.collect();
    case.find("blocking-fs", "default", spans[0], "`std::fs::read` blocks the executor thread").chain = chain;
    check("long-chain.txt", &plain(&case.terminal(Detail::Rich, Severity::Warning)));
}

#[test]
fn long_lines_are_cut_around_their_label() {
    let mut case = Case::default();
    let text = format!("let x = [{}tokio::spawn(run()){}];\n", "1, ".repeat(5000), ", 2".repeat(5000));
    let file = case.file("src/generated.rs", &text);
    let primary = case.span(file, "tokio::spawn");
    case.find("untracked-spawn", "best-effort", primary, "task is lost");
    let text = plain(&case.terminal(Detail::Rich, Severity::Warning));
    assert!(text.len() < 1000, "{} bytes", text.len());
    check("long-line.txt", &text);
}

#[test]
fn a_line_between_two_labels_is_shown() {
    let mut case = Case::default();
    let file = case.file("src/lib.rs", "let guard = lock.lock();\n\tlet x = 1;\nwait().await;\n");
    let await_ = case.span(file, "wait().await");
    let primary = case.span(file, "lock.lock()");
    let finding = case.find("lock-across-await", "plain", primary, "this MutexGuard is held across 1 await point");
    finding.related.push(crate::support::label(await_, asynclint::diagnostic::Role::Also, "it is held here"));
    check("line-between.txt", &plain(&case.terminal(Detail::Rich, Severity::Warning)));
}

/// What the next version has to keep: ids are never given to something else, and what is renamed stays known.
#[test]
fn rules_are_the_ones_that_others_rely_on() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_asynclint")).args(["rules", "--format", "json"]).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let old = std::fs::read_to_string(at("tests/golden/rules.json")).unwrap_or_default();
    if let (Ok(old), Ok(new)) = (serde_json::from_str(&old), serde_json::from_str(&text)) {
        let new = names(&new);
        let is_kept = |name: &String| new.contains(name) || asynclint::rules::renamed::new_name(name).is_some();
        let lost: Vec<String> = names(&old).into_iter().filter(|name| !is_kept(name)).collect();
        assert!(lost.is_empty(), "{lost:?} vanished; put the new name into src/rules/renamed.rs");
    }
    check("rules.json", &text);
}

/// Every rule and every `rule.kind`.
fn names(rules: &serde_json::Value) -> Vec<String> {
    let mut names = Vec::new();
    for rule in rules["rules"].as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        names.push(id.to_owned());
        let kinds = rule["kinds"].as_array().unwrap().iter();
        names.extend(kinds.map(|kind| format!("{id}.{}", kind["id"].as_str().unwrap())));
    }
    names
}

//! The built commands as a shell sees them: exit codes, closed readers, full devices.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn asynclint(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.args(arguments).env_clear().output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn without_arguments_it_prints_help_and_fails() {
    let output = asynclint(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: asynclint"));
}

#[test]
fn rules_and_pages_are_printed() {
    let table = asynclint(&["rules"]);
    assert_eq!(table.status.code(), Some(0));
    assert!(stdout(&table).contains("untracked-spawn"));
    assert!(!stdout(&table).contains('\u{1b}'), "no colours without a terminal");
    let coloured = asynclint(&["rules", "--color", "always"]);
    assert!(stdout(&coloured).contains("\u{1b}[1m"));
    let json: serde_json::Value = serde_json::from_str(&stdout(&asynclint(&["rules", "--format", "json"]))).unwrap();
    assert!(json["rules"].as_array().unwrap().len() >= 14);
    let page = asynclint(&["explain", "untracked-spawn.service"]);
    assert!(stdout(&page).contains("Why it matters"));
    let unknown = asynclint(&["explain", "untracked-spwan"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("`untracked-spawn`"));
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let command = command.args(["explain", "untracked-spawn"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let errors = BufReader::new(child.stderr.take().unwrap()).lines().count();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(errors, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let status = command.arg("rules").stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn cargo_asynclint_knows_its_commands() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-asynclint"));
    let output = command.args(["asynclint", "explain", "blocking-fs", "--format", "markdown"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("# blocking-fs"));
}

//! What the documentation says can be typed: its command lines parse, its flags exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use asynclint::cli::args::Cli;
use clap::{Command, CommandFactory};

use crate::support::at;

/// Everything that people read, and what runs for them.
fn texts() -> Vec<(PathBuf, String)> {
    let mut paths: Vec<PathBuf> = [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "action.yml",
        ".pre-commit-hooks.yaml",
    ]
    .map(at)
    .to_vec();
    for folder in ["docs/src", "rules", ".github", "supervisor"] {
        collect(&at(folder), &mut paths);
    }
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect()
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, out);
        } else if path
            .extension()
            .is_some_and(|ending| ["md", "yml", "yaml", "sh", "json"].iter().any(|e| ending == *e))
        {
            out.push(path);
        }
    }
}

/// The command lines of a text: in code spans, and at the start of a line or behind `$`, `|` and YAML keys.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        // Between backticks; a fence has none.
        let spans = line.split('`').skip(1).step_by(2);
        found.extend(spans.filter(|span| is_command(span)).map(str::to_owned));
        let line = line.trim_start().trim_start_matches("- ").trim_start_matches("$ ");
        let line = ["run: ", "entry: "].iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line);
        let piped = line.split(" | ").chain(line.split("&& "));
        found.extend(piped.filter(|part| is_command(part) && !part.contains('`')).map(str::to_owned));
    }
    found.sort();
    found.dedup();
    found
}

fn is_command(text: &str) -> bool {
    let text = text.strip_prefix("cargo ").unwrap_or(text);
    let known: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    // `asynclint check ..`; a sentence that begins with the name is none.
    let word = text.strip_prefix("asynclint ").and_then(|rest| rest.split_whitespace().next());
    word.is_some_and(|word| word.starts_with('-') || known.iter().any(|name| name == word))
}

/// The words of a command line as a shell would split them, without comments, redirections and the prose beside it.
fn words(command: &str) -> Vec<String> {
    let mut command = command.strip_prefix("cargo ").unwrap_or(command);
    for end in ["  ", " #", " > ", " 2> ", " || ", " && ", " | ", "; "] {
        command = command.split(end).next().unwrap();
    }
    let words = command.split_whitespace().filter(|word| !matches!(*word, "..." | ".." | "[..]"));
    // `[PATHS]` stands for something that may be left out.
    words.map(|word| word.trim_matches(['"', '\'', '[', ']']).to_owned()).collect()
}

#[test]
fn every_command_line_in_the_documentation_parses() {
    let mut wrong = Vec::new();
    let mut number = 0;
    let mut seen = BTreeSet::new();
    for (path, text) in texts() {
        for command in commands(&text) {
            let words = words(&command);
            // What a shell fills in.
            if words.iter().any(|word| word.contains('$')) {
                continue;
            }
            number += 1;
            // Building the command takes longer than all else.
            if !seen.insert(words.clone()) {
                continue;
            }
            if let Err(error) = Cli::command().try_get_matches_from(&words) {
                use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
                if !matches!(error.kind(), DisplayHelp | DisplayVersion) {
                    wrong.push(format!(
                        "{}: `{command}`: {}",
                        path.display(),
                        error.to_string().lines().next().unwrap()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(number > 40, "only {number} command lines found");
}

/// Flags of cargo that the guide speaks of, and the end of all flags.
const OTHERS: &[&str] = &["--", "--locked"];

#[test]
fn every_flag_in_the_guide_exists() {
    let mut flags = BTreeSet::new();
    let mut root = Cli::command();
    root.build();
    long_flags(&root, &mut flags);
    let mut wrong = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.starts_with(at("docs")) || path.starts_with(at("rules")))
    {
        for span in text.split('`').skip(1).step_by(2).filter(|span| span.starts_with("--") && !span.contains('\n')) {
            let flag = span.split(|c: char| c == '=' || c.is_whitespace()).next().unwrap();
            if !flags.contains(flag) && !OTHERS.contains(&flag) {
                wrong.push(format!("{}: there is no `{flag}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn long_flags(command: &Command, out: &mut BTreeSet<String>) {
    out.extend(command.get_arguments().filter_map(|argument| argument.get_long()).map(|long| format!("--{long}")));
    command.get_subcommands().for_each(|inner| long_flags(inner, out));
}

#[test]
fn command_lines_are_found_where_people_write_them() {
    let text = "Run `asynclint explain x`, see asynclint check. \n$ git diff | asynclint check --files-from -\n- run: asynclint check a\n";
    let wanted = ["asynclint check --files-from -", "asynclint check a", "asynclint explain x"];
    assert_eq!(commands(text), wanted);
    assert_eq!(words("asynclint check [PATHS]        the workspace"), ["asynclint", "check", "PATHS"]);
    assert_eq!(words("asynclint completions zsh > file"), ["asynclint", "completions", "zsh"]);
}

/// The hooks and the matcher are read by other programs.
#[test]
fn the_problem_matcher_reads_the_short_format() {
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(at(".github/asynclint-matcher.json")).unwrap()).unwrap();
    let pattern = &json["problemMatcher"][0]["pattern"][0];
    let regex = regex::Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
    let case = crate::support::service();
    let text = crate::support::plain(
        &case.terminal(asynclint::render::terminal::Detail::Short, asynclint::diagnostic::Severity::Warning),
    );
    let lines: Vec<_> = text.lines().filter_map(|line| regex.captures(line)).collect();
    let shown = case.report.findings.iter().filter(|f| f.severity > asynclint::diagnostic::Severity::Note).count();
    assert_eq!(lines.len(), shown, "{text}");
    let group = |key: &str| &lines[0][pattern[key].as_u64().unwrap() as usize];
    assert_eq!((group("file"), group("line"), group("severity")), ("src/jobs.rs", "5", "error"));
    assert_eq!((group("code"), group("column")), ("blocking-sleep", "9"));
    assert!(group("message").contains("blocks the executor thread"));
}

//! The house rules that no compiler checks: which way the arrows point, sizes, headers, words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::at;

/// Which rooms a room may name. Tests inside `src` may name any.
const ARROWS: &[(&str, &[&str])] = &[
    ("base", &["base"]),
    ("baseline", &["base", "baseline", "diagnostic", "vcs"]),
    ("bin", &["cli"]),
    ("catalog", &["base", "catalog"]),
    (
        "cli",
        &[
            "base",
            "baseline",
            "cli",
            "config",
            "diagnostic",
            "error",
            "facts",
            "finish",
            "fix",
            "levels",
            "link",
            "program",
            "render",
            "rules",
            "source",
            "vcs",
        ],
    ),
    ("config", &["base", "catalog", "config", "diagnostic", "levels", "rules", "source"]),
    ("diagnostic", &["base"]),
    (
        "engine",
        &[
            "base",
            "baseline",
            "catalog",
            "cli",
            "config",
            "diagnostic",
            "error",
            "extract",
            "facts",
            "fingerprint",
            "finish",
            "fix",
            "hir",
            "levels",
            "link",
            "program",
            "rules",
            "source",
            "suppress",
            "vcs",
        ],
    ),
    ("error", &["base", "source"]),
    ("extent", &["base", "facts"]),
    ("extract", &["base", "extract", "facts"]),
    ("facts", &["base", "facts"]),
    ("fingerprint", &["base", "diagnostic", "extent", "tokens"]),
    ("finish", &["base", "diagnostic", "fingerprint", "levels", "rules", "suppress"]),
    ("levels", &["base", "diagnostic", "rules"]),
    ("fix", &["base", "diagnostic", "fix", "source"]),
    ("hir", &["base", "catalog", "facts", "hir"]),
    ("link", &["base", "catalog", "facts", "hir", "link", "source"]),
    ("program", &["base", "catalog", "diagnostic", "facts", "hir", "link", "program", "source"]),
    ("render", &["base", "diagnostic", "render", "rules"]),
    ("rules", &["base", "catalog", "diagnostic", "facts", "hir", "program", "rules"]),
    ("source", &["base", "diagnostic", "error", "source"]),
    ("suppress", &["base", "diagnostic", "extent", "facts", "levels", "rules", "suppress", "tokens"]),
    ("tokens", &[]),
    ("vcs", &["vcs"]),
];

/// Who may know the syntax tree.
const SYNTAX: &[&str] = &["extract"];
/// Who may have wire types.
const SERDE: &[&str] = &["baseline", "render", "rules", "catalog", "config", "source", "cli"];
/// Who may touch files, the environment or the clock.
const OUTSIDE: &[&str] = &["source", "cli", "engine", "fix"];
/// The only files that start a process: git for an earlier revision, and the command of `--then`.
const PROCESSES: &[&str] = &["src/vcs/git.rs", "src/cli/then.rs"];

struct File {
    path: PathBuf,
    room: String,
    text: String,
}

fn sources() -> Vec<File> {
    let mut files = Vec::new();
    collect(&at("src"), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(folder: &Path, out: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inside = path.strip_prefix(at("src")).unwrap();
            let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            out.push(File { path, room, text });
        }
    }
}

impl File {
    fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.components().any(|part| part.as_os_str() == "tests")
    }

    /// The lines before the tests, with their numbers.
    fn code(&self) -> Vec<(usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(number, line)| (number + 1, line));
        lines.take_while(|(_, line)| !line.starts_with("#[cfg(test)]")).collect()
    }
}

fn complain(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn arrows_point_one_way() {
    let table: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut complaints = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test()) {
        if matches!(file.room.as_str(), "lib" | "main") {
            continue;
        }
        let Some(allowed) = table.get(file.room.as_str()) else {
            complaints.push(format!("{}: `{}` has no row in ARROWS", file.path.display(), file.room));
            continue;
        };
        for (number, line) in file.code() {
            let line = line.split("//").next().unwrap_or("");
            let named = line.split("crate::").skip(1).flat_map(|rest| names(rest, &table));
            for name in named.filter(|name| !allowed.contains(name) && *name != file.room) {
                complaints.push(format!("{}:{number}: `{}` must not name `{name}`", file.path.display(), file.room));
            }
        }
    }
    complain(&complaints);
}

/// Rooms named right after `crate::`, also in a group.
fn names<'t>(rest: &str, table: &BTreeMap<&'t str, &[&str]>) -> Vec<&'t str> {
    let parts = rest.strip_prefix('{').map_or_else(|| vec![rest], |group| group.split(", ").collect());
    let word = |part: &str| part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned();
    parts.into_iter().filter_map(|part| table.keys().copied().find(|room| *room == word(part))).collect()
}

#[test]
fn only_some_rooms_know_syntax_wire_types_and_the_outside() {
    let walls: [(&[&str], &[&str]); 3] = [
        (SYNTAX, &["syn::", "proc_macro2::", "quote::"]),
        (SERDE, &["serde::"]),
        (OUTSIDE, &["std::fs", "std::env::", "Instant::now", "SystemTime"]),
    ];
    let mut complaints = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test() && !matches!(file.room.as_str(), "bin" | "main")) {
        for (number, line) in file.code() {
            // A path in a string or comment names nothing.
            let code = line.split("//").next().unwrap_or("").split('"').step_by(2).collect::<String>();
            for (rooms, words) in walls.iter().filter(|(rooms, _)| !rooms.contains(&file.room.as_str())) {
                let word = words.iter().find(|word| is_named(&code, word));
                complaints.extend(
                    word.map(|word| {
                        format!("{}:{number}: `{word}` belongs to {}", file.path.display(), rooms.join(", "))
                    }),
                );
            }
        }
    }
    complain(&complaints);
}

#[test]
fn two_files_start_processes() {
    let mut complaints = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test() && !matches!(file.room.as_str(), "bin" | "main")) {
        let name = file.path.strip_prefix(at("")).unwrap().to_string_lossy().replace('\\', "/");
        let code = |line: &str| line.split("//").next().unwrap_or("").split('"').step_by(2).collect::<String>();
        let starts = file.code().iter().any(|(_, line)| code(line).contains("std::process"));
        if starts != PROCESSES.contains(&name.as_str()) {
            complaints.push(format!("{name}: names std::process: {starts}; the list of this test says otherwise"));
        }
    }
    complain(&complaints);
}

fn is_named(code: &str, word: &str) -> bool {
    let before = |at: usize| code[..at].chars().next_back();
    code.match_indices(word).any(|(at, _)| !before(at).is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':'))
}

/// Files that are one table or one enum and may be longer.
const LONG: &[&str] = &["src/facts/expr.rs"];

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut complaints = Vec::new();
    for file in sources() {
        let name = file.path.strip_prefix(at("")).unwrap().to_string_lossy().replace('\\', "/");
        let lines = file.code().len();
        if lines > 400 && !file.is_test() && !LONG.contains(&name.as_str()) {
            complaints.push(format!("{name}: {lines} lines, at most 400"));
        }
        if !file.is_test() && !file.text.starts_with("//! ") {
            complaints.push(format!("{name}: a file begins with `//!` and says what it is for"));
        }
        if let Some(number) = file.text.lines().position(|line| line.chars().count() > 160) {
            complaints.push(format!("{name}:{}: more than 160 columns", number + 1));
        }
    }
    complain(&complaints);
}

/// Rules, pages and fixtures name each other; a part that does not exist yet is not asked for.
#[test]
fn pages_rules_and_fixtures_belong_together() {
    let pages: Vec<&str> = asynclint::rules::page::PAGES.iter().map(|(id, _)| *id).collect();
    let mut complaints = Vec::new();
    for entry in std::fs::read_dir(at("rules")).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let id = name.strip_suffix(".md").filter(|id| *id != "README");
        complaints.extend(id.filter(|id| !pages.contains(id)).map(|id| format!("rules/{id}.md is not in PAGES")));
    }
    let about_code = |id: &str| {
        use asynclint::rules::page::{Family, find};
        find(id).is_some_and(|rule| rule.family != Family::Meta)
    };
    for (folder, path) in [("fixtures", "fixtures"), ("src/rules", "src/rules")] {
        let built = pages.iter().any(|id| exists(path, id));
        let missing = pages.iter().filter(|id| built && about_code(id) && !exists(path, id));
        complaints.extend(missing.map(|id| format!("{id} has nothing in {folder}")));
    }
    complain(&complaints);
}

fn exists(folder: &str, id: &str) -> bool {
    let name = id.replace('-', "_");
    // One algorithm serves the whole family; each of its rules has a small file of its own.
    // blocking-fs and blocking-fs-meta share one file.
    let nested = id.strip_prefix("blocking-").map(|rest| format!("blocking/{}.rs", rest.trim_end_matches("-meta")));
    let flat = [id.to_owned(), format!("{name}.rs"), name];
    flat.iter().chain(&nested).any(|path| at(folder).join(path).exists())
}

#[test]
fn messages_are_lower_case_without_a_final_dot() {
    let mut complaints = Vec::new();
    for rule in asynclint::rules::page::all() {
        for kind in &rule.kinds {
            let message = kind.message;
            let starts_low = message.chars().next().is_some_and(|c| c.is_lowercase() || c == '`' || c == '{');
            let is_line = !message.contains('\n') && message.chars().count() <= 160;
            if !starts_low || message.ends_with('.') || !is_line {
                complaints.push(format!("{}.{}: {message}", rule.id, kind.id));
            }
        }
    }
    complain(&complaints);
}

#[test]
fn pages_have_their_headings_in_order() {
    let headings = [
        "What it finds",
        "Why it matters",
        "Example",
        "Instead",
        "Not flagged",
        "How it decides and known limits",
        "References",
    ];
    let mut complaints = Vec::new();
    for rule in asynclint::rules::page::all() {
        let found: Vec<&str> = rule.text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        if found != headings {
            complaints.push(format!("rules/{}.md: {found:?}", rule.id));
        }
        for heading in ["Example", "Instead"] {
            // What is wrong with a configuration is shown in a configuration.
            let fence = if rule.id == "unmatched-config" { "```toml\n" } else { "```rust\n" };
            let blocks = rule.section(heading).unwrap_or("").matches(fence).count();
            if blocks != 1 {
                complaints.push(format!("rules/{}.md: {blocks} blocks under {heading}, one is wanted", rule.id));
            }
        }
    }
    complain(&complaints);
}

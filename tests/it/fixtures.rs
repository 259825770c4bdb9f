//! Every fixture: what it says must be found is found, and nothing else; and the fixtures keep their own rules.
//!
//! `CASE=blocking-fs cargo test --test it fixtures` runs only the cases whose name holds that text.
//! `UPDATE=1` rewrites `fixtures/e2021/lib.rs` and `fixtures/e2024/lib.rs`, never an annotation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::adapter::{self, Question, Switches};
use crate::annotations::{Annotations, Expected, Header, parse};
use crate::compare;
use asynclint::rules::page;

const EDITIONS: [u16; 2] = [2021, 2024];

/// One run of the library: a file or a folder, in one edition.
pub(crate) struct Case {
    /// `blocking-fs/flagged`, `_workspaces/chain`, `demo`, `_program/types`.
    pub(crate) name: String,
    pub(crate) edition: u16,
    pub(crate) switches: Switches,
    pub(crate) files: Vec<(String, String)>,
    notes: Vec<(String, Annotations)>,
}

#[test]
fn every_finding_is_annotated_and_every_annotation_is_found() {
    let picture = failures(|case| {
        // Files of questions are full of bugs on purpose, and those of planned rules belong to their rules.
        let folder = case.name.split('/').next().unwrap_or("");
        if case.name.starts_with("_program") || planned().contains(&case.name) || planned().contains(folder) {
            return String::new();
        }
        let found = adapter::run(&case.files, case.edition, &case.switches);
        let in_file = |(path, notes): &(String, Annotations)| {
            let wanted: Vec<Expected> = notes.expected.iter().filter(|e| exists(&e.rule)).cloned().collect();
            compare::findings(path, case.text(path), case.edition, &wanted, &found)
        };
        case.notes.iter().map(in_file).collect()
    });
    assert!(picture.is_empty(), "{picture}");
}

/// A rule with a page: fixtures may be written before their rule.
fn exists(rule: &str) -> bool {
    page::find(rule).is_some()
}

/// `planned.txt`: rules that have fixtures and no code yet, and cases that need what is not built yet.
pub(crate) fn planned() -> BTreeSet<String> {
    let text = read("planned.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_whitespace().next().expect("a word").to_owned()).collect()
}

#[test]
fn what_is_planned_is_listed_and_nothing_else() {
    let without_code: BTreeSet<String> = kinds().into_keys().filter(|rule| !exists(rule)).collect();
    let listed: BTreeSet<String> = planned().into_iter().filter(|name| !name.contains('/')).collect();
    assert_eq!(listed, without_code, "fixtures/planned.txt lists the rules that are not built");
}

#[test]
fn every_question_to_the_program_is_answered() {
    let picture = failures(|case| case.notes.iter().map(|(path, notes)| answers(case, path, notes)).collect());
    assert!(picture.is_empty(), "{picture}");
}

fn answers(case: &Case, path: &str, notes: &Annotations) -> String {
    let ask = |asked: &crate::annotations::Asked| (asked.line, asked.start, asked.end);
    let questions: Vec<_> = notes
        .asked
        .iter()
        .map(|asked| {
            let (line, start, end) = ask(asked);
            Question { path, line, start, end, key: &asked.key }
        })
        .collect();
    let mut out = String::new();
    for (asked, got) in notes.asked.iter().zip(adapter::ask(&case.files, case.edition, &questions)) {
        let got = got.unwrap_or_else(|| "(no such expression)".to_owned());
        if !compare::same_answer(&asked.key, &asked.value, &got) {
            let source = case.text(path).lines().nth(asked.line - 1).unwrap_or_default();
            let marks = format!("{}{}", " ".repeat(asked.start), "^".repeat(asked.end - asked.start));
            let _ = write!(
                out,
                "\n{path}:{line} (edition {edition})\n{line:4} | {source}\n     | {marks} {key}\n     | expected: {want}\n     | actual:   {got}\n",
                line = asked.line,
                edition = case.edition,
                key = asked.key,
                want = asked.value,
            );
        }
    }
    out
}

/// Runs `check` on each chosen case and adds the command that runs only that case.
fn failures(check: impl Fn(&Case) -> String) -> String {
    let chosen = std::env::var("CASE").unwrap_or_default();
    let mut out = String::new();
    for case in cases().iter().filter(|case| case.name.contains(&chosen)) {
        let picture = check(case);
        if !picture.is_empty() {
            let _ = writeln!(out, "{picture}     | again: CASE={} cargo test --test it fixtures\n", case.name);
        }
    }
    out
}

impl Case {
    pub(crate) fn text(&self, path: &str) -> &str {
        self.files.iter().find(|(name, _)| name == path).map_or("", |(_, text)| text)
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("fixtures/{path}: {error}"))
}

/// All files below `folder`, relative to `fixtures/`, sorted.
fn files_below(folder: &str) -> Vec<String> {
    let mut out = Vec::new();
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("fixtures/{folder}: {error}"));
    for entry in entries {
        let entry = entry.expect("a folder that can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if entry.path().is_dir() {
            if name != "target" {
                out.extend(files_below(&path));
            }
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// Files that are a case of their own: `<rule>/*.rs` and `_program/*.rs`.
fn single_files() -> Vec<String> {
    let own = ["e2021", "e2024", "stubs", "_workspaces", "demo"];
    let is_case = |path: &String| {
        let is_rust = |file: &str| file.ends_with(".rs") && !file.ends_with(".fixed.rs");
        path.split_once('/').is_some_and(|(folder, file)| !own.contains(&folder) && is_rust(file))
    };
    files_below("").into_iter().filter(is_case).collect()
}

/// `<case>.fixed.rs`: what the fixes make of a case.
fn fixed_files() -> Vec<String> {
    files_below("").into_iter().filter(|path| path.ends_with(".fixed.rs")).collect()
}

fn annotations(path: &str) -> Annotations {
    // In a manifest a comment begins with `#`.
    let text = if path.ends_with(".toml") { read(path).replace("#~", "//~") } else { read(path) };
    parse(&text).unwrap_or_else(|mistakes| panic!("fixtures/{path}:\n{}", mistakes.join("\n")))
}

pub(crate) fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for path in single_files() {
        let notes = annotations(&path);
        for edition in EDITIONS.into_iter().filter(|edition| notes.header.edition.is_none_or(|only| only == *edition)) {
            out.push(Case {
                name: path.trim_end_matches(".rs").to_owned(),
                edition,
                switches: switches(&notes.header),
                files: vec![
                    ("Cargo.toml".to_owned(), lone_manifest(&path, edition, &notes.header)),
                    (path.clone(), read(&path)),
                ],
                notes: vec![(path.clone(), notes.clone())],
            });
        }
    }
    out.extend(workspace_names().iter().map(|name| workspace(name)));
    out.push(demo());
    out
}

fn switches(header: &Header) -> Switches {
    let known = |name: &&String| exists(name.split('.').next().unwrap_or(name)) || name.as_str() == "pedantic";
    Switches { on: header.on.iter().filter(known).cloned().collect(), tests: header.tests.clone() }
}

/// The workspace manifest of the fixtures without its members: the dependencies as every case sees them.
fn shared_manifest() -> String {
    let is_kept = |line: &&str| !line.starts_with("members") && !line.starts_with("exclude");
    let text = read("Cargo.toml");
    // A stub stands for a crate of the registry, so that is what a case sees.
    let lines = text.lines().filter(is_kept).map(|line| match line.split_once(" = { path = \"stubs/") {
        Some((name, _)) => format!("{name} = \"1\""),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn lone_manifest(path: &str, edition: u16, header: &Header) -> String {
    let package = read("e2021/Cargo.toml");
    let (_, dependencies) = package.split_once("[dependencies]").expect("e2021 has dependencies");
    let target = match header.target.as_deref() {
        None | Some("lib") => format!("[lib]\npath = \"{path}\"\n"),
        Some(other) => format!("[[{other}]]\nname = \"case\"\npath = \"{path}\"\n"),
    };
    format!(
        "[package]\nname = \"case\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n{target}\n[dependencies]{dependencies}\n{}",
        shared_manifest()
    )
}

fn workspace_names() -> Vec<String> {
    let mut names: Vec<_> =
        files_below("_workspaces").iter().filter_map(|path| Some(path.split('/').nth(1)?.to_owned())).collect();
    names.dedup();
    names
}

/// A mini workspace is run as it stands, with a root manifest as `fixtures/Cargo.toml` would be for it alone.
fn workspace(name: &str) -> Case {
    let folder = format!("_workspaces/{name}");
    let manifest = shared_manifest().replacen("[workspace]", "[workspace]\nmembers = [\"*\"]", 1);
    let mut files = vec![("Cargo.toml".to_owned(), manifest)];
    let mut notes = Vec::new();
    let mut head = Header::default();
    for path in files_below(&folder) {
        let inside = path[folder.len() + 1..].to_owned();
        if path.ends_with(".rs") || path.ends_with("asynclint.toml") {
            let read = annotations(&path);
            head.on.extend(read.header.on.clone());
            head.tests = head.tests.or_else(|| read.header.tests.clone());
            notes.push((inside.clone(), read));
        }
        files.push((inside, read(&path)));
    }
    Case { name: folder, edition: 2024, switches: switches(&head), files, notes }
}

/// The demo is what the README shows, so its code carries no annotations: they stand in `findings.txt`.
fn demo() -> Case {
    let mut by_file = demo_findings();
    let files: Vec<_> = files_below("demo")
        .into_iter()
        .filter(|path| path.ends_with(".rs") || path.ends_with(".toml"))
        .map(|path| (path["demo/".len()..].to_owned(), read(&path)))
        .collect();
    let with_notes = |path: &String| {
        let expected = by_file.remove(path).unwrap_or_default();
        (path.clone(), Annotations { expected, ..Annotations::default() })
    };
    let notes = files.iter().map(|(path, _)| path).filter(|path| path.ends_with(".rs")).map(with_notes).collect();
    Case { name: "demo".to_owned(), edition: 2024, switches: Switches::default(), files, notes }
}

/// `demo/findings.txt`, read as if each line stood behind the code it names.
fn demo_findings() -> BTreeMap<String, Vec<Expected>> {
    let text = read("demo/findings.txt");
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).peekable();
    let mut by_file: BTreeMap<String, Vec<Expected>> = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (place, what) = line.split_once(' ').expect("`path:line rule ..`");
        let (path, at) = place.split_once(':').expect("`path:line`");
        let mut annotation = format!("x //~ {what}");
        while let Some(more) = lines.next_if(|line| line.starts_with('|')) {
            let _ = write!(annotation, "\n//~{more}");
        }
        let read = parse(&annotation).unwrap_or_else(|mistakes| panic!("demo/findings.txt: {line}: {mistakes:?}"));
        let line = at.parse().expect("a line number");
        by_file.entry(path.to_owned()).or_default().extend(read.expected.into_iter().map(|e| Expected { line, ..e }));
    }
    by_file
}

/// `kinds.txt`: rule -> kinds.
fn kinds() -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in read("kinds.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let mut words = line.split_whitespace();
        let (rule, kind) = (words.next().expect("a rule"), words.next().expect("a kind"));
        out.entry(rule.to_owned()).or_default().push(kind.to_owned());
    }
    out
}

#[test]
fn annotations_name_rules_and_kinds_that_exist() {
    let kinds = kinds();
    let mut wrong = String::new();
    for case in cases() {
        for (path, notes) in &case.notes {
            for expected in &notes.expected {
                let Expected { rule, kind, written_at, .. } = expected;
                let problem = match (kinds.get(rule), kind) {
                    (None, _) => "no such rule",
                    (Some(all), None) if all.len() > 1 => "the kind is missing",
                    (Some(all), Some(kind)) if !all.contains(kind) => "no such kind",
                    _ => continue,
                };
                let _ = writeln!(wrong, "{}: {path}:{written_at}: {rule}: {problem}", case.name);
            }
            for on in &notes.header.on {
                let rule = on.split_once('.').map_or(on.as_str(), |(rule, _)| rule);
                if rule != "pedantic" && !kinds.contains_key(rule) {
                    let _ = writeln!(wrong, "{path}: `//@ rules: +{on}`: no such rule");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn manifests_of_cases_are_manifests() {
    for case in cases() {
        let manifest: toml::Table = case.text("Cargo.toml").parse().unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let dependencies = manifest.get("workspace").and_then(|w| w.get("dependencies")).and_then(|d| d.get("tokio"));
        assert!(dependencies.is_some() || case.name == "demo", "{}: tokio is not among the dependencies", case.name);
        assert!(!case.text("Cargo.toml").contains("stubs/"), "{}: names a stub by its path", case.name);
    }
}

#[test]
fn questions_point_at_whole_words() {
    let mut wrong = String::new();
    for path in single_files() {
        let text = read(&path);
        for asked in annotations(&path).asked {
            let code = text.lines().nth(asked.line - 1).unwrap_or_default();
            let word = code.get(asked.start..asked.end).unwrap_or_default();
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let cut_before = code.get(..asked.start).is_none_or(|before| before.ends_with(is_word));
            let cut_after = code.get(asked.end..).is_none_or(|after| after.starts_with(is_word));
            if word.is_empty() || word.trim() != word || cut_before || cut_after {
                let _ = writeln!(wrong, "{path}:{}: carets under `{word}` of `{}`", asked.line, code.trim());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_kind_is_annotated_somewhere() {
    let mut open: BTreeSet<(String, String)> = BTreeSet::new();
    for (rule, kinds) in kinds() {
        open.extend(kinds.into_iter().map(|kind| (rule.clone(), kind)));
    }
    for case in cases() {
        for expected in case.notes.iter().flat_map(|(_, notes)| &notes.expected) {
            let kind = expected.kind.clone().unwrap_or_else(|| "default".to_owned());
            open.remove(&(expected.rule.clone(), kind));
        }
    }
    assert!(open.is_empty(), "no fixture for {open:?}");
}

#[test]
fn every_rule_has_as_many_quiet_cases_as_flagged_ones() {
    let mut wrong = String::new();
    for rule in kinds().keys() {
        let own: Vec<_> = single_files().into_iter().filter(|path| path.starts_with(&format!("{rule}/"))).collect();
        if rule == "unmatched-config" {
            continue; // A finding in a configuration file: `_workspaces/config`.
        }
        let (quiet, flagged): (Vec<_>, Vec<_>) = own.iter().partition(|path| path.contains("/quiet"));
        let of_rule = |path: &&String| annotations(path).expected.iter().filter(|e| e.rule == *rule).count();
        let functions = |path: &&String| read(path).lines().filter(|line| line.contains("fn ")).count();
        let (bad, good): (usize, usize) = (flagged.iter().map(of_rule).sum(), quiet.iter().map(functions).sum());
        let leaks: usize = quiet.iter().map(of_rule).sum();
        if bad == 0 || good < bad || leaks > 0 {
            let _ = writeln!(wrong, "{rule}: {bad} flagged, {good} quiet, {leaks} flagged in quiet files");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_fixture_is_mounted_in_the_packages_that_prove_it_compiles() {
    for edition in EDITIONS {
        let mut lib = "//! Every fixture as a module, so that `cargo check` proves it; written by `UPDATE=1 cargo test --test it`.\n\
            #![allow(warnings)]\n#![allow(let_underscore_lock, clippy::all)]\n\n"
            .to_owned();
        let mut paths = single_files();
        paths.extend(fixed_files());
        paths.sort();
        for path in paths {
            if annotations(&path).header.edition.is_none_or(|only| only == edition) {
                let name = path.trim_end_matches(".rs").replace(['/', '-', '.'], "_");
                let name = name.trim_start_matches('_');
                let _ = write!(lib, "#[path = \"../{path}\"]\nmod {name};\n");
            }
        }
        let path = format!("e{edition}/lib.rs");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(root().join(&path), &lib).expect("can be written");
        }
        assert!(read(&path) == lib, "fixtures/{path} is not up to date: UPDATE=1 cargo test --test it fixtures");
    }
}

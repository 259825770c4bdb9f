use std::io::Write;

use super::*;
use crate::base::{MemorySources, Span};
use crate::diagnostic::{Confidence, Diagnostic, Problem, ProblemKind, Report, Severity};

/// Answers a report made by hand.
#[derive(Default)]
struct Fake {
    findings: Vec<(&'static str, &'static str, Severity)>,
    problems: Vec<ProblemKind>,
    empty: bool,
    panics: bool,
}

impl Engine for Fake {
    fn check(&self, request: &Request) -> Result<Outcome, Error> {
        assert!(!self.panics, "a panic on purpose");
        if request.paths.iter().any(|path| path.ends_with("missing")) {
            return Err(Error::Usage("no such path: missing".to_owned()));
        }
        let mut sources = MemorySources::default();
        let file = sources.add("src/main.rs", "fn main() {}\n");
        let finding = |(rule, kind, cap): &(&'static str, &'static str, Severity)| {
            let severity = request.levels.severity(rule, kind, false, *cap)?;
            let message = "a task is lost".to_owned();
            Some(Diagnostic { rule, kind, severity, message, primary: Span::new(file, 3, 7), ..blank(file) })
        };
        let problem = |kind: &ProblemKind| Problem { kind: *kind, message: "x".to_owned(), path: None, span: None };
        let report = Report {
            findings: self.findings.iter().filter_map(finding).collect(),
            problems: self.problems.iter().map(problem).collect(),
            files: usize::from(!self.empty),
            ..Report::default()
        };
        let root = std::env::current_dir().unwrap();
        Ok(Outcome {
            report,
            sources: Box::new(sources),
            root,
            no_async_code: false,
            unmatched: Vec::new(),
            timings: Vec::new(),
        })
    }

    fn list(&self, request: &Request) -> Result<Listing, Error> {
        self.check(request).map(|outcome| Listing { root: outcome.root, files: Vec::new() })
    }

    fn fix(
        &self,
        _: &Request,
        _: &crate::fix::Wish,
        _: &mut dyn FnMut(&crate::fix::Question<'_>) -> crate::fix::Answer,
    ) -> Result<Repaired, Error> {
        Err(Error::Usage("the fake makes no fixes".to_owned()))
    }

    fn silence(&self, _: &Request, _: &Silence) -> Result<Silenced, Error> {
        Ok(Silenced::default())
    }

    fn dump(&self, request: &DumpRequest, out: &mut dyn Write) -> Result<(), Error> {
        writeln!(out, "{}:{:?}", request.path.display(), request.line).map_err(|e| Error::Usage(e.to_string()))
    }
}

fn blank(file: crate::base::FileId) -> Diagnostic {
    Diagnostic {
        rule: "",
        kind: "",
        severity: Severity::Note,
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
        function: "app::main".to_owned(),
        package: "app".to_owned(),
        in_test: false,
        fingerprint: String::new(),
        statement: String::new(),
        subject: None,
        needs_strict_tests: false,
    }
}

fn code(engine: &Fake, arguments: &str) -> u8 {
    run_as(engine, &format!("asynclint {arguments}"), Invocation::Plain)
}

fn run_as(engine: &Fake, arguments: &str, invocation: Invocation) -> u8 {
    run(arguments.split_whitespace().map(OsString::from), invocation, engine)
}

const ERROR: (&str, &str, Severity) = ("blocking-sleep", "default", Severity::Error);
const WARNING: (&str, &str, Severity) = ("untracked-spawn", "service", Severity::Error);
const OTHER: (&str, &str, Severity) = ("blocking-fs", "default", Severity::Error);
const NOTE: (&str, &str, Severity) = ("untracked-spawn", "explicit-discard", Severity::Error);

/// Findings, problems, flags, and the code they end with.
type Row = (&'static [(&'static str, &'static str, Severity)], &'static [ProblemKind], &'static str, u8);

/// The table of decision X6: what was found, what was asked, how the run ends.
#[test]
fn exit_codes() {
    use ProblemKind::{InternalError, ParseError};
    let table: &[Row] = &[
        (&[], &[], "", exit::CLEAN),
        (&[NOTE], &[], "", exit::CLEAN),
        (&[NOTE], &[], "--deny-warnings", exit::CLEAN),
        (&[NOTE], &[], "--fail-on note", exit::FINDINGS),
        (&[WARNING], &[], "", exit::FINDINGS),
        (&[WARNING], &[], "--fail-on error", exit::CLEAN),
        (&[WARNING], &[], "--fail-on error --deny-warnings", exit::FINDINGS),
        (&[ERROR], &[], "--fail-on error", exit::FINDINGS),
        (&[ERROR], &[], "--exit-zero", exit::CLEAN),
        (&[WARNING], &[], "--exit-zero --deny-warnings", exit::CLEAN),
        (&[WARNING, OTHER], &[], "--max-warnings 2", exit::CLEAN),
        (&[WARNING, OTHER], &[], "--max-warnings 1", exit::FINDINGS),
        (&[WARNING, OTHER], &[], "--max-warnings 1 --exit-zero", exit::CLEAN),
        (&[WARNING, OTHER], &[], "--max-warnings 1 --fail-on error", exit::FINDINGS),
        (&[WARNING, ERROR], &[], "--max-warnings 2", exit::FINDINGS),
        (&[], &[ParseError], "", exit::CLEAN),
        (&[], &[ParseError], "--strict", exit::PROBLEM),
        (&[], &[ParseError], "--strict --exit-zero", exit::PROBLEM),
        (&[], &[InternalError], "", exit::PROBLEM),
        (&[], &[InternalError], "--exit-zero", exit::PROBLEM),
        (&[ERROR], &[InternalError], "", exit::FINDINGS),
        (&[ERROR], &[InternalError], "--exit-zero", exit::PROBLEM),
        (&[WARNING], &[ParseError], "--strict", exit::FINDINGS),
    ];
    for (findings, problems, flags, wanted) in table {
        let engine = Fake { findings: findings.to_vec(), problems: problems.to_vec(), ..Fake::default() };
        for format in ["terminal", "short", "json", "sarif"] {
            let folder = tempfile::tempdir().unwrap();
            // The format goes to a file too: the code depends on neither.
            let file = folder.path().join("out").display().to_string();
            let arguments = format!("check -qq {flags} -o {format}:{file}");
            assert_eq!(code(&engine, &arguments), *wanted, "{findings:?} {problems:?} {arguments}");
        }
    }
}

#[test]
fn levels_are_read_from_left_to_right() {
    let engine = Fake { findings: vec![WARNING], ..Fake::default() };
    assert_eq!(code(&engine, "check -qq -A all -D untracked-spawn.service --fail-on error"), exit::FINDINGS);
    assert_eq!(code(&engine, "check -qq -D untracked-spawn.service -A all --fail-on error"), exit::CLEAN);
    assert_eq!(code(&engine, "check -qq -W untracked-spwan"), exit::USAGE);
}

#[test]
fn problems_and_empty_runs_have_codes_of_their_own() {
    let parse = Fake { problems: vec![ProblemKind::ParseError], ..Fake::default() };
    assert_eq!(code(&parse, "check -qq"), exit::CLEAN);
    assert_eq!(code(&parse, "check -qq --strict"), exit::PROBLEM);
    let internal = Fake { problems: vec![ProblemKind::InternalError], ..Fake::default() };
    assert_eq!(code(&internal, "check -qq"), exit::PROBLEM);
    let both = Fake { findings: vec![ERROR], problems: vec![ProblemKind::InternalError], ..Fake::default() };
    assert_eq!(code(&both, "check -qq"), exit::FINDINGS);
    assert_eq!(code(&Fake { empty: true, ..Fake::default() }, "check -qq"), exit::NOTHING);
    assert_eq!(code(&Fake { empty: true, ..Fake::default() }, "check -qq --list-files"), exit::NOTHING);
    assert_eq!(code(&Fake { panics: true, ..Fake::default() }, "check -qq"), exit::PROBLEM);
}

#[test]
fn wrong_usage_is_two() {
    let engine = Fake::default();
    assert_eq!(run_as(&engine, "asynclint", Invocation::Plain), exit::USAGE);
    assert_eq!(code(&engine, "check --no-such-flag"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq missing"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq -o json"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq -o xml:out"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq -o json:/no/such/folder/out.json"), exit::USAGE);
    assert_eq!(code(&engine, "explain no-such-rule"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq --max-warnings 3 --deny-warnings"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq --statistics --format sarif"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq --list-files --format sarif"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq --null"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq - src"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq --stdin-filename src/lib.rs"), exit::USAGE);
    assert_eq!(code(&engine, "check -qq --files-from no/such/list"), exit::USAGE);
    assert_eq!(code(&engine, "man chekc"), exit::USAGE);
}

#[test]
fn cargo_without_a_subcommand_checks() {
    let engine = Fake { findings: vec![WARNING], ..Fake::default() };
    assert_eq!(run_as(&engine, "cargo-asynclint asynclint -qq", Invocation::Cargo), exit::FINDINGS);
    assert_eq!(run_as(&engine, "cargo-asynclint asynclint check -qq", Invocation::Cargo), exit::FINDINGS);
    let quiet = Fake::default();
    assert_eq!(run_as(&quiet, "cargo-asynclint asynclint src -qq", Invocation::Cargo), exit::CLEAN);
}

#[test]
fn several_outputs_are_written_in_one_run() {
    let engine = Fake { findings: vec![WARNING], ..Fake::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let arguments =
        format!("check -qq -o json:{} -o sarif:{} -o short:{}", path("a.json"), path("b.sarif"), path("c.txt"));
    assert_eq!(code(&engine, &arguments), exit::FINDINGS);
    let short = std::fs::read_to_string(path("c.txt")).unwrap();
    assert!(short.starts_with("src/main.rs:1:4: warning[untracked-spawn.service]: a task is lost\n"), "{short}");
    let json = std::fs::read_to_string(path("a.json")).unwrap();
    assert!(json.contains("\"schema_version\": 1"));
    assert!(std::fs::read_to_string(path("b.sarif")).unwrap().contains("2.1.0"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
}

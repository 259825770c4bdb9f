//! The one place where the fixture harness touches the library.
//!
//! Findings and answers become plain text here; the comparison with annotations is elsewhere.

use asynclint::base::{LineIndex, SourceMap, Span};
use asynclint::diagnostic::{Confidence, Diagnostic, Severity};
use asynclint::engine::{check_in_memory, program_in_memory};
use asynclint::levels::{Levels, TestMode};
use asynclint::program::Program;
use asynclint::rules::page;

/// The files of one case, in memory: path (`/` as separator, relative to the analysis root) and text. Manifests are among them.
pub(crate) type Files = [(String, String)];

/// What a case switches on besides the default levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Switches {
    /// Rules, `rule.kind` or groups that are on at their page's severity: `["blocking-fs-meta", "untracked-spawn.best-effort"]`.
    pub(crate) on: Vec<String>,
    /// `relaxed` (default), `strict` or `off`.
    pub(crate) tests: Option<String>,
}

/// One finding, as far as an annotation can speak about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Path as given in the files.
    pub(crate) path: String,
    /// Line of the primary span, 1-based.
    pub(crate) line: usize,
    /// Rule id.
    pub(crate) rule: String,
    /// Kind id; `default` for a rule without sub-cases.
    pub(crate) kind: String,
    /// `deny`, `warn` or `note`: the level that the severity prints for.
    pub(crate) severity: String,
    /// `certain` or `likely`.
    pub(crate) confidence: String,
    /// The message; notes and helps are not searched.
    pub(crate) message: String,
    /// The texts of the primary and secondary labels.
    pub(crate) labels: Vec<String>,
    /// What is called at each hop, from the call in the async code to the catalogue call; empty for a direct finding.
    pub(crate) chain: Vec<String>,
}

/// A question to the façade about the expression under some carets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question<'a> {
    /// Path as given in the files.
    pub(crate) path: &'a str,
    /// 1-based.
    pub(crate) line: usize,
    /// First byte column under the carets, 0-based.
    pub(crate) start: usize,
    /// One past the last byte column under the carets.
    pub(crate) end: usize,
    /// `type`, `is`, `runs` or `blocks`.
    pub(crate) key: &'a str,
}

/// Runs the library once over `files` and returns all findings, notes included, suppressed ones left out.
pub(crate) fn run(files: &Files, _edition: u16, switches: &Switches) -> Vec<Found> {
    let levels = levels(switches);
    let (report, sources) = check_in_memory(files.to_vec(), &levels);
    assert!(report.problems.is_empty(), "problems: {:?}", report.problems);
    report.findings.iter().map(|finding| found(finding, &sources)).collect()
}

/// The levels that a case asks for.
pub(crate) fn levels(switches: &Switches) -> Levels {
    let tests = match switches.tests.as_deref() {
        Some("strict") => TestMode::Strict,
        Some("off") => TestMode::Off,
        _ => TestMode::Relaxed,
    };
    let mut levels = Levels::new(page::all(), tests);
    for name in &switches.on {
        levels.switch_on(name).unwrap();
    }
    levels
}

fn found(finding: &Diagnostic, sources: &dyn SourceMap) -> Found {
    let text = sources.text(finding.primary.file);
    let line = LineIndex::new(text).line_column(text, finding.primary.start).line as usize;
    let severity = match finding.severity {
        Severity::Error => "deny",
        Severity::Warning => "warn",
        Severity::Note => "note",
    };
    let related = finding.related.iter().map(|label| label.message.clone());
    Found {
        path: sources.path(finding.primary.file).to_owned(),
        line,
        rule: finding.rule.to_owned(),
        kind: finding.kind.to_owned(),
        severity: severity.to_owned(),
        confidence: if finding.confidence == Confidence::Certain { "certain" } else { "likely" }.to_owned(),
        message: finding.message.clone(),
        labels: std::iter::once(finding.primary_label.clone()).chain(related).collect(),
        chain: finding.chain.iter().map(|hop| hop.function.clone()).collect(),
    }
}

/// Links `files` once and answers each question in order; `None` when there is no such expression.
pub(crate) fn ask(files: &Files, _edition: u16, questions: &[Question<'_>]) -> Vec<Option<String>> {
    let program = program_in_memory(files.to_vec());
    questions.iter().map(|question| answer(&program, question)).collect()
}

fn answer(program: &Program, question: &Question<'_>) -> Option<String> {
    let file = program.sources.by_path(question.path)?;
    let text = SourceMap::text(&program.sources, file);
    let start = LineIndex::new(text).start_of(question.line - 1);
    let span = Span::new(file, start + question.start as u32, start + question.end as u32);
    program.answer(span, question.key)
}

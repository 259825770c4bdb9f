//! `--format rdjsonl`: one diagnostic of reviewdog on each line, which reviewdog turns into comments on a change.
//!
//! Columns count bytes there. A fix is suggested when it is one edit in the file of its finding: a comment can carry no more.

use std::io::{self, Write};

use serde::Serialize;

use crate::base::Span;
use crate::diagnostic::{Applicability, Diagnostic, Fix, Problem, Report, Severity};
use crate::rules::page;

use super::json_text::{self, Layout};
use super::places::{Columns, Places};

#[derive(Serialize)]
struct Line<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    severity: &'static str,
    source: Source,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Code {
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

const SOURCE: Source = Source { name: "asynclint", url: env!("CARGO_PKG_REPOSITORY") };

/// Writes what is at or above `min_severity`, and the problems.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, min_severity: Severity) -> io::Result<()> {
    let findings = report.findings.iter().filter(|finding| finding.severity >= min_severity);
    let findings = findings.map(|finding| self::finding(finding, places));
    let problems = report.problems.iter().map(|problem| self::problem(problem, places));
    findings.chain(problems).try_for_each(|line| json_text::write(&mut *out, &line, Layout::Line))
}

fn finding<'a>(finding: &'a Diagnostic, places: &Places<'a>) -> Line<'a> {
    let mut message = finding.message.clone();
    for (word, lines) in [("note", &finding.notes), ("help", &finding.helps)] {
        lines.iter().for_each(|line| message.push_str(&format!("\n{word}: {line}")));
    }
    Line {
        message,
        location: Some(Location {
            path: places.path(finding.primary.file),
            range: Some(range(finding.primary, places)),
        }),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        },
        source: SOURCE,
        code: Code { value: finding.code(), url: page::find(finding.rule).map(page::RuleInfo::url) },
        suggestions: finding.fixes.iter().filter_map(|fix| suggestion(fix, finding, places)).collect(),
    }
}

fn suggestion<'a>(fix: &'a Fix, finding: &Diagnostic, places: &Places<'_>) -> Option<Suggestion<'a>> {
    let [edit] = fix.edits.as_slice() else { return None };
    let fits = fix.applicability != Applicability::Advice && edit.span.file == finding.primary.file;
    fits.then(|| Suggestion { range: range(edit.span, places), text: &edit.text })
}

fn problem<'a>(problem: &'a Problem, places: &Places<'a>) -> Line<'a> {
    let location = match (problem.span, &problem.path) {
        (Some(span), _) => Some(Location { path: places.path(span.file), range: Some(range(span, places)) }),
        (None, Some(path)) => Some(Location { path, range: None }),
        (None, None) => None,
    };
    Line {
        message: problem.message.clone(),
        location,
        severity: "WARNING",
        source: SOURCE,
        code: Code { value: problem.kind.as_str().to_owned(), url: None },
        suggestions: Vec::new(),
    }
}

fn range(span: Span, places: &Places<'_>) -> Range {
    let at = places.region(span, Columns::Bytes);
    Range {
        start: Position { line: at.line, column: at.column },
        end: Position { line: at.end_line, column: at.end_column },
    }
}

//! `--format json`, schema version 1.
//!
//! The wire types say what version 1 is; the same report gives the same bytes. No time, host or absolute path is in them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::base::Span;
use crate::diagnostic::{Applicability, Diagnostic, Fix, Fixed, Label, Problem, Report, Role, Severity};

use super::json_text::{self, Layout};
use super::places::{Columns, Places};

/// The version of all that is written here.
pub(super) const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Output<'a> {
    schema_version: u32,
    tool: Tool,
    findings: Vec<Finding<'a>>,
    problems: Vec<ProblemOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixed: Vec<FixedOut<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct FixedOut<'a> {
    rule: &'a str,
    kind: &'a str,
    title: &'a str,
    applicability: &'a str,
    path: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u32,
    end_byte: u32,
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    rule: &'a str,
    kind: &'a str,
    severity: &'a str,
    confidence: &'a str,
    message: &'a str,
    notes: &'a [String],
    helps: &'a [String],
    function: &'a str,
    package: &'a str,
    in_test: bool,
    clippy: Option<&'a str>,
    location: Location<'a>,
    related: Vec<Related<'a>>,
    chain: Vec<Step<'a>>,
    fixes: Vec<FixOut<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct Related<'a> {
    role: &'a str,
    message: String,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Step<'a> {
    function: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct FixOut<'a> {
    title: &'a str,
    applicability: &'a str,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    location: Location<'a>,
    text: &'a str,
}

#[derive(Serialize)]
pub(super) struct ProblemOut<'a> {
    kind: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
pub(super) struct Summary<'a> {
    files: usize,
    lines: usize,
    findings: usize,
    suppressed: usize,
    baselined: usize,
    not_new: usize,
    stale: usize,
    fixable: Fixable,
    by_rule: BTreeMap<&'a str, usize>,
    by_severity: BySeverity,
}

#[derive(Serialize, Default)]
struct Fixable {
    safe: usize,
    r#unsafe: usize,
}

#[derive(Serialize, Default)]
struct BySeverity {
    error: usize,
    warning: usize,
    note: usize,
}

/// Writes the report.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>) -> io::Result<()> {
    let output = Output {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "asynclint", version: env!("CARGO_PKG_VERSION") },
        findings: report.findings.iter().map(|f| finding(f, places)).collect(),
        problems: report.problems.iter().map(|p| problem(p, places)).collect(),
        fixed: report.fixed.iter().map(fixed).collect(),
        summary: summary(report),
    };
    json_text::write(out, &output, Layout::Pretty)
}

fn location<'a>(span: Span, places: &Places<'a>) -> Location<'a> {
    let at = places.region(span, Columns::CodePoints);
    Location {
        path: places.path(span.file),
        line: at.line,
        column: at.column,
        end_line: at.end_line,
        end_column: at.end_column,
        start_byte: span.start,
        end_byte: span.end,
    }
}

pub(super) fn finding<'a>(finding: &'a Diagnostic, places: &Places<'a>) -> Finding<'a> {
    let steps = finding.chain.iter().map(|hop| Step { function: &hop.function, location: location(hop.span, places) });
    Finding {
        rule: finding.rule,
        kind: finding.kind,
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        message: &finding.message,
        notes: &finding.notes,
        helps: &finding.helps,
        function: &finding.function,
        package: &finding.package,
        in_test: finding.in_test,
        clippy: finding.clippy,
        location: location(finding.primary, places),
        related: related(finding).into_iter().map(|label| related_out(label, places)).collect(),
        chain: steps.collect(),
        fixes: finding.fixes.iter().map(|f| fix(f, places)).collect(),
        fingerprint: &finding.fingerprint,
    }
}

/// All secondary labels, hops included whether or not they were added already.
pub(super) fn related(finding: &Diagnostic) -> Vec<Label> {
    if finding.related.iter().any(|label| label.role == Role::Hop) {
        return finding.related.clone();
    }
    finding.hops().chain(finding.related.iter().cloned()).collect()
}

fn related_out<'a>(label: Label, places: &Places<'a>) -> Related<'a> {
    Related { role: label.role.as_str(), message: label.message, location: location(label.span, places) }
}

fn fix<'a>(fix: &'a Fix, places: &Places<'a>) -> FixOut<'a> {
    let edits = fix.edits.iter().map(|edit| EditOut { location: location(edit.span, places), text: &edit.text });
    FixOut { title: &fix.title, applicability: fix.applicability.as_str(), edits: edits.collect() }
}

fn fixed(fixed: &Fixed) -> FixedOut<'_> {
    FixedOut {
        rule: fixed.rule,
        kind: fixed.kind,
        title: &fixed.title,
        applicability: fixed.applicability.as_str(),
        path: &fixed.path,
        line: fixed.line,
    }
}

pub(super) fn problem<'a>(problem: &'a Problem, places: &Places<'a>) -> ProblemOut<'a> {
    let place = match (problem.span, &problem.path) {
        (Some(span), _) => Some(location(span, places)),
        // The file was not read, so the only place in it that exists is its start.
        (None, Some(path)) => {
            Some(Location { path, line: 1, column: 1, end_line: 1, end_column: 1, start_byte: 0, end_byte: 0 })
        }
        (None, None) => None,
    };
    ProblemOut { kind: problem.kind.as_str(), message: &problem.message, location: place }
}

pub(super) fn summary(report: &Report) -> Summary<'_> {
    let mut summary = Summary {
        files: report.files,
        lines: report.lines,
        findings: report.findings.len(),
        suppressed: report.suppressed,
        baselined: report.baselined,
        not_new: report.old.unwrap_or(0),
        stale: report.stale,
        fixable: Fixable::default(),
        by_rule: BTreeMap::new(),
        by_severity: BySeverity::default(),
    };
    for finding in &report.findings {
        *summary.by_rule.entry(finding.rule).or_default() += 1;
        match finding.severity {
            Severity::Error => summary.by_severity.error += 1,
            Severity::Warning => summary.by_severity.warning += 1,
            Severity::Note => summary.by_severity.note += 1,
        }
        match finding.fixable() {
            Some(Applicability::Safe) => summary.fixable.safe += 1,
            Some(Applicability::Unsafe) => summary.fixable.r#unsafe += 1,
            Some(Applicability::Advice) | None => {}
        }
    }
    summary
}

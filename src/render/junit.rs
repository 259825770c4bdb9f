//! `--format junit`: findings as failed tests, for servers that show nothing else.
//!
//! One suite for each file, one case for each finding at or above the given severity; a clean run has one case that passes,
//! because an empty report counts as a broken one. No time and no host is written.

use std::io::{self, Write};

use crate::base::FileId;
use crate::diagnostic::{Diagnostic, Report, Severity};

use super::places::{Columns, Places};
use super::xml::escape;

/// Writes findings as failures and problems as errors.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, min_severity: Severity) -> io::Result<()> {
    let shown: Vec<&Diagnostic> = report.findings.iter().filter(|f| f.severity >= min_severity).collect();
    let (failures, errors) = (shown.len(), report.problems.len());
    let tests = (failures + errors).max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"asynclint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">")?;
    for suite in shown.chunk_by(|a, b| a.primary.file == b.primary.file) {
        suite_of_file(out, suite[0].primary.file, suite, places)?;
    }
    if !report.problems.is_empty() {
        problems(out, report, places)?;
    }
    if failures + errors == 0 {
        writeln!(out, "  <testsuite name=\"asynclint\" tests=\"1\" failures=\"0\" errors=\"0\">")?;
        writeln!(out, "    <testcase classname=\"asynclint\" name=\"nothing found in {} files\"/>", report.files)?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite_of_file(out: &mut dyn Write, file: FileId, findings: &[&Diagnostic], places: &Places<'_>) -> io::Result<()> {
    let path = escape(places.path(file));
    let count = findings.len();
    writeln!(out, "  <testsuite name=\"{path}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\">")?;
    for finding in findings {
        let at = places.region(finding.primary, Columns::CodePoints);
        let name = format!("{} at line {}, column {}", finding.code(), at.line, at.column);
        writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{path}\" line=\"{}\">",
            escape(&finding.function),
            escape(&name),
            at.line
        )?;
        let severity = finding.severity.as_str();
        writeln!(
            out,
            "      <failure type=\"{severity}\" message=\"{}\">{}</failure>",
            escape(&finding.message),
            escape(&details(finding, places))
        )?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// What stands below the message: the place, the chain, notes and helps.
fn details(finding: &Diagnostic, places: &Places<'_>) -> String {
    let place = |span| {
        let at = places.region(span, Columns::CodePoints);
        format!("{}:{}:{}", places.path(finding.primary.file), at.line, at.column)
    };
    let mut lines = vec![place(finding.primary)];
    let hops = finding.chain.iter().filter(|_| finding.chain.len() > 1);
    lines.extend(
        hops.map(|hop| format!("calls `{}` at {}:{}", hop.function, places.path(hop.span.file), places.line(hop.span))),
    );
    lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(finding.helps.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

fn problems(out: &mut dyn Write, report: &Report, places: &Places<'_>) -> io::Result<()> {
    let count = report.problems.len();
    writeln!(out, "  <testsuite name=\"problems\" tests=\"{count}\" failures=\"0\" errors=\"{count}\">")?;
    for problem in &report.problems {
        let path = problem.span.map(|span| places.path(span.file)).or(problem.path.as_deref()).unwrap_or("");
        let kind = problem.kind.as_str();
        writeln!(out, "    <testcase classname=\"problem\" name=\"{kind}\" file=\"{}\">", escape(path))?;
        writeln!(out, "      <error type=\"{kind}\" message=\"{}\"/>", escape(&problem.message))?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

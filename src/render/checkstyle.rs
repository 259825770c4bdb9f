//! `--format checkstyle`: the XML that review tools and older build servers read.
//!
//! Every finding with its severity, file by file. Problems are errors of their file, because the format has no other place.

use std::io::{self, Write};

use crate::diagnostic::{ProblemKind, Report, Severity};

use super::places::{Columns, Places};
use super::xml::escape;

/// An `error` element.
struct Entry {
    line: u32,
    column: u32,
    severity: &'static str,
    message: String,
    source: String,
}

/// Writes every finding and problem.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
    for (path, entries) in by_file(report, places) {
        writeln!(out, "  <file name=\"{}\">", escape(&path))?;
        for entry in entries {
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"{}\"/>",
                entry.line,
                entry.column,
                entry.severity,
                escape(&entry.message),
                escape(&entry.source)
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

/// In the order of the report, files with problems only after the others.
fn by_file(report: &Report, places: &Places<'_>) -> Vec<(String, Vec<Entry>)> {
    let mut files: Vec<(String, Vec<Entry>)> = Vec::new();
    let mut add = |path: &str, entry: Entry| match files.iter_mut().find(|(known, _)| known == path) {
        Some((_, entries)) => entries.push(entry),
        None => files.push((path.to_owned(), vec![entry])),
    };
    for finding in &report.findings {
        let at = places.region(finding.primary, Columns::CodePoints);
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "info",
        };
        let source = format!("asynclint.{}", finding.code());
        let message = match finding.helps.first() {
            Some(help) => format!("{}; help: {help}", finding.message),
            None => finding.message.clone(),
        };
        let entry = Entry { line: at.line, column: at.column, severity, message, source };
        add(places.path(finding.primary.file), entry);
    }
    for problem in &report.problems {
        let severity = if problem.kind == ProblemKind::InternalError { "error" } else { "warning" };
        let at = problem.span.map(|span| places.region(span, Columns::CodePoints));
        let path = problem.span.map(|span| places.path(span.file)).or(problem.path.as_deref()).unwrap_or(".");
        let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
        let source = format!("asynclint.problem.{}", problem.kind.as_str());
        add(path, Entry { line, column, severity, message: problem.message.clone(), source });
    }
    files
}

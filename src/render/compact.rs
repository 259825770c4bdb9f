//! `--format compact`: one line for each finding with its help and its fix, for narrow windows and for programs that read text.
//!
//! No code, no colours. Everything that comes from code is made harmless.

use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Report, Severity};

use super::places::{Columns, Places};
use super::sanitize;
use super::terminal;

/// What the lines need besides the report.
pub struct Options<'a> {
    /// Findings below it are only counted.
    pub min_severity: Severity,
    /// Turns a path relative to the analysis root into one relative to the current directory.
    pub path: &'a dyn Fn(&str) -> String,
}

/// Writes findings, problems and the last line.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    let shown = report.findings.iter().filter(|finding| finding.severity >= options.min_severity);
    for finding in shown {
        writeln!(out, "{}", line(finding, places, options))?;
    }
    for problem in &report.problems {
        let path = problem.span.map(|span| places.path(span.file)).or(problem.path.as_deref());
        let place = path.map_or_else(String::new, |path| format!("{}: ", sanitize::text(&(options.path)(path))));
        writeln!(out, "{place}problem[{}]: {}", problem.kind.as_str(), sanitize::text(&problem.message))?;
    }
    writeln!(out, "{}", terminal::count_line(report, options.min_severity))
}

fn line(finding: &Diagnostic, places: &Places<'_>, options: &Options<'_>) -> String {
    let at = places.region(finding.primary, Columns::CodePoints);
    let path = (options.path)(places.path(finding.primary.file));
    let mut line = format!(
        "{}:{}:{}: {}[{}]: {}",
        sanitize::text(&path),
        at.line,
        at.column,
        finding.severity.as_str(),
        finding.code(),
        sanitize::text(&finding.message)
    );
    if let Some(last) = finding.chain.last().filter(|_| finding.chain.len() > 1) {
        line.push_str(&format!("; through {} calls to `{}`", finding.chain.len(), sanitize::text(&last.function)));
    }
    if let Some(help) = finding.helps.first() {
        line.push_str(&format!("; help: {}", sanitize::text(help)));
    }
    if let Some(fix) = finding.fixes.iter().filter(|fix| !fix.edits.is_empty()).min_by_key(|fix| fix.applicability) {
        line.push_str(&format!("; {} fix: {}", fix.applicability.as_str(), sanitize::text(&fix.title)));
    }
    line
}

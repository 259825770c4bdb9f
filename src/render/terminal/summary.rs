//! What stands below all findings: problems, and one line that counts.

use std::io::{self, Write};

use crate::base::Span;
use crate::diagnostic::{Problem, ProblemKind, Report, Severity};
use crate::render::places::Places;
use crate::render::sanitize;
use crate::render::style::{self, paint};

use super::{Options, place};

/// Problems of one kind that are shown; the rest is counted.
const SHOWN: usize = 10;

pub(super) fn problems(
    out: &mut dyn Write,
    report: &Report,
    places: &Places<'_>,
    options: &Options<'_>,
) -> io::Result<()> {
    for problem in report.problems.iter().take(SHOWN) {
        let look = if problem.kind == ProblemKind::InternalError { Severity::Error } else { Severity::Warning };
        paint(out, style::severity(look).bold(), &format!("problem[{}]", problem.kind.as_str()))?;
        writeln!(out, ": {}{}", where_(problem, places, options), sanitize::text(&problem.message))?;
    }
    let more = report.problems.len().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "... and {more} more problems; `--format json` lists them all")?;
    }
    if !report.problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn where_(problem: &Problem, places: &Places<'_>, options: &Options<'_>) -> String {
    match (problem.span, &problem.path) {
        (Some(span), _) => format!("{}: ", place(Span { ..span }, places, options)),
        (None, Some(path)) => format!("{}: ", sanitize::text(&(options.path)(path))),
        (None, None) => String::new(),
    }
}

/// `2 errors, 1 warning, 3 notes hidden (1 suppressed, 0 in the baseline) in 5 files; 2 with a suggested fix`.
pub(super) fn last_line(out: &mut dyn Write, report: &Report, min_severity: Severity) -> io::Result<()> {
    for (severity, word) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let number = count(report, severity);
        let hidden = if severity < min_severity { " hidden" } else { "" };
        let look = if number > 0 { style::severity(severity).bold() } else { anstyle::Style::new() };
        paint(out, look, &plural(number, word))?;
        write!(out, "{hidden}, ")?;
    }
    let hidden = if min_severity > Severity::Note { " hidden" } else { "" };
    write!(out, "{}{hidden} ", plural(count(report, Severity::Note), "note"))?;
    let old = report.old.map_or_else(String::new, |old| format!(", {old} not new"));
    write!(out, "({} suppressed, {} in the baseline{old}) ", report.suppressed, report.baselined)?;
    let fixable = report.findings.iter().filter(|finding| finding.fixable().is_some()).count();
    writeln!(out, "in {}; {fixable} with a suggested fix", plural(report.files, "file"))
}

fn count(report: &Report, severity: Severity) -> usize {
    report.findings.iter().filter(|finding| finding.severity == severity).count()
}

fn plural(number: usize, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}

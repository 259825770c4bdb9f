//! What stands below all findings: problems, and one line that counts.

use std::io::{self, Write};

use crate::base::Span;
use crate::diagnostic::{Applicability, Fix, Problem, ProblemKind, Report, Severity, Writes};
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
        writeln!(out, "... and {} more; `--format json` lists them all", plural(more, "problem"))?;
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

/// `2 errors, 1 warning, 3 notes hidden in 5 files (1 suppressed); fixable: 2 with --fix`. What there is none of is not named.
pub(super) fn last_line(out: &mut dyn Write, report: &Report, min_severity: Severity) -> io::Result<()> {
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let mut comma = "";
    for (severity, word) in words {
        let number = count(report, severity);
        if number > 0 {
            write!(out, "{comma}")?;
            paint(out, style::severity(severity).bold(), &plural(number, word))?;
            write!(out, "{}", if severity < min_severity { " hidden" } else { "" })?;
            comma = ", ";
        }
    }
    if comma.is_empty() {
        write!(out, "nothing found")?;
    }
    let beside = [
        (report.suppressed, "suppressed"),
        (report.baselined, "in the baseline"),
        (report.old.unwrap_or(0), "not new"),
    ];
    let beside: Vec<String> =
        beside.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    write!(out, " in {}", plural(report.files, "file"))?;
    if !beside.is_empty() {
        write!(out, " ({})", beside.join(", "))?;
    }
    writeln!(out, "{}", fixable(report))
}

/// `; fixable: 2 with --fix, 1 with --fix=all, 3 with asynclint-supervisor`.
fn fixable(report: &Report) -> String {
    let (mut safe, mut all, mut companion) = (0, 0, 0);
    for finding in &report.findings {
        let is_own = |fix: &&Fix| !fix.edits.is_empty() && fix.writes != Writes::Companion;
        match finding.fixable() {
            Some(Applicability::Safe) => safe += 1,
            Some(_) if finding.fixes.iter().any(|fix| is_own(&fix) && fix.applicability == Applicability::Unsafe) => all += 1,
            Some(_) => companion += 1,
            None => {}
        }
    }
    let ways = [(safe, "--fix"), (all, "--fix=all"), (companion, "asynclint-supervisor")];
    let ways: Vec<String> =
        ways.iter().filter(|(number, _)| *number > 0).map(|(number, way)| format!("{number} with {way}")).collect();
    if ways.is_empty() { String::new() } else { format!("; fixable: {}", ways.join(", ")) }
}

fn count(report: &Report, severity: Severity) -> usize {
    report.findings.iter().filter(|finding| finding.severity == severity).count()
}

fn plural(number: usize, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}

//! `--format github`: annotations of a change as workflow commands, and a table for the summary of the step.
//!
//! Whatever comes from code is escaped, so that no name or message can start a command of its own. It never opens a file:
//! where the summary goes is for the command line.

use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Problem, ProblemKind, Report, Severity};

use super::places::{Columns, Places};
use super::sanitize;

/// Annotations of one level that are shown of one step.
const SHOWN: usize = 10;
/// Bytes of the table: a summary may have one mebibyte, and other steps write to it.
const SUMMARY: usize = 400_000;

/// Writes one command for each finding at or above `min_severity`, errors first, and a line that counts.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, min_severity: Severity) -> io::Result<()> {
    let mut counts = [0_usize; 3];
    for finding in by_severity(report, min_severity) {
        counts[finding.severity as usize] += 1;
        writeln!(out, "{}", command(finding, places))?;
    }
    for problem in &report.problems {
        writeln!(out, "{}", problem_command(problem, places))?;
    }
    let hidden: usize = counts.iter().map(|count| count.saturating_sub(SHOWN)).sum();
    write!(out, "asynclint: {}", super::terminal::count_line(report, min_severity))?;
    if hidden > 0 {
        write!(out, "; GitHub shows {SHOWN} of each level beside the code, {hidden} more are only in this log")?;
    }
    writeln!(out)
}

fn by_severity(report: &Report, min_severity: Severity) -> Vec<&Diagnostic> {
    let mut findings: Vec<&Diagnostic> = report.findings.iter().filter(|f| f.severity >= min_severity).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn command(finding: &Diagnostic, places: &Places<'_>) -> String {
    let at = places.region(finding.primary, Columns::CodePoints);
    let mut properties =
        format!("file={},line={},endLine={}", property(places.path(finding.primary.file)), at.line, at.end_line);
    // Columns are read only of an annotation on one line.
    if at.line == at.end_line {
        properties.push_str(&format!(",col={},endColumn={}", at.column, at.end_column));
    }
    let title = property(&format!("asynclint: {}", finding.code()));
    format!("::{} {properties},title={title}::{}", level(finding.severity), data(&text(finding)))
}

/// The message and what belongs to it, a line each.
fn text(finding: &Diagnostic) -> Vec<String> {
    let mut lines = vec![finding.message.clone()];
    if finding.chain.len() > 1 {
        let names: Vec<String> = finding.chain.iter().map(|hop| format!("`{}`", hop.function)).collect();
        lines.push(format!("calls: {}", names.join(" -> ")));
    }
    lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(finding.helps.iter().map(|help| format!("help: {help}")));
    lines
}

fn problem_command(problem: &Problem, places: &Places<'_>) -> String {
    let level = if problem.kind == ProblemKind::InternalError { "error" } else { "warning" };
    let title = format!("title={}", property(&format!("asynclint: {}", problem.kind.as_str())));
    let place = match (problem.span, &problem.path) {
        (Some(span), _) => {
            let at = places.region(span, Columns::CodePoints);
            format!("file={},line={},", property(places.path(span.file)), at.line)
        }
        (None, Some(path)) => format!("file={},", property(path)),
        (None, None) => String::new(),
    };
    format!("::{level} {place}{title}::{}", data(std::slice::from_ref(&problem.message)))
}

/// Lines as the data of a command.
fn data(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| sanitize::text(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A value of a property; the runner turns the escapes back.
fn property(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' => out.push_str("%3A"),
            ',' => out.push_str("%2C"),
            c if sanitize::is_harmful(c) => out.push_str(&sanitize::text(c.encode_utf8(&mut [0; 4]))),
            c => out.push(c),
        }
    }
    out
}

/// The summary of the step: a table in Markdown.
pub fn summary(report: &Report, places: &Places<'_>, min_severity: Severity) -> String {
    let findings = by_severity(report, min_severity);
    let counted = super::terminal::count_line(report, min_severity);
    let mut out = format!("### asynclint\n\n{}\n", markdown(&counted));
    if findings.is_empty() {
        return out;
    }
    out.push_str("\n| | rule | place | what |\n|---|---|---|---|\n");
    for (at, finding) in findings.iter().enumerate() {
        if out.len() > SUMMARY {
            out.push_str(&format!("\n{} more are in the log.\n", findings.len() - at));
            break;
        }
        let place = format!("{}:{}", places.path(finding.primary.file), places.line(finding.primary));
        let cells = [finding.severity.as_str(), &finding.code(), &place, &finding.message];
        out.push_str(&format!("| {} |\n", cells.map(markdown).join(" | ")));
    }
    out
}

/// Text that Markdown and HTML leave as it is.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in sanitize::text(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

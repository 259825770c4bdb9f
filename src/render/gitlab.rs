//! `--format gitlab`: a code quality report for merge requests.
//!
//! An array of issues; each has a fingerprint of its own, because GitLab drops issues whose fingerprints collide.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Report, Severity};

use super::json_text::{self, Layout};
use super::places::{Columns, Places};

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes every finding.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>) -> io::Result<()> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut issues = Vec::with_capacity(report.findings.len());
    for finding in &report.findings {
        let count = seen.entry(&finding.fingerprint).or_default();
        *count += 1;
        issues.push(issue(finding, *count, places));
    }
    json_text::write(out, &issues, Layout::Pretty)
}

fn issue<'a>(finding: &'a Diagnostic, count: usize, places: &Places<'a>) -> Issue<'a> {
    let at = places.region(finding.primary, Columns::CodePoints);
    let fingerprint = match count {
        1 => finding.fingerprint.clone(),
        _ => format!("{}.{count}", finding.fingerprint),
    };
    let help = finding.helps.first().map_or_else(String::new, |help| format!(" (help: {help})"));
    Issue {
        description: format!("{}{help}", finding.message),
        check_name: finding.code(),
        fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        },
        location: Location {
            path: places.path(finding.primary.file),
            lines: Lines { begin: at.line, end: at.end_line },
        },
    }
}

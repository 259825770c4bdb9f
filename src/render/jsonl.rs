//! `--format jsonl`: the JSON of schema version 1, one value on each line, told apart by `type`.
//!
//! Findings first, then problems, then one summary. The values are those of `--format json`.

use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostic::Report;

use super::json::{self, Finding, ProblemOut, Summary};
use super::json_text::{self, Layout};
use super::places::Places;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Finding(Finding<'a>),
    Problem(ProblemOut<'a>),
    Summary(End<'a>),
}

#[derive(Serialize)]
struct End<'a> {
    schema_version: u32,
    #[serde(flatten)]
    summary: Summary<'a>,
}

/// Writes the report.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>) -> io::Result<()> {
    let findings = report.findings.iter().map(|finding| Line::Finding(json::finding(finding, places)));
    let problems = report.problems.iter().map(|problem| Line::Problem(json::problem(problem, places)));
    let end = End { schema_version: json::SCHEMA_VERSION, summary: json::summary(report) };
    let mut lines = findings.chain(problems).chain([Line::Summary(end)]);
    lines.try_for_each(|line| json_text::write(&mut *out, &line, Layout::Line))
}

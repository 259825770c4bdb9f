//! `--format rustc-json`: each finding as the compiler would say it, so that an editor shows it beside the compiler's own.
//!
//! Bare diagnostics of rustc's JSON, one on each line; a suggested fix is a child with replacements, which editors offer as a
//! quick fix. Paths are relative to the current directory, as the compiler's are: editors start the command in the workspace.

use std::io::{self, Write};

use serde::Serialize;

use crate::base::Span;
use crate::diagnostic::{Applicability, Diagnostic, Fix, Report, Severity};

use super::json::related;
use super::json_text::{self, Layout};
use super::places::{Columns, Places, floor_boundary};
use super::terminal;

/// What the diagnostics need besides the report.
pub struct Options<'a> {
    /// Findings below it are left out.
    pub min_severity: Severity,
    /// Turns a path relative to the analysis root into one relative to the current directory.
    pub path: &'a dyn Fn(&str) -> String,
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "$message_type")]
    message_type: &'static str,
    message: &'a str,
    code: Option<Code>,
    level: &'static str,
    spans: Vec<SpanOut>,
    children: Vec<Child<'a>>,
    rendered: Option<String>,
}

#[derive(Serialize)]
struct Child<'a> {
    message: &'a str,
    code: Option<Code>,
    level: &'static str,
    spans: Vec<SpanOut>,
    children: [(); 0],
    rendered: Option<String>,
}

#[derive(Serialize)]
struct Code {
    code: String,
    explanation: Option<String>,
}

#[derive(Serialize)]
struct SpanOut {
    file_name: String,
    byte_start: u32,
    byte_end: u32,
    line_start: u32,
    line_end: u32,
    column_start: u32,
    column_end: u32,
    is_primary: bool,
    text: Vec<Line>,
    label: Option<String>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<&'static str>,
    expansion: Option<()>,
}

#[derive(Serialize)]
struct Line {
    text: String,
    highlight_start: u32,
    highlight_end: u32,
}

/// Writes the findings; problems have no place among the compiler's messages.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    let writer = Writer { places, options };
    for finding in report.findings.iter().filter(|f| f.severity >= options.min_severity) {
        json_text::write(&mut *out, &writer.message(finding)?, Layout::Line)?;
    }
    Ok(())
}

struct Writer<'a, 'p> {
    places: &'a Places<'p>,
    options: &'a Options<'a>,
}

impl Writer<'_, '_> {
    fn message<'f>(&self, finding: &'f Diagnostic) -> io::Result<Message<'f>> {
        let label = Some(finding.primary_label.clone()).filter(|label| !label.is_empty());
        let mut spans = vec![SpanOut { is_primary: true, ..self.span(finding.primary, label) }];
        spans.extend(related(finding).into_iter().map(|label| self.span(label.span, Some(label.message))));
        let remarks = finding.notes.iter().map(|note| ("note", note));
        let remarks = remarks.chain(finding.helps.iter().map(|help| ("help", help)));
        let children = remarks.map(|(level, text)| child(level, text, Vec::new()));
        Ok(Message {
            message_type: "diagnostic",
            message: &finding.message,
            code: Some(Code { code: format!("asynclint::{}", finding.rule), explanation: None }),
            level: finding.severity.as_str(),
            spans,
            children: children.chain(finding.fixes.iter().filter_map(|fix| self.fix(fix))).collect(),
            rendered: Some(self.rendered(finding)?),
        })
    }

    fn fix<'f>(&self, fix: &'f Fix) -> Option<Child<'f>> {
        let applicability = match fix.applicability {
            Applicability::Safe => "MachineApplicable",
            Applicability::Unsafe => "MaybeIncorrect",
            Applicability::Advice => return None,
        };
        let replacements = fix.edits.iter().map(|edit| SpanOut {
            is_primary: true,
            suggested_replacement: Some(edit.text.clone()),
            suggestion_applicability: Some(applicability),
            ..self.span(edit.span, None)
        });
        let spans: Vec<_> = replacements.collect();
        (!spans.is_empty()).then(|| child("help", &fix.title, spans))
    }

    fn rendered(&self, finding: &Diagnostic) -> io::Result<String> {
        let options = terminal::Options {
            detail: terminal::Detail::Rich,
            min_severity: Severity::Note,
            path: self.options.path,
            links: false,
            width: None,
        };
        let mut bytes = Vec::new();
        terminal::finding(&mut bytes, finding, self.places, &options)?;
        Ok(anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string())
    }

    fn span(&self, span: Span, label: Option<String>) -> SpanOut {
        let at = self.places.region(span, Columns::CodePoints);
        SpanOut {
            file_name: (self.options.path)(self.places.path(span.file)),
            byte_start: span.start,
            byte_end: span.end.max(span.start),
            line_start: at.line,
            line_end: at.end_line,
            column_start: at.column,
            column_end: at.end_column,
            is_primary: false,
            text: self.lines(span),
            label,
            suggested_replacement: None,
            suggestion_applicability: None,
            expansion: None,
        }
    }

    /// Every line that the span touches: editors count columns in them.
    fn lines(&self, span: Span) -> Vec<Line> {
        let Some(lines) = self.places.lines(span.file) else { return Vec::new() };
        let text = self.places.text(span.file);
        let at = self.places.region(span, Columns::CodePoints);
        let last = lines.line_of(floor_boundary(text, span.end.max(span.start)));
        let first = lines.line_of(floor_boundary(text, span.start));
        let line = |number: usize| {
            let content = text.get(lines.range_of(number, text)).unwrap_or("").trim_end_matches(['\n', '\r']);
            let content = if number == 0 { content.strip_prefix('\u{feff}').unwrap_or(content) } else { content };
            let width = content.chars().count() as u32 + 1;
            Line {
                highlight_start: if number == first { at.column } else { 1 },
                highlight_end: if number == last { at.end_column } else { width },
                text: content.to_owned(),
            }
        };
        (first..=last).map(line).collect()
    }
}

const fn child<'a>(level: &'static str, message: &'a str, spans: Vec<SpanOut>) -> Child<'a> {
    Child { message, code: None, level, spans, children: [], rendered: None }
}

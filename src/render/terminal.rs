//! What people read: each finding with its code, its chain and a suggested fix, and a last line that counts.
//!
//! codespan draws the code; notes, helps and the diff below it are drawn here, because it cannot colour them.
//! Colours are always written: the writer at the edge strips them. Nothing is printed that a terminal would obey.

use std::io::{self, Write};

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::term;

use crate::base::{FileId, Span};
use crate::diagnostic::{Confidence, Diagnostic, Report, Role, Severity};

use super::places::{Columns, Places};
use super::sanitize;
use super::style::{self, Painted, paint};
use super::view::{self, View};

mod group;
mod link;
mod summary;
mod trailer;

/// How much of a finding is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Code, chain, notes, helps, a diff.
    Rich,
    /// One line.
    Short,
}

/// What the terminal output needs besides the report.
pub struct Options<'a> {
    /// How much.
    pub detail: Detail,
    /// Findings below it are only counted.
    pub min_severity: Severity,
    /// Turns a path relative to the analysis root into one relative to the current directory.
    pub path: &'a dyn Fn(&str) -> String,
    /// The terminal shows links (OSC 8): names of rules lead to their pages.
    pub links: bool,
    /// Columns of the terminal; `None` where no terminal reads the output.
    pub width: Option<usize>,
}

/// Columns that a gutter with line numbers takes.
const GUTTER: usize = 8;

impl Options<'_> {
    /// Columns for something that takes at most `most`; what is narrower than a few words helps nobody.
    fn columns(&self, most: usize, before: usize) -> usize {
        self.width.map_or(most, |width| width.saturating_sub(before).clamp(40.min(most), most))
    }
}

/// Writes findings, problems and the last line.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    findings(out, report, places, options)?;
    end(out, report, places, options)
}

/// Writes problems and the last line.
pub fn end(out: &mut dyn Write, report: &Report, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    summary::problems(out, report, places, options)?;
    summary::last_line(out, report, options.min_severity)
}

/// Writes the findings that are loud enough, those that end in the same call together.
pub fn findings(out: &mut dyn Write, report: &Report, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    let shown: Vec<&Diagnostic> = report.findings.iter().filter(|f| f.severity >= options.min_severity).collect();
    match options.detail {
        Detail::Short => shown.iter().try_for_each(|finding| short(out, finding, places, options)),
        Detail::Rich => group::by_last_call(&shown).iter().try_for_each(|group| rich(out, group, places, options)),
    }
}

/// Writes one finding, whatever its severity.
pub fn finding(
    out: &mut dyn Write,
    finding: &Diagnostic,
    places: &Places<'_>,
    options: &Options<'_>,
) -> io::Result<()> {
    match options.detail {
        Detail::Short => short(out, finding, places, options),
        Detail::Rich => rich(out, &group::Group { first: finding, others: Vec::new() }, places, options),
    }
}

/// The last line without colours.
pub(super) fn count_line(report: &Report, min_severity: Severity) -> String {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = summary::last_line(&mut bytes, report, min_severity);
    anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string().trim_end().to_owned()
}

fn short(out: &mut dyn Write, finding: &Diagnostic, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    write!(out, "{}: ", place(finding.primary, places, options))?;
    let level = finding.severity;
    paint(out, style::severity(level).bold(), &format!("{}[{}]", level.as_str(), link::code(finding, options)))?;
    writeln!(out, ": {}", sanitize::text(&finding.message))
}

/// `src/a.rs:3:5`, harmless.
fn place(span: Span, places: &Places<'_>, options: &Options<'_>) -> String {
    let at = places.region(span, Columns::CodePoints);
    format!("{}:{}:{}", shown_path(span.file, places, options), at.line, at.column)
}

fn shown_path(file: FileId, places: &Places<'_>, options: &Options<'_>) -> String {
    sanitize::text(&(options.path)(places.path(file))).into_owned()
}

fn rich(out: &mut dyn Write, group: &group::Group<'_>, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    let finding = group.first;
    let labels = labels(finding);
    let spans: Vec<Span> = labels.iter().map(|label| label.span).collect();
    let width = options.columns(view::WIDTH, GUTTER);
    let view = View::new(places, &spans, width, &|file| shown_path(file, places, options));
    let mut block = codespan::Diagnostic::new(severity(finding.severity))
        .with_code(finding.code())
        .with_message(sanitize::text(&finding.message));
    for label in &labels {
        let Some((file, range)) = view.label(places, label.span) else { continue };
        block.labels.push(codespan::Label::new(label.style, file, range).with_message(sanitize::text(&label.message)));
    }
    let mut painted = Painted::default();
    let config = term::Config::default();
    term::emit_to_write_style(&mut painted, &config, &view, &block).map_err(io::Error::other)?;
    let block = painted.bytes.trim_ascii_end();
    match options.links {
        true => out.write_all(&link::in_header(block, finding))?,
        false => out.write_all(block)?,
    }
    writeln!(out)?;
    let widest = spans.iter().map(|span| places.line(*span)).max().unwrap_or(1);
    trailer::write(out, group, widest, places, options)?;
    writeln!(out)
}

const fn severity(severity: Severity) -> codespan::Severity {
    match severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
        Severity::Note => codespan::Severity::Note,
    }
}

/// A label as it is drawn.
struct Drawn {
    span: Span,
    style: codespan::LabelStyle,
    message: String,
}

/// The primary label, the hops with their numbers, then the others. Long chains lose their middle.
fn labels(finding: &Diagnostic) -> Vec<Drawn> {
    let hops = finding.chain.len();
    let numbered = |index: usize, name: &str| match hops {
        0 | 1 => String::new(),
        _ if index + 1 == hops => format!("{}: calls `{name}`", index + 1),
        _ => format!("{}: calls `{}`", index + 1, short_name(name)),
    };
    let first = finding.chain.first().map_or(String::new(), |hop| numbered(0, &hop.function));
    let parts: Vec<&str> = [finding.primary_label.as_str(), &first].into_iter().filter(|p| !p.is_empty()).collect();
    let primary = Drawn { span: finding.primary, style: codespan::LabelStyle::Primary, message: parts.join("; ") };
    let mut drawn = vec![primary];
    for (index, hop) in finding.chain.iter().enumerate().skip(1) {
        if trailer::is_hidden_hop(index, hops) {
            continue;
        }
        let message = numbered(index, &hop.function);
        drawn.push(Drawn { span: hop.span, style: codespan::LabelStyle::Secondary, message });
    }
    let others = finding.related.iter().filter(|label| label.role != Role::Hop);
    drawn.extend(others.map(|label| Drawn {
        span: label.span,
        style: codespan::LabelStyle::Secondary,
        message: label.message.clone(),
    }));
    drawn
}

/// `load` of `app::report::load`, `Store::load` of `app::store::Store::load`.
fn short_name(path: &str) -> &str {
    let Some((before, name)) = path.rsplit_once("::") else { return path };
    let owner = before.rsplit_once("::").map_or(before, |(_, owner)| owner);
    match owner.chars().next() {
        Some(first) if first.is_uppercase() => &path[path.len() - name.len() - 2 - owner.len()..],
        Some(_) | None => name,
    }
}

/// A remark on findings that rest on a name.
const fn remark(confidence: Confidence) -> Option<&'static str> {
    match confidence {
        Confidence::Certain => None,
        Confidence::Likely => Some("likely, not certain: a step rests on a name from a closed list"),
    }
}

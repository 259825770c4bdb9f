//! `--format sarif`: one run in SARIF 2.1.0, as code scanning wants it.
//!
//! Made from the same values as the JSON. Paths are relative to the analysis root, columns count UTF-16 units; no time, host or
//! absolute path is written. Suppressed findings are left out unless asked for, because code scanning would open them as alerts.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::base::{FileId, Span};
use crate::diagnostic::{Answer, Applicability, Diagnostic, Fix, Problem, ProblemKind, Report, Severity, Silenced};

use super::json::related;
use super::json_text::{self, Layout};
use super::places::{Columns, Places};

mod driver;
pub mod line_hash;
mod markup;
mod wire;

/// Limits of the service that reads the file.
#[derive(Clone, Debug)]
pub struct Options {
    /// Results written; the rest is counted in a notification.
    pub max_results: usize,
    /// Steps written of one chain.
    pub max_steps: usize,
    /// Related locations written of one result.
    pub max_related: usize,
    /// Bytes of the log before fixes and flows are left out.
    pub max_bytes: usize,
    /// Tells analyses of one commit apart.
    pub category: Option<String>,
    /// Write findings that a directive or a baseline answers, marked as suppressed.
    pub suppressed: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_results: 5000,
            max_steps: 1000,
            max_related: 99,
            max_bytes: 45_000_000,
            category: None,
            suppressed: false,
        }
    }
}

/// Links in a message, so that it stays readable.
const LINKS: usize = 3;

/// What is left out, so that the log is not refused.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// Results written at most.
    results: usize,
    /// Without fixes and flows.
    lean: bool,
}

/// Writes the report.
pub fn write(out: &mut dyn Write, report: &Report, places: &Places<'_>, options: &Options) -> io::Result<()> {
    let mut cut = Cut { results: options.max_results, lean: false };
    loop {
        let mut bytes = Vec::new();
        json_text::write(&mut bytes, &log(report, places, options, cut), Layout::Pretty)?;
        if bytes.len() <= options.max_bytes || cut.results == 0 {
            return out.write_all(&bytes);
        }
        cut = if cut.lean {
            Cut { results: cut.results.min(report.findings.len()) / 2, ..cut }
        } else {
            Cut { lean: true, ..cut }
        };
    }
}

fn log(report: &Report, places: &Places<'_>, options: &Options, cut: Cut) -> wire::Log {
    let merged = merge(report, places);
    let (kept, left_out) = loudest(&merged, cut.results);
    let mut writer = Writer { places, options, cut, hashes: BTreeMap::new() };
    let mut results: Vec<_> = kept.iter().map(|group| writer.result(group)).collect();
    if options.suppressed {
        results.extend(report.silenced.iter().map(|silenced| writer.silenced(silenced)));
    }
    let failed = report.problems.iter().any(|problem| problem.kind == ProblemKind::InternalError);
    wire::Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [wire::Run {
            tool: wire::Tool { driver: driver::driver() },
            automation_details: wire::AutomationDetails { id: automation_id(options) },
            column_kind: "utf16CodeUnits",
            invocations: [wire::Invocation {
                execution_successful: !failed,
                tool_execution_notifications: notifications(report, places, left_out, cut),
            }],
            results,
        }],
    }
}

/// What stands before the last `/` is the category.
fn automation_id(options: &Options) -> String {
    let category = options.category.as_deref().unwrap_or("").trim_matches('/');
    if category.is_empty() { "asynclint/".to_owned() } else { format!("asynclint/{category}/") }
}

fn notifications(report: &Report, places: &Places<'_>, left_out: usize, cut: Cut) -> Vec<wire::Notification> {
    let mut notifications: Vec<_> = report.problems.iter().map(|problem| notification(problem, places)).collect();
    if left_out > 0 {
        let text = format!("{left_out} more results are left out: code scanning shows at most {}", cut.results);
        notifications.push(wire::Notification::new("left-out", "note", text));
    }
    if cut.lean {
        let text = "fixes and code flows are left out: code scanning would refuse a log of that size".to_owned();
        notifications.push(wire::Notification::new("lean", "note", text));
    }
    if report.stale > 0 {
        let text = format!("{} findings of the baseline are gone: `asynclint baseline prune`", report.stale);
        notifications.push(wire::Notification::new("stale-baseline", "note", text));
    }
    notifications
}

/// Findings of one rule that start on one line: code scanning sees them as one alert.
struct Merged<'a> {
    first: &'a Diagnostic,
    others: Vec<&'a Diagnostic>,
}

impl Merged<'_> {
    fn severity(&self) -> Severity {
        self.others.iter().map(|other| other.severity).fold(self.first.severity, Severity::max)
    }
}

fn merge<'a>(report: &'a Report, places: &Places<'_>) -> Vec<Merged<'a>> {
    let mut merged: Vec<Merged<'a>> = Vec::new();
    let mut seen: BTreeMap<(&str, FileId, u32), usize> = BTreeMap::new();
    for finding in &report.findings {
        let key = (finding.rule, finding.primary.file, places.line(finding.primary));
        match seen.get(&key).copied() {
            Some(at) => merged[at].others.push(finding),
            None => {
                seen.insert(key, merged.len());
                merged.push(Merged { first: finding, others: Vec::new() });
            }
        }
    }
    merged
}

/// The results of highest severity, then of the most precise rules, in the order of the report, and how many are left out.
fn loudest<'m, 'a>(merged: &'m [Merged<'a>], limit: usize) -> (Vec<&'m Merged<'a>>, usize) {
    let mut order: Vec<usize> = (0..merged.len()).collect();
    order.sort_by_key(|at| {
        let (group, first) = (&merged[*at], merged[*at].first);
        (Reverse((group.severity(), driver::rank(first.rule), first.confidence)), *at)
    });
    order.truncate(limit);
    order.sort_unstable();
    let left_out = merged.len() - order.len();
    (order.into_iter().map(|at| &merged[at]).collect(), left_out)
}

struct Writer<'a, 'p> {
    places: &'a Places<'p>,
    options: &'a Options,
    cut: Cut,
    hashes: BTreeMap<FileId, Vec<String>>,
}

impl Writer<'_, '_> {
    fn result(&mut self, merged: &Merged<'_>) -> wire::ResultOut {
        let finding = merged.first;
        let mut labels: Vec<(Span, String)> =
            related(finding).into_iter().map(|label| (label.span, label.message)).collect();
        labels.extend(merged.others.iter().map(|other| (other.primary, format!("also here: {}", other.message))));
        labels.truncate(self.options.max_related);
        let links = labels.len().min(LINKS);
        let related = labels.into_iter().enumerate().map(|(index, (span, message))| wire::Location {
            id: Some(index + 1),
            ..self.location(span, Some(&message))
        });
        wire::ResultOut {
            rule_id: finding.rule,
            rule_index: driver::index(finding.rule),
            level: merged.severity().as_str(),
            message: wire::Message {
                text: markup::text(finding, links),
                markdown: Some(markup::markdown(finding, links)),
            },
            related_locations: related.collect(),
            locations: [self.location(finding.primary, Some(&finding.primary_label).filter(|l| !l.is_empty()))],
            partial_fingerprints: wire::Fingerprints {
                line_hash: self.line_hash(finding.primary),
                own: finding.fingerprint.clone(),
            },
            code_flows: self.code_flows(finding),
            fixes: finding.fixes.iter().filter(|_| !self.cut.lean).filter_map(|fix| self.fix(fix)).collect(),
            suppressions: Vec::new(),
            properties: wire::ResultProperties {
                kind: finding.kind,
                confidence: finding.confidence.as_str(),
                in_test: finding.in_test,
                function: finding.function.clone(),
                package: finding.package.clone(),
            },
        }
    }

    fn silenced(&mut self, silenced: &Silenced) -> wire::ResultOut {
        let alone = Merged { first: &silenced.finding, others: Vec::new() };
        let (kind, justification) = match &silenced.by {
            Answer::Directive(reason) => ("inSource", reason.clone()),
            Answer::Baseline => ("external", None),
        };
        let suppression = wire::Suppression { kind, status: "accepted", justification };
        wire::ResultOut { suppressions: vec![suppression], ..self.result(&alone) }
    }

    fn line_hash(&mut self, span: Span) -> String {
        let places = self.places;
        let hashes = self.hashes.entry(span.file).or_insert_with(|| line_hash::of_lines(places.text(span.file)));
        hashes.get(places.line(span) as usize - 1).cloned().unwrap_or_default()
    }

    fn location(&self, span: Span, message: Option<&String>) -> wire::Location {
        location(span, message.map(String::as_str), self.places)
    }

    fn code_flows(&self, finding: &Diagnostic) -> Vec<wire::CodeFlow> {
        let steps = finding.chain.iter().filter(|_| !self.cut.lean).take(self.options.max_steps);
        let locations: Vec<_> = steps
            .map(|hop| wire::FlowLocation {
                location: self.location(hop.span, Some(&format!("calls `{}`", hop.function))),
            })
            .collect();
        if locations.is_empty() {
            return Vec::new();
        }
        vec![wire::CodeFlow { thread_flows: [wire::ThreadFlow { locations }] }]
    }

    fn fix(&self, fix: &Fix) -> Option<wire::FixOut> {
        match fix.applicability {
            Applicability::Safe | Applicability::Unsafe => {}
            Applicability::Advice => return None,
        }
        let mut changes: Vec<(FileId, Vec<wire::Replacement>)> = Vec::new();
        for edit in &fix.edits {
            let replacement = wire::Replacement {
                deleted_region: self.places.region(edit.span, Columns::Utf16).into(),
                inserted_content: wire::Content { text: edit.text.clone() },
            };
            match changes.iter_mut().find(|(file, _)| *file == edit.span.file) {
                Some((_, replacements)) => replacements.push(replacement),
                None => changes.push((edit.span.file, vec![replacement])),
            }
        }
        let changes = changes.into_iter().map(|(file, replacements)| wire::ArtifactChange {
            artifact_location: artifact(&self.places.path_bytes(file)),
            replacements,
        });
        let artifact_changes: Vec<_> = changes.collect();
        if artifact_changes.is_empty() {
            return None;
        }
        Some(wire::FixOut { description: wire::Message::plain(markup::escape(&fix.title)), artifact_changes })
    }
}

fn location(span: Span, message: Option<&str>, places: &Places<'_>) -> wire::Location {
    wire::Location {
        id: None,
        physical_location: wire::PhysicalLocation {
            artifact_location: artifact(&places.path_bytes(span.file)),
            region: places.region(span, Columns::Utf16).into(),
        },
        message: message.filter(|text| !text.is_empty()).map(|text| wire::Message::plain(markup::escape(text))),
    }
}

fn artifact(path: &[u8]) -> wire::ArtifactLocation {
    wire::ArtifactLocation { uri: percent_encoded(path), uri_base_id: "%SRCROOT%" }
}

/// A relative URI of the bytes of a path.
fn percent_encoded(path: &[u8]) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

fn notification(problem: &Problem, places: &Places<'_>) -> wire::Notification {
    let level = if problem.kind == ProblemKind::InternalError { "error" } else { "warning" };
    let mut out = wire::Notification::new(problem.kind.as_str(), level, markup::escape(&problem.message));
    match (problem.span, &problem.path) {
        (Some(span), _) => out.locations.push(location(span, None, places)),
        (None, Some(path)) => out.locations.push(wire::Location {
            id: None,
            physical_location: wire::PhysicalLocation {
                artifact_location: artifact(path.as_bytes()),
                region: wire::Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 },
            },
            message: None,
        }),
        (None, None) => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn paths_become_relative_uris() {
        assert_eq!(percent_encoded(b"src/a b#c%.rs"), "src/a%20b%23c%25.rs");
        assert_eq!(percent_encoded("c:é.rs".as_bytes()), "c%3A%C3%A9.rs");
        assert_eq!(percent_encoded(b"\xff\n::error"), "%FF%0A%3A%3Aerror");
    }
}

//! `--statistics`: how many findings by rule, file and crate, and what to mend first.
//!
//! Counts a report; a finding is neither shown nor judged here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::base::Span;
use crate::diagnostic::{Diagnostic, Report, Severity};

use super::places::Places;
use super::sanitize;
use super::style::{self, paint};

/// Rows of a table that are printed; JSON has all.
const ROWS: usize = 10;
/// Helpers that are named.
const HELPERS: usize = 5;

/// Findings by severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Count {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Count {
    const fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => self.notes += 1,
        }
    }
}

type Table = Vec<(String, Count)>;

/// A function of the workspace through which chains of several findings run.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Helper {
    function: String,
    /// Findings that go when it is mended and those named before it are.
    findings: usize,
    /// What it reaches.
    reaches: String,
    /// The call in it.
    call: Span,
}

/// The figures of a report.
#[derive(Clone, Debug)]
pub struct Statistics {
    rules: Table,
    files: Table,
    crates: Table,
    helpers: Vec<Helper>,
}

impl Statistics {
    /// Counts.
    pub fn new(report: &Report, places: &Places<'_>) -> Self {
        Self {
            rules: table(report, |finding| finding.rule),
            files: table(report, |finding| places.path(finding.primary.file)),
            crates: table(report, |finding| &finding.package),
            helpers: helpers(&report.findings),
        }
    }

    /// Tables for people; `path` turns a path of the analysis root into one that is shown.
    pub fn write(&self, out: &mut dyn Write, places: &Places<'_>, path: &dyn Fn(&str) -> String) -> io::Result<()> {
        rows(out, "rule", &self.rules, &|name| name.to_owned())?;
        rows(out, "file", &self.files, path)?;
        if !self.helpers.is_empty() {
            paint(out, style::BOLD, "mend these functions first")?;
            writeln!(out)?;
            for helper in &self.helpers {
                let place = format!("{}:{}", path(places.path(helper.call.file)), places.line(helper.call));
                let line = format!(
                    "{:>3} findings  `{}` calls `{}` at {place}",
                    helper.findings, helper.function, helper.reaches
                );
                writeln!(out, "  {}", sanitize::text(&line))?;
            }
            writeln!(out)?;
        }
        rows(out, "crate", &self.crates, &|name| {
            if name.is_empty() { "(no package)".to_owned() } else { name.to_owned() }
        })
    }

    /// The same for programs, every row.
    pub fn json(&self, places: &Places<'_>) -> Value {
        let table = |rows: &Table, key: &str| -> Vec<Value> {
            let row = |(name, count): &(String, Count)| json!({ key: name, "errors": count.errors, "warnings": count.warnings, "notes": count.notes });
            rows.iter().map(row).collect()
        };
        let helper = |helper: &Helper| {
            json!({
                "function": helper.function,
                "findings": helper.findings,
                "calls": helper.reaches,
                "path": places.path(helper.call.file),
                "line": places.line(helper.call),
            })
        };
        json!({
            "rules": table(&self.rules, "rule"),
            "files": table(&self.files, "path"),
            "helpers": self.helpers.iter().map(helper).collect::<Vec<_>>(),
            "crates": table(&self.crates, "package"),
        })
    }
}

/// Most errors first, then most warnings, then most notes, then by name.
fn table<'r>(report: &'r Report, key: impl Fn(&'r Diagnostic) -> &'r str) -> Table {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for finding in &report.findings {
        counts.entry(key(finding)).or_default().add(finding.severity);
    }
    let mut rows: Table = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    let loudness = |count: &Count| (count.errors, count.warnings, count.notes);
    rows.sort_by(|a, b| loudness(&b.1).cmp(&loudness(&a.1)).then_with(|| a.0.cmp(&b.0)));
    rows
}

/// The functions whose mending takes away most findings: again and again the one with most findings that are left, and of
/// several with as many the one nearest to the call that does the harm.
fn helpers(findings: &[Diagnostic]) -> Vec<Helper> {
    let mut through: BTreeMap<&str, Through<'_>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let steps = finding.chain.windows(2).enumerate();
        for (at, step) in steps {
            let [helper, call] = step else { continue };
            let distance = finding.chain.len() - at;
            let entry = through.entry(&helper.function).or_insert_with(|| Through {
                findings: BTreeSet::new(),
                distance,
                reaches: &call.function,
                call: call.span,
            });
            entry.findings.insert(number);
            if distance < entry.distance {
                *entry = Through {
                    findings: std::mem::take(&mut entry.findings),
                    distance,
                    reaches: &call.function,
                    call: call.span,
                };
            }
        }
    }
    let mut chosen = Vec::new();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    while chosen.len() < HELPERS {
        let left = |t: &Through<'_>| t.findings.difference(&gone).count();
        let best = through.iter().max_by(|(a, s), (b, t)| {
            left(s).cmp(&left(t)).then_with(|| t.distance.cmp(&s.distance)).then_with(|| b.cmp(a))
        });
        let Some((function, best)) = best.filter(|(_, best)| left(best) > 1) else { break };
        chosen.push(Helper {
            function: (*function).to_owned(),
            findings: left(best),
            reaches: best.reaches.to_owned(),
            call: best.call,
        });
        gone.extend(&best.findings);
    }
    chosen
}

/// What runs through one function.
struct Through<'f> {
    findings: BTreeSet<usize>,
    /// Calls to the end of the chain, at least.
    distance: usize,
    reaches: &'f str,
    call: Span,
}

fn rows(out: &mut dyn Write, title: &str, table: &Table, name: &dyn Fn(&str) -> String) -> io::Result<()> {
    paint(out, style::BOLD, &format!("{:>8} {:>8} {:>8}  by {title}", "errors", "warnings", "notes"))?;
    writeln!(out)?;
    for (key, count) in table.iter().take(ROWS) {
        let name = name(key);
        writeln!(out, "{:>8} {:>8} {:>8}  {}", count.errors, count.warnings, count.notes, sanitize::text(&name))?;
    }
    let more = table.len().saturating_sub(ROWS);
    if more > 0 {
        writeln!(out, "{:>26}  and {more} more; `--format json` lists them all", "")?;
    }
    writeln!(out)
}

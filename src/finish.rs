//! From what the rules found to a report: merged, named, levelled, suppressed, filtered and sorted, in this order.
//!
//! Everything between the rules and the renderers. Pure: the same findings give the same report, in whatever order they came.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::{FileId, SourceMap, Span};
use crate::diagnostic::{Answer, Confidence, Diagnostic, Problem, Report, Role, Silenced};
use crate::fingerprint;
use crate::levels::Levels;
use crate::rules::page;
use crate::suppress::{Found, Suppressions, Where};

/// What finishing needs to know.
pub struct Context<'a> {
    /// The texts.
    pub sources: &'a dyn SourceMap,
    /// Directives and attributes of every file whose facts were used.
    pub suppressions: &'a Suppressions<'a>,
    /// What is reported, and how loudly.
    pub levels: &'a Levels,
    /// Findings below it are left out.
    pub min_confidence: Confidence,
    /// Function, package and test code of a place.
    pub locate: &'a dyn Fn(Span) -> Where,
    /// False for places that were read but not asked for: other paths, other packages, excluded and generated files.
    pub is_asked: &'a dyn Fn(Span) -> bool,
}

/// Turns raw findings into a report. `severity` of a raw finding is the highest one that its context admits.
pub fn report(raw: Vec<Diagnostic>, mut problems: Vec<Problem>, cx: &Context<'_>) -> Report {
    let mut all = unique(raw, cx.sources);
    name(&mut all, cx);
    let all = without_yielding(levelled(all, cx));
    let (answered, open): (Vec<_>, Vec<_>) = all.into_iter().partition(|finding| cx.suppressions.answers(finding));
    let mut silenced = silenced(answered, cx);
    let mut meta = unique(about_directives(cx), cx.sources);
    name(&mut meta, cx);
    let (answered, meta): (Vec<_>, Vec<_>) = meta.into_iter().partition(|finding| cx.suppressions.answers(finding));
    silenced.extend(self::silenced(answered, cx));
    let mut findings: Vec<_> = open.into_iter().chain(meta).filter(|finding| is_reported(finding, cx)).collect();
    for finding in findings.iter_mut().chain(silenced.iter_mut().map(|silenced| &mut silenced.finding)) {
        if !finding.related.iter().any(|label| label.role == Role::Hop) {
            let hops: Vec<_> = finding.hops().collect();
            finding.related.splice(0..0, hops);
        }
    }
    sort(&mut findings, cx.sources);
    silenced.sort_by(|a, b| by_place(&a.finding, &b.finding, cx.sources));
    problems.sort_by(|a, b| {
        (problem_path(a, cx), a.span, a.kind, &a.message).cmp(&(problem_path(b, cx), b.span, b.kind, &b.message))
    });
    problems.dedup();
    let found = Found { levels: cx.levels, sources: cx.sources, locate: cx.locate };
    let mut suppressions = cx.suppressions.list(&found);
    suppressions.retain(|suppression| (cx.is_asked)(suppression.span));
    suppressions.sort_by_key(|suppression| (cx.sources.path_bytes(suppression.span.file), suppression.span));
    Report { findings, problems, suppressed: silenced.len(), silenced, suppressions, ..Report::default() }
}

fn problem_path<'a>(problem: &'a Problem, cx: &Context<'a>) -> &'a str {
    problem.span.map(|span| cx.sources.path(span.file)).or(problem.path.as_deref()).unwrap_or("")
}

/// By path bytes, place, rule, kind and message.
fn sort(findings: &mut [Diagnostic], sources: &dyn SourceMap) {
    findings.sort_by(|a, b| by_place(a, b, sources));
}

fn by_place(a: &Diagnostic, b: &Diagnostic, sources: &dyn SourceMap) -> Ordering {
    let path = |finding: &Diagnostic| sources.path_bytes(finding.primary.file);
    path(a).cmp(&path(b)).then_with(|| order(a).cmp(&order(b)))
}

/// Findings that a directive answers, with its reason; those that nobody asked for are left out.
fn silenced(answered: Vec<Diagnostic>, cx: &Context<'_>) -> Vec<Silenced> {
    let asked = answered.into_iter().filter(|finding| is_reported(finding, cx));
    asked.map(|finding| Silenced { by: Answer::Directive(cx.suppressions.reason(&finding)), finding }).collect()
}

fn order(finding: &Diagnostic) -> (u32, u32, &str, &str, &str) {
    (finding.primary.start, finding.primary.end, finding.rule, finding.kind, &finding.message)
}

/// One finding for each rule, kind and place. Of several (two targets, two `cfg` alternatives) the loudest and surest stays,
/// and it stands in test code only if all do.
fn unique(mut raw: Vec<Diagnostic>, sources: &dyn SourceMap) -> Vec<Diagnostic> {
    sort(&mut raw, sources);
    let mut out: Vec<Diagnostic> = Vec::with_capacity(raw.len());
    for finding in raw {
        let same = |kept: &&mut Diagnostic| {
            (kept.rule, kept.kind, kept.primary) == (finding.rule, finding.kind, finding.primary)
        };
        match out.last_mut().filter(same) {
            Some(kept) => {
                kept.severity = kept.severity.max(finding.severity);
                kept.confidence = kept.confidence.max(finding.confidence);
                kept.in_test &= finding.in_test;
                kept.needs_strict_tests &= finding.needs_strict_tests;
            }
            None => out.push(finding),
        }
    }
    out
}

/// Fingerprints come before levels and suppressions, so that no flag changes them.
fn name(findings: &mut [Diagnostic], cx: &Context<'_>) {
    let files: BTreeSet<FileId> = findings.iter().map(|finding| finding.primary.file).collect();
    let extents: BTreeMap<_, _> =
        files.iter().filter_map(|file| Some((*file, cx.suppressions.extents(*file)?))).collect();
    fingerprint::assign(findings, &extents, cx.sources);
}

fn levelled(findings: Vec<Diagnostic>, cx: &Context<'_>) -> Vec<Diagnostic> {
    let level = |mut finding: Diagnostic| {
        finding.severity = cx.levels.of(&finding, cx.sources.path(finding.primary.file))?;
        Some(finding)
    };
    findings.into_iter().filter_map(level).collect()
}

/// Drops a finding when a rule that owns the same call has one.
fn without_yielding(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut owned: BTreeSet<(&'static str, Span)> = BTreeSet::new();
    for finding in &findings {
        owned.insert((finding.rule, finding.primary));
        owned.extend(finding.related.iter().map(|label| (finding.rule, label.span)));
    }
    let yields = |finding: &Diagnostic| {
        let owners = page::find(finding.rule).map_or(&[][..], |rule| &rule.yields_to);
        owners.iter().any(|owner| owned.contains(&(*owner, finding.primary)))
    };
    findings.into_iter().filter(|finding| !yields(finding)).collect()
}

fn about_directives(cx: &Context<'_>) -> Vec<Diagnostic> {
    let found = Found { levels: cx.levels, sources: cx.sources, locate: cx.locate };
    levelled(cx.suppressions.meta(&found), cx)
}

fn is_reported(finding: &Diagnostic, cx: &Context<'_>) -> bool {
    finding.confidence >= cx.min_confidence && (cx.is_asked)(finding.primary)
}

#[cfg(test)]
mod tests;

//! Which findings a baseline knows, and which of its entries match nothing any more.
//!
//! First by rule, package, function and statement, wherever they stand. What is left may have moved with its file: it is followed
//! only where there is no doubt, because a finding that is hidden by mistake is worse than one that is shown again.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{FileId, SourceMap};
use crate::diagnostic::Diagnostic;

use super::{Baseline, Key, key_of};

/// The answer, in the order of what was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// For each finding: the baseline knows it.
    pub known: Vec<bool>,
    /// For each entry: how many of its findings are not there.
    pub left: Vec<usize>,
}

/// Compares. `is_gone` says that a file which an entry names does not exist any more.
pub fn compare(
    baseline: &Baseline,
    findings: &[Diagnostic],
    sources: &dyn SourceMap,
    is_gone: &dyn Fn(&str) -> bool,
) -> Comparison {
    let mut left: Vec<usize> = baseline.entries.iter().map(|entry| entry.count).collect();
    let at: BTreeMap<Key<'_>, usize> =
        baseline.entries.iter().enumerate().map(|(index, entry)| (entry.key(), index)).collect();
    let mut take = |finding: &Diagnostic| match at.get(&key_of(finding)) {
        Some(index) if left[*index] > 0 => {
            left[*index] -= 1;
            true
        }
        Some(_) | None => false,
    };
    let known = findings.iter().map(&mut take).collect();
    let mut comparison = Comparison { known, left };
    follow_moved(baseline, findings, sources, is_gone, &mut comparison);
    comparison
}

/// What stays the same when a file is renamed: the module in front of the function changes.
type Trace<'a> = (&'a str, &'a str, &'a str);

/// Entries of a file that is gone, and findings of one file that nobody knows, when their numbers are equal.
fn follow_moved(
    baseline: &Baseline,
    findings: &[Diagnostic],
    sources: &dyn SourceMap,
    is_gone: &dyn Fn(&str) -> bool,
    comparison: &mut Comparison,
) {
    let mut lost: BTreeMap<Trace<'_>, Vec<usize>> = BTreeMap::new();
    for (index, entry) in baseline.entries.iter().enumerate() {
        if comparison.left[index] > 0 && is_gone(&entry.path) {
            lost.entry((&entry.rule, own_name(&entry.function), &entry.statement)).or_default().push(index);
        }
    }
    let mut fresh: BTreeMap<Trace<'_>, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(index, _)| !comparison.known[*index]) {
        let trace = (finding.rule, own_name(&finding.function), finding.statement.as_str());
        if lost.contains_key(&trace) {
            fresh.entry(trace).or_default().push(index);
        }
    }
    let paths: BTreeSet<&str> = baseline.entries.iter().map(|entry| entry.path.as_str()).collect();
    for (trace, found) in fresh {
        let entries = &lost[&trace];
        let from: BTreeSet<&str> = entries.iter().map(|index| baseline.entries[*index].path.as_str()).collect();
        let to: BTreeSet<FileId> = found.iter().map(|index| findings[*index].primary.file).collect();
        let missing = entries.iter().fold(0, |sum: usize, index| sum.saturating_add(comparison.left[*index]));
        // A file that had findings before may have got a new bug that looks like the old one.
        let was_there = to.iter().any(|file| paths.contains(sources.path(*file)));
        if from.len() != 1 || to.len() != 1 || missing != found.len() || was_there {
            continue;
        }
        entries.iter().for_each(|index| comparison.left[*index] = 0);
        found.iter().for_each(|index| comparison.known[*index] = true);
    }
}

/// `run` of `app::jobs::run`, `Pool::run` of `app::jobs::Pool::run`.
fn own_name(function: &str) -> &str {
    let Some((before, name)) = function.rsplit_once("::") else { return function };
    let owner = before.rsplit_once("::").map_or(before, |(_, owner)| owner);
    if owner.starts_with(|c: char| c.is_uppercase()) {
        return &function[function.len() - name.len() - 2 - owner.len()..];
    }
    name
}

//! Is the program after a round as good as before? A fixed file must parse and must not show a new error.
//!
//! Errors are counted by file, rule, kind and function: places move when text is edited.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::FileId;
use crate::diagnostic::{Report, Severity};

/// How many errors of which sort.
type Errors<'a> = BTreeMap<(FileId, &'static str, &'static str, &'a str), usize>;

fn errors(report: &Report) -> Errors<'_> {
    let mut errors = Errors::new();
    for finding in report.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        *errors.entry((finding.primary.file, finding.rule, finding.kind, finding.function.as_str())).or_default() += 1;
    }
    errors
}

/// What the guard remembers of the report before a round.
pub(super) struct Guard(BTreeMap<(FileId, &'static str, &'static str, String), usize>);

impl Guard {
    /// Counts the errors of a report.
    pub(super) fn new(before: &Report) -> Self {
        let owned = errors(before).into_iter();
        Self(
            owned
                .map(|((file, rule, kind, function), count)| ((file, rule, kind, function.to_owned()), count))
                .collect(),
        )
    }

    /// Files that show an error which they did not show before, each with its rule.
    pub(super) fn worse(&self, after: &Report) -> BTreeMap<FileId, &'static str> {
        let grown = errors(after).into_iter().filter(|((file, rule, kind, function), count)| {
            self.0.get(&(*file, *rule, *kind, (*function).to_owned())).copied().unwrap_or(0) < *count
        });
        grown.map(|((file, rule, ..), _)| (file, rule)).collect()
    }
}

/// The files to take back: those that got worse, or all that were changed when it shows elsewhere.
pub(super) fn to_take_back(
    worse: &BTreeMap<FileId, &'static str>,
    changed: &BTreeSet<FileId>,
) -> BTreeMap<FileId, &'static str> {
    let elsewhere = worse.iter().find(|(file, _)| !changed.contains(file));
    match elsewhere {
        Some((_, rule)) => changed.iter().map(|file| (*file, *rule)).collect(),
        None => worse.clone(),
    }
}

//! A baseline: findings that were there before and are not reported again.
//!
//! Pure: texts and findings in, answers out. What is in a baseline is counted, so a further finding of the same rule in the same
//! file, even the same statement a second time in one function, is new.

use std::collections::BTreeMap;

use crate::base::SourceMap;
use crate::diagnostic::Diagnostic;

mod compare;
mod known;
mod text;

pub use compare::{Comparison, compare};
pub use known::{Known, Scope, Unmatched};
pub use text::Unreadable;

/// The name of the file that is used without being asked for.
pub const FILE_NAME: &str = "asynclint-baseline.json";

/// Equal findings of one function: the same rule at the same statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Rule id.
    pub rule: String,
    /// Kind of the first of them; for people, and to know whether the run looked for it.
    pub kind: String,
    /// Path relative to the analysis root, of the first of them.
    pub path: String,
    /// Name of the package; empty for a lone file.
    pub package: String,
    /// Path of the function.
    pub function: String,
    /// The rule and the statement, wherever they stand.
    pub statement: String,
    /// The fingerprint of the first of them, as other outputs have it.
    pub fingerprint: String,
    /// The first of them stands in test code.
    pub in_test: bool,
    /// How many there are.
    pub count: usize,
}

/// Entries in the order of path, function, rule and statement; no two are equal in what they stand for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// What makes findings equal. Neither path nor kind: both may change while the bug stays.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

impl Entry {
    fn key(&self) -> Key<'_> {
        (&self.rule, &self.package, &self.function, &self.statement)
    }
}

fn key_of(finding: &Diagnostic) -> Key<'_> {
    (finding.rule, &finding.package, &finding.function, &finding.statement)
}

impl Baseline {
    /// The baseline of these findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>, sources: &dyn SourceMap) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for finding in findings {
            let key = key_of(finding);
            match seen.get(&key).copied() {
                Some(at) => entries[at].count += 1,
                None => {
                    seen.insert(key, entries.len());
                    entries.push(Entry::of(finding, sources.path(finding.primary.file)));
                }
            }
        }
        Self::from_entries(entries)
    }

    /// Sorts, and adds up what is equal.
    pub fn from_entries(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut seen: BTreeMap<[String; 4], usize> = BTreeMap::new();
        let mut merged: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = <[&str; 4]>::from(entry.key()).map(str::to_owned);
            match seen.get(&key) {
                // A file of a stranger may count as high as it likes.
                Some(at) => merged[*at].count = merged[*at].count.saturating_add(entry.count),
                None => {
                    seen.insert(key, merged.len());
                    merged.push(entry);
                }
            }
        }
        Self { entries: merged }
    }

    /// How many findings it stands for.
    pub fn count(&self) -> usize {
        self.entries.iter().fold(0, |count, entry| count.saturating_add(entry.count))
    }
}

impl Entry {
    fn of(finding: &Diagnostic, path: &str) -> Self {
        Self {
            rule: finding.rule.to_owned(),
            kind: finding.kind.to_owned(),
            path: path.to_owned(),
            package: finding.package.clone(),
            function: finding.function.clone(),
            statement: finding.statement.clone(),
            fingerprint: finding.fingerprint.clone(),
            in_test: finding.in_test,
            count: 1,
        }
    }

    fn order(&self) -> (&str, &str, &str, &str, &str) {
        (&self.path, &self.function, &self.rule, &self.statement, &self.package)
    }
}

#[cfg(test)]
mod tests;

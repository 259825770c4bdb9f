//! Everything that was there before, taken out of a report.
//!
//! Three sources, in this order: the baseline, the findings of an earlier revision, the lines of a patch. It reads no file and runs
//! nothing; whoever loads the three knows the outside.

use crate::base::{LineIndex, SourceMap, Span};
use crate::diagnostic::{Answer, Diagnostic, Report, Silenced};
use crate::vcs::Patch;

use super::{Baseline, Entry, compare};

/// What was there before; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The baseline of the project.
    pub baseline: Option<Baseline>,
    /// What is found in the earlier revision.
    pub earlier: Option<Baseline>,
    /// The change under review.
    pub patch: Option<Patch>,
}

/// What the run looked at.
pub struct Scope<'a> {
    /// A file that does not exist any more.
    pub is_gone: &'a dyn Fn(&str) -> bool,
    /// The run would have reported findings of this entry, were they there.
    pub is_asked: &'a dyn Fn(&Entry) -> bool,
}

/// An entry of the baseline that matches less than it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmatched {
    /// The entry, with the number of findings that are not there.
    pub entry: Entry,
    /// The run looked for them, so they are gone; else nobody knows.
    pub stale: bool,
}

impl Known {
    /// Takes what was there before out of `report`, and answers what the baseline holds beyond it.
    pub fn apply(&self, report: &mut Report, sources: &dyn SourceMap, scope: &Scope<'_>) -> Vec<Unmatched> {
        let unmatched =
            self.baseline.as_ref().map_or_else(Vec::new, |baseline| answer(baseline, report, sources, scope));
        let stale = unmatched.iter().filter(|left| left.stale).map(|left| left.entry.count);
        report.stale = stale.fold(0, usize::saturating_add);
        if let Some(earlier) = &self.earlier {
            let compared = compare(earlier, &report.findings, sources, scope.is_gone);
            keep_new(report, &mut compared.known.into_iter());
        }
        if let Some(patch) = &self.patch {
            let old: Vec<bool> = report.findings.iter().map(|f| !is_touched(f, patch, sources)).collect();
            keep_new(report, &mut old.into_iter());
        }
        unmatched
    }
}

fn answer(baseline: &Baseline, report: &mut Report, sources: &dyn SourceMap, scope: &Scope<'_>) -> Vec<Unmatched> {
    let compared = compare(baseline, &report.findings, sources, scope.is_gone);
    let findings = std::mem::take(&mut report.findings);
    for (finding, known) in findings.into_iter().zip(compared.known) {
        if known {
            report.silenced.push(Silenced { finding, by: Answer::Baseline });
            report.baselined += 1;
        } else {
            report.findings.push(finding);
        }
    }
    let left = baseline.entries.iter().zip(compared.left).filter(|(_, count)| *count > 0);
    let unmatched = |(entry, count): (&Entry, usize)| Unmatched {
        stale: (scope.is_asked)(entry),
        entry: Entry { count, ..entry.clone() },
    };
    left.map(unmatched).collect()
}

fn keep_new(report: &mut Report, old: &mut dyn Iterator<Item = bool>) {
    let before = report.findings.len();
    report.findings.retain(|_| !old.next().unwrap_or(false));
    *report.old.get_or_insert(0) += before - report.findings.len();
}

/// True when the patch changes a line of the finding or of any step of its chain.
fn is_touched(finding: &Diagnostic, patch: &Patch, sources: &dyn SourceMap) -> bool {
    let hops = finding.chain.iter().map(|hop| hop.span);
    std::iter::once(finding.primary).chain(hops).any(|span| is_line_touched(span, patch, sources))
}

fn is_line_touched(span: Span, patch: &Patch, sources: &dyn SourceMap) -> bool {
    let path = sources.path(span.file);
    if !patch.names(path) {
        return false;
    }
    let lines = LineIndex::new(sources.text(span.file));
    let (first, last) = (lines.line_of(span.start), lines.line_of(span.end.max(span.start)));
    patch.touches(path, first as u32 + 1, last as u32 + 1)
}

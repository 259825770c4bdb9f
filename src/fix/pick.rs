//! Which fixes are made in one round: the wanted ones, by class, severity and place, as long as they do not touch the same bytes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::FileId;
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix, Report, Writes};
use crate::source::{DependencyKind, Sources};

use super::settle::{Companion, lacks};
use super::{Wish, apply};

/// A fix that may be made.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) finding: &'a Diagnostic,
    pub(super) fix: &'a Fix,
    /// The dependency that it needs.
    pub(super) needs: Option<DependencyKind>,
}

/// What is there to do.
pub(super) struct Choice<'a> {
    /// In the order in which they are tried.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// Findings whose only fixes need a crate that their package has not.
    pub(super) lacking: usize,
    /// Findings whose only fixes are bolder than the wish.
    pub(super) bolder: usize,
}

/// The best wanted fix of each finding.
pub(super) fn candidates<'a>(report: &'a Report, sources: &Sources, wish: &Wish) -> Choice<'a> {
    let mut choice = Choice { candidates: Vec::new(), lacking: 0, bolder: 0 };
    for finding in &report.findings {
        if finding.severity < wish.min_severity || !wish.options.allows(finding.rule, finding.kind) {
            continue;
        }
        let (mut lacking, mut bolder) = (false, false);
        let best = finding.fixes.iter().filter(|fix| is_whole(fix)).find_map(|fix| {
            let needs = match (fix.writes, lacks(sources, &wish.options, finding)) {
                (Writes::Known | Writes::Tracker, _) | (Writes::Companion, None) => None,
                (Writes::Companion, Some(Companion::Addable(kind))) if wish.options.add_dependency || wish.asks => {
                    Some(kind)
                }
                (Writes::Companion, Some(_)) => {
                    lacking = true;
                    return None;
                }
            };
            // Whoever is asked sees the new dependency in the question.
            let fits = fix.applicability <= wish.up_to || (wish.asks && needs.is_some());
            bolder |= !fits;
            fits.then_some(Candidate { finding, fix, needs })
        });
        match best {
            Some(candidate) => choice.candidates.push(candidate),
            None if bolder => choice.bolder += 1,
            None => choice.lacking += usize::from(lacking),
        }
    }
    let place = |c: &Candidate<'_>| (c.finding.primary.file, c.finding.primary.start, c.finding.primary.end);
    choice.candidates.sort_by_key(|c| (c.fix.applicability, Reverse(c.finding.severity), place(c)));
    choice
}

/// Has edits, all in one file: a file is written whole or not at all, two files are not.
fn is_whole(fix: &Fix) -> bool {
    let first = fix.edits.first().map(|edit| edit.span.file);
    fix.applicability != Applicability::Advice
        && first.is_some_and(|file| fix.edits.iter().all(|edit| edit.span.file == file))
}

/// Edits taken so far, by file.
#[derive(Default)]
pub(super) struct Taken<'a> {
    pub(super) edits: BTreeMap<FileId, Vec<&'a Edit>>,
}

impl<'a> Taken<'a> {
    /// No edit of the fix touches what is taken.
    pub(super) fn has_room(&self, fix: &Fix) -> bool {
        let clashes = |edit: &Edit| {
            self.edits.get(&edit.span.file).is_some_and(|taken| taken.iter().any(|other| apply::overlap(edit, other)))
        };
        !fix.edits.iter().any(clashes)
    }

    /// Takes all edits of the fix.
    pub(super) fn take(&mut self, fix: &'a Fix) {
        for edit in &fix.edits {
            self.edits.entry(edit.span.file).or_default().push(edit);
        }
    }
}

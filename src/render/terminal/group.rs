//! Findings that end in the same call stand together: one bug, many callers.
//!
//! Machine formats never group.

use crate::base::Span;
use crate::diagnostic::Diagnostic;

/// Findings of one rule whose chains end in one call.
pub(super) struct Group<'a> {
    /// Shown in full.
    pub(super) first: &'a Diagnostic,
    /// Shown as a line each, at most two, or counted.
    pub(super) others: Vec<&'a Diagnostic>,
}

/// Groups in the order of their first findings. A direct finding is a group of its own.
pub(super) fn by_last_call<'a>(findings: &[&'a Diagnostic]) -> Vec<Group<'a>> {
    let mut groups: Vec<(Option<(&str, Span)>, Group<'a>)> = Vec::new();
    let mut seen = std::collections::BTreeMap::new();
    for finding in findings {
        let key = finding.chain.last().filter(|_| finding.chain.len() > 1).map(|hop| (finding.rule, hop.span));
        match key.and_then(|key| seen.get(&key).copied()) {
            Some(at) => {
                let (_, group): &mut (_, Group<'a>) = &mut groups[at];
                group.others.push(finding);
            }
            None => {
                if let Some(key) = key {
                    seen.insert(key, groups.len());
                }
                groups.push((key, Group { first: finding, others: Vec::new() }));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

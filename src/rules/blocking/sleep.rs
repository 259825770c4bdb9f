//! blocking-sleep: the thread sleeps, and with it every task that it would poll.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Tier};
use crate::hir::names::Place;
use crate::program::Program;

use super::Spec;

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Sleep, kind, exempt, advise: super::advise };

fn kind(_kind: Option<Name>, _tier: Tier) -> Option<&'static str> {
    Some("default")
}

fn exempt(_program: &Program, _place: Place, _entry: &FnEntry) -> bool {
    false
}

//! blocking-process: the thread waits for another program.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Tier};
use crate::hir::names::Place;
use crate::program::Program;

use super::Spec;

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Process, kind, exempt, advise: super::advise };

fn kind(_kind: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

fn exempt(_program: &Program, _place: Place, _entry: &FnEntry) -> bool {
    false
}

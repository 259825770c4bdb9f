//! blocking-db: the thread waits for a database, or the client starts a runtime of its own, which panics in async code.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::hir::effect::Source;
use crate::program::Program;

use super::{Spec, advice, never};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Db, kind, exempt: never, advise: advice::plain };

fn kind(_: &Program, _: &Source, kind: Option<Name>, tier: Tier) -> Option<&'static str> {
    match kind {
        Some(kind) if kind == "panics" => Some("panics"),
        _ => (tier == Tier::Default).then_some("blocks"),
    }
}

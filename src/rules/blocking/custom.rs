//! blocking-custom: a function that the project itself calls blocking, in its configuration or by `assume(blocking)`.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::hir::effect::Source;
use crate::program::Program;

use super::{Spec, advice, never};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Custom, kind, exempt: never, advise: advice::plain };

fn kind(_: &Program, _: &Source, _: Option<Name>, _: Tier) -> Option<&'static str> {
    Some("default")
}

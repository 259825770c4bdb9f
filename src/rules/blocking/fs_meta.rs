//! blocking-fs-meta: one constant-time question to the file system, which can still be remote.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::hir::effect::Source;
use crate::program::Program;

use super::{Spec, fs};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::FsMeta, kind, exempt: fs::exempt, advise: fs::advise };

fn kind(_: &Program, _: &Source, _: Option<Name>, _: Tier) -> Option<&'static str> {
    Some("default")
}

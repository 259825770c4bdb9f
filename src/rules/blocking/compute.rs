//! blocking-compute: the thread computes for so long that its other tasks wait.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::hir::effect::Source;
use crate::program::Program;
use crate::rules::findings::Draft;

use super::{Spec, advice, never};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Compute, kind, exempt: never, advise };

fn kind(_: &Program, _: &Source, kind: Option<Name>, tier: Tier) -> Option<&'static str> {
    Some(match kind.map(Name::as_str) {
        Some("password") => "password",
        Some("keygen") => "keygen",
        _ if tier == Tier::Default => "bulk",
        _ => "heavy",
    })
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = advice::plain(program, source, kind, draft);
    if matches!(kind, "bulk" | "heavy") {
        draft.help("or on a pool for the processor, which answers through a oneshot channel")
    } else {
        draft
    }
}

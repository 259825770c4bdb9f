//! blocking-stdio: the thread waits for a person at the keyboard, or for a terminal that does not read.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Role, Tier};
use crate::hir::effect::Source;
use crate::program::Program;
use crate::rules::findings::Draft;

use super::{Spec, advice, never};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Stdio, kind, exempt: never, advise };

/// Macros and writes print; everything else waits for input.
fn kind(_: &Program, source: &Source, kind: Option<Name>, tier: Tier) -> Option<&'static str> {
    let writes = match source.within {
        Some(_) => source.path.as_str().starts_with("std::io::Write"),
        None => source.api.is_none_or(writes),
    };
    let prints = writes || tier == Tier::Pedantic || kind.is_some_and(|kind| kind == "print");
    Some(if prints { "print" } else { "input" })
}

fn writes(entry: &FnEntry) -> bool {
    matches!(entry.role, Some(Role::Write | Role::Flush))
        || entry.owner.is_some_and(|owner| owner.as_str() == "std::io::Write")
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = advice::replacement(program, source, draft);
    if kind == "input" {
        draft.help("read on a thread of its own and send what was typed through a channel")
    } else {
        draft
    }
}

//! untracked-spawn: the handle of a detached task is lost, and with it how the task ends.

use super::findings::Findings;
use super::{Check, Rule};
use crate::catalog::{OnDrop, Role};
use crate::hir::names::{BodyId, Place};
use crate::program::{Fate, Program};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "untracked-spawn", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.api_calls(body) {
        if !matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal)) {
            continue;
        }
        if !matches!(program.fate(place), Fate::Discarded(_) | Fate::Unused(_)) || !detaches(program, place) {
            continue;
        }
        out.at("unclassified", place);
    }
}

fn detaches(program: &Program, place: Place) -> bool {
    program.type_entry(program.ty(place)).and_then(|entry| entry.on_drop) == Some(OnDrop::Detach)
}

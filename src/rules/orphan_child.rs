//! orphan-child: a child process is started and its handle lost, so that nobody waits for it and nobody ends it.
//!
//! Only handles of async crates; clippy knows the one of std.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::catalog::Role;
use crate::diagnostic::Applicability;
use crate::facts::{ExprKind, LocalId};
use crate::hir::names::{BodyId, Place};
use crate::program::{Fate, Program};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "orphan-child", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.calls_with_role(body, Role::ChildSpawn) {
        if entry.path.as_str().starts_with("std::") || !is_left_alone(program, place) || !is_lost(program, place) {
            continue;
        }
        let edit = fixes::before(program.call_span(place), "kill_on_drop(true).");
        out.at("default", place)
            .subject(entry.path)
            .help("keep the `Child` and call `wait().await`, or end it with its handle: `.kill_on_drop(true)`")
            .fix("kill the child when its handle is dropped", Applicability::Unsafe, vec![edit]);
    }
}

/// The command is seen from its start, and nothing says that the drop kills the child.
fn is_left_alone(program: &Program, spawn: Place) -> bool {
    let mut at = spawn;
    loop {
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, .. } => {
                if program.api(at).is_none_or(|entry| entry.role == Some(Role::KillOnDrop)) {
                    return false;
                }
                at = Place { expr: *recv, ..at };
            }
            ExprKind::Call { .. } => return program.api(at).is_some(),
            ExprKind::Local(local) => return is_plain_local(program, at.body, *local),
            _ => return false,
        }
    }
}

/// A command in a local that is only ever the receiver of its own methods.
fn is_plain_local(program: &Program, body: BodyId, local: LocalId) -> bool {
    let Some(init) = program.initialiser(body, local) else { return false };
    let plain = program.mentions(body, local).into_iter().all(|mention| {
        let Fate::Receiver(call) = program.fate(Place { body, expr: mention }) else { return false };
        program.api(Place { body, expr: call }).is_some_and(|entry| entry.role != Some(Role::KillOnDrop))
    });
    plain && !matches!(program.expr(init).kind, ExprKind::Local(_)) && is_left_alone(program, init)
}

/// The handle is dropped, perhaps after its number or its pipes were taken.
fn is_lost(program: &Program, spawn: Place) -> bool {
    let mut at = spawn;
    loop {
        match program.fate(at) {
            Fate::Tried(next) => at = Place { expr: next, ..at },
            Fate::Receiver(next) => {
                let next = Place { expr: next, ..at };
                match &program.expr(next).kind {
                    ExprKind::MethodCall { name, .. } => match name.as_str() {
                        "unwrap" | "expect" | "map_err" | "context" | "with_context" => at = next,
                        "id" => return true,
                        _ => return false,
                    },
                    _ => return false,
                }
            }
            Fate::Discarded(_) | Fate::Unused(_) => return true,
            Fate::Bound(local) => return only_parts(program, at.body, local),
            _ => return false,
        }
    }
}

/// Every mention takes a pipe or asks for the number.
fn only_parts(program: &Program, body: BodyId, local: LocalId) -> bool {
    let part = |mention| {
        let place = Place { body, expr: mention };
        let Some(parent) = program.parent(place) else { return false };
        match &program.expr(parent).kind {
            ExprKind::Field { name, .. } => matches!(name.as_str(), "stdin" | "stdout" | "stderr"),
            ExprKind::MethodCall { recv, name, .. } => *recv == mention && *name == "id",
            _ => false,
        }
    };
    !program.in_unknown_macro(body, local) && program.mentions(body, local).into_iter().all(part)
}

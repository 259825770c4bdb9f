//! unbounded-spawn: one task per event, and nothing bounds their number.

use crate::catalog::{FnEntry, Role, TypeRole};
use crate::diagnostic::{Applicability, Severity, Writes};
use crate::facts::expr::{LoopKind, SelectArm};
use crate::facts::{ExprId, ExprKind};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::TyKind;
use crate::program::Program;

use super::findings::Findings;
use super::supervised::{self, Form};
use super::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "unbounded-spawn", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        if !matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking | Role::TaskSetSpawn)) {
            continue;
        }
        let by_task = program.type_entry(program.ty(call)).is_some() || fills_tasks(program, call, entry);
        let Some(looped) = program.nearest_loop(call).filter(|_| by_task) else { continue };
        // Followed by a `break` on every way, it runs once.
        if !program.with_order(body, |order| order.leads(call.expr, call.expr)) {
            continue;
        }
        let Some(kind) = kind_of(program, looped).filter(|_| !is_bounded(program, looped)) else { continue };
        let mut draft = out.at(kind, call).why(program.head_span(looped), "once for each turn of this loop");
        if kind == "per-item" {
            draft = draft.at_most(Severity::Note);
        }
        let draft = draft
            .help("acquire an owned permit of a semaphore before the spawn, and move it into the task")
            .help("or bound the work with `for_each_concurrent(limit, ..)`");
        let edits = program.can_await(call).and_then(|_| supervised::statement(program, call, entry, Form::Bounded));
        if let Some(edits) = edits {
            draft.fix_with(Writes::Companion, "wait while 1024 of these tasks run", Applicability::Unsafe, edits);
        }
    }
}

/// A set of tasks; futures in a `FuturesUnordered` are none.
fn fills_tasks(program: &Program, call: Place, entry: &FnEntry) -> bool {
    let set = program.operands(call, entry).0.and_then(|recv| program.type_role(program.ty(recv)));
    entry.role == Some(Role::TaskSetSpawn) && set != Some(TypeRole::FutureSet)
}

fn kind_of(program: &Program, looped: Place) -> Option<&'static str> {
    let ExprKind::Loop { kind, body, .. } = &program.expr(looped).kind else { return None };
    let body = Place { expr: *body, ..looped };
    match kind {
        LoopKind::For { iter, is_await: false, .. } => {
            is_many(program, Place { expr: *iter, ..looped }).then_some("per-item")
        }
        LoopKind::For { .. } => Some("message"),
        LoopKind::While(cond) => waits(program, Place { expr: *cond, ..looped }).or_else(|| waits(program, body)),
        LoopKind::Loop => waits(program, body),
    }
}

/// The event that a turn waits for.
fn waits(program: &Program, outer: Place) -> Option<&'static str> {
    let region = program.expr(outer).region;
    let first = program.expr(outer).first;
    let inside = (first.0..=outer.expr.0).map(|at| Place { expr: ExprId(at), ..outer });
    let mut found = None;
    for at in inside.filter(|at| program.expr(*at).region == region) {
        let by_arm = |arm: &SelectArm| event(program, Place { expr: arm.future, ..at });
        let kind = match &program.expr(at).kind {
            ExprKind::Await(inner) => event(program, Place { expr: *inner, ..at }),
            ExprKind::Select(select) => select.arms.iter().find_map(by_arm),
            _ => None,
        };
        if kind == Some("accept") {
            return kind;
        }
        found = found.or(kind);
    }
    found
}

fn event(program: &Program, call: Place) -> Option<&'static str> {
    match program.method_name(call)? {
        "accept" => Some("accept"),
        "recv" | "next" | "try_next" | "recv_many" | "recv_from" | "next_line" | "select_next_some" => Some("message"),
        _ => None,
    }
}

/// A collection whose length nobody knows; configuration, arrays and ranges are short.
fn is_many(program: &Program, iter: Place) -> bool {
    let ty = program.ty(iter);
    let text = program.source(iter);
    let is_list = matches!(ty.kind(), TyKind::Foreign(..)) && program.item_of(ty).is_some();
    let is_range = matches!(program.expr(iter).kind, ExprKind::Range { .. } | ExprKind::Array(_));
    is_list && !is_range && !text.contains("config") && !text.contains("..")
}

/// A permit, a length or a drain in the same turn.
fn is_bounded(program: &Program, looped: Place) -> bool {
    let first = program.expr(looped).first;
    let inside = (first.0..=looped.expr.0).map(|at| Place { expr: ExprId(at), ..looped });
    let mut compared = false;
    for at in inside {
        let role = program.api(at).and_then(|entry| entry.role);
        if matches!(role, Some(Role::Acquire | Role::TryAcquire | Role::AcquireMany | Role::Buffer)) {
            return true;
        }
        let counts = matches!(program.method_name(at), Some("len" | "load" | "available_permits" | "active" | "count"));
        compared |=
            counts && program.parent(at).is_some_and(|p| matches!(program.expr(p).kind, ExprKind::Binary { .. }));
    }
    compared
}

//! Was the task told to stop before it is waited for? Then its end is no news.
//!
//! Looks at the statements before the wait, in its block and in those around it.

use crate::catalog::{Role, TypeRole};
use crate::facts::expr::Stmt;
use crate::facts::{ExprId, ExprKind};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::Program;

use super::is_result;
use super::outcome::Joined;

/// Words in the names of channels and methods that ask a task to end.
const STOP: [&str; 11] =
    ["stop", "shutdown", "shut_down", "cancel", "quit", "exit", "kill", "term", "close", "abort", "finish"];
/// Functions that end something as a whole.
const TEARDOWN: [&str; 8] = ["shutdown", "shut_down", "stop", "close", "teardown", "tear_down", "cleanup", "terminate"];

/// Some statement before the wait aborts, cancels, closes a channel or sends a message to stop. A task that gives a `Result` works up
/// what is left when its channel closes, and may fail at that.
pub(super) fn to_stop(program: &Program, joined: &Joined) -> bool {
    let told = if is_result(joined.output) { orders } else { tells };
    let body = program.body(joined.place.body);
    let mut inner = joined.place.expr;
    for outer in body.ancestors(joined.place.expr).skip(1) {
        if let ExprKind::Block(block) = &body.exprs[outer].kind {
            let before = block.stmts.iter().map(parts).take_while(|exprs| !exprs.contains(&inner));
            if before.flatten().any(|e| told(program, Place { expr: e, ..joined.place })) {
                return true;
            }
        }
        inner = outer;
    }
    false
}

fn parts(stmt: &Stmt) -> Vec<ExprId> {
    match stmt {
        Stmt::Let { init, else_, .. } => init.iter().chain(else_).copied().collect(),
        Stmt::Expr { expr, .. } => vec![*expr],
        Stmt::Item(_) => Vec::new(),
    }
}

/// Something inside the statement tells a task to stop.
fn tells(program: &Program, statement: Place) -> bool {
    some_part(program, statement, |at| is_signal(program, at))
}

/// Something inside the statement tells a task to stop, and does more for it than drop a value.
fn orders(program: &Program, statement: Place) -> bool {
    let drops = |at| program.api(at).and_then(|entry| entry.role) == Some(Role::Drop);
    some_part(program, statement, |at| is_signal(program, at) && !drops(at))
}

fn some_part(program: &Program, statement: Place, is_wanted: impl Fn(Place) -> bool) -> bool {
    let whole = program.expr(statement);
    let mut parts = (whole.first.0..=statement.expr.0).map(|at| Place { expr: ExprId(at), ..statement });
    // What a task or a closure made there does is not done by this code.
    parts.any(|at| program.expr(at).region == whole.region && is_wanted(at))
}

fn is_signal(program: &Program, at: Place) -> bool {
    let role = program.api(at).and_then(|entry| entry.role);
    if matches!(role, Some(Role::Abort | Role::Cancel | Role::Notify | Role::TrackerClose)) {
        return true;
    }
    match &program.expr(at).kind {
        ExprKind::Call { args, .. } if role == Some(Role::Drop) => {
            !args.iter().any(|arg| is_plain(program, program.ty(Place { expr: *arg, ..at })))
        }
        ExprKind::MethodCall { recv, name, .. } => {
            let recv = Place { expr: *recv, ..at };
            let asks = name.as_str().starts_with("is_") || name == "abort_handle";
            let named = STOP.iter().any(|word| name.as_str().contains(word));
            named && !asks
                || matches!(name.as_str(), "take" | "notify_one" | "notify_waiters") && is_sender(program, recv)
                || (role == Some(Role::Send) || name.as_str() == "send") && is_stop_channel(program, recv)
        }
        ExprKind::Call { callee, .. } => {
            let callee = program.source(Place { expr: *callee, ..at });
            callee.rsplit("::").next().is_some_and(|last| STOP.iter().any(|word| last.contains(word)))
        }
        _ => false,
    }
}

/// Data whose end nobody waits for: numbers, text, outcomes, lists of them.
fn is_plain(program: &Program, ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Prim(_) => true,
        TyKind::Ref(_, inner) | TyKind::Slice(inner) | TyKind::Array(inner, _) => is_plain(program, *inner),
        TyKind::Tuple(parts) => parts.iter().all(|t| is_plain(program, *t)),
        TyKind::Foreign(path, _, args) => {
            let known = program.type_entry(ty);
            known.map_or(path.as_str().starts_with("std::"), |entry| entry.role.is_none() && entry.guard.is_none())
                && args.iter().all(|t| is_plain(program, *t))
        }
        _ => false,
    }
}

fn is_sender(program: &Program, recv: Place) -> bool {
    program.type_role(program.ty(recv)) == Some(TypeRole::Sender)
}

/// A oneshot or watch channel, or one that is named for it.
fn is_stop_channel(program: &Program, recv: Place) -> bool {
    let path = program.ty(recv).peel_refs().path();
    let by_type = path.is_some_and(|p| p.as_str().contains("oneshot") || p.as_str().contains("watch"));
    let named = program.last_name(recv).is_some_and(|name| STOP.iter().any(|word| name.contains(word)));
    by_type || named
}

/// The fn ends something as a whole, by its name.
pub(super) fn is_teardown(program: &Program, body: BodyId) -> bool {
    let name = program.function_name(body);
    let name = name.rsplit("::").next().unwrap_or_default();
    TEARDOWN.iter().any(|word| name.contains(word)) || name == "drop"
}

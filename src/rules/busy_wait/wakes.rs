//! Polls that wake themselves: `if ready.load(..) { Poll::Ready(()) } else { cx.waker().wake_by_ref(); Poll::Pending }`.
//!
//! Only a branch that does nothing else, on a question for state: a task that gives others one turn remembers that it did.

use crate::base::Span;
use crate::facts::expr::Stmt;
use crate::facts::{ExprId, ExprKind};
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

use super::asks::asks;

/// What each of them asks, and where it wakes itself.
pub(super) fn of(program: &Program, body: BodyId) -> Vec<(Place, Span)> {
    let exprs = program.body(body).exprs.iter_ids();
    let choices = exprs.filter_map(|(expr, e)| match &e.kind {
        ExprKind::If { cond, then, else_ } => Some((expr, *cond, std::iter::once(*then).chain(*else_).collect())),
        ExprKind::Match { scrutinee, arms } => {
            Some((expr, *scrutinee, arms.iter().map(|arm| arm.body).collect::<Vec<ExprId>>()))
        }
        _ => None,
    });
    let found = choices.filter_map(|(expr, cond, branches)| {
        let at = |expr: ExprId| Place { expr, ..Place { body, expr } };
        let woken = branches.iter().find_map(|branch| wakes_itself(program, at(*branch)))?;
        let asked = program.is_async_at(at(expr)) && asks(program, at(cond)).is_some_and(|asked| asked.state);
        asked.then(|| (at(cond), program.call_span(woken)))
    });
    found.collect()
}

/// The call in a block that wakes the task and says that it is not done.
fn wakes_itself(program: &Program, branch: Place) -> Option<Place> {
    let at = |expr: ExprId| Place { expr, ..branch };
    let ExprKind::Block(block) = &program.expr(branch).kind else { return None };
    let (wake, pending) = match (&*block.stmts, block.tail) {
        ([Stmt::Expr { expr, .. }], Some(tail)) => (*expr, tail),
        ([Stmt::Expr { expr, .. }, Stmt::Expr { expr: last, .. }], None) => (*expr, *last),
        _ => return None,
    };
    let pending = match program.expr(at(pending)).kind {
        ExprKind::Return(value) => value?,
        _ => pending,
    };
    let named = matches!(&program.expr(at(wake)).kind, ExprKind::MethodCall { name, .. } if *name == "wake_by_ref");
    let is_pending = program.source(at(pending)).trim_end().ends_with("Pending");
    (named && is_pending).then(|| at(wake))
}

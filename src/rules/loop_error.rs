//! What a loop does when an awaited call in it gives an `Err`: leaves, or goes on.
//!
//! Shared by rules about receivers and listeners; anything that sorts errors is left alone.

use crate::facts::expr::{Arm, LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, PatKind};
use crate::hir::names::Place;
use crate::program::flow::Order;
use crate::program::{Fate, Program};

/// What becomes of an `Err` inside a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OnError {
    /// Every error ends the loop; shown here.
    Leaves(ExprId),
    /// Every error is followed by the next turn; the arm.
    Stays(ExprId),
    /// Errors are told apart, or nothing is known.
    Unclear,
}

/// What the loop around `call` does with an `Err` of the awaited call. `None` outside of `loop` and `while`.
pub(super) fn on_error(program: &Program, order: Order<'_>, call: Place) -> Option<OnError> {
    let around = order.enclosing_loop(call.expr)?;
    let ExprKind::Loop { kind: LoopKind::Loop | LoopKind::While(_), .. } =
        program.expr(Place { expr: around, ..call }).kind
    else {
        return None;
    };
    let Fate::Awaited(awaited) = program.fate(call) else { return None };
    Some(of_value(program, order, Place { expr: awaited, ..call }, 0))
}

fn of_value(program: &Program, order: Order<'_>, value: Place, depth: u32) -> OnError {
    match program.fate(value) {
        Fate::Tried(at) => OnError::Leaves(at),
        Fate::Receiver(at) => match &program.expr(Place { expr: at, ..value }).kind {
            ExprKind::MethodCall { name, .. } if name == "unwrap" || name == "expect" => OnError::Leaves(at),
            ExprKind::MethodCall { name, .. } if name == "ok" => {
                of_value(program, order, Place { expr: at, ..value }, depth)
            }
            _ => OnError::Unclear,
        },
        Fate::Bound(local) if depth == 0 => by_local(program, order, value, local),
        Fate::Matched(at) => of_match(program, order, Place { expr: at, ..value }, value),
        _ => OnError::Unclear,
    }
}

/// `let got = rx.recv().await; match got { .. }`.
fn by_local(program: &Program, order: Order<'_>, value: Place, local: LocalId) -> OnError {
    match program.mentions(value.body, local)[..] {
        [only] => of_value(program, order, Place { expr: only, ..value }, 1),
        _ => OnError::Unclear,
    }
}

fn of_match(program: &Program, order: Order<'_>, at: Place, value: Place) -> OnError {
    let body = program.body(at.body);
    // `Some` is what `.ok()` makes of it.
    let is_ok = |pat| program.constructor(at.body, pat).is_some_and(|(name, _)| name == "Ok" || name == "Some");
    match &program.expr(at).kind {
        ExprKind::Match { arms, .. } => of_arms(program, order, at, arms),
        ExprKind::Block(block) => block
            .stmts
            .iter()
            .find_map(|stmt| match stmt {
                Stmt::Let { pat, init: Some(init), else_: Some(other), .. } if *init == value.expr && is_ok(*pat) => {
                    Some(if order.exits_loop(*other) { OnError::Leaves(*other) } else { OnError::Stays(*other) })
                }
                _ => None,
            })
            .unwrap_or(OnError::Unclear),
        ExprKind::Let { pat, .. } if is_ok(*pat) => {
            match body.exprs[at.expr].parent.map(|p| (p, &body.exprs[p].kind)) {
                Some((_, ExprKind::Loop { kind: LoopKind::While(cond), .. })) if *cond == at.expr => {
                    OnError::Leaves(at.expr)
                }
                Some((_, ExprKind::If { cond, else_: Some(other), .. }))
                    if *cond == at.expr && order.exits_loop(*other) =>
                {
                    OnError::Leaves(*other)
                }
                _ => OnError::Unclear,
            }
        }
        _ => OnError::Unclear,
    }
}

/// One arm for all errors, without a guard.
fn of_arms(program: &Program, order: Order<'_>, at: Place, arms: &[Arm]) -> OnError {
    let body = program.body(at.body);
    let mut found = None;
    for arm in arms {
        if arm.guard.is_some() {
            return OnError::Unclear;
        }
        match program.constructor(at.body, arm.pat) {
            Some(("Ok", _)) => {}
            Some(("Err", [inner])) => match &body.pats[*inner].kind {
                PatKind::Wild | PatKind::Bind { sub: None, .. } => found = Some(arm.body),
                _ => return OnError::Unclear,
            },
            _ => match &body.pats[arm.pat].kind {
                PatKind::Wild => found = Some(arm.body),
                _ => return OnError::Unclear,
            },
        }
    }
    match found {
        Some(arm) if order.exits_loop(arm) => OnError::Leaves(arm),
        Some(arm) if order.completes(arm) || goes_on(program, Place { expr: arm, ..at }) => OnError::Stays(arm),
        _ => OnError::Unclear,
    }
}

fn goes_on(program: &Program, arm: Place) -> bool {
    program.inside(arm).any(|p| matches!(program.expr(p).kind, ExprKind::Continue(None)))
}

//! select-timer-reset: a timer is made anew at each turn of a `select!` loop, so a busy loop never lets it ring.

use super::findings::Findings;
use super::{Check, Rule};
use crate::catalog::Role;
use crate::facts::ExprKind;
use crate::facts::expr::SelectArm;
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "select-timer-reset", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, select) in program.selects(body) {
        let leaves: Option<Vec<bool>> = program.with_order(body, |order| {
            order.enclosing_loop(place.expr)?;
            let leaves = |arm: &SelectArm| order.exits_loop(arm.handler) || is_stop(program, body, arm);
            Some(select.arms.iter().map(leaves).collect())
        });
        let around = program.with_order(body, |order| order.enclosing_loop(place.expr));
        let (Some(leaves), Some(looped)) = (leaves, around) else { continue };
        let looped = Place { expr: looped, ..place };
        for (at, arm) in select.arms.iter().enumerate() {
            let other_stays = leaves.iter().enumerate().any(|(other, leaves)| other != at && !leaves);
            if leaves[at] || !other_stays || !works(program, body, arm) {
                continue;
            }
            let made = program.made_in_turn(Place { body, expr: arm.future }, looped);
            let Some(made) = made.filter(|made| is_fresh_timer(program, *made)) else { continue };
            if is_counted_down(program, place, made) {
                continue;
            }
            out.at("default", made)
                .label("made again at every turn")
                .context(program.call_span(place), "when another arm of this `select!` wins")
                .help("make an `interval` before the loop, or pin one `sleep` there and `reset` it");
        }
    }
}

/// The arm waits for the end of everything: the loop's head asks about it next.
fn is_stop(program: &Program, body: BodyId, arm: &SelectArm) -> bool {
    let future = Place { body, expr: arm.future };
    program.api(future).is_some_and(|entry| entry.role == Some(Role::Cancelled))
}

/// The time is worked out anew at each turn: a local that the loop declares or assigns.
fn is_counted_down(program: &Program, select: Place, made: Place) -> bool {
    let body = program.body(select.body);
    let Some(around) = program.with_order(select.body, |order| order.enclosing_loop(select.expr)) else { return false };
    let start = body.exprs[around].span.0;
    program.inside(made).any(|p| match program.expr(p).kind {
        ExprKind::Local(local) => body.locals[local].mutable || body.locals[local].span.0 > start,
        _ => false,
    })
}

/// The arm does something when the timer rings; an arm that does nothing is a pause that others may shorten.
fn works(program: &Program, body: BodyId, arm: &SelectArm) -> bool {
    program.inside(Place { body, expr: arm.handler }).any(|p| match &program.expr(p).kind {
        ExprKind::MethodCall { .. } | ExprKind::Macro(_) | ExprKind::Await(_) | ExprKind::Assign { .. } => true,
        ExprKind::AssignOp { .. } => true,
        ExprKind::Call { .. } => !matches!(program.target(p), Target::Ctor(_)),
        _ => false,
    })
}

/// `sleep(d)`, or `sleep_until` of a time that is counted from now.
fn is_fresh_timer(program: &Program, call: Place) -> bool {
    let Some(entry) = program.api(call).filter(|_| program.is_sleep(call)) else { return false };
    entry.name != "sleep_until"
        || program.inside(call).any(|p| match &program.expr(p).kind {
            ExprKind::Call { callee, .. } => program.source(Place { expr: *callee, ..p }).ends_with("now"),
            _ => false,
        })
}

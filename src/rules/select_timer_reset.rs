//! select-timer-reset: a timer is made anew at each turn of a `select!` loop, so a busy loop never lets it ring.

use super::findings::Findings;
use super::{Check, Rule};
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
            Some(select.arms.iter().map(|arm| order.exits_loop(arm.handler)).collect())
        });
        let Some(leaves) = leaves else { continue };
        for (at, arm) in select.arms.iter().enumerate() {
            let other_stays = leaves.iter().enumerate().any(|(other, leaves)| other != at && !leaves);
            if leaves[at] || !other_stays || !is_fresh_timer(program, body, arm) || !works(program, body, arm) {
                continue;
            }
            out.at("default", Place { body, expr: arm.future })
                .label("made again at every turn")
                .context(program.call_span(place), "when another arm of this `select!` wins")
                .help("make an `interval` before the loop, or pin one `sleep` there and `reset` it");
        }
    }
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
fn is_fresh_timer(program: &Program, body: BodyId, arm: &SelectArm) -> bool {
    let call = Place { body, expr: arm.future };
    let Some(entry) = program.api(call).filter(|_| program.is_sleep(call)) else { return false };
    entry.name != "sleep_until"
        || program.inside(call).any(|p| match &program.expr(p).kind {
            ExprKind::Call { callee, .. } => program.source(Place { expr: *callee, ..p }).ends_with("now"),
            _ => false,
        })
}

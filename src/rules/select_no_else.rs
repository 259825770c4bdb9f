//! select-no-else: every arm of a `select!` can be switched off, and then it panics.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::catalog::Role;
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::facts::expr::{Select, SelectArm};
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "select-no-else", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, select) in program.selects(body) {
        let can_be_off = |arm: &SelectArm| arm.guard.is_some() || program.is_refutable(body, arm.pat);
        let tokio = program.is_tokio_select(select) && select.else_.is_none();
        if !tokio || select.arms.is_empty() || !select.arms.iter().all(can_be_off) {
            continue;
        }
        let kind = if is_sure(program, place, select) { "sure" } else { "possible" };
        let mut draft = out
            .at(kind, place)
            .label("panics when no arm is left")
            .help("add `else => ..`, which runs when every arm is off");
        for arm in &select.arms {
            let bytes = program.body(body).pats[arm.pat].span;
            let why =
                if arm.guard.is_some() { "off when its condition is false" } else { "off when this does not match" };
            draft = draft.why(program.span_in(body, bytes), why);
        }
        let in_loop = program.with_order(body, |order| order.enclosing_loop(place.expr).is_some());
        if in_loop && let Some(last) = select.arms.last() {
            let span = program.span_in(body, last.span);
            let pad = program.indent(span);
            let comma = if program.source(Place { expr: last.handler, ..place }).ends_with('}') { "" } else { "," };
            let follows = program.text(crate::base::Span { start: span.end, end: span.end + 1, ..span }) == ",";
            let text = format!("{}\n{pad}else => break,", if follows { "" } else { comma });
            let at = if follows { crate::base::Span { end: span.end + 1, ..span } } else { span };
            draft =
                draft.fix("leave the loop when every arm is off", Applicability::Unsafe, vec![fixes::after(at, text)]);
        }
        let _ = draft;
    }
}

/// A single arm, or two that both end when a channel does.
fn is_sure(program: &Program, place: Place, select: &Select) -> bool {
    let body = place.body;
    let unguarded = select.arms.iter().all(|arm| arm.guard.is_none());
    match &*select.arms {
        [_] => unguarded,
        [_, _] => unguarded && select.arms.iter().all(|arm| is_receive(program, body, arm)),
        _ => false,
    }
}

/// `Some(x) = rx.recv()`; a signal has no end.
fn is_receive(program: &Program, body: BodyId, arm: &SelectArm) -> bool {
    let call = Place { body, expr: arm.future };
    let is_some = program.constructor(body, arm.pat).is_some_and(|(name, _)| name == "Some");
    let is_call = matches!(program.expr(call).kind, ExprKind::MethodCall { .. });
    let ends = program.api(call).is_some_and(|entry| {
        matches!(entry.role, Some(Role::Recv | Role::Next)) && !entry.path.as_str().starts_with("tokio::signal")
    });
    is_some && is_call && ends
}

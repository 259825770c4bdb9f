//! select-no-else: every arm of a `select!` can be switched off, and then it panics.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::catalog::Role;
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::facts::expr::{LoopKind, Select, SelectArm, Stmt, UnaryOp};
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "select-no-else", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, select) in program.selects(body) {
        let can_be_off = |arm: &SelectArm| arm.guard.is_some() || program.is_refutable(body, arm.pat);
        let tokio = program.is_tokio_select(place, select) && select.else_.is_none();
        if !tokio || select.arms.is_empty() || !select.arms.iter().all(can_be_off) {
            continue;
        }
        if is_always_on(program, place, select) || program.is_own_test(body, "tokio") {
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

/// Two arms whose conditions are opposites, or an arm that the head of the loop has asked about: `while !set.is_empty()` around
/// `Some(done) = set.join_next()`.
fn is_always_on(program: &Program, place: Place, select: &Select) -> bool {
    let at = |expr| Place { expr, ..place };
    let guards: Vec<Place> = select.arms.iter().filter_map(|arm| arm.guard).map(at).collect();
    let opposite = |one: &Place| match program.expr(*one).kind {
        ExprKind::Unary(UnaryOp::Not, expr) => {
            guards.iter().any(|other| program.source(at(expr)) == program.source(*other))
        }
        _ => false,
    };
    if guards.iter().any(opposite) {
        return true;
    }
    let Some(looped) = program.with_order(place.body, |order| order.enclosing_loop(place.expr)) else { return false };
    let mut asked: Vec<&str> = left_before(program, place, at(looped));
    if let ExprKind::Loop { kind: LoopKind::While(cond), .. } = &program.expr(at(looped)).kind {
        asked.extend(subjects(program, at(*cond)));
    }
    let about = |arm: &SelectArm| match (arm.guard, &program.expr(at(arm.future)).kind) {
        (Some(guard), _) => subjects(program, at(guard)),
        (None, ExprKind::MethodCall { recv, .. }) => subjects(program, at(*recv)),
        (None, _) => Vec::new(),
    };
    select.arms.iter().any(|arm| {
        let about = about(arm);
        !about.is_empty() && about.iter().all(|subject| asked.contains(subject))
    })
}

/// What the turn of the loop has asked about before the `select!`, to leave the loop: `if done && queue.is_empty() { break; }`.
fn left_before(program: &Program, place: Place, looped: Place) -> Vec<&str> {
    let at = |expr| Place { expr, ..place };
    let ExprKind::Loop { body, .. } = program.expr(looped).kind else { return Vec::new() };
    let ExprKind::Block(block) = &program.expr(at(body)).kind else { return Vec::new() };
    let before = block.stmts.iter().filter_map(|stmt| match stmt {
        Stmt::Expr { expr, .. } if *expr < place.expr => Some(*expr),
        _ => None,
    });
    let asked = before.filter_map(|expr| match program.expr(at(expr)).kind {
        ExprKind::If { cond, then, else_: None } => {
            program.with_order(place.body, |order| order.exits_loop(then)).then(|| subjects(program, at(cond)))
        }
        _ => None,
    });
    asked.flatten().collect()
}

/// The locals and fields that an expression is about, as written: `self.queue` of `self.queue.is_empty()`.
fn subjects(program: &Program, place: Place) -> Vec<&str> {
    let inner = |parent: &Place| {
        program.parent(*parent).is_some_and(|p| matches!(program.expr(p).kind, ExprKind::Field { .. }))
    };
    let named = |at: &Place| matches!(program.expr(*at).kind, ExprKind::Local(_) | ExprKind::Field { .. });
    program.inside(place).filter(|at| named(at) && !inner(at)).map(|at| program.source(at)).collect()
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

//! busy-wait: a loop asks again and again for something that could wake it.

use super::findings::Findings;
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::{Role, TypeRole};
use crate::facts::expr::{LoopKind, Stmt, UnaryOp};
use crate::facts::{ExprId, ExprKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "busy-wait", check: Check::Body(check) };

/// How a turn of the loop passes the time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    Spin,
    Sleep,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let loops = program.body(body).exprs.iter_ids().filter(|(_, e)| matches!(e.kind, ExprKind::Loop { .. }));
    for (expr, _) in loops {
        let place = Place { body, expr };
        if !program.is_async_at(place) || program.is_driven_alone(place) {
            continue;
        }
        let Some((cond, pause, span)) = waiting(program, place) else { continue };
        let kind = if pause == Pause::Spin { "spin" } else { "sleep-poll" };
        out.spanning(kind, body, span)
            .label("the loop only passes the time here")
            .why(program.span(cond), "asked again at every turn")
            .help("wait for the event: `Notify`, `watch::Receiver::wait_for`, `oneshot`, `CancellationToken::cancelled`, the handle itself");
    }
}

/// The condition of a loop that does nothing but wait, and where it waits.
fn waiting(program: &Program, looped: Place) -> Option<(Place, Pause, Span)> {
    let ExprKind::Loop { kind, body, .. } = &program.expr(looped).kind else { return None };
    let at = |expr: ExprId| Place { expr, ..looped };
    let ExprKind::Block(block) = &program.expr(at(*body)).kind else { return None };
    let exprs: Vec<ExprId> = block
        .stmts
        .iter()
        .map(|stmt| match stmt {
            Stmt::Expr { expr, .. } => Some(*expr),
            Stmt::Let { .. } | Stmt::Item(_) => None,
        })
        .chain(block.tail.map(Some))
        .collect::<Option<_>>()?;
    match (kind, &exprs[..]) {
        (LoopKind::While(cond), []) if asks(program, at(*cond)) => {
            Some((at(*cond), Pause::Spin, program.head_span(looped)))
        }
        (LoopKind::While(cond), [only]) if asks(program, at(*cond)) => {
            let (pause, span) = pause_of(program, at(*only))?;
            Some((at(*cond), pause, span))
        }
        (LoopKind::Loop, [only]) => asks_and_waits(program, looped, at(*only)),
        (LoopKind::Loop, [test, wait]) => {
            let ExprKind::If { cond, then, else_: None } = program.expr(at(*test)).kind else { return None };
            let leaves = program.with_order(looped.body, |order| order.exits_loop(then));
            let (pause, span) = pause_of(program, at(*wait)).filter(|_| asks(program, at(cond)))?;
            // Work in between, and then a turn at once: only the spinning kind has no better use of the time.
            (leaves || pause == Pause::Spin).then_some((at(cond), pause, span))
        }
        _ => None,
    }
}

/// `loop { if done() { break } else { yield_now().await } }`, and the same with `match`: one branch leaves, the other passes the time.
fn asks_and_waits(program: &Program, looped: Place, test: Place) -> Option<(Place, Pause, Span)> {
    let at = |expr: ExprId| Place { expr, ..looped };
    let (cond, branches) = match &program.expr(test).kind {
        ExprKind::If { cond, then, else_: Some(else_) } => (*cond, vec![*then, *else_]),
        ExprKind::Match { scrutinee, arms } => (*scrutinee, arms.iter().map(|arm| arm.body).collect()),
        _ => return None,
    };
    let [one, other] = branches[..] else { return None };
    let (leaves, waits) = program.with_order(looped.body, |order| (order.exits_loop(one), order.exits_loop(other)));
    let wait = match (leaves, waits) {
        (true, false) => other,
        (false, true) => one,
        (true, true) | (false, false) => return None,
    };
    let wait = match &program.expr(at(wait)).kind {
        ExprKind::Block(block) => match (&*block.stmts, block.tail) {
            ([], Some(tail)) => tail,
            ([Stmt::Expr { expr, .. }], None) => *expr,
            _ => return None,
        },
        _ => wait,
    };
    let (pause, span) = pause_of(program, at(wait)).filter(|_| asks(program, at(cond)))?;
    Some((at(cond), pause, span))
}

/// The condition reads local state that some other code could announce: an atomic, a handle, a queue. Remote calls do not count.
fn asks(program: &Program, cond: Place) -> bool {
    let mut found = false;
    for at in program.inside(cond) {
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, name, .. } => {
                let recv = Place { expr: *recv, ..at };
                let atomic = name == "load" && is_atomic(program, recv);
                let role = program.api(at).and_then(|entry| entry.role);
                let tries = matches!(role, Some(Role::TryLock | Role::TryAcquire))
                    || (name == "try_recv" && matches!(program.target(at), Target::Api(_)));
                if tries && drains(program, cond, at) {
                    return false;
                }
                found |= atomic || tries || role == Some(Role::IsFinished);
                found |= name == "is_empty" && is_locked(program, recv);
                found |= name == "available_permits" && matches!(program.target(at), Target::Api(_));
            }
            ExprKind::Call { .. } => {
                found |=
                    matches!(program.target(at), Target::Api(entry) if entry.path == "std::sync::Arc::strong_count");
            }
            ExprKind::Macro(_) | ExprKind::Select(_) => return false,
            // A flag behind an async lock: `*done.lock().await`.
            ExprKind::Deref(inner) | ExprKind::Field { base: inner, .. } => {
                found |= matches!(program.expr(Place { expr: *inner, ..at }).kind, ExprKind::Await(_));
            }
            ExprKind::Await(inner) => {
                let role = program.api(Place { expr: *inner, ..at }).and_then(|entry| entry.role);
                if !matches!(role, Some(Role::Lock | Role::LockRead)) {
                    return false;
                }
            }
            _ => {}
        }
    }
    found
}

/// `while rx.try_recv().is_ok()`: goes on as long as there is something, and ends when it would have to wait.
fn drains(program: &Program, cond: Place, call: Place) -> bool {
    let is_while = program.parent(cond).is_some_and(
        |p| matches!(&program.expr(p).kind, ExprKind::Loop { kind: LoopKind::While(own), .. } if *own == cond.expr),
    );
    let Some(next) = program.parent(call).filter(|_| is_while) else { return false };
    match &program.expr(next).kind {
        ExprKind::MethodCall { name, .. } if name == "is_ok" || name == "is_some" => {
            !program.parent(next).is_some_and(|p| matches!(program.expr(p).kind, ExprKind::Unary(UnaryOp::Not, _)))
        }
        ExprKind::MethodCall { name, .. } => name != "is_err" && name != "is_none",
        _ => true,
    }
}

/// The receiver is an atomic, also behind shared pointers.
fn is_atomic(program: &Program, recv: Place) -> bool {
    let mut ty = Some(program.ty(recv));
    (0..4).any(|_| {
        let here = ty;
        ty = ty.and_then(|t| program.deref(t));
        here.and_then(|t| program.type_role(t)) == Some(TypeRole::Atomic)
    })
}

fn is_locked(program: &Program, recv: Place) -> bool {
    program.inside(recv).any(|p| {
        let role = program.api(p).and_then(|entry| entry.role);
        matches!(role, Some(Role::Lock | Role::LockRead))
    })
}

/// `yield_now().await`, `spin_loop()`, `sleep(..).await`, or a fn of the workspace that does only that.
fn pause_of(program: &Program, stmt: Place) -> Option<(Pause, Span)> {
    let call = match program.expr(stmt).kind {
        ExprKind::Await(inner) => Place { expr: inner, ..stmt },
        _ => stmt,
    };
    if let Some(pause) = pause_by_role(program, call) {
        return Some((pause, program.call_span(call)));
    }
    let Target::Fn(def) = program.target(call) else { return None };
    let body = program.body_of(def)?;
    let region = RegionRef { body, region: RegionId(0) };
    let facts = program.body(body);
    let decl = &facts.regions[region.region];
    let ExprKind::Block(block) = &facts.exprs[decl.body].kind else { return None };
    let only = match (&*block.stmts, block.tail) {
        ([], Some(tail)) => tail,
        ([Stmt::Expr { expr, .. }], None) => *expr,
        _ => return None,
    };
    let ExprKind::Await(inner) = facts.exprs[only].kind else { return None };
    let pause = pause_by_role(program, Place { body, expr: inner }).filter(|_| decl.kind == RegionKind::AsyncFn)?;
    Some((pause, program.call_span(call)))
}

fn pause_by_role(program: &Program, call: Place) -> Option<Pause> {
    match program.api(call)?.role? {
        Role::Yield | Role::Spin => Some(Pause::Spin),
        Role::Sleep if program.is_sleep(call) => Some(Pause::Sleep),
        _ => None,
    }
}

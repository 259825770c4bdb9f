//! futurelock: code waits for a lock or a place that a future holds which nobody polls meanwhile.

use super::findings::Findings;
use super::{Check, Rule};
use crate::catalog::{Role, TypeRole};
use crate::diagnostic::Confidence;
use crate::facts::expr::{LoopKind, Select, SelectArm, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, RegionId};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "futurelock", check: Check::Body(check) };

/// Workspace fns followed at most.
const MAX_DEPTH: u32 = 3;

/// What a future that is polled by reference may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Surely,
    Perhaps,
    Nothing,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, select) in program.selects(body) {
        for arm in &select.arms {
            let Some(local) = polled_local(program, Place { body, expr: arm.future }) else { continue };
            let holds = holds(program, program.local_ty(body, local));
            if holds != Holds::Nothing {
                by_reference(program, place, select, arm, local, holds, out);
            }
        }
    }
    let loops = program.body(body).exprs.iter_ids().filter(|(_, e)| matches!(e.kind, ExprKind::Loop { .. }));
    for (expr, _) in loops {
        buffered(program, Place { body, expr }, out);
    }
}

/// `&mut fut`, `fut.as_mut()`.
fn polled_local(program: &Program, future: Place) -> Option<LocalId> {
    let inner = match &program.expr(future).kind {
        ExprKind::Ref { mutable: true, expr } => *expr,
        ExprKind::MethodCall { recv, name, .. } if name == "as_mut" => *recv,
        _ => return None,
    };
    match program.expr(Place { expr: inner, ..future }).kind {
        ExprKind::Local(local) => Some(local),
        _ => None,
    }
}

/// Timers, receivers and handles hold nothing; a future of the workspace holds what it awaits.
fn holds(program: &Program, ty: Ty) -> Holds {
    let ty = ty.peel_refs();
    match ty.kind() {
        TyKind::Future(_, FutureOrigin::Fn(def)) => match program.body_of(*def) {
            Some(body) if takes(program, RegionRef { body, region: RegionId(0) }, 0) => Holds::Surely,
            _ => Holds::Nothing,
        },
        TyKind::Future(_, FutureOrigin::Region(region)) => {
            if takes(program, *region, 0) {
                Holds::Surely
            } else {
                Holds::Nothing
            }
        }
        TyKind::Future(_, FutureOrigin::Opaque) | TyKind::Opaque(_) | TyKind::Dyn(_) => Holds::Perhaps,
        TyKind::Foreign(path, _, args) => match (path.as_str(), &args[..]) {
            ("std::pin::Pin" | "std::boxed::Box", [inner]) => holds(program, *inner),
            _ => Holds::Nothing,
        },
        _ => Holds::Nothing,
    }
}

/// The region awaits a lock, a permit or a place in a channel, itself or through workspace fns.
fn takes(program: &Program, region: RegionRef, depth: u32) -> bool {
    let root = program.body(region.body).regions[region.region].body;
    depth <= MAX_DEPTH && waits_in(program, Place { body: region.body, expr: root }, depth).is_some()
}

/// The first awaited call in a subtree that takes something others may hold.
fn waits_in(program: &Program, root: Place, depth: u32) -> Option<Place> {
    program.inside(root).find_map(|at| {
        let ExprKind::Await(inner) = program.expr(at).kind else { return None };
        let call = Place { expr: inner, ..at };
        let takes = match program.target(call) {
            Target::Api(entry) => {
                entry.is_async
                    && matches!(
                        entry.role,
                        Some(
                            Role::Lock
                                | Role::LockRead
                                | Role::Acquire
                                | Role::AcquireMany
                                | Role::Reserve
                                | Role::Send
                        )
                    )
            }
            Target::Fn(def) => program
                .body_of(def)
                .is_some_and(|body| takes(program, RegionRef { body, region: RegionId(0) }, depth + 1)),
            Target::TraitFn(_)
            | Target::Foreign(_)
            | Target::Ctor(_)
            | Target::Closure(_)
            | Target::Local(_)
            | Target::Unknown => false,
        };
        takes.then_some(call)
    })
}

fn by_reference(
    program: &Program,
    place: Place,
    select: &Select,
    arm: &SelectArm,
    local: LocalId,
    holds: Holds,
    out: &mut Findings<'_>,
) {
    let body = place.body;
    let others = || select.arms.iter().filter(|other| other.handler != arm.handler);
    let handler = others().find_map(|other| waits_in(program, Place { body, expr: other.handler }, 0));
    let alive = || others().any(|other| program.with_order(body, |order| order.completes(other.handler)));
    let call = handler.or_else(|| (holds == Holds::Surely && alive()).then(|| waits_after(program, place, local))?);
    let Some(call) = call else { return };
    let name = program.body(body).locals[local].name;
    let confidence = if holds == Holds::Surely { Confidence::Certain } else { Confidence::Likely };
    out.at("select-ref", call)
        .confidence(confidence)
        .fill("future", name.as_str())
        .label("waits while the future is not polled")
        .why(program.span(Place { body, expr: arm.future }), "polled only by this `select!`")
        .help(format!("give `{name}` to a task of its own and select on its handle, or drop it first"));
}

/// An await behind the `select!`, in the same turn of its loop, while the future lives and is not named again.
fn waits_after(program: &Program, select: Place, local: LocalId) -> Option<Place> {
    let facts = program.body(select.body);
    let (block, at, _) = program.statement(select)?;
    let ExprKind::Block(block) = &program.expr(block).kind else { return None };
    let mentions = program.mentions(select.body, local);
    let rest = block.stmts.iter().skip(at + 1).filter_map(|stmt| match stmt {
        Stmt::Let { init, .. } => *init,
        Stmt::Expr { expr, .. } => Some(*expr),
        Stmt::Item(_) => None,
    });
    let found = rest.chain(block.tail).find_map(|expr| waits_in(program, Place { expr, ..select }, 0))?;
    let named_between =
        mentions.iter().any(|m| *m > select.expr && *m < found.expr && !facts.is_inside(*m, select.expr));
    (found.expr > select.expr && !named_between).then_some(found)
}

/// `while let Some(x) = s.next().await { .. lock().await .. }` over buffered futures that take a lock themselves.
fn buffered(program: &Program, looped: Place, out: &mut Findings<'_>) {
    let ExprKind::Loop { kind: LoopKind::While(cond), body, .. } = program.expr(looped).kind else { return };
    let Some(local) = stream_of(program, Place { expr: cond, ..looped }).filter(|_| program.is_async_at(looped)) else {
        return;
    };
    let Some(call) = waits_in(program, Place { expr: body, ..looped }, 0) else { return };
    let Some(init) = init_of(program, looped.body, local) else { return };
    let facts = program.body(looped.body);
    let set = program.type_role(program.local_ty(looped.body, local)) == Some(TypeRole::FutureSet);
    let inits = [Some(init), before(program, Place { body: looped.body, expr: init })];
    let parts = || {
        let spans = inits.iter().flatten().map(|init| facts.exprs[*init].first.0..=init.0);
        spans.flatten().map(|e| Place { body: looped.body, expr: ExprId(e) })
    };
    let is_buffer = set || parts().any(|p| program.api(p).is_some_and(|e| e.role == Some(Role::Buffer)));
    let locks = parts().any(|p| match program.target(p) {
        Target::Fn(def) => {
            program.body_of(def).is_some_and(|body| takes(program, RegionRef { body, region: RegionId(0) }, 0))
        }
        _ => match program.expr(p).kind {
            ExprKind::Async(region) => takes(program, RegionRef { body: looped.body, region }, 0),
            _ => false,
        },
    });
    if is_buffer && locks {
        let name = facts.locals[local].name;
        let span = program.head_span(looped);
        out.spanning("buffered-stream", looped.body, span)
            .fill("future", name.as_str())
            .label("polls the futures only between two turns")
            .why(program.call_span(call), "while this waits, they are not polled")
            .help("use `for_each_concurrent`, or spawn the futures as tasks");
    }
}

/// The local of `let Some(..) = s.next().await`, `s.next().await.is_some()`.
fn stream_of(program: &Program, cond: Place) -> Option<LocalId> {
    let expr = match &program.expr(cond).kind {
        ExprKind::Let { expr, .. } => *expr,
        ExprKind::MethodCall { recv, name, .. } if name == "is_some" => *recv,
        _ => return None,
    };
    let ExprKind::Await(call) = program.expr(Place { expr, ..cond }).kind else { return None };
    let ExprKind::MethodCall { recv, name, .. } = &program.expr(Place { expr: call, ..cond }).kind else { return None };
    match program.expr(Place { expr: *recv, ..cond }).kind {
        ExprKind::Local(local) if name == "next" => Some(local),
        _ => None,
    }
}

/// What the local at the start of a chain of methods was made of: `let waiting = names.map(..);` of `waiting.collect()`.
fn before(program: &Program, init: Place) -> Option<ExprId> {
    let mut at = init;
    while let ExprKind::MethodCall { recv, .. } = program.expr(at).kind {
        at = Place { expr: recv, ..at };
    }
    let ExprKind::Local(local) = program.expr(at).kind else { return None };
    init_of(program, init.body, local)
}

fn init_of(program: &Program, body: BodyId, local: LocalId) -> Option<ExprId> {
    let facts = program.body(body);
    let declared = facts.locals[local].pat?;
    facts.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { pat, init, .. } if *pat == declared => *init,
            _ => None,
        }),
        _ => None,
    })
}

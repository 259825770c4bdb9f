//! Why a workspace fn cannot be dropped half-way: it reads in several steps, or holds a message while it waits again.

use crate::catalog::{Cancel, FnEntry, Role};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{DefId, Place};
use crate::hir::ty::TyKind;
use crate::program::{Fate, Program};

/// Workspace fns followed at most.
const MAX_DEPTH: u32 = 4;

/// The place that shows it.
#[derive(Clone, Copy)]
pub(super) struct Reason {
    pub place: Place,
    pub why: &'static str,
}

/// What makes an async fn of the workspace unsafe to drop.
pub(super) fn of_fn(program: &Program, def: DefId, depth: u32) -> Option<Reason> {
    let body = program.body_of(def)?;
    let facts = program.body(body);
    let decl = &facts.regions[RegionId(0)];
    if decl.kind != RegionKind::AsyncFn || depth > MAX_DEPTH {
        return None;
    }
    let root = Place { body, expr: decl.body };
    if let Some((place, _)) = loses(program, root).filter(|(call, entry)| is_borrowed(program, *call, entry)) {
        return Some(Reason { place, why: "not cancel safe: what it has read or written so far is lost" });
    }
    if let Some(place) = holds_a_message(program, root) {
        return Some(Reason { place, why: "a message is taken here and lost when a later await is dropped" });
    }
    awaited_calls(program, root).find_map(|call| match program.target(call) {
        Target::Fn(next) if next != def => of_fn(program, next, depth + 1).filter(|_| on_borrowed(program, call)),
        _ => None,
    })
}

fn awaited_calls(program: &Program, root: Place) -> impl Iterator<Item = Place> {
    program.inside(root).filter_map(move |at| match program.expr(at).kind {
        ExprKind::Await(inner) => Some(Place { expr: inner, ..at }),
        _ => None,
    })
}

/// The first awaited call that loses data when it is dropped.
pub(super) fn loses(program: &Program, root: Place) -> Option<(Place, &'static FnEntry)> {
    awaited_calls(program, root).find_map(|call| {
        let entry = program.api(call)?;
        (entry.cancel == Some(Cancel::LosesData)).then_some((call, entry))
    })
}

/// The reader outlives the fn: it is reached through `self` or a reference.
fn is_borrowed(program: &Program, call: Place, entry: &FnEntry) -> bool {
    let (recv, args) = program.operands(call, entry);
    recv.into_iter().chain(args).take(1).any(|at| lives_on(program, at))
}

fn on_borrowed(program: &Program, call: Place) -> bool {
    match &program.expr(call).kind {
        ExprKind::MethodCall { recv, .. } => lives_on(program, Place { expr: *recv, ..call }),
        ExprKind::Call { args, .. } => args.iter().any(|a| lives_on(program, Place { expr: *a, ..call })),
        _ => false,
    }
}

fn lives_on(program: &Program, at: Place) -> bool {
    match root_local(program, at) {
        Some(local) => {
            let decl = &program.body(at.body).locals[local];
            let ty = program.local_ty(at.body, local);
            match decl.kind {
                LocalKind::SelfValue | LocalKind::Param => matches!(ty.kind(), TyKind::Ref(..)),
                LocalKind::Let | LocalKind::Arm | LocalKind::For => false,
            }
        }
        None => false,
    }
}

fn root_local(program: &Program, at: Place) -> Option<LocalId> {
    let mut at = at;
    loop {
        let next: ExprId = match &program.expr(at).kind {
            ExprKind::Local(local) => return Some(*local),
            ExprKind::Field { base, .. } | ExprKind::Index { base, .. } => *base,
            ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
            ExprKind::MethodCall { recv, args, .. } if args.is_empty() => *recv,
            _ => return None,
        };
        at = Place { expr: next, ..at };
    }
}

/// `let m = self.rx.recv().await..; other().await; use(m)`: the message is held over the second await.
fn holds_a_message(program: &Program, root: Place) -> Option<Place> {
    let awaits: Vec<Place> =
        program.inside(root).filter(|at| matches!(program.expr(*at).kind, ExprKind::Await(_))).collect();
    awaited_calls(program, root).find(|call| {
        let takes = program.api(*call).is_some_and(|entry| matches!(entry.role, Some(Role::Recv | Role::Next)));
        let in_loop = program.with_order(call.body, |order| order.enclosing_loop(call.expr).is_some());
        let Some(local) = bound_to(program, *call).filter(|_| takes && !in_loop && on_borrowed(program, *call)) else {
            return false;
        };
        let uses = program.mentions(call.body, local);
        awaits.iter().any(|later| {
            let given = uses.iter().any(|u| program.body(call.body).is_inside(*u, later.expr));
            later.expr > call.expr
                && !program.body(call.body).is_inside(call.expr, later.expr)
                && !given
                && uses.iter().any(|u| *u > later.expr)
        })
    })
}

/// The local that gets the awaited value, `?` and unwrapping looked through.
fn bound_to(program: &Program, call: Place) -> Option<LocalId> {
    let mut at = call;
    for _ in 0..6 {
        let next = match program.fate(at) {
            Fate::Bound(local) => return Some(local),
            Fate::Awaited(e) | Fate::Tried(e) => e,
            Fate::Receiver(e) => match &program.expr(Place { expr: e, ..at }).kind {
                ExprKind::MethodCall { name, .. }
                    if matches!(
                        name.as_str(),
                        "unwrap" | "expect" | "ok_or" | "ok_or_else" | "context" | "map_err" | "ok"
                    ) =>
                {
                    e
                }
                _ => return None,
            },
            _ => return None,
        };
        at = Place { expr: next, ..at };
    }
    None
}

//! A value that was taken out of a channel or queue and is held over a later await: dropped there, it is gone.

use crate::catalog::TypeRole;
use crate::facts::expr::{LoopKind, MacroShape, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind};
use crate::hir::names::{Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};
use crate::program::owner::Scope;
use crate::program::{Fate, Program};

use super::inferred::Reason;
use super::reads;
use super::value::taken;

/// Locals followed at most.
const MAX_LOCALS: usize = 12;

/// Methods that put a value into a container.
const FILLS: [&str; 11] = [
    "push",
    "push_back",
    "push_front",
    "insert",
    "extend",
    "append",
    "push_str",
    "extend_from_slice",
    "put",
    "put_slice",
    "entry",
];

/// What a value that was taken becomes.
enum Becomes {
    /// Bound to these locals.
    Locals(Vec<LocalId>),
    /// Put into a container of the region, by this call.
    Kept(LocalId, ExprId),
    /// Held while this await waits.
    Held(ExprId),
    /// Nothing that is followed.
    Other,
}

/// A local that holds what was taken.
#[derive(Clone, Copy)]
struct Holder {
    local: LocalId,
    /// From here on.
    since: ExprId,
    /// It is filled turn by turn: the next take waits while it holds.
    fills: bool,
}

/// The first value of a region that is taken and held over a later await.
pub(super) fn of_region(program: &Program, region: RegionRef) -> Option<Reason> {
    let takes = program.exprs_of(region).filter_map(|(at, _)| {
        let owner = program.lasting(taken(program, at)?, Scope::Run(region))?;
        // A timer that is lost is no data: what is lost with it is told by select-timer-reset.
        (!is_timer(program, program.ty(at))).then_some((at, owner))
    });
    let taken = takes.into_iter().find_map(|(take, owner)| {
        let later = held_over(program, region, take)?;
        let why = "taken out here";
        Some(Reason { place: take, why, later: Some(Place { expr: later, ..take }), owner })
    });
    taken.or_else(|| reads::of_region(program, region))
}

/// `Option<Sleep>`, `Pin<Box<Sleep>>`.
fn is_timer(program: &Program, ty: Ty) -> bool {
    let mut at = ty.peel_refs();
    for _ in 0..4 {
        if program.type_role(at) == Some(TypeRole::Timer) {
            return true;
        }
        match at.args().first() {
            Some(inner) => at = *inner,
            None => return false,
        }
    }
    false
}

/// An await after `take` over which the value is held.
fn held_over(program: &Program, region: RegionRef, take: Place) -> Option<ExprId> {
    let mut holders: Vec<Holder> = Vec::new();
    add(program, region, take, take.expr, &mut holders).map_or_else(
        || {
            let mut next = 0;
            while next < holders.len().min(MAX_LOCALS) {
                let holder = holders[next];
                next += 1;
                if let Some(later) = waits_with(program, take, holder) {
                    return Some(later);
                }
                for mention in program.mentions(take.body, holder.local) {
                    let at = Place { expr: mention, ..take };
                    if let Some(later) = add(program, region, at, mention, &mut holders) {
                        return Some(later);
                    }
                }
            }
            None
        },
        Some,
    )
}

/// Notes who holds the value of `at` next; an await that already waits with it ends the search.
fn add(program: &Program, region: RegionRef, at: Place, since: ExprId, holders: &mut Vec<Holder>) -> Option<ExprId> {
    match becomes(program, region, at) {
        Becomes::Held(later) => return Some(later),
        Becomes::Locals(locals) => {
            for local in locals {
                note(holders, Holder { local, since, fills: false });
            }
        }
        Becomes::Kept(local, by) => note(holders, Holder { local, since: by, fills: true }),
        Becomes::Other => {}
    }
    None
}

fn note(holders: &mut Vec<Holder>, new: Holder) {
    if holders.iter().all(|h| h.local != new.local) {
        holders.push(new);
    }
}

/// The await that waits while a local holds the value: it is given the local, or the local is read after it.
fn waits_with(program: &Program, take: Place, holder: Holder) -> Option<ExprId> {
    let ty = program.local_ty(take.body, holder.local);
    let is_bool = matches!(ty.kind(), TyKind::Prim(name) if *name == "bool");
    if ty.is_unit() || is_bool || matches!(ty.kind(), TyKind::Ref(..)) {
        return None;
    }
    let body = program.body(take.body);
    let mentions = program.mentions(take.body, holder.local);
    program.with_order(take.body, |order| {
        order.awaits_after(holder.since).into_iter().find(|later| {
            let own = !holder.fills && body.is_inside(take.expr, *later);
            let given = || mentions.iter().any(|m| body.is_inside(*m, *later));
            !own && (given() || order.used_after(holder.local, *later))
        })
    })
}

/// Climbs from a value to what gets it.
fn becomes(program: &Program, region: RegionRef, value: Place) -> Becomes {
    let mut at = value;
    for _ in 0..12 {
        let next = match program.fate(at) {
            Fate::Awaited(e) | Fate::Tried(e) => e,
            Fate::Receiver(call) if is_passed_on(program, Place { expr: call, ..at }) => call,
            Fate::Bound(local) if is_inside(program, region, local) => return Becomes::Locals(vec![local]),
            Fate::Matched(by) => return Becomes::Locals(bound_at(program, Place { expr: by, ..at }, at.expr)),
            Fate::Selected(select) => {
                return Becomes::Locals(bound_at(program, Place { expr: select, ..at }, at.expr));
            }
            Fate::Argument(call, _) if is_joined(program, Place { expr: call, ..at }) => return Becomes::Held(call),
            Fate::Argument(call, _) => match given_to(program, region, Place { expr: call, ..at }) {
                Some(end) => return end,
                None => call,
            },
            Fate::Stored(parts) => match await_beside(program, at, parts) {
                Some(later) => return Becomes::Held(later),
                None => parts,
            },
            Fate::Macro(by) if is_join(program, Place { expr: by, ..at }) => return Becomes::Held(by),
            Fate::Used(by) => match kept_by_use(program, region, Place { expr: by, ..at }) {
                Some(end) => return end,
                None => return Becomes::Other,
            },
            _ => return Becomes::Other,
        };
        at = Place { expr: next, ..at };
    }
    Becomes::Other
}

fn is_passed_on(program: &Program, call: Place) -> bool {
    let ExprKind::MethodCall { name, .. } = &program.expr(call).kind else { return false };
    matches!(
        name.as_str(),
        "unwrap"
            | "expect"
            | "ok_or"
            | "ok_or_else"
            | "context"
            | "with_context"
            | "map_err"
            | "ok"
            | "unwrap_or_default"
            | "transpose"
            | "into"
            | "collect"
            | "into_iter"
            | "enumerate"
            | "rev"
    )
}

/// What a call does with a value that is given to it: keeps it in a container of the region, or waits with it.
fn given_to(program: &Program, region: RegionRef, call: Place) -> Option<Becomes> {
    if let Some(kept) = filled(program, region, call) {
        return Some(kept);
    }
    match program.fate(call) {
        Fate::Awaited(later) => Some(Becomes::Held(later)),
        _ if matches!(program.expr(call).kind, ExprKind::MethodCall { .. }) => Some(Becomes::Other),
        _ => None,
    }
}

fn filled(program: &Program, region: RegionRef, call: Place) -> Option<Becomes> {
    let ExprKind::MethodCall { recv, name, .. } = &program.expr(call).kind else { return None };
    if !FILLS.contains(&name.as_str()) {
        return None;
    }
    let root = program.place_root(Place { expr: *recv, ..call });
    Some(match root.filter(|local| is_own(program, region, *local)) {
        Some(local) => Becomes::Kept(local, call.expr),
        None => Becomes::Other,
    })
}

/// `out.extend_from_slice(&part)`, `sum += part`.
fn kept_by_use(program: &Program, region: RegionRef, by: Place) -> Option<Becomes> {
    match program.expr(by).kind {
        ExprKind::Ref { .. } => match program.fate(by) {
            Fate::Argument(call, _) => filled(program, region, Place { expr: call, ..by }),
            _ => None,
        },
        // The rest of the batch waits in the iterator.
        ExprKind::Loop { kind: LoopKind::For { .. }, body, .. } => {
            let inside = program.inside(Place { expr: body, ..by });
            let mut awaits = inside.filter(|at| matches!(program.expr(*at).kind, ExprKind::Await(_)));
            awaits.next().map(|later| Becomes::Held(later.expr))
        }
        ExprKind::AssignOp { target, .. } => {
            let root = program.place_root(Place { expr: target, ..by })?;
            is_own(program, region, root).then_some(Becomes::Kept(root, by.expr))
        }
        _ => None,
    }
}

/// `join!(a.recv(), b.recv())`: what came first waits for the rest.
fn is_join(program: &Program, at: Place) -> bool {
    match &program.expr(at).kind {
        ExprKind::Macro(call) => matches!(call.shape, MacroShape::Join | MacroShape::TryJoin) && call.args.len() > 1,
        _ => false,
    }
}

/// `join(a.recv(), b.recv())`.
pub(super) fn is_joined(program: &Program, call: Place) -> bool {
    let of_all =
        |path: &str| path.starts_with("futures::future::join") || path.starts_with("futures::future::try_join");
    program.api(call).is_some_and(|entry| of_all(entry.path.as_str())) && program.arguments(call).len() > 1
}

/// The local dies with the region: declared in it, and no reference.
pub(super) fn is_own(program: &Program, region: RegionRef, local: LocalId) -> bool {
    let is_ref = matches!(program.local_ty(region.body, local).kind(), TyKind::Ref(..));
    let is_self = program.body(region.body).locals[local].kind == LocalKind::SelfValue;
    is_inside(program, region, local) && !is_ref && !is_self
}

fn is_inside(program: &Program, region: RegionRef, local: LocalId) -> bool {
    let body = program.body(region.body);
    body.region_chain(body.locals[local].region).any(|r| r == region.region)
}

/// An await in a later part of the same tuple or struct: the earlier part waits with it.
fn await_beside(program: &Program, value: Place, parts: ExprId) -> Option<ExprId> {
    let body = program.body(value.body);
    let later = value.expr.0 + 1..parts.0;
    later.map(ExprId).find(|e| {
        matches!(body.exprs[*e].kind, ExprKind::Await(_))
            && body.exprs[*e].region == body.exprs[value.expr].region
            && !body.is_inside(value.expr, *e)
    })
}

/// The locals that the construct at `by` binds to parts of `value`.
fn bound_at(program: &Program, by: Place, value: ExprId) -> Vec<LocalId> {
    let locals = |pat| program.bound_in(by.body, pat);
    match &program.expr(by).kind {
        ExprKind::Block(block) => {
            let pats = block.stmts.iter().filter_map(|stmt| match stmt {
                Stmt::Let { pat, init: Some(init), .. } if *init == value => Some(*pat),
                _ => None,
            });
            pats.flat_map(locals).collect()
        }
        ExprKind::Let { pat, .. } => locals(*pat),
        ExprKind::Match { arms, .. } => arms.iter().flat_map(|arm| locals(arm.pat)).collect(),
        ExprKind::Select(select) => {
            select.arms.iter().filter(|arm| arm.future == value).flat_map(|arm| locals(arm.pat)).collect()
        }
        _ => Vec::new(),
    }
}

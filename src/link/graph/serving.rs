//! Where entry code is more than a start: inside a loop that serves, or after something else was started.
//!
//! Looks at one body, in source order; what a callee starts is asked by whoever has effects.

use crate::catalog::{FnEntry, Role};
use crate::facts::expr::LoopKind;
use crate::facts::{Body, ExprId, ExprKind, RegionId};
use crate::hir::body::Target;
use crate::hir::names::BodyId;

use super::Linked;

/// A loop around `expr`, in its region, takes connections: while a turn waits, nobody is let in. In a fn that others can call, taking
/// messages is serving as well: there the main that is seen need not be the only one.
pub fn serves_around(linked: Linked<'_>, id: BodyId, expr: ExprId) -> bool {
    let offered = linked.world.fn_of(id).is_some_and(|def| linked.world.is_exported(def));
    let serves = |at: ExprId| match &linked.body(id).exprs[at].kind {
        ExprKind::MethodCall { name, .. } if name == "accept" => true,
        ExprKind::Select(_) => offered,
        _ => linked.types[id].target(at).api().and_then(|entry| entry.role).is_some_and(|role| match role {
            Role::Accept => true,
            Role::Recv | Role::Next | Role::Interval => offered,
            _ => false,
        }),
    };
    turns_around(linked.body(id), expr).any(|looped| inside(linked.body(id), looped).any(serves))
}

/// One of the first acts of a command: nothing was started before it in this body, and it is not done again and again between awaits.
pub fn is_first_act(linked: Linked<'_>, id: BodyId, expr: ExprId) -> bool {
    let body = linked.body(id);
    let starts = |target: &Target| target.api().is_some_and(is_start);
    let started = linked.types[id].targets.iter().any(|(at, target)| starts(target) && comes_before(body, *at, expr));
    let awaits = |looped| inside(body, looped).any(|at| matches!(body.exprs[at].kind, ExprKind::Await(_)));
    !started && !turns_around(body, expr).any(awaits)
}

/// In source order, not what a `return` gives, and not in another branch of the same choice: `match command { Serve => listen().await, Import => read() }`.
pub fn comes_before(body: &Body, first: ExprId, second: ExprId) -> bool {
    let mut child = first;
    let mut around = body.ancestors(first);
    let shared = around.find(|at| {
        let shares = body.is_inside(second, *at);
        if !shares {
            child = *at;
        }
        shares
    });
    let other = |part: ExprId| part != child && body.is_inside(second, part);
    let apart = shared.is_some_and(|at| match &body.exprs[at].kind {
        ExprKind::If { then, else_, .. } => {
            (child == *then && else_.is_some_and(other)) || (*else_ == Some(child) && other(*then))
        }
        ExprKind::Match { arms, .. } => {
            arms.iter().any(|arm| arm.body == child) && arms.iter().any(|arm| other(arm.body))
        }
        _ => false,
    });
    let returns = || {
        let up_to_shared = body.ancestors(first).take_while(|at| !body.is_inside(second, *at));
        up_to_shared.into_iter().any(|at| matches!(body.exprs[at].kind, ExprKind::Return(_)))
    };
    first < second && !apart && !returns()
}

/// The body opens its doors after `expr`: it binds a listener or starts a server. No handler does that, so what
/// stands before is the start of a service, once.
pub fn serves_later(linked: Linked<'_>, id: BodyId, expr: ExprId) -> bool {
    let body = linked.body(id);
    let region = body.exprs[expr].region;
    let opens = |entry: &FnEntry| {
        let listener = || entry.owner.is_some_and(|owner| owner.as_str().ends_with("Listener"));
        entry.role == Some(Role::Serve) || (entry.name == "bind" && listener())
    };
    let by_name = |at: ExprId| match &body.exprs[at].kind {
        ExprKind::MethodCall { name, .. } => name.as_str().split('_').any(|word| word == "serve"),
        _ => false,
    };
    let later = body
        .exprs
        .iter_ids()
        .filter(|(at, later)| later.region == region && !body.is_inside(expr, *at) && comes_before(body, expr, *at));
    let mut doors = later.filter(|(at, _)| by_name(*at) || linked.types[id].target(*at).api().is_some_and(opens));
    turns_around(body, expr).next().is_none() && doors.next().is_some()
}

fn is_start(entry: &FnEntry) -> bool {
    let starts = matches!(
        entry.role,
        Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn | Role::SpawnActor | Role::Serve | Role::Accept)
    );
    starts || (entry.is_async && entry.name == "bind")
}

/// `loop` and `while` around an expression, in its own region.
fn turns_around(body: &Body, expr: ExprId) -> impl Iterator<Item = ExprId> {
    let region: RegionId = body.exprs[expr].region;
    let around = body.ancestors(expr).skip(1).take_while(move |at| body.exprs[*at].region == region);
    around
        .filter(|at| matches!(&body.exprs[*at].kind, ExprKind::Loop { kind: LoopKind::Loop | LoopKind::While(_), .. }))
}

/// Expressions inside another, of the same region.
fn inside(body: &Body, outer: ExprId) -> impl Iterator<Item = ExprId> {
    let region = body.exprs[outer].region;
    (body.exprs[outer].first.0..outer.0).map(ExprId).filter(move |at| body.exprs[*at].region == region)
}

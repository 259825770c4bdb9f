//! What helpers do with a future that they are given: the mentions of the parameter, the calls of a closure that makes one.
//!
//! Each helper on the way knows what the call before told it (`modes`), so that a constant two calls up decides. Says nothing of
//! contexts; the graph and the search for entry code do.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, LocalId, PatKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::graph::EdgeKind;
use crate::hir::names::{BodyId, DefId};

use super::Linked;
use super::consume::{Fate, View, climb};
use super::kept::Mention;
use super::modes::{self, Told};
use super::runs::Fact;

/// Workspace helpers and locals followed at most.
pub const MAX_CALLS: u32 = 12;

/// A call by which the walk came to a body.
pub struct Frame<'a> {
    told: Told,
    parameter: Option<(BodyId, LocalId)>,
    before: Option<&'a Frame<'a>>,
}

impl Frame<'_> {
    /// The body in which a future is made: nothing is known of its parameters.
    pub fn outermost() -> Self {
        Frame { told: Told::default(), parameter: None, before: None }
    }

    fn came_by(&self, parameter: (BodyId, LocalId)) -> bool {
        std::iter::successors(Some(self), |frame| frame.before).any(|frame| frame.parameter == Some(parameter))
    }
}

/// The fate of a local among its mentions.
pub fn by_local(view: View<'_>, id: BodyId, local: LocalId, after: ExprId, depth: u32) -> Fate {
    by_mentions(view, id, local, Some(after), depth)
}

fn by_mentions(view: View<'_>, id: BodyId, local: LocalId, after: Option<ExprId>, depth: u32) -> Fate {
    if depth >= MAX_CALLS {
        return Fate::LATER;
    }
    let body = view.linked.body(id);
    let home = body.locals[local].region;
    let mentions = body
        .exprs
        .iter_ids()
        .filter(|(e, expr)| Some(*e) > after && matches!(expr.kind, ExprKind::Local(l) if l == local));
    let taken = mentions.filter(|(e, _)| !modes::excludes(view.linked, &view.frame.told, id, *e));
    best(taken.map(|(e, expr)| {
        let inside = climb(view, id, e, depth + 1);
        seen_from(view, id, inside, (expr.region, home), depth)
    }))
}

/// A future that a struct keeps: what becomes of it where it is taken out, if that is a thread that waits for nothing else.
pub fn by_field(view: View<'_>, owner: DefId, field: Name, depth: u32) -> Fate {
    if depth >= MAX_CALLS {
        return Fate::LATER;
    }
    let frame = Frame { before: Some(view.frame), ..Frame::outermost() };
    let view = View { frame: &frame, ..view };
    let fates = view.runs.kept.of(owner, field).iter().map(|(id, mention)| {
        let (inside, region) = match *mention {
            Mention::Field(expr) => (climb(view, *id, expr, depth + 2), view.linked.body(*id).exprs[expr].region),
            Mention::Local(local) => {
                (by_mentions(view, *id, local, None, depth + 2), view.linked.body(*id).locals[local].region)
            }
        };
        seen_from(view, *id, inside, (region, RegionId(0)), depth + 2)
    });
    let fate = best(fates);
    if is_apart(fate) { fate } else { Fate::LATER }
}

/// The thread whose closure holds the expression.
pub fn hosted_by(view: View<'_>, id: BodyId, expr: ExprId) -> Fate {
    let region = view.linked.body(id).exprs[expr].region;
    seen_from(view, id, Fate::Hosted, (region, RegionId(0)), 0)
}

/// What the fate of a future in an inner region is for the region around: a block that awaits it runs where the block runs.
fn seen_from(view: View<'_>, id: BodyId, mut fate: Fate, (from, home): (RegionId, RegionId), depth: u32) -> Fate {
    let body = view.linked.body(id);
    for region in body.region_chain(from).take_while(|region| *region != home) {
        let decl = &body.regions[region];
        fate = match (decl.kind, fate) {
            (RegionKind::Closure, Fate::Runs(EdgeKind::BlockOn) | Fate::Hosted) => {
                match view.runs.closure(view.linked, id, region).fact {
                    Fact::Offloaded => Fate::Runs(EdgeKind::Offload),
                    Fact::Thread => Fate::Runs(EdgeKind::Thread),
                    Fact::Inline | Fact::Async | Fact::Bottom | Fact::Later => fate,
                }
            }
            (RegionKind::AsyncBlock | RegionKind::Stream, Fate::Runs(EdgeKind::Await | EdgeKind::Concurrent)) => {
                match climb(view, id, decl.expr, depth + 1) {
                    Fate::Runs(EdgeKind::Later | EdgeKind::Inline) => fate,
                    around => around,
                }
            }
            (
                RegionKind::Fn
                | RegionKind::AsyncFn
                | RegionKind::Const
                | RegionKind::AsyncBlock
                | RegionKind::Stream
                | RegionKind::Closure
                | RegionKind::AsyncClosure
                | RegionKind::Opaque,
                fate,
            ) => fate,
        };
    }
    fate
}

/// The best-known of several fates. A future is moved into one of them only: of a worker and a thread that waits for nothing else, which
/// it is depends on what is not known, and then the worker is not said to be held up.
pub fn best(fates: impl Iterator<Item = Fate>) -> Fate {
    let fates: Vec<Fate> = fates.filter(|fate| *fate != Fate::Circle).collect();
    let apart = fates.iter().find(|fate| is_apart(**fate));
    let on_worker = |fate: &Fate| {
        matches!(
            fate,
            Fate::Hosted | Fate::Runs(EdgeKind::Spawn | EdgeKind::BlockOn | EdgeKind::Concurrent | EdgeKind::Await)
        )
    };
    match apart {
        Some(apart) if fates.iter().any(on_worker) => *apart,
        _ => fates.into_iter().min_by_key(|fate| rank(*fate)).unwrap_or(Fate::LATER),
    }
}

/// Several implementations of one method: what they agree in, or that some wait on threads of their own.
pub fn agreed(fates: impl Iterator<Item = Fate>) -> Fate {
    let fates: Vec<Fate> = fates.filter(|fate| *fate != Fate::Circle).collect();
    let first = fates.first().copied().unwrap_or(Fate::LATER);
    let apart = fates.iter().find(|fate| is_apart(**fate));
    if fates.iter().all(|fate| *fate == first) { first } else { apart.copied().unwrap_or(Fate::LATER) }
}

/// Driven by a thread that waits for nothing else.
pub const fn is_apart(fate: Fate) -> bool {
    matches!(fate, Fate::Runs(EdgeKind::Offload | EdgeKind::Thread))
}

const fn rank(fate: Fate) -> u8 {
    match fate {
        Fate::Hosted => 0,
        Fate::Runs(kind) => match kind {
            EdgeKind::Spawn => 1,
            EdgeKind::BlockOn => 2,
            EdgeKind::Concurrent => 3,
            EdgeKind::Await => 4,
            EdgeKind::Inline | EdgeKind::Offload | EdgeKind::Thread => 5,
            EdgeKind::Later => 7,
        },
        Fate::Returned => 6,
        Fate::Circle => 8,
    }
}

/// The value of a closure that a workspace fn is given: what that fn does with what its calls of the closure give.
pub fn of_closure(view: View<'_>, id: BodyId, closure: ExprId, depth: u32) -> Fate {
    let body = view.linked.body(id);
    let Some(call) = body.exprs[closure].parent.filter(|_| depth < MAX_CALLS) else { return Fate::LATER };
    let index = match &body.exprs[call].kind {
        ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. } => args.iter().position(|arg| *arg == closure),
        _ => None,
    };
    of_callable(view, id, call, index, depth)
}

/// The same for any callable that is argument number `index` of a call.
pub fn of_callable(view: View<'_>, id: BodyId, call: ExprId, index: Option<usize>, depth: u32) -> Fate {
    let Target::Fn(def) = view.linked.types[id].target(call) else { return Fate::LATER };
    let parameter = parameter(view, id, call, def, index);
    parameter.map_or(Fate::LATER, |parameter| made_by(view, (id, call), parameter, depth))
}

/// What a fn does with the futures that it makes by calling its parameter, itself or by another fn.
fn made_by(view: View<'_>, call: (BodyId, ExprId), (callee, local): (BodyId, LocalId), depth: u32) -> Fate {
    if depth >= MAX_CALLS || view.frame.came_by((callee, local)) {
        return Fate::Circle;
    }
    let told = Told::by_call(view.linked, &view.frame.told, call, callee);
    let frame = Frame { told, parameter: Some((callee, local)), before: Some(view.frame) };
    let view = View { frame: &frame, ..view };
    let inner = view.linked.body(callee);
    let is_it = |expr: ExprId| matches!(inner.exprs[expr].kind, ExprKind::Local(l) if l == local);
    let uses = inner.exprs.iter_ids().filter_map(|(at, e)| match &e.kind {
        ExprKind::Call { callee, .. } if is_it(*callee) => Some((at, e.region, None)),
        ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. } => {
            Some((at, e.region, Some(args.iter().position(|arg| is_it(*arg))?)))
        }
        _ => None,
    });
    let taken = uses.filter(|(at, ..)| !modes::excludes(view.linked, &view.frame.told, callee, *at));
    best(taken.map(|(at, region, handed)| {
        let inside = match handed {
            None => climb(view, callee, at, depth + 1),
            Some(_) => of_callable(view, callee, at, handed, depth + 1),
        };
        seen_from(view, callee, inside, (region, RegionId(0)), depth)
    }))
}

/// What a workspace fn does with the future that it is given as argument number `index` of `call`.
pub fn given_to(view: View<'_>, id: BodyId, call: ExprId, def: DefId, index: Option<usize>, depth: u32) -> Fate {
    let Some((callee, local)) = parameter(view, id, call, def, index) else { return Fate::LATER };
    if view.frame.came_by((callee, local)) {
        return Fate::Circle;
    }
    if depth >= MAX_CALLS {
        return Fate::LATER;
    }
    let told = Told::by_call(view.linked, &view.frame.told, (id, call), callee);
    let frame = Frame { told, parameter: Some((callee, local)), before: Some(view.frame) };
    let inside = by_mentions(View { frame: &frame, ..view }, callee, local, None, depth + 1);
    let is_async = view.linked.body(callee).regions[RegionId(0)].kind == RegionKind::AsyncFn;
    match inside {
        Fate::Runs(EdgeKind::Await | EdgeKind::Concurrent) if is_async => {
            apart_with(view, id, call, depth).unwrap_or(inside)
        }
        _ => inside,
    }
}

/// A future that another one polls: the thread that drives the other, when it waits for nothing else.
fn apart_with(view: View<'_>, id: BodyId, call: ExprId, depth: u32) -> Option<Fate> {
    let around = climb(view, id, call, depth + 1);
    let region = view.linked.body(id).exprs[call].region;
    let seen = seen_from(view, id, around, (region, RegionId(0)), depth);
    Some(seen).filter(|fate| is_apart(*fate))
}

/// The local that takes argument number `index` of `call`; the receiver of a method called by its path is no such argument.
fn parameter(view: View<'_>, id: BodyId, call: ExprId, def: DefId, index: Option<usize>) -> Option<(BodyId, LocalId)> {
    param_local(view.linked, def, index?.checked_sub(receivers_among(view, id, call, def))?)
}

/// Arguments that are receivers: one, where a method is called by its path.
fn receivers_among(view: View<'_>, id: BodyId, call: ExprId, def: DefId) -> usize {
    let is_path = matches!(view.linked.body(id).exprs[call].kind, ExprKind::Call { .. });
    let sig = view.linked.sigs.func(view.linked.world.names.item_ref(def));
    usize::from(is_path && sig.is_some_and(|sig| sig.receiver.is_some()))
}

/// The local that a parameter of a workspace fn binds.
fn param_local(linked: Linked<'_>, def: DefId, index: usize) -> Option<(BodyId, LocalId)> {
    let callee = linked.world.body_of(def)?;
    let body = linked.body(callee);
    let param = body.regions[RegionId(0)].params.get(index)?;
    match body.pats[param.pat].kind {
        PatKind::Bind { local, .. } => Some((callee, local)),
        _ => None,
    }
}

//! What becomes of a future at the place where it is made: awaited, polled beside others, spawned, driven, or unknown.
//!
//! Looks outwards from the expression, through adaptors and locals, and into the callee that receives it. A future that a closure
//! on a blocking pool or a thread of its own drives to its end runs there.

use crate::catalog::{Place as Where, Role};
use crate::facts::expr::{MacroShape, Stmt};
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::graph::EdgeKind;
use crate::hir::names::{BodyId, DefId};

use super::Linked;
use super::edges::implementations;
use super::modes::{self, Told};
use super::runs::{Fact, Runs};

/// Workspace helpers and locals followed at most.
const MAX_CALLS: u32 = 8;

/// How the future made by `expr` runs.
pub fn of(linked: Linked<'_>, runs: &Runs, id: BodyId, expr: ExprId) -> EdgeKind {
    climb(View { linked, runs }, id, expr, 0)
}

/// How the futures run that an async closure gives, by the workspace fn that is given the closure.
pub fn of_async_closure(linked: Linked<'_>, runs: &Runs, id: BodyId, closure: ExprId) -> EdgeKind {
    of_closure(View { linked, runs }, id, closure, 0)
}

/// What the walk reads.
#[derive(Clone, Copy)]
struct View<'a> {
    linked: Linked<'a>,
    runs: &'a Runs,
}

fn climb(view: View<'_>, id: BodyId, expr: ExprId, depth: u32) -> EdgeKind {
    let body = view.linked.body(id);
    let mut at = expr;
    for _ in 0..64 {
        let Some(parent) = body.exprs[at].parent else { return EdgeKind::Later };
        match step(view, id, body, at, parent, depth) {
            Step::Up => at = parent,
            Step::Done(kind) => return kind,
        }
    }
    EdgeKind::Later
}

enum Step {
    Up,
    Done(EdgeKind),
}

fn step(view: View<'_>, id: BodyId, body: &Body, at: ExprId, parent: ExprId, depth: u32) -> Step {
    let later = Step::Done(EdgeKind::Later);
    match &body.exprs[parent].kind {
        ExprKind::Await(_) => Step::Done(EdgeKind::Await),
        ExprKind::MethodCall { recv, args, .. } => {
            let index = args.iter().position(|a| *a == at);
            argument(view, id, parent, if *recv == at { None } else { index }, depth)
        }
        ExprKind::Call { callee, args } if *callee != at => {
            argument(view, id, parent, args.iter().position(|a| *a == at), depth)
        }
        ExprKind::Macro(call) => match call.shape {
            MacroShape::Join | MacroShape::TryJoin => Step::Done(EdgeKind::Concurrent),
            MacroShape::Pin => Step::Up,
            _ => later,
        },
        ExprKind::Select(select) if select.arms.iter().any(|a| a.future == at) => Step::Done(EdgeKind::Concurrent),
        ExprKind::Select(_) => Step::Up,
        ExprKind::Ref { .. } | ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Try(_) => Step::Up,
        ExprKind::Closure(region) if body.regions[*region].body == at => {
            Step::Done(of_closure(view, id, parent, depth))
        }
        ExprKind::Block(block) => {
            if block.tail == Some(at) {
                return Step::Up;
            }
            Step::Done(
                bound_local(body, block, at).map_or(EdgeKind::Later, |local| by_local(view, id, local, at, depth)),
            )
        }
        ExprKind::Assign { target: Some(target), value } if *value == at => match body.exprs[*target].kind {
            ExprKind::Local(local) => Step::Done(by_local(view, id, local, at, depth)),
            _ => later,
        },
        _ => later,
    }
}

fn bound_local(body: &Body, block: &crate::facts::expr::Block, init: ExprId) -> Option<LocalId> {
    block.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Let { pat, init: Some(e), .. } if *e == init => match body.pats[*pat].kind {
            PatKind::Bind { local, .. } => Some(local),
            _ => None,
        },
        _ => None,
    })
}

/// The best-known fate among the mentions of a local.
fn by_local(view: View<'_>, id: BodyId, local: LocalId, after: ExprId, depth: u32) -> EdgeKind {
    by_local_where(view, id, local, Some(after), depth, &|_| true)
}

/// As `by_local`, of the mentions that count.
fn by_local_where(
    view: View<'_>,
    id: BodyId,
    local: LocalId,
    after: Option<ExprId>,
    depth: u32,
    counts: &dyn Fn(ExprId) -> bool,
) -> EdgeKind {
    if depth >= MAX_CALLS {
        return EdgeKind::Later;
    }
    let body = view.linked.body(id);
    let home = body.locals[local].region;
    let mentions = body
        .exprs
        .iter_ids()
        .filter(|(e, expr)| Some(*e) > after && matches!(expr.kind, ExprKind::Local(l) if l == local));
    let fates = mentions.filter(|(e, _)| counts(*e)).map(|(e, expr)| {
        let inside = climb(view, id, e, depth + 1);
        seen_from(view, id, inside, (expr.region, home), depth)
    });
    fates.min_by_key(|kind| rank(*kind)).unwrap_or(EdgeKind::Later)
}

/// What the fate of a future in an inner region is for the region around: a block that awaits it runs where the block runs.
fn seen_from(
    view: View<'_>,
    id: BodyId,
    mut kind: EdgeKind,
    (from, home): (RegionId, RegionId),
    depth: u32,
) -> EdgeKind {
    let body = view.linked.body(id);
    for region in body.region_chain(from).take_while(|region| *region != home) {
        let decl = &body.regions[region];
        kind = match (decl.kind, kind) {
            (RegionKind::Closure, EdgeKind::BlockOn) => match view.runs.closure(view.linked, id, region).fact {
                Fact::Offloaded => EdgeKind::Offload,
                Fact::Thread => EdgeKind::Thread,
                Fact::Inline | Fact::Async | Fact::Bottom | Fact::Later => kind,
            },
            (RegionKind::AsyncBlock | RegionKind::Stream, EdgeKind::Await | EdgeKind::Concurrent) => {
                match climb(view, id, decl.expr, depth + 1) {
                    EdgeKind::Later | EdgeKind::Inline => kind,
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
                kind,
            ) => kind,
        };
    }
    kind
}

const fn rank(kind: EdgeKind) -> u8 {
    match kind {
        EdgeKind::Spawn => 0,
        EdgeKind::BlockOn => 1,
        EdgeKind::Concurrent => 2,
        EdgeKind::Await => 3,
        EdgeKind::Inline | EdgeKind::Offload | EdgeKind::Thread => 4,
        EdgeKind::Later => 5,
    }
}

/// The future is the receiver (`None`) or argument number `index` of `call`.
fn argument(view: View<'_>, id: BodyId, call: ExprId, index: Option<usize>, depth: u32) -> Step {
    let later = Step::Done(EdgeKind::Later);
    match view.linked.types[id].target(call) {
        Target::Api(entry) => match entry.role {
            Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn | Role::SpawnActor) => Step::Done(EdgeKind::Spawn),
            Some(Role::BlockOn) => Step::Done(EdgeKind::BlockOn),
            Some(Role::Timeout | Role::Identity | Role::CatchUnwind) => Step::Up,
            Some(Role::JoinAll | Role::SelectFn | Role::Buffer) => Step::Done(EdgeKind::Concurrent),
            _ if matches!(
                entry.path.as_str(),
                "std::boxed::Box::pin" | "std::boxed::Box::new" | "std::pin::Pin::new"
            ) =>
            {
                Step::Up
            }
            _ if index.is_none() && entry.is_async => Step::Up,
            // Whoever polls what the call gives polls the future that it was given.
            _ if entry.is_async && entry.runs.iter().any(|r| Some(r.arg) == index && r.place == Where::Async) => {
                Step::Up
            }
            _ => later,
        },
        Target::Fn(def) => Step::Done(given_to(view, id, call, def, index, depth)),
        // Every implementation does the same with it, or nothing is known.
        Target::TraitFn(method) => {
            let all = implementations(view.linked, method).into_iter();
            let mut fates = all.map(|def| given_to(view, id, call, def, index, depth));
            let first = fates.next().unwrap_or(EdgeKind::Later);
            Step::Done(if fates.all(|other| other == first) { first } else { EdgeKind::Later })
        }
        // A main that is no async fn can only have it driven.
        Target::Foreign(_) | Target::Unknown
            if index.is_some()
                && (is_plain_main(view.linked, id, call) || is_named_block_on(view.linked, id, call)) =>
        {
            Step::Done(EdgeKind::BlockOn)
        }
        Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => later,
    }
}

/// `runtime.block_on(..)` of a runtime that is not known, in a plain fn.
fn is_named_block_on(linked: Linked<'_>, id: BodyId, call: ExprId) -> bool {
    let body = linked.body(id);
    let named = match &body.exprs[call].kind {
        ExprKind::MethodCall { name, .. } => *name == "block_on",
        _ => false,
    };
    named && body.regions[body.exprs[call].region].kind == RegionKind::Fn
}

/// The body of `fn main` itself, nothing that it hands on.
fn is_plain_main(linked: Linked<'_>, id: BodyId, call: ExprId) -> bool {
    let region = linked.body(id).exprs[call].region;
    let Some(def) = linked.world.fn_of(id) else { return false };
    let (_, item) = linked.world.item(def);
    region == RegionId(0)
        && item.name == "main"
        && item.parent.is_none()
        && linked.body(id).regions[region].kind == RegionKind::Fn
}

/// The value of a closure that a workspace fn is given: what that fn does with what its calls of the closure give.
fn of_closure(view: View<'_>, id: BodyId, closure: ExprId, depth: u32) -> EdgeKind {
    let body = view.linked.body(id);
    let Some(call) = body.exprs[closure].parent.filter(|_| depth < MAX_CALLS) else { return EdgeKind::Later };
    let index = match &body.exprs[call].kind {
        ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. } => args.iter().position(|arg| *arg == closure),
        _ => None,
    };
    let Target::Fn(def) = view.linked.types[id].target(call) else { return EdgeKind::Later };
    let Some((callee, local)) = parameter(view, id, call, def, index) else { return EdgeKind::Later };
    let inner = view.linked.body(callee);
    let calls = inner.exprs.iter_ids().filter(|(_, e)| match &e.kind {
        ExprKind::Call { callee, .. } => matches!(inner.exprs[*callee].kind, ExprKind::Local(l) if l == local),
        _ => false,
    });
    let fates = calls.map(|(at, e)| {
        let inside = climb(view, callee, at, depth + 1);
        seen_from(view, callee, inside, (e.region, RegionId(0)), depth)
    });
    fates.min_by_key(|kind| rank(*kind)).unwrap_or(EdgeKind::Later)
}

/// What a workspace fn does with the future that it is given as argument number `index` of `call`.
fn given_to(view: View<'_>, id: BodyId, call: ExprId, def: DefId, index: Option<usize>, depth: u32) -> EdgeKind {
    match parameter(view, id, call, def, index) {
        Some((callee, local)) if depth < MAX_CALLS => {
            let told = Told { caller: id, call, skipped: receivers_among(view, id, call, def) };
            by_local_where(view, callee, local, None, depth + 1, &|mention| {
                !modes::excludes(view.linked, told, callee, mention)
            })
        }
        _ => EdgeKind::Later,
    }
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

//! What becomes of a future at the place where it is made: awaited, polled beside others, spawned, driven, or unknown.
//!
//! Looks outwards from the expression, through adaptors and locals, and into the callee that receives it (`handed`). A future that a
//! closure on a blocking pool or a thread of its own drives to its end runs there.

use crate::catalog::{FnEntry, Place as Where, Role};
use crate::facts::expr::{Block, MacroShape, Stmt};
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatId, PatKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::graph::EdgeKind;
use crate::hir::names::{BodyId, Res};
use crate::hir::ty::TyKind;

use super::super::types::project;
use super::Linked;
use super::edges::implementations;
use super::handed::{Frame, MAX_CALLS, agreed, best, by_field, by_local, given_to, hosted_by, of_callable, of_closure};
use super::kept::{holds_future, owner_of};
use super::runs::Runs;

/// How a future runs, as far as it is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// So.
    Runs(EdgeKind),
    /// The plain fn in which it is made gives it to whoever calls that fn.
    Returned,
    /// A task of a runtime made for it, which the thread at hand drives until that task ends.
    Hosted,
    /// Handed round in a circle: this way says nothing.
    Circle,
}

impl Fate {
    /// Nobody is seen to run it.
    pub const LATER: Self = Self::Runs(EdgeKind::Later);

    /// For an edge of the graph, which knows nothing of callers.
    pub const fn edge(self) -> EdgeKind {
        match self {
            Self::Runs(kind) => kind,
            Self::Hosted => EdgeKind::Spawn,
            Self::Returned | Self::Circle => EdgeKind::Later,
        }
    }
}

/// How the future made by `expr` runs.
pub fn of(linked: Linked<'_>, runs: &Runs, id: BodyId, expr: ExprId) -> Fate {
    let view = View { linked, runs, frame: &Frame::outermost() };
    let fate = climb(view, id, expr, 0);
    if fate == Fate::Hosted { hosted_by(view, id, expr) } else { fate }
}

/// How the futures run that an async closure gives, by the workspace fn that is given the closure.
pub fn of_async_closure(linked: Linked<'_>, runs: &Runs, id: BodyId, closure: ExprId) -> Fate {
    of_closure(View { linked, runs, frame: &Frame::outermost() }, id, closure, 0)
}

/// How the futures run that an async fn gives, named as argument `index` of a call.
pub fn of_named(linked: Linked<'_>, runs: &Runs, id: BodyId, call: ExprId, index: usize) -> Fate {
    of_callable(View { linked, runs, frame: &Frame::outermost() }, id, call, Some(index), 0)
}

/// What the walk reads, and the calls by which it came here.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The program.
    pub linked: Linked<'a>,
    /// Where callables run.
    pub runs: &'a Runs,
    /// The call that handed the future to the body at hand.
    pub frame: &'a Frame<'a>,
}

/// The fate of the value of an expression.
pub fn climb(view: View<'_>, id: BodyId, expr: ExprId, depth: u32) -> Fate {
    let body = view.linked.body(id);
    let mut at = expr;
    for _ in 0..64 {
        let Some(parent) = body.exprs[at].parent else { return given_back(body, body.exprs[at].region) };
        match step(view, id, body, at, parent, depth) {
            Step::Up => at = parent,
            Step::Done(fate) => return fate,
        }
    }
    Fate::LATER
}

/// The value of the body itself: what a plain fn gives its callers.
fn given_back(body: &Body, region: RegionId) -> Fate {
    let plain = region == RegionId(0) && body.regions[region].kind == RegionKind::Fn;
    if plain { Fate::Returned } else { Fate::LATER }
}

enum Step {
    Up,
    Done(Fate),
}

fn step(view: View<'_>, id: BodyId, body: &Body, at: ExprId, parent: ExprId, depth: u32) -> Step {
    let later = Step::Done(Fate::LATER);
    match &body.exprs[parent].kind {
        ExprKind::Await(_) => Step::Done(Fate::Runs(EdgeKind::Await)),
        ExprKind::MethodCall { recv, args, .. } => {
            let index = args.iter().position(|a| *a == at);
            argument(view, id, parent, if *recv == at { None } else { index }, depth)
        }
        ExprKind::Call { callee, args } if *callee != at => {
            argument(view, id, parent, args.iter().position(|a| *a == at), depth)
        }
        ExprKind::Macro(call) => match call.shape {
            MacroShape::Join | MacroShape::TryJoin => Step::Done(Fate::Runs(EdgeKind::Concurrent)),
            MacroShape::Pin => Step::Up,
            _ => later,
        },
        ExprKind::Select(select) if select.arms.iter().any(|a| a.future == at) => {
            Step::Done(Fate::Runs(EdgeKind::Concurrent))
        }
        ExprKind::Select(_) => Step::Up,
        ExprKind::Match { scrutinee, arms } if *scrutinee == at => {
            let locals = arms.iter().filter_map(|arm| bound_in(view.linked, id, arm.pat));
            Step::Done(best(locals.map(|local| by_local(view, id, local, at, depth))))
        }
        ExprKind::Let { pat, .. } => {
            let local = bound_in(view.linked, id, *pat);
            Step::Done(local.map_or(Fate::LATER, |local| by_local(view, id, local, at, depth)))
        }
        ExprKind::Ref { .. }
        | ExprKind::If { .. }
        | ExprKind::Match { .. }
        | ExprKind::Try(_)
        | ExprKind::Tuple(_)
        | ExprKind::Cast(..) => Step::Up,
        ExprKind::Return(_) => Step::Done(given_back(body, body.exprs[parent].region)),
        ExprKind::Closure(region) if body.regions[*region].body == at => {
            Step::Done(of_closure(view, id, parent, depth))
        }
        ExprKind::Block(block) => {
            if block.tail == Some(at) {
                return Step::Up;
            }
            let local = bound_local(view.linked, id, block, at);
            Step::Done(local.map_or(Fate::LATER, |local| by_local(view, id, local, at, depth)))
        }
        ExprKind::Assign { target: Some(target), value } if *value == at => {
            Step::Done(assigned(view, id, at, *target, depth))
        }
        ExprKind::Struct { .. } if is_wrapped(view.linked, id, parent) => Step::Up,
        ExprKind::Struct { fields, .. } => {
            let field = fields.iter().find(|(_, value)| *value == at).map(|(name, _)| *name);
            let owner = owner_of(view.linked.types[id].exprs[parent]);
            let kept = owner.zip(field).map(|(owner, field)| by_field(view, owner, field, depth));
            Step::Done(kept.unwrap_or(Fate::LATER))
        }
        _ => later,
    }
}

/// The fate of a value that is put into a local or a field.
fn assigned(view: View<'_>, id: BodyId, value: ExprId, target: ExprId, depth: u32) -> Fate {
    match view.linked.body(id).exprs[target].kind {
        ExprKind::Local(local) => by_local(view, id, local, value, depth),
        ExprKind::Field { base, name } => {
            let owner = owner_of(view.linked.types[id].exprs[base]);
            owner.map_or(Fate::LATER, |owner| by_field(view, owner, name, depth))
        }
        _ => Fate::LATER,
    }
}

/// The local that takes the value of an initialiser.
fn bound_local(linked: Linked<'_>, id: BodyId, block: &Block, init: ExprId) -> Option<LocalId> {
    let pat = block.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Let { pat, init: Some(e), .. } if *e == init => Some(*pat),
        _ => None,
    })?;
    bound_in(linked, id, pat)
}

/// The local of a pattern that takes a future: the only one there is, or the only one that is a future.
fn bound_in(linked: Linked<'_>, id: BodyId, pat: PatId) -> Option<LocalId> {
    let pats = &linked.body(id).pats;
    let parts = match &pats[pat].kind {
        PatKind::Bind { local, .. } => return Some(*local),
        PatKind::Tuple(parts) | PatKind::TupleStruct { elems: parts, .. } => parts,
        _ => return None,
    };
    let locals = parts.iter().filter_map(|part| match pats[*part].kind {
        PatKind::Bind { local, .. } => Some(local),
        _ => None,
    });
    let mut futures = locals.filter(|local| holds_future(linked, linked.types[id].locals[*local]));
    futures.next().filter(|_| futures.next().is_none())
}

/// The future is the receiver (`None`) or argument number `index` of `call`.
fn argument(view: View<'_>, id: BodyId, call: ExprId, index: Option<usize>, depth: u32) -> Step {
    if passes_on(view.linked, id, call, index) {
        return Step::Up;
    }
    let later = Step::Done(Fate::LATER);
    let runs = |kind| Step::Done(Fate::Runs(kind));
    match view.linked.types[id].target(call) {
        Target::Api(entry) => match entry.role {
            Some(Role::Spawn) if is_hosted(view, id, call, entry, depth) => Step::Done(Fate::Hosted),
            Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn | Role::SpawnActor) => runs(EdgeKind::Spawn),
            Some(Role::BlockOn) => runs(EdgeKind::BlockOn),
            Some(Role::Timeout | Role::Identity | Role::CatchUnwind) => Step::Up,
            Some(Role::JoinAll | Role::SelectFn | Role::Buffer) => runs(EdgeKind::Concurrent),
            _ if matches!(
                entry.path.as_str(),
                "std::boxed::Box::pin" | "std::boxed::Box::new" | "std::pin::Pin::new"
            ) =>
            {
                Step::Up
            }
            _ if index.is_none() && (entry.is_async || gives_future(view.linked, id, call)) => Step::Up,
            // Whoever polls what the call gives polls the future that it was given.
            _ if entry.is_async && entry.runs.iter().any(|r| Some(r.arg) == index && r.place == Where::Async) => {
                Step::Up
            }
            _ => later,
        },
        Target::Fn(def) => up_or(given_to(view, id, call, def, index, depth)),
        // Every implementation does the same with it, or nothing is known.
        Target::TraitFn(method) => {
            let all = implementations(view.linked, method).into_iter();
            up_or(agreed(all.map(|def| given_to(view, id, call, def, index, depth))))
        }
        // A main that is no async fn can only have it driven.
        Target::Foreign(_) | Target::Unknown
            if index.is_some()
                && (is_plain_main(view.linked, id, call) || is_named_block_on(view.linked, id, call)) =>
        {
            runs(EdgeKind::BlockOn)
        }
        Target::Ctor(_) if is_wrapped(view.linked, id, call) => Step::Up,
        Target::Foreign(_) | Target::Unknown if keeps_future(view.linked, id, call, index) => Step::Up,
        Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => later,
    }
}

/// `let task = runtime.spawn(future); runtime.block_on(task)`, where the fn at hand has the runtime for itself.
fn is_hosted(view: View<'_>, id: BodyId, call: ExprId, entry: &FnEntry, depth: u32) -> bool {
    let body = view.linked.body(id);
    let own = match &body.exprs[call].kind {
        ExprKind::MethodCall { recv, .. } => matches!(body.exprs[*recv].kind, ExprKind::Local(_)),
        _ => false,
    };
    own && entry.path == "tokio::runtime::Runtime::spawn"
        && depth < MAX_CALLS
        && climb(view, id, call, depth + 1) == Fate::Runs(EdgeKind::BlockOn)
}

/// A future type of the workspace around the future: `Guarded { inner: future }`.
fn is_wrapped(linked: Linked<'_>, id: BodyId, made: ExprId) -> bool {
    let ty = linked.types[id].exprs[made];
    matches!(ty.kind(), TyKind::Adt(..)) && project::output_of(linked.world, ty).is_some()
}

/// An adaptor: whoever polls what it gives polls the future that it was made of.
fn gives_future(linked: Linked<'_>, id: BodyId, call: ExprId) -> bool {
    matches!(linked.types[id].exprs[call].kind(), TyKind::Future(..))
}

/// `Ok(future)`, `kept.take().unwrap()`.
fn passes_on(linked: Linked<'_>, id: BodyId, call: ExprId, index: Option<usize>) -> bool {
    const OUT: [&str; 6] = ["as_mut", "expect", "take", "unwrap", "unwrap_or_else", "ok_or_else"];
    let body = linked.body(id);
    match &body.exprs[call].kind {
        ExprKind::MethodCall { name, recv, .. } => {
            let foreign = matches!(linked.types[id].exprs[*recv].peel_refs().kind(), TyKind::Foreign(..));
            index.is_none() && foreign && OUT.contains(&name.as_str())
        }
        ExprKind::Call { callee, .. } => is_foreign_path(linked, id, *callee, &["::Ok", "::Some"]),
        _ => false,
    }
}

fn is_foreign_path(linked: Linked<'_>, id: BodyId, callee: ExprId, ends: &[&str]) -> bool {
    match linked.body(id).exprs[callee].kind {
        ExprKind::Path { path, .. } => match linked.types[id].values[path].res {
            Res::Foreign(path) => ends.iter().any(|end| path.as_str().ends_with(end)),
            _ => false,
        },
        _ => false,
    }
}

/// `PinnedFuture::new(..)` of another crate: a type whose name says that it is one future around another.
fn makes_named_future(linked: Linked<'_>, id: BodyId, call: ExprId) -> bool {
    let Target::Foreign(path) = linked.types[id].target(call) else { return false };
    let mut last = path.as_str().rsplit("::");
    let by_new = last.next() == Some("new");
    by_new && last.next().is_some_and(|owner| owner.contains("Future") && !owner.contains("Futures"))
}

/// Adaptors that are known by name alone, where the type of the future is not: `AssertUnwindSafe(future).catch_unwind()`.
fn keeps_future(linked: Linked<'_>, id: BodyId, call: ExprId, index: Option<usize>) -> bool {
    const ADAPTORS: [&str; 14] = [
        "boxed",
        "boxed_local",
        "catch_unwind",
        "fuse",
        "in_current_span",
        "inspect",
        "inspect_err",
        "instrument",
        "into_future",
        "map",
        "map_err",
        "map_ok",
        "then",
        "with_current_subscriber",
    ];
    let body = linked.body(id);
    match &body.exprs[call].kind {
        ExprKind::MethodCall { name, .. } => index.is_none() && ADAPTORS.contains(&name.as_str()),
        ExprKind::Call { callee, args } => {
            let wraps = args.len() == 1 && makes_named_future(linked, id, call);
            wraps || is_foreign_path(linked, id, *callee, &["::AssertUnwindSafe"])
        }
        _ => false,
    }
}

/// What a plain fn gives back goes on where it is called.
fn up_or(fate: Fate) -> Step {
    match fate {
        Fate::Returned => Step::Up,
        Fate::Runs(_) | Fate::Hosted | Fate::Circle => Step::Done(fate),
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

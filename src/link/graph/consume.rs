//! What becomes of a future at the place where it is made: awaited, polled beside others, spawned, driven, or unknown.
//!
//! Looks outwards from the expression, through adaptors and locals, and into the callee that receives it.

use crate::catalog::Role;
use crate::facts::expr::{MacroShape, Stmt};
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatKind, RegionId};
use crate::hir::body::Target;
use crate::hir::graph::EdgeKind;
use crate::hir::names::BodyId;

use super::Linked;

/// Workspace helpers followed at most.
const MAX_CALLS: u32 = 4;

/// How the future made by `expr` runs.
pub fn of(linked: Linked<'_>, id: BodyId, expr: ExprId) -> EdgeKind {
    climb(linked, id, expr, 0)
}

fn climb(linked: Linked<'_>, id: BodyId, expr: ExprId, depth: u32) -> EdgeKind {
    let body = linked.body(id);
    let mut at = expr;
    for _ in 0..64 {
        let Some(parent) = body.exprs[at].parent else { return EdgeKind::Later };
        match step(linked, id, body, at, parent, depth) {
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

fn step(linked: Linked<'_>, id: BodyId, body: &Body, at: ExprId, parent: ExprId, depth: u32) -> Step {
    let later = Step::Done(EdgeKind::Later);
    match &body.exprs[parent].kind {
        ExprKind::Await(_) => Step::Done(EdgeKind::Await),
        ExprKind::MethodCall { recv, args, .. } => {
            let index = args.iter().position(|a| *a == at);
            argument(linked, id, parent, if *recv == at { None } else { index }, depth)
        }
        ExprKind::Call { callee, args } if *callee != at => {
            argument(linked, id, parent, args.iter().position(|a| *a == at), depth)
        }
        ExprKind::Macro(call) => match call.shape {
            MacroShape::Join | MacroShape::TryJoin => Step::Done(EdgeKind::Concurrent),
            MacroShape::Pin => Step::Up,
            _ => later,
        },
        ExprKind::Select(select) if select.arms.iter().any(|a| a.future == at) => Step::Done(EdgeKind::Concurrent),
        ExprKind::Select(_) => Step::Up,
        ExprKind::Ref { .. } | ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Try(_) => Step::Up,
        ExprKind::Block(block) => {
            if block.tail == Some(at) {
                return Step::Up;
            }
            Step::Done(
                bound_local(body, block, at).map_or(EdgeKind::Later, |local| by_local(linked, id, local, at, depth)),
            )
        }
        ExprKind::Assign { target: Some(target), value } if *value == at => match body.exprs[*target].kind {
            ExprKind::Local(local) => Step::Done(by_local(linked, id, local, at, depth)),
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
fn by_local(linked: Linked<'_>, id: BodyId, local: LocalId, after: ExprId, depth: u32) -> EdgeKind {
    if depth >= MAX_CALLS {
        return EdgeKind::Later;
    }
    let body = linked.body(id);
    let mentions =
        body.exprs.iter_ids().filter(|(e, expr)| *e > after && matches!(expr.kind, ExprKind::Local(l) if l == local));
    mentions.map(|(e, _)| climb(linked, id, e, depth + 1)).min_by_key(|kind| rank(*kind)).unwrap_or(EdgeKind::Later)
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
fn argument(linked: Linked<'_>, id: BodyId, call: ExprId, index: Option<usize>, depth: u32) -> Step {
    let later = Step::Done(EdgeKind::Later);
    match linked.types[id].target(call) {
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
            _ => later,
        },
        Target::Fn(def) => {
            let Some(index) = index else { return later };
            match param_local(linked, def, index) {
                Some((callee, local)) if depth < MAX_CALLS => {
                    Step::Done(by_local(linked, callee, local, ExprId(0), depth + 1))
                }
                _ => later,
            }
        }
        Target::TraitFn(_)
        | Target::Foreign(_)
        | Target::Ctor(_)
        | Target::Closure(_)
        | Target::Local(_)
        | Target::Unknown => later,
    }
}

/// The local that a parameter of a workspace fn binds.
pub fn param_local(linked: Linked<'_>, def: crate::hir::names::DefId, index: usize) -> Option<(BodyId, LocalId)> {
    let callee = linked.world.body_of(def)?;
    let body = linked.body(callee);
    let param = body.regions[RegionId(0)].params.get(index)?;
    match body.pats[param.pat].kind {
        PatKind::Bind { local, .. } => Some((callee, local)),
        _ => None,
    }
}

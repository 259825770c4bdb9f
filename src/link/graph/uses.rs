//! How the callables of one body are used: closures it writes and parameters it gets.
//!
//! A callable is accounted for when every mention of it is a call or an argument of a call; any other mention lets it escape.

use rustc_hash::FxHashMap;

use crate::facts::{Body, ExprId, ExprKind, LocalId, PatKind, RegionId};
use crate::hir::body::{BodyTypes, Callable, Target};
use crate::hir::ty::TyKind;

use super::super::infer::is_callable;
use super::Linked;
use crate::hir::names::BodyId;

/// One use of a callable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// Called at this expression.
    Called(ExprId),
    /// Given to the call, as argument number `index`.
    Passed {
        /// The call.
        call: ExprId,
        /// Position, receiver not counted.
        index: usize,
    },
    /// Returned, stored, captured by something that is not seen to run.
    Escapes,
}

/// Uses of all callables of one body.
#[derive(Clone, Debug, Default)]
pub struct CallableUses {
    /// By closure region.
    pub closures: FxHashMap<RegionId, Vec<Use>>,
    /// By position of the parameter of the body's fn.
    pub params: Vec<(usize, Vec<Use>)>,
}

/// Collects the uses in one body.
pub fn collect(linked: Linked<'_>, id: BodyId) -> CallableUses {
    let body = linked.body(id);
    let types = &linked.types[id];
    let mut by_local: FxHashMap<LocalId, Vec<Use>> = FxHashMap::default();
    let mut closures: FxHashMap<RegionId, Vec<Use>> = FxHashMap::default();
    for handover in &types.handovers {
        let used = Use::Passed { call: handover.call, index: handover.index };
        match (handover.callable, local_of(body, handover.arg_expr)) {
            (_, Some(local)) => by_local.entry(local).or_default().push(used),
            (Callable::Closure(region), None) => closures.entry(region).or_default().push(used),
            (Callable::Param(_) | Callable::Fn(_) | Callable::Api(_), None) => {}
        }
    }
    for (expr, target) in &types.targets {
        match target {
            Target::Closure(region) if region.body == id && callee_local(body, *expr).is_none() => {
                closures.entry(region.region).or_default().push(Use::Called(*expr));
            }
            Target::Closure(_) | Target::Local(_) => {
                if let Some(local) = callee_local(body, *expr) {
                    by_local.entry(local).or_default().push(Use::Called(*expr));
                }
            }
            Target::Fn(_)
            | Target::TraitFn(_)
            | Target::Api(_)
            | Target::Foreign(_)
            | Target::Ctor(_)
            | Target::Unknown => {}
        }
    }
    escapes(linked, id, &mut by_local);
    bound_closures(body, types, &by_local, &mut closures);
    CallableUses { closures, params: parameters(body, types, linked, by_local) }
}

/// The local behind `f`, `&f`, `&mut f`.
fn local_of(body: &Body, expr: ExprId) -> Option<LocalId> {
    match &body.exprs[expr].kind {
        ExprKind::Local(local) => Some(*local),
        ExprKind::Ref { expr, .. } => local_of(body, *expr),
        _ => None,
    }
}

fn callee_local(body: &Body, call: ExprId) -> Option<LocalId> {
    match &body.exprs[call].kind {
        ExprKind::Call { callee, .. } => local_of(body, *callee),
        _ => None,
    }
}

/// Mentions of callable locals that are neither called nor handed over.
fn escapes(linked: Linked<'_>, id: BodyId, by_local: &mut FxHashMap<LocalId, Vec<Use>>) {
    let body = linked.body(id);
    let types = &linked.types[id];
    let mut mentions: FxHashMap<LocalId, usize> = FxHashMap::default();
    for expr in body.exprs.iter() {
        if let ExprKind::Local(local) = expr.kind
            && (matches!(types.locals[local].peel_refs().kind(), TyKind::Closure(_))
                || is_callable(linked.world, types.locals[local]))
        {
            *mentions.entry(local).or_default() += 1;
        }
    }
    let mut locals: Vec<(LocalId, usize)> = mentions.into_iter().collect();
    locals.sort_unstable();
    for (local, count) in locals {
        let uses = by_local.entry(local).or_default();
        if uses.len() < count {
            uses.push(Use::Escapes);
        }
    }
}

/// `let f = |..| ..;`: the closure is used as its local is.
fn bound_closures(
    body: &Body,
    types: &BodyTypes,
    by_local: &FxHashMap<LocalId, Vec<Use>>,
    closures: &mut FxHashMap<RegionId, Vec<Use>>,
) {
    for (local, _) in body.locals.iter_ids() {
        let TyKind::Closure(region) = types.locals[local].peel_refs().kind() else { continue };
        if let Some(uses) = by_local.get(&local) {
            closures.entry(region.region).or_default().extend(uses.iter().copied());
        }
    }
}

fn parameters(
    body: &Body,
    types: &BodyTypes,
    linked: Linked<'_>,
    mut by_local: FxHashMap<LocalId, Vec<Use>>,
) -> Vec<(usize, Vec<Use>)> {
    let mut found = Vec::new();
    for (at, param) in body.regions[RegionId(0)].params.iter().enumerate() {
        let PatKind::Bind { local, .. } = body.pats[param.pat].kind else { continue };
        if is_callable(linked.world, types.locals[local]) {
            found.push((at, by_local.remove(&local).unwrap_or_default()));
        }
    }
    found
}

//! Branches of a helper that the caller's own words exclude: `start(future, Kind::Blocking)` never comes to the arm of another kind.
//!
//! Only variants and truth values that are written as arguments count; what a parameter holds otherwise is not known.

use crate::facts::expr::{Lit, UnaryOp};
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatId, PatKind, RegionId};
use crate::hir::names::{BodyId, Res};

use super::Linked;

/// A call of a workspace fn, and what stands for its parameters.
#[derive(Clone, Copy)]
pub struct Told {
    /// Where the call stands.
    pub caller: BodyId,
    /// The call.
    pub call: ExprId,
    /// Arguments that are no parameters: the receiver of a method called by its path.
    pub skipped: usize,
}

/// What an argument says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Bool(bool),
    Variant(Res),
}

/// The expression stands in a branch of the callee that this call does not take.
pub fn excludes(linked: Linked<'_>, told: Told, callee: BodyId, expr: ExprId) -> bool {
    let body = linked.body(callee);
    let mut child = expr;
    for around in body.ancestors(expr).skip(1) {
        if is_other_branch(linked, told, callee, around, child) {
            return true;
        }
        child = around;
    }
    false
}

fn is_other_branch(linked: Linked<'_>, told: Told, callee: BodyId, around: ExprId, child: ExprId) -> bool {
    let body = linked.body(callee);
    match &body.exprs[around].kind {
        ExprKind::If { cond, then, else_ } => match truth(linked, told, body, *cond) {
            Some(true) => *else_ == Some(child),
            Some(false) => *then == child,
            None => false,
        },
        ExprKind::Match { scrutinee, arms } => {
            let Some(Says::Variant(said)) = said(linked, told, body, *scrutinee) else { return false };
            let Some(at) = arms.iter().position(|arm| arm.body == child) else { return false };
            let fits = |pat: PatId| fits(linked, callee, pat, said);
            let before = arms[..at].iter().any(|arm| arm.guard.is_none() && fits(arm.pat) == Some(true));
            before || fits(arms[at].pat) == Some(false)
        }
        _ => false,
    }
}

fn truth(linked: Linked<'_>, told: Told, body: &Body, cond: ExprId) -> Option<bool> {
    match &body.exprs[cond].kind {
        ExprKind::Unary(UnaryOp::Not, inner) => truth(linked, told, body, *inner).map(|value| !value),
        _ => match said(linked, told, body, cond)? {
            Says::Bool(value) => Some(value),
            Says::Variant(_) => None,
        },
    }
}

/// What the call says for the parameter behind an expression of the callee.
fn said(linked: Linked<'_>, told: Told, body: &Body, expr: ExprId) -> Option<Says> {
    let local = match &body.exprs[expr].kind {
        ExprKind::Local(local) => *local,
        ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => return said(linked, told, body, *expr),
        _ => return None,
    };
    let index = parameter(body, local)?;
    let caller = linked.body(told.caller);
    let arg = match &caller.exprs[told.call].kind {
        ExprKind::MethodCall { args, .. } | ExprKind::Call { args, .. } => *args.get(index + told.skipped)?,
        _ => return None,
    };
    match &caller.exprs[arg].kind {
        ExprKind::Lit(Lit::Bool(value)) => Some(Says::Bool(*value)),
        ExprKind::Path { path, .. } => {
            let found = linked.types[told.caller].values[*path];
            (found.rest == 0 && matches!(found.res, Res::Variant(..))).then_some(Says::Variant(found.res))
        }
        _ => None,
    }
}

fn parameter(body: &Body, local: LocalId) -> Option<usize> {
    let is = |pat: PatId| matches!(body.pats[pat].kind, PatKind::Bind { local: own, .. } if own == local);
    let found = body.regions[RegionId(0)].params.iter().position(|param| is(param.pat));
    found.filter(|_| !body.locals[local].mutable)
}

fn fits(linked: Linked<'_>, callee: BodyId, pat: PatId, said: Res) -> Option<bool> {
    let body = linked.body(callee);
    let types = &linked.types[callee];
    match &body.pats[pat].kind {
        PatKind::Wild | PatKind::Bind { sub: None, .. } => Some(true),
        PatKind::Path(path) | PatKind::TupleStruct { path, .. } | PatKind::Struct { path, .. } => {
            let found = [types.values[*path], types.path_types[*path]].into_iter().filter(|found| found.rest == 0);
            let mut variants = found.map(|found| found.res).filter(|res| matches!(res, Res::Variant(..)));
            variants.next().map(|variant| variant == said)
        }
        PatKind::Or(pats) => {
            let all: Vec<_> = pats.iter().map(|pat| fits(linked, callee, *pat, said)).collect();
            if all.contains(&Some(true)) {
                return Some(true);
            }
            all.iter().all(|fit| *fit == Some(false)).then_some(false)
        }
        _ => None,
    }
}

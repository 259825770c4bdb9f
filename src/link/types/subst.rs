//! Replacing generic parameters, and finding out what they stand for.
//!
//! Matching is structural and one-sided: a pattern with parameters against an actual type. No solver, no backtracking.

use crate::base::Name;
use crate::hir::names::DefId;
use crate::hir::ty::{Bound, Ty, TyKind};

use super::World;
use super::project;

/// What parameters stand for. Few entries: a list is faster than a map.
#[derive(Clone, Debug, Default)]
pub struct Subst {
    params: Vec<((DefId, u32), Ty)>,
    trait_self: Option<(DefId, Ty)>,
}

impl Subst {
    /// Binds parameter `at` of `owner` unless it is bound to a known type already.
    pub fn bind(&mut self, owner: DefId, at: u32, ty: Ty) {
        if ty.is_unknown() {
            return;
        }
        match self.params.iter_mut().find(|(key, _)| *key == (owner, at)) {
            Some((_, bound)) if bound.is_unknown() => *bound = ty,
            Some(_) => {}
            None => self.params.push(((owner, at), ty)),
        }
    }

    /// Binds the parameters of `owner` in order.
    pub fn bind_all(&mut self, owner: DefId, args: &[Ty]) {
        for (at, ty) in args.iter().enumerate() {
            self.bind(owner, at as u32, *ty);
        }
    }

    /// Binds `Self` of a trait.
    pub fn bind_self(&mut self, trait_: DefId, ty: Ty) {
        self.trait_self = Some((trait_, ty));
    }

    /// What a parameter stands for.
    pub fn get(&self, owner: DefId, at: u32) -> Option<Ty> {
        self.params.iter().find(|(key, _)| *key == (owner, at)).map(|(_, ty)| *ty)
    }

    /// True when nothing would be replaced.
    pub fn is_empty(&self) -> bool {
        self.params.is_empty() && self.trait_self.is_none()
    }
}

/// `ty` with its parameters replaced; projections are settled where their base becomes known.
pub fn apply(world: World<'_>, ty: Ty, subst: &Subst) -> Ty {
    if subst.is_empty() && !has_projection(ty) {
        return ty;
    }
    map(world, ty, subst)
}

fn has_projection(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Projection(..)) || children(ty).iter().any(|t| has_projection(*t))
}

fn children(ty: Ty) -> Vec<Ty> {
    match ty.kind() {
        TyKind::Adt(_, args) | TyKind::Foreign(_, _, args) | TyKind::Tuple(args) => args.clone(),
        TyKind::Ref(_, t) | TyKind::Ptr(t) | TyKind::Slice(t) | TyKind::Array(t, _) | TyKind::Future(t, _) => vec![*t],
        TyKind::Projection(t, _) => vec![*t],
        TyKind::FnPtr(params, ret) => params.iter().copied().chain([*ret]).collect(),
        TyKind::Unknown
        | TyKind::Prim(_)
        | TyKind::FnDef(_)
        | TyKind::Closure(_)
        | TyKind::Opaque(_)
        | TyKind::Dyn(_)
        | TyKind::Param(..)
        | TyKind::TraitSelf(_)
        | TyKind::Never => Vec::new(),
    }
}

fn map(world: World<'_>, ty: Ty, subst: &Subst) -> Ty {
    let all = |tys: &[Ty]| -> Vec<Ty> { tys.iter().map(|t| map(world, *t, subst)).collect() };
    match ty.kind() {
        TyKind::Param(owner, at, _) => subst.get(*owner, *at).unwrap_or(ty),
        TyKind::TraitSelf(trait_) => match subst.trait_self {
            Some((bound, to)) if bound == *trait_ => to,
            _ => ty,
        },
        TyKind::Adt(def, args) => Ty::new(TyKind::Adt(*def, all(args))),
        TyKind::Foreign(path, tag, args) => Ty::new(TyKind::Foreign(*path, *tag, all(args))),
        TyKind::Tuple(elems) => Ty::new(TyKind::Tuple(all(elems))),
        TyKind::Ref(mutable, t) => Ty::new(TyKind::Ref(*mutable, map(world, *t, subst))),
        TyKind::Ptr(t) => Ty::new(TyKind::Ptr(map(world, *t, subst))),
        TyKind::Slice(t) => Ty::new(TyKind::Slice(map(world, *t, subst))),
        TyKind::Array(t, len) => Ty::new(TyKind::Array(map(world, *t, subst), *len)),
        TyKind::FnPtr(params, ret) => Ty::new(TyKind::FnPtr(all(params), map(world, *ret, subst))),
        TyKind::Future(output, origin) => Ty::new(TyKind::Future(map(world, *output, subst), *origin)),
        TyKind::Projection(base, name) => project::projection(world, map(world, *base, subst), *name),
        TyKind::Opaque(bounds) => Ty::new(TyKind::Opaque(map_bounds(world, bounds, subst))),
        TyKind::Dyn(bounds) => Ty::new(TyKind::Dyn(map_bounds(world, bounds, subst))),
        TyKind::Unknown | TyKind::Prim(_) | TyKind::FnDef(_) | TyKind::Closure(_) | TyKind::Never => ty,
    }
}

fn map_bounds(world: World<'_>, bounds: &[Bound], subst: &Subst) -> Vec<Bound> {
    bounds
        .iter()
        .map(|b| Bound {
            trait_: b.trait_,
            args: b.args.iter().map(|t| map(world, *t, subst)).collect(),
            bindings: b.bindings.iter().map(|(name, t)| (*name, map(world, *t, subst))).collect(),
            call: b
                .call
                .as_ref()
                .map(|(params, ret)| (params.iter().map(|t| map(world, *t, subst)).collect(), map(world, *ret, subst))),
        })
        .collect()
}

/// Binds the parameters in `pattern` by what stands in their place in `actual`.
pub fn unify(pattern: Ty, actual: Ty, subst: &mut Subst) {
    if actual.is_unknown() || pattern == actual {
        return;
    }
    match (pattern.kind(), actual.kind()) {
        (TyKind::Param(owner, at, _), _) => subst.bind(*owner, *at, actual),
        (TyKind::Ref(_, p), TyKind::Ref(_, a)) => unify(*p, *a, subst),
        (TyKind::Ref(_, p), _) => unify(*p, actual, subst),
        (TyKind::Adt(p, pa), TyKind::Adt(a, aa)) if p == a => unify_all(pa, aa, subst),
        (TyKind::Foreign(p, _, pa), TyKind::Foreign(a, _, aa)) if p == a => unify_all(pa, aa, subst),
        (TyKind::Tuple(p), TyKind::Tuple(a)) => unify_all(p, a, subst),
        (TyKind::Slice(p), TyKind::Slice(a) | TyKind::Array(a, _)) => unify(*p, *a, subst),
        (TyKind::Array(p, _), TyKind::Array(a, _)) => unify(*p, *a, subst),
        (TyKind::Future(p, _), TyKind::Future(a, _)) => unify(*p, *a, subst),
        (TyKind::FnPtr(pp, pr), TyKind::FnPtr(ap, ar)) => {
            unify_all(pp, ap, subst);
            unify(*pr, *ar, subst);
        }
        _ => {}
    }
}

/// Pairwise `unify`.
pub fn unify_all(patterns: &[Ty], actuals: &[Ty], subst: &mut Subst) {
    for (p, a) in patterns.iter().zip(actuals) {
        unify(*p, *a, subst);
    }
}

/// The name of an associated type projected from nothing known.
pub fn unresolved(base: Ty, name: Name) -> Ty {
    Ty::new(TyKind::Projection(base, name))
}

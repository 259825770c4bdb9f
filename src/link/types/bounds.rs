//! Bounds: what a trait and its supertraits say of a type that has them.
//!
//! Nothing is solved: a bound is found by the name of its trait, its bindings are taken as written.

use crate::base::Name;
use crate::facts::ItemKind;
use crate::hir::names::{DefId, Res};
use crate::hir::ty::{Bound, Ty};

use super::World;
use super::lower::{Lower, generics_of};

/// Supertraits of supertraits are followed this far.
const MAX_DEPTH: u8 = 4;

/// Bounds of a generic parameter, where clauses included.
pub fn of_param(world: World<'_>, owner: DefId, at: u32) -> Vec<Bound> {
    let (file, item) = world.item(owner);
    let Some(param) = generics_of(&item.kind).and_then(|g| g.params.get(at as usize)) else { return Vec::new() };
    Lower::headers(world, file).bounds(&param.bounds)
}

/// The supertraits of a workspace trait, theirs included.
pub fn supertraits(world: World<'_>, trait_: DefId) -> Vec<Bound> {
    let mut all = Vec::new();
    add_supertraits(world, trait_, MAX_DEPTH, &mut all);
    all
}

fn add_supertraits(world: World<'_>, trait_: DefId, depth: u8, all: &mut Vec<Bound>) {
    let (file, item) = world.item(trait_);
    let ItemKind::Trait(data) = &item.kind else { return };
    if depth == 0 || data.supertraits.is_empty() {
        return;
    }
    for bound in Lower::headers(world, file).bounds(&data.supertraits) {
        if let Res::Def(upper) = bound.trait_ {
            add_supertraits(world, upper, depth - 1, all);
        }
        all.push(bound);
    }
}

/// The supertraits of all workspace traits among `bounds`.
pub fn above(world: World<'_>, bounds: &[Bound]) -> Vec<Bound> {
    let mut all = Vec::new();
    for bound in bounds {
        if let Res::Def(trait_) = bound.trait_ {
            add_supertraits(world, trait_, MAX_DEPTH, &mut all);
        }
    }
    all
}

/// The associated type `name` of the first bound, or supertrait of one, whose outside trait fits; `Unknown` where it is open.
pub fn binding(world: World<'_>, bounds: &[Bound], fits: &dyn Fn(Name) -> bool, name: Name) -> Option<Ty> {
    let fits = |bound: &&Bound| matches!(bound.trait_, Res::Foreign(path) if fits(path));
    let bound_to =
        |bound: &Bound| bound.bindings.iter().find(|(n, _)| *n == name).map_or_else(Ty::unknown, |(_, ty)| *ty);
    let own = bounds.iter().find(fits).map(bound_to);
    own.or_else(|| above(world, bounds).iter().find(fits).map(bound_to))
}

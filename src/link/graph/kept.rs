//! Futures that structs keep: `struct Job { work: BoxFuture }`, and the places that take them out again.
//!
//! One pass over all bodies; what a collection, an enum or a generic field holds is not followed.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, LocalId, PatKind};
use crate::hir::names::{BodyId, DefId, Res};
use crate::hir::ty::{Ty, TyKind};

use super::super::types::project;
use super::Linked;

/// A place that names the field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mention {
    /// `job.work`.
    Field(ExprId),
    /// `let Job { work, .. } = job`.
    Local(LocalId),
}

/// Mentions by struct and field.
#[derive(Debug, Default)]
pub struct Kept {
    mentions: FxHashMap<(DefId, Name), Vec<(BodyId, Mention)>>,
}

impl Kept {
    /// Looks through all bodies once.
    pub fn build(linked: Linked<'_>) -> Self {
        let found: Vec<((DefId, Name), (BodyId, Mention))> =
            (0..linked.types.len()).into_par_iter().flat_map_iter(|at| of_body(linked, BodyId(at as u32))).collect();
        let mut kept = Self::default();
        for (field, mention) in found {
            kept.mentions.entry(field).or_default().push(mention);
        }
        kept
    }

    /// The places that name a field which keeps futures.
    pub fn of(&self, owner: DefId, field: Name) -> &[(BodyId, Mention)] {
        self.mentions.get(&(owner, field)).map_or(&[], |found| found)
    }
}

fn of_body(linked: Linked<'_>, id: BodyId) -> Vec<((DefId, Name), (BodyId, Mention))> {
    let (body, types) = (linked.body(id), &linked.types[id]);
    let mut found = Vec::new();
    for (expr, node) in body.exprs.iter_ids() {
        let ExprKind::Field { base, name } = node.kind else { continue };
        if let Some(owner) = owner_of(types.exprs[base]).filter(|_| holds_future(linked, types.exprs[expr])) {
            found.push(((owner, name), (id, Mention::Field(expr))));
        }
    }
    for node in body.pats.iter() {
        let PatKind::Struct { path, fields } = &node.kind else { continue };
        let (Res::Def(owner), 0) = (types.path_types[*path].res, types.path_types[*path].rest) else { continue };
        for (name, inner) in fields {
            if let PatKind::Bind { local, .. } = body.pats[*inner].kind
                && holds_future(linked, types.locals[local])
            {
                found.push(((owner, *name), (id, Mention::Local(local))));
            }
        }
    }
    found
}

/// The struct of the workspace behind a value.
pub fn owner_of(ty: Ty) -> Option<DefId> {
    match ty.peel_refs().kind() {
        TyKind::Adt(owner, _) => Some(*owner),
        _ => None,
    }
}

/// A future, as it is, pinned, boxed or in an option; no handle or receiver that can be awaited too.
pub fn holds_future(linked: Linked<'_>, ty: Ty) -> bool {
    std::iter::successors(Some(ty.peel_refs()), |ty| ty.args().first().map(|inner| inner.peel_refs())).take(5).any(
        |ty| match ty.kind() {
            TyKind::Future(..) => true,
            TyKind::Opaque(_) | TyKind::Dyn(_) | TyKind::Param(..) => project::output_of(linked.world, ty).is_some(),
            TyKind::Foreign(path, ..) => path.as_str().ends_with("BoxFuture"),
            _ => false,
        },
    )
}

//! Types of locals and expressions in one body, and the target of each call.
//!
//! One walk in evaluation order, types flow forward; closures learn their parameters from the callee that receives them.
//! No unification variables, no backtracking: what the walk does not see is Unknown. Bodies are inferred in parallel.

mod call;
mod control;
mod derived;
mod expr;
mod foreign;
mod method;
mod pattern;
mod refine;
mod shapes;

use rayon::prelude::*;

use crate::base::{FileId, IndexVec};
use crate::facts::{Body, ExprId, ItemKind, LocalId, LocalKind, PathId, RegionId, RegionKind};
use crate::hir::body::{BodyTypes, Handover, Target};
use crate::hir::names::{BodyId, BodyRef, ItemRef, Namespace, RegionRef, Resolution};
use crate::hir::ty::{Ty, TyKind};

use super::types::World;
use super::types::lower::Lower;
use super::types::signatures::{ItemSig, Signatures};

/// Infers all bodies, in parallel. A body whose inference panics is Unknown everywhere (decision X8).
pub fn all(world: World<'_>, sigs: &Signatures) -> IndexVec<BodyId, BodyTypes> {
    let bodies: Vec<BodyTypes> =
        (0..world.names.bodies().len()).into_par_iter().map(|at| caught(world, sigs, BodyId(at as u32))).collect();
    IndexVec::from_vec(bodies)
}

fn caught(world: World<'_>, sigs: &Signatures, id: BodyId) -> BodyTypes {
    let infer = || body(world, sigs, id);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(infer)).unwrap_or_else(|_| {
        let at = world.names.body_ref(id);
        empty(&world.facts[at.file].bodies[at.body])
    })
}

fn empty(body: &Body) -> BodyTypes {
    BodyTypes {
        exprs: IndexVec::filled(Ty::unknown(), body.exprs.len()),
        locals: IndexVec::filled(Ty::unknown(), body.locals.len()),
        returns: IndexVec::filled(Ty::unknown(), body.regions.len()),
        values: IndexVec::filled(Resolution::UNKNOWN, body.paths.paths.len()),
        path_types: IndexVec::filled(Resolution::UNKNOWN, body.paths.paths.len()),
        caught: true,
        ..BodyTypes::default()
    }
}

/// True for closures as parameters, function pointers and `Fn`-like bounds.
pub fn is_callable(world: World<'_>, ty: Ty) -> bool {
    call::callable(world, ty).is_some()
}

/// Infers one body.
pub fn body(world: World<'_>, sigs: &Signatures, id: BodyId) -> BodyTypes {
    let at = world.names.body_ref(id);
    let body = &world.facts[at.file].bodies[at.body];
    let mut infer = Infer::new(world, sigs, id, at, body);
    infer.parameters();
    let ty = infer.expr(body.root, Ty::unknown());
    infer.set_return(RegionId(0), ty);
    infer.finish()
}

/// The walk over one body.
pub(super) struct Infer<'a> {
    world: World<'a>,
    sigs: &'a Signatures,
    id: BodyId,
    file: FileId,
    body: &'a Body,
    lower: Lower<'a>,
    exprs: IndexVec<ExprId, Ty>,
    likely: Vec<bool>,
    locals: IndexVec<LocalId, Ty>,
    local_likely: Vec<bool>,
    returns: IndexVec<RegionId, Ty>,
    /// Regions with a `return` whose type is not known.
    open_returns: Vec<RegionId>,
    breaks: Vec<Ty>,
    targets: Vec<(ExprId, Target)>,
    handovers: Vec<Handover>,
    values: IndexVec<PathId, Option<Resolution>>,
    path_types: IndexVec<PathId, Option<Resolution>>,
}

impl<'a> Infer<'a> {
    fn new(world: World<'a>, sigs: &'a Signatures, id: BodyId, at: BodyRef, body: &'a Body) -> Self {
        let paths = body.paths.paths.len();
        Self {
            world,
            sigs,
            id,
            file: at.file,
            body,
            lower: Lower::new(world, at.file, &body.paths),
            exprs: IndexVec::filled(Ty::unknown(), body.exprs.len()),
            likely: vec![false; body.exprs.len()],
            locals: IndexVec::filled(Ty::unknown(), body.locals.len()),
            local_likely: vec![false; body.locals.len()],
            returns: IndexVec::filled(Ty::unknown(), body.regions.len()),
            open_returns: Vec::new(),
            breaks: Vec::new(),
            targets: Vec::new(),
            handovers: Vec::new(),
            values: IndexVec::filled(None, paths),
            path_types: IndexVec::filled(None, paths),
        }
    }

    fn finish(mut self) -> BodyTypes {
        self.targets.sort_by_key(|(e, _)| *e);
        self.handovers.sort_by_key(|h| h.arg_expr);
        let likely = self.likely.iter().enumerate().filter(|(_, l)| **l).map(|(at, _)| ExprId(at as u32)).collect();
        let settle = |paths: IndexVec<PathId, Option<Resolution>>| -> IndexVec<PathId, Resolution> {
            paths.iter().map(|r| r.unwrap_or(Resolution::UNKNOWN)).collect()
        };
        BodyTypes {
            exprs: self.exprs,
            locals: self.locals,
            returns: self.returns,
            likely,
            targets: self.targets,
            handovers: self.handovers,
            values: settle(self.values),
            path_types: settle(self.path_types),
            caught: false,
        }
    }

    /// Binds the parameters of the body's function.
    fn parameters(&mut self) {
        let at = ItemRef { file: self.file, item: self.body.owner };
        let item = &self.world.facts[self.file].items[at.item];
        let (ItemKind::Fn(_), ItemSig::Fn(sig)) = (&item.kind, self.sigs.get(at)) else { return };
        if let Some(receiver) = sig.receiver {
            for (local, decl) in self.body.locals.iter_ids() {
                if decl.kind == LocalKind::SelfValue {
                    self.locals[local] = receiver;
                }
            }
        }
        let params = &self.body.regions[RegionId(0)].params;
        for (param, ty) in params.iter().zip(&sig.params) {
            self.bind(param.pat, *ty, false);
        }
    }

    /// Source text of an expression.
    pub(super) fn text(&self, expr: ExprId) -> &'a str {
        let (start, end) = self.body.exprs[expr].span;
        self.world.sources.files[self.file].text.get(start as usize..end as usize).unwrap_or("")
    }

    pub(super) fn region(&self, region: RegionId) -> RegionRef {
        RegionRef { body: self.id, region }
    }

    pub(super) fn value_path(&mut self, path: PathId) -> Resolution {
        if let Some(found) = self.values[path] {
            return found;
        }
        let found = self.world.names.resolve(self.file, &self.body.paths.paths[path], Namespace::Value);
        self.values[path] = Some(found);
        found
    }

    pub(super) fn type_path(&mut self, path: PathId) -> Resolution {
        if let Some(found) = self.path_types[path] {
            return found;
        }
        let found = self.world.names.resolve(self.file, &self.body.paths.paths[path], Namespace::Type);
        self.path_types[path] = Some(found);
        found
    }

    pub(super) fn macro_path(&mut self, path: PathId) -> Resolution {
        if let Some(found) = self.values[path] {
            return found;
        }
        let found = self.world.names.resolve(self.file, &self.body.paths.paths[path], Namespace::Macro);
        self.values[path] = Some(found);
        found
    }

    pub(super) fn is_likely(&self, expr: ExprId) -> bool {
        self.likely[expr.0 as usize]
    }

    pub(super) fn mark_likely(&mut self, expr: ExprId, from: bool) {
        self.likely[expr.0 as usize] |= from;
    }

    pub(super) fn set_target(&mut self, expr: ExprId, target: Target) {
        self.targets.push((expr, target));
    }

    /// The first known type among the values that a region gives.
    pub(super) fn set_return(&mut self, region: RegionId, ty: Ty) {
        if matches!(ty.kind(), TyKind::Never) && self.open_returns.contains(&region) {
            return;
        }
        if self.returns[region].is_unknown() {
            self.returns[region] = ty;
        } else {
            self.returns[region] = refine::fill(self.returns[region], ty);
        }
    }

    /// The region whose value a `return` inside `region` gives.
    pub(super) fn returning(&self, region: RegionId) -> RegionId {
        self.body
            .region_chain(region)
            .find(|r| !matches!(self.body.regions[*r].kind, RegionKind::Opaque))
            .unwrap_or(RegionId(0))
    }
}

//! Bodies: syntax trees lowered to an arena in evaluation order.
//!
//! Children are pushed before their parents, so that an id is a point in time; locals are resolved on the way.
//! No path is looked up and no type is guessed here.

pub(super) use block::Stmts;

mod block;
mod chain;
mod control;
mod expr;
mod pattern;

use rustc_hash::FxHashMap;

use crate::base::id::Id;
use crate::base::{IndexVec, Name};
use crate::facts::attr::Cfg;
use crate::facts::expr::{Expr, ExprId, ExprKind};
use crate::facts::types::TypeExpr;
use crate::facts::{
    Body, BodyIx, ItemId, Local, LocalId, LocalKind, Param, Pat, PatId, PathId, Region, RegionId, RegionKind, ScopeId,
    TypeIx,
};

use super::builder::Builder;
use super::path::{Paths, TypeCx};
use super::position::{Bytes, Positions};

/// An expression as its parent sees it: the bytes hold parentheses that the expression itself does not keep.
#[derive(Clone, Copy)]
pub(super) struct Low {
    pub(super) id: ExprId,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Memory that one body leaves to the next.
#[derive(Default)]
pub(super) struct Spare {
    index: FxHashMap<u64, PathId>,
    exprs: Vec<Expr>,
    names: Vec<(Name, LocalId)>,
}

/// One body under construction.
pub(super) struct Lower<'f, 't> {
    pub(super) file: &'f mut Builder<'t>,
    pub(super) pos: &'t Positions<'t>,
    owner: ItemId,
    /// The scope in which names are looked up at this point.
    pub(super) scope: ScopeId,
    /// The region at this point.
    pub(super) region: RegionId,
    exprs: Vec<Expr>,
    pats: IndexVec<PatId, Pat>,
    locals: IndexVec<LocalId, Local>,
    regions: IndexVec<RegionId, Region>,
    paths: Paths,
    types: IndexVec<TypeIx, TypeExpr>,
    cfgs: Vec<(ExprId, Cfg)>,
    /// Locals in sight, innermost last.
    names: Vec<(Name, LocalId)>,
    /// Start of the loops that were written `for await`.
    pub(super) for_await: Vec<u32>,
    pub(super) has_unknown_macro: bool,
}

/// The body of a function; `scope` is that of its signature.
pub(super) fn function(
    file: &mut Builder<'_>,
    owner: ItemId,
    scope: ScopeId,
    sig: &syn::Signature,
    block: &syn::Block,
) -> BodyIx {
    let kind = if sig.asyncness.is_some() { RegionKind::AsyncFn } else { RegionKind::Fn };
    let mut lower = Lower::new(file, owner, scope, kind);
    lower.params(sig);
    let root = lower.block_expr(block, None);
    lower.finish(scope, root.id)
}

/// The initialiser of a constant or static.
pub(super) fn constant(file: &mut Builder<'_>, owner: ItemId, scope: ScopeId, expr: &syn::Expr) -> BodyIx {
    let mut lower = Lower::new(file, owner, scope, RegionKind::Const);
    let root = lower.expr(expr);
    lower.finish(scope, root.id)
}

impl<'f, 't> Lower<'f, 't> {
    fn new(file: &'f mut Builder<'t>, owner: ItemId, scope: ScopeId, kind: RegionKind) -> Self {
        let mut regions = IndexVec::new();
        let region = regions.push(Region {
            kind,
            parent: None,
            expr: ExprId(0),
            body: ExprId(0),
            is_move: false,
            params: Vec::new(),
            ret: None,
        });
        let spare = std::mem::take(&mut file.spare);
        let paths = Paths::with_index(spare.index);
        Self {
            pos: file.pos,
            file,
            owner,
            scope,
            region,
            exprs: spare.exprs,
            pats: IndexVec::new(),
            locals: IndexVec::new(),
            regions,
            paths,
            types: IndexVec::new(),
            cfgs: Vec::new(),
            names: spare.names,
            for_await: Vec::new(),
            has_unknown_macro: false,
        }
    }

    fn finish(mut self, scope: ScopeId, root: ExprId) -> BodyIx {
        self.regions[RegionId(0)].expr = root;
        self.regions[RegionId(0)].body = root;
        let (paths, index) = self.paths.finish();
        // The arena grew in memory that bodies share; what is kept has its exact size.
        let exprs = IndexVec::from_vec(self.exprs.drain(..).collect());
        self.names.clear();
        self.file.spare = Spare { index, exprs: self.exprs, names: self.names };
        self.file.bodies.push(Body {
            owner: self.owner,
            scope,
            exprs,
            pats: self.pats,
            locals: self.locals,
            regions: self.regions,
            paths,
            types: self.types,
            root,
            cfgs: self.cfgs,
            has_unknown_macro: self.has_unknown_macro,
        })
    }

    fn params(&mut self, sig: &syn::Signature) {
        for input in &sig.inputs {
            match input {
                syn::FnArg::Receiver(receiver) => {
                    let span = self.pos.bytes(receiver.self_token.span);
                    let mutable = receiver.mutability.is_some();
                    self.declare(Name::new("self"), span, LocalKind::SelfValue, mutable, None);
                }
                syn::FnArg::Typed(typed) => {
                    let pat = self.pattern(&typed.pat, LocalKind::Param);
                    let ty = Some(self.ty(&typed.ty));
                    self.regions[RegionId(0)].params.push(Param { pat, ty });
                }
            }
        }
    }

    /// Appends an expression whose subtree began at `first`.
    pub(super) fn push_from(&mut self, first: ExprId, kind: ExprKind, (start, end): Bytes) -> Low {
        let id = self.mark();
        let exprs = &mut self.exprs;
        kind.for_each_child(&self.regions, |child| exprs[child.index()].parent = Some(id));
        exprs.push(Expr { kind, span: (start, end), parent: None, region: self.region, first });
        Low { id, start, end }
    }

    /// Appends an expression without children.
    pub(super) fn leaf(&mut self, kind: ExprKind, span: Bytes) -> Low {
        self.push_from(self.mark(), kind, span)
    }

    /// The id that the next expression gets: where the subtree of a parent begins.
    pub(super) fn mark(&self) -> ExprId {
        ExprId::from_index(self.exprs.len())
    }

    /// What an expression is.
    pub(super) fn kind(&self, id: ExprId) -> &ExprKind {
        &self.exprs[id.index()].kind
    }

    /// Where the subtree of an expression begins.
    pub(super) fn first(&self, id: ExprId) -> ExprId {
        self.exprs[id.index()].first
    }

    /// Makes a name visible.
    pub(super) fn declare(
        &mut self,
        name: Name,
        span: Bytes,
        kind: LocalKind,
        mutable: bool,
        pat: Option<PatId>,
    ) -> LocalId {
        let id = self.locals.push(Local { name, span, kind, mutable, region: self.region, pat });
        self.names.push((name, id));
        id
    }

    /// The local that a name means here.
    pub(super) fn lookup(&self, name: Name) -> Option<LocalId> {
        self.names.iter().rev().find(|(n, _)| *n == name).map(|(_, id)| *id)
    }

    /// How many names are in sight; `forget` goes back to it.
    pub(super) fn sight(&self) -> usize {
        self.names.len()
    }

    /// Ends the names declared since `sight`.
    pub(super) fn forget(&mut self, sight: usize) {
        self.names.truncate(sight);
    }

    /// Opens a region and stands in it; answers the region around.
    pub(super) fn enter(&mut self, kind: RegionKind, is_move: bool) -> RegionId {
        let around = self.region;
        let none = ExprId(u32::MAX);
        self.region = self.regions.push(Region {
            kind,
            parent: Some(around),
            expr: none,
            body: none,
            is_move,
            params: Vec::new(),
            ret: None,
        });
        around
    }

    /// Leaves the region at this point for `around`; answers it.
    pub(super) fn leave(&mut self, around: RegionId) -> RegionId {
        std::mem::replace(&mut self.region, around)
    }

    /// Says which expression a region is and what of it runs.
    pub(super) fn region_is(&mut self, region: RegionId, expr: ExprId, body: ExprId) {
        self.regions[region].expr = expr;
        self.regions[region].body = body;
    }

    /// Notes the condition of an expression.
    pub(super) fn guard(&mut self, expr: ExprId, cfg: Option<Cfg>) {
        if let Some(cfg) = cfg {
            self.cfgs.push((expr, cfg));
        }
    }

    /// Paths and types of this body at this point.
    pub(super) fn cx(&mut self) -> TypeCx<'_, 't> {
        TypeCx { pos: self.pos, paths: &mut self.paths, scope: self.scope }
    }

    /// Stores a type.
    pub(super) fn ty(&mut self, ty: &syn::Type) -> TypeIx {
        let ty = self.cx().ty(ty);
        self.types.push(ty)
    }

    /// Stores generic arguments.
    pub(super) fn type_args(&mut self, args: Option<&syn::AngleBracketedGenericArguments>) -> Box<[TypeIx]> {
        let Some(args) = args else { return Box::default() };
        let types = self.cx().type_args(args);
        types.into_iter().map(|ty| self.types.push(ty)).collect()
    }

    /// Stores a path.
    pub(super) fn path(&mut self, path: &syn::Path) -> PathId {
        self.cx().path(path)
    }
}

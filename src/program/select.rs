//! `select!`: which ones are real, and what their arms are made of.
//!
//! Only invocations whose path resolves to the macro of tokio or futures count.

use crate::catalog::{MacroShape, Role};
use crate::facts::expr::Select;
use crate::facts::{ExprId, ExprKind, PatId, PatKind};
use crate::hir::names::{BodyId, Place, Res};

use super::Program;

impl Program {
    /// All `select!` invocations of a body that run in async code, in source order.
    pub fn selects(&self, body: BodyId) -> impl Iterator<Item = (Place, &Select)> {
        self.body(body)
            .exprs
            .iter_ids()
            .filter_map(move |(expr, e)| match &e.kind {
                ExprKind::Select(select) => Some((Place { body, expr }, &**select)),
                _ => None,
            })
            .filter(|(place, select)| self.is_select(*place, select) && self.is_async_at(*place))
    }

    /// tokio's macro, with preconditions and `else`.
    pub fn is_tokio_select(&self, place: Place, select: &Select) -> bool {
        self.shape_of_select(place, select) == Some(MacroShape::Select)
    }

    fn is_select(&self, place: Place, select: &Select) -> bool {
        matches!(self.shape_of_select(place, select), Some(MacroShape::Select | MacroShape::FuturesSelect))
    }

    fn shape_of_select(&self, place: Place, select: &Select) -> Option<MacroShape> {
        let Res::Foreign(path) = self.types_of(place.body).values[select.path].res else { return None };
        self.catalog.macro_(path).map(|entry| entry.shape)
    }

    /// A timer that is made in the arm: `sleep(..)`, `sleep_until(..)`.
    pub fn is_sleep(&self, place: Place) -> bool {
        self.api(place).is_some_and(|entry| entry.role == Some(Role::Sleep) && entry.blocks.is_none())
    }

    /// A timer that was made before, polled by reference.
    pub fn is_timer(&self, place: Place) -> bool {
        let mut ty = self.ty(place).peel_refs();
        if let Some(inner) = ty.path().filter(|path| *path == "std::pin::Pin").and_then(|_| ty.args().first()) {
            ty = inner.peel_refs();
        }
        ty.path().is_some_and(|path| path == "tokio::time::Sleep")
    }

    /// Some values do not match: `Some(..)`, `Ok(..)`, a literal. Unknown constructors are taken to match always.
    pub fn is_refutable(&self, body: BodyId, pat: PatId) -> bool {
        let facts = self.body(body);
        match &facts.pats[pat].kind {
            PatKind::TupleStruct { path, .. } | PatKind::Path(path) => {
                matches!(facts.paths.paths[*path].last().as_str(), "Some" | "Ok" | "Err" | "None")
            }
            PatKind::Tuple(elems) => elems.iter().any(|p| self.is_refutable(body, *p)),
            PatKind::Ref(inner) => self.is_refutable(body, *inner),
            PatKind::Bind { sub, .. } => sub.is_some_and(|p| self.is_refutable(body, p)),
            PatKind::Literal => true,
            PatKind::Wild
            | PatKind::Struct { .. }
            | PatKind::Slice(_)
            | PatKind::Or(_)
            | PatKind::Rest
            | PatKind::Opaque => false,
        }
    }

    /// Last segment of a pattern's constructor, and its elements.
    pub fn constructor(&self, body: BodyId, pat: PatId) -> Option<(&'static str, &[PatId])> {
        let facts = self.body(body);
        match &facts.pats[pat].kind {
            PatKind::TupleStruct { path, elems } => Some((facts.paths.paths[*path].last().as_str(), elems)),
            PatKind::Path(path) => Some((facts.paths.paths[*path].last().as_str(), &[])),
            _ => None,
        }
    }

    /// `Err(..)`, perhaps at the end of a block.
    pub fn is_error(&self, place: Place) -> bool {
        match &self.expr(place).kind {
            ExprKind::Call { callee, .. } => {
                let callee = Place { expr: *callee, ..place };
                matches!(self.expr(callee).kind, ExprKind::Path { .. }) && self.source(callee) == "Err"
            }
            ExprKind::Block(block) => block.tail.is_some_and(|tail| self.is_error(Place { expr: tail, ..place })),
            _ => false,
        }
    }

    /// Expressions of the subtree of `root` that belong to its own region.
    pub fn inside(&self, root: Place) -> impl Iterator<Item = Place> {
        let body = self.body(root.body);
        let region = body.exprs[root.expr].region;
        (body.exprs[root.expr].first.0..=root.expr.0)
            .map(ExprId)
            .filter(move |e| body.exprs[*e].region == region)
            .map(move |expr| Place { expr, ..root })
    }
}

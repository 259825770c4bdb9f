//! Blocks, branches, loops, closures and async blocks: where values come together.

use crate::facts::expr::{Arm, Block, LoopKind, Stmt};
use crate::facts::{ExprId, RegionId, RegionKind};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::super::types::project;
use super::refine::{fill, join};
use super::{Infer, call};

impl Infer<'_> {
    pub(super) fn block(&mut self, block: &Block, expected: Ty) -> Ty {
        let mut diverged = false;
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { pat, ty, init, else_, .. } => {
                    let written = ty.map_or_else(Ty::unknown, |t| self.written(t));
                    let found = init.map_or_else(Ty::unknown, |init| self.expr(init, written));
                    diverged |= matches!(found.kind(), TyKind::Never);
                    let likely = written.is_unknown() && init.is_some_and(|e| self.is_likely(e));
                    if let Some(else_) = else_ {
                        self.expr(*else_, Ty::unknown());
                    }
                    let found = init.map_or(found, |init| self.collected(init, written, found));
                    self.bind(*pat, fill(written, found), likely);
                }
                Stmt::Expr { expr, .. } => {
                    let ty = self.expr(*expr, Ty::unknown());
                    diverged |= matches!(ty.kind(), TyKind::Never);
                }
                Stmt::Item(_) => {}
            }
        }
        match block.tail {
            Some(tail) => self.expr(tail, expected),
            None if diverged => Ty::new(TyKind::Never),
            None => Ty::unit(),
        }
    }

    pub(super) fn async_block(&mut self, region: RegionId) -> Ty {
        let breaks = std::mem::take(&mut self.breaks);
        let ty = self.expr(self.body.regions[region].body, Ty::unknown());
        self.breaks = breaks;
        self.set_return(region, ty);
        Ty::new(TyKind::Future(self.returns[region], FutureOrigin::Region(self.region(region))))
    }

    pub(super) fn closure(&mut self, region: RegionId, expected: Ty) -> Ty {
        let body = self.body;
        let decl = &body.regions[region];
        let params = call::callable(self.world, expected).map_or_else(Vec::new, |(params, _)| params);
        for (at, param) in decl.params.iter().enumerate() {
            let written = param.ty.map_or_else(Ty::unknown, |t| self.written(t));
            let given = params.get(at).copied().unwrap_or_else(Ty::unknown);
            self.bind(param.pat, fill(written, given), false);
        }
        let breaks = std::mem::take(&mut self.breaks);
        let ty = self.expr(decl.body, Ty::unknown());
        self.breaks = breaks;
        let written = decl.ret.map_or_else(Ty::unknown, |t| self.written(t));
        self.set_return(region, fill(written, ty));
        Ty::new(TyKind::Closure(self.region(region)))
    }

    /// What calling the closure `region` gives.
    pub(super) fn closure_value(&self, region: RegionId) -> Ty {
        let ret = self.returns[region];
        match self.body.regions[region].kind {
            RegionKind::AsyncClosure => Ty::new(TyKind::Future(ret, FutureOrigin::Region(self.region(region)))),
            RegionKind::Closure
            | RegionKind::Fn
            | RegionKind::AsyncFn
            | RegionKind::Const
            | RegionKind::AsyncBlock
            | RegionKind::Stream
            | RegionKind::Opaque => ret,
        }
    }

    pub(super) fn if_(&mut self, cond: ExprId, then: ExprId, else_: Option<ExprId>, expected: Ty) -> Ty {
        self.expr(cond, Ty::unknown());
        let then_ty = self.expr(then, expected);
        match else_ {
            Some(else_) => {
                let other = self.expr(else_, expected);
                join(then_ty, other)
            }
            None => Ty::unit(),
        }
    }

    pub(super) fn match_(&mut self, id: ExprId, scrutinee: ExprId, arms: &[Arm], expected: Ty) -> Ty {
        let ty = self.child(id, scrutinee);
        let likely = self.is_likely(scrutinee);
        let mut value = Ty::new(TyKind::Never);
        for arm in arms {
            self.bind(arm.pat, ty, likely);
            if let Some(guard) = arm.guard {
                self.expr(guard, Ty::unknown());
            }
            let arm = self.expr(arm.body, expected);
            value = join(value, arm);
        }
        value
    }

    pub(super) fn loop_(&mut self, kind: &LoopKind, body: ExprId) -> Ty {
        let mut endless = false;
        match kind {
            LoopKind::Loop => endless = true,
            LoopKind::While(cond) => {
                self.expr(*cond, Ty::unknown());
            }
            LoopKind::For { pat, iter, is_await } => {
                let ty = self.expr(*iter, Ty::unknown());
                let item =
                    if *is_await { project::stream_item(self.world, ty) } else { project::item_of(self.world, ty) };
                self.bind(*pat, item.unwrap_or_else(Ty::unknown), self.is_likely(*iter));
            }
        }
        self.breaks.push(Ty::new(TyKind::Never));
        self.expr(body, Ty::unknown());
        let value = self.breaks.pop().unwrap_or_else(Ty::unknown);
        if endless { value } else { Ty::unit() }
    }
}

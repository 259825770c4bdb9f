//! Macros and `select!`: the types of what they give.

use crate::facts::expr::{MacroCall, MacroShape, Select, SelectFlavor};
use crate::facts::{ExprId, ExprKind};
use crate::hir::known::known;
use crate::hir::names::Res;
use crate::hir::ty::{Ty, TyKind};

use super::super::types::project::{self, Holes};
use super::Infer;

impl Infer<'_> {
    pub(super) fn macro_call(&mut self, call: &MacroCall) -> Ty {
        let resolution = self.macro_path(call.path);
        let args: Vec<Ty> = call.args.iter().map(|a| self.expr(*a, Ty::unknown())).collect();
        if let Res::Foreign(path) = resolution.res
            && let Some(returns) = self.world.catalog.macro_(path).and_then(|e| e.returns.as_ref())
        {
            let holes = Holes { receiver: Ty::unknown(), args: &args, turbofish: &[], returns: &[] };
            return project::eval(self.world, returns, holes);
        }
        self.shape_type(call, &args)
    }

    fn shape_type(&self, call: &MacroCall, args: &[Ty]) -> Ty {
        let k = known();
        let first = args.first().copied().unwrap_or_else(Ty::unknown);
        match call.shape {
            MacroShape::Join => Ty::new(TyKind::Tuple(self.outputs(args))),
            MacroShape::TryJoin => self.try_join(args),
            MacroShape::Vec | MacroShape::Repeat => Ty::foreign(k.vec, vec![first]),
            MacroShape::Pin => Ty::foreign(k.pin, vec![Ty::new(TyKind::Ref(true, first))]),
            MacroShape::Span => Ty::foreign(k.span, Vec::new()),
            MacroShape::Format => Ty::foreign(k.string, Vec::new()),
            MacroShape::Matches => Ty::new(TyKind::Prim(k.bool)),
            MacroShape::Panic | MacroShape::Bail => Ty::new(TyKind::Never),
            MacroShape::Print | MacroShape::Assert | MacroShape::Ensure => Ty::unit(),
            MacroShape::Log | MacroShape::Pure | MacroShape::Unknown => Ty::unknown(),
        }
    }

    fn outputs(&self, args: &[Ty]) -> Vec<Ty> {
        args.iter().map(|t| project::output_of(self.world, *t).unwrap_or_else(Ty::unknown)).collect()
    }

    /// `Result<(A, B), E>` of the outputs.
    fn try_join(&self, args: &[Ty]) -> Ty {
        let k = known();
        let outputs = self.outputs(args);
        let part = |t: &Ty, at: usize| match t.kind() {
            TyKind::Foreign(path, _, parts) if *path == k.result => parts.get(at).copied().unwrap_or_else(Ty::unknown),
            _ => Ty::unknown(),
        };
        let oks = outputs.iter().map(|t| part(t, 0)).collect();
        let err = outputs.first().map_or_else(Ty::unknown, |t| part(t, 1));
        Ty::foreign(k.result, vec![Ty::new(TyKind::Tuple(oks)), err])
    }

    pub(super) fn select(&mut self, select: &Select) -> Ty {
        self.macro_path(select.path);
        for arm in &select.arms {
            if let Some(guard) = arm.guard {
                self.expr(guard, Ty::unknown());
            }
            self.expr(arm.future, Ty::unknown());
        }
        let mut value = Ty::new(TyKind::Never);
        for arm in &select.arms {
            let future = self.exprs[arm.future];
            let output = match select.flavor {
                SelectFlavor::Tokio | SelectFlavor::Futures => project::output_of(self.world, future),
                SelectFlavor::Crossbeam => None,
            };
            self.bind(arm.pat, output.unwrap_or_else(Ty::unknown), self.is_likely(arm.future));
            let handler = self.expr(arm.handler, Ty::unknown());
            value = super::refine::join(value, handler);
        }
        for extra in select.else_.iter().chain(&select.default) {
            let ty = self.expr(*extra, Ty::unknown());
            value = super::refine::join(value, ty);
        }
        value
    }

    /// True when `expr` is a closure or a path, whose type is better learned with an expectation.
    pub(super) fn is_closure(&self, expr: ExprId) -> bool {
        match &self.body.exprs[expr].kind {
            ExprKind::Closure(_) => true,
            ExprKind::Ref { expr, .. } => self.is_closure(*expr),
            _ => false,
        }
    }
}

//! Filling holes: two views of one type, and containers whose element type shows at the first insertion.

use crate::facts::{ExprId, ExprKind, LocalId};
use crate::hir::ty::{Ty, TyKind};

use super::super::types::project;
use super::Infer;

/// `a` with its unknown parts taken from `b`, where both have the same shape.
pub(super) fn fill(a: Ty, b: Ty) -> Ty {
    if a == b || b.is_unknown() {
        return a;
    }
    let all = |xs: &[Ty], ys: &[Ty]| -> Vec<Ty> {
        let longest = if xs.is_empty() { ys } else { xs };
        longest
            .iter()
            .enumerate()
            .map(|(at, x)| match (xs.get(at), ys.get(at)) {
                (Some(x), Some(y)) => fill(*x, *y),
                _ => *x,
            })
            .collect()
    };
    match (a.kind(), b.kind()) {
        (TyKind::Unknown | TyKind::Never | TyKind::Projection(..), _) => b,
        (TyKind::Adt(d, x), TyKind::Adt(e, y)) if d == e => Ty::new(TyKind::Adt(*d, all(x, y))),
        (TyKind::Foreign(p, t, x), TyKind::Foreign(q, u, y)) if p == q => {
            Ty::new(TyKind::Foreign(*p, t.or(*u), all(x, y)))
        }
        (TyKind::Tuple(x), TyKind::Tuple(y)) if x.len() == y.len() => Ty::new(TyKind::Tuple(all(x, y))),
        (TyKind::Ref(m, x), TyKind::Ref(_, y)) => Ty::new(TyKind::Ref(*m, fill(*x, *y))),
        (TyKind::Slice(x), TyKind::Slice(y)) => Ty::new(TyKind::Slice(fill(*x, *y))),
        (TyKind::Array(x, n), TyKind::Array(y, _)) => Ty::new(TyKind::Array(fill(*x, *y), *n)),
        (TyKind::Future(x, o), TyKind::Future(y, _)) => Ty::new(TyKind::Future(fill(*x, *y), *o)),
        _ => a,
    }
}

impl Infer<'_> {
    /// After `local.method(args)`: an unknown element type of the local is learned from what is put in.
    pub(super) fn learn(&mut self, recv: ExprId, method: &str, args: &[Ty]) {
        let ExprKind::Local(local) = self.body.exprs[recv].kind else { return };
        let ty = self.locals[local];
        let TyKind::Foreign(path, tag, params) = ty.kind() else { return };
        if !params.iter().all(|t| t.is_unknown()) {
            return;
        }
        let Some(elems) = self.put_in(method, args) else { return };
        let arity = self.world.catalog.ty(*path).map_or(0, |e| e.params.len());
        if elems.len() <= arity {
            let learned = Ty::new(TyKind::Foreign(*path, *tag, elems));
            self.relearn(local, learned);
        }
    }

    fn relearn(&mut self, local: LocalId, ty: Ty) {
        self.locals[local] = ty;
    }

    fn put_in(&self, method: &str, args: &[Ty]) -> Option<Vec<Ty>> {
        match (method, args) {
            ("push" | "push_back" | "push_front" | "insert" | "add", [value]) => Some(vec![*value]),
            ("insert", [key, value]) => Some(vec![*key, *value]),
            ("extend", [iter]) => project::item_of(self.world, *iter).map(|item| vec![item]),
            ("spawn" | "spawn_local" | "spawn_on" | "spawn_local_on" | "spawn_named", [task, ..]) => {
                project::output_of(self.world, *task).map(|out| vec![out])
            }
            _ => None,
        }
    }
}

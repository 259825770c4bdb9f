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

/// Where two branches meet: one that never ends says nothing about the value.
pub(super) fn join(a: Ty, b: Ty) -> Ty {
    match (a.kind(), b.kind()) {
        (TyKind::Never, _) => b,
        (_, TyKind::Never) => a,
        _ => fill(a, b),
    }
}

/// A container whose element types are open, holding `item`s.
pub(super) fn with_items(container: Ty, item: Ty) -> Ty {
    let TyKind::Foreign(path, tag, args) = container.kind() else { return container };
    let made = match (&args[..], item.kind()) {
        ([elem], _) => vec![fill(*elem, item)],
        ([key, value], TyKind::Tuple(pair)) if pair.len() == 2 => vec![fill(*key, pair[0]), fill(*value, pair[1])],
        // `Result<Vec<_>, _>` from results, `Option<Vec<_>>` is the one-parameter case of its item.
        ([ok, err], TyKind::Foreign(_, _, parts)) if parts.len() == 2 => {
            vec![with_items(*ok, parts[0]), fill(*err, parts[1])]
        }
        _ => return container,
    };
    Ty::new(TyKind::Foreign(*path, *tag, made))
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

    /// `let v: Vec<_> = iter.collect();`: the written container with the items of the chain.
    pub(super) fn collected(&self, init: ExprId, written: Ty, found: Ty) -> Ty {
        let ExprKind::MethodCall { recv, name, .. } = &self.body.exprs[init].kind else { return found };
        if *name != "collect" || written.is_unknown() {
            return found;
        }
        let item = project::item_of(self.world, self.exprs[*recv]);
        item.map_or(found, |item| fill(found, with_items(written, item)))
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

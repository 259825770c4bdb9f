//! Calls of outside functions, by path: what the catalogue says, else nothing.

use crate::base::Name;
use crate::catalog::{FnEntry, FnForm};
use crate::facts::{ExprId, ExprKind};
use crate::hir::body::Target;
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::super::types::project::{self, Holes};
use super::{Infer, derived};

impl Infer<'_> {
    pub(super) fn call_foreign(&mut self, id: ExprId, callee: ExprId, path: Name, args: &[ExprId]) -> Ty {
        if let Some((entry, _)) = self.world.catalog.variant(path) {
            return self.call_foreign_variant(id, entry.path, path, args);
        }
        let Some(entry) = self.world.catalog.func(path) else {
            for (at, arg) in args.iter().enumerate() {
                let ty = self.expr(*arg, Ty::unknown());
                self.hand_over(id, *arg, at, ty);
            }
            self.set_target(id, Target::Foreign(path));
            return guess(path);
        };
        self.mark_likely(id, entry.unverified);
        let turbofish: Vec<Ty> = match &self.body.exprs[callee].kind {
            ExprKind::Path { args, .. } => args.iter().map(|t| self.written(*t)).collect(),
            _ => Vec::new(),
        };
        if matches!(entry.form, FnForm::Method | FnForm::TraitMethod)
            && let Some((first, rest)) = args.split_first()
        {
            // `Receiver::recv(&mut rx)`: the first argument is the receiver.
            let receiver = self.expr(*first, Ty::unknown());
            return self.api_call(id, entry, receiver.peel_refs(), &turbofish, rest);
        }
        let receiver = match (entry.form, entry.owner) {
            (FnForm::Associated, Some(owner)) => Ty::foreign(owner, turbofish.clone()),
            _ => Ty::unknown(),
        };
        self.api_call(id, entry, receiver, &turbofish, args)
    }

    /// `Some(x)`, `Ok(x)`, `Poll::Ready(x)`: the type's parameters from the payload.
    fn call_foreign_variant(&mut self, id: ExprId, owner: Name, path: Name, args: &[ExprId]) -> Ty {
        let tys = self.all(args);
        self.set_target(id, Target::Ctor(crate::hir::names::Res::Foreign(path)));
        let Some((entry, fields)) = self.world.catalog.variant(path) else { return Ty::unknown() };
        let mut params = self.written_at(id, entry.params.len());
        for (field, ty) in fields.iter().zip(&tys) {
            if let crate::catalog::TypeExpr::Param(name) = field
                && let Some(at) = entry.params.iter().position(|p| p == name)
            {
                params[at] = if ty.is_unknown() { params[at] } else { *ty };
            }
        }
        Ty::foreign(owner, params)
    }

    /// Type arguments as written: those of `Ok::<(), Error>(..)`.
    fn written_at(&mut self, call: ExprId, wanted: usize) -> Vec<Ty> {
        let unknown = vec![Ty::unknown(); wanted];
        let ExprKind::Call { callee, .. } = self.body.exprs[call].kind else { return unknown };
        let ExprKind::Path { args, .. } = &self.body.exprs[callee].kind else { return unknown };
        let written: Vec<Ty> = args.iter().map(|t| self.written(*t)).collect();
        if written.len() == wanted { written } else { unknown }
    }

    /// A catalogued call: arguments first (closures last), then the result.
    pub(super) fn api_call(
        &mut self,
        id: ExprId,
        entry: &'static FnEntry,
        receiver: Ty,
        turbofish: &[Ty],
        args: &[ExprId],
    ) -> Ty {
        self.set_target(id, Target::Api(entry));
        let mut tys = vec![Ty::unknown(); args.len()];
        for (at, arg) in args.iter().enumerate() {
            if !self.is_closure(*arg) {
                tys[at] = self.expr(*arg, Ty::unknown());
                self.hand_over(id, *arg, at, tys[at]);
            }
        }
        for (at, arg) in args.iter().enumerate() {
            if self.is_closure(*arg) {
                let wanted = self.wanted(entry, at, receiver, &tys, turbofish);
                tys[at] = self.expr(*arg, wanted);
                self.hand_over(id, *arg, at, tys[at]);
            }
        }
        let returns: Vec<Ty> = tys.iter().map(|t| self.value_of_callable(*t).unwrap_or_else(Ty::unknown)).collect();
        let holes = Holes { receiver, args: &tys, turbofish, returns: &returns };
        self.api_value(entry, holes)
    }

    fn wanted(&self, entry: &FnEntry, at: usize, receiver: Ty, args: &[Ty], turbofish: &[Ty]) -> Ty {
        let Some(runs) = entry.runs.iter().find(|r| r.arg == at) else { return Ty::unknown() };
        let holes = Holes { receiver, args, turbofish, returns: &[] };
        let params = runs.params.iter().map(|p| project::eval(self.world, p, holes)).collect();
        Ty::new(TyKind::FnPtr(params, Ty::unknown()))
    }

    fn api_value(&self, entry: &FnEntry, holes: Holes<'_>) -> Ty {
        let mut value = match &entry.returns {
            Some(expr) => project::eval(self.world, expr, holes),
            None if entry.builder => holes.receiver,
            None => Ty::unknown(),
        };
        // A constructor written `Vec::<T>::new()` or `Vec::new()` gives its own type even where the entry is silent.
        if value.is_unknown() && entry.form == FnForm::Associated && !entry.is_async && entry.returns.is_none() {
            value = derived::by_name(holes.receiver, entry.name.as_str()).unwrap_or_else(Ty::unknown);
        }
        if entry.name == "collect"
            && let Some(item) = project::item_of(self.world, holes.receiver)
        {
            value = super::refine::with_items(value, item);
        }
        // `None.unwrap_or_else(|| File::open(..))`: the fallback tells what the receiver does not.
        if value.is_unknown() && matches!(entry.name.as_str(), "unwrap_or" | "unwrap_or_else") {
            let fallback = if entry.name == "unwrap_or" { holes.args } else { holes.returns };
            value = fallback.first().copied().unwrap_or(value);
        }
        if entry.is_async { Ty::new(TyKind::Future(value, FutureOrigin::Api(entry.path))) } else { value }
    }
}

/// The type of a call of a path that the catalogue does not know: only the convention for constructors.
fn guess(path: Name) -> Ty {
    let Some((owner, last)) = path.as_str().rsplit_once("::") else { return Ty::unknown() };
    let is_type = owner.rsplit("::").next().is_some_and(|s| s.starts_with(char::is_uppercase));
    let owner = || Ty::foreign(Name::new(owner), Vec::new());
    if is_type { derived::by_name(owner(), last).unwrap_or_else(Ty::unknown) } else { Ty::unknown() }
}

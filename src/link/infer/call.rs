//! Calls by path or by value: the callee, the arguments, the result.

use crate::base::Name;
use crate::catalog::FnEntry;
use crate::facts::{ExprId, ExprKind, PathId};
use crate::hir::body::{Callable, Handover, Target};
use crate::hir::known::known;
use crate::hir::names::{DefId, Namespace, Res, TypeHead};
use crate::hir::ty::{Bound, FutureOrigin, Ty, TyKind};

use super::super::derived as made_names;
use super::super::types::World;
use super::super::types::signatures::{FnSig, ItemSig};
use super::super::types::subst::{self, Subst};
use super::super::types::{bounds, project};
use super::expr::forget_params;
use super::{Infer, derived};

impl Infer<'_> {
    pub(super) fn call(&mut self, id: ExprId, callee: ExprId, args: &[ExprId]) -> Ty {
        let callee_ty = self.expr(callee, Ty::unknown());
        self.mark_likely(id, self.is_likely(callee));
        match callee_ty.kind() {
            TyKind::FnDef(Res::Def(def)) => self.call_def(id, *def, None, args, callee),
            TyKind::FnDef(Res::Foreign(path)) => self.call_foreign(id, callee, *path, args),
            TyKind::FnDef(res @ (Res::Variant(..) | Res::SelfType(_))) => self.call_ctor(id, *res, args),
            TyKind::Closure(region) => {
                self.all(args);
                self.set_target(id, Target::Closure(*region));
                self.closure_value(region.region)
            }
            _ => {
                self.all(args);
                if let ExprKind::Local(local) = self.body.exprs[callee].kind {
                    self.set_target(id, Target::Local(local));
                }
                callable(self.world, callee_ty).map_or_else(Ty::unknown, |(_, ret)| ret)
            }
        }
    }

    /// A call of a workspace function (or tuple struct); `receiver` is set for method calls.
    pub(super) fn call_def(
        &mut self,
        id: ExprId,
        def: DefId,
        receiver: Option<Ty>,
        args: &[ExprId],
        callee: ExprId,
    ) -> Ty {
        let at = self.world.names.item_ref(def);
        let sig = match self.sigs.get(at) {
            ItemSig::Fn(sig) => &**sig,
            ItemSig::Struct(_) => return self.call_ctor(id, Res::Def(def), args),
            ItemSig::Enum(_) | ItemSig::Const(_) | ItemSig::Impl(_) | ItemSig::None => {
                self.all(args);
                return Ty::unknown();
            }
        };
        let declared = self.world.declared.function(def);
        self.set_target(id, declared.map_or_else(|| self.fn_target(def), Target::Api));
        let mut subst = self.call_subst(def, receiver, callee);
        let params = self.call_params(sig, receiver.is_some());
        self.arguments(id, args, &params, &mut subst);
        let value = forget_foreign_params(self.world, subst::apply(self.world, sig.value, &subst), def);
        declared.and_then(|entry| self.declared_value(entry, receiver, args)).unwrap_or(value)
    }

    /// What the configuration says that a call gives; `None` leaves it to the signature.
    fn declared_value(&self, entry: &FnEntry, receiver: Option<Ty>, args: &[ExprId]) -> Option<Ty> {
        let tys: Vec<Ty> = args.iter().map(|arg| self.exprs[*arg]).collect();
        let returns: Vec<Ty> = tys.iter().map(|t| self.value_of_callable(*t).unwrap_or_else(Ty::unknown)).collect();
        let receiver = receiver.unwrap_or_else(Ty::unknown);
        let holes = project::Holes { receiver, args: &tys, turbofish: &[], returns: &returns };
        let value = project::eval(self.world, entry.returns.as_ref()?, holes);
        Some(if entry.is_async { Ty::new(TyKind::Future(value, FutureOrigin::Api(entry.path))) } else { value })
    }

    fn fn_target(&self, def: DefId) -> Target {
        if let Some(entry) = self.published(def) {
            return Target::Api(entry);
        }
        let (file, item) = self.world.item(def);
        let in_trait = item
            .parent
            .is_some_and(|p| matches!(self.world.facts[file].items[p].kind, crate::facts::ItemKind::Trait(_)));
        if in_trait { Target::TraitFn(def) } else { Target::Fn(def) }
    }

    /// What the catalogue says that a fn of this workspace does, as its own crate sees it. An entry that only knows what the fn returns
    /// says less than its body.
    fn published(&self, def: DefId) -> Option<&'static FnEntry> {
        let world = self.world;
        let path = world.names.published(def).or_else(|| {
            let info = world.names.impl_info(world.parent(def)?)?;
            let (TypeHead::Def(owner), None) = (info.head, info.trait_) else { return None };
            Some(world.names.published(owner)?.join(world.item(def).1.name))
        })?;
        let does = |entry: &&FnEntry| {
            entry.blocks.is_some() || entry.role.is_some() || !entry.runs.is_empty() || entry.needs.is_some()
        };
        world.catalog.func(path).filter(|entry| entry.path == path).filter(does)
    }

    /// `T::method(receiver, a)` passes the receiver as first argument.
    fn call_params(&self, sig: &FnSig, is_method_call: bool) -> Vec<Ty> {
        let own = sig.receiver.filter(|_| !is_method_call);
        own.into_iter().chain(sig.params.iter().copied()).collect()
    }

    fn call_subst(&mut self, def: DefId, receiver: Option<Ty>, callee: ExprId) -> Subst {
        let mut subst = Subst::default();
        if let (Some(parent_def), Some(receiver)) = (self.world.parent(def), receiver) {
            if let ItemSig::Impl(self_ty) = self.sigs.get(self.world.names.item_ref(parent_def)) {
                subst::unify(*self_ty, receiver.peel_refs(), &mut subst);
            }
            subst.bind_self(parent_def, receiver.peel_refs());
        }
        let turbofish = match &self.body.exprs[callee].kind {
            ExprKind::Path { args, .. } => args,
            ExprKind::MethodCall { turbofish, .. } => turbofish,
            _ => return subst,
        };
        let tys: Vec<Ty> = turbofish.iter().map(|t| self.written(*t)).collect();
        subst.bind_all(def, &tys);
        subst
    }

    /// Infers arguments against parameter types: closures last, when their parameters are known.
    fn arguments(&mut self, call: ExprId, args: &[ExprId], params: &[Ty], subst: &mut Subst) {
        let param = |at: usize| params.get(at).copied().unwrap_or_else(Ty::unknown);
        for (at, arg) in args.iter().copied().enumerate() {
            if self.is_closure(arg) {
                continue;
            }
            let ty = self.expr(arg, Ty::unknown());
            self.hand_over(call, arg, at, ty);
            subst::unify(param(at), ty, subst);
            self.unify_callable(param(at), ty, subst);
        }
        for (at, arg) in args.iter().copied().enumerate() {
            if !self.is_closure(arg) {
                continue;
            }
            let wanted = callable(self.world, param(at)).map(|(ps, ret)| {
                let ps = ps.iter().map(|p| subst::apply(self.world, *p, subst)).collect();
                Ty::new(TyKind::FnPtr(ps, ret))
            });
            let ty = self.expr(arg, wanted.unwrap_or_else(Ty::unknown));
            self.hand_over(call, arg, at, ty);
            subst::unify(param(at), ty, subst);
            self.unify_callable(param(at), ty, subst);
        }
    }

    /// `F: FnOnce() -> R` learns `R` from what the callable gives.
    fn unify_callable(&self, param: Ty, arg: Ty, subst: &mut Subst) {
        if let (Some((_, wanted)), Some(given)) = (callable(self.world, param), self.value_of_callable(arg)) {
            subst::unify(wanted, given, subst);
            if let Some((wanted, given)) =
                project::output_of(self.world, wanted).zip(project::output_of(self.world, given))
            {
                subst::unify(wanted, given, subst);
            }
        }
        let futures = project::output_of(self.world, param).zip(project::output_of(self.world, arg));
        if let Some((wanted, given)) = futures {
            subst::unify(wanted, given, subst);
        }
        let items = project::item_of(self.world, param).zip(project::item_of(self.world, arg));
        if let Some((wanted, given)) = items {
            subst::unify(wanted, given, subst);
        }
    }

    /// What calling an argument gives, when it can be called.
    pub(super) fn value_of_callable(&self, ty: Ty) -> Option<Ty> {
        match ty.peel_refs().kind() {
            TyKind::Closure(region) => Some(self.closure_value(region.region)),
            TyKind::FnDef(Res::Def(def)) => self.sigs.func(self.world.names.item_ref(*def)).map(|sig| sig.value),
            TyKind::FnDef(Res::Foreign(path)) => {
                let entry = self.world.catalog.func(*path)?;
                let ret = entry.returns.as_ref()?;
                Some(project::eval(self.world, ret, project::Holes::of(Ty::unknown())))
            }
            _ => callable(self.world, ty).map(|(_, ret)| ret),
        }
    }

    /// Remembers that a callable goes into a call.
    pub(super) fn hand_over(&mut self, call: ExprId, arg: ExprId, index: usize, ty: Ty) {
        let inner = self.unwrapped(arg);
        let callable = match (&self.body.exprs[inner].kind, ty.peel_refs().kind()) {
            (ExprKind::Closure(region), _) => Callable::Closure(*region),
            (_, TyKind::Closure(region)) if region.body == self.id => Callable::Closure(region.region),
            (_, TyKind::FnDef(Res::Def(def))) => Callable::Fn(*def),
            (_, TyKind::FnDef(Res::Foreign(_))) => Callable::Api(arg),
            (ExprKind::Local(local), _) if callable(self.world, ty).is_some() => Callable::Param(*local),
            _ => return,
        };
        self.handovers.push(Handover { arg_expr: arg, call, index, callable });
    }

    /// Looks through `&`, `Box::new(..)`, `Arc::new(..)` around a callable.
    fn unwrapped(&self, expr: ExprId) -> ExprId {
        match &self.body.exprs[expr].kind {
            ExprKind::Ref { expr, .. } => self.unwrapped(*expr),
            _ => expr,
        }
    }

    /// A tuple struct or variant is filled.
    fn call_ctor(&mut self, id: ExprId, res: Res, args: &[ExprId]) -> Ty {
        self.set_target(id, Target::Ctor(res));
        let (whole, _) = self.constructed(res);
        let declared = self.own_payload(res, Ty::unknown());
        let mut subst = Subst::default();
        for (at, arg) in args.iter().enumerate() {
            let field = declared.get(at).map_or_else(Ty::unknown, |(_, t)| *t);
            let ty = self.expr(*arg, field);
            subst::unify(field, ty, &mut subst);
        }
        forget_params(subst::apply(self.world, whole, &subst))
    }

    /// A path whose head is a type: `Self::new`, `T::default`, `Alias::method`.
    pub(super) fn relative_value(&mut self, id: ExprId, path: PathId, rest: u8) -> Ty {
        let written = &self.body.paths.paths[path];
        let cut = written.segments.len() - usize::from(rest);
        let Some(name) = written.segments.get(cut).copied().filter(|_| rest == 1) else { return Ty::unknown() };
        let head = crate::facts::Path {
            scope: written.scope,
            global: written.global,
            segments: written.segments[..cut].into(),
        };
        let resolution = self.world.names.resolve(self.file, &head, Namespace::Type);
        if resolution.rest > 0 {
            return Ty::unknown();
        }
        let base = self.head_type(resolution.res);
        match self.associated_fn(base, name) {
            Some((res, likely)) => {
                self.mark_likely(id, likely);
                Ty::new(TyKind::FnDef(res))
            }
            None => self.made_value(id, base, &head, name),
        }
    }

    /// `ty::name` that nobody wrote: a value for constants, else something to call.
    fn made_value(&mut self, id: ExprId, base: Ty, head: &crate::facts::Path, name: Name) -> Ty {
        let base = if base.path() == Some(*made_names::BUILDER) { self.builder_of(base, head) } else { base };
        let Some((ret, likely)) = derived::made(self.world, base, name) else { return Ty::unknown() };
        self.mark_likely(id, likely);
        let constant = matches!(base.kind(), TyKind::Prim(_)) && name.as_str().starts_with(char::is_uppercase);
        if constant { ret } else { Ty::new(TyKind::FnPtr(Vec::new(), ret)) }
    }

    /// `FooBuilder` of `#[derive(Builder)] struct Foo`.
    fn builder_of(&self, builder: Ty, head: &crate::facts::Path) -> Ty {
        let Some((last, before)) = head.segments.split_last() else { return builder };
        let Some(stem) = last.as_str().strip_suffix("Builder") else { return builder };
        let segments = before.iter().copied().chain([Name::new(stem)]).collect();
        let made = crate::facts::Path { segments, ..*head };
        let made = self.world.names.resolve(self.file, &made, Namespace::Type);
        Ty::foreign(*made_names::BUILDER, vec![self.head_type(made.res)])
    }

    fn head_type(&self, res: Res) -> Ty {
        match res {
            Res::SelfType(def) => self.lower.self_type(def),
            Res::Def(def) => {
                let (file, item) = self.world.item(def);
                match &item.kind {
                    crate::facts::ItemKind::TypeAlias(alias) => alias.ty.as_ref().map_or_else(Ty::unknown, |t| {
                        super::super::types::lower::Lower::headers(self.world, file).ty(t)
                    }),
                    _ => self.lower.self_type(def),
                }
            }
            Res::Foreign(path) => Ty::foreign(path, Vec::new()),
            Res::Prim(name) => Ty::new(TyKind::Prim(name)),
            Res::Param(owner, at) => Ty::new(TyKind::Param(owner, at, Name::new(""))),
            Res::Module(_) | Res::Variant(..) | Res::Unknown => Ty::unknown(),
        }
    }

    /// `ty::name`: an associated function, inherent or of a trait.
    pub(super) fn associated_fn(&self, ty: Ty, name: Name) -> Option<(Res, bool)> {
        match ty.kind() {
            TyKind::Foreign(path, ..) => {
                let own = self.world.fn_of_foreign(*path, name);
                Some((own.map_or_else(|| Res::Foreign(self.world.catalog.canonical(path.join(name))), Res::Def), false))
            }
            TyKind::Adt(def, _) => self.world.fn_of_type(*def, name).map(|found| (Res::Def(found), false)),
            TyKind::TraitSelf(trait_) => {
                self.world.names.trait_method(*trait_, name).map(|found| (Res::Def(found), false))
            }
            TyKind::Param(owner, at, _) => {
                let bounds = bounds::of_param(self.world, *owner, *at);
                self.bound_fn(&bounds, name).map(|found| (Res::Def(found), false))
            }
            _ => None,
        }
    }

    pub(super) fn bound_fn(&self, bounds: &[Bound], name: Name) -> Option<DefId> {
        bounds.iter().find_map(|bound| match bound.trait_ {
            Res::Def(trait_) => self.world.names.trait_method(trait_, name),
            _ => None,
        })
    }
}

/// Parameters and result of a type that can be called.
pub(super) fn callable(world: World<'_>, ty: Ty) -> Option<(Vec<Ty>, Ty)> {
    let of_bounds = |bounds: &[Bound]| bounds.iter().find_map(|b| b.call.clone());
    match ty.peel_refs().kind() {
        TyKind::FnPtr(params, ret) => Some((params.clone(), *ret)),
        TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => of_bounds(bounds),
        TyKind::Param(owner, at, _) => of_bounds(&bounds::of_param(world, *owner, *at)),
        TyKind::Foreign(path, _, args) if [known().boxed, known().arc, known().rc].contains(path) => {
            args.first().and_then(|inner| callable(world, *inner))
        }
        _ => None,
    }
}

/// Parameters of the callee that the arguments did not settle mean nothing here.
fn forget_foreign_params(world: World<'_>, ty: Ty, callee: DefId) -> Ty {
    let _ = world;
    match ty.kind() {
        TyKind::Param(owner, ..) if *owner == callee => Ty::unknown(),
        TyKind::Projection(base, _) if matches!(base.kind(), TyKind::Param(owner, ..) if *owner == callee) => {
            Ty::unknown()
        }
        TyKind::Foreign(path, tag, args) => {
            let args = args.iter().map(|a| forget_foreign_params(world, *a, callee)).collect();
            Ty::new(TyKind::Foreign(*path, *tag, args))
        }
        TyKind::Future(output, origin) => {
            Ty::new(TyKind::Future(forget_foreign_params(world, *output, callee), *origin))
        }
        _ => ty,
    }
}

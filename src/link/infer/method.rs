//! Method calls: lookup along the receiver's derefs, in the workspace and in the catalogue.

use crate::base::Name;
use crate::catalog::{FnEntry, Group, Needs, Role};
use crate::facts::{ExprId, ExprKind, TypeIx};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{DefId, Res};
use crate::hir::ty::{Bound, FutureOrigin, Ty, TyKind};

use super::super::types::{bounds, project};
use super::Infer;

/// What a method call refers to, and the receiver at which it was found.
enum Hit {
    Own(DefId, Ty),
    Api(&'static FnEntry, Ty),
    Clone(Ty),
}

/// Derefs followed at most; `Arc<Mutex<Box<T>>>` has three.
const MAX_DEREFS: usize = 8;

impl Infer<'_> {
    pub(super) fn method_call(
        &mut self,
        id: ExprId,
        recv: ExprId,
        name: Name,
        turbofish: &[TypeIx],
        args: &[ExprId],
    ) -> Ty {
        let receiver = self.expr(recv, Ty::unknown());
        self.mark_likely(id, self.is_likely(recv));
        let value = match self.lookup(receiver, name) {
            Some(Hit::Own(def, at)) => self.call_def(id, def, Some(at), args, id),
            Some(Hit::Api(entry, at)) => {
                self.mark_likely(id, entry.unverified);
                let turbofish: Vec<Ty> = turbofish.iter().map(|t| self.written(*t)).collect();
                self.api_call(id, entry, at, &turbofish, args)
            }
            Some(Hit::Clone(ty)) => {
                self.all(args);
                ty
            }
            None => return self.unknown_method(id, recv, receiver, name, args),
        };
        let tys: Vec<Ty> = args.iter().map(|a| self.exprs[*a]).collect();
        self.learn(recv, name.as_str(), &tys);
        value
    }

    fn lookup(&self, receiver: Ty, name: Name) -> Option<Hit> {
        let mut ty = receiver;
        for _ in 0..MAX_DEREFS {
            if let Some(hit) = self.lookup_at(ty, name) {
                return Some(hit);
            }
            ty = project::deref(self.world, ty)?;
        }
        None
    }

    fn lookup_at(&self, ty: Ty, name: Name) -> Option<Hit> {
        let world = self.world;
        match ty.kind() {
            TyKind::Adt(def, _) => {
                if let Some(found) = world.fn_of_type(*def, name) {
                    return Some(Hit::Own(found, ty));
                }
                let foreign = world.impls_of_type(*def).iter().find_map(|imp| match world.impl_trait(*imp)? {
                    Res::Foreign(trait_) => self.trait_method(trait_, name),
                    _ => None,
                });
                foreign
                    .map(|entry| Hit::Api(entry, ty))
                    .or_else(|| self.clone_of(ty, name))
                    .or_else(|| self.any(ty, name))
            }
            TyKind::Foreign(path, ..) => {
                if let Some(found) = world.fn_of_foreign(*path, name) {
                    return Some(Hit::Own(found, ty));
                }
                let entry = self.world.catalog.method(*path, name);
                // The catalogue need not know all methods of a crate of the run.
                let own = || world.names.behind(*path).and_then(|def| world.fn_of_type(def, name));
                let other = || self.world.catalog.ty(*path).is_none().then(|| self.any(ty, name)).flatten();
                let known = entry.map(|entry| Hit::Api(entry, ty)).or_else(|| self.clone_of(ty, name));
                known.or_else(|| own().map(|found| Hit::Own(found, ty))).or_else(other)
            }
            TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => {
                self.bound_method(bounds, ty, name).or_else(|| self.any(ty, name))
            }
            TyKind::Param(owner, at, _) => {
                let bounds = bounds::of_param(self.world, *owner, *at);
                self.bound_method(&bounds, ty, name).or_else(|| self.any(ty, name))
            }
            TyKind::TraitSelf(trait_) => {
                let own = world.names.trait_method(*trait_, name).map(|found| Hit::Own(found, ty));
                own.or_else(|| self.foreign_bound_method(&bounds::supertraits(world, *trait_), ty, name))
                    .or_else(|| self.any(ty, name))
            }
            TyKind::Future(..) => {
                self.method_of_group(Group::Future, name).map(|e| Hit::Api(e, ty)).or_else(|| self.any(ty, name))
            }
            TyKind::Prim(prim) => {
                let known = self.world.catalog.method(*prim, name).map(|e| Hit::Api(e, ty));
                let own = || world.fn_of_primitive(*prim, name).map(|found| Hit::Own(found, ty));
                known.or_else(own).or_else(|| self.any(ty, name))
            }
            TyKind::Tuple(_) => self.world.catalog.method(Name::new("tuple"), name).map(|e| Hit::Api(e, ty)),
            TyKind::Slice(_) => self.world.catalog.method(Name::new("slice"), name).map(|e| Hit::Api(e, ty)),
            TyKind::Array(..) => self.world.catalog.method(Name::new("array"), name).map(|e| Hit::Api(e, ty)),
            TyKind::Ref(_, inner) if name == known().clone && is_plain(*inner) => Some(Hit::Clone(*inner)),
            TyKind::Unknown
            | TyKind::Ref(..)
            | TyKind::Ptr(_)
            | TyKind::FnPtr(..)
            | TyKind::FnDef(_)
            | TyKind::Closure(_)
            | TyKind::Projection(..)
            | TyKind::Never => None,
        }
    }

    /// `clone` of a type of which nothing else is known gives the same type; a guard is not cloned, its target is.
    fn clone_of(&self, ty: Ty, name: Name) -> Option<Hit> {
        if name != known().clone && name != "to_owned" {
            return None;
        }
        let guard = ty.path().and_then(|p| self.world.catalog.ty(p)).is_some_and(|e| e.guard.is_some());
        (!guard).then_some(Hit::Clone(ty))
    }

    fn any(&self, ty: Ty, name: Name) -> Option<Hit> {
        self.method_of_group(Group::Any, name).map(|entry| Hit::Api(entry, ty))
    }

    /// A method that any future, stream or reader has. Several crates have traits with the same method: one that needs a runtime
    /// counts only where its trait is imported.
    fn method_of_group(&self, group: Group, name: Name) -> Option<&'static FnEntry> {
        let entry = self.world.catalog.method_of_group(group, name)?;
        let asks = entry.needs.is_some_and(|needs| needs != Needs::Neutral);
        let imported = || entry.owner.is_none_or(|owner| self.world.file_imports(self.file, owner));
        (!asks || imported()).then_some(entry)
    }

    fn trait_method(&self, trait_: Name, name: Name) -> Option<&'static FnEntry> {
        let own = self.world.catalog.method(trait_, name);
        own.or_else(|| {
            let groups = self.world.catalog.ty(trait_)?.groups();
            groups.into_iter().find_map(|g| self.method_of_group(g, name))
        })
    }

    fn bound_method(&self, bounds: &[Bound], ty: Ty, name: Name) -> Option<Hit> {
        if let Some(found) = self.bound_fn(bounds, name) {
            return Some(Hit::Own(found, ty));
        }
        let own = self.foreign_bound_method(bounds, ty, name);
        own.or_else(|| self.foreign_bound_method(&bounds::above(self.world, bounds), ty, name))
    }

    fn foreign_bound_method(&self, bounds: &[Bound], ty: Ty, name: Name) -> Option<Hit> {
        bounds.iter().find_map(|bound| match bound.trait_ {
            Res::Foreign(trait_) => self.trait_method(trait_, name).map(|entry| Hit::Api(entry, ty)),
            Res::Def(_)
            | Res::Module(_)
            | Res::Variant(..)
            | Res::Prim(_)
            | Res::Param(..)
            | Res::SelfType(_)
            | Res::Unknown => None,
        })
    }

    /// The receiver's type does not tell: only the closed lists of decision X11 and F7 may still answer, as likely.
    fn unknown_method(&mut self, id: ExprId, recv: ExprId, receiver: Ty, name: Name, args: &[ExprId]) -> Ty {
        let tys: Vec<Ty> = args.iter().map(|a| self.expr(*a, Ty::unknown())).collect();
        for (at, arg) in args.iter().enumerate() {
            self.hand_over(id, *arg, at, tys[at]);
        }
        if let Some(entry) = self.of_tried(receiver, name) {
            self.mark_likely(id, true);
            self.set_target(id, Target::Api(entry));
            return Ty::unknown();
        }
        if !receiver.is_unknown() {
            return self.builder_step(receiver, name).unwrap_or_else(Ty::unknown);
        }
        if let Some(entry) = self.distinctive(name).or_else(|| self.by_argument(name, tys.first().copied())) {
            self.mark_likely(id, true);
            self.set_target(id, Target::Api(entry));
            let holes = project::Holes { receiver, args: &tys, turbofish: &[], returns: &[] };
            let value = entry.returns.as_ref().map_or_else(Ty::unknown, |e| project::eval(self.world, e, holes));
            return if entry.is_async { Ty::new(TyKind::Future(value, FutureOrigin::Api(entry.path))) } else { value };
        }
        self.runtime_by_name(id, recv, name, &tys).unwrap_or_else(Ty::unknown)
    }

    /// A method that only takes a value of certain types: `query.load(connection)`.
    fn by_argument(&self, name: Name, argument: Option<Ty>) -> Option<&'static FnEntry> {
        let mut ty = argument?.peel_refs();
        for _ in 0..MAX_DEREFS {
            if let Some(entry) = self.world.catalog.method_given(name, ty.path()?) {
                return Some(entry);
            }
            ty = project::deref(self.world, ty)?.peel_refs();
        }
        None
    }

    /// A constructor of a crate that is not known was taken for infallible: a method that only a `Result` has says that it is one.
    fn of_tried(&self, receiver: Ty, name: Name) -> Option<&'static FnEntry> {
        const OF_RESULTS: [&str; 7] =
            ["and_then", "is_err_and", "is_ok_and", "map_err", "map_or_else", "or_else", "unwrap_or_else"];
        let TyKind::Foreign(path, ..) = receiver.kind() else { return None };
        let guessed = self.world.catalog.ty(*path).is_none() && OF_RESULTS.contains(&name.as_str());
        guessed.then(|| self.world.catalog.method(Name::new("std::result::Result"), name)).flatten()
    }

    /// A distinctive method whose crate is a dependency and whose owner is imported in this file.
    fn distinctive(&self, name: Name) -> Option<&'static FnEntry> {
        let world = self.world;
        world.catalog.distinctive_method(name).find(|entry| {
            let krate = entry.path.as_str().split("::").next().unwrap_or("");
            world.file_depends_on(self.file, Name::new(krate))
                && entry.owner.is_none_or(|owner| world.file_imports(self.file, owner))
        })
    }

    /// `rt.spawn(async ..)`, `handle.spawn(async ..)`: the closed list of receiver names (rules.md, untracked-spawn).
    fn runtime_by_name(&mut self, id: ExprId, recv: ExprId, name: Name, args: &[Ty]) -> Option<Ty> {
        const RECEIVERS: [&str; 6] = ["rt", "runtime", "handle", "tokio_handle", "runtime_handle", "rt_handle"];
        let written = match &self.body.exprs[recv].kind {
            ExprKind::Local(local) => self.body.locals[*local].name,
            ExprKind::Field { name, .. } => *name,
            _ => return None,
        };
        if name != "spawn" || !RECEIVERS.contains(&written.as_str()) {
            return None;
        }
        let TyKind::Future(_, FutureOrigin::Region(_)) = args.first()?.kind() else { return None };
        if !self.world.file_depends_on(self.file, Name::new("tokio")) {
            return None;
        }
        let entry = self.world.catalog.method(Name::new("tokio::runtime::Handle"), name)?;
        debug_assert_eq!(entry.role, Some(Role::Spawn));
        self.mark_likely(id, true);
        self.set_target(id, Target::Api(entry));
        let holes = project::Holes { receiver: Ty::unknown(), args, turbofish: &[], returns: &[] };
        entry.returns.as_ref().map(|e| project::eval(self.world, e, holes))
    }
}

/// Cloning through a reference gives the value itself, not the reference.
fn is_plain(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Param(..) | TyKind::Tuple(_) | TyKind::Prim(_) | TyKind::TraitSelf(_))
}

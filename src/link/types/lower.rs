//! A type as written becomes a `Ty`.
//!
//! It never guesses: a name that does not resolve, a macro or an associated type that needs a solver is `Unknown`.

use crate::base::{FileId, Name};
use crate::facts::item::Generics;
use crate::facts::types::PathType;
use crate::facts::{ItemKind, Path, PathId, PathTable, TypeExpr};
use crate::hir::known::known;
use crate::hir::names::{DefId, Namespace, Res, Resolution};
use crate::hir::ty::{Bound, FutureOrigin, Ty, TyKind};

use super::World;
use super::subst::{self, Subst};

/// Aliases of aliases are followed this far; real code has three.
const MAX_DEPTH: u32 = 12;

/// Lowers the types of one owner (a file's headers, or one body).
pub struct Lower<'a> {
    world: World<'a>,
    file: FileId,
    paths: &'a PathTable,
    depth: u32,
}

impl<'a> Lower<'a> {
    /// For types whose paths stand in `paths`, in `file`.
    pub fn new(world: World<'a>, file: FileId, paths: &'a PathTable) -> Self {
        Self { world, file, paths, depth: 0 }
    }

    /// For the headers of `file`.
    pub fn headers(world: World<'a>, file: FileId) -> Self {
        Self::new(world, file, &world.facts[file].paths)
    }

    fn resolve(&self, path: PathId) -> (Resolution, &'a Path) {
        let path = &self.paths.paths[path];
        (self.world.names.resolve(self.file, path, Namespace::Type), path)
    }

    /// The type.
    pub fn ty(&self, expr: &TypeExpr) -> Ty {
        match expr {
            TypeExpr::Path(path) => self.path(path),
            TypeExpr::Qualified { base, trait_: _, rest } => {
                rest.iter().fold(self.ty(base), |ty, name| Ty::new(TyKind::Projection(ty, *name)))
            }
            TypeExpr::Ref { mutable, inner } => Ty::new(TyKind::Ref(*mutable, self.ty(inner))),
            TypeExpr::Ptr(inner) => Ty::new(TyKind::Ptr(self.ty(inner))),
            TypeExpr::Tuple(elems) => Ty::new(TyKind::Tuple(self.tys(elems))),
            TypeExpr::Slice(inner) => Ty::new(TyKind::Slice(self.ty(inner))),
            TypeExpr::Array(inner, len) => Ty::new(TyKind::Array(self.ty(inner), *len)),
            TypeExpr::FnPtr(params, ret) => Ty::new(TyKind::FnPtr(self.tys(params), self.ty(ret))),
            TypeExpr::Impl(bounds) => opaque(self.bounds(bounds), TyKind::Opaque),
            TypeExpr::Dyn(bounds) => opaque(self.bounds(bounds), TyKind::Dyn),
            TypeExpr::Never => Ty::new(TyKind::Never),
            TypeExpr::Infer | TypeExpr::Opaque => Ty::unknown(),
        }
    }

    /// Several types.
    pub fn tys(&self, exprs: &[TypeExpr]) -> Vec<Ty> {
        exprs.iter().map(|e| self.ty(e)).collect()
    }

    /// Bounds; those that do not resolve are left out.
    pub fn bounds(&self, bounds: &[PathType]) -> Vec<Bound> {
        bounds.iter().filter_map(|b| self.bound(b)).collect()
    }

    /// One bound.
    pub fn bound(&self, bound: &PathType) -> Option<Bound> {
        let (resolution, _) = self.resolve(bound.path);
        if resolution.rest > 0 || matches!(resolution.res, Res::Unknown) {
            return None;
        }
        let call = bound.call.as_ref().map(|call| (self.tys(&call.0), self.ty(&call.1)));
        let bindings = bound.bindings.iter().map(|(name, ty)| (*name, self.ty(ty))).collect();
        Some(Bound { trait_: resolution.res, args: self.tys(&bound.args), bindings, call })
    }

    fn path(&self, path: &PathType) -> Ty {
        let (resolution, written) = self.resolve(path.path);
        let args = self.tys(&path.args);
        let rest = usize::from(resolution.rest);
        let head = self.res(resolution.res, if rest == 0 { args } else { Vec::new() }, path);
        let tail = &written.segments[written.segments.len() - rest..];
        tail.iter().fold(head, |ty, name| Ty::new(TyKind::Projection(ty, *name)))
    }

    fn res(&self, res: Res, args: Vec<Ty>, written: &PathType) -> Ty {
        match res {
            Res::Def(def) => self.def(def, args, written),
            Res::Foreign(path) => self.foreign(path, args),
            Res::Prim(name) => Ty::new(TyKind::Prim(name)),
            Res::Param(owner, at) => Ty::new(TyKind::Param(owner, at, self.param_name(owner, at))),
            Res::SelfType(owner) => self.self_type(owner),
            Res::Module(_) | Res::Variant(..) | Res::Unknown => Ty::unknown(),
        }
    }

    fn param_name(&self, owner: DefId, at: u32) -> Name {
        let (_, item) = self.world.item(owner);
        generics_of(&item.kind)
            .and_then(|g| g.params.get(at as usize))
            .map_or_else(|| Name::new(""), |param| param.name)
    }

    fn def(&self, def: DefId, args: Vec<Ty>, written: &PathType) -> Ty {
        let (file, item) = self.world.item(def);
        match &item.kind {
            ItemKind::Struct(s) => self.adt(def, file, &s.generics, args),
            ItemKind::Enum(e) => self.adt(def, file, &e.generics, args),
            ItemKind::Trait(_) => {
                let bindings = written.bindings.iter().map(|(name, ty)| (*name, self.ty(ty))).collect();
                Ty::new(TyKind::Dyn(vec![Bound { trait_: Res::Def(def), args, bindings, call: None }]))
            }
            ItemKind::TypeAlias(alias) => {
                let Some(ty) = &alias.ty else { return Ty::unknown() };
                let Some(inner) = self.deeper(file) else { return Ty::unknown() };
                let mut subst = Subst::default();
                subst.bind_all(def, &self.with_defaults(def, file, &alias.generics, args));
                subst::apply(self.world, inner.ty(ty), &subst)
            }
            ItemKind::Fn(_)
            | ItemKind::Impl(_)
            | ItemKind::Const(_)
            | ItemKind::Module(_)
            | ItemKind::Use(_)
            | ItemKind::ExternCrate(_)
            | ItemKind::MacroRules(_)
            | ItemKind::Other => Ty::unknown(),
        }
    }

    /// A struct or enum of the workspace, or the outside type that the configuration declares it to be.
    fn adt(&self, def: DefId, file: FileId, generics: &Generics, args: Vec<Ty>) -> Ty {
        let args = self.with_defaults(def, file, generics, args);
        match self.world.declared.type_path(def) {
            Some(path) => Ty::foreign(path, args),
            None => Ty::new(TyKind::Adt(def, args)),
        }
    }

    /// Type arguments, and the declared defaults of those that are not written.
    fn with_defaults(&self, def: DefId, file: FileId, generics: &Generics, mut args: Vec<Ty>) -> Vec<Ty> {
        let Some(inner) = self.deeper(file) else { return args };
        for param in generics.params.iter().skip(args.len()) {
            let Some(default) = &param.default else { break };
            let mut subst = Subst::default();
            subst.bind_all(def, &args);
            args.push(subst::apply(self.world, inner.ty(default), &subst));
        }
        args
    }

    /// A lowering for headers of another file, one alias deeper.
    fn deeper(&self, file: FileId) -> Option<Self> {
        let depth = self.depth + 1;
        (depth <= MAX_DEPTH).then(|| Self { depth, ..Self::headers(self.world, file) })
    }

    /// `Self`.
    pub fn self_type(&self, owner: DefId) -> Ty {
        let (file, item) = self.world.item(owner);
        match &item.kind {
            ItemKind::Impl(imp) => self.deeper(file).map_or_else(Ty::unknown, |lower| lower.ty(&imp.self_ty)),
            ItemKind::Trait(_) => Ty::new(TyKind::TraitSelf(owner)),
            ItemKind::Struct(s) => self.own_adt(owner, &s.generics),
            ItemKind::Enum(e) => self.own_adt(owner, &e.generics),
            ItemKind::Fn(_)
            | ItemKind::TypeAlias(_)
            | ItemKind::Const(_)
            | ItemKind::Module(_)
            | ItemKind::Use(_)
            | ItemKind::ExternCrate(_)
            | ItemKind::MacroRules(_)
            | ItemKind::Other => Ty::unknown(),
        }
    }

    fn own_adt(&self, owner: DefId, generics: &Generics) -> Ty {
        let args = generics.params.iter().enumerate().map(|(at, p)| Ty::new(TyKind::Param(owner, at as u32, p.name)));
        match self.world.declared.type_path(owner) {
            Some(path) => Ty::foreign(path, args.collect()),
            None => Ty::new(TyKind::Adt(owner, args.collect())),
        }
    }

    fn foreign(&self, path: Name, args: Vec<Ty>) -> Ty {
        let Some(entry) = self.world.catalog.ty(path) else {
            // `sqlx::Result<T>`, `io::Result<T>`: by convention an alias with the crate's own error.
            if path.as_str().ends_with("::Result") && args.len() < 2 {
                let value = args.first().copied().unwrap_or_else(Ty::unit);
                return Ty::foreign(known().result, vec![value, Ty::unknown()]);
            }
            return Ty::foreign(path, args);
        };
        match &entry.is {
            Some(expr) => super::project::eval_alias(self.world, entry, expr, &args),
            None => Ty::foreign(path, args),
        }
    }
}

/// The generic parameters that an item declares.
pub fn generics_of(kind: &ItemKind) -> Option<&Generics> {
    match kind {
        ItemKind::Fn(f) => Some(&f.generics),
        ItemKind::Struct(s) => Some(&s.generics),
        ItemKind::Enum(e) => Some(&e.generics),
        ItemKind::Trait(t) => Some(&t.generics),
        ItemKind::Impl(i) => Some(&i.generics),
        ItemKind::TypeAlias(a) => Some(&a.generics),
        ItemKind::Const(_)
        | ItemKind::Module(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => None,
    }
}

/// `impl Future<Output = T>` and `dyn Future<Output = T>` are futures of `T`; `impl Fn(A) -> B` is a callable; the rest stays a list of bounds.
fn opaque(bounds: Vec<Bound>, make: fn(Vec<Bound>) -> TyKind) -> Ty {
    let k = known();
    for bound in &bounds {
        if bound.trait_ == Res::Foreign(k.future) {
            let output =
                bound.bindings.iter().find(|(name, _)| *name == k.output).map_or_else(Ty::unknown, |(_, ty)| *ty);
            return Ty::new(TyKind::Future(output, FutureOrigin::Opaque));
        }
        if let Some((params, ret)) = &bound.call {
            return Ty::new(TyKind::FnPtr(params.clone(), *ret));
        }
    }
    if bounds.is_empty() { Ty::unknown() } else { Ty::new(make(bounds)) }
}

//! Associated types without a solver: what a future gives, what a loop yields, what a wrapper derefs to.
//!
//! Also fills the holes of the catalogue's type expressions. Unknown parts stay Unknown.

use crate::base::Name;
use crate::catalog::{Projection, TypeEntry, TypeExpr};
use crate::facts::ItemKind;
use crate::hir::known::known;
use crate::hir::names::{DefId, Res};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::World;
use super::bounds::{binding, of_param};
use super::lower::Lower;
use super::subst::{self, Subst};

/// What the holes of a catalogue type expression stand for.
#[derive(Clone, Copy)]
pub struct Holes<'a> {
    /// The receiver, or the type itself for `deref`, `item` and the like.
    pub receiver: Ty,
    /// Types of the arguments, receiver not counted.
    pub args: &'a [Ty],
    /// Types of the turbofish.
    pub turbofish: &'a [Ty],
    /// What each argument gives when it is called.
    pub returns: &'a [Ty],
}

impl Holes<'_> {
    /// Only a receiver.
    pub const fn of(receiver: Ty) -> Holes<'static> {
        Holes { receiver, args: &[], turbofish: &[], returns: &[] }
    }
}

/// The type that a catalogue expression stands for.
pub fn eval(world: World<'_>, expr: &TypeExpr, holes: Holes<'_>) -> Ty {
    let arg = |at: usize, from: &[Ty]| from.get(at).copied().unwrap_or_else(Ty::unknown);
    match expr {
        TypeExpr::Path { name, args, tag } => {
            let args: Vec<Ty> = args.iter().map(|a| eval(world, a, holes)).collect();
            match world.catalog.ty(*name).and_then(|entry| entry.is.as_ref().map(|is| (entry, is))) {
                Some((entry, is)) => eval_alias(world, entry, is, &args),
                None => named(*name, *tag, args),
            }
        }
        TypeExpr::Param(name) => parameter(world, holes.receiver, *name, 0),
        TypeExpr::Arg(at) => arg(*at, holes.args),
        TypeExpr::ArgOutput(at) => output_of(world, arg(*at, holes.args)).unwrap_or_else(Ty::unknown),
        TypeExpr::ArgReturn(at) => arg(*at, holes.returns),
        TypeExpr::Turbofish(at) => arg(*at, holes.turbofish),
        TypeExpr::Project { of, what } => project(world, eval(world, of, holes), *what),
        TypeExpr::Tuple(elems) => Ty::new(TyKind::Tuple(elems.iter().map(|e| eval(world, e, holes)).collect())),
        TypeExpr::Ref { mutable, inner } => Ty::new(TyKind::Ref(*mutable, eval(world, inner, holes))),
        TypeExpr::SelfType => holes.receiver,
        TypeExpr::Unit => Ty::unit(),
        TypeExpr::Never => Ty::new(TyKind::Never),
        TypeExpr::Unknown => Ty::unknown(),
    }
}

fn named(name: Name, tag: Option<Name>, args: Vec<Ty>) -> Ty {
    let first = args.first().copied().unwrap_or_else(Ty::unknown);
    match name.as_str() {
        "slice" => Ty::new(TyKind::Slice(first)),
        "array" => Ty::new(TyKind::Array(first, None)),
        "pointer" => Ty::new(TyKind::Ptr(first)),
        "fn" => Ty::new(TyKind::FnPtr(Vec::new(), first)),
        text if !text.contains("::") => Ty::new(TyKind::Prim(name)),
        _ => Ty::new(TyKind::Foreign(name, tag, args)),
    }
}

/// An alias of the catalogue (`std::io::Result<T>`), its own parameters bound to `args`.
pub fn eval_alias(world: World<'_>, entry: &TypeEntry, expr: &TypeExpr, args: &[Ty]) -> Ty {
    let receiver = Ty::foreign(entry.path, args.to_vec());
    eval(world, expr, Holes::of(receiver))
}

/// Parameter `name` of a receiver: an argument of its type, or an associated type of its traits.
fn parameter(world: World<'_>, receiver: Ty, name: Name, depth: u32) -> Ty {
    let ty = receiver.peel_refs();
    if let TyKind::Foreign(path, _, args) = ty.kind()
        && let Some(entry) = world.catalog.ty(*path)
        && let Some(at) = entry.params.iter().position(|p| *p == name)
    {
        return args.get(at).copied().unwrap_or_else(Ty::unknown);
    }
    if let TyKind::Slice(elem) | TyKind::Array(elem, _) = ty.kind()
        && name == "T"
    {
        return *elem;
    }
    let found = match name.as_str() {
        "Item" => item_of(world, ty).or_else(|| stream_item(world, ty)),
        "Output" => output_of(world, ty),
        _ => any_associated(world, ty, name),
    };
    match found {
        Some(found) => found,
        None if depth < 4 => {
            deref(world, ty).map_or_else(Ty::unknown, |inner| parameter(world, inner, name, depth + 1))
        }
        None => Ty::unknown(),
    }
}

fn project(world: World<'_>, ty: Ty, what: Projection) -> Ty {
    match what {
        Projection::Output => output_of(world, ty).unwrap_or_else(Ty::unknown),
        Projection::Item => item_of(world, ty).or_else(|| stream_item(world, ty)).unwrap_or_else(Ty::unknown),
        Projection::Return => match ty.kind() {
            TyKind::FnPtr(_, ret) => *ret,
            _ => Ty::unknown(),
        },
        Projection::Deref => deref(world, ty).unwrap_or_else(Ty::unknown),
        Projection::NoRef => ty.peel_refs(),
        Projection::TypeArg(at) => ty.peel_refs().args().get(at).copied().unwrap_or_else(Ty::unknown),
    }
}

/// What awaiting a value gives; `None` when it is not known to be a future.
pub fn output_of(world: World<'_>, ty: Ty) -> Option<Ty> {
    let k = known();
    match ty.kind() {
        TyKind::Future(output, _) => Some(*output),
        TyKind::Ref(_, inner) => output_of(world, *inner),
        TyKind::Foreign(path, _, args) => {
            if (*path == k.boxed || *path == k.pin) && args.len() == 1 {
                return output_of(world, args[0]);
            }
            let entry = world.catalog.ty(*path)?;
            entry.output.as_ref().map(|expr| eval(world, expr, Holes::of(ty)))
        }
        TyKind::Adt(def, _) => associated(world, ty, *def, k.future, k.output)
            .or_else(|| associated(world, ty, *def, k.into_future, k.output)),
        TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => binding(world, bounds, &|t| t == k.future, k.output),
        TyKind::Param(owner, at, _) => {
            let bounds = of_param(world, *owner, *at);
            binding(world, &bounds, &|t| t == k.future, k.output).map(|found| settle(found, ty, k.output))
        }
        _ => None,
    }
}

/// What a `for` loop over a value yields.
pub fn item_of(world: World<'_>, ty: Ty) -> Option<Ty> {
    let k = known();
    match ty.kind() {
        TyKind::Ref(mutable, inner) => {
            let borrowed = |t: Ty| Ty::new(TyKind::Ref(*mutable, t));
            match inner.kind() {
                TyKind::Foreign(path, ..) if world.catalog.ty(*path).is_some_and(|e| !e.is_iterator) => {
                    item_of(world, *inner).map(|item| borrow_item(*mutable, item))
                }
                TyKind::Slice(t) | TyKind::Array(t, _) => Some(borrowed(*t)),
                _ => item_of(world, *inner),
            }
        }
        TyKind::Array(t, _) => Some(*t),
        TyKind::Slice(t) => Some(*t),
        TyKind::Foreign(path, _, args) => {
            let entry = world.catalog.ty(*path)?;
            match &entry.item {
                Some(expr) => Some(eval(world, expr, Holes::of(ty))),
                None if *path == k.boxed => args.first().and_then(|t| item_of(world, *t)),
                None => None,
            }
        }
        TyKind::Adt(def, _) => associated(world, ty, *def, k.iterator, k.item)
            .or_else(|| associated(world, ty, *def, k.into_iterator, k.item)),
        TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => binding(world, bounds, &|t| is_iterator(world, t), k.item),
        TyKind::Param(owner, at, _) => {
            binding(world, &of_param(world, *owner, *at), &|t| is_iterator(world, t), k.item)
        }
        _ => None,
    }
}

/// `Iterator`, `DoubleEndedIterator`, `IntoIterator` and their like.
fn is_iterator(world: World<'_>, trait_: Name) -> bool {
    trait_ == known().into_iterator || world.catalog.ty(trait_).is_some_and(|entry| entry.is_iterator)
}

/// `for (k, v) in &map` gives references to both.
fn borrow_item(mutable: bool, item: Ty) -> Ty {
    match item.kind() {
        TyKind::Tuple(elems) if elems.len() == 2 => {
            Ty::new(TyKind::Tuple(vec![Ty::new(TyKind::Ref(false, elems[0])), Ty::new(TyKind::Ref(mutable, elems[1]))]))
        }
        _ => Ty::new(TyKind::Ref(mutable, item)),
    }
}

/// What `next().await` on a value gives inside the `Option`.
pub fn stream_item(world: World<'_>, ty: Ty) -> Option<Ty> {
    let k = known();
    match ty.kind() {
        TyKind::Ref(_, inner) => stream_item(world, *inner),
        TyKind::Foreign(path, _, args) => {
            if (*path == k.boxed || *path == k.pin) && args.len() == 1 {
                return stream_item(world, args[0]);
            }
            let entry = world.catalog.ty(*path)?;
            entry.stream.as_ref().map(|expr| eval(world, expr, Holes::of(ty)))
        }
        TyKind::Adt(def, _) => associated(world, ty, *def, k.stream, k.item),
        TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => binding(world, bounds, &|t| t == k.stream, k.item),
        TyKind::Param(owner, at, _) => binding(world, &of_param(world, *owner, *at), &|t| t == k.stream, k.item),
        _ => None,
    }
}

/// One step of `Deref`.
pub fn deref(world: World<'_>, ty: Ty) -> Option<Ty> {
    let k = known();
    match ty.kind() {
        TyKind::Ref(_, inner) => Some(*inner),
        TyKind::Foreign(path, _, _) => {
            let entry = world.catalog.ty(*path)?;
            entry.deref.as_ref().map(|expr| eval(world, expr, Holes::of(ty)))
        }
        TyKind::Adt(def, _) => associated(world, ty, *def, k.deref, k.target),
        TyKind::Array(elem, _) => Some(Ty::new(TyKind::Slice(*elem))),
        _ => None,
    }
}

/// `base::name`, settled where the base is known.
pub fn projection(world: World<'_>, base: Ty, name: Name) -> Ty {
    let k = known();
    let found = if name == k.output {
        match base.kind() {
            TyKind::FnPtr(_, ret) => Some(*ret),
            _ => output_of(world, base).filter(|found| !matches!(found.kind(), TyKind::Projection(..))),
        }
    } else if name == k.item {
        item_of(world, base).or_else(|| stream_item(world, base))
    } else if name == k.target {
        deref(world, base)
    } else {
        None
    };
    found.or_else(|| any_associated(world, base, name)).unwrap_or_else(|| subst::unresolved(base, name))
}

fn any_associated(world: World<'_>, base: Ty, name: Name) -> Option<Ty> {
    let TyKind::Adt(def, _) = base.kind() else { return None };
    let mut found = world.impls_of_type(*def).iter().filter_map(|imp| alias_of(world, *imp, name, base));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// The associated type `name` in the impl of foreign trait `trait_` for a workspace type.
fn associated(world: World<'_>, ty: Ty, def: DefId, trait_: Name, name: Name) -> Option<Ty> {
    let impls = world.impls_of_type(def).iter();
    let mut of_trait = impls.filter(|imp| world.impl_trait(**imp) == Some(Res::Foreign(trait_)));
    of_trait.find_map(|imp| alias_of(world, *imp, name, ty))
}

thread_local! {
    static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Associated types that lead to associated types are followed this far: they may lead back to themselves, and each step may branch.
const MAX_DEPTH: u32 = 4;

/// Counts the steps on the stack of this thread; a question always starts at zero, so answers do not depend on threads.
struct Step;

impl Step {
    fn down() -> Option<Self> {
        DEPTH.with(|depth| {
            let deeper = depth.get() + 1;
            (deeper <= MAX_DEPTH).then(|| {
                depth.set(deeper);
                Self
            })
        })
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

fn alias_of(world: World<'_>, imp: DefId, name: Name, ty: Ty) -> Option<Ty> {
    let _step = Step::down()?;
    let (file, item) = world.item(imp);
    let ItemKind::Impl(block) = &item.kind else { return None };
    let alias = block.items.iter().find_map(|id| {
        let item = &world.facts[file].items[*id];
        match &item.kind {
            ItemKind::TypeAlias(alias) if item.name == name => alias.ty.as_ref(),
            _ => None,
        }
    })?;
    let lower = Lower::headers(world, file);
    let mut subst = Subst::default();
    subst::unify(lower.ty(&block.self_ty), ty, &mut subst);
    Some(subst::apply(world, lower.ty(alias), &subst))
}

/// A bound without a binding leaves the projection open, so that a later substitution can settle it.
fn settle(found: Ty, base: Ty, name: Name) -> Ty {
    if found.is_unknown() { subst::unresolved(base, name) } else { found }
}

/// A future of `output` that a call of `def` makes.
pub fn future_of(output: Ty, def: DefId) -> Ty {
    Ty::new(TyKind::Future(output, FutureOrigin::Fn(def)))
}

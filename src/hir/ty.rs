//! `Ty`: a known type, or `Unknown`.
//!
//! Types are hash-consed and leaked: eight bytes, equal by pointer, one allocation per distinct type of the whole run
//! (a command that exits; there are far fewer distinct types than expressions). References and wrappers stay in the type:
//! member lookup looks through them, nothing erases them.

use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHasher};

use crate::base::Name;

use super::names::{DefId, RegionRef, Res};

/// A type. `Copy`; equal types are the same pointer.
#[derive(Clone, Copy)]
pub struct Ty(&'static TyKind);

/// A trait with its arguments, as a bound.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Bound {
    /// The trait: `Def` or `Foreign`.
    pub trait_: Res,
    /// Type arguments.
    pub args: Vec<Ty>,
    /// Associated types (`Output`, `Item`, ..).
    pub bindings: Vec<(Name, Ty)>,
    /// Parameters and result of `Fn(A) -> B`.
    pub call: Option<(Vec<Ty>, Ty)>,
}

/// Where a future comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FutureOrigin {
    /// An async block or async closure body.
    Region(RegionRef),
    /// A call of a workspace `async fn` (or fn that returns `impl Future`).
    Fn(DefId),
    /// A call of a catalogued async fn or method; the canonical path.
    Api(Name),
    /// A future of known output and unknown source.
    Opaque,
}

/// What a type is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TyKind {
    /// Nothing is known.
    Unknown,
    /// `bool`, `str`, `u8`, ...
    Prim(Name),
    /// A workspace struct, enum or union with its arguments.
    Adt(DefId, Vec<Ty>),
    /// A type outside the workspace: canonical path, provenance tag (decision M21), arguments.
    Foreign(Name, Option<Name>, Vec<Ty>),
    /// `&T`, `&mut T`.
    Ref(bool, Ty),
    /// A raw pointer.
    Ptr(Ty),
    /// A tuple; `()` is the empty one.
    Tuple(Vec<Ty>),
    /// `[T]`.
    Slice(Ty),
    /// `[T; n]`.
    Array(Ty, Option<u64>),
    /// A function pointer, or an `Fn`-like bound.
    FnPtr(Vec<Ty>, Ty),
    /// A workspace function or tuple constructor as a value.
    FnDef(Res),
    /// A closure.
    Closure(RegionRef),
    /// A future that is not a named type: its output and where it comes from.
    Future(Ty, FutureOrigin),
    /// `impl A + B`.
    Opaque(Vec<Bound>),
    /// `dyn A + B`.
    Dyn(Vec<Bound>),
    /// A generic parameter: owner, position, name.
    Param(DefId, u32, Name),
    /// `Self` inside a trait.
    TraitSelf(DefId),
    /// An associated type of a type that is not known yet: `F::Output`, `Self::Item`.
    Projection(Ty, Name),
    /// `!`.
    Never,
}

const SHARDS: usize = 32;

static TABLE: LazyLock<Vec<Mutex<FxHashMap<&'static TyKind, Ty>>>> =
    LazyLock::new(|| (0..SHARDS).map(|_| Mutex::new(FxHashMap::default())).collect());

static UNKNOWN: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Unknown));
static UNIT: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Tuple(Vec::new())));

impl Ty {
    /// Interns `kind`.
    pub fn new(kind: TyKind) -> Self {
        let mut hasher = FxHasher::default();
        kind.hash(&mut hasher);
        let shard = &TABLE[(hasher.finish() >> 40) as usize % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ty) = shard.get(&kind) {
            return *ty;
        }
        let kind: &'static TyKind = Box::leak(Box::new(kind));
        shard.insert(kind, Self(kind));
        Self(kind)
    }

    /// Nothing is known.
    pub fn unknown() -> Self {
        *UNKNOWN
    }

    /// `()`.
    pub fn unit() -> Self {
        *UNIT
    }

    /// A type outside the workspace without a tag.
    pub fn foreign(path: Name, args: Vec<Self>) -> Self {
        Self::new(TyKind::Foreign(path, None, args))
    }

    /// What it is.
    pub const fn kind(self) -> &'static TyKind {
        self.0
    }

    /// True for `Unknown` itself (its arguments may still be unknown).
    pub fn is_unknown(self) -> bool {
        matches!(self.0, TyKind::Unknown)
    }

    /// True for `()`.
    pub fn is_unit(self) -> bool {
        matches!(self.0, TyKind::Tuple(elems) if elems.is_empty())
    }

    /// The canonical path of a foreign type, references not looked through.
    pub fn path(self) -> Option<Name> {
        match self.0 {
            TyKind::Foreign(path, _, _) => Some(*path),
            _ => None,
        }
    }

    /// Type arguments of a named type.
    pub fn args(self) -> &'static [Self] {
        match self.0 {
            TyKind::Foreign(_, _, args) | TyKind::Adt(_, args) => args,
            _ => &[],
        }
    }

    /// The type behind any number of references.
    pub fn peel_refs(self) -> Self {
        let mut ty = self;
        while let TyKind::Ref(_, inner) = ty.0 {
            ty = *inner;
        }
        ty
    }
}

impl PartialEq for Ty {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Ty {}

impl Hash for Ty {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (std::ptr::from_ref(self.0) as usize).hash(state);
    }
}

impl std::fmt::Debug for Ty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

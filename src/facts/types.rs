//! Paths and types as written.
//!
//! Each distinct path of an owner (a file's items, or one body) is stored once, so that link resolves it once.

use crate::base::{IndexVec, Name};
use crate::ids;

use super::item::ScopeId;

ids! {
    /// A path in one `PathTable`.
    pub struct PathId;
    /// A type in one body's `types` table.
    pub struct TypeIx;
}

/// A path as written, generic arguments left out.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Path {
    /// Innermost scope at the place where it stands.
    pub scope: ScopeId,
    /// Written with a leading `::`.
    pub global: bool,
    /// Segments; `self`, `super`, `crate`, `Self` and `$crate` stand as they are.
    pub segments: Box<[Name]>,
}

impl Path {
    /// The last segment.
    pub fn last(&self) -> Name {
        self.segments[self.segments.len() - 1]
    }

    /// The path as text, `a::b::c`.
    pub fn text(&self) -> String {
        let segments: Vec<&str> = self.segments.iter().map(|s| s.as_str()).collect();
        segments.join("::")
    }
}

/// Distinct paths of one owner.
#[derive(Clone, Debug, Default)]
pub struct PathTable {
    /// The paths; every one has at least one segment.
    pub paths: IndexVec<PathId, Path>,
}

/// `a::b::C<T, Item = U>` or `Fn(A) -> B`, in a type or as a bound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathType {
    /// The path.
    pub path: PathId,
    /// Type arguments of the last segment that has any; lifetimes and constants are left out.
    pub args: Vec<TypeExpr>,
    /// `Item = U` bindings.
    pub bindings: Vec<(Name, TypeExpr)>,
    /// `(A, B) -> C` of `Fn`-like bounds.
    pub call: Option<Box<(Vec<TypeExpr>, TypeExpr)>>,
}

/// A type as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TypeExpr {
    /// A named type.
    Path(PathType),
    /// `<T as Trait>::Name` or `<T>::Name`; the remaining segments.
    Qualified {
        /// `T`.
        base: Box<TypeExpr>,
        /// `Trait`.
        trait_: Option<PathType>,
        /// Segments after the `>`.
        rest: Vec<Name>,
    },
    /// `&T` or `&mut T`.
    Ref {
        /// `&mut`.
        mutable: bool,
        /// `T`.
        inner: Box<TypeExpr>,
    },
    /// A raw pointer.
    Ptr(Box<TypeExpr>),
    /// A tuple; `()` is the empty one.
    Tuple(Vec<TypeExpr>),
    /// `[T]`.
    Slice(Box<TypeExpr>),
    /// `[T; n]`, with `n` when it is a literal.
    Array(Box<TypeExpr>, Option<u64>),
    /// `fn(A) -> B`.
    FnPtr(Vec<TypeExpr>, Box<TypeExpr>),
    /// `impl A + B`.
    Impl(Vec<PathType>),
    /// `dyn A + B`.
    Dyn(Vec<PathType>),
    /// `!`.
    Never,
    /// `_`.
    Infer,
    /// A macro or a syntax not modelled.
    Opaque,
}

impl TypeExpr {
    /// `()`.
    pub const UNIT: Self = Self::Tuple(Vec::new());
}

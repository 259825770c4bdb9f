//! Global ids and what a path resolves to.

use crate::base::{FileId, Name};
use crate::facts::{BodyIx, ExprId, ItemId, RegionId};
use crate::ids;

ids! {
    /// An item of the whole program: items are numbered file by file.
    pub struct DefId;
    /// A body of the whole program: bodies are numbered file by file.
    pub struct BodyId;
    /// A module of the program, crate roots included.
    pub struct ModuleId;
    /// A target of a package (or a lone file).
    pub struct CrateId;
}

/// An item before it has a global number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ItemRef {
    /// The file.
    pub file: FileId,
    /// The item in it.
    pub item: ItemId,
}

/// A body before it has a global number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BodyRef {
    /// The file.
    pub file: FileId,
    /// The body in it.
    pub body: BodyIx,
}

/// An expression of the program: the handle that rules hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The body.
    pub body: BodyId,
    /// The expression in it.
    pub expr: ExprId,
}

/// A region of the program: a node of the call graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegionRef {
    /// The body.
    pub body: BodyId,
    /// The region in it; 0 is the function itself.
    pub region: RegionId,
}

/// The namespace in which a path is looked up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Namespace {
    /// Modules, types, traits.
    Type,
    /// Functions, constants, statics, tuple constructors, variants.
    Value,
    /// Macros.
    Macro,
}

/// What a path, or a prefix of it, resolves to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Res {
    /// A workspace item (fn, struct, enum, trait, alias, const, static, macro, associated fn of a known impl).
    Def(DefId),
    /// A workspace module.
    Module(ModuleId),
    /// A variant of a workspace enum, by position.
    Variant(DefId, u32),
    /// A path outside the workspace, canonical text by the catalogue (`tokio::task::spawn`), the whole path included.
    Foreign(Name),
    /// A primitive type.
    Prim(Name),
    /// A generic parameter of the item, by position.
    Param(DefId, u32),
    /// `Self` inside the impl or trait.
    SelfType(DefId),
    /// Nothing is known.
    Unknown,
}

/// The answer to a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resolution {
    /// What the first `segments - rest` segments resolve to.
    pub res: Res,
    /// Trailing segments that need a type to go on (`Self::Item`, `T::default`, `Alias::method`); 0 when the path is settled.
    pub rest: u8,
    /// Rests on a glob import that cannot be fully seen.
    pub likely: bool,
}

impl Resolution {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { res: Res::Unknown, rest: 0, likely: false };
}

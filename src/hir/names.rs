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

/// The value of a `cfg` condition under the fixed profile. Ordered: `all` is the minimum, `any` the maximum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Truth {
    /// Never built.
    False,
    /// A build decides (features and the like).
    Unknown,
    /// Always built.
    True,
}

/// A condition's value, and whether it holds in test code only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CfgState {
    /// The value.
    pub truth: Truth,
    /// Test code.
    pub test: bool,
}

impl CfgState {
    /// No condition.
    pub const ALWAYS: Self = Self { truth: Truth::True, test: false };

    /// Both conditions hold.
    pub fn and(self, other: Self) -> Self {
        Self { truth: self.truth.min(other.truth), test: self.test || other.test }
    }
}

/// What a crate is built as. The order is the order in which files get their first mount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CrateKind {
    /// The library.
    Lib,
    /// A program.
    Bin,
    /// An example.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// The build script.
    Build,
    /// A file that no target reaches.
    Lone,
}

impl CrateKind {
    /// Code of such a target is test code.
    pub fn is_test(self) -> bool {
        match self {
            Self::Example | Self::Test | Self::Bench => true,
            Self::Lib | Self::Bin | Self::Build | Self::Lone => false,
        }
    }
}

/// The outermost part of the type of an impl.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TypeHead {
    /// A workspace struct, enum, union or (for `dyn`) trait.
    Def(DefId),
    /// A type outside the workspace, canonical.
    Foreign(Name),
    /// A primitive type, `str` included.
    Prim(Name),
    /// `[T]` and `[T; n]`.
    Slice,
    /// A tuple.
    Tuple,
    /// A pointer, a function pointer, `!`.
    Pointer,
    /// A generic parameter of the impl: a blanket impl.
    Blanket,
    /// Nothing is known.
    Unknown,
}

/// Facts about an impl block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImplInfo {
    /// The impl.
    pub def: DefId,
    /// The type, references looked through.
    pub head: TypeHead,
    /// The type is `&T` or `&mut T`.
    pub by_ref: bool,
    /// The trait: `Def`, `Foreign` or `Unknown`; `None` for an inherent impl.
    pub trait_: Option<Res>,
    /// In test code.
    pub test: bool,
    /// The type is called mock, fake or noop.
    pub mock: bool,
    /// For `&T`, `Box<T>`, `Arc<T>` and the like, where it only passes calls on.
    pub forwarding: bool,
}

impl ImplInfo {
    /// Counts for "exactly one implementation".
    pub fn is_real(&self) -> bool {
        !(self.test || self.mock || self.forwarding)
    }
}

/// What an attribute makes of a function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EntryKind {
    /// `#[tokio::main]` and the like.
    Main,
    /// A test, `#[test]` included.
    Test,
    /// A task or handler that a framework calls.
    Handler,
}

/// An attribute that makes a function an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryAttr {
    /// What it makes of it.
    pub kind: EntryKind,
    /// Canonical path: `tokio::main`; `test` for the built-in one; as written when it resolves to nothing.
    pub path: Name,
    /// Source text of its arguments.
    pub args: Box<str>,
}

/// Why a path is `Unknown`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnknownReason {
    /// A module on the way, or the scope around, holds an item macro that is not understood.
    Generated,
    /// A glob opens a foreign module of which not all names are known, or something unknown.
    UnseenGlob,
    /// A `mod` on the way has no file.
    MissingFile,
    /// A module, type or scope that is fully seen has no such name.
    NoSuchName,
}

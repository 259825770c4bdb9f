//! Items: functions, types, traits, impls, modules, imports, with unresolved headers.

use crate::base::Name;
use crate::ids;

use super::attr::{Attr, Cfg};
use super::body::BodyIx;
use super::types::{PathType, TypeExpr};

ids! {
    /// An item of one file.
    pub struct ItemId;
    /// A module or a block with items, of one file.
    pub struct ScopeId;
}

/// A place where items can be declared and names are looked up.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What opens it.
    pub kind: ScopeKind,
    /// The scope around it; `None` for the file's own module.
    pub parent: Option<ScopeId>,
    /// Items declared directly in it, in source order. Members of impls and traits are in no scope's list: they are found through
    /// their parent.
    pub items: Vec<ItemId>,
}

/// What opens a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    /// The file's own module.
    File,
    /// `mod name { .. }`; the item.
    Module(ItemId),
    /// A block inside a body that declares items or imports.
    Block,
    /// The inside of a fn, impl or trait, where its generic parameters and `Self` are visible; the item.
    Generics(ItemId),
}

/// `pub`, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visibility {
    /// `pub`.
    Public,
    /// `pub(crate)`, `pub(super)`, `pub(in ..)`.
    Restricted,
    /// Nothing written (or an item of an impl of a trait).
    Private,
}

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name; empty for impls and imports.
    pub name: Name,
    /// Bytes of the name (of the keyword when there is no name).
    pub name_span: (u32, u32),
    /// Bytes of the whole item, attributes included.
    pub span: (u32, u32),
    /// The scope it is declared in; for members of an impl or trait the inside of that.
    pub scope: ScopeId,
    /// The impl or trait that holds it.
    pub parent: Option<ItemId>,
    /// Visibility.
    pub visibility: Visibility,
    /// Attributes other than `cfg` and documentation.
    pub attrs: Vec<Attr>,
    /// The item's own condition.
    pub cfg: Option<Cfg>,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A function or method.
    Fn(Box<FnItem>),
    /// A struct or union.
    Struct(Box<StructItem>),
    /// An enum.
    Enum(Box<EnumItem>),
    /// A trait.
    Trait(Box<TraitItem>),
    /// An impl block.
    Impl(Box<ImplItem>),
    /// `type A<T> = ..;`, also inside traits (default or none) and impls.
    TypeAlias(Box<AliasItem>),
    /// `const` or `static`, also associated; also `lazy_static!` entries and `thread_local!` entries.
    Const(Box<ConstItem>),
    /// `mod a;` or `mod a { .. }`.
    Module(ModItem),
    /// One leaf of a `use` tree.
    Use(UseItem),
    /// `extern crate a as b;`
    ExternCrate(ExternCrateItem),
    /// `macro_rules! name`.
    MacroRules(MacroRulesItem),
    /// An item macro that is not understood, `extern` blocks and the like.
    Other,
}

/// Generic parameters and their bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generics {
    /// Type parameters in order; lifetimes and constants are left out. Bounds of `where` clauses on a plain parameter are merged in.
    pub params: Vec<GenericParam>,
    /// Other `where` clauses.
    pub clauses: Vec<(TypeExpr, Vec<PathType>)>,
}

/// One type parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericParam {
    /// Its name.
    pub name: Name,
    /// Its bounds.
    pub bounds: Vec<PathType>,
    /// What it stands for where it is not given: `E = Error`.
    pub default: Option<TypeExpr>,
}

/// How a method takes `self`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelfParam {
    /// `self` or `mut self`.
    Value,
    /// `&self`.
    Ref,
    /// `&mut self`.
    RefMut,
    /// `self: T`.
    Typed(TypeExpr),
}

/// A function signature and body.
#[derive(Clone, Debug)]
pub struct FnItem {
    /// `async fn`.
    pub is_async: bool,
    /// `const fn`.
    pub is_const: bool,
    /// `extern "C" fn` and the like.
    pub is_extern: bool,
    /// Generic parameters of the function itself.
    pub generics: Generics,
    /// `self`, when there is one.
    pub receiver: Option<SelfParam>,
    /// Types of the other parameters, in order.
    pub params: Vec<TypeExpr>,
    /// Return type as written, `()` when nothing is written. For an `async fn` this is the output of its future.
    pub ret: TypeExpr,
    /// The body; `None` for required trait methods, foreign functions, and bodies that did not parse.
    pub body: Option<BodyIx>,
    /// The scope in which the signature's names are looked up; the scope around when the function has no generic parameters.
    pub inner_scope: ScopeId,
}

/// A struct or union.
#[derive(Clone, Debug)]
pub struct StructItem {
    /// Generic parameters.
    pub generics: Generics,
    /// Fields; tuple fields are named `0`, `1`, ...
    pub fields: Vec<FieldDef>,
    /// `struct S(..)`.
    pub tuple: bool,
    /// The scope in which field types are looked up.
    pub inner_scope: ScopeId,
}

/// A field.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Its name.
    pub name: Name,
    /// Bytes of the name, or of the type for tuple fields.
    pub span: (u32, u32),
    /// Its type.
    pub ty: TypeExpr,
    /// Its own condition.
    pub cfg: Option<Cfg>,
}

/// An enum.
#[derive(Clone, Debug)]
pub struct EnumItem {
    /// Generic parameters.
    pub generics: Generics,
    /// Variants.
    pub variants: Vec<VariantDef>,
    /// The scope in which payload types are looked up.
    pub inner_scope: ScopeId,
}

/// A variant.
#[derive(Clone, Debug)]
pub struct VariantDef {
    /// Its name.
    pub name: Name,
    /// Its payload.
    pub fields: Vec<FieldDef>,
    /// `V(..)`.
    pub tuple: bool,
}

/// A trait; its items are separate `Item`s with `parent`.
#[derive(Clone, Debug)]
pub struct TraitItem {
    /// Generic parameters.
    pub generics: Generics,
    /// Supertraits.
    pub supertraits: Vec<PathType>,
    /// Methods, associated types and constants.
    pub items: Vec<ItemId>,
    /// The scope of its inside.
    pub inner_scope: ScopeId,
}

/// An impl block; its items are separate `Item`s with `parent`.
#[derive(Clone, Debug)]
pub struct ImplItem {
    /// Generic parameters.
    pub generics: Generics,
    /// The trait; `None` for an inherent impl.
    pub trait_: Option<PathType>,
    /// The type.
    pub self_ty: TypeExpr,
    /// Methods, associated types and constants.
    pub items: Vec<ItemId>,
    /// The scope of its inside.
    pub inner_scope: ScopeId,
}

/// A type alias or associated type.
#[derive(Clone, Debug)]
pub struct AliasItem {
    /// Generic parameters.
    pub generics: Generics,
    /// The type; `None` for a required associated type.
    pub ty: Option<TypeExpr>,
    /// Bounds of an associated type.
    pub bounds: Vec<PathType>,
    /// The scope in which the type is looked up.
    pub inner_scope: ScopeId,
}

/// Which kind of constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstKind {
    /// `const`.
    Const,
    /// `static`.
    Static,
    /// An entry of `lazy_static!`: the type is the inner one.
    LazyStatic,
    /// An entry of `thread_local!` or `tokio::task_local!`: the type is the inner one.
    ThreadLocal,
}

/// A constant or static.
#[derive(Clone, Debug)]
pub struct ConstItem {
    /// Which kind.
    pub kind: ConstKind,
    /// Its type.
    pub ty: TypeExpr,
    /// Its initialiser.
    pub body: Option<BodyIx>,
}

/// A module.
#[derive(Clone, Debug)]
pub struct ModItem {
    /// The scope of an inline module; `None` for `mod a;`.
    pub inline: Option<ScopeId>,
    /// `#[path = ".."]`, or the file that `include!("..")` names.
    pub path_attr: Option<Box<str>>,
    /// `include!("..")`: the items of that file stand in the module around, under no name of their own.
    pub included: bool,
    /// Has `#[macro_use]`.
    pub macro_use: bool,
}

/// One leaf of a `use` tree.
#[derive(Clone, Debug)]
pub struct UseItem {
    /// The whole path from the root of the tree; for a glob the module.
    pub path: super::types::PathId,
    /// What it binds.
    pub binding: UseBinding,
}

/// What a `use` leaf binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UseBinding {
    /// A name (the last segment, or the one after `as`).
    Name(Name),
    /// `as _`: traits only.
    Anonymous,
    /// `*`.
    Glob,
}

/// `extern crate a as b;`
#[derive(Clone, Debug)]
pub struct ExternCrateItem {
    /// The crate.
    pub krate: Name,
    /// The name it gets here.
    pub alias: Name,
}

/// A declarative macro.
#[derive(Clone, Debug)]
pub struct MacroRulesItem {
    /// True when no transcriber holds `async`, `move`, `fn` or a closure bar: its expression arguments run where the call stands.
    pub runs_in_place: bool,
    /// `#[macro_export]`.
    pub exported: bool,
}

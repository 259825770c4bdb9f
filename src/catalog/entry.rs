//! What the catalogue knows about one function, type, macro or attribute, after loading.
//!
//! Entries are plain data with public fields; every path in them is canonical.
//! They never borrow from the TOML text and never change after the load.

use std::collections::BTreeMap;

use crate::base::Name;

use super::kinds::{Cancel, Category, Group, Needs, OnDrop, Place, Role, Tier};
use super::type_kinds::{Entry, Flavor, GuardKind, Io, MacroShape, RuntimeName, TypeRole};
use super::typexpr::TypeExpr;

/// A function, an associated function, a method, or a method of a trait.
#[derive(Clone, Debug)]
pub struct FnEntry {
    /// Canonical path: `tokio::task::spawn`, `std::path::Path::exists`, `futures::future::FutureExt::boxed`.
    pub path: Name,
    /// The type or trait it belongs to.
    pub owner: Option<Name>,
    /// Last segment of the path; `*` stands for every function of the module or type.
    pub name: Name,
    /// Free function, associated function, or method.
    pub form: FnForm,
    /// Set when calling it blocks the thread.
    pub blocks: Option<Blocks>,
    /// What the call is for.
    pub role: Option<Role>,
    /// The call gives a future, `returns` is its output.
    pub is_async: bool,
    /// The call fills in a builder, so that a chain of calls is one value: it returns its receiver.
    pub builder: bool,
    /// The type of the call's value (of its output, when `is_async`).
    pub returns: Option<TypeExpr>,
    /// Which closure arguments run where.
    pub runs: Vec<Runs>,
    /// What dropping the returned handle means, where its type does not say it.
    pub on_drop: Option<OnDrop>,
    /// rustc warns when the value is not used.
    pub must_use: bool,
    /// What dropping the returned future half-way means.
    pub cancel: Option<Cancel>,
    /// What must be there when the call runs; for an async call, when it is polled.
    pub needs: Option<Needs>,
    /// What to write instead.
    pub instead: Instead,
    /// A call with the same arguments and result that is to be awaited.
    pub twin: Option<Name>,
    /// Under which feature or version this holds.
    pub when: When,
    /// The name alone is evidence, given the crate and an import of `owner` (decision X11).
    pub distinctive: bool,
    /// A first argument of one of these types is evidence too, where the receiver is not known.
    pub given: Vec<Name>,
    /// Where it is documented.
    pub doc: Option<Name>,
    /// The gist of the sentence that proves a behaviour.
    pub proof: Option<Name>,
    /// Not checked against the sources: gives likely findings only.
    pub unverified: bool,
}

/// How a call is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FnForm {
    /// `module::f(..)`.
    Free,
    /// `Type::f(..)`.
    Associated,
    /// `value.f(..)`, inherent.
    Method,
    /// `value.f(..)` of a trait.
    TraitMethod,
}

/// That a call blocks, and on what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blocks {
    /// The category; `Category::Receiver` for the methods of wrappers.
    pub category: Category,
    /// The kind of the finding, where it is not the rule's first one: `panics`, `password`, `print`.
    pub kind: Option<Name>,
    /// Default or pedantic.
    pub tier: Tier,
    /// The tag that the receiver's type must carry (`bounded`); no tag is Unknown.
    pub tag: Option<Name>,
    /// It blocks only when one of these arguments has a type with `io`; the category is that type's.
    pub io_args: Vec<usize>,
}

/// Where a callable argument runs, and what it is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Runs {
    /// Position among the arguments, the receiver not counted.
    pub arg: usize,
    /// Where it runs.
    pub place: Place,
    /// Types of its parameters, as far as known.
    pub params: Vec<TypeExpr>,
}

/// Replacements, by runtime.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Instead {
    /// With tokio.
    pub tokio: Option<Name>,
    /// With async-std.
    pub async_std: Option<Name>,
    /// With smol.
    pub smol: Option<Name>,
    /// With any runtime, in words or code.
    pub text: Option<Name>,
}

/// Conditions on the dependency.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct When {
    /// A feature that must be enabled.
    pub feature: Option<Name>,
    /// First version.
    pub since: Option<Name>,
    /// First version where it no longer holds.
    pub until: Option<Name>,
}

/// A type, or a trait that stands for the types that implement it.
#[derive(Clone, Debug)]
pub struct TypeEntry {
    /// Canonical path.
    pub path: Name,
    /// Last segment.
    pub name: Name,
    /// Names of the type parameters (or associated types, for a trait), in order.
    pub params: Vec<Name>,
    /// The type that this is another name for.
    pub is: Option<TypeExpr>,
    /// Target of `Deref`.
    pub deref: Option<TypeExpr>,
    /// Item, for an iterator or anything a `for` loop takes.
    pub item: Option<TypeExpr>,
    /// What `value[i]` gives.
    pub index: Option<TypeExpr>,
    /// The value is itself an iterator: the methods of the iterator group apply.
    pub is_iterator: bool,
    /// Item, for a stream.
    pub stream: Option<TypeExpr>,
    /// Item, for a sink.
    pub sink: Option<TypeExpr>,
    /// Output, for a future.
    pub output: Option<TypeExpr>,
    /// Variants with the types of their fields, for an enum.
    pub variants: BTreeMap<Name, Vec<TypeExpr>>,
    /// Public fields with their types, for a struct.
    pub fields: BTreeMap<Name, TypeExpr>,
    /// What kind of thing it is, where a rule asks.
    pub role: Option<TypeRole>,
    /// Byte traits.
    pub io: Option<Io>,
    /// Reads and writes through it are reads and writes of this type: `BufReader<R>` has `$R`.
    pub io_through: Option<TypeExpr>,
    /// Set for guards.
    pub guard: Option<GuardKind>,
    /// `Some(false)`: not Send, whatever its arguments. `Some(true)`: Send when its arguments are.
    pub send: Option<bool>,
    /// A feature (`crate/feature`) that makes it Send.
    pub send_feature: Option<Name>,
    /// What dropping a value means.
    pub on_drop: Option<OnDrop>,
    /// rustc warns when a value is not used.
    pub must_use: bool,
    /// It spawns tasks or holds sockets of the runtime in which it was made.
    pub runtime_bound: bool,
    /// `clone` gives another handle to the same thing.
    pub clones: bool,
    /// Under which feature or version this holds.
    pub when: When,
    /// Where it is documented.
    pub doc: Option<Name>,
    /// The gist of the sentence that proves a behaviour.
    pub proof: Option<Name>,
    /// Not checked against the sources.
    pub unverified: bool,
}

/// A function-like macro.
#[derive(Clone, Debug)]
pub struct MacroEntry {
    /// Canonical path, without `!`.
    pub path: Name,
    /// Last segment.
    pub name: Name,
    /// How its arguments read.
    pub shape: MacroShape,
    /// Set when it blocks the thread.
    pub blocks: Option<Blocks>,
    /// The type of its value.
    pub returns: Option<TypeExpr>,
    /// What to write instead.
    pub instead: Instead,
    /// Under which feature or version this holds.
    pub when: When,
    /// Where it is documented.
    pub doc: Option<Name>,
    /// The gist of the sentence that proves a behaviour.
    pub proof: Option<Name>,
    /// Not checked against the sources.
    pub unverified: bool,
}

/// An attribute on a function, an impl or a trait.
#[derive(Clone, Debug)]
pub struct AttributeEntry {
    /// Canonical path.
    pub path: Name,
    /// Last segment.
    pub name: Name,
    /// What it makes of the function.
    pub entry: Entry,
    /// The executor, if it starts or implies one.
    pub runtime: Option<RuntimeName>,
    /// How many threads, if the attribute's arguments do not say.
    pub flavor: Option<Flavor>,
    /// Under which feature or version this holds.
    pub when: When,
    /// Where it is documented.
    pub doc: Option<Name>,
    /// The gist of the sentence that proves a behaviour.
    pub proof: Option<Name>,
    /// Not checked against the sources.
    pub unverified: bool,
}

/// The types that have a trait's method.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum On {
    /// These types.
    Types(Vec<Name>),
    /// All types of a group.
    Group(Group),
}

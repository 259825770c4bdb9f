//! What one file says: owned, `Send`, free of syntax trees, and unresolved.
//!
//! `extract` makes these values from one file alone; `link` reads all of them together.
//! Nothing here knows what a path means: names stand as they were written.

pub mod attr;
pub mod body;
pub mod directive;
pub mod expr;
pub mod item;
pub mod pattern;
pub mod types;

pub use attr::{Attr, Cfg};
pub use body::{Body, BodyIx, Local, LocalId, LocalKind, Param, Region, RegionId, RegionKind};
pub use directive::{Directive, Verb};
pub use expr::{Expr, ExprId, ExprKind};
pub use item::{Item, ItemId, ItemKind, Scope, ScopeId, ScopeKind};
pub use pattern::{Pat, PatId, PatKind};
pub use types::{Path, PathId, PathTable, TypeExpr, TypeIx};

use crate::base::{FileId, IndexVec, LineIndex, ProblemKind};

/// Everything that is known of one file before it is seen beside the others.
#[derive(Debug)]
pub struct FileFacts {
    /// The file.
    pub file: FileId,
    /// Modules and blocks that hold items; 0 is the file's own module.
    pub scopes: IndexVec<ScopeId, Scope>,
    /// Every item, nested ones included, in source order of their first token.
    pub items: IndexVec<ItemId, Item>,
    /// Bodies of functions, constants and statics.
    pub bodies: IndexVec<BodyIx, Body>,
    /// Paths written in signatures, attributes, `use` trees and item headers. Bodies have tables of their own.
    pub paths: PathTable,
    /// Comments addressed to this tool, in source order.
    pub directives: Vec<Directive>,
    /// What could not be read.
    pub problems: Vec<ExtractProblem>,
    /// Line starts of the text.
    pub lines: LineIndex,
    /// Inner attributes of the file (`#![allow(..)]`); a `#![cfg(test)]` stands here as an attribute too.
    pub attrs: Vec<Attr>,
}

/// A part of a file that has no facts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExtractProblem {
    /// What happened.
    pub kind: ProblemKind,
    /// Bytes of the file.
    pub span: (u32, u32),
    /// One sentence, lower case, no final dot.
    pub message: String,
}

//! Attributes and `cfg` conditions as written.
//!
//! Values of conditions are not decided here: link does that against one fixed profile.

use crate::base::Name;

use super::types::PathId;

/// An outer or inner attribute other than `cfg` and doc comments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attr {
    /// `tokio::main` of `#[tokio::main(flavor = "..")]`, in the file's path table.
    pub path: PathId,
    /// Source text between the outer parentheses, or after `=`; empty when there is none.
    pub args: Box<str>,
    /// Bytes of `#[..]`.
    pub span: (u32, u32),
}

/// A `cfg` predicate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cfg {
    /// `all(..)`; several attributes on one node are one `All`.
    All(Vec<Cfg>),
    /// `any(..)`.
    Any(Vec<Cfg>),
    /// `not(..)`.
    Not(Box<Cfg>),
    /// `test`, `unix`.
    Flag(Name),
    /// `feature = "x"`.
    Value(Name, Name),
}

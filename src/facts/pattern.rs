//! Patterns as arena nodes.

use crate::base::Name;
use crate::ids;

use super::body::LocalId;
use super::types::PathId;

ids! {
    /// A pattern of one body.
    pub struct PatId;
}

/// A pattern and its bytes.
#[derive(Clone, Debug)]
pub struct Pat {
    /// What it is.
    pub kind: PatKind,
    /// Bytes.
    pub span: (u32, u32),
}

/// What a pattern is.
#[derive(Clone, Debug)]
pub enum PatKind {
    /// `_`.
    Wild,
    /// `x`, `mut x`, `ref x`, `x @ sub`.
    Bind {
        /// The local it makes.
        local: LocalId,
        /// `ref`.
        by_ref: bool,
        /// After `@`.
        sub: Option<PatId>,
    },
    /// `None`, `MAX`, `a::B`: a constant or unit variant. A lone lower-case identifier is always a `Bind`.
    Path(PathId),
    /// `Some(x)`.
    TupleStruct {
        /// The constructor.
        path: PathId,
        /// Elements; a `Rest` stands for the ones left out.
        elems: Box<[PatId]>,
    },
    /// `S { a, b: p, .. }`.
    Struct {
        /// The constructor.
        path: PathId,
        /// Named fields.
        fields: Box<[(Name, PatId)]>,
    },
    /// `(a, b)`.
    Tuple(Box<[PatId]>),
    /// `[a, b]`.
    Slice(Box<[PatId]>),
    /// `a | b`.
    Or(Box<[PatId]>),
    /// `&p`.
    Ref(PatId),
    /// A literal or a range.
    Literal,
    /// `..`.
    Rest,
    /// A macro or a syntax not modelled.
    Opaque,
}

//! What is known of one tracked value.

use crate::facts::{ExprId, LocalId, RegionId};

/// What makes a tracked value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// The expression that creates it.
    Expr(ExprId),
    /// A local whose source is not tracked: a parameter, an item of an iterator, the output of a `select!` arm.
    Local(LocalId),
}

/// How a tracked value ends, as far as the body shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeathKind {
    /// Its local goes out of scope.
    ScopeEnd,
    /// The temporary ends with its statement, condition or construct.
    TemporaryEnd,
    /// `drop(g)`; the call.
    Dropped(ExprId),
    /// Moved into a call, a struct that is stored, an awaited future; the expression that takes it.
    Moved(ExprId),
    /// Returned, or the value of a closure or async block.
    Returned(ExprId),
    /// Moved into a closure or async block. In an async block it lives on.
    Captured(ExprId),
    /// Its local is assigned to; the assignment.
    Overwritten(ExprId),
    /// The pattern that matched (`None`, `Err(..)`) says that there is none.
    Absent,
    /// Given to a macro or syntax that is not understood.
    Unknown(ExprId),
}

/// One end of a tracked value; there may be several, on different ways.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Death {
    /// Index of the event in the flow.
    pub event: u32,
    /// How.
    pub kind: DeathKind,
    /// The region in which it ends; another than its own for what was moved into a closure or async block.
    pub region: RegionId,
}

/// A tracked value and its life.
#[derive(Clone, Debug)]
pub struct TrackedValue {
    /// What makes it.
    pub origin: Origin,
    /// The region in which it is made.
    pub region: RegionId,
    /// Locals that hold it at some time, in order; empty for one that is a temporary all its life.
    pub holders: Vec<LocalId>,
    /// Suspension points at which it is alive, in source order. Those after a move into an async block are in that region.
    pub suspensions: Vec<ExprId>,
    /// Suspension points at which it is alive without being named: in a temporary or an operand of something unfinished.
    pub unnamed_at: Vec<ExprId>,
    /// Its ends.
    pub deaths: Vec<Death>,
}

impl TrackedValue {
    /// The expression to point at: what creates it, if an expression does.
    pub const fn created_by(&self) -> Option<ExprId> {
        match self.origin {
            Origin::Expr(e) => Some(e),
            Origin::Local(_) => None,
        }
    }
}

//! Order inside one body, as values: events and the ways between them, and the lives of tracked values.
//!
//! `link::flow` makes a [`Flow`] from a body, once; `program::flow` answers questions about it. Neither types nor names are known
//! here: an [`Oracle`] tells what lowering needs, a [`Class`] says which values are tracked.

mod graph;
mod oracle;
mod tracked;

pub use graph::{
    Capture, Event, Flow, Jump, JumpKind, Leave, LocalScope, Node, NodeId, RegionGraph, TempKind, TempScope,
    TempScopeInfo,
};
pub use oracle::{Class, Oracle, Passing, Presence};
pub use tracked::{Death, DeathKind, Origin, TrackedValue};

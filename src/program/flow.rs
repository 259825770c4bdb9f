//! Order inside one body: what is live where, what is used after what, what always follows.
//!
//! A body is lowered once (by `link::flow`) to a [`Flow`]: nodes of events in evaluation order, with the ends of scopes and of temporaries.
//! One forward pass ([`forward`]) computes states over it; [`Tracking`] is its instance for guards, permits and other held values,
//! [`Order`] answers questions about paths. Nothing here knows types or paths: an [`Oracle`] and a [`Class`] do.
//!
//! Answers are about one *flow region*: a fn body, a closure or an async block. The inside of a closure never runs between two
//! expressions of the body around it; only its creation does. Arguments of macros that are not understood stand in the region around them.

mod fate;
mod graph;
mod holding;
mod loops;
mod oracle;
mod order;
mod pass;
mod pattern;
mod role;
mod statements;
mod tracked;
mod tracking;
mod uses;

pub use graph::{
    Capture, Event, Flow, Jump, JumpKind, Leave, LocalScope, Node, NodeId, RegionGraph, TempKind, TempScope,
    TempScopeInfo,
};
pub use loops::LoopExit;
pub use oracle::{Class, Oracle, Passing, Presence};
pub use order::{Follows, Order, Until};
pub use pass::{Solution, State, forward};
pub use pattern::{binds_by_ref, binds_by_value, bound_locals, is_irrefutable_payload};
pub use role::{Role, break_target, flow_region, role};
pub use statements::StmtAt;
pub use tracked::{Death, DeathKind, Origin, TrackedValue};
pub use tracking::Tracking;
pub use uses::{Use, UseKind, Uses, moves_local, use_kind};

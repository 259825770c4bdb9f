//! The linked representation: ids, resolutions, types, contexts, the call graph, flow.
//!
//! Values only, resolved or explicitly unknown. `link` fills them, `program` answers from them, and nothing here computes.

pub mod body;
pub mod context;
pub mod effect;
pub mod flow;
pub mod graph;
pub mod known;
pub mod names;
pub mod ty;

//! The linked program and its questions: the façade that rules read.
//!
//! Everything here is resolved or explicitly unknown, frozen after link, and read from many threads at once.
//! Nothing here knows how an answer was found: the passes live in `link`.

pub mod body;
pub mod context;
pub mod effect;
pub mod flow;
pub mod graph;
pub mod known;
pub mod names;
pub mod ty;

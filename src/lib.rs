//! asynclint finds async-lifecycle bugs in Rust source.

pub mod base;
pub mod diagnostic;
pub mod extract;
pub mod facts;
pub mod link;
pub mod program;

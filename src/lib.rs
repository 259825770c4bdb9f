//! asynclint finds async-lifecycle bugs in Rust source.

pub mod base;
pub mod extract;
pub mod facts;

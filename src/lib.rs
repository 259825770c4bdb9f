//! asynclint finds async-lifecycle bugs in Rust source.

pub mod base;
pub mod baseline;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod extent;
pub mod extract;
pub mod facts;
pub mod fingerprint;
pub mod finish;
pub mod fix;
pub mod hir;
pub mod levels;
pub mod link;
pub mod program;
pub mod render;
pub mod rules;
pub mod source;
pub mod suppress;
pub mod tokens;
pub mod vcs;

pub use engine::Native;

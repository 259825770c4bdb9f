//! Facts of all files become one linked program; the passes in the order in which they run.
//!
//! Nothing here reads files, and nothing here decides what is a finding.

pub mod graph;
pub mod infer;
pub mod types;

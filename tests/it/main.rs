//! The one test binary: what the crate promises from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod adapter;
mod annotations;
mod cli;
mod compare;
mod determinism;
mod fix_disk;
mod fixed;
mod fixtures;
mod golden;
mod hostile;
mod pages;
mod readme;
mod sarif;
mod support;
mod tidy;

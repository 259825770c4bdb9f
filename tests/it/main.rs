//! The one test binary: what the crate promises from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod golden;
mod hostile;
mod sarif;
mod support;
mod tidy;
//! The one test binary: every test of the tool that needs more than one module.

mod adapter;
mod annotations;
mod compare;
mod fixtures;

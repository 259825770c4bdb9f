//! The one test binary: what the crate promises from outside.

mod golden;
mod hostile;
mod sarif;
mod support;
mod tidy;

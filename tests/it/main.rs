//! The one test binary: every test of the tool that needs more than one module.

mod adapter;
mod annotations;
mod compare;
mod fixtures;

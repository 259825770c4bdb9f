//! Passes that turn the facts of all files into a program.

pub mod flow;

//! From the facts of all files to the linked program, one pass per file of this folder.
//!
//! Names first, in this order: `crates` (who may name whom), `modules` (the tree), `defs` (numbers and tables),
//! `imports` (to a fixed point), `impls`, `twins`, `published`, `attrs`. `tables` and `resolve` answer single names and paths;
//! `declared` is what the configuration says about them.
//! Nothing here reads a file, and nothing fails: what is not known is `Unknown`.

mod attrs;
pub mod cfg;
pub mod crates;
pub mod declared;
mod defs;
pub mod derived;
pub mod flow;
pub mod foreign;
pub mod graph;
mod impls;
mod imports;
pub mod infer;
mod layout;
mod macros;
pub mod modules;
pub mod names;
mod paths;
mod prelude;
mod published;
mod reasons;
mod resolve;
mod tables;
mod twins;
pub mod types;

#[cfg(test)]
mod tests;

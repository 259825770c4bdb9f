//! Types of everything that has a written one: signatures, fields, constants, impl headers.
//!
//! They are lowered once, in parallel by file, and then frozen. Types of expressions are the business of `infer`.

pub mod bounds;
pub mod lower;
pub mod project;
pub mod signatures;
pub mod subst;
mod world;

pub use world::World;

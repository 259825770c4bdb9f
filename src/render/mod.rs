//! From a report to text: one module for each format.
//!
//! A renderer is a function from values to bytes. It never decides what is reported and never opens a file.

pub mod diff;
pub mod json;
pub mod places;
pub mod sanitize;
pub mod sarif;
pub mod statistics;
pub mod style;
pub mod terminal;
pub mod view;

pub use places::Places;

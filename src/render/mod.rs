//! From a report to text: one module for each format.
//!
//! A renderer is a function from values to bytes. It never decides what is reported and never opens a file.

pub mod checkstyle;
pub mod compact;
pub mod diff;
pub mod github;
pub mod gitlab;
pub mod json;
mod json_text;
pub mod jsonl;
pub mod junit;
pub mod places;
pub mod rdjsonl;
pub mod rustc_json;
pub mod sanitize;
pub mod sarif;
pub mod statistics;
pub mod style;
pub mod terminal;
pub mod view;
mod xml;

pub use places::Places;

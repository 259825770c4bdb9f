//! Words that every room uses: ids, names, spans.
//!
//! They exist so that facts about code can be small, `Copy` and comparable.
//! Nothing here knows about Rust syntax, files on disk or rules.

pub mod area;
pub mod id;
pub mod name;
pub mod problem_kind;
pub mod sources;
pub mod span;

pub use area::{Area, Spot};
pub use id::IndexVec;
pub use name::Name;
pub use problem_kind::ProblemKind;
pub use sources::{MemorySources, SourceMap};
pub use span::{FileId, LineIndex, Span};

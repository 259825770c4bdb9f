//! Questions about order inside one body: what is live where, what is used after what, what always follows.
//!
//! [`Order`] answers questions about ways; [`Tracking`] computes the lives of one class of values (guards, permits, ...). Both look at
//! one body, lowered by `link::flow`.
//!
//! Answers are about one *flow region*: a fn body, a closure or an async block. The inside of a closure never runs between two
//! expressions of the body around it; only its creation does. Arguments of macros that are not understood stand in the region around them.

mod loops;
mod order;
mod statements;
mod tracking;

pub use loops::LoopExit;
pub use order::{Follows, Order, Until};
pub use statements::StmtAt;
pub use tracking::Tracking;

#[cfg(test)]
mod tests;

//! Effects that calls carry to their callers, and the chains that explain them.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Instead, Tier};

use super::names::Place;

/// What running a region can do, besides computing its value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    /// Blocks the thread.
    Blocks {
        /// On what.
        category: Category,
        /// The rule's kind, when the catalogue names one.
        kind: Option<Name>,
        /// Default or pedantic.
        tier: Tier,
    },
    /// Drives a future on this thread.
    BlockOn,
    /// Calls a fn that an attribute turned into a runtime's main.
    MacroMain,
    /// Starts a task through the runtime that is entered.
    Spawns,
    /// `block_in_place`.
    BlockInPlace,
    /// Needs an entered tokio runtime when called.
    NeedsRuntime,
}

/// Where an effect starts.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The call.
    pub place: Place,
    /// What is called; `None` for a workspace fn (`MacroMain`, `assume(blocking)`) and for a macro.
    pub api: Option<&'static FnEntry>,
    /// What the catalogue says to write instead.
    pub instead: Option<&'static Instead>,
    /// The path to show.
    pub path: Name,
    /// Rests on a name.
    pub likely: bool,
    /// Where it really waits, when the call is of a workspace fn that waits on what it is given.
    pub within: Option<Place>,
}

/// The shortest way from a region to an effect.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Calls of workspace fns on the way, outermost first.
    pub hops: Vec<super::graph::Edge>,
    /// Where it ends.
    pub source: Source,
    /// One of the steps rests on a name or on one of several implementations.
    pub likely: bool,
}

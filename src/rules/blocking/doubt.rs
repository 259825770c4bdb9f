//! Why a wait behind helpers is a note at most: the way to it is long, or what is known of its end says that it is hardly ever taken.
//!
//! Looks at one way that can be taken; knows nothing of levels.

use crate::hir::effect::Chain;
use crate::program::Program;

/// Helpers between async code and the wait. Each has conditions of its own: of the longer ways that were read, three in ten could not be taken.
const DEEP: usize = 5;
/// Helpers before a sleep that only some branch comes to: the pause before one more try, when something is busy. Of eight such ways that
/// were read one could be taken.
const FAR: usize = 4;

/// The reason, for people.
pub(super) fn about(program: &Program, chain: &Chain) -> Option<&'static str> {
    let helpers = chain.hops.len();
    match chain.source.path.as_str() {
        _ if helpers > DEEP => Some("so many helpers lie between that the way may never be taken"),
        // A thread is parked by those who kept its handle to wake it: a debugger that stops it, a test that wants it to stand still.
        "std::thread::park" | "std::thread::park_timeout" => {
            Some("the helper parks its thread on purpose: somebody keeps the handle that wakes it")
        }
        "std::thread::sleep" | "std::thread::sleep_ms"
            if helpers >= FAR && !program.is_unconditional(chain.source.place) =>
        {
            Some("the sleep is one branch of a helper far away, such as the pause before one more try")
        }
        _ => None,
    }
}

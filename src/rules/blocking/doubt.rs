//! Why a wait behind helpers is a note at most: the way to it is long, or what is known of its end says that it is hardly ever taken.
//!
//! Looks at one way that can be taken; knows nothing of levels.

use crate::hir::effect::Chain;
use crate::hir::names::Place;
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
        _ if steps(chain).any(|step| program.fills_a_static(step)) => Some(
            "it fills a static, once in a process: whoever asks for it first, which may be the start of the program",
        ),
        // Whoever asked before has paid; of eight such ways that were read four could be taken.
        _ if is_remembered(program, chain) => Some("a helper on the way does it the first time only"),
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

fn steps(chain: &Chain) -> impl Iterator<Item = Place> {
    chain.hops.iter().map(|hop| hop.place).chain([chain.source.place])
}

/// `get_or_create_file(..)` by its name, `table.entry(key).or_insert_with(|| ..)`: the work is done once for each thing that is asked for.
fn is_remembered(program: &Program, chain: &Chain) -> bool {
    let inside = steps(chain).skip(1).any(|step| program.fills_an_entry(step));
    inside
        || chain.hops.iter().any(|hop| {
            let name = program.function_name(program.graph.region(hop.callee).body);
            name.rsplit("::").next().is_some_and(|last| last.starts_with("get_or_"))
        })
}

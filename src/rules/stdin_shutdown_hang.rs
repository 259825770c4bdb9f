//! stdin-shutdown-hang: a program that can be told to stop waits for a line on stdin first.
//!
//! The read sits on a thread of the blocking pool that nothing can wake, and the end of the runtime waits for that thread.

use super::findings::Findings;
use super::{Check, Rule};
use crate::catalog::{FnEntry, Role};
use crate::facts::ItemKind;
use crate::hir::effect::Source;
use crate::hir::graph::{EdgeKind, Node};
use crate::hir::names::{BodyId, EntryKind, Place};
use crate::program::Program;
use crate::program::reach::Along;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "stdin-shutdown-hang", check: Check::Program(check) };

fn check(program: &Program, out: &mut Findings<'_>) {
    let readers: Vec<(Node, Source)> = program
        .bodies()
        .flat_map(|body| program.api_calls(body))
        .filter(|(_, entry)| entry.path == "tokio::io::stdin")
        .map(|(place, entry)| (program.node(program.region_at(place)), program.source_of(place, entry)))
        .collect();
    if readers.is_empty() {
        return;
    }
    let mains: Vec<BodyId> = program.bodies().filter(|body| is_main(program, *body)).collect();
    let nobody = |_: BodyId| false;
    for reader in &readers {
        let reach = program.reach(std::slice::from_ref(reader), &Along { follows: runs, barred: &nobody });
        let comes_here = |main: &&BodyId| reach.chain(program, Program::whole(**main)).is_some();
        let Some(main) = mains.iter().find(comes_here) else { continue };
        let stdin = reader.1.place;
        let stop = [stdin.body, *main].into_iter().find_map(|body| stop(program, body));
        if let Some(stop) = stop.filter(|_| !leaves_for_good(program, *main)) {
            out.at("default", stdin)
                .label("its reads wait on a thread that nothing can wake")
                .why(program.call_span(stop), "the program can be told to stop here")
                .help("read stdin on a thread of its own, `std::thread::spawn`, and send the lines over a channel")
                .help("or leave with `std::process::exit`, or end the runtime with `shutdown_background`");
        }
    }
}

/// A signal or a token that is waited for.
fn stop(program: &Program, body: BodyId) -> Option<Place> {
    let stops = |entry: &FnEntry| {
        let signal = entry.path.as_str().starts_with("tokio::signal::") && entry.is_async;
        signal || entry.role == Some(Role::Cancelled)
    };
    program.api_calls(body).find(|(_, entry)| stops(entry)).map(|(place, _)| place)
}

/// Some code of the program ends it without waiting for its threads.
fn leaves_for_good(program: &Program, main: BodyId) -> bool {
    let krate = program.crate_of(main);
    let own = program.bodies().filter(|body| program.crate_of(*body) == krate);
    own.flat_map(|body| program.api_calls(body)).any(|(_, entry)| {
        matches!(entry.role, Some(Role::Exit | Role::RuntimeShutdown | Role::RuntimeShutdownBackground))
    })
}

/// The main of a program: by its attribute, or a plain one that drives a runtime by itself.
fn is_main(program: &Program, body: BodyId) -> bool {
    if program.in_test(body) {
        return false;
    }
    let by_attribute = program.entry_attr(body).is_some_and(|attr| attr.kind == EntryKind::Main);
    by_attribute
        || program.fn_of(body).is_some_and(|def| {
            let item = program.names.item(def);
            item.name == "main" && matches!(item.kind, ItemKind::Fn(_)) && item.parent.is_none()
        })
}

const fn runs(kind: EdgeKind) -> bool {
    match kind {
        EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent | EdgeKind::Spawn | EdgeKind::BlockOn => true,
        EdgeKind::Offload | EdgeKind::Thread | EdgeKind::Later => false,
    }
}

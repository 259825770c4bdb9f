//! block-in-place-current-thread: `block_in_place` where the runtime has one thread, which tokio answers with a panic.
//!
//! Starts from code that is seen to run on such a runtime and looks for the call, through awaited and plain helpers alike. Code that
//! asks for the flavour of the runtime first is left alone.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::diagnostic::{Applicability, Severity};
use crate::hir::effect::Effect;
use crate::hir::graph::{Edge, EdgeKind};
use crate::hir::names::{BodyId, RegionRef};
use crate::program::Program;
use crate::program::reach::{Along, Reach};
use crate::program::threads::SingleThreaded;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "block-in-place-current-thread", check: Check::Program(check) };

fn check(program: &Program, out: &mut Findings<'_>) {
    let sources = program.sources_of_effect(Effect::BlockInPlace);
    if sources.is_empty() {
        return;
    }
    let barred = |body: BodyId| asks_first(program, body);
    let reach = program.reach(&sources, &Along { follows: runs_here, barred: &barred });
    for root in program.single_threaded() {
        if asks_first(program, root.region.body) {
            continue;
        }
        for part in program.parts_of(root.region) {
            direct(program, root, part, out);
            indirect(program, root, part, &reach, out);
        }
    }
    for (future, driver) in program.driven_on_one_thread() {
        let (region, why) = (program.region_at(future), program.call_span(driver));
        let root = SingleThreaded { region, why, by_attribute: false };
        for edge in program.calls_from(region).iter().filter(|edge| edge.place == future) {
            through(program, root, *edge, &reach, out);
        }
    }
}

const fn runs_here(kind: EdgeKind) -> bool {
    match kind {
        EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent | EdgeKind::Spawn => true,
        EdgeKind::BlockOn | EdgeKind::Offload | EdgeKind::Thread | EdgeKind::Later => false,
    }
}

/// `Handle::runtime_flavor()` or `Handle::try_current()` in the body.
fn asks_first(program: &Program, body: BodyId) -> bool {
    program.api_calls(body).any(|(_, entry)| matches!(entry.name.as_str(), "runtime_flavor" | "try_current"))
        || program.mentions_method(body, "runtime_flavor")
}

fn direct(program: &Program, root: SingleThreaded, part: RegionRef, out: &mut Findings<'_>) {
    for (effect, source) in program.sources(part) {
        if effect != Effect::BlockInPlace || program.expects_panic(source.place) {
            continue;
        }
        let mut draft = out.at("default", source.place).subject(source.path);
        if root.why != program.call_span(source.place) {
            draft = draft.why(root.why, why(root));
        }
        let draft = draft.help("run it on the blocking pool: `tokio::task::spawn_blocking(move || ..).await`");
        if let Some(attribute) = program.bare_attribute(root.region.body, "tokio::test") {
            let edit = fixes::replace(attribute, "#[tokio::test(flavor = \"multi_thread\")]");
            draft
                .help("or give the test a runtime of several threads: `#[tokio::test(flavor = \"multi_thread\")]`")
                .fix("run the test on several threads", Applicability::Unsafe, vec![edit]);
        }
    }
}

fn indirect(program: &Program, root: SingleThreaded, part: RegionRef, reach: &Reach, out: &mut Findings<'_>) {
    let calls: Vec<Edge> = program.calls_from(part).iter().copied().filter(|edge| runs_here(edge.kind)).collect();
    for (at, edge) in calls.iter().enumerate() {
        let callee = program.graph.region(edge.callee);
        if callee.body == part.body || calls[..at].iter().any(|before| before.callee == edge.callee) {
            continue;
        }
        through(program, root, *edge, reach, out);
    }
}

/// What the call reaches.
fn through(program: &Program, root: SingleThreaded, edge: Edge, reach: &Reach, out: &mut Findings<'_>) {
    let callee = program.graph.region(edge.callee);
    if let Some(chain) = reach.chain_through(program, edge).filter(|_| !program.expects_panic(edge.place)) {
        let name = program.function_name(callee.body);
        let name = name.rsplit("::").next().unwrap_or_default();
        let mut draft = out
            .at("default", edge.place)
            .message(format!(
                "`{name}` reaches `block_in_place` on a runtime of one thread: \
                 tokio panics with \"can call blocking only when running on the multi-threaded runtime\""
            ))
            .chain(&chain)
            .note_if_far(&chain)
            .at_most(Severity::Warning)
            .why(root.why, why(root));
        if let Some(attribute) = program.bare_attribute(root.region.body, "tokio::test") {
            let edit = fixes::replace(attribute, "#[tokio::test(flavor = \"multi_thread\")]");
            draft = draft
                .help("give the test a runtime of several threads: `#[tokio::test(flavor = \"multi_thread\")]`")
                .fix("run the test on several threads", Applicability::Unsafe, vec![edit]);
        }
        draft.help("or use `spawn_blocking` in the helper, which works on every runtime");
    }
}

const fn why(root: SingleThreaded) -> &'static str {
    if root.by_attribute { "its attribute starts a runtime of one thread" } else { "driven on one thread here" }
}

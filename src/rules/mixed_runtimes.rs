//! mixed-runtimes: a future that needs one runtime is driven by another.
//!
//! The future is followed through workspace code to the call that needs the runtime. An entered runtime or a compatibility layer in
//! the body is taken as care.

use super::findings::{Draft, Findings};
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::{FnEntry, Needs, Role, RuntimeName};
use crate::hir::context::ContextKind;
use crate::hir::effect::Chain;
use crate::hir::names::{BodyId, EntryKind, Place};
use crate::program::Program;
use crate::program::needs::in_same_task;
use crate::program::reach::Reach;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "mixed-runtimes", check: Check::Program(check) };

fn needs_tokio(needs: Needs) -> bool {
    matches!(needs, Needs::Tokio | Needs::TokioTime | Needs::TokioIo | Needs::TokioLocal)
}

fn needs_other(needs: Needs) -> bool {
    matches!(needs, Needs::Glommio | Needs::Compio | Needs::Monoio | Needs::TokioUring | Needs::Embassy)
}

fn check(program: &Program, out: &mut Findings<'_>) {
    let careful = |body: BodyId| takes_care(program, body);
    // A spawn by the same executor is a call of its own that is judged where it stands.
    let tokio = program.reach_of_needs(needs_tokio, in_same_task, &careful);
    let other = program.reach_of_needs(needs_other, in_same_task, &careful);
    for body in program.bodies() {
        if takes_care(program, body) {
            continue;
        }
        for (place, entry) in program.api_calls(body) {
            driven(program, place, entry, (&tokio, &other), out);
        }
        by_attribute(program, body, &tokio, out);
    }
}

/// `rt.enter()`, `.compat()`, `Compat::new(..)`, or an answer to "is there a runtime".
fn takes_care(program: &Program, body: BodyId) -> bool {
    let enters = program.api_calls(body).any(|(_, entry)| {
        matches!(entry.role, Some(Role::RuntimeEnter | Role::HandleTryCurrent)) || entry.path.as_str().contains("ompat")
    });
    enters || program.mentions_method(body, "compat") || program.mentions_method(body, "enter")
}

/// Executors that bring no tokio with them.
fn is_foreign(entry: &FnEntry) -> bool {
    const FOREIGN: [&str; 12] = [
        "futures",
        "futures_lite",
        "pollster",
        "smol",
        "async_io",
        "async_std",
        "async_global_executor",
        "async_executor",
        "embassy_futures",
        "extreme",
        "spin_on",
        "bevy_tasks",
    ];
    entry.path.as_str().split("::").next().is_some_and(|krate| FOREIGN.contains(&krate))
}

fn driven(
    program: &Program,
    place: Place,
    entry: &'static FnEntry,
    (tokio, other): (&Reach, &Reach),
    out: &mut Findings<'_>,
) {
    let blocks = entry.role == Some(Role::BlockOn);
    let spawns = matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal));
    let (recv, args) = program.operands(place, entry);
    let future = if entry.path == "pollster::FutureExt::block_on" { recv } else { args.first().copied() };
    let Some(future) = future.filter(|_| blocks || spawns) else { return };
    let future = run_by_executor(program, future).unwrap_or(future);
    if is_foreign(entry) {
        // In async code nested-runtime reports the call, and a worker of tokio has its context, as its blocking pool has.
        let outside = spawns || matches!(program.context_at(place).kind, ContextKind::Sync | ContextKind::Thread);
        let meant = program.expects_panic(place) || program.is_own_test(place.body, entry.path.as_str());
        let adapted =
            entry.path.as_str().starts_with("async_std") && program.has_feature(place.body, "async-std", "tokio1");
        if outside
            && !adapted
            && !meant
            && let Some(need) = program.need_of_future(future, needs_tokio, tokio)
        {
            let draft = out.at("needs-tokio", place);
            tell(program, draft, &need, entry.path.as_str());
        }
    } else if entry.path.as_str().starts_with("tokio::")
        && let Some(need) = program.need_of_future(future, needs_other, other)
    {
        let draft = out.at("needs-other", place);
        tell(program, draft, &need, entry.path.as_str());
    }
}

/// `ex.run(future)`: whoever drives the executor drives the future.
fn run_by_executor(program: &Program, future: Place) -> Option<Place> {
    let entry = program.api(future)?;
    let runs = entry.name == "run" && entry.owner.is_some_and(|owner| owner.as_str().ends_with("Executor"));
    program.operands(future, entry).1.first().copied().filter(|_| runs)
}

/// `#[async_std::main]`: each part of the body that needs tokio.
fn by_attribute(program: &Program, body: BodyId, tokio: &Reach, out: &mut Findings<'_>) {
    let by_kind = |kind| program.attribute_entry(body, kind);
    let Some(attr) = by_kind(EntryKind::Main).or_else(|| by_kind(EntryKind::Test)) else { return };
    if !matches!(attr.runtime, Some(RuntimeName::AsyncStd | RuntimeName::Smol | RuntimeName::Local)) {
        return;
    }
    if attr.path.as_str().starts_with("async_std") && program.has_feature(body, "async-std", "tokio1") {
        return;
    }
    let region = Program::whole(body);
    for edge in program.calls_from(region) {
        let inside = program.graph.region(edge.callee).body == body;
        let need =
            tokio.chain_through(program, *edge).filter(|need| !inside && !program.is_apart_from(edge.place, need));
        if let Some(need) = need {
            let draft = out.at("needs-tokio", edge.place);
            tell(program, draft, &need, attr.path.as_str());
        }
    }
    for (place, entry) in program.api_calls(body) {
        if program.region_at(place) == region && entry.needs.is_some_and(needs_tokio) {
            let need = Chain { hops: Vec::new(), source: program.source_of(place, entry), likely: false };
            let draft = out.at("needs-tokio", place);
            tell(program, draft, &need, attr.path.as_str());
        }
    }
}

fn tell(program: &Program, draft: Draft<'_, '_>, need: &Chain, executor: &str) {
    let at: Span = program.call_span(need.source.place);
    let line = format!("{}:{}", program.path(at.file), program.line(at));
    draft
        .fill("needed", &format!("`{}` at {line}", need.source.path))
        .fill("executor", &format!("`{executor}`"))
        .chain(need)
        .note_if_far(need)
        .why(at, "needs its own runtime")
        .help("drive it with the runtime that it needs: `tokio::runtime::Runtime::block_on`, or wrap it in `async_compat::Compat`");
}

//! multiple-runtimes: more runtimes than the program needs: one for each turn of a loop, for each call, or beside that of main.
//!
//! Only runtimes of tokio that end where they are made, or that a static keeps.

use super::findings::Findings;
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::{FnEntry, Role, TypeEntry, TypeRole};
use crate::facts::{ExprKind, ItemKind, RegionKind};
use crate::hir::context::{ContextKind, Reason};
use crate::hir::graph::EdgeKind;
use crate::hir::names::{BodyId, CrateId, CrateKind, EntryKind, Place, RegionRef};
use crate::program::lives::ends_in;
use crate::program::{Program, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "multiple-runtimes", check: Check::Program(check) };

const RUNTIMES: Wanted = Wanted { is: is_runtime, in_structs: false };

fn is_runtime(entry: &TypeEntry) -> bool {
    entry.role == Some(TypeRole::Runtime) && entry.path == "tokio::runtime::Runtime"
}

fn check(program: &Program, out: &mut Findings<'_>) {
    let mains: Vec<CrateId> = program
        .bodies()
        .filter(|body| {
            program.attribute_entry(*body, EntryKind::Main).is_some() && !program.is_single_threaded_body(*body)
        })
        .map(|body| program.crate_of(body))
        .collect();
    for body in program.bodies() {
        let builds = program.calls_with_role(body, Role::RuntimeBuild);
        let builds: Vec<Place> =
            builds.filter(|(_, entry)| entry.path.as_str().starts_with("tokio::runtime::")).map(|(p, _)| p).collect();
        if builds.is_empty() || program.in_test(body) {
            continue;
        }
        if program.fn_of(body).is_none() {
            in_static(program, body, &builds, &mains, out);
        } else {
            in_fn(program, body, out);
        }
    }
}

fn in_fn(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    program.with_lives(body, RUNTIMES, |order, lives, _| {
        for value in lives.values() {
            let Some(made) = value.created_by() else { continue };
            // What a thread or task takes with it ends there.
            if !ends_in(value, |at| at == order.region_of(made)) {
                continue;
            }
            let place = program.making_call(Place { body, expr: made });
            if program.api(place).is_none_or(|entry| entry.role != Some(Role::RuntimeBuild)) {
                continue;
            }
            let region = RegionRef { body, region: order.region_of(made) };
            // nested-runtime reports a runtime that is dropped in async code.
            if !matches!(program.context(region).kind, ContextKind::Sync | ContextKind::Thread) {
                continue;
            }
            let start = program.chain_start(place);
            if let Some((span, what)) = repeated(program, place) {
                out.spanning("per-iteration", body, program.call_span(start))
                    .confidence(program.confidence(place))
                    .context(span, what)
                    .help("build the runtime before the loop");
            } else if region.region.0 == 0 && is_facade(program, body) {
                called_again(program, body, start, out);
                out.spanning("per-call", body, program.call_span(start))
                    .confidence(program.confidence(place))
                    .help("share one runtime: take a `&Handle`, or keep a `LazyLock<Runtime>`");
            }
        }
    });
}

/// A loop calls the fn that builds its own runtime each time.
fn called_again(program: &Program, body: BodyId, start: Place, out: &mut Findings<'_>) {
    if !has_many_threads(program, start) {
        return;
    }
    let callers = program.graph.calls_to(program.node(Program::whole(body)));
    let plain =
        callers.filter(|edge| edge.kind == EdgeKind::Inline && !edge.likely && !program.in_test(edge.place.body));
    for edge in plain.copied().collect::<Vec<_>>() {
        let Some(around) = program.nearest_loop(edge.place) else { continue };
        if program.context_at(edge.place).kind == ContextKind::Sync {
            out.at("per-iteration", edge.place)
                .context(program.head_span(around), "in this loop")
                .also(program.call_span(start), "built at each call")
                .help("give the function a `&Handle` of a runtime that is built before the loop");
        }
    }
}

/// What runs the place again and again: a loop in which the runtime is used, too, or an iterator that is given its closure.
fn repeated(program: &Program, place: Place) -> Option<(Span, &'static str)> {
    let uses = |around: Place| {
        let drives = |entry: &FnEntry| matches!(entry.role, Some(Role::BlockOn | Role::Spawn));
        program.inside(around).any(|at| program.api(at).is_some_and(drives))
    };
    if let Some(around) = program.nearest_loop(place) {
        return uses(around).then(|| (program.head_span(around), "in this loop"));
    }
    let closure = program.region_at(place);
    let (Reason::InlineAt(call) | Reason::HandedTo(call)) = program.context(closure).reason else { return None };
    let call = Place { expr: call, ..place };
    let walks = |owner: &str| owner == "std::iter::Iterator" || owner.starts_with("rayon::iter::");
    let iterates = |entry: &FnEntry| entry.owner.is_some_and(|owner| walks(owner.as_str()));
    let given_to = program.parent(closure_at(program, closure))?;
    program.api(given_to).is_some_and(iterates).then(|| (program.call_span(call), "for each item"))
}

/// The expression that is the closure.
fn closure_at(program: &Program, closure: RegionRef) -> Place {
    Place { body: closure.body, expr: program.body(closure.body).regions[closure.region].expr }
}

/// Not a main, and not only called by one.
fn is_facade(program: &Program, body: BodyId) -> bool {
    let is_main = |body: BodyId| program.fn_of(body).is_some_and(|def| program.names.item(def).name == "main");
    let node = program.node(Program::whole(body));
    let mut callers = program.graph.calls_to(node).map(|edge| program.graph.region(edge.caller).body).peekable();
    let of_main = callers.peek().is_some() && callers.all(is_main);
    let plain = program.body(body).regions[crate::facts::RegionId(0)].kind == RegionKind::Fn;
    // What is driven in a closure or on a thread is not a call of this fn.
    let mut drives = program.calls_with_role(body, Role::BlockOn);
    let here = drives.any(|(place, _)| program.region_at(place) == Program::whole(body));
    plain && here && !is_main(body) && !of_main
}

fn has_many_threads(program: &Program, start: Place) -> bool {
    program.api(start).is_some_and(|entry| entry.name != "new_current_thread")
}

fn in_static(program: &Program, body: BodyId, builds: &[Place], mains: &[CrateId], out: &mut Findings<'_>) {
    let krate = program.crate_of(body);
    let (kind, ..) = program.names.krate(krate);
    let owner = program.names.item(program.names.body_owner(body));
    let is_static = matches!(owner.kind, ItemKind::Const(_));
    if kind != CrateKind::Bin || !mains.contains(&krate) || !is_static {
        return;
    }
    for place in builds {
        let start = program.chain_start(*place);
        if has_many_threads(program, start) && matches!(program.expr(start).kind, ExprKind::Call { .. }) {
            out.spanning("second", body, program.call_span(start))
                .help("use the runtime of main: `tokio::runtime::Handle::current()`");
        }
    }
}

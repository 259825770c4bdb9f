//! spawn-outside-runtime: tokio is asked for the running runtime on a thread that has none.
//!
//! Such threads are closures given to `thread::spawn` and its like, plain mains and plain tests. Code that enters a runtime, or asks
//! whether there is one, is left alone.

use super::findings::{Draft, Findings};
use super::supervised::{self, Form};
use super::{Check, Rule, fixes};
use crate::catalog::{FnEntry, Needs, Role};
use crate::diagnostic::{Applicability, Edit, Writes};
use crate::facts::{ExprKind, RegionKind};
use crate::hir::context::{ContextKind, Reason};
use crate::hir::effect::{Chain, Effect};
use crate::hir::graph::{Edge, EdgeKind};
use crate::hir::names::{BodyId, EntryKind, Place, RegionRef, Res};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "spawn-outside-runtime", check: Check::Program(check) };

fn check(program: &Program, out: &mut Findings<'_>) {
    for body in program.bodies() {
        if program.skips_blocking(body) || asks_first(program, body) {
            continue;
        }
        for region in program.body(body).regions.ids() {
            let region = RegionRef { body, region };
            if is_bare(program, region) {
                direct(program, region, out);
                indirect(program, region, out);
            }
            for edge in program.calls_from(region).iter().filter(|edge| edge.kind == EdgeKind::Thread) {
                handed(program, *edge, out);
            }
        }
    }
    without_local_set(program, out);
}

/// A thread of its own, or the plain code of a main or test.
fn is_bare(program: &Program, region: RegionRef) -> bool {
    let context = program.context(region);
    match context.kind {
        ContextKind::Thread => context.reason != Reason::Macro,
        ContextKind::Sync => {
            region.region.0 == 0 && (is_plain_main(program, region.body) || is_plain_test(program, region.body))
        }
        ContextKind::Async | ContextKind::Offloaded | ContextKind::Unknown => false,
    }
}

fn is_plain_main(program: &Program, body: BodyId) -> bool {
    let Some(def) = program.fn_of(body) else { return false };
    let item = program.names.item(def);
    item.name == "main" && item.parent.is_none() && program.names.entry_attr(def).is_none()
}

fn is_plain_test(program: &Program, body: BodyId) -> bool {
    let attr = program.fn_of(body).and_then(|def| program.names.entry_attr(def));
    attr.is_some_and(|attr| attr.kind == EntryKind::Test && attr.path == "test")
}

/// Enters a runtime, or asks whether there is one. What `enter` is called on need not be known: statics of runtimes come out of macros.
fn takes_care(program: &Program, body: BodyId) -> bool {
    asks_first(program, body)
        || program.calls_with_role(body, Role::RuntimeEnter).next().is_some()
        || program.calls_unknown_method(body, "enter")
}

fn asks_first(program: &Program, body: BodyId) -> bool {
    program.calls_with_role(body, Role::HandleTryCurrent).next().is_some()
}

/// Enters a runtime before this place, which is all that counts for plain code; or the panic is meant.
fn is_cared_for(program: &Program, place: Place) -> bool {
    program.enters_before(place) || program.expects_panic(place)
}

/// The call panics without an entered runtime.
fn panics(entry: &FnEntry) -> bool {
    let needs = matches!(entry.needs, Some(Needs::Tokio | Needs::TokioTime | Needs::TokioIo));
    needs
        && !entry.is_async
        && !entry.path.as_str().starts_with("tokio::io::std")
        && entry.role != Some(Role::BlockInPlace)
}

fn direct(program: &Program, region: RegionRef, out: &mut Findings<'_>) {
    for (place, entry) in program.api_calls(region.body) {
        let here = program.region_at(place) == region && panics(entry) && is_call(program, place);
        if here && !is_cared_for(program, place) {
            let draft = out.at("panics", place).subject(entry.path);
            advise(program, region, place, entry, draft);
        }
    }
}

/// A path that is only named runs where it is called.
fn is_call(program: &Program, place: Place) -> bool {
    matches!(program.expr(place).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. })
}

fn indirect(program: &Program, region: RegionRef, out: &mut Findings<'_>) {
    let plain = program.context(region).kind == ContextKind::Sync;
    let calls: Vec<Edge> = program.inline_calls(region).collect();
    for (at, edge) in calls.iter().enumerate() {
        if calls[..at].iter().any(|before| before.callee == edge.callee) || is_cared_for(program, edge.place) {
            continue;
        }
        let fits = |chain: &Chain| {
            let careful = chain.hops.iter().any(|hop| takes_care(program, program.graph.region(hop.callee).body));
            let sure = !plain || is_sure(program, chain);
            (!careful && sure && chain.source.api.is_some_and(panics)).then_some(())
        };
        if let Some(((), chain)) = program.way_through(*edge, Effect::NeedsRuntime, &fits) {
            report_chain(program, *edge, &chain, out);
        }
    }
}

/// No helper on the way decides whether to go on. A main or test may know that the branch is not taken; a thread started for the work
/// takes it some day.
fn is_sure(program: &Program, chain: &Chain) -> bool {
    let inner = chain.hops.iter().skip(1).map(|hop| hop.place).chain([chain.source.place]);
    inner.into_iter().all(|place| program.is_unconditional(place) && !program.returns_before(place))
}

/// `thread::spawn(start)`: the fn itself runs there.
fn handed(program: &Program, edge: Edge, out: &mut Findings<'_>) {
    let callee = program.graph.region(edge.callee);
    if callee.region.0 != 0 || takes_care(program, callee.body) || is_cared_for(program, edge.place) {
        return;
    }
    let Some(chain) = program.chain_through(edge, Effect::NeedsRuntime) else { return };
    if chain.source.api.is_some_and(panics) {
        report_chain(program, edge, &chain, out);
    }
}

fn report_chain(program: &Program, edge: Edge, chain: &Chain, out: &mut Findings<'_>) {
    let name = program.function_name(program.graph.region(edge.callee).body);
    let name = name.rsplit("::").next().unwrap_or_default().to_owned();
    out.at("panics", edge.place)
        .chain(chain)
        .label(format!("`{name}` reaches `{}`", chain.source.path))
        .help("take `tokio::runtime::Handle::current()` where a runtime runs, and enter it here: `let _entered = handle.enter();`");
}

fn advise(program: &Program, region: RegionRef, place: Place, entry: &FnEntry, draft: Draft<'_, '_>) {
    let draft = match program.context(region).reason {
        Reason::HandedTo(call) => draft.context(
            program.call_span(Place { expr: call, ..place }),
            "the closure runs on a thread without a runtime",
        ),
        _ => draft,
    };
    if entry.path == "tokio::task::spawn" {
        let draft = draft.help("take `tokio::runtime::Handle::current()` outside and call `handle.spawn(..)` here");
        let draft = match captured_handle(program, region, place) {
            Some(edits) => draft.fix("spawn through a handle", Applicability::Unsafe, edits),
            None => draft,
        };
        if let Some(edits) = supervised::statement(program, place, entry, Form::Plain) {
            draft
                .help("`asynclint_supervisor::spawn!` knows the runtime of a managed program, and `bridge` sends it events")
                .fix_with(Writes::Companion, "let the supervisor find the runtime", Applicability::Unsafe, edits);
        }
    } else {
        draft.help("take `tokio::runtime::Handle::current()` where a runtime runs, and enter it here: `let _entered = handle.enter();`");
    }
}

/// The closure is written in async code, where the handle can be had.
fn captured_handle(program: &Program, region: RegionRef, place: Place) -> Option<Vec<Edit>> {
    let decl = &program.body(region.body).regions[region.region];
    let closure = Place { body: region.body, expr: decl.expr };
    if decl.kind != RegionKind::Closure || !program.is_async_at(closure) {
        return None;
    }
    let (_, _, statement) = program.statement(closure)?;
    let indent = program.indent(statement);
    let mut edits = vec![
        fixes::before(statement, format!("let handle = tokio::runtime::Handle::current();\n{indent}")),
        fixes::replace(program.call_span(place), "handle.spawn"),
    ];
    if !decl.is_move {
        edits.insert(1, fixes::before(program.span(closure), "move "));
    }
    Some(edits)
}

/// `spawn_local` in a program that never makes a `LocalSet` or another runtime that has one.
fn without_local_set(program: &Program, out: &mut Findings<'_>) {
    let local = |entry: &FnEntry| {
        let path = entry.path.as_str();
        path.starts_with("tokio::task::LocalSet")
            || path.starts_with("tokio::runtime::LocalRuntime")
            || path.starts_with("actix")
            || entry.name == "build_local"
    };
    let mut spawns: Vec<(Place, &'static FnEntry)> = Vec::new();
    for body in program.bodies() {
        for (place, entry) in program.api_calls(body) {
            if local(entry) {
                return;
            }
            // Who calls a public fn of a library may well have a `LocalSet`.
            let ours = || !program.is_offered(body) && !program.is_never_called(body);
            if entry.path == "tokio::task::spawn_local" && is_call(program, place) && ours() {
                spawns.push((place, entry));
            }
        }
        let types = program.types_of(body);
        let holds = types.locals.iter().any(|ty| ty.peel_refs().path().is_some_and(|p| p == "tokio::task::LocalSet"));
        let by_attribute = program.fn_of(body).and_then(|def| program.names.entry_attr(def));
        let actix = types
            .values
            .iter()
            .chain(types.path_types.iter())
            .any(|found| matches!(found.res, Res::Foreign(path) if path.as_str().starts_with("actix")));
        if actix
            || holds
            || by_attribute.is_some_and(|a| a.args.contains("\"local\"") || a.path.as_str().starts_with("actix"))
        {
            return;
        }
    }
    for (place, entry) in spawns {
        out.at("local-set", place)
            .subject(entry.path)
            .help("run it in a `tokio::task::LocalSet`: `local.run_until(..)`, or use `tokio::spawn`");
    }
}

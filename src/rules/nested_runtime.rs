//! nested-runtime: async code starts, enters or drops a runtime on a thread that belongs to one already.
//!
//! Whether a call is reached from async code is decided by the program's effects; code that asks `Handle::try_current()` first knows
//! what it does.

use super::findings::{Draft, Findings};
use super::{Check, Rule, fixes};
use crate::catalog::{FnEntry, Role, TypeEntry, TypeRole};
use crate::diagnostic::{Applicability, Confidence, Severity};
use crate::facts::ExprKind;
use crate::hir::context::ContextKind;
use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::Edge;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::program::lives::ends_in;
use crate::program::{Program, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "nested-runtime", check: Check::Body(check) };

const RUNTIMES: Wanted = Wanted { is: is_runtime, in_structs: false };

fn is_runtime(entry: &TypeEntry) -> bool {
    entry.role == Some(TypeRole::Runtime) && entry.path == "tokio::runtime::Runtime"
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    if program.skips_blocking(body) {
        return;
    }
    for region in program.body(body).regions.ids() {
        let region = RegionRef { body, region };
        if program.context(region).kind == ContextKind::Async {
            direct(program, region, out);
            indirect(program, region, out);
        }
    }
    shut_down(program, body, out);
    dropped(program, body, out);
    in_destructor(program, body, out);
    in_initialiser(program, body, out);
}

const ENTERS: [Effect; 2] = [Effect::BlockOn, Effect::MacroMain];

fn direct(program: &Program, region: RegionRef, out: &mut Findings<'_>) {
    for (effect, source) in program.sources(region) {
        if ENTERS.contains(&effect)
            && !asks_first(program, source.place)
            && !is_allowed(program, source.place, &source)
            && !is_deliberate(program, source.place, &source)
            && !is_ready(program, None, &source)
        {
            let draft = out.at(kind_of(&source), source.place).subject(source.path);
            let draft =
                located(program, source.place, &source, draft.fill("path", source.path.as_str()).fill("through", ""));
            advise_direct(program, source.place, &source, draft);
        }
    }
}

fn indirect(program: &Program, region: RegionRef, out: &mut Findings<'_>) {
    let calls: Vec<Edge> = program.inline_calls(region).collect();
    for effect in ENTERS {
        let mut told = Vec::new();
        for (at, edge) in calls.iter().enumerate() {
            // What the first call cannot come to for its arguments, another may.
            if told.contains(&edge.callee) {
                continue;
            }
            let matters = |chain: &Chain| {
                let allowed = is_guarded(program, chain)
                    || is_allowed(program, edge.place, &chain.source)
                    || is_ready(program, Some(chain), &chain.source);
                (!allowed && !is_deliberate(program, edge.place, &chain.source)).then_some(())
            };
            let Some(((), chain)) = program.way_through(*edge, effect, &matters) else { continue };
            if asks_first(program, edge.place) {
                continue;
            }
            let again: Vec<&Edge> = calls[at + 1..].iter().filter(|other| other.callee == edge.callee).collect();
            told.push(edge.callee);
            report_chain(program, *edge, &again, &chain, out);
        }
    }
}

fn report_chain(program: &Program, edge: Edge, again: &[&Edge], chain: &Chain, out: &mut Findings<'_>) {
    let path = chain.source.path.as_str();
    let through: Vec<String> = chain
        .hops
        .iter()
        .map(|hop| program.function_name(program.graph.region(hop.callee).body))
        .map(|name| format!("`{}`", name.rsplit("::").next().unwrap_or_default()))
        .collect();
    let mut draft = out.at(kind_of(&chain.source), edge.place).chain(chain);
    draft = draft
        .fill("path", path)
        .fill("through", &format!(" through {}", through.join(" -> ")))
        .label("called from async code");
    for other in again {
        draft = draft.also(program.call_span(other.place), "called again here");
    }
    located(program, edge.place, &chain.source, draft)
        .help("make the helper an `async fn` and await it, or call it on the blocking pool: `tokio::task::spawn_blocking(move || ..).await`");
}

/// `Handle::try_current()` in a body on the way: the branch that blocks is taken outside of a runtime only.
fn is_guarded(program: &Program, chain: &Chain) -> bool {
    let steps = chain.hops.iter().skip(1).map(|hop| hop.place);
    steps.chain([chain.source.place]).any(|place| asks_first(program, place))
}

/// Whoever takes the answer for granted, with `?` or `unwrap`, wants a runtime and has no other branch; where there is one, it enters
/// it a second time.
fn asks_first(program: &Program, place: Place) -> bool {
    program
        .calls_with_role(place.body, Role::HandleTryCurrent)
        .any(|(asked, _)| !program.is_taken_for_granted(asked) && !program.runs_on_success(asked, place))
}

/// A test of the panic, or of the executor itself.
fn is_deliberate(program: &Program, place: Place, source: &Source) -> bool {
    match kind_of(source) {
        // A runtime's own tests stall it on purpose, with whatever executor.
        "stalls" => program.is_own_test(place.body, source.path.as_str()) || program.is_own_test(place.body, "tokio"),
        _ => program.expects_panic(place),
    }
}

/// The arguments let the future be done at its first poll: an executor that only parks the thread has nothing to park for.
fn is_ready(program: &Program, chain: Option<&Chain>, source: &Source) -> bool {
    let Some(entry) = source.api.filter(|_| kind_of(source) == "stalls") else { return false };
    let (recv, args) = program.operands(source.place, entry);
    let future = if entry.path == "pollster::FutureExt::block_on" { recv } else { args.first().copied() };
    future.is_some_and(|future| program.is_ready_by_data(chain, future))
}

/// The thread is not a worker of a runtime that would mind (decision H11): it drives this future alone and parks for itself, or it
/// does so for an executor that knows nothing of tokio.
fn is_allowed(program: &Program, place: Place, source: &Source) -> bool {
    match kind_of(source) {
        "stalls" => program.is_driven_alone(place),
        _ => is_outside_of_tokio(program, program.region_at(place)),
    }
}

/// Driven to its end by executors without tokio, from plain code.
fn is_outside_of_tokio(program: &Program, region: RegionRef) -> bool {
    let drivers = program.drivers(region);
    drivers.is_some_and(|drivers| !drivers.is_empty() && drivers.iter().all(|driver| !panics(driver)))
}

fn kind_of(source: &Source) -> &'static str {
    match source.api {
        None => "macro-main",
        Some(entry) if panics(entry) => "panics",
        Some(_) => "stalls",
    }
}

/// The executor refuses to be entered twice on one thread.
fn panics(entry: &FnEntry) -> bool {
    const REFUSE: [&str; 9] =
        ["tokio", "actix_rt", "tauri", "ntex", "compio", "monoio", "glommio", "tokio_uring", "rocket"];
    let krate = entry.path.as_str().split("::").next().unwrap_or_default();
    REFUSE.contains(&krate)
}

/// Parking one of many workers is a warning, parking the only one a deadlock.
fn located<'f, 'a>(program: &'a Program, place: Place, source: &Source, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = match program.enclosing_async(place) {
        Some((span, name)) => draft.context(span, format!("in this async {name}")),
        None => draft,
    };
    if kind_of(source) != "stalls" {
        return draft;
    }
    if program.is_single_threaded(place) {
        draft.note("this runtime has one thread: what the future waits for can never run")
    } else {
        draft.at_most(Severity::Warning)
    }
}

fn advise_direct<'f, 'a>(program: &'a Program, place: Place, source: &Source, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let Some(entry) = source.api else {
        return draft.help("move its body into an `async fn` without the attribute, and await that");
    };
    let (recv, args) = program.operands(place, entry);
    let future = match entry.path.as_str() {
        "tokio::task::LocalSet::block_on" => None,
        "pollster::FutureExt::block_on" => recv,
        path if path.ends_with("block_on") => args.first().copied(),
        _ => None,
    };
    let (Some(future), Some(applicability)) = (future, awaitable(program, place, recv)) else {
        return draft.help("await the future instead");
    };
    let text = program.source(future);
    let bare = matches!(
        program.expr(future).kind,
        ExprKind::Call { .. }
            | ExprKind::Path { .. }
            | ExprKind::Local(_)
            | ExprKind::Field { .. }
            | ExprKind::MethodCall { .. }
            | ExprKind::Block(_)
            | ExprKind::Async(_)
    );
    let text = if bare { format!("{text}.await") } else { format!("({text}).await") };
    let edit = fixes::replace(program.span(place), text);
    draft.help("await the future instead").fix("await the future", applicability, vec![edit])
}

/// Whether `.await` may stand at a place, and how sure that is.
fn awaitable(program: &Program, place: Place, recv: Option<Place>) -> Option<Applicability> {
    let class = program.can_await(place)?;
    let plain = recv.is_none_or(|r| {
        matches!(program.expr(r).kind, ExprKind::Local(_) | ExprKind::Path { .. } | ExprKind::Field { .. })
    });
    let built_here =
        recv.is_some_and(|r| matches!(program.expr(r).kind, ExprKind::Local(_)) && owns_runtime(program, r));
    let waits_later = program.with_order(place.body, |order| !order.awaits_after(place.expr).is_empty());
    // `block_on` takes a future that is not Send; only a main or a test takes it for its own, too.
    let for_itself = program.region_at(place).region.0 == 0 && program.entry_attr(place.body).is_some();
    let leaves_nothing = !program.denies_unused(place.body);
    let safe = class == Applicability::Safe && plain && !built_here && waits_later && for_itself && leaves_nothing;
    Some(if safe { Applicability::Safe } else { Applicability::Unsafe })
}

fn owns_runtime(program: &Program, place: Place) -> bool {
    program.carried(program.ty(place), RUNTIMES).is_some()
}

/// `runtime.shutdown_timeout(..)` waits, which is not allowed on a worker.
fn shut_down(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.calls_with_role(body, Role::RuntimeShutdown) {
        if program.is_async_at(place)
            && !is_outside_of_tokio(program, program.region_at(place))
            && !program.is_given_zero(place)
            && !program.expects_panic(place)
        {
            out.at("panics", place)
                .message(format!(
                    "`{}` waits in async code: tokio panics with \"Cannot drop a runtime in a context where blocking is not allowed\"",
                    entry.path
                ))
                .subject(entry.path)
                .help("use `shutdown_background()`, which does not wait");
        }
    }
}

/// A runtime that is built in async code and ends there.
fn dropped(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    if program.calls_with_role(body, Role::RuntimeBuild).next().is_none() {
        return;
    }
    program.with_lives(body, RUNTIMES, |order, lives, _| {
        for value in lives.values() {
            let Some(made) = value.created_by() else { continue };
            let place = program.making_call(Place { body, expr: made });
            let region = RegionRef { body, region: order.region_of(made) };
            let builds = program.api(place).is_some_and(|entry| entry.role == Some(Role::RuntimeBuild));
            if builds
                && program.context(region).kind == ContextKind::Async
                && !is_outside_of_tokio(program, region)
                && !program.expects_panic(place)
                && ends_in(value, |at| program.context(RegionRef { region: at, ..region }).kind == ContextKind::Async)
            {
                out.spanning("panics", body, program.call_span(program.chain_start(place)))
                    .message("this runtime is dropped in async code: tokio panics with \"Cannot drop a runtime in a context where blocking is not allowed\"")
                    .confidence(program.confidence(place))
                    .subject(program.api(place).map_or(crate::base::Name::new("tokio::runtime::Runtime"), |e| e.path))
                    .help("end it with `shutdown_background()`, or use the runtime that is running: `tokio::spawn(..)`");
            }
        }
    });
}

/// `Drop::drop` of a type that async code makes.
fn in_destructor(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let Some(owner) = program.dropped_type(body) else { return };
    let region = Program::whole(body);
    let own = program.sources(region).filter(|(effect, _)| *effect == Effect::BlockOn).map(|(_, s)| (s.place, s, None));
    let calls = program.inline_calls(region).filter_map(|edge| {
        let unguarded = |chain: &Chain| (!is_guarded(program, chain)).then_some(());
        let ((), chain) = program.way_through(edge, Effect::BlockOn, &unguarded)?;
        Some((edge.place, chain.source, Some(chain)))
    });
    let found: Vec<(Place, Source, Option<Chain>)> = own.chain(calls).collect();
    if found.iter().all(|(place, ..)| asks_first(program, *place)) {
        return;
    }
    let made = program.made_in_async_code(owner);
    let used = if made.is_none() { program.async_method_of(owner) } else { None };
    if made.is_none() && used.is_none() {
        return;
    }
    for (place, source, chain) in found.iter().filter(|(place, ..)| !asks_first(program, *place)) {
        let mut draft = out.at("in-drop", *place).fill("path", source.path.as_str()).subject(source.path);
        if let Some(chain) = chain {
            draft = draft.chain(chain);
        }
        let draft = match (made, used) {
            (Some(made), _) => draft.why(program.call_span(made), "async code makes the value here"),
            (None, Some(method)) => draft
                .why(
                    program.region_span(Program::whole(method)),
                    "an async method: whoever has the value is async code",
                )
                .confidence(Confidence::Likely),
            (None, None) => draft,
        };
        draft.help("give the type an `async fn close(self)`, and let `drop` only tell a task to clean up");
    }
}

/// The initialiser of a lazy static, which async code is the only one to ask for.
fn in_initialiser(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let Some((def, region)) = program.lazy_initialiser(body) else { return };
    let Some(source) = program.blocks_first(region, Effect::BlockOn) else { return };
    let mentions = program.mentions_of(def);
    let all_async = mentions.iter().all(|at| program.is_async_at(*at));
    if let Some(first) = mentions.first().filter(|_| all_async && !asks_first(program, source.place)) {
        let draft = out.at(kind_of(&source), *first).subject(source.path);
        let draft = draft.fill("path", source.path.as_str()).fill("through", " through the initialiser of this static");
        let draft = located(program, *first, &source, draft);
        draft.also(program.call_span(source.place), "runs when the static is first asked for").help(
            "use `tokio::sync::OnceCell`, whose initialiser is async, or fill the static before the runtime starts",
        );
    }
}

//! The blocking family: one algorithm, a table from rule to category.
//!
//! A call that blocks is reported where it stands in async code, or at the call in async code that reaches it through plain
//! helpers. What is special about one rule (its kinds, its exceptions, its fixes) is in that rule's own file.

mod advice;
mod compute;
mod custom;
mod db;
mod doubt;
mod fs;
mod fs_meta;
mod http;
mod net;
mod process;
mod sleep;
mod stdio;
mod sync;

use crate::base::Name;
use crate::catalog::{Category, Role, Tier};
use crate::diagnostic::Severity;
use crate::hir::context::ContextKind;
use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::{Edge, Node};
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::program::{Fate, Program};

use super::findings::{Draft, Findings};
use super::{Check, Rule, page};

macro_rules! family {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $spec:expr;)*) => {
        $($(#[$meta])* pub(super) const $name: Rule =
            Rule { id: $id, check: Check::Body(|p, b, out| check(p, b, $id, &$spec, out)) };)*
    };
}

family! {
    /// Password hashing, key generation and other work for the processor.
    COMPUTE = "blocking-compute", compute::SPEC;
    /// What the project itself says.
    CUSTOM = "blocking-custom", custom::SPEC;
    /// Databases.
    DB = "blocking-db", db::SPEC;
    /// Data I/O of the file system.
    FS = "blocking-fs", fs::DATA;
    /// Metadata calls.
    FS_META = "blocking-fs-meta", fs_meta::SPEC;
    /// HTTP clients.
    HTTP = "blocking-http", http::SPEC;
    /// Sockets and names.
    NET = "blocking-net", net::SPEC;
    /// Waiting for processes.
    PROCESS = "blocking-process", process::SPEC;
    /// Sleeping.
    SLEEP = "blocking-sleep", sleep::SPEC;
    /// The terminal.
    STDIO = "blocking-stdio", stdio::SPEC;
    /// Other threads.
    SYNC = "blocking-sync", sync::SPEC;
}

/// What is special about one rule of the family.
pub(super) struct Spec {
    /// The category it reports.
    pub category: Category,
    /// The rule's kind for what the catalogue says of a source; `None` leaves it to another rule.
    pub kind: fn(&Program, &Source, Option<Name>, Tier) -> Option<&'static str>,
    /// Calls that are fine although the catalogue says that they block; given the calls on the way.
    pub exempt: fn(&Program, &Source, &[Edge]) -> bool,
    /// Adds helps and fixes for a call that stands directly in async code.
    pub advise: for<'f, 'a> fn(&'a Program, &Source, &'static str, Draft<'f, 'a>) -> Draft<'f, 'a>,
}

/// No exception.
const fn never(_: &Program, _: &Source, _: &[Edge]) -> bool {
    false
}

fn check(program: &Program, body: BodyId, rule: &'static str, spec: &Spec, out: &mut Findings<'_>) {
    let occurs = program.effects.blocking_on(spec.category).next().is_some();
    if !occurs || program.skips_blocking(body) || !program.has_runtime() {
        return;
    }
    let entry = if out.option("entry", body) == "full" { Entry::Full } else { Entry::Note };
    for region in program.body(body).regions.ids() {
        let region = RegionRef { body, region };
        if program.context(region).kind == ContextKind::Async {
            direct(program, region, spec, entry, out);
            indirect(program, region, (rule, spec), entry, out);
        }
    }
}

/// What start-up code of a multi-threaded runtime may be: the option `entry`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// A note at most, and constructors are silent.
    Note,
    /// As any other code.
    Full,
}

fn kind_of(program: &Program, spec: &Spec, effect: Effect, source: &Source, hops: &[Edge]) -> Option<&'static str> {
    match effect {
        Effect::Blocks { category, kind, tier } if category == spec.category => {
            let kind = (spec.kind)(program, source, kind, tier)?;
            (!(spec.exempt)(program, source, hops)).then_some(kind)
        }
        Effect::Blocks { .. }
        | Effect::BlockOn
        | Effect::MacroMain
        | Effect::Spawns
        | Effect::BlockInPlace
        | Effect::NeedsRuntime => None,
    }
}

fn direct(program: &Program, region: RegionRef, spec: &Spec, entry: Entry, out: &mut Findings<'_>) {
    for (effect, source) in program.sources(region) {
        let Some(kind) = kind_of(program, spec, effect, &source, &[]) else { continue };
        let apart = program.is_driven_alone(source.place) || program.is_without_runtime(source.place);
        if apart || (kind == "panics" && program.expects_panic(source.place)) {
            continue;
        }
        if source.within.is_some() {
            by_reader(program, &source, kind, entry, out);
            continue;
        }
        let draft = out.at(kind, source.place).fill("path", source.path.as_str()).subject(source.path);
        let mut draft = in_context(program, source.place, (kind, entry), draft).label(label(kind));
        if waits_alone(program, source.place.body, kind, spec.category) {
            draft = draft.only_in_strict_tests();
        }
        (spec.advise)(program, &source, kind, draft);
    }
}

/// A generic helper that waits on the file or socket it is given here.
fn by_reader(program: &Program, source: &Source, kind: &'static str, entry: Entry, out: &mut Findings<'_>) {
    let Some(callee) = program.callee_at(source.place) else { return };
    let helper = program.function_name(callee);
    let helper = helper.rsplit("::").next().unwrap_or_default();
    let chain = Chain { hops: Vec::new(), source: *source, likely: source.likely };
    let mut draft = out
        .at(kind, source.place)
        .message(format!("`{helper}` blocks the executor thread: it reaches `{}`", source.path))
        .label("called from async code")
        .chain(&chain);
    if leaves_tests(program, source.place.body, callee) {
        draft = draft.only_in_strict_tests();
    }
    let draft = in_context(program, source.place, (kind, entry), draft);
    draft.help(advice::pool(program, source.place.body, &format!("{helper}(..)")));
}

fn label(kind: &str) -> &'static str {
    match kind {
        "panics" => "panics on an executor thread",
        "zero" => "gives no other task a turn",
        "password" | "keygen" | "heavy" => "keeps the executor thread busy",
        _ => "the thread waits here, and every task on it",
    }
}

/// One finding per helper and region: the first call; later calls of the same helper are labels of it (decision M13).
fn indirect(
    program: &Program,
    region: RegionRef,
    (rule, spec): (&'static str, &Spec),
    entry: Entry,
    out: &mut Findings<'_>,
) {
    let reaches = |callee: Node| {
        let mut effects = program.effects.blocking_on(spec.category);
        effects.any(|effect| program.effects.next(effect, callee).is_some())
    };
    let calls: Vec<Edge> = program.inline_calls(region).filter(|edge| reaches(edge.callee)).collect();
    for (at, edge) in calls.iter().enumerate() {
        let known = calls[..at].iter().any(|before| before.callee == edge.callee);
        let starts = entry == Entry::Note && is_start_up(program, *edge);
        if known || starts || program.is_driven_alone(edge.place) || program.is_without_runtime(edge.place) {
            continue;
        }
        let Some((kind, chain)) = worst(program, *edge, rule, spec) else { continue };
        let again: Vec<&Edge> = calls[at + 1..].iter().filter(|other| other.callee == edge.callee).collect();
        report(program, (*edge, &again), (kind, &chain), (spec.category, entry), out);
    }
}

/// A constructor that the program calls once, before it serves anybody.
fn is_start_up(program: &Program, edge: Edge) -> bool {
    const STARTS: [&str; 5] = ["new", "default", "load", "init", "from_env"];
    let callee = program.graph.region(edge.callee);
    let name = program.function_name(callee.body);
    let name = name.rsplit("::").next().unwrap_or_default();
    let starts =
        STARTS.iter().any(|s| name.strip_prefix(s).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')));
    callee.region.0 == 0 && starts && program.is_harmless_entry(edge.place)
}

/// The effect that matters most among those a call reaches: by the order of kinds on the page, then the shorter way.
fn worst(program: &Program, edge: Edge, rule: &str, spec: &Spec) -> Option<(&'static str, Chain)> {
    let page = page::find(rule)?;
    let among = |fits: &dyn Fn(&Chain) -> bool| {
        let reached = program.effects.blocking_on(spec.category).filter_map(|effect| {
            let of_chain = |chain: &Chain| {
                let kind = kind_of(program, spec, effect, &chain.source, &chain.hops);
                kind.filter(|_| fits(chain))
            };
            program.way_through(edge, effect, &of_chain)
        });
        reached.min_by_key(|(kind, chain)| (page.kinds.iter().position(|k| k.id == *kind), chain.hops.len()))
    };
    let of_tests = |chain: &Chain| !leaves_tests(program, edge.place.body, chain.source.place.body);
    if program.in_test(edge.place.body) { among(&of_tests).or_else(|| among(&|_| true)) } else { among(&|_| true) }
}

/// Test code calls code under test, which may wait only in cases that the test's own data never comes to.
fn leaves_tests(program: &Program, caller: BodyId, cause: BodyId) -> bool {
    program.in_test(caller) && !program.in_test(cause)
}

/// A test that sleeps or waits with nothing beside it on its thread stalls nobody.
fn waits_alone(program: &Program, body: BodyId, kind: &str, category: Category) -> bool {
    let stalls = kind != "panics" && matches!(category, Category::Sleep | Category::Sync);
    stalls && program.in_test(body) && !program.has_company(body)
}

fn report(
    program: &Program,
    (edge, again): (Edge, &[&Edge]),
    (kind, chain): (&'static str, &Chain),
    (category, entry): (Category, Entry),
    out: &mut Findings<'_>,
) {
    let path = chain.source.path;
    let helper = program.function_name(program.graph.region(edge.callee).body);
    let helper = helper.rsplit("::").next().unwrap_or_default().to_owned();
    let does = if kind == "panics" { "panics in async code" } else { "blocks the executor thread" };
    let mut draft = out
        .at(kind, edge.place)
        .message(format!("`{helper}` {does}: it reaches `{path}`"))
        .label("called from async code")
        .chain(chain);
    let caller = edge.place.body;
    if leaves_tests(program, caller, chain.source.place.body) || waits_alone(program, caller, kind, category) {
        draft = draft.only_in_strict_tests();
    }
    if let Some(reason) = doubt::about(program, chain) {
        draft = draft.at_most(Severity::Note).note(reason);
    }
    for other in again {
        draft = draft.also(program.call_span(other.place), "called again here");
    }
    draft = in_context(program, edge.place, (kind, entry), draft);
    draft = advice::replacement(program, &chain.source, draft);
    draft.help(advice::pool(program, edge.place.body, &format!("{helper}(..)")));
}

/// The timeout to which the async block around a place is given.
fn timeout_around(program: &Program, place: Place) -> Option<crate::base::Span> {
    let region = &program.body(place.body).regions[program.expr(place).region];
    let block = Place { expr: region.expr, ..place };
    let Fate::Argument(call, _) = program.fate(block) else { return None };
    let call = Place { expr: call, ..place };
    program.api(call).filter(|entry| entry.role == Some(Role::Timeout)).map(|_| program.call_span(call))
}

/// Entry code starves nobody; the async fn is named.
fn in_context<'f, 'a>(
    program: &'a Program,
    place: Place,
    (kind, entry): (&str, Entry),
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    let draft = match program.enclosing_async(place) {
        Some((span, name)) => draft.context(span, format!("in this async {name}")),
        None => draft,
    };
    let draft = match timeout_around(program, place) {
        Some(span) => draft.also(span, "this timeout cannot fire while the thread waits"),
        None => draft,
    };
    // A panic hits whoever is there.
    if entry == Entry::Full || kind == "panics" {
        draft
    } else if program.is_harmless_entry(place) {
        draft.at_most(Severity::Note).note(program.why_harmless(place))
    } else if program.is_on_named_blocking_runtime(place) {
        draft.at_most(Severity::Note).note("the type says that it runs on a runtime that is named for blocking work")
    } else if program.is_before_serving(place) {
        draft.at_most(Severity::Note).note("this runs once, before the service lets anybody in")
    } else {
        draft
    }
}

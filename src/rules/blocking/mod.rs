//! The blocking family: one algorithm, a table from rule to category.
//!
//! A call that blocks is reported where it stands in async code, or at the call in async code that reaches it through plain
//! helpers. What is special about one rule (its messages, its exceptions, its fixes) is in that rule's own file.

mod fs;
mod process;
mod sleep;

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Tier};
use crate::diagnostic::{Role, Severity};
use crate::hir::context::ContextKind;
use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::Edge;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::program::Program;

use super::findings::{Draft, Findings};
use super::{Check, Rule};

/// Data I/O of the file system.
pub(super) const FS: Rule = Rule { id: "blocking-fs", check: Check::Body(|p, b, out| check(p, b, &fs::DATA, out)) };
/// Metadata calls.
pub(super) const FS_META: Rule =
    Rule { id: "blocking-fs-meta", check: Check::Body(|p, b, out| check(p, b, &fs::META, out)) };
/// Waiting for processes.
pub(super) const PROCESS: Rule =
    Rule { id: "blocking-process", check: Check::Body(|p, b, out| check(p, b, &process::SPEC, out)) };
/// Sleeping.
pub(super) const SLEEP: Rule =
    Rule { id: "blocking-sleep", check: Check::Body(|p, b, out| check(p, b, &sleep::SPEC, out)) };

/// What is special about one rule of the family.
pub(super) struct Spec {
    /// The category it reports.
    pub category: Category,
    /// Maps an effect to the rule's kind; `None` leaves it to another rule.
    pub kind: fn(Option<Name>, Tier) -> Option<&'static str>,
    /// Calls that are fine although the catalogue says that they block.
    pub exempt: fn(&Program, Place, &FnEntry) -> bool,
    /// Adds helps and fixes for a call that stands directly in async code.
    pub advise: for<'f, 'a> fn(&'a Program, Place, &'static FnEntry, Draft<'f, 'a>) -> Draft<'f, 'a>,
}

fn check(program: &Program, body: BodyId, spec: &Spec, out: &mut Findings<'_>) {
    if program.skips_blocking(body) {
        return;
    }
    for region in program.body(body).regions.ids() {
        let region = RegionRef { body, region };
        if program.context(region).kind == ContextKind::Async {
            direct(program, region, spec, out);
            indirect(program, region, spec, out);
        }
    }
}

fn kind_of(spec: &Spec, effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::Blocks { category, kind, tier } if category == spec.category => (spec.kind)(kind, tier),
        Effect::Blocks { .. }
        | Effect::BlockOn
        | Effect::MacroMain
        | Effect::Spawns
        | Effect::BlockInPlace
        | Effect::NeedsRuntime => None,
    }
}

fn direct(program: &Program, region: RegionRef, spec: &Spec, out: &mut Findings<'_>) {
    for (effect, source) in program.sources(region) {
        let (Some(kind), Some(entry)) = (kind_of(spec, effect), source.api) else { continue };
        if (spec.exempt)(program, source.place, entry) {
            continue;
        }
        let draft = out.at(kind, source.place).fill("path", source.path.as_str()).subject(source.path);
        let draft = in_context(program, source.place, draft).label("blocks the executor thread");
        (spec.advise)(program, source.place, entry, draft);
    }
}

/// One finding per helper and region: the first call; later calls of the same helper are labels of it (decision M13).
fn indirect(program: &Program, region: RegionRef, spec: &Spec, out: &mut Findings<'_>) {
    let calls: Vec<Edge> = program.inline_calls(region).collect();
    for effect in program.effects.kinds() {
        let Some(kind) = kind_of(spec, effect) else { continue };
        for (at, edge) in calls.iter().enumerate() {
            if calls[..at].iter().any(|before| before.callee == edge.callee) {
                continue;
            }
            let Some(chain) = program.chain_through(*edge, effect) else { continue };
            if exempt_chain(program, &chain, spec) {
                continue;
            }
            let again: Vec<&Edge> = calls[at + 1..].iter().filter(|other| other.callee == edge.callee).collect();
            report(program, *edge, &again, &chain, kind, out);
        }
    }
}

fn exempt_chain(program: &Program, chain: &Chain, spec: &Spec) -> bool {
    let Source { place, api, .. } = chain.source;
    api.is_none_or(|entry| (spec.exempt)(program, place, entry))
}

fn report(program: &Program, edge: Edge, again: &[&Edge], chain: &Chain, kind: &'static str, out: &mut Findings<'_>) {
    let path = chain.source.path;
    let helper = program.function_name(program.graph.region(edge.callee).body);
    let helper = helper.rsplit("::").next().unwrap_or_default().to_owned();
    let mut draft = out
        .at(kind, edge.place)
        .message(format!("`{helper}` blocks the executor thread: it reaches `{path}`"))
        .label("called from async code")
        .chain(chain);
    for other in again {
        draft = draft.also(program.call_span(other.place), "called again here");
    }
    draft = in_context(program, edge.place, draft);
    if let Some(entry) = chain.source.api {
        draft = replacement(program, edge.place, entry, draft);
    }
    draft.help(format!("run it on the blocking pool: `tokio::task::spawn_blocking(move || {helper}(..)).await`"));
}

/// Entry code starves nobody; the async fn is named.
fn in_context<'f, 'a>(program: &'a Program, place: Place, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = match program.enclosing_async(place) {
        Some((span, name)) => draft.context(span, format!("in this async {name}")),
        None => draft,
    };
    if program.is_harmless_entry(place) {
        draft
            .at_most(Severity::Note)
            .note("this runs on the thread that started the runtime, where it starves no other task")
    } else {
        draft
    }
}

/// What to write instead, for the runtime in use.
fn replacement<'f, 'a>(program: &'a Program, place: Place, entry: &FnEntry, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let instead = &entry.instead;
    let by_runtime = [("tokio", instead.tokio), ("async_std", instead.async_std), ("smol", instead.smol)];
    let known = by_runtime.into_iter().find_map(|(krate, text)| text.filter(|_| program.depends_on(place.body, krate)));
    match known.or(instead.text) {
        Some(text) => draft.help(format!("use `{text}`")),
        None => draft,
    }
}

/// Helps for a direct call: the async twin, else the blocking pool.
fn advise<'f, 'a>(program: &'a Program, place: Place, entry: &'static FnEntry, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let _ = Role::Context;
    replacement(program, place, entry, draft)
        .help("or run it on the blocking pool: `tokio::task::spawn_blocking(move || ..).await`")
}

//! The context of each region: lexical, plus what is known of the callables.

use rayon::prelude::*;

use crate::base::IndexVec;
use crate::facts::{Body, ExprKind, ItemKind, RegionId, RegionKind};
use crate::hir::context::{Context, ContextKind, Entry, Reason};
use crate::hir::names::{BodyId, DefId, Res};

use super::Linked;
use super::runs::{Fact, Runs};

/// Contexts of all regions, by body. Entry code is settled later.
pub fn build(linked: Linked<'_>, runs: &Runs) -> IndexVec<BodyId, IndexVec<RegionId, Context>> {
    let all: Vec<IndexVec<RegionId, Context>> = (0..linked.types.len())
        .into_par_iter()
        .map(|at| {
            let id = BodyId(at as u32);
            let body = linked.body(id);
            let mut found: IndexVec<RegionId, Context> = IndexVec::new();
            for region in body.regions.ids() {
                let context = region_context(linked, runs, id, body, region, &found);
                found.push(context);
            }
            found
        })
        .collect();
    IndexVec::from_vec(all)
}

fn region_context(
    linked: Linked<'_>,
    runs: &Runs,
    id: BodyId,
    body: &Body,
    region: RegionId,
    before: &IndexVec<RegionId, Context>,
) -> Context {
    let decl = &body.regions[region];
    let parent = decl.parent.and_then(|p| before.get(p)).copied().unwrap_or(Context::UNKNOWN);
    let inside_macro = parent.reason == Reason::Macro;
    let made = |kind, reason| Context { kind, reason, entry: Entry::No };
    match decl.kind {
        RegionKind::Fn if is_poll(linked, id) => made(ContextKind::Async, Reason::Poll),
        RegionKind::Fn => made(ContextKind::Sync, Reason::SyncFn),
        RegionKind::AsyncFn => made(ContextKind::Async, Reason::AsyncFn),
        RegionKind::Const => made(ContextKind::Sync, Reason::Initialiser),
        RegionKind::AsyncBlock | RegionKind::Stream | RegionKind::AsyncClosure if inside_macro => {
            made(ContextKind::Unknown, Reason::Macro)
        }
        RegionKind::AsyncBlock | RegionKind::Stream | RegionKind::AsyncClosure => {
            made(ContextKind::Async, Reason::AsyncBlock)
        }
        RegionKind::Opaque if runs_in_place(linked, id, body, region) => parent,
        RegionKind::Opaque => made(ContextKind::Unknown, Reason::Macro),
        RegionKind::Closure if inside_macro => made(ContextKind::Unknown, Reason::Macro),
        RegionKind::Closure => {
            let ran = runs.closure(linked, id, region);
            match ran.fact {
                Fact::Inline => {
                    let at = body.exprs[ran.at].region;
                    // A chain consumed in a region that opens later: that region's own callable is not settled yet.
                    let around = before.get(at).copied().unwrap_or(Context::UNKNOWN);
                    Context { reason: Reason::InlineAt(ran.at), ..around }
                }
                Fact::Async => made(ContextKind::Async, Reason::HandedTo(ran.at)),
                Fact::Offloaded => made(ContextKind::Offloaded, Reason::HandedTo(ran.at)),
                Fact::Thread => made(ContextKind::Thread, Reason::HandedTo(ran.at)),
                Fact::Bottom | Fact::Later => made(ContextKind::Unknown, Reason::Escapes),
            }
        }
    }
}

/// A workspace `macro_rules!` that only places its expression arguments (standing decision 10).
fn runs_in_place(linked: Linked<'_>, id: BodyId, body: &Body, region: RegionId) -> bool {
    let ExprKind::Macro(call) = &body.exprs[body.regions[region].expr].kind else { return false };
    match linked.types[id].values[call.path].res {
        Res::Def(def) => match &linked.world.item(def).1.kind {
            ItemKind::MacroRules(rules) => rules.runs_in_place,
            _ => false,
        },
        _ => false,
    }
}

/// Methods of the `poll` family, in an impl, with a task context among their parameters.
fn is_poll(linked: Linked<'_>, id: BodyId) -> bool {
    const NAMES: [&str; 10] = [
        "call",
        "poll",
        "poll_next",
        "poll_read",
        "poll_write",
        "poll_flush",
        "poll_shutdown",
        "poll_close",
        "poll_ready",
        "start_send",
    ];
    let Some(def) = linked.world.fn_of(id) else { return false };
    let (_, item) = linked.world.item(def);
    if item.parent.is_none() || !NAMES.contains(&item.name.as_str()) {
        return false;
    }
    if item.name == "call" {
        return is_service(linked, item.parent.map(|parent| linked.world.def(linked.world.item(def).0, parent)));
    }
    let Some(sig) = linked.sigs.func(linked.world.names.item_ref(def)) else { return false };
    let has_context = sig.params.iter().any(|t| t.peel_refs().path().is_some_and(|p| p == "std::task::Context"));
    let pinned = sig.receiver.is_some_and(|t| t.path().is_some_and(|p| p == "std::pin::Pin"));
    has_context || (pinned && item.name == "start_send")
}

/// The impl of a service: an executor calls it for each request, and its future comes later.
fn is_service(linked: Linked<'_>, imp: Option<DefId>) -> bool {
    const SERVICES: [&str; 6] = [
        "tower::Service",
        "tower_service::Service",
        "tower::service::Service",
        "hyper::service::Service",
        "actix_service::Service",
        "actix_web::dev::Service",
    ];
    match imp.and_then(|imp| linked.world.impl_trait(imp)) {
        Some(Res::Foreign(trait_)) => SERVICES.contains(&trait_.as_str()),
        _ => false,
    }
}

/// True for a fn whose effects never reach its callers: destructors and formatting.
pub fn is_hidden(linked: Linked<'_>, def: DefId) -> bool {
    const TRAITS: [&str; 7] = [
        "std::ops::Drop",
        "std::fmt::Display",
        "std::fmt::Debug",
        "serde::Serialize",
        "serde::Deserialize",
        "serde::ser::Serialize",
        "serde::de::Deserialize",
    ];
    let Some(imp) = linked.world.parent(def) else { return false };
    match linked.world.impl_trait(imp) {
        Some(Res::Foreign(trait_)) => TRAITS.contains(&trait_.as_str()),
        _ => false,
    }
}

//! Waits that show only by what a call is given: a file for a generic reader, a channel that some constructor made with a bound.
//!
//! Sources beside those of `effects`; what is given elsewhere, behind trait objects or in collections, is not followed.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::catalog::{FnEntry, Tier};
use crate::facts::{ExprId, ExprKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::context::{ContextKind, Reason};
use crate::hir::effect::{Effect, Source};
use crate::hir::graph::{Graph, Node};
use crate::hir::names::{BodyId, DefId, Place, RegionRef};
use crate::hir::ty::TyKind;

use super::Linked;
use super::effects::Cuts;
use super::entry::Contexts;
use super::readers::{self, Readers};
use super::waits::{operands, tag_of};

/// What is known of the whole program.
pub struct Given {
    readers: Readers,
    tags: Tags,
}

/// The tag that all struct literals give a field; `None` where they differ or say nothing.
type Tags = FxHashMap<(DefId, Name), Option<Name>>;

impl Given {
    /// Looks through all bodies once.
    pub fn build(linked: Linked<'_>, contexts: &Contexts) -> Self {
        Self { readers: readers::build(linked, contexts), tags: tags(linked) }
    }

    /// Sources in one body.
    pub fn sources(
        &self,
        linked: Linked<'_>,
        graph: &Graph,
        contexts: &Contexts,
        cuts: &dyn Cuts,
        id: BodyId,
    ) -> Vec<(Node, Effect, Source)> {
        let mut found = given_readers(linked, &self.readers, graph, contexts, cuts, id);
        let bounded = linked.types[id].targets.iter().filter_map(|(expr, target)| match target {
            Target::Api(entry) => self.bounded(linked, id, *expr, entry),
            _ => None,
        });
        for (effect, source) in bounded {
            let region = linked.body(id).exprs[source.place.expr].region;
            let context = contexts[id][region];
            let cut = || context.kind != ContextKind::Async && cuts.cuts(source.place, effect);
            let here =
                matches!(context.kind, ContextKind::Sync | ContextKind::Async) && context.reason != Reason::Macro;
            if here && !cut() && linked.is_built(id, source.place.expr) {
                found.push((graph.node(RegionRef { body: id, region }), effect, source));
            }
        }
        found
    }

    /// A call that waits for a receiver of a certain make, on a field that every constructor fills with one.
    fn bounded(
        &self,
        linked: Linked<'_>,
        id: BodyId,
        expr: ExprId,
        entry: &'static FnEntry,
    ) -> Option<(Effect, Source)> {
        let blocks = entry.blocks.as_ref()?;
        let wanted = blocks.tag?;
        let types = &linked.types[id];
        let receiver = operands(linked, id, expr, entry).0?;
        let ExprKind::Field { base, name } = linked.body(id).exprs[receiver].kind else { return None };
        let TyKind::Adt(owner, _) = types.exprs[base].peel_refs().kind() else { return None };
        let unknown = tag_of(types.exprs[receiver]).is_none();
        if !unknown || self.tags.get(&(*owner, name)) != Some(&Some(wanted)) {
            return None;
        }
        let effect = Effect::Blocks { category: blocks.category, kind: blocks.kind, tier: blocks.tier };
        let likely = types.is_likely(expr) || entry.unverified;
        let place = Place { body: id, expr };
        let source =
            Source { place, api: Some(entry), instead: Some(&entry.instead), path: entry.path, likely, within: None };
        Some((effect, source))
    }
}

fn tags(linked: Linked<'_>) -> Tags {
    let all: Vec<((DefId, Name), Option<Name>)> = (0..linked.types.len())
        .into_par_iter()
        .flat_map_iter(|at| {
            let id = BodyId(at as u32);
            let types = &linked.types[id];
            let literals = linked.body(id).exprs.iter_ids().filter_map(|(expr, node)| match &node.kind {
                ExprKind::Struct { fields, .. } => Some((expr, fields)),
                _ => None,
            });
            literals.flat_map(move |(expr, fields)| {
                let owner = match types.exprs[expr].kind() {
                    TyKind::Adt(owner, _) => Some(*owner),
                    _ => None,
                };
                let foreign =
                    |value: &ExprId| matches!(types.exprs[*value].kind(), TyKind::Foreign(..) | TyKind::Unknown);
                let told = fields.iter().filter(move |(_, value)| foreign(value));
                told.filter_map(move |(name, value)| Some(((owner?, *name), tag_of(types.exprs[*value]))))
            })
        })
        .collect();
    let mut tags = Tags::default();
    for (field, tag) in all {
        tags.entry(field).and_modify(|known| *known = known.filter(|own| Some(*own) == tag)).or_insert(tag);
    }
    tags
}

/// Calls that give a file or a socket to a fn that waits on what it is given.
fn given_readers(
    linked: Linked<'_>,
    readers: &Readers,
    graph: &Graph,
    contexts: &Contexts,
    cuts: &dyn Cuts,
    id: BodyId,
) -> Vec<(Node, Effect, Source)> {
    let body = linked.body(id);
    let types = &linked.types[id];
    let mut found = Vec::new();
    for (expr, target) in &types.targets {
        let Target::Fn(callee) = target else { continue };
        let region = body.exprs[*expr].region;
        let context = contexts[id][region];
        let is_async = linked
            .world
            .body_of(*callee)
            .is_some_and(|callee| linked.body(callee).regions[RegionId(0)].kind == RegionKind::AsyncFn);
        let here = match context.kind {
            ContextKind::Async => context.reason != Reason::Macro,
            ContextKind::Sync => context.reason != Reason::Macro && !is_async,
            ContextKind::Offloaded | ContextKind::Thread | ContextKind::Unknown => false,
        };
        if !here || !linked.is_built(id, *expr) {
            continue;
        }
        for (category, waits) in readers::waits_at(linked, readers, id, *expr, *callee) {
            let effect = Effect::Blocks { category, kind: None, tier: Tier::Default };
            let place = Place { body: id, expr: *expr };
            let likely = types.is_likely(*expr);
            let cut = cuts.cuts(place, effect) || cuts.cuts(waits.place, effect);
            if context.kind == ContextKind::Async || !cut {
                let source =
                    Source { place, api: None, instead: None, path: waits.path, likely, within: Some(waits.place) };
                found.push((graph.node(RegionRef { body: id, region }), effect, source));
            }
        }
    }
    found
}

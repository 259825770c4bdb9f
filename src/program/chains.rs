//! Does reaching this region do something, and through which calls?

use crate::diagnostic::{Confidence, Hop};
use crate::hir::body::Target;
use crate::hir::context::ContextKind;
use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::{Edge, EdgeKind, Node};
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::link::graph::effects::Next;

use super::Program;
use super::constants::Known;

/// Helpers from which on a way is long.
const FAR: usize = 3;

impl Program {
    /// The shortest way from a region to an effect; empty `hops` when the region has the source itself.
    pub fn effect(&self, region: RegionRef, effect: Effect) -> Option<Chain> {
        let mut node = self.node(region);
        let mut hops = Vec::new();
        loop {
            match self.effects.next(effect, node)? {
                Next::Source(source) => {
                    let likely = source.likely || hops.iter().any(|h: &Edge| h.likely);
                    return Some(Chain { hops, source, likely });
                }
                Next::Edge(at) => {
                    let edge = self.graph.edges[at as usize];
                    hops.push(edge);
                    node = edge.callee;
                }
            }
        }
    }

    /// Sources of effects written in a region itself, in source order; what stands in a branch that is never taken is none.
    pub fn sources(&self, region: RegionRef) -> impl Iterator<Item = (Effect, Source)> {
        let own = self.effects.sources_of(self.node(region)).iter();
        let taken = own.filter(|(.., source)| !self.is_cut_off(source.place, &Known::default()));
        taken.map(|(_, effect, source)| (*effect, *source))
    }

    /// Calls from a region into plain workspace code that runs at once, in source order.
    pub fn inline_calls(&self, region: RegionRef) -> impl Iterator<Item = Edge> {
        self.graph.calls_from(self.node(region)).iter().copied().filter(|e| {
            e.kind == EdgeKind::Inline && self.context(self.graph.region(e.callee)).kind == ContextKind::Sync
        })
    }

    /// A way through several helpers that some step takes in a branch, a loop or a closure only: data may exclude it.
    pub fn is_far_and_conditional(&self, chain: &Chain) -> bool {
        let mut steps = chain.hops.iter().map(|hop| hop.place).chain([chain.source.place]);
        chain.hops.len() >= FAR && steps.any(|step| !self.is_unconditional(step))
    }

    /// The shortest chain of a call edge, whether it can be taken or not (see `ways`).
    pub(super) fn shortest_through(&self, edge: Edge, effect: Effect) -> Option<Chain> {
        if edge.likely && !self.all_alternatives_have(edge, effect) {
            return None;
        }
        if self.effects.is_barred(edge.callee) {
            return None;
        }
        let mut chain = self.effect(self.graph.region(edge.callee), effect)?;
        chain.likely |= edge.likely;
        chain.hops.insert(0, edge);
        Some(chain)
    }

    /// With several implementations of a trait method, an effect counts only when every one of them has it (decision M12).
    pub(super) fn all_alternatives_have(&self, edge: Edge, effect: Effect) -> bool {
        let calls = self.graph.calls_from(edge.caller).iter().filter(|e| e.place == edge.place);
        calls.into_iter().all(|e| self.effects.next(effect, e.callee).is_some())
    }

    /// The hops of a chain as a diagnostic carries them: what is called, and where.
    pub fn hops(&self, chain: &Chain) -> Vec<Hop> {
        let mut hops: Vec<Hop> =
            chain.hops.iter().filter(|edge| self.is_named(edge.callee)).map(|edge| self.hop(edge)).collect();
        let source = chain.source;
        if source.within.is_some()
            && let Some(callee) = self.callee_at(source.place)
        {
            hops.push(Hop { function: self.function_name(callee), span: self.call_span(source.place) });
        }
        let place = source.within.unwrap_or(source.place);
        hops.push(Hop { function: source.path.to_string(), span: self.call_span(place) });
        hops
    }

    /// The body of the workspace fn that is called at a place.
    pub fn callee_at(&self, place: Place) -> Option<BodyId> {
        match self.target(place) {
            Target::Fn(def) => self.body_of(def),
            _ => None,
        }
    }

    /// Closures are no step of their own: they stand in the fn that wrote them.
    fn is_named(&self, node: Node) -> bool {
        self.graph.region(node).region.0 == 0
    }

    fn hop(&self, edge: &Edge) -> Hop {
        let callee = self.graph.region(edge.callee);
        Hop { function: self.function_name(callee.body), span: self.call_span(edge.place) }
    }
}

/// The confidence of a chain.
pub const fn confidence(chain: &Chain) -> Confidence {
    if chain.likely { Confidence::Likely } else { Confidence::Certain }
}

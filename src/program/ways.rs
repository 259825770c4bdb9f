//! Ways to an effect that a call can really take.
//!
//! The shortest chain of `link` is tried first. Where a constant argument excludes one of its branches, no build holds its
//! parts together, or the asker has no use for its source, the other ways are searched, nearest first.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use crate::hir::context::ContextKind;
use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::{Edge, EdgeKind, Node};
use crate::hir::names::Place;

use super::Program;
use super::constants::Known;

/// Steps of one search; what lies further away is not reported.
const MAX_STEPS: usize = 1000;

/// A step of the search: a call, and what its callee knows.
struct Step {
    before: Option<usize>,
    edge: Edge,
    known: Known,
}

impl Program {
    /// The chain of a call to an effect: the call itself first, then what follows in the callee.
    pub fn chain_through(&self, edge: Edge, effect: Effect) -> Option<Chain> {
        self.way_through(edge, effect, &|_| Some(())).map(|(_, chain)| chain)
    }

    /// The shortest chain of a call to an effect that can be taken and that `accepts` has an answer for.
    pub fn way_through<T>(
        &self,
        edge: Edge,
        effect: Effect,
        accepts: &dyn Fn(&Chain) -> Option<T>,
    ) -> Option<(T, Chain)> {
        let shortest = self.shortest_through(edge, effect)?;
        if self.is_cut_off(edge.place, &Known::default()) {
            return None;
        }
        if self.can_be_taken(&shortest)
            && let Some(answer) = accepts(&shortest)
        {
            return Some((answer, shortest));
        }
        self.search(edge, effect, accepts)
    }

    fn can_be_taken(&self, chain: &Chain) -> bool {
        self.can_be_taken_with(chain, Known::default())
    }

    /// The same, where something is known of the parameters of the fn in which the chain starts.
    pub(super) fn can_be_taken_with(&self, chain: &Chain, known: Known) -> bool {
        let mut known = known;
        for hop in &chain.hops {
            if self.is_cut_off(hop.place, &known) {
                return false;
            }
            known = self.known_in_callee(*hop, &known);
        }
        !self.is_cut_off(chain.source.place, &known) && self.is_built(chain)
    }

    fn is_built(&self, chain: &Chain) -> bool {
        let places: Vec<Place> = chain.hops.iter().map(|hop| hop.place).chain([chain.source.place]).collect();
        !self.are_apart(&places)
    }

    fn search<T>(&self, edge: Edge, effect: Effect, accepts: &dyn Fn(&Chain) -> Option<T>) -> Option<(T, Chain)> {
        let mut steps = vec![Step { before: None, edge, known: self.known_in_callee(edge, &Known::default()) }];
        let mut seen: FxHashSet<(Node, Known)> = FxHashSet::default();
        let mut queue = VecDeque::from([0]);
        while let Some(at) = queue.pop_front() {
            let (node, known) = (steps[at].edge.callee, steps[at].known.clone());
            for (_, own, source) in self.effects.sources_of(node) {
                if *own != effect || self.is_cut_off(source.place, &known) {
                    continue;
                }
                let chain = chain_of(&steps, at, *source);
                if let Some(answer) = accepts(&chain).filter(|_| self.is_built(&chain)) {
                    return Some((answer, chain));
                }
            }
            for next in self.graph.calls_from(node) {
                if steps.len() >= MAX_STEPS || !self.carries(*next, effect) || self.is_cut_off(next.place, &known) {
                    continue;
                }
                let known = self.known_in_callee(*next, &known);
                if seen.insert((next.callee, known.clone())) {
                    queue.push_back(steps.len());
                    steps.push(Step { before: Some(at), edge: *next, known });
                }
            }
        }
        None
    }

    /// The effect comes to the caller through this call, as the search of `link` has it.
    fn carries(&self, edge: Edge, effect: Effect) -> bool {
        let (caller, callee) = (self.graph.region(edge.caller), self.graph.region(edge.callee));
        edge.kind == EdgeKind::Inline
            && self.effects.next(effect, edge.callee).is_some()
            && !self.effects.is_barred(edge.callee)
            && self.context(callee).kind == ContextKind::Sync
            && (!self.in_test(callee.body) || self.in_test(caller.body))
            && (!edge.likely || self.all_alternatives_have(edge, effect))
    }
}

fn chain_of(steps: &[Step], end: usize, source: Source) -> Chain {
    let mut hops = Vec::new();
    let mut at = Some(end);
    while let Some(step) = at.and_then(|at| steps.get(at)) {
        hops.push(step.edge);
        at = step.before;
    }
    hops.reverse();
    let likely = source.likely || hops.iter().any(|hop| hop.likely);
    Chain { hops, source, likely }
}

//! Which regions come to certain calls along edges that the asker chooses, and by which way.
//!
//! `program::chains` answers for effects that flow through plain code only; here awaited and spawned code may count as well. One
//! search backwards from all sources, as there: linear, indifferent to recursion, shortest ways first.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::{Edge, EdgeKind, Node};
use crate::hir::names::{BodyId, RegionRef};
use crate::link::graph::effects::Next;

use super::Program;

/// Calls on a way at most. Longer ones lead through dispatch on data, and were false wherever they were read.
const LONGEST: usize = 3;

/// Next hops towards the sources of one question.
#[derive(Debug, Default)]
pub struct Reach {
    next: FxHashMap<Node, Next>,
}

/// What a search follows and where it stops.
pub struct Along<'a> {
    /// Edges that carry it.
    pub follows: fn(EdgeKind) -> bool,
    /// Bodies that nothing leaves.
    pub barred: &'a dyn Fn(BodyId) -> bool,
}

impl Program {
    /// Sources of one effect in the whole program.
    pub fn sources_of_effect(&self, effect: Effect) -> Vec<(Node, Source)> {
        let all = self.effects.sources.iter();
        all.filter(|(_, own, _)| *own == effect).map(|(node, _, source)| (*node, *source)).collect()
    }

    /// Searches backwards from `sources`. Likely edges (one of several implementations) are not followed, nor is test code from
    /// other code.
    pub fn reach(&self, sources: &[(Node, Source)], along: &Along<'_>) -> Reach {
        let mut next: FxHashMap<Node, Next> = FxHashMap::default();
        let mut queue = VecDeque::new();
        for (node, source) in sources {
            if !next.contains_key(node) {
                next.insert(*node, Next::Source(*source));
                queue.push_back(*node);
            }
        }
        let mut barred: FxHashSet<Node> = FxHashSet::default();
        while let Some(node) = queue.pop_front() {
            let body = self.graph.region(node).body;
            if barred.contains(&node) || (along.barred)(body) {
                barred.insert(node);
                continue;
            }
            let range = self.graph.to[node] as usize..self.graph.to[Node(node.0 + 1)] as usize;
            for at in &self.graph.by_callee[range] {
                let edge = &self.graph.edges[*at as usize];
                let caller = self.graph.region(edge.caller).body;
                let follows =
                    (along.follows)(edge.kind) && !edge.likely && (!self.in_test(body) || self.in_test(caller));
                if follows && !next.contains_key(&edge.caller) {
                    next.insert(edge.caller, Next::Edge(*at));
                    queue.push_back(edge.caller);
                }
            }
        }
        next.retain(|node, _| !barred.contains(node));
        Reach { next }
    }

    /// The region that an edge leads to.
    pub fn callee_of(&self, edge: &Edge) -> RegionRef {
        self.graph.region(edge.callee)
    }

    /// Calls that a region makes, in source order.
    pub fn calls_from(&self, region: RegionRef) -> &[Edge] {
        self.graph.calls_from(self.node(region))
    }
}

impl Reach {
    /// The way from a region; empty `hops` when it has the source itself.
    pub fn chain(&self, program: &Program, region: RegionRef) -> Option<Chain> {
        let mut node = program.node(region);
        let mut hops = Vec::new();
        loop {
            match self.next.get(&node)? {
                Next::Source(source) => {
                    let likely = source.likely || hops.iter().any(|h: &Edge| h.likely);
                    return Some(Chain { hops, source: *source, likely });
                }
                Next::Edge(_) if hops.len() == LONGEST => return None,
                Next::Edge(at) => {
                    let edge = program.graph.edges[*at as usize];
                    hops.push(edge);
                    node = edge.callee;
                }
            }
        }
    }

    /// The way through a call: the call itself first.
    pub fn chain_through(&self, program: &Program, edge: Edge) -> Option<Chain> {
        let mut chain = self.chain(program, program.graph.region(edge.callee))?;
        chain.likely |= edge.likely;
        chain.hops.insert(0, edge);
        Some(chain)
    }
}

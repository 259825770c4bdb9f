//! Futures that plain fns give to their callers: `fn job(self) -> BoxFuture`, `fn parts(self) -> (Handle, BoxFuture)`.
//!
//! What runs them is seen where such a fn is called, and it may hand them on in its turn. These edges stand beside the graph: they
//! serve the question which thread runs a future, and no other.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{ExprKind, RegionId};
use crate::hir::graph::{Edge, EdgeKind, Graph, Node};

use super::Linked;
use super::consume::{self, Fate};
use super::runs::Runs;

/// Fns that hand on what another fn gave them, one after the other.
const MAX_ROUNDS: usize = 6;

/// Finds the calls that get the futures of `returned`: pairs of a fn and the region of its future.
pub fn find(linked: Linked<'_>, runs: &Runs, graph: &mut Graph, mut returned: Vec<(Node, Node)>) {
    let mut fates: FxHashMap<Edge, Fate> = FxHashMap::default();
    let mut known: FxHashSet<(Node, Node)> = returned.iter().copied().collect();
    let mut lent = Vec::new();
    let mut fresh = returned.clone();
    for _ in 0..MAX_ROUNDS {
        let mut next = Vec::new();
        for (made_by, future) in fresh {
            for edge in graph.calls_to(made_by).filter(|edge| edge.kind == EdgeKind::Inline) {
                let fate = *fates.entry(*edge).or_insert_with(|| of_call(linked, runs, edge));
                let caller = graph.region(edge.caller);
                if fate == Fate::Returned && caller.region == RegionId(0) {
                    next.extend(known.insert((edge.caller, future)).then_some((edge.caller, future)));
                } else {
                    lent.push(Edge { callee: future, kind: fate.edge(), ..*edge });
                }
            }
        }
        returned.extend(next.iter().copied());
        fresh = next;
    }
    // Whoever is left hands on what nobody was seen to get.
    lent.sort_unstable_by_key(|edge| (edge.callee, *edge));
    lent.dedup();
    returned.sort_unstable();
    graph.lent = lent;
    graph.returned = returned;
}

/// A fn that is only named gives its future to whoever calls it.
fn of_call(linked: Linked<'_>, runs: &Runs, edge: &Edge) -> Fate {
    match linked.body(edge.place.body).exprs[edge.place.expr].kind {
        ExprKind::Call { .. } | ExprKind::MethodCall { .. } => {
            consume::of(linked, runs, edge.place.body, edge.place.expr)
        }
        _ => Fate::LATER,
    }
}

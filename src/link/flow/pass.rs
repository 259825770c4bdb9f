//! The one forward pass: states at the start of each node, joined where ways meet, repeated until nothing changes.
//!
//! It sweeps the nodes in source order; only loops need more than one sweep, one more per level of nesting that changes something.

use crate::base::IndexVec;
use crate::facts::RegionId;

use crate::hir::flow::{Flow, NodeId};

/// A state that ways can be joined in. Joining must only grow it, and growing must end.
pub trait State: Clone {
    /// Takes over what `other` has; true when that changed anything.
    fn join(&mut self, other: &Self) -> bool;
}

/// The state at the start of each node; `None` where no way leads.
pub type Solution<S> = IndexVec<NodeId, Option<S>>;

/// Runs `step` over the events of `region` from the state `entry` on, and fills `solution` for its nodes.
pub fn forward<S: State>(
    flow: &Flow,
    region: RegionId,
    entry: S,
    solution: &mut Solution<S>,
    mut step: impl FnMut(&mut S, u32),
) {
    let Some(graph) = flow.region(region) else { return };
    solution[graph.entry] = Some(entry);
    let mut dirty = vec![false; graph.nodes.len()];
    dirty[flow.node(graph.entry).rank as usize] = true;
    let mut again = true;
    while again {
        again = false;
        for (rank, node) in graph.nodes.iter().enumerate() {
            if !std::mem::take(&mut dirty[rank]) {
                continue;
            }
            let Some(mut state) = solution[*node].clone() else { continue };
            for event in flow.node(*node).events.clone() {
                step(&mut state, event);
            }
            for next in flow.succs(*node) {
                let changed = match &mut solution[*next] {
                    Some(old) => old.join(&state),
                    empty @ None => {
                        *empty = Some(state.clone());
                        true
                    }
                };
                if changed {
                    let next_rank = flow.node(*next).rank as usize;
                    dirty[next_rank] = true;
                    again |= next_rank <= rank;
                }
            }
        }
    }
}

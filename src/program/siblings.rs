//! Whether the tasks of a test have company: others that wait when one of them blocks the thread.
//!
//! Looks at what the code starts or polls side by side, itself or in what it calls; never at timing.

use rustc_hash::FxHashSet;

use crate::catalog::Role;
use crate::facts::ExprKind;
use crate::facts::expr::MacroShape;
use crate::hir::context::{ContextKind, Entry};
use crate::hir::effect::{Chain, Effect, Source};
use crate::hir::graph::EdgeKind;
use crate::hir::names::{BodyId, RegionRef};

use super::Program;

/// Calls that are followed, down from a body and up to those that call it.
const DEPTH: u32 = 3;

impl Program {
    /// Something else may run on the thread of this body: a task that it starts, a branch of `select!` or `join!`, or those of its callers.
    pub fn has_company(&self, body: BodyId) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = vec![(body, 0)];
        while let Some((body, depth)) = open.pop() {
            if !seen.insert(body) {
                continue;
            }
            if self.starts_company(body, 0) {
                return true;
            }
            if depth < DEPTH {
                open.extend(self.callers_of(body).map(|caller| (caller, depth + 1)));
            }
        }
        false
    }

    fn starts_company(&self, body: BodyId, depth: u32) -> bool {
        let facts = self.body(body);
        let polls_many = facts.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Select(_) => !self.runs_apart(RegionRef { body, region: expr.region }),
            ExprKind::Macro(call) => {
                matches!(call.shape, MacroShape::Join | MacroShape::TryJoin)
                    && !self.runs_apart(RegionRef { body, region: expr.region })
            }
            _ => false,
        });
        polls_many
            || facts.regions.ids().map(|region| RegionRef { body, region }).any(|region| {
                let goes_on = || {
                    depth < DEPTH
                        && self.graph.calls_from(self.node(region)).iter().any(|edge| {
                            let callee = self.graph.region(edge.callee).body;
                            let apart = matches!(edge.kind, EdgeKind::Thread | EdgeKind::Offload);
                            callee != body && !apart && self.starts_company(callee, depth + 1)
                        })
                };
                !self.runs_apart(region) && (self.starts_task(region) || goes_on())
            })
    }

    /// On a thread that this code does not wait on: of its own, or of a pool.
    fn runs_apart(&self, region: RegionRef) -> bool {
        let chain = self.body(region.body).region_chain(region.region);
        chain.map(|outer| self.context(RegionRef { region: outer, ..region })).any(|context| {
            matches!(context.kind, ContextKind::Thread | ContextKind::Offloaded) || context.entry == Entry::OwnThread
        })
    }

    /// A task starts here or in plain helpers; work for the blocking pool is no task of the thread.
    fn starts_task(&self, region: RegionRef) -> bool {
        let counts = |source: &Source| source.api.is_none_or(|entry| entry.role != Some(Role::SpawnBlocking));
        let node = self.node(region);
        self.effects.next(Effect::Spawns, node).is_some()
            && (self.effects.sources_of(node).iter().any(|(_, own, source)| *own == Effect::Spawns && counts(source))
                || self.inline_calls(region).any(|edge| {
                    let accepts = |chain: &Chain| counts(&chain.source).then_some(());
                    self.way_through(edge, Effect::Spawns, &accepts).is_some()
                }))
    }

    fn callers_of(&self, body: BodyId) -> impl Iterator<Item = BodyId> {
        let nodes = self.body(body).regions.ids().map(move |region| self.node(RegionRef { body, region }));
        nodes.flat_map(|node| self.graph.calls_to(node)).map(|edge| self.graph.region(edge.caller).body)
    }
}

//! Whether the tasks of a test have company: others that wait when one of them blocks the thread.
//!
//! Looks at what the code starts or polls side by side, itself or in what it calls; never at timing.

use rustc_hash::FxHashSet;

use crate::facts::ExprKind;
use crate::facts::expr::MacroShape;
use crate::hir::body::Target;
use crate::hir::effect::Effect;
use crate::hir::names::{BodyId, Place, RegionRef};

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

    /// A call before the place, in its body, starts something that runs beside what comes after.
    pub(super) fn starts_before(&self, place: Place) -> bool {
        let targets = self.types_of(place.body).targets.iter();
        let before = targets.take_while(|(at, _)| *at < place.expr).filter_map(|(_, target)| match target {
            Target::Fn(def) => self.body_of(*def),
            _ => None,
        });
        before.into_iter().any(|callee| callee != place.body && self.starts_company(callee, 0))
    }

    fn starts_company(&self, body: BodyId, depth: u32) -> bool {
        let polls_many = self.body(body).exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Select(_) => true,
            ExprKind::Macro(call) => matches!(call.shape, MacroShape::Join | MacroShape::TryJoin),
            _ => false,
        });
        polls_many
            || self.body(body).regions.ids().any(|region| {
                let node = self.node(RegionRef { body, region });
                let starts = self.effects.next(Effect::Spawns, node).is_some();
                let goes_on = || {
                    depth < DEPTH
                        && self.graph.calls_from(node).iter().any(|edge| {
                            let callee = self.graph.region(edge.callee).body;
                            callee != body && self.starts_company(callee, depth + 1)
                        })
                };
                starts || goes_on()
            })
    }

    fn callers_of(&self, body: BodyId) -> impl Iterator<Item = BodyId> {
        let nodes = self.body(body).regions.ids().map(move |region| self.node(RegionRef { body, region }));
        nodes.flat_map(|node| self.graph.calls_to(node)).map(|edge| self.graph.region(edge.caller).body)
    }
}

//! What a way gives for the parameters of the fn it comes to.

use crate::facts::{LocalId, RegionId};
use crate::hir::graph::Edge;
use crate::hir::names::{BodyId, Place};

use super::Program;

impl Program {
    /// The argument that the last call on the way gives for a parameter, and the calls before that one.
    pub fn given_on_way<'h>(&self, body: BodyId, local: LocalId, hops: &'h [Edge]) -> Option<(Place, &'h [Edge])> {
        let (edge, before) = self.last_call_of(body, hops)?;
        self.given_for(edge.place, body, local).map(|arg| (arg, before))
    }

    /// The call of the fn of a body; closures that it runs in place are no call of it.
    fn last_call_of<'h>(&self, body: BodyId, mut hops: &'h [Edge]) -> Option<(Edge, &'h [Edge])> {
        loop {
            let (edge, before) = hops.split_last()?;
            let callee = self.graph.region(edge.callee);
            match (callee.body == body, callee.region == RegionId(0)) {
                (true, true) => return Some((*edge, before)),
                (true, false) => hops = before,
                (false, _) => return None,
            }
        }
    }
}

//! Where each region runs, and who calls whom.
//!
//! Three passes: how each callable is used (by body), what each callable parameter becomes (a fixed point over the
//! program, decision M10), and then contexts and edges. Nothing here reports anything.

mod command;
pub mod consume;
pub mod contexts;
pub mod edges;
pub mod effects;
pub mod entry;
pub mod given;
pub mod handed;
pub mod io;
pub mod kept;
pub mod lent;
pub mod modes;
pub mod once;
pub mod readers;
pub mod runs;
pub mod serving;
pub mod uses;
pub mod waits;

use crate::base::IndexVec;
use crate::facts::{Body, ExprId};
use crate::hir::body::BodyTypes;
use crate::hir::names::{BodyId, Truth};

use super::types::World;
use super::types::signatures::Signatures;

/// What the graph passes read.
#[derive(Clone, Copy)]
pub struct Linked<'a> {
    /// Facts, names, catalogue.
    pub world: World<'a>,
    /// Signatures.
    pub sigs: &'a Signatures,
    /// Types and targets.
    pub types: &'a IndexVec<BodyId, BodyTypes>,
}

impl<'a> Linked<'a> {
    /// A body.
    pub fn body(&self, id: BodyId) -> &'a Body {
        let at = self.world.names.body_ref(id);
        &self.world.facts[at.file].bodies[at.body]
    }

    /// Some build of the fixed profile holds the expression; a statement for tests counts in test code only.
    pub fn is_built(&self, id: BodyId, expr: ExprId) -> bool {
        let names = self.world.names;
        let body = self.body(id);
        if names.state(names.body_owner(id)).truth == Truth::False {
            return false;
        }
        let mut around = body.cfgs.iter().filter(|(guarded, _)| body.is_inside(expr, *guarded));
        !around.any(|(_, cfg)| {
            let state = names.cfg(cfg);
            state.truth == Truth::False || (state.test && !self.world.is_test_body(id))
        })
    }
}

//! Where each region runs, and who calls whom.
//!
//! Three passes: how each callable is used (by body), what each callable parameter becomes (a fixed point over the
//! program, decision M10), and then contexts and edges. Nothing here reports anything.

pub mod consume;
pub mod contexts;
pub mod edges;
pub mod effects;
pub mod entry;
pub mod io;
pub mod runs;
pub mod uses;

use crate::base::IndexVec;
use crate::facts::Body;
use crate::hir::body::BodyTypes;
use crate::hir::names::BodyId;

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
}

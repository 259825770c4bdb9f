//! The linked program and its questions: the façade that rules read.
//!
//! Built once from facts by the passes of `link`, then frozen and read from many threads. A rule asks here and nowhere else;
//! a question that is missing is added here, never answered by a walk inside a rule. `Unknown` is an answer.

mod answer;
pub mod ask;
pub mod chains;
pub mod describe;
pub mod dump;
pub mod fate;
pub mod flow;
pub mod flow_oracle;
pub mod lives;
pub mod needs;
pub mod origin;
mod places;
pub mod reach;
pub mod shape;
pub mod spans;
pub mod spawned;
pub mod stats;
pub mod threads;

use std::sync::Arc;

use crate::base::{FileId, IndexVec};
use crate::catalog::Catalog;
use crate::facts::FileFacts;
use crate::hir::body::BodyTypes;
use crate::hir::graph::Graph;
use crate::hir::names::BodyId;
use crate::link::cfg::Profile;
use crate::link::crates::Layout;
use crate::link::graph::effects::{self, Cuts, Effects};
use crate::link::graph::entry::Contexts;
use crate::link::graph::runs::Runs;
use crate::link::graph::{Linked, contexts, edges, entry};
use crate::link::infer;
use crate::link::names::Names;
use crate::link::types::World;
use crate::link::types::signatures::Signatures;
use crate::source::Sources;

pub use fate::{Discard, Fate};
pub use flow_oracle::{Carried, TypeClass, Wanted};
pub use shape::Shape;
pub use spawned::Spawned;

/// The linked program.
pub struct Program {
    /// Files, packages and targets.
    pub sources: Sources,
    /// Facts of each file.
    pub facts: Arc<IndexVec<FileId, FileFacts>>,
    /// What outside APIs do.
    pub catalog: &'static Catalog,
    /// Resolved names.
    pub names: Names,
    /// Signatures.
    pub sigs: Signatures,
    /// Types and targets of each body.
    pub types: IndexVec<BodyId, BodyTypes>,
    /// Where callables run.
    pub runs: Runs,
    /// Where each region runs.
    pub contexts: Contexts,
    /// Calls.
    pub graph: Graph,
    /// What calls carry to their callers.
    pub effects: Effects,
    /// Bodies that were lowered.
    flows: lives::Flows,
}

/// Time spent in the passes of link, for `--timings`.
pub type Timings = Vec<(&'static str, std::time::Duration)>;

impl Program {
    /// Links facts into a program.
    pub fn build(
        sources: Sources,
        facts: Arc<IndexVec<FileId, FileFacts>>,
        catalog: &'static Catalog,
        cuts: &dyn CutsOf,
    ) -> Self {
        let names = Names::build(&Layout::from(&sources), Arc::clone(&facts), Arc::new(catalog), Profile::default());
        let world = World { facts: &facts, names: &names, catalog, sources: &sources };
        let sigs = Signatures::build(world);
        let types = infer::all(world, &sigs);
        let linked = Linked { world, sigs: &sigs, types: &types };
        let runs = Runs::build(linked);
        let mut contexts = contexts::build(linked, &runs);
        let graph = edges::build(linked, &runs);
        entry::mark(linked, &graph, &mut contexts);
        let effects = effects::build(linked, &graph, &contexts, &*cuts.of(&facts, &names));
        let flows = lives::Flows::new(types.len());
        Self { sources, facts, catalog, names, sigs, types, runs, contexts, graph, effects, flows }
    }

    pub(crate) fn world(&self) -> World<'_> {
        World { facts: &self.facts, names: &self.names, catalog: self.catalog, sources: &self.sources }
    }

    pub(crate) fn linked(&self) -> Linked<'_> {
        Linked { world: self.world(), sigs: &self.sigs, types: &self.types }
    }
}

/// Makes the cuts once names are known.
pub trait CutsOf: Sync {
    /// Cuts for this program.
    fn of<'a>(&'a self, facts: &'a IndexVec<FileId, FileFacts>, names: &'a Names) -> Box<dyn Cuts + 'a>;
}

//! The linked program and its questions: the façade that rules read.
//!
//! Built once from facts by the passes of `link`, then frozen and read from many threads. A rule asks here and nowhere else;
//! a question that is missing is added here, never answered by a walk inside a rule. `Unknown` is an answer.

mod abort_on_drop;
mod answer;
pub mod ask;
mod awaitable;
mod branches;
mod builds;
pub mod carried;
pub mod chains;
pub mod constants;
mod deliberate;
pub mod describe;
mod driven;
pub mod dump;
mod ends;
pub mod fate;
pub mod fields;
pub mod flow;
pub mod flow_oracle;
mod given;
mod held;
mod invariants;
mod lazies;
mod lent;
pub mod lives;
pub mod locks;
pub mod loss;
pub mod needs;
pub mod origin;
mod own_runtime;
pub mod owner;
pub mod panics;
mod parts;
mod places;
pub mod reach;
mod ready;
mod reports;
mod risk;
mod room;
pub mod scope;
mod select;
pub mod shape;
mod siblings;
pub mod spans;
pub mod spawned;
pub mod stats;
mod supervision;
pub mod tasks;
pub mod threads;
mod tried;
mod ways;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use crate::base::{FileId, IndexVec};
use crate::catalog::Catalog;
use crate::facts::FileFacts;
use crate::hir::body::BodyTypes;
use crate::hir::graph::Graph;
use crate::hir::names::{BodyId, TypeHead};
use crate::link::cfg::Profile;
use crate::link::crates::Layout;
use crate::link::declared::Declared;
use crate::link::graph::effects::{self, Cuts, Effects};
use crate::link::graph::entry::Contexts;
use crate::link::graph::runs::Runs;
use crate::link::graph::{Linked, contexts, edges, entry};
use crate::link::infer;
use crate::link::names::Names;
use crate::link::types::World;
use crate::link::types::signatures::Signatures;
use crate::source::Sources;

pub use carried::{Carried, Wanted};
pub use fate::{Discard, Fate};
pub use flow_oracle::TypeClass;
pub use loss::Loss;
pub use risk::{Hazard, Risk};
pub use shape::Shape;
pub use spawned::Spawned;
pub use tasks::{Starter, Task, Work};

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
    /// What the configuration says about items of the workspace.
    declared: Declared,
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
    /// Functions whose author says that they may run without anybody who waits for them.
    pub detached_ok: FxHashSet<BodyId>,
    fields: OnceLock<fields::FieldUses>,
    panics: OnceLock<panics::Panics>,
    holdings: carried::Holdings,
    has_runtime: OnceLock<bool>,
    on_blocking_runtimes: OnceLock<FxHashSet<TypeHead>>,
}

/// What is believed about the world outside the files.
#[derive(Clone, Debug)]
pub struct Outside {
    /// What outside APIs do.
    pub catalog: &'static Catalog,
    /// Which conditions of `cfg` hold.
    pub profile: Profile,
}

impl Default for Outside {
    fn default() -> Self {
        Self { catalog: Catalog::builtin(), profile: Profile::default() }
    }
}

/// Time spent in the passes of link, for `--timings`.
pub type Timings = Vec<(&'static str, std::time::Duration)>;

impl Program {
    /// Links facts into a program.
    pub fn build(
        sources: Sources,
        facts: Arc<IndexVec<FileId, FileFacts>>,
        outside: Outside,
        cuts: &dyn CutsOf,
    ) -> Self {
        let Outside { catalog, profile } = outside;
        let names = Names::build(&Layout::from(&sources), Arc::clone(&facts), Arc::new(catalog), profile);
        let declared = Declared::build(catalog, &names);
        let world = World { facts: &facts, names: &names, catalog, sources: &sources, declared: &declared };
        let sigs = Signatures::build(world);
        let types = infer::all(world, &sigs);
        let linked = Linked { world, sigs: &sigs, types: &types };
        let runs = Runs::build(linked);
        let mut contexts = contexts::build(linked, &runs);
        let graph = edges::build(linked, &runs);
        entry::mark(linked, &graph, &mut contexts);
        let cuts = cuts.of(&facts, &names);
        let effects = effects::build(linked, &runs, &graph, &contexts, &*cuts);
        let bodies = (0..types.len()).map(|at| BodyId(at as u32));
        let detached_ok = bodies.filter(|body| cuts.detached_ok(*body)).collect();
        drop(cuts);
        let flows = lives::Flows::new(types.len());
        let fields = OnceLock::new();
        let holdings = carried::Holdings::new(names.defs().len());
        Self {
            sources,
            facts,
            catalog,
            names,
            declared,
            sigs,
            types,
            runs,
            contexts,
            graph,
            effects,
            flows,
            detached_ok,
            fields,
            panics: OnceLock::new(),
            holdings,
            has_runtime: OnceLock::new(),
            on_blocking_runtimes: OnceLock::new(),
        }
    }

    /// Ends a run that the process does not outlive. Giving the memory back piece by piece would take longer than linking names
    /// does, for nobody; only the sources are still asked for.
    pub fn end(self) -> Sources {
        let Self { sources, facts, names, sigs, types, runs, contexts, graph, effects, flows, holdings, .. } = self;
        std::mem::forget((facts, names, sigs, types, runs, contexts));
        std::mem::forget((graph, effects, flows, holdings));
        sources
    }

    pub(crate) fn world(&self) -> World<'_> {
        World {
            facts: &self.facts,
            names: &self.names,
            catalog: self.catalog,
            sources: &self.sources,
            declared: &self.declared,
        }
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

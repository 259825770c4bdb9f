//! Where callables run: a fact for each callable parameter, a fixed point over the program (decisions M10, M11).

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::base::IndexVec;
use crate::catalog::Place as Where;
use crate::facts::expr::{LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, PatKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, DefId};

use super::super::types::project;
use super::Linked;
use super::kept::Kept;
use super::uses::{CallableUses, Use, collect};

/// Where a callable runs relative to the code that hands it over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// No use was seen yet.
    Bottom,
    /// Before the call returns, on the same thread and in the same context.
    Inline,
    /// Polled or called by an executor.
    Async,
    /// On a blocking pool.
    Offloaded,
    /// On a thread of its own.
    Thread,
    /// Kept, returned, or different answers: not known.
    Later,
}

impl Fact {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bottom, x) | (x, Self::Bottom) => x,
            (x, y) if x == y => x,
            _ => Self::Later,
        }
    }
}

/// One use, settled: where the callable runs, and the expression that shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ran {
    /// Where. `Inline` means: in the region of `at`.
    pub fact: Fact,
    /// The call.
    pub at: ExprId,
}

/// Facts about callables of the whole program.
#[derive(Debug)]
pub struct Runs {
    uses: IndexVec<BodyId, CallableUses>,
    params: FxHashMap<(DefId, usize), Fact>,
    /// Futures that structs keep.
    pub kept: Kept,
}

/// Facts settle in three or four rounds on real code; the bound only keeps cycles finite.
const MAX_ROUNDS: usize = 16;

impl Runs {
    /// Collects uses and iterates to the fixed point.
    pub fn build(linked: Linked<'_>) -> Self {
        let uses: Vec<CallableUses> =
            (0..linked.types.len()).into_par_iter().map(|at| collect(linked, BodyId(at as u32))).collect();
        let mut runs = Self { uses: IndexVec::from_vec(uses), params: FxHashMap::default(), kept: Kept::build(linked) };
        for _ in 0..MAX_ROUNDS {
            if !runs.round(linked) {
                break;
            }
        }
        runs
    }

    fn round(&mut self, linked: Linked<'_>) -> bool {
        let mut changed = false;
        for (id, uses) in self.uses.iter_ids() {
            if uses.params.is_empty() {
                continue;
            }
            let Some(def) = linked.world.fn_of(id) else { continue };
            for (index, uses) in &uses.params {
                let fact = uses.iter().fold(Fact::Bottom, |fact, used| fact.join(self.param_use(linked, id, *used)));
                let old = self.params.insert((def, *index), fact);
                changed |= old != Some(fact);
            }
        }
        changed
    }

    fn param_use(&self, linked: Linked<'_>, id: BodyId, used: Use) -> Fact {
        let ran = self.ran(linked, id, used, 0);
        match ran.fact {
            Fact::Inline => self.region_fact(linked, id, linked.body(id).exprs[ran.at].region, 0),
            other => other,
        }
    }

    /// What one use means.
    fn ran(&self, linked: Linked<'_>, id: BodyId, used: Use, depth: u32) -> Ran {
        match used {
            Use::Called(at) => Ran { fact: Fact::Inline, at },
            Use::Passed { call, index } => self.passed(linked, id, call, index, depth),
            Use::Escapes => Ran { fact: Fact::Later, at: ExprId(0) },
        }
    }

    fn passed(&self, linked: Linked<'_>, id: BodyId, call: ExprId, index: usize, _depth: u32) -> Ran {
        let fact = match linked.types[id].target(call) {
            Target::Api(entry) => match entry.runs.iter().find(|r| r.arg == index).map(|r| r.place) {
                Some(Where::Inline) => Fact::Inline,
                Some(Where::Async | Where::Task) => Fact::Async,
                Some(Where::Offloaded) => Fact::Offloaded,
                Some(Where::Thread) => Fact::Thread,
                Some(Where::Lazy) => return lazily(linked, id, call, 0),
                Some(Where::Later) | None => Fact::Later,
            },
            Target::Fn(def) => {
                let shift = usize::from(self.is_path_call_of_method(linked, id, call, def));
                match index.checked_sub(shift) {
                    Some(index) => self.params.get(&(def, index)).copied().unwrap_or(Fact::Bottom),
                    None => Fact::Later,
                }
            }
            Target::TraitFn(_)
            | Target::Foreign(_)
            | Target::Ctor(_)
            | Target::Closure(_)
            | Target::Local(_)
            | Target::Unknown => Fact::Later,
        };
        Ran { fact, at: call }
    }

    fn is_path_call_of_method(&self, linked: Linked<'_>, id: BodyId, call: ExprId, def: DefId) -> bool {
        let is_path = matches!(linked.body(id).exprs[call].kind, ExprKind::Call { .. });
        is_path && linked.sigs.func(linked.world.names.item_ref(def)).is_some_and(|sig| sig.receiver.is_some())
    }

    /// How a closure runs: all its uses agree, or nothing is known. `at` shows it.
    pub fn closure(&self, linked: Linked<'_>, id: BodyId, region: RegionId) -> Ran {
        let none = Ran { fact: Fact::Later, at: ExprId(0) };
        let Some(uses) = self.uses[id].closures.get(&region) else { return none };
        let mut found: Option<Ran> = None;
        for used in uses {
            let ran = self.ran(linked, id, *used, 0);
            if ran.fact == Fact::Bottom {
                continue;
            }
            match found {
                None => found = Some(ran),
                Some(before) if before.fact == ran.fact => {}
                Some(_) => return none,
            }
        }
        found.unwrap_or(none)
    }

    /// Where a region runs relative to the fn that holds it.
    fn region_fact(&self, linked: Linked<'_>, id: BodyId, region: RegionId, depth: u32) -> Fact {
        let body = linked.body(id);
        match body.regions[region].kind {
            RegionKind::Fn | RegionKind::Const => Fact::Inline,
            RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::Stream | RegionKind::AsyncClosure => Fact::Async,
            RegionKind::Opaque => Fact::Later,
            RegionKind::Closure if depth > 8 => Fact::Later,
            RegionKind::Closure => {
                let ran = self.closure(linked, id, region);
                match ran.fact {
                    Fact::Inline => self.region_fact(linked, id, body.exprs[ran.at].region, depth + 1),
                    other => other,
                }
            }
        }
    }

    /// The fact of a parameter of a workspace fn.
    pub fn param(&self, def: DefId, index: usize) -> Fact {
        self.params.get(&(def, index)).copied().unwrap_or(Fact::Bottom)
    }

    /// How a fn named as argument `index` of `call` runs.
    pub fn argument(&self, linked: Linked<'_>, id: BodyId, call: ExprId, index: usize) -> Ran {
        self.passed(linked, id, call, index, 0)
    }
}

/// A lazy adaptor's closure runs where its chain is consumed: a consuming method or a `for`, in this body.
fn lazily(linked: Linked<'_>, id: BodyId, adaptor: ExprId, depth: u32) -> Ran {
    let body = linked.body(id);
    let later = Ran { fact: Fact::Later, at: adaptor };
    let mut at = adaptor;
    for _ in 0..64 {
        let Some(parent) = body.exprs[at].parent else { return later };
        match &body.exprs[parent].kind {
            ExprKind::MethodCall { recv, .. } if *recv == at => {
                if !is_lazy(linked, id, parent) {
                    return Ran { fact: Fact::Inline, at: parent };
                }
                at = parent;
            }
            ExprKind::Loop { kind: LoopKind::For { iter, .. }, .. } if *iter == at => {
                return Ran { fact: Fact::Inline, at: parent };
            }
            ExprKind::Ref { .. } => at = parent,
            ExprKind::Block(block) if depth < 4 => {
                let local = block.stmts.iter().find_map(|stmt| match stmt {
                    Stmt::Let { pat, init: Some(init), .. } if *init == at => match body.pats[*pat].kind {
                        PatKind::Bind { local, .. } => Some(local),
                        _ => None,
                    },
                    _ => None,
                });
                return local.map_or(later, |local| consumed_local(linked, id, local, at, depth));
            }
            _ => return later,
        }
    }
    later
}

/// The value of a call is again a chain that has not run.
fn is_lazy(linked: Linked<'_>, id: BodyId, call: ExprId) -> bool {
    let ty = linked.types[id].exprs[call];
    let iterator = ty.path().and_then(|p| linked.world.catalog.ty(p)).is_some_and(|e| e.is_iterator);
    iterator || project::stream_item(linked.world, ty).is_some()
}

fn consumed_local(linked: Linked<'_>, id: BodyId, local: LocalId, after: ExprId, depth: u32) -> Ran {
    let body = linked.body(id);
    let mut mentions =
        body.exprs.iter_ids().filter(|(e, x)| *e > after && matches!(x.kind, ExprKind::Local(l) if l == local));
    mentions.next().map_or(Ran { fact: Fact::Later, at: after }, |(e, _)| lazily(linked, id, e, depth + 1))
}

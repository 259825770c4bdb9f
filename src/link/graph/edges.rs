//! The edges of the call graph.

use rayon::prelude::*;

use crate::base::{IndexVec, Name};
use crate::facts::expr::LoopKind;
use crate::facts::{Body, ExprId, ExprKind, RegionId, RegionKind};
use crate::hir::body::{Callable, Target};
use crate::hir::graph::{Edge, EdgeKind, Graph, Node};
use crate::hir::names::{BodyId, DefId, Place, RegionRef, Res};
use crate::hir::ty::TyKind;

use super::Linked;
use super::consume::{self, Fate};
use super::handed::is_apart;
use super::lent;
use super::runs::{Fact, Ran, Runs};

/// Builds the graph.
pub fn build(linked: Linked<'_>, runs: &Runs) -> Graph {
    let mut bases = Vec::with_capacity(linked.types.len() + 1);
    let mut next = 0_u32;
    for at in 0..linked.types.len() {
        bases.push(next);
        next += linked.body(BodyId(at as u32)).regions.len() as u32;
    }
    bases.push(next);
    let mut graph = Graph { bases, ..Graph::default() };
    let found: Vec<Found> = (0..linked.types.len())
        .into_par_iter()
        .map(|at| Collect::new(linked, runs, &graph, BodyId(at as u32)).edges())
        .collect();
    let mut edges: Vec<Edge> = Vec::with_capacity(found.iter().map(|one| one.edges.len()).sum());
    let mut returned = Vec::new();
    for one in found {
        edges.extend(one.edges);
        returned.extend(one.returned);
    }
    edges.par_sort_unstable();
    edges.dedup();
    index(&mut graph, edges);
    lent::find(linked, runs, &mut graph, returned);
    graph
}

fn index(graph: &mut Graph, edges: Vec<Edge>) {
    let nodes = graph.len();
    graph.from = starts(nodes, edges.iter().map(|e| e.caller));
    let mut by_callee: Vec<u32> = (0..edges.len() as u32).collect();
    by_callee.sort_by_key(|at| (edges[*at as usize].callee, *at));
    graph.to = starts(nodes, by_callee.iter().map(|at| edges[*at as usize].callee));
    graph.by_callee = by_callee;
    graph.edges = edges;
}

fn starts(nodes: usize, sorted: impl Iterator<Item = Node>) -> IndexVec<Node, u32> {
    let mut starts = vec![0_u32; nodes + 1];
    for node in sorted {
        starts[node.0 as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    IndexVec::from_vec(starts)
}

/// What one body says.
#[derive(Default)]
struct Found {
    edges: Vec<Edge>,
    /// Its fn, and the region of a future that it gives to its callers.
    returned: Vec<(Node, Node)>,
}

/// Collects the edges that leave one body.
struct Collect<'a> {
    linked: Linked<'a>,
    runs: &'a Runs,
    graph: &'a Graph,
    id: BodyId,
    body: &'a Body,
    found: Found,
}

impl<'a> Collect<'a> {
    fn new(linked: Linked<'a>, runs: &'a Runs, graph: &'a Graph, id: BodyId) -> Self {
        Self { linked, runs, graph, id, body: linked.body(id), found: Found::default() }
    }

    fn edges(mut self) -> Found {
        for (expr, target) in &self.linked.types[self.id].targets {
            match target {
                Target::Fn(def) => self.call(*expr, &[*def], false),
                Target::TraitFn(def) => {
                    let found = implementations(self.linked, *def);
                    self.call(*expr, &found, found.len() > 1);
                }
                Target::Closure(region) if region.body == self.id => self.push(*expr, region.region, EdgeKind::Inline),
                Target::Closure(_)
                | Target::Api(_)
                | Target::Foreign(_)
                | Target::Ctor(_)
                | Target::Local(_)
                | Target::Unknown => {}
            }
        }
        self.handed_fns();
        self.turned_iterators();
        self.inner_regions();
        self.found
    }

    fn call(&mut self, expr: ExprId, defs: &[DefId], likely: bool) {
        for def in defs {
            for twin in std::iter::once(*def).chain(self.linked.world.names.twins(*def).iter().copied()) {
                self.call_one(expr, twin, likely);
            }
        }
    }

    fn call_one(&mut self, expr: ExprId, def: DefId, likely: bool) {
        let Some(callee) = self.linked.world.body_of(def) else { return };
        let is_async = matches!(self.linked.body(callee).regions[RegionId(0)].kind, RegionKind::AsyncFn);
        let likely = likely || self.linked.types[self.id].is_likely(expr);
        let target = RegionRef { body: callee, region: RegionId(0) };
        if is_async {
            self.future(expr, target, consume::of(self.linked, self.runs, self.id, expr), likely);
        } else {
            self.edge(expr, target, EdgeKind::Inline, likely);
        }
    }

    /// A `for` over an iterator of the workspace calls its `next`.
    fn turned_iterators(&mut self) {
        for expr in self.body.exprs.iter() {
            let ExprKind::Loop { kind: LoopKind::For { iter, is_await: false, .. }, .. } = expr.kind else { continue };
            let TyKind::Adt(def, _) = self.linked.types[self.id].exprs[iter].peel_refs().kind() else { continue };
            let Some(next) = self.linked.world.fn_of_type(*def, Name::new("next")) else { continue };
            let takes_self_only =
                self.linked.sigs.func(self.linked.world.names.item_ref(next)).is_some_and(|sig| sig.params.is_empty());
            if takes_self_only {
                self.call_one(iter, next, false);
            }
        }
    }

    /// Workspace fns named as arguments: they run as a closure there would.
    fn handed_fns(&mut self) {
        let linked = self.linked;
        for handover in &linked.types[self.id].handovers {
            let Callable::Fn(def) = handover.callable else { continue };
            let Some(callee) = linked.world.body_of(def) else { continue };
            let ran = self.runs.argument(linked, self.id, handover.call, handover.index);
            let target = RegionRef { body: callee, region: RegionId(0) };
            let is_async = linked.body(callee).regions[RegionId(0)].kind == RegionKind::AsyncFn;
            let made = || consume::of_named(linked, self.runs, self.id, handover.call, handover.index);
            let apart = is_async.then(made).filter(|fate| is_apart(*fate));
            self.edge(handover.arg_expr, target, apart.map_or(edge_kind(ran), Fate::edge), false);
        }
    }

    /// Closures and async blocks written here.
    fn inner_regions(&mut self) {
        for (region, decl) in self.body.regions.iter_ids().skip(1) {
            let target = RegionRef { body: self.id, region };
            match decl.kind {
                RegionKind::Closure => {
                    let ran = self.runs.closure(self.linked, self.id, region);
                    // One that runs at once does so in the region of the call, which need not be the one that wrote it.
                    let at = if ran.fact == Fact::Inline { ran.at } else { decl.expr };
                    self.push(at, region, edge_kind(ran));
                }
                RegionKind::AsyncBlock | RegionKind::Stream => {
                    self.future(decl.expr, target, consume::of(self.linked, self.runs, self.id, decl.expr), false);
                }
                RegionKind::AsyncClosure => {
                    let fate = consume::of_async_closure(self.linked, self.runs, self.id, decl.expr);
                    self.push(decl.expr, region, fate.edge());
                }
                RegionKind::Opaque => self.push(decl.expr, region, EdgeKind::Inline),
                RegionKind::Fn | RegionKind::AsyncFn | RegionKind::Const => {}
            }
        }
    }

    /// A future that is made at `expr`.
    fn future(&mut self, expr: ExprId, callee: RegionRef, fate: Fate, likely: bool) {
        if fate == Fate::Returned && self.body.exprs[expr].region == RegionId(0) {
            let own = self.graph.node(RegionRef { body: self.id, region: RegionId(0) });
            self.found.returned.push((own, self.graph.node(callee)));
        }
        self.edge(expr, callee, fate.edge(), likely);
    }

    fn push(&mut self, expr: ExprId, region: RegionId, kind: EdgeKind) {
        self.edge(expr, RegionRef { body: self.id, region }, kind, false);
    }

    fn edge(&mut self, expr: ExprId, callee: RegionRef, kind: EdgeKind, likely: bool) {
        if !self.linked.is_built(self.id, expr) {
            return;
        }
        let caller = RegionRef { body: self.id, region: self.body.exprs[expr].region };
        self.found.edges.push(Edge {
            caller: self.graph.node(caller),
            place: Place { body: self.id, expr },
            callee: self.graph.node(callee),
            kind,
            likely,
        });
    }
}

const fn edge_kind(ran: Ran) -> EdgeKind {
    match ran.fact {
        Fact::Inline => EdgeKind::Inline,
        Fact::Async => EdgeKind::Later,
        Fact::Offloaded => EdgeKind::Offload,
        Fact::Thread => EdgeKind::Thread,
        Fact::Bottom | Fact::Later => EdgeKind::Later,
    }
}

/// The bodies that a call through a workspace trait can run: real implementations, or the default (decision M12).
pub fn implementations(linked: Linked<'_>, method: DefId) -> Vec<DefId> {
    let world = linked.world;
    let Some(trait_) = world.parent(method) else { return vec![method] };
    let name = world.item(method).1.name;
    let has_default = world.body_of(method).is_some();
    let mut found = Vec::new();
    for imp in world.names.impls_of_trait(Res::Def(trait_)) {
        if !world.names.impl_info(*imp).is_some_and(|info| info.is_real()) {
            continue;
        }
        match world.names.impl_member(*imp, name) {
            Some(def) => found.push(def),
            None if has_default => found.push(method),
            None => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() && has_default { vec![method] } else { found }
}

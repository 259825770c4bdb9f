//! Nodes, edges and events while a region is lowered.
//!
//! It knows nothing of expressions beyond their ids. A node is placed once; its events follow each other.

use std::ops::Range;

use crate::base::IndexVec;
use crate::facts::{ExprId, LocalId, RegionId};
use crate::hir::flow::{
    Event, Flow, Jump, Leave, LocalScope, Node, NodeId, RegionGraph, TempKind, TempScope, TempScopeInfo,
};

/// No scope was chosen yet.
pub(super) const UNSET: TempScope = TempScope(u32::MAX);

/// A flow under construction.
pub(super) struct Builder {
    pub(super) flow: Flow,
    edges: Vec<(NodeId, NodeId)>,
    /// The node that takes the next event.
    current: NodeId,
    /// Nodes of the current region in the order in which they were placed.
    placed: Vec<NodeId>,
}

impl Builder {
    pub(super) fn new(exprs: usize, locals: usize, regions: usize) -> Self {
        let flow = Flow {
            regions: IndexVec::filled(None, regions),
            spans: IndexVec::filled((0, 0), exprs),
            temps: IndexVec::filled(UNSET, exprs),
            declared: IndexVec::filled(u32::MAX, locals),
            ..Flow::default()
        };
        Self { flow, edges: Vec::new(), current: NodeId(0), placed: Vec::new() }
    }

    /// Index of the next event.
    pub(super) fn position(&self) -> u32 {
        self.flow.events.len() as u32
    }

    /// A node that is placed later.
    pub(super) fn node(&mut self) -> NodeId {
        self.flow.nodes.push(Node::default())
    }

    /// The node that takes events now.
    pub(super) const fn current(&self) -> NodeId {
        self.current
    }

    /// Events go to `node` from now on. No edge is made.
    pub(super) fn place(&mut self, node: NodeId) {
        self.close();
        let position = self.position();
        let placed = &mut self.flow.nodes[node];
        placed.events = position..position;
        placed.rank = self.placed.len() as u32;
        self.placed.push(node);
        self.current = node;
    }

    fn close(&mut self) {
        let position = self.position();
        if self.placed.last() == Some(&self.current) {
            self.flow.nodes[self.current].events.end = position;
        }
    }

    /// A new node after the current one, without an edge: what follows a jump.
    pub(super) fn place_dead(&mut self) {
        let node = self.node();
        self.place(node);
    }

    /// A new node that the current one leads to.
    pub(super) fn place_next(&mut self) {
        let node = self.node();
        self.edge_to(node);
        self.place(node);
    }

    pub(super) fn edge(&mut self, from: NodeId, to: NodeId) {
        self.edges.push((from, to));
    }

    /// An edge from the current node.
    pub(super) fn edge_to(&mut self, to: NodeId) {
        self.edges.push((self.current, to));
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.flow.events.push(event);
        self.flow.node_of.push(self.current);
    }

    pub(super) fn jump(&mut self, jump: Jump) {
        self.flow.jumps.push(jump);
    }

    pub(super) fn emit_leave(&mut self, leave: Leave) {
        let index = self.flow.leaves.len() as u32;
        self.flow.leaves.push(leave);
        self.emit(Event::Leave(index));
    }

    pub(super) fn temp_scope(&mut self, kind: TempKind, owner: ExprId) -> TempScope {
        self.flow.temp_scopes.push(TempScopeInfo { kind, owner })
    }

    /// The scope that the next call of `temp_scope` makes.
    pub(super) fn next_temp_scope(&self) -> TempScope {
        self.flow.temp_scopes.next_id()
    }

    pub(super) fn local_scope(&mut self) -> LocalScope {
        self.flow.local_scopes.push(Vec::new())
    }

    /// `local` comes to life at the next event and dies with `scope`.
    pub(super) fn declare(&mut self, scope: LocalScope, local: LocalId) {
        let position = self.position();
        self.flow.local_scopes[scope].push(local);
        self.flow.declared[local] = position;
    }

    /// Starts a region and answers its entry, its end and its end by error.
    pub(super) fn open_region(&mut self) -> (NodeId, NodeId, NodeId) {
        self.placed.clear();
        let (entry, end, error) = (self.node(), self.node(), self.node());
        self.place(entry);
        (entry, end, error)
    }

    /// The current node leads to the end of the region; the ends are placed last.
    pub(super) fn close_region(&mut self, region: RegionId, (entry, end, error): (NodeId, NodeId, NodeId)) {
        self.edge_to(end);
        self.place(end);
        self.place(error);
        self.close();
        let nodes = std::mem::take(&mut self.placed);
        self.flow.regions[region] = Some(RegionGraph { entry, end, error, nodes });
    }

    /// Sorts the edges into tables and marks what can be reached.
    pub(super) fn finish(mut self) -> Flow {
        let flow = &mut self.flow;
        self.edges.sort_unstable();
        self.edges.dedup();
        flow.succs = self.edges.iter().map(|(_, to)| *to).collect();
        for_each_run(&self.edges, |e| e.0, |node, range| flow.nodes[node].succs = range);
        self.edges.sort_unstable_by_key(|(from, to)| (*to, *from));
        flow.preds = self.edges.iter().map(|(from, _)| *from).collect();
        for_each_run(&self.edges, |e| e.1, |node, range| flow.nodes[node].preds = range);
        let mut open: Vec<NodeId> = flow.regions.iter().flatten().map(|r| r.entry).collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut flow.nodes[node].reachable, true) {
                let range = flow.nodes[node].succs.clone();
                open.extend_from_slice(&flow.succs[range.start as usize..range.end as usize]);
            }
        }
        self.flow
    }
}

/// Calls `f` with each key and the range of its run in `edges`.
fn for_each_run(
    edges: &[(NodeId, NodeId)],
    key: impl Fn(&(NodeId, NodeId)) -> NodeId,
    mut f: impl FnMut(NodeId, Range<u32>),
) {
    let mut start = 0;
    for run in edges.chunk_by(|a, b| key(a) == key(b)) {
        let end = start + run.len();
        f(key(&run[0]), start as u32..end as u32);
        start = end;
    }
}

//! The call graph: regions and the edges between them.

use crate::ids;

use super::names::{BodyId, Place, RegionRef};
use crate::base::IndexVec;
use crate::facts::RegionId;

ids! {
    /// A region of the whole program, numbered body by body.
    pub struct Node;
}

/// How a callee runs relative to the call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
    /// A plain fn or closure that runs before the call returns.
    Inline,
    /// An async region that is awaited here, by the same task.
    Await,
    /// An async region that is polled beside others by the same task (`select!`, `join!`, buffered).
    Concurrent,
    /// An async region that becomes a task of its own.
    Spawn,
    /// An async region driven by `block_on`.
    BlockOn,
    /// A closure or fn that runs on a blocking pool, or a future that such a thread drives to its end.
    Offload,
    /// A closure or fn that runs on a thread of its own, or a future that such a thread drives to its end.
    Thread,
    /// A future is made, or a callable kept; who runs it is not seen.
    Later,
}

/// One call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edge {
    /// The region that calls.
    pub caller: Node,
    /// The call (for a callable handed over, the argument).
    pub place: Place,
    /// The region that runs.
    pub callee: Node,
    /// How.
    pub kind: EdgeKind,
    /// Rests on a name or on one of several implementations.
    pub likely: bool,
}

/// All edges, by caller and by callee.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// First node of each body, and one past the last at the end.
    pub bases: Vec<u32>,
    /// Sorted by caller, place, callee.
    pub edges: Vec<Edge>,
    /// Start of each caller's edges in `edges`, one more at the end.
    pub from: IndexVec<Node, u32>,
    /// Futures that plain fns give to their callers, as edges from the call that got the future; sorted by callee.
    pub lent: Vec<Edge>,
    /// The fns that do so, each with the region of the future; sorted.
    pub returned: Vec<(Node, Node)>,
    /// Indices into `edges`, sorted by callee.
    pub by_callee: Vec<u32>,
    /// Start of each callee's indices in `by_callee`, one more at the end.
    pub to: IndexVec<Node, u32>,
}

impl Graph {
    /// The node of a region.
    pub fn node(&self, region: RegionRef) -> Node {
        Node(self.bases[region.body.0 as usize] + region.region.0)
    }

    /// The region of a node.
    pub fn region(&self, node: Node) -> RegionRef {
        let body = self.bases.partition_point(|b| *b <= node.0) - 1;
        RegionRef { body: BodyId(body as u32), region: RegionId(node.0 - self.bases[body]) }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.bases.last().map_or(0, |n| *n as usize)
    }

    /// True for a program without bodies.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls that a region makes, in source order.
    pub fn calls_from(&self, node: Node) -> &[Edge] {
        let range = self.from[node] as usize..self.from[Node(node.0 + 1)] as usize;
        &self.edges[range]
    }

    /// Calls of plain fns that gave the caller a future whose code is this region.
    pub fn lent_to(&self, node: Node) -> &[Edge] {
        let from = self.lent.partition_point(|edge| edge.callee < node);
        let to = self.lent.partition_point(|edge| edge.callee <= node);
        &self.lent[from..to]
    }

    /// The futures that a plain fn gives to its callers.
    pub fn returned_by(&self, made_by: Node) -> impl Iterator<Item = Node> + '_ {
        let from = self.returned.partition_point(|(own, _)| *own < made_by);
        self.returned[from..].iter().take_while(move |(own, _)| *own == made_by).map(|(_, future)| *future)
    }

    /// The edge stands where a plain fn makes a future that it gives to its callers.
    pub fn is_given_back(&self, edge: &Edge) -> bool {
        edge.kind == EdgeKind::Later && self.returned.binary_search(&(edge.caller, edge.callee)).is_ok()
    }

    /// Calls that run a region.
    pub fn calls_to(&self, node: Node) -> impl Iterator<Item = &Edge> {
        let range = self.to[node] as usize..self.to[Node(node.0 + 1)] as usize;
        self.by_callee[range].iter().map(|at| &self.edges[*at as usize])
    }
}

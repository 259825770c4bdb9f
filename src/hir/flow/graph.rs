//! `Flow`: the events of one body and the ways between them.
//!
//! Invariants: an expression's events are one run of indices, its last one is its `Eval`; a node's events are one run; nodes belong to
//! one region each. Events follow source order, except that the value of an assignment comes before its target.

use std::ops::Range;

use crate::base::IndexVec;
use crate::facts::{ExprId, LocalId, PatId, RegionId};
use crate::ids;

ids! {
    /// A node: events that run one after the other.
    pub struct NodeId;
    /// A stretch at whose end temporaries are dropped.
    pub struct TempScope;
    /// A stretch at whose end locals are dropped.
    pub struct LocalScope;
}

/// What happens at one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The operands are evaluated and the expression itself takes effect.
    Eval(ExprId),
    /// The task may be suspended here. For `.await` its `Eval` follows; for `select!` the handlers stand between.
    Suspend(ExprId),
    /// A pattern matched; its locals come to life.
    Bind {
        /// The pattern.
        pat: PatId,
        /// The initialiser or scrutinee; `None` for parameters, `for` items and `select!` outputs.
        from: Option<ExprId>,
    },
    /// `let x;`: the locals of the pattern hold nothing yet.
    Declare(PatId),
    /// A pattern did not match on this way.
    Unmatched {
        /// The pattern.
        pat: PatId,
        /// The scrutinee.
        from: ExprId,
    },
    /// A condition said on this way that the local is `None` or `Err`.
    Absent(LocalId),
    /// The locals of the scope die.
    EndLocals(LocalScope),
    /// The temporaries of the scope die.
    EndTemps(TempScope),
    /// A `break` or `continue` left scopes: an index into `Flow::leaves`.
    Leave(u32),
}

/// What a jump leaves behind: everything that came to life inside `target` since the given marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leave {
    /// The loop or labelled block.
    pub target: ExprId,
    /// Index of its first event (for `continue`: of the loop's turn).
    pub since: u32,
    /// The first scope of temporaries opened in it.
    pub temps: TempScope,
}

/// Why temporaries end where they end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TempKind {
    /// A statement, a `let` included.
    Statement,
    /// The body of the region, a branch, an arm, a loop's turn.
    Branch,
    /// A condition without `let`, a match guard, an operand of `&&` or `||`.
    Condition,
    /// The tail of a block, from edition 2024 on.
    Tail,
    /// An `if let` or `while let`: condition and body.
    Conditional,
    /// A macro that keeps its arguments to itself.
    Macro,
    /// Extended to the end of the block that is the owner.
    Extended,
    /// The iterator of a `for` and the temporaries it was made of.
    Iterator,
}

/// A scope of temporaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TempScopeInfo {
    /// Why.
    pub kind: TempKind,
    /// The statement's expression, branch, condition, block or loop.
    pub owner: ExprId,
}

/// How control leaves the straight way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JumpKind {
    /// `break` to the end of this expression.
    Break(ExprId),
    /// `continue` of this loop.
    Continue(ExprId),
    /// `return` of a value that is not an `Err(..)`.
    Return,
    /// `?`, `bail!`, `ensure!`, `return Err(..)`, a tail `Err(..)`.
    Error,
    /// A panic macro or a call that never returns.
    Diverge,
    /// A macro that is not understood hides a jump.
    Hidden,
}

/// A jump of the body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Jump {
    /// The expression that jumps.
    pub at: ExprId,
    /// Where to.
    pub kind: JumpKind,
    /// Nothing after it runs; false for `?`, `ensure!` and hidden jumps.
    pub always: bool,
}

/// A local of an outer region that a closure or async block mentions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capture {
    /// The local.
    pub local: LocalId,
    /// Moved in: the region is `move`, or a use by value is visible inside. Never for known `Copy` locals.
    pub moved: bool,
}

/// A node.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Its events.
    pub events: Range<u32>,
    /// Where its successors stand.
    pub(crate) succs: Range<u32>,
    /// Where its predecessors stand.
    pub(crate) preds: Range<u32>,
    /// Its place in `RegionGraph::nodes`.
    pub rank: u32,
    /// Some way from the region's start leads here.
    pub reachable: bool,
}

/// The graph of one region.
#[derive(Clone, Debug)]
pub struct RegionGraph {
    /// Where it starts.
    pub entry: NodeId,
    /// Where it ends by falling through or `return`.
    pub end: NodeId,
    /// Where it ends with an error.
    pub error: NodeId,
    /// Its nodes, in source order of their first event.
    pub nodes: Vec<NodeId>,
}

/// A lowered body.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// All events, region by region.
    pub events: Vec<Event>,
    /// The node of each event.
    pub(crate) node_of: Vec<NodeId>,
    /// All nodes.
    pub(crate) nodes: IndexVec<NodeId, Node>,
    pub(crate) succs: Vec<NodeId>,
    pub(crate) preds: Vec<NodeId>,
    /// The graph of each region; `None` for the arguments of unknown macros, which stand in the region around them.
    pub(crate) regions: IndexVec<RegionId, Option<RegionGraph>>,
    /// Events of each expression; empty for expressions that were not reached.
    pub(crate) spans: IndexVec<ExprId, (u32, u32)>,
    /// Where the expression's value dies if it becomes a temporary.
    pub(crate) temps: IndexVec<ExprId, TempScope>,
    pub(crate) temp_scopes: IndexVec<TempScope, TempScopeInfo>,
    pub(crate) local_scopes: IndexVec<LocalScope, Vec<LocalId>>,
    /// Index of the `Bind` or `Declare` of each local; `u32::MAX` for `self`.
    pub(crate) declared: IndexVec<LocalId, u32>,
    pub(crate) leaves: Vec<Leave>,
    /// All jumps, in event order per region.
    pub jumps: Vec<Jump>,
    pub(crate) captures: IndexVec<RegionId, Vec<Capture>>,
}

impl Flow {
    /// The node.
    pub fn node(&self, n: NodeId) -> &Node {
        &self.nodes[n]
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Nodes that may come next.
    pub fn succs(&self, n: NodeId) -> &[NodeId] {
        let range = &self.nodes[n].succs;
        &self.succs[range.start as usize..range.end as usize]
    }

    /// Nodes that may come before.
    pub fn preds(&self, n: NodeId) -> &[NodeId] {
        let range = &self.nodes[n].preds;
        &self.preds[range.start as usize..range.end as usize]
    }

    /// The graph of a region that runs on its own.
    pub fn region(&self, r: RegionId) -> Option<&RegionGraph> {
        self.regions.get(r).and_then(Option::as_ref)
    }

    /// The node of an event.
    pub fn node_of(&self, event: u32) -> NodeId {
        self.node_of[event as usize]
    }

    /// The event at an index.
    pub fn event(&self, event: u32) -> Event {
        self.events[event as usize]
    }

    /// Index of the first event of `e`.
    pub fn first_event(&self, e: ExprId) -> Option<u32> {
        let (start, end) = *self.spans.get(e)?;
        (start < end).then_some(start)
    }

    /// Index of the last event of `e`, its `Eval`.
    pub fn eval_event(&self, e: ExprId) -> Option<u32> {
        let (start, end) = *self.spans.get(e)?;
        (start < end).then(|| end - 1)
    }

    /// The scope in which the value of `e` dies if it becomes a temporary.
    pub fn temp_scope(&self, e: ExprId) -> TempScope {
        self.temps[e]
    }

    /// What a scope of temporaries is.
    pub fn temp_info(&self, t: TempScope) -> Option<TempScopeInfo> {
        self.temp_scopes.get(t).copied()
    }

    /// The locals of a scope.
    pub fn scope_locals(&self, s: LocalScope) -> &[LocalId] {
        &self.local_scopes[s]
    }

    /// What a jump leaves behind.
    pub fn leave(&self, index: u32) -> Leave {
        self.leaves[index as usize]
    }

    /// Index of the event that binds or declares `l`; `u32::MAX` for `self`.
    pub fn declared(&self, l: LocalId) -> u32 {
        self.declared[l]
    }

    /// Outer locals that a region mentions.
    pub fn captures(&self, r: RegionId) -> &[Capture] {
        self.captures.get(r).map_or(&[], Vec::as_slice)
    }

    /// Some way leads to this event.
    pub fn is_reachable(&self, event: u32) -> bool {
        self.nodes[self.node_of(event)].reachable
    }
}

//! Questions about ways through one body.
//!
//! Each question walks the part of the graph it needs, at most once per node. "After" an expression means after its own effect,
//! "before" it means before that effect, so its operands come before it.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::facts::{Body, ExprId, ExprKind, LocalId, RegionId, RegionKind};
use crate::hir::flow::{Event, Flow, NodeId, Oracle};
use crate::link::flow::{flow_region, use_kind};

/// A body with its flow, ready for questions.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The body.
    pub body: &'a Body,
    /// Its flow.
    pub flow: &'a Flow,
    /// What names and types know.
    pub oracle: &'a dyn Oracle,
}

/// How far `followed_by` looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// To the normal end of the region: its last expression or a `return` that returns no `Err(..)`.
    RegionEnd,
    /// To where this local dies, normally, or the region's end, whichever comes first.
    ScopeEnd(LocalId),
}

/// On which ways something follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follows {
    /// On all of them (also when there is none).
    Always,
    /// On some.
    Sometimes,
    /// On none.
    Never,
}

impl<'a> Order<'a> {
    /// Questions about `body`, lowered to `flow`.
    pub const fn new(body: &'a Body, flow: &'a Flow, oracle: &'a dyn Oracle) -> Self {
        Self { body, flow, oracle }
    }

    /// The flow region of `e`.
    pub fn region_of(&self, e: ExprId) -> RegionId {
        flow_region(self.body, self.body.expr(e).region)
    }

    /// Some way from the region's start comes to the start of `e`.
    pub fn runs(&self, e: ExprId) -> bool {
        self.flow.first_event(e).is_some_and(|event| self.flow.is_reachable(event))
    }

    /// `e` is reached, but control never comes out of it.
    pub fn diverges(&self, e: ExprId) -> bool {
        self.runs(e) && !self.completes(e)
    }

    /// Some way comes out of `e`.
    pub fn completes(&self, e: ExprId) -> bool {
        let Some(event) = self.flow.eval_event(e) else { return false };
        self.flow.is_reachable(event) && !self.always_jumps(e)
    }

    pub(super) fn always_jumps(&self, e: ExprId) -> bool {
        self.flow.jumps.iter().any(|jump| jump.at == e && jump.always)
    }

    /// Some way leads from after `e` to the start of `next`.
    pub fn leads(&self, e: ExprId, next: ExprId) -> bool {
        let (Some(from), Some(to)) = (self.flow.eval_event(e), self.flow.first_event(next)) else { return false };
        let mut found = false;
        self.walk_after(from, |step| {
            found |= step == Step::Event(to);
            found
        });
        found
    }

    /// The value of `l` may be read or moved on some way after `e`. Mentions in closures, async blocks and macros count; what
    /// stands after a new value was assigned does not. Inside a closure, which may run again, any mention in it counts.
    /// For an `e` in the initialiser of `l`, or in a value assigned to it, this starts where `l` gets that value.
    pub fn used_after(&self, l: LocalId, e: ExprId) -> bool {
        let own = flow_region(self.body, self.body.locals[l].region);
        let mut at = e;
        loop {
            let region = self.region_of(at);
            if self.used_on_ways_after(l, at) {
                return true;
            }
            if region == own {
                return false;
            }
            let outer = &self.body.regions[region];
            let again = matches!(outer.kind, RegionKind::Closure | RegionKind::AsyncClosure);
            if again && self.used_from_start(l, region) {
                return true;
            }
            let Some(_) = outer.parent else { return false };
            at = outer.expr;
        }
    }

    /// The mention of `l` that comes last in source order among those that can be reached, in its own region; a closure or async
    /// block that mentions it counts as a whole.
    pub fn last_use(&self, l: LocalId) -> Option<ExprId> {
        let region = flow_region(self.body, self.body.locals[l].region);
        let graph = self.flow.region(region)?;
        let reachable = graph.nodes.iter().rev().map(|n| self.flow.node(*n)).filter(|n| n.reachable);
        let mut events = reachable.flat_map(|n| n.events.clone().rev());
        events.find_map(|event| self.use_at(l, event))
    }

    /// Every way from the region's start to `e` passes an expression with `pred` before `e` takes effect.
    pub fn dominated_by(&self, e: ExprId, mut pred: impl FnMut(ExprId) -> bool) -> bool {
        let Some(from) = self.flow.eval_event(e) else { return false };
        let Some(graph) = self.flow.region(self.region_of(e)) else { return false };
        let mut seen = vec![false; graph.nodes.len()];
        let start = self.flow.node_of(from);
        let mut open = vec![(start, from)];
        while let Some((node, before)) = open.pop() {
            let events = self.flow.node(node).events.start..before;
            if events.rev().any(|i| matches!(self.flow.event(i), Event::Eval(x) if pred(x))) {
                continue;
            }
            if node == graph.entry {
                return false;
            }
            for previous in self.flow.preds(node) {
                let previous_node = self.flow.node(*previous);
                if previous_node.reachable && !std::mem::replace(&mut seen[previous_node.rank as usize], true) {
                    open.push((*previous, previous_node.events.end));
                }
            }
        }
        true
    }

    /// On which normal ways after `e` an expression with `pred` follows before `until`. Ways that end in an error, a panic or
    /// an endless loop are not asked.
    pub fn followed_by(&self, e: ExprId, until: Until, mut pred: impl FnMut(ExprId) -> bool) -> Follows {
        let Some(from) = self.flow.eval_event(e) else { return Follows::Always };
        let Some(graph) = self.flow.region(self.region_of(e)) else { return Follows::Always };
        let (mut passes, mut misses) = (false, false);
        self.walk_after(from, |step| match step {
            Step::Node(node) => {
                misses |= node == graph.end;
                false
            }
            Step::Event(event) => {
                let hit = matches!(self.flow.event(event), Event::Eval(x) if pred(x));
                passes |= hit;
                let dead = !hit && matches!(until, Until::ScopeEnd(l) if self.kills(l, event));
                misses |= dead;
                hit || dead
            }
        });
        match (passes, misses) {
            (_, false) => Follows::Always,
            (true, true) => Follows::Sometimes,
            (false, true) => Follows::Never,
        }
    }

    /// Suspension points that some way after `e` reaches, in its own region, in source order.
    pub fn awaits_after(&self, e: ExprId) -> Vec<ExprId> {
        let mut found = Vec::new();
        if let Some(from) = self.flow.eval_event(e) {
            self.walk_after(from, |step| {
                if let Step::Event(event) = step
                    && let Event::Suspend(at) = self.flow.event(event)
                {
                    found.push(at);
                }
                false
            });
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Suspension points inside `e` (itself included) that can be reached, in its own region, in source order.
    pub fn awaits_in(&self, e: ExprId) -> Vec<ExprId> {
        let (Some(first), Some(last)) = (self.flow.first_event(e), self.flow.eval_event(e)) else { return Vec::new() };
        let events = (first..=last).filter(|i| self.flow.is_reachable(*i));
        let mut found: Vec<ExprId> =
            events.filter_map(|i| if let Event::Suspend(at) = self.flow.event(i) { Some(at) } else { None }).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The event after which `l` holds the value that `e` is part of, if `e` stands in an initialiser or assignment of `l`; else
    /// the event of `e`.
    fn named_at(&self, l: LocalId, e: ExprId) -> Option<u32> {
        let declared = self.flow.declared(l);
        if declared != u32::MAX
            && let Event::Bind { from: Some(from), .. } = self.flow.event(declared)
            && self.body.is_inside(e, from)
        {
            return Some(declared);
        }
        let assigned = self.body.ancestors(e).find(|a| {
            let ExprKind::Assign { target: Some(target), value } = &self.body.expr(*a).kind else { return false };
            self.body.is_inside(e, *value) && matches!(self.body.expr(*target).kind, ExprKind::Local(own) if own == l)
        });
        self.flow.eval_event(assigned.unwrap_or(e))
    }

    fn used_on_ways_after(&self, l: LocalId, e: ExprId) -> bool {
        let Some(from) = self.named_at(l, e) else { return false };
        let mut used = false;
        self.walk_after(from, |step| match step {
            Step::Node(_) => used,
            Step::Event(event) => {
                used |= self.use_at(l, event).is_some();
                used || self.kills(l, event) || self.overwrites(l, event)
            }
        });
        used
    }

    fn used_from_start(&self, l: LocalId, region: RegionId) -> bool {
        let Some(graph) = self.flow.region(region) else { return false };
        let reachable = graph.nodes.iter().map(|n| self.flow.node(*n)).filter(|n| n.reachable);
        reachable.flat_map(|n| n.events.clone()).any(|event| self.use_at(l, event).is_some())
    }

    /// The expression that uses the value of `l` at this event.
    fn use_at(&self, l: LocalId, event: u32) -> Option<ExprId> {
        let Event::Eval(e) = self.flow.event(event) else { return None };
        let kind = &self.body.expr(e).kind;
        let used = if let ExprKind::Local(local) = kind {
            *local == l && use_kind(self.body, self.oracle, e).needs_value()
        } else if let ExprKind::Macro(call) = kind {
            call.uses.contains(&l)
        } else if let ExprKind::Async(region) | ExprKind::Closure(region) = kind {
            self.flow.captures(*region).iter().any(|c| c.local == l)
        } else {
            false
        };
        used.then_some(e)
    }

    /// `l` gets a new value here.
    fn overwrites(&self, l: LocalId, event: u32) -> bool {
        let Event::Eval(e) = self.flow.event(event) else { return false };
        let ExprKind::Assign { target: Some(target), .. } = &self.body.expr(e).kind else { return false };
        matches!(self.body.expr(*target).kind, ExprKind::Local(local) if local == l)
    }

    /// `l` dies here, or starts anew.
    fn kills(&self, l: LocalId, event: u32) -> bool {
        match self.flow.event(event) {
            Event::EndLocals(scope) => self.flow.scope_locals(scope).contains(&l),
            Event::Bind { .. } | Event::Declare(_) => self.flow.declared(l) == event,
            Event::Leave(leave) => {
                self.flow.declared(l) >= self.flow.leave(leave).since && self.flow.declared(l) != u32::MAX
            }
            Event::Eval(_) | Event::Suspend(_) | Event::Unmatched { .. } | Event::Absent(_) | Event::EndTemps(_) => {
                false
            }
        }
    }

    /// Visits what comes after the event `from`, each node once, until `stop` holds on a way.
    pub(super) fn walk_after(&self, from: u32, mut stop: impl FnMut(Step) -> bool) {
        let start = self.flow.node_of(from);
        self.walk(from + 1..self.flow.node(start).events.end, start, &mut stop);
    }

    /// Visits the event `from` and what comes after it, each node once, until `stop` holds on a way.
    pub(super) fn walk_from(&self, from: u32, mut stop: impl FnMut(Step) -> bool) {
        let start = self.flow.node_of(from);
        self.walk(from..self.flow.node(start).events.end, start, &mut stop);
    }

    fn walk(&self, first: Range<u32>, start: NodeId, stop: &mut impl FnMut(Step) -> bool) {
        let mut first = first;
        if first.any(|event| stop(Step::Event(event))) {
            return;
        }
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut open: Vec<NodeId> = self.flow.succs(start).to_vec();
        while let Some(node) = open.pop() {
            if !seen.insert(node) || stop(Step::Node(node)) {
                continue;
            }
            if !self.flow.node(node).events.clone().any(|event| stop(Step::Event(event))) {
                open.extend_from_slice(self.flow.succs(node));
            }
        }
    }
}

/// What a walk comes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The start of a node.
    Node(NodeId),
    /// An event.
    Event(u32),
}

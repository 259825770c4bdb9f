//! Loops: which one is around, who leaves it, does it end.

use crate::facts::expr::{Lit, LoopKind};
use crate::facts::{ExprId, ExprKind};
use crate::hir::flow::{Event, JumpKind, TempKind, TempScopeInfo};
use crate::link::flow::flow_region;

use super::order::{Order, Step};

/// A reachable way out of a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopExit {
    /// The condition fails, or the iterator ends: the loop itself.
    Done(ExprId),
    /// `break` of this loop.
    Break(ExprId),
    /// `break` or `continue` of a loop or block around it.
    Outer(ExprId),
    /// `return`.
    Return(ExprId),
    /// `?`, `bail!`, ...
    Error(ExprId),
    /// A panic macro or a call that never returns.
    Diverge(ExprId),
    /// A macro that may hide one.
    Hidden(ExprId),
}

impl Order<'_> {
    /// The innermost loop around `e` in its region; a loop is not around its own iterator.
    pub fn enclosing_loop(&self, e: ExprId) -> Option<ExprId> {
        self.enclosing_loops(e).next()
    }

    /// All loops around `e` in its region, innermost first.
    pub fn enclosing_loops(&self, e: ExprId) -> impl Iterator<Item = ExprId> + '_ {
        let region = self.region_of(e);
        let body = self.body;
        body.ancestors(e).skip(1).take_while(move |a| flow_region(body, body.expr(*a).region) == region).filter(
            move |a| {
                let ExprKind::Loop { kind, .. } = &body.expr(*a).kind else { return false };
                !matches!(kind, LoopKind::For { iter, .. } if body.is_inside(e, *iter))
            },
        )
    }

    /// Ways out of `loop_` that can be reached.
    pub fn loop_exits(&self, loop_: ExprId) -> Vec<LoopExit> {
        let mut exits = Vec::new();
        if !self.is_written_endless(loop_) {
            exits.push(LoopExit::Done(loop_));
        }
        let region = self.region_of(loop_);
        for jump in &self.flow.jumps {
            let at = jump.at;
            if !self.body.is_inside(at, loop_) || self.region_of(at) != region || !self.runs(at) {
                continue;
            }
            match jump.kind {
                JumpKind::Break(target) if target == loop_ => exits.push(LoopExit::Break(at)),
                JumpKind::Break(target) | JumpKind::Continue(target) => {
                    if target != loop_ && !self.body.is_inside(target, loop_) {
                        exits.push(LoopExit::Outer(at));
                    }
                }
                JumpKind::Return => exits.push(LoopExit::Return(at)),
                JumpKind::Error => exits.push(LoopExit::Error(at)),
                JumpKind::Diverge => exits.push(LoopExit::Diverge(at)),
                JumpKind::Hidden => exits.push(LoopExit::Hidden(at)),
            }
        }
        exits
    }

    /// `loop`, or `while true`.
    pub fn is_written_endless(&self, loop_: ExprId) -> bool {
        let ExprKind::Loop { kind, .. } = &self.body.expr(loop_).kind else { return false };
        match kind {
            LoopKind::Loop => true,
            LoopKind::While(cond) => matches!(self.body.expr(*cond).kind, ExprKind::Lit(Lit::Bool(true))),
            LoopKind::For { .. } => false,
        }
    }

    /// A loop that is written endless and that nothing leaves.
    pub fn never_ends(&self, loop_: ExprId) -> bool {
        self.is_written_endless(loop_) && self.loop_exits(loop_).is_empty()
    }

    /// Every way through `e` (the handler of an arm, say) leaves the innermost loop around it: none reaches the end of `e`
    /// or the next turn. False when there is no loop around.
    pub fn exits_loop(&self, e: ExprId) -> bool {
        let Some(around) = self.enclosing_loop(e) else { return false };
        let (Some(first), Some(last)) = (self.flow.first_event(e), self.flow.eval_event(e)) else { return false };
        let (Some(turn), Some(done)) = (self.flow.first_event(around), self.flow.eval_event(around)) else {
            return false;
        };
        let comes_out = !self.always_jumps(e);
        let mut stays = false;
        self.walk_from(first, |step| {
            let Step::Event(event) = step else { return stays };
            if matches!(self.flow.event(event), Event::Leave(_)) {
                return false;
            }
            let inside = first <= event && event <= last;
            let in_loop = turn <= event && event < done && !self.ends_iterator(event, around);
            stays |= if inside { event == last && comes_out } else { in_loop };
            stays || !inside
        });
        !stays
    }

    fn ends_iterator(&self, event: u32, loop_: ExprId) -> bool {
        let Event::EndTemps(scope) = self.flow.event(event) else { return false };
        self.flow.temp_info(scope) == Some(TempScopeInfo { kind: TempKind::Iterator, owner: loop_ })
    }
}

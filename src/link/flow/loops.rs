//! Loops, `break`, `continue`.
//!
//! A turn of `while let` keeps the temporaries of its condition to its end, in every edition; the iterator of a `for`, and
//! the temporaries it was made of, live until the loop is left.

use crate::base::Name;
use crate::facts::expr::LoopKind;
use crate::facts::{ExprId, PatId};
use crate::hir::flow::{Event, JumpKind, Leave, TempKind};

use super::branches::has_let;
use super::exprs::{Lower, Target};

impl Lower<'_> {
    pub(super) fn loop_(&mut self, e: ExprId, kind: &LoopKind, turn: ExprId, label: Option<Name>) {
        let (since, temps) = (self.out.position(), self.out.next_temp_scope());
        let exit = self.out.node();
        let iterator = if let LoopKind::For { iter, .. } = kind {
            let scope = self.out.temp_scope(TempKind::Iterator, e);
            let outer = std::mem::replace(&mut self.temp, scope);
            self.expr(*iter);
            self.temp = outer;
            Some(scope)
        } else {
            None
        };
        let head = self.out.node();
        self.out.edge_to(head);
        self.out.place(head);
        let marks = Some((head, self.out.position(), self.out.next_temp_scope()));
        self.targets.push(Target { expr: e, label, exit, since, temps, head: marks });
        match kind {
            LoopKind::Loop => self.terminating(turn, TempKind::Branch),
            LoopKind::While(cond) => self.while_turn(e, *cond, turn),
            LoopKind::For { pat, is_await, .. } => self.for_turn(e, *pat, *is_await, turn),
        }
        self.out.edge_to(head);
        self.targets.pop();
        self.out.place(exit);
        if let Some(scope) = iterator {
            self.out.emit(Event::EndTemps(scope));
        }
        self.eval(e);
    }

    fn while_turn(&mut self, e: ExprId, cond: ExprId, turn: ExprId) {
        let locals = self.out.local_scope();
        let scope = has_let(self.body, cond).then(|| self.out.temp_scope(TempKind::Conditional, e));
        let outer = self.temp;
        self.temp = scope.unwrap_or(outer);
        let mut failed = Vec::new();
        self.condition(cond, locals, &mut failed);
        let holds = self.out.node();
        self.out.edge_to(holds);
        self.out.place_dead();
        let gathered = self.out.current();
        failed.into_iter().for_each(|node| self.out.edge(node, gathered));
        self.end_condition(locals, scope);
        self.edge_to_exit();
        self.out.place(holds);
        self.terminating(turn, TempKind::Branch);
        self.temp = outer;
        self.end_condition(locals, scope);
    }

    fn for_turn(&mut self, e: ExprId, pat: PatId, is_await: bool, turn: ExprId) {
        if is_await {
            self.out.emit(Event::Suspend(e));
        }
        self.edge_to_exit();
        self.out.place_next();
        let locals = self.out.local_scope();
        self.bind(locals, pat, None);
        self.terminating(turn, TempKind::Branch);
        self.out.emit(Event::EndLocals(locals));
    }

    /// The current node leads to the end of the innermost loop; it may lead elsewhere too.
    fn edge_to_exit(&mut self) {
        if let Some(target) = self.targets.last() {
            let exit = target.exit;
            self.out.edge_to(exit);
        }
    }

    fn target(&self, label: Option<Name>) -> Option<&Target> {
        self.targets.iter().rev().find(|t| if label.is_some() { t.label == label } else { t.head.is_some() })
    }

    pub(super) fn break_(&mut self, e: ExprId, label: Option<Name>, value: Option<ExprId>) {
        value.iter().for_each(|v| self.expr(*v));
        self.eval(e);
        let Some(&Target { expr, exit, since, temps, .. }) = self.target(label) else {
            self.leave(e, JumpKind::Diverge);
            return;
        };
        self.out.emit_leave(Leave { target: expr, since, temps });
        self.out.edge_to(exit);
        self.leave(e, JumpKind::Break(expr));
    }

    pub(super) fn continue_(&mut self, e: ExprId, label: Option<Name>) {
        self.eval(e);
        let Some(&Target { expr, head: Some((head, since, temps)), .. }) = self.target(label) else {
            self.leave(e, JumpKind::Diverge);
            return;
        };
        self.out.emit_leave(Leave { target: expr, since, temps });
        self.out.edge_to(head);
        self.leave(e, JumpKind::Continue(expr));
    }
}

//! Blocks, conditions, `if`, `match`, `return`.
//!
//! A condition is lowered into a way on which it holds and nodes from which it does not; `let` in it binds on the first way only.

use super::pattern::is_irrefutable_payload;
use crate::facts::expr::{Arm, BinaryOp, Block, Lit, Stmt, UnaryOp};
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatId};
use crate::hir::flow::{Event, JumpKind, LocalScope, NodeId, Presence, TempKind, TempScope};

use super::DropRules;
use super::exprs::{Lower, Target};
use super::extend::{for_each_extended, is_constructor};

impl Lower<'_> {
    pub(super) fn block(&mut self, e: ExprId, block: &Block) {
        let since = self.out.position();
        let temps = self.out.next_temp_scope();
        let exit = block.label.map(|_| self.out.node());
        if let Some(exit) = exit {
            self.targets.push(Target { expr: e, label: block.label, exit, since, temps, head: None });
        }
        let locals = self.out.local_scope();
        let mut extended = Vec::new();
        for stmt in &block.stmts {
            let before = self.out.current();
            let presence = self.stmt_presence(stmt);
            if presence == Presence::Maybe {
                // The way around leaves before anything of the statement has happened.
                self.out.place_next();
            }
            match stmt {
                _ if presence == Presence::Never => continue,
                Stmt::Let { pat, init: Some(init), else_, .. } => {
                    let kept = self.extend(e, *pat, *init);
                    extended.extend(kept);
                    self.let_(locals, (*pat, *init, *else_), kept);
                }
                Stmt::Let { pat, init: None, .. } => self.declare(locals, *pat),
                Stmt::Expr { expr, .. } => self.terminating(*expr, TempKind::Statement),
                Stmt::Item(_) => {}
            }
            if presence == Presence::Maybe {
                self.out.place_next();
                let after = self.out.current();
                self.out.edge(before, after);
            }
        }
        if let Some(tail) = block.tail.filter(|tail| self.presence(*tail) != Presence::Never) {
            match self.rules {
                DropRules::Before2024 => self.expr(tail),
                DropRules::From2024 => self.terminating(tail, TempKind::Tail),
            }
        }
        self.out.emit(Event::EndLocals(locals));
        while let Some(scope) = extended.pop() {
            self.out.emit(Event::EndTemps(scope));
        }
        if let Some(exit) = exit {
            self.targets.pop();
            self.out.edge_to(exit);
            self.out.place(exit);
        }
        self.eval(e);
    }

    fn stmt_presence(&self, stmt: &Stmt) -> Presence {
        match stmt {
            Stmt::Let { init: Some(e), .. } | Stmt::Expr { expr: e, .. } => self.presence(*e),
            Stmt::Let { init: None, .. } | Stmt::Item(_) => Presence::Always,
        }
    }

    /// Chooses the temporaries of a `let` that live to the end of the block; they have a scope of their own, since a pattern that
    /// does not match ends them before the `else`.
    fn extend(&mut self, block: ExprId, pat: PatId, init: ExprId) -> Option<TempScope> {
        let mut scope = None;
        for_each_extended(self.body, pat, init, &mut |kept| {
            let scope = *scope.get_or_insert_with(|| self.out.temp_scope(TempKind::Extended, block));
            self.out.flow.temps[kept] = scope;
        });
        scope
    }

    fn let_(
        &mut self,
        locals: LocalScope,
        (pat, init, else_): (PatId, ExprId, Option<ExprId>),
        kept: Option<TempScope>,
    ) {
        let scope = self.out.temp_scope(TempKind::Statement, init);
        let outer = std::mem::replace(&mut self.temp, scope);
        self.expr(init);
        self.temp = outer;
        let Some(else_) = else_ else {
            self.bind(locals, pat, Some(init));
            self.out.emit(Event::EndTemps(scope));
            return;
        };
        let (matched, join) = (self.out.node(), self.out.node());
        self.out.edge_to(matched);
        self.out.place_next();
        self.out.emit(Event::Unmatched { pat, from: init });
        self.out.emit(Event::EndTemps(scope));
        if let Some(kept) = kept {
            self.out.emit(Event::EndTemps(kept));
        }
        self.terminating(else_, TempKind::Branch);
        // An `else` that does not diverge is no Rust; go on all the same.
        self.out.edge_to(join);
        self.out.place(matched);
        self.bind(locals, pat, Some(init));
        self.out.emit(Event::EndTemps(scope));
        self.out.edge_to(join);
        self.out.place(join);
    }

    /// `if`, `else if`, ..: one loop, so that long chains need no stack.
    pub(super) fn if_chain(&mut self, first: ExprId) {
        let mut open: Vec<(ExprId, NodeId, Option<TempScope>)> = Vec::new();
        let mut current = first;
        let outer_temp = self.temp;
        while let ExprKind::If { cond, then, else_ } = &self.body.expr(current).kind {
            if current != first {
                self.enter(current);
            }
            let join = self.out.node();
            let refused = self.if_branch(current, *cond, *then, join);
            self.out.place(refused);
            let Some(else_) = else_ else {
                open.push((current, join, None));
                break;
            };
            if matches!(self.body.expr(*else_).kind, ExprKind::If { .. }) {
                let scope = self.out.temp_scope(TempKind::Branch, *else_);
                self.temp = scope;
                open.push((current, join, Some(scope)));
                current = *else_;
            } else {
                self.terminating(*else_, TempKind::Branch);
                open.push((current, join, None));
                break;
            }
        }
        while let Some((e, join, else_scope)) = open.pop() {
            if let Some(scope) = else_scope {
                self.out.emit(Event::EndTemps(scope));
            }
            self.out.edge_to(join);
            self.out.place(join);
            self.eval(e);
        }
        self.temp = outer_temp;
    }

    /// Condition and `then` of one `if`; answers the node, not yet placed, to which the failed condition leads.
    fn if_branch(&mut self, e: ExprId, cond: ExprId, then: ExprId, join: NodeId) -> NodeId {
        let locals = self.out.local_scope();
        let rescope = self.rules == DropRules::From2024 && has_let(self.body, cond);
        let scope = rescope.then(|| self.out.temp_scope(TempKind::Conditional, e));
        let outer = self.temp;
        self.temp = scope.unwrap_or(outer);
        let mut failed = Vec::new();
        self.condition(cond, locals, &mut failed);
        self.terminating(then, TempKind::Branch);
        self.temp = outer;
        self.end_condition(locals, scope);
        self.out.edge_to(join);
        self.out.place_dead();
        let gathered = self.out.current();
        failed.into_iter().for_each(|node| self.out.edge(node, gathered));
        self.end_condition(locals, scope);
        let refused = self.out.node();
        self.out.edge_to(refused);
        refused
    }

    /// What a condition bound and kept ends.
    pub(super) fn end_condition(&mut self, locals: LocalScope, scope: Option<TempScope>) {
        self.out.emit(Event::EndLocals(locals));
        if let Some(scope) = scope {
            self.out.emit(Event::EndTemps(scope));
        }
    }

    /// Lowers a condition: goes on where it holds; `failed` gets the nodes from which it does not.
    pub(super) fn condition(&mut self, e: ExprId, locals: LocalScope, failed: &mut Vec<NodeId>) {
        let mut ands = Vec::new();
        let mut first = e;
        while let ExprKind::Binary { op: BinaryOp::And, left, right } = &self.body.expr(first).kind {
            self.enter(first);
            ands.push((first, *right));
            first = *left;
        }
        self.condition_operand(first, locals, failed);
        while let Some((and, right)) = ands.pop() {
            self.condition_operand(right, locals, failed);
            self.eval(and);
        }
    }

    fn condition_operand(&mut self, e: ExprId, locals: LocalScope, failed: &mut Vec<NodeId>) {
        let kind = &self.body.expr(e).kind;
        if let ExprKind::Let { pat, expr } = kind {
            self.enter(e);
            self.expr(*expr);
            let matched = self.out.node();
            self.out.edge_to(matched);
            self.out.place_next();
            self.out.emit(Event::Unmatched { pat: *pat, from: *expr });
            failed.push(self.out.current());
            self.out.place(matched);
            self.bind(locals, *pat, Some(*expr));
            self.eval(e);
        } else if matches!(kind, ExprKind::Binary { op: BinaryOp::And, .. }) {
            self.condition(e, locals, failed);
        } else {
            self.terminating(e, TempKind::Condition);
            if let Some((local, on_true)) = asked_absent(self.body, e) {
                return self.by_presence(local, on_true, failed);
            }
            let literal = if let ExprKind::Lit(Lit::Bool(value)) = kind { Some(*value) } else { None };
            if literal != Some(true) {
                failed.push(self.out.current());
            }
            if literal == Some(false) {
                self.out.place_dead();
            } else {
                self.out.place_next();
            }
        }
    }

    /// `x.is_none()`: on one of the ways the local holds nothing.
    fn by_presence(&mut self, local: LocalId, on_true: bool, failed: &mut Vec<NodeId>) {
        let holds = self.out.node();
        self.out.edge_to(holds);
        self.out.place_next();
        if !on_true {
            self.out.emit(Event::Absent(local));
        }
        failed.push(self.out.current());
        self.out.place(holds);
        if on_true {
            self.out.emit(Event::Absent(local));
        }
    }

    /// A `let` outside a condition is no Rust; both ways go on.
    pub(super) fn stray_let(&mut self, e: ExprId) {
        let ExprKind::Let { pat, expr } = &self.body.expr(e).kind else { return };
        let locals = self.out.local_scope();
        self.expr(*expr);
        self.bind(locals, *pat, Some(*expr));
        self.eval(e);
    }

    pub(super) fn match_(&mut self, e: ExprId, scrutinee: ExprId, arms: &[Arm]) {
        self.expr(scrutinee);
        let arms: Vec<&Arm> = arms.iter().filter(|arm| self.presence(arm.body) != Presence::Never).collect();
        if arms.is_empty() {
            self.leave(e, JumpKind::Diverge);
            self.eval(e);
            return;
        }
        let join = self.out.node();
        let mut entry = self.out.node();
        self.out.edge_to(entry);
        let mut payload_gone = None;
        for (i, arm) in arms.iter().enumerate() {
            self.out.place(entry);
            entry = self.out.node();
            if let Some(pat) = payload_gone {
                self.out.emit(Event::Unmatched { pat, from: scrutinee });
                payload_gone = None;
            }
            if i + 1 < arms.len() {
                self.out.edge_to(entry);
            }
            self.out.place_next();
            let locals = self.out.local_scope();
            if let Some(guard) = arm.guard {
                self.terminating(guard, TempKind::Condition);
                if i + 1 < arms.len() {
                    self.out.edge_to(entry);
                }
                self.out.place_next();
            } else if is_irrefutable_payload(self.body, arm.pat) {
                payload_gone = Some(arm.pat);
            }
            self.bind(locals, arm.pat, Some(scrutinee));
            self.terminating(arm.body, TempKind::Branch);
            self.out.emit(Event::EndLocals(locals));
            self.out.edge_to(join);
        }
        self.out.place(join);
        self.eval(e);
    }

    pub(super) fn return_(&mut self, e: ExprId, value: Option<ExprId>) {
        value.iter().for_each(|v| self.expr(*v));
        self.eval(e);
        let is_error = value.is_some_and(|v| is_err_call(self.body, v));
        if is_error {
            self.leave(e, JumpKind::Error);
        } else {
            let end = self.end;
            self.out.edge_to(end);
            self.leave(e, JumpKind::Return);
        }
    }
}

/// A `let` stands in the condition itself, not deeper.
pub(super) fn has_let(body: &Body, cond: ExprId) -> bool {
    let mut open = vec![cond];
    while let Some(e) = open.pop() {
        let kind = &body.expr(e).kind;
        if matches!(kind, ExprKind::Let { .. }) {
            return true;
        }
        if let ExprKind::Binary { op: BinaryOp::And, left, right } = kind {
            open.extend([*left, *right]);
        }
    }
    false
}

/// The local of `x.is_none()`, `!x.is_some()` and the like, and whether it holds nothing where that is true.
fn asked_absent(body: &Body, cond: ExprId) -> Option<(LocalId, bool)> {
    let (mut at, mut on_true) = (cond, true);
    while let ExprKind::Unary(UnaryOp::Not, inner) = body.expr(at).kind {
        (at, on_true) = (inner, !on_true);
    }
    let ExprKind::MethodCall { recv, name, .. } = &body.expr(at).kind else { return None };
    let ExprKind::Local(local) = body.expr(*recv).kind else { return None };
    match name.as_str() {
        "is_none" | "is_err" => Some((local, on_true)),
        "is_some" | "is_ok" => Some((local, !on_true)),
        _ => None,
    }
}

/// `Err(..)`.
fn is_err_call(body: &Body, e: ExprId) -> bool {
    let ExprKind::Call { callee, .. } = &body.expr(e).kind else { return false };
    let ExprKind::Path { path, .. } = &body.expr(*callee).kind else { return false };
    is_constructor(body, *callee) && body.paths.paths[*path].last() == "Err"
}

/// `Err(..)` expressions that are the value of `e` through tails, branches and arms.
pub(super) fn error_tails(body: &Body, e: ExprId) -> Vec<ExprId> {
    let mut errors = Vec::new();
    let mut open = vec![e];
    while let Some(e) = open.pop() {
        let kind = &body.expr(e).kind;
        if let ExprKind::Block(block) = kind {
            // A `break` out of a labelled block may give another value; the tail is still the region's.
            open.extend(block.tail);
        } else if let ExprKind::If { then, else_, .. } = kind {
            open.push(*then);
            open.extend(*else_);
        } else if let ExprKind::Match { arms, .. } = kind {
            open.extend(arms.iter().map(|arm| arm.body));
        } else if is_err_call(body, e) {
            errors.push(e);
        }
    }
    errors
}

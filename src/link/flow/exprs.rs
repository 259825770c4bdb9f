//! Expressions in evaluation order.
//!
//! Operands before their expression, left to right; an assignment evaluates its value before its target. Control flow is in the
//! modules beside this one.

use super::pattern::bound_locals;
use crate::base::Name;
use crate::facts::expr::BinaryOp;
use crate::facts::{Body, ExprId, ExprKind, PatId, RegionId, RegionKind};
use crate::hir::flow::{Event, Flow, Jump, JumpKind, LocalScope, NodeId, Oracle, Presence, TempKind, TempScope};

use super::DropRules;
use super::branches::error_tails;
use super::builder::{Builder, UNSET};

/// Where `break` and `continue` go.
pub(super) struct Target {
    pub(super) expr: ExprId,
    pub(super) label: Option<Name>,
    /// End of the loop or block, and the marks at its start.
    pub(super) exit: NodeId,
    pub(super) since: u32,
    pub(super) temps: TempScope,
    /// The head of a loop, and the marks at the start of a turn.
    pub(super) head: Option<(NodeId, u32, TempScope)>,
}

/// Lowers one body.
pub(super) struct Lower<'a> {
    pub(super) body: &'a Body,
    pub(super) rules: DropRules,
    pub(super) oracle: &'a dyn Oracle,
    pub(super) out: Builder,
    /// Where temporaries die now.
    pub(super) temp: TempScope,
    pub(super) targets: Vec<Target>,
    /// Where the region ends, and where with an error.
    pub(super) end: NodeId,
    pub(super) error: NodeId,
    /// `Err(..)` expressions that are the value of the region.
    error_tails: Vec<ExprId>,
    /// Expressions whose first operand is being lowered.
    spine: Vec<ExprId>,
}

impl<'a> Lower<'a> {
    pub(super) fn new(body: &'a Body, rules: DropRules, oracle: &'a dyn Oracle) -> Self {
        let out = Builder::new(body.exprs.len(), body.locals.len(), body.regions.len());
        Self {
            body,
            rules,
            oracle,
            out,
            temp: UNSET,
            targets: Vec::new(),
            end: NodeId(0),
            error: NodeId(0),
            error_tails: Vec::new(),
            spine: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Flow {
        self.out.finish()
    }

    /// Lowers a region that runs on its own.
    pub(super) fn region(&mut self, id: RegionId) {
        let region = &self.body.regions[id];
        if region.kind == RegionKind::Opaque {
            return;
        }
        let ends = self.out.open_region();
        (self.end, self.error) = (ends.1, ends.2);
        self.targets.clear();
        self.error_tails = error_tails(self.body, region.body);
        let params = self.out.local_scope();
        for param in &region.params {
            self.bind(params, param.pat, None);
        }
        self.terminating(region.body, TempKind::Branch);
        self.out.emit(Event::EndLocals(params));
        self.out.close_region(id, ends);
    }

    /// Lowers `e` with temporaries that end right after it.
    pub(super) fn terminating(&mut self, e: ExprId, kind: TempKind) {
        self.within(e, kind, |lower| lower.expr(e));
    }

    /// Runs `lower` in a scope of temporaries of its own.
    pub(super) fn within(&mut self, owner: ExprId, kind: TempKind, lower: impl FnOnce(&mut Self)) {
        let scope = self.out.temp_scope(kind, owner);
        let outer = std::mem::replace(&mut self.temp, scope);
        lower(self);
        self.temp = outer;
        self.out.emit(Event::EndTemps(scope));
    }

    /// Declares and binds the locals of a pattern.
    pub(super) fn bind(&mut self, scope: LocalScope, pat: PatId, from: Option<ExprId>) {
        for local in bound_locals(self.body, pat) {
            self.out.declare(scope, local);
        }
        self.out.emit(Event::Bind { pat, from });
    }

    /// Declares the locals of `let x;`.
    pub(super) fn declare(&mut self, scope: LocalScope, pat: PatId) {
        for local in bound_locals(self.body, pat) {
            self.out.declare(scope, local);
        }
        self.out.emit(Event::Declare(pat));
    }

    /// Whether a statement, arm or field is compiled.
    pub(super) fn presence(&self, e: ExprId) -> Presence {
        if self.body.cfgs.is_empty() { Presence::Always } else { self.oracle.presence(e) }
    }

    /// Marks the start of `e`.
    pub(super) fn enter(&mut self, e: ExprId) {
        self.out.flow.spans[e].0 = self.out.position();
        if self.out.flow.temps[e] == UNSET {
            self.out.flow.temps[e] = self.temp;
        }
    }

    /// `e` takes effect; nothing of it follows.
    pub(super) fn eval(&mut self, e: ExprId) {
        self.out.emit(Event::Eval(e));
        self.out.flow.spans[e].1 = self.out.position();
    }

    /// Control goes away for good; what follows is reached by no way.
    pub(super) fn leave(&mut self, at: ExprId, kind: JumpKind) {
        self.out.jump(Jump { at, kind, always: true });
        if kind == JumpKind::Error {
            self.out.edge_to(self.error);
        }
        self.out.place_dead();
    }

    /// Control may go to the error end, or on.
    pub(super) fn may_fail(&mut self, at: ExprId, kind: JumpKind) {
        self.out.jump(Jump { at, kind, always: false });
        self.out.edge_to(self.error);
        self.out.place_next();
    }

    /// Lowers `e`. Chains through first operands are walked in a loop.
    pub(super) fn expr(&mut self, e: ExprId) {
        let base = self.spine.len();
        let mut current = e;
        loop {
            self.enter(current);
            let Some(first) = self.first_operand(current) else { break };
            self.spine.push(current);
            current = first;
        }
        self.without_first_operand(current);
        while self.spine.len() > base {
            if let Some(parent) = self.spine.pop() {
                self.after_first_operand(parent);
            }
        }
    }

    /// The operand that is evaluated first, for kinds in which nothing happens before it.
    fn first_operand(&self, e: ExprId) -> Option<ExprId> {
        match &self.body.expr(e).kind {
            ExprKind::MethodCall { recv: first, .. }
            | ExprKind::Call { callee: first, .. }
            | ExprKind::Await(first)
            | ExprKind::Try(first)
            | ExprKind::Deref(first)
            | ExprKind::Unary(_, first)
            | ExprKind::Cast(first, _)
            | ExprKind::Field { base: first, .. }
            | ExprKind::Ref { expr: first, .. }
            | ExprKind::Index { base: first, .. } => Some(*first),
            ExprKind::Binary { op, left, .. } => {
                let lazy = matches!(op, BinaryOp::And | BinaryOp::Or);
                (!lazy || is_lazy(self.body, *left)).then_some(*left)
            }
            ExprKind::Lit(_)
            | ExprKind::Local(_)
            | ExprKind::Path { .. }
            | ExprKind::QualifiedPath { .. }
            | ExprKind::Macro(_)
            | ExprKind::Select(_)
            | ExprKind::Assign { .. }
            | ExprKind::AssignOp { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat { .. }
            | ExprKind::Struct { .. }
            | ExprKind::Range { .. }
            | ExprKind::Block(_)
            | ExprKind::Async(_)
            | ExprKind::Closure(_)
            | ExprKind::Let { .. }
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Loop { .. }
            | ExprKind::Return(_)
            | ExprKind::Break { .. }
            | ExprKind::Continue(_)
            | ExprKind::Yield(_)
            | ExprKind::Opaque(_)
            | ExprKind::Item(_) => None,
        }
    }

    fn after_first_operand(&mut self, e: ExprId) {
        match &self.body.expr(e).kind {
            ExprKind::MethodCall { args, .. } | ExprKind::Call { args, .. } => {
                self.all(args);
                self.eval(e);
                if self.oracle.diverges(e) {
                    self.leave(e, JumpKind::Diverge);
                } else if self.error_tails.contains(&e) {
                    self.leave(e, JumpKind::Error);
                }
            }
            ExprKind::Await(_) => {
                self.out.emit(Event::Suspend(e));
                self.eval(e);
            }
            ExprKind::Try(_) => {
                self.may_fail(e, JumpKind::Error);
                self.eval(e);
            }
            ExprKind::Index { index, .. } => {
                self.expr(*index);
                self.eval(e);
            }
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, right, .. } => self.lazy_right(e, *right),
            ExprKind::Binary { right, .. } => {
                self.expr(*right);
                self.eval(e);
            }
            ExprKind::Deref(_)
            | ExprKind::Unary(..)
            | ExprKind::Cast(..)
            | ExprKind::Field { .. }
            | ExprKind::Ref { .. }
            | ExprKind::Lit(_)
            | ExprKind::Local(_)
            | ExprKind::Path { .. }
            | ExprKind::QualifiedPath { .. }
            | ExprKind::Macro(_)
            | ExprKind::Select(_)
            | ExprKind::Assign { .. }
            | ExprKind::AssignOp { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat { .. }
            | ExprKind::Struct { .. }
            | ExprKind::Range { .. }
            | ExprKind::Block(_)
            | ExprKind::Async(_)
            | ExprKind::Closure(_)
            | ExprKind::Let { .. }
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Loop { .. }
            | ExprKind::Return(_)
            | ExprKind::Break { .. }
            | ExprKind::Continue(_)
            | ExprKind::Yield(_)
            | ExprKind::Opaque(_)
            | ExprKind::Item(_) => self.eval(e),
        }
    }

    /// The right side of `&&` or `||` runs on one way only.
    fn lazy_right(&mut self, e: ExprId, right: ExprId) {
        let join = self.out.node();
        self.out.edge_to(join);
        self.out.place_next();
        self.terminating(right, TempKind::Condition);
        self.out.edge_to(join);
        self.out.place(join);
        self.eval(e);
    }

    fn without_first_operand(&mut self, e: ExprId) {
        match &self.body.expr(e).kind {
            ExprKind::Macro(call) => self.macro_call(e, call),
            ExprKind::Select(select) => self.select(e, select),
            ExprKind::Assign { target, value } => {
                self.expr(*value);
                target.iter().for_each(|t| self.expr(*t));
                self.eval(e);
            }
            ExprKind::AssignOp { target: second, value: first } | ExprKind::Repeat { value: first, len: second } => {
                self.all(&[*first, *second]);
                self.eval(e);
            }
            ExprKind::Tuple(es) | ExprKind::Array(es) | ExprKind::Opaque(es) => {
                self.all(es);
                self.eval(e);
            }
            ExprKind::Struct { fields, rest, .. } => {
                let compiled = fields.iter().map(|(_, f)| *f).filter(|f| self.presence(*f) != Presence::Never);
                let parts: Vec<ExprId> = compiled.chain(*rest).collect();
                self.all(&parts);
                self.eval(e);
            }
            ExprKind::Range { start, end } => {
                start.iter().chain(end).for_each(|b| self.expr(*b));
                self.eval(e);
            }
            ExprKind::Binary { left, right, .. } => {
                self.terminating(*left, TempKind::Condition);
                self.lazy_right(e, *right);
            }
            ExprKind::Block(block) => self.block(e, block),
            ExprKind::Let { .. } => self.stray_let(e),
            ExprKind::If { .. } => self.if_chain(e),
            ExprKind::Match { scrutinee, arms } => self.match_(e, *scrutinee, arms),
            ExprKind::Loop { kind, body, label } => self.loop_(e, kind, *body, *label),
            ExprKind::Return(value) => self.return_(e, *value),
            ExprKind::Break { label, value } => self.break_(e, *label, *value),
            ExprKind::Continue(label) => self.continue_(e, *label),
            ExprKind::Yield(value) => self.yield_(e, *value),
            ExprKind::Lit(_)
            | ExprKind::Local(_)
            | ExprKind::Path { .. }
            | ExprKind::QualifiedPath { .. }
            | ExprKind::Async(_)
            | ExprKind::Closure(_)
            | ExprKind::Item(_)
            | ExprKind::MethodCall { .. }
            | ExprKind::Call { .. }
            | ExprKind::Await(_)
            | ExprKind::Try(_)
            | ExprKind::Deref(_)
            | ExprKind::Unary(..)
            | ExprKind::Cast(..)
            | ExprKind::Field { .. }
            | ExprKind::Ref { .. }
            | ExprKind::Index { .. } => self.eval(e),
        }
    }

    fn yield_(&mut self, e: ExprId, value: Option<ExprId>) {
        value.iter().for_each(|v| self.expr(*v));
        self.out.emit(Event::Suspend(e));
        self.eval(e);
    }

    /// Lowers expressions one after the other.
    pub(super) fn all(&mut self, es: &[ExprId]) {
        es.iter().for_each(|e| self.expr(*e));
    }
}

/// `a && b`, `a || b`.
fn is_lazy(body: &Body, e: ExprId) -> bool {
    matches!(body.expr(e).kind, ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, .. })
}

//! What a loop does when an awaited call in it gives an `Err`: leaves, or goes on.
//!
//! Shared by rules about receivers, listeners and timeouts; anything that sorts errors otherwise than by a named variant is left alone.

use crate::catalog::Role;
use crate::facts::expr::{Arm, Lit, LoopKind, Stmt, UnaryOp};
use crate::facts::{ExprId, ExprKind, LocalId, PatId, PatKind};
use crate::hir::names::{BodyId, Place};
use crate::program::flow::Order;
use crate::program::{Fate, Program};

/// What becomes of an `Err` inside a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OnError {
    /// Every error ends the loop; shown here.
    Leaves(ExprId),
    /// Every error is followed by the next turn; the arm.
    Stays(ExprId),
    /// Errors are told apart, or nothing is known.
    Unclear,
}

/// What the error stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// `Result`.
    Result,
    /// What a stream of results gives: `Some(Err(..))`.
    Item,
    /// What `.ok()` makes of a result: `None`.
    Option,
}

/// The call that is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failing {
    /// The call.
    pub call: Place,
    /// What its await gives.
    pub shape: Shape,
    /// The variant of the error that counts; `None`: any error.
    pub variant: Option<&'static str>,
    /// A `for` counts as well: its turns are not the whole of what is waited for.
    pub in_for: bool,
}

/// A question about one call in one loop.
struct Asked<'a> {
    program: &'a Program,
    order: Order<'a>,
    /// The body.
    body: BodyId,
    /// The loop around the call.
    around: ExprId,
    variant: Option<&'static str>,
}

/// How far a value was followed.
#[derive(Clone, Copy)]
struct Step {
    shape: Shape,
    /// It stands in the `Ok` of a time limit.
    timed: bool,
    depth: u32,
}

impl Step {
    /// Below the `Ok` of the time limit.
    const fn in_time(self) -> Self {
        Self { timed: false, ..self }
    }

    const fn of(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// The other was taken apart further.
    fn differs_from(self, other: Self) -> bool {
        self.shape != other.shape || self.timed != other.timed
    }
}

/// How a pattern meets the error that counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meets {
    /// It does not match it.
    Never,
    /// It matches some of it, or nobody knows.
    Perhaps,
    /// It matches it.
    Always,
}

/// Steps through locals and adaptors at most.
const DEPTH: u32 = 6;

/// What the loop around a call does with an error of the awaited call. `None` outside of `loop` and `while`.
pub(super) fn on_error(program: &Program, order: Order<'_>, failing: Failing) -> Option<OnError> {
    let call = failing.call;
    let around = order.enclosing_loop(call.expr)?;
    match program.expr(Place { expr: around, ..call }).kind {
        ExprKind::Loop { kind: LoopKind::Loop | LoopKind::While(_), .. } => {}
        ExprKind::Loop { kind: LoopKind::For { .. }, .. } if failing.in_for => {}
        _ => return None,
    }
    let asked = Asked { program, order, body: call.body, around, variant: failing.variant };
    let limit = bounded_by(program, call);
    let step = Step { shape: failing.shape, timed: limit.is_some(), depth: 0 };
    let call = limit.unwrap_or(call);
    match program.fate(call) {
        Fate::Awaited(awaited) => Some(asked.value(awaited, step)),
        Fate::Selected(select) => Some(asked.of_select(select, call.expr, step)),
        _ => None,
    }
}

/// `timeout(limit, call)`.
fn bounded_by(program: &Program, call: Place) -> Option<Place> {
    let Fate::Argument(outer, 1) = program.fate(call) else { return None };
    let outer = Place { expr: outer, ..call };
    program.api(outer).is_some_and(|entry| entry.role == Some(Role::Timeout)).then_some(outer)
}

impl Asked<'_> {
    const fn place(&self, expr: ExprId) -> Place {
        Place { body: self.body, expr }
    }

    fn kind(&self, expr: ExprId) -> &ExprKind {
        &self.program.expr(self.place(expr)).kind
    }

    fn value(&self, value: ExprId, step: Step) -> OnError {
        if step.depth > DEPTH {
            return OnError::Unclear;
        }
        let step = Step { depth: step.depth + 1, ..step };
        match self.program.fate(self.place(value)) {
            Fate::Tried(at) if step.timed => self.value(at, step.in_time()),
            Fate::Tried(at) if step.shape == Shape::Item => self.value(at, step.of(Shape::Result)),
            Fate::Tried(at) => OnError::Leaves(at),
            Fate::Receiver(call) => self.of_method(call, step),
            Fate::Bound(local) => self.of_local(local, step),
            Fate::Matched(at) => self.of_match(at, value, step),
            // `if let Err(e) = &got { .. }`
            Fate::Used(outer) if matches!(self.kind(outer), ExprKind::Ref { .. }) => self.value(outer, step),
            _ => OnError::Unclear,
        }
    }

    /// `r.unwrap()`, `r.map_err(..)?`, `if r.is_err() { .. }`.
    fn of_method(&self, call: ExprId, step: Step) -> OnError {
        let ExprKind::MethodCall { name, .. } = self.kind(call) else { return OnError::Unclear };
        match (name.as_str(), step.shape) {
            ("unwrap" | "expect", _) if step.timed => self.value(call, step.in_time()),
            ("map_err" | "context" | "with_context" | "wrap_err", _) if step.timed => self.value(call, step),
            _ if step.timed => OnError::Unclear,
            ("unwrap" | "expect", Shape::Item) => self.value(call, step.of(Shape::Result)),
            ("unwrap" | "expect", Shape::Result | Shape::Option) => OnError::Leaves(call),
            ("as_ref", _) => self.value(call, step),
            ("ok", Shape::Result) => self.value(call, step.of(Shape::Option)),
            (
                "map" | "map_err" | "inspect_err" | "context" | "with_context" | "wrap_err" | "wrap_err_with",
                Shape::Result,
            ) => self.value(call, step),
            ("is_err", Shape::Result) => self.of_test(call, false),
            ("is_ok", Shape::Result) | ("is_some", Shape::Option) => self.of_test(call, true),
            ("is_none", Shape::Option) => self.of_test(call, false),
            _ => OnError::Unclear,
        }
    }

    /// `if r.is_err() { break }`, `while r.is_ok() { .. }`.
    fn of_test(&self, test: ExprId, on_ok: bool) -> OnError {
        let Some(parent) = self.program.parent(self.place(test)) else { return OnError::Unclear };
        match *self.kind(parent.expr) {
            ExprKind::If { cond, then, .. } if cond == test && !on_ok && self.leaves(then) => OnError::Leaves(then),
            ExprKind::If { cond, else_: Some(other), .. } if cond == test && on_ok && self.leaves(other) => {
                OnError::Leaves(other)
            }
            ExprKind::Loop { kind: LoopKind::While(cond), .. } if cond == test && on_ok => OnError::Leaves(test),
            ExprKind::Unary(UnaryOp::Not, _) => self.of_test(parent.expr, !on_ok),
            _ => OnError::Unclear,
        }
    }

    /// `let got = rx.recv().await; match got { .. }`: what is asked first decides.
    fn of_local(&self, local: LocalId, step: Step) -> OnError {
        let mentions = self.program.mentions(self.body, local);
        let Some(first) = mentions.first() else { return OnError::Unclear };
        let answer = self.value(*first, step);
        if mentions.len() == 1 || matches!(answer, OnError::Leaves(_)) { answer } else { OnError::Unclear }
    }

    /// The arm whose future is `call`: its handler takes the value apart, or gives it to whoever reads the `select!`.
    fn of_select(&self, select: ExprId, call: ExprId, step: Step) -> OnError {
        let ExprKind::Select(select) = self.kind(select) else { return OnError::Unclear };
        let Some(arm) = select.arms.iter().find(|arm| arm.future == call) else { return OnError::Unclear };
        self.bound_by(arm.pat, step).map_or(OnError::Unclear, |(local, step)| self.of_local(local, step))
    }

    /// The local that gets the whole result, or the result in the item of a stream.
    fn bound_by(&self, pat: PatId, step: Step) -> Option<(LocalId, Step)> {
        match (&self.program.body(self.body).pats[pat].kind, self.program.constructor(self.body, pat)) {
            (PatKind::Bind { local, sub: None, .. }, _) => Some((*local, step)),
            (_, Some(("Ok", [inner]))) if step.timed => self.bound_by(*inner, step.in_time()),
            (_, Some(("Some", [inner]))) if step.shape == Shape::Item => self.bound_by(*inner, step.of(Shape::Result)),
            _ => None,
        }
    }

    fn of_match(&self, at: ExprId, value: ExprId, step: Step) -> OnError {
        let parent = self.program.parent(self.place(at)).map(|p| p.expr);
        match self.kind(at) {
            ExprKind::Match { arms, .. } => self.of_arms(arms, step),
            ExprKind::Block(block) => {
                let taken_apart = |stmt: &Stmt| match stmt {
                    Stmt::Let { pat, init: Some(init), else_: Some(other), .. } if *init == value => {
                        Some(self.of_let_else(*pat, *other, step))
                    }
                    _ => None,
                };
                block.stmts.iter().find_map(taken_apart).unwrap_or(OnError::Unclear)
            }
            ExprKind::Let { pat, .. } => match parent.map(|p| self.kind(p)) {
                Some(ExprKind::Loop { kind: LoopKind::While(cond), .. }) if *cond == at => {
                    self.of_while(*pat, at, step)
                }
                Some(ExprKind::If { cond, then, else_ }) if *cond == at => self.of_if(*pat, (at, *then, *else_), step),
                _ => OnError::Unclear,
            },
            _ => OnError::Unclear,
        }
    }

    /// `let pat = value else { other }`.
    fn of_let_else(&self, pat: PatId, other: ExprId, step: Step) -> OnError {
        match (self.meets(pat, step), self.bound_by(pat, step)) {
            (Meets::Never, _) => self.goes(other),
            (_, Some((local, step))) => self.of_local(local, step),
            _ => OnError::Unclear,
        }
    }

    /// `while let pat = value`.
    fn of_while(&self, pat: PatId, at: ExprId, step: Step) -> OnError {
        match (self.meets(pat, step), self.bound_by(pat, step)) {
            (Meets::Never, _) => OnError::Leaves(at),
            (_, Some((local, step))) => self.of_local(local, step),
            _ => OnError::Unclear,
        }
    }

    fn of_if(&self, pat: PatId, (at, then, else_): (ExprId, ExprId, Option<ExprId>), step: Step) -> OnError {
        match (self.meets(pat, step), else_) {
            (Meets::Never, Some(other)) if self.leaves(other) => OnError::Leaves(other),
            (Meets::Never, None) => OnError::Stays(at),
            (Meets::Always, _) => match self.bound_by(pat, step) {
                Some((local, step)) => self.of_local(local, step),
                None if self.leaves(then) => OnError::Leaves(then),
                None => OnError::Unclear,
            },
            _ => OnError::Unclear,
        }
    }

    /// The first arm that takes the error decides; where the loop ends without an error too, it was to end.
    fn of_arms(&self, arms: &[Arm], step: Step) -> OnError {
        let mut found = None;
        let mut always_ends = true;
        for arm in arms {
            match self.meets(arm.pat, step) {
                Meets::Never => always_ends &= self.leaves(arm.body),
                Meets::Perhaps => return OnError::Unclear,
                Meets::Always if arm.guard.is_some() => return OnError::Unclear,
                Meets::Always => match self.bound_by(arm.pat, step).filter(|(_, s)| s.differs_from(step)) {
                    Some((local, step)) => return self.of_local(local, step),
                    None => found = found.or(Some(arm.body)),
                },
            }
        }
        match found {
            Some(arm) if always_ends && self.leaves(arm) => OnError::Unclear,
            Some(arm) => self.goes(arm),
            None => OnError::Unclear,
        }
    }

    /// How a pattern meets the error.
    fn meets(&self, pat: PatId, step: Step) -> Meets {
        match &self.program.body(self.body).pats[pat].kind {
            PatKind::Wild | PatKind::Bind { sub: None, .. } => Meets::Always,
            PatKind::Bind { sub: Some(inner), .. } | PatKind::Ref(inner) => self.meets(*inner, step),
            PatKind::Or(alternatives) => Self::any(alternatives.iter().map(|one| self.meets(*one, step))),
            _ if step.timed => match self.program.constructor(self.body, pat) {
                Some(("Ok", [inner])) => self.meets(*inner, step.in_time()),
                Some(("Err", _)) => Meets::Never,
                _ => Meets::Perhaps,
            },
            _ => match (self.program.constructor(self.body, pat), step.shape) {
                (Some(("Ok", _)), Shape::Result) | (Some(("Some", _)), Shape::Option) => Meets::Never,
                (Some(("Err", [inner])), Shape::Result) => self.meets_error(*inner),
                (Some(("Some", [inner])), Shape::Item) => self.meets(*inner, step.of(Shape::Result)),
                (Some(("None", [])), Shape::Item) => Meets::Never,
                (Some(("None", [])), Shape::Option) => Meets::Always,
                _ => Meets::Perhaps,
            },
        }
    }

    /// How a pattern inside `Err(..)` meets the variant that counts.
    fn meets_error(&self, pat: PatId) -> Meets {
        match &self.program.body(self.body).pats[pat].kind {
            PatKind::Wild | PatKind::Rest | PatKind::Bind { sub: None, .. } => Meets::Always,
            PatKind::Bind { sub: Some(inner), .. } | PatKind::Ref(inner) => self.meets_error(*inner),
            PatKind::Or(alternatives) => Self::any(alternatives.iter().map(|one| self.meets_error(*one))),
            _ => match (self.program.constructor(self.body, pat), self.variant) {
                (Some((name, _)), Some(variant)) if name != variant => Meets::Never,
                // Who names it has decided about it.
                _ => Meets::Perhaps,
            },
        }
    }

    fn any(alternatives: impl Iterator<Item = Meets>) -> Meets {
        let all: Vec<Meets> = alternatives.collect();
        if all.contains(&Meets::Always) {
            Meets::Always
        } else if all.iter().all(|one| *one == Meets::Never) {
            Meets::Never
        } else {
            Meets::Perhaps
        }
    }

    fn leaves(&self, e: ExprId) -> bool {
        self.order.enclosing_loop(e) == Some(self.around) && (self.order.exits_loop(e) || self.ends_condition(e))
    }

    /// `open = false` in a `while open`.
    fn ends_condition(&self, e: ExprId) -> bool {
        let ExprKind::Loop { kind: LoopKind::While(cond), .. } = *self.kind(self.around) else { return false };
        let ExprKind::Local(flag) = *self.kind(cond) else { return false };
        self.program.inside(self.place(e)).any(|at| match *self.kind(at.expr) {
            ExprKind::Assign { target: Some(target), value } => {
                matches!(*self.kind(target), ExprKind::Local(own) if own == flag)
                    && matches!(*self.kind(value), ExprKind::Lit(Lit::Bool(false)))
            }
            _ => false,
        })
    }

    fn goes(&self, e: ExprId) -> OnError {
        let continues = |p: Place| matches!(self.program.expr(p).kind, ExprKind::Continue(None));
        if self.leaves(e) {
            OnError::Leaves(e)
        } else if self.order.enclosing_loop(e) != Some(self.around) {
            OnError::Unclear
        } else if self.order.completes(e) || self.program.inside(self.place(e)).any(continues) {
            OnError::Stays(e)
        } else {
            OnError::Unclear
        }
    }
}

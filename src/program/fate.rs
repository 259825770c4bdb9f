//! What becomes of a value: lost, awaited, kept, handed on.
//!
//! Looks outwards from the expression that makes it, through blocks and branches, to the first thing that does something with it.

use crate::catalog::Role;
use crate::facts::expr::{Block, MacroShape, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, PatId, PatKind, RegionId};
use crate::hir::body::{Callable, Target};
use crate::hir::names::{BodyId, Place};

use super::Program;

/// How a value is lost at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Discard {
    /// An expression statement.
    Statement,
    /// `let _ = ..`; `typed` when the author wrote a type.
    Let {
        /// `let _: T = ..`.
        typed: bool,
    },
    /// `_ = ..`.
    Assign,
    /// `drop(..)`, at this call.
    DropCall(ExprId),
    /// `mem::forget(..)`, at this call.
    ForgetCall(ExprId),
    /// The value of a closure whose caller throws it away, at this call.
    Closure(ExprId),
}

/// What becomes of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Lost at once.
    Discarded(Discard),
    /// Bound to a local that is never mentioned again.
    Unused(LocalId),
    /// Bound to a local that is mentioned.
    Bound(LocalId),
    /// Awaited here.
    Awaited(ExprId),
    /// `?`, here.
    Tried(ExprId),
    /// Receiver of this method call.
    Receiver(ExprId),
    /// Argument of this call, receiver not counted.
    Argument(ExprId, usize),
    /// Taken apart by this `match`, `if let`, `while let` or `let` with a pattern.
    Matched(ExprId),
    /// Value of the fn, closure or async block.
    Returned(RegionId),
    /// Put into a struct, tuple, array, field or static.
    Stored(ExprId),
    /// In this macro (`join!`, `vec!`, a macro that is not understood).
    Macro(ExprId),
    /// Polled by this `select!`.
    Selected(ExprId),
    /// Any other operand.
    Used(ExprId),
}

impl Program {
    /// What becomes of the value made at `place`.
    pub fn fate(&self, place: Place) -> Fate {
        let body = self.body(place.body);
        let mut at = place.expr;
        loop {
            let Some(parent) = body.exprs[at].parent else { return Fate::Returned(RegionId(0)) };
            match self.fate_step(Place { expr: at, ..place }, parent) {
                Some(fate) => return fate,
                None => at = parent,
            }
        }
    }

    /// The only expression that mentions a local; `None` when several do, or none.
    pub fn only_mention(&self, body: BodyId, local: LocalId) -> Option<Place> {
        let exprs = self.body(body).exprs.iter_ids();
        let mut mentions = exprs.filter(|(_, e)| matches!(e.kind, ExprKind::Local(own) if own == local));
        let (expr, _) = mentions.next()?;
        mentions.next().is_none().then_some(Place { body, expr })
    }

    /// `None` when the parent only passes the value on.
    fn fate_step(&self, at: Place, parent: ExprId) -> Option<Fate> {
        let body = self.body(at.body);
        let child = at.expr;
        match &body.exprs[parent].kind {
            ExprKind::Block(block) => self.fate_in_block(at, parent, block),
            ExprKind::If { cond, .. } if *cond != child => None,
            ExprKind::If { .. } => Some(Fate::Used(parent)),
            ExprKind::Match { scrutinee, .. } if *scrutinee == child => Some(Fate::Matched(parent)),
            ExprKind::Match { arms, .. } if arms.iter().any(|a| a.body == child) => None,
            ExprKind::Let { .. } => Some(Fate::Matched(parent)),
            ExprKind::Await(_) => Some(Fate::Awaited(parent)),
            ExprKind::Try(_) => Some(Fate::Tried(parent)),
            ExprKind::MethodCall { recv, .. } if *recv == child => Some(Fate::Receiver(parent)),
            ExprKind::MethodCall { args, .. } => Some(argument(parent, args, child)),
            ExprKind::Call { callee, args } if *callee != child => Some(self.fate_in_call(at, parent, args)),
            ExprKind::Assign { target: None, .. } => Some(Fate::Discarded(Discard::Assign)),
            ExprKind::Assign { target: Some(target), value } if *value == child => {
                Some(match body.exprs[*target].kind {
                    ExprKind::Local(local) => self.bound(at, local),
                    _ => Fate::Stored(parent),
                })
            }
            ExprKind::Tuple(_) | ExprKind::Array(_) | ExprKind::Struct { .. } | ExprKind::Repeat { .. } => {
                Some(Fate::Stored(parent))
            }
            ExprKind::Return(_) => Some(Fate::Returned(self.returning(at))),
            ExprKind::Break { .. } => Some(Fate::Used(parent)),
            ExprKind::Async(region) => Some(Fate::Returned(*region)),
            ExprKind::Closure(region) => Some(self.closure_fate(at, parent, *region)),
            ExprKind::Macro(call) => Some(match call.shape {
                MacroShape::Pin if body.exprs[parent].parent.is_some() => Fate::Macro(parent),
                _ => Fate::Macro(parent),
            }),
            ExprKind::Select(select) if select.arms.iter().any(|a| a.future == child) => Some(Fate::Selected(parent)),
            ExprKind::Select(_) => None,
            ExprKind::Ref { .. } => Some(Fate::Used(parent)),
            _ => Some(Fate::Used(parent)),
        }
    }

    fn fate_in_block(&self, at: Place, parent: ExprId, block: &Block) -> Option<Fate> {
        if block.tail == Some(at.expr) {
            return self.fate_of_tail(at, parent);
        }
        for stmt in &block.stmts {
            match stmt {
                Stmt::Expr { expr, semi, .. } if *expr == at.expr => {
                    let is_tail = !semi && self.is_tail_of_a_build(at, block);
                    return if is_tail {
                        self.fate_of_tail(at, parent)
                    } else {
                        Some(Fate::Discarded(Discard::Statement))
                    };
                }
                Stmt::Let { pat, ty, init, .. } if *init == Some(at.expr) => {
                    return Some(self.fate_in_let(at, *pat, ty.is_some(), parent));
                }
                Stmt::Let { .. } | Stmt::Expr { .. } | Stmt::Item(_) => {}
            }
        }
        Some(Fate::Used(parent))
    }

    /// `#[cfg(a)] { .. } #[cfg(not(a))] { .. }`: the last expression of a block in each of its builds.
    fn is_tail_of_a_build(&self, at: Place, block: &Block) -> bool {
        let cfgs = &self.body(at.body).cfgs;
        let is_conditional = |expr: ExprId| cfgs.iter().any(|(guarded, _)| *guarded == expr);
        let later = block.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Expr { expr, .. } => Some(Some(*expr)),
            Stmt::Let { init, .. } => Some(*init),
            Stmt::Item(_) => None,
        });
        let later = later.chain(block.tail.map(Some)).filter(|expr| expr.is_some_and(|e| e > at.expr));
        is_conditional(at.expr) && later.into_iter().all(|expr| expr.is_some_and(is_conditional))
    }

    /// The tail of a loop's body is a statement; the tail of any other block is the block's value.
    fn fate_of_tail(&self, at: Place, block: ExprId) -> Option<Fate> {
        let body = self.body(at.body);
        let owner = body.exprs[block].parent?;
        match &body.exprs[owner].kind {
            ExprKind::Loop { body: inner, .. } if *inner == block => Some(Fate::Discarded(Discard::Statement)),
            ExprKind::If { then, else_: None, .. } if *then == block => Some(Fate::Discarded(Discard::Statement)),
            _ => None,
        }
    }

    fn fate_in_let(&self, at: Place, pat: PatId, typed: bool, parent: ExprId) -> Fate {
        match &self.body(at.body).pats[pat].kind {
            PatKind::Wild => Fate::Discarded(Discard::Let { typed }),
            PatKind::Bind { local, .. } => self.bound(at, *local),
            PatKind::Path(_)
            | PatKind::TupleStruct { .. }
            | PatKind::Struct { .. }
            | PatKind::Tuple(_)
            | PatKind::Slice(_)
            | PatKind::Or(_)
            | PatKind::Ref(_)
            | PatKind::Literal
            | PatKind::Rest
            | PatKind::Opaque => Fate::Matched(parent),
        }
    }

    fn bound(&self, at: Place, local: LocalId) -> Fate {
        let body = self.body(at.body);
        let assigned = |e: ExprId| {
            let parent = body.exprs[e].parent.map(|p| &body.exprs[p].kind);
            matches!(parent, Some(ExprKind::Assign { target: Some(t), .. }) if *t == e)
        };
        let read = self.mentions(at.body, local).into_iter().any(|e| !assigned(e));
        if read || self.in_unknown_macro(at.body, local) { Fate::Bound(local) } else { Fate::Unused(local) }
    }

    fn fate_in_call(&self, at: Place, call: ExprId, args: &[ExprId]) -> Fate {
        match self.target(Place { expr: call, ..at }) {
            Target::Api(entry) if entry.role == Some(Role::Drop) => Fate::Discarded(Discard::DropCall(call)),
            Target::Api(entry) if entry.role == Some(Role::Forget) => Fate::Discarded(Discard::ForgetCall(call)),
            _ => argument(call, args, at.expr),
        }
    }

    fn returning(&self, at: Place) -> RegionId {
        self.expr(at).region
    }

    /// The value of a closure is lost when the call that gets it throws away what it gives: `opt.map(|x| spawn(x));`.
    fn closure_fate(&self, at: Place, closure: ExprId, region: RegionId) -> Fate {
        let handover = self.types_of(at.body).handovers.iter().find(|h| h.callable == Callable::Closure(region));
        let Some(handover) = handover else { return Fate::Returned(region) };
        let call = Place { expr: handover.call, ..at };
        let Some(entry) = self.api(call) else { return Fate::Returned(region) };
        // What the closure of a stream's `for_each` gives is polled.
        let gives_nothing =
            matches!(entry.name.as_str(), "for_each" | "inspect") && entry.path.as_str().starts_with("std::");
        let passes_on = matches!(entry.name.as_str(), "map" | "and_then" | "then" | "map_or" | "map_or_else");
        let lost = gives_nothing || (passes_on && self.is_never_opened(call, 0));
        let consumed = passes_on && self.is_counted_away(call);
        let _ = closure;
        if lost || consumed { Fate::Discarded(Discard::Closure(handover.call)) } else { Fate::Returned(region) }
    }

    /// Of an `Option` or `Result` nobody takes what is inside: it is thrown away, or only asked which of the two it is.
    fn is_never_opened(&self, value: Place, depth: u32) -> bool {
        let at = |expr| Place { expr, ..value };
        let known = crate::hir::known::known();
        let wrapped = self.ty(value).path().is_some_and(|path| path == known.option || path == known.result);
        match self.fate(value) {
            Fate::Discarded(Discard::Statement | Discard::Let { .. }) => true,
            Fate::Receiver(call) if wrapped => match self.method_name(at(call)) {
                Some("is_some" | "is_none" | "is_ok" | "is_err") => true,
                Some("ok" | "err") => depth < 4 && self.is_never_opened(at(call), depth + 1),
                _ => false,
            },
            Fate::Unused(_) => wrapped,
            Fate::Bound(local) if wrapped && depth < 4 => {
                self.reads(value.body, local).into_iter().all(|expr| self.is_never_opened(at(expr), depth + 1))
            }
            _ => false,
        }
    }

    /// `.map(..).for_each(drop)`, `.count()`, `.last()`.
    pub fn is_counted_away(&self, call: Place) -> bool {
        let Fate::Receiver(next) = self.fate(call) else { return false };
        match &self.expr(Place { expr: next, ..call }).kind {
            ExprKind::MethodCall { name, args, .. } => match name.as_str() {
                "count" | "last" => args.is_empty(),
                "for_each" => args.first().is_some_and(|a| match self.ty(Place { expr: *a, ..call }).kind() {
                    crate::hir::ty::TyKind::FnDef(crate::hir::names::Res::Foreign(path)) => {
                        path.as_str() == "std::mem::drop"
                    }
                    _ => false,
                }),
                _ => false,
            },
            _ => false,
        }
    }
}

fn argument(call: ExprId, args: &[ExprId], child: ExprId) -> Fate {
    args.iter().position(|a| *a == child).map_or(Fate::Used(call), |at| Fate::Argument(call, at))
}

//! Places that no way comes to: branches of a known condition, arms that a known value does not match, code behind a sure exit.

use crate::facts::expr::{BinaryOp, Block, LoopKind, MacroShape, Stmt};
use crate::facts::{ExprId, ExprKind};
use crate::hir::names::Place;

use super::Program;
use super::constants::Known;

impl Program {
    /// The place does not run, given what is known of the parameters of its fn.
    pub(super) fn is_cut_off(&self, place: Place, known: &Known) -> bool {
        let body = self.body(place.body);
        let mut child = place.expr;
        for around in body.ancestors(place.expr).skip(1) {
            let at = Place { expr: around, ..place };
            if self.is_not_taken(at, child, known) {
                return true;
            }
            child = around;
        }
        false
    }

    /// `around` runs, its part `child` does not.
    fn is_not_taken(&self, around: Place, child: ExprId, known: &Known) -> bool {
        let truth = |expr: ExprId| self.is_true(Place { expr, ..around }, known);
        match &self.expr(around).kind {
            ExprKind::If { cond, then, else_ } => {
                (child == *then && truth(*cond) == Some(false)) || (*else_ == Some(child) && truth(*cond) == Some(true))
            }
            ExprKind::Match { scrutinee, arms } => {
                let value = Place { expr: *scrutinee, ..around };
                let Some(at) = arms.iter().position(|arm| arm.body == child || arm.guard == Some(child)) else {
                    return false;
                };
                let taken_before = arms[..at]
                    .iter()
                    .any(|arm| arm.guard.is_none() && self.matches(arm.pat, value, known, 0) == Some(true));
                let refused = arms[at].guard.is_some_and(|guard| guard != child && truth(guard) == Some(false));
                taken_before || refused || self.matches(arms[at].pat, value, known, 0) == Some(false)
            }
            ExprKind::Binary { op: BinaryOp::And, left, right } => child == *right && truth(*left) == Some(false),
            ExprKind::Binary { op: BinaryOp::Or, left, right } => child == *right && truth(*left) == Some(true),
            ExprKind::Loop { kind: LoopKind::While(cond), body, .. } => child == *body && truth(*cond) == Some(false),
            ExprKind::Block(block) => self.leaves_before(around, block, Some(child), known, 0),
            _ => false,
        }
    }

    /// A statement before `end` (all, when there is none) is sure to leave the block.
    fn leaves_before(&self, at: Place, block: &Block, end: Option<ExprId>, known: &Known, depth: u32) -> bool {
        for stmt in &block.stmts {
            let (first, diverges) = match stmt {
                Stmt::Let { pat, init: Some(init), else_, .. } => {
                    let value = Place { expr: *init, ..at };
                    if end == Some(*init) || (else_.is_some() && *else_ == end) {
                        return false;
                    }
                    (*init, else_.is_some() && self.matches(*pat, value, known, 0) == Some(false))
                }
                Stmt::Expr { expr, .. } => (*expr, false),
                Stmt::Let { init: None, .. } | Stmt::Item(_) => continue,
            };
            if end == Some(first) {
                return false;
            }
            if diverges || self.is_sure_to_leave(Place { expr: first, ..at }, known, depth) {
                return true;
            }
        }
        false
    }

    /// The code at a place gives no value: it returns, breaks or panics.
    pub fn is_left_at(&self, place: Place) -> bool {
        self.is_sure_to_leave(place, &Known::default(), 0)
    }

    /// `return`, `break`, a panic, or a branch on a known condition that ends in one.
    fn is_sure_to_leave(&self, place: Place, known: &Known, depth: u32) -> bool {
        if depth > 8 {
            return false;
        }
        let at = |expr: ExprId| Place { expr, ..place };
        match &self.expr(place).kind {
            ExprKind::Return(_) | ExprKind::Break { .. } | ExprKind::Continue(_) => true,
            ExprKind::Macro(call) => matches!(call.shape, MacroShape::Panic | MacroShape::Bail),
            ExprKind::If { cond, then, else_ } => match self.is_true(at(*cond), known) {
                Some(true) => self.is_sure_to_leave(at(*then), known, depth + 1),
                Some(false) => else_.is_some_and(|else_| self.is_sure_to_leave(at(else_), known, depth + 1)),
                None => false,
            },
            ExprKind::Match { scrutinee, arms } => {
                let sure = |arm: &&crate::facts::expr::Arm| self.matches(arm.pat, at(*scrutinee), known, 0);
                let first = arms.iter().find(|arm| sure(arm) != Some(false));
                first.is_some_and(|arm| {
                    arm.guard.is_none()
                        && sure(&arm) == Some(true)
                        && self.is_sure_to_leave(at(arm.body), known, depth + 1)
                })
            }
            ExprKind::Block(block) => {
                self.leaves_before(place, block, None, known, depth + 1)
                    || block.tail.is_some_and(|tail| self.is_sure_to_leave(at(tail), known, depth + 1))
            }
            _ => false,
        }
    }
}

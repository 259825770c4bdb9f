//! A value that is a part of a tuple: what becomes of it when the tuple is taken apart.
//!
//! Follows `let (server, task) = start()?;`; a tuple that goes anywhere else is not lost.

use crate::facts::expr::Stmt;
use crate::facts::{ExprKind, PatId, PatKind};
use crate::hir::known::known;
use crate::hir::names::{DefId, Place};
use crate::hir::ty::{Ty, TyKind};

use super::loss::discarded;
use super::{Fate, Loss, Program, Task};

impl Program {
    /// How the handle of a task is lost.
    pub fn loss_of_task(&self, task: &Task) -> Option<Loss> {
        match task.part {
            None => self.loss(task.value),
            Some(at) => self.lost_part(task.value, at, 0),
        }
    }

    /// The position of the only handle in the tuple that a workspace fn gives, behind `Result` and future.
    pub(super) fn handle_in_tuple(&self, call: Place, def: DefId) -> Option<usize> {
        let ty = self.ty(call);
        let ty = self.output(ty).unwrap_or(ty);
        let ty = match ty.path() {
            Some(path) if path == known().result || path == known().option => *ty.args().first()?,
            _ => ty,
        };
        let TyKind::Tuple(parts) = ty.kind() else { return None };
        let mut handles = parts.iter().enumerate().filter(|(_, part)| self.is_detaching_handle(**part));
        let (at, _) = handles.next()?;
        (handles.next().is_none() && self.makes_handle(def, 0)).then_some(at)
    }

    pub(super) fn lost_part(&self, place: Place, at: usize, depth: u32) -> Option<Loss> {
        if depth > 8 {
            return None;
        }
        let next = |expr| self.lost_part(Place { expr, ..place }, at, depth + 1);
        match self.fate(place) {
            Fate::Discarded(how) => Some(discarded(how)),
            Fate::Awaited(outer) | Fate::Tried(outer) => next(outer),
            Fate::Receiver(call) => {
                let name = self.method_name(Place { expr: call, ..place })?;
                matches!(name, "unwrap" | "expect" | "context" | "with_context" | "map_err").then(|| next(call))?
            }
            Fate::Matched(block) => {
                let pat = self.declared_by(place, Place { expr: block, ..place })?;
                self.lost_in_pattern(place, pat, at)
            }
            _ => None,
        }
    }

    /// How a part of the tuple at `place` is lost.
    pub fn loss_of_part(&self, place: Place, at: usize) -> Option<Loss> {
        self.lost_part(place, at, 0)
    }

    /// The pattern of the `let` whose value is at `value`.
    fn declared_by(&self, value: Place, block: Place) -> Option<PatId> {
        let ExprKind::Block(block) = &self.expr(block).kind else { return None };
        block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { pat, init: Some(init), .. } if self.body(value.body).is_inside(value.expr, *init) => Some(*pat),
            _ => None,
        })
    }

    fn lost_in_pattern(&self, value: Place, pat: PatId, at: usize) -> Option<Loss> {
        let pats = &self.body(value.body).pats;
        let PatKind::Tuple(parts) = &pats[pat].kind else { return None };
        if parts.iter().take(at + 1).any(|part| matches!(pats[*part].kind, PatKind::Rest)) {
            return None;
        }
        match pats[*parts.get(at)?].kind {
            PatKind::Wild => Some(Loss::Let { typed: false }),
            PatKind::Bind { local, .. } => self.lost_local(value.body, local, 0),
            _ => None,
        }
    }

    /// The position of a value in the tuple that holds it.
    pub(super) fn position_in_tuple(&self, value: Place, tuple: Place) -> Option<usize> {
        let ExprKind::Tuple(parts) = &self.expr(tuple).kind else { return None };
        parts.iter().position(|part| *part == value.expr || self.body(value.body).is_inside(value.expr, *part))
    }

    /// The handle itself, or the only one in a tuple.
    pub(super) fn gives_handle(&self, ty: Ty) -> bool {
        match ty.kind() {
            TyKind::Tuple(parts) => parts.iter().any(|part| self.is_detaching_handle(*part)),
            _ => self.is_detaching_handle(ty),
        }
    }
}

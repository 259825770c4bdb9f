//! A value that is a part of a tuple or struct: what becomes of it when the whole is taken apart.
//!
//! Follows `let (server, task) = start()?;` and `start().server`. A whole that goes anywhere else is not lost, and a struct that is kept
//! keeps its parts.

use crate::base::Name;
use crate::facts::expr::Stmt;
use crate::facts::{ExprId, ExprKind, PatId, PatKind};
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
            Some(part) => self.lost_part(task.value, part, 0),
        }
    }

    /// The only handle in the tuple or struct that a workspace fn gives, behind `Result` and future.
    pub(super) fn handle_in_part(&self, call: Place, def: DefId) -> Option<Name> {
        let ty = self.opened(self.ty(call));
        let mut handles = self.known_parts(ty).into_iter().filter(|(_, part)| self.is_detaching_handle(*part));
        let (at, _) = handles.next()?;
        (handles.next().is_none() && self.makes_handle(def, 0)).then_some(at)
    }

    /// What a future or a `Result` gives.
    fn opened(&self, ty: Ty) -> Ty {
        let ty = self.output(ty).unwrap_or(ty);
        match ty.path() {
            Some(path) if path == known().result || path == known().option => ty.args().first().copied().unwrap_or(ty),
            _ => ty,
        }
    }

    /// The parts of a tuple, and the fields of a struct that does nothing of its own when it is dropped.
    fn known_parts(&self, ty: Ty) -> Vec<(Name, Ty)> {
        match ty.kind() {
            TyKind::Tuple(parts) => parts.iter().enumerate().map(|(at, ty)| (position(at), *ty)).collect(),
            TyKind::Adt(def, _) if self.drop_of(*def).is_none() => self.field_types(*def),
            _ => Vec::new(),
        }
    }

    /// How a part of the tuple at `place` is lost.
    pub fn loss_of_part(&self, place: Place, at: usize) -> Option<Loss> {
        self.lost_part(place, position(at), 0)
    }

    pub(super) fn lost_part(&self, place: Place, at: Name, depth: u32) -> Option<Loss> {
        if depth > 8 {
            return None;
        }
        let next = |expr| self.lost_part(Place { expr, ..place }, at, depth + 1);
        match self.fate(place) {
            Fate::Discarded(how) if self.is_tuple(place) || self.is_plain_struct(place) => Some(discarded(how)),
            Fate::Unused(local) if self.is_plain_struct(place) => Some(Loss::Unused(local)),
            Fate::Used(outer) => {
                self.takes_another(place, Place { expr: outer, ..place }, at).then_some(Loss::Statement)
            }
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

    /// The pattern of the `let` whose value is at `value`.
    fn declared_by(&self, value: Place, block: Place) -> Option<PatId> {
        let ExprKind::Block(block) = &self.expr(block).kind else { return None };
        block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { pat, init: Some(init), .. } if self.body(value.body).is_inside(value.expr, *init) => Some(*pat),
            _ => None,
        })
    }

    fn lost_in_pattern(&self, value: Place, pat: PatId, at: Name) -> Option<Loss> {
        let pats = &self.body(value.body).pats;
        let left = Some(Loss::Let { typed: false });
        let part = match &pats[pat].kind {
            PatKind::Tuple(parts) => match self.in_tuple_pattern(value, parts, at)? {
                Some(part) => part,
                None => return left,
            },
            PatKind::Struct { fields, .. } => match fields.iter().find(|(name, _)| *name == at) {
                Some((_, part)) => *part,
                None => return left,
            },
            _ => return None,
        };
        match pats[part].kind {
            PatKind::Wild => left,
            PatKind::Bind { local, .. } => self.lost_local(value.body, local, 0),
            _ => None,
        }
    }

    /// The pattern for a part of a tuple; `Some(None)` for one that `..` leaves out.
    fn in_tuple_pattern(&self, value: Place, parts: &[PatId], at: Name) -> Option<Option<PatId>> {
        let pats = &self.body(value.body).pats;
        let at: usize = at.as_str().parse().ok()?;
        let Some(rest) = parts.iter().position(|part| matches!(pats[*part].kind, PatKind::Rest)) else {
            return parts.get(at).copied().map(Some);
        };
        if at < rest {
            return Some(Some(parts[at]));
        }
        let TyKind::Tuple(all) = self.opened(self.ty(value)).kind() else { return None };
        let after = parts.len() - rest - 1;
        Some((at >= all.len() - after.min(all.len())).then(|| parts[parts.len() - (all.len() - at)]))
    }

    /// `start().server`: another part is taken out of a value that nobody else has.
    fn takes_another(&self, whole: Place, outer: Place, at: Name) -> bool {
        let made =
            matches!(self.expr(whole).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Await(_));
        made && matches!(&self.expr(outer).kind, ExprKind::Field { name, .. } if *name != at)
    }

    fn is_tuple(&self, place: Place) -> bool {
        matches!(self.opened(self.ty(place)).kind(), TyKind::Tuple(_))
    }

    /// A struct around a handle alone: dropping it does nothing but drop the handle.
    fn is_plain_struct(&self, place: Place) -> bool {
        let ty = self.opened(self.ty(place));
        matches!(ty.kind(), TyKind::Adt(..)) && self.known_parts(ty).len() == 1
    }

    /// The position of a value in the tuple that holds it.
    pub(super) fn position_in_tuple(&self, value: Place, tuple: Place) -> Option<Name> {
        let ExprKind::Tuple(parts) = &self.expr(tuple).kind else { return None };
        let own = |part: &ExprId| *part == value.expr || self.body(value.body).is_inside(value.expr, *part);
        parts.iter().position(own).map(position)
    }

    /// The handle itself, or the only one in a tuple.
    pub(super) fn gives_handle(&self, ty: Ty) -> bool {
        match ty.kind() {
            TyKind::Tuple(parts) => parts.iter().any(|part| self.is_detaching_handle(*part)),
            _ => self.is_detaching_handle(ty),
        }
    }
}

/// The name of a part of a tuple.
fn position(at: usize) -> Name {
    Name::new(&at.to_string())
}

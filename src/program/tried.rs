//! Locks and cells that nobody waits for: all that the program ever does with them is to try.
//!
//! Fields are asked over the whole workspace; what may be reached from elsewhere, or by another name, is not known and so not tried.

use crate::facts::{ExprKind, LocalKind};
use crate::hir::names::Place;
use crate::hir::ty::{Ty, TyKind};

use super::{Fate, Program};

impl Program {
    /// The guard made at `call` comes from a lock on which every other call is a `try_` call as well.
    pub fn is_only_tried(&self, call: Place) -> bool {
        let ExprKind::MethodCall { recv, name, .. } = &self.expr(call).kind else { return false };
        is_try(name.as_str()) && self.uses_only_try(Place { expr: *recv, ..call }, 0)
    }

    fn uses_only_try(&self, lock: Place, depth: u32) -> bool {
        let mut at = lock;
        loop {
            at.expr = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
                ExprKind::Field { base, name } => {
                    let owner = self.struct_below(self.ty(Place { expr: *base, ..at }));
                    return owner.is_some_and(|def| {
                        !self.is_exported_field(def, *name)
                            && !self.is_matched_field(*name)
                            && self.field_mentions(def, *name).into_iter().all(|mention| self.is_tried(mention))
                    });
                }
                ExprKind::Local(local) if depth == 0 && self.body(at.body).locals[*local].kind == LocalKind::Let => {
                    let Some(init) = self.initialiser(at.body, *local) else { return false };
                    let all_tried =
                        self.reads(at.body, *local).into_iter().all(|expr| self.is_tried(Place { expr, ..at }));
                    let is_own = matches!(self.expr(init).kind, ExprKind::Call { .. });
                    return all_tried && (is_own || self.uses_only_try(init, depth + 1));
                }
                _ => return false,
            };
        }
    }

    /// The mention is the receiver of a `try_` method, perhaps behind a reference.
    fn is_tried(&self, mention: Place) -> bool {
        match self.fate(mention) {
            Fate::Receiver(call) => self.method_name(Place { expr: call, ..mention }).is_some_and(is_try),
            Fate::Used(outer) => {
                let outer = Place { expr: outer, ..mention };
                matches!(self.expr(outer).kind, ExprKind::Ref { .. }) && self.is_tried(outer)
            }
            _ => false,
        }
    }

    /// The workspace struct that a value is, shared pointers looked through.
    fn struct_below(&self, ty: Ty) -> Option<crate::hir::names::DefId> {
        let mut ty = ty;
        for _ in 0..4 {
            if let TyKind::Adt(def, _) = ty.peel_refs().kind() {
                return Some(*def);
            }
            ty = self.deref(ty)?;
        }
        None
    }
}

fn is_try(name: &str) -> bool {
    name.starts_with("try_")
}

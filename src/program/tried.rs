//! Locks and cells that nobody waits for: all that the program ever does with them is to try.
//!
//! Fields are asked over the whole workspace, and shared pointers followed to their clones; what may be reached from elsewhere, or by
//! another name, is not known and so not tried.

use crate::base::Name;
use crate::catalog::Role;
use crate::facts::{ExprKind, LocalKind};
use crate::hir::body::Target;
use crate::hir::names::{DefId, Place};
use crate::hir::ty::{Ty, TyKind};

use super::{Fate, Program};

/// Names for names of a lock that are followed.
const MAX_DEPTH: u32 = 4;

impl Program {
    /// The guard made at `call` comes from a lock on which every other call is a `try_` call as well.
    pub fn is_only_tried(&self, call: Place) -> bool {
        self.is_guard_of_tried(call, 0)
    }

    fn is_guard_of_tried(&self, call: Place, depth: u32) -> bool {
        if let Target::Fn(def) = self.target(call) {
            return depth < MAX_DEPTH && self.hands_tried_back(call, def, depth);
        }
        let ExprKind::MethodCall { recv, name, .. } = &self.expr(call).kind else { return false };
        is_try(name.as_str()) && self.uses_only_try(Place { expr: *recv, ..call }, 0)
    }

    /// A fn of the workspace that gives the guard of the only lock that it takes.
    fn hands_tried_back(&self, call: Place, def: DefId, depth: u32) -> bool {
        let Some(body) = self.body_of(def).filter(|body| *body != call.body) else { return false };
        let takes = |entry: &crate::catalog::FnEntry| {
            matches!(entry.role, Some(Role::Lock | Role::LockRead | Role::TryLock)) || is_try(entry.name.as_str())
        };
        let mut taken = self.api_calls(body).filter(|(_, entry)| takes(entry)).peekable();
        taken.peek().is_some() && taken.all(|(place, _)| self.is_guard_of_tried(place, depth + 1))
    }

    fn uses_only_try(&self, lock: Place, depth: u32) -> bool {
        let mut at = lock;
        loop {
            at.expr = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
                ExprKind::MethodCall { recv, .. } if self.is_same_lock(at) => *recv,
                ExprKind::Call { args, .. } if self.is_same_lock(at) && args.len() == 1 => args[0],
                ExprKind::Field { base, name } => {
                    let owner = self.struct_below(self.ty(Place { expr: *base, ..at }));
                    return owner.is_some_and(|def| self.is_tried_field(def, *name, depth));
                }
                ExprKind::Local(local) if depth == 0 && self.body(at.body).locals[*local].kind == LocalKind::Let => {
                    let Some(init) = self.initialiser(at.body, *local) else { return false };
                    let is_own = matches!(self.expr(init).kind, ExprKind::Call { .. }) && !self.is_same_lock(init);
                    let all_tried = self.reads(at.body, *local).into_iter();
                    return all_tried.map(|expr| Place { expr, ..at }).all(|mention| self.is_tried(mention, 0))
                        && (is_own || self.uses_only_try(init, depth + 1));
                }
                _ => return false,
            };
        }
    }

    fn is_tried_field(&self, def: DefId, name: Name, depth: u32) -> bool {
        !self.is_exported_field(def, name)
            && !self.is_matched_field(def, name)
            && self.field_mentions(def, name).into_iter().all(|mention| self.is_tried(mention, depth))
    }

    /// What stands at the mention comes to a `try_` method only, perhaps behind a reference, a clone of a shared pointer or another name.
    fn is_tried(&self, mention: Place, depth: u32) -> bool {
        let on = |expr| self.is_tried(Place { expr, ..mention }, depth + 1);
        match self.fate(mention) {
            _ if depth > MAX_DEPTH => false,
            Fate::Receiver(call) | Fate::Argument(call, 0) if self.is_same_lock(Place { expr: call, ..mention }) => {
                on(call)
            }
            Fate::Receiver(call) => {
                // Whoever has the lock for himself waits for nobody.
                let alone = |name: &str| matches!(name, "get_mut" | "into_inner");
                self.method_name(Place { expr: call, ..mention }).is_some_and(|name| is_try(name) || alone(name))
            }
            Fate::Argument(call, 0) => self.api(Place { expr: call, ..mention }).is_some_and(|entry| {
                matches!(
                    entry.path.as_str(),
                    "std::sync::Arc::get_mut"
                        | "std::rc::Rc::get_mut"
                        | "std::sync::Arc::into_inner"
                        | "std::sync::Arc::try_unwrap"
                        | "std::rc::Rc::try_unwrap"
                        | "std::rc::Rc::into_inner"
                )
            }),
            Fate::Used(outer) if matches!(self.expr(Place { expr: outer, ..mention }).kind, ExprKind::Ref { .. }) => {
                on(outer)
            }
            Fate::Bound(local) => self.reads(mention.body, local).into_iter().all(on),
            Fate::Unused(_) => true,
            _ => false,
        }
    }

    /// `lock.clone()`, `Arc::clone(&lock)`: another pointer to the same.
    fn is_same_lock(&self, call: Place) -> bool {
        let shared = |ty: Ty| {
            let path = ty.peel_refs().path();
            path.is_some_and(|path| matches!(path.as_str(), "std::sync::Arc" | "std::rc::Rc"))
        };
        let clones = self.api(call).is_some_and(|entry| entry.role == Some(Role::Clone));
        (clones || self.method_name(call) == Some("clone")) && shared(self.ty(self.receiver(call)))
    }

    /// The workspace struct that a value is, shared pointers looked through.
    fn struct_below(&self, ty: Ty) -> Option<DefId> {
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
